"""What the courts do: hearings, adjournments with their reasons, trials and how they go.

Per-case measures follow completed cases: the hearings of each case that a court finished with in
the month, whenever they were held, over those cases. Counts of hearings and trial shares are of the
month in which the hearing ended. A vacated hearing was never held: it is a vacated trial only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.england_wales.choices import OPTIONS
from cjsim.england_wales.vocabulary import AGENCIES, COURTS, REASON_AGENCY
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

_WHOSE = {
    kind: tuple(
        agency
        for agency in AGENCIES
        if any(REASON_AGENCY[reason] == agency for reason in REASON_AGENCY if reason in reasons)
    )
    for kind, reasons in (
        ("adjourned", ADJOURNED_FOR),
        ("ineffective", TRIAL_FAILED_FOR["ineffective"]),
    )
}
"""The agencies that the reasons belong to."""

# The cases that a court finished with, and all their hearings, adjournments and minutes there. The
# hearings of other cases are left out before they are counted, for they are many.
_COMPLETED = """
WITH held AS (
    SELECT case_id, court, count(*) AS hearings, count_if(in_vain(result)) AS adjournments,
           sum(minutes) AS minutes
    FROM hearing_events JOIN hearing_kinds USING (activity)
    WHERE ended_at IS NOT NULL AND result <> 'vacated' AND case_id IN (
        SELECT case_id FROM cases WHERE studied(ended_at) OR studied(magistrates_completed_at)
    )
    GROUP BY ALL
), finished AS (
    SELECT case_id, 'magistrates' AS court, division, month_of(magistrates_completed_at) AS month
    FROM cases WHERE studied(magistrates_completed_at) AND seen_whole(way_in)
    UNION ALL
    SELECT case_id, 'crown', division, month_of(ended_at) FROM cases
    WHERE studied(ended_at) AND received_crown_at IS NOT NULL
), whole AS (
    SELECT case_id, 'all' AS court, division, month_of(ended_at) AS month FROM cases
    WHERE studied(ended_at) AND charged_at IS NOT NULL
)
SELECT court, division, month, count(*) AS cases, coalesce(sum(hearings), 0) AS hearings,
       coalesce(sum(adjournments), 0) AS adjournments, coalesce(sum(minutes), 0) AS minutes
FROM finished LEFT JOIN held USING (case_id, court) GROUP BY ALL
UNION ALL
SELECT w.court, w.division, w.month, count(DISTINCT w.case_id), coalesce(sum(hearings), 0),
       coalesce(sum(adjournments), 0), coalesce(sum(minutes), 0)
