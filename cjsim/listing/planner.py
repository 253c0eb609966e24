"""Sessions planned week by week: lists with sessions to spare lend them to others.

Some weeks ahead a listing officer looks at the lists that share a courthouse. A list that will not
need all of its sessions, by what is booked and by what was booked in the weeks before, gives some
to the list whose hearings wait longest beyond their notice: the longer they wait, the larger a
share of the sessions to spare. On the day, a courtroom whose list has nobody left to call takes
hearings of another list. Nothing is lent where nobody waits.
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
    beyond the notice from which a list borrows, `all_spare_minutes` the wait from which it gets
    the whole of `eagerness`; in between it gets a part.
    """

    weeks_ahead: int = 0
    look_back_weeks: int = 8
    eagerness: float = 0.0
    worth_minutes: int = 0
    all_spare_minutes: int = 0
    on_the_day: bool = False
    lends: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def share_lent(self, wait: float) -> float:
        """The share of its spare sessions that a list gives to another whose hearings wait."""
        if wait <= self.worth_minutes:
            return 0.0
        range_minutes = self.all_spare_minutes - self.worth_minutes
        if range_minutes <= 0:
            return self.eagerness
        return self.eagerness * min(1.0, (wait - self.worth_minutes) / range_minutes)


class SessionPlanner:
    """The listing officer of one courthouse and court, who shares its sessions among the lists."""

    def __init__(self, env: Environment, diaries: Mapping[str, Diary]) -> None:
        """`diaries` are those of the courthouse, by list."""
        self.env = env
        self.rules = PlanningRules()
        self._diaries = diaries
        self._owed = dict.fromkeys(diaries, 0.0)
        for word, diary in diaries.items():
            diary.before_called, diary.list_name = self.before_the_list_is_called, word

    def plan_week(self) -> None:
        """Share the sessions of the week that is `weeks_ahead` weeks from now."""
        rules = self.rules
        if not rules.eagerness:
            return
        first = self.env.minute + rules.weeks_ahead * WEEK
        for word, lender in self._diaries.items():
            borrowers = [self._diaries[other] for other in rules.lends.get(word, ())]
            borrower = max(borrowers, key=lambda diary: diary.usual_wait, default=None)
            if borrower is not None and lender.usual_wait <= rules.worth_minutes:
                self._lend_some(lender, borrower, first)

    def before_the_list_is_called(self, diary: Diary, sitting: int) -> None:
        """Courtrooms that stand empty in this session come to the list that is about to be called.

        No more than the list can fill: what its hearings are estimated at, beyond the courtrooms
        that it has.
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

    def _lend_some(self, lender: Diary, borrower: Diary, first: int) -> None:
        rules, sessions = self.rules, lender.sessions
        start, stop = (bisect_left(sessions.starts, at) for at in (first, first + WEEK))
        bookable = sum(sessions.bookable[start:stop])
        booked = bookable - sum(lender.free[at] for at in range(start, stop))
        usual = lender.booked_a_week(self.env.minute // WEEK, rules.look_back_weeks)
        spare = max(0.0, bookable - max(booked, usual))
        # The part of a session that is left over counts towards the next week's.
        owed = self._owed[lender.list_name] + spare * rules.share_lent(borrower.usual_wait)
        owed = min(owed, spare)
        for at in self._freest_sessions(lender, start, stop):
            minutes = sessions.bookable_a_room[at]
            if owed < minutes:
                break
            near = borrower.session_near(sessions.starts[at], _SAME_SESSION)
            if near >= 0:
                owed -= minutes
                self._move(lender, at, borrower, near)
                borrower.offer(near)
        self._owed[lender.list_name] = owed

    def _freest_sessions(self, lender: Diary, start: int, stop: int) -> list[int]:
        """The sessions that have a whole courtroom's minutes free, the emptiest first."""
        sessions = lender.sessions
        return sorted(
            (
                at
                for at in range(start, stop)
                if sessions.rooms[at] and lender.free[at] >= sessions.bookable_a_room[at] > 0
            ),
            key=lambda at: (-lender.free[at], sessions.starts[at]),
        )

    def _move(self, lender: Diary, at: int, borrower: Diary, near: int) -> None:
        """One courtroom of a session goes from one list to another."""
        courtroom = lender.give_up_courtroom(at)
        borrower.take_courtroom(near, courtroom)
