"""Linear surrogates of effects over levers from 0 to 1, and settings that reach several effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinearSurrogate:
    """An effect: its `level` with all levers at 0, and its `slopes` over the range of each lever.

    `spread` is the standard deviation of the residuals, in the unit of the effect.
    """

    level: float
    slopes: Numbers
    spread: float


def fit_surrogate(design: Numbers, effect: Numbers) -> LinearSurrogate:
    """The least-squares fit: `design` has the shape (points, levers), `effect` (points).

    With too few points the fit with the smallest slopes.
    """
    columns = np.column_stack([np.ones(len(design)), design])
    coefficients, *_ = np.linalg.lstsq(columns, effect, rcond=None)
    residuals = effect - columns @ coefficients
    degrees = max(len(effect) - columns.shape[1], 1)
    slopes = np.asarray(coefficients[1:], dtype=np.float64)
    return LinearSurrogate(
        float(coefficients[0]), slopes, float(np.sqrt(np.sum(residuals**2) / degrees))
    )


def share_in_reach(claimed: Sequence[tuple[LinearSurrogate, float]]) -> tuple[float, list[float]]:
    """The largest share of all claimed sizes that some settings reach together, and the settings.

    Each surrogate comes with its claimed size, signed. At 1 or more all effects are reached.
    """
    levers = len(claimed[0][0].slopes)
    # Variables: the levers, and the share t; t maximised with sign * effect >= t * size.
    objective = np.zeros(levers + 1)
    objective[-1] = -1.0
    rows = [np.append(-np.sign(size) * surrogate.slopes, abs(size)) for surrogate, size in claimed]
    rest = [np.sign(size) * surrogate.level for surrogate, size in claimed]
    bounds = [(0.0, 1.0)] * levers + [(None, None)]
    solution = _solved(objective, np.array(rows), np.array(rest), bounds)
    return float(solution[-1]), [float(setting) for setting in solution[:-1]]


def nearest_settings(
    claimed: Sequence[tuple[LinearSurrogate, float]], declared: Sequence[float]
) -> list[float]:
    """The settings that reach all claims at the least sum of distances from the declared ones.

    The claims must be in reach.
    """
    levers = len(declared)
    still = np.zeros(levers)
    # Variables: the levers, and the distance each is moved.
    rows = [np.append(-np.sign(size) * surrogate.slopes, still) for surrogate, size in claimed]
    rest = [float(np.sign(size) * surrogate.level - abs(size)) for surrogate, size in claimed]
    for lever in range(levers):
        for way in (1.0, -1.0):
            row = np.zeros(2 * levers)
            row[lever], row[levers + lever] = way, -1.0
            rows.append(row)
            rest.append(way * declared[lever])
    objective = np.append(still, np.ones(levers))
    bounds = [(0.0, 1.0)] * (2 * levers)
    solution = _solved(objective, np.array(rows), np.array(rest), bounds)
    return [float(setting) for setting in solution[:levers]]


def _solved(
    objective: Numbers,
    rows: Numbers,
    rest: Numbers,
    bounds: Sequence[tuple[float | None, float | None]],
) -> Numbers:
    from scipy.optimize import linprog

    result = linprog(objective, A_ub=rows, b_ub=rest, bounds=bounds, method="highs")
    solution: Numbers = result.x
    return solution
