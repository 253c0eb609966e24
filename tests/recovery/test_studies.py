"""What an outcome is known to hang on is found again by the studies.

The engine is one line: the outcome is a known function of three values of the model, and chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cjsim.experiment import replication as room
from cjsim.experiment.designs import study as study_room
from cjsim.experiment.designs.sensitivity import sensitivity
from cjsim.experiment.designs.show import sobol_text, tornado_text, uncertainty_text
from cjsim.experiment.designs.study import StudyOptions
from cjsim.experiment.designs.sweep import sweep, sweep_text
from cjsim.experiment.designs.uncertainty import uncertainty
from cjsim.schema.model import Model
from cjsim.storage.outputs import LIST
from tests.conftest import PrintFigure
from tests.support.short_engine import put_in, simulate

EXPERIMENT = """
title = "A known outcome"
question = "Is it found again?"
owner = "The tests"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-06-30
replications = 4
seed = 7

[scenarios.one]
label = "One"
[scenarios.one.set]
"branches.file_ready.probability" = {{ value = 0.6, source = "assumption", range = [0.2, 0.9] }}
"branches.action_plan.probability" = {{ value = 0.3, source = "assumption", range = [0.1, 0.5] }}
"stages.investigation.duration" = {{ fixed = 10, source = "assumption", range = [5, 20] }}

[scenarios.two]
label = "Two"
uses = ["one"]
[scenarios.two.set]
"pools.officers.capacity" = {{ value = 5, each = true, source = "assumption", range = [4, 9] }}

[report]
watch = ["hearings_per_case"]

[sensitivity]
scenario = "one"
effects = false

[uncertain]
effects = false
draws = 40
replications = 4

