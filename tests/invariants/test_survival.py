"""Killed at any moment and gone on with: nothing lost, nothing twice, the same bytes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import cjsim

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="kills processes that it finds in /proc"
)

EXPERIMENT = """
title = "Cut short"
question = "Is anything lost?"
owner = "The tests"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-04-30
replications = {replications}
seed = 20130401

[scenarios.ready]
label = "Every file ready"
[scenarios.ready.set]
"branches.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0.0, 1.0] }}
"""


def start(experiment: Path, out: Path, *arguments: str) -> subprocess.Popen[str]:
    command = ["run", str(experiment), "--out", str(out), "--workers", "2", *arguments]
    return subprocess.Popen(
        [sys.executable, "-m", "cjsim.cli.main", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(cjsim.__file__).parents[1],
        start_new_session=True,
    )


def group_of(leader: int) -> list[int]:
    """The processes of a group, its leader and those that have ended left out."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            number = int(entry.name)
            state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(group) == leader and number != leader and state != "Z":
                found.append(number)
    return found


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def done_in(out: Path) -> int:
    """How many replications are done; none where the run takes its name while this looks."""
    with contextlib.suppress(FileNotFoundError):
        return len(list(out.glob("*/*.unfinished/runs/*/[!.]*/replication.json")))
    return 0


def wait_for(out: Path, more: int, process: subprocess.Popen[str]) -> None:
    """Until so many replications more are done, or the process has ended."""
    target, deadline = done_in(out) + more, time.monotonic() + 120
    while done_in(out) < target and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)


def kill_somebody(process: subprocess.Popen[str], random_streams: np.random.Generator) -> bool:
    """Kill the run, or everybody, or one of its workers; whether the run itself was killed."""
    workers = group_of(process.pid)
    whom = ("the run", "everybody", "a worker")[random_streams.integers(3)]
    with contextlib.suppress(ProcessLookupError):
        if whom == "everybody":
            os.killpg(process.pid, signal.SIGKILL)
        elif whom == "a worker" and workers:
            os.kill(workers[random_streams.integers(len(workers))], signal.SIGKILL)
            return False
        else:
            process.kill()
    return True


def run_with_kills(experiment: Path, out: Path, random_streams: np.random.Generator) -> int:
    """Run, kill, resume, kill again, until a run comes to its end; how many kills it took."""
    kills = 0
    while True:
        process = start(experiment, out, *(["--resume"] if kills else []))
        gone = False
        wait_for(out, int(random_streams.integers(1, 5)), process)
        while process.poll() is None and not gone:
            time.sleep(random_streams.random() * 0.3)
            if process.poll() is None:
                gone = kill_somebody(process, random_streams)
                kills += 1
        said, _ = process.communicate(timeout=120)
        if process.returncode == 0:
            return kills
        assert gone, said


def untouched(experiment: Path, out: Path) -> dict[str, bytes]:
    process = start(experiment, out)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return content(out)


def experiment_of(folder: Path, toy: Path, replications: int) -> Path:
    file = folder / "short.toml"
    file.write_text(EXPERIMENT.format(model=toy, replications=replications))
    return file


def test_a_killed_run_ends_as_one_that_was_left_alone(toy: Path, tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, toy, replications=2)
    whole = untouched(experiment, tmp_path / "whole")
    kills = run_with_kills(experiment, tmp_path / "killed", np.random.default_rng(1))
    assert kills > 0
    assert content(tmp_path / "killed") == whole


@pytest.mark.slow
def test_a_hundred_kills_over_sixty_replications_lose_nothing(toy: Path, tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, toy, replications=30)
    whole = untouched(experiment, tmp_path / "whole")
    assert sum(name.endswith("replication.json") for name in whole) == 60
    random_streams = np.random.default_rng(20130401)
    kills = rounds = 0
    while kills < 100:
        rounds += 1
        out = tmp_path / f"killed-{rounds}"
        kills += run_with_kills(experiment, out, random_streams)
        assert content(out) == whole, f"after {kills} kills"


def test_no_worker_outlives_a_killed_run(toy: Path, tmp_path: Path) -> None:
    process = start(experiment_of(tmp_path, toy, replications=20), tmp_path / "out")
    wait_for(tmp_path / "out", 1, process)
    workers = group_of(process.pid)
    assert workers
    process.kill()
    process.wait(timeout=10)
    killed = time.monotonic()
    deadline = killed + 20
    while group_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert group_of(process.pid) == []


def test_a_second_process_is_told_who_is_there(toy: Path, tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, toy, replications=20)
    first = start(experiment, tmp_path / "out")
    wait_for(tmp_path / "out", 1, first)
    second = start(experiment, tmp_path / "out", "--resume")
    said, _ = second.communicate(timeout=120)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(timeout=10)
    assert second.returncode == 1, said
    assert f"Another cjsim (process {first.pid} on" in said
    assert "Traceback" not in said
