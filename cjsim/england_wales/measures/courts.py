"""What only the courts of England and Wales have, and why their hearings and trials may fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.england_wales.choices import OPTIONS
from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

TRIAL_FAILED_FOR = {
    "cracked": (
        "late_guilty_plea",
        "plea_to_alternative",
        "prosecution_ended",
        "witness_did_not_attend",
    ),
    "ineffective": (
        "no_court_time",
        "defendant_absent",
        "defendant_not_produced",
        "prosecution_witness_absent",
        "disclosure_incomplete",
        "prosecution_not_ready",
        "defence_not_ready",
        "no_prosecution_advocate",
        "no_defence_advocate",
        "interpreter_or_other",
    ),
    "vacated": (*OPTIONS["vacated_reason"], "victim_withdrew"),
}
"""Why a trial may not go ahead, by the result it then has."""

ADJOURNED_FOR = tuple(
    sorted(
        {
            *TRIAL_FAILED_FOR["ineffective"],
            *OPTIONS["first_hearing_adjournment_reason"],
            "report_not_ready",
            *OPTIONS["crown_adjournment_reason"],
        }
    )
)
"""Why a hearing may end without the progress it was listed for."""

DROPPED_AT = ("first_hearing", "before_trial", "day_of_trial")
"""Where a prosecution can end for want of somebody to give evidence."""


@measure(
    "dropped_for_victim",
    "cases",
    better="lower",
    definition="Prosecutions that ended because a victim or a witness no longer supported them or "
    "did not come, in the month in which that was settled, by where: at a first or further hearing "
    "(`first_hearing`), before a trial's day, on the day (the groups).",
)
def dropped_for_victim(log: Log) -> Rows:
    """Where a case is lost for want of somebody to give evidence."""
    return log.counts(
        """
        SELECT court, month, times AS top,
               CASE WHEN result = 'cracked' THEN 'day_of_trial'
                    WHEN result = 'vacated' THEN 'before_trial' ELSE 'first_hearing' END AS grp
        FROM hearings
        WHERE reason IN ('witness_did_not_attend', 'victim_withdrew')
          AND result IN ('cracked', 'vacated', 'prosecution_ended')
    """,
        courts=log.courts,
        groups=("", *DROPPED_AT),
    )


@measure(
    "completed_at_first_listing_share",
    "share",
    better="higher",
    definition="Cases that the magistrates' court finished with on the day of the first "
    "hearing / cases that it finished with.",
)
def completed_at_first_listing_share(log: Log) -> Rows:
    """The same day, however many hearings it held."""
    return log.ratios(
        """
        SELECT 'magistrates' AS court, division, month_of(magistrates_completed_at) AS month,
               (whole_days(first_listed_at, magistrates_completed_at) = 0)::INTEGER AS top
        FROM cases
        WHERE studied(magistrates_completed_at) AND first_listed_at IS NOT NULL
          AND seen_whole(way_in)
    """,
        courts=("magistrates",),
    )
