"""A model at another size, and the 43 areas of England and Wales that are made that way."""

from __future__ import annotations

import csv

import pytest
from click.testing import CliRunner

from cjsim.cli.main import main
from cjsim.scenarios.load import load_experiment, load_model
from cjsim.scenarios.resolve import resolve_models
from cjsim.scenarios.scaling import at_scale, model_of_area
from cjsim.schema.checks.whole_model import check
from cjsim.schema.model import Model
from tests.conftest import ROOT

NATIONAL = ROOT / "experiments" / "england_wales_43_areas.toml"
SERIES = ROOT / "calibration" / "series" / "population_force_areas_2011.csv"


@pytest.fixture(scope="module")
def county() -> Model:
    return load_model(ROOT / "models" / "staffordshire_2013")


@pytest.mark.parametrize("scale", [0.0067, 0.3, 0.5, 1.46, 2.0, 7.44])
def test_a_scaled_model_is_a_sound_model(county: Model, scale: float) -> None:
    model = at_scale(county, scale, area="elsewhere", title="Elsewhere")
    again = Model.model_validate(model.model_dump(by_alias=True))
    assert check(again, (), None) == []


@pytest.mark.parametrize("scale", [0.3, 1.0, 1.46, 7.44])
def test_people_are_rounded_up_and_courtrooms_sit_their_share(county: Model, scale: float) -> None:
    model = at_scale(county, scale, area="elsewhere", title="Elsewhere")
    for name, pool in model.pools.items():
        was, now = county.pools[name].capacity.value, pool.capacity.value
        pairs = [(was[key], now[key]) for key in was] if isinstance(was, dict) else [(was, now)]
        for before, after in pairs:
            assert after == int(after)
            assert before * scale <= after + 1e-9 < before * scale + 1 + 1e-9, name
            assert (after == 0) == (before == 0), "a door that is shut stays shut"
    for word, spec in model.lists.items():
        old = county.lists[word]
        for house, where in spec.houses.items():
            weekly = sum(old.houses[house].rooms.value)
            share = spec.sitting_share.value[0] / old.sitting_share.value[0]
            least = 1 / min(sum(one.rooms.value) for one in old.houses.values())
            assert sum(where.rooms.value) * share == pytest.approx(weekly * max(scale, least))
            assert len(where.courtrooms) == len(set(where.courtrooms)) >= max(where.rooms.value)
            assert set(where.courtrooms) <= set(model.courthouses[house].courtrooms)


def test_no_list_of_a_tiny_area_sits_less_than_once_a_week(county: Model) -> None:
    model = at_scale(county, 0.001, area="elsewhere", title="Elsewhere")
    weekly = []
    for word, spec in model.lists.items():
        for house in spec.houses.values():
            share = min(spec.sitting_share.value) / min(county.lists[word].sitting_share.value)
            weekly.append(sum(house.rooms.value) * share)
            assert weekly[-1] >= 1.0 - 1e-9, word


def test_a_scenario_is_scaled_with_its_model(county: Model) -> None:
    experiment = load_experiment(ROOT / "experiments" / "prosecute_not_process.toml")
    for model in resolve_models(experiment).values():
        double = at_scale(model, 2.0, area="elsewhere", title="Elsewhere")
        for name, pool in double.pools.items():
            for before, after in zip(
                model.pools[name].capacity.changes, pool.capacity.changes, strict=True
            ):
                assert after.from_ == before.from_
                if not isinstance(before.value, dict):
                    assert after.value == 2 * before.value


# --- the national experiment ------------------------------------------------------------------


def test_the_sizes_of_the_areas_are_those_of_the_published_series() -> None:
    areas = load_experiment(NATIONAL).areas
    assert areas is not None
    with SERIES.open(encoding="utf-8", newline="") as file:
        published = {
            row["area"]: (row["title"], float(row["usual_residents"]))
            for row in csv.DictReader(file)
        }
    assert {name: (one.title, one.size) for name, one in areas.of.items()} == published
    assert len(published) == 43
    assert sum(size for _, size in published.values()) == 56_075_912
    assert areas.base == published["staffordshire"][1]


def test_staffordshire_among_the_areas_is_its_own_model(county: Model) -> None:
    areas = load_experiment(NATIONAL).areas
    assert areas is not None
    model = model_of_area(areas, county, "staffordshire")
    assert model.model_copy(update={"title": county.title}) == county


def test_a_dry_run_tells_time_memory_and_a_hundred_replications() -> None:
    done = CliRunner().invoke(main, ["run", str(NATIONAL), "--dry-run", "--workers", "2"])
    assert done.exit_code == 0, done.output
    assert "Areas:        43, each 0.0067 to 7.44 times the model, 51.1 times" in done.output
    for word in ("Time: ", "Memory: ", "Disk: ", "100 of them: ", "Nothing was run."):
        assert word in done.output
    assert done.output.count(" on ") >= 4
