"""A calibration from its file to its ensemble, with a system that answers at once."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from cjsim.calibration.history_matching import run as room
from cjsim.calibration.history_matching.config import Discrepancy, load_calibration
from cjsim.calibration.history_matching.files import calibration_text, publish
from cjsim.calibration.history_matching.history import (
    Goal,
    goal_for,
    nth_largest,
    spread_out,
    weighted_quantiles,
)
from cjsim.calibration.history_matching.run import CalibrationOptions, calibrate
from cjsim.calibration.targets import Measured, Target, Tolerance, simulated_values
from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.designs.ensemble import read_ensemble
from cjsim.experiment.designs.parameters import at_levels
from cjsim.experiment.replication import Replication
from cjsim.scenarios.load import load_model
from cjsim.scenarios.scenario import ResolvedScenario


@pytest.fixture
def file(root: Path, tmp_path: Path) -> Path:
    """The toy's calibration in a folder of its own."""
    text = (root / "calibration" / "toy.toml").read_text(encoding="utf-8")
    text = text.replace("../models/toy", str(root / "models" / "toy"))
    text = text.replace('"targets/toy.toml"', f'"{root}/calibration/targets/toy.toml"')
    place = tmp_path / "toy.toml"
    text = text.replace("points = 24", "points = 16").replace("sample = 8192", "sample = 2048")
    place.write_text(text, encoding="utf-8")
    return place


def changed(file: Path, before: str, after: str) -> Path:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    return file


def answers(plan: Any, **_: Any) -> list[Replication]:
    """What each model would say, straight from its numbers: rest, bail, action plans."""
    runs = []
    for name, model in plan.models.items():
        rest = model.stages["rest_and_legal_advice"].duration.median
        bail = model.stages["pre_charge_bail"].duration.median
        plans = model.branches["action_plan"].probability.value
        for number in range(plan.replications):
            random_streams = np.random.default_rng([plan.seed, number]).normal(size=3) * 0.01
            values = {
                "detention_hours": 9.5 + rest + random_streams[0],
                "pre_charge_bail_days": 5 + bail + random_streams[1],
                "consultations_per_decision": 1 + plans + random_streams[2],
                "arrest_to_charge_days": 4 + bail / 4,
            }
            rows = [
                {"kpi": kpi, "court": "all", "group": group, "period": "all", "value": value}
                for kpi, value in values.items()
                for group in ("mean", "")
            ]
            runs.append(
                Replication(name, number, f"{name}{number}", 1, 1, 0.0, pa.Table.from_pylist(rows))
            )
    return runs


def given(tmp_path: Path, said: list[str] | None = None) -> CalibrationOptions:
    lines = [] if said is None else said
    return CalibrationOptions(workers=1, out=tmp_path / "out", say=lines.append)


def measure_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_sets_left_agree_with_what_is_published(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "run_plan", answers)
    said: list[str] = []
    folder = calibrate(file, given(tmp_path, said))
    assert [line for line in said if line.startswith("Wave 2 of 2: 16 points")]
    ensemble = read_ensemble(publish(folder, file))
    assert len(ensemble.sets) == 8
    for levels in ensemble.sets:
        assert levels["stages.rest_and_legal_advice.duration"] == pytest.approx(5.1, abs=1.9)
        assert levels["stages.pre_charge_bail.duration"] == pytest.approx(13, abs=5.5)
        assert levels["branches.action_plan.probability"] == pytest.approx(0.45, abs=0.21)
    content = json.loads((folder / "manifest.json").read_text())
    assert content["unmatched"] == []
    by_id = {row["target"]: row for row in content["targets"]}
    assert by_id["toy_arrest_to_charge_mean_days"]["use"] == "blind"
    assert by_id["toy_detention_mean_hours"]["after_in"]
    shares = [wave["share_left"] for wave in content["waves"]]
    assert 0 < shares[1] <= shares[0] < 1
    assert len(measure_rows(folder / "points.csv")) == 32
    assert "8 plausible sets" in calibration_text(folder)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml") == 4
    assert "More than half of the sets match every fitted target" in page


