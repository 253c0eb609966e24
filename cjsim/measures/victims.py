"""Victims and witnesses: contacts in time, support withdrawn, journeys made for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure
from cjsim.vocabulary import COURTS

if TYPE_CHECKING:
    from cjsim.measures.log import Log


@measure(
    "victim_contacts_in_time_share", "share", better="higher",
    definition="Statutory contacts made by their deadline / contacts made in time, made late "
    "or missed. Groups: duties.",
)  # fmt: skip
def victim_contacts_in_time_share(log: Log) -> Rows:
    """A contact counts in the month in which it was made or given up."""
    duties = [name for name, duty in log.model.duties.items() if duty.statutory]
    log.give("statutory_duties", {"activity": duties})
    return log.ratios("""
        SELECT division, activity AS grp, month, times AS bottom,
               CASE result WHEN 'in_time' THEN times ELSE 0 END AS top
        FROM happened JOIN statutory_duties USING (activity)
        WHERE result IN ('in_time', 'late', 'missed')
    """)


@measure(
    "chasing_calls", "calls", better="lower",
    definition="Calls from victims who had heard nothing, in the month they were answered.",
)  # fmt: skip
def chasing_calls(log: Log) -> Rows:
    """Work that contact in time would have spared."""
    return log.counts("""
        SELECT month, times AS top FROM happened
        WHERE activity = 'chasing_call' AND result <> 'missed'
    """)


@measure(
    "victims_withdrawn_before_charge_share", "share", better="lower",
    definition="Cases that ended because the victim withdrew before charge / cases with a "
    "victim that were charged or ended uncharged in the month; summonses apart.",
)  # fmt: skip
def victims_withdrawn_before_charge_share(log: Log) -> Rows:
    """Support lost while the police and the CPS decide."""
    return log.ratios("""
        SELECT division, month_of(CASE WHEN charged >= 0 THEN charged ELSE ended END) AS month,
               (outcome = 'no_further_action_victim')::INTEGER AS top
        FROM cases
        WHERE has_victim AND way_in <> 'summons'
          AND studied(CASE WHEN charged >= 0 THEN charged ELSE ended END)
    """)


@measure(
    "victims_withdrawn_after_charge_share", "share", better="lower",
    definition="Prosecutions whose victim withdrew / prosecutions with a victim that ended in "
    "the month, by the court they ended in.",
)  # fmt: skip
def victims_withdrawn_after_charge_share(log: Log) -> Rows:
    """Support lost on the way to trial."""
    return log.ratios("""
        SELECT court, division, month_of(ended) AS month, (w.id IS NOT NULL)::INTEGER AS top
        FROM cases c LEFT JOIN (
            SELECT DISTINCT id FROM kept
            WHERE activity = 'victim_withdrawal' AND result = 'after_charge'
        ) w USING (id)
        WHERE has_victim AND charged >= 0 AND studied(ended)
    """, courts=(*COURTS, "all"))  # fmt: skip


_ATTENDANCES = """
SELECT CASE WHEN received_crown >= 0 AND e.finished >= received_crown THEN 'crown'
            ELSE 'magistrates' END AS court,
       c.division, month_of(e.finished) AS month, e.result
FROM kept e JOIN cases c USING (id)
WHERE e.activity = 'witness_attendance' AND e.result IN ('gave_evidence', 'wasted')
  AND studied(e.finished)
"""


@measure(
    "witness_attendances", "attendances", better="neither",
    definition="Civilian witnesses who came to court, each time they came.",
)  # fmt: skip
def witness_attendances(log: Log) -> Rows:
    """The denominator of the share below."""
    log.hold("witness_attendances", _ATTENDANCES)
    return log.counts("SELECT court, month, result AS grp FROM witness_attendances",
                      courts=(*COURTS, "all"), groups=("", "gave_evidence", "wasted"))  # fmt: skip


@measure(
    "witness_attendances_wasted_share", "share", better="lower",
    definition="Civilian witnesses who came to court and gave no evidence / all who came.",
)  # fmt: skip
def witness_attendances_wasted_share(log: Log) -> Rows:
    """Came, and the trial did not go ahead."""
    log.hold("witness_attendances", _ATTENDANCES)
    return log.ratios("""
        SELECT court, division, month, (result = 'wasted')::INTEGER AS top FROM witness_attendances
    """, courts=(*COURTS, "all"))  # fmt: skip
