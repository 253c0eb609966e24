"""The cases that are open at a moment of a run, as rows of a table that another run can open with.

What a case is waiting for says where it stands: the work or wait that it is in, and the hearings
that it is listed for.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.case.victim_contact import ContactTask
from cjsim.des.event_log import NEVER
from cjsim.des.log_reader import read_minutes
from cjsim.des.working_time import DAYS_A_MONTH, MINUTES_A_DAY
from cjsim.england_wales.case import Case
from cjsim.england_wales.initial_state import FACTS, MOMENTS
from cjsim.england_wales.journey.resume import Listed, Step, Waiting
from cjsim.england_wales.journey.resume_points import STEPS
from cjsim.england_wales.open_cases import COLUMNS
from cjsim.england_wales.vocabulary import (
    ACTIVITIES,
    HEARINGS,
    STANDS_BEFORE_CHARGE,
    STANDS_IN_CROWN_COURT,
    STANDS_IN_MAGISTRATES_COURT,
    Standing,
)
from cjsim.errors import Impossible
from cjsim.listing.diary import Listing

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation

_WAITS_FOR_A_CELL: Final = "detention"


def open_cases(simulation: Simulation) -> list[dict[str, str]]:
    """A row for each case that is open now; the case that has waited longest comes first.

    The log of the simulation must be closed: the hearings so far are read from it.
    """
    listed: dict[int, list[Listing]] = {}
    for word in simulation.venues:
        for diary in simulation.diaries_of(word):
            for listing in diary.listed():
                for part in listing.parts or (listing,):
                    assert isinstance(part.matter, Case)
                    listed.setdefault(part.matter.number, []).append(part)
    owed: dict[int, list[ContactTask]] = {}
    for contact in simulation.population.contacts:
        assert isinstance(contact, ContactTask)
        owed.setdefault(contact.case.number, []).append(contact)
    held = _hearings_so_far(simulation)
    rows = []
    for case in simulation.population.open_cases.values():
        assert isinstance(case, Case)
        listings = listed.get(case.number, [])
        since, row = _row(case, listings, owed.get(case.number, []))
        row["hearings_held"] = " ".join(held.get(case.number, ()))
        rows.append((since, case.number, row))
    rows.sort(key=lambda found: found[:2])
    return [row for _, _, row in rows]


def _row(
    case: Case, listings: list[Listing], owed: list[ContactTask]
) -> tuple[int, dict[str, str]]:
    """Since when a case has stood where it stands, and its row."""
    now = case.simulation.env.minute
    stage, since, until = _in_hand(case)
    stands = _stands_at(case, stage, listings)
    step = STEPS[stands]
    listing = next((one for one in listings if _is_its_date(one, step)), None)
    if isinstance(step, Waiting):
        continues = until if until < 0 else max(until, now)
    else:
        continues = NEVER if listing is None else _day_of(listing, now)
        since = listing.entered if since < 0 and listing is not None else since
    contact, held = case.contact, case.held
    cells: dict[str, object] = {
        "way_in": case.way_in,
        "offence_group": case.group,
        "division": case.division,
        "engagement": _short(_engagement(case)),
        "heard_last_days_ago": _ago(now, contact.last),
        "contacts_owed": " ".join(
            f"{ACTIVITIES[task.duty.activity]}:{_ago(now, task.entered)}" for task in owed
        ),
        "remanded_days_ago": _ago(now, held.remanded_at) if case.remanded else "",
        "hearings_held": "",
        "listed_as": listing.kind if listing is not None else "",
        "stands_at": stands,
        "continues_in_days": "" if continues < 0 else _short((continues - now) / MINUTES_A_DAY),
    }
    cells |= {column: getattr(case, fact) for column, fact in FACTS.items()}
    cells["vulnerable_victim"] = case.owed_enhanced_service
    cells |= {column: _ago(now, getattr(case, fact)) for column, fact in MOMENTS.items()}
    return since, {column: _cell(cells[column]) for column in COLUMNS}


def _hearings_so_far(simulation: Simulation) -> dict[int, list[str]]:
    """Of each open case the hearings that were held or called on, as a table writes them."""
    now = simulation.env.minute
    columns = ["case_id", "activity", "started_at", "ended_at", "minutes", "result"]
    events = read_minutes(simulation.log.events.path, columns)
    open_cases = pa.array(list(simulation.population.open_cases), pa.int32())
    events = events.filter(
        (pc.field("case_id").isin(open_cases))
        & pc.field("activity").cast(pa.string()).isin(HEARINGS)
        & (pc.field("ended_at") >= 0)
        & (pc.field("result").cast(pa.string()) != "vacated")
    )
    held: dict[int, list[str]] = {}
    for row in events.sort_by("ended_at").to_pylist():
        when = row["started_at"] if row["started_at"] >= 0 else row["ended_at"]
        item = f"{row['activity']}:{row['result']}:{_ago(now, when)}:{round(row['minutes'])}"
        held.setdefault(row["case_id"], []).append(item)
    return held


def _engagement(case: Case) -> float:
    """How far the victim is with the prosecution; past 0 or 1, more is needed to move it."""
    simulation = case.simulation
    months = (simulation.env.minute - case.arrived) / (DAYS_A_MONTH * MINUTES_A_DAY)
    return case.contact.level + simulation.engagement["per_month"] * months


def _in_hand(case: Case) -> tuple[str, int, int]:
    """The work or wait that a case is in, since when, and until when (-1: nobody knows)."""
    if case.doing is not None:
        activity, _, _, _, entered, until = case.doing
        return ACTIVITIES[activity], entered, until
    if case.in_custody:
        return _WAITS_FOR_A_CELL, NEVER, NEVER
    return "", NEVER, NEVER


def _stands_at(case: Case, stage: str, listings: list[Listing]) -> Standing:
    """The word for where a case stands.

    First the steps that fit what it does and what it is listed for; a hearing whose day is past
    while the case is still preparing for it is no longer listed, and the work alone must tell.
    """
    words: tuple[Standing, ...] = STANDS_IN_MAGISTRATES_COURT
    if case.received_crown >= 0:
        words = STANDS_IN_CROWN_COURT
    elif case.charged_at < 0:
        words = STANDS_BEFORE_CHARGE
    for strictly in (True, False):
        for word in words:
            if _fits(STEPS[word], case, stage, listings, strictly=strictly):
                return word
    hearings = ", ".join(listing.hearing for listing in listings) or "no hearing"
    raise Impossible(
        f"Case {case.number} stands nowhere: {stage or 'no work'}, {hearings}. No step of "
        "cjsim/england_wales/journey says that it goes on there: declare one with @resume."
    )


def _fits(step: Step, case: Case, stage: str, listings: list[Listing], *, strictly: bool) -> bool:
    if isinstance(step, Waiting):
        return stage == step.stage
    if not isinstance(step, Listed):
        at_the_place = not strictly or step.in_custody == case.in_custody
        return stage in step.stages and at_the_place and not (strictly and listings)
    hearings = {listing.hearing for listing in listings}
    if strictly and hearings != {step.date.hearing} | ({step.before} - {None}):
        return False
    if stage:
        return stage in step.stages
    if step.near and not any(_is_its_date(one, step) and one.over is not None for one in listings):
        return False
    return not step.stages and (step.date.hearing in hearings or step.before in hearings)


def _is_its_date(listing: Listing, step: Step) -> bool:
    return isinstance(step, Listed) and listing.hearing == step.date.hearing


def _day_of(listing: Listing, now: int) -> int:
    """The minute of a hearing; of a trial that is running, the next day on which it goes on."""
    if listing.start >= now:
        return listing.start
    sessions = listing.diary.sessions
    at = bisect_left(sessions.starts, now)
    while not sessions.rooms[at]:
        at += 1
    return sessions.starts[at]


def _ago(now: int, minute: int) -> str:
    return "" if minute < 0 else _short((now - minute) / MINUTES_A_DAY)


def _short(number: float) -> str:
    """Two decimals, a quarter of an hour; fewer where they say nothing."""
    return f"{number:.2f}".rstrip("0").rstrip(".") if round(number, 2) else "0"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
