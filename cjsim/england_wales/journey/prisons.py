"""Remand: held until release, sentence or the end of the case, under a custody time limit.

Prosecution of Offences (Custody Time Limits) Regulations 1987: 56 days for a summary offence and 70
for an either-way one in the magistrates' court (56 if it is allocated within them); in the Crown
Court 182 days from sending to the start of the trial, or 112 from committal until committals were
abolished in May 2013.
"""

from __future__ import annotations

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.case import Case
from cjsim.listing.diary import Listing


def remand(case: Case, since: int | None = None) -> None:
    """Into a prison place, every night until release: from now, or `since` an earlier minute."""
    case.held.enter_prison(time_limit_passed, since)


def release(case: Case) -> None:
    """On bail, or at the end of the case."""
    case.held.leave_prison()


def keep_custody_time_limit(case: Case, listing: Listing) -> Listing:
    """A trial fixed beyond the limit is moved up; failing that, the court extends it or bails.

    Asked at every date that is fixed, a new one after a vacated or ineffective trial included. Both
    the extension, up to the day of the trial, and the lapse are counted.
    """
    case.held.trial = listing
    if not case.remanded or listing.day <= case.held.last_day_for_trial():
        return listing
    listing = case.move_up(listing)
    if listing.day > case.held.last_day_for_trial():
        extended_or_bailed(case, listing.day)
    return listing


def time_limit_passed(case: Case) -> None:
    """Nobody has been tried by the last day: no date was fixed yet, or the list did not reach it.

    The court extends the limit to the trial that is fixed, or for as long as it takes to fix one.
    """
    today = case.simulation.env.minute // MINUTES_A_DAY
    trial = case.held.trial
    if trial is not None and not trial.called and trial.result != "vacated" and trial.day >= today:
        extended_or_bailed(case, trial.day)
    else:
        days = round(case.simulation.limits["custody_time_limit_extension_days"])
        extended_or_bailed(case, today + days)


def extended_or_bailed(case: Case, day: int) -> None:
    """The court extends the limit to a day, for good cause; else the defendant has to be bailed."""
    limit = case.held.time_limit
    if limit is not None and case.decide("custody_time_limit_extended"):
        limit.extend(day)
        case.note("custody_time_limit", "extended")
    else:
        case.note("custody_time_limit", "lapsed")
        release(case)
