"""The columns of the case table in the event log."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from cjsim.des.event_log import MOMENT

CASE_COLUMNS: Final[tuple[tuple[str, pa.DataType, str], ...]] = (
    ("case_id", pa.int32(), "number"),
    ("way_in", pa.string(), "way_in"),
    ("offence_group", pa.string(), "group"),
    ("offence_class", pa.string(), "offence_class"),
    ("division", pa.string(), "division"),
    ("domestic_abuse", pa.bool_(), "domestic_abuse"),
    ("youth", pa.bool_(), "youth"),
    ("has_victim", pa.bool_(), "has_victim"),
    ("vulnerable_victim", pa.bool_(), "vulnerable_victim"),
    ("civilian_witnesses", pa.int16(), "civilian_witnesses"),
    ("arrived_at", MOMENT, "arrived"),
    ("charged_at", MOMENT, "charged_at"),
    ("charged_by", pa.string(), "charged_by"),
    ("first_listed_at", MOMENT, "first_listed"),
    ("received_crown_at", MOMENT, "received_crown"),
    ("crown_way", pa.string(), "crown_way"),
    ("magistrates_completed_at", MOMENT, "magistrates_completed"),
    ("ended_at", MOMENT, "ended_at"),
    ("outcome", pa.string(), "outcome"),
    ("sentence", pa.string(), "sentence"),
    ("plea", pa.string(), "plea"),
    ("plea_when", pa.string(), "plea_when"),
    ("hearings", pa.int16(), "hearings"),
    ("adjournments", pa.int16(), "adjournments"),
    ("consultations", pa.int16(), "consultations"),
    ("first_not_guilty_at", MOMENT, "first_not_guilty"),
    ("crown_plea_hearing_plea", pa.string(), "crown_plea"),
    ("magistrates_first_plea", pa.string(), "magistrates_plea"),
    ("persistently_targeted", pa.bool_(), "persistently_targeted"),
    ("police_witnesses", pa.int16(), "police_witnesses"),
    ("contact_channel", pa.string(), "contact_channel"),
    ("uses_case_tracker", pa.bool_(), "uses_case_tracker"),
    ("in_mental_distress", pa.bool_(), "in_mental_distress"),
)
"""The case table: column, type, and the attribute of a case that it holds."""
