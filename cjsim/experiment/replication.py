"""One replication: simulate, measure, and put the log where it belongs."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from cjsim.experiment.plan import Task
from cjsim.experiment.store import refuse_doubles
from cjsim.measures import measure
from cjsim.simulate import simulate
from cjsim.spec.model import Model
from cjsim.spec.opening import OpenCases


@dataclass(frozen=True)
class Job:
    """What all replications of a plan share; `keep_logs` says whether `folder` gets their logs."""

    models: Mapping[str, Model]
    seed: int
    study_from: dt.date
    study_to: dt.date
    folder: Path
    keep_logs: bool
    opening: OpenCases | None = None


@dataclass(frozen=True)
class Replication:
    """What one replication came to; `kpis` holds its measures, `seconds` how long it took."""

    scenario: str
    replication: int
    content_hash: str
    events: int
    cases: int
    seconds: float
    kpis: pa.Table


def run_folder(results: Path, scenario: str, replication: int) -> Path:
    """Where the log of one replication lies inside a results folder."""
    return results / "runs" / scenario / f"{replication:03d}"


def run_replication(job: Job, task: Task) -> Replication:
    """Simulate and measure one replication; its folder appears whole or not at all."""
    began = time.perf_counter()
    folder = run_folder(job.folder, task.scenario, task.replication)
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    # What a killed worker of the same number left behind would mix with this one's files.
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        model = job.models[task.scenario]
        with _one_thread():
            run = simulate(
                model,
                seed=job.seed,
                replication=task.replication,
                study_from=job.study_from,
                study_to=job.study_to,
                folder=partial,
                opening=job.opening,
            )
            kpis = measure(partial, model)
        refuse_doubles(kpis)
        if job.keep_logs:
            shutil.rmtree(folder, ignore_errors=True)
            partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Replication(
        scenario=task.scenario,
        replication=task.replication,
        content_hash=run.content_hash,
        events=run.events,
        cases=run.cases,
        seconds=time.perf_counter() - began,
        kpis=kpis,
    )


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Arrow on one thread: the order of a sum, and so its last digit, must not depend on luck."""
    before = pa.cpu_count()
    pa.set_cpu_count(1)
    try:
        yield
    finally:
        pa.set_cpu_count(before)
