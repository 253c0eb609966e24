"""The Crown Court: plea and case management, trial, sentence, appeals.

As in the magistrates' court, a function named `the_...` says how a hearing goes on the day; what is
the same in both courts stands in `trial`, `readiness` and `sentence`; the short hearings between
those that decide a case, in `mentions`.
"""

from __future__ import annotations

from cjsim.england_wales.case import Case, Ended, Heard, NextStep, ProcessStep
from cjsim.england_wales.journey import (
    co_defendants,
    magistrates,
    mentions,
    prisons,
    prosecution,
    readiness,
    resume,
    sentence,
    victims,
    warrants,
)
from cjsim.listing.diary import Listing


def sent_for_trial(case: Case) -> NextStep:
    """Sent by the magistrates: bail, papers served, a plea hearing, then a plea or a trial."""
    case.received_by_crown_court("for_trial")
    listing = fix_plea_hearing(case)
    victims.told_of_new_date(case)
    return mentions.up_to_bail_application(case, listing)


@resume.listed(
    "serving_prosecution_case", "plea_and_case_management_hearing", "service_of_prosecution_case"
)
def up_to_plea_hearing(case: Case, listing: Listing) -> ProcessStep:
    """The prosecution's papers are served."""
    yield from prosecution.serve_case(case)
    return at_plea_hearing(case, listing)


@resume.listed("awaiting_plea_hearing", "plea_and_case_management_hearing")
def at_plea_hearing(case: Case, listing: Listing) -> ProcessStep:
    """The day, and another until it goes ahead with the defendant there."""
    yield from case.appear(listing)
    if listing.result == "warrant_issued":
        return warrants.stayed_away(case, listing.hearing)
    elif listing.result == "adjourned":
        return another_plea_hearing(case)
    return after_plea_hearing(case, listing)


def another_plea_hearing(case: Case) -> NextStep:
    """A new date, and the victim is told."""
    listing = fix_plea_hearing(case)
    victims.told_of_new_date(case)
    return at_plea_hearing(case, listing)


def after_plea_hearing(case: Case, listing: Listing) -> ProcessStep:
    """A plea, or no case left; others who are accused of the same may have to come first."""
    if listing.result == "prosecution_ended":
        return magistrates.dropped(case)
    if case.decide("remanded_by_crown_court"):
        prisons.remand(case)
    if listing.result == "not_guilty_plea":
        case.pleads("not_guilty", "plea_hearing")
    else:
        case.pleads("guilty", "plea_hearing")
    if case.co_defendants is None and case.decide("waits_for_linked_case"):
        yield from case.wait("linked_case")
        return after_linked_case(case)
    elif case.plea == "guilty":
        return up_to_sentence(case)
    else:
        return up_to_fixing_trial(case)


@resume.waiting("awaiting_linked_case", "linked_case")
def after_linked_case(case: Case) -> NextStep:
    """The others have been tried: now this trial can be fixed, or all are sentenced together."""
    if case.plea == "guilty":
        return sentence_hearing(case)
    return up_to_fixing_trial(case)


def fix_plea_hearing(case: Case) -> Listing:
    """A date for plea and case management."""
    listing = case.fix(
        "plea_and_case_management_hearing",
        "crown_pleas",
        the_plea_and_case_management_hearing,
        beside=co_defendants.beside(case, "plea_and_case_management_hearing"),
    )
    return co_defendants.listed(case, listing)


@resume.hearing("plea_and_case_management_hearing", on="crown_pleas")
def the_plea_and_case_management_hearing(case: Case) -> Heard:
    """A plea, an end, a warrant, or another date, if the papers or an advocate are missing."""
    if case.at_liberty and case.decide("crown_defendant_absent_plea_hearing"):
        return "warrant_issued", "defendant_absent"
    if case.decide("crown_prosecution_ends_case"):
        return "prosecution_ended", "prosecution_ended"
    if case.papers_served_at < case.received_crown:
        return "adjourned", "papers_not_served"
    missing = readiness.side_without_advocate(
        case, "plea_and_case_management_hearing", "crown_prosecution", "crown_defence"
    )
    if missing:
        return "adjourned", missing
    if case.decide("crown_hearing_adjourned"):
        return "adjourned", case.choose("crown_adjournment_reason")
    if case.decide("guilty_plea_crown"):
        return "guilty_plea_sentence_later", ""
    return "not_guilty_plea", ""


def up_to_fixing_trial(case: Case) -> NextStep:
    """A fixture, a warned list or a floater; the trial holds its courtroom day after day."""
    listing = fix_trial(case)
    victims.warned_for_trial(case)
    return up_to_trial(case, listing)


@resume.listed("preparing_crown_trial", "crown_trial", "file_upgrade", "trial_preparation")
def up_to_trial(case: Case, listing: Listing) -> ProcessStep:
    """Statements, the unused material, and applications to the judge."""
    yield from prosecution.prepare_for_trial(case)
    return up_to_applications(case, listing)


