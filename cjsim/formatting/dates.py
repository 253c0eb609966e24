"""Dates, times of day and lengths of time as text, in English on every machine."""

from __future__ import annotations

import datetime as dt
from typing import Final

from cjsim.des.working_time import MINUTES_A_DAY

MINUTES_AN_HOUR: Final = 60

MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def month_year(day: dt.date) -> str:
    """The month and year of a date: "April 2013"."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def day_of(day: dt.date) -> str:
    """A date written out: "1 April 2013"."""
    return f"{day.day} {month_year(day)}"


def short_month(day: dt.date) -> str:
    """The month and year of a date in a narrow place: "Apr 2013"."""
    return f"{MONTHS[day.month - 1][:3]} {day.year}"


def short_day(day: dt.date) -> str:
    """A date in a narrow place: "1 Apr 2013"."""
    return f"{day.day} {short_month(day)}"


def month_of(period: str) -> dt.date:
    """The first day of an ISO month such as "2013-04"."""
    return dt.date.fromisoformat(period + "-01")


def month_named(period: str) -> str:
    """An ISO month written out: "2013-04" is "April 2013"."""
    return month_year(month_of(period))


def moment(minute: int, epoch: dt.date) -> dt.datetime:
    """The date and time of a minute of a run, whose minute 0 begins on the day `epoch`."""
    return dt.datetime.combine(epoch, dt.time()) + dt.timedelta(minutes=int(minute))


def weekday(minute: int, epoch: dt.date) -> str:
    """The day of a minute of a run: "Tue 14 May 2013"."""
    when = moment(minute, epoch)
    return f"{WEEKDAYS[when.weekday()]} {short_day(when)}"


def clock(minute: int, epoch: dt.date) -> str:
    """The time of day of a minute of a run: "10:12"."""
    return f"{moment(minute, epoch):%H:%M}"


def days_between(first: int, last: int) -> int:
    """The midnights between two minutes of a run."""
    return last // MINUTES_A_DAY - first // MINUTES_A_DAY


def duration(minutes: float) -> str:
    """A length of time in one or two units: "40 min", "3 h 20 min", "12 days"."""
    rounded = round(minutes)
    if rounded < MINUTES_AN_HOUR:
        return f"{rounded} min"
    if rounded < 2 * MINUTES_A_DAY:
        hours, rest = divmod(rounded, MINUTES_AN_HOUR)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{round(rounded / MINUTES_A_DAY)} days"
