"""Measures of throughput: how many cases ended, and with which outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log


@measure(
    "cases_disposed",
    "cases",
    better="higher",
    definition="Cases that ended in the month, by the court they ended in; `all` adds those "
    "that ended before charge. Groups: offence groups.",
)
def cases_disposed(log: Log) -> Rows:
    """Everybody who left the system."""
    return log.counts(
        """
        SELECT court, month_of(ended_at) AS month, offence_group AS grp FROM cases
        WHERE studied(ended_at)
    """,
        courts=log.courts,
        groups=("", *log.vocabulary.offence_groups),
    )


@measure(
    "cases_by_outcome",
    "cases",
    better="neither",
    definition="Cases that ended in the month, by outcome (the group) and the court they ended in.",
)
def cases_by_outcome(log: Log) -> Rows:
    """Where everybody went."""
    return log.counts(
        """
        SELECT court, month_of(ended_at) AS month, outcome AS grp FROM cases WHERE studied(ended_at)
    """,
        courts=log.courts,
        groups=log.vocabulary.outcomes,
    )
