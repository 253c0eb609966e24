"""The Crown Court: plea and case management, trial by jury, sentence, appeals.

As in the magistrates' court, a function named `the_...` says how a hearing goes on the day.
"""

from __future__ import annotations

from cjsim.case import Case, Heard, Steps
from cjsim.diaries import Listing
from cjsim.journey import magistrates, prisons, prosecution, victims
from cjsim.vocabulary import Outcome


def sent_for_trial(case: Case) -> Steps[None]:
    """Sent by the magistrates: papers served, a plea hearing, then a plea or a trial."""
    case.received_by_crown_court("for_trial")
    listing = fix_plea_hearing(case)
    victims.told_of_new_date(case)
    yield from up_to_plea_hearing(case, listing)


def up_to_plea_hearing(case: Case, listing: Listing) -> Steps[None]:
    """The prosecution's papers are served."""
    yield from case.work("service_of_prosecution_case")
    yield from at_plea_hearing(case, listing)


def at_plea_hearing(case: Case, listing: Listing) -> Steps[None]:
    """The day, another until it goes ahead, and then sentence or trial."""
    yield from case.appear(listing)
    while listing.result == "adjourned":
        listing = fix_plea_hearing(case)
        victims.told_of_new_date(case)
        yield from case.appear(listing)
    if listing.result == "prosecution_ended":
        magistrates.dropped(case)
        return
    if case.decide("remanded_by_crown_court"):
        prisons.remand(case)
    if listing.result == "not_guilty_plea":
        case.pleads("not_guilty", "plea_hearing")
        yield from trial(case)
    else:
        case.pleads("guilty", "plea_hearing")
        yield from sentence(case, "convicted_guilty_plea")


def fix_plea_hearing(case: Case) -> Listing:
    """A date for plea and case management."""
    return case.fix(
        "plea_and_case_management_hearing", "crown_pleas", the_plea_and_case_management_hearing
    )


def the_plea_and_case_management_hearing(case: Case) -> Heard:
    """A plea, an end, or another date."""
    if case.decide("crown_prosecution_ends_case"):
        return "prosecution_ended", "prosecution_ended"
    if case.decide("crown_hearing_adjourned"):
        return "adjourned", case.choose("crown_adjournment_reason")
    if case.decide("guilty_plea_crown"):
        return "guilty_plea_sentence_later", ""
    return "not_guilty_plea", ""


def trial(case: Case) -> Steps[None]:
    """A fixture, a warned list or a floater; the trial holds its courtroom day after day."""
    listing = fix_trial(case)
    victims.warned_for_trial(case)
    yield from up_to_trial(case, listing)


def up_to_trial(case: Case, listing: Listing) -> Steps[None]:
    """Statements, disclosure, and applications to the judge."""
    yield from prosecution.prepare_for_trial(case)
    yield from up_to_applications(case, listing)


def up_to_applications(case: Case, listing: Listing) -> Steps[None]:
    """An application, or straight to the trial."""
    if case.decide("crown_application_needed"):
        yield from application(case, listing)
    else:
        yield from at_trial(case, listing)


def application(case: Case, listing: Listing) -> Steps[None]:
    """A short hearing before the trial that is already listed, and perhaps another."""
    yield from case.appear(case.fix("crown_application", "crown_pleas", the_application))
    yield from up_to_applications(case, listing)


def at_trial(case: Case, listing: Listing) -> Steps[None]:
    """A last look shortly before, while the trial can still be taken out of the list."""
    in_time = yield from case.wait_until_shortly_before(listing)
    if in_time and victims.withdraws_after_charge(case):
        case.vacate(listing, "victim_withdrew")
        magistrates.dropped(case)
    elif in_time and case.decide("crown_trial_vacated"):
        case.vacate(listing, case.choose("crown_vacated_reason"))
        yield from after_vacated_trial(case, listing)
    else:
        yield from on_the_day_of_trial(case, listing)


def after_vacated_trial(case: Case, listing: Listing) -> Steps[None]:
    """No case left, a plea, or another date."""
    if listing.reason == "prosecution_ended":
        magistrates.dropped(case)
    elif listing.reason == "guilty_plea_before_trial":
        case.pleads("guilty", "before_trial")
        yield from sentence(case, "convicted_guilty_plea")
    else:
        yield from another_trial(case)


def on_the_day_of_trial(case: Case, listing: Listing) -> Steps[None]:
    """Everybody comes; the trial is over, or needs another date."""
    yield from case.appear(listing)
    victims.come_to_trial(case, listing)
    if listing.result == "ineffective":
        yield from another_trial(case)
    else:
        yield from after_trial(case, listing)


