"""How many cases a stream brings: by offence group, undated and on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from cjsim.schema.base import pick
from cjsim.schema.dated import number_on
from cjsim.schema.model import Stream

DAYS_A_YEAR: Final = 365.25
QUARTERS_A_YEAR: Final = 4


def undated_rate(stream: Stream, group: str, groups: Sequence[str]) -> float:
    """Cases a year of an offence group before any change; 0 for a group that the table leaves out.

    `groups` are all offence groups. Candidates are drawn at this rate, the same in every scenario.
    """
    rate = _of_group(stream.per_year.value, group)
    if stream.per_quarter is None or not rate:
        return rate
    return QUARTERS_A_YEAR * stream.per_quarter.at("default") * rate / _all_groups(stream, groups)


def rate_on(stream: Stream, date: dt.date, area: str, group: str, groups: Sequence[str]) -> float:
    """Cases a year of an offence group, one of `groups`, at the rate of a day in a division."""
    try:
        pick(stream.per_year.value, group)
        rate = number_on(stream.per_year, date, area, group)
    except KeyError:
        return 0.0  # no case of this group comes this way
    if stream.per_quarter is None or not rate:
        return rate
    all_groups = sum(_on(stream, date, area, each) for each in groups)
    a_year = number_on(stream.per_quarter, date, area, "") * DAYS_A_YEAR / days_of_quarter(date)
    return a_year * rate / all_groups


def days_of_quarter(date: dt.date) -> int:
    """The number of days in the quarter of a date."""
    first = date.replace(month=date.month - (date.month - 1) % 3, day=1)
    after = (first + dt.timedelta(days=95)).replace(day=1)
    return (after - first).days


def _on(stream: Stream, date: dt.date, area: str, group: str) -> float:
    try:
        return number_on(stream.per_year, date, area, group)
    except KeyError:
        return 0.0


def _all_groups(stream: Stream, groups: Sequence[str]) -> float:
    return sum(_of_group(stream.per_year.value, group) for group in groups)


def _of_group(value: float | dict[str, float], group: str) -> float:
    """A table leaves out the groups that have no cases."""
    if not isinstance(value, dict):
        return value
    return value.get(group, value.get("default", 0.0))
