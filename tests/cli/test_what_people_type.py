"""What people do type, and do to folders: a message and an exit code, never a traceback."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cjsim.cli.main import main
from cjsim.storage.whole import whole_file
from cjsim.trace import trace as trace_room


def typed(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def results(run: Callable[..., Path]) -> Path:
    return run()


def test_a_study_can_begin_in_the_empty_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "my study"
    here.mkdir()
    monkeypatch.chdir(here)
    before = here.stat().st_ino
    done = typed("new", ".")
    assert done.exit_code == 0, done.output
    assert here.stat().st_ino == before, "whoever stands in it still does"
    assert (here / "experiments" / "first_question.toml").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["my study"]


def test_a_study_that_cannot_be_moved_in_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.replace

    def full(self: Path, target: Path) -> Path:
        if self.name == "models":
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full)
    done = typed("new", tmp_path)
    assert done.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_what_throws_away_and_what_goes_on_are_not_done_at_once(question: Path) -> None:
    for command in ("run", "sweep", "sensitivity", "uncertainty"):
        done = typed(command, question, "--fresh", "--resume")
        assert done.exit_code == 2
        assert "--fresh deletes the results that --resume needs" in done.output


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    code = (
        "import sys, click, cjsim.cli.options as c\n"
        "@click.command()\n@c.reports_errors\ndef much():\n"
        "    for _ in range(100_000): click.echo('line of text')\n"
        "much()"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reader.stdout is not None
    assert reader.stderr is not None
    assert reader.stdout.readline() == b"line of text\n"
    reader.stdout.close()
    assert reader.stderr.read() == b""
    assert reader.wait() == 1


def test_an_export_to_a_folder_stands_in_it(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xlsxwriter")
    place = tmp_path / "exports é"
    place.mkdir()
    monkeypatch.chdir(place)
    done = typed("export", results, "--format", "xlsx", "--out", ".")
    assert done.exit_code == 0, done.output
    assert [path.name for path in place.glob("[!.]*")] == ["results.xlsx"]


def test_no_file_takes_the_place_of_a_folder(tmp_path: Path, toy: Path) -> None:
    for place in (Path(), tmp_path):
        with pytest.raises(IsADirectoryError), whole_file(place):
            raise AssertionError("nothing is written")


def test_a_workbook_that_cannot_be_written_is_a_message(results: Path, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    place = tmp_path / "nowhere" / "results.xlsx"
    done = typed("export", results, "--format", "xlsx", "--out", place)
    assert done.exit_code == 1
    assert done.output == f"{place}: No such file or directory. Nothing was kept.\n"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("scenarios", 5),
        ("scenarios", []),
        ("scenarios", [{}]),
        ("experiment", []),
        ("experiment", {}),
        ("replications", "many"),
        ("models", None),
        ("notices", 3),
    ],
)
def test_a_manifest_edited_to_nonsense_is_told(results: Path, key: str, value: object) -> None:
    file = results / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))
    done = typed("compare", results)
    assert done.exit_code == 2, done.output
    assert f"it has no {key}" in done.output
    assert "Run the experiment again with --fresh." in done.output


@pytest.mark.parametrize("table", ["kpis.parquet", "comparison.parquet"])
def test_a_table_damaged_in_the_middle_is_named(results: Path, table: str) -> None:
    file = results / table
    bytes_ = file.read_bytes()
    file.write_bytes(bytes_[:4] + b"\0" * 60 + bytes_[64:])
    done = typed("compare", results)
    assert done.exit_code == 2, done.output
    assert f'"{table}": this is not what cjsim wrote' in done.output
    done = typed("compare", results, "--allow-changed")
    assert done.exit_code == 2, done.output
    assert f'"{table}": this cannot be read. Run the experiment again' in done.output


def test_a_folder_of_several_experiments_names_them(results: Path, tmp_path: Path) -> None:
    top = results.parent.parent
    shutil.copytree(results.parent, top / "other")
    done = typed("compare", top)
    assert done.exit_code == 2
    assert f"Give the folder of one experiment: {top / 'other'}, {top / 'question'}." in done.output
    study = tmp_path / "a study"
    study.mkdir()
    (study / "study.json").write_text("{}")
    assert (
        "This is a study: the command that made it shows it again" in typed("compare", study).output
    )


def test_a_mark_at_the_beginning_of_a_file_is_no_fault(question: Path) -> None:
    question.write_bytes(b"\xef\xbb\xbf" + question.read_bytes())
    done = typed("check", question)
    assert done.exit_code == 0, done.output


def test_a_run_of_one_day_is_called_that(question: Path) -> None:
    question.write_text(question.read_text().replace("to = 2013-06-30", "to = 2013-04-01"))
    done = typed("check", question)
    assert done.exit_code == 2
    assert "a run of one day, 2013-04-01, is too short." in done.output


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2013-04-01", "2014-03-31"),
        ("2016-02-28", "2017-02-27"),
        ("2016-02-29", "2017-02-27"),
        ("2015-03-01", "2016-02-29"),
    ],
)
def test_a_year_is_traced_from_any_day(
    toy: Path, monkeypatch: pytest.MonkeyPatch, first: str, last: str
) -> None:
    class Enough(Exception):
        pass

    def simulate(*_: object, study_from: object, study_to: object, **__: object) -> None:
        assert (str(study_from), str(study_to)) == (first, last)
        raise Enough

    monkeypatch.setattr(trace_room, "simulate", simulate)
    done = typed("trace", toy, "--case", 1, "--from", first)
    # What cjsim does not expect is reported as its own fault, by name.
    assert (done.exit_code, "Enough" in done.output) == (70, True), done.output


def test_an_experiment_is_traced_in_its_own_period(toy: Path, question: Path) -> None:
    done = typed("trace", toy, "--case", 1, "--experiment", question, "--from", "2014-01-01")
    assert done.exit_code == 2
    assert "an experiment has its own period" in done.output


def test_a_folder_of_experiments_is_told_from_a_model(question: Path) -> None:
    done = typed("check", question.parent)
    assert done.exit_code == 2
    assert "this folder holds experiments and is no model. Give its files, such as" in done.stderr
    assert "1 fault." in done.stderr