def test_a_target_that_nothing_can_match_is_named(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "run_plan", lambda plan, **_: far_off(answers(plan)))
    said: list[str] = []
    folder = calibrate(file, given(tmp_path, said))
    content = json.loads((folder / "manifest.json").read_text())
    assert content["sets_plausible"] == 0
    assert content["unmatched"][0] == "toy_detention_mean_hours"
    assert any(line.startswith("No point is plausible") for line in said)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Not matched by more than half of the sets: Mean time in police" in page
    assert "no set of parameters agrees" in page.lower()


def far_off(runs: list[Replication]) -> list[Replication]:
    """Detention four times as long as anything would bear."""
    for run in runs:
        rows = run.kpis.to_pylist()
        for row in rows:
            row["value"] *= 4 if row["kpi"] == "detention_hours" else 1
        object.__setattr__(run, "kpis", pa.Table.from_pylist(rows))
    return runs


def test_held_out_figures_move_nothing(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "run_plan", answers)
    first = calibrate(file, given(tmp_path)) / "ensemble.csv"
    targets = tmp_path / "targets.toml"
    source = Path(re.search(r'targets = "(.*)"', file.read_text())[1])  # type: ignore[index]
    targets.write_text(source.read_text().replace("published = 8.5", "published = 85"))
    changed(file, f'"{source}"', f'"{targets}"')
    second = calibrate(file, given(tmp_path)) / "ensemble.csv"
    assert second != first
    assert second.read_bytes() == first.read_bytes()


def test_what_is_said_of_a_target_is_no_part_of_the_plan(file: Path, tmp_path: Path) -> None:
    before = load_calibration(file).plan.hash
    source = Path(re.search(r'targets = "(.*)"', file.read_text())[1])  # type: ignore[index]
    text = source.read_text(encoding="utf-8")
    targets = tmp_path / "targets.toml"
    targets.write_text(text.replace('source = "made up"', 'source = "made up indeed"'))
    changed(file, f'"{source}"', f'"{targets}"')
    hash_of_file = load_calibration(file).plan.hash
    assert hash_of_file != before  # the file names other targets
    targets.write_text(text)
    assert load_calibration(file).plan.hash == hash_of_file
    targets.write_text(text.replace("published = 18.0", "published = 18.5"))
    assert load_calibration(file).plan.hash != hash_of_file


def test_what_is_held_out_is_part_of_the_plan(file: Path) -> None:
    before = load_calibration(file).plan.hash
    changed(file, "toy_arrest_to_charge_mean_days = ", "toy_detention_mean_hours = ")
    assert load_calibration(file).plan.hash != before


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("rest_and_legal_advice", "rest_and_legal_advise", "no value .*Did you mean"),
        ("range = [5, 30]", "range = [30, 5]", "wrong way round"),
        ("range = [5, 30]", "range = [5, 300]", "beyond the number's own range"),
        ("toy_arrest_to_charge_mean_days =", "toy_arrest_to_charge =", "no target called"),
        ("points = 16", "points = 2", "points"),
        ("waves = 2", "wave = 2", "wave"),
        ("replications = 3\nseed", "replications = 1\nseed", "replications"),
        ("to = 2013-06-30", "to = 2012-06-30", "ends before it begins"),
    ],
)
def test_slips_in_the_file_are_faults(file: Path, before: str, after: str, message: str) -> None:
    with pytest.raises(Faults, match=message):
        load_calibration(changed(file, before, after))


