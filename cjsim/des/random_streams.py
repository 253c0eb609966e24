"""Common random numbers by decision point, case and occurrence; and distributions of durations.

A draw depends on the decision point, the case, the occurrence, the seed, the replication and the
area, and never on the clock or on the order of events. The same case therefore has the same draws
in every scenario, and a scenario that changes nothing gives differences of exactly 0.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol
from weakref import ref

import numpy as np

from cjsim.des.engine import has_twins

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cjsim.schema.base import Duration, DurationChange

BLOCK_BITS = 12
BLOCK_SIZE = 1 << BLOCK_BITS
"""Cases share columns of draws in blocks of this many."""
_SHRINKS_AT = 4
"""A block's columns are cut down when no more than one in so many of the cases is still there."""
_HALF_STEP = np.float32(2.0**-25)
_normal_quantile = NormalDist().inv_cdf
_BITS = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_MINUTES = {"minutes": 1.0, "hours": 60.0, "days": 24.0 * 60.0}
_ROOT_2 = math.sqrt(2.0)
P90 = _normal_quantile(0.9)
"""The standard normal deviate within which nine in ten lie."""


def digest(name: str) -> int:
    """A number for a name, the same on every machine and in every run of Python."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")


@has_twins("random_streams.cpp")
class RandomStreams:
    """All the uniform draws of one replication in one area."""

    __slots__ = ("_blocks", "_key", "_points", "none_drawn", "own_key")

    def __init__(self, seed: int, replication: int, area: str) -> None:
        self._key = (seed, replication, digest(area))
        self._points: list[tuple[int, bool]] = []
        self.own_key = digest(f"{seed}:{replication}:{area}")
        self.none_drawn: list[None] = []
        self._blocks: list[ref[DrawBlock]] = []

    def named(self, point: int) -> tuple[int, bool]:
        """The number of a point's name, and whether lengths are drawn there."""
        return self._points[point]

    @property
    def points(self) -> int:
        """How many decision points there are."""
        return len(self._points)

    def point(self, name: str) -> int:
        """Register a decision point by name; the number returned names its columns."""
        return self._register(name, normal=False)

    def length_point(self, name: str) -> int:
        """Register a point where a length is drawn: its columns hold standard normal deviates."""
        return self._register(name, normal=True)

    def _register(self, name: str, *, normal: bool) -> int:
        self._points.append((digest(name), normal))
        self.none_drawn.append(None)
        return len(self._points) - 1

    def generator(self, name: str, index: int) -> np.random.Generator:
        """A generator of its own for one name and index, such as the arrivals of one month."""
        entropy = (*self._key, digest(name), index)
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(entropy)))

    def column(self, point: int, occurrence: int, block: int) -> array[float]:
        """The draws of one block of cases at a point: BLOCK_SIZE floats.

        In (0, 1), or standard normal at a length point.
        """
        name, normal = self._points[point]
        entropy = (*self._key, name, occurrence, block)
        rng = np.random.Generator(np.random.Philox(np.random.SeedSequence(entropy)))
        if normal:
            draws = rng.standard_normal(BLOCK_SIZE, dtype=np.float32)
        else:
            draws = rng.random(BLOCK_SIZE, dtype=np.float32) + _HALF_STEP
            np.minimum(draws, np.float32(1.0 - 2.0**-24), out=draws)
        return array("f", draws.tobytes())

    def draw_of_day(self, point: int, number: int, day: int) -> float:
        """A uniform draw for a case and a day, in (0, 1): the same in every order of asking."""
        name, _ = self._points[point]
        mixed = _mixed(_mixed(self.own_key + number * _GOLDEN) + name + day * _GOLDEN)
        return ((mixed >> 12) + 0.5) * 2.0**-52

    def keep(self, block: DrawBlock) -> None:
        """A block that begins; it is the cases that hold on to it, and it ends with the last."""
        self._blocks.append(ref(block))

    def forget_those_who_left(self) -> None:
        """Let go of the draws of cases that are gone. No case may join a block that is there."""
        there = [block for known in self._blocks if (block := known()) is not None]
        self._blocks = [ref(block) for block in there]
        for block in there:
            block.shrink()


class Served(Protocol):
    """A case, as a block of columns knows it: `slot` is its place in each of them."""

    slot: int


@has_twins("random_streams.cpp")
class DrawBlock:
    """The draws of a block of cases: `first` by point, `later` by point and occurrence."""

    __slots__ = (
        "__weakref__",
        "_block",
        "_cases",
        "_kept",
        "_random_streams",
        "_width",
        "first",
        "later",
    )

    mask = BLOCK_SIZE - 1
    """What of a case's number is its place in a column."""

    def __init__(self, random_streams: RandomStreams, block: int) -> None:
        self._random_streams = random_streams
        self._block = block
        self.first: list[array[float] | None] = [None] * random_streams.points
        self.later: dict[tuple[int, int], array[float]] = {}
        self._cases: list[ref[Served]] = []
        self._kept: NDArray[np.int64] | None = None
        self._width = BLOCK_SIZE
        random_streams.keep(self)

    def serve(self, case: Served) -> None:
        """A case that will draw from this block as long as there is anybody who knows of it."""
        self._cases.append(ref(case))

    def make(self, point: int, occurrence: int) -> array[float]:
        """Draw a column that nobody has asked for yet, and keep it."""
        column = self._random_streams.column(point, occurrence, self._block)
        if self._kept is not None:
            column = _some_of(column, self._kept)
        if occurrence:
            self.later[point, occurrence] = column
        else:
            self.first[point] = column
        return column

    def shrink(self) -> None:
        """Cut the columns down to the cases that are still there; how many those are.

        The last of thousands may wait for years: without this, what is held for it is most of the
        memory of a run. A draw stays what it was, only its place in the column is another.
        """
        there = [case for known in self._cases if (case := known()) is not None]
        if len(there) * _SHRINKS_AT > self._width:
            return
        slots = np.array([case.slot for case in there], dtype=np.int64)
        self.first[:] = [
            None if column is None else _some_of(column, slots) for column in self.first
        ]
        self.later = {at: _some_of(column, slots) for at, column in self.later.items()}
        self._kept = slots if self._kept is None else self._kept[slots]
        self._width = len(there)
        self._cases = [ref(case) for case in there]
        for slot, case in enumerate(there):
            case.slot = slot


