"""Worker processes on this machine.

`multiprocessing.Pool` hangs when a worker is killed, and `max_tasks_per_child` deadlocks in Python
3.11. So each batch has a new `ProcessPoolExecutor`. That hangs as well when a worker is killed
while half of a result is in its pipe; so results come in files, and the pipe only says that they
are there. A worker whose parent process dies exits, because nobody would take its result.
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import multiprocessing.process
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import count
from multiprocessing.context import BaseContext
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

from cjsim.errors import RunFailed
from cjsim.experiment.executors.executor import Result, Shared, Submit, Task, Work, default_workers
from cjsim.storage import disk
from cjsim.storage.temporary import scratch_folder

WITHOUT_WORKERS = "With --workers 1 there are none."
"""What to do where worker processes cannot run."""

TASKS_PER_WORKER = 16
"""Tasks that a worker process serves before a fresh one takes over, so that memory stays flat."""


@dataclass(frozen=True)
class Processes:
    """An executor of `workers` processes, new ones for each batch."""

    workers: int

    @property
    def brings_back(self) -> bool:
        """No: they write to the results folder."""
        return False

    @property
    def batch(self) -> int:
        """How many tasks it takes at once."""
        return max(self.workers, 1) * TASKS_PER_WORKER

    @contextlib.contextmanager
    def open(
        self, work: Work[Shared, Task, Result], shared: Shared, tasks: int, /
    ) -> Iterator[Submit[Task, Result]]:
        """`work` must be a function that other processes can import; `shared` is sent once."""
        others = set(multiprocessing.active_children())
        started: set[multiprocessing.process.BaseProcess] = set()
        names = count()
        with scratch_folder() as folder:
            with _as_broken_pool(), _as_run_failure("semaphores, which lie in /dev/shm"):
                executor = ProcessPoolExecutor(
                    max_workers=max(1, min(self.workers, tasks)),
                    mp_context=_context(),
                    initializer=_initialise_worker,
                    initargs=(work, shared, folder),
                )

            def submit(task: Task) -> Future[Result]:
                file = folder / str(next(names))
                with _as_broken_pool(), _as_run_failure(f"a place in {folder.parent}"):
                    served = executor.submit(_serve, task, file)
                    started.update(multiprocessing.active_children())
                    return _load_when_done(served, file)

            with _shut_down(executor, others, lambda: started):
                yield submit


@contextlib.contextmanager
def _as_run_failure(needs: str) -> Iterator[None]:
    """Raise RunFailed where the system lacks what worker processes need to start."""
    try:
        yield
    except (OSError, ImportError) as error:
        if isinstance(error, ConnectionError) or getattr(error, "errno", None) == errno.EBADF:
            raise
        reason = getattr(error, "strerror", None) or error
        raise RunFailed(
            f"Worker processes cannot be started: {reason}. They need {needs}. {WITHOUT_WORKERS}"
        ) from error


@contextlib.contextmanager
def _shut_down(
    executor: ProcessPoolExecutor,
    others: set[multiprocessing.process.BaseProcess],
    children: Callable[[], set[multiprocessing.process.BaseProcess]],
) -> Iterator[None]:
    """Stop all workers at the end; `others` are the child processes of other executors."""
    try:
        yield
    except BrokenExecutor as error:
        executor.shutdown(wait=True, cancel_futures=True)
        codes = {child.exitcode or 0 for child in children() - others}
        for code in sorted(codes - {-signal.SIGTERM}):  # which ends those beside the first
            if code < 0:
                error.add_note(f"ended by {signal.Signals(-code).name}")
        raise
    except MemoryError:
        raise
    except BaseException:
        # Without its workers the executor's own thread ends, and is waited for below: left
        # running it would find its pipes closed when the program exits.
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def local_executor(workers: int | None, tasks: int, *, separate: bool = False) -> Processes | None:
    """An executor for `tasks` tasks with `workers` processes, by default one for each processor.

    None, which means this process itself, where one process would do. A single process is started
    only if the work must run in a `separate` one: to be stopped within a task, or to be forked.
    """
    count = min(default_workers() if workers is None else workers, tasks)
    return Processes(count) if count > 1 or (separate and tasks) else None


@contextlib.contextmanager
def _as_broken_pool() -> Iterator[None]:
    """Treat a closed pipe as a dead worker: raise BrokenProcessPool.

    Python starts workers through a fork server and a resource tracker. Both can be killed and are
    started again when they are needed next; a call in between meets a closed pipe. A worker that
    starts while another dies meets one too, because its executor closes all of its pipes.
    """
    try:
        yield
    except (EOFError, ConnectionError) as error:
        raise BrokenProcessPool(str(error)) from error
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        raise BrokenProcessPool(str(error)) from error


def _context() -> BaseContext:
    """A fork server where there is one, else new interpreters.

    Forking this process itself would copy locks that other threads hold, such as a progress bar's
    or Arrow's. The server imports the simulation once and forks before any thread has started.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["cjsim.experiment.executors.preload"])
        return context
    return multiprocessing.get_context("spawn")


@dataclass
class _Assignment:
    """In a worker process: the work, and what all tasks share."""

    work: Callable[..., object]
    shared: object


_WORKER: list[_Assignment] = []
"""In a worker process: its one assignment."""


def _initialise_worker(work: Callable[..., object], shared: object, folder: Path) -> None:
    """Prepare a worker: it ignores Ctrl-C, because its parent process handles that and stops it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent may have set another handler
    threading.Thread(target=_exit_with_parent, args=(folder,), daemon=True).start()
    _WORKER[:] = [_Assignment(work, shared)]


def _exit_with_parent(folder: Path) -> None:
    """Exit as soon as the parent process is gone, for example killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        disk.tidy(folder)
        os._exit(1)


def _serve(task: object, file: Path) -> None:
    """In a worker: run one task and write its result to the file, pickled as for a pipe."""
    (assignment,) = _WORKER
    result = ForkingPickler.dumps(assignment.work(assignment.shared, task))
    with disk.naming(file), disk.create(file) as whole:
        whole.write(result)


def _load_when_done(served: Future[None], file: Path) -> Future[Result]:
    """A future of the result that is written to the file."""
    result: Future[Result] = Future()

    def read(served: Future[None]) -> None:
        try:
            served.result()
            result.set_result(ForkingPickler.loads(file.read_bytes()))
            disk.tidy(file)
        except BaseException as error:  # any error goes to the caller that waits for the result
            result.set_exception(error)

    served.add_done_callback(read)
    return result
