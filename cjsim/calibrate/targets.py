"""Published figures with a tolerance, as data: what a model's baseline has to look like."""

from __future__ import annotations

import datetime as dt
import math
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


class Measured(Spec):
    """Where a value stands among the measures; of several groups it is the sum."""

    kpi: Name
    court: Literal["magistrates", "crown", "all"]
    group: str | tuple[str, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are added up."""
        return (self.group,) if isinstance(self.group, str) else self.group


class Target(Measured):
    """One published figure, the measure that answers to it, and its tolerance.

    `published` is one figure or the two ends of a range; `per` says that a count is for one year.
    With `over` the simulated value is what one measure is of another: a share, a ratio.
    `vintage` is the time that the figure is of, `counting_unit` what was counted for it; `when_out`
    is the sentence that the scoreboard shows beside a figure that the model misses.
    """

    id: Name
    title: str
    over: Measured | None = None
    published: float | tuple[float, float]
    unit: str
    per: Literal["run", "year"] = "run"
    tolerance: Tolerance
    source: str = Field(min_length=3)
    vintage: str = ""
    counting_unit: str = ""
    when_out: str = ""

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the published range, which one figure is by itself."""
        return self.published if isinstance(self.published, tuple) else (self.published,) * 2

    @property
    def band(self) -> tuple[float, float]:
        """The lowest and the highest simulated value that passes."""
        return self.part_of_band(1.0)

    def part_of_band(self, part: float) -> tuple[float, float]:
        """The published range with only a part of its tolerance on either side."""
        low, high = self.ends
        if self.tolerance.at_least:
            return low, math.inf
        if self.tolerance.relative is not None:
            return low - part * abs(low) * self.tolerance.relative, high + part * abs(
                high
            ) * self.tolerance.relative
        amount = part * (self.tolerance.absolute or 0.0)
        return low - amount, high + amount


class Drift(Measured):
    """How far a stock may stand at the last month end from where it stood at the first.

    It is looked at in runs of at least `years`; `relative` is the share it may grow or shrink by.
    """

    id: Name
    title: str
    years: int = Field(ge=1)
    relative: float = Field(gt=0)
    source: str = Field(min_length=3)
    when_out: str = ""


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