def another_trial(case: Case) -> Steps[None]:
    """A new date, and everybody is told."""
    listing = fix_trial(case)
    victims.told_of_new_date(case)
    yield from at_trial(case, listing)


def fix_trial(case: Case) -> Listing:
    """A fixture is called first on its day, a warned-list case next, a floater if a room frees."""
    kind, keep_limit = case.choose("crown_listing"), prisons.keep_custody_time_limit
    listing = case.fix("crown_trial", "crown_trials", the_trial, kind, if_moved=keep_limit)
    return keep_limit(case, listing)


def the_application(case: Case) -> Heard:
    """Bail, disclosure, special measures: decided in minutes."""
    return "managed", ""


def the_trial(case: Case) -> Heard:
    """Whether the trial can go ahead on the day, from who and what is there."""
    if not case.remanded and case.decide("crown_defendant_absent"):
        return "ineffective", "defendant_absent"
    if case.decide("crown_late_guilty_plea"):
        return "cracked", "late_guilty_plea"
    if case.decide("crown_plea_to_alternative"):
        return "cracked", "plea_to_alternative"
    if case.decide("crown_prosecution_ends_case_trial"):
        return "cracked", "prosecution_ended"
    if case.civilian_witnesses and not case.decide("witnesses_attend"):
        if case.decide("case_ends_without_witness"):
            return "cracked", "witness_did_not_attend"
        return "ineffective", "prosecution_witness_absent"
    if case.decide("crown_prosecution_not_ready"):
        return "ineffective", "prosecution_not_ready"
    if case.decide("crown_defence_not_ready"):
        return "ineffective", "defence_not_ready"
    if case.decide("crown_other_trial_obstacle"):
        return "ineffective", "interpreter_or_other"
    return "effective", ""


def after_trial(case: Case, listing: Listing) -> Steps[None]:
    """A jury's verdict, a plea at the door of the court, or no case left."""
    if listing.result == "cracked":
        if listing.reason in ("late_guilty_plea", "plea_to_alternative"):
            case.pleads("guilty", "day_of_trial")
            yield from sentence(case, "convicted_guilty_plea")
        else:
            magistrates.dropped(case)
    elif case.decide("convicted_by_jury"):
        yield from sentence(case, "convicted_after_trial")
    else:
        magistrates.acquitted(case)


def sentence(case: Case, outcome: Outcome) -> Steps[None]:
    """Sentenced there and then, or after a pre-sentence report."""
    if not case.decide("sentenced_at_once"):
        yield from sentence_hearing(case)
    pass_sentence(case, outcome)


def sentence_hearing(case: Case) -> Steps[None]:
    """Back for sentence once probation has written its report."""
    listing = fix_sentence(case)
    victims.told_of_new_date(case)
    yield from up_to_sentence_hearing(case, listing)


def up_to_sentence_hearing(case: Case, listing: Listing) -> Steps[None]:
    """Probation writes its report while the day comes near."""
    yield from case.work("pre_sentence_report")
    yield from at_sentence_hearing(case, listing)


def at_sentence_hearing(case: Case, listing: Listing) -> Steps[None]:
    """The day, and another until the report and the defendant are there."""
    yield from case.appear(listing)
    while listing.result == "adjourned":
        listing = fix_sentence(case)
        victims.told_of_new_date(case)
        yield from case.appear(listing)


def pass_sentence(case: Case, outcome: Outcome) -> None:
    """Sentenced; the victim hears of it."""
    case.sentence = case.choose("crown_sentence")
    prisons.release(case)
    victims.told_of_outcome(case)
    case.end(outcome)


def fix_sentence(case: Case) -> Listing:
    """A date for sentence."""
    return case.fix("crown_sentence_hearing", "crown_sentences", the_sentence_hearing)


def the_sentence_hearing(case: Case) -> Heard:
    """Sentenced, unless the report or the defendant is missing."""
    if case.decide("sentence_adjourned"):
        return "adjourned", case.choose("sentence_adjournment_reason")
    return "sentenced", ""


def committed_for_sentence(case: Case) -> Steps[None]:
    """Convicted below, sentenced here, because the magistrates' powers do not reach."""
    case.received_by_crown_court("for_sentence")
    yield from sentence_hearing(case)
    pass_sentence(case, "convicted_guilty_plea")


def appeal(case: Case) -> Steps[None]:
    """Heard again by a judge and two magistrates."""
    case.received_by_crown_court("appeal")
    listing = case.fix("crown_appeal_hearing", "crown_sentences", the_appeal)
    yield from case.appear(listing)


def the_appeal(case: Case) -> Heard:
    """Allowed or dismissed; the conviction below stays counted as it was."""
    if case.decide("appeal_allowed"):
        return "appeal_allowed", ""
    return "appeal_dismissed", ""
