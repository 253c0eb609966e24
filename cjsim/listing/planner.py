"""Sessions planned week by week: lists with room to spare lend sessions to lists with a backlog.

Some weeks ahead a listing officer looks at the lists that share a courthouse. A list that will not
need all of its sessions, by what is booked and by what was booked in the weeks before, gives some
to the list whose hearings wait longest beyond their notice. On the day, a courtroom whose list has
nobody left to call takes trials of another list. Nothing is lent where nobody waits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cjsim.des.environment import Environment
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.listing.diary import Diary

WEEK: Final = 7 * MINUTES_A_DAY
_SAME_SESSION: Final = 90
"""Sessions of two lists that begin no more minutes apart are one session of the court."""


@dataclass(frozen=True, slots=True)
class PlanningRules:
    """How sessions are shared: how far ahead, how eagerly, for which waits, and from whom to whom.

    `lends` names, for each list, the lists that may have its sessions. `worth_minutes` is the wait
    beyond the notice from which a list borrows.
    """

    weeks_ahead: int = 0
    look_back_weeks: int = 8
    eagerness: float = 0.0
    worth_minutes: int = 0
    on_the_day: bool = False
    lends: Mapping[str, Sequence[str]] = field(default_factory=dict)


class SessionPlanner:
    """The listing officer of one courthouse and court, who shares its sessions among the lists."""

    def __init__(self, env: Environment, diaries: Mapping[str, Diary]) -> None:
        """`diaries` are those of the courthouse, by list."""
        self.env = env
        self.rules = PlanningRules()
        self._diaries = diaries
        for word, diary in diaries.items():
            diary.planner, diary.list_name = self, word

    def plan_week(self) -> None:
        """Share the sessions of the week that is `weeks_ahead` weeks from now."""
        rules = self.rules
        if not rules.eagerness:
            return
        first = self.env.minute + rules.weeks_ahead * WEEK
        for word, lender in self._diaries.items():
            borrowers = [self._diaries[other] for other in rules.lends.get(word, ())]
            if borrowers and not self._has_backlog(lender):
                self._lend_some(lender, borrowers, first)

    def before_the_list_is_called(self, diary: Diary, sitting: int) -> None:
        """Courtrooms that stand empty in this session come to the list that is about to be called.

        No more than the list can fill: what its hearings are estimated at, beyond its own rooms.
        """
        rules = self.rules
        if not (rules.eagerness and rules.on_the_day):
            return
        sessions = diary.sessions
        for word, lender in self._diaries.items():
            if diary.list_name not in rules.lends.get(word, ()):
                continue
            at = lender.session_near(sessions.starts[sitting], _SAME_SESSION)
            while (
                at >= 0
                and lender.sessions.rooms[at]
                and lender.is_empty(at)
                and diary.estimated(sitting) > sessions.minutes_there(sitting)
            ):
                self._move(lender, at, diary, sitting)

    def _has_backlog(self, diary: Diary) -> bool:
        return self._waits(diary) > self.rules.worth_minutes

    def _waits(self, diary: Diary) -> int:
        """How long a hearing of the usual length would wait beyond its notice, in minutes."""
        earliest = self.env.minute + round(diary.usual_notice)
        return diary.first_date(earliest, round(diary.usual_estimate)) - earliest

    def _lend_some(self, lender: Diary, borrowers: list[Diary], first: int) -> None:
        rules, sessions = self.rules, lender.sessions
        start, stop = (bisect_left(sessions.starts, at) for at in (first, first + WEEK))
        there = sum(sessions.bookable[start:stop])
        booked = there - sum(lender.free[at] for at in range(start, stop))
        usual = lender.booked_a_week(self.env.minute // WEEK, rules.look_back_weeks)
        spare = there - max(booked, usual)
        by_room = sorted(
            (
                at
                for at in range(start, stop)
                if sessions.rooms[at] and lender.free[at] >= sessions.bookable_a_room[at] > 0
            ),
            key=lambda at: (-lender.free[at], sessions.starts[at]),
        )
        spare *= rules.eagerness
        for at in by_room:
            spare -= sessions.bookable_a_room[at]
            if spare < 0:
                return
            waits = [(self._waits(diary), -place) for place, diary in enumerate(borrowers)]
            longest, place = max(waits)
            if longest <= rules.worth_minutes:
                return
            borrower = borrowers[-place]
            near = borrower.session_near(sessions.starts[at], _SAME_SESSION)
            if near >= 0:
                self._move(lender, at, borrower, near)
                borrower.offer(near)

    def _move(self, lender: Diary, at: int, borrower: Diary, near: int) -> None:
        """One courtroom of a session goes from one list to another."""
        courtroom = lender.give_up_courtroom(at)
        borrower.take_courtroom(near, courtroom)
