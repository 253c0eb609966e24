"""An experiment that asks for another report after it was run: no old answer is given."""

from __future__ import annotations

import datetime as dt
import errno
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import cjsim
from cjsim.cli.main import main
from cjsim.errors import Faults, RunFailed
from cjsim.experiment import replication as room
from cjsim.experiment.results import Results
from cjsim.experiment.run import run_experiment
from cjsim.experiment.show import comparison_text
from cjsim.experiment.verification.findings import State
from cjsim.experiment.verification.verify import verify
from cjsim.measures.comparison import NO_CLEAR_DIFFERENCE, WORSE
from cjsim.storage import disk
from cjsim.storage.outputs import write_output
from tests.faults.test_sweep import BACKCAST, QUARTERS, begun_study


def never(*_: Any, **__: Any) -> None:
    raise AssertionError("something was simulated")


class Study:
    """An experiment that has been run, and is run again after its file was changed."""

    def __init__(self, question: Path, out: Path, replications: int = 2) -> None:
        self.question, self.out, self.replications = question, out, replications
        self.said: list[str] = []

    def run(self, *, resume: bool = False) -> Results:
        self.said.clear()
        folder = run_experiment(
            self.question,
            workers=1,
            replications=self.replications,
            scenarios=["ready"],
            out=self.out,
            say=self.said.append,
            resume=resume,
        )
        return cjsim.read_results(folder)

    def change(self, old: str, new: str) -> None:
        text = self.question.read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.question.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def study(question: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """A run that is over; whoever simulates anything from now on fails."""
    begun = Study(question, tmp_path / "results")
    begun.run()
    monkeypatch.setattr(room, "simulate", never)
    return begun


def verdict(results: Results) -> str:
    rows = results.comparison.to_pylist()
    return str(next(row["verdict"] for row in rows if row["scenario"] == "ready"))


def logs(results: Results) -> dict[str, bytes]:
    return {
        path.relative_to(results.folder).as_posix(): path.read_bytes()
        for path in sorted(results.folder.glob("runs/*/*/*"))
    }


def test_an_experiment_that_says_the_same_is_not_written_again(study: Study) -> None:
    study.change('owner = "Nobody"', 'owner   = "Nobody" # a comment')
    before = (study.out / "question").stat().st_mtime_ns
    study.run()
    assert "--fresh runs it again" in study.said[-1]
    assert (study.out / "question").stat().st_mtime_ns == before


def test_another_difference_worth_having_gives_another_verdict(
    question: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Study(question, tmp_path / "results", replications=6)
    before = study.run()
    monkeypatch.setattr(room, "simulate", never)
    assert verdict(before) == WORSE
    kept, kpis = logs(before), (before.folder / "kpis.parquet").read_bytes()
    study.change("[sensitivity]", "[report.worthwhile]\nhearings_per_case = 1.5\n[sensitivity]")
    after = study.run()
    assert after.folder == before.folder
    assert verdict(after) == NO_CLEAR_DIFFERENCE
    assert after.worthwhile == {"hearings_per_case": 1.5}
    assert logs(after) == kept
    assert (after.folder / "kpis.parquet").read_bytes() == kpis
    assert after.manifest["results_hash"] == before.manifest["results_hash"]
    assert [line for line in study.said if "made anew from the same replications" in line]
    study.run()
    assert "--fresh runs it again" in study.said[-1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "A question"', 'title = "Another title"', "Another title"),
        ('label = "Ready [x]"', 'label = "Files complete"', "Files complete"),
        ('watch = ["hearings_per_case"]', "watch = []\ncaveats = ['Draft']", "Draft"),
    ],
)
def test_what_is_shown_is_what_the_file_says_by_now(
    study: Study, old: str, new: str, said: str
) -> None:
    study.change(old, new)
    results = study.run()
    manifest = results.manifest
    told = (comparison_text(results), manifest["scenarios"], manifest["experiment"]["caveats"])
    assert any(said in str(text) for text in told)
    assert results.manifest["experiment"]["text"] == study.question.read_text(encoding="utf-8")
    assert results.watched == ([] if "watch" in old else ["hearings_per_case"])


def test_own_notes_beside_the_results_stay_and_pages_of_the_old_answer_go(study: Study) -> None:
    folder = study.run().folder
    (folder / "notes.txt").write_text("what I think of it")
    write_output("the old answer", folder / "board.html", "report")
    study.change('title = "A question"', 'title = "Another title"')
    assert study.run().folder == folder
    assert (folder / "notes.txt").read_text() == "what I think of it"
    assert not (folder / "board.html").exists()


def test_a_replication_that_was_changed_is_not_taken_over(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = study.run()
    kept = logs(before)
    record = before.folder / "runs" / "ready" / "000" / room.RECORD
    record.write_text(record.read_text().replace('"events": 1', '"events": 2'))
    shutil.rmtree(before.folder / "runs" / "ready" / "001")
    study.change('title = "A question"', 'title = "Another title"')
    from tests.support.short_engine import simulate

    ran: list[int] = []

    def counted(model: Any, **rest: Any) -> Any:
        ran.append(rest["replication"])
        return simulate(model, **rest)

    monkeypatch.setattr(room, "simulate", counted)
    assert logs(study.run()) == kept
    assert ran == [0, 1]


def test_a_comparison_that_was_changed_is_not_replaced_in_silence(study: Study) -> None:
    folder = study.run().folder
    path = folder / "comparison.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    study.change('title = "A question"', 'title = "Another title"')
    with pytest.raises(Faults, match="not what cjsim wrote"):
        study.run()


def test_results_stay_where_those_that_replace_them_cannot_get_their_name(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = study.run().folder
    before = logs(study.run()), (folder / "manifest.json").read_bytes()
    study.change('title = "A question"', 'title = "Another title"')
    replace = disk.replace

    def fails(source: Path, target: Path) -> None:
        if source.suffix == ".unfinished":
            raise OSError(errno.EACCES, "Permission denied", str(target))
        replace(source, target)

    monkeypatch.setattr(disk, "replace", fails)
    with pytest.raises(RunFailed, match="4 replications are kept"):
        study.run()
    assert (logs(cjsim.read_results(folder)), (folder / "manifest.json").read_bytes()) == before
    monkeypatch.setattr(disk, "replace", replace)
    assert study.run(resume=True).manifest["experiment"]["title"] == "Another title"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_files_are_copied_where_there_are_no_links(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = logs(study.run())
    study.change('title = "A question"', 'title = "Another title"')
    monkeypatch.setattr("os.link", lambda *_: (_ for _ in ()).throw(OSError(1, "no links")))
    assert logs(study.run()) == kept


@pytest.mark.slow
def test_a_back_cast_is_judged_by_what_its_file_and_series_say_by_now(tmp_path: Path) -> None:
    folder = begun_study(tmp_path / "study")
    file, series = folder / "experiments/backcast.toml", folder / "experiments/quarters.csv"

    def run_and_read() -> dict[dt.date, tuple[str, float]]:
        command = ["run", str(file), "--workers", "1", "--out", str(folder / "results")]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        (table,) = (folder / "results" / "backcast").glob("*/backcast.parquet")
        verified = [one for whole in verify(table.parent) for one in whole.findings]
        assert {one.state for one in verified} <= {State.RIGHT, State.LEFT_OUT}, verified
        rows = pq.read_table(table).to_pylist()
        return {row["end"]: (row["phase"], row["published"]) for row in rows}

    end = dt.date(2013, 9, 30)
    assert run_and_read()[end] == ("back-cast", 35.0)
    series.write_text(QUARTERS.replace("2013-09-30,35", "2013-09-30,41"))
    assert run_and_read()[end] == ("back-cast", 41.0)
    file.write_text(BACKCAST.replace("judged_to = 2013-09-30", "judged_to = 2013-09-29"))
    assert run_and_read()[end] == ("projected", None)
