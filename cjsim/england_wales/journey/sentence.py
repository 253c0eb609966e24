"""Waiting for sentence in either court: a pre-sentence report, the day, and another if need be."""

from __future__ import annotations

from cjsim.england_wales.case import Case, Heard, NextStep, ProcessStep
from cjsim.england_wales.journey import crown, magistrates, resume, victims, warrants
from cjsim.england_wales.journey.readiness import side_without_advocate
from cjsim.england_wales.vocabulary import Advocates, Hearing
from cjsim.listing.diary import Listing


@resume.listed(
    "report_before_magistrates_sentence", "magistrates_sentence_hearing", "pre_sentence_report"
)
@resume.listed("report_before_crown_sentence", "crown_sentence_hearing", "pre_sentence_report")
def up_to_hearing(case: Case, listing: Listing) -> ProcessStep:
    """Probation writes its report; a defendant who misses the interview delays it."""
    yield from case.work("pre_sentence_report")
    case.report_ready = not case.decide("report_delayed")
    return at_hearing(case, listing)


@resume.listed("awaiting_magistrates_sentence", "magistrates_sentence_hearing")
@resume.listed("awaiting_crown_sentence", "crown_sentence_hearing")
def at_hearing(case: Case, listing: Listing) -> ProcessStep:
    """The day, and another until the report and the defendant are there."""
    yield from case.appear(listing)
    if listing.result == "warrant_issued":
        return warrants.stayed_away(case, listing.hearing)
    elif listing.result != "sentenced":
        return another_date(case, listing.hearing)
    elif listing.hearing == "crown_sentence_hearing":
        return crown.pass_sentence(case)
    return magistrates.sentenced(case)


def another_date(case: Case, hearing: str) -> NextStep:
    """A new date, by which the report is there."""
    case.report_ready = True
    court = crown if hearing == "crown_sentence_hearing" else magistrates
    listing = court.fix_sentence(case)
    victims.told_of_new_date(case)
    return at_hearing(case, listing)


def called_on(case: Case, hearing: Hearing, prosecution: Advocates, defence: Advocates) -> Heard:
    """Sentenced, unless the defendant, the report or an advocate is missing."""
    if case.at_liberty and case.decide("defendant_absent_sentence"):
        return "warrant_issued", "defendant_absent"
    if not case.report_ready:
        return "adjourned", "report_not_ready"
    missing = side_without_advocate(case, hearing, prosecution, defence)
    if missing:
        return "adjourned", missing
    return "sentenced", ""
