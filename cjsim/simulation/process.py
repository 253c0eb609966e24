"""What a simulation asks of a jurisdiction: its kind of case, its first steps, its open cases.

A jurisdiction gives these as the names of one module, `cjsim.<jurisdiction>.process`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self, cast

from cjsim.des.environment import NextStep
from cjsim.des.event_log import CaseColumns
from cjsim.des.random_streams import DrawBlock, OwnDraws
from cjsim.jurisdiction import Jurisdiction, jurisdiction_named
from cjsim.schema.model import Model
from cjsim.simulation.population import OpenCase


class OpeningCaseload(Protocol):
    """A checked table of the cases that are open on the first day of a run."""

    @property
    def file(self) -> str:
        """The table's file, as a reader knows it."""

    @property
    def sha256(self) -> str:
        """The SHA-256 of its content."""

    @property
    def cases(self) -> Sequence[object]:
        """Its rows, in order."""

    def with_file(self, file: str) -> Self:
        """The same with another name of the file to show."""


class CaseProcess(Protocol):
    """How cases go through the system of one jurisdiction."""

    ENTRY_POINTS: Mapping[str, Callable[..., NextStep]]
    """The first step of a case, by its way in."""

    CASE_COLUMNS: CaseColumns
    """The columns of the case table in the event log."""

    OPENING_COLUMNS: Mapping[str, object]
    """The columns of a table of open cases; empty if the jurisdiction has none."""

    @property
    def new_case(self) -> Callable[..., OpenCase]:
        """Makes a case that has just arrived: (simulation, number, way in, group, area, draws)."""

    @property
    def case_after_disposal(self) -> Callable[..., Callable[[OpenCase], None] | None]:
        """What happens when a case of a simulation ends: a person may be arrested again."""

    @property
    def read_opening(self) -> Callable[[Path, Model, dt.date], OpeningCaseload]:
        """Reads a table of open cases, which counts from a day. Raises Faults."""

    @property
    def epoch_before(self) -> Callable[..., dt.date]:
        """The day of minute 0: (first day of the study, open cases)."""

    @property
    def let_open_cases_in(self) -> Callable[..., None]:
        """Lets every open case go on where it stands: (simulation, open cases)."""

    @property
    def open_cases(self) -> Callable[..., list[dict[str, str]]]:
        """The cases open now in a simulation, as rows of a table of open cases."""


Draws = DrawBlock | OwnDraws


def process_of(model: Model) -> CaseProcess:
    """The process of a model's jurisdiction."""
    return process_in(jurisdiction_named(model.jurisdiction))


def process_in(jurisdiction: Jurisdiction) -> CaseProcess:
    """The process of a jurisdiction."""
    return cast("CaseProcess", jurisdiction.load_process())
