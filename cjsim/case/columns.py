"""The columns of the case table that every jurisdiction has."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from cjsim.des.event_log import MOMENT

GENERAL_COLUMNS: Final[tuple[tuple[str, pa.DataType, str], ...]] = (
    ("case_id", pa.int32(), "number"),
    ("way_in", pa.string(), "way_in"),
    ("offence_group", pa.string(), "group"),
    ("division", pa.string(), "division"),
    ("has_victim", pa.bool_(), "has_victim"),
    ("vulnerable_victim", pa.bool_(), "vulnerable_victim"),
    ("persistently_targeted", pa.bool_(), "persistently_targeted"),
    ("contact_channel", pa.string(), "contact_channel"),
    ("uses_case_tracker", pa.bool_(), "uses_case_tracker"),
    ("civilian_witnesses", pa.int16(), "civilian_witnesses"),
    ("arrived_at", MOMENT, "arrived"),
    ("first_listed_at", MOMENT, "first_listed"),
    ("ended_at", MOMENT, "ended_at"),
    ("outcome", pa.string(), "outcome"),
    ("hearings", pa.int16(), "hearings"),
    ("adjournments", pa.int16(), "adjournments"),
)
"""Column, type, and the attribute of a case that it holds; a jurisdiction adds its own."""
