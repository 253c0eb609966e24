"""Open cases at month ends, by court and age."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure
from cjsim.measures.sql import filled

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

AGE_BANDS = ("up_to_3_months", "3_to_6_months", "6_to_12_months", "over_12_months")
"""Up to 91, 182 and 365 whole days, and beyond."""

# Where a case is open, from which day and until which. Many days are counted, so cases that share
# both days are added up first.
_OPEN = """
WITH stays AS (
    SELECT 'all' AS court, arrived_at AS since, ended_at AS until FROM cases$stays
), days AS (
    SELECT court, since::DATE AS since, until::DATE AS until, count(*) AS cases
    FROM stays GROUP BY ALL
)
SELECT court, day,
       CASE WHEN age <= 91 THEN 'up_to_3_months' WHEN age <= 182 THEN '3_to_6_months'
            WHEN age <= 365 THEN '6_to_12_months' ELSE 'over_12_months' END AS band,
       sum(cases) AS cases
FROM (SELECT court, day, cases, day - 1 - since AS age
      FROM days JOIN census_days ON since < day AND (until IS NULL OR until >= day))
GROUP BY ALL
"""


@measure(
    "open_cases",
    "cases",
    better="lower",
    definition="Cases entered and not disposed of at the end of the month; `all` is the end of "
    "the study period. A court: from the day on which a case comes to it; `all`: "
    "from its arrival. Groups: age since then.",
)
def open_cases(log: Log) -> Rows:
    """The backlog and its age."""
    ends = [*log.month_ends(), ("all", log.day_after)]
    for court, bands in _open_cases_on(log).items():
        for period, day in ends:
            yield court, "", period, sum(bands.get((day, band), 0) for band in AGE_BANDS)
            for band in AGE_BANDS:
                yield court, band, period, bands.get((day, band), 0)


@measure(
    "open_cases_change_share",
    "share",
    better="lower",
    least=-1.0,
    most=math.inf,
    definition="(Open cases at the end - open cases at the start of the study period) / those "
    "at the start.",
)
def open_cases_change_share(log: Log) -> Rows:
    """Whether the backlog grows or drains; no row where there were no open cases at the start."""
    for court, bands in _open_cases_on(log).items():
        before = sum(bands.get((log.study_from, band), 0) for band in AGE_BANDS)
        after = sum(bands.get((log.day_after, band), 0) for band in AGE_BANDS)
        if before:
            yield court, "", "all", (after - before) / before


def _open_cases_on(log: Log) -> dict[str, dict[tuple[dt.date, str], float]]:
    """Open cases by court, and within it by the day that they are open on and by age band.

    A case is open on a day if it is open as that day begins.
    """
    days = sorted({log.study_from, log.day_after, *(day for _, day in log.month_ends())})
    log.add_table("census_days", {"day": days})
    stays = "".join(
        f" UNION ALL SELECT '{stay.court}', {stay.entered_at}, {stay.left_at}"  # noqa: S608  # words of our own
        f" FROM cases WHERE {stay.entered_at} IS NOT NULL"
        for stay in log.measurement.courts
    )
    log.save("open_cases", filled(_OPEN, stays=stays))
    bands: dict[str, dict[tuple[dt.date, str], float]] = {court: {} for court in log.courts}
    for court, day, band, cases in log.query("SELECT * FROM open_cases"):
        bands[court][day, band] = float(cases)
    return bands
