"""A model with values at other levels: the settings of a scenario, the model's own, points."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from cjsim.errors import Faults
from cjsim.experiment.designs.parameters import (
    at_shares,
    factor_of_model,
    factors_of,
)
from cjsim.experiment.designs.points import Point, at_point, check_axes
from cjsim.experiment.designs.sweep import latin_hypercube, points_of
from cjsim.scenarios.resolve import resolve
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import Amount, Duration
from cjsim.schema.change import ReplaceEach, SetLevel
from cjsim.schema.experiment import Experiment
from cjsim.schema.studies import Axis, Sweep

FIRST = dt.date(2013, 4, 1)
READY = "branches.file_ready.probability"
LENGTH = "stages.investigation.duration"
STAFF = "pools.officers.capacity"


def resolved(toy: Path, **settings: Any) -> dict[str, ResolvedScenario]:
    source = {"source": "assumption"}
    experiment = Experiment.model_validate(
        {
            "title": "T",
            "question": "Q",
            "owner": "O",
            "run": {"model": str(toy), "from": FIRST, "to": dt.date(2014, 3, 31), "seed": 1},
            "scenarios": {
                "one": {
                    "label": "One",
                    "set": {
                        path: [{**source, **each} for each in given]
                        for path, given in settings.items()
                    },
                }
            },
        }
    )
    return resolve(experiment)


def levers(models: dict[str, ResolvedScenario]) -> list[Any]:
    return factors_of(models["one"])[0]


def test_the_settings_of_a_path_are_one_lever_that_moves_each_over_its_own_range(toy: Path) -> None:
    models = resolved(
        toy,
        **{
            READY: [
                {"value": 0.7, "range": (0.5, 0.9), "area": "north"},
                {"value": 0.6, "range": (0.2, 0.8), "area": "south", "from": dt.date(2013, 9, 1)},
            ]
        },
    )
    (lever,) = levers(models)
    assert (lever.path, lever.scenario, len(lever.parts)) == (READY, "one", 2)
    assert lever.at_rest == pytest.approx(0.5)
    low = at_shares(models["one"], {lever: 0.0}).model.branches["file_ready"].probability
    assert [change.value for change in low.changes] == [0.5, 0.2]
    high = at_shares(models["one"], {lever: 1.0}).model.branches["file_ready"].probability
    assert [change.value for change in high.changes] == [0.9, 0.8]
    before = models["baseline"].model.branches["file_ready"].probability
    assert high.value == before.value, "what held before the scenario still does"


def test_at_rest_it_is_the_scenario_itself(toy: Path) -> None:
    models = resolved(toy, **{READY: [{"value": 0.6, "range": (0.2, 0.8)}]})
    (lever,) = levers(models)
    assert at_shares(models["one"], {lever: lever.at_rest}) == models["one"]


def test_a_length_keeps_its_spread(toy: Path) -> None:
    models = resolved(toy, **{LENGTH: [{"median": 10, "p90": 25, "range": (5, 20)}]})
    (lever,) = levers(models)
    (change,) = (
        at_shares(models["one"], {lever: 1.0}).model.stages["investigation"].duration.changes
    )
    assert (change.median, change.p90) == (20, 50)


def test_people_are_counted_in_whole_numbers(toy: Path) -> None:
    models = resolved(toy, **{STAFF: [{"value": 5, "each": True, "range": (3, 8)}]})
    (lever,) = levers(models)
    found = at_shares(models["one"], {lever: 0.5}).model.pools["officers"].capacity
    assert [change.value for change in found.changes] == [6.0]
    assert lever.level(0.5) == 6.0


def test_a_table_is_scaled_as_far_as_its_range_lets_every_entry_go(toy: Path) -> None:
    models = resolved(
        toy, **{READY: [{"value": {"fraud": 0.4, "default": 0.5}, "range": (0.2, 0.8)}]}
    )
    (lever,) = levers(models)
    (low,) = at_shares(models["one"], {lever: 0.0}).model.branches["file_ready"].probability.changes
    (high,) = (
        at_shares(models["one"], {lever: 1.0}).model.branches["file_ready"].probability.changes
    )
    assert low.value == pytest.approx({"fraud": 0.2, "default": 0.25})
    assert high.value == pytest.approx({"fraud": 0.64, "default": 0.8})
    assert lever.at_rest == pytest.approx((1 - 0.5) / (1.6 - 0.5))


def test_shares_and_points_without_a_range_are_left_out_and_told(toy: Path) -> None:
    shares = {"fixture": 1.0, "warned_list": 0.0, "floater": 0.0}
    models = resolved(
        toy,
        **{
            "multiway_branches.crown_listing.shares": [{"value": shares, "range": (0, 1)}],
            READY: [{"value": 0.5, "source": "toy", "evidence": "measured"}],
        },
    )
    found, left_out = factors_of(models["one"])
    assert found == []
    assert sorted(left_out) == [READY, "multiway_branches.crown_listing.shares"]


def test_a_value_of_the_model_itself_moves_from_the_first_day_of_the_warm_up(toy: Path) -> None:
    models = resolved(toy, **{READY: [{"value": 0.6, "range": (0.2, 0.8)}]})
    lever = factor_of_model(
        models["baseline"].model, "branches.action_plan.probability", "f", "k", factor=False
    )
    value = models["baseline"].model.branches["action_plan"].probability
    assert value.range is not None
    for name in ("baseline", "one"):
        moved = at_shares(models[name], {lever: 1.0}).model.branches["action_plan"].probability
        assert moved.value == value.range[1]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("branches.action_plan.probabilty", "Did you mean"),
        ("branches.domestic_abuse.probability", "no range"),
        ("multiway_branches.crown_listing.shares", "no range"),
    ],
)
def test_a_value_that_cannot_be_varied_is_a_fault(toy: Path, path: str, wrong: str) -> None:
    with pytest.raises(Faults, match=wrong):
        factor_of_model(
            resolved(toy)["baseline"].model, path, "question.toml", "sensitivity.also", factor=False
        )


def test_a_model_that_cannot_be_is_a_fault(toy: Path) -> None:
    models = resolved(
        toy,
        **{
            "streams.summons.per_year": [
                {"value": {"motoring": 310, "default": 0}, "range": (0, 1000)}
            ]
        },
    )
    baseline = models["baseline"].model
    assert isinstance(baseline.streams["summons"].per_year, Amount)
    point = Point(ReplaceEach(10**6), None, FIRST, (0, 10**6))
    with pytest.raises(Faults, match="headroom"):
        at_point(models["one"], {"streams.summons.per_year": point})


# --- points ---------------------------------------------------------------------------------


def test_a_level_is_set_where_the_scenario_sets_one_and_added_where_it_does_not(toy: Path) -> None:
    models = resolved(
        toy,
        **{
            READY: [
                {"value": 0.7, "range": (0.5, 0.9), "area": "north", "from": dt.date(2013, 6, 1)},
            ]
        },
    )
    points = {
        READY: Point(SetLevel(0.1), None, FIRST, (0.1, 0.9)),
        LENGTH: Point(SetLevel(20.0), "south", FIRST, (5, 20)),
    }
    found = at_point(models["one"], points).model
    ready = found.branches["file_ready"].probability.changes
    assert [(one.from_, one.area, one.value) for one in ready] == [
        (dt.date(2013, 6, 1), "north", 0.1)
    ]
    before = models["baseline"].model.stages["investigation"].duration
    (length,) = found.stages["investigation"].duration.changes
    assert (length.from_, length.area, length.median) == (FIRST, "south", 20)
    assert isinstance(before, Duration)
    assert length.p90 == pytest.approx(before.p90 * 20 / before.median)


def test_a_chance_above_one_is_a_fault(toy: Path) -> None:
    baseline, point = resolved(toy)["baseline"], Point(SetLevel(1.5), None, FIRST, (0, 2))
    with pytest.raises(Faults, match="probability must be from 0 to 1"):
        at_point(baseline, {READY: point})


def test_what_cannot_be_swept_is_told_with_what_could(toy: Path) -> None:
    axis = Axis(values=(0.1, 0.2))
    axes = {"multiway_branches.crown_listing.shares": axis, f"{READY}x": axis}
    with pytest.raises(Faults) as told:
        check_axes(resolved(toy)["baseline"].model, axes, FIRST, "s.toml")
    assert "a table of shares or weights" in str(told.value)
    assert f'Did you mean "{READY}"' in str(told.value)


def test_a_grid_is_every_combination_in_the_order_given() -> None:
    asked = Sweep(over={"a": Axis(values=(3, 1, 3)), "b": Axis(low=0, high=1, steps=3)})
    assert [tuple(point.values()) for point in points_of(asked, seed=1)] == [
        (3, 0),
        (3, 0.5),
        (3, 1),
        (1, 0),
        (1, 0.5),
        (1, 1),
    ]


def test_whole_steps_are_taken_once_each() -> None:
    assert Axis(low=1, high=3, steps=5, whole=True).levels() == [1, 2, 3]


def test_a_hypercube_hits_each_part_of_each_range_once() -> None:
    shares = latin_hypercube(10, 3, seed=5)
    assert sorted((shares * 10).astype(int)[:, 1].tolist()) == list(range(10))
    asked = Sweep(method="latin_hypercube", points=10, over={"a": Axis(low=2, high=4)})
    points = [point["a"] for point in points_of(asked, seed=5)]
    assert points == [point["a"] for point in points_of(asked, seed=5)]
    assert points != [point["a"] for point in points_of(asked, seed=6)]
    assert sorted(int((value - 2) * 5) for value in points) == list(range(10))


def test_a_grid_with_too_many_points_is_a_fault() -> None:
    asked = Sweep(over={name: Axis(low=0, high=1, steps=13) for name in "abc"})
    with pytest.raises(Faults, match="2197 points, more than 2000"):
        points_of(asked, seed=1)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"values": (1, 2), "low": 0, "high": 1}, "values or a range"),
        ({}, "values or a range"),
        ({"low": 1}, "values or a range"),
        ({"low": 2, "high": 1}, "the wrong way round"),
    ],
)
def test_an_axis_is_values_or_a_range(given: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Axis(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"method": "latin_hypercube", "over": {"a": {"low": 0, "high": 1}}},
        {"points": 5, "over": {"a": {"low": 0, "high": 1}}},
        {"method": "latin_hypercube", "points": 5, "over": {"a": {"values": [1, 2]}}},
    ],
)
def test_a_hypercube_needs_points_and_ranges(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"points are|needs a range"):
        Sweep.model_validate(given)
