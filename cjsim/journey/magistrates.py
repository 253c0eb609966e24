"""The magistrates' court: first hearing, plea, allocation, trial and sentence.

A function whose name starts with `the_` says how a hearing goes when the court calls it on; it
looks at the case's facts, decides, and changes nothing, because the list may run out of time first.
"""

from __future__ import annotations

from cjsim.case import Case, Heard, Steps
from cjsim.diaries import Listing
from cjsim.journey import crown, prisons, prosecution, victims
from cjsim.vocabulary import CourtList, Outcome


def first_hearing(case: Case) -> Steps[None]:
    """Every prosecution starts here, on the list that suits the plea expected."""
    listing = case.fix("first_hearing", list_for_first_hearing(case), the_first_hearing)
    victims.told_of_first_hearing(case)
    yield from up_to_first_hearing(case, listing)


def up_to_first_hearing(case: Case, listing: Listing) -> Steps[None]:
    """Files and papers while the day comes near."""
    yield from prosecution.prepare_for_first_hearing(case)
    yield from at_first_hearing(case, listing)


def at_first_hearing(case: Case, listing: Listing) -> Steps[None]:
    """The day, and where it leaves the case: another day, a warrant, or a step further."""
    yield from case.appear(listing)
    if listing.result == "warrant_issued":
        yield from case.wait("warrant_outstanding")
        yield from brought_on_warrant(case)
    elif listing.result == "adjourned":
        yield from further_hearing(case)
    else:
        yield from after_first_hearing(case, listing)


def brought_on_warrant(case: Case) -> Steps[None]:
    """Found, and kept or bailed to another date."""
    if case.decide("remanded_at_first_hearing"):
        prisons.remand(case)
    yield from further_hearing(case)


def further_hearing(case: Case) -> Steps[None]:
    """The first hearing again, on another day."""
    victims.told_of_new_date(case)
    listing = case.fix("further_hearing", list_for_first_hearing(case), the_first_hearing)
    yield from at_first_hearing(case, listing)


def list_for_first_hearing(case: Case) -> CourtList:
    """Custody to the remand court, summonses to bulk lists, the rest by the plea expected."""
    if case.remanded:
        return "remand_court"
    if case.summons:
        return "bulk_motoring"
    if case.anticipates_guilty_plea:
        return "guilty_anticipated_plea"
    return "not_guilty_anticipated_plea"


def the_first_hearing(case: Case) -> Heard:
    """Absent, sent up, adjourned, ended, or a plea."""
    if not case.remanded and case.decide("defendant_absent_first_hearing"):
        if case.summons and case.decide("proved_in_absence"):
            return "proved_in_absence", ""
        if case.summons:
            return "adjourned", "defendant_absent"
        return "warrant_issued", "defendant_absent"
    if case.offence_class == "indictable_only":
        return "sent_for_trial", ""
    if case.decide("prosecution_ends_case_first_hearing"):
        return "prosecution_ended", "prosecution_ended"
    if case.decide("first_hearing_adjourned"):
        return "adjourned", case.choose("first_hearing_adjournment_reason")
    if case.either_way and case.decide("sent_for_trial"):
        return "sent_for_trial", ""
    if not case.decide("guilty_plea_first_hearing"):
        return "not_guilty_plea", ""
    if case.either_way and case.decide("committed_for_sentence"):
        return "committed_for_sentence", ""
    if not case.decide("pre_sentence_report_needed"):
        return "guilty_plea_sentenced", ""
    if case.decide("report_given_on_the_day"):
        return "guilty_plea_report_ordered", ""
    return "guilty_plea_sentence_later", ""


def after_first_hearing(case: Case, listing: Listing) -> Steps[None]:
    """Where the first effective hearing leaves the case."""
    if listing.result == "prosecution_ended":
        dropped(case)
        return
    if listing.result == "proved_in_absence":
        yield from sentenced(case, "convicted_in_absence")
        return
    if case.decide("remanded_at_first_hearing"):
        prisons.remand(case)
    else:
        prisons.release(case)
    if listing.result == "sent_for_trial":
        yield from crown.sent_for_trial(case)
        return
    if listing.result == "not_guilty_plea":
        case.pleads("not_guilty", "first_hearing")
        yield from trial(case)
        return
    case.pleads("guilty", "first_hearing")
    if listing.result == "committed_for_sentence":
        yield from crown.committed_for_sentence(case)
    else:
        if listing.result == "guilty_plea_report_ordered":
            yield from case.work("pre_sentence_report")
        elif listing.result == "guilty_plea_sentence_later":
            yield from sentence_hearing(case)
        yield from sentenced(case, "convicted_guilty_plea")


def trial(case: Case) -> Steps[None]:
    """A date fixed in advance, preparation, and the day itself, until it is over."""
    listing = fix_trial(case)
    victims.warned_for_trial(case)
    yield from up_to_trial(case, listing)


def up_to_trial(case: Case, listing: Listing) -> Steps[None]:
    """Statements, disclosure, and a hearing to manage the case where it helps."""
    yield from prosecution.prepare_for_trial(case)
    if case.decide("case_management_hearing_needed"):
        yield from case_management(case, listing)
    else:
        yield from at_trial(case, listing)


def case_management(case: Case, listing: Listing) -> Steps[None]:
    """Issues narrowed before the trial that is already listed."""
    managing = case.fix(
        "case_management_hearing", "not_guilty_anticipated_plea", the_case_management_hearing
    )
    yield from case.appear(managing)
    yield from at_trial(case, listing)


