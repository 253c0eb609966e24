"""What can be measured: each KPI's name, unit, better direction and one-line definition.

A measure is one decorated function of the log. General measures are in `cjsim.measures`; those of
one jurisdiction are in its own package, and exist for its models only. A name means the same
everywhere: two jurisdictions that both have a measure agree on its unit and its better direction.

A measure yields rows of court, group, period and value:

- court: a court of the jurisdiction, or `all`; a measure of one court only is under that court;
- group: empty for everybody, else a plain word (an offence group, an outcome, a reason, a duty, an
  agency, a pool or list, an age band, or `mean`, `median`, `p90`), or a word with a prefix that
  says what it is: `division:north`, `plea:guilty`;
- period: an ISO month such as `2013-04`, or `all` for the whole study period, computed from totals
  and never as an average of months.

A rate without a denominator has no row; a count of nothing is a row of 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final, Literal

from cjsim.errors import did_you_mean
from cjsim.jurisdiction import jurisdiction_names
from cjsim.measures.measurement import measurement_of

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

Better = Literal["higher", "lower", "neither"]
Row = tuple[str, str, str, float]
"""Court, group, period and value."""
Rows = Iterable[Row]


COUNTED: Final = frozenset(
    {
        "arrests",
        "attendances",
        "calls",
        "cases",
        "contacts",
        "decisions",
        "duties",
        "extensions",
        "GBP",
        "hearings",
        "meetings",
        "nights",
        "offers",
        "people",
        "reviews",
        "trials",
        "victims",
        "warrants",
    }
)
"""Units of what is counted or added up over cases, and not over one of them.

Where a simulated case stands for many, a measure in such a unit is multiplied by how many.
"""
ADDED_UP: Final = frozenset({"police_hours_at_court", "staff_hours"})
"""Measures that are added up over cases in a unit in which others are averaged."""


@dataclass(frozen=True)
class Measure:
    """A KPI: what it is called, what it is counted in, which way is better, and what it means."""

    name: str
    unit: str
    better: Better
    definition: str
    rows: Callable[[Log], Rows]
    least: float = 0.0
    most: float = math.inf
    """The bounds of what it can be; a value beyond them is refused."""

    @property
    def counts(self) -> bool:
        """Whether it grows with the number of cases simulated."""
        return self.unit in COUNTED or self.name in ADDED_UP


GENERAL: Final = (
    "throughput",
    "courts",
    "timeliness",
    "caseload",
    "court_performance",
    "utilisation",
    "costs",
)
"""The modules of `cjsim.measures` that hold the measures of every jurisdiction."""

_BY_MODULE: dict[str, dict[str, Measure]] = {}


def measure(
    name: str,
    unit: str,
    *,
    better: Better,
    definition: str,
    least: float | None = None,
    most: float | None = None,
) -> Callable[[Callable[[Log], Rows]], Callable[[Log], Rows]]:
    """Enter the function below as the measure of this name.

    `least` and `most` are its bounds, where they are not those of its unit (`bounds_of_unit`).
    """

    def enter(rows: Callable[[Log], Rows]) -> Callable[[Log], Rows]:
        own = _BY_MODULE.setdefault(rows.__module__, {})
        if name in own:
            raise ValueError(f'there are two measures called "{name}"')
        low, high = bounds_of_unit(unit)
        low, high = low if least is None else least, high if most is None else most
        own[name] = Measure(name, unit, better, definition, rows, low, high)
        return rows

    return enter


def general_modules() -> tuple[ModuleType, ...]:
    """The modules that hold the general measures."""
    return tuple(import_module(f"cjsim.measures.{name}") for name in GENERAL)


def measures_in(module: ModuleType) -> dict[str, Measure]:
    """The measures that a module defines, by name."""
    return _BY_MODULE.get(module.__name__, {})


@cache
def measures_of(jurisdiction: str) -> dict[str, Measure]:
    """Every measure of a jurisdiction by name: the general ones, then its own.

    Raises ValueError if two of them have the same name.
    """
    measures: dict[str, Measure] = {}
    for module in (*general_modules(), *measurement_of(jurisdiction).modules):
        for name, found in measures_in(module).items():
            if name in measures:
                raise ValueError(f'there are two measures called "{name}"')
            measures[name] = found
    return measures


def measure_named(name: str) -> Measure | None:
    """The measure of this name in the first jurisdiction that has one; None if none has.

    For what a name means everywhere: its unit, its better direction, its definition.
    """
    return next(
        (
            found
            for jurisdiction in jurisdiction_names()
            if (found := measures_of(jurisdiction).get(name)) is not None
        ),
        None,
    )


def bounds_of_unit(unit: str) -> tuple[float, float]:
    """A share lies between 0 and 1; counts and times are at least 0; money may be a saving."""
    if unit == "share":
        return 0.0, 1.0
    return (-math.inf if unit.startswith("GBP") else 0.0), math.inf


def bounds_of(name: str, unit: str) -> tuple[float, float]:
    """The bounds of a measure, or of its unit where the measure is not known here."""
    known = measure_named(name)
    return bounds_of_unit(unit) if known is None else (known.least, known.most)


def better_direction(name: str) -> Better:
    """Which way is better for a measure; "neither" if no measure has the name."""
    known = measure_named(name)
    return "neither" if known is None else known.better


def counted_measures() -> tuple[str, ...]:
    """The names of the measures, of all jurisdictions, that are counted or added up over cases."""
    return tuple(
        dict.fromkeys(
            name
            for jurisdiction in jurisdiction_names()
            for name, found in measures_of(jurisdiction).items()
            if found.counts
        )
    )


def known_measures(jurisdiction: str | None = None) -> tuple[str, ...]:
    """The names of the measures of a jurisdiction, or of all, in alphabetical order."""
    names = jurisdiction_names() if jurisdiction is None else (jurisdiction,)
    return tuple(sorted({name for each in names for name in measures_of(each)}))


def find_measure(name: str) -> Measure:
    """The measure of this name. Raises KeyError with a suggestion when there is none."""
    found = measure_named(name)
    if found is None:
        suggestion = did_you_mean(name, known_measures())
        raise KeyError(f'there is no measure called "{name}". {suggestion}')
    return found


def explain_measure(name: str) -> list[str]:
    """A measure's unit, better direction and definition, line by line; none if it is no measure."""
    kpi = measure_named(name)
    if kpi is None:
        return []
    return [
        name,
        f"  unit        {kpi.unit}",
        f"  better      {kpi.better}",
        f"  definition  {kpi.definition}",
    ]
