"""The measures of England and Wales, and what the general ones have to know of it."""

from __future__ import annotations

from typing import Final

from cjsim.england_wales.measures import (
    attendances,
    charging,
    costs,
    courts,
    custody,
    date_changes,
    investigation,
    official_codes,
    pleas,
    throughput,
    timeliness,
    victims,
)
from cjsim.england_wales.measures.lawful_custody import refuse_unlawful_stays
from cjsim.england_wales.vocabulary import OUTCOMES
from cjsim.measures.measurement import CourtStay, Measurement, RowTable

KEPT: Final = (
    "detention",
    "remand",
    "witness_attendance",
    "police_attendance",
    "victim_withdrawal",
    "magistrates_trial",
    "custody_booking",
    "pre_charge_bail",
    "re_bail",
    "forensic_examination",
    "digital_examination",
    "custody_time_limit",
    "trial_preparation",
)
"""The activities whose rows some measure needs one by one, besides hearings and contacts.

Do not remove one without need: the last digit of a sum depends on the order of the rows in this
table.
"""

CUSTODY: Final = (
    "detention",
    "custody_clock_extension",
    "custody_warrant",
    "arrest_on_warrant",
    "warrant_hearing",
    "crown_warrant_hearing",
)
"""The activities that say how long somebody was in a police cell, and who allowed it."""

MEASUREMENT: Final = Measurement(
    modules=(
        throughput,
        pleas,
        courts,
        timeliness,
        custody,
        investigation,
        charging,
        victims,
        attendances,
        official_codes,
        date_changes,
        costs,
    ),
    courts=(
        CourtStay(
            "magistrates",
            "charged_at",
            "magistrates_completed_at",
            unseen_ways_in=("received_at_crown_court",),
        ),
        CourtStay("crown", "received_crown_at", "ended_at"),
    ),
    case_columns=(
        "has_victim",
        "contact_channel",
        "in_mental_distress",
        "charged_at",
        "charged_by",
        "first_listed_at",
        "received_crown_at",
        "crown_way",
        "magistrates_completed_at",
        "consultations",
        "crown_plea_hearing_plea",
        "magistrates_first_plea",
    ),
    convictions=tuple(outcome for outcome in OUTCOMES if outcome.startswith("convicted_")),
    adjournment_reasons=courts.ADJOURNED_FOR,
    trial_reasons=courts.TRIAL_FAILED_FOR,
    arrests=("arrest_notifiable", "arrest_other"),
    crimes=("arrest_notifiable", "voluntary_attendance"),
    occupied=("detention",),
    kept=KEPT,
    tables={
        "preparations": RowTable(
            ("trial_preparation",), ("case_id", "ended_at", "minutes", "activity")
        ),
        "custody_events": RowTable(
            CUSTODY, ("case_id", "queued_at", "due_at", "ended_at", "activity")
        ),
    },
    refuse_unlawful=refuse_unlawful_stays,
)
