"""Tasks run by workers: in this process, or by an executor whose workers may die.

An executor is opened for a batch of tasks. It returns a function that submits one task and gives a
future of its result. Tasks that a broken executor leaves undone are tried again.
`cjsim.experiment.executors.processes` has an executor for this machine,
`cjsim.experiment.executors.dask_cluster` one for many machines.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from cjsim.errors import RunFailed

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")

Work = Callable[[Shared, Task], Result]
"""What is done for a task: it is called with what all tasks share, and the task."""

Submit = Callable[[Task], "Future[Result]"]
"""Submits one task; the future gives its result."""

TRIES = 4
"""A batch is tried once. If its workers die it is tried three more times, the last time each task
on its own."""


class WorkersDied(RunFailed):
    """The workers of a task died each time that it was tried."""

    def __init__(self, message: str, lost: Sequence[object] = ()) -> None:
        """`lost` are the tasks."""
        super().__init__(message)
        self.lost = tuple(lost)

    def with_command(self, command: str) -> WorkersDied:
        """The same with the command that runs the first lost task alone."""
        return WorkersDied(f"{self} To see what happens to it alone: {command}.", self.lost)


class TimeUp(RunFailed):
    """The wall-clock limit of the run is reached."""


class Executor(Protocol):
    """Runs tasks on workers."""

    @property
    def batch(self) -> int:
        """How many tasks it takes at once."""

    @property
    def brings_back(self) -> bool:
        """Whether the workers cannot reach the results folder and send their files back."""

    def open(
        self, work: Work[Shared, Task, Result], shared: Shared, tasks: int, /
    ) -> AbstractContextManager[Submit[Task, Result]]:
        """Start workers for a batch of `tasks` tasks; the function submits one of them.

        Raises BrokenExecutor, from here or from a future, when a worker died or none could be
        started. When the block ends in an error, running workers are terminated.
        """


def default_workers() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_tasks(
    work: Work[Shared, Task, Result],
    shared: Shared,
    tasks: Sequence[Task],
    *,
    executor: Executor | None,
    receive: Callable[[Result], Result] = lambda result: result,
    until: float | None = None,
) -> list[Result]:
    """Run `work(shared, task)` for every task; the results have the order of the tasks.

    Without an `executor` the tasks run in this process. `receive` is called here with each result,
    in the order of completion, and returns what is kept of it. `until` is the time of
    `time.monotonic()` at which an executor is stopped, even within a task.
    An error of a task is raised with a note that names the task. Raises WorkersDied when the
    workers of a task die in each of four tries, and TimeUp when the time is up.
    """
    batches = _Batches(work, shared, tasks, receive, until)
    if executor is None:
        batches.run_here()
    else:
        for start in range(0, len(tasks), executor.batch):
            batches.run(executor, range(start, min(start + executor.batch, len(tasks))))
    return [batches.results[index] for index in range(len(tasks))]


@dataclass
class _Batches(Generic[Shared, Task, Result]):
    """The tasks, and the results so far by the index of their task."""

    work: Work[Shared, Task, Result]
    shared: Shared
    tasks: Sequence[Task]
    receive: Callable[[Result], Result]
    until: float | None
    results: dict[int, Result] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)

    def run_here(self) -> None:
        """Run all tasks in this process, one after the other."""
        for index, task in enumerate(self.tasks):
            with _noting_task(task):
                result = self.work(self.shared, task)
            self._keep(index, result)

    def run(self, executor: Executor, batch: Sequence[int]) -> None:
        """Run a batch of tasks, and try again as long as some of them are undone."""
        for _ in range(TRIES - 1):
            undone = self._undone(batch)
            if not undone:
                return
            self._try(executor, undone)
        # A task that kills its worker breaks the tasks beside it: run each of the rest alone.
        for index in self._undone(batch):
            self._try(executor, [index])
        lost = [self.tasks[index] for index in self._undone(batch)]
        if lost:
            more = f" and {len(lost) - 1} more" if lost[1:] else ""
            raise WorkersDied(
                f"The worker processes died {TRIES} times ({self._why()}) before "
                f"{lost[0]}{more} was done, the last time with nothing beside it.",
                lost,
            )

    def _why(self) -> str:
        known = ", ".join(dict.fromkeys(self.ends))
        return f"{known}: killed, or out of memory" if known else "killed, or out of memory"

    def _try(self, executor: Executor, indices: Sequence[int]) -> None:
        """Run these tasks, and keep the results that come before the executor breaks."""
        futures: dict[Future[Result], int] = {}
        try:
            with executor.open(self.work, self.shared, len(indices)) as submit:
                for index in indices:
                    futures[submit(self.tasks[index])] = index
                for future in as_completed(futures, self._seconds_left()):
                    with _noting_task(self.tasks[futures[future]]):
                        self._keep(futures[future], future.result())
        except (BrokenExecutor, MemoryError) as error:
            self.ends += getattr(error, "__notes__", [])
            # Results that came in beside the broken task are kept, or they would be run twice.
            for future, index in futures.items():
                complete = future.done() and not future.cancelled() and not future.exception()
                if complete and index not in self.results:
                    self._keep(index, future.result())
        except TimeoutError:
            if self._seconds_left() == 0:
                raise TimeUp("The time is up.") from None
            raise

    def _seconds_left(self) -> float | None:
        return None if self.until is None else max(0.0, self.until - time.monotonic())

    def _undone(self, batch: Sequence[int]) -> list[int]:
        return [index for index in batch if index not in self.results]

    def _keep(self, index: int, result: Result) -> None:
        self.results[index] = self.receive(result)


@contextlib.contextmanager
def _noting_task(task: object) -> Iterator[None]:
    """Add a note to an error inside that names the task."""
    try:
        yield
    except BrokenExecutor:
        raise
    except Exception as error:
        error.add_note(f"This happened in {task}.")
        raise
