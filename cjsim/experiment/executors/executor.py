"""Tasks to whoever does them: in this process, or by a crew whose members may die.

A crew is opened for a batch of tasks; it takes each and gives a future of its result. What a crew
that broke left undone is tried again. `cjsim.experiment.executors.processes` has a crew on this
machine, `cjsim.experiment.executors.dask_cluster` one on many.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from cjsim.errors import RunFailed

Shared = TypeVar("Shared")
Work = TypeVar("Work")
Done = TypeVar("Done")

TRIES = 4
"""A batch is tried once and, when its workers die, three times more; last, each task on its own."""


class WorkersDied(RunFailed):
    """The workers of a task died each time that it was tried."""

    def __init__(self, message: str, lost: Sequence[object] = ()) -> None:
        """`lost` are the tasks."""
        super().__init__(message)
        self.lost = tuple(lost)

    def told(self, command: str) -> WorkersDied:
        """The same with the command that shows what happens."""
        return WorkersDied(f"{self} To see what happens to it alone: {command}.", self.lost)


class TimeUp(RunFailed):
    """The time that the run was given is over."""


class Executor(Protocol):
    """Who does tasks."""

    @property
    def batch(self) -> int:
        """How many tasks it is given at once."""

    def open(
        self, work: Callable[[Any, Any], Any], shared: object, tasks: int, /
    ) -> AbstractContextManager[Callable[[Any], Future[Any]]]:
        """For a batch of so many tasks: what takes a task and gives a future of its result.

        A future of a worker that died, and opening where nothing can be started, raise
        BrokenExecutor. Whoever leaves with an error leaves nobody at work behind.
        """


def default_workers() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_tasks(
    work: Callable[[Shared, Work], Done],
    shared: Shared,
    tasks: Sequence[Work],
    *,
    crew: Executor | None,
    receive: Callable[[Done], Done] = lambda result: result,
    until: float | None = None,
) -> list[Done]:
    """Do `work(shared, task)` for every task; the results stand in the order of the tasks.

    `crew` does it, or this process where there is none. `receive` is told of each result in this
    process, in the order in which they come in, and gives what is to be kept of it. `until` is the
    moment of `time.monotonic()` at which to stop a crew, in the middle of its work.
    An error in a task goes on to the caller, with a note that names the task. Raises WorkersDied
    when the workers of a task die in each of four tries, the last time with no other task beside
    them; TimeUp when the time is over.
    """
    batches = _Batches(work, shared, tasks, receive, until)
    if crew is None:
        batches.do_here()
    else:
        for start in range(0, len(tasks), crew.batch):
            batches.do(crew, range(start, min(start + crew.batch, len(tasks))))
    return [batches.results[place] for place in range(len(tasks))]


@dataclass
class _Batches(Generic[Shared, Work, Done]):
    """The tasks, and the results so far by the place of their task."""

    work: Callable[[Shared, Work], Done]
    shared: Shared
    tasks: Sequence[Work]
    receive: Callable[[Done], Done]
    until: float | None
    results: dict[int, Done] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)

    def do_here(self) -> None:
        """All tasks in this process, one after the other."""
        for place, task in enumerate(self.tasks):
            with _naming(task):
                result = self.work(self.shared, task)
            self._keep(place, result)

    def do(self, crew: Executor, batch: Sequence[int]) -> None:
        """A batch of tasks by a crew, tried again for as long as some of it is undone."""
        for _ in range(TRIES - 1):
            todo = self._undone(batch)
            if not todo:
                return
            self._try(crew, todo)
        # One that kills its worker takes those beside it along: on its own it is found out.
        for place in self._undone(batch):
            self._try(crew, [place])
        lost = [self.tasks[place] for place in self._undone(batch)]
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

    def _try(self, crew: Executor, todo: Sequence[int]) -> None:
        """Get results for these places, as far as the workers live to give them."""
        futures: dict[Future[Done], int] = {}
        try:
            with crew.open(self.work, self.shared, len(todo)) as submit:
                for place in todo:
                    futures[submit(self.tasks[place])] = place
                for future in as_completed(futures, self._seconds_left()):
                    with _naming(self.tasks[futures[future]]):
                        self._keep(futures[future], future.result())
        except (BrokenExecutor, MemoryError) as error:
            self.ends += getattr(error, "__notes__", [])
            # What came in beside the broken one is kept, or it would be done twice.
            for future, place in futures.items():
                whole = future.done() and not future.cancelled() and not future.exception()
                if whole and place not in self.results:
                    self._keep(place, future.result())
        except TimeoutError:
            if self._seconds_left() == 0:
                raise TimeUp("The time is up.") from None
            raise

    def _seconds_left(self) -> float | None:
        return None if self.until is None else max(0.0, self.until - time.monotonic())

    def _undone(self, batch: Sequence[int]) -> list[int]:
        return [place for place in batch if place not in self.results]

    def _keep(self, place: int, result: Done) -> None:
        self.results[place] = self.receive(result)


@contextlib.contextmanager
def _naming(task: object) -> Iterator[None]:
    """An error inside gets a note that says which task it happened in."""
    try:
        yield
    except BrokenExecutor:
        raise
    except Exception as error:
        error.add_note(f"This happened in {task}.")
        raise
