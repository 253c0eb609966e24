"""The Crown Court's short hearings between those that decide a case: bail, directions, mentions.

Each arises from what has happened. Whoever was sent in custody asks a judge for bail; a case that
needs early directions gets a preliminary hearing before its plea; what was ordered and has not been
done is mentioned, until it is. All stand on the list of pleas and applications.
"""

from __future__ import annotations

from collections.abc import Callable

from cjsim.england_wales.case import Case, Heard, NextStep, ProcessStep, Steps
from cjsim.england_wales.journey import crown, prisons, readiness, resume, trial, victims
from cjsim.listing.diary import Listing


def up_to_bail_application(case: Case, listing: Listing) -> NextStep:
    """Sent in custody: to a judge for bail, first of all."""
    if case.remanded and case.decide("crown_bail_application_made"):
        return bail_application(case, listing)
    return up_to_preliminary_hearing(case, listing)


@resume.listed(
    "awaiting_crown_bail_application",
    "plea_and_case_management_hearing",
    before="crown_bail_application",
)
def bail_application(case: Case, listing: Listing) -> ProcessStep:
    """A judge looks again at what the magistrates refused."""
    heard = yield from heard_before(case, listing, fix_bail_application)
    if heard and case.remanded and case.decide("crown_bail_granted"):
        prisons.release(case)
        victims.told_of_bail(case)
    return up_to_preliminary_hearing(case, listing)


def up_to_preliminary_hearing(case: Case, listing: Listing) -> NextStep:
    """Early directions where a case is likely to need them, or straight to the papers."""
    if case.decide("crown_preliminary_hearing_held"):
        return preliminary_hearing(case, listing)
    return crown.up_to_plea_hearing(case, listing)


@resume.listed(
    "awaiting_crown_preliminary_hearing",
    "plea_and_case_management_hearing",
    before="crown_preliminary_hearing",
)
def preliminary_hearing(case: Case, listing: Listing) -> ProcessStep:
    """A timetable for papers, experts and the trial; the plea is taken later."""
    heard = yield from heard_before(case, listing, fix_preliminary_hearing)
    if heard:
        readiness.manage(case)
    return crown.up_to_plea_hearing(case, listing)


def up_to_mention(case: Case, listing: Listing) -> NextStep:
    """Something ordered and not done, a witness to be settled, or nothing to be said."""
    if case.decide("crown_mention_needed"):
        return mention(case, listing)
    return trial.up_to_the_day(case, listing)


@resume.listed("awaiting_crown_mention", "crown_trial", before="crown_mention")
def mention(case: Case, listing: Listing) -> ProcessStep:
    """The judge asks why, and perhaps again; what there is no time for waits for the trial."""
    hearing = case.fix_before(listing, "crown_mention", "crown_pleas", the_application)
    if hearing is None:
        return trial.up_to_the_day(case, listing)
    else:
        yield from case.appear(hearing)
        return up_to_mention(case, listing)


def heard_before(
    case: Case, listing: Listing, fix: Callable[[Case, Listing], Listing | None]
) -> Steps[bool]:
    """A short hearing before a date that is fixed, and another day until the court has time for it.

    False if it never had.
    """
    hearing = fix(case, listing)
    while hearing is not None:
        yield from case.appear(hearing)
        if hearing.result != "adjourned":
            return True
        hearing = fix(case, listing)
    return False


def fix_bail_application(case: Case, listing: Listing) -> Listing | None:
    """The next day of the list."""
    return case.fix_before(listing, "crown_bail_application", "crown_pleas", the_application)


def fix_preliminary_hearing(case: Case, listing: Listing) -> Listing | None:
    """Within weeks of the sending."""
    return case.fix_before(listing, "crown_preliminary_hearing", "crown_pleas", the_application)


def the_application(case: Case) -> Heard:
    """Decided in minutes, or directions given."""
    return "managed", ""
