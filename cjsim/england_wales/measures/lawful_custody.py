"""Refuses a run in which somebody is in a police cell for longer than the law allows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow.compute as pc

from cjsim.des.log_reader import read_log
from cjsim.england_wales.initial_state import NUMBERS_AFTER
from cjsim.england_wales.vocabulary import Limit
from cjsim.errors import Impossible

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

AN_HOUR: Final = dt.timedelta(hours=1)


class Row(NamedTuple):
    """A row of the log of one case."""

    activity: str
    queued_at: dt.datetime
    due_at: dt.datetime | None
    ended_at: dt.datetime | None


def refuse_unlawful_stays(log: Log, folder: Path) -> None:
    """Police and Criminal Evidence Act 1984, sections 41 to 44; Bail Act 1976, section 7.

    24 hours; 36 if a superintendent has extended them; 96 on a magistrates' warrant of further
    detention. On a court's warrant of arrest: until the first court that sits after the arrest has
    been dealt with, 24 hours at most.
    """
    first, extended, warrant = (
        _longest(log, word)
        for word in (
            "detention_first_hours",
            "detention_superintendent_hours",
            "detention_warrant_hours",
        )
    )
    long_stays = log.query(f"""
        SELECT case_id, queued_at, coalesce(ended_at, study_end()) AS until
        FROM custody_events
        WHERE activity = 'detention'
          AND minutes_between(queued_at, until) > {first // dt.timedelta(minutes=1)}
        ORDER BY queued_at, case_id
    """)  # noqa: S608  # numbers of our own
    if not long_stays:
        return
    rows = _rows_of(log, [case_id for case_id, _, _ in long_stays])
    courts = _RemandCourts(log, folder, rows)
    for case_id, entered, left in long_stays:
        if case_id >= NUMBERS_AFTER and entered.date() < log.study_from:
            continue  # it began before the run did, and who allowed it is not in the log
        stay = [row for row in rows[case_id] if entered <= row.queued_at <= left]
        if any(row.activity == "arrest_on_warrant" for row in stay):
            lawful = _brought_to_the_next_court(stay, entered, left, first, courts, case_id)
            why = "on a court's warrant, and was not brought before the next court that sat"
        else:
            allowed = {row.activity for row in stay if row.activity != "detention"}
            limit = extended if "custody_clock_extension" in allowed else first
            limit = warrant if "custody_warrant" in allowed else limit
            lawful = left - entered <= limit
            why = f"without charge, and nobody had allowed more than {limit / AN_HOUR:g}"
        if not lawful:
            raise Impossible(
                f"Case {case_id} was held in a police cell for {(left - entered) / AN_HOUR:.1f} "
                f"hours {why}. No results were made of it."
            )


def _longest(log: Log, word: Limit) -> dt.timedelta:
    """The longest that a limit of the model is at any time."""
    number = log.model.limits[word]
    values = [number.value, *(change.value for change in number.changes)]
    hours = [max(value.values()) if isinstance(value, dict) else value for value in values]
    return dt.timedelta(minutes=round(max(hours) * 60))


def _rows_of(log: Log, case_ids: list[int]) -> dict[int, list[Row]]:
    wanted = listed_numbers(case_ids)
    rows = defaultdict(list)
    for case_id, *row in log.query(
        "SELECT case_id, activity, queued_at, due_at, ended_at "  # noqa: S608  # numbers
        f"FROM custody_events WHERE case_id IN ({wanted})"
    ):
        rows[case_id].append(Row(*row))
    return rows


def listed_numbers(numbers: Iterable[int]) -> str:
    """Different numbers as a query lists them, in order."""
    return ", ".join(str(number) for number in sorted(set(numbers)))


def _brought_to_the_next_court(
    stay: list[Row],
    entered: dt.datetime,
    left: dt.datetime,
    first: dt.timedelta,
    courts: _RemandCourts,
    case_id: int,
) -> bool:
    hearings = [row for row in stay if row.activity.endswith("warrant_hearing")]
    if not hearings:
        return left - entered <= first
    hearing = min(hearings, key=lambda row: row.queued_at)
    return (
        hearing.queued_at - entered <= first
        and hearing.due_at is not None
        and not courts.sat_between(case_id, hearing.queued_at, hearing.due_at.date())
        and (hearing.ended_at is None or left <= hearing.ended_at)
    )


class _RemandCourts:
    """When the remand court of each division sat."""

    def __init__(self, log: Log, folder: Path, case_ids: Iterable[int]) -> None:
        """`case_ids` are the cases of which it will be asked."""
        self._division = dict(
            log.query(
                f"SELECT case_id, division FROM cases WHERE case_id IN ({listed_numbers(case_ids)})"  # noqa: S608  # numbers
            )
        )
        courthouses = log.model.courthouses
        sittings = read_log(folder / "sittings.parquet")
        sittings = sittings.filter(pc.equal(sittings.column("list"), "remand_court"))
        self._starts: dict[str, list[dt.datetime]] = defaultdict(list)
        for courthouse, start in zip(
            *(sittings.column(name).to_pylist() for name in ("courthouse", "started_at")),
            strict=True,
        ):
            for division in courthouses[courthouse].serves:
                self._starts[division].append(start)

    def sat_between(self, case_id: int, after: dt.datetime, before: dt.date) -> bool:
        """Whether it sat for a case's division after a moment and before a day."""
        starts = self._starts[self._division[case_id]]
        return any(after < start and start.date() < before for start in starts)
