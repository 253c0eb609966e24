"""The calibration file: free parameters, targets, waves, and the ensemble.

Held-out targets are declared in it before the calibration: they are compared and never fitted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from cjsim.calibration.targets import Target, Targets, load_targets
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
from cjsim.simulation.process import OpeningCaseload, process_of
from cjsim.storage.plain import PlainTable

MOST_FREE = 20
"""The most free parameters: with more, a wave of about sixty points is too sparse."""


PROSE: Final[dict[str, bool | dict[str, set[str]]]] = {
    "target": {"__all__": {"title", "source", "when_out"}},
    "drift": True,
    "shape": True,
    "run": True,
}
"""The keys of a target file that do not affect the search."""


class CalibrationRun(Spec):
    """The period, replications and seed of the run at each point.

    With `opening` each run starts from a table of open cases without a warm-up.
    """

    from_: dt.date = Field(alias="from")
    to: dt.date
    replications: int = Field(ge=2, strict=True)
    seed: int = Field(ge=0, strict=True)
    opening: str | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.to < self.from_:
            raise Slip("the run ends before it begins.", "Change from or to.")
        return self


class Waves(Spec):
    """The waves of the search, and the rule for implausible points.

    A point is implausible if its largest (`maximum` 1), second (2) or third largest (3) distance
    from the targets is beyond `cut` standard deviations. `tolerance_part` is the part of each
    tolerance that counts as three standard deviations. `sample` is the number of points at which
    the emulators estimate the share of the space that is left.
    """

    waves: int = Field(default=3, ge=1, le=10, strict=True)
    points: int = Field(ge=10, le=1000, strict=True)
    cut: Real = Field(default=3.0, gt=0)
    maximum: int = Field(default=1, ge=1, le=3, strict=True)
    tolerance_part: Real = Field(default=1.0, gt=0, le=1)
    sample: int = Field(default=2**14, ge=2**10, le=2**20, strict=True)


class EnsembleSettings(Spec):
    """The number of plausible sets to keep, and the replications that confirm each."""

    sets: int = Field(default=20, ge=2, le=200, strict=True)
    replications: int = Field(default=4, ge=2, strict=True)


class Free(Spec):
    """A free parameter with its bounds; the default is its range in the model.

    With `factor` the bounds are those of a factor on the value in the model, such as [0.8, 1.25].
    A table of numbers can only be varied by a factor.
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
    """The model discrepancy: a standard deviation as a share of each published figure."""

    default: Real = Field(default=0.02, ge=0)
    targets: dict[Name, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)


Use = Literal["fit", "seen", "blind"]
"""Whether a target is fitted; or only compared, and then whether somebody looked at it before."""


class Calibration(Spec):
    """A calibration file; paths in it are relative to its folder."""

    title: str
    model: str
    targets: str
    run: CalibrationRun
    history: Waves
    ensemble: EnsembleSettings = EnsembleSettings()
    discrepancy: Discrepancy = Discrepancy()
    parameters: Annotated[dict[str, Free], Field(min_length=1, max_length=MOST_FREE)]
    held_out: dict[Name, str] = Field(default_factory=dict)
    seen: dict[Name, str] = Field(default_factory=dict)

    @property
    def not_fitted(self) -> Mapping[str, str]:
        """The targets that are compared and not fitted, with the reason."""
        return {**self.seen, **self.held_out}

    def use(self, target: str) -> Use:
        """The use of a target: `fit`, `seen` (looked at, not fitted), or `blind` (held out)."""
        if target in self.seen:
            return "seen"
        return "blind" if target in self.held_out else "fit"


@dataclass(frozen=True)
class CalibrationPlan(Plan):
    """The plan of a calibration: that of its model, and the settings of the search."""

    settings: Mapping[str, object] | None = None

    @cached_property
    def content(self) -> PlainTable:
        """The content of the hash, as plain values."""
        return {
            **super().content,
            "calibration": self.settings,
            "calibration_library": f"scikit-learn {installed_version('scikit-learn')}",
        }


