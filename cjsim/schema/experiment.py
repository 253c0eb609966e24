"""What an experiment file says: a question, a run, a baseline and scenarios that set values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from cjsim.errors import Slip, did_you_mean
from cjsim.schema.areas import Areas, check_areas
from cjsim.schema.backcast import Backcast
from cjsim.schema.base import BASELINE, Day, Name, Spec
from cjsim.schema.bounds import MOST_SCENARIOS
from cjsim.schema.messages import Problem
from cjsim.schema.money import Fund, LedgerPlan, ReformCost
from cjsim.schema.precision import MOST_REPLICATIONS, Precision
from cjsim.schema.reform import PublishedEffects, Reform, check_reform
from cjsim.schema.register import Register
from cjsim.schema.report import Report
from cjsim.schema.setting import Settings, paths_in_quotes
from cjsim.schema.studies import Claim, Sensitivity, Sweep, Uncertain, check_claim
from cjsim.schema.trade_off import check_trade_offs

Used = Annotated[str, Field(pattern=r"^([A-Za-z0-9_./-]+\.toml#)?[a-z0-9][a-z0-9_-]{0,63}$")]
"""A scenario of this file, or one of another: "case_tracker.toml#tracker"."""


class Scenario(Spec):
    """A future to compare with the baseline: what other scenarios set, and what it sets itself.

    `uses` names scenarios of this file, or of others by the path of their file from here. `cost`
    holds what the reform itself costs, line by line; `funds` names the funds that pay for its
    outcomes. Those of the scenarios it uses count as well.
    """

    label: str = Field(min_length=1, description="what readers call it")
    uses: tuple[Used, ...] = Field(default=(), description="scenarios whose settings it takes over")
    set: Annotated[
        dict[str, Settings],
        BeforeValidator(paths_in_quotes, json_schema_input_type=dict[str, Settings]),
    ] = Field(
        default_factory=dict,
        description="what it sets: the path of a value in quotes, and its new value",
    )
    cost: dict[Name, ReformCost] = Field(
        default_factory=dict, description="what the reform itself costs, line by line"
    )
    funds: tuple[Name, ...] = Field(default=(), description="the funds that pay for its outcomes")

    @property
    def paying_funds(self) -> tuple[str, ...]:
        """The funds that it names, and those that pay its costs, each once."""
        paying = (cost.fund for cost in self.cost.values())
        return tuple(dict.fromkeys([*self.funds, *(fund for fund in paying if fund is not None)]))


@dataclass(frozen=True)
class Borrowed:
    """A scenario of another file: what it sets, that file's first day, and what it uses there."""

    scenario: Scenario
    first_day: dt.date
    uses: tuple[str, ...]


FIRST_YEAR: Final = 1950
LAST_YEAR: Final = 2100
"""The years that a run may lie in."""


class RunPlan(Spec):
    """Which model is run, over which study period, how often, from which seed.

    With a table of open cases every scenario starts from the same cases, without it from a warm-up.
    """

    model: str = Field(min_length=1, description="the model's folder, from this file")
    opening: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="a table of the cases open on the first day, in place of a warm-up",
    )
    from_: Day = Field(alias="from", description="the first day of the study period")
    to: Day = Field(description="its last day")
    replications: int = Field(
        default=30,
        ge=1,
        le=MOST_REPLICATIONS,
        strict=True,
        description="how often each scenario is run",
    )
    seed: int = Field(
        ge=0, strict=True, description="any whole number: where the random numbers begin"
    )

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.from_ == self.to:
            raise Slip(f"a run of one day, {self.to}, is too short.", "Write a later day as to.")
        if self.from_ > self.to:
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

    label: str = Field(
        default="As it was", min_length=1, description="what readers call the model as it is"
    )


