"""The ways into the system: arrest (for a notifiable offence or another matter), voluntary
attendance, and summons; and a door at the Crown Court, where what comes before it is not simulated.
"""

from __future__ import annotations

from typing import assert_never

from cjsim.england_wales.case import Case, NextStep, ProcessStep
from cjsim.england_wales.journey import (
    crown,
    custody,
    magistrates,
    police,
    prisons,
    resume,
    victims,
)


def arrest(case: Case) -> NextStep:
    """Arrested and taken to custody, unless a mental-health nurse finds another way."""
    victims.crime_reported(case)
    case.filmed = case.decide("filmed_on_body_worn_video")
    case.in_mental_distress = case.decide("in_mental_distress")
    if case.in_mental_distress and case.decide("street_triage_diverts"):
        return street_triage(case)
    return custody.detention(case)


@resume.working("with_street_triage", "mental_health_street_triage")
def street_triage(case: Case) -> ProcessStep:
    """A nurse beside the officer finds help instead of a cell."""
    yield from case.work("mental_health_street_triage")
    return case.end("diverted_to_health")


def voluntary_attendance(case: Case) -> NextStep:
    """Interviewed by appointment, without arrest."""
    victims.crime_reported(case)
    return voluntary_interview(case)


@resume.working("awaiting_voluntary_interview", "voluntary_interview")
def voluntary_interview(case: Case) -> ProcessStep:
    """The appointment, and where it leaves the case."""
    yield from case.work("voluntary_interview")
    way_out = case.choose("way_out_of_voluntary_interview")
    match way_out:
        case "no_further_action":
            return police.no_further_action(case)
        case "out_of_court":
            return police.out_of_court(case)
        case "investigation":
            return police.investigation(case)
        case "charging_decision":
            return police.seek_charge(case)
        case _:
            assert_never(way_out)


@resume.working("summons_in_preparation", "summons_preparation")
def summons(case: Case) -> ProcessStep:
    """Summonsed or requisitioned by post, mostly for motoring; never seen in a custody suite."""
    yield from case.work("summons_preparation")
    case.charged("by_summons")
    return magistrates.first_hearing(case)


def received_at_crown_court(case: Case) -> NextStep:
    """Received from the magistrates' courts, of whose work nothing is known but this.

    The police's file has been built by then, and the defendant is on bail or in prison.
    """
    case.charged("by_cps")
    case.file_built = True
    case.file_ready = case.decide("file_ready")
    case.reviewed_before_first_hearing = case.decide("reviewed_before_first_hearing")
    why = case.choose("crown_receipt")
    match why:
        case "for_trial":
            if case.decide("remanded_at_first_hearing"):
                prisons.remand(case)
            return crown.sent_for_trial(case)
        case "for_sentence":
            case.plea, case.plea_when = "guilty", "first_hearing"
            return crown.committed_for_sentence(case)
        case "appeal":
            case.plea, case.plea_when = "not_guilty", "first_hearing"
            case.sentence = case.choose("magistrates_sentence")
            return crown.appeal(case)
        case _:
            assert_never(why)


WAYS_IN = {
    "arrest_notifiable": arrest,
    "arrest_other": arrest,
    "voluntary_attendance": voluntary_attendance,
    "summons": summons,
    "received_at_crown_court": received_at_crown_court,
}