def up_to_applications(case: Case, listing: Listing) -> NextStep:
    """An application, or straight to the trial."""
    if case.decide("crown_application_needed"):
        return application(case, listing)
    return up_to_disclosure(case, listing)


@resume.listed("awaiting_crown_application", "crown_trial", before="crown_application")
def application(case: Case, listing: Listing) -> ProcessStep:
    """A short hearing before the trial that is already listed, and perhaps another.

    What the court has no time for by then is dealt with when the trial begins.
    """
    hearing = case.fix_before(listing, "crown_application", "crown_pleas", the_application)
    if hearing is None:
        return up_to_disclosure(case, listing)
    else:
        yield from case.appear(hearing)
        return up_to_applications(case, listing)


@resume.listed("disclosure_before_crown_trial", "crown_trial", "disclosure_of_unused_material")
def up_to_disclosure(case: Case, listing: Listing) -> ProcessStep:
    """What is still missing from the unused material; then whatever else the judge asks about."""
    if not case.disclosure_complete:
        yield from prosecution.complete_disclosure(case, listing)
    return mentions.up_to_mention(case, listing)


def fix_trial(case: Case) -> Listing:
    """A fixture is called first on its day, a warned-list case next, a floater if a room frees."""
    kind, keep_limit = case.choose("crown_listing"), prisons.keep_custody_time_limit
    if case.co_defendants is not None:
        return co_defendants.fix_trial(case, TRIALS, kind, keep_limit)
    listing = case.fix("crown_trial", "crown_trials", the_trial, kind, if_moved=keep_limit)
    return keep_limit(case, listing)


def the_application(case: Case) -> Heard:
    """Special measures, hearsay, bad character: decided in minutes."""
    return "managed", ""


@resume.hearing(
    "crown_trial", on="crown_trials", kind="crown_listing", if_moved=prisons.keep_custody_time_limit
)
def the_trial(case: Case) -> Heard:
    """Whether the trial can go ahead on the day, from who and what is there."""
    return readiness.without_jury(case, readiness.called_on(case, TRIALS))


def plea_before_trial(case: Case) -> NextStep:
    """A guilty plea before the day: the trial's days are given back, and the plea is entered."""
    if case.decide("hearing_when_trial_falls_away"):
        listing = fix_plea_before_trial(case)
        victims.told_of_new_date(case)
        return at_plea_before_trial(case, listing)
    return pleaded_before_trial(case)


@resume.listed("awaiting_crown_plea_before_trial", "crown_plea_before_trial_hearing")
def at_plea_before_trial(case: Case, listing: Listing) -> ProcessStep:
    """Arraigned again; on another day if the court had no time for it."""
    yield from case.appear(listing)
    while listing.result == "adjourned":
        listing = fix_plea_before_trial(case)
        yield from case.appear(listing)
    return pleaded_before_trial(case)


def no_evidence(case: Case) -> NextStep:
    """After a plea of not guilty only a judge can end the case: no evidence is offered in court."""
    if case.decide("hearing_when_trial_falls_away"):
        listing = fix_no_evidence(case)
        victims.told_of_new_date(case)
        return at_no_evidence(case, listing)
    return magistrates.dropped(case)


@resume.listed("awaiting_crown_no_evidence_hearing", "crown_no_evidence_hearing")
def at_no_evidence(case: Case, listing: Listing) -> ProcessStep:
    """The prosecution says why; on another day if the court had no time for it."""
    yield from case.appear(listing)
    while listing.result == "adjourned":
        listing = fix_no_evidence(case)
        yield from case.appear(listing)
    return magistrates.dropped(case)


def pleaded_before_trial(case: Case) -> NextStep:
    """Guilty before the day."""
    case.pleads("guilty", "before_trial")
    return up_to_sentence(case)


def fix_plea_before_trial(case: Case) -> Listing:
    """A date within days, among the pleas."""
    return case.fix("crown_plea_before_trial_hearing", "crown_pleas", the_plea_before_trial)


def fix_no_evidence(case: Case) -> Listing:
    """A date within days."""
    return case.fix("crown_no_evidence_hearing", "crown_pleas", the_end_without_evidence)


@resume.hearing("crown_plea_before_trial_hearing", on="crown_pleas")
def the_plea_before_trial(case: Case) -> Heard:
    """Guilty; a sentence follows."""
    return "guilty_plea_sentence_later", ""


@resume.hearing("crown_no_evidence_hearing", on="crown_pleas")
def the_end_without_evidence(case: Case) -> Heard:
    """A verdict of not guilty is entered."""
    return "prosecution_ended", "prosecution_ended"


def after_trial(case: Case, listing: Listing) -> NextStep:
    """A verdict, a plea at the door of the court, or no case left."""
    if listing.result == "cracked":
        if listing.reason in ("late_guilty_plea", "plea_to_alternative"):
            case.pleads("guilty", "day_of_trial")
            return up_to_sentence(case)
        return magistrates.dropped(case)
    if case.decide("convicted_by_jury"):
        return up_to_sentence(case)
    return magistrates.acquitted(case)