FROM whole w LEFT JOIN held USING (case_id) GROUP BY ALL
"""


@measure(
    "hearings_per_case",
    "hearings per case",
    better="lower",
    definition="All hearings held or called on / completed cases.",
)
def hearings_per_case(log: Log) -> Rows:
    """How often everybody had to come."""
    return _per_completed_case(log, "hearings")


@measure(
    "adjournments_per_case",
    "adjournments per case",
    better="lower",
    definition="Hearings that ended without the progress they were listed for (adjourned, "
    "ineffective, warrant issued; not vacated) / completed cases.",
)
def adjournments_per_case(log: Log) -> Rows:
    """Hearings that achieved nothing."""
    return _per_completed_case(log, "adjournments")


@measure(
    "court_minutes_per_case",
    "minutes per case",
    better="lower",
    definition="Courtroom minutes used / completed cases.",
)
def court_minutes_per_case(log: Log) -> Rows:
    """The court time that one case takes."""
    return _per_completed_case(log, "minutes")


def _per_completed_case(log: Log, column: str) -> Rows:
    log.save("completed", _COMPLETED)
    query = f"SELECT court, division, month, {column} AS top, cases AS bottom FROM completed"  # noqa: S608  # words of our own
    return log.ratios(query, courts=(*COURTS, "all"))


@measure(
    "adjournments_by_reason",
    "hearings",
    better="lower",
    definition="Hearings that ended without the progress they were listed for, in the month "
    "in which they ended, by reason (the group).",
)
def adjournments_by_reason(log: Log) -> Rows:
    """Why nothing was achieved."""
    return log.count(
        "hearings",
        where="in_vain(result)",
        group="reason",
        courts=(*COURTS, "all"),
        groups=("", *ADJOURNED_FOR),
    )


@measure(
    "adjournments_by_agency",
    "hearings",
    better="lower",
    definition="Hearings that ended without the progress they were listed for, in the month "
    "in which they ended, by the agency that the reason belongs to (the group).",
)
def adjournments_by_agency(log: Log) -> Rows:
    """Whose reason it was that nothing was achieved."""
    _add_reasons(log)
    return log.count(
        "hearings JOIN reasons USING (reason)",
        where="in_vain(result)",
        group="agency",
        courts=(*COURTS, "all"),
        groups=("", *_WHOSE["adjourned"]),
    )


@measure(
    "ineffective_trials_by_agency",
    "trials",
    better="lower",
    definition="Trials that did not start and need another date, by the agency that the reason "
    "belongs to (the group).",
)
def ineffective_trials_by_agency(log: Log) -> Rows:
    """Whose reason it was that everybody must come again."""
    _add_reasons(log)
    return log.count(
        "hearings JOIN reasons USING (reason)",
        where="is_trial AND result = 'ineffective'",
        group="agency",
        courts=(*COURTS, "all"),
        groups=("", *_WHOSE["ineffective"]),
    )


def _add_reasons(log: Log) -> None:
    """The table `reasons`: the agency that each belongs to."""
    columns = {"reason": list(REASON_AGENCY), "agency": list(REASON_AGENCY.values())}
    log.add_table("reasons", columns)


@measure(
    "trial_hearings",
    "trials",
    better="neither",
    definition="Trials listed that reached their day, and by result (the group).",
)
def trial_hearings(log: Log) -> Rows:
    """The denominator of the published trial shares."""
    return log.count(
        "hearings",
        where="is_trial AND result <> 'vacated'",
        group="result",
        courts=(*COURTS, "all"),
        groups=("", "effective", "cracked", "ineffective"),
    )


@measure(
    "trials_by_reason",
    "trials",
    better="neither",
    definition="Trials listed that did not go ahead, by result and reason: the group "
    "`cracked:late_guilty_plea`.",
)
def trials_by_reason(log: Log) -> Rows:
    """Why trials crack, fail or are taken out of the list."""
    groups = [f"{result}:{reason}" for result, why in TRIAL_FAILED_FOR.items() for reason in why]
    return log.count(
        "hearings",
        where="is_trial AND result <> 'effective'",
        group="result || ':' || reason",
        courts=(*COURTS, "all"),
        groups=groups,
    )


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
        courts=(*COURTS, "all"),
        groups=("", *DROPPED_AT),
    )


@measure(
    "trials_effective_share",
    "share",
    better="higher",
    definition="Trials that went ahead / trials listed that reached their day.",
)
def trials_effective_share(log: Log) -> Rows:
    """Started, and ended with a verdict."""
    return _share_of_trials(log, "effective", among="is_trial AND result <> 'vacated'")


@measure(
    "trials_cracked_share",
    "share",
    better="lower",
    definition="Trials that needed no trial on the day, nor another date / trials listed that "
    "reached their day.",
)
def trials_cracked_share(log: Log) -> Rows:
    """A late plea, or no case left."""
    return _share_of_trials(log, "cracked", among="is_trial AND result <> 'vacated'")


@measure(
    "trials_ineffective_share",
    "share",
    better="lower",
    definition="Trials that did not start and need another date / trials listed that reached "
    "their day.",
)
def trials_ineffective_share(log: Log) -> Rows:
    """Everybody came, and must come again."""
    return _share_of_trials(log, "ineffective", among="is_trial AND result <> 'vacated'")


@measure(
    "trials_vacated_share",
    "share",
    better="lower",
    definition="Trials taken out of the list before their day / all trials listed, with the "
    "vacated.",
)
def trials_vacated_share(log: Log) -> Rows:
    """Another denominator than the three shares above, as in the published figures."""
    return _share_of_trials(log, "vacated", among="is_trial")


def _share_of_trials(log: Log, result: str, among: str) -> Rows:
    return log.share("hearings", where=f"result = '{result}'", among=among, courts=(*COURTS, "all"))


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
