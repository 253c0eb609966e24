"""Targets: published figures with a tolerance, and their simulated values.

A target file says what a baseline has to look like. Its simulated value is one number for each
replication, from the measures of a run.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from cjsim.errors import Fault, Faults, Slip
from cjsim.schema.base import Name, Spec
from cjsim.schema.checks.provenance import disagreement
from cjsim.schema.files import Places, read_toml, shown_path
from cjsim.schema.folder import validate_parts
from cjsim.schema.messages import Problem
from cjsim.schema.register import FILE, Register, register_near

MADE_UP: Final = "made up"
"""The source of an invented target, such as the toy area's."""

QUANTILES: Final = ("median", "p90")
"""The quantiles that a fitted distribution and a measure share."""


class Tolerance(Spec):
    """A tolerance: a share of the figure, an amount in its unit, or only a lower bound."""

    relative: float | None = Field(default=None, ge=0)
    absolute: float | None = Field(default=None, ge=0)
    at_least: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        choices = [self.relative is not None, self.absolute is not None, self.at_least]
        if sum(choices) != 1:
            raise Slip(
                "a tolerance is one of three.",
                "Write relative = 0.1, or absolute = 2, or at_least = true.",
            )
        return self


class Measured(Spec):
    """A value of a measure; several groups are added up."""

    kpi: Name
    court: Literal["magistrates", "crown", "all"]
    group: str | tuple[str, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are added up."""
        return (self.group,) if isinstance(self.group, str) else self.group


class Target(Measured):
    """A published figure, the matching measure, and its tolerance.

    `published` is a figure or the two ends of a range; `per` says that a count is for one year.
    With `over` the simulated value is the ratio of two measures. `vintage` is the period of the
    figure, `counting_unit` the unit that was counted; `when_out` is the sentence on the scoreboard
    if the model misses the figure.
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
        """The ends of the published range; both are the figure if there is no range."""
        return self.published if isinstance(self.published, tuple) else (self.published,) * 2

    @property
    def band(self) -> tuple[float, float]:
        """The lowest and the highest simulated value that pass."""
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
    """The largest allowed change of a stock from the first month end to the last.

    It is checked in runs of at least `years`; `relative` is the allowed change as a share.
    """

    id: Name
    title: str
    years: int = Field(ge=1)
    relative: float = Field(gt=0)
    source: str = Field(min_length=3)
    when_out: str = ""


class Shape(Spec):
    """A length of time with a distribution fitted to published figures, and the matching measure.

    The distribution is no input of the model: the simulated length follows from steps and queues,
    and is compared with it. `says` holds the median and the 90th percentile of the fit, in `unit`;
    a median of 0 has no relative tolerance and is left out.
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
        """The row of the register with the fit."""
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
                source=f"a distribution fitted to published figures, calibration/fits/{self.fit}",
                vintage=self.vintage,
                counting_unit=self.counting_unit,
                when_out=self.when_out,
            )
            for quantile in QUANTILES
            if self.says.get(quantile)
        )


class TargetRun(Spec):
    """The period of the figures, the number of replications, and the seed."""

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
    """The path of a model's targets: calibration/targets/x.toml for models/x."""
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
    targets, problems, _ = validate_parts(Targets, document.data, ())
    if targets is not None:
        problems += _not_in_register(targets, register_near(path.parent) or {})
    if problems or targets is None:
        raise Faults(
            places.fault(problem.at, problem.wrong, problem.remedy) for problem in problems
        )
    return targets.model_copy(update={"shape": _with_fits(targets.shape, path)})


def _not_in_register(targets: Targets, register: Register) -> Iterator[Problem]:
    """Problems of targets whose value differs from the row of the register with the same id."""
    for index, target in enumerate(targets.target):
        row = register.get(target.id)
        if row is None:
            continue
        wrong = disagreement(target.ends, target.unit, row)
        if wrong:
            yield Problem(
                ("target", index, "published"),
                f'{wrong} "{target.id}" of the register ({row["value"]} {row["unit"]}).',
                "Write what was published, or give the target another id.",
            )


def notes_on_targets(targets: Targets, folder: Path) -> Iterator[str]:
    """A note if some targets are not checked, because no row of the register has their id."""
    register = register_near(folder) or {}
    own = [
        target.id
        for target in targets.target
        if target.id not in register and target.source != MADE_UP
    ]
    if own:
        count = "1 target is" if len(own) == 1 else f"{len(own)} targets are"
        yield (
            f"{count} not checked, because no row of {FILE} has the id: {', '.join(own[:5])}"
            f"{', ...' if len(own) > 5 else ''}."
        )


def _with_fits(shapes: tuple[Shape, ...], path: Path) -> tuple[Shape, ...]:
    """The shapes with the summaries of their fits, from the folder of fits beside the targets.

    Raises Faults, all at once, for a missing fit or one in another unit.
    """
    fits = path.resolve().parent.parent / "fits"
    faults, with_fits = [], []
    for index, shape in enumerate(shapes):
        fit = read_toml(fits / shape.fit / "fit.toml")
        if isinstance(fit, Fault) or not {"distribution", "summaries"} <= fit.data.keys():
            file = shown_path(fits / f"{shape.fit}.toml")
            wrong = f'there is no fit "{shape.fit}" that can be read.'
            remedy = f"Make it: cjsim fit {file}"
            faults.append(Fault(shown_path(path), f"shape.{index}.fit", wrong, remedy))
            continue
        unit = fit.data["distribution"]["unit"]
        if unit != shape.unit:
            wrong = f'"{shape.unit}" is not the unit of the fit "{shape.fit}".'
            faults.append(Fault(shown_path(path), f"shape.{index}.unit", wrong, f'Write "{unit}".'))
        with_fits.append(shape.model_copy(update={"says": fit.data["summaries"]}))
    if faults:
        raise Faults(faults)
    return tuple(with_fits)


Numbers = npt.NDArray[np.float64]


def simulated_values(kpis: pa.Table, target: Target, *, years: float = 1.0) -> Numbers:
    """The target's value by replication; NaN where the model gave none.

    `kpis` holds the columns replication, kpi, court, group, period and value of one scenario.
    """
    values = _summed(kpis, target)
    if target.over is not None:
        totals = _summed(kpis, target.over)
        values = np.divide(values, totals, out=np.full_like(values, np.nan), where=totals != 0)
    return values / years if target.per == "year" else values


def measure_rows(kpis: pa.Table, wanted: Measured) -> pa.Table:
    """The rows of a measure in a court for some groups."""
    mask = pc.equal(kpis.column("kpi"), wanted.kpi)
    mask = pc.and_(mask, pc.equal(kpis.column("court"), wanted.court))
    return kpis.filter(pc.and_(mask, pc.is_in(kpis.column("group"), pa.array(wanted.groups))))


def _summed(kpis: pa.Table, wanted: Measured) -> Numbers:
    """The sum over the groups, by replication; NaN if a group is missing."""
    rows = measure_rows(kpis, wanted)
    rows = rows.filter(pc.equal(rows.column("period"), "all"))
    order: dict[int, list[float]] = {
        number: [] for number in sorted(set(kpis.column("replication").to_pylist()))
    }
    for row in rows.select(["replication", "value"]).to_pylist():
        order[row["replication"]].append(row["value"])
    count = len(wanted.groups)
    sums = [float(sum(values)) if len(values) == count else np.nan for values in order.values()]
    return np.array(sums, dtype=np.float64)
