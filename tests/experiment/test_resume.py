"""A run that is cut short, and what can be done with what it left."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cjsim
from cjsim.errors import Faults, RunFailed
from cjsim.experiment import replication as room
from cjsim.experiment.dry_run import dry_run
from cjsim.experiment.run import run_experiment
from cjsim.schema.model import Model
from tests.support.short_engine import simulate


def breaks_at(replication: int, error: BaseException) -> Callable[..., Any]:
    """An engine that fails in one replication."""

    def breaks(model: Model, **rest: Any) -> Any:
        if rest["replication"] == replication:
            raise error
        return simulate(model, **rest)

    return breaks


@pytest.mark.parametrize("fault", [ZeroDivisionError(), KeyboardInterrupt(), MemoryError()])
def test_a_fault_in_the_first_replication_leaves_no_folder(
    run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    monkeypatch.setattr(room, "simulate", breaks_at(0, fault))
    with pytest.raises((type(fault), RunFailed)) as told:
        run()
    said = [str(told.value), *getattr(told.value, "__notes__", [])]
    assert any("Nothing was kept." in line for line in said)
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    "fault",
    [
        ZeroDivisionError(),
        KeyboardInterrupt(),
        MemoryError(),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_fault_later_leaves_what_was_done_and_it_can_be_gone_on_with(
    run: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
) -> None:
    whole = {path: path.read_bytes() for path in files_of(run())}
    shutil.rmtree(tmp_path / "results")
    monkeypatch.setattr(room, "simulate", breaks_at(2, fault))
    with pytest.raises((type(fault), RunFailed)) as told:
        run()
    said = [str(told.value), *getattr(told.value, "__notes__", [])]
    assert any("6 replications are kept in" in line and "--resume" in line for line in said)
    assert [path.suffix for path in (tmp_path / "results" / "question").iterdir()] == [
        ".unfinished"
    ]
    with pytest.raises(Faults, match="--resume continues it, --fresh deletes it"):
        run()
    with pytest.raises(Faults, match="the run here was interrupted before it had results"):
        cjsim.read_results(tmp_path / "results" / "question")
    monkeypatch.setattr(room, "simulate", simulate)
    ran: list[int] = []
    folder = run(resume=True, progress=lambda done, *_: ran.append(done))
    assert ran == [7, 8, 9], "only what was left to do"
    assert {path: path.read_bytes() for path in files_of(folder)} == whole
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def cut_short(run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The unfinished folder of a run that stopped after six of nine replications."""
    monkeypatch.setattr(room, "simulate", breaks_at(2, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.setattr(room, "simulate", simulate)
    (folder,) = (tmp_path / "results" / "question").iterdir()
    return folder


def test_fresh_begins_again_where_a_run_was_cut_short(
    run: Callable[..., Path], cut_short: Path
) -> None:
    ran: list[int] = []
    run(fresh=True, progress=lambda done, *_: ran.append(done))
    assert ran == list(range(1, 10))
    assert not cut_short.exists()


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("seed = 7", "seed = 8", "seed was 7 and is 8"),
        ("2013-06-30", "2013-07-31", 'study_to was "2013-06-30" and is "2013-07-31"'),
        ("value = 0.9", "value = 0.8", "models.ready.branches.file_ready.probability.changes"),
        ("[scenarios.nothing]", "[scenarios.other]", "models.nothing is gone"),
    ],
)
def test_resume_refuses_another_plan_and_says_what_differs(
    run: Callable[..., Path], cut_short: Path, question: Path, was: str, now: str, told: str
) -> None:
    question.write_text(question.read_text().replace(was, now))
    before = files_of(cut_short)
    with pytest.raises(Faults, match="has another plan") as refused:
        run(resume=True)
    assert told in str(refused.value)
    assert files_of(cut_short) == before
    assert run().is_dir(), "without --resume it is a run of its own"
    assert files_of(cut_short) == before


def test_resume_with_nothing_left_runs_from_the_beginning(run: Callable[..., Path]) -> None:
    ran: list[int] = []
    run(resume=True, progress=lambda done, *_: ran.append(done))
    assert len(ran) == 9


