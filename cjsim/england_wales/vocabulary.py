"""The words of the field, once: what a case, a stage, a hearing or an outcome may be called.

Every word that the journey uses is a member of one of these literal types, so that a typing check
finds a slip in the code and the loader finds one in a file. The order within a type is fixed: the
event log stores a word by its place in `ACTIVITIES`, `RESULTS` or `REASONS`.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

OffenceGroup = Literal[
    "violence",
    "sexual",
    "robbery",
    "burglary",
    "theft",
    "criminal_damage",
    "drugs",
    "public_order",
    "weapons",
    "fraud",
    "motoring",
    "other",
]

OffenceClass = Literal["summary", "either_way", "indictable_only"]

Court = Literal["magistrates", "crown"]

WayIn = Literal[
    "arrest_notifiable",
    "arrest_other",
    "voluntary_attendance",
    "summons",
    "received_at_crown_court",
]

Agency = Literal[
    "police",
    "cps",
    "hmcts",
    "legal_aid",
    "prisons",
    "probation",
    "victim_services",
    "health",
    "commissioner",
    "victims_and_witnesses",
    "defence",
    "councils",
]

# --- what happens to a case -----------------------------------------------------------------

Stage = Literal[
    # in police custody
    "detention",
    "custody_booking",
    "mental_health_assessment",
    "rest_and_legal_advice",
    "suspect_interview",
    "enquiries_in_custody",
    "further_enquiries_in_custody",
    "enquiries_under_warrant",
    "detention_review",
    # elsewhere in the police
    "mental_health_street_triage",
    "voluntary_interview",
    "summons_preparation",
    "investigation",
    "forensic_examination",
    "digital_examination",
    "return_on_bail",
    "out_of_court_disposal",
    "pre_charge_report",
    "streamlined_file",
    "full_file",
    "file_upgrade",
    "police_charging_decision",
    "action_plan_work",
    "action_plan_return",
    "outstanding_enquiries",
    "forensic_submission",
    "digital_submission",
    "pre_charge_bail",
    "re_bail",
    "conditional_caution_period",
    # prosecution
    "cps_direct_consultation",
    "area_charging_consultation",
    "joint_case_conference",
    "prosecutor_review",
    "trial_preparation",
    "service_of_prosecution_case",
    # courts, prisons, probation, witnesses
    "pre_sentence_report",
    "warrant_outstanding",
    "remand",
    "witness_attendance",
    "disclosure_of_unused_material",
    "arrest_on_warrant",
    "police_attendance",
    "crown_warrant_outstanding",
    "linked_case",
    # opened by reforms
    "footage_review",
    "video_link_supervision",
    # after the disposal
    "until_arrested_again",
    "until_arrested_again_under_management",
    "time_served",
]

Hearing = Literal[
    "first_hearing",
    "further_hearing",
    "case_management_hearing",
    "magistrates_trial",
    "plea_before_trial_hearing",
    "magistrates_sentence_hearing",
    "plea_and_case_management_hearing",
    "crown_application",
    "crown_trial",
    "crown_sentence_hearing",
    "crown_appeal_hearing",
    "warrant_hearing",
    "crown_sentence_appeal_hearing",
    "crown_bail_application",
    "crown_preliminary_hearing",
    "crown_mention",
    "crown_plea_before_trial_hearing",
    "crown_no_evidence_hearing",
    "crown_warrant_hearing",
]

CourtList = Literal[
    "remand_court",
    "guilty_anticipated_plea",
    "not_guilty_anticipated_plea",
    "bulk_motoring",
    "magistrates_trials",
    "magistrates_sentences",
    "crown_pleas",
    "crown_trials",
    "crown_sentences",
]

Duty = Literal[
    "acknowledgement",
    "needs_assessment",
    "update_on_arrest",
    "update_on_bail",
    "update_on_charge",
    "update_on_no_further_action",
    "first_hearing_date",
    "change_of_date",
    "witness_warning",
    "special_measures_meeting",
    "victim_personal_statement",
    "outcome_and_sentence",
    "restorative_justice_offer",
    "support_referral",
    "chasing_call",
    "update_on_out_of_court_disposal",
    "court_bail_decision",
    "update_on_warrant",
    "update_on_appeal",
    "reasons_for_ending_case",
    "court_familiarisation_visit",
    "victim_contact_scheme_offer",
    "support_given",
    "restorative_justice_meeting",
    "chasing_call_to_police",
    "domestic_abuse_advocacy",
]

Mark = Literal[
    "custody_clock_extension",
    "custody_warrant",
    "charge",
    "custody_time_limit",
    "victim_withdrawal",
    "vacated_trial",
    "disposal",
    "production_at_court",
    "relisted",
]
"""Moments without length that measures count: their row in the log enters and leaves at once."""

# --- which way it goes ----------------------------------------------------------------------

Branch = Literal[
    # facts of a case as it arrives
    "domestic_abuse",
    "youth",
    "victim_identified",
    "vulnerable_victim",
    "civilian_witnesses",
    "anticipates_guilty_plea",
    # police
    "street_triage_diverts",
    "mental_health_diversion",
    "custody_clock_extended",
    "warrant_of_further_detention",
    "forensics_needed",
    "digital_evidence_needed",
    "evidence_insufficient",
    "out_of_court_after_investigation",
    "suitable_for_police_charge",
    "file_ready",
    "kept_in_police_custody",
    "caution_conditions_broken",
    # prosecution
    "urgent_charging_advice",
    "action_plan",
    "prosecution_team_takes_case",
    "plea_foreseen",
    "reviewed_before_first_hearing",
    "papers_served_before_first_hearing",
    "unused_material_schedule_complete",
    # magistrates' court
    "defendant_absent_first_hearing",
    "proved_in_absence",
    "prosecution_ends_case_first_hearing",
    "first_hearing_adjourned",
    "guilty_plea_first_hearing",
    "pre_sentence_report_needed",
    "report_given_on_the_day",
    "committed_for_sentence",
    "case_management_hearing_needed",
    "remanded_at_first_hearing",
    "trial_vacated",
    "defendant_absent_trial",
    "trial_in_absence",
    "late_guilty_plea",
    "plea_to_alternative",
    "prosecution_ends_case_trial",
    "case_ends_without_witness",
    "prosecution_not_ready",
    "defence_not_ready",
    "other_trial_obstacle",
    "convicted_after_trial",
    "appeals_to_crown_court",
    "defendant_not_produced",
    "witness_essential",
    "trial_stopped_by_disclosure",
    "remanded_after_warrant",
    "report_delayed",
    "defendant_absent_sentence",
    "appeals_against_conviction",
    # Crown Court
    "remanded_by_crown_court",
    "crown_hearing_adjourned",
    "guilty_plea_crown",
    "crown_prosecution_ends_case",
    "crown_application_needed",
    "crown_trial_vacated",
    "crown_late_guilty_plea",
    "crown_plea_to_alternative",
    "crown_prosecution_ends_case_trial",
    "crown_prosecution_not_ready",
    "crown_defence_not_ready",
    "crown_defendant_absent",
    "crown_other_trial_obstacle",
    "convicted_by_jury",
    "sentenced_at_once",
    "appeal_allowed",
    "sentence_appeal_allowed",
    "crown_bail_application_made",
    "crown_bail_granted",
    "crown_preliminary_hearing_held",
    "crown_defendant_absent_plea_hearing",
    "waits_for_linked_case",
    "crown_mention_needed",
    "hearing_when_trial_falls_away",
    "crown_witness_essential",
    "crown_case_ends_without_witness",
    # prisons
    "custody_time_limit_extended",
    # victims and witnesses
    "victim_withdraws_before_charge",
    "victim_withdraws_after_charge",
    "witnesses_attend",
    "special_measures_needed",
    "makes_personal_statement",
    "accepts_restorative_justice",
    "accepts_support",
    "rings_in_when_not_told",
    "persistently_targeted",
    "uses_case_tracker",
    "visits_court_beforehand",
    "restorative_justice_available",
    "entitled_to_victim_contact_scheme",
    "domestic_abuse_advocate_takes_case",
    # opened by reforms
    "filmed_on_body_worn_video",
    "first_hearing_by_video",
    # after the disposal
    "taken_into_offender_management",
    "reached_by_early_intervention",
    "returns_after_no_further_action",
    "returns_after_diversion",
    "returns_after_out_of_court_disposal",
    "returns_after_failed_prosecution",
    "returns_after_fine_or_discharge",
    "returns_after_community_sentence",
    "returns_after_custody",
    "in_mental_distress",
    # the either-way gate, and what is settled before a trial
    "jurisdiction_declined",
    "elects_crown_trial",
    "committed_after_trial",
    "witness_agreed",
]

StaffedChannel = Literal["telephone", "letter", "face_to_face"]
Channel = StaffedChannel | Literal["self_service"]
"""How a victim is reached: by somebody, or by looking it up in the case tracker."""

ListingKind = Literal["fixture", "warned_list", "floater"]

CallRule = Literal[
    "custody",
    "custody_time_limit",
    "vulnerable_witness",
    "youth",
    "kind",
    "oldest_case",
    "oldest_listing",
]
"""Who comes before whom: rules of a list's order of call, applied one after the other."""