def _some_of(column: array[float], slots: NDArray[np.int64]) -> array[float]:
    """The draws at some places of a column, in this order."""
    native: Callable[[NDArray[np.int64]], array[float]] | None = getattr(column, "some_of", None)
    if native is not None:
        # A column of the native engine, which works its draws out when they are asked for.
        return native(slots)
    return array("f", np.frombuffer(column, dtype=np.float32)[slots].tobytes())


@has_twins("random_streams.cpp")
class OwnDraws:
    """The draws of one case alone, which shares no block: each is worked out when it is asked for.

    SplitMix64 of the run's key, the point, the occurrence and the number of the case. Those who
    come back are few among the numbers of those who arrive, so that columns for all would be held
    for a tenth of them.
    """

    __slots__ = ("_key", "_random_streams", "first")

    mask = 0
    later: Mapping[tuple[int, int], array[float]] = MappingProxyType({})

    def __init__(self, random_streams: RandomStreams, number: int) -> None:
        self._random_streams = random_streams
        self._key = _mixed(random_streams.own_key + number * _GOLDEN)
        self.first: Sequence[array[float] | None] = random_streams.none_drawn

    def serve(self, case: Served) -> None:
        """Nobody else draws here, and nothing is held."""

    def make(self, point: int, occurrence: int) -> tuple[float]:
        """One draw, as a column of one: in (0, 1), or standard normal at a length point."""
        name, normal = self._random_streams.named(point)
        u = ((_mixed(self._key + name + occurrence * _GOLDEN) >> 12) + 0.5) * 2.0**-52
        return (_normal_quantile(u) if normal else u,)


def _mixed(number: int) -> int:
    """SplitMix64 (Steele, Lea and Flood 2014): 64 bits that look like chance."""
    number &= _BITS
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _BITS
    return number ^ (number >> 31)


@has_twins("random_streams.cpp")
class Distribution:
    """How long something takes, in minutes: a share at once, the rest by one distribution."""

    __slots__ = ("_lognormal", "at_once", "cap", "fixed", "mean", "mu", "sigma")

    def __init__(self, spec: Duration, item: Duration | DurationChange) -> None:
        unit = _MINUTES[spec.unit]
        self.at_once = spec.at_once
        self.cap = math.inf if spec.cap is None else spec.cap * unit
        self.fixed = None if item.fixed is None else item.fixed * unit
        self.mean = None if item.mean is None else item.mean * unit
        self.mu = self.sigma = 0.0
        if item.median is not None and item.p90 is not None:
            self.mu = math.log(item.median * unit)
            self.sigma = math.log(item.p90 / item.median) / P90

        # Most lengths are plain lognormals: those need no more than an exponential.
        self._lognormal = item.median is not None and not self.at_once

    def of(self, deviate: float) -> float:
        """The length in minutes at a standard normal deviate."""
        if self._lognormal:
            length = math.exp(self.mu + self.sigma * deviate)
            return length if length < self.cap else self.cap
        return self.at(0.5 * math.erfc(-deviate / _ROOT_2))

    def at(self, u: float) -> float:
        """The length in minutes that a share `u` of cases stays within."""
        if self.at_once:
            if u < self.at_once:
                return 0.0
            u = (u - self.at_once) / (1.0 - self.at_once)
            if u <= 0.0:
                return 0.0
        if self.fixed is not None:
            return min(self.fixed, self.cap)
        if self.mean is not None:
            length = -self.mean * math.log1p(-u)
        else:
            length = math.exp(self.mu + self.sigma * _normal_quantile(u))
        return length if length < self.cap else self.cap

    def within(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """The share of cases that it takes no longer than so many minutes: any shape, 0 to 1."""
        from scipy.special import ndtr

        if self.fixed is not None:
            inner = (minutes >= self.fixed).astype(np.float64)
        elif self.mean is not None:
            inner = -np.expm1(-minutes / self.mean)
        else:
            length = np.maximum(minutes, 1e-9)
            inner = ndtr((np.log(length) - self.mu) / self.sigma)
        found: NDArray[np.float64] = self.at_once + (1.0 - self.at_once) * inner
        return np.where(minutes >= self.cap, 1.0, found)

    def quantile(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same as `at` for many shares at once: floats in (0, 1), any shape, to minutes."""
        from scipy.special import ndtri

        if self.at_once >= 1.0:
            return np.zeros_like(u)
        inner = np.clip((u - self.at_once) / (1.0 - self.at_once), 0.0, 1.0)
        if self.fixed is not None:
            lengths = np.full_like(inner, self.fixed)
        elif self.mean is not None:
            lengths = -self.mean * np.log1p(-inner)
        else:
            lengths = np.exp(self.mu + self.sigma * ndtri(inner))
        return np.where(u < self.at_once, 0.0, np.minimum(lengths, self.cap))
