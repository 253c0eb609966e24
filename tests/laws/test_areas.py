"""Areas side by side: each a world of its own, and their total the sum of what is counted."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import cjsim
from cjsim.cli import main
from cjsim.errors import Faults
from cjsim.experiment.replication import run_folder
from cjsim.experiment.results import Results, read_results
from cjsim.measures.registry import MEASURES
from cjsim.spec.check import check
from cjsim.spec.load import load_experiment, load_model
from cjsim.spec.model import Model
from cjsim.spec.resolve import resolve
from cjsim.spec.scaled import at_scale, model_of_area
from tests.conftest import ROOT

NATIONAL = ROOT / "experiments" / "england_wales_43_areas.toml"
SERIES = ROOT / "calibration" / "series" / "population_force_areas_2011.csv"

EXPERIMENT = """
title = "Three areas"
question = "What do they come to?"
owner = "The tests"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-05-31
replications = 2
seed = 20130401

[scenarios.ready]
label = "Every file ready"
[scenarios.ready.set]
"forks.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0.0, 1.0] }}

[report]
watch = ["arrests", "open_cases", "arrest_to_disposal_days"]
"""

AREAS_TABLE = """
[areas]
unit = "residents"
base = 100
source = "assumption"
evidence = "assumed"
range = [1, 1000]

