"""Police custody: a cell, the interview and enquiries under the clock, and the ways out.

`journey/clock.py` tells how the clock bounds it all; when it runs out, the suspect is bailed.
"""

from __future__ import annotations

from typing import assert_never

from cjsim.england_wales.case import Case, NextStep, ProcessStep, Steps
from cjsim.england_wales.journey import clock, police, resume


def detention(case: Case) -> ProcessStep:
    """From the nearest free cell to a way out of the custody suite."""
    if not (yield from case.held.enter_cell()):
        return released_on_bail(case)
    return booking(case)


def booking(case: Case) -> ProcessStep:
    """A custody officer of the suite authorises detention; from then on it has to be reviewed."""
    if not (yield from case.work_before("custody_booking", clock.ends(case), case.held.suite)):
        return released_on_bail(case)
    case.held.authorised()
    if case.in_mental_distress and case.decide("mental_health_diversion"):
        return mental_health_assessment(case)
    case.tell("update_on_arrest")
    return before_interview(case)


@resume.working("in_custody_mental_health_assessment", "mental_health_assessment", in_custody=True)
def mental_health_assessment(case: Case) -> ProcessStep:
    """Assessed in the cell as far as the clock lets it, and handed over to the health service."""
    yield from clock.work_in_cell(case, "mental_health_assessment")
    case.held.leave_cell()
    return case.end("diverted_to_health")


@resume.working(
    "in_custody_before_interview",
    "detention",
    "custody_booking",
    "rest_and_legal_advice",
    "suspect_interview",
    in_custody=True,
)
def before_interview(case: Case) -> ProcessStep:
    """Rest, a solicitor, and the interview."""
    rested = yield from case.wait("rest_and_legal_advice", until=clock.ends(case))
    if rested and (yield from clock.work_in_cell(case, "suspect_interview")):
        return after_interview(case)
    else:
        return released_on_bail(case)


@resume.working(
    "in_custody_after_interview",
    "enquiries_in_custody",
    "further_enquiries_in_custody",
    "enquiries_under_warrant",
    in_custody=True,
)
def after_interview(case: Case) -> ProcessStep:
    """Enquiries while the clock runs, and a way out of the custody suite."""
    if not (yield from enquiries_finished_within_the_clock(case)):
        return released_on_bail(case)
    way_out = case.choose("way_out_of_custody")
    match way_out:
        case "no_further_action":
            case.held.leave_cell()
            return police.no_further_action(case)
        case "out_of_court":
            return police.out_of_court(case)
        case "pre_charge_bail":
            return released_on_bail(case)
        case "charging_decision":
            if (yield from clock.work_in_cell(case, "pre_charge_report")):
                return police.seek_charge(case)
            return released_on_bail(case)
        case _:
            assert_never(way_out)


def enquiries_finished_within_the_clock(case: Case) -> Steps[bool]:
    """Enquire until the clock runs out, go on where it is extended; say if it sufficed."""
    if (yield from case.wait("enquiries_in_custody", until=clock.ends(case))):
        return True
    if case.held.clock == "detention_first_hours":
        if not clock.more_time(case):
            return False
        if (yield from case.wait("further_enquiries_in_custody", until=clock.ends(case))):
            return True
    if not clock.more_time(case):
        return False
    return (yield from case.wait("enquiries_under_warrant", until=clock.ends(case)))


def released_on_bail(case: Case) -> NextStep:
    """Out of the cell on pre-charge bail, with an investigation still to do."""
    case.held.leave_cell()
    case.held.enter_bail()
    return police.investigation(case)
