"""Tasks in processes: order, errors, and workers that die."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cjsim.errors import RunFailed
from cjsim.experiment.executors import processes
from cjsim.experiment.executors.executor import TRIES, Executor, TimeUp, WorkersDied, run_tasks
from cjsim.experiment.executors.processes import Processes


def square(shared: int, task: int) -> int:
    return shared + task * task


def fail_at_three(shared: None, task: int) -> int:
    if task == 3:
        raise ValueError("three is too many")
    return task


def die_once(shared: Path, task: int) -> int:
    mark = shared / f"died-{task}"
    if task % 3 == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def die_soon_once(shared: Path, task: int) -> bytes:
    """Dies while its long result is on its way, or as near to it as can be had."""
    mark = shared / f"died-{task}"
    if not mark.exists():
        mark.touch()
        threading.Timer(task / 100, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return bytes(50_000_000)


def die_at_three(shared: Path, task: int) -> int:
    (shared / f"tried-{task}-{os.getpid()}").touch()
    if task == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def run_out_of_memory_once(shared: Path, task: int) -> int:
    mark = shared / f"full-{task}"
    if task == 1 and not mark.exists():
        mark.touch()
        raise MemoryError
    return task


def sleep(shared: float, task: int) -> int:
    if task > 1:
        time.sleep(shared)
    return task


def always_die(shared: Path, task: int) -> int:
    with (shared / "tries").open("a") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGKILL)
    return task


EXECUTORS = pytest.mark.parametrize("executor", [None, Processes(1), Processes(2)], ids=str)


def kept_in(told: list[int]) -> Callable[[int], int]:
    """What is received stands in a list in the order in which it came."""

    def receive(result: int) -> int:
        told.append(result)
        return result

    return receive


def test_what_is_received_is_what_is_kept() -> None:
    done = run_tasks(square, 0, range(3), executor=Processes(2), receive=lambda result: -result)
    assert done == [0, -1, -4]


@EXECUTORS
def test_results_stand_in_the_order_of_the_tasks(executor: Executor | None) -> None:
    told: list[int] = []
    done = run_tasks(square, 10, range(7), executor=executor, receive=kept_in(told))
    assert done == [10 + n * n for n in range(7)]
    assert sorted(told) == done


@EXECUTORS
def test_an_error_names_its_task(executor: Executor | None) -> None:
    with pytest.raises(ValueError, match="three is too many") as caught:
        run_tasks(fail_at_three, None, range(5), executor=executor)
    assert "This happened in 3." in caught.value.__notes__


def test_what_a_killed_worker_left_undone_is_done_again(tmp_path: Path) -> None:
    told: list[int] = []
    done = run_tasks(die_once, tmp_path, range(4), executor=Processes(2), receive=kept_in(told))
    assert done == [0, 1, 2, 3]
    assert sorted(told) == [0, 1, 2, 3], "nothing lost, nothing twice"


@pytest.mark.parametrize(
    "error", [BrokenPipeError(), ConnectionResetError(), EOFError(), OSError(errno.EBADF, "closed")]
)
def test_work_goes_on_when_what_starts_the_workers_is_killed(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    class Interrupted(ProcessPoolExecutor):
        tries = 0

        def submit(self, *arguments: Any, **named: Any) -> Future[Any]:
            Interrupted.tries += 1
            if Interrupted.tries == 2:
                raise error
            return super().submit(*arguments, **named)

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Interrupted)
    assert run_tasks(square, 0, range(4), executor=Processes(2)) == [0, 1, 4, 9]


def test_a_disk_that_fails_is_no_worker_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(ProcessPoolExecutor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Full)
    with pytest.raises(RunFailed, match="cannot be started: full"):
        run_tasks(square, 0, range(4), executor=Processes(2))


def test_workers_that_always_die_are_reported_after_four_tries(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=f"died {TRIES} times"):
        run_tasks(always_die, tmp_path, [0], executor=Processes(2))
    assert (tmp_path / "tries").read_text() == "x" * TRIES


def test_the_one_that_kills_its_worker_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    told: list[int] = []
    with pytest.raises(WorkersDied, match="before 3 was done") as died:
        run_tasks(die_at_three, tmp_path, range(6), executor=Processes(2), receive=kept_in(told))
    assert died.value.lost == (3,)
    assert sorted(told) == [0, 1, 2, 4, 5], "nothing lost beside it, nothing twice"
    assert len(list(tmp_path.glob("tried-3-*"))) == TRIES
    said = str(died.value.with_command("cjsim replay x.toml --replication 3"))
    assert said.endswith("To see what happens to it alone: cjsim replay x.toml --replication 3.")


@pytest.mark.parametrize("hundredths", range(1, 9))
def test_a_worker_killed_with_half_of_its_result_sent_holds_nobody_up(
    tmp_path: Path, hundredths: int
) -> None:
    [found] = run_tasks(die_soon_once, tmp_path, [hundredths], executor=Processes(1))
    assert len(found) == 50_000_000


def test_what_ran_out_of_memory_is_tried_again(tmp_path: Path) -> None:
    assert run_tasks(run_out_of_memory_once, tmp_path, range(4), executor=Processes(2)) == [
        0,
        1,
        2,
        3,
    ]


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_when_the_time_is_up_what_is_under_way_is_stopped(workers: int) -> None:
    told: list[int] = []
    began = time.monotonic()
    with pytest.raises(TimeUp):
        run_tasks(
            sleep,
            600.0,
            range(6),
            executor=Processes(workers),
            receive=kept_in(told),
            until=began + 20,
        )
    assert time.monotonic() - began < 120
    assert sorted(told) == [0, 1]
    assert not [child for child in multiprocessing.active_children() if child.is_alive()]


def test_no_worker_outlives_its_run() -> None:
    before = multiprocessing.active_children()
    run_tasks(square, 0, range(3), executor=Processes(2))
    assert multiprocessing.active_children() == before
