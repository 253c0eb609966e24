"""What there was to be used: what every pool and court list had to give, and what was sat."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from cjsim.des.working_time import MINUTES_A_DAY, months_between
from cjsim.listing.court_day import Sat
from cjsim.listing.staffing import is_afternoon, people_by_role

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation

_EMPTY: Final = (0,) * (len(Sat._fields) - 2)
"""What a courtroom did in a session for which nobody was listed."""


def capacity_rows(simulation: Simulation, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """One row for each pool, list or role and month from `first` to `last`: minutes, posts at once.

    The minutes of a role are those in which its people could sit while the court sits at all.
    """
    rows: list[dict[str, Any]] = []
    for month in months_between(first, last):
        days = [
            day
            for day in range(simulation.calendar.days)
            if first <= (date := simulation.calendar.date(day * MINUTES_A_DAY)) <= last
            and date.replace(day=1) == month
        ]
        rows += _pool_capacity(simulation, month, days)
        rows += _list_capacity(simulation, month, days)
        rows += _sitters_capacity(simulation, month, days)
    return rows


def sitting_rows(simulation: Simulation) -> list[tuple[Any, ...]]:
    """One row for each session of each courtroom in the run, with the log's `SITTING_COLUMNS`.

    `listed`, `carried` and `not_reached` are those of the whole session, the same in each row of
    its courtrooms: nobody is listed for a courtroom.
    """
    rows: list[tuple[Any, ...]] = []
    for word in simulation.venues:
        for diary in simulation.diaries_of(word):
            house = diary.name.partition("@")[2]
            sat = {(one.sitting, one.courtroom): one for one in diary.courtrooms.sat()}
            sessions = diary.sessions
            first = bisect_left(sessions.starts, simulation.start)
            last = bisect_left(sessions.starts, simulation.end)
            for at in range(first, last):
                for room in range(sessions.rooms[at]):
                    one = sat.get((at, room))
                    rows.append(
                        (
                            word,
                            house,
                            diary.courtroom_name(at, room),
                            sessions.starts[at],
                            sessions.minutes[at],
                            *(_EMPTY if one is None else one[2:]),
                        )
                    )
    return rows


def _pool_capacity(simulation: Simulation, month: dt.date, days: list[int]) -> list[dict[str, Any]]:
    rows = []
    for base, pools in simulation.pools.items():
        spec = simulation.model.pools[base]
        shared = pools[0] is pools[-1] and len(pools) > 1
        hours = simulation.open_hours[spec.hours]
        for area, pool in zip(simulation.divisions, pools, strict=True):
            minutes = posts = 0.0
            for day in days:
                start = day * MINUTES_A_DAY
                date = simulation.calendar.date(start)
                capacity = simulation.capacity_on(base, date, area)
                is_open = MINUTES_A_DAY if hours is None else hours.open_minutes(day)
                minutes += capacity * is_open
                posts += capacity / len(days)
            rows.append(
                {
                    "kind": "pool",
                    "name": pool.name,
                    "base": base,
                    "division": "" if shared else area,
                    "court": "",
                    "agency": spec.agency,
                    "month": month.strftime("%Y-%m"),
                    "minutes": minutes,
                    "posts": posts,
                }
            )
            if shared:
                break
    return rows


def _list_capacity(simulation: Simulation, month: dt.date, days: list[int]) -> list[dict[str, Any]]:
    rows = []
    first, last = days[0] * MINUTES_A_DAY, (days[-1] + 1) * MINUTES_A_DAY
    for base, spec in simulation.model.lists.items():
        for diary in simulation.diaries_of(base):
            served = simulation.divisions_of(diary)
            sessions = diary.sessions
            start = bisect_left(sessions.starts, first)
            stop = bisect_left(sessions.starts, last)
            minutes = sum(sessions.rooms[at] * sessions.minutes[at] for at in range(start, stop))
            rooms = sum(sessions.rooms[start:stop]) / max(stop - start, 1)
            rows.append(
                {
                    "kind": "list",
                    "name": diary.name,
                    "base": base,
                    "division": served[0] if len(served) == 1 else "",
                    "court": spec.court,
                    "agency": simulation.vocabulary.court_agency,
                    "month": month.strftime("%Y-%m"),
                    "minutes": float(minutes),
                    "posts": rooms,
                }
            )
    return rows


def _sitters_capacity(
    simulation: Simulation, month: dt.date, days: list[int]
) -> list[dict[str, Any]]:
    rows = []
    model = simulation.model
    first, last = days[0] * MINUTES_A_DAY, (days[-1] + 1) * MINUTES_A_DAY
    for (court, house), diaries in simulation.diaries_by_courthouse().items():
        sitters = [pool for pool in model.sitters.values() if pool.court == court]
        if not sitters:
            continue
        slots: dict[tuple[int, bool], int] = {}
        for diary in diaries:
            sessions = diary.sessions
            for at in range(
                bisect_left(sessions.starts, first), bisect_left(sessions.starts, last)
            ):
                if sessions.rooms[at]:
                    day, minute = divmod(sessions.starts[at], MINUTES_A_DAY)
                    slot = day, is_afternoon(minute)
                    slots[slot] = max(slots.get(slot, 0), sessions.minutes[at])
        minutes: defaultdict[str, float] = defaultdict(float)
        division = model.courthouses[house].division
        for (day, _), length in slots.items():
            date = simulation.calendar.date(day * MINUTES_A_DAY)
            people = people_by_role(sitters, date, division, model.one_in)
            for role, number in people.items():
                minutes[role] += number * length
        for role, there in minutes.items():
            rows.append(
                {
                    "kind": "sitters",
                    "name": f"{role}@{house}",
                    "base": role,
                    "division": division,
                    "court": court,
                    "agency": simulation.vocabulary.court_agency,
                    "month": month.strftime("%Y-%m"),
                    "minutes": there,
                    "posts": there / max(sum(slots.values()), 1),
                }
            )
    return rows
