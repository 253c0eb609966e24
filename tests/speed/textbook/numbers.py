"""What the textbook version reads of a model: plain dictionaries, made once before it runs.

Frozen: see the package's own docstring. Dated changes are left out: it runs the model as it
stands on its first day.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import holidays

from cjsim.england_wales.choices import OPTIONS
from cjsim.england_wales.vocabulary import OFFENCE_GROUPS
from cjsim.schema.model import Model

DAY = 24 * 60
MINUTES = {"minutes": 1, "hours": 60, "days": DAY}
NORMAL_P90 = 1.2815515655446004


def value(number: Any, *keys: str) -> float:
    """A number of the model, by division, offence group or list where it is a table."""
    table = number.value
    if not isinstance(table, dict):
        return table
    for key in keys:
        if key in table:
            return table[key]
    return table["default"]


@dataclass(slots=True)
class Length:
    """A length of time in minutes."""

    fixed: float | None
    mean: float | None
    mu: float
    sigma: float
    at_once: float
    cap: float
    by_group: dict[str, float]


def length(duration: Any) -> Length:
    """A duration of the model, with the lognormal's parameters worked out."""
    unit = MINUTES[duration.unit]
    mu = sigma = 0.0
    if duration.median is not None:
        mu = math.log(duration.median * unit)
        sigma = math.log(duration.p90 / duration.median) / NORMAL_P90
    return Length(
        None if duration.fixed is None else duration.fixed * unit,
        None if duration.mean is None else duration.mean * unit,
        mu,
        sigma,
        duration.at_once,
        math.inf if duration.cap is None else duration.cap * unit,
        duration.by_group,
    )


class Numbers:
    """The numbers of a model by name, and its calendar from a first day on."""

    def __init__(self, model: Model, first_day: dt.date, days: int) -> None:
        self.model = model
        self.divisions = list(model.divisions)
        self.shares = [value(spec.share) for spec in model.divisions.values()]
        self.chance = {
            branch: {
                (area, group): value(spec.probability, area, group)
                for area in self.divisions
                for group in OFFENCE_GROUPS
            }
            for branch, spec in model.branches.items()
        }
        self.odds = {
            branch: [(fact, odds.factor, odds.reference) for fact, odds in spec.odds.items()]
            for branch, spec in model.branches.items()
        }
        self.options = {
            choice: {
                group: [
                    (option, _share(spec.shares.value[option], group)) for option in OPTIONS[choice]
                ]
                for group in OFFENCE_GROUPS
            }
            for choice, spec in model.multiway_branches.items()
        }
        self.stages = {
            stage: length(spec.duration)
            for stage, spec in model.stages.items()
            if spec.duration is not None
        }
        self.hearings = {
            hearing: {
                result: length(spec) for result, spec in model.hearings[hearing].lengths.items()
            }
            for hearing in model.hearings
        }
        self.duties = {
            duty: (length(spec.turnaround), length(spec.duration))
            for duty, spec in model.duties.items()
        }
        self.engagement = {move: value(number) for move, number in model.engagement.items()}
        self.limits = {limit: value(number) for limit, number in model.limits.items()}
        self.first_day = first_day
        years = range(first_day.year, (first_day + dt.timedelta(days=days)).year + 1)
        off = holidays.country_holidays("GB", subdiv="ENG", years=years)
        dates = [first_day + dt.timedelta(days=day) for day in range(days)]
        self.weekday = [date.weekday() for date in dates]
        self.month = [date.month - 1 for date in dates]
        self.holiday = [date in off for date in dates]

    def working_day_after(self, minute: float, working_days: int) -> float:
        """The last minute of the n-th working day after a minute."""
        day = int(minute // DAY)
        while working_days > 0:
            day += 1
            if self.weekday[day] < 5 and not self.holiday[day]:
                working_days -= 1
        return day * DAY + DAY - 1


def _share(share: Any, group: str) -> float:
    return share.get(group, share.get("default")) if isinstance(share, dict) else share


class Shift:
    """When a pool of staff works."""

    def __init__(self, numbers: Numbers, spec: Any) -> None:
        hours, minutes = spec.start.split(":")
        self.opens = int(hours) * 60 + int(minutes)
        hours, minutes = spec.end.split(":")
        self.closes = int(hours) * 60 + int(minutes)
        self.always = self.opens == 0 and self.closes >= DAY - 1 and len(spec.weekdays) == 7
        self.open_on = [
            weekday in spec.weekdays and (spec.bank_holidays or not off)
            for weekday, off in zip(numbers.weekday, numbers.holiday, strict=True)
        ]

    def next_open(self, minute: float) -> float:
        """The first minute from this one on at which somebody works."""
        if self.always:
            return minute
        day, clock = divmod(minute, DAY)
        day = int(day)
        if self.open_on[day] and clock < self.closes:
            return max(minute, day * DAY + self.opens)
        day += 1
        while not self.open_on[day]:
            day += 1
        return day * DAY + self.opens

    def end_of_work(self, start: float, minutes: float) -> float:
        """When work that starts at an open minute ends; it rests overnight."""
        if self.always:
            return start + minutes
        while True:
            left_today = (start // DAY) * DAY + self.closes - start
            if minutes <= left_today:
                return start + minutes
            minutes -= left_today
            start = self.next_open(start + left_today)
