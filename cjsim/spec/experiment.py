"""What an experiment file says: a question, a run, a baseline and scenarios that set values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from cjsim.errors import Slip, did_you_mean
from cjsim.spec.base import BASELINE, Day, Evidence, Name, Real, Sourced, Spec
from cjsim.spec.messages import Problem
from cjsim.spec.precision import MOST_REPLICATIONS, Precision
from cjsim.spec.studies import Sensitivity, Sweep, Uncertain
from cjsim.spec.trade_off import TradeOffs, check_trade_offs


class Setting(Sourced):
    """A value that a scenario sets: in one division or in all, from a day or from the first day.

    The value is given as the model gives it: `value`, or for a length of time `median` and `p90`,
    `mean` or `fixed`.
    """

    evidence: Evidence = "assumed"
    from_: Day | None = Field(default=None, alias="from")
    area: str | None = None
    value: Any = None
    median: Real | None = None
    p90: Real | None = None
    mean: Real | None = None
    fixed: Real | None = None

    def is_quantity(self) -> bool:
        """Whether it is a number; an order of call is given by words."""
        words = self.value if isinstance(self.value, list) else [self.value]
        return not all(isinstance(word, str) for word in words)

    def as_change(self, first_day: dt.date) -> dict[str, Any]:
        """The entry of `changes` that it becomes; without a day it begins on `first_day`."""
        given = self.model_dump(by_alias=True, exclude_none=True)
        return {"from": first_day, **given}


_SETTING_KEYS: Final = frozenset(
    field.alias or name for name, field in Setting.model_fields.items()
)


def _as_list(settings: object) -> object:
    return [settings] if isinstance(settings, Mapping) else settings


def _paths_in_quotes(sets: object) -> object:
    """Refuse a path without quotes, which TOML reads as tables within tables."""
    for word, table in sets.items() if isinstance(sets, Mapping) else ():
        path = [str(word)]
        while isinstance(table, Mapping) and table and not _SETTING_KEYS & set(table):
            word, table = next(iter(table.items()))
            path.append(str(word))
        if len(path) > 1:
            raise Slip(
                "a path must stand in quotes, or TOML takes its dots for tables.",
                f'Write "{".".join(path)}" = {{ value = ..., source = "..." }}.',
            )
    return sets


Settings = Annotated[tuple[Setting, ...], BeforeValidator(_as_list), Field(min_length=1)]
"""What a scenario sets at one path: one setting, or several for other days and divisions."""


class Scenario(Spec):
    """A future to compare with the baseline: what other scenarios set, and what it sets itself."""

    label: str = Field(min_length=1)
    uses: tuple[Name, ...] = ()
    set: Annotated[dict[str, Settings], BeforeValidator(_paths_in_quotes)] = Field(
        default_factory=dict
    )


FIRST_YEAR: Final = 1950
LAST_YEAR: Final = 2100
"""The years that a run may lie in."""


class RunPlan(Spec):
    """Which model is run, over which study period, how often, from which seed.

    `model` is the path of the model's folder from the experiment's file; `to` is the last day.
    `opening` is the path of a table of the cases that are open on the first day: with it every
    scenario starts from the same cases, without it from a warm-up.
    """

    model: str = Field(min_length=1)
    opening: Annotated[str, Field(min_length=1)] | None = None
    from_: Day = Field(alias="from")
    to: Day
    replications: int = Field(default=30, ge=1, le=MOST_REPLICATIONS, strict=True)
    seed: int = Field(ge=0, strict=True)

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.from_ >= self.to:
            raise Slip(
                f"the run ends ({self.to}) before it begins ({self.from_}).",
                "Write the earlier day as from and the later one as to.",
            )
        if self.from_.year < FIRST_YEAR or self.to.year > LAST_YEAR:
            raise Slip(
                f"the run from {self.from_} to {self.to} leaves the years that can be simulated.",
                f"Write days from {FIRST_YEAR} to {LAST_YEAR}.",
            )
        return self


class Baseline(Spec):
    """What the scenarios are compared with: the model as it is."""

    label: str = Field(default="As it was", min_length=1)


class Report(Spec):
    """What the Board watches, the smallest effect on it worth having, and trade-offs to draw.

    `status` is `assured` once somebody other than its authors has checked the work. `data_as_of` is
    the last day of what the model's figures are of, `review_by` the day by which the answer has to
    be looked at again; `caveats` are what a Board should hear before anything else.
    """

    status: Literal["draft", "assured"] = "draft"
    data_as_of: Day | None = None
    review_by: Day | None = None
    caveats: Annotated[tuple[str, ...], Field(max_length=3)] = ()
    watch: tuple[str, ...] = ()
    worthwhile: dict[str, Annotated[Real, Field(ge=0)]] = Field(default_factory=dict)
    trade_off: TradeOffs = ()


SAID_TO_THE_BOARD: Final = {"status", "data_as_of", "review_by", "caveats"}
"""What of the report's table goes on its first page as it stands."""