@pytest.mark.parametrize("damage", ["other bytes", "cut off", "no record", "no table", "not JSON"])
def test_a_damaged_replication_is_run_again(
    run: Callable[..., Path], cut_short: Path, tmp_path: Path, damage: str
) -> None:
    one = cut_short / "runs" / "ready" / "001"
    if damage == "other bytes":
        (one / "events.parquet").write_text("999")
    elif damage == "cut off":
        (one / "kpis.parquet").write_bytes((one / "kpis.parquet").read_bytes()[:-9])
    elif damage == "no table":
        (one / "kpis.parquet").unlink()
    elif damage == "no record":
        (one / "replication.json").unlink()
    else:
        (one / "replication.json").write_text("[[")
    ran: list[int] = []
    folder = run(resume=True, progress=lambda done, *_: ran.append(done))
    assert ran == [6, 7, 8, 9]
    untouched = run(out=tmp_path / "elsewhere")
    assert [path.read_bytes() for path in files_of(folder)] == [
        path.read_bytes() for path in files_of(untouched)
    ]


def test_two_processes_cannot_write_one_folder(
    run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def meddles(model: Model, **rest: Any) -> Any:
        with pytest.raises(RunFailed) as refused:
            run(resume=True)
        said.append(str(refused.value))
        return simulate(model, **rest)

    monkeypatch.setattr(room, "simulate", meddles)
    folder = run()
    assert len(said) == 9
    assert f"Another cjsim (process {os.getpid()} on" in said[0]
    assert f"is writing {folder}." in said[0]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name], "no lock is left"


def test_a_time_limit_stops_a_run_that_can_be_gone_on_with(question: Path, tmp_path: Path) -> None:
    def go(**options: Any) -> Path:
        return run_experiment(question, out=tmp_path / "r", say=lambda _: None, **options)

    with pytest.raises(RunFailed, match=r"The time limit of 0 s is over\. Nothing was kept\."):
        go(workers=1, time_limit=0.001)
    assert not (tmp_path / "r").exists()


def test_more_cases_than_the_budget_are_refused_unless_asked_for(
    run: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(Faults, match="the limit is 100") as refused:
        run(budget=100)
    assert "--budget" in str(refused.value)
    assert not (tmp_path / "results").exists()
    assert run(budget=10**9).is_dir()


@pytest.mark.parametrize("name", ["..", "=cmd", ".hidden", "a" * 65, "sla\nsh", "ends."])
def test_a_file_whose_name_cannot_be_a_folders_is_refused(
    run: Callable[..., Path], question: Path, tmp_path: Path, name: str
) -> None:
    strange = question.with_name(f"{name}.toml")
    strange.write_text(question.read_text())
    with pytest.raises(Faults, match="cannot be the name of a folder"):
        run_experiment(strange, out=tmp_path / "results", workers=1, say=lambda _: None)
    assert not (tmp_path / "results").exists()


def test_a_dry_run_says_what_would_run_and_runs_nothing(
    run: Callable[..., Path], question: Path, tmp_path: Path
) -> None:
    told = dry_run(question, out=tmp_path / "results", workers=2)
    assert not (tmp_path / "results").exists()
    text = "\n".join(told)
    for said in (
        "A question: What if?",
        "3 of each, 9 in all, seed 7",
        "ready (Ready [x])",
        "new",
        "with 2 workers",
        '"nothing" changes nothing',
        "Nothing was run.",
    ):
        assert said in text
    run()
    assert "which are there already" in "\n".join(dry_run(question, out=tmp_path / "results"))


def test_what_is_half_written_does_not_count_and_is_swept_away(
    run: Callable[..., Path], cut_short: Path, question: Path
) -> None:
    half = cut_short / "runs" / "ready" / ".002.4711.partial"
    shutil.copytree(cut_short / "runs" / "ready" / "001", half)
    (cut_short / ".kpis.parquet.4711.partial").write_text("half")
    assert "with 6 of 9" in "\n".join(dry_run(question, out=cut_short.parents[1]))
    assert list(run(resume=True).rglob("*.partial")) == []


def test_a_dry_run_tells_how_much_is_done(cut_short: Path, question: Path) -> None:
    text = "\n".join(dry_run(question, out=cut_short.parents[1]))
    assert "with 6 of 9 replications done" in text
