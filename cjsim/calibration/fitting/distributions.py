"""The laws that lengths of time are fitted with: lognormal, gamma, Weibull, two lognormals mixed.

A law is a share of cases dealt with at once and a family of distributions for the rest. Each family
counts its free numbers on a scale where every number is allowed, so that any optimiser may search.
Times are floats in the unit of the fit, arrays of any shape; nothing here draws random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FamilyName = Literal["lognormal", "gamma", "weibull", "two_lognormals"]
FAMILY_NAMES: Final[tuple[FamilyName, ...]] = get_args(FamilyName)

_TINY: Final = 1e-300
NARROWEST: Final = 0.1
"""The least spread, about the standard deviation of the logarithm, of a law fitted to cases.

A mixture's likelihood has no bound: a part that closes in on a few equal lengths beats any other
law and says nothing but these lengths (Day 1969; Hathaway 1985 bounds the spread from below, as is
done here). 0.1 is what rounding to whole days does to a length of some five days.
"""
_FURTHEST: Final = 25.0
"""Free numbers are held within this of 0: exp(25) days is longer than history."""


@dataclass(frozen=True)
class Family:
    """One family: its parameters' names, and what is known of it in closed form.

    `cdf`, `limited` (the mean of the lesser of the time and t) and `density` take parameters and
    times; `named` turns free numbers into parameters; `starts` gives free numbers to search from,
    for a rough median and spread. `widths` says which free numbers stand for a spread: its place,
    and by what the number is multiplied to give the logarithm of the spread.
    """

    name: FamilyName
    parameters: tuple[str, ...]
    named: Callable[[Array], tuple[float, ...]]
    starts: Callable[[float, float], list[tuple[float, ...]]]
    cdf: Callable[[tuple[float, ...], Array], Array]
    density: Callable[[tuple[float, ...], Array], Array]
    mean: Callable[[tuple[float, ...]], float]
    limited: Callable[[tuple[float, ...], Array], Array]
    widths: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Distribution:
    """A share at once, and a family with its parameters for the rest."""

    family: Family
    parameters: tuple[float, ...]
    at_once: float = 0.0

    @property
    def mean(self) -> float:
        """The mean over all cases, those at once included."""
        return (1.0 - self.at_once) * self.family.mean(self.parameters)

    def cdf(self, times: Array) -> Array:
        """The share of cases that take no longer; 0 before 0, the share at once at 0."""
        inner = self.family.cdf(self.parameters, np.maximum(times, 0.0))
        return np.where(times < 0.0, 0.0, self.at_once + (1.0 - self.at_once) * inner)

    def mean_within(self, horizon: float) -> float:
        """The mean over all cases of the lesser of the time and a horizon."""
        inner = self.family.limited(self.parameters, np.array([horizon]))
        return (1.0 - self.at_once) * float(inner[0])

    def parts(self) -> tuple[tuple[float, Distribution], ...]:
        """The laws that this one mixes, each with its share of all cases; itself, if it is one."""
        if self.family.name != "two_lognormals":
            return ((1.0 - self.at_once, Distribution(self.family, self.parameters)),)
        return tuple(
            ((1.0 - self.at_once) * share, Distribution(FAMILIES["lognormal"], part))
            for share, part in _parts(self.parameters)
        )

    def density(self, times: Array) -> Array:
        """The density of the cases that are not dealt with at once, over all cases."""
        return (1.0 - self.at_once) * self.family.density(self.parameters, times)

    def open_cdf(self, times: Array) -> Array:
        """The share of the open caseload no older, when as many cases come in as go out."""
        whole = self.family.mean(self.parameters)
        inner = self.family.limited(self.parameters, np.maximum(times, 0.0)) / whole
        return np.where(times < 0.0, 0.0, np.where(np.isinf(times), 1.0, inner))

    def quantile(self, share: float) -> float:
        """The time that this share of cases does not exceed: 0 for those at once, found to 1e-9."""
        if share <= self.at_once:
            return 0.0
        low, high = 0.0, max(self.family.mean(self.parameters), 1e-9)
        while float(self.cdf(np.array([high]))[0]) < share and high < 1e12:
            low, high = high, high * 2.0
        for _ in range(200):
            middle = 0.5 * (low + high)
            if float(self.cdf(np.array([middle]))[0]) < share:
                low = middle
            else:
                high = middle
            if high - low <= 1e-9 * max(1.0, high):
                break
        return 0.5 * (low + high)


def law_of(
    family: Family, free: Array, *, with_at_once: bool, narrowest: float = 0.0
) -> Distribution:
    """The law that some free numbers stand for; the last is the log odds of the share at once.

    No spread of it is less than `narrowest`.
    """
    free = np.clip(free, -_FURTHEST, _FURTHEST)
    if narrowest > 0.0:
        for place, factor in family.widths:
            bound = math.log(narrowest) / factor
            free[place] = max(free[place], bound) if factor > 0 else min(free[place], bound)
    if with_at_once:
        return Distribution(family, family.named(free[:-1]), float(special.expit(free[-1])))
    return Distribution(family, family.named(free))


# --- the families -----------------------------------------------------------------------------


def _log(times: Array) -> Array:
    return np.log(np.maximum(times, _TINY))


def _lognormal_cdf(parameters: tuple[float, ...], times: Array) -> Array:
    median, sigma = parameters
    return np.where(times <= 0.0, 0.0, special.ndtr((_log(times) - math.log(median)) / sigma))


def _lognormal_density(parameters: tuple[float, ...], times: Array) -> Array:
    median, sigma = parameters
    z = (_log(times) - math.log(median)) / sigma
    scale = np.maximum(times, _TINY) * sigma * math.sqrt(2.0 * math.pi)
    return np.where(times <= 0.0, 0.0, np.exp(-0.5 * z * z) / scale)


def _lognormal_mean(parameters: tuple[float, ...]) -> float:
    median, sigma = parameters
    return median * math.exp(min(0.5 * sigma * sigma, 600.0))


def _lognormal_limited(parameters: tuple[float, ...], times: Array) -> Array:
    median, sigma = parameters
    z = (_log(times) - math.log(median)) / sigma
    beyond = np.where(np.isinf(times), 0.0, times) * special.ndtr(-z)
    return np.asarray(_lognormal_mean(parameters) * special.ndtr(z - sigma) + beyond)


def _gamma_cdf(parameters: tuple[float, ...], times: Array) -> Array:
    shape, scale = parameters
    return np.asarray(special.gammainc(shape, np.maximum(times, 0.0) / scale))


def _gamma_density(parameters: tuple[float, ...], times: Array) -> Array:
    shape, scale = parameters
    y = np.maximum(times, _TINY) / scale
    return np.asarray(np.exp((shape - 1.0) * np.log(y) - y - special.gammaln(shape)) / scale)


def _gamma_limited(parameters: tuple[float, ...], times: Array) -> Array:
    shape, scale = parameters
    finite = np.where(np.isinf(times), 0.0, times)
    below = shape * scale * special.gammainc(shape + 1.0, times / scale)
    return np.asarray(below + finite * special.gammaincc(shape, times / scale))


def _weibull_cdf(parameters: tuple[float, ...], times: Array) -> Array:
    shape, scale = parameters
    return np.asarray(-np.expm1(-((np.maximum(times, 0.0) / scale) ** shape)))


def _weibull_density(parameters: tuple[float, ...], times: Array) -> Array:
    shape, scale = parameters
    y = np.maximum(times, _TINY) / scale
    return shape / scale * y ** (shape - 1.0) * np.exp(-(y**shape))


def _weibull_mean(parameters: tuple[float, ...]) -> float:
    shape, scale = parameters
    return scale * math.exp(min(math.lgamma(1.0 + 1.0 / shape), 600.0))


def _weibull_limited(parameters: tuple[float, ...], times: Array) -> Array:
    shape, scale = parameters
    y = (times / scale) ** shape
    finite = np.where(np.isinf(times), 0.0, times)
    below = _weibull_mean(parameters) * special.gammainc(1.0 + 1.0 / shape, y)
    return np.asarray(below + finite * np.exp(-y))


def _named_two(free: Array) -> tuple[float, ...]:
    """The shorter part's share, median and sigma, then the longer part's median and sigma."""
    short = math.exp(free[1])
    gap = math.exp(min(float(free[3]), 3.0))
    return (
        float(special.expit(free[0])),
        short,
        math.exp(free[2]),
        short * math.exp(gap),
        math.exp(free[4]),
    )


def _parts(parameters: tuple[float, ...]) -> tuple[tuple[float, tuple[float, float]], ...]:
    share, short, short_sigma, long, long_sigma = parameters
    return ((share, (short, short_sigma)), (1.0 - share, (long, long_sigma)))


def _mixed(
    one: Callable[[tuple[float, ...], Array], Array],
) -> Callable[[tuple[float, ...], Array], Array]:
    """What holds of each lognormal, weighted: shares, densities and limited means all mix so."""

    def mixed(parameters: tuple[float, ...], times: Array) -> Array:
        return np.asarray(sum(share * one(part, times) for share, part in _parts(parameters)))

    return mixed


def _exp_all(free: Array) -> tuple[float, ...]:
    return tuple(math.exp(number) for number in free)


def _starts_lognormal(median: float, spread: float) -> list[tuple[float, ...]]:
    return [(math.log(median), math.log(sigma)) for sigma in (spread, 0.4, 1.2)]


def _starts_gamma(median: float, spread: float) -> list[tuple[float, ...]]:
    shapes = (max(0.3, 1.0 / spread**2), 1.0, 4.0)
    return [(math.log(shape), math.log(median / shape)) for shape in shapes]


def _starts_weibull(median: float, spread: float) -> list[tuple[float, ...]]:
    return [(math.log(shape), math.log(1.2 * median)) for shape in (1.0 / max(spread, 0.2), 1.0)]


def _starts_two(median: float, spread: float) -> list[tuple[float, ...]]:
    """A short part and a long one, near and far apart, even and uneven, tight and wide."""
    starts: list[tuple[float, ...]] = []
    for share in (0.25, 0.5, 0.8):
        for apart in (3.0, 20.0):
            long = median * (apart if share >= 0.5 else 1.3)
            gap = math.log(math.log(apart))
            starts.append(
                (
                    float(special.logit(share)),
                    math.log(long / apart),
                    math.log(0.6 * spread),
                    gap,
                    math.log(0.6 * spread),
                )
            )
    return starts


FAMILIES: Final[dict[FamilyName, Family]] = {
    "lognormal": Family(
        "lognormal",
        ("median", "sigma"),
        _exp_all,
        _starts_lognormal,
        _lognormal_cdf,
        _lognormal_density,
        _lognormal_mean,
        _lognormal_limited,
        ((1, 1.0),),
    ),
    "gamma": Family(
        "gamma",
        ("shape", "scale"),
        _exp_all,
        _starts_gamma,
        _gamma_cdf,
        _gamma_density,
        lambda parameters: parameters[0] * parameters[1],
        _gamma_limited,
        ((0, -0.5),),
    ),
    "weibull": Family(
        "weibull",
        ("shape", "scale"),
        _exp_all,
        _starts_weibull,
        _weibull_cdf,
        _weibull_density,
        _weibull_mean,
        _weibull_limited,
        ((0, -1.0),),
    ),
    "two_lognormals": Family(
        "two_lognormals",
        ("short_share", "short_median", "short_sigma", "long_median", "long_sigma"),
        _named_two,
        _starts_two,
        _mixed(_lognormal_cdf),
        _mixed(_lognormal_density),
        lambda parameters: sum(share * _lognormal_mean(part) for share, part in _parts(parameters)),
        _mixed(_lognormal_limited),
        ((2, 1.0), (4, 1.0)),
    ),
}
