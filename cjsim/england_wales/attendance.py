"""Who comes to court for a trial: civilian witnesses, and officers who are missed elsewhere.

A witness waits until the trial is called on, and then for their own turn; who came to a trial that
does not go ahead waits until they are sent home. The row of the event log says when they were to be
there (`due`), when they were called into the courtroom (`started`, -1 if never) and when they left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.des.event_log import NEVER
from cjsim.england_wales.codes import REASON_CODE, RESULT_CODE

if TYPE_CHECKING:
    from cjsim.des.resources import Resource
    from cjsim.england_wales.case import Case
    from cjsim.england_wales.vocabulary import Result
    from cjsim.listing.diary import Listing
    from cjsim.simulation.parameters import CompiledStage


def result_for_witnesses(listing: Listing) -> Result:
    """What a trial was to those who came: they gave evidence, or they came for nothing."""
    return "gave_evidence" if listing.result == "effective" else "wasted"


def witnesses_came(case: Case, listing: Listing) -> None:
    """Each civilian witness who was called: gave evidence, came for nothing, or did not come."""
    stage = case.simulation.stages["witness_attendance"]
    for witness in range(case.witnesses_to_call):
        occurrence, called, left = _at_court(case, stage, listing)
        result = result_for_witnesses(listing)
        if witness < case.witnesses_absent:
            result, called, left = "did_not_attend", NEVER, listing.start
        _write(case, stage, listing, 0, occurrence, (called, left), result)


def officers_go_to_court(case: Case, listing: Listing) -> None:
    """The officers who are witnesses go when the trial is called on, whatever else there is to do.

    Until they are back, the officers of the division are so many fewer.
    """
    if case.police_witnesses:
        _OfficersAtCourt(case, listing)


class _OfficersAtCourt:
    """The officers of one trial, from the call of the list until they leave the court."""

    __slots__ = ("case", "listing", "pool")

    def __init__(self, case: Case, listing: Listing) -> None:
        self.case = case
        self.listing = listing
        self.pool: Resource = case.simulation.stages["police_attendance"].pools[case.area_index]
        self._wait_for_the_call()

    def _wait_for_the_call(self) -> None:
        env = self.case.simulation.env
        delay = self.listing.start - env.minute
        env.after(max(delay, 0), self._go)

    def _go(self) -> None:
        case, listing = self.case, self.listing
        now = case.simulation.env.minute
        if not listing.called:
            # Carried to another day; a trial that nobody calls again keeps nobody.
            if listing.start > now:
                self._wait_for_the_call()
            return
        # A case that was still being prepared on the day looks back: its officers were there, and
        # the time is missing now.
        stage = case.simulation.stages["police_attendance"]
        result = result_for_witnesses(listing)
        for _ in range(case.police_witnesses):
            occurrence, called, left = _at_court(case, stage, listing)
            _write(case, stage, listing, self.pool.place, occurrence, (called, left), result)
            self.pool.seize()
            case.simulation.env.after(left - listing.start, self._back)

    def _back(self) -> None:
        self.pool.release()


def _at_court(case: Case, stage: CompiledStage, listing: Listing) -> tuple[int, int, int]:
    """Of one who was there from the start: the occurrence, when called in, when they left.

    Nobody stays when the hearing is over, or when the list is over and the trial was not reached.
    """
    court = "magistrates" if case.received_crown < 0 else "crown"
    area = case.area_index
    waits = stage.waiting[court][area].of(case.draw(stage.waiting_point))
    occurrence = case.times[stage.point]
    speaks = stage.minutes(area, case.group_index, case.draw(stage.point))
    over = listing.left
    if listing.started < 0:
        return occurrence, NEVER, over
    called = listing.started + round(waits)
    if listing.result != "effective":
        return occurrence, NEVER, called
    if over < 0:
        # A trial of several days: they are needed on its first.
        return occurrence, called, called + speaks
    left = min(called + speaks, over)
    return occurrence, min(called, left), left


def _write(
    case: Case,
    stage: CompiledStage,
    listing: Listing,
    place: int,
    occurrence: int,
    times: tuple[int, int],
    result: Result,
) -> None:
    """The row of one attendance; `times` are when they were called in, and when they left."""
    called, left = times
    case.simulation.log.row(
        case.number,
        stage.activity,
        occurrence,
        stage.agency,
        place,
        listing.entered,
        listing.start,
        called,
        left,
        left - listing.start,
        0.0,
        RESULT_CODE[result],
        REASON_CODE[listing.reason],
    )
