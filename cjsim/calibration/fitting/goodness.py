"""How well a fitted law agrees with its data, and the nearest law that a model file can say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cjsim.calibration.fitting.distributions import FAMILIES, Distribution
from cjsim.calibration.fitting.model_selection import Fit, Known, Selection, summaries

if TYPE_CHECKING:
    from cjsim.calibration.fitting.distributions import Array

FEWEST_EXPECTED: Final = 5.0
"""Bins are joined until the law expects this many cases in each, or chi-square would mislead."""
_WIDEST_GAP: Final = 0.05
_LILLIEFORS: Final = 0.9
_P90: Final = 1.2815515655446004
_SHARES: Final = np.linspace(0.001, 0.999, 999)


@dataclass(frozen=True)
class FigureError:
    """A published figure and what the law says of it."""

    name: str
    published: float
    fitted: float
    at_least: bool
    held_out: bool
    within: bool
    source: str

    @property
    def relative(self) -> float:
        """How far off, as a share of the published figure; NaN where that is 0."""
        return self.fitted / self.published - 1.0 if self.published else math.nan


@dataclass(frozen=True)
class ChiSquare:
    """Pearson's statistic, its degrees of freedom, and the chance of one as large."""

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
class ModelLaw:
    """A law as the `Duration` of a model says it: a share at once, median and p90 of the rest.

    `gap` is the largest difference between its cumulative shares and those of the fitted law.
    """

    median: float
    p90: float
    at_once: float
    gap: float


def goodness(fit: Fit, known: Known) -> Goodness:
    """Every figure beside the law's, and how far cumulative counts are from it at most."""
    law = fit.law
    errors = []
    for figure in known.figures:
        told = figure.of(law)
        off = told - figure.value
        within = abs(off) <= figure.tolerance or (figure.at_least and off > 0)
        name = figure.kind.replace("_", " ")
        if not math.isnan(figure.at):
            name = "median" if (name, figure.at) == ("quantile", 0.5) else f"{name} {figure.at:g}"
        errors.append(
            FigureError(
                name,
                figure.value,
                told,
                figure.at_least,
                figure.held_out,
                within,
                figure.source,
            )
        )
    gap = math.nan
    chi = None
    if len(known.count) and not len(known.open_count):
        expected = law.cdf(known.high) - law.cdf(known.low)
        gap = _gap(known.count, expected)
        chi = chi_square(known.count, expected, fit.free_numbers)
    elif len(known.age_count):
        expected = law.open_cdf(known.age_high) - law.open_cdf(known.age_low)
        gap = _gap(known.age_count, expected)
    return Goodness(tuple(errors), gap, chi)


def _gap(counts: Array, expected: Array) -> float:
    """The largest difference of cumulative shares at the ends of the bins."""
    seen = np.cumsum(counts) / counts.sum()
    return float(np.max(np.abs(seen - np.cumsum(expected))))


def chi_square(counts: Array, expected: Array, free_numbers: int) -> ChiSquare | None:
    """Pearson's test on bins joined until enough is expected in each; None if too few are left.

    `expected` holds shares; what they leave out beyond the last bin is joined to it.
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


def as_model_law(choice: Selection) -> ModelLaw:
    """What a model file can say of the chosen law: a lognormal after the share at once.

    Either the one that keeps median and p90, or the lognormal that was fitted to the same data,
    whichever comes nearer to the chosen law.
    """
    law = choice.chosen.law
    rest = choice.chosen.rest
    times = np.array([rest.quantile(float(share)) for share in _SHARES[::9]])
    median, p90, _ = summaries(rest)
    lognormal = FAMILIES["lognormal"]
    offered = [Distribution(lognormal, (median, math.log(p90 / median) / _P90), law.at_once)]
    offered += [fit.law for fit in choice.fits if fit.law.family is lognormal]
    gaps = [float(np.max(np.abs(law.cdf(times) - one.cdf(times)))) for one in offered]
    best = gaps.index(min(gaps))
    median, sigma = offered[best].parameters
    return ModelLaw(median, median * math.exp(_P90 * sigma), offered[best].at_once, gaps[best])


def is_poor(gap: float, completed: int) -> bool:
    """Whether cumulative shares differ by more than 5 points, and by more than chance would give.

    Chance: about 0.9 over the root of the number of cases that were fitted (Lilliefors).
    """
    return gap > max(_WIDEST_GAP, _LILLIEFORS / math.sqrt(max(completed, 1)))


def largest_gap(law: Distribution, times: Array, shares: Array) -> float:
    """The largest difference between a law and the shares completed by some times; NaN of none."""
    if not len(times):
        return math.nan
    return float(np.max(np.abs(law.cdf(times) - shares)))
