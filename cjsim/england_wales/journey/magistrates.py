"""The magistrates' court: first hearing, plea, trial and sentence.

A function whose name starts with `the_` says how a hearing goes when the court calls it on. It
looks at the case's facts and decides; it changes nothing but who came, because the list may run out
of time first. Which court deals with an either-way case stands in `allocation`; what is the same in
both courts in `trial`, `readiness` and `sentence`.
"""

from __future__ import annotations

from cjsim.england_wales.case import Case, Ended, Heard, NextStep, ProcessStep
from cjsim.england_wales.journey import (
    allocation,
    co_defendants,
    crown,
    prisons,
    prosecution,
    readiness,
    resume,
    sentence,
    trial,
    victims,
    warrants,
)
from cjsim.england_wales.vocabulary import CourtList, Reason
from cjsim.listing.diary import Listing


def first_hearing(case: Case) -> NextStep:
    """Every prosecution starts here, on the list that suits the plea expected."""
    if not case.file_built:
        prosecution.foresee_plea(case)
    listing = co_defendants.listed(case, fix_first_hearing(case))
    victims.told_of_first_hearing(case)
    return up_to_first_hearing(case, listing)


def fix_first_hearing(case: Case) -> Listing:
    """A date, in the session of a co-defendant where there is one that suits."""
    on = list_for_first_hearing(case)
    beside = co_defendants.beside(case, "first_hearing")
    if beside is not None:
        its_list = co_defendants.list_of(beside)
        if its_list != on and "remand_court" in (on, its_list):
            beside = None
        else:
            on = its_list
    return case.fix("first_hearing", on, the_first_hearing, beside=beside)


@resume.listed(
    "preparing_first_hearing",
    "first_hearing",
    "video_link_supervision",
    "joint_case_conference",
    "footage_review",
    "streamlined_file",
    "full_file",
    "prosecutor_review",
)
def up_to_first_hearing(case: Case, listing: Listing) -> ProcessStep:
    """Files and papers while the day comes near."""
    yield from prosecution.prepare_for_first_hearing(case)
    return at_first_hearing(case, listing)


@resume.listed("awaiting_first_hearing", "first_hearing")
@resume.listed("adjourned_to_further_hearing", "further_hearing")
def at_first_hearing(case: Case, listing: Listing) -> ProcessStep:
    """The day, and where it leaves the case: another day, a warrant, or a step further."""
    yield from case.appear(listing)
    if listing.result == "warrant_issued":
        return warrants.stayed_away(case, "first_hearing")
    elif listing.result == "adjourned":
        return further_hearing(case)
    else:
        return after_first_hearing(case, listing)


def further_hearing(case: Case) -> NextStep:
    """The first hearing again, on another day and in the courtroom."""
    case.by_video = False
    victims.told_of_new_date(case)
    listing = case.fix("further_hearing", list_for_first_hearing(case), the_first_hearing)
    return at_first_hearing(case, listing)


def list_for_first_hearing(case: Case) -> CourtList:
    """Custody to the remand court, summonses to bulk lists, the rest by the plea expected.

    Whoever is seen from the police station comes before the next court, which is the remand court.
    """
    if case.remanded or case.by_video:
        return "remand_court"
    if case.summons:
        return "bulk_motoring"
    if case.prepared_for_guilty_plea:
        return "guilty_anticipated_plea"
    return "not_guilty_anticipated_plea"


@resume.hearing("first_hearing", "further_hearing", on=list_for_first_hearing)
def the_first_hearing(case: Case) -> Heard:
    """Absent, sent at once, adjourned, ended; or a plea, and then who tries or sentences.

    In an either-way case the plea comes before the venue: the defendant indicates it before anybody
    decides which court is to deal with the case.
    """
    if case.at_liberty and case.decide("defendant_absent_first_hearing"):
        if case.summons and case.decide("proved_in_absence"):
            return "proved_in_absence", ""
        if case.summons:
            return "adjourned", "defendant_absent"
        return "warrant_issued", "defendant_absent"
    if case.offence_class == "indictable_only":
        return "sent_for_trial", ""
    if case.decide("prosecution_ends_case_first_hearing"):
        return "prosecution_ended", "prosecution_ended"
    missing = what_is_missing(case)
    if missing:
        return "adjourned", missing
    if case.decide("guilty_plea_first_hearing"):
        return the_guilty_plea(case)
    why_sent = allocation.sends_up(case)
    if why_sent:
        return "sent_for_trial", why_sent
    if victims.no_longer_supports(case):
        return "prosecution_ended", "victim_withdrew"
    return "not_guilty_plea", ""


def the_guilty_plea(case: Case) -> Heard:
    """Sentenced at once, after a report, or by the Crown Court, whose powers reach further."""
    if allocation.commits_for_sentence(case):
        return "committed_for_sentence", ""
    if co_defendants.sentence_waits(case):
        return "guilty_plea_sentence_later", ""
    if not case.decide("pre_sentence_report_needed"):
        return "guilty_plea_sentenced", ""
    if case.decide("report_given_on_the_day"):
        return "guilty_plea_report_ordered", ""
    return "guilty_plea_sentence_later", ""


