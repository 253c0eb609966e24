"""Areas side by side: each a world of its own, and their total the sum of what is counted."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import cjsim
from cjsim.cli.main import main
from cjsim.economics import make_ledger
from cjsim.errors import Faults
from cjsim.experiment.replication import run_folder
from cjsim.experiment.results import Results, read_results
from cjsim.measures.registry import counted_measures, measures_of
from cjsim.scenarios.load import load_experiment
from tests.conftest import ROOT

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
"branches.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0.0, 1.0] }}

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


@pytest.fixture(scope="module")
def alone(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The same experiment without areas."""
    folder = tmp_path_factory.mktemp("alone")
    file = folder / "alone.toml"
    file.write_text(EXPERIMENT.format(model=toy))
    return read_results(cjsim.run(file, workers=1, out=folder, say=lambda _: None))


def rows(table: Any, **wanted: object) -> list[dict[str, Any]]:
    return [row for row in table.to_pylist() if all(row[key] == it for key, it in wanted.items())]


def test_the_area_of_the_models_own_size_is_the_model(results: Results, alone: Results) -> None:
    hashes = {
        (run["scenario"], run["replication"]): run["content_hash"]
        for run in results.manifest["runs"]
        if run["area"] == "toy"
    }
    assert hashes == {
        (run["scenario"], run["replication"]): run["content_hash"] for run in alone.manifest["runs"]
    }
    assert results.by_area is not None
    mine = results.by_area.filter(pc.equal(results.by_area["area"], "toy")).drop_columns(["area"])
    assert mine.equals(alone.kpis)


def test_what_is_counted_adds_up_and_nothing_else_has_a_total(results: Results) -> None:
    assert results.by_area is not None
    sums: dict[tuple[object, ...], float] = {}
    for row in results.by_area.to_pylist():
        if row["kpi"] in counted_measures():
            key = tuple(
                row[name] for name in ("scenario", "replication", "kpi", "court", "group", "period")
            )
            sums[key] = sums.get(key, 0.0) + row["value"]
    found = {
        tuple(
            row[name] for name in ("scenario", "replication", "kpi", "court", "group", "period")
        ): row["value"]
        for row in results.kpis.to_pylist()
    }
    assert found.keys() == sums.keys()
    assert found == pytest.approx(sums, rel=1e-9)
    assert "arrest_to_disposal_days" not in {key[2] for key in found}


def test_areas_of_one_size_have_their_own_luck(results: Results) -> None:
    hashes = [run["content_hash"] for run in results.manifest["runs"] if run["scenario"] == "ready"]
    assert len(hashes) == len(set(hashes)) == 8


def test_cases_go_with_the_size(results: Results) -> None:
    cases = dict.fromkeys(("small", "toy", "large", "twin"), 0)
    for run in results.manifest["runs"]:
        cases[run["area"]] += run["cases"]
    per_size = [
        cases[name] / size
        for name, size in (("small", 40), ("toy", 100), ("large", 250), ("twin", 40))
    ]
    assert max(per_size) / min(per_size) < 1.25


def test_the_folder_and_the_record_say_which_area_a_log_is_of(results: Results) -> None:
    folder = run_folder(results.folder, "ready", 1, "large")
    assert folder == results.folder / "runs" / "ready@large" / "001"
    assert pq.read_table(folder / "cases.parquet").equals(
        results.log("ready", 1, "cases", area="large")
    )
    assert '"area": "large"' in (folder / "replication.json").read_text()


@pytest.mark.slow
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
    files = {
        str(path.relative_to(results.folder)): path.read_bytes()
        for path in results.folder.rglob("*")
        if path.is_file()
    }
    for name, found in files.items():
        assert (folder / name).read_bytes() == found


def test_each_area_and_the_total_are_shown(results: Results) -> None:
    shown = CliRunner().invoke(main, ["compare", str(results.folder)]).output
    table = shown.partition("A median")[0].splitlines()
    names = [line.partition("  ")[0] for line in table if line][2:]
    assert names == ["Small [x]", "Toy", "Large", "Twin", "All of them"]
    assert table[-1].split()[-2:] == ["–", "–"]
    everywhere = rows(results.kpis, kpi="arrests", scenario="baseline", period="all", group="")
    mean = sum(row["value"] for row in everywhere if row["court"] == "all") / 2
    assert f"{mean:,.0f}" in table[-1]


