"""What the courts do: hearings, adjournments with their reasons, trials and how they go.

Per-case measures follow completed cases: the hearings of each case that a court finished with in
the month, whenever they were held, over those cases. Counts of hearings and trial shares are of the
month in which the hearing ended. A vacated hearing was never held: it is a vacated trial only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure
from cjsim.measures.sql import filled, one_of

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

# The cases that a court finished with, and all their hearings, adjournments and minutes there. The
# hearings of other cases are left out before they are counted, for they are many.
_COMPLETED = """
WITH held AS (
    SELECT case_id, court, count(*) AS hearings, count_if(in_vain(result)) AS adjournments,
           sum(minutes) AS minutes
    FROM hearing_events JOIN hearing_kinds USING (activity)
    WHERE ended_at IS NOT NULL AND result <> 'vacated' AND case_id IN (
        SELECT case_id FROM cases WHERE $completed
    )
    GROUP BY ALL
), finished AS (
    $finished
), whole AS (
    SELECT case_id, 'all' AS court, division, month_of(ended_at) AS month FROM cases
    WHERE studied(ended_at) AND court <> ''
)
SELECT court, division, month, count(*) AS cases, count(hearings) AS cases_heard,
       coalesce(sum(hearings), 0) AS hearings,
       coalesce(sum(adjournments), 0) AS adjournments, coalesce(sum(minutes), 0) AS minutes
FROM finished LEFT JOIN held USING (case_id, court) GROUP BY ALL
UNION ALL
SELECT w.court, w.division, w.month, count(DISTINCT w.case_id),
       count(DISTINCT CASE WHEN hearings IS NOT NULL THEN w.case_id END),
       coalesce(sum(hearings), 0),
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
    return per_completed_case(log, "hearings")


@measure(
    "adjournments_per_case",
    "adjournments per case",
    better="lower",
    definition="Hearings that ended without the progress they were listed for (adjourned, "
    "ineffective, warrant issued; not vacated) / completed cases.",
)
def adjournments_per_case(log: Log) -> Rows:
    """Hearings that achieved nothing."""
    return per_completed_case(log, "adjournments")


@measure(
    "court_minutes_per_case",
    "minutes per case",
    better="lower",
    definition="Courtroom minutes used / completed cases.",
)
def court_minutes_per_case(log: Log) -> Rows:
    """The court time that one case takes."""
    return per_completed_case(log, "minutes")


def per_completed_case(log: Log, column: str) -> Rows:
    """A number of completed cases, over how many they are: a column or an expression of them."""
    stays = log.measurement.courts
    left = dict.fromkeys(["ended_at", *(stay.left_at for stay in stays)])
    finished = (
        f"SELECT case_id, '{stay.court}' AS court, division, month_of({stay.left_at}) AS month "  # noqa: S608  # words of our own
        f"FROM cases WHERE studied({stay.left_at}) AND {stay.entered_at} IS NOT NULL "
        f"AND NOT ({one_of('way_in', stay.unseen_ways_in)})"
        for stay in stays
    )
    query = filled(
        _COMPLETED,
        completed=" OR ".join(f"studied({column})" for column in left),
        finished=" UNION ALL ".join(finished),
    )
    log.save("completed", query)
    query = f"SELECT court, division, month, {column} AS top, cases AS bottom FROM completed"  # noqa: S608  # words of our own
    return log.ratios(query, courts=log.courts)


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
        courts=log.courts,
        groups=("", *log.measurement.adjournment_reasons),
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
        courts=log.courts,
        groups=("", *_whose(log, log.measurement.adjournment_reasons)),
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
        courts=log.courts,
        groups=("", *_whose(log, log.measurement.trial_reasons["ineffective"])),
    )


def _add_reasons(log: Log) -> None:
    """The table `reasons`: the agency that each belongs to."""
    whose = log.vocabulary.reason_agency
    log.add_table("reasons", {"reason": [*whose], "agency": [*whose.values()]})


def _whose(log: Log, reasons: tuple[str, ...]) -> tuple[str, ...]:
    """The agencies that some reasons belong to, in the order of the vocabulary."""
    agencies = {log.vocabulary.reason_agency.get(reason) for reason in reasons}
    return tuple(agency for agency in log.vocabulary.agencies if agency in agencies)


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
        courts=log.courts,
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
    failed = log.measurement.trial_reasons.items()
    groups = [f"{result}:{reason}" for result, reasons in failed for reason in reasons]
    return log.count(
        "hearings",
        where="is_trial AND result <> 'effective'",
        group="result || ':' || reason",
        courts=log.courts,
        groups=groups,
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
    return log.share("hearings", where=f"result = '{result}'", among=among, courts=log.courts)
