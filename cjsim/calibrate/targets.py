"""Published figures with a tolerance, as data: what a model's baseline has to look like."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from cjsim.errors import Fault, Faults
from cjsim.spec.base import Name, Spec
from cjsim.spec.files import dotted, read_toml, shown_path


class Tolerance(Spec):
    """How far off is still right: a share of the figure, an amount in its unit, or only a bound."""

    relative: float | None = Field(default=None, ge=0)
    absolute: float | None = Field(default=None, ge=0)
    at_least: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        given = [self.relative is not None, self.absolute is not None, self.at_least]
        if sum(given) != 1:
            raise ValueError("give relative, or absolute, or at_least = true")
        return self


class Target(Spec):
    """One published figure, the measure that answers to it, and its tolerance.

    `published` is one figure or the two ends of a range; `per` says that a count is for one year.
    """

    id: Name
    title: str
    kpi: Name
    court: Literal["magistrates", "crown", "all"]
    group: str
    published: float | tuple[float, float]
    unit: str
    per: Literal["run", "year"] = "run"
    tolerance: Tolerance
    source: str = Field(min_length=3)

    @property
    def band(self) -> tuple[float, float]:
        """The lowest and the highest simulated value that passes."""
        ends = self.published if isinstance(self.published, tuple) else (self.published,) * 2
        if self.tolerance.at_least:
            return ends[0], float("inf")
        if self.tolerance.relative is not None:
            return ends[0] * (1 - self.tolerance.relative), ends[1] * (1 + self.tolerance.relative)
        amount = self.tolerance.absolute or 0.0
        return ends[0] - amount, ends[1] + amount


class Drift(Spec):
    """How far a stock may stand at the last month end from where it stood at the first.

    It is looked at in runs of at least `years`; `relative` is the share it may grow or shrink by.
    """

    id: Name
    title: str
    kpi: Name
    court: Literal["magistrates", "crown", "all"]
    group: str
    years: int = Field(ge=1)
    relative: float = Field(gt=0)
    source: str = Field(min_length=3)


class TargetRun(Spec):
    """The period that the figures are of, and how often and from which seed it is simulated."""

    from_: dt.date = Field(alias="from")
    to: dt.date
    replications: int = Field(ge=1)
    seed: int = Field(ge=0)


class Targets(Spec):
    """A file of targets."""

    title: str
    run: TargetRun
    target: tuple[Target, ...] = Field(min_length=1)
    drift: tuple[Drift, ...] = ()


def targets_path(model_folder: Path) -> Path:
    """Where the targets of a model lie: models/x answers to calibration/targets/x.toml."""
    folder = model_folder.resolve()
    return folder.parent.parent / "calibration" / "targets" / f"{folder.name}.toml"


def load_targets(path: Path) -> Targets:
    """Read and check a file of targets. Raises Faults."""
    shown = shown_path(path)
    if not path.is_file():
        raise Faults([
            Fault(shown, "", "there are no targets for this model.", "Write them there.")
        ])  # fmt: skip
    document = read_toml(path)
    if isinstance(document, Fault):
        raise Faults([document])
    try:
        return Targets.model_validate(document.data)
    except ValidationError as error:
        raise Faults(
            Fault(shown, dotted(slip["loc"]), f"{slip['msg']}.") for slip in error.errors()
        ) from error
