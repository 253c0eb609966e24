"""One replication: simulate it, measure it, and write its folder in one step."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import os
import platform
import tarfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyarrow as pa

from cjsim.errors import CannotRun, RunFailed
from cjsim.experiment.kpi_tables import KPI_COLUMNS, refuse_duplicates
from cjsim.experiment.plan import Task
from cjsim.experiment.unused_settings import ReadTimes, unused_settings
from cjsim.identity import Identity, identity, identity_from
from cjsim.measures import measure_run as measure
from cjsim.measures.memory import give_back
from cjsim.scenarios.scaling import scenario_of_area
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.areas import Areas
from cjsim.schema.model import Model
from cjsim.simulation.process import OpeningCaseload
from cjsim.simulation.simulate import Run, simulate
from cjsim.storage import disk
from cjsim.storage.disk import file_hash
from cjsim.storage.tables import read_table, write_table
from cjsim.storage.temporary import scratch_folder
from cjsim.storage.whole import write_bytes, write_json

RECORD: Final = "replication.json"
"""The file in a replication's folder that says what its tables are of, and their hashes."""

MEASURES: Final = "kpis.parquet"


@dataclass(frozen=True)
class Job:
    """What all replications of a plan share, and the folder that gets them.

    `plan` is the plan's hash; `keep_logs` says whether the logs are kept beside the measures.
    `identity` is that of the process that plans the run; every worker must have the same.
    """

    scenarios: Mapping[str, ResolvedScenario]
    seed: int
    study_from: dt.date
    study_to: dt.date
    folder: Path
    keep_logs: bool
    opening: OpeningCaseload | None = None
    plan: str = ""
    areas: Areas | None = None
    identity: Identity = field(default_factory=identity)

    @property
    def baseline(self) -> ResolvedScenario:
        """The first scenario, which the others are compared with."""
        return next(iter(self.scenarios.values()))

    def scenario(self, name: str, area: str) -> ResolvedScenario:
        """A scenario, in one of the areas if there are several."""
        scenario = self.scenarios[name]
        if self.areas is None:
            return scenario
        return scenario_of_area(self.areas, self.baseline.model, scenario, area)

    def model(self, scenario: str, area: str) -> Model:
        """The complete model of a scenario, in one of the areas if there are several."""
        return self.scenario(scenario, area).model


@dataclass(frozen=True)
class Replication:
    """The outcome of one replication; `kpis` holds its measures, `seconds` how long it took.

    `unmet` are the values that its scenario sets and no case met; looked for in the first alone.
    `overloaded` are the court lists, by courthouse, that had no date left for some hearings.
    `files` are its folder, where it was run on a machine that has no other way to give it.
    `cannot` says why it came to no end, where that is no error: it then has no measures.
    `made_with` is the identity of the process that ran it.
    """

    scenario: str
    replication: int
    content_hash: str
    events: int
    cases: int
    seconds: float
    kpis: pa.Table
    unmet: tuple[str, ...] = ()
    overloaded: tuple[str, ...] = ()
    files: bytes | None = None
    area: str = ""
    cannot: str = ""
    made_with: Identity = field(default_factory=identity)

    @property
    def task(self) -> Task:
        """What it is the replication of."""
        return Task(self.scenario, self.replication, self.area)


def run_folder(results: Path, scenario: str, replication: int, area: str = "") -> Path:
    """Where the log of one replication lies inside a results folder."""
    return results / "runs" / (f"{scenario}@{area}" if area else scenario) / f"{replication:03d}"


def run_replication(job: Job, task: Task) -> Replication:
    """Simulate and measure one replication; its folder appears complete or not at all.

    One that is there already, whole and of this plan, is not run again.
    """
    refuse_another_identity(job)
    done = load_completed(job, task)
    if done is not None:
        return done
    began = time.perf_counter()
    with temporary_run_folder(job, task) as partial:
        reads = ReadTimes()
        with single_threaded_arrow():
            run = simulate(
                job.model(task.scenario, task.area),
                seed=job.seed,
                replication=task.replication,
                study_from=job.study_from,
                study_to=job.study_to,
                folder=partial,
                opening=job.opening,
                on_simulation=reads.note if records_reads(job, task) else None,
            )
            give_back()
            return measure_and_publish(job, task, run, reads, partial, began)


def refuse_another_identity(job: Job) -> None:
    """Raise RunFailed in a process whose code or libraries differ from the planning process's."""
    if differs := job.identity.apart_from(identity()):
        raise RunFailed(
            f"A worker on {platform.node()} could come to other results than the process that "
            f"began the run: {'; '.join(differs)}. Give both the same cjsim and libraries."
        )


def records_reads(job: Job, task: Task) -> bool:
    """Whether to record what its cases read: in the first replication, but not of the baseline."""
    return task.replication == 0 and task.scenario != next(iter(job.scenarios))


@contextlib.contextmanager
def temporary_run_folder(job: Job, task: Task) -> Iterator[Path]:
    """An empty folder for a replication's files; deleted at the end unless renamed into place."""
    _, partial = _folders(job, task)
    try:
        yield partial
    finally:
        disk.tidy(partial)
        give_back()


def measure_and_publish(
    job: Job, task: Task, run: Run, reads: ReadTimes, partial: Path, began: float
) -> Replication:
    """Measure a simulated replication in its temporary folder, and rename the folder into place.

    `began` is the time of `time.perf_counter()` at which the work began.
    """
    scenario = job.scenario(task.scenario, task.area)
    unmet: list[str] = []
    if records_reads(job, task):
        unmet = unused_settings(partial, scenario, reads)
    kpis = _plain(measure(partial, scenario.model))
    refuse_duplicates(kpis)
    replication = Replication(
        scenario=task.scenario,
        replication=task.replication,
        content_hash=run.content_hash,
        events=run.events,
        cases=run.cases,
        seconds=time.perf_counter() - began,
        kpis=kpis,
        unmet=tuple(unmet),
        overloaded=run.overloaded,
        area=task.area,
    )
    _record(job, replication, partial)
    _publish(job, task, partial, run_folder(job.folder, task.scenario, task.replication, task.area))
    return replication


