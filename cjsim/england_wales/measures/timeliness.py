"""How long it takes: whole days between the dates of two milestones, as the courts publish them.

A case counts in the month of the later milestone. Each measure has the groups `mean`, `median` and
`p90`, and the mean for each division and, once pleas are known, for each plea (`plea:guilty`,
`plea:not_guilty`, `plea:none`): the first one entered for the magistrates' court, else the last.
Only completed stages are seen, so read these beside `open_cases`: while a backlog grows, the times
of what is completed lag behind. What came in at the door of the Crown Court has had its first
hearing before it is seen: it counts from its receipt only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log


@measure(
    "arrest_to_charge_days",
    "days",
    better="lower",
    definition="From arrest to charge, of people arrested, in the month of the charge.",
)
def arrest_to_charge_days(log: Log) -> Rows:
    """Custody, investigation and the charging decision."""
    return log.spreads("""
        SELECT division, month_of(charged_at) AS month, whole_days(arrived_at, charged_at) AS top
        FROM cases WHERE arrested AND studied(charged_at)
    """)


@measure(
    "charge_to_first_listing_days",
    "days",
    better="lower",
    definition="From charge or summons to the day of the first hearing, in the month of that "
    "hearing.",
)
def charge_to_first_listing_days(log: Log) -> Rows:
    """The wait for the first date."""
    return log.spreads(
        """
        SELECT 'magistrates' AS court, division, month_of(first_listed_at) AS month,
               whole_days(charged_at, first_listed_at) AS top
        FROM cases WHERE studied(first_listed_at) AND charged_at IS NOT NULL AND seen_whole(way_in)
    """,
        courts=("magistrates",),
    )


@measure(
    "first_listing_to_completion_days",
    "days",
    better="lower",
    definition="From the first hearing to the day the magistrates' court finished with the "
    "case; in the Crown Court to the end of cases sent for trial; `all` to the end "
    "of every prosecution.",
)
def first_listing_to_completion_days(log: Log) -> Rows:
    """Most are 0 in the magistrates' court: look at the mean, and at contested cases apart."""
    return log.spreads(
        """
        SELECT 'magistrates' AS court, division,
               'plea:' || coalesce(nullif(magistrates_first_plea, ''), 'none') AS grp,
               month_of(magistrates_completed_at) AS month,
               whole_days(first_listed_at, magistrates_completed_at) AS top
        FROM cases
        WHERE studied(magistrates_completed_at) AND first_listed_at IS NOT NULL
          AND seen_whole(way_in)
        UNION ALL
        SELECT 'crown', division, 'plea:' || coalesce(nullif(plea, ''), 'none'),
               month_of(ended_at), whole_days(first_listed_at, ended_at)
        FROM cases
        WHERE studied(ended_at) AND first_listed_at IS NOT NULL AND crown_way = 'for_trial'
          AND seen_whole(way_in)
        UNION ALL
        SELECT 'all', division, 'plea:' || coalesce(nullif(plea, ''), 'none'),
               month_of(ended_at), whole_days(first_listed_at, ended_at)
        FROM cases WHERE studied(ended_at) AND first_listed_at IS NOT NULL AND seen_whole(way_in)
    """,
        courts=log.courts,
    )


@measure(
    "charge_to_first_listing_of_charged_cases_days",
    "days",
    better="lower",
    definition="From charge to the day of the first hearing, of people charged, summonses apart, "
    "in the month of that hearing.",
)
def charge_to_first_listing_of_charged_cases_days(log: Log) -> Rows:
    """Summonses wait longer and are many: published figures of charged cases leave them out."""
    return log.spreads(
        """
        SELECT 'magistrates' AS court, division, month_of(first_listed_at) AS month,
               whole_days(charged_at, first_listed_at) AS top
        FROM cases WHERE studied(first_listed_at) AND charged_at IS NOT NULL
          AND seen_whole(way_in) AND way_in <> 'summons'
    """,
        courts=("magistrates",),
    )


@measure(
    "first_listing_to_completion_of_charged_cases_days",
    "days",
    better="lower",
    definition="From the first hearing to the day the magistrates' court finished with the case, "
    "of people charged, summonses apart.",
)
def first_listing_to_completion_of_charged_cases_days(log: Log) -> Rows:
    """What the courts' reforms of charged cases were measured by."""
    return log.spreads(
        """
        SELECT 'magistrates' AS court, division, month_of(magistrates_completed_at) AS month,
               whole_days(first_listed_at, magistrates_completed_at) AS top
        FROM cases WHERE studied(magistrates_completed_at) AND first_listed_at IS NOT NULL
          AND seen_whole(way_in) AND way_in <> 'summons'
    """,
        courts=("magistrates",),
    )


@measure(
    "first_listing_to_trial_days",
    "days",
    better="lower",
    definition="From the first hearing to the start of an effective magistrates' trial, in the "
    "month of the trial.",
)
def first_listing_to_trial_days(log: Log) -> Rows:
    """The published figure is of defendants with a trial that started."""
    return log.spreads(
        """
        SELECT 'magistrates' AS court, c.division, month_of(k.ended_at) AS month,
               whole_days(c.first_listed_at, k.started_at) AS top
        FROM kept k JOIN cases c USING (case_id)
        WHERE k.activity = 'magistrates_trial' AND k.result = 'effective'
          AND studied(k.ended_at) AND c.first_listed_at IS NOT NULL
    """,
        courts=("magistrates",),
    )


@measure(
    "receipt_to_completion_days",
    "days",
    better="lower",
    definition="From receipt by the Crown Court to the end, of cases sent for trial, in the "
    "month of the end.",
)
def receipt_to_completion_days(log: Log) -> Rows:
    """Time at the Crown Court."""
    return log.spreads(
        """
        SELECT 'crown' AS court, division, 'plea:' || coalesce(nullif(plea, ''), 'none') AS grp,
               month_of(ended_at) AS month, whole_days(received_crown_at, ended_at) AS top
        FROM cases WHERE studied(ended_at) AND crown_way = 'for_trial'
    """,
        courts=("crown",),
    )


@measure(
    "receipt_to_completion_by_offence_days",
    "days",
    better="lower",
    definition="From receipt by the Crown Court to the end, of cases sent for trial, by offence "
    "group, in the month of the end.",
)
def receipt_to_completion_by_offence_days(log: Log) -> Rows:
    """The same length by another group: what a case can be told by is one thing at a time."""
    return log.spreads(
        """
        SELECT 'crown' AS court, offence_group AS grp, month_of(ended_at) AS month,
               whole_days(received_crown_at, ended_at) AS top
        FROM cases WHERE studied(ended_at) AND crown_way = 'for_trial'
    """,
        courts=("crown",),
    )


@measure(
    "receipt_to_trial_days",
    "days",
    better="lower",
    definition="From receipt by the Crown Court to the start of an effective trial there, in the "
    "month of the trial.",
)
def receipt_to_trial_days(log: Log) -> Rows:
    """The wait of those who deny the charge to the end."""
    return log.spreads(
        """
        SELECT 'crown' AS court, c.division, month_of(h.ended_at) AS month,
               whole_days(c.received_crown_at, h.started_at) AS top
        FROM hearing_events h JOIN cases c USING (case_id)
        WHERE h.activity = 'crown_trial' AND h.result = 'effective'
          AND studied(h.ended_at) AND c.received_crown_at IS NOT NULL
    """,
        courts=("crown",),
    )