def what_is_missing(case: Case) -> Reason:
    """Why the first hearing gets nowhere, if it does.

    Nobody needs an advocate for a motoring summons: the police prosecute and hardly anybody has a
    solicitor.
    """
    if case.decide("first_hearing_adjourned"):
        return why_adjourned(case)
    if case.summons:
        return ""
    return readiness.side_without_advocate(
        case, "first_hearing", "magistrates_prosecution", "magistrates_defence"
    )


def why_adjourned(case: Case) -> Reason:
    """What is missing; where the prosecution has done its part, it is the defence that asks."""
    reason: Reason = case.choose("first_hearing_adjournment_reason")
    if reason == "papers_not_served" and case.papers_served:
        return "legal_advice_wanted"
    if reason == "prosecution_not_ready" and case.file_ready and case.reviewed_before_first_hearing:
        return "defence_not_ready"
    return reason


def after_first_hearing(case: Case, listing: Listing) -> NextStep:
    """Where the first effective hearing leaves the case."""
    case.by_video = False
    if listing.result == "prosecution_ended":
        if listing.reason == "victim_withdrew":
            victims.withdrew_after_charge(case)
        return dropped(case)
    if listing.result == "proved_in_absence":
        return sentenced(case)
    if case.decide("remanded_at_first_hearing"):
        prisons.remand(case)
    else:
        prisons.release(case)
    if listing.result in ("sent_for_trial", "not_guilty_plea"):
        victims.told_of_bail(case)
    if listing.result == "sent_for_trial":
        return crown.sent_for_trial(case)
    if listing.result == "not_guilty_plea":
        case.pleads("not_guilty", "first_hearing")
        return up_to_fixing_trial(case)
    case.pleads("guilty", "first_hearing")
    if listing.result == "committed_for_sentence":
        return crown.committed_for_sentence(case)
    if listing.result == "guilty_plea_report_ordered":
        return report_on_the_day(case)
    if listing.result == "guilty_plea_sentence_later":
        return sentence_hearing(case)
    return sentenced(case)


def up_to_fixing_trial(case: Case) -> NextStep:
    """A date fixed in advance; the witnesses are warned for it."""
    listing = fix_trial(case)
    victims.warned_for_trial(case)
    return up_to_trial(case, listing)


@resume.listed(
    "preparing_magistrates_trial", "magistrates_trial", "file_upgrade", "trial_preparation"
)
def up_to_trial(case: Case, listing: Listing) -> ProcessStep:
    """Statements, the unused material, and a hearing to manage the case where it helps."""
    yield from prosecution.prepare_for_trial(case)
    if case.decide("case_management_hearing_needed"):
        return case_management(case, listing)
    else:
        return trial.up_to_disclosure(case, listing)


@resume.listed(
    "awaiting_case_management_hearing", "magistrates_trial", before="case_management_hearing"
)
def case_management(case: Case, listing: Listing) -> ProcessStep:
    """Issues narrowed before the trial that is already listed, if there is a day for it."""
    hearing = case.fix_before(
        listing,
        "case_management_hearing",
        "not_guilty_anticipated_plea",
        the_case_management_hearing,
    )
    if hearing is not None:
        yield from case.appear(hearing)
        if hearing.result == "managed":
            readiness.manage(case)
    return trial.up_to_disclosure(case, listing)


def fix_trial(case: Case) -> Listing:
    """A date for trial, inside the custody time limit where there is one, wherever it moves."""
    keep_limit = prisons.keep_custody_time_limit
    if case.co_defendants is not None:
        return co_defendants.fix_trial(case, TRIALS, "", keep_limit)
    listing = case.fix("magistrates_trial", "magistrates_trials", the_trial, if_moved=keep_limit)
    return keep_limit(case, listing)


def the_case_management_hearing(case: Case) -> Heard:
    """Issues narrowed, witnesses settled."""
    return "managed", ""


@resume.hearing(
    "magistrates_trial", on="magistrates_trials", if_moved=prisons.keep_custody_time_limit
)
def the_trial(case: Case) -> Heard:
    """Whether the trial can go ahead on the day, from who and what is there."""
    return readiness.called_on(case, TRIALS)


def after_trial(case: Case, listing: Listing) -> NextStep:
    """A verdict, a late plea, or no case left."""
    if listing.result == "cracked":
        if listing.reason in ("late_guilty_plea", "plea_to_alternative"):
            case.pleads("guilty", "day_of_trial")
            return maybe_report_then_sentence(case)
        return dropped(case)
    if listing.reason == "defendant_absent":
        case.tried_in_absence = True
        return sentenced(case)
    if case.decide("convicted_after_trial"):
        return maybe_report_then_sentence(case)
    return acquitted(case)


def plea_before_trial(case: Case) -> NextStep:
    """The defendant offers a guilty plea before the day; the trial slot is given back."""
    hearing = fix_plea_before_trial(case)
    victims.told_of_new_date(case)
    return at_plea_before_trial(case, hearing)