MultiwayBranch = Literal[
    "offence_class",
    "witness_count",
    "way_out_of_custody",
    "way_out_of_voluntary_interview",
    "out_of_court_kind",
    "cps_decision",
    "first_hearing_adjournment_reason",
    "vacated_reason",
    "magistrates_sentence",
    "crown_listing",
    "crown_adjournment_reason",
    "crown_vacated_reason",
    "crown_sentence",
    "contact_channel",
    "police_witness_count",
    "crown_receipt",
    "mode_of_trial",
]

ModeOfTrial = Literal["jury", "judge_alone", "judge_and_magistrates"]
"""Who decides whether a defendant in the Crown Court is guilty."""

Fact = Literal[
    "anticipates_guilty_plea",
    "file_ready",
    "reviewed_before_first_hearing",
    "papers_served",
    "prosecution_team",
    "domestic_abuse",
    "youth",
    "has_victim",
    "vulnerable_victim",
    "civilian_witnesses",
    "remanded",
    "in_custody",
    "either_way",
    "summons",
    "victim_engagement",
    "months_since_charge",
    "adjournments",
    "not_guilty_pleaded",
    "earlier_ineffective_trial",
    "trial_prepared",
    "disclosure_complete",
    "weeks_since_papers_served",
    "witnesses_absent",
    "persistently_targeted",
    "police_witnesses",
    "uses_case_tracker",
    "filmed",
    "by_video",
    "offender_managed",
    "early_intervention",
    "in_mental_distress",
    "likely_sentence_months",
    "sentence_over_powers",
    "sentence_over_powers_after_credit",
    "first_hearing_credit",
    "plea_hearing_credit",
    "day_of_trial_credit",
    "weeks_to_magistrates_trial",
    "weeks_to_crown_trial",
    "managed",
    "tried_by_judge_alone",
    "tried_by_judge_and_magistrates",
    "defendants",
    "co_defendants_left",
]
"""What a branch may look at: true or not, or a number, with an odds factor per unit."""

