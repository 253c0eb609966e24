"""From an experiment to its results folder, on an engine of three lines."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cjsim
from cjsim.errors import CannotRun, Faults, RunFailed
from cjsim.experiment import replication as room
from cjsim.experiment.plan import run_id_of
from cjsim.experiment.replications import run_plan
from cjsim.experiment.run import make_plan, run_experiment
from cjsim.identity import identity
from cjsim.scenarios.load import load_experiment
from cjsim.schema.model import Model
from cjsim.storage.outputs import LIST
from tests.support.short_engine import measure, simulate


def test_the_folder_is_named_after_the_plan_and_the_environment(
    run: Callable[..., Path], question: Path
) -> None:
    folder = run()
    plan = make_plan(load_experiment(question))
    assert folder.parent.name == "question"
    assert folder.name == plan.run_id == run_id_of(plan.hash, identity().environment)
    assert (folder / "runs" / "ready" / "002" / "events.parquet").is_file()
    assert [path.name for path in folder.parent.rglob(".*")] == [LIST]


def test_the_manifest_tells_what_was_run(run: Callable[..., Path]) -> None:
    results = cjsim.read_results(run())
    manifest = results.manifest
    assert results.scenarios == ["baseline", "ready", "nothing"]
    assert (manifest["seed"], manifest["replications"]) == (7, 3)
    assert (manifest["study_from"], manifest["study_to"]) == ("2013-04-01", "2013-06-30")
    assert manifest["versions"]["cjsim"] == cjsim.__version__
    assert len(manifest["runs"]) == 9
    changes = results.model("ready").branches["file_ready"].probability.changes
    assert [change.from_ for change in changes] == [dt.date(2013, 4, 1)]
    assert json.dumps(manifest), "plain values only"


def test_every_replication_of_every_scenario_is_measured(run: Callable[..., Path]) -> None:
    kpis = cjsim.read_results(run()).kpis.to_pylist()
    values = [(row["scenario"], row["replication"], row["value"]) for row in kpis]
    assert values == [
        *(("baseline", n, 7.0 + n) for n in range(3)),
        *(("ready", n, 8.0 + n) for n in range(3)),
        *(("nothing", n, 7.0 + n) for n in range(3)),
    ]


def test_a_scenario_that_changes_nothing_is_said_to(question: Path, tmp_path: Path) -> None:
    said: list[str] = []
    run_experiment(question, workers=1, out=tmp_path / "results", replications=2, say=said.append)
    assert any("2 replications instead of the 3" in line for line in said)
    assert any('"nothing" changes nothing' in line for line in said)
    assert not any('"ready" changes nothing' in line for line in said)


def test_a_scenario_whose_settings_change_nothing_is_said_to(
    question: Path, tmp_path: Path
) -> None:
    text = question.read_text()
    question.write_text(
        text.replace("branches.file_ready", "branches.papers_served_before_first_hearing")
    )
    said: list[str] = []
    run_experiment(question, workers=1, out=tmp_path / "results", say=said.append)
    assert said[-1] == 'Scenario "ready" sets values, and they change nothing at all.'


def test_the_same_plan_is_not_run_twice_unless_asked(run: Callable[..., Path]) -> None:
    ran: list[int] = []
    first = run(progress=lambda done, *_: ran.append(done))
    again = run(progress=lambda done, *_: ran.append(done))
    assert first == again
    assert len(ran) == 9
    run(fresh=True, progress=lambda done, *_: ran.append(done))
    assert len(ran) == 18
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_another_seed_period_or_number_is_another_plan(question: Path) -> None:
    experiment = load_experiment(question)
    plans = [
        make_plan(experiment),
        make_plan(experiment, seed=8),
        make_plan(experiment, replications=2),
        make_plan(experiment, scenarios=["ready"]),
    ]
    assert len({plan.run_id for plan in plans}) == 4
    assert make_plan(load_experiment(question)).hash == plans[0].hash


def test_only_the_scenarios_named_run_beside_the_baseline(run: Callable[..., Path]) -> None:
    results = cjsim.read_results(run(scenarios=["nothing"]))
    assert results.scenarios == ["baseline", "nothing"]


def test_an_unknown_scenario_is_a_fault_and_nothing_is_left(
    run: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(Faults, match='Did you mean "ready"'):
        run(scenarios=["redy"])
    assert not (tmp_path / "results").exists()


def test_a_measure_that_nobody_knows_cannot_be_watched(
    run: Callable[..., Path], question: Path
) -> None:
    question.write_text(question.read_text().replace("hearings_per_case", "hearings_per_cake"))
    with pytest.raises(Faults, match='Did you mean "hearings_per_case"'):
        run()


def test_a_measure_watched_twice_is_a_fault(run: Callable[..., Path], question: Path) -> None:
    once = '"hearings_per_case"'
    question.write_text(question.read_text().replace(once, f"{once}, {once}"))
    with pytest.raises(Faults, match='the measure "hearings_per_case" stands here twice'):
        run()


TRADE_OFF = """
[[report.trade_off]]
title = "Files"
gain = { measure = "utilisation", group = "GAIN" }
loss = "LOSS"
steps = { baseline = "0", ready = "1", nothing = "2" }
"""


@pytest.mark.parametrize(
    ("gain", "loss", "meant"),
    [
        ("oficers", "cost_gbp", 'no pool or court list called "oficers". Did you mean "officers"'),
        ("officers", "cost_gbb", 'no measure called "cost_gbb". Did you mean "cost_gbp"'),
    ],
)
def test_a_trade_off_of_what_is_not_there_is_refused(
    run: Callable[..., Path], question: Path, gain: str, loss: str, meant: str
) -> None:
    asked = TRADE_OFF.replace("GAIN", gain).replace("LOSS", loss)
    question.write_text(question.read_text() + asked)
    with pytest.raises(Faults, match=meant):
        run()


def test_the_manifest_keeps_the_trade_off_that_was_asked_for(
    run: Callable[..., Path], question: Path
) -> None:
    asked = TRADE_OFF.replace("GAIN", "officers_north").replace("LOSS", "cost_gbp")
    question.write_text(question.read_text() + asked)
    kept = json.loads((run() / "manifest.json").read_text())["experiment"]["trade_offs"]
    assert [one["title"] for one in kept] == ["Files"]
    assert list(kept[0]["steps"].items()) == [("baseline", "0"), ("ready", "1"), ("nothing", "2")]
    assert kept[0]["loss"] == [{"measure": "cost_gbp", "court": None, "group": None}]


def test_two_replications_that_are_the_same_are_refused(
    run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(model: Model, *, replication: int, **rest: Any) -> Any:
        return simulate(model, replication=0, **rest)

    monkeypatch.setattr(room, "simulate", stuck)
    with pytest.raises(RunFailed, match=r"0 and 1 and 2 of scenario baseline are the same"):
        run()
    assert not (tmp_path / "results").exists()


def test_any_scenario_can_be_the_baseline_of_a_comparison(run: Callable[..., Path]) -> None:
    folder = run()
    assert cjsim.compare(folder).equals(cjsim.read_results(folder).comparison)
    rows = cjsim.compare(folder, "ready").to_pylist()
    assert {row["scenario"]: row["difference"] for row in rows} == {"baseline": -1, "nothing": -1}
    with pytest.raises(Faults, match='Did you mean "ready"'):
        cjsim.compare(folder, "redy")


def test_the_newest_run_of_an_experiment_is_the_one_read(run: Callable[..., Path]) -> None:
    run()
    newest = run(seed=8)
    assert cjsim.read_results(newest.parent).folder == newest


def test_a_folder_without_results_says_so(tmp_path: Path) -> None:
    with pytest.raises(Faults, match="there are no results here"):
        cjsim.read_results(tmp_path)
    with pytest.raises(Faults, match="there is no such folder"):
        cjsim.read_results(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("file", "content", "wrong"),
    [
        ("manifest.json", "{", "this cannot be read"),
        ("manifest.json", "[]", "it has no run_id"),
        ("manifest.json", '{"run_id": "x"}', "it has no experiment, scenarios"),
        ("kpis.parquet", "no table", "this cannot be read"),
        ("comparison.parquet", "no table", "this cannot be read"),
        ("comparison.parquet", None, "this cannot be read"),
    ],
)
def test_results_that_are_damaged_say_which_file_is(
    run: Callable[..., Path], file: str, content: str | None, wrong: str
) -> None:
    folder = run()
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    with pytest.raises(Faults, match=wrong) as told:
        cjsim.read_results(folder)
    assert f'"{file}"' in str(told.value)
    assert "--fresh" in str(told.value)


def test_results_of_another_version_say_what_they_lack(run: Callable[..., Path]) -> None:
    path = run() / "comparison.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["n", "verdict"]), path)
    with pytest.raises(Faults, match="of another version: it has no n, verdict"):
        cjsim.read_results(path.parent)


@pytest.mark.parametrize(
    ("was", "now", "wrong"),
    [
        ("from = 2013-04-01", "from = 0001-04-01", "Write days from 1950 to 2100"),
        ("to = 2013-06-30", "to = 2913-06-30", "Write days from 1950 to 2100"),
        ("replications = 3", "replications = 1000000000", "10000"),
    ],
)
def test_a_run_beyond_all_bounds_is_refused(question: Path, was: str, now: str, wrong: str) -> None:
    text = question.read_text(encoding="utf-8")
    assert was in text
    question.write_text(text.replace(was, now), encoding="utf-8")
    with pytest.raises(Faults, match=wrong):
        load_experiment(question)


def test_a_study_holds_the_whole_period_alone_and_its_files_every_month(
    question: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_month(folder: Path, model: Model) -> pa.Table:
        whole = measure(folder, model)
        months = [{**whole.to_pylist()[0], "period": f"2013-0{month}"} for month in (4, 5, 6)]
        return pa.concat_tables([whole, pa.Table.from_pylist(months)])

    monkeypatch.setattr(room, "measure", by_month)
    plan = make_plan(load_experiment(question))
    for _ in ("run", "found again"):
        runs = run_plan(plan, folder=tmp_path / "study", workers=1, months=False)
        assert {period for run in runs for period in run.kpis["period"].to_pylist()} == {"all"}
    written = pq.read_table(tmp_path / "study" / "runs" / "ready" / "000" / room.MEASURES)
    assert written["period"].to_pylist() == ["all", "2013-04", "2013-05", "2013-06"]


def test_where_impossible_numbers_are_tried_one_that_cannot_run_has_no_measures(
    question: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(model: Model, **rest: Any) -> Any:
        if rest["replication"] == 1:
            raise CannotRun("no room")
        return simulate(model, **rest)

    monkeypatch.setattr(room, "simulate", full)
    plan = make_plan(load_experiment(question))
    runs = run_plan(plan, folder=tmp_path / "tried", workers=1, all_can_run=False)
    assert {run.replication for run in runs if run.cannot} == {1}
    assert all(run.kpis.num_rows == (0 if run.cannot else 1) for run in runs)
    assert not (tmp_path / "tried" / "runs" / "ready" / "001").exists()
    with pytest.raises(CannotRun):
        run_plan(plan, folder=tmp_path / "asked", workers=1)
