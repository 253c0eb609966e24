"""Published figures with a tolerance, as data: what a model's baseline has to look like."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from cjsim.errors import Fault, Faults, Slip
from cjsim.schema.base import Name, Spec
from cjsim.schema.checks.provenance import disagreement
from cjsim.schema.files import Places, read_toml, shown_path
from cjsim.schema.folder import validate_parts
from cjsim.schema.messages import Problem
from cjsim.schema.register import FILE, Register, register_near

MADE_UP: Final = "made up"
"""The source of a target that nobody published, such as the toy area's."""

QUANTILES: Final = ("median", "p90")
"""What a law of a length says that a measure says too."""


class Tolerance(Spec):
    """How far off is still right: a share of the figure, an amount in its unit, or only a bound."""

    relative: float | None = Field(default=None, ge=0)
    absolute: float | None = Field(default=None, ge=0)
    at_least: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        given = [self.relative is not None, self.absolute is not None, self.at_least]
        if sum(given) != 1:
            raise Slip(
                "a tolerance is one of three.",
                "Write relative = 0.1, or absolute = 2, or at_least = true.",
            )
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


class Shape(Spec):
    """A length of time whose law was fitted to published figures, and the measure that answers.

    The model is not given the law: what it makes of the length, out of steps and queues, is held
    against it. `says` is what the law says of the median and the 90th percentile, in `unit`, read
    from the fit; a median of 0 says nothing that a tolerance could be a share of.
    """

    fit: Name
    title: str
    kpi: Name
    court: Literal["magistrates", "crown", "all"]
    unit: str
    tolerance: Tolerance
    vintage: str = ""
    counting_unit: str = ""
    when_out: str = ""
    says: Mapping[str, float] = Field(default_factory=dict)

    @property
    def figure(self) -> str:
        """The row of the register that holds the law."""
        return f"fit_{self.fit}"

    @property
    def targets(self) -> tuple[Target, ...]:
        """One target for each quantile."""
        titles = {"median": "median", "p90": "90th percentile"}
        return tuple(
            Target(
                id=f"{self.figure}_{quantile}",
                title=f"{self.title}, {titles[quantile]}",
                kpi=self.kpi,
                court=self.court,
                group=quantile,
                published=self.says[quantile],
                unit=self.unit,
                tolerance=self.tolerance,
                source=f"a law fitted to published figures, calibration/fits/{self.fit}",
                vintage=self.vintage,
                counting_unit=self.counting_unit,
                when_out=self.when_out,
            )
            for quantile in QUANTILES
            if self.says.get(quantile)
        )


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
    shape: tuple[Shape, ...] = ()


def targets_path(model_folder: Path) -> Path:
    """Where the targets of a model lie: models/x answers to calibration/targets/x.toml."""
    folder = model_folder.resolve()
    return folder.parent.parent / "calibration" / "targets" / f"{folder.name}.toml"


def load_targets(path: Path) -> Targets:
    """Read and check a file of targets, with the fits that it names. Raises Faults."""
    shown = shown_path(path)
    if not path.is_file():
        raise Faults(
            [Fault(shown, "", "there are no targets for this model.", "Write them there.")]
        )
    document = read_toml(path)
    if isinstance(document, Fault):
        raise Faults([document])
    places = Places(shown, [document])
    targets, found, _ = validate_parts(Targets, document.data, ())
    if targets is not None:
        found += _not_in_register(targets, register_near(path.parent) or {})
    if found or targets is None:
        raise Faults(places.fault(one.at, one.wrong, one.remedy) for one in found)
    return targets.model_copy(update={"shape": _with_fits(targets.shape, path)})


def _not_in_register(targets: Targets, register: Register) -> Iterator[Problem]:
    """A target whose id is a row of the register is of the figure that stands there."""
    for place, target in enumerate(targets.target):
        row = register.get(target.id)
        if row is None:
            continue
        wrong = disagreement(target.ends, target.unit, row)
        if wrong:
            yield Problem(
                ("target", place, "published"),
                f'{wrong} "{target.id}" of the register ({row["value"]} {row["unit"]}).',
                "Write what was published, or give the target an id of its own.",
            )


def notes_on_targets(targets: Targets, folder: Path) -> Iterator[str]:
    """That the figures of some targets are not checked, because no row of the register has them."""
    register = register_near(folder) or {}
    own = [one.id for one in targets.target if one.id not in register and one.source != MADE_UP]
    if own:
        count = "1 target is" if len(own) == 1 else f"{len(own)} targets are"
        yield (
            f"{count} not checked, because no row of {FILE} has the id: {', '.join(own[:5])}"
            f"{', ...' if len(own) > 5 else ''}."
        )


def _with_fits(shapes: tuple[Shape, ...], path: Path) -> tuple[Shape, ...]:
    """The shapes with what their laws say, from the fits in the folder beside that of the targets.

    Raises Faults, all at once, for a fit that is not there, or is in another unit.
    """
    fits = path.resolve().parent.parent / "fits"
    faults, found = [], []
    for place, shape in enumerate(shapes):
        fit = read_toml(fits / shape.fit / "fit.toml")
        if isinstance(fit, Fault) or not {"law", "says"} <= fit.data.keys():
            file = shown_path(fits / f"{shape.fit}.toml")
            wrong = f'there is no fit "{shape.fit}" that can be read.'
            remedy = f"Make it: cjsim fit {file}"
            faults.append(Fault(shown_path(path), f"shape.{place}.fit", wrong, remedy))
            continue
        unit = fit.data["law"]["unit"]
        if unit != shape.unit:
            wrong = f'"{shape.unit}" is not the unit of the fit "{shape.fit}".'
            faults.append(Fault(shown_path(path), f"shape.{place}.unit", wrong, f'Write "{unit}".'))
        found.append(shape.model_copy(update={"says": fit.data["says"]}))
    if faults:
        raise Faults(faults)
    return tuple(found)