DrawnFact = Literal["likely_sentence_months"]
"""Facts that are drawn for a case from a distribution of the model."""

NUMERIC_FACTS: Final[frozenset[str]] = frozenset(
    {
        "victim_engagement",
        "months_since_charge",
        "adjournments",
        "civilian_witnesses",
        "weeks_since_papers_served",
        "witnesses_absent",
        "police_witnesses",
        "likely_sentence_months",
        "sentence_over_powers",
        "sentence_over_powers_after_credit",
        "first_hearing_credit",
        "plea_hearing_credit",
        "day_of_trial_credit",
        "weeks_to_magistrates_trial",
        "weeks_to_crown_trial",
        "defendants",
        "co_defendants_left",
    }
)
"""Facts that are numbers."""

Advocates = Literal[
    "magistrates_prosecution",
    "magistrates_defence",
    "crown_prosecution",
    "crown_defence",
]
"""The advocates of each side in each court: so many are at court on a day, and no more."""

Limit = Literal[
    "detention_first_hours",
    "detention_superintendent_hours",
    "detention_warrant_hours",
    "custody_time_limit_summary_days",
    "custody_time_limit_either_way_days",
    "custody_time_limit_crown_days",
    "custody_time_limit_crown_indictable_days",
    "silence_before_chasing_days",
    "last_look_before_trial_days",
    "most_hearings_of_one_kind",
    "detention_first_review_hours",
    "detention_further_review_hours",
    "detention_review_lead_minutes",
    "custody_time_limit_extension_days",
    "magistrates_powers_months",
    "youth_court_powers_months",
    "jury_trial_above_months",
    "plea_credit_first_hearing_percent",
    "plea_credit_plea_hearing_percent",
    "plea_credit_day_of_trial_percent",
]

EngagementMove = Literal[
    "at_report",
    "per_month",
    "adjournment",
    "contact_in_time",
    "contact_late",
    "contact_missed",
    "chasing_call",
    "support_given",
]

# --- where an open case stands --------------------------------------------------------------

