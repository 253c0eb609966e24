"""Pleas and verdicts: who pleads guilty, when, and who is convicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log


@measure(
    "early_guilty_plea_rate",
    "share",
    better="higher",
    definition="Guilty at the first hearing / all who enter a plea in the magistrates' court; "
    "in the Crown Court, guilty at the plea hearing / all who enter a plea there; "
    "cases that the court finished with in the month.",
)
def early_guilty_plea_rate(log: Log) -> Rows:
    """A plea after an adjournment is late, even if it is the first.

    Where the first hearing was not in vain, the first plea was entered there.
    """
    return log.ratios(
        """
        SELECT 'magistrates' AS court, division, month_of(magistrates_completed_at) AS month,
               (magistrates_first_plea = 'guilty' AND o.case_id IS NOT NULL)::INTEGER AS top
        FROM cases LEFT JOIN (
            SELECT DISTINCT case_id FROM hearing_events
            WHERE activity = 'first_hearing' AND ended_at IS NOT NULL AND NOT in_vain(result)
        ) o USING (case_id)
        WHERE studied(magistrates_completed_at) AND magistrates_first_plea <> ''
        UNION ALL
        SELECT 'crown', division, month_of(ended_at), (crown_plea_hearing_plea = 'guilty')::INTEGER
        FROM cases
        WHERE studied(ended_at) AND crown_way = 'for_trial' AND crown_plea_hearing_plea <> ''
    """,
        courts=log.courts,
    )


@measure(
    "crown_guilty_plea_share",
    "share",
    better="higher",
    definition="Guilty in the end / all who enter a plea in the Crown Court, of cases sent for "
    "trial that ended in the month.",
)
def crown_guilty_plea_share(log: Log) -> Rows:
    """Early and late pleas together, as the published guilty plea rate counts them."""
    return log.ratios(
        """
        SELECT 'crown' AS court, month_of(ended_at) AS month, (plea = 'guilty')::INTEGER AS top
        FROM cases
        WHERE studied(ended_at) AND crown_way = 'for_trial' AND crown_plea_hearing_plea <> ''
    """,
        courts=("crown",),
    )


@measure(
    "conviction_rate",
    "share",
    better="higher",
    definition="Convicted / completed prosecutions (convicted, acquitted, dropped), by the "
    "court that convicted or not: the Crown Court for cases sent for trial, the "
    "magistrates' for all others.",
)
def conviction_rate(log: Log) -> Rows:
    """An appeal or a committal for sentence leaves the conviction where it was made."""
    return log.ratios(
        """
        SELECT CASE WHEN crown_way = 'for_trial' THEN 'crown' ELSE 'magistrates' END AS court,
               division, month_of(ended_at) AS month,
               starts_with(outcome, 'convicted_')::INTEGER AS top
        FROM cases
        WHERE studied(ended_at) AND (starts_with(outcome, 'convicted_')
                                  OR outcome IN ('acquitted', 'prosecution_dropped'))
    """,
        courts=log.courts,
    )
