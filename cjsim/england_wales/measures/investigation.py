"""Between arrest and decision: bail, the dates set on it, and the queues at the laboratories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

# One row for everybody whose bail before charge has ended: its periods, put together.
_BAILS = """
SELECT case_id, c.division, month_of(max(e.ended_at)) AS month,
       minutes_between(min(e.queued_at), max(e.ended_at)) / 1440 AS days,
       count(*) FILTER (WHERE e.activity = 're_bail') AS re_bails
FROM kept e JOIN cases c USING (case_id)
WHERE e.activity IN ('pre_charge_bail', 're_bail')
GROUP BY case_id, c.division
HAVING bool_and(e.ended_at IS NOT NULL) AND studied(max(e.ended_at))
"""

_QUEUES = """
SELECT c.division, month_of(e.started_at) AS month, e.activity,
       minutes_between(e.queued_at, e.started_at) / 1440 AS days
FROM kept e JOIN cases c USING (case_id)
WHERE e.activity IN ('forensic_examination', 'digital_examination') AND studied(e.started_at)
"""


@measure(
    "pre_charge_bail_days",
    "days",
    better="lower",
    definition="From release on bail before charge to the end of it, further bail included, in the "
    "month in which it ended: nearly always with the decision, now and then some days before it.",
)
def pre_charge_bail_days(log: Log) -> Rows:
    """Of suspects whose bail has ended."""
    log.save("bails", _BAILS)
    return log.spreads("SELECT division, month, days AS top FROM bails")


@measure(
    "re_bails_per_bail",
    "re-bails per suspect bailed",
    better="lower",
    definition="Times bailed again to a further date / suspects bailed before charge whose bail "
    "ended in the month.",
)
def re_bails_per_bail(log: Log) -> Rows:
    """The date came, and nobody could decide."""
    log.save("bails", _BAILS)
    return log.ratios("SELECT division, month, re_bails AS top FROM bails")


@measure(
    "forensic_queue_days",
    "days",
    better="lower",
    definition="From an exhibit's arrival at the laboratory to the beginning of its examination.",
)
def forensic_queue_days(log: Log) -> Rows:
    """The queue alone; submission and report come on top."""
    log.save("examination_queues", _QUEUES)
    return log.spreads("""
        SELECT division, month, days AS top FROM examination_queues
        WHERE activity = 'forensic_examination'
    """)


@measure(
    "digital_queue_days",
    "days",
    better="lower",
    definition="From a device's arrival at the digital unit to the beginning of its examination.",
)
def digital_queue_days(log: Log) -> Rows:
    """The queue alone; submission comes on top."""
    log.save("examination_queues", _QUEUES)
    return log.spreads("""
        SELECT division, month, days AS top FROM examination_queues
        WHERE activity = 'digital_examination'
    """)