StandsBeforeCharge = Literal[
    "with_street_triage",
    "in_custody_before_interview",
    "in_custody_mental_health_assessment",
    "in_custody_after_interview",
    "in_custody_for_charge",
    "awaiting_voluntary_interview",
    "under_investigation",
    "forensic_examination",
    "digital_examination",
    "on_bail_to_return",
    "building_file_before_charge",
    "awaiting_police_charge",
    "awaiting_charging_decision",
    "action_plan",
    "action_plan_return",
    "out_of_court_disposal",
    "summons_in_preparation",
    "forensic_submission",
    "digital_submission",
    "outstanding_enquiries",
    "keeping_caution_conditions",
]
StandsInMagistratesCourt = Literal[
    "preparing_first_hearing",
    "awaiting_first_hearing",
    "warrant_outstanding",
    "adjourned_to_further_hearing",
    "preparing_magistrates_trial",
    "awaiting_case_management_hearing",
    "magistrates_trial_near",
    "awaiting_magistrates_trial",
    "awaiting_plea_before_trial",
    "report_on_the_day",
    "report_before_magistrates_sentence",
    "awaiting_magistrates_sentence",
    "arrested_on_warrant",
    "disclosure_before_magistrates_trial",
    "awaiting_co_defendants_trial",
]
StandsInCrownCourt = Literal[
    "serving_prosecution_case",
    "awaiting_plea_hearing",
    "preparing_crown_trial",
    "awaiting_crown_application",
    "crown_trial_near",
    "awaiting_crown_trial",
    "report_before_crown_sentence",
    "awaiting_crown_sentence",
    "on_appeal",
    "on_appeal_against_sentence",
    "crown_warrant_outstanding",
    "arrested_on_crown_warrant",
    "disclosure_before_crown_trial",
    "awaiting_crown_bail_application",
    "awaiting_crown_preliminary_hearing",
    "awaiting_linked_case",
    "awaiting_crown_mention",
    "awaiting_crown_plea_before_trial",
    "awaiting_crown_no_evidence_hearing",
]
Standing = StandsBeforeCharge | StandsInMagistratesCourt | StandsInCrownCourt
"""Where a case can stand on the first day of a run: a step of the journey says how it goes on."""

# --- how it went ----------------------------------------------------------------------------

Result = Literal[
    "",
    # any work or wait
    "done",
    "limit_reached",
    # duties
    "in_time",
    "late",
    "missed",
    # hearings
    "guilty_plea_sentenced",
    "guilty_plea_report_ordered",
    "guilty_plea_sentence_later",
    "committed_for_sentence",
    "not_guilty_plea",
    "sent_for_trial",
    "proved_in_absence",
    "warrant_issued",
    "prosecution_ended",
    "adjourned",
    "managed",
    "effective",
    "cracked",
    "ineffective",
    "vacated",
    "sentenced",
    "appeal_allowed",
    "appeal_dismissed",
    # witnesses
    "gave_evidence",
    "wasted",
    "did_not_attend",
    # marks
    "by_police",
    "by_cps",
    "by_summons",
    "extended",
    "lapsed",
    "before_charge",
    "after_charge",
    "put_back",
    "brought_forward",
    # disposals
    "diverted_to_health",
    "no_further_action",
    "no_further_action_victim",
    "caution",
    "conditional_caution",
    "cannabis_warning",
    "penalty_notice",
    "community_resolution",
    "prosecution_dropped",
    "convicted_guilty_plea",
    "convicted_after_trial",
    "convicted_in_absence",
    "acquitted",
]

Outcome = Literal[
    "diverted_to_health",
    "no_further_action",
    "no_further_action_victim",
    "caution",
    "conditional_caution",
    "cannabis_warning",
    "penalty_notice",
    "community_resolution",
    "prosecution_dropped",
    "convicted_guilty_plea",
    "convicted_after_trial",
    "convicted_in_absence",
    "acquitted",
]

Reason = Literal[
    "",
    "no_court_time",
    "defendant_absent",
    "prosecution_not_ready",
    "prosecution_witness_absent",
    "defence_not_ready",
    "papers_not_served",
    "legal_advice_wanted",
    "interpreter_or_other",
    "report_not_ready",
    "late_guilty_plea",
    "plea_to_alternative",
    "prosecution_ended",
    "witness_did_not_attend",
    "victim_withdrew",
    "guilty_plea_before_trial",
    "prosecution_application",
    "defence_application",
    "court_relisted",
    "disclosure_incomplete",
    "defendant_not_produced",
    "no_prosecution_advocate",
    "no_defence_advocate",
    "jurisdiction_declined",
    "elected_crown_trial",
    "judge_alone",
    "judge_and_magistrates",
    "co_defendant",
    "co_defendant_sent",
]

Sentence = Literal[
    "",
    "discharge",
    "fine",
    "community_order",
    "suspended_sentence",
    "immediate_custody",
    "other_sentence",
]

Plea = Literal["", "guilty", "not_guilty"]

