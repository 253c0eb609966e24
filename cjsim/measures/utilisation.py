"""How much of what was there was used: staff, cells, courtrooms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure
from cjsim.measures.sql import filled, one_of

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

# A cell is taken for as long as somebody is in it, which is no work and has no minutes in the log.
_USED = """
SELECT place AS name, month, sum(minutes) AS minutes
FROM (
    SELECT place, month, minutes FROM happened
    UNION ALL
    SELECT place, month_of(ended_at), minutes_between(started_at, ended_at) FROM kept
    WHERE $occupied AND started_at IS NOT NULL AND studied(ended_at)
) GROUP BY ALL
"""

_USE = """
WITH use AS (
    SELECT CASE c.court WHEN '' THEN 'all' ELSE c.court END AS court, c.kind, c.name, c.base,
           c.month, coalesce(u.minutes, 0) AS used, c.minutes AS there
    FROM capacity c LEFT JOIN used u ON u.name = c.name AND strftime(u.month, '%Y-%m') = c.month
    WHERE strptime(c.month || '-01', '%Y-%m-%d')::DATE IN (SELECT month FROM months)
      AND c.kind <> 'sitters'
), named AS (
    SELECT court, name AS grp, month, used, there FROM use
    UNION ALL
    SELECT court, base, month, used, there FROM use WHERE name <> base
    UNION ALL
    SELECT court, '', month, used, there FROM use WHERE kind = 'list'
)
SELECT court, grp, coalesce(month, 'all'), sum(used), sum(there)
FROM named GROUP BY GROUPING SETS ((court, grp, month), (court, grp)) ORDER BY ALL
"""


@measure(
    "utilisation",
    "share",
    better="neither",
    most=math.inf,
    definition="Minutes worked or heard / minutes of capacity, by pool or list (the group), by "
    "all pools or houses of one kind, and by court for all its lists. Work counts "
    "in the month it is finished.",
)
def utilisation(log: Log) -> Rows:
    """May pass 1: a session runs over, or work of many days is finished in one month."""
    occupied = one_of("activity", log.measurement.occupied)
    log.save("used", filled(_USED, occupied=occupied))
    for court, group, period, used, there in log.query(_USE):
        if there:
            yield court, group, period, used / there


@measure(
    "staff_hours",
    "hours",
    better="lower",
    definition="Hours that staff worked on cases and contacts, finished in the month, by the "
    "agency whose work it is (the group). Time in the courtroom is not among them.",
)
def staff_hours(log: Log) -> Rows:
    """What a reform gives back to the front line, or takes from it."""
    work: dict[str, str] = {
        name: stage.agency
        for name, stage in log.model.stages.items()
        if stage.pool and name not in log.measurement.occupied
    }
    work.update({name: duty.agency for name, duty in log.model.duties.items()})
    log.add_table("agency_of_work", {"activity": list(work), "agency": list(work.values())})
    return log.counts(
        """
        SELECT division, month, agency AS grp, minutes / 60 AS top
        FROM happened JOIN agency_of_work USING (activity)
    """,
        groups=("", *sorted({*work.values()})),
    )
