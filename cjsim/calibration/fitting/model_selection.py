"""Maximum likelihood fits to data on a length of time, and the choice among them by AIC.

The data may be counts (cases that took between two times, cases still open after a time, open cases
between two ages) and single figures (a mean, a quantile, a share), each with its tolerance. Counts
enter by their likelihood, figures as if measured with a normal error of their tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from scipy import optimize

from cjsim.calibration.fitting.distributions import (
    FAMILIES,
    NARROWEST,
    Distribution,
    Family,
    FamilyName,
    distribution_of,
)

if TYPE_CHECKING:
    from cjsim.calibration.fitting.distributions import Array

FigureKind = Literal["mean", "quantile", "share_above", "share_at_zero", "open_share_above"]

AIC_INDISTINCT: Final = 2.0
"""Two distributions whose AIC differs by no more than this fit equally well."""

_NO: Final = np.empty(0)
_LEAST: Final = 1e-12
_LEAST_SHARE: Final = 0.05
_STEP: Final = 1e-3


@dataclass(frozen=True)
class Figure:
    """One published number about a length of time.

    `at` is the share of a quantile, or the time of a share above it. `tolerance` has the unit of
    the value. `at_least` makes the value a lower bound. A `held_out` figure is compared, not
    fitted.
    """

    kind: FigureKind
    value: float
    tolerance: float
    at: float = math.nan
    at_least: bool = False
    held_out: bool = False
    source: str = ""

    def of(self, distribution: Distribution) -> float:
        """The value of the same number under a distribution."""
        if self.kind == "mean":
            return distribution.mean
        if self.kind == "quantile":
            return distribution.quantile(self.at)
        if self.kind == "share_at_zero":
            return distribution.at_once
        times = np.array([self.at])
        below = (
            distribution.open_cdf(times)
            if self.kind == "open_share_above"
            else distribution.cdf(times)
        )
        return 1.0 - float(below[0])

    def penalty(self, distribution: Distribution) -> float:
        """Its negative log likelihood: half the square of its distance in tolerances.

        A quantile is compared by the share below it, which is smooth and cheap. Near the published
        value the two agree, because the tolerance is converted with the local slope of the cdf.
        """
        if self.kind == "quantile":
            around = np.array(
                [self.value - self.tolerance, self.value, self.value + self.tolerance]
            )
            low, middle, high = (
                float(share) for share in distribution.cdf(np.maximum(around, 0.0))
            )
            distance = (middle - self.at) / max((high - low) / 2.0, 1e-12)
        else:
            distance = (self.of(distribution) - self.value) / self.tolerance
            if self.at_least and distance > 0:
                return 0.0
        return 0.5 * min(distance * distance, 1e12)


@dataclass(frozen=True)
class Data:
    """The data on a length of time: counts by interval, open cases, and single figures.

    `low`, `high`, `count`: completed cases that took more than low and no more than high (a low
    below 0 includes those completed at once). `open_after`, `open_count`: cases still open after
    that time (right-censored). `age_low`, `age_high`, `age_count`: the open caseload by age.
    `weight` is the weight of one counted case. With `fewest` above 0 the counts are of single
    cases: a distribution is then admitted only if every component rests on at least so many of
    them and on one in twenty of all completed, and its median lies within `horizon`.
    """

    figures: tuple[Figure, ...] = ()
    low: Array = field(default_factory=lambda: _NO)
    high: Array = field(default_factory=lambda: _NO)
    count: Array = field(default_factory=lambda: _NO)
    open_after: Array = field(default_factory=lambda: _NO)
    open_count: Array = field(default_factory=lambda: _NO)
    age_low: Array = field(default_factory=lambda: _NO)
    age_high: Array = field(default_factory=lambda: _NO)
    age_count: Array = field(default_factory=lambda: _NO)
    weight: float = 1.0
    fewest: int = 0
    horizon: float = math.inf

    @property
    def narrowest(self) -> float:
        """The least spread of a distribution fitted to these data."""
        return NARROWEST if self.fewest else 0.0

    def refusal(self, distribution: Distribution) -> str:
        """Why a distribution may not be shown beside these cases; empty if it may.

        A component rests on its share of the completed cases of each interval.
        """
        if not self.fewest:
            return ""
        components = distribution.components()
        a_part = "a part of it" if len(components) > 1 else "it"
        if any(part.quantile(0.5) > self.horizon for _, part in components):
            return f"{a_part} lies beyond the lengths that have been seen"
        after_once = self.high > 0.0
        low, high = self.low[after_once], self.high[after_once]
        within = np.array([share * (part.cdf(high) - part.cdf(low)) for share, part in components])
        behind_each = (within / np.maximum(within.sum(axis=0), _LEAST)) @ self.count[after_once]
        if (behind_each < max(self.fewest, _LEAST_SHARE * self.completed)).any():
            return f"{a_part} would rest on too few cases"
        return ""

    @property
    def numbers(self) -> int:
        """The most free parameters that these data can determine."""
        shares = sum(max(len(counts) - 1, 0) for counts in (self.count, self.age_count))
        return shares + sum(not (figure.held_out or figure.at_least) for figure in self.figures)

    @property
    def completed(self) -> float:
        """The number of completed cases."""
        return float(self.count.sum())

    @cached_property
    def _ends(self) -> tuple[Array, list[int]]:
        """All times at which a cdf is needed, and where low and high end among them."""
        ends = np.concatenate([self.low, self.high, self.open_after])
        return ends, [len(self.low), len(self.low) + len(self.high)]

    def negative_log_likelihood(self, distribution: Distribution) -> float:
        """Minus the log likelihood of the data under a distribution."""
        total = sum(figure.penalty(distribution) for figure in self.figures if not figure.held_out)
        if len(self.count) or len(self.open_count):
            below_low, below_high, below_open = np.split(
                distribution.cdf(self._ends[0]), self._ends[1]
            )
            within = np.maximum(below_high - below_low, _LEAST)
            beyond = np.maximum(1.0 - below_open, _LEAST)
            total -= self.weight * float(self.count @ np.log(within))
            total -= self.weight * float(self.open_count @ np.log(beyond))
        if len(self.age_count):
            within = distribution.open_cdf(self.age_high) - distribution.open_cdf(self.age_low)
            total -= self.weight * float(self.age_count @ np.log(np.maximum(within, 1e-12)))
        return total

    def rough_median(self) -> tuple[float, float]:
        """A rough median and spread of the logarithm, to start the search from."""
        by_kind = {figure.kind: figure.value for figure in self.figures if figure.value > 0}
        medians = [
            figure.value
            for figure in self.figures
            if figure.kind == "quantile" and figure.value > 0
        ]
        if medians:
            return float(np.median(medians)), 0.8
        for low, high, count in (
            (self.low, self.high, self.count),
            (self.age_low, self.age_high, self.age_count),
        ):
            if len(count) and count[high > 0].sum() > 0:
                ends = np.where(np.isinf(high), 2.0 * np.maximum(low, 1e-3), high)
                middles = np.maximum(0.5 * (np.maximum(low, 0.0) + ends), 1e-3)
                above = middles[ends > 0], count[ends > 0]
                order = np.argsort(above[0])
                share = np.cumsum(above[1][order]) / above[1].sum()
                return float(above[0][order][np.searchsorted(share, 0.5)]), 0.9
        return by_kind.get("mean", 1.0) / 1.3, 0.8


@dataclass(frozen=True)
class Fit:
    """A distribution fitted to data, with its likelihood and standard errors.

    `spread` holds the standard errors of the logarithms of median, 90th percentile and mean of the
    cases not completed at once; NaN where the data do not determine them. `refusal` says why the
    distribution may not be shown; it is empty if it may.
    """

    distribution: Distribution
    negative_log_likelihood: float
    free_numbers: int
    spread: tuple[float, float, float]
    settled: bool
    refusal: str = ""

    @property
    def aic(self) -> float:
        """Akaike's information criterion: lower is better."""
        return 2.0 * self.free_numbers + 2.0 * self.negative_log_likelihood

    @property
    def rest(self) -> Distribution:
        """The distribution of the cases not completed at once."""
        return Distribution(self.distribution.family, self.distribution.parameters)

    def interval(self, which: Literal["median", "p90", "mean"], z: float) -> tuple[float, float]:
        """Estimate times exp(+-z standard errors), for the cases not completed at once."""
        value = summaries(self.rest)[("median", "p90", "mean").index(which)]
        error = self.spread[("median", "p90", "mean").index(which)]
        return value * math.exp(-z * error), value * math.exp(z * error)


