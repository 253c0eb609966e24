"""Court performance under the names that the CEPEJ and CourTools use.

The CEPEJ (Council of Europe) publishes the clearance rate and the disposition time of the courts of
each country. CourTools, of the state courts of the United States, has the clearance rate, the age
of the pending caseload (`open_cases` by age band) and the certainty of trial dates.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from cjsim.measures.caseload import open_cases
from cjsim.measures.courts import per_completed_case
from cjsim.measures.registry import Rows, measure
from cjsim.measures.sql import filled, one_of

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

DAYS_A_YEAR: Final = 365

# A trial date is a listing for trial, whether it was vacated, failed or went ahead. A trial is over
# when it was effective or cracked.
_TRIAL_DATES: Final = """
WITH dates AS (
    SELECT case_id, court, ended_at, result,
           row_number() OVER (PARTITION BY case_id, court ORDER BY ended_at) AS trial_date
    FROM hearing_events JOIN hearing_kinds USING (activity)
    WHERE $is_trial AND ended_at IS NOT NULL
)
SELECT d.court, division, month_of(d.ended_at) AS month, 1 AS bottom,
       CASE WHEN trial_date <= 2 THEN 1 ELSE 0 END AS top
FROM dates d JOIN cases USING (case_id)
WHERE result IN ('effective', 'cracked') AND studied(d.ended_at)
"""


@measure(
    "clearance_rate",
    "cases per case",
    better="higher",
    definition="Cases that left a court / cases that came to it, in the month (CEPEJ, CourTools).",
)
def clearance_rate(log: Log) -> Rows:
    """Above 1 the backlog falls."""
    came_and_left = " UNION ALL ".join(
        f"SELECT '{stay.court}' AS court, division, month_of({at}) AS month, "  # noqa: S608  # words of our own
        f"{left} AS top, {came} AS bottom FROM cases "
        f"WHERE studied({at}) AND {stay.entered_at} IS NOT NULL"
        for stay in log.measurement.courts
        for at, left, came in ((stay.left_at, 1, 0), (stay.entered_at, 0, 1))
    )
    return log.ratios(came_and_left, courts=[stay.court for stay in log.measurement.courts])


@measure(
    "disposition_time_days",
    "days",
    better="lower",
    definition="365 x open cases at the end of the study period / cases that left in a year at the "
    "pace of the period (CEPEJ).",
)
def disposition_time_days(log: Log) -> Rows:
    """How long the pending cases would take at the pace at which cases are dealt with."""
    days = (log.day_after - log.study_from).days
    left = {
        stay.court: log.query(
            f"SELECT count(*) FROM cases WHERE studied({stay.left_at}) "  # noqa: S608  # words of our own
            f"AND {stay.entered_at} IS NOT NULL"
        )[0][0]
        for stay in log.measurement.courts
    }
    for court, group, period, pending in open_cases(log):
        if period == "all" and not group and left.get(court):
            yield court, group, period, pending * days / left[court]


@measure(
    "trial_date_certainty_share",
    "share",
    better="higher",
    definition="Trials that were effective or cracked on the first or second date fixed for them, "
    "vacated dates counted / all trials that were effective or cracked (CourTools, measure 5).",
)
def trial_date_certainty_share(log: Log) -> Rows:
    """Whether a trial is heard when it is meant to be."""
    is_trial = one_of("activity", log.vocabulary.trials)
    return log.ratios(filled(_TRIAL_DATES, is_trial=is_trial), courts=log.courts)


_PEOPLE_IN_COURT: Final = """
WITH people AS (
    SELECT court, split_part(name, '@', 2) AS house, base AS role, name, month, minutes
    FROM capacity WHERE kind = 'sitters'
), rooms AS (
    SELECT court, split_part(name, '@', 2) AS house, month, sum(minutes) AS minutes
    FROM capacity WHERE kind = 'list' GROUP BY ALL
), used AS (
    SELECT p.court, p.role, p.name, p.month, r.minutes AS used, p.minutes AS there
    FROM people p JOIN rooms r USING (court, house, month)
), named AS (
    SELECT court, name AS grp, month, used, there FROM used
    UNION ALL
    SELECT court, role, month, used, there FROM used
)
SELECT court, grp, coalesce(month, 'all'), sum(used), sum(there)
FROM named GROUP BY GROUPING SETS ((court, grp, month), (court, grp)) ORDER BY ALL
"""


@measure(
    "people_in_court_share",
    "share",
    better="neither",
    most=math.inf,
    definition="Courtroom minutes planned / minutes in which people of a role could sit while the "
    "court sits. Groups: roles, roles by courthouse. The role nearest to 1 is what binds.",
)
def people_in_court_share(log: Log) -> Rows:
    """Whether judges, benches or legal advisers limit the courtrooms that sit."""
    for court, group, period, used, there in log.query(_PEOPLE_IN_COURT):
        if there:
            yield court, group, period, used / there


@measure(
    "hearings_after_first_per_case",
    "hearings per case",
    better="lower",
    definition="Hearings held after the first / completed cases, whatever came of them: the "
    "adjournments of the published statistics.",
)
def hearings_after_first_per_case(log: Log) -> Rows:
    """Published statistics call every hearing after the first an adjournment."""
    return per_completed_case(log, "hearings - cases_heard")
