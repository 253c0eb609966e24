"""Finding the law that what is known of a length of time is likeliest under.

What is known may be counts (cases that took between two times, cases still open after a time, open
cases between two ages) and single figures (a mean, a quantile, a share), each with its tolerance.
Counts speak by their likelihood, figures as if measured with a normal error of their tolerance.
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
    law_of,
)

if TYPE_CHECKING:
    from cjsim.calibration.fitting.distributions import Array

FigureKind = Literal["mean", "quantile", "share_above", "share_at_zero", "open_share_above"]

TELLS_APART: Final = 2.0
"""A difference of AIC up to this does not tell two laws apart; the one with fewer numbers wins."""

_NO: Final = np.empty(0)
_LEAST: Final = 1e-12
_LEAST_SHARE: Final = 0.05


@dataclass(frozen=True)
class Figure:
    """One published number of a length of time.

    `at` is the share of a quantile, or the time of a share above it. `tolerance` is in the unit of
    the value. `at_least` makes it a lower bound; a figure that is `held_out` is compared, not
    fitted.
    """

    kind: FigureKind
    value: float
    tolerance: float
    at: float = math.nan
    at_least: bool = False
    held_out: bool = False
    source: str = ""

    def of(self, law: Distribution) -> float:
        """What the law says of the same number."""
        if self.kind == "mean":
            return law.mean
        if self.kind == "quantile":
            return law.quantile(self.at)
        if self.kind == "share_at_zero":
            return law.at_once
        times = np.array([self.at])
        below = law.open_cdf(times) if self.kind == "open_share_above" else law.cdf(times)
        return 1.0 - float(below[0])

    def penalty(self, law: Distribution) -> float:
        """How unlikely the figure is under the law: half the square of its distance in tolerances.

        A quantile is compared by the share below it, which is smooth and cheap; near the published
        value the two agree, since the tolerance is carried over with the slope of the law there.
        """
        if self.kind == "quantile":
            around = np.array(
                [self.value - self.tolerance, self.value, self.value + self.tolerance]
            )
            low, middle, high = (float(share) for share in law.cdf(np.maximum(around, 0.0)))
            distance = (middle - self.at) / max((high - low) / 2.0, 1e-12)
        else:
            distance = (self.of(law) - self.value) / self.tolerance
            if self.at_least and distance > 0:
                return 0.0
        return 0.5 * min(distance * distance, 1e12)


@dataclass(frozen=True)
class Known:
    """All that is known of a length: counts by interval, open cases, and single figures.

    `low`, `high`, `count`: completed cases that took more than low and no more than high (a low
    below 0 takes in those dealt with at once). `open_after`, `open_count`: cases still open after
    that time, whose end is not known. `age_low`, `age_high`, `age_count`: the open caseload by age.
    `weight` is what one counted case counts for. Where a `fewest` is given, the counts are of
    single cases: a law is admitted only if so many of them, and one in twenty of all completed,
    stand behind every number of it, and its lengths lie within `horizon`.
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
        """The least spread of a law that is fitted to it."""
        return NARROWEST if self.fewest else 0.0

    def refusal(self, law: Distribution) -> str:
        """Why a law may not be shown beside these cases; empty if it may.

        A part of a law holds as many completed cases as fall to it in every interval by its share
        of the law there.
        """
        if not self.fewest:
            return ""
        parts = law.parts()
        a_part = "a part of it" if len(parts) > 1 else "it"
        if any(part.quantile(0.5) > self.horizon for _, part in parts):
            return f"{a_part} lies beyond the lengths that have been seen"
        after_once = self.high > 0.0
        low, high = self.low[after_once], self.high[after_once]
        within = np.array([share * (part.cdf(high) - part.cdf(low)) for share, part in parts])
        held = (within / np.maximum(within.sum(axis=0), _LEAST)) @ self.count[after_once]
        if (held < max(self.fewest, _LEAST_SHARE * self.completed)).any():
            return f"{a_part} would rest on too few cases"
        return ""

    @property
    def numbers(self) -> int:
        """How many free numbers these data can determine at most."""
        shares = sum(max(len(counts) - 1, 0) for counts in (self.count, self.age_count))
        return shares + sum(not (one.held_out or one.at_least) for one in self.figures)

    @property
    def completed(self) -> float:
        """How many completed cases were counted."""
        return float(self.count.sum())

    @cached_property
    def _ends(self) -> tuple[Array, list[int]]:
        """All times at which a law is asked for its shares, and where low, high and open end."""
        ends = np.concatenate([self.low, self.high, self.open_after])
        return ends, [len(self.low), len(self.low) + len(self.high)]

    def surprise(self, law: Distribution) -> float:
        """Minus the log likelihood of everything that is known, under the law."""
        total = sum(figure.penalty(law) for figure in self.figures if not figure.held_out)
        if len(self.count) or len(self.open_count):
            below_low, below_high, below_open = np.split(law.cdf(self._ends[0]), self._ends[1])
            within = np.maximum(below_high - below_low, _LEAST)
            beyond = np.maximum(1.0 - below_open, _LEAST)
            total -= self.weight * float(self.count @ np.log(within))
            total -= self.weight * float(self.open_count @ np.log(beyond))
        if len(self.age_count):
            within = law.open_cdf(self.age_high) - law.open_cdf(self.age_low)
            total -= self.weight * float(self.age_count @ np.log(np.maximum(within, 1e-12)))
        return total

    def rough_median(self) -> tuple[float, float]:
        """A median and a spread (of the logarithm) to begin the search from."""
        by_kind = {one.kind: one.value for one in self.figures if one.value > 0}
        medians = [one.value for one in self.figures if one.kind == "quantile" and one.value > 0]
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
    """A law fitted to what is known, how likely that is under it, and how sure its numbers are.

    `spread` holds the standard errors of the logarithms of median, 90th percentile and mean of the
    cases that are not dealt with at once; NaN where the data do not determine them.
    """

    law: Distribution
    surprise: float
    free_numbers: int
    spread: tuple[float, float, float]
    settled: bool
    refusal: str = ""
    """Why the law may not be shown; empty if it may."""

    @property
    def aic(self) -> float:
        """Akaike's criterion: lower is better."""
        return 2.0 * self.free_numbers + 2.0 * self.surprise

    @property
    def rest(self) -> Distribution:
        """The law of the cases that are not dealt with at once."""
        return Distribution(self.law.family, self.law.parameters)

    def interval(self, which: Literal["median", "p90", "mean"], z: float) -> tuple[float, float]:
        """Estimate times exp(+-z standard errors), of the cases not dealt with at once."""
        value = summaries(self.rest)[("median", "p90", "mean").index(which)]
        error = self.spread[("median", "p90", "mean").index(which)]
        return value * math.exp(-z * error), value * math.exp(z * error)