@dataclass(frozen=True)
class ModelSelection:
    """The admitted fits, the chosen one, and why other families were not tried."""

    fits: tuple[Fit, ...]
    chosen: Fit
    untried: tuple[tuple[FamilyName, str], ...] = ()

    @property
    def as_good(self) -> tuple[Fit, ...]:
        """The other fits that are as good as the chosen one by AIC."""
        bound = self.chosen.aic + AIC_INDISTINCT
        return tuple(fit for fit in self.fits if fit is not self.chosen and fit.aic <= bound)


def summaries(distribution: Distribution) -> tuple[float, float, float]:
    """Median, 90th percentile and mean."""
    return distribution.quantile(0.5), distribution.quantile(0.9), distribution.mean


def select_distribution(
    data: Data, candidates: Sequence[FamilyName], *, with_at_once: bool = False
) -> ModelSelection | None:
    """Fit every candidate that the data can determine, and choose one; None if there is none.

    The lowest AIC wins. Among equally good fits the one with the fewest free parameters wins, and
    among these the lognormal, because a model file can express it. A distribution that may not be
    shown beside single cases is refused, whether or not it would be chosen.
    """
    return select_best(*fit_candidates(data, candidates, with_at_once=with_at_once))


def select_best(
    tried: Sequence[Fit], untried: Sequence[tuple[FamilyName, str]] = ()
) -> ModelSelection | None:
    """The choice among fits by the rule of `select_distribution`; None if none may be shown."""
    fits = [fit for fit in tried if not fit.refusal]
    if not fits:
        return None
    best = min(fit.aic for fit in fits)
    good = [fit for fit in fits if fit.aic <= best + AIC_INDISTINCT]
    # Fits that are equally good differ in the last bits of their AIC: those must not decide.
    chosen = min(
        good,
        key=lambda fit: (
            fit.free_numbers,
            fit.distribution.family.name != "lognormal",
            round(fit.aic - best, 1),
        ),
    )
    return ModelSelection(tuple(fits), chosen, tuple(untried))


