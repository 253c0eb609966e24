"""What a calibration is asked to do: a file that says what is free, what is aimed at, and how hard.

What is held out is declared there, before anything is fitted: it is compared and never aimed at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import Field, ValidationError, model_validator

from cjsim.calibration.targets import Target, Targets, load_targets
from cjsim.england_wales.initial_state import read_opening
from cjsim.england_wales.open_cases import OpenCases
from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.experiment.designs.parameters import Factor, factor_over
from cjsim.experiment.plan import Plan, hash_of
from cjsim.identity import installed_version
from cjsim.measures.registry import known_measures
from cjsim.scenarios.load import load_model
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE, Flag, Name, Real, Spec
from cjsim.schema.files import dotted, read_toml, shown_path
from cjsim.schema.messages import problems
from cjsim.schema.model import Model

MOST_FREE = 20
"""Beyond so many free numbers a wave of some sixty points says too little about each of them."""


PROSE: Final[dict[str, Any]] = {
    "target": {"__all__": {"title", "source", "when_out"}},
    "drift": True,
    "shape": True,
    "run": True,
}
"""What stands in a file of targets and no search depends on."""


class CalibrationRun(Spec):
    """The days that are simulated at each point, how often, and from which seed.

    With `opening` each run goes on from a table of open cases and needs no warm-up.
    """

    from_: dt.date = Field(alias="from")
    to: dt.date
    replications: int = Field(ge=2, strict=True)
    seed: int = Field(ge=0, strict=True)
    opening: str | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.to < self.from_:
            raise Slip("the run ends before it begins.", "Mend from or to.")
        return self


class Waves(Spec):
    """How the search goes: so many waves of so many points, and when a point is ruled out.

    `cut`: a point is implausible beyond so many standard deviations; `maximum`: of the largest (1),
    second (2) or third largest (3) of its distances from the targets. `tolerance_part`: the part of
    each tolerance that is aimed at, taken as three standard deviations. `sample`: how many points
    of the space are looked at through the emulators to find out how much of it is left.
    """

    waves: int = Field(default=3, ge=1, le=10, strict=True)
    points: int = Field(ge=10, le=1000, strict=True)
    cut: Real = Field(default=3.0, gt=0)
    maximum: int = Field(default=1, ge=1, le=3, strict=True)
    tolerance_part: Real = Field(default=1.0, gt=0, le=1)
    sample: int = Field(default=2**14, ge=2**10, le=2**20, strict=True)


class EnsembleAsked(Spec):
    """How many plausible sets are kept, and how often each is simulated to be sure of it."""

    sets: int = Field(default=20, ge=2, le=200, strict=True)
    replications: int = Field(default=4, ge=2, strict=True)


class Free(Spec):
    """A number that nobody knows: its bounds, those of its own range in the model if left out.

    With `factor` the bounds are of a factor on what stands there, such as [0.8, 1.25]; a table of
    numbers, all of which are multiplied by it, can be varied in no other way.
    """

    range: tuple[Real, Real] | None = None
    factor: Flag = False
    note: str = ""

    @model_validator(mode="after")
    def _low_then_high(self) -> Self:
        if self.range is not None and self.range[0] >= self.range[1]:
            raise Slip("the range is the wrong way round.", "Write the lower bound first.")
        return self


class Discrepancy(Spec):
    """What the model leaves out: a standard deviation, as a share of each published figure."""

    default: Real = Field(default=0.02, ge=0)
    targets: dict[Name, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)


class Calibration(Spec):
    """A calibration file; the paths in it are seen from its folder."""

    title: str
    model: str
    targets: str
    run: CalibrationRun
    history: Waves
    ensemble: EnsembleAsked = EnsembleAsked()
    discrepancy: Discrepancy = Discrepancy()
    parameters: Annotated[dict[str, Free], Field(min_length=1, max_length=MOST_FREE)]
    held_out: dict[Name, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class CalibrationPlan(Plan):
    """The plan of a calibration: that of its model, with all that the search depends on."""

    asked: Any = None

    @cached_property
    def content(self) -> dict[str, Any]:
        """All that the hash is taken over, as plain values."""
        return {
            **super().content,
            "calibration": self.asked,
            "calibration_library": f"scikit-learn {installed_version('scikit-learn')}",
        }


@dataclass(frozen=True)
class Prepared:
    """A calibration whose model, targets and free numbers have been read and checked."""

    path: Path
    asked: Calibration
    model: Model
    targets: Targets
    levers: tuple[Factor, ...]
    opening: OpenCases | None

    @property
    def fitted(self) -> tuple[Target, ...]:
        """The targets that are aimed at."""
        return tuple(one for one in self.targets.target if one.id not in self.asked.held_out)

    @property
    def held_out(self) -> tuple[Target, ...]:
        """The targets that are compared and never aimed at."""
        return tuple(one for one in self.targets.target if one.id in self.asked.held_out)

    @property
    def name(self) -> str:
        """The name of the file without its ending: that of the ensemble too."""
        return self.path.stem

    @cached_property
    def model_hash(self) -> str:
        """SHA-256 of the model as it is, in one canonical spelling."""
        return hash_of(self.model)

    @cached_property
    def plan(self) -> CalibrationPlan:
        """What the folder of results is named after, and what --resume holds on to."""
        run = self.asked.run
        return CalibrationPlan(
            scenarios={BASELINE: ResolvedScenario(BASELINE, self.model)},
            seed=run.seed,
            replications=run.replications,
            study_from=run.from_,
            study_to=run.to,
            opening=self.opening,
            asked={
                "file": self.asked.model_dump(mode="json", by_alias=True),
                "targets": self.targets.model_dump(mode="json", by_alias=True, exclude=PROSE),
            },
        )


def levels_of(levers: Sequence[Factor], point: Sequence[float]) -> dict[str, float]:
    """The level of each free number at a point of the unit cube, by the heading of its column."""
    return {
        lever.heading: float(f"{lever.level(share):.10g}")
        for lever, share in zip(levers, point, strict=True)
    }


def calibration_of(model_folder: Path) -> Path:
    """Where the calibration of a model lies: that of models/x is calibration/x.toml."""
    folder = model_folder.resolve()
    return folder.parent.parent / "calibration" / f"{folder.name}.toml"


def read_calibration(path: Path) -> Calibration:
    """What a calibration file says, its model and targets not looked at. Raises Faults."""
    shown = shown_path(path)
    if not path.is_file():
        raise Faults([Fault(shown, "", "there is no such calibration.", "Check the path.")])
    document = read_toml(path)
    if isinstance(document, Fault):
        raise Faults([document])
    try:
        return Calibration.model_validate(document.data)
    except ValidationError as error:
        found = problems(error, document.data, Calibration)
        raise Faults(Fault(shown, dotted(one.at), one.wrong, one.remedy) for one in found) from None


def load_calibration(path: Path) -> Prepared:
    """Read a calibration file, its model and its targets. Raises Faults with every fault."""
    path = Path(path)
    asked = read_calibration(path)
    shown = shown_path(path)
    model = load_model(path.parent / asked.model)
    targets = load_targets(path.parent / asked.targets)
    faults = [*_unknown_ids(asked, targets, shown), *_unknown_measures(targets, asked, path)]
    levers: list[Factor] = []
    for name, free in asked.parameters.items():
        try:
            key = dotted(("parameters", name))
            levers.append(factor_over(model, name, free.range, shown, key, factor=free.factor))
        except Faults as found:
            faults += found.faults
    if len(asked.held_out) == len(targets.target):
        wrong = "every target is held out, so that nothing is aimed at."
        faults.append(Fault(shown, "held_out", wrong, "Leave some to be fitted.", "held_out"))
    if faults:
        raise Faults(faults)
    opening = None
    if asked.run.opening is not None:
        opening = read_opening(path.parent / asked.run.opening, model, asked.run.from_)
    return Prepared(path, asked, model, targets, tuple(levers), opening)


def _unknown_ids(asked: Calibration, targets: Targets, shown: str) -> list[Fault]:
    known = [target.id for target in targets.target]
    named = [("held_out", name) for name in asked.held_out]
    named += [("discrepancy.targets", name) for name in asked.discrepancy.targets]
    return [
        Fault(
            shown,
            f"{table}.{name}",
            f'there is no target called "{name}".',
            did_you_mean(name, known),
            table,
        )
        for table, name in named
        if name not in known
    ]


def _unknown_measures(targets: Targets, asked: Calibration, path: Path) -> list[Fault]:
    known = known_measures()
    shown = shown_path(path.parent / asked.targets)
    named = [
        (target.id, one.kpi)
        for target in targets.target
        for one in (target, target.over)
        if one is not None
    ]
    return [
        Fault(shown, name, f'there is no measure called "{kpi}".', did_you_mean(kpi, known))
        for name, kpi in named
        if kpi not in known
    ]