@dataclass(frozen=True)
class Selection:
    """All the laws that were fitted, the one chosen, and why others were not tried or not taken."""

    fits: tuple[Fit, ...]
    chosen: Fit
    not_tried: tuple[tuple[FamilyName, str], ...] = ()

    @property
    def as_good(self) -> tuple[Fit, ...]:
        """The laws that the data do not tell from the chosen one."""
        bound = self.chosen.aic + TELLS_APART
        return tuple(fit for fit in self.fits if fit is not self.chosen and fit.aic <= bound)


def summaries(law: Distribution) -> tuple[float, float, float]:
    """Median, 90th percentile and mean."""
    return law.quantile(0.5), law.quantile(0.9), law.mean


def choose(
    known: Known, candidates: Sequence[FamilyName], *, with_at_once: bool = False
) -> Selection | None:
    """Fit every candidate that the data can determine, and choose one; None if there is none.

    The lowest AIC wins; among laws that it does not tell apart, the one with the fewest free
    numbers, and among these the lognormal, for that is what a model file can say. A law that may
    not be shown beside the cases that are known is refused, whether or not it would be chosen.
    """
    return chosen_of(*tried_on(known, candidates, with_at_once=with_at_once))


def chosen_of(
    tried: Sequence[Fit], not_tried: Sequence[tuple[FamilyName, str]] = ()
) -> Selection | None:
    """The choice among fits by the rule of `choose`; None if none of them may be shown."""
    fits = [fit for fit in tried if not fit.refusal]
    if not fits:
        return None
    best = min(fit.aic for fit in fits)
    good = [fit for fit in fits if fit.aic <= best + TELLS_APART]
    # Fits that are equally good differ in the last bits of their AIC: those must not decide.
    chosen = min(
        good,
        key=lambda fit: (
            fit.free_numbers,
            fit.law.family.name != "lognormal",
            round(fit.aic - best, 1),
        ),
    )
    return Selection(tuple(fits), chosen, tuple(not_tried))


