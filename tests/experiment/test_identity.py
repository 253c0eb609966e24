"""What a result is made with: which code and libraries count, and that no two of them are mixed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import cjsim
from cjsim.england_wales.open_cases import OpenCases
from cjsim.errors import Faults
from cjsim.experiment import replication as replications
from cjsim.experiment.executors.executor import RunFailed
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import Job, load_completed, run_replication
from cjsim.experiment.run import make_plan, run_experiment
from cjsim.identity import (
    LIBRARIES,
    NOT_IN_RESULTS,
    changes,
    code_digest,
    identity,
    identity_from,
)
from cjsim.reforms import warm_start
from cjsim.scenarios.load import load_experiment
from cjsim.schema.model import Model
from tests.support.short_engine import simulate

PACKAGE = Path(cjsim.__file__).parent


def test_all_that_is_left_out_is_there() -> None:
    assert [name for name in NOT_IN_RESULTS if not (PACKAGE / name).exists()] == []


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copied") / "cjsim"
    return Path(shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__")))


@pytest.mark.parametrize(
    "module",
    [
        "experiment/prefix_tree.py",
        "experiment/kpi_tables.py",
        "england_wales/journey/police.py",
        "measures/throughput.py",
        "calibration/history_matching/history.py",
        "economics/costing.py",
        "reforms/warm_start.py",
        "scenarios/resolve.py",
        "identity.py",
    ],
)
def test_one_byte_of_what_makes_results_changes_the_code(copied: Path, module: str) -> None:
    before, text = code_digest(copied), (copied / module).read_bytes()
    assert before == code_digest()
    (copied / module).write_bytes(text + b"\n")
    assert code_digest(copied) != before
    (copied / module).write_bytes(text)
    assert code_digest(copied) == before


@pytest.mark.parametrize(
    "module",
    ["report/wording.py", "cli/run.py", "cli/project_template.py", "docgen/config_page.py"],
)
def test_what_only_shows_does_not(copied: Path, module: str) -> None:
    text = (copied / module).read_bytes()
    (copied / module).write_bytes(text + b"changed = True\n")
    assert code_digest(copied) == code_digest()
    (copied / module).write_bytes(text)


def test_a_module_that_is_moved_or_renamed_changes_the_code(copied: Path) -> None:
    journey = copied / "england_wales" / "journey"
    (journey / "police.py").rename(journey / "policing.py")
    assert code_digest(copied) != code_digest()
    (journey / "policing.py").rename(journey / "police.py")


def test_line_ends_as_windows_writes_them_do_not_change_the_code(copied: Path) -> None:
    path = copied / "measures" / "costs.py"
    text = path.read_bytes()
    path.write_bytes(text.replace(b"\n", b"\r\n"))
    assert code_digest(copied) == code_digest()
    path.write_bytes(text)


def test_an_identity_written_down_is_read_again() -> None:
    assert identity_from(json.loads(json.dumps(identity().as_json()))) == identity()
    assert identity().apart_from(identity()) == []


def test_what_differs_is_told_with_both_values() -> None:
    was = {"code": "a", "numpy": "1.26.4", "scipy": "1.17.1"}
    now = {"code": "b", "numpy": "2.4.6", "scipy": "1.17.1", "libc": "glibc 2.36"}
    assert changes(was, now) == [
        "the code of cjsim has changed",
        "numpy was 1.26.4 and is 2.4.6",
        "libc was not recorded and is glibc 2.36",
    ]


def test_a_plan_has_one_hash_under_all_libraries_and_a_run_id_under_each(
    question: Path, pretend: Callable[..., None]
) -> None:
    before = make_plan(load_experiment(question))
    names = {before.run_id}
    for library in LIBRARIES:
        pretend(**{library: "0.0.1"})
        plan = replace(before)
        assert plan.hash == before.hash
        names.add(plan.run_id)
    assert len(names) == 1 + len(LIBRARIES)


def test_other_code_is_another_plan(question: Path, pretend: Callable[..., None]) -> None:
    before = make_plan(load_experiment(question)).hash
    pretend(code="0" * 64)
    assert make_plan(load_experiment(question)).hash != before


def test_a_run_under_other_libraries_is_not_answered_with_the_one_that_is_there(
    run: Callable[..., Path], pretend: Callable[..., None]
) -> None:
    pretend(numpy="1.26.4")
    first = run()
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    pretend()
    said: list[str] = []
    second = run(say=said.append)
    assert second != first
    assert {path: path.read_bytes() for path in before} == before, "the first is as it was"
    (note,) = [line for line in said if "another environment" in line]
    now = identity().environment["numpy"]
    assert str(first) in note
    assert f"numpy was 1.26.4 and is {now}." in note
    said.clear()
    assert run(say=said.append) == second
    assert any("has been run before" in line for line in said)


def test_the_manifest_and_every_replication_tell_what_made_them(
    run: Callable[..., Path], pretend: Callable[..., None]
) -> None:
    pretend(duckdb="9.9.9")
    folder = run()
    manifest = json.loads((folder / "manifest.json").read_text())
    told = [json.loads(path.read_text())["made_with"] for path in folder.rglob("replication.json")]
    assert len(told) == 9
    assert told == [{**identity().as_json(), "duckdb": "9.9.9"}] * 9
    (made,) = manifest["made_with"]
    assert (made["replications"], made["digest"]) == (9, identity().digest)
    assert manifest["versions"] == identity().as_json()


def test_a_resume_under_other_libraries_is_refused_and_says_which(
    run: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pretend: Callable[..., None],
) -> None:
    def stops(model: Model, **rest: Any) -> Any:
        if rest["replication"] == 2:
            raise KeyboardInterrupt
        return simulate(model, **rest)

    pretend(numpy="1.26.4")
    monkeypatch.setattr(replications, "simulate", stops)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.setattr(replications, "simulate", simulate)
    (left,) = (tmp_path / "results" / "question").iterdir()
    before = {path: path.read_bytes() for path in left.rglob("*") if path.is_file()}
    pretend(numpy="2.4.6")
    with pytest.raises(Faults) as refused:
        run(resume=True)
    assert 'environment.numpy was "1.26.4" and is "2.4.6"' in str(refused.value)
    assert {path: path.read_bytes() for path in left.rglob("*") if path.is_file()} == before
    pretend(numpy="1.26.4")
    ran: list[int] = []
    run(resume=True, progress=lambda done, *_: ran.append(done))
    assert ran == [7, 8, 9], "under the first environment it goes on"


@pytest.fixture
def job(question: Path, tmp_path: Path) -> Job:
    plan = make_plan(load_experiment(question))
    return Job(
        plan.scenarios,
        plan.seed,
        plan.study_from,
        plan.study_to,
        tmp_path / "job",
        keep_logs=True,
        plan=plan.hash,
    )


def test_a_replication_of_another_environment_is_not_kept(
    job: Job, pretend: Callable[..., None]
) -> None:
    task = Task("baseline", 0)
    run_replication(job, task)
    assert load_completed(job, task) is not None
    pretend(pyarrow="1.0.0")
    assert load_completed(replace(job, identity=identity()), task) is None


def test_a_replication_that_does_not_say_what_made_it_is_not_kept(job: Job) -> None:
    task = Task("baseline", 0)
    run_replication(job, task)
    (record,) = job.folder.rglob("replication.json")
    content = json.loads(record.read_text())
    del content["made_with"]
    record.write_text(json.dumps(content))
    assert load_completed(job, task) is None


def test_a_worker_with_other_libraries_refuses_to_work(
    job: Job, pretend: Callable[..., None]
) -> None:
    here = identity().environment["simpy"]
    pretend(simpy="4.0.1")
    with pytest.raises(RunFailed, match=f"simpy is {here} here and 4.0.1 there"):
        run_replication(job, Task("baseline", 0))
    assert not list(job.folder.rglob("replication.json"))


def test_a_warm_up_is_not_used_again_after_a_change_of_code_or_libraries(
    toy: Path,
    question: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pretend: Callable[..., None],
) -> None:
    written: list[Path] = []

    def snapshot(_: Path, out: Path, **__: Any) -> None:
        written.append(out)
        out.write_text("kept")

    monkeypatch.setattr(warm_start, "write_snapshot", snapshot)
    process = SimpleNamespace(read_opening=lambda *_: OpenCases("", "", ()))
    monkeypatch.setattr(warm_start, "process_of", lambda _: process)
    plan = make_plan(load_experiment(question))

    def begin() -> int:
        warm_start.with_open_cases(plan, toy, keep=tmp_path)
        return len(written)

    assert [begin(), begin()] == [1, 1], "used again"
    pretend(code="0" * 64)
    assert [begin(), begin()] == [2, 2]
    pretend(code="0" * 64, scipy="0.1")
    assert [begin(), begin()] == [3, 3]


def test_results_do_not_depend_on_the_current_folder_and_name_no_folder_above_the_study(
    question: Path, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "home-of-a-user" / "study"
    (study / "models").mkdir(parents=True)
    shutil.copytree(toy, study / "models" / "toy")
    text = question.read_text().replace(str(toy), "../models/toy")
    (study / "experiments").mkdir()
    (study / "experiments" / "question.toml").write_text(text)
    contents = []
    for here, file in (
        (study, "experiments/question.toml"),
        (study / "experiments", "question.toml"),
        (tmp_path, str(study / "experiments" / "question.toml")),
    ):
        monkeypatch.chdir(here)
        out = tmp_path / f"results-{len(contents)}"
        folder = run_experiment(file, workers=1, out=out, say=lambda _: None)
        contents.append(
            {
                path.relative_to(out).as_posix(): path.read_bytes()
                for path in sorted(out.rglob("*"))
                if path.is_file()
            }
        )
        assert cjsim.read_results(folder).manifest["experiment"]["file"] == (
            "experiments/question.toml"
        )
    assert contents[0] == contents[1] == contents[2]
    above = [name for name, content in contents[0].items() if b"home-of-a-user" in content]
    assert above == []


def test_the_file_of_an_experiment_is_found_again_from_its_results(
    question: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run_experiment(question, workers=1, out=tmp_path / "results", say=lambda _: None)
    monkeypatch.chdir("/")
    assert cjsim.read_results(folder).experiment_file == question
    question.rename(question.with_name("moved.toml"))
    assert cjsim.read_results(folder).experiment_file is None
