"""A results folder that was handed over: what was changed in it is noticed, wherever it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cjsim
from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.manifest_schema import read_manifest
from cjsim.experiment.plan import Task
from cjsim.experiment.reading import OpenedRun
from cjsim.experiment.verification.files import check_files, files_of
from cjsim.experiment.verification.findings import Finding, State
from cjsim.experiment.verification.remade import check_measures, check_tables
from cjsim.experiment.verification.rerun import select_tasks
from cjsim.experiment.verification.verify import models_of, verify
from cjsim.storage.outputs import LIST
from tests.conftest import ROOT
from tests.support.handed_over import edit_manifest, put_hashes_right, read

QUESTION = """
title = "A question"
question = "What if?"
owner = "Nobody"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-04-30
replications = 2
seed = 7

[scenarios.ready]
label = "Ready"
[scenarios.ready.set]
"branches.file_ready.probability" = {{ value = 0.9, source = "assumption", range = [0.5, 1.0] }}

[report]
watch = ["hearings_per_case"]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, toy: Path) -> Path:
    """A run of the toy model, as it was written."""
    top = tmp_path_factory.mktemp("made")
    (top / "question.toml").write_text(QUESTION.format(model=toy), encoding="utf-8")
    return cjsim.run(top / "question.toml", workers=1, out=top / "results", say=lambda _: None)


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    """The same, in a folder that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "results"))


def typed(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def states(folder: Path, **options: Any) -> dict[str, State]:
    """What came of each check."""
    (one,) = verify(folder, workers=1, **options)
    return {finding.check: finding.state for finding in one.findings}


def of_files(folder: Path) -> dict[str, Finding]:
    """What came of the checks of files and hashes alone."""
    manifest = read(folder / "manifest.json")
    kept = {name: manifest[name] for name in ("tables", "records")}
    return {one.check: one for one in check_files(folder, files_of(folder, kept))}


def of_tables(folder: Path) -> dict[str, Finding]:
    """What came of the checks of the tables of the whole run."""
    run = OpenedRun(folder, *read_manifest(folder))
    return {one.check: one for one in check_tables(run)}


def test_what_cjsim_wrote_is_verified_and_runs_again_to_the_same_bytes(results: Path) -> None:
    done = typed("verify", results, "--rerun", "1", "--workers", "1")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert [line.split()[0] for line in lines[4:13]] == ["ok"] * 9
    assert "1 replication (baseline/000): the same bytes." in done.output or (
        "1 replication (baseline/001): the same bytes." in done.output
    )
    assert lines[-2].startswith("Verdict: these are the results that cjsim wrote")
    guide = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    shown = guide.partition("```text\n")[2].partition("```")[0].splitlines()
    assert [line[:22] for line in shown[:9]] == [line[:22] for line in lines[4:13]]
    assert shown[-2:] == lines[-2:]


@pytest.mark.slow
def test_what_report_and_cost_write_belongs_to_the_results(results: Path) -> None:
    for words in (["report", results], ["cost", results, "--workers", "1"]):
        assert typed(*words).exit_code == 0
    assert {one.state for one in of_files(results).values()} == {State.RIGHT}
    page = results / "board.html"
    page.write_bytes(page.read_bytes().replace(b"</html>", b"<!-- --></html>"))
    assert "board.html has been changed" in of_files(results)["hashes"].says


def test_a_table_that_was_edited_is_refused_by_whatever_reads_it(results: Path) -> None:
    path = results / "comparison.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("difference")
    forged = pa.array([-999_999.0] * table.num_rows)
    pq.write_table(table.set_column(place, "difference", forged), path)
    for words in (["compare"], ["report"], ["cost"], ["export", "--format", "xlsx"]):
        done = typed(words[0], results, *words[1:])
        assert done.exit_code == 2, done.output
        assert '"comparison.parquet": this is not what cjsim wrote' in done.output
        assert "`cjsim verify` shows all" in done.output
    with pytest.raises(Faults, match="not what cjsim wrote"):
        cjsim.read_results(results)
    done = typed("compare", results, "--allow-changed")
    assert done.exit_code == 0
    assert f"Note: CHANGED: {path} is not what cjsim wrote." in done.output
    assert of_files(results)["hashes"].state is State.WRONG
    assert of_tables(results)["comparison"].state is State.WRONG


def test_a_log_that_was_edited_is_refused_where_it_is_read(results: Path) -> None:
    path = results / "runs" / "baseline" / "000" / "cases.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    assert typed("compare", results).exit_code == 0, "which reads no log"
    for words in (["cost", "--workers", "1"], ["export", "--format", "csv"]):
        done = typed(words[0], results, *words[1:])
        assert done.exit_code == 2, done.output
        assert "cases.parquet" in done.output
    pq.write_table(table.rename_columns(["number", *table.column_names[1:]]), path)
    done = typed("cost", results, "--workers", "1")
    assert done.exit_code == 2
    assert "another version: it has no case_id." in done.output


def forge(folder: Path, file: str, column: str) -> None:
    """Change the last number of a column, and put every hash right."""
    table = pq.read_table(folder / file)
    old = table.column(column)
    new = pa.array([*old.to_pylist()[:-1], 17.0], old.type)
    pq.write_table(table.set_column(table.column_names.index(column), column, new), folder / file)
    put_hashes_right(folder)


@pytest.mark.parametrize(
    ("check", "file", "column"),
    [("all measures", "kpis.parquet", "value"), ("comparison", "comparison.parquet", "difference")],
)
def test_a_forger_who_puts_every_hash_right_is_found_out_by_the_tables(
    results: Path, check: str, file: str, column: str
) -> None:
    forge(results, file, column)
    assert {one.state for one in of_files(results).values()} == {State.RIGHT}
    found = of_tables(results)[check]
    assert found.state is State.WRONG
    assert "17.0 in place of" in found.says


def test_measures_that_are_not_those_of_the_log_are_found_out(results: Path) -> None:
    forge(results, "runs/baseline/000/kpis.parquet", "value")
    run = OpenedRun(results, *read_manifest(results))
    found = check_measures(run, models_of(run), workers=1)
    assert found.state is State.WRONG
    assert found.says.startswith('scenario baseline, replication 0: "value" differs in 1 row')


@pytest.mark.slow
def test_a_log_that_the_model_does_not_give_is_found_out_by_running_it_again(
    results: Path,
) -> None:
    forge(results, "runs/baseline/000/events.parquet", "planned_minutes")
    checked = states(results, rerun=2)
    assert checked["hashes"] is checked["measures"] is State.RIGHT
    assert checked["run again"] is State.WRONG


def test_other_versions_may_differ_by_rights_and_are_told(results: Path) -> None:
    forge(results, "comparison.parquet", "probability_better")
    versions = read(results / "manifest.json")["versions"]
    edit_manifest(results, versions={**versions, "numpy": "1.0"})
    found = of_tables(results)["comparison"]
    assert found.state is State.UNKNOWN
    assert "numpy was 1.0 and is" in found.says


def test_files_that_are_missing_added_or_links_are_named(results: Path) -> None:
    (results / "runs" / "ready" / "001" / "sittings.parquet").unlink()
    (results / "notes.txt").write_text("mine")
    (results / ".DS_Store").write_text("left by a file manager")
    shutil.copytree(results / "runs" / "ready" / "000", results / "runs" / "ready" / "002")
    (results / "link").symlink_to("/etc/passwd")
    files = of_files(results)["files"]
    assert files.state is State.WRONG
    for told in (
        "runs/ready/001/sittings.parquet is missing",
        "notes.txt was added",
        "runs/ready/002/cases.parquet was added",
    ):
        assert told in files.says
    assert ".DS_Store" not in files.says


def test_what_is_no_results_folder_is_said(tmp_path: Path) -> None:
    for folder, told in ((tmp_path, "no results folder"), (tmp_path / "x", "no such folder")):
        done = typed("verify", folder)
        assert done.exit_code == 2
        assert told in done.output


def test_every_run_in_a_folder_is_verified(tmp_path: Path, run: Callable[..., Path]) -> None:
    first = run()
    shutil.copytree(first, first.with_name("0" * 12))
    assert [Path(one.folder) for one in verify(tmp_path / "results", workers=1)] == sorted(
        [first.with_name("0" * 12), first]
    )


def test_the_replications_to_run_again_are_the_same_ones_and_of_every_scenario() -> None:
    tasks = [
        Task(scenario, number, area)
        for number in range(10)
        for area in ("a", "b")
        for scenario in ("baseline", "north", "south")
    ]
    first = select_tasks(tasks, 6, "0a1b")
    assert first == select_tasks([*reversed(tasks)], 60, "0a1b")[:6] or len(set(first)) == 6
    assert first == select_tasks(tasks, 6, "0a1b")
    assert {(one.scenario, one.area) for one in first} == {
        (one.scenario, one.area) for one in tasks
    }
    assert first != select_tasks(tasks, 6, "ffff")
    assert len(select_tasks(tasks, 1000, "0a1b")) == len(tasks)


@pytest.fixture(scope="module")
def copy(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for all examples of a property: each leaves it as it was."""
    return Path(shutil.copytree(made, tmp_path_factory.mktemp("copy") / "results"))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_of_any_file_can_be_changed_unnoticed(copy: Path, data: st.DataObject) -> None:
    # Of a manifest that was changed: what it said of others is not believed either way.
    manifest = json.loads((copy / "manifest.json").read_bytes())
    kept = {name: manifest[name] for name in ("tables", "records")}
    paths = sorted(path for path in copy.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(paths))
    before = path.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    flipped = before[place] ^ data.draw(st.integers(1, 255))
    path.write_bytes(before[:place] + bytes([flipped]) + before[place + 1 :])
    try:
        found = [*check_files(copy, files_of(copy, kept))]
        assert any(one.state is State.WRONG for one in found), path
    finally:
        path.write_bytes(before)


def test_an_older_run_without_hashes_is_shown_with_a_note(results: Path) -> None:
    manifest = read(results / "manifest.json")
    del manifest["tables"], manifest["records"]
    (results / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (results / LIST).unlink()
    done = typed("compare", results)
    assert done.exit_code == 0, done.output
    assert "without hashes of all its files" in done.output
    checked = {one.check: one for one in check_files(results, files_of(results, None))}
    assert checked["files"].state is State.WRONG


def test_a_list_that_was_lost_is_said(results: Path) -> None:
    (results / LIST).unlink()
    done = typed("compare", results)
    assert done.exit_code == 0
    assert f"The list of files, {LIST}, is not in" in done.output
    assert "manifest.json" in of_files(results)["files"].says
