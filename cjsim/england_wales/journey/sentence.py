"""Waiting for sentence in either court: a pre-sentence report, the day, and another if need be."""

from __future__ import annotations

from collections.abc import Callable

from cjsim.england_wales.case import Case, Heard, Steps
from cjsim.england_wales.journey import victims, warrants
from cjsim.england_wales.journey.readiness import side_without_advocate
from cjsim.england_wales.vocabulary import Advocates, Hearing
from cjsim.listing.diary import Listing


def report(case: Case) -> Steps[None]:
    """Probation writes its report; a defendant who misses the interview delays it."""
    yield from case.work("pre_sentence_report")
    case.report_ready = not case.decide("report_delayed")


def at_hearing(case: Case, listing: Listing, fix: Callable[[Case], Listing]) -> Steps[None]:
    """The day, and another until the report and the defendant are there."""
    yield from case.appear(listing)
    while listing.result != "sentenced":
        if listing.result == "warrant_issued":
            yield from warrants.until_brought_back(case, listing.hearing)
        listing = another_date(case, fix)
        yield from case.appear(listing)


def another_date(case: Case, fix: Callable[[Case], Listing]) -> Listing:
    """A new date, by which the report is there."""
    case.report_ready = True
    listing = fix(case)
    victims.told_of_new_date(case)
    return listing


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
