"""How often intervals hold the truth: shapes of differences, and the table that the guide shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from cjsim.measures.intervals import paired_intervals

Numbers = npt.NDArray[np.float64]
RandomStreams = np.random.Generator
Draw = Callable[[RandomStreams, tuple[int, int]], Numbers]

COUNTS = (4, 8, 20)
EXPERIMENTS = 2_000
SEED = 20130406


@dataclass(frozen=True)
class Shape:
    """A distribution of paired differences whose mean and standard deviation are known."""

    name: str
    mean: float
    deviation: float
    draw: Draw


@dataclass(frozen=True)
class Cell:
    """What came of a class of measures with so many replications.

    `students` and `held` are shares of the experiments in which the interval held the truth, of
    Student's alone and of ours where it was given; `unknown` the share without one; `lowest` the
    least `held` of any shape. Widths are half-widths in standard errors of the mean.
    """

    kind: str
    count: int
    students: float
    students_width: float
    held: float
    lowest: float
    unknown: float
    width: float


def _sometimes(name: str, share: float, mean: float, square: float, draw: Draw) -> Shape:
    """Nothing, but in a share of replications something with this mean and mean square."""

    def drawn(random_streams: RandomStreams, shape: tuple[int, int]) -> Numbers:
        return np.where(random_streams.random(shape) < share, draw(random_streams, shape), 0.0)

    middle = share * mean
    return Shape(f"{name} in {share:.0%}", middle, math.sqrt(share * square - middle**2), drawn)


def _picked(name: str, values: dict[float, float]) -> Shape:
    """Few values, each with its probability."""
    mean = sum(value * p for value, p in values.items())
    square = sum(value**2 * p for value, p in values.items())

    def drawn(random_streams: RandomStreams, shape: tuple[int, int]) -> Numbers:
        return random_streams.choice(
            np.array([*values]), size=shape, p=np.array([*values.values()])
        )

    return Shape(name, mean, math.sqrt(square - mean**2), drawn)


def _counts(before: float, after: float) -> Shape:
    def drawn(random_streams: RandomStreams, shape: tuple[int, int]) -> Numbers:
        return random_streams.poisson(after, shape) - random_streams.poisson(before, shape).astype(
            np.float64
        )

    name = f"counts of {after:g} against {before:g}"
    return Shape(name, after - before, math.sqrt(before + after), drawn)


def _waits(random_streams: RandomStreams, shape: tuple[int, int]) -> Numbers:
    """Means of forty skewed waits on either side, as a replication's mean wait is."""
    waits = random_streams.lognormal(0, 1, (2, 40, *shape)).mean(axis=1)
    return np.asarray(waits[0] - waits[1], dtype=np.float64)


def _lognormal(share: float, sigma: float) -> Shape:
    return _sometimes(
        f"lognormal ({sigma:g})",
        share,
        math.exp(sigma**2 / 2),
        math.exp(2 * sigma**2),
        lambda random_streams, shape: random_streams.lognormal(0, sigma, shape),
    )


def _exponential(share: float) -> Shape:
    return _sometimes(
        "exponential",
        share,
        1.0,
        2.0,
        lambda random_streams, shape: random_streams.exponential(1, shape),
    )


def _normal(share: float, mean: float, deviation: float) -> Shape:
    return _sometimes(
        f"normal ({mean:g}, {deviation:g})",
        share,
        mean,
        mean**2 + deviation**2,
        lambda random_streams, shape: random_streams.normal(mean, deviation, shape),
    )


def _constant(share: float, size: float) -> Shape:
    return _sometimes(
        f"always {size:g}", share, size, size**2, lambda _, shape: np.full(shape, size)
    )


