"""Effects as planes over levers that go from 0 to 1, and the settings where several are reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """An effect: `level` with all levers at 0, and the `slopes` of each over its whole range.

    `spread` is the standard deviation of what the plane leaves unexplained, in the effect's unit.
    """

    level: float
    slopes: Numbers
    spread: float


def fitted_plane(design: Numbers, effect: Numbers) -> Plane:
    """The plane through points by least squares: `design` is (points, levers), `effect` (points).

    With fewer points than it takes, the smallest slopes that fit.
    """
    whole = np.column_stack([np.ones(len(design)), design])
    found, *_ = np.linalg.lstsq(whole, effect, rcond=None)
    left = effect - whole @ found
    degrees = max(len(effect) - whole.shape[1], 1)
    slopes = np.asarray(found[1:], dtype=np.float64)
    return Plane(float(found[0]), slopes, float(np.sqrt(np.sum(left**2) / degrees)))


def share_in_reach(claimed: Sequence[tuple[Plane, float]]) -> tuple[float, list[float]]:
    """The largest share of all claimed effects that some settings reach together; the settings.

    Each effect comes with its claimed size, signed. 1 or more: all of them are reached.
    """
    levers = len(claimed[0][0].slopes)
    # Variables: the levers, and the share t; t as large as can be with sign * effect >= t * size.
    objective = np.zeros(levers + 1)
    objective[-1] = -1.0
    rows = [np.append(-np.sign(size) * plane.slopes, abs(size)) for plane, size in claimed]
    rest = [np.sign(size) * plane.level for plane, size in claimed]
    bounds = [(0.0, 1.0)] * levers + [(None, None)]
    found = _solved(objective, np.array(rows), np.array(rest), bounds)
    return float(found[-1]), [float(one) for one in found[:-1]]


def nearest_settings(
    claimed: Sequence[tuple[Plane, float]], declared: Sequence[float]
) -> list[float]:
    """The settings that reach all claims and lie nearest, in sum, to those that are declared.

    The claims must be in reach.
    """
    levers = len(declared)
    still = np.zeros(levers)
    # Variables: the levers, and how far each is moved either way.
    rows = [np.append(-np.sign(size) * plane.slopes, still) for plane, size in claimed]
    rest = [float(np.sign(size) * plane.level - abs(size)) for plane, size in claimed]
    for lever in range(levers):
        for way in (1.0, -1.0):
            row = np.zeros(2 * levers)
            row[lever], row[levers + lever] = way, -1.0
            rows.append(row)
            rest.append(way * declared[lever])
    objective = np.append(still, np.ones(levers))
    bounds = [(0.0, 1.0)] * (2 * levers)
    found = _solved(objective, np.array(rows), np.array(rest), bounds)
    return [float(one) for one in found[:levers]]


def _solved(objective: Numbers, rows: Numbers, rest: Numbers, bounds: Sequence[Any]) -> Numbers:
    from scipy.optimize import linprog

    found = linprog(objective, A_ub=rows, b_ub=rest, bounds=bounds, method="highs")
    solution: Numbers = found.x
    return solution
