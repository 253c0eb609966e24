"""What several steps share: files, remand, withdrawal and the end of a case.

Frozen: see the package's own docstring.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.speed.textbook.courts import Listing
from tests.speed.textbook.numbers import DAY
from tests.speed.textbook.road import Case, ProcessStep

Steps = Iterator[Any]
WEEK = 7 * DAY


def build_file(road: ProcessStep, case: Case) -> Steps:
    stage = "streamlined_file" if case.anticipates_guilty_plea else "full_file"
    yield from road.work(case, stage)
    case.file_built = True
    case.file_ready = road.decide(case, "file_ready")


def prepare_for_first_hearing(road: ProcessStep, case: Case) -> Steps:
    if case.summons:
        case.file_ready = road.decide(case, "file_ready")
        return
    if road.decide(case, "prosecution_team_takes_case"):
        case.prosecution_team = True
        yield from road.work(case, "joint_case_conference")
    if not case.file_built:
        yield from build_file(road, case)
    if road.decide(case, "reviewed_before_first_hearing"):
        yield from road.work(case, "prosecutor_review")
        case.reviewed_before_first_hearing = True
    case.papers_served = road.decide(case, "papers_served_before_first_hearing")


def prepare_for_trial(road: ProcessStep, case: Case) -> Steps:
    if case.anticipates_guilty_plea or not case.file_ready:
        yield from road.work(case, "file_upgrade")
    case.disclosure_complete = road.decide(case, "unused_material_schedule_complete")
    case.file_ready = True
    yield from road.work(case, "trial_preparation")
    case.papers_served = case.trial_prepared = True


def leave_cell(road: ProcessStep, case: Case) -> None:
    if not case.in_custody:
        return
    cells = road.pools[road.model.stages["detention"].pool, case.division]
    cells.release(case.cell)
    case.in_custody = False
    minutes = road.env.now - case.in_cell_since
    road.row(
        case,
        "detention",
        "police",
        case.detained_at,
        case.in_cell_since,
        road.env.now,
        minutes=minutes,
        result="done",
    )


def withdraws(road: ProcessStep, case: Case, when: str) -> bool:
    if case.has_victim and road.decide(case, f"victim_withdraws_{when}"):
        road.note(case, "victim_withdrawal", when)
        return True
    return False


def remand(road: ProcessStep, case: Case) -> None:
    if not case.remanded:
        case.remanded = True
        case.remanded_at = road.env.now


def release(road: ProcessStep, case: Case) -> None:
    if case.remanded:
        case.remanded = False
        since = case.remanded_at
        road.row(case, "remand", "prisons", since, since, road.env.now, result="done")


def keep_custody_time_limit(road: ProcessStep, case: Case, listing: Listing) -> Listing:
    if not case.remanded:
        return listing
    limits = road.numbers.limits
    if case.in_crown_court:
        indictable = "_indictable" if case.offence_class == "indictable_only" else ""
        limit = case.received_at + limits[f"custody_time_limit_crown{indictable}_days"] * DAY
    else:
        kind = "summary" if case.offence_class == "summary" else "either_way"
        limit = case.remanded_at + limits[f"custody_time_limit_{kind}_days"] * DAY
    if listing.start <= limit:
        return listing
    court = listing.court
    court.give_back(listing)
    session = min(listing.session, court.first_from(road.env.now + WEEK))
    listing = court.take(listing.hearing, session, listing.estimate)
    if listing.start > limit:
        if road.decide(case, "custody_time_limit_extended"):
            road.note(case, "custody_time_limit", "extended")
        else:
            road.note(case, "custody_time_limit", "lapsed")
            release(road, case)
    return listing


def end(road: ProcessStep, case: Case, outcome: str) -> None:
    leave_cell(road, case)
    release(road, case)
    case.ended = True
    case.outcome = outcome
    road.note(case, "disposal", outcome)


def dropped(road: ProcessStep, case: Case) -> None:
    road.tell(case, "outcome_and_sentence")
    end(road, case, "prosecution_dropped")
