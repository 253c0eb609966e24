"""After the disposal: some are arrested again, by what became of the case and by the offence.

The chances are those of an arrest for a notifiable offence, which is the stream that they come back
by. Two programmes try to lower them: offender managers, who see a cohort of offenders again and
again, and early intervention, which reaches some of the young.
"""

from __future__ import annotations

from cjsim.england_wales.case import Case
from cjsim.england_wales.vocabulary import Branch

OUT_OF_COURT = (
    "caution",
    "conditional_caution",
    "cannabis_warning",
    "penalty_notice",
    "community_resolution",
)
NO_DISPOSAL = ("no_further_action", "no_further_action_victim")
FAILED = ("prosecution_dropped", "acquitted")


def arrested_again_after(case: Case) -> int | None:
    """How many minutes after its disposal the person is arrested again; None if never."""
    if case.way_in != "arrest_notifiable":
        return None
    taken_on_by_programmes(case)
    if not case.decide(chance_of_return(case)):
        return None
    at_large_after = case.lasts("time_served") if case.sentence == "immediate_custody" else 0
    if case.offender_managed:
        return at_large_after + case.lasts("until_arrested_again_under_management")
    return at_large_after + case.lasts("until_arrested_again")


def taken_on_by_programmes(case: Case) -> None:
    """Whoever is with an offender manager stays there; the young may be reached by others."""
    if not case.offender_managed:
        case.offender_managed = case.decide("taken_into_offender_management")
    if case.youth and not case.early_intervention:
        case.early_intervention = case.decide("reached_by_early_intervention")


def chance_of_return(case: Case) -> Branch:
    """What became of the case decides by which chance the person comes back."""
    if case.outcome in NO_DISPOSAL:
        return "returns_after_no_further_action"
    if case.outcome == "diverted_to_health":
        return "returns_after_diversion"
    if case.outcome in OUT_OF_COURT:
        return "returns_after_out_of_court_disposal"
    if case.outcome in FAILED:
        return "returns_after_failed_prosecution"
    if case.sentence == "immediate_custody":
        return "returns_after_custody"
    if case.sentence in ("community_order", "suspended_sentence"):
        return "returns_after_community_sentence"
    return "returns_after_fine_or_discharge"
