"""The opening caseload: the cases that are open on the first day of a run, and how they go on.

A run that is given a table of open cases needs no warm-up. Its clock starts on the first day of the
study, but its minutes are counted from a day before the oldest of these cases came in: everything
that has happened has a positive time, and -1 keeps its meaning of never.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

from cjsim.case.victim_contact import ContactTask
from cjsim.des.environment import Process, run_steps
from cjsim.des.random_streams import BLOCK_BITS, DrawBlock
from cjsim.des.working_time import DAYS_A_MONTH, MINUTES_A_DAY
from cjsim.england_wales.case import Case, ProcessStep
from cjsim.england_wales.codes import ACTIVITY_CODE, AGENCY_CODE, RESULT_CODE
from cjsim.england_wales.journey import case_mix, prisons, readiness, victims
from cjsim.england_wales.journey.resume import Listed, Waiting, Working
from cjsim.england_wales.journey.resume_points import (
    AFTER_THE_VERDICT,
    BEFORE_ANY_COURT,
    ON_BAIL_BEFORE_CHARGE,
    STEPS,
)
from cjsim.england_wales.open_cases import (
    FURTHEST_AHEAD_DAYS,
    FaultsByLine,
    OpenCase,
    OpenCases,
    read_open_cases,
)
from cjsim.england_wales.vocabulary import OFFENCE_GROUPS, WAYS_IN, CourtList
from cjsim.errors import Faults
from cjsim.listing.diary import Diary, Listing
from cjsim.listing.sitting_calendar import days_of_sitting, list_at
from cjsim.schema.model import Model

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation

NUMBERS_AFTER: Final = 1_000_000_000
"""Open cases are numbered from here on, far from those that arrive; their draws are separate."""

FACTS: Final[dict[str, str]] = {
    "magistrates_first_plea": "magistrates_plea",
    "crown_plea_hearing_plea": "crown_plea",
}
FACTS.update(
    (column, column)
    for column in (
        "offence_class",
        "domestic_abuse",
        "youth",
        "has_victim",
        "vulnerable_victim",
        "civilian_witnesses",
        "anticipates_guilty_plea",
        "file_built",
        "file_ready",
        "reviewed_before_first_hearing",
        "papers_served",
        "prosecution_team",
        "not_guilty_pleaded",
        "earlier_ineffective_trial",
        "charged_by",
        "crown_way",
        "plea",
        "plea_when",
        "sentence",
        "hearings",
        "adjournments",
        "consultations",
        "trial_prepared",
        "disclosure_complete",
        "report_ready",
        "stayed_away_from",
    )
)
"""Columns that are facts of a case, and the fact that each is."""

MOMENTS: Final = {
    "arrived_days_ago": "arrived",
    "charged_days_ago": "charged_at",
    "first_listed_days_ago": "first_listed",
    "received_crown_days_ago": "received_crown",
    "first_not_guilty_days_ago": "first_not_guilty",
    "papers_served_days_ago": "papers_served_at",
}
"""Columns that are moments in the life of a case, and the fact that each is."""


MANAGED: Final = frozenset(
    (word, "managed") for word in ("case_management_hearing", "crown_preliminary_hearing")
)
"""Hearings, with their result, after which a case is managed."""


def epoch_before(study_from: dt.date, opening: OpenCases) -> dt.date:
    """The day that minute 0 belongs to: New Year of the year in which the oldest case came in."""
    oldest = max(case["arrived_days_ago"] for case in opening.cases)
    return (study_from - dt.timedelta(days=math.ceil(oldest))).replace(month=1, day=1)


# --- the cases enter -------------------------------------------------------------------------


def let_open_cases_in(simulation: Simulation, opening: OpenCases) -> None:
    """Every open case goes on where it stands, in the order of the table.

    Whoever stands first in the table stands first in every queue; of the contacts owed, the oldest.
    """
    blocks = range(
        NUMBERS_AFTER + 1 >> BLOCK_BITS, (NUMBERS_AFTER + len(opening.cases) >> BLOCK_BITS) + 1
    )
    columns = {block: DrawBlock(simulation.random_streams, block) for block in blocks}
    cases = []
    owed: list[tuple[int, int, str]] = []
    for place, row in enumerate(opening.cases):
        number = NUMBERS_AFTER + 1 + place
        case = _case(simulation, number, row, columns[number >> BLOCK_BITS])
        _write_hearings_held(case, row)
        cases.append(case)
        owed += [(_ago(simulation, days), place, duty) for duty, days in row["contacts_owed"]]
    # Dates that are fixed come before those that still have to be found.
    dates = [_date_kept(case, row) for case, row in zip(cases, opening.cases, strict=True)]
    for case, row, listing in zip(cases, opening.cases, dates, strict=True):
        Process(simulation.env, run_steps(_goes_on, case, row, listing))
    for since, place, duty in sorted(owed):
        follows = victims.FOLLOWS.get(cast("Any", duty))
        ContactTask(cases[place], simulation.duties[cast("Any", duty)], since, follows)


def _ago(simulation: Simulation, days: float | None) -> int:
    return simulation.start if days is None else simulation.start - round(days * MINUTES_A_DAY)


def _case(simulation: Simulation, number: int, row: OpenCase, columns: DrawBlock) -> Case:
    group = OFFENCE_GROUPS.index(row["offence_group"])
    area = simulation.divisions.index(row["division"])
    case = Case(simulation, number, row["way_in"], group, area, columns)
    simulation.population.open_cases[number] = case
    for column, fact in FACTS.items():
        setattr(case, fact, row[column])
    for column, fact in MOMENTS.items():
        if row[column] is not None:
            setattr(case, fact, _ago(simulation, row[column]))
    case_mix.settle_contact(case)
    case.either_way = case.offence_class == "either_way"
    case_mix.settle_likely_sentence(case)
    if any((word, result) in MANAGED for word, result, _, _ in row["hearings_held"]):
        readiness.manage(case)
    case.magistrates_completed = case.received_crown
    if row["remanded_days_ago"] is not None:
        prisons.remand(case, since=_ago(simulation, row["remanded_days_ago"]))
        case.kept_for_court = row["stands_at"] in BEFORE_ANY_COURT
        if row["stands_at"] in AFTER_THE_VERDICT and case.held.time_limit is not None:
            case.held.time_limit.ends()
    months = (simulation.start - case.arrived) / (DAYS_A_MONTH * MINUTES_A_DAY)
    case.contact.level = row["engagement"] - simulation.engagement["per_month"] * months
    if case.has_victim and case.way_in != WAYS_IN[3]:
        case.contact.expect(since=_ago(simulation, row["heard_last_days_ago"]))
    return case


def _write_hearings_held(case: Case, row: OpenCase) -> None:
    """What the courts have done so far, for the log of the whole case."""
    simulation = case.simulation
    for word, result, days, minutes in row["hearings_held"]:
        activity = ACTIVITY_CODE[word]
        at = _ago(simulation, days)
        simulation.log.row(
            case.number,
            activity,
            case.count(activity),
            AGENCY_CODE["hmcts"],
            0,
            at,
            at,
            at,
            min(at + minutes, simulation.start),
            minutes,
            0.0,
            RESULT_CODE[result],
            0,
        )


def _goes_on(case: Case, row: OpenCase, listing: Listing | None) -> ProcessStep:
    step = STEPS[row["stands_at"]]
    if isinstance(step, Listed):
        if listing is None:
            listing = step.date.fix(case, _kind(case, step, row))
        if listing.hearing.endswith("_trial"):
            case.held.trial = listing
        return step.goes_on(case, listing)
    days = row["continues_in_days"]
    rest = None if days is None else round(days * MINUTES_A_DAY)
    if row["stands_at"] in ON_BAIL_BEFORE_CHARGE and case.way_in in WAYS_IN[:2]:
        rest = _bailed(case, row, rest)
    if isinstance(step, Waiting):
        yield from case.wait(step.stage, rest=rest)
    elif step.in_custody:
        # Before charge the clock runs from the arrest; on a warrant nobody asks since when.
        charged = case.charged_at >= 0
        yield from case.held.enter_cell(None if charged else case.arrived, on_warrant=charged)
    return step.goes_on(case)


def _bailed(case: Case, row: OpenCase, rest: int | None) -> int | None:
    """On bail before charge; the table says the date only of who waits for nothing else."""
    if row["stands_at"] != "on_bail_to_return":
        case.held.enter_bail(since=case.arrived)
        return rest
    return_at = None if rest is None else case.simulation.start + rest
    bail = case.held.enter_bail(since=case.arrived, return_at=return_at)
    bail.answering = True
    return bail.return_at - case.simulation.start


def _kind(case: Case, step: Listed, row: OpenCase) -> str:
    if step.date.kind is None:
        return ""
    return str(row["listed_as"] or case.choose(step.date.kind))


def _date_kept(case: Case, row: OpenCase) -> Listing | None:
    """The hearing that is already fixed, in the session that it is fixed for, however full."""
    step, days = STEPS[row["stands_at"]], row["continues_in_days"]
    if not isinstance(step, Listed) or days is None:
        return None
    simulation, date = case.simulation, step.date
    hearing = simulation.hearings[date.hearing]
    venues = simulation.venues[date.list_for(case)][case.area_index]
    minute = simulation.start + round(days * MINUTES_A_DAY)
    midnight = minute // MINUTES_A_DAY * MINUTES_A_DAY
    that_day = [
        (start, diary)
        for diary in venues.heard_in(midnight)
        for start in _sessions_from(diary, midnight)
    ]
    # A scenario may have closed the court on that day: then the first day on which it sits again.
    session, diary = min(
        that_day,
        key=lambda there: abs(there[0] - minute),
        default=(midnight, venues.diaries[0]),
    )
    listing = diary.fix(
        case,
        date.hearing,
        case.count(hearing.activity),
        cast("Any", date.goes),
        session,
        case.estimated_minutes(date.hearing),
        _kind(case, step, row),
        date.if_moved,
    )
    diary.move_up(listing, session)
    listing.carried_until = listing.start + diary.carried.get(listing.kind, 0)
    return listing


def _sessions_from(diary: Diary, midnight: int) -> Iterator[int]:
    """When the sessions of a day begin in which a courtroom sits."""
    sessions = diary.sessions
    first = bisect_left(sessions.starts, midnight)
    after = bisect_left(sessions.starts, midnight + MINUTES_A_DAY)
    yield from (sessions.starts[at] for at in range(first, after) if sessions.rooms[at])


# --- the table is checked --------------------------------------------------------------------


def read_opening(path: Path, model: Model, first_day: dt.date) -> OpenCases:
    """Read a table of open cases and hold it against the model that they go on in. Raises Faults.

    `first_day` is the day from which the table counts.
    """
    opening = read_open_cases(path, tuple(model.divisions))
    found = FaultsByLine(opening.file)
    court_days = _CourtDays(model, first_day)
    for row in opening.cases:
        for wrong, remedy in _faults_of_date(row, court_days, first_day):
            found.add(row.line, "continues_in_days", wrong, remedy)
    if found.faults():
        raise Faults(found.faults())
    return opening


def _faults_of_date(
    row: OpenCase, court_days: _CourtDays, first_day: dt.date
) -> Iterator[tuple[str, str]]:
    step, days = STEPS[row["stands_at"]], row["continues_in_days"]
    if not days:
        if days is None or not isinstance(step, Listed):
            return
    elif isinstance(step, Working):
        yield (
            f'"{row["stands_at"]}" is a queue: nobody knows when its turn comes.',
            "Leave it empty, or write 0.",
        )
        return
    if not isinstance(step, Listed):
        return
    if days > FURTHEST_AHEAD_DAYS:
        yield (
            f"a hearing {days:g} days ahead lies beyond the court's diary.",
            f"Write at most {FURTHEST_AHEAD_DAYS}.",
        )
    else:
        date = first_day + dt.timedelta(days=math.floor(days))
        word = step.date.list_for(_seen(row))
        if not court_days.sits(word, row["division"], date):
            yield (
                f"{word} does not sit in {row['division']} on {date:%A %d %B %Y}.",
                "Write a day on which it does, or leave it empty for a new date.",
            )


def _seen(row: OpenCase) -> Case:
    """What a list is chosen by, before there is a case."""
    facts = SimpleNamespace(
        remanded=row["remanded_days_ago"] is not None,
        summons=row["way_in"] == WAYS_IN[3],
        prepared_for_guilty_plea=row["anticipates_guilty_plea"],
        by_video=False,
    )
    return cast("Case", facts)


class _CourtDays:
    """The days on which each list sits in each division, asked for as they are wanted."""

    def __init__(self, model: Model, first_day: dt.date) -> None:
        self._model = model
        self._first = first_day
        self._last = first_day + dt.timedelta(days=FURTHEST_AHEAD_DAYS)
        self._known: dict[tuple[CourtList, str], frozenset[dt.date]] = {}

    def sits(self, word: CourtList, division: str, date: dt.date) -> bool:
        """Whether any courtroom of a list sits in a division on a date."""
        key = word, division
        if key not in self._known:
            self._known[key] = frozenset(
                day
                for courthouse in self._model.courthouses_of(word, division)
                for day in self._days_heard(word, courthouse)
            )
        return date in self._known[key]

    def _days_heard(self, word: CourtList, courthouse: str) -> Iterator[dt.date]:
        """When a list of a courthouse is heard, there or where its work goes."""
        yield from self._days_of_sitting(word, courthouse)
        for closure in self._model.courthouses[courthouse].closed.changes:
            for day in self._days_of_sitting(word, closure.work_goes_to):
                if closure.from_ <= day <= (closure.to or day):
                    yield day

    def _days_of_sitting(self, word: CourtList, courthouse: str) -> Iterator[dt.date]:
        court_list = list_at(self._model, word, courthouse)
        for day, sitting, _ in days_of_sitting(court_list, self._first, self._last):
            if sitting:
                yield self._first + dt.timedelta(days=day)
