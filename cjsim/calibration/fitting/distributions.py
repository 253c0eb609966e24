"""The distributions fitted to lengths of time: lognormal, gamma, Weibull and a mixture of two.

A `Distribution` is a share of cases completed at once and a family for the rest. A family
describes its free parameters on the whole real line, so that any optimiser can search. Times are
float arrays in the unit of the fit. Nothing here draws random numbers.

Likelihoods use `scipy.special` directly: a call of a `scipy.stats` distribution takes twenty times
as long. Quantiles, which are rare, are those of `scipy.stats`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
from scipy import optimize, special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Parameters = tuple[float, ...]
FamilyName = Literal["lognormal", "gamma", "weibull", "two_lognormals"]
FAMILY_NAMES: Final[tuple[FamilyName, ...]] = get_args(FamilyName)

_TINY: Final = 1e-300
_LARGEST_EXPONENT: Final = 600.0
NARROWEST: Final = 0.1
"""The least spread, about the standard deviation of the logarithm, of a fit to single cases.

The likelihood of a mixture has no bound: a component that narrows around a few equal lengths beats
every other distribution and describes only these lengths (Day 1969; Hathaway 1985 bounds the spread
from below, as here). 0.1 is the effect of rounding a length of about five days to whole days.
"""
_LARGEST_FREE: Final = 25.0
"""The bound on the size of a free parameter: exp(25) days is longer than history."""


@dataclass(frozen=True)
class Family:
    """A family of distributions and its closed forms.

    `cdf` and `limited_mean` (the mean of the lesser of the time and t) take parameters and times;
    `ppf` takes parameters and a share. `from_free` turns free parameters into parameters. `starts`
    gives starting points of a search from a rough median and spread. `spreads` lists the free
    parameters that stand for a spread: the index, and the factor from the free parameter to the
    logarithm of the spread.
    """

    name: FamilyName
    parameters: tuple[str, ...]
    from_free: Callable[[Array], Parameters]
    starts: Callable[[float, float], list[Parameters]]
    cdf: Callable[[Parameters, Array], Array]
    limited_mean: Callable[[Parameters, Array], Array]
    ppf: Callable[[Parameters, float], float]
    spreads: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Distribution:
    """A share of cases completed at once, and a family with its parameters for the rest."""

    family: Family
    parameters: Parameters
    at_once: float = 0.0

    @property
    def mean(self) -> float:
        """The mean over all cases, including those completed at once."""
        return self.mean_within(math.inf)

    def cdf(self, times: Array) -> Array:
        """The share of cases completed within each time: 0 before 0, the share at once at 0."""
        rest = self.family.cdf(self.parameters, np.maximum(times, 0.0))
        return np.where(times < 0.0, 0.0, self.at_once + (1.0 - self.at_once) * rest)

    def mean_within(self, horizon: float) -> float:
        """The mean over all cases of the lesser of the time and a horizon."""
        rest = self.family.limited_mean(self.parameters, np.array([horizon]))
        return (1.0 - self.at_once) * float(rest[0])

    def components(self) -> tuple[tuple[float, Distribution], ...]:
        """The distributions that this one mixes, each with its share of all cases."""
        if self.family.name != "two_lognormals":
            return ((1.0 - self.at_once, Distribution(self.family, self.parameters)),)
        return tuple(
            ((1.0 - self.at_once) * share, Distribution(FAMILIES["lognormal"], component))
            for share, component in _components(self.parameters)
        )

    def open_cdf(self, times: Array) -> Array:
        """The share of the open caseload no older than each time, in a steady state."""
        mean = float(self.family.limited_mean(self.parameters, np.array([math.inf]))[0])
        rest = self.family.limited_mean(self.parameters, np.maximum(times, 0.0)) / mean
        return np.where(times < 0.0, 0.0, np.where(np.isinf(times), 1.0, rest))

    def quantile(self, share: float) -> float:
        """The time within which this share of cases is completed; 0 up to the share at once."""
        if share <= self.at_once:
            return 0.0
        return self.family.ppf(self.parameters, (share - self.at_once) / (1.0 - self.at_once))


def distribution_of(
    family: Family, free: Array, *, with_at_once: bool, narrowest: float = 0.0
) -> Distribution:
    """The distribution of some free parameters; the last is the log odds of the share at once.

    No spread is less than `narrowest`.
    """
    free = np.clip(free, -_LARGEST_FREE, _LARGEST_FREE)
    if narrowest > 0.0:
        for index, factor in family.spreads:
            bound = math.log(narrowest) / factor
            free[index] = max(free[index], bound) if factor > 0 else min(free[index], bound)
    if with_at_once:
        return Distribution(family, family.from_free(free[:-1]), float(special.expit(free[-1])))
    return Distribution(family, family.from_free(free))


# --- the families -----------------------------------------------------------------------------


def _lognormal_cdf(parameters: Parameters, times: Array) -> Array:
    median, sigma = parameters
    z = (np.log(np.maximum(times, _TINY)) - math.log(median)) / sigma
    return np.where(times <= 0.0, 0.0, special.ndtr(z))


def _lognormal_limited(parameters: Parameters, times: Array) -> Array:
    median, sigma = parameters
    z = (np.log(np.maximum(times, _TINY)) - math.log(median)) / sigma
    mean = median * math.exp(min(0.5 * sigma * sigma, _LARGEST_EXPONENT))
    beyond = np.where(np.isinf(times), 0.0, times) * special.ndtr(-z)
    return np.asarray(mean * special.ndtr(z - sigma) + beyond)


def _lognormal_ppf(parameters: Parameters, share: float) -> float:
    from scipy.stats import lognorm

    median, sigma = parameters
    return float(lognorm.ppf(share, sigma, scale=median))


def _gamma_cdf(parameters: Parameters, times: Array) -> Array:
    shape, scale = parameters
    return np.asarray(special.gammainc(shape, np.maximum(times, 0.0) / scale))


def _gamma_limited(parameters: Parameters, times: Array) -> Array:
    shape, scale = parameters
    finite = np.where(np.isinf(times), 0.0, times)
    below = shape * scale * special.gammainc(shape + 1.0, times / scale)
    return np.asarray(below + finite * special.gammaincc(shape, times / scale))


def _gamma_ppf(parameters: Parameters, share: float) -> float:
    from scipy.stats import gamma

    shape, scale = parameters
    return float(gamma.ppf(share, shape, scale=scale))


def _weibull_cdf(parameters: Parameters, times: Array) -> Array:
    shape, scale = parameters
    return np.asarray(-np.expm1(-((np.maximum(times, 0.0) / scale) ** shape)))


def _weibull_limited(parameters: Parameters, times: Array) -> Array:
    shape, scale = parameters
    y = (times / scale) ** shape
    mean = scale * math.exp(min(math.lgamma(1.0 + 1.0 / shape), _LARGEST_EXPONENT))
    finite = np.where(np.isinf(times), 0.0, times)
    return np.asarray(mean * special.gammainc(1.0 + 1.0 / shape, y) + finite * np.exp(-y))


def _weibull_ppf(parameters: Parameters, share: float) -> float:
    from scipy.stats import weibull_min

    shape, scale = parameters
    return float(weibull_min.ppf(share, shape, scale=scale))


def _mixture_from_free(free: Array) -> Parameters:
    """The share, median and sigma of the shorter component; median and sigma of the longer."""
    share, short = float(special.expit(free[0])), math.exp(free[1])
    long = short * math.exp(math.exp(min(float(free[3]), 3.0)))
    return share, short, math.exp(free[2]), long, math.exp(free[4])


def _components(parameters: Parameters) -> tuple[tuple[float, Parameters], ...]:
    share, short, short_sigma, long, long_sigma = parameters
    return ((share, (short, short_sigma)), (1.0 - share, (long, long_sigma)))


def _mixed(
    of_lognormal: Callable[[Parameters, Array], Array],
) -> Callable[[Parameters, Array], Array]:
    """A function of a lognormal as the weighted mean of that of two: cdf and limited mean."""

    def mixed(parameters: Parameters, times: Array) -> Array:
        weighted = (share * of_lognormal(one, times) for share, one in _components(parameters))
        return np.asarray(sum(weighted))

    return mixed


def _mixture_ppf(parameters: Parameters, share: float) -> float:
    """The root of cdf = share between the quantiles of the two components."""
    low, high = sorted(_lognormal_ppf(component, share) for _, component in _components(parameters))
    cdf = FAMILIES["two_lognormals"].cdf

    def above(time: float) -> float:
        return float(cdf(parameters, np.array([time]))[0]) - share

    if above(low) >= 0.0 or above(high) <= 0.0:
        return low if above(low) >= 0.0 else high
    return float(optimize.brentq(above, low, high, rtol=1e-12))


def _exponentials(free: Array) -> Parameters:
    return tuple(math.exp(number) for number in free)


def _lognormal_starts(median: float, spread: float) -> list[Parameters]:
    return [(math.log(median), math.log(sigma)) for sigma in (spread, 0.4, 1.2)]


def _gamma_starts(median: float, spread: float) -> list[Parameters]:
    shapes = (max(0.3, 1.0 / spread**2), 1.0, 4.0)
    return [(math.log(shape), math.log(median / shape)) for shape in shapes]


def _weibull_starts(median: float, spread: float) -> list[Parameters]:
    return [(math.log(shape), math.log(1.2 * median)) for shape in (1.0 / max(spread, 0.2), 1.0)]


def _mixture_starts(median: float, spread: float) -> list[Parameters]:
    """A short and a long component: close and far apart, equal and unequal shares."""
    sigma = math.log(0.6 * spread)
    starts: list[Parameters] = []
    for share in (0.25, 0.5, 0.8):
        for ratio in (3.0, 20.0):
            long = median * (ratio if share >= 0.5 else 1.3)
            gap = math.log(math.log(ratio))
            log_odds = float(special.logit(share))
            starts.append((log_odds, math.log(long / ratio), sigma, gap, sigma))
    return starts


FAMILIES: Final[dict[FamilyName, Family]] = {
    family.name: family
    for family in (
        Family(
            "lognormal",
            ("median", "sigma"),
            _exponentials,
            _lognormal_starts,
            _lognormal_cdf,
            _lognormal_limited,
            _lognormal_ppf,
            ((1, 1.0),),
        ),
        Family(
            "gamma",
            ("shape", "scale"),
            _exponentials,
            _gamma_starts,
            _gamma_cdf,
            _gamma_limited,
            _gamma_ppf,
            ((0, -0.5),),
        ),
        Family(
            "weibull",
            ("shape", "scale"),
            _exponentials,
            _weibull_starts,
            _weibull_cdf,
            _weibull_limited,
            _weibull_ppf,
            ((0, -1.0),),
        ),
        Family(
            "two_lognormals",
            ("short_share", "short_median", "short_sigma", "long_median", "long_sigma"),
            _mixture_from_free,
            _mixture_starts,
            _mixed(_lognormal_cdf),
            _mixed(_lognormal_limited),
            _mixture_ppf,
            ((2, 1.0), (4, 1.0)),
        ),
    )
}
