"""A log written by hand: literal rows into the three Parquet files of a replication.

The study is April and May 2013 after a warm-up of March, so that minute 0 is 1 March. `at(day,
hour)` is the minute of an hour on a day counted from 1 April: day 0 is 1 April, day 30 is 1 May.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cjsim.england_wales.vocabulary import HEARINGS
from cjsim.measures import measure
from cjsim.schema.base import Amount, Profile
from cjsim.schema.costs import Costs, UnitCost
from cjsim.schema.model import (
    Courthouse,
    Division,
    DutySpec,
    HearingSpec,
    House,
    ListSpec,
    Model,
    ResourceSpec,
    StageSpec,
)

EPOCH = dt.date(2013, 3, 1)
STUDY = (dt.date(2013, 4, 1), dt.date(2013, 5, 31))
FOOTER = {
    b"epoch": EPOCH.isoformat().encode(),
    b"study_from": STUDY[0].isoformat().encode(),
    b"study_to": STUDY[1].isoformat().encode(),
}

CROWN = {name for name in HEARINGS if name.startswith(("crown", "plea_and"))}
EVENT = {
    "case": pa.int32(),
    "activity": pa.string(),
    "occurrence": pa.int16(),
    "agency": pa.string(),
    "place": pa.string(),
    "entered": pa.int32(),
    "due": pa.int32(),
    "started": pa.int32(),
    "left": pa.int32(),
    "minutes": pa.float32(),
    "planned": pa.float32(),
    "result": pa.string(),
    "reason": pa.string(),
}
CASE = {
    "case": pa.int32(),
    "way_in": pa.string(),
    "offence_group": pa.string(),
    "offence_class": pa.string(),
    "division": pa.string(),
    "domestic_abuse": pa.bool_(),
    "youth": pa.bool_(),
    "has_victim": pa.bool_(),
    "vulnerable_victim": pa.bool_(),
    "civilian_witnesses": pa.int16(),
    "arrived": pa.int32(),
    "charged": pa.int32(),
    "charged_by": pa.string(),
    "first_listed": pa.int32(),
    "received_crown": pa.int32(),
    "crown_way": pa.string(),
    "magistrates_completed": pa.int32(),
    "ended": pa.int32(),
    "outcome": pa.string(),
    "sentence": pa.string(),
    "plea": pa.string(),
    "plea_when": pa.string(),
    "hearings": pa.int16(),
    "adjournments": pa.int16(),
    "consultations": pa.int16(),
    "first_not_guilty": pa.int32(),
    "crown_plea_hearing_plea": pa.string(),
    "magistrates_first_plea": pa.string(),
    "persistently_targeted": pa.bool_(),
    "police_witnesses": pa.int16(),
    "contact_channel": pa.string(),
    "uses_case_tracker": pa.bool_(),
    "in_mental_distress": pa.bool_(),
}
CAPACITY = {
    "kind": pa.string(),
    "name": pa.string(),
    "base": pa.string(),
    "division": pa.string(),
    "court": pa.string(),
    "agency": pa.string(),
    "month": pa.string(),
    "minutes": pa.float64(),
    "posts": pa.float64(),
}
PLAIN_EVENT = {
    "occurrence": 0,
    "agency": "hmcts",
    "place": "",
    "due": -1,
    "minutes": 0.0,
    "planned": 0.0,
    "result": "",
    "reason": "",
}
PLAIN_CASE = {
    "way_in": "arrest_notifiable",
    "offence_group": "theft",
    "offence_class": "either_way",
    "division": "north",
    "domestic_abuse": False,
    "youth": False,
    "has_victim": False,
    "vulnerable_victim": False,
    "civilian_witnesses": 0,
    "charged": -1,
    "charged_by": "",
    "first_listed": -1,
    "received_crown": -1,
    "crown_way": "",
    "magistrates_completed": -1,
    "ended": -1,
    "outcome": "",
    "sentence": "",
    "plea": "",
    "plea_when": "",
    "hearings": 0,
    "adjournments": 0,
    "consultations": 0,
    "first_not_guilty": -1,
    "crown_plea_hearing_plea": "",
    "magistrates_first_plea": "",
    "persistently_targeted": False,
    "police_witnesses": 0,
    "contact_channel": "telephone",
    "uses_case_tracker": False,
    "in_mental_distress": False,
}


def at(day: int, hour: float = 0.0) -> int:
    """The minute of an hour on a day counted from 1 April 2013."""
    return (31 + day) * 1440 + round(hour * 60)


def case(number: int, **facts: Any) -> dict[str, Any]:
    """A case; whoever arrives without a time did so on 1 April."""
    return {**PLAIN_CASE, "case": number, "arrived": at(0), **facts}


def event(number: int, activity: str, entered: int, left: int, **facts: Any) -> dict[str, Any]:
    """A row of the event log, started when entered unless it says otherwise."""
    row = {**PLAIN_EVENT, "case": number, "activity": activity, "entered": entered, "left": left}
    return {**row, "started": entered, **facts}


def there(kind: str, name: str, base: str, minutes: float, **facts: Any) -> dict[str, Any]:
    """A row of the capacity table."""
    row = {"kind": kind, "name": name, "base": base, "minutes": minutes, "posts": 1.0}
    plain = {"division": "", "court": "", "agency": "police", "month": "2013-04"}
    return {**row, **plain, **facts}


def write_log(
    folder: Path,
    cases: list[dict[str, Any]] | None = None,
    events: list[dict[str, Any]] | None = None,
    capacity: list[dict[str, Any]] | None = None,
) -> Path:
    """Write the three files into a folder and return it."""
    for name, rows, columns in (
        ("cases", cases, CASE),
        ("events", events, EVENT),
        ("capacity", capacity, CAPACITY),
    ):
        schema = pa.schema(list(columns.items()), metadata=FOOTER)
        pq.write_table(pa.Table.from_pylist(rows or [], schema), folder / f"{name}.parquet")
    return folder


def amount(value: Any, **more: Any) -> Amount:
    """A number with the least pedigree."""
    return Amount(value=value, source="made by hand", evidence="measured", **more)


def unit(agency: str, gbp: Any, per: str, **more: Any) -> UnitCost:
    """A unit cost in prices of 2013-14."""
    money = gbp if isinstance(gbp, Amount) else amount(gbp)
    whole = {"agency": agency, "gbp": money, "per": per, "price_year": "2013-14", **more}
    return UnitCost.model_validate(whole)


def a_model(**units: UnitCost) -> Model:
    """As much of a model as the measures look at, with these unit costs."""
    house = House.model_construct(courtrooms=("1",), rooms=_profile())
    stoke = Courthouse(title="Stoke", courtrooms=("1",), serves=("north",))
    trials = ListSpec.model_construct(
        court="magistrates",
        sessions=("10:00", "14:00"),
        session_minutes=amount(150),
        houses={"stoke": house},
    )
    return Model.model_construct(
        divisions={name: Division(title=name, share=_half()) for name in ("north", "south")},
        courthouses={"stoke": stoke},
        pools={"officers": ResourceSpec.model_construct(agency="police")},
        stages={"investigation": StageSpec(agency="police", pool="officers")},
        duties={
            "update_on_charge": DutySpec.model_construct(
                agency="police",
                pool="officers",
                statutory=True,
                channels=("telephone", "letter", "self_service"),
            ),
            "change_of_date": DutySpec.model_construct(
                agency="victim_services",
                pool="officers",
                statutory=True,
                channels=("telephone", "self_service"),
            ),
            "chasing_call": DutySpec.model_construct(
                agency="victim_services",
                pool="officers",
                statutory=False,
                channels=("telephone",),
            ),
        },
        lists={"magistrates_trials": trials},
        hearings={
            name: HearingSpec.model_construct(court="crown" if name in CROWN else "magistrates")
            for name in HEARINGS
        },
        costs=Costs(
            price_base="2014-15",
            units=units,
            deflator={"2013-14": amount(100), "2014-15": amount(102)},
        ),
    )


def _half() -> Any:
    return {"value": 0.5, "source": "made by hand", "evidence": "measured"}


def _profile() -> Profile:
    return Profile(value=(1,) * 7, source="made by hand", evidence="measured")


class Measured:
    """The KPIs of a log, to be looked up by KPI, court, group and period: the last three may go."""

    def __init__(self, folder: Path, model: Model | None = None) -> None:
        self.table = measure(folder, model or a_model())
        rows = self.table.to_pylist()
        keys = [(row["kpi"], row["court"], row["group"], row["period"]) for row in rows]
        assert len(set(keys)) == len(keys), "a row stands twice"
        self.values = {key: row["value"] for key, row in zip(keys, rows, strict=True)}

    def __getitem__(self, key: str | tuple[str, ...]) -> float:
        return self.values[self._whole(key)]

    def __contains__(self, key: str | tuple[str, ...]) -> bool:
        return self._whole(key) in self.values

    def _whole(self, key: str | tuple[str, ...]) -> tuple[str, str, str, str]:
        given = (key,) if isinstance(key, str) else key
        kpi, court, group, period = (*given, *("all", "", "all")[len(given) - 1 :])
        return kpi, court, group, period
