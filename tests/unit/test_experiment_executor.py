"""Tasks in processes: order, errors, and workers that die."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from cjsim.experiment.executor import TRIES, RunFailed, run_tasks


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


def always_die(shared: Path, task: int) -> int:
    with (shared / "tries").open("a") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGKILL)
    return task


@pytest.mark.parametrize("workers", [1, 2])
def test_results_stand_in_the_order_of_the_tasks(workers: int) -> None:
    told: list[int] = []
    done = run_tasks(square, 10, range(7), workers=workers, on_done=told.append)
    assert done == [10 + n * n for n in range(7)]
    assert sorted(told) == done


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_names_its_task(workers: int) -> None:
    with pytest.raises(ValueError, match="three is too many") as caught:
        run_tasks(fail_at_three, None, range(5), workers=workers)
    assert "This happened in 3." in caught.value.__notes__


def test_what_a_killed_worker_left_undone_is_done_again(tmp_path: Path) -> None:
    told: list[int] = []
    done = run_tasks(die_once, tmp_path, range(4), workers=2, on_done=told.append)
    assert done == [0, 1, 2, 3]
    assert sorted(told) == [0, 1, 2, 3], "nothing lost, nothing twice"


def test_workers_that_always_die_are_reported_after_four_tries(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=f"died {TRIES} times"):
        run_tasks(always_die, tmp_path, [0], workers=2)
    assert (tmp_path / "tries").read_text() == "x" * TRIES


def test_no_worker_outlives_its_run() -> None:
    before = multiprocessing.active_children()
    run_tasks(square, 0, range(3), workers=2)
    assert multiprocessing.active_children() == before
