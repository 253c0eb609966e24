"""When a court list sits: its usual week, less what is not allocated or blocked, as far as known.

A listing officer books into the sittings that are known on the day. A change of them is known some
days before it takes effect (`change_notice_days`), and never before the study begins, so that the
warm-up is the same in every scenario. The same holds for a closure of the courthouse, which may say
itself when it is announced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TypeVar

from cjsim.des.working_time import MINUTES_A_DAY, Calendar, bank_holidays, clock_minutes
from cjsim.listing.sessions import Sessions
from cjsim.listing.staffing import PlannedList, Slot, courtrooms_left, half_of_day
from cjsim.schema.base import Number, Profile
from cjsim.schema.closures import Closure
from cjsim.schema.dated import days_of_change, number_on, weights_on
from cjsim.schema.model import ListSpec, Model, SittersSpec

Value = TypeVar("Value", Number, Profile)
HALF = 0.5
"""From here on the shares of each sitting are added up, so that a year's count is rounded."""
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class SessionsOfADay:
    """What a court list's sessions are like from a date on: courtrooms by weekday, and minutes."""

    rooms: tuple[int, ...]
    shares: tuple[float, ...]
    minutes: int
    over_listing: float
    kept: float
    overrun: int


@dataclass(frozen=True, slots=True)
class ListAtCourthouse:
    """A list at one of its courthouses: what says when it sits there.

    `division` is the one whose values hold there; one courtroom stands for `one_in` of them.
    """

    spec: ListSpec
    courthouse: str
    division: str
    closures: tuple[Closure, ...] = ()
    one_in: float = 1.0

    @property
    def rooms(self) -> Profile:
        """The courtrooms that sit on each weekday."""
        return self.spec.houses[self.courthouse].rooms


def list_at(model: Model, court_list: str, courthouse: str) -> ListAtCourthouse:
    """A list of a model at one of its courthouses, with all closures of the courthouse."""
    where = model.courthouses[courthouse]
    return ListAtCourthouse(
        model.lists[court_list], courthouse, where.division, where.closed.changes, model.one_in
    )


def sessions_of_a_day(court_list: ListAtCourthouse, date: dt.date) -> SessionsOfADay:
    """The sessions of a list at a courthouse, as its description has them on a date."""
    spec, area = court_list.spec, court_list.division
    return SessionsOfADay(
        rooms=tuple(int(rooms) for rooms in weights_on(court_list.rooms, date, area)),
        shares=weights_on(spec.sitting_share, date, area),
        minutes=int(number_on(spec.session_minutes, date, area, "")),
        over_listing=number_on(spec.over_listing, date, area, ""),
        kept=number_on(spec.kept_for_custody, date, area, ""),
        overrun=int(number_on(spec.overrun_minutes, date, area, "")),
    )


def days_of_sitting(
    court_list: ListAtCourthouse, first: dt.date, last: dt.date
) -> Iterator[tuple[int, int, SessionsOfADay]]:
    """Each day on which a list may sit at a courthouse, how many courtrooms, and their sessions.

    Days are counted from the first, which is 0.

    A share of the usual sittings is held by whole courtrooms: the shares are added up from New Year
    on, and whenever they make a whole one a courtroom sits for the day. So are the parts of a
    courtroom that are left where one stands for `one_in` of them.
    """
    spec, one_in = court_list.spec, court_list.one_in
    changes = days_of_change(spec)
    closed = _closed_days(court_list, last)
    on_holidays = spec.bank_holidays
    today = sessions_of_a_day(court_list, first.replace(month=1, day=1))
    rooms, shares = today.rooms, today.shares
    owed = HALF
    for day, date, weekday, month, new_year, holiday in _days(first, last):
        if changes and date in changes:
            today = sessions_of_a_day(court_list, date)
            rooms, shares = today.rooms, today.shares
        if new_year:
            owed = HALF
        if holiday and not on_holidays:
            continue
        sitting = rooms[weekday]
        share = shares[month] / one_in
        if share < 1.0:
            owed += sitting * share + TINY
            sitting = int(owed)
            owed -= sitting
        if day >= 0:
            yield day, 0 if closed and date in closed else sitting, today


