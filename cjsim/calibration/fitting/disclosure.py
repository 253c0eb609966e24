"""Disclosure control: a protected table of counts between an agency's cases and every output.

All that `cjsim fit --data` writes about lengths of time comes from this table, never from rows:

- its intervals come from halving a fixed grid wherever both halves have enough completed cases, so
  that no end is the length of a case;
- each interval has at least the smallest number of completed cases; as many, or none, lie beyond
  the last one, the horizon: the table does not contain their lengths;
- counts are rounded to the nearest 5, cumulatively, so that one case moves a count by 5 or by 0.

Two extracts that differ only in the lengths of their longest cases give the same table. This is
top and bottom coding with conventional rounding, as in the Handbook on Statistical Disclosure
Control (Hundepool and others, 2012, sections 3.4 and 5.4); it is not differential privacy.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from cjsim.calibration.fitting.extract_layout import Unit
from cjsim.calibration.fitting.model_selection import Data
from cjsim.calibration.fitting.survival import Case, Survival, survival_of

if TYPE_CHECKING:
    from cjsim.calibration.fitting.distributions import Array

SMALLEST: Final = 5
"""A number of cases below this is never shown; a user can only raise it."""
ROUNDED_TO: Final = 5
FINEST: Final[Mapping[Unit, float]] = {"days": 1.0, "hours": 0.1}
"""The finest step of the grid, in the unit."""
_LONGEST: Final = 1e6
_STEPS_TO_ZERO: Final = 20.0
"""The ratio of a length to the step of the grid there."""


# --- counts -----------------------------------------------------------------------------------


def rounded(count: int) -> int:
    """A count to the nearest 5."""
    return ROUNDED_TO * ((count + ROUNDED_TO // 2) // ROUNDED_TO)


def shown_count(count: int, smallest: int = SMALLEST) -> str:
    """A number of cases for output: rounded, or only that it is small. 0 is small too."""
    return f"{rounded(count):,}" if count >= smallest else f"fewer than {smallest}"


def shown_part(count: int, cases: int, smallest: int = SMALLEST) -> str:
    """A number of some of the cases, where the rest must not be small either."""
    if cases >= smallest and cases - count < smallest:
        return f"all but fewer than {smallest}"
    return shown_count(count, smallest)


def shown_groups(
    counts: Mapping[str, int], groups: Collection[str], fewest: int
) -> tuple[list[str], list[str]]:
    """The groups that may be shown, and those of all `groups` that may not, in their order.

    A group is shown from `fewest` cases on. If all hidden groups together have fewer cases than
    that, the smallest shown group is hidden too. So a small group cannot be computed by
    subtraction, and the first case of a rare group does not show.
    """
    hidden = {group for group in groups if counts.get(group, 0) < fewest}
    shown = [group for group in groups if group not in hidden]
    if shown and sum(counts.get(group, 0) for group in hidden) < fewest:
        hidden.add(min(shown, key=lambda group: counts[group]))
    return (
        [group for group in groups if group not in hidden],
        [group for group in groups if group in hidden],
    )


# --- the table --------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProtectedTable:
    """Lengths of cases as counts by interval: every output is a function of this table.

    `low` and `high` are the ends of the intervals, in the unit; `completed` how many cases ended
    within each, `open` how many were last seen open within it; all have one shape. `beyond` cases
    lasted longer than the last interval, completed or not. With a share at once, the first
    interval holds just the lengths of 0.
    """

    unit: Unit
    low: Array
    high: Array
    completed: Array
    open: Array
    beyond: int
    with_at_once: bool
    smallest: int

    @property
    def horizon(self) -> float:
        """The end of the last interval: lengths beyond it are not in the table."""
        return float(self.high[-1])

    @property
    def count(self) -> int:
        """The number of cases in the table."""
        return int(self.completed.sum() + self.open.sum()) + self.beyond

    def data(self) -> Data:
        """The data for a fit: open cases are at mid-interval."""
        inner = np.maximum(self.low, 0.0)
        some = self.open > 0
        beyond = [float(self.beyond)] if self.beyond else []
        return Data(
            low=self.low,
            high=self.high,
            count=self.completed,
            open_after=np.append(0.5 * (inner + self.high)[some], [self.horizon] * len(beyond)),
            open_count=np.append(self.open[some], beyond),
            fewest=self.smallest,
            horizon=self.horizon,
        )

    @cached_property
    def survival(self) -> Survival:
        """The share still open at the end of each interval.

        Of the cases last seen open within an interval wider than the finest step, half count as
        open when its completed cases ended (the actuarial rule).
        """
        wide = self.high - np.maximum(self.low, 0.0) > 1.5 * FINEST[self.unit]
        late = np.where(wide, self.open // 2, self.open).astype(int)
        early = self.open.astype(int) - late
        middle = 0.5 * (np.maximum(self.low, 0.0) + self.high)
        done = np.repeat(self.high, self.completed.astype(int))
        waiting = np.concatenate(
            [
                np.repeat(middle, early),
                np.repeat(self.high, late),
                np.full(self.beyond, self.horizon + 1.0),
            ]
        )
        return survival_of(
            np.concatenate([done, waiting]),
            np.concatenate([np.zeros(len(done), dtype=bool), np.ones(len(waiting), dtype=bool)]),
        )

    def curve(self) -> tuple[Array, Array, Array, Array]:
        """Times from 0 to the horizon, the shares still open there, and their 95 % limits.

        Between two times the share falls evenly. Limits that are not determined are NaN.
        """
        seen = self.survival
        start = np.ones(1)
        return (
            np.concatenate([0.0 * start, seen.times]),
            np.concatenate([start, seen.open]),
            np.concatenate([start, seen.low]),
            np.concatenate([start, seen.high]),
        )

    def quantile(self, share: float) -> float:
        """The length by which this share is completed; NaN where the table does not reach it."""
        times, still_open, _, _ = self.curve()
        return _crossing(times, still_open, share)

    def quantile_limits(self, share: float) -> tuple[float, float]:
        """The 95 % limits of a quantile; NaN where one is not reached."""
        times, _, low, high = self.curve()
        return _crossing(times, low, share), _crossing(times, high, share)

    def mean_within(self) -> float:
        """The mean of the lesser of the length and the horizon."""
        times, still_open, _, _ = self.curve()
        return float(np.diff(times) @ (0.5 * (still_open[:-1] + still_open[1:])))


def protect(
    cases: Sequence[Case], unit: Unit, *, counted_up: bool = False, smallest: int = SMALLEST
) -> ProtectedTable | None:
    """The table of some cases; None if too few are completed for two intervals.

    Days are whole: 3 days mean 2.5 to 3.5 days, or more than 2 and up to 3 if they are
    `counted_up`, as the days of a trial are.
    """
    done = np.array([case.length for case in cases if case.complete], dtype=float)
    # A case opened today could not have ended yet.
    waiting = np.array(
        [case.length for case in cases if not case.complete and case.length > 0], dtype=float
    )
    at_once = int((done == 0.0).sum())
    with_at_once = (
        unit == "days"
        and not counted_up
        and at_once >= smallest
        and len(done) - at_once >= 2 * smallest
    )
    if len(done) < 2 * smallest:
        return None
    ends = _grid(unit, counted_up=counted_up, with_at_once=with_at_once)
    counts = np.bincount(np.searchsorted(ends, done), minlength=len(ends))
    high = ends[_last_cells(counts, smallest, keep_first=with_at_once)]
    if not len(high):
        return None
    completed = _rounded_within(done, high)
    open_cases = _rounded_within(waiting, high)
    longer = int((done > high[-1]).sum())
    beyond = rounded(longer + int((waiting > high[-1]).sum()))
    first = -1.0 if unit == "days" and not counted_up else 0.0
    return ProtectedTable(
        unit,
        np.concatenate([[first], high[:-1]]),
        high,
        completed,
        open_cases,
        max(beyond, ROUNDED_TO if longer else 0),
        with_at_once,
        smallest,
    )


def step_at(length: float, unit: Unit) -> float:
    """The step of the grid at a length: 1, 2 or 5 times a power of ten, never below the finest."""
    return max(nice(length / _STEPS_TO_ZERO), FINEST[unit])


def nice(value: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above a positive value."""
    if value <= 0.0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value) + 1e-9)
    digit = value / power + 1e-9
    return power * (5.0 if digit >= 5.0 else 2.0 if digit >= 2.0 else 1.0)