def ran(*arguments: str) -> str:
    """The output of a command that goes well."""
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(
    "command",
    [["report"], ["export", "--format", "csv"], ["export", "--format", "xes"]],
)
def test_what_is_made_of_one_area_asks_for_one_of_several(
    results: Results, command: list[str]
) -> None:
    done = CliRunner().invoke(main, [command[0], str(results.folder), *command[1:]])
    assert done.exit_code == 2
    assert "several areas ran here side by side" in done.output
    assert "--area: small, toy, large, twin" in done.output


@pytest.mark.parametrize(
    "command",
    [["compare"], ["report"], ["cost"], ["export", "--format", "csv"]],
)
def test_an_area_that_did_not_run_is_said_not_to_have(
    results: Results, alone: Results, command: list[str]
) -> None:
    for folder, area, words in (
        (results.folder, "larg", 'no area called "larg" in these results. Did you mean "large"?'),
        (alone.folder, "toy", 'there is no area "toy": one area ran here'),
    ):
        arguments = [command[0], str(folder), *command[1:], "--area", area]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 2, done.output
        assert words in " ".join(done.output.split())


def test_one_of_the_areas_is_what_it_is_alone(results: Results, alone: Results) -> None:
    mine = results.of_area("toy")
    assert mine.kpis.equals(alone.kpis)
    assert mine.comparison.equals(alone.comparison)
    assert mine.manifest["models"]["ready"] == {**alone.manifest["models"]["ready"], "title": "Toy"}
    assert mine.log("ready", 1, "cases").equals(alone.log("ready", 1, "cases"))
    assert ran("export", str(results.folder), "--format", "csv", "--area", "toy")
    ran("export", str(alone.folder), "--format", "csv")
    for table in ("events.csv", "cases.csv"):
        here, there = (
            (one.folder / name / table).read_bytes()
            for one, name in ((results, "baseline-000-in-toy-csv"), (alone, "baseline-000-csv"))
        )
        assert here == there


def test_the_ledger_of_an_area_is_what_it_is_alone(
    results: Results, alone: Results, tmp_path: Path
) -> None:
    shown = ran("cost", str(results.folder), "--area", "toy", "--workers", "1")
    assert "what it costs whom in Toy, in pounds" in shown
    ran("cost", str(alone.folder), "--workers", "1")
    for name in ("who_pays.csv", "measures.csv", "years.csv", "worth.csv", "lines.parquet"):
        mine = results.folder / "ledger-in-toy" / name
        assert mine.read_bytes() == (alone.folder / "ledger" / name).read_bytes()


@pytest.mark.slow
def test_the_ledger_of_all_areas_is_the_sum_of_theirs(results: Results) -> None:
    ledgers = {
        name: make_ledger(results.of_area(name), workers=1, social=True) for name in results.areas
    }
    whole = make_ledger(results, workers=1, social=True)
    money = {name for name, one in measures_of("england_wales").items() if one.unit == "GBP"}
    costed = whole.costing.kpis.filter(pc.is_in(whole.costing.kpis["kpi"], pa.array(sorted(money))))
    assert costed.num_rows
    stored = results.kpis.filter(pc.is_in(results.kpis["kpi"], pc.unique(costed["kpi"])))
    assert costed.equals(stored), "to the last digit what the run measured"
    assert pc.sum(whole.costing.lines["gbp"]).as_py() == pytest.approx(
        sum(pc.sum(one.costing.lines["gbp"]).as_py() for one in ledgers.values())
    )
    keys = ["scenario", "replication", "unit", "agency", "kind", "activity", "month"]
    assert whole.costing.lines.group_by(keys).aggregate([]).num_rows == whole.costing.lines.num_rows
    for row in whole.tables["ready"]:
        parts = [
            one
            for ledger in ledgers.values()
            for one in ledger.tables["ready"]
            if one.agency == row.agency
        ]
        assert row.difference == pytest.approx(sum(one.difference for one in parts), abs=0.01)
    assert whole.social is not None
    assert whole.social[0].baseline == pytest.approx(
        sum(one.social[0].baseline for one in ledgers.values() if one.social)
    )
    shown = ran("cost", str(results.folder), "--workers", "1")
    assert "what it costs whom in all 4 areas together, in pounds" in shown
    assert "cost per completed case" not in shown


