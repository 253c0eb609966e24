"""Warrants for those who do not come: found by the police, held in a cell, brought to court.

Bail Act 1976, section 7: whoever fails to surrender may be arrested on the court's warrant and is
brought before it: on the day after at the latest, Sundays apart. On a warrant of the Crown Court
that is a judge, among the pleas and applications, or a magistrates' court where that sits sooner
(Senior Courts Act 1981, section 81(5)): nobody waits in a cell for the day of a list.
"""

from __future__ import annotations

from cjsim.england_wales.case import Case, Heard, NextStep, ProcessStep
from cjsim.england_wales.journey import (
    clock,
    co_defendants,
    crown,
    magistrates,
    prisons,
    resume,
    sentence,
    trial,
    victims,
)
from cjsim.england_wales.vocabulary import Stage
from cjsim.listing.diary import Listing


def stayed_away(case: Case, hearing: str) -> ProcessStep:
    """Nobody knows where the defendant is; then the police do."""
    case.stayed_away_from = hearing
    co_defendants.sought(case)
    victims.told_of_warrant(case)
    yield from case.wait(at_large(case))
    return arrested(case)


def at_large(case: Case) -> Stage:
    """Sought for either court: whoever is to be tried by a jury has more to run from."""
    return "crown_warrant_outstanding" if case.received_crown >= 0 else "warrant_outstanding"


@resume.waiting("warrant_outstanding", "warrant_outstanding")
@resume.waiting("crown_warrant_outstanding", "crown_warrant_outstanding")
def arrested(case: Case) -> ProcessStep:
    """A cell, until the next court."""
    victims.told_of_warrant(case)
    yield from case.held.enter_cell(on_warrant=True)
    return in_the_cell(case)


@resume.working(
    "arrested_on_warrant", "detention", "arrest_on_warrant", "custody_booking", in_custody=True
)
@resume.working(
    "arrested_on_crown_warrant",
    "detention",
    "arrest_on_warrant",
    "custody_booking",
    in_custody=True,
)
def in_the_cell(case: Case) -> ProcessStep:
    """Handed over by the officers, booked in, and brought before the next court that sits.

    What the officers cannot do within a day of the arrest does not keep anybody from the court.
    """
    until = clock.ends(case)
    yield from case.work_before("arrest_on_warrant", until)
    yield from case.work_before("custody_booking", until, case.held.suite)
    yield from case.appear(before_the_court(case))
    case.held.leave_cell()
    if case.decide("remanded_after_warrant"):
        prisons.remand(case)
    return back_before_the_court(case)


def back_before_the_court(case: Case) -> NextStep:
    """Another date for the hearing that the defendant stayed away from."""
    case.sought = False
    hearing = case.stayed_away_from
    if hearing in ("magistrates_trial", "crown_trial"):
        return trial.another_date(case, hearing)
    if hearing in ("magistrates_sentence_hearing", "crown_sentence_hearing"):
        return sentence.another_date(case, hearing)
    if hearing == "plea_and_case_management_hearing":
        return crown.another_plea_hearing(case)
    return magistrates.further_hearing(case)


def before_the_court(case: Case) -> Listing:
    """The next court: the one whose warrant it is, or magistrates who sit sooner than a judge."""
    judge_sits_first = case.next_day_of("crown_pleas") <= case.next_day_of("remand_court")
    if case.received_crown >= 0 and judge_sits_first:
        return case.fix("crown_warrant_hearing", "crown_pleas", the_warrant_hearing)
    return case.fix("warrant_hearing", "remand_court", the_warrant_hearing)


def the_warrant_hearing(case: Case) -> Heard:
    """Kept or bailed; the case itself waits for another date."""
    return "managed", ""
