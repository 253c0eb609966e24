"""Relative and partial settings: factor, add, entries of tables, and paths with a star."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cjsim.errors import Faults
from cjsim.experiment.designs.parameters import at_levels, factor_over
from cjsim.experiment.designs.points import Point, at_point, change_at
from cjsim.scenarios.load import load_experiment, load_model
from cjsim.scenarios.resolve import resolve
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.model import Model
from cjsim.schema.studies import Axis

HEAD = """
title = "More"
question = "What if there is more of it?"
owner = "The tests"
[run]
model = "MODEL"
from = 2013-04-01
to = 2013-09-30
seed = 1
[scenarios.base]
label = "Base"
[scenarios.base.set]
"""
PER_YEAR = "streams.arrest_notifiable.per_year"
ASSUMED = 'source = "assumption"'

Settings = Callable[..., Model]


@pytest.fixture
def model(toy: Path) -> Model:
    return load_model(toy)


@pytest.fixture
def settings(tmp_path: Path, toy: Path) -> Settings:
    def model_with(*lines: str, more: str = "") -> Model:
        file = tmp_path / "more.toml"
        text = HEAD.replace("MODEL", str(toy)) + "\n".join(lines) + "\n" + more
        file.write_text(text, encoding="utf-8")
        return list(resolve(load_experiment(file)).values())[-1].model

    return model_with


def after(model: Model) -> dict[str, float]:
    value: Any = model.streams["arrest_notifiable"].per_year.changes[-1].value
    return dict(value)


def before(model: Model) -> dict[str, float]:
    value: Any = model.streams["arrest_notifiable"].per_year.value
    return dict(value)


def test_a_factor_multiplies_every_entry(settings: Settings, model: Model) -> None:
    changed = settings(f'"{PER_YEAR}" = {{ factor = 1.1, {ASSUMED}, range = [1.0, 1.2] }}')
    assert after(changed) == pytest.approx({k: v * 1.1 for k, v in before(model).items()})
    entry = changed.streams["arrest_notifiable"].per_year.changes[-1]
    numbers = before(model).values()
    assert entry.range == pytest.approx((min(numbers), 1.2 * max(numbers)))


def test_an_amount_is_added_to_a_number_and_to_a_length(settings: Settings, model: Model) -> None:
    changed = settings(
        f'"branches.file_ready.probability" = {{ add = 0.1, {ASSUMED}, range = [0.0, 0.2] }}',
        f'"stages.re_bail.duration" = {{ factor = 0.5, {ASSUMED}, range = [0.4, 1.0] }}',
    )
    old, new = (m.branches["file_ready"].probability for m in (model, changed))
    assert new.changes[-1].value == pytest.approx(old.value + 0.1)  # type: ignore[operator]
    bail, shorter = (m.stages["re_bail"].duration for m in (model, changed))
    assert shorter.changes[-1].median == pytest.approx(bail.median / 2)  # type: ignore[operator]
    assert shorter.changes[-1].p90 == pytest.approx(bail.p90 / 2)  # type: ignore[operator]


def test_people_stay_whole(settings: Settings) -> None:
    changed = settings(
        f'"pools.officers.capacity" = {{ factor = 1.3, {ASSUMED}, range = [1.0, 2.0] }}'
    )
    value: Any = changed.pools["officers"].capacity.changes[-1].value
    numbers = value.values() if isinstance(value, dict) else [value]
    assert all(float(number).is_integer() for number in numbers)


def test_an_entry_changes_alone_and_entries_work_together(settings: Settings, model: Model) -> None:
    changed = settings(
        f'"{PER_YEAR}.violence" = {{ factor = 1.2, {ASSUMED}, range = [1.0, 1.5] }}',
        f'"{PER_YEAR}.theft,drugs" = {{ add = -2, {ASSUMED}, range = [-5, 0] }}',
        f'"{PER_YEAR}.fraud" = {{ value = 1, {ASSUMED}, range = [0, 20] }}',
    )
    old = before(model)
    wanted = {
        **old,
        "violence": old["violence"] * 1.2,
        "theft": old["theft"] - 2,
        "drugs": old["drugs"] - 2,
        "fraud": 1,
    }
    assert after(changed) == pytest.approx(wanted)
    assert len(changed.streams["arrest_notifiable"].per_year.changes) == 1


def test_a_star_is_every_value_that_fits(settings: Settings, model: Model) -> None:
    changed = settings(
        f'"streams.arrest_*.per_year" = {{ factor = 1.1, {ASSUMED}, range = [1.0, 1.2] }}'
    )
    for name, stream in changed.streams.items():
        assert bool(stream.per_year.changes) == name.startswith("arrest_"), name


def test_a_scenario_and_the_one_that_it_uses_set_different_entries(settings: Settings) -> None:
    more = f"""