def tried_on(
    known: Known, candidates: Sequence[FamilyName], *, with_at_once: bool = False
) -> tuple[list[Fit], list[tuple[FamilyName, str]]]:
    """A fit of each candidate, and those that were not tried, with the reason."""
    fits: list[Fit] = []
    not_tried: list[tuple[FamilyName, str]] = []
    for name in candidates:
        family = FAMILIES[name]
        needs = len(family.parameters) + with_at_once
        if needs > known.numbers:
            has = f"{known.numbers} figure{'' if known.numbers == 1 else 's'}"
            not_tried.append((name, f"it has {needs} free numbers, and there are {has}"))
            continue
        fits.append(fit_family(known, family, with_at_once=with_at_once))
    return fits, not_tried


def fit_family(known: Known, family: Family, *, with_at_once: bool = False) -> Fit:
    """The likeliest law of one family, from several starts that are always the same.

    Where laws can be refused it is the likeliest of those that may be shown; if none of the starts
    leads to one, it is the likeliest of all, with the reason against it.
    """

    def law(free: Array) -> Distribution:
        return law_of(family, free, with_at_once=with_at_once, narrowest=known.narrowest)

    def surprise(free: Array) -> float:
        return known.surprise(law(free))

    starts = family.starts(*known.rough_median())
    if with_at_once:
        starts = [(*start, _at_once_start(known)) for start in starts]
    found = [
        optimize.minimize(
            surprise,
            np.array(start),
            method="Nelder-Mead",
            options={"maxiter": 250 * len(start), "xatol": 1e-5, "fatol": 1e-7, "adaptive": True},
        )
        for start in starts
    ]
    found.sort(key=lambda one: float(one.fun))
    admitted = [one for one in found if not known.refusal(law(one.x))]
    # A simplex may stall in a narrow valley: a fresh one from where it stopped gets it out.
    best = optimize.minimize(
        surprise,
        (admitted or found)[0].x,
        method="Nelder-Mead",
        options={"maxiter": 2000, "xatol": 1e-7, "fatol": 1e-9, "adaptive": True},
    )
    fitted = law(best.x)
    spread = _spread(surprise, law, best.x)
    return Fit(
        fitted, float(best.fun), len(best.x), spread, bool(best.success), known.refusal(fitted)
    )


def _at_once_start(known: Known) -> float:
    """Log odds of a first guess at the share at once."""
    told = [one.value for one in known.figures if one.kind == "share_at_zero"]
    share = told[0] if told else 0.3
    if len(known.count) and (known.low < 0).any():
        open_cases = float(known.open_count.sum())
        share = float(known.count[known.low < 0].sum()) / (known.completed + open_cases)
    share = min(max(share, 0.02), 0.98)
    return math.log(share / (1.0 - share))


def _spread(
    surprise: Callable[[Array], float], law_at: Callable[[Array], Distribution], at: Array
) -> tuple[float, float, float]:
    """Standard errors of the logarithms of median, p90 and mean, by the delta method."""

    def told(free: Array) -> Array:
        law = law_at(free)
        return np.log(np.maximum(summaries(Distribution(law.family, law.parameters)), 1e-12))

    size = len(at)
    step = 1e-3
    unit = np.eye(size) * step
    hessian = np.empty((size, size))
    for row in range(size):
        for column in range(row, size):
            corners = [
                surprise(at + one * unit[row] + other * unit[column])
                for one in (1, -1)
                for other in (1, -1)
            ]
            bend = (corners[0] - corners[1] - corners[2] + corners[3]) / (4.0 * step * step)
            hessian[row, column] = hessian[column, row] = bend
    slopes = np.array([(told(at + each) - told(at - each)) / (2.0 * step) for each in unit])
    values, vectors = np.linalg.eigh(hessian)
    errors = []
    for slope in slopes.T:
        run_steps = (vectors.T @ slope) ** 2
        # A direction in which nothing bends is not determined: whoever leans on it is not either.
        flat = values <= 1e-6
        if run_steps[flat].sum() > 1e-6 or not np.isfinite(values).all():
            errors.append(math.nan)
        else:
            errors.append(math.sqrt(float((run_steps[~flat] / values[~flat]).sum())))
    return errors[0], errors[1], errors[2]
