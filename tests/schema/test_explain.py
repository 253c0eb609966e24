"""A name is explained: its values with their pedigree, and where the journey uses it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cjsim.errors import Faults
from cjsim.scenarios.load import load_model
from cjsim.schema.explain import explain, value_text
from cjsim.schema.model import Model
from cjsim.schema.odds import OddsFactorChange
from cjsim.schema.parameter_paths import sourced_values


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(Path(__file__).parents[2] / "models" / "toy")


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "journey"
    folder.mkdir()
    text = 'def build(case):\n    case.file_ready = case.decide("file_ready")\n'
    (folder / "police.py").write_text(text, encoding="utf-8")
    return folder


def test_a_word_tells_its_value_and_pedigree(model: Model) -> None:
    lines = explain(model, "file_ready")
    probability = model.branches["file_ready"].probability
    assert lines[0] == "branches.file_ready.probability"
    assert "  unit      chance from 0 to 1" in lines
    assert f"  source    {probability.source}" in lines
    assert f"  evidence  {probability.evidence}" in lines


@pytest.mark.parametrize(
    "name", ["file_ready", "branches.file_ready", "branches.file_ready.probability"]
)
def test_a_word_and_its_whole_path_are_both_names(model: Model, name: str) -> None:
    assert explain(model, name)[0] == "branches.file_ready.probability"


def test_the_journey_is_quoted_with_file_and_line(model: Model, journey: Path) -> None:
    lines = explain(model, "file_ready", journey)
    assert '  journey/police.py:2  case.file_ready = case.decide("file_ready")' in lines


def test_without_a_folder_the_journey_of_the_package_is_read(model: Model) -> None:
    assert any("police.py:" in line for line in explain(model, "file_ready"))


def test_a_fact_tells_which_odds_it_changes(model: Model) -> None:
    branch = next(name for name, spec in model.branches.items() if "youth" in spec.odds)
    lines = explain(model, "youth")
    assert 'Where "youth" changes the odds' in lines
    assert any(line.startswith(f"  {branch}: times ") for line in lines)


def test_a_pool_tells_who_uses_it(model: Model) -> None:
    lines = explain(model, "officers")
    assert "  agency    police" in lines
    assert "pools.officers.capacity" in lines
    assert any(line.startswith("  stages.") for line in lines)


def test_a_length_tells_its_unit(model: Model) -> None:
    duration = model.stages["investigation"].duration
    assert duration is not None
    assert f"  unit      {duration.unit}" in explain(model, "investigation")


def test_a_cost_tells_its_prices(model: Model) -> None:
    name, unit = next(iter(model.costs.units.items()))
    assert any(f"GBP at {unit.price_year} prices" in line for line in explain(model, name))


def test_a_change_is_told_with_its_day(model: Model) -> None:
    probability = model.branches["file_ready"].probability
    change = {
        "from": "2014-07-01",
        "area": "north",
        "value": 0.7,
        "source": "assumption",
        "evidence": "assumed",
        "range": [0.5, 0.9],
    }
    changed = type(probability).model_validate(
        {**probability.model_dump(by_alias=True), "changes": [change]}
    )
    branch = model.branches["file_ready"].model_copy(update={"probability": changed})
    later = model.model_copy(update={"branches": {**model.branches, "file_ready": branch}})
    assert "  from 2014-07-01 in north: 0.7 (assumption, 0.5 to 0.9)" in explain(
        later, "file_ready"
    )


def test_a_register_adds_the_publication(model: Model) -> None:
    source = model.branches["file_ready"].probability.source
    register = {source: {"id": source, "publication": "An inspection", "url": "https://x.uk"}}
    lines = explain(model, "file_ready", register=register)
    assert f"  source    {source}: An inspection; https://x.uk" in lines


@pytest.mark.parametrize(
    ("name", "meant"),
    [("file_redy", "file_ready"), ("pools.oficers.capacity", "pools.officers.capacity")],
)
def test_an_unknown_name_suggests_the_nearest(model: Model, name: str, meant: str) -> None:
    with pytest.raises(Faults, match=f'Did you mean "{meant}"'):
        explain(model, name)


def test_everything_in_the_model_can_be_explained(model: Model) -> None:
    for table in (
        "streams",
        "hours",
        "pools",
        "stages",
        "branches",
        "multiway_branches",
        "hearings",
        "duties",
    ):
        for word in getattr(model, table):
            assert explain(model, f"{table}.{word}")[0].startswith(f"{table}.{word}")


def test_every_value_and_every_table_can_be_explained(toy: Path) -> None:
    model = load_model(toy)
    for at, value in sourced_values(model):
        assert value_text(value), at
    for table in {str(at[0]) for at, _ in sourced_values(model)}:
        assert explain(model, table), table


def test_dated_odds_and_sums_of_money_are_told(toy: Path) -> None:
    model = load_model(toy)
    odds = model.branches["guilty_plea_first_hearing"].odds["file_ready"]
    change = OddsFactorChange.model_validate(
        {"from": dt.date(2014, 1, 1), "factor": 2.0, "source": "toy", "evidence": "measured"}
    )
    model.branches["guilty_plea_first_hearing"].odds["file_ready"] = odds.model_copy(
        update={"changes": (change,)}
    )
    lines = explain(model, "guilty_plea_first_hearing")
    assert any("from 2014-01-01 in all divisions: times 2" in line for line in lines)
    assert any("GBP at" in line for line in explain(model, "costs.social_cost_of_crime"))
