"""What the measures have to know of a jurisdiction, which its package states.

A general measure is written once, for every jurisdiction. What differs from one to another is data:
the columns that say when a case comes to a court and leaves it, the outcomes that are convictions,
and the reasons for an adjournment. A jurisdiction gives these as one `Measurement`, with the
modules that hold its own measures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Final, cast

from cjsim.jurisdiction import jurisdiction_named


@dataclass(frozen=True)
class CourtStay:
    """When a case is before a court: two columns of the case table.

    `unseen_ways_in` are the ways in that enter the model after their time in this court.
    """

    court: str
    entered_at: str
    left_at: str
    unseen_ways_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowTable:
    """A table of rows of the log one by one: the activities to keep, and the columns."""

    activities: Sequence[str]
    columns: Sequence[str]


@dataclass(frozen=True)
class Measurement:
    """What the measures have to know of one jurisdiction."""

    modules: tuple[ModuleType, ...]
    """The modules with its own measures, besides the general ones."""
    courts: tuple[CourtStay, ...]
    """When a case is in which court, in the order in which a case comes to them."""
    case_columns: tuple[str, ...]
    """The columns of the case table that its own measures and `courts` need."""
    convictions: tuple[str, ...]
    """The outcomes that are convictions."""
    adjournment_reasons: tuple[str, ...]
    """Why a hearing may end without the progress it was listed for."""
    trial_reasons: Mapping[str, tuple[str, ...]]
    """Why a trial may not go ahead, by the result that it then has."""
    arrests: tuple[str, ...] = ()
    """The ways in that begin with an arrest."""
    crimes: tuple[str, ...] = ()
    """The ways in of which each case stands for one crime."""
    occupied: tuple[str, ...] = ()
    """The stages that use a resource for as long as they last, such as a cell, without any work."""
    kept: tuple[str, ...] = ()
    """The activities whose rows its own measures read one by one in the table `kept`."""
    tables: Mapping[str, RowTable] = field(default_factory=dict)
    """Other tables of rows one by one, by name."""
    refuse_unlawful: Callable[..., None] | None = None
    """Raises Impossible where a run breaks the law, from its `Log` and the folder of its tables."""

    @property
    def unseen_ways_in(self) -> tuple[str, ...]:
        """The ways in of cases that were in a court before they entered the model."""
        return tuple(dict.fromkeys(way for stay in self.courts for way in stay.unseen_ways_in))


GENERAL_COLUMNS: Final = (
    "case_id",
    "way_in",
    "offence_group",
    "division",
    "arrived_at",
    "ended_at",
    "outcome",
    "plea",
)
"""The columns of the case table that every jurisdiction has, for the general measures."""


def measurement_of(jurisdiction: str) -> Measurement:
    """What the measures know of a jurisdiction, by its name."""
    return cast("Measurement", jurisdiction_named(jurisdiction).load_measurement())
