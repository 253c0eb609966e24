"""A run by the workers of a real Dask scheduler comes to the same bytes as one in this process."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import cjsim
from cjsim.errors import RunFailed
from cjsim.experiment.executors.dask_cluster import Cluster
from cjsim.experiment.replication import Replication
from cjsim.experiment.run import run_experiment
from cjsim.identity import identity

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
"branches.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0.0, 1.0] }}
"""
ROOT = Path(cjsim.__file__).parents[1]


OTHER_HOLIDAYS = """
import importlib.metadata
real = importlib.metadata.version
importlib.metadata.version = lambda name: "0.0.1" if name == "holidays" else real(name)
"""


def dask(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    """A scheduler or a worker, which writes what it says to `folder`."""
    said = (folder / f"{arguments[0]}-{time.monotonic_ns()}.txt").open("wb")
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
        stdout=said,
        stderr=subprocess.STDOUT,
        cwd=folder,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
    )


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
        yield address_of(folder)
    finally:
        kill(process)


def address_of(folder: Path) -> str:
    """The address of the scheduler that writes to a folder, once it has one."""
    said = ""
    for _ in range(600):
        said = "".join(file.read_text() for file in folder.glob("scheduler-*.txt"))
        if found := re.search(r"Scheduler at:\s+((?:tcp|tls)://\S+)", said):
            return found[1]
        time.sleep(0.1)
    pytest.fail(f"The scheduler does not start: {said}")


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
        run_experiment(experiment, executor=Cluster("tcp://127.0.0.1:9"), out=tmp_path)


def test_an_encrypted_scheduler_without_certificates_here_is_a_message(
    experiment: Path, tmp_path: Path
) -> None:
    with pytest.raises(RunFailed, match="no certificate for TLS is configured here: set ca-file"):
        run_experiment(experiment, executor=Cluster("tls://127.0.0.1:9"), out=tmp_path)


def test_two_workers_that_reach_the_folder_come_to_the_same_bytes(
    experiment: Path,
    scheduler: str,
    workers: list[subprocess.Popen[bytes]],
    here: dict[str, bytes],
    tmp_path: Path,
) -> None:
    there = run_experiment(experiment, executor=Cluster(scheduler), out=tmp_path)
    assert content(there) == here


@pytest.mark.slow
def test_workers_that_do_not_reach_it_send_their_files_and_one_of_them_may_die(
    experiment: Path,
    scheduler: str,
    workers: list[subprocess.Popen[bytes]],
    here: dict[str, bytes],
    tmp_path: Path,
) -> None:
    dead: list[subprocess.Popen[bytes]] = []

    def kill_one(done: int, _: int, __: Sequence[Replication]) -> None:
        if done == 2:
            dead.append(workers.pop())
            kill(dead[0])

    cluster = Cluster(scheduler, brings_back=True)
    there = run_experiment(experiment, executor=cluster, out=tmp_path, progress=kill_one)
    assert dead
    assert content(there) == here


def test_a_worker_with_other_libraries_is_refused_by_name_before_anything_runs(
    experiment: Path, tmp_path: Path
) -> None:
    begun = [dask(tmp_path, "scheduler", "--port", "0", "--host", "127.0.0.1")]
    try:
        address = address_of(tmp_path)
        (tmp_path / "sitecustomize.py").write_text(OTHER_HOLIDAYS)
        paths = os.pathsep.join([str(tmp_path), str(ROOT)])
        name = ("--nthreads", "1", "--no-nanny")
        begun.append(dask(tmp_path, "worker", address, *name, PYTHONPATH=paths))
        out = tmp_path / "results"
        with pytest.raises(RunFailed) as refused:
            run_experiment(experiment, executor=Cluster(address), out=out, say=lambda _: None)
    finally:
        for process in begun:
            kill(process)
    here = identity().environment["holidays"]
    assert re.search(rf"tcp://\S+: holidays is {here} here and 0.0.1 there\n", str(refused.value))
    assert not out.exists()


def certificate(folder: Path) -> dict[str, str]:
    """A key and a certificate of its own, and the variables by which Dask finds them."""
    key, made = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=cjsim-test",
            "-keyout",
            str(key),
            "-out",
            str(made),
        ],
        check=True,
        capture_output=True,
    )
    variables = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(made)}
    variables["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION"] = "True"
    for role in ("CLIENT", "SCHEDULER", "WORKER"):
        variables[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = str(key)
        variables[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = str(made)
    return variables


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_an_encrypted_scheduler_serves_those_who_have_the_certificate_and_nobody_else(
    experiment: Path, here: dict[str, bytes], tmp_path: Path
) -> None:
    variables = certificate(tmp_path)
    port = ("--port", "0", "--host", "tls://127.0.0.1", "--protocol", "tls")
    begun = [dask(tmp_path, "scheduler", *port, **variables)]
    command = [sys.executable, "-m", "cjsim.cli.main", "run", str(experiment), "--executor", "dask"]
    try:
        address = address_of(tmp_path)
        assert address.startswith("tls://")
        begun.append(
            dask(tmp_path, "worker", address, "--nthreads", "1", "--no-nanny", **variables)
        )
        went: dict[str, subprocess.CompletedProcess[str]] = {}
        for who, known in (("with", variables), ("without", {})):
            went[who] = subprocess.run(
                [*command, "--scheduler", address, "--out", str(tmp_path / who)],
                env={**os.environ, "PYTHONPATH": str(ROOT), **known},
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
    finally:
        for process in begun:
            kill(process)
    assert went["with"].returncode == 0, went["with"].stderr
    (there,) = (tmp_path / "with" / "same").iterdir()
    assert content(there) == here
    assert went["without"].returncode == 1
    assert "TLS" in went["without"].stderr
    assert "distributed.comm.tls" in went["without"].stderr
    assert not (tmp_path / "without").exists()
