"""Worker processes on this machine.

`multiprocessing.Resource` hangs when a worker is killed, and Python 3.11's `max_tasks_per_child`
deadlocks; so each batch has a fresh `ProcessPoolExecutor`. It hangs too when a worker is killed
with half of a result in the pipe, so results come in files and the pipe only says that they are
there. A worker whose parent dies ends itself: nobody would take its result.
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
from typing import Any

from cjsim.errors import RunFailed
from cjsim.experiment.executors.executor import default_workers
from cjsim.storage import disk
from cjsim.storage.temporary import scratch_folder

ALONE = "With --workers 1 there are none."
"""What to do where there can be no worker processes."""

TASKS_PER_WORKER = 16
"""Tasks that a worker process serves before a fresh one takes over, so that memory stays flat."""


@dataclass(frozen=True)
class Processes:
    """So many processes, fresh ones for each batch."""

    workers: int

    @property
    def batch(self) -> int:
        """How many tasks they are given at once."""
        return max(self.workers, 1) * TASKS_PER_WORKER

    @contextlib.contextmanager
    def open(
        self, work: Callable[[Any, Any], Any], shared: object, tasks: int, /
    ) -> Iterator[Callable[[Any], Future[Any]]]:
        """`work` must be a function that other processes can import; `shared` is sent once."""
        others = set(multiprocessing.active_children())
        started: set[multiprocessing.process.BaseProcess] = set()
        names = count()
        with scratch_folder() as folder:
            with _the_servers_may_die(), _started("semaphores, which lie in /dev/shm"):
                executor = ProcessPoolExecutor(
                    max_workers=max(1, min(self.workers, tasks)),
                    mp_context=_context(),
                    initializer=_begin,
                    initargs=(work, shared, folder),
                )

            def submit(task: Any) -> Future[Any]:
                file = folder / str(next(names))
                with _the_servers_may_die(), _started(f"a place in {folder.parent}"):
                    served = executor.submit(_serve, task, file)
                    started.update(multiprocessing.active_children())
                    return _read_when_done(served, file)

            with _ended_with_its_workers(executor, others, lambda: started):
                yield submit


@contextlib.contextmanager
def _started(needs: str) -> Iterator[None]:
    """Raises RunFailed where the system has not what worker processes need to be started."""
    try:
        yield
    except (OSError, ImportError) as error:
        if isinstance(error, ConnectionError) or getattr(error, "errno", None) == errno.EBADF:
            raise
        reason = getattr(error, "strerror", None) or error
        raise RunFailed(
            f"Worker processes cannot be started: {reason}. They need {needs}. {ALONE}"
        ) from error


@contextlib.contextmanager
def _ended_with_its_workers(
    executor: ProcessPoolExecutor,
    others: set[multiprocessing.process.BaseProcess],
    children: Callable[[], set[multiprocessing.process.BaseProcess]],
) -> Iterator[None]:
    """Leave nobody at work; `others` are the children that are not this executor's."""
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


def on_this_machine(workers: int | None, tasks: int, *, apart: bool = False) -> Processes | None:
    """The crew for so many tasks here: `workers` processes, or all processors when none is given.

    None, and thus this process itself, where it would be a single one, which is only worth its
    start if the work must be done `apart`: to be stopped in the middle, or to be forked.
    """
    count = min(default_workers() if workers is None else workers, tasks)
    return Processes(count) if count > 1 or (apart and tasks) else None


@contextlib.contextmanager
def _the_servers_may_die() -> Iterator[None]:
    """Python starts workers through a fork server and a resource tracker, which can be killed too.

    It starts both again when they are next asked for; whoever asked in between finds a closed pipe,
    which is no other than a worker that died. So does who starts a worker in the moment in which
    another dies: its executor closes all that belongs to it, the new one's pipes as well.
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
    """A fork server where there is one, else fresh interpreters.

    Forking this process itself would copy locks that other threads (a progress bar, Arrow's pool)
    hold. The server imports the engine once and branches before any thread has started.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["cjsim.experiment.executors.preload"])
        return context
    return multiprocessing.get_context("spawn")


_GIVEN: dict[str, Any] = {}
"""In a worker: the work and what all its tasks share."""


def _begin(work: Callable[[Any, Any], Any], shared: Any, folder: Path) -> None:
    """A worker begins: Ctrl-C is for the process that started it, which then ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # and that process may have its own way with it
    threading.Thread(target=_end_with_the_parent, args=(folder,), daemon=True).start()
    _GIVEN.update(work=work, shared=shared)


def _end_with_the_parent(folder: Path) -> None:
    """When the process that started this one is gone, killed perhaps, end at once."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        disk.tidy(folder)
        os._exit(1)


def _serve(task: Any, file: Path) -> None:
    """In a worker: one task, its result into the file, in the words that the pipe would use."""
    result = ForkingPickler.dumps(_GIVEN["work"](_GIVEN["shared"], task))
    with disk.naming(file), disk.create(file) as whole:
        whole.write(result)


def _read_when_done(served: Future[None], file: Path) -> Future[Any]:
    """The future of the result in the file."""
    result: Future[Any] = Future()

    def read(served: Future[None]) -> None:
        try:
            served.result()
            result.set_result(ForkingPickler.loads(file.read_bytes()))
            disk.tidy(file)
        except BaseException as error:  # whatever it is, it is for whoever waits for the result
            result.set_exception(error)

    served.add_done_callback(read)
    return result