@dataclass(frozen=True)
class PreparedCalibration:
    """A calibration with its model, targets and free parameters, read and checked."""

    path: Path
    settings: Calibration
    model: Model
    targets: Targets
    factors: tuple[Factor, ...]
    opening: OpeningCaseload | None

    @property
    def fitted(self) -> tuple[Target, ...]:
        """The targets that are fitted."""
        return tuple(
            target for target in self.targets.target if target.id not in self.settings.not_fitted
        )

    @property
    def not_fitted(self) -> tuple[Target, ...]:
        """The targets that are compared and not fitted."""
        return tuple(
            target for target in self.targets.target if target.id in self.settings.not_fitted
        )

    @property
    def name(self) -> str:
        """The stem of the file, and the name of the ensemble."""
        return self.path.stem

    @cached_property
    def model_hash(self) -> str:
        """SHA-256 of the uncalibrated model."""
        return hash_of(self.model)

    @cached_property
    def plan(self) -> CalibrationPlan:
        """The plan that identifies the folder of results."""
        run = self.settings.run
        return CalibrationPlan(
            scenarios={BASELINE: ResolvedScenario(BASELINE, self.model)},
            seed=run.seed,
            replications=run.replications,
            study_from=run.from_,
            study_to=run.to,
            opening=self.opening,
            settings={
                "file": self.settings.model_dump(mode="json", by_alias=True),
                "targets": self.targets.model_dump(mode="json", by_alias=True, exclude=PROSE),
            },
        )


def levels_of(factors: Sequence[Factor], point: Sequence[float]) -> dict[str, float]:
    """The level of each free parameter at a point of the unit cube, by column heading."""
    return {
        factor.heading: float(f"{factor.level(share):.10g}")
        for factor, share in zip(factors, point, strict=True)
    }


def calibration_of(model_folder: Path) -> Path:
    """The path of a model's calibration: calibration/x.toml for models/x."""
    folder = model_folder.resolve()
    return folder.parent.parent / "calibration" / f"{folder.name}.toml"


def read_calibration(path: Path) -> Calibration:
    """Read a calibration file without its model and targets. Raises Faults."""
    shown = shown_path(path)
    if not path.is_file():
        raise Faults([Fault(shown, "", "there is no such calibration.", "Check the path.")])
    document = read_toml(path)
    if isinstance(document, Fault):
        raise Faults([document])
    try:
        return Calibration.model_validate(document.data)
    except ValidationError as error:
        problems_found = problems(error, document.data, Calibration)
        raise Faults(
            Fault(shown, dotted(problem.at), problem.wrong, problem.remedy)
            for problem in problems_found
        ) from None


def load_calibration(path: Path) -> PreparedCalibration:
    """Read a calibration file, its model and its targets. Raises Faults with every fault."""
    path = Path(path)
    settings = read_calibration(path)
    shown = shown_path(path)
    model = load_model(path.parent / settings.model)
    targets = load_targets(path.parent / settings.targets)
    faults = [
        *_unknown_ids(settings, targets, shown),
        *_unknown_measures(targets, settings, path, model),
    ]
    factors: list[Factor] = []
    for name, free in settings.parameters.items():
        try:
            key = dotted(("parameters", name))
            factors.append(factor_over(model, name, free.range, shown, key, factor=free.factor))
        except Faults as error:
            faults += error.faults
    for name in sorted(set(settings.seen) & set(settings.held_out)):
        wrong = f'"{name}" is seen and held out.'
        remedy = "What somebody looked at is seen: leave it in [seen] alone."
        faults.append(Fault(shown, f"seen.{name}", wrong, remedy, "seen"))
    if len(settings.not_fitted) == len(targets.target):
        wrong = "every target is held out, so that none is fitted."
        faults.append(Fault(shown, "held_out", wrong, "Leave some to be fitted.", "held_out"))
    if faults:
        raise Faults(faults)
    opening = None
    if settings.run.opening is not None:
        opening = process_of(model).read_opening(
            path.parent / settings.run.opening, model, settings.run.from_
        )
    return PreparedCalibration(path, settings, model, targets, tuple(factors), opening)


def _unknown_ids(settings: Calibration, targets: Targets, shown: str) -> list[Fault]:
    known = [target.id for target in targets.target]
    named = [("held_out", name) for name in settings.held_out]
    named += [("seen", name) for name in settings.seen]
    named += [("discrepancy.targets", name) for name in settings.discrepancy.targets]
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


def _unknown_measures(
    targets: Targets, settings: Calibration, path: Path, model: Model
) -> list[Fault]:
    known = known_measures(model.jurisdiction)
    shown = shown_path(path.parent / settings.targets)
    named = [
        (target.id, measured.kpi)
        for target in targets.target
        for measured in (target, target.over)
        if measured is not None
    ]
    return [
        Fault(shown, name, f'there is no measure called "{kpi}".', did_you_mean(kpi, known))
        for name, kpi in named
        if kpi not in known
    ]
