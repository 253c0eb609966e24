"""Remand: held until release, sentence or the end of the case, under a custody time limit.

Prosecution of Offences (Custody Time Limits) Regulations 1987: 56 days for a summary offence and 70
for an either-way one in the magistrates' court; 182 days from sending to the start of a Crown trial
since committals were abolished in May 2013.
"""

from __future__ import annotations

from cjsim.case import Case
from cjsim.diaries import Listing


def remand(case: Case) -> None:
    """Into a prison place, every night until release."""
    case.held.enter_prison()


def release(case: Case) -> None:
    """On bail, or at the end of the case."""
    case.held.leave_prison()


def keep_custody_time_limit(case: Case, listing: Listing) -> Listing:
    """A trial fixed beyond the limit is moved up; failing that, the court extends it or bails.

    Both the extension and the lapse are counted.
    """
    if not case.remanded:
        return listing
    limit = case.held.last_day_for_trial()
    if listing.day <= limit:
        return listing
    listing = case.move_up(listing)
    if listing.day <= limit:
        return listing
    if case.decide("custody_time_limit_extended"):
        case.note("custody_time_limit", "extended")
    else:
        case.note("custody_time_limit", "lapsed")
        release(case)
    return listing
