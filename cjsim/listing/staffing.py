"""Who sits: a courtroom needs a judge or a bench, and a legal adviser, as well as the room.

A court at one courthouse sits, in each session, in no more courtrooms than it has people of every
role. Where people are short, lists get them in a stated order; the last ones do not sit.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cjsim.des.working_time import clock_minutes
from cjsim.schema.dated import number_on
from cjsim.schema.model import SittersSpec

_AFTERNOON: Final = 13 * 60
_ROUNDING: Final = 1e-9

PlannedDay = tuple[int, dt.date, int]
"""A day of a list: its number, its date, and the courtrooms planned to sit."""

Slot = tuple[int, int]
"""A day's number, and 0 for the morning or 1 for the afternoon."""


def half_of_day(start: str) -> int:
    """Whether a session is of the morning (0) or of the afternoon (1)."""
    return int(is_afternoon(clock_minutes(start)))


def is_afternoon(minute: int) -> bool:
    """Whether a minute of a day is in the afternoon's session."""
    return minute >= _AFTERNOON


def most_courtrooms(
    sitters: Iterable[SittersSpec], date: dt.date, area: str, one_in: float = 1.0
) -> int:
    """How many courtrooms can sit at once on a date: as many as the scarcest role has people."""
    return int(min(people_by_role(sitters, date, area, one_in).values()) + _ROUNDING)


def people_by_role(
    sitters: Iterable[SittersSpec], date: dt.date, area: str, one_in: float = 1.0
) -> dict[str, float]:
    """How many people of each role can sit at once on a date: pools of one role add up.

    `one_in` is how many courtrooms each simulated one stands for.
    """
    people: defaultdict[str, float] = defaultdict(float)
    for pool in sitters:
        at_once = number_on(pool.at_once, date, area, "")
        people[pool.role] += at_once * number_on(pool.available, date, area, "") / one_in
    return dict(people)


@dataclass(frozen=True, slots=True)
class PlannedList:
    """The days that a list would sit if there were people enough, and the halves of its days."""

    halves: frozenset[int]
    days: Sequence[PlannedDay]


def courtrooms_left(
    sitters: Sequence[SittersSpec],
    served_before: Iterable[PlannedList],
    wanted: PlannedList,
    area: str,
    one_in: float = 1.0,
) -> dict[Slot, int]:
    """How many courtrooms have people for a list, by slot, once others before it have theirs."""
    left: dict[Slot, int] = {}
    # Between two changes the people are the same every day.
    changes = sorted(
        {
            change.from_
            for pool in sitters
            for number in (pool.at_once, pool.available)
            for change in number.changes
        }
    )
    limits: dict[int, int] = {}

    def take(planned: PlannedList) -> dict[Slot, int]:
        sitting: dict[Slot, int] = {}
        for number, date, courtrooms in planned.days:
            period = bisect_right(changes, date)
            if period not in limits:
                limits[period] = most_courtrooms(sitters, date, area, one_in)
            for half in planned.halves:
                slot = (number, half)
                people = left.get(slot, limits[period])
                sitting[slot] = min(courtrooms, people)
                left[slot] = people - sitting[slot]
        return sitting

    for planned in served_before:
        take(planned)
    return take(wanted)
