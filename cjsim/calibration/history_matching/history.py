"""History matching: waves of points rule out implausible parts of the parameter space.

A point is implausible when a target is further from the emulator's prediction than tolerance,
emulator variance, model discrepancy and Monte Carlo error explain together. There is no best point:
all points that are not ruled out are plausible.
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
"""The standard deviations in a tolerance: the default cut of 3 is its edge."""

ROUNDS: Final = 40
"""The most rounds of a search for more points near those that are left."""


@dataclass(frozen=True)
class Goal:
    """The interval that a fitted target gives for a simulated value.

    `variance` is that of the published figure and of model discrepancy, in the squared unit of the
    target.
    """

    id: str
    low: float
    high: float
    variance: float

    def distance(self, values: Numbers) -> Numbers:
        """The signed distance of values outside the interval; 0 inside; NaN stays NaN."""
        below, above = np.minimum(values - self.low, 0.0), np.maximum(values - self.high, 0.0)
        return np.asarray(below + above, dtype=np.float64)

    def implausibility(self, values: Numbers, variance: Numbers | float) -> Numbers:
        """The distance in standard deviations; infinite without a value."""
        deviation = np.sqrt(self.variance + variance)
        distance = np.abs(self.distance(values))
        deviations = np.divide(
            distance, deviation, out=np.where(distance > 0, np.inf, 0.0), where=deviation > 0
        )
        return np.where(np.isnan(values), np.inf, deviations)


def goal_for(target: Target, part: float, discrepancy: Discrepancy) -> Goal:
    """The goal of a target with a part of its tolerance."""
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
    """The emulators of a wave, one for each goal, and its rule for implausible points."""

    goals: tuple[Goal, ...]
    emulators: tuple[Emulator, ...]
    cut: float
    maximum: int

    def implausibilities(self, points: Numbers) -> Numbers:
        """Shape (points, goals)."""
        columns = []
        for goal, emulator in zip(self.goals, self.emulators, strict=True):
            mean, variance = emulator.predict(points)
            # With common random numbers all points share the noise: it does not average out.
            columns.append(goal.implausibility(mean, variance + emulator.noise))
        return np.stack(columns, axis=1)

    def leaves(self, points: Numbers) -> npt.NDArray[np.bool_]:
        """Whether each point is not ruled out."""
        return nth_largest(self.implausibilities(points), self.maximum) <= self.cut


def nth_largest(values: Numbers, rank: int) -> Numbers:
    """The largest (1), second (2) or third largest (3) of each row."""
    rank = min(rank, values.shape[1])
    return np.asarray(np.sort(values, axis=1)[:, -rank], dtype=np.float64)


@dataclass
class History:
    """All simulated points, and the space left after each wave."""

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
    shares_as_expected: list[float] = field(default_factory=list)
    left: Numbers = field(default_factory=lambda: np.empty((0, 0)))

    def first_points(self, count: int) -> Numbers:
        """The points of the first wave: a scrambled Sobol' sequence over the whole space."""
        return _sobol(self.axes, count, [self.seed, 1])

    def add(self, points: Numbers, values: Numbers) -> None:
        """A wave's points, shape (n, axes), with their values, shape (n, goals, replications).

        Emulators are fitted to all points so far, and the space left is estimated again.
        """
        if self.waves:
            self.shares_as_expected.append(self._expected(points, values))
            points = np.concatenate([self.points, points])
            values = np.concatenate([self.values, values])
        self.points, self.values = points, values
        emulators = tuple(
            fit_emulator(points, values[:, index]) for index in range(len(self.goals))
        )
        self.waves.append(Wave(self.goals, emulators, self.cut, self.maximum))
        sample = self.whole(self.sample)
        self.left = sample[self.leaves(sample)]
        self.shares.append(len(self.left) / len(sample))

    def whole(self, count: int) -> Numbers:
        """A fixed sample of points over the whole space."""
        return _sobol(self.axes, count, [self.seed, 0])

    def leaves(self, points: Numbers) -> npt.NDArray[np.bool_]:
        """Whether no wave has ruled out each point."""
        standing = np.ones(len(points), dtype=bool)
        for wave in self.waves:
            standing[standing] = wave.leaves(points[standing])
        return standing

    def next_points(self, count: int) -> Numbers:
        """Points spread over the space left; fewer than `count` only if hardly any is left."""
        return spread_out(self.candidates(4 * count), count)

    def candidates(self, count: int) -> Numbers:
        """At least `count` points that are not ruled out, if the search finds them.

        If the sample has too few, a random walk from its points adds more.
        """
        candidates = self.left
        if not len(candidates):
            return candidates
        generator = np.random.default_rng([self.seed, 2, len(self.waves)])
        for _ in range(ROUNDS):
            if len(candidates) >= count:
                break
            spread = np.maximum(candidates.std(axis=0), 0.02)
            start = candidates[generator.integers(len(candidates), size=4 * count)]
            near = start + generator.normal(size=start.shape) * spread * generator.choice(
                [0.3, 1.0]
            )
            near = near[((near >= 0) & (near <= 1)).all(axis=1)]
            if len(near):
                candidates = np.concatenate([candidates, near[self.leaves(near)]])
        return candidates

    def _expected(self, points: Numbers, values: Numbers) -> float:
        """The share of a new wave's values within two deviations of their prediction."""
        inside = []
        for index, emulator in enumerate(self.waves[-1].emulators):
            mean, variance = emulator.predict(points)
            seen = values[:, index].mean(axis=1)
            has_value = np.isfinite(seen)
            width = 2.0 * np.sqrt(variance + emulator.noise) + 1e-12
            inside.append((np.abs(seen - mean) <= width)[has_value])
        return float(np.concatenate(inside).mean())

    def weights(self, points: Numbers) -> Numbers:
        """Weights of points by closeness to the goals, by the last emulators; the sum is 1."""
        implausibilities = self.waves[-1].implausibilities(points)
        nearness = -0.5 * (implausibilities**2).sum(axis=1)
        weights = np.exp(nearness - nearness.max(initial=-np.inf))
        return np.asarray(weights / weights.sum(), dtype=np.float64)

    def ranges(self, share: float = 0.9) -> Numbers:
        """For each axis the range with this share of the space left; shape (axes, 2).

        Points are weighted by closeness to the goals. NaN if no space is left.
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
    """Quantiles of weighted values; the weights add up to 1."""
    order = np.argsort(values, kind="stable")
    shares = np.cumsum(weights[order]) - 0.5 * weights[order]
    return [float(np.interp(share, shares, values[order])) for share in at]


def spread_out(points: Numbers, count: int) -> Numbers:
    """A greedy maximin subset: each point is the furthest from those chosen before.

    The first is the point nearest to the centre.
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

    generator = np.random.default_rng(list(seed))
    power = int(np.ceil(np.log2(max(count, 2))))
    points = qmc.Sobol(axes, scramble=True, rng=generator).random_base2(power)
    return np.asarray(points[:count], dtype=np.float64)