OFFENCE_GROUPS: Final[tuple[OffenceGroup, ...]] = get_args(OffenceGroup)
OFFENCE_CLASSES: Final[tuple[OffenceClass, ...]] = get_args(OffenceClass)
COURTS: Final[tuple[Court, ...]] = get_args(Court)
WAYS_IN: Final[tuple[WayIn, ...]] = get_args(WayIn)
AGENCIES: Final[tuple[Agency, ...]] = get_args(Agency)
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
HEARINGS: Final[tuple[Hearing, ...]] = get_args(Hearing)
COURT_LISTS: Final[tuple[CourtList, ...]] = get_args(CourtList)
DUTIES: Final[tuple[Duty, ...]] = get_args(Duty)
MARKS: Final[tuple[Mark, ...]] = get_args(Mark)
BRANCHES: Final[tuple[Branch, ...]] = get_args(Branch)
MULTIWAY_BRANCHES: Final[tuple[MultiwayBranch, ...]] = get_args(MultiwayBranch)
FACTS: Final[tuple[Fact, ...]] = get_args(Fact)
DRAWN_FACTS: Final[tuple[DrawnFact, ...]] = get_args(DrawnFact)
ADVOCATES: Final[tuple[Advocates, ...]] = get_args(Advocates)
STAFFED_CHANNELS: Final[tuple[StaffedChannel, ...]] = get_args(StaffedChannel)
CHANNELS: Final[tuple[Channel, ...]] = (*STAFFED_CHANNELS, "self_service")
CALL_RULES: Final[tuple[CallRule, ...]] = get_args(CallRule)
LISTING_KINDS: Final[tuple[ListingKind, ...]] = get_args(ListingKind)
LIMITS: Final[tuple[Limit, ...]] = get_args(Limit)
ENGAGEMENT_MOVES: Final[tuple[EngagementMove, ...]] = get_args(EngagementMove)
RESULTS: Final[tuple[Result, ...]] = get_args(Result)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
SENTENCES: Final[tuple[Sentence, ...]] = get_args(Sentence)
PLEAS: Final[tuple[Plea, ...]] = get_args(Plea)
STANDS_BEFORE_CHARGE: Final[tuple[Standing, ...]] = get_args(StandsBeforeCharge)
STANDS_IN_MAGISTRATES_COURT: Final[tuple[Standing, ...]] = get_args(StandsInMagistratesCourt)
STANDS_IN_CROWN_COURT: Final[tuple[Standing, ...]] = get_args(StandsInCrownCourt)
STANDINGS: Final[tuple[Standing, ...]] = (
    *STANDS_BEFORE_CHARGE,
    *STANDS_IN_MAGISTRATES_COURT,
    *STANDS_IN_CROWN_COURT,
)

ACTIVITIES: Final[tuple[str, ...]] = (*STAGES, *HEARINGS, *DUTIES, *MARKS)
"""Every word that can stand in the `activity` column of the event log."""

MARK_AGENCY: Final[dict[Mark, Agency]] = {
    "custody_clock_extension": "police",
    "custody_warrant": "hmcts",
    "charge": "police",
    "custody_time_limit": "hmcts",
    "victim_withdrawal": "victims_and_witnesses",
    "vacated_trial": "hmcts",
    "disposal": "hmcts",
    "production_at_court": "prisons",
    "relisted": "hmcts",
}
"""The agency in whose hands each moment lies."""

REASON_AGENCY: Final[dict[Reason, Agency]] = {
    "no_court_time": "hmcts",
    "defendant_absent": "defence",
    "prosecution_not_ready": "cps",
    "prosecution_witness_absent": "victims_and_witnesses",
    "defence_not_ready": "defence",
    "papers_not_served": "cps",
    "legal_advice_wanted": "defence",
    "interpreter_or_other": "hmcts",
    "report_not_ready": "probation",
    "late_guilty_plea": "defence",
    "plea_to_alternative": "defence",
    "prosecution_ended": "cps",
    "witness_did_not_attend": "victims_and_witnesses",
    "victim_withdrew": "victims_and_witnesses",
    "guilty_plea_before_trial": "defence",
    "prosecution_application": "cps",
    "defence_application": "defence",
    "court_relisted": "hmcts",
    "disclosure_incomplete": "police",
    "defendant_not_produced": "prisons",
    "no_prosecution_advocate": "cps",
    "no_defence_advocate": "defence",
    "jurisdiction_declined": "hmcts",
    "elected_crown_trial": "defence",
    "judge_alone": "hmcts",
    "judge_and_magistrates": "hmcts",
    "co_defendant": "defence",
    "co_defendant_sent": "hmcts",
}
"""The agency that each reason belongs to: why a hearing or trial went as it did, or was sent up."""
