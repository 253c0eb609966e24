"""The custody time limit of somebody remanded: the day by which the trial has to begin.

Prosecution of Offences (Custody Time Limits) Regulations 1987. Days in custody count from the first
appearance; those of earlier spells count too. In the magistrates' court the limit of a summary
offence also holds for an either-way one whose plea was taken within that time. A limit is the one
in force on the day from which it runs, so that a temporary one stays with the people it was for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import Limit
from cjsim.schema.dated import number_on

if TYPE_CHECKING:
    from cjsim.england_wales.case import Case


class CustodyTimeLimit:
    """One defendant's limit while remanded, and somebody to notice when it passes."""

    __slots__ = ("_extended_to", "_passed", "_served", "_watch_number", "case")

    def __init__(self, case: Case, passed: Callable[[Case], None]) -> None:
        """`passed` is called after the limit's last day, if no trial has begun by then."""
        self.case = case
        self._passed = passed
        self._served = 0
        self._extended_to = -1
        self._watch_number = 0

    def runs(self) -> None:
        """Remanded in custody: from now on somebody watches the limit."""
        # The shortest of them: on its last day it shows whether another one applies by then.
        shortest = self._days("custody_time_limit_summary_days", self._since)
        self._watch(self._since // MINUTES_A_DAY + shortest - self._served)

    def rests(self) -> None:
        """Out of custody: the days so far are remembered."""
        self._served += (
            self.case.simulation.env.minute // MINUTES_A_DAY - self._since // MINUTES_A_DAY
        )
        self._watch_number += 1

    def ends(self) -> None:
        """Nobody waits for a trial any more, whatever custody is for now."""
        self._watch_number += 1

    @property
    def _since(self) -> int:
        """The minute from which days in this spell of custody count."""
        return max(self.case.held.remanded_at, self.case.first_listed)

    def last_day(self) -> int:
        """The day, counted from the model's first, by which the trial has to begin."""
        case, since = self.case, self._since
        if case.received_crown >= 0:
            limit: Limit = (
                "custody_time_limit_crown_indictable_days"
                if case.offence_class == "indictable_only"
                else "custody_time_limit_crown_days"
            )
            days = self._days(limit, max(since, case.received_crown))
        else:
            days = self._days("custody_time_limit_summary_days", since)
            pleaded_in = case.first_not_guilty // MINUTES_A_DAY - since // MINUTES_A_DAY
            allocated = case.first_not_guilty >= 0 and pleaded_in <= days
            if case.offence_class != "summary" and not allocated:
                days = self._days("custody_time_limit_either_way_days", since)
        return max(since // MINUTES_A_DAY + days - self._served, self._extended_to)

    def extend(self, day: int) -> None:
        """The court extends the limit to a day, counted from the model's first."""
        self._extended_to = max(self._extended_to, day)

    def _days(self, limit: Limit, minute: int) -> int:
        """What a limit is for whoever it begins to run for at a minute."""
        simulation = self.case.simulation
        date = simulation.calendar.date(minute)
        return round(number_on(simulation.model.limits[limit], date, simulation.divisions[0], ""))

    def _watch(self, day: int) -> None:
        """Look again once a day is over."""
        env = self.case.simulation.env
        delay = max((day + 1) * MINUTES_A_DAY - env.minute, 0)
        self._watch_number += 1
        env.after(delay, partial(self._look, self._watch_number))

    def _look(self, number: int) -> None:
        case = self.case
        if number != self._watch_number or case.ended_at >= 0 or self._over():
            return
        today = case.simulation.env.minute // MINUTES_A_DAY
        if self.last_day() < today:
            self._passed(case)
        if case.remanded:
            self._watch(max(self.last_day(), today))

    def _over(self) -> bool:
        """Whether nobody has to be brought to trial any more: it has begun, or there is a plea."""
        case = self.case
        settled = case.plea == "guilty" or case.crown_way in ("for_sentence", "appeal")
        return settled or case.held.trial_is_over()
