"""Warrants for those who do not come: found by the police, held in a cell, brought to court.

Bail Act 1976, section 7: whoever fails to surrender may be arrested on the court's warrant and is
brought before it: on the day after at the latest, Sundays apart. On a warrant of the Crown Court
that is a judge, among the pleas and applications, or a magistrates' court where that sits sooner
(Senior Courts Act 1981, section 81(5)): nobody waits in a cell for the day of a list.
"""

from __future__ import annotations

from cjsim.england_wales.case import Case, Heard, Steps
from cjsim.england_wales.journey import clock, prisons, victims
from cjsim.england_wales.vocabulary import Stage
from cjsim.listing.diary import Listing


def until_brought_back(case: Case, stayed_away_from: str) -> Steps[None]:
    """Nobody knows where the defendant is; then the police do."""
    case.stayed_away_from = stayed_away_from
    victims.told_of_warrant(case)
    yield from case.wait(at_large(case))
    yield from arrested(case)


def at_large(case: Case) -> Stage:
    """Sought for either court: whoever is to be tried by a jury has more to run from."""
    return "crown_warrant_outstanding" if case.received_crown >= 0 else "warrant_outstanding"


def arrested(case: Case) -> Steps[None]:
    """A cell, until the next court."""
    victims.told_of_warrant(case)
    yield from case.held.enter_cell(on_warrant=True)
    yield from in_the_cell(case)


def in_the_cell(case: Case) -> Steps[None]:
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


def before_the_court(case: Case) -> Listing:
    """The next court: the one whose warrant it is, or magistrates who sit sooner than a judge."""
    judge_sits_first = case.next_day_of("crown_pleas") <= case.next_day_of("remand_court")
    if case.received_crown >= 0 and judge_sits_first:
        return case.fix("crown_warrant_hearing", "crown_pleas", the_warrant_hearing)
    return case.fix("warrant_hearing", "remand_court", the_warrant_hearing)


def the_warrant_hearing(case: Case) -> Heard:
    """Kept or bailed; the case itself waits for another date."""
    return "managed", ""
