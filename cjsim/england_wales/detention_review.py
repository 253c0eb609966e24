"""Reviews of detention: an inspector asks whether somebody still has to be held.

Police and Criminal Evidence Act 1984, section 40: before charge the first review is not later than
six hours after detention was authorised, the next not later than nine hours after it, and so on.
A review put off does not put off the ones that follow. It happens beside the case, which goes on
being investigated meanwhile, and so it is a callback and no process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.des.event_log import NEVER
from cjsim.england_wales.codes import RESULT_CODE
from cjsim.england_wales.vocabulary import Result

if TYPE_CHECKING:
    from cjsim.england_wales.case import Case


class DetentionReviews:
    """The reviews of one detention, one after the other until it ends."""

    __slots__ = (
        "_area",
        "_asked",
        "_due",
        "_minutes",
        "_occurrence",
        "_over",
        "_started",
        "case",
    )

    def __init__(self, case: Case, authorised: int, area: int) -> None:
        """Detention was authorised at a minute, at the suite of the division with this place."""
        self.case = case
        self._area = area
        self._over = False
        self._asked = self._started = NEVER
        limits, now = case.simulation.limits, case.simulation.env.minute
        self._due = authorised + round(limits["detention_first_review_hours"] * 60)
        further = round(limits["detention_further_review_hours"] * 60)
        while self._due < now:
            # Of somebody who was in the cell before the run began, these have been done.
            self._due += further
        self._expect()

    def _expect(self) -> None:
        """An inspector is asked for some time before the review is due."""
        env = self.case.simulation.env
        lead = round(self.case.simulation.limits["detention_review_lead_minutes"])
        env.after(max(self._due - lead - env.minute, 0), self._ask)

    def _ask(self) -> None:
        if self._over:
            return
        case, simulation = self.case, self.case.simulation
        stage = simulation.stages["detention_review"]
        self._asked = simulation.env.minute
        self._occurrence = case.times[stage.point]
        self._minutes = stage.minutes(self._area, case.group_index, case.draw(stage.point))
        if stage.pools[self._area].request_for(self):
            self.succeed()

    def succeed(self) -> None:
        """An inspector has time: the review begins, unless the suspect has left."""
        env = self.case.simulation.env
        pool = self.case.simulation.stages["detention_review"].pools[self._area]
        if self._over:
            pool.release()
            return
        hours = pool.hours
        if hours is None:
            self._started, end = env.minute, env.minute + self._minutes
        else:
            self._started, end = hours.span(env.minute, self._minutes)
        env.after(end - env.minute, self._done)

    def _done(self) -> None:
        simulation = self.case.simulation
        simulation.stages["detention_review"].pools[self._area].release()
        self._write("in_time" if self._started <= self._due else "late", simulation.env.minute)
        if self._over:
            return
        further = round(simulation.limits["detention_further_review_hours"] * 60)
        self._due = min(self._started, self._due) + further
        self._asked = self._started = NEVER
        self._expect()

    def end(self) -> None:
        """Out of the cell; a review that was due by then and not begun was missed."""
        self._over = True
        now = self.case.simulation.env.minute
        if self._asked >= 0 and self._started < 0 and self._due < now:
            self._write("missed", now)

    def write_open_row(self) -> None:
        """At the end of a run: a review asked for and not done."""
        if self._asked >= 0:
            self._write("", NEVER)

    def _write(self, result: Result, left: int) -> None:
        case = self.case
        stage = case.simulation.stages["detention_review"]
        case.simulation.log.row(
            case.number,
            stage.activity,
            self._occurrence,
            stage.agency,
            stage.pools[self._area].place,
            self._asked,
            self._due,
            self._started,
            left,
            self._minutes if self._started >= 0 and left >= 0 else 0,
            0.0,
            RESULT_CODE[result],
            0,
        )