def at_trial(case: Case, listing: Listing) -> Steps[None]:
    """A last look shortly before, while the trial can still be taken out of the list."""
    in_time = yield from case.wait_until_shortly_before(listing)
    if in_time and victims.withdraws_after_charge(case):
        case.vacate(listing, "victim_withdrew")
        dropped(case)
    elif in_time and case.decide("trial_vacated"):
        case.vacate(listing, case.choose("vacated_reason"))
        yield from after_vacated_trial(case, listing)
    else:
        yield from on_the_day_of_trial(case, listing)


def after_vacated_trial(case: Case, listing: Listing) -> Steps[None]:
    """No case left, a plea, or another date."""
    if listing.reason == "prosecution_ended":
        dropped(case)
    elif listing.reason == "guilty_plea_before_trial":
        yield from plea_before_trial(case)
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
    """A date for trial, inside the custody time limit where there is one, wherever it moves."""
    keep_limit = prisons.keep_custody_time_limit
    listing = case.fix("magistrates_trial", "magistrates_trials", the_trial, if_moved=keep_limit)
    return keep_limit(case, listing)


def the_case_management_hearing(case: Case) -> Heard:
    """Issues narrowed, witnesses settled."""
    return "managed", ""


def the_trial(case: Case) -> Heard:
    """Whether the trial can go ahead on the day, from who and what is there."""
    if not case.remanded and case.decide("defendant_absent_trial"):
        if case.decide("trial_in_absence"):
            return "effective", "defendant_absent"
        return "ineffective", "defendant_absent"
    if case.decide("late_guilty_plea"):
        return "cracked", "late_guilty_plea"
    if case.decide("plea_to_alternative"):
        return "cracked", "plea_to_alternative"
    if case.decide("prosecution_ends_case_trial"):
        return "cracked", "prosecution_ended"
    if case.civilian_witnesses and not case.decide("witnesses_attend"):
        if case.decide("case_ends_without_witness"):
            return "cracked", "witness_did_not_attend"
        return "ineffective", "prosecution_witness_absent"
    if case.decide("prosecution_not_ready"):
        return "ineffective", "prosecution_not_ready"
    if case.decide("defence_not_ready"):
        return "ineffective", "defence_not_ready"
    if case.decide("other_trial_obstacle"):
        return "ineffective", "interpreter_or_other"
    return "effective", ""


def after_trial(case: Case, listing: Listing) -> Steps[None]:
    """A verdict, a late plea, or no case left."""
    if listing.result == "cracked":
        if listing.reason in ("late_guilty_plea", "plea_to_alternative"):
            case.pleads("guilty", "day_of_trial")
            yield from maybe_report_then_sentence(case, "convicted_guilty_plea")
        else:
            dropped(case)
    elif listing.reason == "defendant_absent":
        yield from sentenced(case, "convicted_in_absence")
    elif case.decide("convicted_after_trial"):
        yield from maybe_report_then_sentence(case, "convicted_after_trial")
    else:
        acquitted(case)


def plea_before_trial(case: Case) -> Steps[None]:
    """The defendant offers a guilty plea before the day; the trial slot is given back."""
    hearing = case.fix(
        "plea_before_trial_hearing", "guilty_anticipated_plea", the_plea_before_trial
    )
    victims.told_of_new_date(case)
    yield from at_plea_before_trial(case, hearing)


def at_plea_before_trial(case: Case, hearing: Listing) -> Steps[None]:
    """Guilty, and sentenced."""
    yield from case.appear(hearing)
    case.pleads("guilty", "before_trial")
    yield from maybe_report_then_sentence(case, "convicted_guilty_plea")


def the_plea_before_trial(case: Case) -> Heard:
    """A plea entered."""
    return "guilty_plea_sentenced", ""


def maybe_report_then_sentence(case: Case, outcome: Outcome) -> Steps[None]:
    """Sentence at once, or after a pre-sentence report on the day or three weeks later."""
    if case.decide("pre_sentence_report_needed"):
        if case.decide("report_given_on_the_day"):
            yield from case.work("pre_sentence_report")
        else:
            yield from sentence_hearing(case)
    yield from sentenced(case, outcome)


def sentence_hearing(case: Case) -> Steps[None]:
    """Back for sentence once probation has written its report."""
    yield from up_to_sentence_hearing(case, fix_sentence(case))


def up_to_sentence_hearing(case: Case, listing: Listing) -> Steps[None]:
    """Probation writes its report while the day comes near."""
    yield from case.work("pre_sentence_report")
    yield from at_sentence_hearing(case, listing)


def at_sentence_hearing(case: Case, listing: Listing) -> Steps[None]:
    """The day, and another until the report and the defendant are there."""
    yield from case.appear(listing)
    while listing.result == "adjourned":
        victims.told_of_new_date(case)
        listing = fix_sentence(case)
        yield from case.appear(listing)


def fix_sentence(case: Case) -> Listing:
    """A date for sentence, three weeks on, when the report should be there."""
    return case.fix("magistrates_sentence_hearing", "magistrates_sentences", the_sentence_hearing)


def the_sentence_hearing(case: Case) -> Heard:
    """Sentenced, unless the report or the defendant is missing."""
    if case.decide("sentence_adjourned"):
        return "adjourned", case.choose("sentence_adjournment_reason")
    return "sentenced", ""


def sentenced(case: Case, outcome: Outcome) -> Steps[None]:
    """Convicted and sentenced; a few appeal."""
    case.sentence = case.choose("magistrates_sentence")
    prisons.release(case)
    victims.told_of_outcome(case)
    if case.decide("appeals_to_crown_court"):
        yield from crown.appeal(case)
    case.end(outcome)


def acquitted(case: Case) -> None:
    """Found not guilty."""
    prisons.release(case)
    victims.told_of_outcome(case)
    case.end("acquitted")


def dropped(case: Case) -> None:
    """Withdrawn, discontinued or offered no evidence."""
    prisons.release(case)
    victims.told_of_outcome(case)
    case.end("prosecution_dropped")