[sweep]
scenario = "one"
[sweep.over]
"branches.file_ready.probability" = {{ values = [0.2, 0.5, 0.8] }}
"""

NOISE = np.random.default_rng(3).normal(0, 0.02, 100)


def last(value: Any, key: str = "value") -> float:
    return float(getattr(value.changes[-1], key)) if value.changes else 0.5


def outcome(model: Model) -> float:
    """10 r - 4 + 2 p, and nothing of the length of an investigation."""
    ready = last(model.branches["file_ready"].probability)
    plan = last(model.branches["action_plan"].probability)
    if not model.branches["file_ready"].probability.changes:
        return 0.0
    return 10 * ready - 4 + 2 * plan


def measure(folder: Path, model: Model) -> pa.Table:
    replication = int((folder / "replication").read_text())
    value = 100 + outcome(model) + NOISE[replication]
    whole = {"court": "all", "group": "", "period": "all"}
    return pa.Table.from_pylist(
        [
            {"kpi": "hearings_per_case", "value": value, "unit": "hearings per case", **whole},
            {"kpi": "cost_per_case_gbp", "value": -3 * value, "unit": "GBP per case", **whole},
        ]
    )


def run_one(model: Model, *, replication: int, folder: Path, **rest: Any) -> Any:
    (folder / "replication").write_text(str(replication))
    return simulate(model, replication=replication, folder=folder, **rest)


@pytest.fixture
def experiment(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file, text = tmp_path / "known.toml", EXPERIMENT.format(model=toy)
    return put_in(monkeypatch, file, text, simulate=run_one, measure=measure)


@pytest.fixture
def given(tmp_path: Path) -> StudyOptions:
    return StudyOptions(workers=1, out=tmp_path / "results", say=lambda _: None)


def test_a_tornado_finds_what_matters_and_where_it_breaks_even(
    experiment: Path, given: StudyOptions, figure: PrintFigure
) -> None:
    folder, content = sensitivity(experiment, given)
    bars = {row["lever"]: row for row in content["rows"]}
    ready, plan = bars["branches.file_ready.probability"], bars["branches.action_plan.probability"]
    # At rest 10 x 0.6 - 4 + 2 x 0.3 = 2.6.
    assert content["central"][0]["difference"] == pytest.approx(2.6)
    assert (ready["low_difference"], ready["high_difference"]) == pytest.approx((-1.4, 5.6))
    assert ready["break_even"] == pytest.approx(0.34)
    assert (plan["swing"], plan["break_even"]) == (pytest.approx(0.8), None)
    assert bars["stages.investigation.duration"]["swing"] == 0
    text = tornado_text(content)
    assert "Nothing hangs on stages.investigation.duration." in text
    lines = [line for line in text.splitlines() if line.startswith("branches.")]
    assert lines[0].startswith("branches.file_ready.probability"), "what matters most is first"
    assert lines[0].split()[-1] == "0.34"
    assert (folder / "tornado.csv").read_text().count("\n") == 4
    figure(
        f"break-even at {ready['break_even']:.4f}, known 0.34; swing {plan['swing']:.4f}, known 0.8"
    )


def test_how_far_a_share_swings_is_told_in_points_as_its_differences_are(
    experiment: Path, given: StudyOptions
) -> None:
    _, content = sensitivity(experiment, given)
    shares = {
        name: [{**row, "unit": "share"} for row in content[name]] for name in ("central", "rows")
    }
    ready = next(
        line
        for line in tornado_text({**content, **shares}).splitlines()
        if line.startswith("branches.file_ready")
    )
    assert [each for each in ("-140.0 pt", "+560.0 pt", " 700.0 pt") if each not in ready] == []


@pytest.mark.parametrize(
    ("runs", "size", "within"),
    [(170, 16, 0.15), pytest.param(1300, 128, 0.05, marks=pytest.mark.slow)],
)
def test_sobols_indices_find_the_shares_of_the_variance(
    experiment: Path, given: StudyOptions, figure: PrintFigure, runs: int, size: int, within: float
) -> None:
    _, content = sensitivity(experiment, replace(given, replications=2), sobol=runs)
    # The variance of 10 r over [0.2, 0.9] is 49 / 12, of 2 p over [0.1, 0.5] is 0.64 / 12.
    share = 49 / (49 + 0.64)
    found = {row["lever"]: row for row in content["rows"]}
    ready = found["branches.file_ready.probability"]
    assert content["size"] == size
    assert ready["first_order"] == pytest.approx(share, abs=within)
    assert ready["total_order"] == pytest.approx(share, abs=within)
    assert ready["first_order_low"] < share < ready["first_order_high"]
    plan = found["branches.action_plan.probability"]
    assert plan["total_order"] == pytest.approx(1 - share, abs=0.01)
    assert found["stages.investigation.duration"]["total_order"] == pytest.approx(0, abs=1e-9)
    spread = content["central"][0]["standard_deviation"]
    assert spread == pytest.approx(((49 + 0.64) / 12) ** 0.5, rel=0.03)
    assert "Standard deviation over the ranges" in sobol_text(content)
    known = ((49 + 0.64) / 12) ** 0.5
    figure(
        f"share {ready['first_order']:.3f}, known {share:.3f}; "
        f"standard deviation {spread:.3f}, known {known:.3f}"
    )


def test_a_sweep_gives_every_point_its_difference(experiment: Path, given: StudyOptions) -> None:
    folder, content = sweep(experiment, given)
    found = [(row["branches.file_ready.probability"], row["difference"]) for row in content["rows"]]
    assert found == [
        (0.2, pytest.approx(-1.4)),
        (0.5, pytest.approx(1.6)),
        (0.8, pytest.approx(4.6)),
    ]
    top = 'difference from the baseline at 3 points, on top of the scenario "one"'
    assert top in sweep_text(content)
    assert "Set:" not in sweep_text(content)
    assert (
        (folder / "sweep.csv").read_text().startswith("point,branches.file_ready.probability,kpi")
    )


def test_a_sweep_of_one_division_says_which(experiment: Path, given: StudyOptions) -> None:
    text = experiment.read_text()
    swept = "{ values = [0.2, 0.5, 0.8] }"
    in_north = swept.replace(" }", ', area = "north", from = 2013-05-01 }')
    experiment.write_text(text.replace(swept, in_north))
    _, content = sweep(experiment, given)
    assert "Set: file_ready.probability in north from 2013-05-01" in sweep_text(content)


@pytest.mark.slow
def test_draws_tell_what_is_not_known_from_chance(
    experiment: Path, given: StudyOptions, figure: PrintFigure
) -> None:
    folder, content = uncertainty(experiment, given)
    one = next(row for row in content["rows"] if row["scenario"] == "one")
    # Chance is the same on both sides, so that of the difference nothing is left of it.
    assert one["chance"] == pytest.approx(0, abs=1e-9)
    assert one["not_known"] == pytest.approx(((49 + 0.64) / 12) ** 0.5, rel=0.1)
    assert -2 < one["p05"] < 0 < one["p95"] < 6
    two = next(row for row in content["rows"] if row["scenario"] == "two")
    assert two["p05"] == pytest.approx(one["p05"]), "what both assume is drawn once for both"
    best = {row["option"]: row["best_in"] for row in content["best"]}
    # Fewer hearings are better: the baseline is, unless 10 r + 2 p falls below 4.
    assert best["baseline"] == pytest.approx(0.8, abs=0.1)
    assert best["one"] == best["two"]
    assert sum(best.values()) == pytest.approx(1)
    assert "Best in: the share of the 40 draws" in uncertainty_text(content)
    assert (folder / "draws.csv").read_text().count("\n") == 81
    known = ((49 + 0.64) / 12) ** 0.5
    figure(
        f"not known {one['not_known']:.3f}, true {known:.3f}; chance {one['chance']:.1g}, true 0"
    )


STUDIES: dict[str, Callable[..., Any]] = {
    "sweep": sweep,
    "tornado": sensitivity,
    "uncertainty": partial(uncertainty, draws=4),
}


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_cut_short_goes_on_and_gives_the_same_bytes(
    experiment: Path,
    given: StudyOptions,
    tmp_path: Path,
    study: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, _ = STUDIES[study](experiment, given)
    count = 0

    def breaks(*args: Any, **rest: Any) -> Any:
        nonlocal count
        count += 1
        if count == 7:
            raise KeyboardInterrupt
        return run_one(*args, **rest)

    again = StudyOptions(workers=1, out=tmp_path / "again", say=lambda _: None)
    monkeypatch.setattr(room, "simulate", breaks)
    with pytest.raises(KeyboardInterrupt, match="6 replications are kept"):
        STUDIES[study](experiment, again)
    resumed = StudyOptions(workers=1, out=tmp_path / "again", say=lambda _: None, resume=True)
    other, _ = STUDIES[study](experiment, resumed)
    files = {
        str(path.relative_to(whole)): path.read_bytes()
        for path in sorted(whole.rglob("*"))
        if path.is_file()
    }
    for name, found in files.items():
        assert (other / name).read_bytes() == found


def test_a_study_that_was_run_is_read_again(experiment: Path, given: StudyOptions) -> None:
    said: list[str] = []
    again = StudyOptions(workers=1, out=given.out, say=said.append, progress=lambda *_: 1 / 0)
    first = sensitivity(experiment, given)
    assert sensitivity(experiment, again) == first
    assert "has been run before" in said[-1]


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_about_other_measures_takes_them_from_the_runs_that_are_there(
    experiment: Path,
    given: StudyOptions,
    tmp_path: Path,
    study: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_cost = replace(given, measures=["cost_per_case_gbp"])
    at_once, _ = STUDIES[study](experiment, replace(of_cost, out=tmp_path / "at once"))
    there, _ = STUDIES[study](experiment, given)
    said: list[str] = []
    monkeypatch.setattr(room, "simulate", lambda *_, **__: 1 / 0)
    folder, content = STUDIES[study](experiment, replace(of_cost, say=said.append))
    assert folder == there
    assert content["watched"] == ["cost_per_case_gbp"]
    assert "taken from the same runs" in said[-1]
    for path in sorted(at_once.iterdir()):
        # The list of own files also keeps the hashes of the tables that were replaced.
        if path.is_file() and path.name != LIST:
            assert (folder / path.name).read_bytes() == path.read_bytes()
    assert not list(folder.parent.glob(".*.lock"))


def test_a_study_cut_short_between_its_tables_is_put_together_again(
    experiment: Path, given: StudyOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = sensitivity(experiment, given)
    whole = {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and path.name != LIST
    }
    with monkeypatch.context() as cut:
        cut.setattr(study_room, "results_file", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            sensitivity(experiment, replace(given, measures=["cost_per_case_gbp"]))
    monkeypatch.setattr(room, "simulate", lambda *_, **__: 1 / 0)
    sensitivity(experiment, given)
    assert {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and path.name != LIST
    } == whole


def test_a_run_that_is_gone_since_is_run_again_for_other_measures(
    experiment: Path, given: StudyOptions
) -> None:
    folder, _ = sensitivity(experiment, given)
    (lost,) = folder.glob("runs/baseline/001/kpis.parquet")
    before = lost.read_bytes()
    lost.unlink()
    sensitivity(experiment, replace(given, measures=["cost_per_case_gbp"]))
    assert lost.read_bytes() == before
