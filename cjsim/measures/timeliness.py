"""How long it takes: whole days from the arrest to the end of a case.

A case counts in the month in which it ended. There are the groups `mean`, `median` and `p90`, and
the mean for each division and for each plea (`plea:guilty`, `plea:not_guilty`, `plea:none`). Only
completed cases are seen, so read this beside `open_cases`: while a backlog grows, the times of what
is completed lag behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log


@measure(
    "arrest_to_disposal_days",
    "days",
    better="lower",
    definition="From arrest to the end of the case, of people arrested, by the court it ended "
    "in; `all` adds cases that came to no court.",
)
def arrest_to_disposal_days(log: Log) -> Rows:
    """From the first contact with the police to the last with a court."""
    return log.spreads(
        """
        SELECT court, division,
               CASE court WHEN '' THEN NULL ELSE 'plea:' || coalesce(nullif(plea, ''), 'none') END
                   AS grp,
               month_of(ended_at) AS month, whole_days(arrived_at, ended_at) AS top
        FROM cases WHERE arrested AND studied(ended_at)
    """,
        courts=log.courts,
    )
