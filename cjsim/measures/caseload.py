"""Who is still waiting: open cases at month ends, by court and age."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cjsim.england_wales.vocabulary import COURTS
from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

AGE_BANDS = ("up_to_3_months", "3_to_6_months", "6_to_12_months", "over_12_months")
"""Up to 91, 182 and 365 whole days, and beyond."""

# Where a case is open, from which day and until which; the moments are all midnights. Few cases
# share both days with others, and many days are asked for: what is the same is counted once.
_OPEN = """
WITH stays AS (
    SELECT 'all' AS court, arrived AS since, ended AS until FROM cases
    UNION ALL
    SELECT 'magistrates', charged, magistrates_completed FROM cases WHERE charged >= 0
    UNION ALL
    SELECT 'crown', received_crown, ended FROM cases WHERE received_crown >= 0
), days AS (
    SELECT court, since // 1440 AS since, count(*) AS cases,
           CASE WHEN until < 0 THEN NULL ELSE until // 1440 END AS until
    FROM stays GROUP BY ALL
)
SELECT court, moment,
       CASE WHEN age <= 91 THEN 'up_to_3_months' WHEN age <= 182 THEN '3_to_6_months'
            WHEN age <= 365 THEN '6_to_12_months' ELSE 'over_12_months' END AS band,
       sum(cases) AS cases
FROM (SELECT court, moment, cases, moment // 1440 - 1 - since AS age
      FROM days JOIN moments
        ON since < moment // 1440 AND (until IS NULL OR until >= moment // 1440))
GROUP BY ALL
"""


@measure(
    "open_cases",
    "cases",
    better="lower",
    definition="Cases entered and not disposed of at the end of the month; `all` is the end of "
    "the study period. Courts: magistrates from charge, Crown from receipt, `all` "
    "from arrest or summons. Groups: age since then.",
)
def open_cases(log: Log) -> Rows:
    """The backlog, and how old it is; what a Board asks is how much is left at the end."""
    ends = log.month_ends()
    for court, bands in _open_at(log).items():
        for period, moment in (*ends, ("all", log.end)):
            yield court, "", period, sum(bands.get((moment, band), 0) for band in AGE_BANDS)
            for band in AGE_BANDS:
                yield court, band, period, bands.get((moment, band), 0)


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
    """Whether the backlog grows or drains; no row where there was none."""
    for court, bands in _open_at(log).items():
        before = sum(bands.get((log.start, band), 0) for band in AGE_BANDS)
        after = sum(bands.get((log.end, band), 0) for band in AGE_BANDS)
        if before:
            yield court, "", "all", (after - before) / before


def _open_at(log: Log) -> dict[str, dict[tuple[int, str], float]]:
    """Open cases by court, and within it by moment and age band."""
    moments = sorted({log.start, log.end, *(moment for _, moment in log.month_ends())})
    log.give("moments", {"moment": moments})
    log.hold("open_cases", _OPEN)
    found: dict[str, dict[tuple[int, str], float]] = {court: {} for court in (*COURTS, "all")}
    for court, moment, band, cases in log.ask("SELECT * FROM open_cases"):
        found[court][moment, band] = float(cases)
    return found
