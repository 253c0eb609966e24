"""History matching: waves of points rule out what cannot be, and keep all that can.

A point is implausible when some target lies further from what the emulator expects there than what
is published, what the emulator does not know, what the model leaves out and chance can account for
together. Nothing is said to be best: what is not ruled out is plausible, all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from cjsim.calibration.history_matching.config import Discrepancy
from cjsim.calibration.history_matching.emulator import Emulator, fit_emulator
from cjsim.calibration.targets import Target

Numbers = npt.NDArray[np.float64]

DEVIATIONS_IN_A_TOLERANCE: Final = 3.0
"""A tolerance is so many standard deviations wide, so that the cut of 3 falls on its edge."""

ROUNDS: Final = 40
"""Rounds of looking for more points near those that are left, when the sample holds too few."""


@dataclass(frozen=True)
class Goal:
    """What a target asks of a point: to lie between `low` and `high`, give or take.

    `variance` is that of what is published and of what the model leaves out, in the target's unit
    squared.
    """

    id: str
    low: float
    high: float
    variance: float

    def distance(self, values: Numbers) -> Numbers:
        """How far values lie outside, signed; 0 inside; NaN stays NaN."""
        below, above = np.minimum(values - self.low, 0.0), np.maximum(values - self.high, 0.0)
        return np.asarray(below + above, dtype=np.float64)

    def implausibility(self, values: Numbers, variance: Numbers | float) -> Numbers:
        """Distance in standard deviations, never negative; infinite where there is no value."""
        deviation = np.sqrt(self.variance + variance)
        distance = np.abs(self.distance(values))
        found = np.divide(
            distance, deviation, out=np.where(distance > 0, np.inf, 0.0), where=deviation > 0
        )
        return np.where(np.isnan(values), np.inf, found)


def goal_of(target: Target, part: float, discrepancy: Discrepancy) -> Goal:
    """What is asked of a target when only a part of its tolerance is aimed at."""
    low, high = target.ends
    if target.tolerance.at_least:
        high, allowed = np.inf, 0.0
    else:
        inner, outer = target.part_of_band(part)
        allowed = max(low - inner, outer - high) / DEVIATIONS_IN_A_TOLERANCE
    share = discrepancy.targets.get(target.id, discrepancy.default)
    left_out = share * max(abs(end) for end in target.ends)
    return Goal(target.id, low, high, allowed**2 + left_out**2)


@dataclass(frozen=True)
class Wave:
    """The emulators of one wave, one for each goal, and how a point is judged by them."""

    goals: tuple[Goal, ...]
    emulators: tuple[Emulator, ...]
    cut: float
    maximum: int

    def implausibilities(self, points: Numbers) -> Numbers:
        """Shape (points, goals)."""
        columns = []
        for goal, emulator in zip(self.goals, self.emulators, strict=True):
            mean, variance = emulator.predict(points)
            # With common random numbers all points share their luck: it does not average out.
            columns.append(goal.implausibility(mean, variance + emulator.noise))
        return np.stack(columns, axis=1)

    def leaves(self, points: Numbers) -> npt.NDArray[np.bool_]:
        """Which points are not ruled out."""
        return nth_largest(self.implausibilities(points), self.maximum) <= self.cut


def nth_largest(found: Numbers, place: int) -> Numbers:
    """The largest (1), second (2) or third largest (3) of each row."""
    place = min(place, found.shape[1])
    return np.asarray(np.sort(found, axis=1)[:, -place], dtype=np.float64)


@dataclass
class History:
    """All that has been simulated, and what is left of the space after each wave."""

    goals: tuple[Goal, ...]
    axes: int
    seed: int
    cut: float = 3.0
    maximum: int = 1
    sample: int = 2**14
    points: Numbers = field(default_factory=lambda: np.empty((0, 0)))
    values: Numbers = field(default_factory=lambda: np.empty((0, 0, 0)))
    waves: list[Wave] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    surprises: list[float] = field(default_factory=list)
    left: Numbers = field(default_factory=lambda: np.empty((0, 0)))

    def first_points(self, count: int) -> Numbers:
        """The points of the first wave: a scrambled Sobol' sequence over the whole space."""
        return _sobol(self.axes, count, [self.seed, 1])

    def add(self, points: Numbers, values: Numbers) -> None:
        """A wave's points, shape (n, axes), with their values, shape (n, goals, replications).

        Emulators are fitted to all points so far, and the space is looked at again.
        """
        if self.waves:
            self.surprises.append(self._expected(points, values))
            points = np.concatenate([self.points, points])
            values = np.concatenate([self.values, values])
        self.points, self.values = points, values
        emulators = tuple(
            fit_emulator(points, values[:, place]) for place in range(len(self.goals))
        )
        self.waves.append(Wave(self.goals, emulators, self.cut, self.maximum))
        whole = self.whole(self.sample)
        self.left = whole[self.leaves(whole)]
        self.shares.append(len(self.left) / len(whole))

    def whole(self, count: int) -> Numbers:
        """So many points over the whole space, always the same."""
        return _sobol(self.axes, count, [self.seed, 0])

    def leaves(self, points: Numbers) -> npt.NDArray[np.bool_]:
        """Which points no wave has ruled out."""
        standing = np.ones(len(points), dtype=bool)
        for wave in self.waves:
            standing[standing] = wave.leaves(points[standing])
        return standing

    def next_points(self, count: int) -> Numbers:
        """Points spread over what is left; fewer than asked for only when there is next to none."""
        return spread_out(self.candidates(4 * count), count)

    def candidates(self, count: int) -> Numbers:
        """At least so many points that are not ruled out, if they can be found.

        When the sample holds too few, more are looked for in steps from those that it holds: as
        long as they lie apart.
        """
        found = self.left
        if not len(found):
            return found
        random_streams = np.random.default_rng([self.seed, 2, len(self.waves)])
        for _ in range(ROUNDS):
            if len(found) >= count:
                break
            spread = np.maximum(found.std(axis=0), 0.02)
            start = found[random_streams.integers(len(found), size=4 * count)]
            near = start + random_streams.normal(size=start.shape) * spread * random_streams.choice(
                [0.3, 1.0]
            )
            near = near[((near >= 0) & (near <= 1)).all(axis=1)]
            if len(near):
                found = np.concatenate([found, near[self.leaves(near)]])
        return found

    def _expected(self, points: Numbers, values: Numbers) -> float:
        """The share of a new wave's values within two deviations of what was expected of them."""
        inside = []
        for place, emulator in enumerate(self.waves[-1].emulators):
            mean, variance = emulator.predict(points)
            seen = values[:, place].mean(axis=1)
            there = np.isfinite(seen)
            width = 2.0 * np.sqrt(variance + emulator.noise) + 1e-12
            inside.append((np.abs(seen - mean) <= width)[there])
        return float(np.concatenate(inside).mean())

    def weights(self, points: Numbers) -> Numbers:
        """How near points come to the goals, by the last emulators; they add up to 1."""
        found = self.waves[-1].implausibilities(points)
        nearness = -0.5 * (found**2).sum(axis=1)
        weights = np.exp(nearness - nearness.max(initial=-np.inf))
        return np.asarray(weights / weights.sum(), dtype=np.float64)

    def ranges(self, share: float = 0.9) -> Numbers:
        """For each axis the range that holds so much of what is left; shape (axes, 2).

        Points are weighed by how near they come to the goals. NaN when nothing is left.
        """
        points = self.candidates(2000)
        if not len(points):
            return np.full((self.axes, 2), np.nan)
        weights = self.weights(points)
        tail = (1.0 - share) / 2.0
        return np.array(
            [
                weighted_quantiles(points[:, axis], weights, (tail, 1.0 - tail))
                for axis in range(self.axes)
            ]
        )


