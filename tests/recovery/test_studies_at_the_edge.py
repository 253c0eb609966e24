"""What studies say where little can be said: one replication, no value, damage, much chance."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cjsim.errors import Faults
from cjsim.experiment import replication as room
from cjsim.experiment.designs.sensitivity import sensitivity
from cjsim.experiment.designs.show import sobol_text, tornado_text, uncertainty_text
from cjsim.experiment.designs.study import STUDY, StudyOptions
from cjsim.experiment.designs.sweep import sweep, sweep_text
from cjsim.experiment.designs.uncertainty import own_chance, uncertainty
from tests.recovery.test_studies import EXPERIMENT, outcome, run_one
from tests.support.short_engine import put_in

KPI = {
    "kpi": "hearings_per_case",
    "court": "all",
    "group": "",
    "period": "all",
    "unit": "hearings per case",
}


def measured(value: float | None) -> pa.Table:
    rows = [] if value is None else [{**KPI, "value": value}]
    other = {**KPI, "kpi": "open_cases", "unit": "cases", "value": 1.0}
    return pa.Table.from_pylist([*rows, other])


def shared_luck(folder: Path, model: Any) -> pa.Table:
    """The outcome, and in each replication the same luck for every scenario but the baseline."""
    number = int((folder / "replication").read_text())
    random_streams = np.random.default_rng(number).normal(0, 20)
    set_by_it = bool(model.branches["file_ready"].probability.changes)
    return measured(100 + outcome(model) + random_streams * set_by_it)


@pytest.fixture
def experiment(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file, text = tmp_path / "edge.toml", EXPERIMENT.format(model=toy)
    return put_in(monkeypatch, file, text, simulate=run_one, measure=shared_luck)


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    return {"workers": 1, "out": tmp_path / "results", "say": lambda _: None}


def test_luck_that_all_points_share_is_no_chance_between_them(
    experiment: Path, given: dict[str, Any]
) -> None:
    _, content = sensitivity(experiment, StudyOptions(**given, replications=2), sobol=100)
    central = content["central"][0]
    assert central["high"] - central["low"] > 20, "one difference is far from known"
    assert central["share_of_chance"] == pytest.approx(0, abs=1e-9)
    assert "of which 0 % of the variance is chance" in sobol_text(content)


def test_what_chance_adds_to_the_variance_of_means_is_found() -> None:
    random_streams = np.random.default_rng(5)
    shared = random_streams.normal(0, 9, (1, 8))
    values = shared + random_streams.normal(0, 2, (500, 8))
    assert own_chance(values) == pytest.approx(4 / 8, rel=0.05)
    assert own_chance(values) == pytest.approx(float(values.mean(axis=1).var(ddof=1)), rel=0.15)
    assert math.isnan(own_chance(values[:, :1]))


def test_one_replication_says_that_it_tells_nothing_of_chance(
    experiment: Path, given: dict[str, Any]
) -> None:
    one = StudyOptions(**given, replications=1)
    with pytest.raises(Faults, match="one replication tells nothing of chance"):
        uncertainty(experiment, one, draws=2)
    assert not (given["out"]).exists()
    _, content = sensitivity(experiment, one, sobol=50)
    assert "how much of it is chance, one replication cannot tell" in sobol_text(content)
    text = sweep_text(sweep(experiment, one)[1])
    assert "1 replication each" in text
    assert "One replication has no interval" in text
    assert "*" not in text


def test_shares_of_a_measure_without_a_value_somewhere_are_not_told(
    experiment: Path, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sometimes(folder: Path, model: Any) -> pa.Table:
        found = outcome(model)
        return measured(None if found > 5 else 100 + found)

    monkeypatch.setattr(room, "measure", sometimes)
    folder, content = sensitivity(experiment, StudyOptions(**given, replications=2), sobol=100)
    assert content["rows"] == []
    assert content["central"][0]["standard_deviation"] is None
    count = content["central"][0]["points_without"]
    assert 0 < count < 40
    assert f"{count} of the points gave no value of it" in sobol_text(content)
    assert json.loads((folder / STUDY).read_text()) == content
    _, content = uncertainty(experiment, StudyOptions(**given, replications=2), draws=8)
    assert "not every replication of every draw gave a value of it" in uncertainty_text(content)
    _, content = sensitivity(experiment, StudyOptions(**given, replications=2))
    text = tornado_text(content)
    assert "No value of it at an end of branches.file_ready.probability." in text
    assert "Nothing hangs on stages.investigation.duration." in text


def test_a_lever_that_matters_only_between_its_ends_is_not_nothing() -> None:
    row = {
        **KPI,
        "lever": "branches.file_ready.probability",
        "level_is": "value",
        "level_low": 0.2,
        "level_high": 0.9,
        "low_difference": 1.0,
        "high_difference": 1.0,
        "rest_difference": 3.0,
        "low_from": 0.5,
        "low_to": 1.5,
        "high_from": -0.5,
        "high_to": 2.5,
        "swing": 0.0,
        "low_differed": 6,
        "high_differed": 6,
        "break_even": 1234.0,
    }
    table = {**row, "lever": "streams.summons.per_year", "level_is": "factor", "break_even": 0.5}
    text = tornado_text(
        {
            "experiment": {"title": "T"},
            "replications": 6,
            "study_from": "2013",
            "study_to": "2014",
            "scenario": "one",
            "notices": [],
            "rows": [row, table],
            "central": [{**KPI, "difference": 3.0, "low": 2.0, "high": 4.0}],
        }
    )
    assert "Nothing hangs" not in text
    first, second = (line for line in text.splitlines() if line.startswith(("branches", "streams")))
    assert first.split() == [
        "branches.file_ready.probability",
        "0.2",
        "+1.00",
        "*",
        "0.9",
        "+1.00",
        "0",
        "1234",
    ]
    assert "× 0.2" in second
    assert "× 0.5" in second
    assert "×: a table is scaled as a whole" in text
    assert "* its own 95 % interval excludes 0" in text


@pytest.mark.parametrize("content", ["nonsense{", "{}", "[]", "7", '{"watched": []}'])
def test_a_study_that_is_damaged_is_told(
    experiment: Path, given: dict[str, Any], content: str
) -> None:
    folder, _ = sweep(experiment, StudyOptions(**given, replications=1))
    (folder / STUDY).write_text(content)
    with pytest.raises(Faults, match=r"study.json.*Run the study again with --fresh"):
        sweep(experiment, StudyOptions(**given, replications=1))
    sweep(experiment, StudyOptions(**given, replications=1, fresh=True))


@pytest.mark.parametrize("day", ["2012-04-01", "2020-01-01"])
def test_a_sweep_from_a_day_outside_the_run_is_a_fault(
    experiment: Path, given: dict[str, Any], day: str
) -> None:
    old = "{ values = [0.2, 0.5, 0.8] }"
    text = experiment.read_text()
    assert old in text
    experiment.write_text(text.replace(old, f"{{ values = [0.2, 0.5], from = {day} }}"))
    with pytest.raises(Faults) as found:
        sweep(experiment, StudyOptions(**given))
    assert f"{day} lies outside the run (2013-04-01 to 2013-06-30)." in str(found.value)
    assert '"branches.file_ready.probability.from": ' in str(found.value)
    assert '""' not in str(found.value)
