"""The Kaplan-Meier estimate of lengths of time, without a distribution.

Open cases are right-censored: they last at least as long as they have been open. The
estimate and its confidence limits are SciPy's (`scipy.stats.ecdf`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from cjsim.calibration.fitting.distributions import Array


class Case(Protocol):
    """A length of one case, and whether it is complete."""

    @property
    def length(self) -> float:
        """The length, or the time it has been open."""
        ...

    @property
    def complete(self) -> bool:
        """Whether it has ended."""
        ...


@dataclass(frozen=True)
class Survival:
    """The share of cases still open after each completed length, and its 95 % limits.

    `times` are the distinct completed lengths in order; `open`, `low` and `high` have their shape.
    A limit that is not determined is NaN. `cases` and `completed` are counts.
    """

    times: Array
    open: Array
    low: Array
    high: Array
    cases: int
    completed: int

    @property
    def longest(self) -> float:
        """The longest completed length; NaN if none is."""
        return float(self.times[-1]) if len(self.times) else math.nan

    @property
    def done(self) -> Array:
        """The shares completed within each time."""
        return 1.0 - self.open

    def still_open(self, time: float) -> float:
        """The share still open after a time."""
        index = int(np.searchsorted(self.times, time, side="right")) - 1
        return float(self.open[index]) if index >= 0 else 1.0

    def quantile(self, share: float) -> float:
        """The first length by which this share is completed; NaN if it is not reached."""
        return _first(self.times, self.open, share)

    def quantile_limits(self, share: float) -> tuple[float, float]:
        """The 95 % limits of a quantile (Brookmeyer, Crowley); NaN where one is not reached."""
        return _first(self.times, self.low, share), _first(self.times, self.high, share)

    def mean_within(self, horizon: float) -> float:
        """The restricted mean: of the lesser of the length and a horizon, in the unit of lengths.

        It is the area below the share still open. Beyond the longest completed length that share is
        constant.
        """
        within = self.times < horizon
        edges = np.concatenate([[0.0], self.times[within], [horizon]])
        return float(np.diff(edges) @ np.concatenate([[1.0], self.open[within]]))


def survival(cases: Sequence[Case]) -> Survival:
    """The shares of these cases that are still open, by how long they take."""
    lengths = np.array([case.length for case in cases], dtype=float)
    is_open = np.array([not case.complete for case in cases], dtype=bool)
    return survival_of(lengths, is_open)


def survival_of(lengths: Array, is_open: np.ndarray) -> Survival:
    """The same from two arrays of one shape: lengths, and whether each is still open."""
    from scipy.stats import CensoredData, ecdf

    nothing = np.empty(0)
    if not len(lengths) or is_open.all():
        return Survival(nothing, nothing, nothing, nothing, len(lengths), 0)
    estimate = ecdf(CensoredData.right_censored(lengths, is_open)).sf
    with warnings.catch_warnings():
        # Where all or none are completed the limits are undefined: NaN says so.
        warnings.simplefilter("ignore", RuntimeWarning)
        limits = estimate.confidence_interval(0.95, method="log-log")
    done = np.isin(estimate.quantiles, lengths[~is_open])
    return Survival(
        estimate.quantiles[done],
        estimate.probabilities[done],
        limits.low.probabilities[done],
        limits.high.probabilities[done],
        len(lengths),
        int((~is_open).sum()),
    )


def _first(times: Array, still_open: Array, share: float) -> float:
    # Not determined counts as not reached.
    reached = np.flatnonzero(still_open <= 1.0 - share + 1e-12)
    return float(times[reached[0]]) if len(reached) else math.nan
