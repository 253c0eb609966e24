"""What a calibration came to: plausible sets, the range of each number, targets before and after.

Nothing here decides anything: it is told of what the search has found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cjsim.calibration.history_matching.config import Prepared, levels_of
from cjsim.calibration.history_matching.history import Goal, History
from cjsim.calibration.validate import interval

Numbers = npt.NDArray[np.float64]

SHARE: Final = 0.9
"""How much of the plausible sets a range holds, and of what they simulate."""


@dataclass(frozen=True)
class Simulated:
    """Simulated points by wave: where they lie in the unit cube, and every target's values.

    `points` has the shape (n, axes), `values` (n, targets, replications); targets stand in the
    order of their file. `before` is the model as it is, shape (targets, replications).
    """

    waves: tuple[int, ...]
    points: Numbers
    values: Numbers
    before: Numbers


@dataclass(frozen=True)
class Matched:
    """What a calibration came to.

    `sets` are the plausible sets (n, axes) in the unit cube with `set_values`, simulated again, and
    what their own simulation makes of them. When none is plausible at all, they are those that came
    nearest. `tried` is how many were simulated to find them.
    """

    prepared: Prepared
    history: History
    simulated: Simulated
    sets: Numbers
    set_values: Numbers
    set_implausibility: Numbers
    tried: int

    @property
    def plausible(self) -> npt.NDArray[np.bool_]:
        """Which of the sets are not ruled out by their own simulation."""
        return np.asarray(self.set_implausibility <= self.history.cut)


def fitted_places(prepared: Prepared) -> list[int]:
    """Where the fitted targets stand among all."""
    fitted = {target.id for target in prepared.fitted}
    return [place for place, one in enumerate(prepared.targets.target) if one.id in fitted]


def implausibilities(goals: Sequence[Goal], values: Numbers) -> Numbers:
    """How implausible simulated values are, (n, goals): by their own mean and its own chance.

    `values` has the shape (n, goals, replications).
    """
    means = values.mean(axis=2)
    chance = values.var(axis=2, ddof=1) / values.shape[2]
    columns = []
    for place, goal in enumerate(goals):
        there = chance[np.isfinite(chance[:, place]), place]
        columns.append(
            goal.implausibility(means[:, place], float(there.mean()) if len(there) else 0.0)
        )
    return np.stack(columns, axis=1)


def judged(matched: Matched, values: Numbers) -> Numbers:
    """The same for values of all targets, of which only the fitted ones count."""
    return implausibilities(matched.history.goals, values[:, fitted_places(matched.prepared)])


def parameter_rows(matched: Matched) -> list[dict[str, Any]]:
    """Each free number: its level now, its bounds, and what is left of them."""
    history, levers = matched.history, matched.prepared.levers
    ranges = history.ranges(SHARE)
    left = history.candidates(2000)
    rows = []
    for axis, lever in enumerate(levers):
        part = lever.parts[0]
        inside = left[:, axis] if len(left) else np.array([np.nan])
        low, high = float(inside.min()), float(inside.max())
        sets = [levels_of(levers, point)[lever.heading] for point in matched.sets.tolist()]
        rows.append(
            {
                "parameter": lever.path,
                "is_factor": part.scales,
                "as_it_is": part.level,
                "low": part.low,
                "high": part.high,
                "left_low": _level(part.low, part.high, low),
                "left_high": _level(part.low, part.high, high),
                "likely_low": _level(part.low, part.high, float(ranges[axis, 0])),
                "likely_high": _level(part.low, part.high, float(ranges[axis, 1])),
                "mean_of_sets": float(np.mean(sets)),
            }
        )
    return rows


def _level(low: float, high: float, share: float) -> float | None:
    return low + (high - low) * share if math.isfinite(share) else None


def target_rows(matched: Matched) -> list[dict[str, Any]]:
    """Each target: what is published, the model as it is, and the sets, with 90 % of them."""
    prepared = matched.prepared
    rows = []
    tail = (1.0 - SHARE) / 2.0
    for place, target in enumerate(prepared.targets.target):
        low, high = target.band
        mean, from_, to = interval(matched.simulated.before[place])
        means = matched.set_values[:, place].mean(axis=1)
        there = means[np.isfinite(means)]
        ends = np.quantile(there, [tail, 1.0 - tail]) if len(there) else [np.nan, np.nan]
        after = float(there.mean()) if len(there) else math.nan
        rows.append(
            {
                "target": target.id,
                "title": target.title,
                "unit": target.unit,
                "use": "held out" if target.id in prepared.asked.held_out else "fit",
                "published_low": target.ends[0],
                "published_high": target.ends[1],
                "allowed_low": low,
                "allowed_high": _known(high),
                "before": _known(mean),
                "before_low": _known(from_),
                "before_high": _known(to),
                "after": _known(after),
                "after_low": _known(float(ends[0])),
                "after_high": _known(float(ends[1])),
                "before_in": bool(low <= mean <= high),
                "after_in": bool(low <= after <= high),
                "vintage": target.vintage,
                "counting_unit": target.counting_unit,
            }
        )
    return rows


def unmatched(matched: Matched) -> list[str]:
    """The fitted targets that no more than half of the sets come near enough to."""
    found = judged(matched, matched.set_values) <= matched.history.cut
    targets = matched.prepared.fitted
    return [target.id for target, met in zip(targets, found.T, strict=True) if met.mean() <= 0.5]


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