def fix_plea_before_trial(case: Case) -> Listing:
    """A date among the guilty pleas."""
    return case.fix("plea_before_trial_hearing", "guilty_anticipated_plea", the_plea_before_trial)


@resume.listed("awaiting_plea_before_trial", "plea_before_trial_hearing")
def at_plea_before_trial(case: Case, hearing: Listing) -> ProcessStep:
    """Guilty, and sentenced; on another day if the court had no time for it."""
    yield from case.appear(hearing)
    while hearing.result == "adjourned":
        hearing = fix_plea_before_trial(case)
        victims.told_of_new_date(case)
        yield from case.appear(hearing)
    case.pleads("guilty", "before_trial")
    return maybe_report_then_sentence(case)


@resume.hearing("plea_before_trial_hearing", on="guilty_anticipated_plea")
def the_plea_before_trial(case: Case) -> Heard:
    """A plea entered."""
    return "guilty_plea_sentenced", ""


def maybe_report_then_sentence(case: Case) -> NextStep:
    """Sentence at once, after a pre-sentence report, or by the Crown Court if powers fall short."""
    if allocation.commits_after_trial(case):
        return crown.committed_for_sentence(case)
    if case.plea == "guilty" and co_defendants.sentence_waits(case):
        return sentence_hearing(case)
    if case.decide("pre_sentence_report_needed"):
        if case.decide("report_given_on_the_day"):
            return report_on_the_day(case)
        return sentence_hearing(case)
    return sentenced(case)


@resume.working("report_on_the_day", "pre_sentence_report")
def report_on_the_day(case: Case) -> ProcessStep:
    """Probation writes its report while the court waits."""
    yield from case.work("pre_sentence_report")
    return sentenced(case)


def sentence_hearing(case: Case) -> NextStep:
    """Back for sentence once co-defendants have been tried and probation has written its report."""
    if case.plea == "guilty" and co_defendants.sentence_waits(case):
        return sentence_after_others_trial(case)
    return after_others_trial(case)


def sentence_after_others_trial(case: Case) -> ProcessStep:
    """The co-defendants contest the charge: one court hears the evidence before it sentences."""
    yield from co_defendants.until_others_are_tried(case)
    return after_others_trial(case)


@resume.waiting("awaiting_co_defendants_trial", "linked_case")
def after_others_trial(case: Case) -> NextStep:
    """A date for sentence, when nobody is still to be tried."""
    return sentence.up_to_hearing(case, fix_sentence(case))


def fix_sentence(case: Case) -> Listing:
    """A date for sentence, three weeks on, when the report should be there."""
    return case.fix("magistrates_sentence_hearing", "magistrates_sentences", the_sentence_hearing)


@resume.hearing("magistrates_sentence_hearing", on="magistrates_sentences")
def the_sentence_hearing(case: Case) -> Heard:
    """Sentenced, unless the defendant, the report or an advocate is missing."""
    return sentence.called_on(
        case, "magistrates_sentence_hearing", "magistrates_prosecution", "magistrates_defence"
    )


def sentenced(case: Case) -> NextStep:
    """Convicted and sentenced; a few appeal."""
    case.sentence = case.choose("magistrates_sentence")
    prisons.release(case)
    victims.told_of_outcome(case)
    victims.offered_restorative_justice_after_plea(case)
    if case.decide("appeals_to_crown_court"):
        return crown.appeal(case)
    return case.end(case.conviction)


def acquitted(case: Case) -> Ended:
    """Found not guilty."""
    prisons.release(case)
    victims.told_of_outcome(case)
    return case.end("acquitted")


def discontinued(case: Case) -> Ended:
    """Ended before the trial by a notice: nobody has to come to court for it."""
    return dropped(case)


def dropped(case: Case) -> Ended:
    """Withdrawn, discontinued or offered no evidence."""
    prisons.release(case)
    victims.told_of_outcome(case)
    victims.told_why_it_ended(case)
    return case.end("prosecution_dropped")


TRIALS = readiness.TrialCourt(
    hearing="magistrates_trial",
    on="magistrates_trials",
    defendant_absent="defendant_absent_trial",
    tried_in_absence="trial_in_absence",
    late_guilty_plea="late_guilty_plea",
    plea_to_alternative="plea_to_alternative",
    prosecution_ends_case="prosecution_ends_case_trial",
    prosecution_not_ready="prosecution_not_ready",
    defence_not_ready="defence_not_ready",
    other_obstacle="other_trial_obstacle",
    witness_essential="witness_essential",
    ends_without_witness="case_ends_without_witness",
    prosecution_advocate="magistrates_prosecution",
    defence_advocate="magistrates_defence",
    vacated="trial_vacated",
    vacated_reason="vacated_reason",
    fix=fix_trial,
    plea_before_trial=plea_before_trial,
    no_evidence=discontinued,
    after_trial=after_trial,
)
"""What is the magistrates' court's own in a trial."""
