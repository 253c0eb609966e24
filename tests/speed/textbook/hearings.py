"""The textbook version's courts: first hearing, trial, sentence, and the Crown Court.

Frozen: see the package's own docstring.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.speed.textbook.courts import Listing
from tests.speed.textbook.files_and_ends import (
    WEEK,
    dropped,
    end,
    keep_custody_time_limit,
    prepare_for_first_hearing,
    prepare_for_trial,
    release,
    remand,
    withdraws,
)
from tests.speed.textbook.road import Case, ProcessStep

Steps = Iterator[Any]
Heard = tuple[str, str]


# --- magistrates' court -----------------------------------------------------------------------


def first_hearing(road: ProcessStep, case: Case) -> Steps:
    listing = road.fix(case, "first_hearing", first_list(case))
    road.tell(case, "first_hearing_date")
    yield from prepare_for_first_hearing(road, case)
    yield from road.appear(case, listing, the_first_hearing)
    while listing.result in ("adjourned", "warrant_issued"):
        if listing.result == "warrant_issued":
            yield from brought_back(road, case)
            if road.decide(case, "remanded_at_first_hearing"):
                remand(road, case)
        road.tell(case, "change_of_date")
        listing = road.fix(case, "further_hearing", first_list(case))
        yield from road.appear(case, listing, the_first_hearing)
    yield from after_first_hearing(road, case, listing)


def brought_back(road: ProcessStep, case: Case) -> Steps:
    """Found on a warrant and brought before the next court."""
    yield from road.wait(case, "warrant_outstanding")
    yield from road.work(case, "arrest_on_warrant")
    yield from road.work(case, "custody_booking")
    hearing = road.fix(case, "warrant_hearing", "remand_court")
    yield from road.appear(case, hearing, managed)


def first_list(case: Case) -> str:
    if case.remanded:
        return "remand_court"
    if case.summons:
        return "bulk_motoring"
    if case.anticipates_guilty_plea:
        return "guilty_anticipated_plea"
    return "not_guilty_anticipated_plea"


def the_first_hearing(road: ProcessStep, case: Case) -> Heard:
    if not case.remanded and road.decide(case, "defendant_absent_first_hearing"):
        if case.summons and road.decide(case, "proved_in_absence"):
            return "proved_in_absence", ""
        return ("adjourned" if case.summons else "warrant_issued"), "defendant_absent"
    if case.offence_class == "indictable_only":
        return "sent_for_trial", ""
    if road.decide(case, "prosecution_ends_case_first_hearing"):
        return "prosecution_ended", "prosecution_ended"
    if road.decide(case, "first_hearing_adjourned"):
        return "adjourned", road.choose(case, "first_hearing_adjournment_reason")
    if not road.decide(case, "guilty_plea_first_hearing"):
        if case.either_way and road.decide(case, "jurisdiction_declined"):
            return "sent_for_trial", "jurisdiction_declined"
        if case.either_way and road.decide(case, "elects_crown_trial"):
            return "sent_for_trial", "elected_crown_trial"
        return "not_guilty_plea", ""
    if case.either_way and road.decide(case, "committed_for_sentence"):
        return "committed_for_sentence", ""
    if not road.decide(case, "pre_sentence_report_needed"):
        return "guilty_plea_sentenced", ""
    if road.decide(case, "report_given_on_the_day"):
        return "guilty_plea_report_ordered", ""
    return "guilty_plea_sentence_later", ""


def after_first_hearing(road: ProcessStep, case: Case, listing: Listing) -> Steps:
    if listing.result == "prosecution_ended":
        dropped(road, case)
        return
    if listing.result == "proved_in_absence":
        yield from sentenced(road, case, "convicted_in_absence")
        return
    if road.decide(case, "remanded_at_first_hearing"):
        remand(road, case)
    else:
        release(road, case)
    if listing.result == "sent_for_trial":
        yield from sent_for_trial(road, case)
    elif listing.result == "not_guilty_plea":
        case.not_guilty_pleaded = True
        yield from trial(road, case, "magistrates_trial", "magistrates_trials")
    elif listing.result == "committed_for_sentence":
        to_crown_court(road, case)
        yield from sentence_hearing(road, case, "crown_sentence_hearing", "crown_sentences")
        crown_sentenced(road, case, "convicted_guilty_plea")
    else:
        if listing.result == "guilty_plea_report_ordered":
            yield from road.work(case, "pre_sentence_report")
        elif listing.result == "guilty_plea_sentence_later":
            yield from magistrates_sentence_hearing(road, case)
        yield from sentenced(road, case, "convicted_guilty_plea")


def trial(road: ProcessStep, case: Case, hearing: str, on: str) -> Steps:
    """A trial in either court, again and again until it is over."""
    in_crown = hearing == "crown_trial"
    listing = fix_trial(road, case, hearing, on)
    road.tell(case, "witness_warning")
    if road.decide(case, "special_measures_needed"):
        road.tell(case, "special_measures_meeting")
    yield from prepare_for_trial(road, case)
    yield from before_trial(road, case, in_crown)
    vacated, why = "trial_vacated", "vacated_reason"
    the_trial = the_magistrates_trial
    if in_crown:
        vacated, why, the_trial = "crown_trial_vacated", "crown_vacated_reason", the_crown_trial
    while True:
        yield road.env.timeout(max(0, listing.start - WEEK - road.env.now))
        in_time = listing.start > road.env.now
        if in_time and withdraws(road, case, "after_charge"):
            road.vacate(case, listing, "victim_withdrew")
            dropped(road, case)
            return
        if in_time and road.decide(case, vacated):
            road.vacate(case, listing, road.choose(case, why))
            if listing.reason == "prosecution_ended":
                dropped(road, case)
                return
            if listing.reason == "guilty_plea_before_trial":
                yield from plea_before_trial(road, case)
                return
        else:
            yield from road.appear(case, listing, the_trial)
            witnesses_come(road, case, listing)
            if listing.result != "ineffective":
                yield from after_trial(road, case, listing)
                return
        yield from what_was_missing(road, case, listing)
        listing = fix_trial(road, case, hearing, on)
        road.tell(case, "change_of_date")


def before_trial(road: ProcessStep, case: Case, in_crown: bool) -> Steps:
    """Short hearings while the trial comes near."""
    for branch, word in (
        ("crown_application_needed", "crown_application"),
        ("crown_mention_needed", "crown_mention"),
    ):
        while in_crown and road.decide(case, branch):
            yield from road.appear(case, road.fix(case, word, "crown_pleas"), managed)
    if not in_crown and road.decide(case, "case_management_hearing_needed"):
        managing = road.fix(case, "case_management_hearing", "not_guilty_anticipated_plea")
        yield from road.appear(case, managing, managed)
        case.managed = True


def what_was_missing(road: ProcessStep, case: Case, listing: Listing) -> Steps:
    if listing.reason == "defendant_absent" and not case.summons:
        yield from brought_back(road, case)
    if not case.disclosure_complete:
        yield from road.wait(case, "disclosure_of_unused_material")
        case.disclosure_complete = True


def fix_trial(road: ProcessStep, case: Case, hearing: str, on: str) -> Listing:
    if hearing == "crown_trial":
        road.choose(case, "crown_listing")
    return keep_custody_time_limit(road, case, road.fix(case, hearing, on))


def managed(road: ProcessStep, case: Case) -> Heard:
    return "managed", ""


def the_magistrates_trial(road: ProcessStep, case: Case) -> Heard:
    if not case.remanded and road.decide(case, "defendant_absent_trial"):
        in_absence = road.decide(case, "trial_in_absence")
        return ("effective" if in_absence else "ineffective"), "defendant_absent"
    return what_else_stops_a_trial(road, case, "")


def the_crown_trial(road: ProcessStep, case: Case) -> Heard:
    if not case.remanded and road.decide(case, "crown_defendant_absent"):
        return "ineffective", "defendant_absent"
    return what_else_stops_a_trial(road, case, "crown_")


def what_else_stops_a_trial(road: ProcessStep, case: Case, court: str) -> Heard:
    if road.decide(case, f"{court}late_guilty_plea"):
        return "cracked", "late_guilty_plea"
    if road.decide(case, f"{court}plea_to_alternative"):
        return "cracked", "plea_to_alternative"
    if road.decide(case, f"{court}prosecution_ends_case_trial"):
        return "cracked", "prosecution_ended"
    come = [road.decide(case, "witnesses_attend") for _ in range(case.civilian_witnesses)]
    if not all(come) and road.decide(case, "witness_essential"):
        if road.decide(case, "case_ends_without_witness"):
            return "cracked", "witness_did_not_attend"
        return "ineffective", "prosecution_witness_absent"
    if not case.disclosure_complete and road.decide(case, "trial_stopped_by_disclosure"):
        return "ineffective", "disclosure_incomplete"
    if road.decide(case, f"{court}prosecution_not_ready"):
        return "ineffective", "prosecution_not_ready"
    if road.decide(case, f"{court}defence_not_ready"):
        return "ineffective", "defence_not_ready"
    if road.decide(case, f"{court}other_trial_obstacle"):
        return "ineffective", "interpreter_or_other"
    return "effective", ""


def witnesses_come(road: ProcessStep, case: Case, listing: Listing) -> None:
    result = "gave_evidence" if listing.result == "effective" else "wasted"
    if listing.reason in ("prosecution_witness_absent", "witness_did_not_attend"):
        result = "did_not_attend"
    for _ in range(case.civilian_witnesses):
        minutes = road.how_long(road.numbers.stages["witness_attendance"], case.group)
        road.row(
            case,
            "witness_attendance",
            "victims_and_witnesses",
            listing.entered,
            listing.start,
            listing.start + minutes,
            minutes=minutes,
            result=result,
            reason=listing.reason,
        )


def after_trial(road: ProcessStep, case: Case, listing: Listing) -> Steps:
    verdict = "convicted_by_jury" if case.in_crown_court else "convicted_after_trial"
    if listing.result == "cracked":
        if listing.reason in ("late_guilty_plea", "plea_to_alternative"):
            yield from sentence(road, case, "convicted_guilty_plea")
        else:
            dropped(road, case)
    elif listing.reason == "defendant_absent":
        yield from sentenced(road, case, "convicted_in_absence")
    elif road.decide(case, verdict):
        yield from sentence(road, case, "convicted_after_trial")
    else:
        road.tell(case, "outcome_and_sentence")
        end(road, case, "acquitted")


def plea_before_trial(road: ProcessStep, case: Case) -> Steps:
    if not case.in_crown_court:
        hearing = road.fix(case, "plea_before_trial_hearing", "guilty_anticipated_plea")
        road.tell(case, "change_of_date")
        yield from road.appear(case, hearing, the_plea)
    yield from sentence(road, case, "convicted_guilty_plea")


def the_plea(road: ProcessStep, case: Case) -> Heard:
    return "guilty_plea_sentenced", ""


def sentence(road: ProcessStep, case: Case, outcome: str) -> Steps:
    """Sentence in either court, at once or after a report."""
    if case.in_crown_court:
        if not road.decide(case, "sentenced_at_once"):
            yield from sentence_hearing(road, case, "crown_sentence_hearing", "crown_sentences")
        crown_sentenced(road, case, outcome)
        return
    if road.decide(case, "pre_sentence_report_needed"):
        if road.decide(case, "report_given_on_the_day"):
            yield from road.work(case, "pre_sentence_report")
        else:
            yield from magistrates_sentence_hearing(road, case)
    yield from sentenced(road, case, outcome)


def magistrates_sentence_hearing(road: ProcessStep, case: Case) -> Steps:
    yield from sentence_hearing(road, case, "magistrates_sentence_hearing", "magistrates_sentences")


def sentence_hearing(road: ProcessStep, case: Case, hearing: str, on: str) -> Steps:
    listing = road.fix(case, hearing, on)
    if case.in_crown_court:
        road.tell(case, "change_of_date")
    yield from road.work(case, "pre_sentence_report")
    yield from road.appear(case, listing, the_sentence_hearing)
    while listing.result != "sentenced":
        if listing.result == "warrant_issued":
            yield from brought_back(road, case)
        road.tell(case, "change_of_date")
        listing = road.fix(case, hearing, on)
        yield from road.appear(case, listing, the_sentence_hearing)


def the_sentence_hearing(road: ProcessStep, case: Case) -> Heard:
    if not case.remanded and road.decide(case, "defendant_absent_sentence"):
        return "warrant_issued", "defendant_absent"
    if road.decide(case, "report_delayed"):
        return "adjourned", "report_not_ready"
    return "sentenced", ""


def sentenced(road: ProcessStep, case: Case, outcome: str) -> Steps:
    case.sentence = road.choose(case, "magistrates_sentence")
    release(road, case)
    road.tell(case, "outcome_and_sentence")
    if road.decide(case, "appeals_to_crown_court"):
        to_crown_court(road, case)
        listing = road.fix(case, "crown_appeal_hearing", "crown_sentences")
        yield from road.appear(case, listing, the_appeal)
    end(road, case, outcome)


# --- Crown Court ------------------------------------------------------------------------------


def to_crown_court(road: ProcessStep, case: Case) -> None:
    case.in_crown_court = True
    case.received_at = road.env.now


def sent_for_trial(road: ProcessStep, case: Case) -> Steps:
    to_crown_court(road, case)
    listing = road.fix(case, "plea_and_case_management_hearing", "crown_pleas")
    road.tell(case, "change_of_date")
    if road.decide(case, "crown_preliminary_hearing_held"):
        preliminary = road.fix(case, "crown_preliminary_hearing", "crown_pleas")
        yield from road.appear(case, preliminary, managed)
        case.managed = True
    yield from road.work(case, "service_of_prosecution_case")
    yield from road.appear(case, listing, the_plea_hearing)
    while listing.result == "adjourned":
        listing = road.fix(case, "plea_and_case_management_hearing", "crown_pleas")
        road.tell(case, "change_of_date")
        yield from road.appear(case, listing, the_plea_hearing)
    if listing.result == "prosecution_ended":
        dropped(road, case)
    elif listing.result == "not_guilty_plea":
        case.not_guilty_pleaded = True
        yield from trial(road, case, "crown_trial", "crown_trials")
    else:
        yield from sentence(road, case, "convicted_guilty_plea")


def the_plea_hearing(road: ProcessStep, case: Case) -> Heard:
    if road.decide(case, "crown_prosecution_ends_case"):
        return "prosecution_ended", "prosecution_ended"
    if road.decide(case, "crown_hearing_adjourned"):
        return "adjourned", road.choose(case, "crown_adjournment_reason")
    if road.decide(case, "guilty_plea_crown"):
        return "guilty_plea_sentence_later", ""
    return "not_guilty_plea", ""


def crown_sentenced(road: ProcessStep, case: Case, outcome: str) -> None:
    case.sentence = road.choose(case, "crown_sentence")
    release(road, case)
    road.tell(case, "outcome_and_sentence")
    end(road, case, outcome)


def the_appeal(road: ProcessStep, case: Case) -> Heard:
    if road.decide(case, "appeal_allowed"):
        return "appeal_allowed", ""
    return "appeal_dismissed", ""
