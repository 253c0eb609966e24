"""Contact with victims and witnesses: what is owed, who does it, what it does to engagement.

An errand is a contact on its way through turnaround, queue and work, beside the case itself.
Errands are callbacks on SimPy events, not processes: victims are told some hundred thousand times a
year, and half of the time of a process would go into starting it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from cjsim.calendar import DAYS_A_MONTH, MINUTES_A_DAY
from cjsim.diaries import Listing
from cjsim.engine import Sleep
from cjsim.log import ACTIVITY_CODE, AGENCY_CODE, NEVER, REASON_CODE, RESULT_CODE
from cjsim.vocabulary import Result

if TYPE_CHECKING:
    from cjsim.case import Case
    from cjsim.tables import DutyInUse

_ATTENDANCE = ACTIVITY_CODE["witness_attendance"]
_WITNESSES = AGENCY_CODE["victims_and_witnesses"]
_CHASING = ACTIVITY_CODE["chasing_call"]
_SUPPORT = ACTIVITY_CODE["support_referral"]
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
            self.level += moves[f"contact_{result}"]

    def expect(self) -> None:
        """From now on a victim who hears nothing for some weeks may ring in."""
        self._last = self.case.world.env.minute
        self._listen(None)

    def _listen(self, event: Sleep | None) -> None:
        case, env = self.case, self.case.world.env
        if case.ended_at >= 0:
            return
        now = env.minute
        silence = round(case.world.limits["silence_before_chasing_days"] * MINUTES_A_DAY)
        if event is not None and now - self._last >= silence:
            if case.decide("rings_in_when_not_told"):
                case.tell("chasing_call")
            self._last = now
        later = Sleep(env, self._last + silence - now)
        cast("list[Any]", later.callbacks).append(self._listen)

    def witnesses_came(self, listing: Listing, result: Result) -> None:
        """Each civilian witness called: gave evidence, came for nothing, or did not come."""
        case, world = self.case, self.case.world
        stage = world.stages["witness_attendance"]
        for _ in range(case.civilian_witnesses):
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
    """One contact owed for one case: who does it, until when it is due, and when it is given up."""

    __slots__ = ("case", "due", "duty", "entered", "minutes", "occurrence")

    def __init__(self, case: Case, duty: DutyInUse) -> None:
        world = case.world
        area = case.area_index
        self.case = case
        self.duty = duty
        self.entered = world.env.minute
        self.occurrence = case.times[duty.point]
        self.minutes = round(duty.laws[area].of(case.draw(duty.point)))
        days = duty.enhanced_days if case.vulnerable_victim else duty.days
        self.due = world.calendar.end_of_working_day_after(self.entered, days)
        turnaround = round(duty.turnaround[area].of(case.draw(duty.turnaround_point)))
        world.errands[self] = None
        if turnaround:
            later = Sleep(world.env, turnaround)
            cast("list[Any]", later.callbacks).append(self._turn_to)
        else:
            self._turn_to(None)

    def _turn_to(self, _event: Sleep | None) -> None:
        priority = FIRST if self.case.vulnerable_victim else LAST
        if self.duty.pools[self.case.area_index].claim_for(self, priority):
            self.succeed()

    def succeed(self) -> None:
        """The turn has come: make the contact, or give it up when it is far too late."""
        env = self.case.world.env
        pool = self.duty.pools[self.case.area_index]
        now = env.minute
        if now > self.due and now > self._given_up_after():
            pool.free()
            self._close("missed", NEVER, now)
            return
        if pool.hours is None:
            start, end = now, now + self.minutes
        else:
            start, end = pool.hours.span(now, self.minutes)
        done = Sleep(env, end - now, start)
        cast("list[Any]", done.callbacks).append(self._done)

    def _given_up_after(self) -> int:
        calendar = self.case.world.calendar
        return calendar.end_of_working_day_after(self.due, self.duty.give_up_days)

    def _done(self, event: Sleep) -> None:
        self.duty.pools[self.case.area_index].free()
        now = self.case.world.env.minute
        self._close("in_time" if now <= self.due else "late", cast("int", event.value), now)

    def _close(self, result: Result, started: int, left: int) -> None:
        duty, case = self.duty, self.case
        place = duty.pools[case.area_index].place
        del case.world.errands[self]
        minutes = 0 if result == "missed" else self.minutes
        case.world.log.row(
            case.number, duty.activity, self.occurrence, duty.agency, place,
            self.entered, self.due, started, left, minutes, 0.0, RESULT_CODE[result], 0,
        )  # fmt: skip
        if case.ended_at < 0:
            case.contact.was_made(duty.activity, result)

    def write_open_row(self) -> None:
        """At the end of a run: a contact still owed."""
        duty = self.duty
        place = duty.pools[self.case.area_index].place
        self.case.world.log.row(
            self.case.number, duty.activity, self.occurrence, duty.agency, place, self.entered,
            self.due, NEVER, NEVER, 0.0, 0.0, 0, 0,
        )  # fmt: skip
