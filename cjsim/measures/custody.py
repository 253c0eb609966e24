"""Police custody and prison: detention and its clock, remand and its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.log import Log


@measure(
    "detention_hours", "hours", better="lower",
    definition="From arrival at the custody suite to leaving it, in the month of leaving.",
)  # fmt: skip
def detention_hours(log: Log) -> Rows:
    """The statutory clock runs from arrival, whether a cell is free or not."""
    return log.spreads("""
        SELECT c.division, month_of(e.finished) AS month, (e.finished - e.entered) / 60 AS top
        FROM kept e JOIN cases c USING (id)
        WHERE e.activity = 'detention' AND studied(e.finished)
    """)


@measure(
    "custody_clock_extensions", "extensions", better="lower",
    definition="Extensions of detention beyond 24 hours by a superintendent.",
)  # fmt: skip
def custody_clock_extensions(log: Log) -> Rows:
    """Marks in the log."""
    return log.counts("""
        SELECT month, times AS top FROM happened WHERE activity = 'custody_clock_extension'
    """)


@measure(
    "custody_warrants", "warrants", better="lower",
    definition="Warrants of further detention, beyond 36 hours, by a magistrates' court.",
)  # fmt: skip
def custody_warrants(log: Log) -> Rows:
    """Marks in the log."""
    return log.counts("""
        SELECT month, times AS top FROM happened WHERE activity = 'custody_warrant'
    """)


# A night belongs to the month of its evening; a stay that is still open counts up to the end.
_REMAND = """
SELECT m.month, sum(
    least(CASE WHEN e.finished < 0 THEN m.after ELSE e.finished END // 1440, m.after // 1440)
    - greatest(e.entered // 1440, m.first // 1440)) AS nights, (m.after - m.first) / 1440 AS days
FROM kept e JOIN months m
  ON e.entered < m.after AND (e.finished < 0 OR e.finished >= m.first)
WHERE e.activity = 'remand' GROUP BY ALL
"""


@measure(
    "remand_nights", "nights", better="lower",
    definition="Nights spent on remand in custody within the month.",
)  # fmt: skip
def remand_nights(log: Log) -> Rows:
    """Prison places taken by people who wait for trial or sentence."""
    log.hold("remand_nights", _REMAND)
    return log.counts("SELECT month, nights AS top FROM remand_nights")


@measure(
    "remand_population", "people", better="lower",
    definition="Nights on remand / nights of the month: the mean number of people held.",
)  # fmt: skip
def remand_population(log: Log) -> Rows:
    """The same nights as a population."""
    log.hold("remand_nights", _REMAND)
    return log.ratios("""
        SELECT month, coalesce(nights, 0) AS top, (after - first) / 1440 AS bottom
        FROM months LEFT JOIN remand_nights USING (month)
    """)


@measure(
    "custody_time_limits", "people", better="lower",
    definition="Custody time limits that a trial date missed, by what followed (the group): "
    "`extended` by the court, or `lapsed` and the defendant bailed.",
)  # fmt: skip
def custody_time_limits(log: Log) -> Rows:
    """Both are counted: either is a failure to try someone in time."""
    return log.counts("""
        SELECT month, result AS grp, times AS top FROM happened
        WHERE activity = 'custody_time_limit'
    """, groups=("", "extended", "lapsed"))  # fmt: skip
