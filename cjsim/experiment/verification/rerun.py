"""Some replications run again, to see whether they come out the same, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import Path

from cjsim.errors import CannotRun, Fault, Faults
from cjsim.experiment.executors.executor import run_tasks
from cjsim.experiment.executors.processes import local_executor
from cjsim.experiment.hashes import read_record
from cjsim.experiment.plan import Task
from cjsim.experiment.reading import OpenedRun
from cjsim.experiment.replication import Job, run_folder, run_replication
from cjsim.experiment.verification.findings import Finding, State, counted, finding_of, list_some
from cjsim.experiment.verification.remade import other_versions, tasks_of
from cjsim.scenarios.scenario import scenarios_of
from cjsim.schema.model import Model
from cjsim.simulation.process import OpeningCaseload, process_of
from cjsim.storage.disk import file_hash
from cjsim.storage.plain import PlainRow
from cjsim.storage.temporary import scratch_folder

CHECK = "run again"


def select_tasks(tasks: Sequence[Task], count: int, run_id: str) -> list[Task]:
    """So many of the replications, of every scenario and area in turn: the same for one run.

    Within a scenario and area they are in an order that nobody chose, that of their hashes.
    """
    by_place: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        by_place.setdefault((task.scenario, task.area), []).append(task)

    def order(task: Task) -> str:
        return hashlib.sha256(f"{run_id}: {task}".encode()).hexdigest()

    columns = [sorted(several, key=order) for several in by_place.values()]
    in_turn = [task for task in chain.from_iterable(zip_longest(*columns)) if task is not None]
    return in_turn[:count]


def check_rerun(
    run: OpenedRun, models: Mapping[str, Model], count: int, workers: int | None
) -> Finding:
    """Run `count` replications of a run again and hold their files against those kept."""
    if not count:
        return Finding(CHECK, State.LEFT_OUT, "not asked for: --rerun N runs N replications again.")
    try:
        opening = opening_of(run, next(iter(models.values())))
    except Faults as faults:
        wrong = [f"{fault.wrong} {fault.remedy}".strip() for fault in faults.faults]
        return Finding(CHECK, State.UNKNOWN, list_some(wrong))
    tasks = select_tasks(tasks_of(run), count, run.manifest.run_id)
    manifest = run.manifest
    with scratch_folder() as scratch:
        job = Job(
            scenarios=scenarios_of(models),
            seed=manifest.seed,
            study_from=manifest.study_from,
            study_to=manifest.study_to,
            folder=scratch,
            keep_logs=True,
            opening=opening,
            plan=manifest.plan_hash or "",
            areas=run.manifest.areas,
        )
        executor = local_executor(workers, len(tasks))
        run_tasks(_run_again, job, tasks, executor=executor)
        wrong = [f"{task}: {how}" for task in tasks if (how := _differs(run.folder, scratch, task))]
    other = other_versions(run) if wrong else ""
    if other:
        says = (
            f"{list_some(wrong)[:-1]}; but since it was made {other}: run it again under what made "
            "it."
        )
        return Finding(CHECK, State.UNKNOWN, says)
    shown = ", ".join(
        f"{one.scenario}{'@' if one.area else ''}{one.area}/{one.replication:03d}"
        for one in tasks[:4]
    )
    more = f" and {len(tasks) - 4} more" if tasks[4:] else ""
    right = f"{counted(len(tasks), 'replication')} ({shown}{more}): the same bytes."
    return finding_of(CHECK, wrong, right)


def _run_again(job: Job, task: Task) -> str:
    """Why a replication came to no end; empty if it did."""
    try:
        run_replication(job, task)
    except CannotRun as stopped:
        return str(stopped)
    return ""


def _differs(folder: Path, again: Path, task: Task) -> str:
    """How the files of a replication differ from those of the same run again."""
    here, there = (
        run_folder(top, task.scenario, task.replication, task.area) for top in (folder, again)
    )
    try:
        record, new = read_record(here), read_record(there)
    except ValueError as error:
        return str(error)
    kept = {name: new["files"].get(name) for name in record["files"]}
    names = [name for name, one in kept.items() if one != _hash_of(here / name)]
    said = [key for key in ("content_hash", "events", "cases", "unmet") if _told(record, new, key)]
    return ", ".join([*names, *said]) + " came out otherwise" if names or said else ""


def _told(record: PlainRow, new: PlainRow, key: str) -> bool:
    return bool(record.get(key) != new.get(key))


def _hash_of(path: Path) -> str:
    return file_hash(path) if path.is_file() else ""


def opening_of(run: OpenedRun, baseline: Model) -> OpeningCaseload | None:
    """The cases that were open when a run began, from the file that it names. Raises Faults."""
    said = run.manifest.opening
    if said is None:
        return None
    path = Path(said.file)
    read_opening = process_of(baseline).read_opening
    opening = read_opening(path, baseline, run.manifest.study_from) if path.is_file() else None
    if opening is None or opening.sha256 != said.sha256:
        here = "is another file now" if opening is not None else "is not here"
        wrong = f"it begins with the open cases of {said.file}, which {here}."
        raise Faults([Fault(str(run.folder), "opening", wrong, "Put that file there.")])
    return opening
