"""Goodness of fit, and the nearest lognormal for a model file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cjsim.calibration.fitting.distributions import FAMILIES, Distribution
from cjsim.calibration.fitting.model_selection import Data, Fit, ModelSelection, summaries

if TYPE_CHECKING:
    from cjsim.calibration.fitting.distributions import Array

FEWEST_EXPECTED: Final = 5.0
"""Bins are merged until each has this expected count, as the chi-square test needs."""
_WIDEST_GAP: Final = 0.05
_LILLIEFORS: Final = 0.9
_P90: Final = 1.2815515655446004
_SHARES: Final = np.linspace(0.001, 0.999, 999)


@dataclass(frozen=True)
class FigureError:
    """A published figure and its value under the fitted distribution."""

    name: str
    published: float
    fitted: float
    at_least: bool
    held_out: bool
    within: bool
    source: str

    @property
    def relative(self) -> float:
        """The error as a share of the published figure; NaN where that is 0."""
        return self.fitted / self.published - 1.0 if self.published else math.nan


@dataclass(frozen=True)
class ChiSquare:
    """Pearson's statistic, its degrees of freedom, and the p-value."""

    statistic: float
    degrees: int
    p: float


@dataclass(frozen=True)
class Goodness:
    """The errors of the figures, and of the shares of counts where there are counts."""

    figures: tuple[FigureError, ...]
    largest_gap: float
    chi_square: ChiSquare | None


@dataclass(frozen=True)
class ModelDuration:
    """A distribution as a model's `Duration`: a share at once, median and p90 of the rest.

    `gap` is the largest difference between its cdf and that of the fitted distribution.
    """

    median: float
    p90: float
    at_once: float
    gap: float


def goodness(fit: Fit, data: Data) -> Goodness:
    """The error of every figure, and the largest gap between cumulative shares."""
    distribution = fit.distribution
    errors = []
    for figure in data.figures:
        value = figure.of(distribution)
        off = value - figure.value
        within = abs(off) <= figure.tolerance or (figure.at_least and off > 0)
        name = figure.kind.replace("_", " ")
        if not math.isnan(figure.at):
            name = "median" if (name, figure.at) == ("quantile", 0.5) else f"{name} {figure.at:g}"
        errors.append(
            FigureError(
                name, figure.value, value, figure.at_least, figure.held_out, within, figure.source
            )
        )
    gap = math.nan
    chi = None
    if len(data.count) and not len(data.open_count):
        expected = distribution.cdf(data.high) - distribution.cdf(data.low)
        gap = _gap(data.count, expected)
        chi = chi_square(data.count, expected, fit.free_numbers)
    elif len(data.age_count):
        expected = distribution.open_cdf(data.age_high) - distribution.open_cdf(data.age_low)
        gap = _gap(data.age_count, expected)
    return Goodness(tuple(errors), gap, chi)


def _gap(counts: Array, expected: Array) -> float:
    """The largest difference of cumulative shares at the ends of the bins."""
    seen = np.cumsum(counts) / counts.sum()
    return float(np.max(np.abs(seen - np.cumsum(expected))))


def chi_square(counts: Array, expected: Array, free_numbers: int) -> ChiSquare | None:
    """Pearson's test on bins merged to a sufficient expected count; None if too few are left.

    `expected` holds shares; the share beyond the last bin is added to it.
    """
    from scipy.stats import chi2

    wanted = expected * counts.sum()
    wanted[-1] += counts.sum() - wanted.sum()
    bins: list[tuple[float, float]] = []
    seen = awaited = 0.0
    for count, share in zip(counts, wanted, strict=True):
        seen, awaited = seen + float(count), awaited + float(share)
        if awaited >= FEWEST_EXPECTED:
            bins.append((seen, awaited))
            seen = awaited = 0.0
    if bins and awaited > 0:
        bins[-1] = (bins[-1][0] + seen, bins[-1][1] + awaited)
    degrees = len(bins) - 1 - free_numbers
    if degrees < 1:
        return None
    statistic = sum((count - share) ** 2 / share for count, share in bins)
    return ChiSquare(statistic, degrees, float(chi2.sf(statistic, degrees)))


def as_model_duration(selection: ModelSelection) -> ModelDuration:
    """The chosen distribution as a model file takes it: a lognormal after the share at once.

    Either the lognormal with the same median and p90, or the one fitted to the same data,
    whichever is nearer.
    """
    distribution = selection.chosen.distribution
    rest = selection.chosen.rest
    times = np.array([rest.quantile(float(share)) for share in _SHARES[::9]])
    median, p90, _ = summaries(rest)
    lognormal = FAMILIES["lognormal"]
    offered = [
        Distribution(lognormal, (median, math.log(p90 / median) / _P90), distribution.at_once)
    ]
    offered += [fit.distribution for fit in selection.fits if fit.distribution.family is lognormal]
    gaps = [
        float(np.max(np.abs(distribution.cdf(times) - candidate.cdf(times))))
        for candidate in offered
    ]
    best = gaps.index(min(gaps))
    median, sigma = offered[best].parameters
    return ModelDuration(median, median * math.exp(_P90 * sigma), offered[best].at_once, gaps[best])


def is_poor(gap: float, completed: int) -> bool:
    """Whether cumulative shares differ by more than 5 points and by more than chance.

    Chance: about 0.9 over the root of the number of cases (Lilliefors).
    """
    return gap > max(_WIDEST_GAP, _LILLIEFORS / math.sqrt(max(completed, 1)))


def largest_gap(distribution: Distribution, times: Array, shares: Array) -> float:
    """The largest difference between a cdf and shares completed by some times; NaN of none."""
    if not len(times):
        return math.nan
    return float(np.max(np.abs(distribution.cdf(times) - shares)))
