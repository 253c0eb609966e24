"""Measures of a real run of the toy model agree with its case table and with each other."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cjsim.des.log_reader import read_minutes
from cjsim.jurisdiction import OWN_TIME
from cjsim.measures import cost_lines, find_measure, known_measures
from cjsim.scenarios.load import load_model
from cjsim.simulation.simulate import simulate
from tests.support.hand_made import Measured

FROM, TO = dt.date(2013, 4, 1), dt.date(2013, 12, 31)


@pytest.fixture(name="folder", scope="module")
def _folder(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    simulate(load_model(toy), seed=1, replication=0, study_from=FROM, study_to=TO, folder=folder)
    return folder


@pytest.fixture(name="measured", scope="module")
def _measured(folder: Path, toy: Path) -> Measured:
    return Measured(folder, load_model(toy))


def test_open_before_and_arrived_is_disposed_and_open_after(
    folder: Path, measured: Measured
) -> None:
    footer = pq.read_schema(folder / "cases.parquet").metadata
    start = (FROM - dt.date.fromisoformat(footer[b"epoch"].decode())).days * 1440
    cases = read_minutes(folder / "cases.parquet", ["arrived_at", "ended_at"]).to_pylist()
    before = sum(case["arrived_at"] < start and not 0 <= case["ended_at"] < start for case in cases)
    arrived = sum(case["arrived_at"] >= start for case in cases)
    assert before + arrived == measured["cases_disposed"] + measured["open_cases"]
    change = (measured["open_cases"] - before) / before
    assert measured["open_cases_change_share"] == pytest.approx(change)


def test_months_add_up_to_the_whole(measured: Measured) -> None:
    months = [f"2013-{month:02d}" for month in range(4, 13)]
    for kpi in ("arrests", "cases_disposed", "cost_gbp", "remand_nights", "trial_hearings"):
        whole = sum(measured[kpi, "all", "", month] for month in months)
        assert whole == pytest.approx(measured[kpi], rel=1e-9), kpi


@pytest.mark.parametrize("court", ["magistrates", "all"])
def test_a_trial_is_effective_cracked_or_ineffective(measured: Measured, court: str) -> None:
    shares = [
        measured[f"trials_{how}_share", court] for how in ("effective", "cracked", "ineffective")
    ]
    assert sum(shares) == pytest.approx(1, rel=1e-9)
    assert all(0 <= share <= 1 for share in shares)


def test_nobody_works_longer_than_there_is_time(measured: Measured) -> None:
    pools = {
        key: value
        for key, value in measured.values.items()
        if key[:2] == ("utilisation", "all") and key[3] == "all"
    }
    assert pools
    assert all(0 <= used <= 1 for used in pools.values())


def test_agencies_and_lines_add_up_to_the_cost(folder: Path, toy: Path, measured: Measured) -> None:
    lines = cost_lines(folder, load_model(toy)).to_pylist()
    by_agency = sum(
        value
        for (kpi, _, agency, period), value in measured.values.items()
        if kpi == "cost_gbp" and agency and period == "all" and agency != OWN_TIME
    )
    paid = [line for line in lines if line["kind"] != "used" and line["agency"] != OWN_TIME]
    assert by_agency == pytest.approx(measured["cost_gbp"], rel=1e-9)
    assert sum(line["gbp"] for line in paid) == pytest.approx(measured["cost_gbp"], rel=1e-9)
    assert measured["cost_gbp", "all", OWN_TIME] > 0
    assert min(line["quantity"] for line in lines) >= 0


def test_what_adds_up_over_months_adds_up_over_cases(measured: Measured) -> None:
    """And is multiplied where a case stands for many, whatever its unit: hours may be of either."""
    months = [f"2013-{month:02d}" for month in range(4, 13)]
    sums, in_many_months = set(known_measures("england_wales")), set()
    for kpi, court, group, period in measured.values:
        if period == "all":
            by_month = [measured.values.get((kpi, court, group, month), 0.0) for month in months]
            if measured[kpi, court, group] != pytest.approx(sum(by_month), rel=1e-9, abs=1e-9):
                sums.discard(kpi)
            if sum(value > 0 for value in by_month) > 1:
                in_many_months.add(kpi)
    found = sums & in_many_months
    assert {"staff_hours", "police_hours_at_court", "cost_gbp", "remand_nights"} <= found
    assert not [kpi for kpi in sorted(found) if not find_measure(kpi).counts]
