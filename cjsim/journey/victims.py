"""Victims and witnesses: contacts owed, who makes them, and what their absence does.

Code of Practice for Victims of Crime 2013. Officers owe the contacts before charge, the Witness
Care Unit those after it; `case.tell` finds somebody to do them, in time or late.
"""

from __future__ import annotations

from cjsim.case import Case
from cjsim.diaries import Listing


def crime_reported(case: Case) -> None:
    """The crime is acknowledged, needs are assessed and support is offered."""
    if not case.has_victim:
        return
    case.tell("acknowledgement")
    case.tell("needs_assessment")
    if case.decide("accepts_support"):
        case.tell("support_referral")
    if case.decide("makes_personal_statement"):
        case.tell("victim_personal_statement")
    case.contact.expect()


def withdraws_before_charge(case: Case) -> bool:
    """Whether the victim no longer supports action by the time the police decide."""
    if case.has_victim and case.decide("victim_withdraws_before_charge"):
        case.note("victim_withdrawal", "before_charge")
        return True
    return False


def told_of_first_hearing(case: Case) -> None:
    """The Witness Care Unit passes on the date."""
    case.tell("first_hearing_date")


def warned_for_trial(case: Case) -> None:
    """Witnesses learn when they are needed; special measures are discussed where they help."""
    case.tell("witness_warning")
    if case.decide("special_measures_needed"):
        case.tell("special_measures_meeting")


def told_of_new_date(case: Case) -> None:
    """Every change of date is passed on."""
    case.tell("change_of_date")


def told_of_outcome(case: Case) -> None:
    """The outcome, and the sentence with its reasons."""
    case.tell("outcome_and_sentence")


def offered_restorative_justice(case: Case) -> None:
    """A meeting between victim and offender, offered and sometimes taken."""
    if case.has_victim and case.decide("accepts_restorative_justice"):
        case.tell("restorative_justice_offer")


def withdraws_after_charge(case: Case) -> bool:
    """Whether the victim says, before the day of the trial, that they will not go on."""
    if case.has_victim and case.decide("victim_withdraws_after_charge"):
        case.note("victim_withdrawal", "after_charge")
        return True
    return False


def come_to_trial(case: Case, listing: Listing) -> None:
    """Witnesses who came gave evidence, or came for nothing because the trial did not go ahead."""
    if not listing.called or not case.civilian_witnesses:
        return
    if listing.result == "effective":
        case.contact.witnesses_came(listing, "gave_evidence")
    else:
        case.contact.witnesses_came(listing, "wasted")
