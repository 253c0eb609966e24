"""Intervals of paired differences: Student's t, and what takes its place where few pairs differ.

Student's t holds where every pair differs and the differences are spread out. Where many pairs are
exactly alike it does not: a few differences that happen to be equal would give an interval of no
width, and of a rare large one nothing is seen in most experiments. So there are three cases.

*Spread out.* Student's interval of the mean, that of `scipy.stats.ttest_rel` to the last digit. It
is written out here, because `scipy.stats` takes a second to import.

*Lumpy:* more than a quarter of the pairs do not differ at all, or more than half differ by one and
the same amount. The difference is then that amount, called the centre, plus what the other pairs
deviate from it. The interval is the centre plus the share of pairs that deviate times the mean of a
deviation, both at their worst: the share has the exact binomial interval (Clopper and Pearson 1934,
Biometrika 26:404), and the mean of a deviation

- Student's interval over the pairs that deviate;
- after a single one, x, the interval x +/- 2 phi(1) |x| / alpha, which at 95 % is x +/- 9.68 |x|
  (Blachman and Machol 1987, IEEE Transactions on Information Theory 33:373);
- where all of k are equal to x, x +/- 2 |x| (1 - alpha^(1/k)): another deviation would be in at
  most a share 1 - alpha^(1/k) of them (the rule of three), and is assumed to be no further from x
  than one of the same size in the other direction.

It is never narrower than Student's. The product of two such intervals is cautious: it holds the
truth more often than it says. How often is in the guide (docs/intervals.md).

*All alike:* no pair deviates from the centre. No size can be given to what was never seen, so there
is no interval (NaN). What can be said is how often it may happen: see `most_unseen`.

Fewer than six pairs that differ settle no direction, for the exact sign test of five that agree has
p = 1/16. Where fewer have differed, and some have not, the interval is made to hold 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Values = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

CONFIDENCE: Final = 0.95

FEWEST_DIFFERING: Final = 6
"""Pairs that must differ before a direction is clear: the least with p < 0.05 in a sign test."""

ROUNDING: Final = 1e-12
"""Of a level: what sums of floating-point numbers, added up in another order, may differ by."""

_MANY_ALIKE: Final = 0.25
"""From more than this share of pairs on that do not differ, differences are lumpy."""

_SINGLE: Final = 2 * math.exp(-0.5) / math.sqrt(2 * math.pi)
"""2 phi(1), of the interval after a single observation."""

_SMALLEST_P: Final = 1e-15


def without_rounding(before: Values, after: Values) -> Values:
    """What comes after, and where only its last digits differ, what was before.

    The same pounds added up in another order would be a difference, told as clear where it is the
    same every time, and would widen the intervals of those who differ in earnest.
    """
    import numpy as np

    rounding: Values = np.where(np.abs(after - before) <= ROUNDING * np.abs(before), before, after)
    return rounding


def paired_intervals(
    before: Values, after: Values, confidence: float = CONFIDENCE
) -> tuple[Values, Values]:
    """The interval of the mean of `after - before`, for each row over its replications.

    Both have the shape (measures, replications); low and high have one number for each measure.
    They are NaN for one replication, and where all differences of a row are the same.
    """
    import numpy as np

    after = without_rounding(before, after)
    difference = after - before
    low = np.full(len(difference), np.nan)
    high = low.copy()
    if difference.shape[1] < 2:
        return low, high
    varies = _varies(before, after)
    if varies.any():
        low[varies], high[varies] = _students(difference[varies], confidence)
        centre = _centres(difference, _tolerance(before, after))
        lumpy = varies & np.isfinite(centre)
        alpha = np.full(int(lumpy.sum()), 1 - confidence)
        lumps = _Lumps(difference[lumpy], centre[lumpy], _tolerance(before, after)[lumpy])
        from_, to = lumps.intervals(alpha)
        low[lumpy] = np.minimum(low[lumpy], from_)
        high[lumpy] = np.maximum(high[lumpy], to)
        unsettled = varies & _unsettled(difference)
        low[unsettled] = np.minimum(low[unsettled], 0.0)
        high[unsettled] = np.maximum(high[unsettled], 0.0)
    return low, high


def p_values(before: Values, after: Values) -> Values:
    """For each row, the smallest alpha at which its interval leaves out 0.

    It is NaN where nothing differs or one replication cannot tell, 1 where too few pairs differ
    beside others that do not, and the sign test's where all differences are the same.
    """
    import numpy as np
    from scipy.special import stdtr

    after = without_rounding(before, after)
    difference = after - before
    count = difference.shape[1]
    p = np.full(len(difference), np.nan)
    if count < 2:
        return p
    varies = _varies(before, after)
    p[~varies & (difference[:, 0] != 0)] = sign_p(count)
    if varies.any():
        with np.errstate(all="ignore"):
            mean, error = _mean_and_error(difference[varies])
            p[varies] = 2 * stdtr(count - 1, -np.abs(mean / error))
        centre = _centres(difference, _tolerance(before, after))
        lumpy = varies & np.isfinite(centre)
        lumps = _Lumps(difference[lumpy], centre[lumpy], _tolerance(before, after)[lumpy])
        p[lumpy] = np.maximum(p[lumpy], _p_of_lumps(lumps))
        p[varies & _unsettled(difference)] = 1.0
    return p


def sign_p(count: int) -> float:
    """The two-sided p of the exact sign test, where `count` pairs all differ in one direction."""
    return min(1.0, 2.0 ** (1 - count))


def excludes_zero(
    low: float | None, high: float | None, differed: int, confidence: float = CONFIDENCE
) -> bool:
    """Whether a difference has a clear direction.

    At least six pairs have differed, and the interval leaves out 0; where so many have and there is
    no interval, all differences were the same, and the sign test decides.
    """
    if differed < FEWEST_DIFFERING:
        return False
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return sign_p(differed) <= 1 - confidence
    return low > 0 or high < 0


def most_unseen(count: int, confidence: float = CONFIDENCE) -> float:
    """The largest share of replications that may do what none of `count` has done.

    The exact form of the rule of three: 1 - (1 - confidence)^(1/count). Of 10 it is 26 %.
    """
    return float(1.0 - (1.0 - confidence) ** (1.0 / count))


def _students(difference: Values, confidence: float) -> tuple[Values, Values]:
    from scipy.special import stdtrit

    free, tail = difference.shape[1] - 1, (1 - confidence) / 2
    mean, error = _mean_and_error(difference)
    return stdtrit(free, tail) * error + mean, stdtrit(free, 1 - tail) * error + mean


def _mean_and_error(difference: Values) -> tuple[Values, Values]:
    """The mean of each row, and its standard error."""
    import numpy as np

    count = difference.shape[1]
    mean: Values = difference.mean(axis=1)
    variance = ((difference - mean[:, None]) ** 2).mean(axis=1) * (count / (count - 1))
    error: Values = np.sqrt(variance / count)
    return mean, error


def _tolerance(before: Values, after: Values) -> Values:
    """For each row, by how much differences may differ and still be the same, rounded."""
    import numpy as np

    sizes: Values = np.maximum(np.abs(before), np.abs(after)).max(axis=1)
    return ROUNDING * sizes


def _varies(before: Values, after: Values) -> Flags:
    """Which rows have differences that differ by more than the rounding of their last digits."""
    import numpy as np

    varies: Flags = np.ptp(after - before, axis=1) > _tolerance(before, after)
    return varies


def _unsettled(difference: Values) -> Flags:
    """Which rows have pairs that do not differ, and fewer than six that do."""
    import numpy as np

    differed = np.count_nonzero(difference, axis=1)
    unsettled: Flags = (differed < FEWEST_DIFFERING) & (differed < difference.shape[1])
    return unsettled


def _centres(difference: Values, tolerance: Values) -> Values:
    """Of each lumpy row the difference that its lump has; NaN for rows that are spread out."""
    import numpy as np

    count = difference.shape[1]
    middle = np.sort(difference, axis=1)[:, count // 2]
    alike = (np.abs(difference - middle[:, None]) <= tolerance[:, None]).sum(axis=1)
    centre: Values = np.where(alike > count / 2, middle, np.nan)
    centre[(difference == 0).sum(axis=1) > _MANY_ALIKE * count] = 0.0
    return centre


class _Lumps:
    """Rows of lumpy differences: centre plus share times deviation, for each at its own level."""

    def __init__(self, difference: Values, centre: Values, tolerance: Values) -> None:
        import numpy as np

        self.rows, self._count = difference.shape
        self._centre = centre
        deviation = difference - centre[:, None]
        deviation[np.abs(deviation) <= tolerance[:, None]] = 0.0
        self._k = k = np.count_nonzero(deviation, axis=1).astype(np.float64)
        with np.errstate(all="ignore"):
            self._mean = mean = deviation.sum(axis=1) / k
            from_mean = np.where(deviation != 0, deviation - mean[:, None], 0.0)
            self._free = np.maximum(k - 1, 1)
            self._error = np.sqrt((from_mean**2).sum(axis=1) / self._free / k)
        self._same = np.abs(from_mean).max(axis=1, initial=0.0) <= tolerance

    def intervals(self, alpha: Values) -> tuple[Values, Values]:
        """The interval of each row at the level 1 - alpha."""
        import numpy as np
        from scipy.special import betaincinv, stdtrit

        count, k, mean = self._count, self._k, self._mean
        with np.errstate(all="ignore"):
            half = stdtrit(self._free, 1 - alpha / 2) * self._error
            half = np.where(self._same, 2 * np.abs(mean) * (1 - alpha ** (1 / k)), half)
            half = np.where(k == 1, _SINGLE * np.abs(mean) / alpha, half)
            least = betaincinv(k, count - k + 1, alpha / 2)
            most = betaincinv(k + 1, count - k, 1 - alpha / 2)
        low, high = mean - half, mean + half
        return (
            self._centre + np.where(low < 0, most, least) * low,
            self._centre + np.where(high > 0, most, least) * high,
        )


def _p_of_lumps(lumps: _Lumps) -> Values:
    """The smallest alpha at which the interval leaves out 0, by bisection of its logarithm."""
    import numpy as np

    least = np.full(lumps.rows, math.log(_SMALLEST_P))
    most = np.zeros(lumps.rows)
    for _ in range(50):
        middle = (least + most) / 2
        low, high = lumps.intervals(np.exp(middle))
        out = (low > 0) | (high < 0)
        most, least = np.where(out, middle, most), np.where(out, least, middle)
    p: Values = np.exp(most)
    return p