class Experiment(Spec):
    """One question put to the model."""

    title: str = Field(min_length=1, description="what readers call it")
    question: str = Field(min_length=1, description="what is asked, in a sentence")
    owner: str = Field(min_length=1, description="who asks")
    run: RunPlan = Field(description="which model, over which period, how often")
    baseline: Baseline = Field(
        default=Baseline(), description="what the scenarios are compared with"
    )
    scenarios: dict[Name, Scenario] = Field(
        default_factory=dict,
        max_length=MOST_SCENARIOS,
        description="the futures to compare, by name",
    )
    report: Report = Field(
        default=Report(), description="what is watched, and what is worth having"
    )
    areas: Areas | None = Field(default=None, description="areas to run side by side, by size")
    precision: Precision | None = Field(default=None, description="how precise the answer is to be")
    sweep: Sweep | None = Field(default=None, description="what `cjsim sweep` varies")
    sensitivity: Sensitivity | None = Field(
        default=None, description="what `cjsim sensitivity` varies"
    )
    uncertain: Uncertain | None = Field(default=None, description="what `cjsim uncertainty` draws")
    funds: dict[Name, Fund] = Field(
        default_factory=dict, description="money that several agencies put up, by name"
    )
    ledger: LedgerPlan | None = Field(
        default=None, description="the financial years that `cjsim cost` looks at"
    )
    backcast: Backcast | None = Field(
        default=None, description="a published series that the run is held against"
    )
    reform: Reform | None = Field(default=None, description="the reform that the file is about")
    published: PublishedEffects = Field(
        default=(), description="what was published of it, to be held against the model"
    )
    claim: Claim | None = Field(default=None, description="how a claim is tested")

    _path: Path = PrivateAttr(default=Path("experiment.toml"))
    _borrowed: dict[str, Borrowed] = PrivateAttr(default_factory=dict)
    _uses: dict[str, tuple[str, ...]] = PrivateAttr(default_factory=dict)

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

    @property
    def published_file(self) -> Path | None:
        """The published series that a back-cast is judged by."""
        return None if self.backcast is None else self._path.parent / self.backcast.published

    @property
    def ages_file(self) -> Path | None:
        """The published age bands that a back-cast is held against, if it names some."""
        if self.backcast is None or self.backcast.ages is None:
            return None
        return self._path.parent / self.backcast.ages

    def read_from(self, path: Path) -> Experiment:
        """The same experiment, knowing its file."""
        placed = self.model_copy()
        placed._path = path.resolve()  # noqa: SLF001 - its own kind, and frozen for all others
        return placed

    def with_borrowed(
        self,
        borrowed: dict[str, Borrowed],
        uses: dict[str, tuple[str, ...]],
        funds: dict[str, Fund],
    ) -> Experiment:
        """The same experiment with the scenarios of other files that it uses, by reference.

        `uses` gives for each scenario of its own the references of what it uses; `funds` are its
        own and those that pay for what it borrows.
        """
        whole = self.model_copy(update={"funds": dict(funds)})
        whole._borrowed = dict(borrowed)  # noqa: SLF001 - its own kind, as above
        whole._uses = dict(uses)  # noqa: SLF001
        return whole

    @property
    def borrowed(self) -> Mapping[str, Borrowed]:
        """The scenarios of other files that it uses, directly or not, by their reference."""
        return self._borrowed

    def scenario(self, name: str) -> Scenario:
        """A scenario, its own or a borrowed one. Raises KeyError."""
        borrowed = self._borrowed.get(name)
        return self.scenarios[name] if borrowed is None else borrowed.scenario

    def uses_of(self, scenario: str) -> tuple[str, ...]:
        """What a scenario, its own or a borrowed one, uses directly."""
        if scenario in self._borrowed:
            return self._borrowed[scenario].uses
        own = self.scenarios.get(scenario)
        return self._uses.get(scenario, () if own is None else own.uses)

    def used_by(self, scenario: str) -> list[str]:
        """The scenario and all that it uses, directly or not, the used ones first."""
        order: list[str] = []
        self._collect(scenario, order, ())
        return order

    def funds_of(self, scenario: str) -> list[str]:
        """The funds that a scenario draws on: those it names, and those that pay its costs."""
        used = [self.scenario(name) for name in self.used_by(scenario)]
        return list(dict.fromkeys(fund for one in used for fund in one.paying_funds))

    def _collect(self, scenario: str, order: list[str], above: tuple[str, ...]) -> None:
        known = scenario in self.scenarios or scenario in self._borrowed
        if scenario in order or scenario in above or not known:
            return
        for used in self.uses_of(scenario):
            self._collect(used, order, (*above, scenario))
        order.append(scenario)

    @property
    def reform_scenario(self) -> str | None:
        """The scenario that is the reform: the one named, or the last; None without any."""
        if self.reform is not None and self.reform.scenario is not None:
            return self.reform.scenario
        return list(self.scenarios)[-1] if self.scenarios else None


def check_experiment(
    experiment: Experiment, set_aside: frozenset[str], register: Register | None = None
) -> list[Problem]:
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
            if used not in known and "#" not in used:
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
    found += check_areas(experiment, register)
    found += check_reform(experiment.reform, experiment.published, known, register)
    if experiment.claim is not None:
        effects = [one.name for one in experiment.published if one.size is not None]
        found += check_claim(experiment.claim, known, effects)
    return found + check_trade_offs(experiment.report.trade_off, known)


def _circle(experiment: Experiment, start: str) -> list[str]:
    """A way from a scenario back to itself, told by its first name in the alphabet only."""
    waiting = [[start]]
    seen = set()
    while waiting:
        way = waiting.pop()
        for used in experiment.uses_of(way[-1]):
            if used == start:
                own = [name for name in way if name in experiment.scenarios]
                return [*way, start] if start == min(own) else []
            if used not in seen:
                seen.add(used)
                waiting.append([*way, used])
    return []
