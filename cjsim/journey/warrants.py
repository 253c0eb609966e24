"""Warrants for those who do not come: found by the police, held in a cell, brought to court.

Bail Act 1976, section 7: whoever fails to surrender may be arrested on the court's warrant and is
brought before the next court, which keeps or bails. Warrants of either court are brought before the
nearest magistrates' court.
"""

from __future__ import annotations

from cjsim.case import Case, Heard, Steps
from cjsim.journey import prisons, victims
from cjsim.vocabulary import Hearing


def until_brought_back(case: Case, stayed_away_from: Hearing) -> Steps[None]:
    """Nobody knows where the defendant is; then the police do."""
    case.stayed_away_from = stayed_away_from
    victims.told_of_warrant(case)
    yield from case.wait("warrant_outstanding")
    yield from arrested(case)


def arrested(case: Case) -> Steps[None]:
    """A cell, until the next court."""
    victims.told_of_warrant(case)
    yield from case.held.enter_cell(on_warrant=True)
    yield from in_the_cell(case)


def in_the_cell(case: Case) -> Steps[None]:
    """Handed over by the officers, booked in, and brought before the next remand court."""
    yield from case.work("arrest_on_warrant")
    yield from case.work("custody_booking", case.held.suite)
    brought = False
    while not brought:
        listing = case.fix("warrant_hearing", "remand_court", the_warrant_hearing)
        yield from case.appear(listing)
        brought = listing.result == "managed"
    case.held.leave_cell()
    if case.decide("remanded_after_warrant"):
        prisons.remand(case)


def the_warrant_hearing(case: Case) -> Heard:
    """Kept or bailed; the case itself waits for another date."""
    return "managed", ""
