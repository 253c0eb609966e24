"""What a setting means is one thing: one number over a table is refused, an odds factor is set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cjsim.calibration.history_matching.config import load_calibration
from cjsim.errors import Faults, Slip
from cjsim.experiment.check import check_files
from cjsim.experiment.designs.factors import named_factors
from cjsim.experiment.designs.parameters import at_levels
from cjsim.experiment.designs.points import Point, at_point, change_at, check_axes
from cjsim.experiment.designs.size import at_size
from cjsim.scenarios.divergence import divergence_day
from cjsim.scenarios.load import load_model
from cjsim.scenarios.resolve import resolve
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import Amount, Number, Profile
from cjsim.schema.change import ReplaceEach, Scale, SetLevel, content_after, is_table
from cjsim.schema.dated import factor_on, number_on
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import dotted
from cjsim.schema.model import Model
from cjsim.schema.odds import OddsFactor
from cjsim.schema.parameter_paths import (
    changeable_values,
    settable_values,
    sourced_values,
    why_not_set,
)
from cjsim.schema.studies import Axis, Varied
from tests.conftest import ROOT
from tests.support.runs import run

FIRST = dt.date(2013, 4, 1)
ARRESTS = "streams.arrest_notifiable.per_year"
OFFICERS = "pools.officers.capacity"
MONTHS = "streams.arrest_notifiable.months"
PLEA = "branches.guilty_plea_first_hearing.odds.file_ready"
TABLES = (
    ARRESTS,
    OFFICERS,
    "branches.youth.probability",
    "hearings.first_hearing.estimate_minutes",
)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(ROOT / "models" / "toy")


def resolved(
    *given: tuple[str, Mapping[str, Any]], to: dt.date | None = None
) -> dict[str, ResolvedScenario]:
    """The toy with a scenario "one" that sets some paths, several entries of one path in a list."""
    sets: dict[str, list[dict[str, Any]]] = {}
    for path, setting in given:
        entry = {"source": "assumption", "range": (-1e6, 1e6), **setting}
        sets.setdefault(path, []).append(entry)
    experiment = Experiment.model_validate(
        {
            "title": "T",
            "question": "Q",
            "owner": "O",
            "run": {
                "model": str(ROOT / "models" / "toy"),
                "from": FIRST,
                "to": to or dt.date(2014, 3, 31),
                "seed": 1,
            },
            "scenarios": {"one": {"label": "One", "set": sets}},
        }
    )
    return resolve(experiment)


def as_baseline(model: Model) -> ResolvedScenario:
    return ResolvedScenario("baseline", model)


# --- one number over a table ----------------------------------------------------------------


def in_a_scenario(model: Model, path: str, tmp_path: Path) -> None:
    resolved((path, {"value": 0.5}))


def in_a_sweep(model: Model, path: str, tmp_path: Path) -> None:
    check_axes(model, {path: Axis(values=(0.5, 1.0))}, FIRST, "f.toml")


def at_a_point(model: Model, path: str, tmp_path: Path) -> None:
    axis = Axis(values=(0.5, 1.0))
    at_point(as_baseline(model), {path: Point(change_at(axis, 0.5), None, FIRST, axis.bounds)})


def in_a_study(model: Model, path: str, tmp_path: Path) -> None:
    named_factors(model, (Varied(path=path, range=(0.5, 1.0)),), "f.toml", "sensitivity")


def in_a_calibration(model: Model, path: str, tmp_path: Path) -> None:
    text = (ROOT / "calibration" / "toy.toml").read_text(encoding="utf-8")
    text = text.replace("../models", f"{ROOT}/models")
    text = text.replace('"targets/', f'"{ROOT}/calibration/targets/')
    file = tmp_path / "toy.toml"
    free = f'[parameters]\n"{path}" = {{ range = [0.5, 1.5] }}'
    file.write_text(text.replace("[parameters]", free), encoding="utf-8")
    load_calibration(file)


def in_an_ensemble(model: Model, path: str, tmp_path: Path) -> None:
    at_levels(as_baseline(model), {path: 0.5})


WAYS = (in_a_scenario, in_a_sweep, at_a_point, in_a_study, in_a_calibration, in_an_ensemble)


@pytest.mark.parametrize("path", TABLES)
@pytest.mark.parametrize("way", WAYS)
def test_one_number_over_a_table_is_refused_wherever_it_is_written(
    model: Model, way: Callable[[Model, str, Path], None], path: str, tmp_path: Path
) -> None:
    with pytest.raises(Faults, match=r"table") as told:
        way(model, path, tmp_path)
    wanted = "each = true" if way is in_a_scenario else "factor"
    assert wanted in str(told.value)


def test_the_file_that_turned_584_arrests_into_14_is_refused_with_the_whole_table(
    tmp_path: Path, toy: Path
) -> None:
    text = Path(__file__).with_name("scalar_over_table.toml").read_text(encoding="utf-8")
    file = tmp_path / "scalar_over_table.toml"
    file.write_text(text.replace("MODEL", str(toy)), encoding="utf-8")
    with pytest.raises(Faults) as told:
        check_files([file])
    assert "a table of 12 numbers, and this is one number" in str(told.value)
    assert "value = { violence = 220, sexual = 20," in str(told.value)
    assert "each = true" in str(told.value)


def test_a_list_of_weights_is_a_table_too(model: Model) -> None:
    with pytest.raises(Faults, match="a list of 12 numbers, and this is one number"):
        resolved((MONTHS, {"value": 1.0}))
    one = resolved((MONTHS, {"value": 1.0, "each": True}))["one"].model
    assert one.streams["arrest_notifiable"].months.changes[-1].value == (1.0,) * 12


def test_each_gives_every_entry_the_number(model: Model) -> None:
    one = resolved((OFFICERS, {"value": 5, "each": True}))["one"].model
    for division in model.divisions:
        assert number_on(one.pools["officers"].capacity, FIRST, division, "default") == 5


def test_one_division_of_a_table_by_division_is_one_number(model: Model) -> None:
    one = resolved((OFFICERS, {"value": 5, "area": "north"}))["one"].model
    assert number_on(one.pools["officers"].capacity, FIRST, "north", "default") == 5
    south = number_on(model.pools["officers"].capacity, FIRST, "south", "default")
    assert number_on(one.pools["officers"].capacity, FIRST, "south", "default") == south


def test_what_a_scenario_set_before_counts_as_what_stands_there() -> None:
    table = {"value": {"north": 3, "south": 4}, "from": FIRST}
    later = {"value": 5, "from": dt.date(2013, 9, 1)}
    with pytest.raises(Faults, match="a table of 2 numbers"):
        resolved((OFFICERS, table), (OFFICERS, later))


def test_a_table_that_leaves_out_groups_with_cases_is_refused() -> None:
    with pytest.raises(Faults, match=r"leaves out .*, which have cases: they would have none"):
        resolved((ARRESTS, {"value": {"violence": 250}}))
    one = resolved((ARRESTS, {"value": {"violence": 250, "default": 0}}))["one"].model
    assert isinstance(one.streams["arrest_notifiable"].per_year, Amount)


def test_each_needs_one_number() -> None:
    with pytest.raises(ValueError, match="each = true gives one number"):
        resolved((OFFICERS, {"value": {"north": 1, "south": 1}, "each": True}))


def test_each_and_factor_contradict_one_another() -> None:
    with pytest.raises(ValueError, match="contradict"):
        Axis(values=(1, 2), factor=True, each=True)


# --- factors ----------------------------------------------------------------------------------


@given(st.floats(0.01, 100), st.dictionaries(st.text(min_size=1), st.floats(0, 1e6), min_size=2))
@settings(max_examples=60)
def test_a_factor_multiplies_every_entry_and_one_number_is_refused(
    factor: float, table: dict[str, float]
) -> None:
    value = Amount(value=table, source="toy", evidence="measured")
    at = ("limits", "none")
    scaled = content_after(value, at, {"value": table}, Scale(factor), None)["value"]
    assert scaled == {key: number * factor for key, number in table.items()}
    if is_table(table):
        with pytest.raises(Slip, match="this is one number"):
            content_after(value, at, {"value": table}, SetLevel(factor), None)
    every = content_after(value, at, {"value": table}, ReplaceEach(factor), None)["value"]
    assert every == factor


def test_a_sweep_by_a_factor_multiplies_what_holds_from_the_day_on(model: Model) -> None:
    axis = Axis(low=1.0, high=1.15, steps=2, factor=True)
    point = Point(change_at(axis, 1.15), None, dt.date(2013, 7, 1), axis.bounds)
    moved = (
        at_point(as_baseline(model), {ARRESTS: point}).model.streams["arrest_notifiable"].per_year
    )
    for group in ("violence", "motoring"):
        before = number_on(model.streams["arrest_notifiable"].per_year, FIRST, "north", group)
        assert number_on(moved, FIRST, "north", group) == before
        after = number_on(moved, dt.date(2013, 8, 1), "north", group)
        assert after == pytest.approx(1.15 * before)


def test_a_factor_goes_into_what_each_division_has_and_keeps_people_whole() -> None:
    one = resolved((OFFICERS, {"value": 7, "area": "north"}))["one"]
    axis = Axis(low=1.0, high=2.0, steps=2, factor=True)
    point = Point(change_at(axis, 1.5), None, dt.date(2013, 7, 1), axis.bounds)
    moved = at_point(one, {OFFICERS: point}).model.pools["officers"].capacity
    late = dt.date(2013, 8, 1)
    assert number_on(moved, late, "north", "default") == round(7 * 1.5)
    assert number_on(moved, late, "south", "default") == 3
    assert number_on(moved, FIRST, "north", "default") == 7


def test_a_factor_of_one_changes_nothing(model: Model) -> None:
    axis = Axis(low=1.0, high=2.0, steps=2, factor=True)
    for path in (ARRESTS, OFFICERS, "stages.investigation.duration", PLEA):
        point = Point(change_at(axis, 1.0), None, FIRST, axis.bounds)
        moved = at_point(as_baseline(model), {path: point}).model
        values = dict(settable_values(moved))
        at = next(at for at, _ in settable_values(model) if dotted(at) == path)
        (change,) = values[at].changes
        key = "factor" if path == PLEA else "median" if "duration" in path else "value"
        stood = getattr(dict(settable_values(model))[at], key)
        assert getattr(change, key) == stood


# --- odds factors -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["toy", "staffordshire_2013"])
def test_every_odds_factor_can_be_set_and_of_the_others_it_is_said_why_not(name: str) -> None:
    model = load_model(ROOT / "models" / name)
    settable = {at for at, _ in settable_values(model)}
    for at, value in sourced_values(model):
        assert (at in settable) == (why_not_set(at) is None), at
        if isinstance(value, OddsFactor):
            assert at in settable


def test_an_odds_factor_holds_from_its_day_in_its_division(model: Model) -> None:
    day = dt.date(2013, 9, 1)
    scenarios = resolved((PLEA, {"value": 2.0, "area": "north", "from": day, "range": (1, 3)}))
    one = scenarios["one"].model
    odds = one.branches["guilty_plea_first_hearing"].odds["file_ready"]
    stood = model.branches["guilty_plea_first_hearing"].odds["file_ready"].factor
    assert factor_on(odds, day, "north") == 2.0
    assert factor_on(odds, day, "south") == stood
    assert factor_on(odds, day - dt.timedelta(days=1), "north") == stood
    assert divergence_day(scenarios["baseline"], scenarios["one"], FIRST) == day


def test_a_wrong_odds_factor_is_told_at_its_value() -> None:
    with pytest.raises(Faults, match=r"file_ready\.value.: this must be more than 0"):
        resolved((PLEA, {"value": -1.0}))
    with pytest.raises(Faults, match="one number for all offence groups"):
        resolved((PLEA, {"value": {"theft": 2.0, "default": 1.0}}))
    with pytest.raises(Faults, match="outside its own range"):
        resolved((PLEA, {"value": 4.0, "range": (1, 2)}))


def test_an_odds_factor_set_to_its_own_value_changes_no_byte_and_another_does(
    model: Model, tmp_path: Path
) -> None:
    to = dt.date(2013, 6, 30)
    own = model.branches["guilty_plea_first_hearing"].odds["file_ready"].factor
    same = resolved((PLEA, {"value": own}), to=to)["one"].model
    other = resolved((PLEA, {"value": 40.0}), to=to)["one"].model
    logs = [
        run(each, tmp_path / name, to=to).events_path.read_bytes()
        for name, each in (("baseline", model), ("same", same), ("other", other))
    ]
    assert logs[0] == logs[1]
    assert logs[0] != logs[2]


def test_odds_factors_move_in_every_study(model: Model) -> None:
    (lever,) = named_factors(model, (Varied(path=PLEA),), "f.toml", "sensitivity")
    assert (lever.level(0.0), lever.level(1.0)) == (1.1, 2.2)
    moved = at_levels(as_baseline(model), {PLEA: 2.0}).model.branches["guilty_plea_first_hearing"]
    assert moved.odds["file_ready"].factor == 2.0
    models = resolved((PLEA, {"value": 2.0, "range": (1, 3)}))
    half = (
        at_size(models["baseline"], models["one"], 0.5)
        .model.branches["guilty_plea_first_hearing"]
        .odds["file_ready"]
    )
    assert half.changes[-1].factor == pytest.approx((1.5 + 2.0) / 2)


def test_a_model_without_dated_odds_is_written_as_it_was_before(model: Model) -> None:
    told = model.branches["guilty_plea_first_hearing"].odds["file_ready"].model_dump(by_alias=True)
    assert "changes" not in told


def test_every_table_and_list_of_the_model_is_refused_one_number(model: Model) -> None:
    tables = [
        (at, value)
        for at, value in changeable_values(model)
        if isinstance(value, (Number, Profile)) and is_table(value.value)
    ]
    assert len(tables) > 50
    for at, value in tables:
        with pytest.raises(Slip, match="this is one number"):
            content_after(value, at, {"value": value.value}, SetLevel(1.0), None)
