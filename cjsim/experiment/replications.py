"""Run all replications of a plan, and add more until the differences are precise enough."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc

from cjsim.experiment.executors.executor import Executor, WorkersDied, default_workers, run_tasks
from cjsim.experiment.executors.processes import local_executor
from cjsim.experiment.plan import Plan, Task
from cjsim.experiment.precision import is_precise_enough, next_count, watched_differences
from cjsim.experiment.replication import (
    Job,
    Replication,
    load_completed,
    run_or_report_divergence,
    run_remotely,
    run_replication,
    unpack_remote,
)
from cjsim.experiment.run_folder import Unusable
from cjsim.experiment.shared_prefix import group_tasks, run_shared_group

Progress = Callable[[int, int, Sequence[Replication]], None]
"""Called when replications are completed: how many are done, of how many, and the new ones."""


def run_plan(
    plan: Plan,
    *,
    folder: Path,
    workers: int | None = None,
    executor: Executor | None = None,
    keep_logs: bool = True,
    months: bool = True,
    all_can_run: bool = True,
    progress: Progress | None = None,
    until: float | None = None,
) -> list[Replication]:
    """Every replication of every scenario, into `folder`, with their logs if those are kept.

    What is there already of this plan is not run again. Without `months` the measures come back of
    the whole period alone, which is a tenth of them: a study of a thousand variants holds all of
    them in memory. Unless `all_can_run`, numbers under which no run comes to its end give a
    replication that says so instead of an error. `until` is the moment of `time.monotonic()` at
    which to stop. Raises Unusable when two replications of a scenario have the same content.
    """
    job = Job(
        dict(plan.scenarios),
        plan.seed,
        plan.study_from,
        plan.study_to,
        folder.resolve(),
        keep_logs=keep_logs,
        opening=plan.opening,
        plan=plan.hash,
        areas=plan.areas,
    )
    work = run_replication if all_can_run else run_or_report_divergence
    if executor is not None and executor.brings_back:
        work = run_remotely
    found: dict[Task, Replication] = {}

    def run_up_to(replications: int) -> list[Replication]:
        tasks = plan.tasks_up_to(replications)
        new = [task for task in tasks if task not in found]
        for task in new:
            before = load_completed(job, task)
            if before is not None:
                found[task] = before if months else _of_whole_period(before)
        todo = [task for task in new if task not in found]

        def receive(came_in: list[Replication]) -> list[Replication]:
            for one in came_in:
                replication = unpack_remote(job, one)
                found[one.task] = replication if months else _of_whole_period(replication)
            if progress is not None:
                progress(len(found), len(tasks), came_in)
            return [found[one.task] for one in came_in]

        def receive_one(replication: Replication) -> Replication:
            return receive([replication])[0]

        # One worker is this process itself, whose copy would hold the locks of its threads.
        if executor is None and all_can_run and workers != 1:
            _run_those_that_share_days(plan, job, todo, workers, receive, until)
            todo = [task for task in todo if task not in found]
        local = local_executor(workers, len(todo), separate=until is not None)
        run_tasks(work, job, todo, executor=executor or local, receive=receive_one, until=until)
        in_order = [found[task] for task in tasks]
        refuse_identical_replications(in_order)
        return in_order

    replications = plan.replications
    runs = run_up_to(replications)
    while plan.aim is not None and replications < plan.aim.most:
        watched = watched_differences(runs, list(plan.models), plan.aim)
        if not watched or is_precise_enough(watched, replications):
            break
        replications = next_count(replications, plan.aim.most)
        runs = run_up_to(replications)
    return runs


def _run_those_that_share_days(
    plan: Plan,
    job: Job,
    tasks: Sequence[Task],
    workers: int | None,
    receive: Callable[[list[Replication]], list[Replication]],
    until: float | None,
) -> None:
    """Tasks in groups, where scenarios share days; a group whose workers die is left undone."""
    groups = group_tasks(plan, tasks, workers or default_workers())
    if groups is None:
        return
    with contextlib.suppress(WorkersDied):
        run_tasks(
            run_shared_group,
            job,
            groups,
            executor=local_executor(workers, len(groups), separate=True),
            receive=receive,
            until=until,
        )


def _of_whole_period(run: Replication) -> Replication:
    """A replication with the measures of the whole period alone; its files have all of them."""
    return replace(run, kpis=run.kpis.filter(pc.equal(run.kpis.column("period"), "all")))


def refuse_identical_replications(runs: Sequence[Replication]) -> None:
    """Raise Unusable where two replications of a scenario have the same content."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for run in runs:
        if run.cannot:
            continue
        one = f"{run.replication} of {run.area}" if run.area else str(run.replication)
        seen[run.scenario, run.content_hash].append(one)
    for (scenario, _), same in seen.items():
        if len(same) > 1:
            raise Unusable(
                f"Replications {' and '.join(same)} of scenario {scenario} are the same "
                "to the last row. They must differ by chance: nothing of this run can be used."
            )
