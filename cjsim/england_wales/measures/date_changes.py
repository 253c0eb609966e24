"""How often the court moved a date that a victim or a witness had been told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

TIMES: Final = ("none", "once", "2_to_3_times", "4_times_or_more")
"""The groups: how often a date was moved."""


@measure(
    "victims_by_dates_moved",
    "victims",
    better="neither",
    definition="Victims whose prosecution ended in the month, by how often a change of a date was "
    "due to be told to them: none, once, two or three times, four times or more (the groups).",
)
def victims_by_dates_moved(log: Log) -> Rows:
    """Each move is a day off work arranged again."""
    return log.counts(
        """
        WITH moves AS (
            SELECT case_id, count(*) AS times FROM duty_events
            WHERE activity = 'change_of_date' GROUP BY case_id
        )
        SELECT court, month_of(ended_at) AS month,
               CASE WHEN times IS NULL THEN 'none' WHEN times = 1 THEN 'once'
                    WHEN times <= 3 THEN '2_to_3_times' ELSE '4_times_or_more' END AS grp
        FROM cases LEFT JOIN moves USING (case_id)
        WHERE has_victim AND court <> '' AND studied(ended_at)
    """,
        courts=log.courts,
        groups=("", *TIMES),
    )