CLASSES: dict[str, tuple[Shape, ...]] = {
    "smooth": (
        Shape(
            "normal", 1.5, 3.0, lambda random_streams, shape: random_streams.normal(1.5, 3, shape)
        ),
        Shape("means of waits", 0.0, math.sqrt(2 * (math.e - 1) * math.e / 40), _waits),
        _counts(30.0, 31.5),
    ),
    "lumpy": (
        _normal(0.5, 2.0, 1.0),
        _normal(0.4, 0.5, 2.0),
        _exponential(0.4),
        _lognormal(0.4, 1.0),
        _counts(0.6, 1.0),
        _picked("a median that moves in 40%", {-1.0: 0.4, 0.0: 0.6}),
        _picked("a median that moves in 90%", {-1.0: 0.9, 0.0: 0.1}),
        _picked("a median of half days", {-1.0: 0.1, -0.5: 0.35, 0.0: 0.5, 0.5: 0.05}),
        _picked("the same in 80%", {0.0: 0.1, -1.0: 0.8, -2.0: 0.1}),
        _picked("the same in 90%", {0.0: 0.05, -1.0: 0.9, -3.0: 0.05}),
    ),
    "rare": (
        *(_constant(share, 1.0) for share in (0.02, 0.05, 0.1)),
        *(_normal(share, 0.3, 1.0) for share in (0.05, 0.1)),
        *(_exponential(share) for share in (0.05, 0.1, 0.15)),
        *(_lognormal(share, 1.0) for share in (0.05, 0.1, 0.15)),
        _lognormal(0.1, 1.5),
        _constant(0.05, 60.0),
    ),
}
"""Smooth: every pair differs, by many amounts. Lumpy: many are alike. Rare: most do not differ."""


def students(before: Numbers, after: Numbers) -> tuple[Numbers, Numbers]:
    """Student's interval, whatever the differences are like; of no width where all are the same."""
    difference = after - before
    count = difference.shape[1]
    half = stats.t.ppf(0.975, count - 1) * difference.std(axis=1, ddof=1) / math.sqrt(count)
    middle = difference.mean(axis=1)
    return middle - half, middle + half


def holds(low: Numbers, high: Numbers, truth: Numbers | float) -> npt.NDArray[np.bool_]:
    """Which intervals hold the truth, but for the rounding of its last digits."""
    return (low <= truth + 1e-9) & (truth - 1e-9 <= high)


def cells() -> Iterator[Cell]:
    """The table: each class of measures with each number of replications, over its shapes."""
    for kind, shapes in CLASSES.items():
        for count in COUNTS:
            random_streams = np.random.default_rng(SEED)
            rows = np.array([_of_shape(shape, count, random_streams) for shape in shapes])
            of_students, width_of_students, held, unknown, width = rows.mean(axis=0)
            yield Cell(
                kind, count, of_students, width_of_students, held, rows[:, 2].min(), unknown, width
            )


def _of_shape(
    shape: Shape, count: int, random_streams: RandomStreams
) -> tuple[float, float, float, float, float]:
    before = random_streams.normal(50, 10, (EXPERIMENTS, count))
    after = before + shape.draw(random_streams, (EXPERIMENTS, count))
    error = shape.deviation / math.sqrt(count)
    old_low, old_high = students(before, after)
    low, high = paired_intervals(before, after)
    given = np.isfinite(low)
    return (
        float(holds(old_low, old_high, shape.mean).mean()),
        float((old_high - old_low).mean()) / 2 / error,
        float(holds(low, high, shape.mean)[given].mean()),
        float(1 - given.mean()),
        float((high - low)[given].mean()) / 2 / error,
    )


HEADINGS = (
    "measures",
    "replications",
    "Student's only",
    "its width",
    "coverage",
    "lowest shape",
    "no interval",
    "width",
)


def table() -> list[tuple[str, ...]]:
    """The cells in words, as the guide has them."""
    return [
        (
            cell.kind,
            str(cell.count),
            f"{cell.students:.1%}",
            f"{cell.students_width:.1f}",
            f"{cell.held:.1%}",
            f"{cell.lowest:.1%}",
            f"{cell.unknown:.0%}",
            f"{cell.width:.1f}",
        )
        for cell in cells()
    ]


if __name__ == "__main__":
    for line in (HEADINGS, ("---",) * len(HEADINGS), *table()):
        print(f"| {' | '.join(line)} |")
