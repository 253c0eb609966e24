"""A chosen baseline, two runs side by side, and what is refused because it cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cjsim.errors import Faults
from cjsim.report.data import ResultsFolder
from cjsim.report.flow_diagram import flow_diagram_of
from cjsim.report.inputs import held_against, read_source, together
from tests.support.report_data import SCENARIOS, write_results


def changed(folder: Path, **values: Any) -> Path:
    """The same results with other values in the manifest."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, **values}), encoding="utf-8")
    return folder


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write_results(tmp_path / "first", scenarios=SCENARIOS[:2])


@pytest.fixture
def second(tmp_path: Path) -> Path:
    made = write_results(tmp_path / "second", scenarios=("baseline", "whole_county"))
    return changed(made, run_id="ffffffffffff")


def test_another_baseline_turns_a_difference_round(tmp_path: Path) -> None:
    source = read_source(write_results(tmp_path / "run"))
    usual, turned = ResultsFolder(source), ResultsFolder(held_against(source, "whole_county"))
    assert turned.scenarios == ("whole_county", "baseline", "north_pilot")
    key = ("early_guilty_plea_rate", "magistrates")
    one, other = usual.difference("whole_county", *key), turned.difference("baseline", *key)
    assert one is not None
    assert other is not None
    assert other.difference == pytest.approx(-one.difference)
    assert (other.verdict, one.verdict) == ("worse", "better")
    assert turned.source.suffix == "-against-whole_county"


def test_the_usual_baseline_is_left_as_it_is(first: Path) -> None:
    source = read_source(first)
    assert held_against(source, "baseline") is source


def test_a_baseline_that_is_not_there_is_refused_with_a_suggestion(first: Path) -> None:
    with pytest.raises(Faults, match=r"no scenario called \"north_pilt\""):
        held_against(read_source(first), "north_pilt")


def test_two_runs_stand_side_by_side(first: Path, second: Path) -> None:
    both = ResultsFolder(together(read_source(first), read_source(second)))
    assert both.scenarios == ("baseline", "north_pilot", "whole_county")
    key = ("cost_gbp", "all")
    alone = ResultsFolder(second).difference("whole_county", *key)
    beside = both.difference("whole_county", *key)
    assert alone is not None
    assert beside is not None
    assert beside.difference == pytest.approx(alone.difference)
    assert both.background.with_run is not None
    assert both.background.with_run.run_id == "ffffffffffff"


def test_two_runs_with_recorded_replications_have_a_flow_diagram(first: Path, second: Path) -> None:
    counts = {"content_hash": "", "events": 0, "cases": 0}
    for folder in (first, second):
        manifest = json.loads((folder / "manifest.json").read_text())
        runs = [
            {"scenario": scenario["name"], "replication": replication, **counts}
            for scenario in manifest["scenarios"]
            for replication in range(manifest["replications"])
        ]
        changed(folder, runs=runs)
    both = ResultsFolder(together(read_source(first), read_source(second)))
    assert flow_diagram_of(both).table.rows


def test_scenarios_of_one_name_keep_apart(first: Path, tmp_path: Path) -> None:
    twin = changed(write_results(tmp_path / "twin", scenarios=SCENARIOS[:2]), run_id="eeeeeeeeeeee")
    both = ResultsFolder(together(read_source(first), read_source(twin)))
    assert both.scenarios[-1] == "north_pilot_eeeeeeeeeeee"
    assert both.background.labels["north_pilot_eeeeeeeeeeee"].endswith("(run eeeeeeeeeeee)")


def test_the_fewer_replications_are_used_and_that_is_said(first: Path, tmp_path: Path) -> None:
    few = write_results(tmp_path / "few", scenarios=("baseline", "whole_county"), replications=3)
    both = ResultsFolder(together(read_source(first), read_source(changed(few, run_id="d" * 12))))
    assert both.replications == 3
    assert any("6 and 3 replications" in notice for notice in both.background.notices)


OPENING = {"file": "open.csv", "sha256": "0" * 64, "cases": 3}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"seed": 7}, "the seed is 20130401 in one run and 7 in the other"),
        ({"study_to": "2015-03-31"}, "the period ends on 2016-03-31 in one run and 2015-03-31"),
        ({"opening": OPENING}, "the open cases at the start are not set"),
        ({"versions": {"code": "b"}}, "different versions of cjsim"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    first: Path, second: Path, values: dict[str, Any], told: str
) -> None:
    with pytest.raises(Faults, match=told):
        together(read_source(first), read_source(changed(second, **values)))


def test_two_baselines_that_differ_are_refused_with_the_place(first: Path, second: Path) -> None:
    models = json.loads((second / "manifest.json").read_text(encoding="utf-8"))["models"]
    models["baseline"]["branches"]["file_ready"]["probability"]["value"] = 0.5
    with pytest.raises(Faults, match=r"they differ in branches\.file_ready\.probability\.value"):
        together(read_source(first), read_source(changed(second, models=models)))


def test_a_run_is_not_compared_with_itself(first: Path) -> None:
    with pytest.raises(Faults, match="both folders hold the same run"):
        together(read_source(first), read_source(first))
