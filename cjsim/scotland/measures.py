"""What is measured in the toy alone, and what the general measures have to know of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from cjsim.measures.measurement import CourtStay, Measurement
from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log


@measure("arrivals", "cases", better="neither", definition="Arrivals by way in (the group).")
def arrivals(log: Log) -> Rows:
    """Arrest, undertaking or report."""
    return log.counts(
        "SELECT month_of(arrived_at) AS month, way_in AS grp FROM cases WHERE studied(arrived_at)",
        groups=("", *log.vocabulary.ways_in),
    )


@measure("arrival_to_disposal_days", "days", better="lower", definition="From arrival to the end.")
def arrival_to_disposal_days(log: Log) -> Rows:
    """The whole case, with or without an arrest."""
    query = (
        "SELECT court, division, month_of(ended_at) AS month,"
        " whole_days(arrived_at, ended_at) AS top FROM cases WHERE studied(ended_at)"
    )
    return log.spreads(query, courts=log.courts)


MEASUREMENT: Final = Measurement(
    modules=(sys.modules[__name__],),
    courts=(
        CourtStay("sheriff_summary", "complaint_at", "ended_at"),
        CourtStay("sheriff_and_jury", "petition_at", "ended_at"),
    ),
    case_columns=("complaint_at", "petition_at"),
    convictions=("convicted_by_plea", "convicted_after_trial"),
    adjournment_reasons=("no_court_time", "accused_absent", "crown_not_ready", "witness_absent"),
    trial_reasons={
        "cracked": ("late_plea", "deserted"),
        "ineffective": ("no_court_time", "accused_absent", "witness_absent"),
        "vacated": ("plea_before_trial", "crown_not_ready"),
    },
    arrests=("arrest",),
    crimes=("arrest", "report"),
)
