"""Who came to court for a trial, how long they waited, and whether it was for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log


_ATTENDANCES = """
SELECT e.activity,
       CASE WHEN e.ended_at >= c.received_crown_at THEN 'crown' ELSE 'magistrates' END AS court,
       c.division, month_of(e.ended_at) AS month, e.result,
       greatest(minutes_between(e.due_at, coalesce(e.started_at, e.ended_at)), 0) AS minutes_waited,
       minutes_between(e.due_at, e.ended_at) AS minutes_at_court
FROM kept e JOIN cases c USING (case_id)
WHERE e.activity IN ('witness_attendance', 'police_attendance')
  AND e.result IN ('gave_evidence', 'wasted') AND studied(e.ended_at)
"""


def _attendances(log: Log) -> None:
    log.save("attendances", _ATTENDANCES)


@measure(
    "witness_attendances",
    "attendances",
    better="neither",
    definition="Civilian witnesses who came to court, each time they came.",
)
def witness_attendances(log: Log) -> Rows:
    """The denominator of the share below."""
    return _came(log, "witness_attendance")


@measure(
    "police_attendances",
    "attendances",
    better="neither",
    definition="Officers who came to court as witnesses, each time they came.",
)
def police_attendances(log: Log) -> Rows:
    """Officers who were missed elsewhere."""
    return _came(log, "police_attendance")


def _came(log: Log, activity: str) -> Rows:
    _attendances(log)
    return log.counts(
        f"SELECT court, month, result AS grp FROM attendances WHERE activity = '{activity}'",  # noqa: S608
        courts=log.courts,
        groups=("", "gave_evidence", "wasted"),
    )


@measure(
    "witness_attendances_wasted_share",
    "share",
    better="lower",
    definition="Civilian witnesses who came to court and gave no evidence / all who came.",
)
def witness_attendances_wasted_share(log: Log) -> Rows:
    """Came, and the trial did not go ahead."""
    return _wasted(log, "witness_attendance")


@measure(
    "police_attendances_wasted_share",
    "share",
    better="lower",
    definition="Officers who came to court as witnesses and gave no evidence / all who came.",
)
def police_attendances_wasted_share(log: Log) -> Rows:
    """Came, and the trial did not go ahead."""
    return _wasted(log, "police_attendance")


def _wasted(log: Log, activity: str) -> Rows:
    _attendances(log)
    return log.ratios(
        f"""
        SELECT court, division, month, (result = 'wasted')::INTEGER AS top FROM attendances
        WHERE activity = '{activity}'
    """,  # noqa: S608 - the project's own words
        courts=log.courts,
    )


@measure(
    "witness_waiting_minutes",
    "minutes",
    better="lower",
    definition="Minutes from when a civilian witness had to be at court until called in, or sent "
    "home without giving evidence: mean, median, 90th percentile.",
)
def witness_waiting_minutes(log: Log) -> Rows:
    """An over-full list lets witnesses wait before it sends them home."""
    return _waited(log, "witness_attendance")


@measure(
    "police_waiting_minutes",
    "minutes",
    better="lower",
    definition="Minutes from when an officer had to be at court as a witness until called in, or "
    "sent away without giving evidence: mean, median, 90th percentile.",
)
def police_waiting_minutes(log: Log) -> Rows:
    """The same wait, at the cost of other cases."""
    return _waited(log, "police_attendance")


def _waited(log: Log, activity: str) -> Rows:
    _attendances(log)
    return log.spreads(
        f"""
        SELECT court, division, month, minutes_waited AS top FROM attendances
        WHERE activity = '{activity}'
    """,  # noqa: S608 - the project's own words
        courts=log.courts,
    )


@measure(
    "police_hours_at_court",
    "hours",
    better="lower",
    definition="Officer hours spent at court as witnesses, waiting and giving evidence.",
)
def police_hours_at_court(log: Log) -> Rows:
    """Hours that were not there for investigations, files and victims."""
    _attendances(log)
    return log.counts(
        """
        SELECT court, month, minutes_at_court / 60.0 AS top FROM attendances
        WHERE activity = 'police_attendance'
    """,
        courts=log.courts,
    )
