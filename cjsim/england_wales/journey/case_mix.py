"""What kind of case it is: the facts settled as it arrives, one after the other."""

from __future__ import annotations

from typing import Final

from cjsim.england_wales.case import Case
from cjsim.england_wales.choices import PoliceWitnessCount, WitnessCount

WITNESSES: Final[dict[WitnessCount | PoliceWitnessCount, int]] = {
    "none": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "six": 6,
}


def settle(case: Case) -> None:
    """Offence class, youth, the victim, civilian witnesses, and the plea to expect."""
    case.offence_class = case.choose("offence_class")
    case.either_way = case.offence_class == "either_way"
    case.youth = case.decide("youth")
    case.has_victim = case.decide("victim_identified")
    if case.has_victim:
        case.domestic_abuse = case.decide("domestic_abuse")
        case.vulnerable_victim = case.decide("vulnerable_victim")
        case.persistently_targeted = case.decide("persistently_targeted")
    if case.decide("civilian_witnesses"):
        case.civilian_witnesses = WITNESSES[case.choose("witness_count")]
    case.anticipates_guilty_plea = case.decide("anticipates_guilty_plea")
    settle_likely_sentence(case)
    settle_contact(case)


def settle_beside(case: Case, first: Case) -> None:
    """Of one more person of an incident: the offence, the victim and the witnesses are the same."""
    case.offence_class = first.offence_class
    case.either_way = first.either_way
    case.youth = case.decide("youth")
    case.has_victim = first.has_victim
    case.domestic_abuse = first.domestic_abuse
    case.vulnerable_victim = first.vulnerable_victim
    case.persistently_targeted = first.persistently_targeted
    case.civilian_witnesses = first.civilian_witnesses
    case.anticipates_guilty_plea = case.decide("anticipates_guilty_plea")
    settle_likely_sentence(case)
    case.contact_channel = first.contact_channel
    case.uses_case_tracker = first.uses_case_tracker
    case.police_witnesses = first.police_witnesses


def settle_likely_sentence(case: Case) -> None:
    """What a court would pass after a trial, where a court has to choose by it.

    That is an offence triable either way. Every other case has 0: its court is fixed by law.
    """
    if case.either_way:
        case.likely_sentence_months = case.drawn_fact("likely_sentence_months")


def settle_contact(case: Case) -> None:
    """How the victim is best reached, and how many officers saw something."""
    if case.has_victim:
        case.contact_channel = case.choose("contact_channel")
        case.uses_case_tracker = case.decide("uses_case_tracker")
    case.police_witnesses = WITNESSES[case.choose("police_witness_count")]
