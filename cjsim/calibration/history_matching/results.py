"""The results of a calibration: plausible sets, ranges of parameters, targets before and after."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cjsim.calibration.history_matching.config import PreparedCalibration, levels_of
from cjsim.calibration.history_matching.history import Goal, History
from cjsim.calibration.validate import interval
from cjsim.experiment.manifest_records import Record

Numbers = npt.NDArray[np.float64]

SHARE: Final = 0.9
"""The share of the plausible sets, and of their simulated values, in a range."""


@dataclass(frozen=True)
class Simulated:
    """Simulated points by wave: their place in the unit cube and the values of every target.

    `points` has the shape (n, axes), `values` (n, targets, replications); targets are in the
    order of their file. `before` is the model as it is, shape (targets, replications).
    """

    waves: tuple[int, ...]
    points: Numbers
    values: Numbers
    before: Numbers


@dataclass(frozen=True)
class MatchingResult:
    """The result of a calibration.

    `sets` are the plausible sets (n, axes) in the unit cube, with `set_values` and
    `set_implausibility` from a second simulation. If none is plausible, they are the nearest ones.
    `tried` is the number of sets that were simulated again.
    """

    prepared: PreparedCalibration
    history: History
    simulated: Simulated
    sets: Numbers
    set_values: Numbers
    set_implausibility: Numbers
    tried: int

    @property
    def plausible(self) -> npt.NDArray[np.bool_]:
        """Which sets their own simulation does not rule out."""
        return np.asarray(self.set_implausibility <= self.history.cut)


def fitted_indices(prepared: PreparedCalibration) -> list[int]:
    """The indices of the fitted targets among all targets."""
    fitted = {target.id for target in prepared.fitted}
    return [index for index, target in enumerate(prepared.targets.target) if target.id in fitted]


def implausibilities(goals: Sequence[Goal], values: Numbers) -> Numbers:
    """The implausibility of simulated values, (n, goals), with the Monte Carlo error of the mean.

    `values` has the shape (n, goals, replications).
    """
    means = values.mean(axis=2)
    chance = values.var(axis=2, ddof=1) / values.shape[2]
    columns = []
    for index, goal in enumerate(goals):
        variances = chance[np.isfinite(chance[:, index]), index]
        columns.append(
            goal.implausibility(means[:, index], float(variances.mean()) if len(variances) else 0.0)
        )
    return np.stack(columns, axis=1)


def fitted_implausibilities(result: MatchingResult, values: Numbers) -> Numbers:
    """The same for values of all targets; only the fitted ones count."""
    return implausibilities(result.history.goals, values[:, fitted_indices(result.prepared)])


class ParameterRow(Record):
    """A free parameter: its level in the model, its bounds, and the ranges that are left.

    `left_*` bound the points not ruled out, `likely_*` hold 90 % of their weight.
    """

    parameter: str
    is_factor: bool
    as_it_is: float
    low: float
    high: float
    left_low: float | None
    left_high: float | None
    likely_low: float | None
    likely_high: float | None
    mean_of_sets: float


class TargetRow(Record):
    """A target: published, allowed, the model before and the plausible sets after calibration."""

    target: str
    title: str
    unit: str
    use: str
    published_low: float
    published_high: float
    allowed_low: float
    allowed_high: float | None
    before: float | None
    before_low: float | None
    before_high: float | None
    after: float | None
    after_low: float | None
    after_high: float | None
    before_in: bool
    after_in: bool
    vintage: str
    counting_unit: str

    @property
    def fitted(self) -> bool:
        """Whether the target was fitted, and not only compared."""
        return self.use == "fit"


class WaveRow(Record):
    """A wave: its points, the share of the space left, and the share of values as expected."""

    wave: int
    points: int
    share_left: float
    as_expected: float | None


class CalibrationRecord(Record):
    """The manifest of a calibration, as far as reports need it."""

    title: str
    run_id: str
    seed: int
    model_hash: str
    study_from: str
    study_to: str
    replications: int
    sets: int
    sets_tried: int
    sets_plausible: int
    unmatched: list[str]
    waves: list[WaveRow]
    targets: list[TargetRow]
    parameters: list[ParameterRow]


def parameter_rows(result: MatchingResult) -> list[ParameterRow]:
    """A row for each free parameter."""
    history, factors = result.history, result.prepared.factors
    ranges = history.ranges(SHARE)
    left = history.candidates(2000)
    rows = []
    for axis, factor in enumerate(factors):
        part = factor.parts[0]
        inside = left[:, axis] if len(left) else np.array([np.nan])
        low, high = float(inside.min()), float(inside.max())
        sets = [levels_of(factors, point)[factor.heading] for point in result.sets.tolist()]
        rows.append(
            ParameterRow(
                parameter=factor.path,
                is_factor=part.scales,
                as_it_is=part.level,
                low=part.low,
                high=part.high,
                left_low=_level(part.low, part.high, low),
                left_high=_level(part.low, part.high, high),
                likely_low=_level(part.low, part.high, float(ranges[axis, 0])),
                likely_high=_level(part.low, part.high, float(ranges[axis, 1])),
                mean_of_sets=float(np.mean(sets)),
            )
        )
    return rows


def _level(low: float, high: float, share: float) -> float | None:
    return low + (high - low) * share if math.isfinite(share) else None


def target_rows(result: MatchingResult) -> list[TargetRow]:
    """A row for each target."""
    prepared = result.prepared
    rows = []
    tail = (1.0 - SHARE) / 2.0
    for index, target in enumerate(prepared.targets.target):
        low, high = target.band
        mean, from_, to = interval(result.simulated.before[index])
        means = result.set_values[:, index].mean(axis=1)
        means_known = means[np.isfinite(means)]
        ends = (
            np.quantile(means_known, [tail, 1.0 - tail]) if len(means_known) else [np.nan, np.nan]
        )
        after = float(means_known.mean()) if len(means_known) else math.nan
        rows.append(
            TargetRow(
                target=target.id,
                title=target.title,
                unit=target.unit,
                use=prepared.settings.use(target.id),
                published_low=target.ends[0],
                published_high=target.ends[1],
                allowed_low=low,
                allowed_high=_known(high),
                before=_known(mean),
                before_low=_known(from_),
                before_high=_known(to),
                after=_known(after),
                after_low=_known(float(ends[0])),
                after_high=_known(float(ends[1])),
                before_in=bool(low <= mean <= high),
                after_in=bool(low <= after <= high),
                vintage=target.vintage,
                counting_unit=target.counting_unit,
            )
        )
    return rows


def unmatched_targets(result: MatchingResult) -> list[str]:
    """The fitted targets that no more than half of the sets match."""
    is_met = fitted_implausibilities(result, result.set_values) <= result.history.cut
    targets = result.prepared.fitted
    return [target.id for target, met in zip(targets, is_met.T, strict=True) if met.mean() <= 0.5]


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
