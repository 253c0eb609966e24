"""Dates, working days and opening hours, in whole minutes since a model's first midnight.

Inside a run time is an integer number of minutes; dates exist only at the edges. Bank holidays are
those of England, from the `holidays` package.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from functools import lru_cache

from cjsim.des.engine import has_twins

MINUTES_A_DAY = 24 * 60
DAYS_A_MONTH = 365.25 / 12
DAYS_A_WEEK = 7


@lru_cache(maxsize=16)
def bank_holidays(first_year: int, last_year: int) -> frozenset[dt.date]:
    """England's bank holidays of some years, both included."""
    import holidays

    found = holidays.country_holidays("GB", subdiv="ENG", years=range(first_year, last_year + 1))
    return frozenset(found)


def months_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """The first day of every month that any day from `first` to `last` falls in."""
    months = [first.replace(day=1)]
    while (following := next_month(months[-1])) <= last:
        months.append(following)
    return months


def next_month(day: dt.date) -> dt.date:
    """The first day of the month after."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


@has_twins("working_time.cpp")
class Calendar:
    """The days of a run and of some years beyond it: weekday, bank holiday, working day or not."""

    __slots__ = (
        "_working_days",
        "_working_days_by",
        "days",
        "epoch",
        "is_bank_holiday",
        "weekday",
    )

    def __init__(self, epoch: dt.date, days: int) -> None:
        self.epoch = epoch
        self.days = days
        last = epoch + dt.timedelta(days=days)
        off = bank_holidays(epoch.year, last.year)
        first_weekday = epoch.weekday()
        self.weekday: list[int] = [(first_weekday + day) % 7 for day in range(days)]
        self.is_bank_holiday: list[bool] = [
            epoch + dt.timedelta(days=day) in off for day in range(days)
        ]
        self._working_days: list[int] = [
            day for day in range(days) if self.weekday[day] < 5 and not self.is_bank_holiday[day]
        ]
        # How many working days there are up to and with each day.
        self._working_days_by: list[int] = [
            bisect_right(self._working_days, day) for day in range(days)
        ]

    def minute(self, date: dt.date) -> int:
        """The minute at which a date begins."""
        return (date - self.epoch).days * MINUTES_A_DAY

    def date(self, minute: int) -> dt.date:
        """The date that a minute falls in."""
        return self.epoch + dt.timedelta(days=minute // MINUTES_A_DAY)

    def moment(self, minute: int) -> dt.datetime:
        """The date and time of a minute."""
        start = dt.datetime.combine(self.epoch, dt.time())
        return start + dt.timedelta(minutes=minute)

    def working_days_from(self, day: int, days: int) -> list[int]:
        """A day, and the working days after it, so many in all."""
        after = self._working_days_by[day]
        return [day, *self._working_days[after : after + days - 1]]

    def end_of_working_day_after(self, minute: int, working_days: int) -> int:
        """The last minute of the n-th working day after the day that a minute falls in.

        A duty "within 1 working day" that arises on a Friday is due by the end of the Monday.
        """
        after = self._working_days_by[minute // MINUTES_A_DAY]
        day = self._working_days[after + (working_days - 1 if working_days > 1 else 0)]
        return day * MINUTES_A_DAY + MINUTES_A_DAY - 1


@has_twins("working_time.cpp")
class OpenHours:
    """The hours in which a pool works: arithmetic on open minutes, so opening needs no event."""

    __slots__ = ("_before", "_is_open", "length", "open_days", "opens")

    def __init__(
        self,
        calendar: Calendar,
        opens: int,
        closes: int,
        weekdays: tuple[int, ...],
        *,
        holidays: bool,
    ) -> None:
        self.opens = opens
        self.length = closes - opens
        self.open_days: list[int] = [
            day
            for day in range(calendar.days)
            if calendar.weekday[day] in weekdays and (holidays or not calendar.is_bank_holiday[day])
        ]
        is_open = [False] * calendar.days
        for day in self.open_days:
            is_open[day] = True
        self._before: list[int] = []
        total = 0
        for day in range(calendar.days):
            self._before.append(total)
            if is_open[day]:
                total += self.length
        self._is_open = is_open

    def worked_by(self, minute: int) -> int:
        """How many opening minutes have passed by a minute."""
        day, offset = divmod(minute, MINUTES_A_DAY)
        before = self._before[day]
        if not self._is_open[day]:
            return before
        return before + min(max(offset - self.opens, 0), self.length)

    def open_minutes(self, day: int) -> int:
        """How many minutes the pool is open on a day, counted from the model's first."""
        return self.length if self._is_open[day] else 0

    def span(self, minute: int, minutes: int) -> tuple[int, int]:
        """When work that is ready at a minute starts and ends; it rests overnight."""
        day, offset = divmod(minute, MINUTES_A_DAY)
        done = offset - self.opens
        if self._is_open[day] and done >= 0 and done + minutes <= self.length:
            return minute, minute + minutes
        worked = self.worked_by(minute)
        day, offset = divmod(worked, self.length)
        start = max(minute, self.open_days[day] * MINUTES_A_DAY + self.opens + offset)
        if not minutes:
            return start, start
        day, offset = divmod(worked + minutes - 1, self.length)
        return start, self.open_days[day] * MINUTES_A_DAY + self.opens + offset + 1


def clock_minutes(text: str) -> int:
    """Minutes after midnight of a time such as "09:30"; "24:00" is not a time, "23:59" is."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
