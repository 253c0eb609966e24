"""A run by the workers of a real Dask scheduler comes to the same bytes as one in this process."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import cjsim
from cjsim.errors import RunFailed
from cjsim.experiment.crews.cluster import Cluster
from cjsim.experiment.replication import Replication
from cjsim.experiment.run import run_experiment
from tests.conftest import Tell
from tests.laws.runs import the_same

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'cjsim[scale]'.")

EXPERIMENT = """
title = "Files ready"
question = "Is it the same wherever it is run?"
owner = "The tests"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-04-30
replications = 6
seed = 20130401

[scenarios.ready]
label = "Every file ready"
[scenarios.ready.set]
"forks.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0.0, 1.0] }}
"""
ROOT = Path(cjsim.__file__).parents[1]


def dask(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A scheduler or a worker, which writes what it says to `folder`."""
    said = (folder / f"{arguments[0]}-{time.monotonic_ns()}.txt").open("wb")
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
        stdout=said, stderr=subprocess.STDOUT, cwd=folder, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def worker(folder: Path, address: str) -> subprocess.Popen[bytes]:
    return dask(folder, "worker", address, "--nthreads", "1", "--no-nanny")


def kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler that has no workers yet."""
    folder = tmp_path_factory.mktemp("scheduler")
    process = dask(folder, "scheduler", "--port", "0", "--host", "127.0.0.1")
    try:
        for _ in range(600):
            said = "".join(file.read_text() for file in folder.glob("scheduler-*.txt"))
            found = re.search(r"Scheduler at:\s+(tcp://\S+)", said)
            if found:
                yield found[1]
                return
            time.sleep(0.1)
        pytest.fail(f"The scheduler does not start: {said}")
    finally:
        kill(process)


@pytest.fixture(scope="module")
def workers(
    scheduler: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two workers of one thread each."""
    folder = tmp_path_factory.mktemp("workers")
    both = [worker(folder, scheduler) for _ in range(2)]
    yield both
    for process in both:
        kill(process)


@pytest.fixture(scope="module")
def experiment(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("experiment") / "same.toml"
    file.write_text(EXPERIMENT.format(model=toy))
    return file


@pytest.fixture(scope="module")
def here(experiment: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run in this process leaves, file by file."""
    return content(run_experiment(experiment, workers=1, out=tmp_path_factory.mktemp("here")))


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_without_a_scheduler_that_answers_nothing_is_run(experiment: Path, tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        run_experiment(experiment, cluster=Cluster("tcp://127.0.0.1:9"), out=tmp_path)


def test_two_workers_that_reach_the_folder_come_to_the_same_bytes(
    experiment: Path,
    scheduler: str,
    workers: list[subprocess.Popen[bytes]],
    here: dict[str, bytes],
    tmp_path: Path,
    figure: Tell,
) -> None:
    there = run_experiment(experiment, cluster=Cluster(scheduler), out=tmp_path)
    assert content(there) == here
    figure(the_same(here))


def test_workers_that_do_not_reach_it_send_their_files_and_one_of_them_may_die(
    experiment: Path,
    scheduler: str,
    workers: list[subprocess.Popen[bytes]],
    here: dict[str, bytes],
    tmp_path: Path,
    figure: Tell,
) -> None:
    dead: list[subprocess.Popen[bytes]] = []

    def kill_one(done: int, _: int, __: Sequence[Replication]) -> None:
        if done == 2:
            dead.append(workers.pop())
            kill(dead[0])

    cluster = Cluster(scheduler, brings_back=True)
    there = run_experiment(experiment, cluster=cluster, out=tmp_path, progress=kill_one)
    assert dead
    assert content(there) == here
    figure(f"{len(dead)} worker of 2 killed; {the_same(here)}")
