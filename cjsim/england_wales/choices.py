"""The ways that each choice chooses among: a literal type for each, and `choose` is typed by them.

A branch of the journey that names another word is a type error, and a `match` that forgets a way
is one too. The order within a type is fixed: a case's own draw picks its way in this order.
"""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

from cjsim.england_wales.vocabulary import (
    ListingKind,
    ModeOfTrial,
    MultiwayBranch,
    OffenceClass,
    StaffedChannel,
)

WitnessCount = Literal["one", "two", "three", "four", "six"]
PoliceWitnessCount = Literal["none", "one", "two", "three"]
WayOutOfCustody = Literal[
    "charging_decision",
    "pre_charge_bail",
    "out_of_court",
    "no_further_action",
]
WayOutOfVoluntaryInterview = Literal[
    "charging_decision",
    "investigation",
    "out_of_court",
    "no_further_action",
]
OutOfCourtKind = Literal[
    "caution",
    "conditional_caution",
    "cannabis_warning",
    "penalty_notice",
    "community_resolution",
]
CpsDecision = Literal["charge", "no_further_action", "out_of_court"]
AdjournmentReason = Literal[
    "prosecution_not_ready",
    "papers_not_served",
    "defence_not_ready",
    "legal_advice_wanted",
    "interpreter_or_other",
]
VacatedReason = Literal[
    "guilty_plea_before_trial",
    "prosecution_ended",
    "prosecution_application",
    "defence_application",
    "court_relisted",
]
SentencePassed = Literal[
    "discharge",
    "fine",
    "community_order",
    "suspended_sentence",
    "immediate_custody",
    "other_sentence",
]
CrownReceipt = Literal["for_trial", "for_sentence", "appeal"]

ReasonForAdjourning = Literal["first_hearing_adjournment_reason", "crown_adjournment_reason"]
ReasonForVacating = Literal["vacated_reason", "crown_vacated_reason"]
SentenceOfCourt = Literal["magistrates_sentence", "crown_sentence"]
"""Choices of the two courts that choose among the same."""

_WAYS: Final[dict[MultiwayBranch, Any]] = {
    "offence_class": OffenceClass,
    "witness_count": WitnessCount,
    "way_out_of_custody": WayOutOfCustody,
    "way_out_of_voluntary_interview": WayOutOfVoluntaryInterview,
    "out_of_court_kind": OutOfCourtKind,
    "cps_decision": CpsDecision,
    "first_hearing_adjournment_reason": AdjournmentReason,
    "vacated_reason": VacatedReason,
    "magistrates_sentence": SentencePassed,
    "crown_listing": ListingKind,
    "crown_adjournment_reason": AdjournmentReason,
    "crown_vacated_reason": VacatedReason,
    "crown_sentence": SentencePassed,
    "contact_channel": StaffedChannel,
    "police_witness_count": PoliceWitnessCount,
    "crown_receipt": CrownReceipt,
    "mode_of_trial": ModeOfTrial,
}
OPTIONS: Final[dict[MultiwayBranch, tuple[str, ...]]] = {
    choice: get_args(ways) for choice, ways in _WAYS.items()
}
"""What each choice chooses among."""