@cache
def _days(first: dt.date, last: dt.date) -> tuple[tuple[int, dt.date, int, int, bool, bool], ...]:
    """From New Year on: each day as a number and a date, its weekday, its month from 0.

    And whether it is New Year, and a bank holiday. Every list of a run, and every run of a study,
    asks for the same days.
    """
    holidays = bank_holidays(first.year, last.year)
    new_year = first.replace(month=1, day=1)
    since = (new_year - first).days
    dates = [new_year + dt.timedelta(days=day) for day in range((last - new_year).days + 1)]
    return tuple(
        (
            day,
            date,
            date.weekday(),
            date.month - 1,
            date.month == date.day == 1,
            date in holidays,
        )
        for day, date in enumerate(dates, since)
    )


def _session(sitting: int, day: SessionsOfADay) -> tuple[int, ...]:
    """One session of a day, in the columns of `Sessions` after its start."""
    bookable = int(sitting * day.minutes * day.over_listing)
    a_room = int(day.minutes * day.over_listing)
    return (
        sitting,
        day.minutes,
        bookable,
        int(bookable * day.kept),
        day.overrun,
        a_room,
        int(a_room * day.kept),
    )


def _closed_days(court_list: ListAtCourthouse, last: dt.date) -> frozenset[dt.date]:
    """The days up to the last on which the list is blocked or its courthouse is shut."""
    periods = [
        (blocked.from_, blocked.to)
        for blocked in court_list.spec.blocked
        if court_list.courthouse in blocked.houses or not blocked.houses
    ]
    periods += [(closure.from_, closure.to or last) for closure in court_list.closures]
    return frozenset(
        begins + dt.timedelta(days=day)
        for begins, ends in periods
        for day in range((ends - begins).days + 1)
    )


