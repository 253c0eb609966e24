"""Police custody and prison: detention and its clock, remand and its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log


@measure(
    "detention_hours",
    "hours",
    better="lower",
    definition="From arrival at the custody suite to leaving it, in the month of leaving.",
)
def detention_hours(log: Log) -> Rows:
    """The statutory clock runs from arrival, whether a cell is free or not."""
    return log.spreads("""
        SELECT c.division, month_of(e.ended_at) AS month,
               minutes_between(e.queued_at, e.ended_at) / 60 AS top
        FROM kept e JOIN cases c USING (case_id)
        WHERE e.activity = 'detention' AND studied(e.ended_at)
    """)


# Whoever failed to come to court may be brought in again: a warrant makes nobody two people.
_IN_DISTRESS = """
SELECT c.division, month_of(first.ended_at) AS month
FROM (SELECT case_id, first(ended_at ORDER BY queued_at) AS ended_at FROM kept
      WHERE activity = 'detention' GROUP BY case_id) first JOIN cases c USING (case_id)
WHERE c.in_mental_distress AND studied(first.ended_at)
"""


@measure(
    "detained_in_mental_distress",
    "people",
    better="lower",
    definition="People in mental distress who left a custody suite in the month, each counted "
    "once, by the first stay: those whom a nurse helped before they came there are not among them.",
)
def detained_in_mental_distress(log: Log) -> Rows:
    """A cell is no place for somebody who is ill."""
    divisions = [f"division:{division}" for division in log.model.divisions]
    return log.counts(_IN_DISTRESS, groups=("", *divisions))


@measure(
    "custody_booking_wait_minutes",
    "minutes",
    better="lower",
    definition="From a free cell to the beginning of booking in by a custody officer.",
)
def custody_booking_wait_minutes(log: Log) -> Rows:
    """The queue at the custody desk."""
    return log.spreads("""
        SELECT c.division, month_of(e.ended_at) AS month,
               minutes_between(e.queued_at, e.started_at) AS top
        FROM kept e JOIN cases c USING (case_id)
        WHERE e.activity = 'custody_booking' AND e.started_at IS NOT NULL AND studied(e.ended_at)
    """)


@measure(
    "detention_reviews",
    "reviews",
    better="neither",
    definition="Reviews of detention by an inspector that were due, by how it went (the group): "
    "`in_time`, `late`, or `missed` because the suspect had left before it.",
)
def detention_reviews(log: Log) -> Rows:
    """After six hours, and then every nine."""
    return log.count(
        "happened",
        where="activity = 'detention_review'",
        group="result",
        groups=("", "in_time", "late", "missed"),
    )


@measure(
    "detention_reviews_late_share",
    "share",
    better="lower",
    definition="Reviews of detention begun after they were due, or not at all / reviews due.",
)
def detention_reviews_late_share(log: Log) -> Rows:
    """A late review makes detention unlawful until it is done."""
    return log.share("happened", where="result <> 'in_time'", among="activity = 'detention_review'")


@measure(
    "custody_clock_extensions",
    "extensions",
    better="lower",
    definition="Extensions of detention beyond 24 hours by a superintendent.",
)
def custody_clock_extensions(log: Log) -> Rows:
    """Marks in the log."""
    return log.count("happened", where="activity = 'custody_clock_extension'")


@measure(
    "custody_warrants",
    "warrants",
    better="lower",
    definition="Warrants of further detention, beyond 36 hours, by a magistrates' court.",
)
def custody_warrants(log: Log) -> Rows:
    """Marks in the log."""
    return log.count("happened", where="activity = 'custody_warrant'")


# A night belongs to the month of its evening; a stay that is still open counts up to the end.
_REMAND = """
SELECT m.month,
       sum(least(coalesce(e.ended_at, m.after)::DATE, m.after::DATE)
           - greatest(e.queued_at::DATE, m.first::DATE)) AS nights
FROM kept e JOIN months m
  ON e.queued_at < m.after AND (e.ended_at IS NULL OR e.ended_at >= m.first)
WHERE e.activity = 'remand' GROUP BY ALL
"""


@measure(
    "remand_nights",
    "nights",
    better="lower",
    definition="Nights spent on remand in custody within the month.",
)
def remand_nights(log: Log) -> Rows:
    """Prison places taken by people who wait for trial or sentence."""
    log.save("remand_nights", _REMAND)
    return log.counts("SELECT month, nights AS top FROM remand_nights")


@measure(
    "remand_population",
    "people",
    better="lower",
    definition="Nights on remand / nights of the month: the mean number of people held.",
)
def remand_population(log: Log) -> Rows:
    """The same nights as a population."""
    log.save("remand_nights", _REMAND)
    return log.ratios("""
        SELECT month, coalesce(nights, 0) AS top, whole_days(first, after) AS bottom
        FROM months LEFT JOIN remand_nights USING (month)
    """)


# In whose hands the case was when the limit was missed.
_TIME_LIMITS = """
SELECT CASE WHEN e.queued_at >= c.received_crown_at THEN 'crown' ELSE 'magistrates' END AS court,
       c.division, month_of(e.ended_at) AS month, e.result
FROM kept e JOIN cases c USING (case_id)
WHERE e.activity = 'custody_time_limit' AND studied(e.ended_at)
"""
_COURTS = ("all", "magistrates", "crown")


@measure(
    "custody_time_limits",
    "people",
    better="lower",
    definition="Custody time limits missed by a trial date or passed while waiting for one, by "
    "what followed (the group): `extended` by the court, or `lapsed` and the defendant bailed.",
)
def custody_time_limits(log: Log) -> Rows:
    """Both are counted: either is a failure to try someone in time."""
    log.save("time_limits", _TIME_LIMITS)
    return log.counts(
        "SELECT court, month, result AS grp FROM time_limits",
        courts=_COURTS,
        groups=("", "extended", "lapsed"),
    )


@measure(
    "custody_time_limit_extensions",
    "extensions",
    better="lower",
    definition="Extensions of a custody time limit, by the court that the case was in.",
)
def custody_time_limit_extensions(log: Log) -> Rows:
    """The defendant stays in custody past the limit."""
    log.save("time_limits", _TIME_LIMITS)
    return log.counts(
        """
        SELECT court, division, month FROM time_limits WHERE result = 'extended'
    """,
        courts=_COURTS,
    )


@measure(
    "custody_time_limit_lapses",
    "people",
    better="lower",
    definition="Defendants bailed because their custody time limit was missed and not extended, by "
    "the court that the case was in.",
)
def custody_time_limit_lapses(log: Log) -> Rows:
    """The defendant waits for trial at liberty, whatever the risk was."""
    log.save("time_limits", _TIME_LIMITS)
    return log.counts(
        """
        SELECT court, division, month FROM time_limits WHERE result = 'lapsed'
    """,
        courts=_COURTS,
    )