def weighted_quantiles(values: Numbers, weights: Numbers, at: Sequence[float]) -> list[float]:
    """Quantiles of values that have weights which add up to 1."""
    order = np.argsort(values, kind="stable")
    shares = np.cumsum(weights[order]) - 0.5 * weights[order]
    return [float(np.interp(share, shares, values[order])) for share in at]


def spread_out(points: Numbers, count: int) -> Numbers:
    """So many of the points, as far apart as greed can get them: each the furthest from those kept.

    The first is the one nearest to their centre.
    """
    if len(points) <= count:
        return points
    kept = [int(np.argmin(((points - points.mean(axis=0)) ** 2).sum(axis=1)))]
    nearest = ((points - points[kept[0]]) ** 2).sum(axis=1)
    while len(kept) < count:
        kept.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, ((points - points[kept[-1]]) ** 2).sum(axis=1))
    return np.asarray(points[np.array(kept)], dtype=np.float64)


def _sobol(axes: int, count: int, seed: Sequence[int]) -> Numbers:
    from scipy.stats import qmc  # takes over a second to import

    random_streams = np.random.default_rng(list(seed))
    power = int(np.ceil(np.log2(max(count, 2))))
    points = qmc.Sobol(axes, scramble=True, rng=random_streams).random_base2(power)
    return np.asarray(points[:count], dtype=np.float64)
