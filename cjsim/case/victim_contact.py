"""Contact with victims and witnesses: what is owed, who does it, what it does to engagement.

A contact task is a contact on its way through turnaround, queue and work, while the case goes on.
Contact tasks are callbacks on SimPy events, not processes: there are some hundred thousand contacts
a year, and half of the time of a process would go into starting it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from cjsim.des.engine import has_twins
from cjsim.des.event_log import NEVER
from cjsim.des.working_time import DAYS_A_MONTH, MINUTES_A_DAY

if TYPE_CHECKING:
    from cjsim.case.case import Case
    from cjsim.simulation.parameters import CompiledDuty

_MOVE = {"in_time": "contact_in_time", "late": "contact_late", "missed": "contact_missed"}
AT_ONCE, FIRST, LAST = 0, 1, 2
"""Whoever rings in is answered; those who are owed the enhanced service come before the others."""


@has_twins("victim_contact.cpp")
class Contact:
    """How far the victim of one case is with the prosecution, and when they last heard of it."""

    __slots__ = ("_last", "case", "level")

    def __init__(self, case: Case) -> None:
        self.case = case
        # What it is at the report; without a victim nobody asks.
        self.level = case.simulation.engagement["at_report"]
        self._last = NEVER

    def engagement(self) -> float:
        """Engagement now, 0 to 1: what contacts and adjournments made of it, less the months."""
        return min(max(self._unbounded(), 0.0), 1.0)

    def _unbounded(self) -> float:
        simulation = self.case.simulation
        months = (simulation.env.minute - self.case.arrived) / (DAYS_A_MONTH * MINUTES_A_DAY)
        return self.level + simulation.engagement["per_month"] * months

    def move(self, by: float) -> None:
        """Engagement rises or falls by so much, and stays between 0 and 1.

        What lies past either end is not kept: a victim who has lost all faith has lost no more.
        """
        # As in `engagement`, written out: every contact moves it.
        unbounded = self._unbounded()
        now = 0.0 if unbounded < 0.0 else 1.0 if unbounded > 1.0 else unbounded
        then = now + by
        self.level += (0.0 if then < 0.0 else 1.0 if then > 1.0 else then) - unbounded

    def was_made(self, activity: int, result: str) -> None:
        """A contact was made, made late or missed: engagement moves with it."""
        moves = self.case.simulation.engagement
        if result != "missed":
            self._last = self.case.simulation.env.minute
        codes = self.case.simulation.codes
        if activity in codes.chasing:
            self.move(moves["chasing_call"])
        elif activity in codes.support and result != "missed":
            self.move(moves["support_given"])
        else:
            self.move(moves[_MOVE[result]])

    @property
    def last(self) -> int:
        """The minute in which the victim last heard anything, or -1."""
        return self._last

    def expect(self, since: int | None = None) -> None:
        """A victim who hears nothing for some weeks, from now or from `since` on, may ring in.

        A user of the case tracker looks there instead.
        """
        self._last = self.case.simulation.env.minute if since is None else since
        if not self.case.uses_case_tracker:
            self._wait_for_news()

    def _wait_for_news(self) -> None:
        env = self.case.simulation.env
        env.after(max(self._last + self._silence() - env.minute, 0), self._listen)

    def _silence(self) -> int:
        """Minutes without any news after which a victim thinks of ringing in."""
        return round(self.case.simulation.limits["silence_before_chasing_days"] * MINUTES_A_DAY)

    def _listen(self) -> None:
        case = self.case
        if case.ended_at >= 0:
            return
        now = case.simulation.env.minute
        if now - self._last >= self._silence():
            if case.decide("rings_in_when_not_told"):
                case.tell(case.chasing_duty())
            self._last = now
        self._wait_for_news()


@has_twins("victim_contact.cpp")
class ContactTask:
    """One contact owed for one case: who does it, until when it is due, and how it went."""

    __slots__ = (
        "case",
        "channel",
        "due",
        "duty",
        "entered",
        "minutes",
        "occurrence",
        "pool",
        "started",
        "then",
    )

    def __init__(
        self,
        case: Case,
        duty: CompiledDuty,
        since: int | None = None,
        then: Callable[[Any], None] | None = None,
    ) -> None:
        """`since` is the minute from which it has been owed: now, if none is given.

        `then` follows once the contact has been made.
        """
        simulation = case.simulation
        area = case.area_index
        self.case = case
        self.duty = duty
        self.pool = duty.pools[area]
        now = simulation.env.minute
        self.entered = now if since is None else since
        self.occurrence = case.times[duty.point]
        self.then = then
        self.channel = channel = duty.channels[case.contact_channel]
        length = duty.laws[area].of(case.draw(duty.point))
        self.minutes = round(length * channel.contact_length)
        self.started = NEVER
        days = duty.enhanced_days if case.owed_enhanced_service else duty.days
        self.due = simulation.calendar.end_of_working_day_after(self.entered, days)
        simulation.population.contacts[self] = None
        turnaround = round(duty.turnaround[area].of(case.draw(duty.turnaround_point)))
        if channel.arranged and not duty.answered_first:
            arranged = channel.arranged[area].of(case.draw(channel.arranged_point))
            turnaround += round(arranged)
        turnaround -= now - self.entered
        if turnaround > 0:
            simulation.env.after(turnaround, self._turn_to)
        else:
            self._turn_to()

    def _turn_to(self) -> None:
        turn = FIRST if self.case.owed_enhanced_service else LAST
        if self.pool.request_for(self, AT_ONCE if self.duty.answered_first else turn):
            self.succeed()

    def succeed(self) -> None:
        """The turn has come: make the contact, or give it up when it is far too late."""
        env = self.case.simulation.env
        now = env.minute
        given_up = self._given_up(now)
        if given_up:
            self.pool.release()
            self._close(given_up, now)
            return
        hours = self.pool.hours
        if hours is None:
            self.started, end = now, now + self.minutes
        else:
            self.started, end = hours.span(now, self.minutes)
        env.after(end - now, self._done)

    def _given_up(self, now: int) -> str:
        """Whether it is not done any more: far too late, or done for a trial that is over."""
        case, duty = self.case, self.duty
        if duty.before_trial and (case.ended_at >= 0 or case.trial_is_over()):
            return "missed" if now > self.due else "lapsed"
        if now <= self.due:
            return ""
        last = case.simulation.calendar.end_of_working_day_after(self.due, duty.give_up_days)
        return "missed" if now > last else ""

    def _done(self) -> None:
        self.pool.release()
        now = self.case.simulation.env.minute
        self._close("in_time" if now <= self.due else "late", now)

    def _close(self, result: str, left: int) -> None:
        duty, case = self.duty, self.case
        simulation = case.simulation
        del simulation.population.contacts[self]
        simulation.log.row(
            case.number,
            duty.activity,
            self.occurrence,
            duty.agency,
            self.pool.place,
            self.entered,
            self.due,
            self.started,
            left,
            self.minutes if self.started >= 0 else 0,
            0.0,
            simulation.codes.result[result],
            0,
        )
        if result == "lapsed":
            return
        if result != "missed" and self.channel.delivered:
            self._deliver(result)
        else:
            self._heard(result)
        if self.then is not None and result != "missed":
            self.then(case)

    def _deliver(self, result: str) -> None:
        """It was sent, which is what the Code asks for; the victim hears of it some time after."""
        case, channel = self.case, self.channel
        delay = channel.delivered[case.area_index].of(case.draw(channel.delivered_point))
        case.simulation.env.after(round(delay), partial(self._heard, result))

    def _heard(self, result: str) -> None:
        if self.case.ended_at < 0:
            self.case.contact.was_made(self.duty.activity, result)

    def write_open_row(self) -> None:
        """At the end of a run: a contact still owed."""
        duty = self.duty
        self.case.simulation.log.row(
            self.case.number,
            duty.activity,
            self.occurrence,
            duty.agency,
            self.pool.place,
            self.entered,
            self.due,
            NEVER,
            NEVER,
            0.0,
            0.0,
            0,
            0,
        )


def self_serve(case: Case, duty: CompiledDuty) -> None:
    """A contact that the victim makes for themselves, in the case tracker, as soon as it is owed.

    It takes nobody's time. Its random draws are skipped, so that later contacts have the draws that
    they have without a tracker.
    """
    simulation = case.simulation
    now = simulation.env.minute
    times = case.times
    occurrence = times[duty.point]
    times[duty.point] = occurrence + 1
    times[duty.turnaround_point] += 1
    days = duty.enhanced_days if case.owed_enhanced_service else duty.days
    due = simulation.calendar.end_of_working_day_after(now, days)
    simulation.log.row(
        case.number,
        duty.activity,
        occurrence,
        duty.agency,
        simulation.case_tracker,
        now,
        due,
        now,
        now,
        0.0,
        0.0,
        simulation.codes.result["in_time"],
        0,
    )
    if case.ended_at < 0:
        case.contact.was_made(duty.activity, "in_time")