def fit_candidates(
    data: Data, candidates: Sequence[FamilyName], *, with_at_once: bool = False
) -> tuple[list[Fit], list[tuple[FamilyName, str]]]:
    """A fit of each candidate, and the families that were not tried, with the reason."""
    fits: list[Fit] = []
    untried: list[tuple[FamilyName, str]] = []
    for name in candidates:
        family = FAMILIES[name]
        needs = len(family.parameters) + with_at_once
        if needs > data.numbers:
            has = f"{data.numbers} figure{'' if data.numbers == 1 else 's'}"
            untried.append((name, f"it has {needs} free numbers, and there are {has}"))
            continue
        fits.append(fit_family(data, family, with_at_once=with_at_once))
    return fits, untried


def fit_family(data: Data, family: Family, *, with_at_once: bool = False) -> Fit:
    """The maximum likelihood fit of one family, from a fixed set of starting points.

    Where distributions can be refused, it is the best fit that may be shown. If no start leads to
    one, it is the best of all, with the reason against it.
    """

    def distribution(free: Array) -> Distribution:
        return distribution_of(family, free, with_at_once=with_at_once, narrowest=data.narrowest)

    def negative_log_likelihood(free: Array) -> float:
        return data.negative_log_likelihood(distribution(free))

    starts = family.starts(*data.rough_median())
    if with_at_once:
        starts = [(*start, _at_once_start(data)) for start in starts]
    minima = [
        optimize.minimize(
            negative_log_likelihood,
            np.array(start),
            method="Nelder-Mead",
            options={"maxiter": 250 * len(start), "xatol": 1e-5, "fatol": 1e-7, "adaptive": True},
        )
        for start in starts
    ]
    minima.sort(key=lambda minimum: float(minimum.fun))
    admitted = [minimum for minimum in minima if not data.refusal(distribution(minimum.x))]
    # A simplex can stall in a narrow valley: restart it where it stopped.
    best = optimize.minimize(
        negative_log_likelihood,
        (admitted or minima)[0].x,
        method="Nelder-Mead",
        options={"maxiter": 2000, "xatol": 1e-7, "fatol": 1e-9, "adaptive": True},
    )
    fitted = distribution(best.x)
    spread = _spread(negative_log_likelihood, distribution, best.x)
    return Fit(
        fitted, float(best.fun), len(best.x), spread, bool(best.success), data.refusal(fitted)
    )


def _at_once_start(data: Data) -> float:
    """The log odds of a first guess at the share at once."""
    shares = [figure.value for figure in data.figures if figure.kind == "share_at_zero"]
    share = shares[0] if shares else 0.3
    if len(data.count) and (data.low < 0).any():
        open_cases = float(data.open_count.sum())
        share = float(data.count[data.low < 0].sum()) / (data.completed + open_cases)
    share = min(max(share, 0.02), 0.98)
    return math.log(share / (1.0 - share))


def _spread(
    negative_log_likelihood: Callable[[Array], float],
    distribution_at: Callable[[Array], Distribution],
    optimum: Array,
) -> tuple[float, float, float]:
    """Standard errors of the logarithms of median, p90 and mean, by the delta method."""

    def log_summaries(free: Array) -> Array:
        distribution = distribution_at(free)
        rest = Distribution(distribution.family, distribution.parameters)
        return np.log(np.maximum(summaries(rest), 1e-12))

    steps = np.eye(len(optimum)) * _STEP
    gradients = np.array(
        [
            (log_summaries(optimum + step) - log_summaries(optimum - step)) / (2.0 * _STEP)
            for step in steps
        ]
    )
    curvatures, directions = np.linalg.eigh(_hessian(negative_log_likelihood, optimum, steps))
    errors = []
    for gradient in gradients.T:
        slopes = (directions.T @ gradient) ** 2
        # The data do not determine a direction without curvature, nor what depends on it.
        flat = curvatures <= 1e-6
        if slopes[flat].sum() > 1e-6 or not np.isfinite(curvatures).all():
            errors.append(math.nan)
        else:
            errors.append(math.sqrt(float((slopes[~flat] / curvatures[~flat]).sum())))
    return errors[0], errors[1], errors[2]


def _hessian(function: Callable[[Array], float], at: Array, steps: Array) -> Array:
    """The matrix of second derivatives by central differences."""
    signs = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
    return np.array(
        [
            [
                sum(sign * function(at + a * row + b * column) for a, b, sign in signs)
                / (4.0 * _STEP * _STEP)
                for column in steps
            ]
            for row in steps
        ]
    )
