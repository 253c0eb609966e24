"""A run that holds what cannot be is refused, and the case or the measure is named."""

from __future__ import annotations

import datetime as dt
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cjsim.des.log_reader import read_minutes
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import DUTIES
from cjsim.errors import CaseLost, Impossible
from cjsim.experiment.kpi_tables import kpi_table
from cjsim.measures.sound import refuse_impossible, refuse_out_of_bounds
from cjsim.measures.sql_tables import Log
from cjsim.schema.model import Model
from tests.support.runs import changed, run, toy_model
from tests.support.small_world import length, number

Rows = list[dict[str, Any]]
HOUR = 60


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    """The toy model in which more stay away, and are soon found."""
    return changed(
        toy_model(toy),
        branches={"defendant_absent_first_hearing": {"probability": number(0.4)}},
        stages={"warrant_outstanding": {"duration": length(5 * MINUTES_A_DAY)}},
    )


@pytest.fixture(scope="module")
def whole(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    done = run(model, tmp_path_factory.mktemp("whole"), to=dt.date(2013, 5, 15))
    return done.events_path.parent


@pytest.fixture
def doctored(whole: Path, model: Model, tmp_path: Path) -> Callable[[Callable[[Rows], Rows]], None]:
    """Check a copy of the run in which the rows of the log are other rows."""

    def check(change: Callable[[Rows], Rows]) -> None:
        folder = tmp_path / "doctored"
        shutil.copytree(whole, folder)
        table = read_minutes(folder / "events.parquet")
        rows = change(table.to_pylist())
        pq.write_table(pa.Table.from_pylist(rows, table.schema), folder / "events.parquet")
        with Log(folder, model) as log:
            refuse_impossible(log, folder)

    return check


def test_a_run_as_it_was_simulated_is_sound(
    doctored: Callable[[Callable[[Rows], Rows]], None],
) -> None:
    doctored(lambda rows: rows)


def first_stay(rows: Rows, *, on_warrant: bool) -> dict[str, Any]:
    """The first stay in a cell of somebody arrested on a warrant, or of somebody who never was."""
    sought = {row["case_id"] for row in rows if row["activity"] == "arrest_on_warrant"}
    stays = [row for row in rows if row["activity"] == "detention" and row["ended_at"] >= 0]
    if not on_warrant:
        return next(row for row in stays if row["case_id"] not in sought)
    arrests = [row for row in rows if row["activity"] == "arrest_on_warrant"]
    return next(
        stay
        for stay in stays
        for row in arrests
        if row["case_id"] == stay["case_id"] and row["queued_at"] == stay["started_at"]
    )


def test_a_stay_without_charge_past_the_clock_is_refused(
    doctored: Callable[[Callable[[Rows], Rows]], None],
) -> None:
    def too_long(rows: Rows) -> Rows:
        stay = first_stay(rows, on_warrant=False)
        stay["ended_at"] = stay["queued_at"] + 30 * HOUR
        return rows

    with pytest.raises(Impossible, match=r"Case \d+ was held in a police cell for 30\.0 hours wi"):
        doctored(too_long)


def test_a_stay_past_the_clock_that_was_extended_is_lawful(
    doctored: Callable[[Callable[[Rows], Rows]], None],
) -> None:
    def extended(rows: Rows) -> Rows:
        stay = first_stay(rows, on_warrant=False)
        stay["ended_at"] = stay["queued_at"] + 30 * HOUR
        mark = {**stay, "activity": "custody_clock_extension", "result": "extended"}
        mark["queued_at"] = mark["started_at"] = mark["ended_at"] = stay["queued_at"] + 23 * HOUR
        return [*rows, mark]

    doctored(extended)


def test_a_stay_on_a_warrant_past_the_next_court_is_refused(
    doctored: Callable[[Callable[[Rows], Rows]], None],
) -> None:
    def put_off(rows: Rows) -> Rows:
        stay = first_stay(rows, on_warrant=True)
        hearing = next(
            row
            for row in rows
            if row["activity"].endswith("warrant_hearing")
            and row["case_id"] == stay["case_id"]
            and row["ended_at"] == stay["ended_at"]
        )
        for row in (stay, hearing):
            row["ended_at"] += 3 * MINUTES_A_DAY
        hearing["due_at"] += 3 * MINUTES_A_DAY
        hearing["started_at"] += 3 * MINUTES_A_DAY
        return rows

    with pytest.raises(Impossible, match="was not brought before the next court that sat"):
        doctored(put_off)


def test_a_case_that_waits_for_nothing_is_lost(
    doctored: Callable[[Callable[[Rows], Rows]], None],
) -> None:
    def without_one(rows: Rows) -> Rows:
        waiting = [row for row in rows if row["ended_at"] < 0 and row["activity"] not in DUTIES]
        lost = waiting[0]["case_id"]
        return [row for row in rows if row["case_id"] != lost or row not in waiting]

    with pytest.raises(CaseLost, match=r"1 of [\d,]+ cases were lost.*The first is case \d+"):
        doctored(without_one)


def test_more_cases_out_than_in_are_refused(
    doctored: Callable[[Callable[[Rows], Rows]], None],
) -> None:
    def one_twice(rows: Rows) -> Rows:
        return [*rows, next(row for row in rows if row["activity"] == "disposal")]

    with pytest.raises(Impossible, match="each case ends once"):
        doctored(one_twice)


# --- the bounds of a measure -----------------------------------------------------------------


def of(kpi: str, unit: str, *values: float) -> pa.Table:
    rows = len(values)
    return pa.table(
        {
            "kpi": [kpi] * rows,
            "court": ["all"] * rows,
            "group": [""] * rows,
            "period": [f"2013-{month:02}" for month in range(1, rows + 1)],
            "value": pa.array(values, pa.float64()),
            "unit": [unit] * rows,
        }
    )


@pytest.mark.parametrize(
    ("kpi", "unit", "value"),
    [
        ("conviction_rate", "share", 1.79),
        ("conviction_rate", "share", -0.01),
        ("arrest_to_charge_days", "days", -3.0),
        ("cases_disposed", "cases", -1.0),
        ("cost_gbp", "GBP", math.inf),
        ("detention_hours", "hours", math.nan),
        ("open_cases_change_share", "share", -1.5),
        ("a_measure_of_somebody_else", "share", 2.0),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_its_measure_named(
    kpi: str, unit: str, value: float
) -> None:
    with pytest.raises(Impossible, match=rf'The measure "{kpi}" is .*period 2013-02'):
        refuse_out_of_bounds(of(kpi, unit, 0.5, value))


@pytest.mark.parametrize(
    ("kpi", "unit", "value"),
    [
        ("conviction_rate", "share", 1.0 + 1e-12),
        ("utilisation", "share", 1.4),
        ("open_cases_change_share", "share", 3.0),
        ("open_cases_change_share", "share", -1.0),
        ("cost_gbp", "GBP", -100.0),
        ("arrest_to_charge_days", "days", 0.0),
    ],
)
def test_a_value_that_can_be_is_not(kpi: str, unit: str, value: float) -> None:
    refuse_out_of_bounds(of(kpi, unit, value))
    refuse_out_of_bounds(of(kpi, unit))


def test_the_measures_of_a_run_put_together_are_held_to_the_same() -> None:
    doubled = of("conviction_rate", "share", 1.5)
    with pytest.raises(Impossible, match="conviction_rate"):
        kpi_table({("baseline", 0): doubled}, ["baseline"])