[scenarios.both]
label = "Both"
uses = ["base"]
[scenarios.both.set]
"{PER_YEAR}.theft" = {{ factor = 1.2, {ASSUMED}, range = [1.0, 1.5] }}
"""
    changed = settings(
        f'"{PER_YEAR}.violence" = {{ factor = 1.2, {ASSUMED}, range = [1.0, 1.5] }}', more=more
    )
    old = before(changed)
    assert after(changed)["theft"] == pytest.approx(1.2 * old["theft"])
    assert after(changed)["violence"] == pytest.approx(1.2 * old["violence"])


WRONG = (
    (
        f'"{PER_YEAR}.violence" = {{ factor = 1.2, {ASSUMED}, range = [1, 2] }}',
        f'"{PER_YEAR}.violence,theft" = {{ add = 1, {ASSUMED}, range = [0, 2] }}',
        "sets this value twice",
    ),
    (
        f'"{PER_YEAR}" = {{ factor = 1.2, {ASSUMED}, range = [1, 2] }}',
        f'"{PER_YEAR}.theft" = {{ add = 1, {ASSUMED}, range = [0, 2] }}',
        "sets this value twice",
    ),
    (f'"{PER_YEAR}.violens" = {{ factor = 1.2, {ASSUMED}, range = [1, 2] }}', "", "violence"),
    (f'"streams.arest_*.per_year" = {{ factor = 1, {ASSUMED}, range = [1, 2] }}', "", "no value"),
    (f'"{PER_YEAR}" = {{ factor = 1.2, add = 1, {ASSUMED}, range = [1, 2] }}', "", "at once"),
    (f'"{PER_YEAR}" = {{ factor = 1.2, {ASSUMED}, range = [1.3, 2] }}', "", "outside its range"),
    (f'"{PER_YEAR}" = {{ factor = -1, {ASSUMED}, range = [-1, 2] }}', "", "not negative"),
    (
        f'"multiway_branches.crown_listing.shares" = {{ factor = 2, {ASSUMED}, range = [1, 2] }}',
        "",
        "shares or rules",
    ),
    (f'"branches.file_ready.probability" = {{ add = 0.9, {ASSUMED}, range = [0, 1] }}', "", "1"),
)


@pytest.mark.parametrize(("first", "second", "message"), WRONG)
def test_what_has_no_one_meaning_is_refused(
    settings: Settings, first: str, second: str, message: str
) -> None:
    with pytest.raises(Faults) as raised:
        settings(first, second)
    assert message in str(raised.value)
    assert "violence,theft.value" not in str(raised.value)


def test_a_value_that_differs_between_divisions_is_scaled_in_each_alone(
    settings: Settings, model: Model
) -> None:
    ready = "branches.file_ready.probability"
    late = f'{{ from = 2013-06-01, area = "north", value = 0.9, {ASSUMED}, range = [0, 1] }}'
    scaled = f"{{ from = 2013-07-01, factor = 0.5, {ASSUMED}, range = [0.4, 1] }}"
    with pytest.raises(Faults, match="differs between divisions"):
        settings(f'"{ready}" = [{late}, {scaled}]')
    in_north = scaled.replace("factor", 'area = "north", factor')
    changed = settings(f'"{ready}" = [{late}, {in_north}]')
    assert changed.branches["file_ready"].probability.changes[-1].value == pytest.approx(0.45)


# --- studies ----------------------------------------------------------------------------------


def test_a_sweep_and_a_study_move_one_entry(model: Model) -> None:
    path = f"{PER_YEAR}.violence"
    axis = Axis(values=(0.9, 1.1), factor=True)
    start = ResolvedScenario(BASELINE, model)
    point = Point(change_at(axis, 1.1), None, dt.date(2013, 4, 1), axis.bounds)
    swept = at_point(start, {path: point}).model
    wanted = {**before(model), "violence": 1.1 * before(model)["violence"]}
    assert after(swept) == pytest.approx(wanted)
    factor = factor_over(model, path, (200.0, 300.0), "f.toml", "also", factor=False)
    assert (factor.heading, factor.parts[0].level) == (path, before(model)["violence"])
    moved = at_levels(start, {path: 250.0}).model
    assert before(moved) == {**before(model), "violence": 250.0}
