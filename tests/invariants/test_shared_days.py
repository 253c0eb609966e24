"""Scenarios that share days are run together, and nobody can see it in what they write."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cjsim.experiment import prefix_tree, progress, replications
from cjsim.experiment.executors.executor import run_tasks
from cjsim.experiment.executors.processes import Processes
from cjsim.experiment.plan import Plan, Task
from cjsim.experiment.prefix_tree import prefix_trees
from cjsim.experiment.replication import Job, Replication, run_replication
from cjsim.experiment.replications import run_plan
from cjsim.experiment.shared_prefix import LARGEST_GROUP, SharedGroup, group_tasks, run_shared_group
from cjsim.scenarios.divergence import NEVER, divergence_day
from cjsim.scenarios.scenario import scenarios_of
from cjsim.schema.model import Model
from cjsim.simulation.simulation import Simulation
from tests.support.runs import changed, toy_model

STUDY_FROM, STUDY_TO = dt.date(2013, 4, 1), dt.date(2013, 7, 31)
BEFORE_ALL = dt.date(2012, 4, 1)

pytestmark = pytest.mark.skipif(not prefix_tree.can_fork(), reason="processes are not forked here")


def on(day: dt.date, **what: object) -> dict[str, Any]:
    return {"from": day, "source": "assumption", "evidence": "assumed", "range": (0, 99), **what}


def with_change(model: Model, table: str, word: str, key: str, change: dict[str, Any]) -> Model:
    """A model with one dated change more."""
    own = model.model_dump(by_alias=True)[table][word]
    value = own if not key else own[key]
    changes: dict[str, object] = {"changes": (*value.get("changes", ()), change)}
    tables: dict[str, dict[str, dict[str, object]]] = {
        table: {word: {key: changes} if key else changes}
    }
    return changed(model, **tables)


@pytest.fixture(scope="module")
def models(toy: Path) -> dict[str, Model]:
    """Scenarios of all kinds: what they change, when, and from which of the others."""
    base = toy_model(toy)
    later, latest, last_days = dt.date(2013, 5, 14), dt.date(2013, 6, 20), dt.date(2013, 7, 20)
    files = with_change(base, "branches", "file_ready", "probability", on(later, value=0.95))
    rooms = (1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
    house = base.model_dump(by_alias=True)["lists"]["magistrates_trials"]["houses"]
    name, north = next(iter(house.items()))
    north["rooms"]["changes"] = (*north["rooms"]["changes"], on(latest, value=rooms))
    sittings = changed(base, lists={"magistrates_trials": {"houses": {name: north}}})
    return {
        "baseline": base,
        "same": changed(base),
        "files": files,
        "files_and_officers": with_change(
            files, "pools", "witness_care_unit", "capacity", on(latest, value=1)
        ),
        "at_once": with_change(
            base, "limits", "silence_before_chasing_days", "", on(STUDY_FROM, value=3)
        ),
        "sittings": sittings,
        "shut": with_change(
            base,
            "courthouses",
            "north_court",
            "closed",
            on(latest, to=dt.date(2013, 7, 5), work_goes_to="south_court"),
        ),
        "last_days": with_change(
            base, "duties", "update_on_charge", "within_working_days", on(last_days, value=9)
        ),
        "other_people": changed(base, streams={"summons": {"per_year": {"value": 300}}}),
    }


@pytest.fixture
def plan(models: Mapping[str, Model]) -> Plan:
    return Plan(
        scenarios=scenarios_of(models),
        seed=3,
        replications=2,
        study_from=STUDY_FROM,
        study_to=STUDY_TO,
    )


@pytest.fixture(scope="module")
def apart(
    models: Mapping[str, Model], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Replication]]:
    """Every scenario's first two replications, each run for itself."""
    folder = tmp_path_factory.mktemp("apart")
    job = job_in(folder, models)
    tasks = [Task(name, number) for number in range(2) for name in models]
    return folder, run_tasks(run_replication, job, tasks, executor=Processes(2))


def job_in(folder: Path, models: Mapping[str, Model]) -> Job:
    return Job(scenarios_of(models), 3, STUDY_FROM, STUDY_TO, folder, keep_logs=True)


