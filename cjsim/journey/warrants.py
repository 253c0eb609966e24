"""Warrants for those who do not come: found by the police, held in a cell, brought to court.

Bail Act 1976, section 7: whoever fails to surrender may be arrested on the court's warrant and is
brought before it, on its next day: the remand court, or a judge of the Crown Court among the pleas
and applications.
"""

from __future__ import annotations

from cjsim.case import Case, Heard, Steps
from cjsim.diaries import Listing
from cjsim.journey import prisons, victims
from cjsim.vocabulary import Hearing, Stage


def until_brought_back(case: Case, stayed_away_from: Hearing) -> Steps[None]:
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
    """Handed over by the officers, booked in, and brought before the court that sought them."""
    yield from case.work("arrest_on_warrant")
    yield from case.work("custody_booking", case.held.suite)
    brought = False
    while not brought:
        listing = before_the_court(case)
        yield from case.appear(listing)
        brought = listing.result == "managed"
    case.held.leave_cell()
    if case.decide("remanded_after_warrant"):
        prisons.remand(case)


def before_the_court(case: Case) -> Listing:
    """The next day of the court whose warrant it is; a judge hears it among the pleas."""
    if case.received_crown >= 0:
        listing = case.fix("crown_warrant_hearing", "crown_pleas", the_warrant_hearing)
        return case.bring_up(listing)
    return case.fix("warrant_hearing", "remand_court", the_warrant_hearing)


def the_warrant_hearing(case: Case) -> Heard:
    """Kept or bailed; the case itself waits for another date."""
    return "managed", ""