@cache
def _grid(unit: Unit, *, counted_up: bool, with_at_once: bool) -> Array:
    """The possible ends of intervals, the same for every extract."""
    shift = 0.5 if unit == "days" and not counted_up else 0.0
    finest = FINEST[unit]
    ends = [0.0]
    while ends[-1] < _LONGEST:
        # Counted in the finest steps, so that the grid carries no rounding error.
        ends.append(round(round((ends[-1] + step_at(ends[-1], unit)) / finest) * finest, 6))
    grid = np.array(ends) + shift
    if with_at_once:
        grid[0] = 0.0
    return grid if shift else grid[1:]


def _last_cells(counts: np.ndarray, smallest: int, *, keep_first: bool) -> list[int]:
    """The cells of the grid that end the intervals of the table; empty if there is no table.

    Lengths after the last of them are beyond the horizon. If the longest lengths share one cell and
    are enough, it is the last, and no length is beyond.
    """
    first = int(keep_first)
    ends = [end - 1 for end in _cuts(counts, first, len(counts), 0, 0, smallest)]
    longest = int(np.flatnonzero(counts)[-1])
    if counts[longest] >= smallest and longest >= first:
        ends.append(longest)
    if keep_first and ends:
        ends.insert(0, 0)
    return ends


def _cuts(
    counts: np.ndarray, start: int, stop: int, before: int, after: int, smallest: int
) -> list[int]:
    """The cuts of the cells from `start` to `stop` by repeated halving, in order.

    A range is only cut at its middle, and only if both halves have enough cases: a cut depends on
    the grid and not on a case. `before` and `after` count the cases of neighbouring ranges that
    were too small to be separate.
    """
    if stop - start < 2:
        return []
    middle = (start + stop) // 2
    shorter = before + int(counts[start:middle].sum())
    longer = int(counts[middle:stop].sum()) + after
    if shorter >= smallest and longer >= smallest:
        return [
            *_cuts(counts, start, middle, before, 0, smallest),
            middle,
            *_cuts(counts, middle, stop, 0, after, smallest),
        ]
    if longer < smallest:
        return _cuts(counts, start, middle, before, longer, smallest)
    return _cuts(counts, middle, stop, shorter, after, smallest)


def _rounded_within(lengths: Array, high: Array) -> Array:
    """The number of lengths in each interval, by differences of rounded cumulative counts."""
    cumulative = [rounded(int((lengths <= end).sum())) for end in high]
    return np.diff([0, *cumulative]).astype(float)


def _crossing(times: Array, still_open: Array, share: float) -> float:
    """The time at which a share is completed, by linear interpolation; NaN if never."""
    wanted = 1.0 - share + 1e-12
    reached = np.flatnonzero(still_open <= wanted)
    if not len(reached):
        return math.nan
    after = int(reached[0])
    before = after - 1
    if before < 0 or not math.isfinite(still_open[before]):
        return float(times[after])
    part = (still_open[before] - wanted) / (still_open[before] - still_open[after])
    return float(times[before] + part * (times[after] - times[before]))