def test_a_dry_run_says_what_it_takes(file: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["calibrate", str(file), "--out", str(tmp_path), "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "3 free parameters" in done.output
    assert "3 targets fitted, 1 not fitted" in done.output
    assert "Nothing was run." in done.output


# --- how a point is judged ----------------------------------------------------------------------


def test_inside_a_range_nothing_is_implausible() -> None:
    goal = Goal("a", 10.0, 12.0, 0.25)
    found = goal.implausibility(np.array([9.0, 10.0, 11.0, 13.0, np.nan]), 0.0)
    assert found.tolist() == [2.0, 0.0, 0.0, 2.0, np.inf]
    assert goal.implausibility(np.array([9.0]), 0.75).tolist() == [1.0]


def test_the_edge_of_a_tolerance_lies_at_the_cut() -> None:
    target = Target(
        id="a",
        title="A",
        kpi="arrests",
        court="all",
        group="",
        published=10.0,
        unit="days",
        tolerance=Tolerance(absolute=3.0),
        source="made up",
    )
    nothing_left_out = Discrepancy(default=0.0)
    whole, half = (goal_for(target, part, nothing_left_out) for part in (1.0, 0.5))
    assert whole.implausibility(np.array([13.0]), 0.0) == pytest.approx(3.0)
    assert half.implausibility(np.array([11.5]), 0.0) == pytest.approx(3.0)
    bound = target.model_copy(update={"tolerance": Tolerance(at_least=True)})
    assert goal_for(bound, 1.0, Discrepancy()).implausibility(np.array([99.0]), 0.0) == 0.0


def test_the_second_largest_forgives_one_target() -> None:
    found = np.array([[9.0, 1.0, 2.0], [0.0, 4.0, 5.0]])
    assert [nth_largest(found, place).tolist() for place in (1, 2, 3)] == [
        [9.0, 5.0],
        [2.0, 4.0],
        [1.0, 0.0],
    ]


def test_points_that_are_spread_out_are_some_of_them_and_far_apart() -> None:
    points = np.random.default_rng(1).random((200, 2))
    kept = spread_out(points, 9)
    assert len({tuple(one) for one in kept.tolist()}) == 9
    assert {tuple(one) for one in kept.tolist()} <= {tuple(one) for one in points.tolist()}
    gaps = [np.linalg.norm(a - b) for place, a in enumerate(kept) for b in kept[:place]]
    assert min(gaps) > 0.2


def test_weights_move_a_quantile() -> None:
    values = np.arange(5.0)
    assert weighted_quantiles(values, np.full(5, 0.2), [0.5]) == pytest.approx([2.0])
    assert weighted_quantiles(values, np.array([0.0, 0, 0, 0.5, 0.5]), [0.5])[0] > 3.0


# --- what a target measures -----------------------------------------------------------------------


def test_a_share_is_one_measure_over_another() -> None:
    rows = [
        {
            "replication": number,
            "kpi": "open_cases",
            "court": "crown",
            "group": group,
            "period": "all",
            "value": value,
        }
        for number, parts in ((0, {"": 10.0, "a": 2.0, "b": 3.0}), (1, {"": 0.0, "a": 1.0}))
        for group, value in parts.items()
    ]
    target = Target(
        id="a",
        title="A",
        kpi="open_cases",
        court="crown",
        group=("a", "b"),
        over=Measured(kpi="open_cases", court="crown", group=""),
        published=0.5,
        unit="share",
        tolerance=Tolerance(absolute=0.1),
        source="made up",
    )
    first, second = simulated_values(pa.Table.from_pylist(rows), target)
    assert first == 0.5
    assert np.isnan(second)


# --- levels ---------------------------------------------------------------------------------------


def test_a_model_at_levels_keeps_spreads_and_tables_in_proportion(toy: Path) -> None:
    model = load_model(toy)
    table = model.streams["summons"].per_year.value
    assert isinstance(table, dict)
    baseline = ResolvedScenario("baseline", model)
    moved = at_levels(
        baseline,
        {"stages.rest_and_legal_advice.duration": 6.0, "factor streams.summons.per_year": 0.5},
    ).model
    before = model.stages["rest_and_legal_advice"].duration
    after = moved.stages["rest_and_legal_advice"].duration
    assert after.median == 6.0
    assert after.p90 == pytest.approx(before.p90 / before.median * 6.0)  # type: ignore[operator]
    assert moved.streams["summons"].per_year.value == {
        key: pytest.approx(value / 2) for key, value in table.items()
    }
    with pytest.raises(Faults, match="no number"):
        at_levels(baseline, {"stages.rest.duration": 1.0})
    with pytest.raises(Faults, match="range"):
        at_levels(baseline, {"branches.action_plan.probability": 0.99})
