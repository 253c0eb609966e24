"""Charging: who decides, how often a file goes back, and what is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

# A prosecutor decided: the CPS charged, or the case ended after a consultation without a charge and
# not because the victim withdrew while the file was away.
_DECISIONS = """
SELECT division, consultations, 'charge' AS decision, month_of(charged_at) AS month FROM cases
WHERE charged_by = 'by_cps' AND studied(charged_at) AND seen_whole(way_in)
UNION ALL
SELECT division, consultations,
       CASE outcome WHEN 'no_further_action' THEN 'no_further_action' ELSE 'out_of_court' END,
       month_of(ended_at)
FROM cases
WHERE charged_at IS NULL AND consultations > 0 AND studied(ended_at)
  AND outcome <> 'no_further_action_victim'
"""


@measure(
    "police_charged_share",
    "share",
    better="neither",
    definition="Charged by the police / charged by the police or the CPS; summonses apart.",
)
def police_charged_share(log: Log) -> Rows:
    """The Director's Guidance says who may."""
    return log.ratios("""
        SELECT division, month_of(charged_at) AS month, (charged_by = 'by_police')::INTEGER AS top
        FROM cases
        WHERE charged_by IN ('by_police', 'by_cps') AND studied(charged_at) AND seen_whole(way_in)
    """)


@measure(
    "cps_charged_share",
    "share",
    better="neither",
    definition="Charged by the CPS / charged by the police or the CPS; summonses apart.",
)
def cps_charged_share(log: Log) -> Rows:
    """The rest of them."""
    return log.ratios("""
        SELECT division, month_of(charged_at) AS month, (charged_by = 'by_cps')::INTEGER AS top
        FROM cases
        WHERE charged_by IN ('by_police', 'by_cps') AND studied(charged_at) AND seen_whole(way_in)
    """)


@measure(
    "consultations_per_decision",
    "consultations per decision",
    better="lower",
    definition="Consultations with a prosecutor / decisions by a prosecutor (charge, no "
    "further action, out of court), over cases decided in the month.",
)
def consultations_per_decision(log: Log) -> Rows:
    """Each action plan is one consultation more."""
    log.save("cps_decisions", _DECISIONS)
    return log.ratios("SELECT division, month, consultations AS top FROM cps_decisions")


@measure(
    "cps_decisions",
    "decisions",
    better="neither",
    definition="Decisions by a prosecutor in the month, by what was decided (the group).",
)
def cps_decisions(log: Log) -> Rows:
    """Charge, no further action, out of court."""
    log.save("cps_decisions", _DECISIONS)
    return log.counts(
        "SELECT month, decision AS grp FROM cps_decisions",
        groups=("", "charge", "no_further_action", "out_of_court"),
    )


@measure(
    "charged_share",
    "share",
    better="neither",
    definition="Charged / cases of people arrested or interviewed that were charged or ended "
    "uncharged in the month.",
)
def charged_share(log: Log) -> Rows:
    """Where the road to court begins."""
    return log.ratios("""
        SELECT division, (charged_at IS NOT NULL)::INTEGER AS top,
               month_of(coalesce(charged_at, ended_at)) AS month
        FROM cases
        WHERE way_in <> 'summons' AND seen_whole(way_in)
          AND studied(coalesce(charged_at, ended_at))
    """)
