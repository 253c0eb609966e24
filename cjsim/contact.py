"""Contact with victims and witnesses: what is owed, who does it, what it does to engagement.

An errand is a contact on its way through turnaround, queue and work, beside the case itself.
Errands are callbacks on SimPy events, not processes: victims are told some hundred thousand times a
year, and half of the time of a process would go into starting it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.calendar import DAYS_A_MONTH, MINUTES_A_DAY
from cjsim.diaries import Listing
from cjsim.engine import Later
from cjsim.log import ACTIVITY_CODE, AGENCY_CODE, NEVER, REASON_CODE, RESULT_CODE
from cjsim.vocabulary import Result

if TYPE_CHECKING:
    from cjsim.case import Case
    from cjsim.tables import DutyInUse

_ATTENDANCE = ACTIVITY_CODE["witness_attendance"]
_WITNESSES = AGENCY_CODE["victims_and_witnesses"]
_CHASING = ACTIVITY_CODE["chasing_call"]
_SUPPORT = ACTIVITY_CODE["support_referral"]
_MOVE = {"in_time": "contact_in_time", "late": "contact_late", "missed": "contact_missed"}
FIRST, LAST = 1, 2
"""Contacts with vulnerable victims come before the others in a queue."""


class Contact:
    """How far the victim of one case is with the prosecution, and when they last heard of it."""

    __slots__ = ("_last", "case", "level")

    def __init__(self, case: Case) -> None:
        self.case = case
        # What it is at the report; without a victim nobody asks.
        self.level = case.world.engagement["at_report"]
        self._last = NEVER

    def engagement(self) -> float:
        """Engagement now, 0 to 1: what contacts and adjournments made of it, less the months."""
        world = self.case.world
        months = (world.env.minute - self.case.arrived) / (DAYS_A_MONTH * MINUTES_A_DAY)
        return min(max(self.level + world.engagement["per_month"] * months, 0.0), 1.0)

    def was_made(self, activity: int, result: Result) -> None:
        """A contact was made, made late or missed: engagement moves with it."""
        moves = self.case.world.engagement
        if result != "missed":
            self._last = self.case.world.env.minute
        if activity == _CHASING:
            self.level += moves["chasing_call"]
        elif activity == _SUPPORT and result != "missed":
            self.level += moves["support_given"]
        else:
            self.level += moves[_MOVE[result]]

    @property
    def last(self) -> int:
        """The minute in which the victim last heard anything, or -1."""
        return self._last

    def expect(self, since: int | None = None) -> None:
        """A victim who hears nothing for some weeks, from now or from `since` on, may ring in."""
        self._last = self.case.world.env.minute if since is None else since
        self._listen(None)

    def _listen(self, event: Later | None) -> None:
        case, env = self.case, self.case.world.env
        if case.ended_at >= 0:
            return
        now = env.minute
        silence = round(case.world.limits["silence_before_chasing_days"] * MINUTES_A_DAY)
        if event is not None and now - self._last >= silence:
            if case.decide("rings_in_when_not_told"):
                case.tell("chasing_call")
            self._last = now
        Later(env, max(self._last + silence - now, 0), self._listen)

    def witnesses_came(self, listing: Listing, came: Result) -> None:
        """Each civilian witness called: gave evidence, came for nothing, or did not come."""
        case, world = self.case, self.case.world
        stage = world.stages["witness_attendance"]
        for witness in range(case.civilian_witnesses):
            result = "did_not_attend" if witness < case.witnesses_absent else came
            occurrence = case.times[stage.point]
            minutes = round(stage.laws[case.area_index].of(case.draw(stage.point)))
            if result == "did_not_attend":
                minutes = 0
            world.log.row(
                case.number, _ATTENDANCE, occurrence, _WITNESSES, 0, listing.entered, listing.start,
                listing.start, listing.start + minutes, minutes, 0.0, RESULT_CODE[result],
                REASON_CODE[listing.reason],
            )  # fmt: skip


class Errand:
    """One contact owed for one case: who does it, until when it is due, and how it went."""

    __slots__ = ("case", "due", "duty", "entered", "minutes", "occurrence", "pool", "started")

    def __init__(self, case: Case, duty: DutyInUse, since: int | None = None) -> None:
        """`since` is the minute from which it has been owed: now, if none is given."""
        world = case.world
        area = case.area_index
        self.case = case
        self.duty = duty
        self.pool = duty.pools[area]
        now = world.env.minute
        self.entered = now if since is None else since
        self.occurrence = case.times[duty.point]
        self.minutes = round(duty.laws[area].of(case.draw(duty.point)))
        self.started = NEVER
        days = duty.enhanced_days if case.vulnerable_victim else duty.days
        self.due = world.calendar.end_of_working_day_after(self.entered, days)
        world.errands[self] = None
        turnaround = round(duty.turnaround[area].of(case.draw(duty.turnaround_point)))
        turnaround -= now - self.entered
        if turnaround > 0:
            Later(world.env, turnaround, self._turn_to)
        else:
            self._turn_to(None)

    def _turn_to(self, _event: Later | None) -> None:
        if self.pool.claim_for(self, FIRST if self.case.vulnerable_victim else LAST):
            self.succeed()

    def succeed(self) -> None:
        """The turn has come: make the contact, or give it up when it is far too late."""
        env = self.case.world.env
        now = env.minute
        if now > self.due and now > self._given_up_after():
            self.pool.free()
            self._close("missed", now)
            return
        hours = self.pool.hours
        if hours is None:
            self.started, end = now, now + self.minutes
        else:
            self.started, end = hours.span(now, self.minutes)
        Later(env, end - now, self._done)

    def _given_up_after(self) -> int:
        calendar = self.case.world.calendar
        return calendar.end_of_working_day_after(self.due, self.duty.give_up_days)

    def _done(self, _event: Later) -> None:
        self.pool.free()
        now = self.case.world.env.minute
        self._close("in_time" if now <= self.due else "late", now)

    def _close(self, result: Result, left: int) -> None:
        duty, case = self.duty, self.case
        world = case.world
        del world.errands[self]
        world.log.row(
            case.number, duty.activity, self.occurrence, duty.agency, self.pool.place,
            self.entered, self.due, self.started, left,
            self.minutes if self.started >= 0 else 0, 0.0, RESULT_CODE[result], 0,
        )  # fmt: skip
        if case.ended_at < 0:
            case.contact.was_made(duty.activity, result)

    def write_open_row(self) -> None:
        """At the end of a run: a contact still owed."""
        duty = self.duty
        self.case.world.log.row(
            self.case.number, duty.activity, self.occurrence, duty.agency, self.pool.place,
            self.entered, self.due, NEVER, NEVER, 0.0, 0.0, 0, 0,
        )  # fmt: skip