class Experiment(Spec):
    """One question put to the model."""

    title: str = Field(min_length=1)
    question: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    run: RunPlan
    baseline: Baseline = Baseline()
    scenarios: dict[Name, Scenario] = Field(default_factory=dict)
    report: Report = Report()
    precision: Precision | None = None
    sweep: Sweep | None = None
    sensitivity: Sensitivity | None = None
    uncertain: Uncertain | None = None

    _path: Path = PrivateAttr(default=Path("experiment.toml"))

    @property
    def path(self) -> Path:
        """The file that the experiment was read from."""
        return self._path

    @property
    def model_folder(self) -> Path:
        """The folder of the model that is run."""
        return self._path.parent / self.run.model

    @property
    def opening_file(self) -> Path | None:
        """The table of open cases that it starts with, if it names one."""
        return None if self.run.opening is None else self._path.parent / self.run.opening

    def read_from(self, path: Path) -> Experiment:
        """The same experiment, knowing its file."""
        placed = self.model_copy()
        placed._path = path.resolve()  # noqa: SLF001 - its own kind, and frozen for all others
        return placed

    def used_by(self, scenario: str) -> list[str]:
        """The scenario and all that it uses, directly or not, the used ones first."""
        order: list[str] = []
        self._collect(scenario, order, ())
        return order

    def _collect(self, scenario: str, order: list[str], above: tuple[str, ...]) -> None:
        if scenario in order or scenario in above or scenario not in self.scenarios:
            return
        for used in self.scenarios[scenario].uses:
            self._collect(used, order, (*above, scenario))
        order.append(scenario)


def check_experiment(experiment: Experiment, set_aside: frozenset[str]) -> list[Problem]:
    """What no single table of an experiment can say: names, and what scenarios use.

    `set_aside` names scenarios that exist but were taken out for faults of their own.
    """
    found: list[Problem] = []
    known = sorted({*experiment.scenarios, *set_aside})
    if BASELINE in known:
        found.append(
            Problem(
                ("scenarios", BASELINE),
                "no scenario may be called baseline: that is the model as it is.",
                "Give it another name; the label of the baseline stands in [baseline].",
            )
        )
    for name, scenario in experiment.scenarios.items():
        at = ("scenarios", name, "uses")
        for used in scenario.uses:
            if used not in known:
                remedy = did_you_mean(used, [word for word in known if word != name])
                found.append(Problem(at, f'there is no scenario called "{used}".', remedy))
        circle = _circle(experiment, name)
        if circle:
            found.append(
                Problem(
                    at,
                    f"the scenarios use one another in a circle: {' uses '.join(circle)}.",
                    "Take one of them out of uses.",
                )
            )
    return found + check_trade_offs(experiment.report.trade_off, known)


def _circle(experiment: Experiment, start: str) -> list[str]:
    """A way from a scenario back to itself, told by its first name in the alphabet only."""
    waiting = [[start]]
    seen = set()
    while waiting:
        way = waiting.pop()
        for used in experiment.scenarios[way[-1]].uses:
            if used == start:
                return [*way, start] if start == min(way) else []
            if used in experiment.scenarios and used not in seen:
                seen.add(used)
                waiting.append([*way, used])
    return []