def up_to_sentence(case: Case) -> NextStep:
    """Sentenced there and then, or after a pre-sentence report; or after the others' trial."""
    if case.plea == "guilty" and co_defendants.sentence_waits(case):
        return sentence_after_others_trial(case)
    if case.decide("sentenced_at_once"):
        return pass_sentence(case)
    return sentence_hearing(case)


def sentence_after_others_trial(case: Case) -> ProcessStep:
    """The judge who tries the co-defendants hears what each of them did."""
    yield from co_defendants.until_others_are_tried(case)
    return sentence_hearing(case)


def sentence_hearing(case: Case) -> NextStep:
    """Back for sentence once probation has written its report."""
    listing = fix_sentence(case)
    victims.told_of_new_date(case)
    return sentence.up_to_hearing(case, listing)


def pass_sentence(case: Case) -> Ended:
    """Sentenced; the victim hears of it."""
    case.sentence = case.choose("crown_sentence")
    prisons.release(case)
    victims.told_of_outcome(case)
    victims.offered_restorative_justice_after_plea(case)
    victims.offered_victim_contact_scheme(case)
    return case.end(case.conviction)


def fix_sentence(case: Case) -> Listing:
    """A date for sentence."""
    return case.fix("crown_sentence_hearing", "crown_sentences", the_sentence_hearing)


@resume.hearing("crown_sentence_hearing", on="crown_sentences")
def the_sentence_hearing(case: Case) -> Heard:
    """Sentenced, unless the defendant, the report or an advocate is missing."""
    return sentence.called_on(case, "crown_sentence_hearing", "crown_prosecution", "crown_defence")


def committed_for_sentence(case: Case) -> NextStep:
    """Convicted below, sentenced here, because the magistrates' powers do not reach."""
    case.received_by_crown_court("for_sentence")
    if case.plea == "guilty" and co_defendants.sentence_waits(case):
        return sentence_after_others_trial(case)
    return sentence_hearing(case)


def appeal(case: Case) -> NextStep:
    """Against conviction, which is tried again, or against sentence only.

    Whoever pleaded guilty can only say that the sentence is too long.
    """
    case.received_by_crown_court("appeal")
    if case.plea != "guilty" and case.decide("appeals_against_conviction"):
        listing = fix_appeal(case)
    else:
        listing = fix_appeal_against_sentence(case)
    victims.told_of_appeal(case)
    return at_appeal(case, listing)


@resume.listed("on_appeal", "crown_appeal_hearing")
@resume.listed("on_appeal_against_sentence", "crown_sentence_appeal_hearing")
def at_appeal(case: Case, listing: Listing) -> ProcessStep:
    """Before a judge and two magistrates; another date where the court had no time for it."""
    yield from case.appear(listing)
    while listing.result == "adjourned":
        against_conviction = listing.hearing == "crown_appeal_hearing"
        listing = fix_appeal(case) if against_conviction else fix_appeal_against_sentence(case)
        yield from case.appear(listing)
    victims.told_of_appeal(case)
    return case.end(case.conviction)


def fix_appeal(case: Case) -> Listing:
    """A date for an appeal against conviction, which hears the witnesses again."""
    return case.fix("crown_appeal_hearing", "crown_sentences", the_appeal)


def fix_appeal_against_sentence(case: Case) -> Listing:
    """A date for an appeal against sentence, which needs minutes."""
    return case.fix("crown_sentence_appeal_hearing", "crown_sentences", the_appeal_against_sentence)


@resume.hearing("crown_appeal_hearing", on="crown_sentences")
def the_appeal(case: Case) -> Heard:
    """Heard again from the beginning; the conviction below stays counted as it was."""
    if case.decide("appeal_allowed"):
        return "appeal_allowed", ""
    return "appeal_dismissed", ""


@resume.hearing("crown_sentence_appeal_hearing", on="crown_sentences")
def the_appeal_against_sentence(case: Case) -> Heard:
    """A lighter sentence, or the same."""
    if case.decide("sentence_appeal_allowed"):
        return "appeal_allowed", ""
    return "appeal_dismissed", ""


TRIALS = readiness.TrialCourt(
    hearing="crown_trial",
    on="crown_trials",
    defendant_absent="crown_defendant_absent",
    tried_in_absence=None,
    late_guilty_plea="crown_late_guilty_plea",
    plea_to_alternative="crown_plea_to_alternative",
    prosecution_ends_case="crown_prosecution_ends_case_trial",
    prosecution_not_ready="crown_prosecution_not_ready",
    defence_not_ready="crown_defence_not_ready",
    other_obstacle="crown_other_trial_obstacle",
    witness_essential="crown_witness_essential",
    ends_without_witness="crown_case_ends_without_witness",
    prosecution_advocate="crown_prosecution",
    defence_advocate="crown_defence",
    vacated="crown_trial_vacated",
    vacated_reason="crown_vacated_reason",
    fix=fix_trial,
    plea_before_trial=plea_before_trial,
    no_evidence=no_evidence,
    after_trial=after_trial,
)
"""What is the Crown Court's own in a trial."""
