"""Tasks to processes: in this one, or in several that may die and are then started again.

`multiprocessing.Pool` hangs when a worker is killed, and Python 3.11's `max_tasks_per_child`
deadlocks; so each batch has a fresh `ProcessPoolExecutor`, and what a broken one left undone is
tried again. A worker whose parent dies ends itself: nobody would take its result.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing.context import BaseContext
from typing import Any, Generic, TypeVar

Shared = TypeVar("Shared")
Work = TypeVar("Work")
Done = TypeVar("Done")

TASKS_PER_WORKER = 16
"""Tasks that a worker process serves before a fresh one takes over, so that memory stays flat."""

TRIES = 4
"""A batch is tried once and, when its workers die, three times more; last, each task on its own."""


class RunFailed(Exception):
    """Something went wrong while running, that no change of the user's files would mend."""


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
    workers: int,
    on_done: Callable[[Done], None] = lambda _: None,
    until: float | None = None,
) -> list[Done]:
    """Do `work(shared, task)` for every task; the results stand in the order of the tasks.

    `work` must be a function that other processes can import, `shared` is sent to each process
    once. `on_done` is told of each result in this process, in the order in which they come in.
    `until` is the moment of `time.monotonic()` at which to stop; with it even a single worker is a
    process, which can be stopped in the middle of its work.
    An error in a task goes on to the caller, with a note that names the task. Raises WorkersDied
    when the workers of a task die in each of four tries, the last time with no other task beside
    them; TimeUp when the time is over.
    """
    crew = _Crew(work, shared, tasks, workers, on_done, until)
    if workers <= 1 and until is None:
        crew.do_here()
    else:
        size = max(workers, 1) * TASKS_PER_WORKER
        for start in range(0, len(tasks), size):
            crew.do(range(start, min(start + size, len(tasks))))
    return [crew.results[place] for place in range(len(tasks))]


@dataclass
class _Crew(Generic[Shared, Work, Done]):
    """The tasks, who does them, and the results so far by the place of their task."""

    work: Callable[[Shared, Work], Done]
    shared: Shared
    tasks: Sequence[Work]
    workers: int
    on_done: Callable[[Done], None]
    until: float | None
    results: dict[int, Done] = field(default_factory=dict)

    def do_here(self) -> None:
        """All tasks in this process, one after the other."""
        for place, task in enumerate(self.tasks):
            with _naming(task):
                result = self.work(self.shared, task)
            self._keep(place, result)

    def do(self, batch: Sequence[int]) -> None:
        """A batch of tasks in processes, tried again for as long as some of it is undone."""
        for _ in range(TRIES - 1):
            todo = self._undone(batch)
            if not todo:
                return
            self._try(todo)
        # One that kills its worker takes those beside it along: on its own it is found out.
        for place in self._undone(batch):
            self._try([place])
        lost = [self.tasks[place] for place in self._undone(batch)]
        if lost:
            more = f" and {len(lost) - 1} more" if lost[1:] else ""
            raise WorkersDied(
                f"The worker processes died {TRIES} times (killed, or out of memory) before "
                f"{lost[0]}{more} was done, the last time with nothing beside it.",
                lost,
            )

    def _try(self, todo: Sequence[int]) -> None:
        """Get results for these places, as far as the workers live to give them."""
        others = set(multiprocessing.active_children())
        executor: ProcessPoolExecutor | None = None
        futures: dict[Future[Done], int] = {}
        try:
            with _the_servers_may_die():
                executor = ProcessPoolExecutor(
                    max_workers=max(1, min(self.workers, len(todo))),
                    mp_context=_context(),
                    initializer=_begin,
                    initargs=(self.work, self.shared),
                )
                for place in todo:
                    futures[executor.submit(_serve, self.tasks[place])] = place
            for future in as_completed(futures, self._seconds_left()):
                with _naming(self.tasks[futures[future]]):
                    self._keep(futures[future], future.result())
        except (BrokenProcessPool, MemoryError):
            # What came in beside the broken one is kept, or it would be done twice.
            for future, place in futures.items():
                if place not in self.results and future.done() and not future.exception():
                    self._keep(place, future.result())
        except BaseException as error:
            # Without its workers the executor's own thread ends, and is waited for below: left
            # running it would find its pipes closed when the program exits.
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()
            if isinstance(error, TimeoutError) and self._seconds_left() == 0:
                raise TimeUp("The time is up.") from None
            raise
        finally:
            if executor is not None:
                executor.shutdown(wait=True, cancel_futures=True)

    def _seconds_left(self) -> float | None:
        return None if self.until is None else max(0.0, self.until - time.monotonic())

    def _undone(self, batch: Sequence[int]) -> list[int]:
        return [place for place in batch if place not in self.results]

    def _keep(self, place: int, result: Done) -> None:
        self.results[place] = result
        self.on_done(result)


@contextlib.contextmanager
def _the_servers_may_die() -> Iterator[None]:
    """Python starts workers through a fork server and a resource tracker, which can be killed too.

    It starts both again when they are next asked for; whoever asked in between finds a closed pipe,
    which is no other than a worker that died.
    """
    try:
        yield
    except (EOFError, ConnectionError) as error:
        raise BrokenProcessPool(str(error)) from error


@contextlib.contextmanager
def _naming(task: object) -> Iterator[None]:
    """An error inside gets a note that says which task it happened in."""
    try:
        yield
    except BrokenProcessPool:
        raise
    except Exception as error:
        error.add_note(f"This happened in {task}.")
        raise


def _context() -> BaseContext:
    """A fork server where there is one, else fresh interpreters.

    Forking this process itself would copy locks that other threads (a progress bar, Arrow's pool)
    hold. The server imports the engine once and forks before any thread has started.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["cjsim.experiment.replication"])
        return context
    return multiprocessing.get_context("spawn")


_GIVEN: dict[str, Any] = {}
"""In a worker: the work and what all its tasks share."""


def _begin(work: Callable[[Any, Any], Any], shared: Any) -> None:
    """A worker begins: Ctrl-C is for the process that started it, which then ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _GIVEN.update(work=work, shared=shared)


def _end_with_the_parent() -> None:
    """When the process that started this one is gone, killed perhaps, end at once."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _serve(task: Any) -> Any:
    """In a worker: one task."""
    return _GIVEN["work"](_GIVEN["shared"], task)
