"""Run the scenarios of a replication together where they share days."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from cjsim.experiment.plan import Plan, Task
from cjsim.experiment.prefix_tree import Node, PrefixTree, can_fork, prefix_trees
from cjsim.experiment.replication import (
    Job,
    Replication,
    load_completed,
    measure_and_publish,
    records_reads,
    refuse_another_identity,
    run_replication,
    single_threaded_arrow,
    temporary_run_folder,
)
from cjsim.measures.memory import give_back
from cjsim.scenarios.scenario import baseline_of
from cjsim.simulation.simulate import first_day

LARGEST_GROUP: Final = 8
"""Maximum group size: it bounds the work that is lost with a killed worker."""


@dataclass(frozen=True)
class SharedGroup:
    """One replication of several scenarios, in one area."""

    tasks: tuple[Task, ...]

    def __str__(self) -> str:
        first, *others = self.tasks
        return f"{first}, with {len(others)} more of its scenarios" if others else str(first)


def group_tasks(plan: Plan, tasks: Sequence[Task], workers: int) -> list[SharedGroup] | None:
    """Group the tasks whose scenarios share days; None where no days can be shared.

    There are at least as many groups as workers, if there are tasks for all of them.
    """
    if not can_fork():
        return None
    by_replication = [
        list(group) for _, group in groupby(tasks, lambda task: (task.replication, task.area))
    ]
    parts = max(1, -(-workers // max(len(by_replication), 1)))
    groups = [part for group in by_replication for part in _in_parts(group, parts)]
    # What a scenario changes is the same in every replication and area.
    sets = {tuple(task.scenario for task in group.tasks) for group in groups}
    share = any(len(_roots(plan, names)) < len(names) for names in sets)
    return groups if share else None


def _in_parts(tasks: list[Task], parts: int) -> Iterator[SharedGroup]:
    """So many groups of almost the same size, or more where they would be too large."""
    number = min(len(tasks), max(parts, -(-len(tasks) // LARGEST_GROUP)))
    edges = [len(tasks) * part // number for part in range(number + 1)]
    for start, stop in pairwise(edges):
        yield SharedGroup(tuple(tasks[start:stop]))


def _roots(plan: Plan, names: Sequence[str]) -> list[Node]:
    scenarios = {name: plan.scenarios[name] for name in names}
    return prefix_trees(scenarios, plan.study_from, _first_day(plan))


def _first_day(plan: Plan) -> dt.date:
    return first_day(next(iter(plan.models.values())), plan.study_from, plan.opening)


@dataclass(frozen=True)
class Sharing:
    """What sharing saves and needs.

    `remaining_share` is the share of all days that has to be run. `simultaneous_processes` is how
    many processes a worker becomes at most, each with its own simulation.
    """

    remaining_share: float
    simultaneous_processes: int


def sharing_estimate(plan: Plan, replications: int, workers: int) -> Sharing:
    """How far the scenarios of a plan share days, with `workers` workers."""
    one_area = [task for task in plan.tasks_up_to(replications) if task.area == plan.area_names[0]]
    groups = None if workers == 1 else group_tasks(plan, one_area, workers)
    if groups is None:
        return Sharing(1.0, 1)
    whole = (plan.study_to - _first_day(plan)).days + 1
    days = at_once = 0
    for names, count in Counter(
        tuple(task.scenario for task in group.tasks) for group in groups
    ).items():
        for root in _roots(plan, names):
            days += count * (whole + sum(_days_after_divergence(root.children, plan.study_to)))
            at_once = max(at_once, root.depth())
    return Sharing(days / (whole * len(one_area)), at_once)


def _days_after_divergence(branches: Sequence[Node], last: dt.date) -> Iterator[int]:
    for branch in branches:
        yield (last - min(branch.day, last)).days + 1
        yield from _days_after_divergence(branch.children, last)


def run_shared_group(job: Job, together: SharedGroup) -> list[Replication]:
    """Run every task of a group, in its order; completed replications are not run again."""
    refuse_another_identity(job)
    found = {
        task: done for task in together.tasks if (done := load_completed(job, task)) is not None
    }
    todo = {task.scenario: task for task in together.tasks if task not in found}
    scenarios = {name: job.scenario(name, task.area) for name, task in todo.items()}
    if scenarios:
        start = first_day(baseline_of(scenarios).model, job.study_from, job.opening)
        for root in prefix_trees(scenarios, job.study_from, start):
            tasks = [todo[name] for name in root.scenarios()]
            found.update(zip(tasks, _run_tree(job, root, tasks), strict=True))
    return [found[task] for task in together.tasks]


def _run_tree(job: Job, root: Node, tasks: Sequence[Task]) -> list[Replication]:
    if not root.children:
        return [run_replication(job, task) for task in tasks]
    began = time.perf_counter()
    with contextlib.ExitStack() as making:
        folders = {task: making.enter_context(temporary_run_folder(job, task)) for task in tasks}
        making.enter_context(single_threaded_arrow())
        tree = PrefixTree(
            models={task.scenario: job.model(task.scenario, task.area) for task in tasks},
            folders={task.scenario: folder for task, folder in folders.items()},
            seed=job.seed,
            replication=tasks[0].replication,
            study_from=job.study_from,
            study_to=job.study_to,
            opening=job.opening,
            watched=frozenset(task.scenario for task in tasks if records_reads(job, task)),
        )
        runs = tree.simulate(root)
        give_back()
        return [
            measure_and_publish(job, task, *runs[task.scenario], folders[task], began)
            for task in tasks
        ]