class Sittings:
    """When one list sits at one courthouse, and since when that is known."""

    def __init__(
        self,
        court_list: ListAtCourthouse,
        calendar: Calendar,
        study_from: dt.date,
        sitters: tuple[SittersSpec, ...] = (),
        served_before: tuple[Sittings, ...] = (),
    ) -> None:
        """`court_list` has all closures of the courthouse, known or not.

        `sitters` are the people of the court, of whom the lists `served_before` get theirs first.
        """
        self._list = court_list
        self._calendar = calendar
        self._study_from = study_from
        self._sitters = sitters
        self._served_before = served_before

    def days_of_news(self, first: dt.date, last: dt.date) -> list[dt.date]:
        """The days after the first on which a change of the sittings becomes known.

        A closure that is known on the first day is news of that day: hearings move then.
        """
        spec = self._list.spec
        news = {day for value in self._what_changes() for day in self._known_from(value).values()}
        news |= {one.announced for one in spec.blocked if one.announced is not None}
        for other in self._served_before:
            news.update(other.days_of_news(first, last))
        closures = {self._closure_known_from(closure) for closure in self._list.closures}
        return sorted(
            {day for day in news if first < day <= last}
            | {day for day in closures if first <= day <= last}
        )

    def closures_known_on(self, today: dt.date) -> tuple[Closure, ...]:
        """The closures of the courthouse that have been announced, past ones included."""
        return tuple(
            closure for closure in self._list.closures if self._closure_known_from(closure) <= today
        )

    def closures_known_before(self, today: dt.date) -> tuple[Closure, ...]:
        """The closures that had been announced on the day before."""
        return self.closures_known_on(today - dt.timedelta(days=1))

    def _closure_known_from(self, closure: Closure) -> dt.date:
        known = closure.announced
        if known is None:
            notice = self._list.spec.change_notice_days
            days = round(number_on(notice, closure.from_, self._list.division, ""))
            known = closure.from_ - dt.timedelta(days=days)
        return max(known, self._study_from) if closure.from_ >= self._study_from else known

    def as_known_on(self, today: dt.date, closures: tuple[Closure, ...] | None = None) -> Sessions:
        """All the sessions of the calendar, as the listing officer expects them on a day.

        `closures` are those that are known: by default those announced on that day or before.
        """
        if closures is None:
            closures = self.closures_known_on(today)
        court_list = self._list_as_known(today, closures)
        spec = court_list.spec
        clock = [clock_minutes(start) for start in spec.sessions]
        sessions = Sessions()
        people = self._people_for(today, court_list)
        halves = [half_of_day(start) for start in spec.sessions]
        # Thousands of days are of a few kinds: each is worked out once, and columns filled at once.
        midnights: list[int] = []
        kinds: list[tuple[int, ...]] = []
        alike: dict[int, tuple[int, ...]] = {}
        before: SessionsOfADay | None = None
        for number, sitting, day in self._days_of_sitting(court_list):
            if day is not before:
                before, alike = day, {}
            midnights.append(number * MINUTES_A_DAY)
            for half in halves:
                held = sitting if people is None else people[number, half]
                kind = alike.get(held)
                if kind is None:
                    kind = alike[held] = _session(held, day)
                kinds.append(kind)
        sessions.starts.extend([midnight + start for midnight in midnights for start in clock])
        columns = (
            sessions.rooms,
            sessions.minutes,
            sessions.bookable,
            sessions.kept,
            sessions.overrun,
            sessions.bookable_a_room,
            sessions.kept_a_room,
        )
        for column, values in zip(columns, zip(*kinds, strict=True), strict=False):
            column.extend(values)
        return sessions

    def _list_as_known(self, today: dt.date, closures: tuple[Closure, ...]) -> ListAtCourthouse:
        return replace(self._list, spec=self._as_known_on(today), closures=closures)

    def _days_of_sitting(
        self, court_list: ListAtCourthouse
    ) -> Iterator[tuple[int, int, SessionsOfADay]]:
        calendar = self._calendar
        last = calendar.epoch + dt.timedelta(days=calendar.days - 1)
        return days_of_sitting(court_list, calendar.epoch, last)

    def _people_for(self, today: dt.date, court_list: ListAtCourthouse) -> dict[Slot, int] | None:
        """The courtrooms that have people, by slot, as known on a day; None if nobody is short."""
        if not self._sitters:
            return None
        notice = partial(self._as_known, today=today)
        sitters = [
            pool.model_copy(
                update={"at_once": notice(pool.at_once), "available": notice(pool.available)}
            )
            for pool in self._sitters
        ]
        return courtrooms_left(
            sitters,
            [other.planned(today) for other in self._served_before],
            self._planned(court_list),
            court_list.division,
            court_list.one_in,
        )

    def planned(self, today: dt.date) -> PlannedList:
        """When the list would sit if there were people enough, as known on a day."""
        return self._planned(self._list_as_known(today, self.closures_known_on(today)))

    def _planned(self, court_list: ListAtCourthouse) -> PlannedList:
        epoch = self._calendar.epoch
        return PlannedList(
            frozenset(half_of_day(start) for start in court_list.spec.sessions),
            [
                (number, epoch + dt.timedelta(days=number), sitting)
                for number, sitting, _ in self._days_of_sitting(court_list)
            ],
        )

    def _known_from(self, value: Number | Profile) -> dict[dt.date, dt.date]:
        """The day on which each change of a value is known, by the day on which it takes effect.

        When a court closes, the day on which it opens again is known as well.
        """
        area = self._list.division
        known: dict[dt.date, dt.date] = {}
        closed_on: dt.date | None = None
        for change in value.changes:
            if change.area not in (None, area):
                continue
            day = change.from_
            notice = round(number_on(self._list.spec.change_notice_days, day, area, ""))
            known[day] = day - dt.timedelta(days=notice)
            if day >= self._study_from:
                known[day] = max(known[day], self._study_from)
            if closed_on is not None:
                known[day] = min(known[day], known[closed_on])
            weights = change.value if isinstance(change.value, tuple) else (1.0,)
            closed_on = None if any(weights) else day
        return known

    def _as_known(self, value: Value, *, today: dt.date) -> Value:
        """A value with the changes that are known on a day."""
        area = self._list.division
        since = self._known_from(value)
        changes = tuple(
            change
            for change in value.changes
            if change.area in (None, area) and since[change.from_] <= today
        )
        return value.model_copy(update={"changes": changes})

    def _as_known_on(self, today: dt.date) -> ListSpec:
        spec = self._list.spec
        known = partial(self._as_known, today=today)
        courthouse = self._list.courthouse
        house = spec.houses[courthouse]
        return spec.model_copy(
            update={
                "session_minutes": known(spec.session_minutes),
                "over_listing": known(spec.over_listing),
                "overrun_minutes": known(spec.overrun_minutes),
                "kept_for_custody": known(spec.kept_for_custody),
                "sitting_share": known(spec.sitting_share),
                "houses": {courthouse: house.model_copy(update={"rooms": known(house.rooms)})},
                "blocked": tuple(
                    one for one in spec.blocked if one.announced is None or one.announced <= today
                ),
            }
        )

    def _what_changes(self) -> tuple[Number | Profile, ...]:
        """What the sittings follow from and may carry dated changes."""
        spec = self._list.spec
        return (
            spec.session_minutes,
            spec.over_listing,
            spec.overrun_minutes,
            spec.kept_for_custody,
            spec.sitting_share,
            self._list.rooms,
            *(value for pool in self._sitters for value in (pool.at_once, pool.available)),
        )