@pytest.mark.slow
def test_the_boards_page_of_an_area_has_its_numbers(results: Results, alone: Results) -> None:
    said = ran("report", str(results.folder), "--area", "toy")
    page = results.folder / "board-in-toy.html"
    assert f"Report: {page}" in said
    ran("report", str(alone.folder))
    drawn = sorted(path.name for path in (alone.folder / "charts").glob("*.csv"))
    assert drawn
    for name in drawn:
        here = results.folder / "charts-in-toy" / name
        assert here.read_bytes() == (alone.folder / "charts" / name).read_bytes(), name
    ran("report", str(results.folder), "--area", "large", "--baseline", "ready")
    text = (results.folder / "board-in-large-against-ready.html").read_text()
    assert "Large is one of 4 areas that ran side by side: " in text
    assert "at 2.5 times its size, by residents." in text
    assert "--area large --baseline ready" in text
    assert "Large, April 2013 to May 2013" in text


def test_the_comparison_of_an_area_says_where_it_is(results: Results) -> None:
    shown = ran("compare", str(results.folder), "--area", "twin")
    assert " in Twin, 2 paired replications" in shown
    assert "arrest_to_disposal_days" in shown
    assert "Note: Twin is one of 4 areas that ran side by side" in shown


def test_a_workbook_holds_every_area(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    ran("export", str(results.folder), "--format", "xlsx", "--out", str(path))
    with zipfile.ZipFile(path) as book:
        names = book.read("xl/workbook.xml").decode()
        text = book.read("xl/sharedStrings.xml").decode()
    assert 'name="Areas"' in names
    assert 'name="Areas one by one"' in names
    assert "Small [x]" in text
    assert "A median, a share or a rate has no total over areas." in text
    ran("export", str(results.folder), "--format", "xlsx", "--area", "twin")
    with zipfile.ZipFile(results.folder / "results-in-twin.xlsx") as book:
        assert 'name="Areas' not in book.read("xl/workbook.xml").decode()
        assert "Small [x]" not in book.read("xl/sharedStrings.xml").decode()


def test_a_case_is_traced_in_the_area_it_is_of(
    experiment: Path, results: Results, toy: Path
) -> None:
    arguments = ["trace", str(toy), "--case", "7", "--experiment", str(experiment)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "Name one of them with --area: small, toy, large, twin." in " ".join(done.output.split())
    cases = results.log("baseline", 0, "cases", area="large")
    group = cases.filter(pc.equal(cases["case_id"], 7)).column("offence_group")[0].as_py()
    told = ran(*arguments, "--area", "large")
    assert f"CASE 7: {group.replace('_', ' ').capitalize()} (" in told
    done = CliRunner().invoke(main, ["trace", str(toy), "--case", "7", "--area", "large"])
    assert "Name one with --experiment." in done.output


def test_a_replication_is_replayed_in_the_area_that_is_named(
    experiment: Path, results: Results
) -> None:
    done = CliRunner().invoke(main, ["replay", str(experiment), "--replication", "1"])
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    assert "several areas run side by side here, and a replication is of one of them." in said
    assert "Name one of them with --area: small, toy, large, twin." in said
    told = ran("replay", str(experiment), "--replication", "1", "--area", "twin")
    hashes = [
        run["content_hash"]
        for run in results.manifest["runs"]
        if (run["scenario"], run["replication"], run["area"]) == ("baseline", 1, "twin")
    ]
    assert f"Content hash: {hashes[0]}" in told


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("size = 250", "size = 0", "large.size"),
        (
            'source = "assumption"\nevidence = "assumed"\nrange = [1, 1000]',
            'source = "nobody"\nevidence = "estimated"',
            '"source": "nobody" is not in',
        ),
        ("[report]", "[precision]\nof_baseline = 0.1\n\n[report]", "precision"),
        ("base = 100", "base = 100\nbasis = 7", '"basis": there is no key'),
        ("toy = {", "To y = {", ""),
    ],
)
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
    mine = [
        run for run in results.manifest["runs"] if (run["area"], run["replication"]) == ("twin", 0)
    ]
    assert alone.manifest["runs"] == mine
