"""Police custody: a cell, the statutory clock, the interview, and the ways out.

Police and Criminal Evidence Act 1984, sections 41 to 44: 24 hours from arrival; to 36 hours by a
superintendent for an indictable offence; to 96 hours by a magistrates' warrant.
"""

from __future__ import annotations

from cjsim.case import Case, Steps
from cjsim.journey import police


def detention(case: Case) -> Steps[None]:
    """From the nearest free cell to a way out of the custody suite."""
    yield from case.held.enter_cell()
    yield from case.work("custody_booking")
    if case.decide("mental_health_diversion"):
        yield from mental_health_assessment(case)
        return
    case.tell("update_on_arrest")
    yield from before_interview(case)


def mental_health_assessment(case: Case) -> Steps[None]:
    """Assessed in the cell, and handed over to the health service."""
    yield from case.work("mental_health_assessment")
    case.held.leave_cell()
    case.end("diverted_to_health")


def before_interview(case: Case) -> Steps[None]:
    """Rest, a solicitor, and the interview."""
    yield from case.wait("rest_and_legal_advice")
    yield from case.work("suspect_interview")
    yield from after_interview(case)


def after_interview(case: Case) -> Steps[None]:
    """Enquiries while the clock runs, and a way out of the custody suite."""
    if not (yield from enquiries_finished_within_the_clock(case)):
        yield from released_on_bail(case)
        return
    way_out = case.choose("way_out_of_custody")
    if way_out == "no_further_action":
        case.held.leave_cell()
        police.no_further_action(case)
    elif way_out == "out_of_court":
        yield from police.out_of_court(case)
    elif way_out == "pre_charge_bail":
        yield from released_on_bail(case)
    else:
        yield from case.work("pre_charge_report")
        yield from police.seek_charge(case)


def enquiries_finished_within_the_clock(case: Case) -> Steps[bool]:
    """Enquire until the clock runs out, extend it where the law allows; say if it sufficed.

    Either-way and indictable-only offences are indictable in the Act's sense; summary ones are not.
    """
    if (
        yield from case.wait("enquiries_in_custody", until=case.held.until("detention_first_hours"))
    ):
        return True
    if case.offence_class == "summary" or not case.decide("custody_clock_extended"):
        return False
    case.note("custody_clock_extension", "extended")
    limit = case.held.until("detention_superintendent_hours")
    if (yield from case.wait("further_enquiries_in_custody", until=limit)):
        return True
    if not case.decide("warrant_of_further_detention"):
        return False
    case.note("custody_warrant", "extended")
    limit = case.held.until("detention_warrant_hours")
    return (yield from case.wait("enquiries_under_warrant", until=limit))


def released_on_bail(case: Case) -> Steps[None]:
    """Out of the cell on pre-charge bail, with an investigation still to do."""
    case.held.leave_cell()
    yield from police.investigation(case)
