"""A run that opens with a snapshot goes on like the warm-up run that the snapshot was taken of."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from cjsim.england_wales.initial_state import read_opening
from cjsim.england_wales.open_cases import OpenCases
from cjsim.experiment.snapshot import write_snapshot
from cjsim.measures import measure
from cjsim.scenarios.load import load_model
from cjsim.simulation.simulate import simulate
from tests.support.stock_simpy import put_on_stock_simpy

FIRST = dt.date(2013, 4, 1)
LAST = dt.date(2013, 6, 30)
REPLICATIONS = 8
WATCHED = ("open_cases", "cases_disposed", "remand_population", "hearings_per_case")


def values(toy: Path, folder: Path, replication: int, opened: OpenCases | None) -> dict[str, float]:
    """The watched measures of one replication, by measure, court and period."""
    folder.mkdir()
    model = load_model(toy)
    simulate(
        model,
        seed=5,
        replication=replication,
        study_from=FIRST,
        study_to=LAST,
        folder=folder,
        opening=opened,
    )
    return {
        f"{row['kpi']} {row['court']} {row['period']}": row["value"]
        for row in measure(folder, model).to_pylist()
        if row["kpi"] in WATCHED and row["group"] == ""
    }


def table(toy: Path, folder: Path, replication: int) -> OpenCases:
    """The open cases that a replication's warm-up leaves."""
    path = folder / f"open_{replication}.csv"
    write_snapshot(toy, path, seed=5, replication=replication, on=FIRST)
    return read_opening(path, load_model(toy), FIRST)


@pytest.mark.slow
def test_the_first_months_stay_within_the_noise_of_a_warm_up_run(toy: Path, tmp_path: Path) -> None:
    differences: dict[str, list[float]] = {}
    for replication in range(REPLICATIONS):
        warm = values(toy, tmp_path / f"warm_{replication}", replication, None)
        opened = values(
            toy, tmp_path / f"open_{replication}", replication, table(toy, tmp_path, replication)
        )
        for key in warm.keys() & opened.keys():
            differences.setdefault(key, []).append(opened[key] - warm[key])
    compared = {
        key: np.array(found) for key, found in differences.items() if len(found) == REPLICATIONS
    }
    assert len(compared) > 25
    # So many intervals that one or two of 99 % would miss by chance: each has 1 % of its share.
    reach = t.ppf(1 - 0.005 / len(compared), REPLICATIONS - 1)
    furthest = 0.0
    for key, found in compared.items():
        half = reach * found.std(ddof=1) / np.sqrt(REPLICATIONS)
        assert abs(found.mean()) <= half + 1e-9, (key, found)
        furthest = max(furthest, abs(found.mean()) / (half + 1e-9))


def test_the_table_itself_is_the_state_that_the_warm_up_left(toy: Path, tmp_path: Path) -> None:
    opened = table(toy, tmp_path, 0)
    with (tmp_path / "open_0.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(opened.cases)
    warm = values(toy, tmp_path / "warm", 0, None)
    gone_on = values(toy, tmp_path / "gone_on", 0, opened)
    # The first month is mostly the work of the cases that both began with.
    apart = []
    for court in ("all", "magistrates"):
        key = f"open_cases {court} 2013-04"
        assert gone_on[key] == pytest.approx(warm[key], rel=0.35)
        apart.append(gone_on[key] / warm[key] - 1)


def test_an_opened_run_on_stock_simpy_gives_the_same_log(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = table(toy, tmp_path, 0)
    model = load_model(toy)

    def hash_of(folder: Path) -> str:
        folder.mkdir()
        return simulate(
            model,
            seed=5,
            replication=0,
            study_from=FIRST,
            study_to=LAST,
            folder=folder,
            opening=opened,
        ).content_hash

    ours = hash_of(tmp_path / "ours")
    put_on_stock_simpy(monkeypatch)
    assert hash_of(tmp_path / "stock") == ours
