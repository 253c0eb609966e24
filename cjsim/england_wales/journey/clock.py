"""The custody clock: what can still be done in the cell, and how the time for it is lengthened.

Police and Criminal Evidence Act 1984, sections 40 to 44: 24 hours from arrival; to 36 hours by a
superintendent for an indictable offence; to 96 hours by a magistrates' warrant. The clock runs
until charge or release, whatever is waited for: an officer, a decision, a prosecutor.
"""

from __future__ import annotations

from cjsim.england_wales.case import Case, Steps
from cjsim.england_wales.vocabulary import Stage


def ends(case: Case) -> int:
    """The minute by which the suspect has to be charged or out of the cell."""
    return case.held.until(case.held.clock)


def work_in_cell(case: Case, stage: Stage) -> Steps[bool]:
    """Work that keeps somebody in the cell, while the clock lets it be finished; say if it was.

    What cannot be finished is not begun: the clock is extended first, or the suspect goes.
    """
    while not (yield from case.work_before(stage, ends(case))):
        if not more_time(case):
            return False
    return True


def more_time(case: Case) -> bool:
    """The clock is extended, if the law allows it and whoever decides does.

    Either-way and indictable-only offences are indictable in the Act's sense; summary ones are not.
    """
    held = case.held
    if case.offence_class == "summary":
        return False
    if held.clock == "detention_first_hours":
        if not case.decide("custody_clock_extended"):
            return False
        case.note("custody_clock_extension", "extended")
        held.clock = "detention_superintendent_hours"
        return True
    if held.clock == "detention_superintendent_hours":
        if not case.decide("warrant_of_further_detention"):
            return False
        case.note("custody_warrant", "extended")
        held.clock = "detention_warrant_hours"
        return True
    return False
