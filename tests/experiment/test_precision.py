"""Replications are added until what is watched is as precise as asked, and it is said."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import cjsim
from cjsim.errors import Faults
from cjsim.experiment import replication as room
from cjsim.experiment.dry_run import dry_run
from cjsim.experiment.plan import Aim
from cjsim.experiment.precision import (
    Watched,
    half_widths,
    is_precise_enough,
    look_ahead,
    watched_differences,
)
from cjsim.experiment.replication import Replication
from cjsim.experiment.run import make_plan
from cjsim.experiment.show import comparison_text
from cjsim.measures.intervals import paired_intervals
from cjsim.scenarios.load import load_experiment
from cjsim.schema.model import Model
from tests.support.short_engine import EXPERIMENT, simulate

AIM = Aim(None, {"cost_gbp": 1.0}, 200, ("cost_gbp",))


def watched(*half: float, wanted: float = 1.0) -> Watched:
    """One difference with these half-widths from the tenth replication on."""
    widths = np.array([math.inf] * 9 + list(half))
    return Watched("a", ("cost_gbp", "all", ""), "GBP", widths, np.full(len(widths), wanted))


def run_of(scenario: str, replication: int, value: float, **key: Any) -> Replication:
    row = {
        "kpi": "cost_gbp",
        "court": "all",
        "group": "",
        "period": "all",
        "value": value,
        "unit": "GBP",
        **key,
    }
    return Replication(scenario, replication, "", 0, 0, 0.0, pa.Table.from_pylist([row]))


def runs_of(before: Sequence[float], after: Sequence[float], **key: Any) -> list[Replication]:
    sides = (("baseline", before), ("a", after))
    return [run_of(name, n, v, **key) for name, side in sides for n, v in enumerate(side)]


def test_a_half_width_is_that_of_students_interval_of_the_replications_so_far() -> None:
    differences = np.array([1.0, 3.0, 2.0, 5.0])
    found = half_widths(differences, 0.95)
    assert found[0] == math.inf
    for count in (2, 3, 4):
        interval = stats.ttest_1samp(differences[:count], 0).confidence_interval(0.95)
        assert found[count - 1] == pytest.approx((interval.high - interval.low) / 2)


def test_it_must_be_precise_and_stay_so_for_five_replications_more() -> None:
    assert not is_precise_enough([watched(0.9)], 10)
    assert not is_precise_enough([watched(*[0.9] * 5)], 14)
    assert is_precise_enough([watched(*[0.9] * 6)], 15)
    assert not is_precise_enough([watched(0.9, 0.9, 0.9, 1.1, 0.9, 0.9)], 15), "lost on the way"
    assert is_precise_enough([watched(0.9, 1.1, *[0.9] * 6)], 17)


def test_what_was_not_precise_does_not_count_towards_the_five() -> None:
    assert not is_precise_enough([watched(1.1, *[0.9] * 5)], 15)
    assert is_precise_enough([watched(1.1, *[0.9] * 6)], 16)


@pytest.mark.parametrize(("first", "more"), [(140, 7), (159, 7), (160, 8), (199, 9), (200, 10)])
def test_how_long_it_must_hold_follows_from_where_it_began(first: int, more: int) -> None:
    halves = [1.1] * (first - 10) + [0.9] * 20
    assert not is_precise_enough([watched(*halves)], first + more - 1)
    assert is_precise_enough([watched(*halves)], first + more)


def test_one_scenario_has_students_interval_as_it_is() -> None:
    before, after = [10.0, 11.0, 9.0, 12.0], [11.5, 11.0, 10.0, 14.0]
    (one,) = watched_differences(runs_of(before, after), ["baseline", "a"], AIM)
    differences = np.array(after) - np.array(before)
    interval = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert one.half_widths[-1] == pytest.approx((interval.high - interval.low) / 2)
    assert (one.unit, list(one.wanted)) == ("GBP", [1.0] * 4)


def test_what_one_side_lacks_is_no_difference() -> None:
    runs = [*runs_of([10.0, 11.0], [12.0, 13.0]), run_of("a", 0, 3.0, kpi="open_cases")]
    aim = Aim(0.1, {}, 200, ("cost_gbp", "open_cases"))
    found = watched_differences(runs, ["baseline", "a"], aim)
    assert [one.key[0] for one in found] == ["cost_gbp"]


def test_a_replication_that_one_side_lacks_is_left_out() -> None:
    runs = [
        one
        for one in runs_of([10.0, 11.0, 9.0], [12.0, 13.5, 8.0])
        if (one.scenario, one.replication) != ("baseline", 1)
    ]
    (one,) = watched_differences(runs, ["baseline", "a"], AIM)
    interval = stats.ttest_1samp([2.0, -1.0], 0).confidence_interval(0.95)
    assert len(one.half_widths) == 3
    assert one.half_widths[-1] == pytest.approx((interval.high - interval.low) / 2)


def test_every_difference_must_be_precise() -> None:
    assert not is_precise_enough([watched(*[0.9] * 6), watched(*[1.1] * 6)], 15)
    assert is_precise_enough([watched(*[0.9] * 6), watched(*[1.1] * 6, wanted=2.0)], 15)


def test_fewer_than_ten_are_never_enough() -> None:
    one = Watched("a", ("cost_gbp", "all", ""), "GBP", np.zeros(9), np.ones(9))
    assert not is_precise_enough([one], 9)


def test_beyond_a_hundred_it_looks_further_ahead() -> None:
    assert [look_ahead(count) for count in (10, 100, 120, 150, 200)] == [5, 5, 6, 7, 10]


def test_a_share_is_of_the_baselines_level() -> None:
    (one,) = watched_differences(
        runs_of([100, 300, 200], [101, 303, 202]),
        ["baseline", "a"],
        Aim(0.01, {}, 200, ("cost_gbp",)),
    )
    assert one.wanted.tolist() == pytest.approx([1.0, 2.0, 2.0])


def test_a_measures_own_unit_goes_before_the_share() -> None:
    (one,) = watched_differences(
        runs_of([100, 300], [101, 303]),
        ["baseline", "a"],
        Aim(0.01, {"cost_gbp": 7.0}, 200, ("cost_gbp",)),
    )
    assert one.wanted.tolist() == [7.0, 7.0]


def test_of_a_measure_that_is_nothing_in_the_baseline_no_share_is_asked() -> None:
    aim = Aim(0.01, {}, 200, ("cost_gbp",))
    assert watched_differences(runs_of([0, 0], [1, 2]), ["baseline", "a"], aim) == []


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ({}, 1),
        ({"group": "median"}, 1),
        ({"group": "police"}, 0),
        ({"period": "2013-04"}, 0),
        ({"kpi": "open_cases"}, 0),
    ],
)
def test_whole_measures_of_the_whole_period_are_watched(key: dict[str, str], count: int) -> None:
    found = watched_differences(runs_of([1, 2], [2, 4], **key), ["baseline", "a"], AIM)
    assert len(found) == count


def test_both_courts_together_stand_for_each_of_them() -> None:
    runs = runs_of([1, 2], [2, 4])
    apart = [
        Replication(
            one.scenario,
            one.replication,
            "",
            0,
            0,
            0.0,
            pa.concat_tables(
                [
                    one.kpis,
                    one.kpis.set_column(1, "court", pa.array(["crown"])),
                ]
            ),
        )
        for one in runs
    ]
    found = watched_differences(apart, ["baseline", "a"], AIM)
    assert [one.key[1] for one in found] == ["all"]


def test_with_several_scenarios_the_intervals_hold_together() -> None:
    runs = [*runs_of([1, 2, 3], [2, 4, 7]), *(run_of("b", n, n * 3.0) for n in range(3))]
    one = watched_differences(runs, ["baseline", "a", "b"], AIM)[0]
    assert one.half_widths[2] == pytest.approx(half_widths(np.array([1.0, 2, 4]), 0.975)[2])


# --- in a run -------------------------------------------------------------------------------

NOISE = np.random.default_rng(7).normal(0, 1, 400)


def noisy(folder: Path, model: Model) -> pa.Table:
    """The baseline's level is 100; the scenario's differs by 5 and some noise."""
    number = int((folder / "events.parquet").read_text())
    ready = bool(model.branches["file_ready"].probability.changes)
    value = 100.0 + (5 + NOISE[number] if ready else 0.0)
    row = {
        "kpi": "hearings_per_case",
        "court": "all",
        "group": "",
        "period": "all",
        "value": value,
        "unit": "hearings per case",
    }
    return pa.Table.from_pylist([row])


@pytest.fixture
def question(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(room, "simulate", simulate)
    monkeypatch.setattr(room, "measure", noisy)
    file = tmp_path / "question.toml"
    text = EXPERIMENT.format(model=toy).replace("replications = 3\n", "")
    file.write_text(text + "\n[precision]\nof_baseline = 0.005\n")
    return file


def test_a_run_adds_replications_until_it_is_precise(run: Callable[..., Path]) -> None:
    manifest = cjsim.read_results(run()).manifest
    count = manifest["replications"]
    assert 15 < count < 100
    assert count % 5 == 0
    assert manifest["precision"]["reached"]
    assert len(manifest["runs"]) == 3 * count
    (one,) = [d for d in manifest["precision"]["differences"] if d["scenario"] == "ready"]
    assert one["half_width"] <= one["wanted"] == pytest.approx(0.5)
    results = cjsim.read_results(run())
    (row,) = [row for row in results.comparison.to_pylist() if row["scenario"] == "ready"]
    assert row["n"] == count
    assert (row["high"] - row["low"]) / 2 <= 0.5
    said = f"Every watched difference is as precise as asked, after {count} replications."
    assert said in comparison_text(results)


def test_what_cannot_be_reached_is_said(run: Callable[..., Path], question: Path) -> None:
    question.write_text(question.read_text() + "most_replications = 12\n")
    results = cjsim.read_results(run())
    assert results.manifest["replications"] == 12
    assert not results.manifest["precision"]["reached"]
    text = comparison_text(results)
    assert "Not as precise as asked after 12 replications, the most allowed:" in text
    assert "hearings_per_case (all), ready: known to within" in text


def test_what_no_precision_could_be_asked_of_is_said(
    run: Callable[..., Path], question: Path
) -> None:
    watch = 'watch = ["hearings_per_case", "open_cases"]'
    question.write_text(question.read_text().replace('watch = ["hearings_per_case"]', watch))
    results = cjsim.read_results(run())
    assert results.manifest["precision"]["not_asked"] == ["open_cases"]
    text = comparison_text(results)
    assert "Every other watched difference is as precise as asked" in text
    assert "Of open_cases no precision was asked: a share of nothing is nothing." in text


def test_the_number_does_not_depend_on_where_it_was_cut_short(
    run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run()

    def breaks(model: Model, *, replication: int, **rest: Any) -> Any:
        if replication == 17:
            raise KeyboardInterrupt
        return simulate(model, replication=replication, **rest)

    monkeypatch.setattr(room, "simulate", breaks)
    with pytest.raises(KeyboardInterrupt, match="51 replications are kept"):
        run(out=tmp_path / "again")
    monkeypatch.setattr(room, "simulate", simulate)
    again = run(out=tmp_path / "again", resume=True)
    for name in ("manifest.json", "kpis.parquet", "comparison.parquet"):
        assert (again / name).read_bytes() == (whole / name).read_bytes()


def test_a_number_set_by_hand_goes_before_the_precision(run: Callable[..., Path]) -> None:
    said: list[str] = []
    manifest = cjsim.read_results(run(replications=4, say=said.append)).manifest
    assert (manifest["replications"], manifest["precision"]) == (4, None)
    assert any("set by hand" in line for line in said)


def test_the_command_may_ask_for_another_precision(question: Path) -> None:
    experiment = load_experiment(question)
    assert make_plan(experiment).replications == 10
    tight = make_plan(experiment, precision=0.001)
    assert tight.aim is not None
    assert tight.aim.of_baseline == 0.001
    assert tight.hash != make_plan(experiment).hash
    assert make_plan(experiment, precision=0.001, replications=25).replications == 25


def test_a_dry_run_says_how_many_there_may_be(question: Path) -> None:
    assert "10 of each to begin with, 200 at most" in "\n".join(dry_run(question))


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("of_baseline = 0.005", "", "no precision is asked for"),
        ("of_baseline = 0.005", "of_baseline = 2", "1"),
        ("of_baseline = 0.005", "most_replications = 5", "10"),
        ("[precision]", "[precision]\nmeasures = { cost_gpb = 5 }", 'Did you mean "cost_gbp"'),
        ('watch = ["hearings_per_case"]', "", "nothing is watched that could be precise"),
    ],
)
def test_a_precision_that_cannot_be_meant_is_a_fault(
    question: Path, was: str, now: str, told: str
) -> None:
    text = question.read_text()
    assert was in text
    question.write_text(text.replace(was, now))
    with pytest.raises(Faults, match=told):
        make_plan(load_experiment(question))


def test_the_manifest_says_what_was_asked(run: Callable[..., Path]) -> None:
    asked = json.loads((run() / "manifest.json").read_text())["precision"]["asked"]
    assert asked == {
        "of_baseline": 0.005,
        "measures": {},
        "most_replications": 200,
        "watched": ["hearings_per_case"],
    }


def test_a_difference_that_is_not_seen_is_precise_only_once_it_would_be_rare() -> None:
    half = half_widths(np.zeros(70), 0.95)
    assert np.isinf(half[:58]).all(), "59 without one leave fewer than one in twenty"
    assert (half[58:] == 0).all()


def test_a_difference_seen_once_is_known_no_better_than_a_comparison_says() -> None:
    differences = np.zeros(20)
    differences[3] = 2.0
    half = half_widths(differences, 0.95)
    low, high = paired_intervals(np.zeros((1, 20)), differences[None, :])
    assert half[-1] == pytest.approx((high[0] - low[0]) / 2)
    # Student's would be content with 0.21 after twenty, and with 0 after the first three.
    assert half[-1] > 2
    assert np.isinf(half[:3]).all()