def content(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# --- what is written ---------------------------------------------------------------------------


def test_every_scenario_writes_what_it_writes_alone(
    models: Mapping[str, Model],
    apart: tuple[Path, list[Replication]],
    tmp_path: Path,
) -> None:
    groups = [SharedGroup(tuple(Task(name, number) for name in models)) for number in range(2)]
    found = run_tasks(run_shared_group, job_in(tmp_path, models), groups, executor=Processes(2))
    folder, alone = apart
    written = content(tmp_path)
    assert written == content(folder)
    for ours, theirs in zip([run for runs in found for run in runs], alone, strict=True):
        assert ours.kpis.equals(theirs.kpis)
        assert replace(ours, kpis=None, seconds=0) == replace(theirs, kpis=None, seconds=0)
    hashes = {run.scenario: run.content_hash for run in found[0]}
    assert hashes["same"] == hashes["baseline"]
    others = {name for name, found in hashes.items() if found != hashes["baseline"]}
    assert others == set(models) - {"baseline", "same"}


def test_a_plan_of_them_runs_them_together_and_says_how_far_it_is(
    plan: Plan, apart: tuple[Path, list[Replication]], tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    runs = run_plan(
        plan, folder=tmp_path, workers=2, progress=lambda *so_far: told.append(so_far[:2])
    )
    assert [run.content_hash for run in runs] == [run.content_hash for run in apart[1]]
    done = [0, *(finished for finished, of in told if of == len(plan.tasks))]
    together = sorted(later - before for before, later in pairwise(done))
    assert together == [4, 4, 5, 5], "those of a group come in together"


@pytest.mark.slow
def test_a_group_goes_on_where_it_was_left(
    models: Mapping[str, Model], apart: tuple[Path, list[Replication]], tmp_path: Path
) -> None:
    job = job_in(tmp_path, models)
    run_tasks(run_replication, job, [Task("baseline", 0), Task("files", 0)], executor=Processes(2))
    group = SharedGroup(tuple(Task(name, 0) for name in models))
    run_tasks(run_shared_group, job, [group], executor=Processes(1))
    first = {name: data for name, data in content(apart[0]).items() if "/000/" in name}
    assert content(tmp_path) == first


def test_the_time_left_counts_all_that_came_in_at_once(
    apart: tuple[Path, list[Replication]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    moments = iter((0.0, 60.0, 120.0))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(moments))
    with progress.progress_on_stderr() as told:
        told(8, 24, apart[1][:8])
        told(16, 24, apart[1][8:])
    assert capsys.readouterr().err == (
        "8 of 24 replications done, about 120 s left\n16 of 24 replications done, about 60 s left\n"
    )


# --- what goes wrong ---------------------------------------------------------------------------


def dies(job: Job, together: SharedGroup) -> list[Replication]:
    """A worker that is killed whenever it has several scenarios to do."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError(job, together)


@pytest.mark.slow
def test_a_group_whose_workers_die_is_done_one_by_one(
    plan: Plan,
    apart: tuple[Path, list[Replication]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replications, "run_shared_group", dies)
    run_plan(plan, folder=tmp_path, workers=2)
    named = {f"runs/{name}" for name in plan.models}
    ours = {
        name: data for name, data in content(tmp_path).items() if name.endswith("events.parquet")
    }
    assert {name.rpartition("/")[0].rpartition("/")[0] for name in ours} == named
    theirs = content(apart[0])
    assert all(data == theirs[name] for name, data in ours.items())


def test_a_copy_that_is_killed_is_a_worker_that_died(
    models: Mapping[str, Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Simulation, "switch_model", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    group = SharedGroup((Task("baseline", 0), Task("files", 0)))
    with pytest.raises(BrokenExecutor, match="process of scenario files was killed"):
        run_shared_group(job_in(tmp_path, models), group)
    assert content(tmp_path) == {}, "nothing half written is left"


def test_what_goes_wrong_in_a_copy_is_told_with_the_scenario(
    models: Mapping[str, Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(simulation: Simulation, model: Model) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Simulation, "switch_model", fails)
    with pytest.raises(OSError, match="No space left") as raised:
        run_shared_group(
            job_in(tmp_path, models), SharedGroup((Task("baseline", 0), Task("files", 0)))
        )
    assert raised.value.errno == 28
    assert raised.value.__notes__ == ["This happened in scenario files."]
    assert content(tmp_path) == {}


# --- who shares what ---------------------------------------------------------------------------


def test_each_scenario_parts_from_the_one_that_it_shares_most_days_with(
    models: Mapping[str, Model],
) -> None:
    base, other = prefix_trees(scenarios_of(models), STUDY_FROM, BEFORE_ALL)
    assert other.scenario == "other_people", "whose cases differ from the first month on"
    assert other.children == []
    parts = {branch.scenario: branch.day for branch in base.children}
    assert parts == {
        "same": NEVER,
        "files": dt.date(2013, 5, 14),
        "at_once": STUDY_FROM,
        "sittings": STUDY_FROM,
        "shut": STUDY_FROM,
        "last_days": dt.date(2013, 7, 20),
    }
    files = next(branch for branch in base.children if branch.scenario == "files")
    assert [(one.scenario, one.day) for one in files.children] == [
        ("files_and_officers", dt.date(2013, 6, 20))
    ]


def test_models_part_on_the_first_day_that_differs(toy: Path) -> None:
    base = toy_model(toy)
    early, late = dt.date(2013, 5, 1), dt.date(2013, 8, 1)

    def on_plea(*days: dt.date, value: float = 0.5) -> Model:
        model = base
        for day in days:
            model = with_change(
                model, "branches", "plea_foreseen", "probability", on(day, value=value)
            )
        return model

    def diverge(one: Model, other: Model) -> dt.date | None:
        scenarios = scenarios_of({"baseline": base, "one": one, "other": other})
        return divergence_day(scenarios["one"], scenarios["other"], STUDY_FROM)

    both = on_plea(early, late)
    assert diverge(base, both) == early
    assert diverge(on_plea(early), both) == late
    assert diverge(both, on_plea(early, late, value=0.6)) == early
    assert diverge(both, on_plea(early, late)) == NEVER
    undated = changed(base, branches={"plea_foreseen": {"probability": {"value": 0.123}}})
    assert diverge(base, undated) is None


def test_what_no_case_meets_parts_nobody(toy: Path) -> None:
    base = toy_model(toy)
    dearer = base.model_dump(by_alias=True)
    dearer["title"] = "Another title"
    dearer["branches"]["plea_foreseen"]["probability"]["note"] = "said otherwise"
    hour = dearer["costs"]["units"]["police_officer_hour"]["gbp"]
    hour["value"] = hour["range"][0]
    scenarios = scenarios_of({"baseline": base, "dearer": Model.model_validate(dearer)})
    assert divergence_day(*scenarios.values(), STUDY_FROM) == NEVER


def test_what_a_change_says_to_readers_parts_nobody(toy: Path) -> None:
    base = toy_model(toy)
    told = {"note": "measured", "derivation": "the share of the county"}
    first, second = dt.date(2013, 5, 1), dt.date(2013, 8, 1)

    def with_first(**says: str) -> Model:
        change = {**on(first, value=0.5), **says}
        return with_change(base, "branches", "plea_foreseen", "probability", change)

    plain, explained = with_first(), with_first(**told)
    assert plain != explained
    both = with_change(explained, "branches", "plea_foreseen", "probability", on(second, value=0.6))
    scenarios = scenarios_of(
        {"baseline": base, "plain": plain, "explained": explained, "both": both}
    )
    assert divergence_day(scenarios["plain"], scenarios["explained"], STUDY_FROM) == NEVER
    assert divergence_day(scenarios["plain"], scenarios["both"], STUDY_FROM) == second


def test_groups_keep_every_worker_busy_and_are_not_too_large(plan: Plan) -> None:
    tasks = plan.tasks
    for workers in (1, 2, 3, 8):
        groups = group_tasks(plan, tasks, workers)
        assert groups is not None
        assert [task for group in groups for task in group.tasks] == tasks
        assert all(len(group.tasks) <= LARGEST_GROUP for group in groups)
        assert len(groups) >= min(workers, len(tasks))
        for group in groups:
            assert len({task.replication for task in group.tasks}) == 1
    assert group_tasks(plan, tasks, 100) is None, "each has a worker for itself"


def test_nothing_is_grouped_where_no_day_is_shared(models: Mapping[str, Model], plan: Plan) -> None:
    two = {name: models[name] for name in ("baseline", "other_people")}
    apart = replace(plan, scenarios=scenarios_of(two))
    assert group_tasks(apart, apart.tasks, 2) is None
