"""The four ways into the system: arrest (for a notifiable offence or another matter), voluntary
attendance, and summons.
"""

from __future__ import annotations

from cjsim.case import Case, Steps
from cjsim.journey import custody, magistrates, police, victims


def arrest(case: Case) -> Steps[None]:
    """Arrested and taken to custody, unless a mental-health nurse finds another way."""
    victims.crime_reported(case)
    case.filmed = case.decide("filmed_on_body_worn_video")
    case.in_mental_distress = case.decide("in_mental_distress")
    if case.in_mental_distress and case.decide("street_triage_diverts"):
        yield from street_triage(case)
        return
    yield from custody.detention(case)


def street_triage(case: Case) -> Steps[None]:
    """A nurse beside the officer finds help instead of a cell."""
    yield from case.work("mental_health_street_triage")
    case.end("diverted_to_health")


def voluntary_attendance(case: Case) -> Steps[None]:
    """Interviewed by appointment, without arrest."""
    victims.crime_reported(case)
    yield from voluntary_interview(case)


def voluntary_interview(case: Case) -> Steps[None]:
    """The appointment, and where it leaves the case."""
    yield from case.work("voluntary_interview")
    way_out = case.choose("way_out_of_voluntary_interview")
    if way_out == "no_further_action":
        police.no_further_action(case)
    elif way_out == "out_of_court":
        yield from police.out_of_court(case)
    elif way_out == "investigation":
        yield from police.investigation(case)
    else:
        yield from police.seek_charge(case)


def summons(case: Case) -> Steps[None]:
    """Summonsed or requisitioned by post, mostly for motoring; never seen in a custody suite."""
    yield from case.work("summons_preparation")
    case.charged("by_summons")
    yield from magistrates.first_hearing(case)


WAYS_IN = {
    "arrest_notifiable": arrest,
    "arrest_other": arrest,
    "voluntary_attendance": voluntary_attendance,
    "summons": summons,
}
