"""Which days of an extract can be right, and on which day what is open is open.

All days are proleptic Gregorian ordinals (`datetime.date.toordinal`) in integer arrays.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ordinals = NDArray[np.int64]

FARTHEST_YEARS: Final = 5
FARTHEST_SPANS: Final = 3
LONGEST_GAP_DAYS: Final = 31
_FEWEST_DAYS: Final = 20
"""Fewer days than this are no bulk that another could be far from."""


def believable(days: Ordinals) -> tuple[int, int]:
    """The first and the last day that can be right in an extract that holds these days.

    A day is far from the bulk when it lies outside the middle nine tenths of all days by more than
    five years and by more than three times what these nine tenths span. With fewer than 20 days
    every day is believable.
    """
    if len(days) < _FEWEST_DAYS:
        return dt.date.min.toordinal(), dt.date.max.toordinal()
    low, high = (int(day) for day in np.quantile(days, [0.05, 0.95], method="nearest"))
    margin = max(round(365.25 * FARTHEST_YEARS), FARTHEST_SPANS * (high - low))
    return max(low - margin, 1), min(high + margin, dt.date.max.toordinal())


def settled_day(last_days: Ordinals, count: int) -> dt.date:
    """The day on which open cases are taken to be open where nobody says.

    It is the last of all days, unless fewer than `count` rows have a day of their own in the 31
    days before it: then it is the last day on or after which `count` rows have one, so that no
    case alone can say until when the others have been open. With fewer rows than that, it is the
    first of their days. `last_days` holds the last day of each row.
    """
    ordered = np.sort(last_days)
    reached = int(ordered[-min(count, len(ordered))])
    last = int(ordered[-1])
    return dt.date.fromordinal(last if last - reached <= LONGEST_GAP_DAYS else reached)
