"""A trial in either court: the days before it, the day, and another date if it could not go ahead.

`readiness` says how the day goes; a `TrialCourt` says what each court does in its own way.
"""

from __future__ import annotations

from cjsim.england_wales.case import Case, NextStep, ProcessStep
from cjsim.england_wales.journey import (
    co_defendants,
    crown,
    magistrates,
    prosecution,
    resume,
    victims,
    warrants,
)
from cjsim.england_wales.journey.readiness import TrialCourt
from cjsim.listing.diary import Listing


def court_of(hearing: str) -> TrialCourt:
    """The court whose trial it is."""
    return crown.TRIALS if hearing == crown.TRIALS.hearing else magistrates.TRIALS


@resume.listed(
    "disclosure_before_magistrates_trial", "magistrates_trial", "disclosure_of_unused_material"
)
def up_to_disclosure(case: Case, listing: Listing) -> ProcessStep:
    """What was missing from the unused material is served, in time for this date or for another."""
    if not case.disclosure_complete:
        yield from prosecution.complete_disclosure(case, listing)
    return up_to_the_day(case, listing)


@resume.listed("awaiting_magistrates_trial", "magistrates_trial")
@resume.listed("awaiting_crown_trial", "crown_trial")
def up_to_the_day(case: Case, listing: Listing) -> ProcessStep:
    """A last look shortly before, while the trial can still be taken out of the list."""
    court = court_of(listing.hearing)
    in_time = yield from case.wait_until_shortly_before(listing)
    if in_time and victims.withdraws_after_charge(case):
        case.vacate(listing, "victim_withdrew")
        return court.no_evidence(case)
    elif in_time and case.decide(court.vacated):
        co_defendants.vacate(case, listing, case.choose(court.vacated_reason), court.on)
        return after_vacated_trial(case, listing)
    else:
        return on_the_day(case, listing)


def after_vacated_trial(case: Case, listing: Listing) -> NextStep:
    """No case left, a plea, or another date."""
    court = court_of(listing.hearing)
    if listing.reason == "prosecution_ended":
        return court.no_evidence(case)
    if listing.reason == "guilty_plea_before_trial":
        return court.plea_before_trial(case)
    return another_date(case, listing.hearing)


@resume.listed("magistrates_trial_near", "magistrates_trial", near=True)
@resume.listed("crown_trial_near", "crown_trial", near=True)
def on_the_day(case: Case, listing: Listing) -> ProcessStep:
    """Everybody comes; the trial is over, or needs another date."""
    victims.officers_come_to_trial(case, listing)
    yield from case.appear(listing)
    victims.come_to_trial(case, listing)
    if listing.result == "effective":
        co_defendants.verdict(case)
    if listing.result != "ineffective":
        return court_of(listing.hearing).after_trial(case, listing)
    if listing.reason == "defendant_absent" and not case.summons:
        return warrants.stayed_away(case, listing.hearing)
    return another_date(case, listing.hearing)


def another_date(case: Case, hearing: str) -> NextStep:
    """Another date; the victim hears of it, and disclosure can still be completed."""
    listing = court_of(hearing).fix(case)
    victims.told_of_new_date(case)
    return up_to_disclosure(case, listing)
