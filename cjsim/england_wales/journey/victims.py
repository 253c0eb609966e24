"""Victims and witnesses: contacts owed, who makes them, and what their absence does.

Code of Practice for Victims of Crime 2013. Officers owe the contacts before charge, the Witness
Care Unit those after it; `case.tell` finds somebody to do them, in time or late.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cjsim.england_wales.attendance import officers_go_to_court, witnesses_came
from cjsim.england_wales.case import Case
from cjsim.england_wales.journey import co_defendants
from cjsim.england_wales.vocabulary import Duty
from cjsim.listing.diary import Listing


def crime_reported(case: Case) -> None:
    """The crime is acknowledged, needs are assessed, and support services hear of the victim."""
    if not case.has_victim:
        return
    case.tell("acknowledgement")
    case.tell("needs_assessment")
    case.tell("support_referral", then=support if case.decide("accepts_support") else None)
    if case.decide("makes_personal_statement"):
        case.tell("victim_personal_statement")
    if case.domestic_abuse and case.decide("domestic_abuse_advocate_takes_case"):
        case.tell("domestic_abuse_advocacy")
    case.contact.expect()


def support(case: Case) -> None:
    """Somebody listens and helps: what the referral was for."""
    case.tell("support_given")


def withdraws_before_charge(case: Case) -> bool:
    """Whether the victim no longer supports action by the time the police decide."""
    if case.has_victim and case.decide("victim_withdraws_before_charge"):
        case.note("victim_withdrawal", "before_charge")
        return True
    return False


def told_of_out_of_court_disposal(case: Case) -> None:
    """What the police did instead of a charge, and why."""
    case.tell("update_on_out_of_court_disposal")


def told_of_first_hearing(case: Case) -> None:
    """The Witness Care Unit passes on the date."""
    case.tell("first_hearing_date")


def warned_for_trial(case: Case) -> None:
    """Witnesses learn when they are needed; special measures are discussed where they help."""
    case.tell("witness_warning")
    if case.decide("special_measures_needed"):
        case.tell("special_measures_meeting")
    if case.decide("visits_court_beforehand"):
        case.tell("court_familiarisation_visit")


def told_of_bail(case: Case) -> None:
    """Whether the court remanded the defendant or gave bail, and on what conditions."""
    case.tell("court_bail_decision")


def told_of_warrant(case: Case) -> None:
    """The defendant did not come and is sought, or has been found."""
    case.tell("update_on_warrant")


def told_of_appeal(case: Case) -> None:
    """An appeal has been lodged, or heard."""
    case.tell("update_on_appeal")


def told_of_new_date(case: Case) -> None:
    """Every change of date is passed on."""
    case.tell("change_of_date")


def told_of_outcome(case: Case) -> None:
    """The outcome, and the sentence with its reasons."""
    case.tell("outcome_and_sentence")


def told_why_it_ended(case: Case) -> None:
    """The prosecutor's reasons for ending the case, and how to ask for a review."""
    case.tell("reasons_for_ending_case")


def offered_victim_contact_scheme(case: Case) -> None:
    """News of a long sentence and of release from it, where the law gives a right to it."""
    if case.sentence == "immediate_custody" and case.decide("entitled_to_victim_contact_scheme"):
        case.tell("victim_contact_scheme_offer")


def offered_restorative_justice(case: Case) -> None:
    """A meeting between victim and offender, offered and sometimes taken."""
    if case.has_victim:
        accepts = case.decide("accepts_restorative_justice")
        case.tell("restorative_justice_offer", then=restorative_justice if accepts else None)


def restorative_justice(case: Case) -> None:
    """Both are prepared, and meet."""
    case.tell("restorative_justice_meeting")


def offered_restorative_justice_after_plea(case: Case) -> None:
    """Whoever admits it can be met, where a service for it is to be had."""
    if case.plea == "guilty" and case.decide("restorative_justice_available"):
        offered_restorative_justice(case)


def no_longer_supports(case: Case) -> bool:
    """Whether a case that is denied has lost its victim: asked before a trial, and before each day.

    Where the defendant pleads guilty nobody has to give evidence, and nobody asks.
    """
    return case.has_victim and case.decide("victim_withdraws_after_charge")


def withdrew_after_charge(case: Case) -> None:
    """The victim has said that they will not go on."""
    case.note("victim_withdrawal", "after_charge")


def withdraws_after_charge(case: Case) -> bool:
    """Whether the victim says, before the day of the trial, that they will not go on."""
    if no_longer_supports(case):
        withdrew_after_charge(case)
        return True
    return False


def officers_come_to_trial(case: Case, listing: Listing) -> None:
    """Officers who are witnesses will be at court on the day, and nowhere else."""
    if co_defendants.sends_officers(listing):
        officers_go_to_court(case, listing if listing.joint is None else listing.joint.slot)


def come_to_trial(case: Case, listing: Listing) -> None:
    """Witnesses who came gave evidence, or came for nothing because the trial did not go ahead."""
    if listing.called and listing.is_counted:
        witnesses_came(case, listing)


FOLLOWS: Final[dict[Duty, Callable[[Case], None]]] = {
    "support_referral": support,
    "restorative_justice_offer": restorative_justice,
}
"""What follows a contact that somebody said yes to."""
