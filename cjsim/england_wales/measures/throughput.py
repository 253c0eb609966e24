"""How many came, and how many the magistrates' court dealt with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.england_wales.vocabulary import OFFENCE_GROUPS
from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log


@measure(
    "arrests",
    "arrests",
    better="neither",
    definition="People arrested for a notifiable offence, in the month of arrest.",
)
def arrests(log: Log) -> Rows:
    """Arrivals of one way in."""
    return log.counts(
        """
        SELECT month_of(arrived_at) AS month, offence_group AS grp FROM cases
        WHERE way_in = 'arrest_notifiable' AND studied(arrived_at)
    """,
        groups=("", *OFFENCE_GROUPS),
    )


@measure(
    "arrests_again",
    "arrests",
    better="lower",
    definition="People arrested again for a notifiable offence after a disposal in the same run, "
    "in the month of the later arrest. What followed from disposals before the run is not counted.",
)
def arrests_again(log: Log) -> Rows:
    """The wait between the two is a row of the first case."""
    waits = "('until_arrested_again', 'until_arrested_again_under_management')"
    return log.count("happened", where=f"activity IN {waits}")


@measure(
    "magistrates_proceeded_against",
    "cases",
    better="neither",
    definition="Cases that the magistrates' court finished with in the month: sentenced, "
    "ended, sent or committed.",
)
def magistrates_proceeded_against(log: Log) -> Rows:
    """The counting unit of the published outcomes."""
    return log.counts(
        """
        SELECT 'magistrates' AS court, month_of(magistrates_completed_at) AS month FROM cases
        WHERE studied(magistrates_completed_at) AND seen_whole(way_in)
    """,
        courts=("magistrates",),
    )


@measure(
    "sent_to_crown_share",
    "share",
    better="neither",
    definition="Cases sent to the Crown Court for trial / cases that the magistrates' court "
    "finished with.",
)
def sent_to_crown_share(log: Log) -> Rows:
    """Committals for sentence and appeals are not sent for trial."""
    return log.ratios(
        """
        SELECT 'magistrates' AS court, month_of(magistrates_completed_at) AS month,
               (crown_way = 'for_trial')::INTEGER AS top
        FROM cases WHERE studied(magistrates_completed_at) AND seen_whole(way_in)
    """,
        courts=("magistrates",),
    )


@measure(
    "committed_for_sentence_share",
    "share",
    better="neither",
    definition="Cases committed to the Crown Court for sentence / cases that the magistrates' "
    "court finished with in the month and in which the defendant was convicted there.",
)
def committed_for_sentence_share(log: Log) -> Rows:
    """A case that waits for its sentence has been convicted, though it has not ended."""
    return log.ratios(
        """
        SELECT 'magistrates' AS court, month_of(magistrates_completed_at) AS month,
               (crown_way = 'for_sentence')::INTEGER AS top
        FROM cases
        WHERE studied(magistrates_completed_at) AND seen_whole(way_in)
          AND crown_way <> 'for_trial'
          AND (crown_way IN ('for_sentence', 'appeal') OR starts_with(outcome, 'convicted_'))
    """,
        courts=("magistrates",),
    )


@measure(
    "sent_for_trial_by_reason",
    "cases",
    better="neither",
    definition="Cases sent to the Crown Court for trial in the month, by reason (the group): the "
    "court declined jurisdiction, the defendant elected, or the offence is triable only there.",
)
def sent_for_trial_by_reason(log: Log) -> Rows:
    """Allocation and election apart: the two answer to different reforms."""
    return log.counts(
        """
        SELECT 'magistrates' AS court, month, times AS top,
               CASE reason WHEN '' THEN 'indictable_only' ELSE reason END AS grp
        FROM hearings WHERE result = 'sent_for_trial'
    """,
        courts=("magistrates",),
        groups=("", "indictable_only", "jurisdiction_declined", "elected_crown_trial"),
    )