def remeasure(folder: Path, model: Model) -> pa.Table:
    """Measure a completed replication again from its log, in the columns of its kpis.parquet."""
    with single_threaded_arrow():
        return _plain(measure(folder, model))


def run_or_report_divergence(job: Job, task: Task) -> Replication:
    """Run a replication; if its model diverges, report that in a replication without measures."""
    try:
        return run_replication(job, task)
    except CannotRun as stopped:
        return Replication(
            scenario=task.scenario,
            replication=task.replication,
            content_hash="",
            events=0,
            cases=0,
            seconds=0.0,
            kpis=_no_measures(),
            area=task.area,
            cannot=str(stopped),
        )


def run_remotely(job: Job, task: Task) -> Replication:
    """Run a replication on a machine without the results folder; its files come back as bytes."""
    with scratch_folder() as here:
        replication = run_replication(replace(job, folder=here), task)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as files:
            folder = run_folder(here, task.scenario, task.replication, task.area)
            for path in sorted(folder.iterdir()):
                files.add(path, path.name)
    return replace(replication, files=packed.getvalue())


def unpack_remote(job: Job, replication: Replication) -> Replication:
    """Write the folder of a replication that came back as bytes."""
    if replication.files is None:
        return replication
    task = replication.task
    folder, partial = _folders(job, task)
    try:
        with tarfile.open(fileobj=io.BytesIO(replication.files)) as files:
            for member in files:
                content = files.extractfile(member)
                if content is None or Path(member.name).name != member.name:
                    raise RunFailed(f"A worker sent {member.name!r}, which is no file of {task}.")
                write_bytes(content.read(), partial / member.name)
        _publish(job, task, partial, folder)
    finally:
        disk.tidy(partial)
    return replace(replication, files=None)


def _folders(job: Job, task: Task) -> tuple[Path, Path]:
    """The folder of a replication, and an empty temporary folder beside it.

    Files that a killed worker of the same name left behind are removed first.
    """
    folder = run_folder(job.folder, task.scenario, task.replication, task.area)
    partial = folder.with_name(f".{folder.name}.{platform.node()}.{os.getpid()}.partial")
    disk.tidy(partial)
    disk.make_folder(partial, exist_ok=False)
    return folder, partial


def load_completed(job: Job, task: Task) -> Replication | None:
    """A completed replication of the plan from an earlier run; None if it is missing or wrong."""
    folder = run_folder(job.folder, task.scenario, task.replication, task.area)
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if record["plan"] != job.plan:
            return None
        if Task(record["scenario"], record["replication"], record.get("area", "")) != task:
            return None
        made_with = identity_from(record["made_with"])
        if made_with != job.identity:
            return None
        if any(file_hash(folder / name) != found for name, found in record["files"].items()):
            return None
        return Replication(
            scenario=task.scenario,
            replication=task.replication,
            content_hash=record["content_hash"],
            events=record["events"],
            cases=record["cases"],
            seconds=0.0,
            kpis=read_table(folder / MEASURES),
            unmet=tuple(record["unmet"]),
            overloaded=tuple(record.get("overloaded", ())),
            area=task.area,
            made_with=made_with,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException):
        return None


def _record(job: Job, replication: Replication, partial: Path) -> None:
    """Write the measures, delete the logs if they are not kept, and record the files."""
    if not job.keep_logs:
        for log in partial.iterdir():
            disk.remove(log)
    write_table(replication.kpis, partial / MEASURES)
    files = sorted(path for path in partial.iterdir() if path.is_file())
    for path in files:
        disk.sync_file(path)
    record: dict[str, object] = {
        "plan": job.plan,
        "scenario": replication.scenario,
        "replication": replication.replication,
        **({"area": replication.area} if replication.area else {}),
        "content_hash": replication.content_hash,
        "events": replication.events,
        "cases": replication.cases,
        "unmet": list(replication.unmet),
        **({"overloaded": list(replication.overloaded)} if replication.overloaded else {}),
        "files": {path.name: file_hash(path) for path in files},
        "made_with": replication.made_with.as_json(),
    }
    write_json(record, partial / RECORD)


def _publish(job: Job, task: Task, partial: Path, folder: Path) -> None:
    """Rename the folder into place, unless the same replication is there by now."""
    with contextlib.suppress(OSError):
        disk.replace(partial, folder)  # fails where a folder with something in it is
    if partial.exists() and load_completed(job, task) is None:
        disk.tidy(folder)
        disk.replace(partial, folder)
    disk.sync_folder(folder.parent)


def _no_measures() -> pa.Table:
    return _plain(pa.table({name: pa.array([], pa.string()) for name in KPI_COLUMNS[2:]}))


def _plain(kpis: pa.Table) -> pa.Table:
    """The columns and types of kpis.parquet, so that a table read again is the table written."""
    return pa.table(
        {
            name: kpis.column(name).cast(pa.float64() if name == "value" else pa.string())
            for name in KPI_COLUMNS[2:]
        }
    )


@contextlib.contextmanager
def single_threaded_arrow() -> Iterator[None]:
    """Arrow on one thread, because the order of a sum decides its last digit."""
    before = pa.cpu_count()
    pa.set_cpu_count(1)
    try:
        yield
    finally:
        pa.set_cpu_count(before)
