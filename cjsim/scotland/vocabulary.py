"""The words of the toy: what cases, stages, diets and outcomes are called in its files."""

from __future__ import annotations

from typing import Final

from cjsim.jurisdiction import Vocabulary


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_OUTCOMES: Final = _words(
    "no_action direct_measure convicted_by_plea convicted_after_trial acquitted deserted"
)
_SENTENCES: Final = _words("admonition fine community_payback_order imprisonment")

VOCABULARY: Final = Vocabulary(
    offence_groups=_words("violence sexual dishonesty road_traffic other"),
    offence_classes=_words("summary solemn"),
    courts=_words("sheriff_summary sheriff_and_jury"),
    ways_in=_words("arrest report"),
    agencies=_words("police copfs scts defence prisons social_work victims_and_witnesses"),
    stages=_words(
        "police_report fiscal_marking summary_preparation precognition"
        " social_work_report warrant_outstanding remand"
    ),
    hearings=_words(
        "pleading_diet intermediate_diet trial_diet sentencing_diet"
        " petition_appearance full_committal first_diet jury_trial_diet solemn_sentencing_diet"
    ),
    court_lists=_words("summary_court solemn_court"),
    duties=_words("change_of_date outcome_notice"),
    marks=_words("complaint petition custody_time_limit vacated_trial disposal relisted"),
    branches=_words(
        "victim_identified vulnerable_victim bail_refused accused_absent report_needed"
        " guilty_at_pleading_diet guilty_before_trial guilty_at_trial crown_not_ready"
        " witness_absent deserted convicted_after_trial custody_limit_extended"
    ),
    options={
        "marking": _words("no_action direct_measure summary_complaint petition"),
        "sentence": _SENTENCES,
    },
    facts=_words("has_victim vulnerable_victim remanded solemn adjournments victim_engagement"),
    numeric_facts=frozenset({"adjournments", "victim_engagement"}),
    limits=_words(
        "summary_trial_days first_diet_days jury_trial_days"
        " silence_before_chasing_days last_look_before_trial_days most_hearings_of_one_kind"
    ),
    results=(
        "",
        *_words("done limit_reached in_time late missed lapsed vacated put_back brought_forward"),
        *_words("guilty_plea not_guilty_plea effective cracked ineffective"),
        *_words("adjourned warrant_issued extended"),
        *_OUTCOMES,
    ),
    outcomes=_OUTCOMES,
    reasons=(
        "",
        *_words("no_court_time court_relisted accused_absent crown_not_ready witness_absent"),
        *_words("late_plea plea_before_trial deserted"),
    ),
    sentences=("", *_SENTENCES),
    pleas=("", "guilty", "not_guilty"),
    mark_agency={
        **dict.fromkeys(_words("complaint petition"), "copfs"),
        **dict.fromkeys(_words("custody_time_limit vacated_trial disposal relisted"), "scts"),
    },
    reason_agency={
        **dict.fromkeys(_words("no_court_time court_relisted"), "scts"),
        **dict.fromkeys(_words("accused_absent late_plea plea_before_trial"), "defence"),
        **dict.fromkeys(_words("crown_not_ready deserted"), "copfs"),
        "witness_absent": "victims_and_witnesses",
    },
    court_agency="scts",
    trials=("trial_diet", "jury_trial_diet"),
    adjourned_results=frozenset({"adjourned", "ineffective", "warrant_issued"}),
    lengths_from_process=("remand",),
)