[areas.of]
small = { title = "Small [x]", size = 40 }
toy = { title = "Toy", size = 100 }
large = { title = "Large", size = 250 }
twin = { title = "Twin", size = 40 }
"""


@pytest.fixture(scope="module")
def experiment(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("areas") / "areas.toml"
    file.write_text(EXPERIMENT.format(model=toy) + AREAS_TABLE)
    return file


@pytest.fixture(scope="module")
def results(experiment: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    out = tmp_path_factory.mktemp("results")
    return read_results(cjsim.run(experiment, workers=1, out=out, say=lambda _: None), areas=True)


def rows(table: Any, **wanted: object) -> list[dict[str, Any]]:
    return [row for row in table.to_pylist() if all(row[key] == it for key, it in wanted.items())]


def test_the_area_of_the_models_own_size_is_the_model(
    experiment: Path, results: Results, tmp_path: Path, toy: Path
) -> None:
    alone = tmp_path / "alone.toml"
    alone.write_text(EXPERIMENT.format(model=toy))
    one = cjsim.read_results(cjsim.run(alone, workers=1, out=tmp_path, say=lambda _: None))
    hashes = {
        (run["scenario"], run["replication"]): run["content_hash"]
        for run in results.manifest["runs"]
        if run["area"] == "toy"
    }
    assert hashes == {
        (run["scenario"], run["replication"]): run["content_hash"] for run in one.manifest["runs"]
    }
    assert results.by_area is not None
    mine = results.by_area.filter(pc.equal(results.by_area["area"], "toy")).drop_columns(["area"])
    assert mine.equals(one.kpis)


def test_what_is_counted_adds_up_and_nothing_else_has_a_total(results: Results) -> None:
    assert results.by_area is not None
    sums: dict[tuple[object, ...], float] = {}
    for row in results.by_area.to_pylist():
        if MEASURES[row["kpi"]].counts:
            key = tuple(row[name] for name in (
                "scenario", "replication", "kpi", "court", "group", "period"))  # fmt: skip
            sums[key] = sums.get(key, 0.0) + row["value"]
    found = {
        tuple(row[name] for name in (
            "scenario", "replication", "kpi", "court", "group", "period")): row["value"]
        for row in results.kpis.to_pylist()
    }  # fmt: skip
    assert found.keys() == sums.keys()
    assert found == pytest.approx(sums, rel=1e-9)
    assert "arrest_to_disposal_days" not in {key[2] for key in found}


def test_areas_of_one_size_have_their_own_luck(results: Results) -> None:
    hashes = [run["content_hash"] for run in results.manifest["runs"] if run["scenario"] == "ready"]
    assert len(hashes) == len(set(hashes)) == 8


def test_cases_go_with_the_size(results: Results, figure: Callable[[str], None]) -> None:
    cases = dict.fromkeys(("small", "toy", "large", "twin"), 0)
    for run in results.manifest["runs"]:
        cases[run["area"]] += run["cases"]
    per_size = [cases[name] / size for name, size in
                (("small", 40), ("toy", 100), ("large", 250), ("twin", 40))]  # fmt: skip
    figure(f"cases a unit of size: {min(per_size):.1f} to {max(per_size):.1f}")
    assert max(per_size) / min(per_size) < 1.25


def test_the_folder_and_the_record_say_which_area_a_log_is_of(results: Results) -> None:
    folder = run_folder(results.folder, "ready", 1, "large")
    assert folder == results.folder / "runs" / "ready@large" / "001"
    assert pq.read_table(folder / "cases.parquet").equals(
        results.log("ready", 1, "cases", area="large")
    )
    assert '"area": "large"' in (folder / "replication.json").read_text()


def test_two_workers_and_a_resume_give_the_same_bytes(
    experiment: Path, results: Results, tmp_path: Path
) -> None:
    class Enough(Exception):
        pass

    def stop(done: int, *_: object) -> None:
        if done == 5:
            raise Enough

    options = {"out": tmp_path, "say": lambda _: None}
    with pytest.raises(Enough):
        cjsim.run(experiment, workers=1, progress=stop, **options)
    folder = cjsim.run(experiment, workers=2, resume=True, **options)
    for path in results.folder.rglob("*"):
        if path.is_file():
            assert (folder / path.relative_to(results.folder)).read_bytes() == path.read_bytes()


def test_each_area_and_the_total_are_shown(results: Results) -> None:
    shown = CliRunner().invoke(main, ["compare", str(results.folder)]).output
    table = shown.partition("A median")[0].splitlines()
    names = [line.partition("  ")[0] for line in table if line][2:]
    assert names == ["Small [x]", "Toy", "Large", "Twin", "All of them"]
    assert table[-1].split()[-2:] == ["–", "–"]
    everywhere = rows(results.kpis, kpi="arrests", scenario="baseline", period="all", group="")
    mean = sum(row["value"] for row in everywhere if row["court"] == "all") / 2
    assert f"{mean:,.0f}" in table[-1]


@pytest.mark.parametrize(
    "command",
    [["report"], ["cost"], ["export", "--format", "csv"]],
)
def test_what_is_made_of_one_area_refuses_several(results: Results, command: list[str]) -> None:
    done = CliRunner().invoke(main, [command[0], str(results.folder), *command[1:]])
    assert done.exit_code == 2
    assert "several areas ran here side by side" in done.output


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("size = 250", "size = 0", "large.size"),
        ('source = "assumption"\nevidence = "assumed"\nrange = [1, 1000]',
         'source = "nobody"\nevidence = "estimated"', '"source": "nobody" is not in'),
        ("[report]", "[precision]\nof_baseline = 0.1\n\n[report]", "precision"),
        ("base = 100", "base = 100\nbasis = 7", '"basis": there is no key'),
        ("toy = {", "To y = {", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_of_areas_is_a_fault(
    experiment: Path, tmp_path: Path, old: str, new: str, key: str
) -> None:
    (tmp_path / "calibration").mkdir()
    shutil.copy(ROOT / "calibration" / "register.csv", tmp_path / "calibration")
    broken = tmp_path / "broken.toml"
    text = experiment.read_text()
    assert old in text
    broken.write_text(text.replace(old, new))
    with pytest.raises(Faults) as found:
        load_experiment(broken)
    assert key in found.value.report()


@pytest.mark.parametrize("options", [{"areas": ["larg"]}, {"precision": 0.1}])
def test_what_is_asked_for_beside_the_file_is_checked(
    experiment: Path, tmp_path: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(Faults):
        cjsim.run(experiment, workers=1, out=tmp_path, say=lambda _: None, **options)
    assert list(tmp_path.iterdir()) == []


def test_some_of_the_areas_can_be_run_alone(
    experiment: Path, results: Results, tmp_path: Path
) -> None:
    one = cjsim.run(
        experiment, workers=1, out=tmp_path, say=lambda _: None, areas=["twin"], replications=1
    )
    alone = read_results(one, areas=True)
    assert list(alone.areas) == ["twin"]
    mine = [run for run in results.manifest["runs"] if (run["area"], run["replication"]) ==
            ("twin", 0)]  # fmt: skip
    assert alone.manifest["runs"] == mine


# --- a model at another size ------------------------------------------------------------------


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


def test_no_list_of_a_tiny_area_sits_less_than_once_a_week(county: Model) -> None:
    model = at_scale(county, 0.001, area="elsewhere", title="Elsewhere")
    for word, spec in model.lists.items():
        for house in spec.houses.values():
            share = min(spec.sitting_share.value) / min(county.lists[word].sitting_share.value)
            assert sum(house.rooms.value) * share >= 1.0 - 1e-9, word


def test_a_scenario_is_scaled_with_its_model(county: Model) -> None:
    experiment = load_experiment(ROOT / "experiments" / "prosecute_not_process.toml")
    for model in resolve(experiment).values():
        double = at_scale(model, 2.0, area="elsewhere", title="Elsewhere")
        for name, pool in double.pools.items():
            for before, after in zip(model.pools[name].capacity.changes, pool.capacity.changes,
                                     strict=True):  # fmt: skip
                assert after.from_ == before.from_
                if not isinstance(before.value, dict):
                    assert after.value == 2 * before.value


# --- the national experiment ------------------------------------------------------------------


def test_the_sizes_of_the_areas_are_those_of_the_published_series() -> None:
    areas = load_experiment(NATIONAL).areas
    assert areas is not None
    with SERIES.open(encoding="utf-8", newline="") as file:
        published = {row["area"]: (row["title"], float(row["usual_residents"]))
                     for row in csv.DictReader(file)}  # fmt: skip
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
