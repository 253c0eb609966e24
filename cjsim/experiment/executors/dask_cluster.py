"""Workers on many machines, through a Dask scheduler that is already running.

What all tasks share is sent to each worker once; a task is a scenario and a number. Workers write
to the results folder if they reach it under the same path; otherwise results come back as bytes.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cjsim.errors import RunFailed
from cjsim.experiment.executors.executor import Result, Shared, Submit, Task, Work
from cjsim.identity import identity, identity_from

if TYPE_CHECKING:
    from distributed import Client

SECONDS_TO_ANSWER = 10
"""How long a scheduler may take to answer, and a first worker to be there."""

CONFIGURATION = "Dask's configuration (distributed.comm.tls)"

_ONE_TASK = threading.Lock()
"""One replication at a time in a process: the garbage collector and Arrow's threads are its own."""


@dataclass(frozen=True)
class Cluster:
    """The workers of one scheduler, by its address, such as `tcp://10.0.0.1:8786`.

    `brings_back` says that they do not reach the results folder, so that files come as bytes.
    """

    scheduler: str
    brings_back: bool = False

    @property
    def batch(self) -> int:
        """All tasks at once: the scheduler shares them out."""
        return 1_000_000

    @property
    def is_encrypted(self) -> bool:
        """Whether the scheduler and its workers ask who is there, by certificates."""
        return self.scheduler.startswith("tls://")

    def _why_not(self, error: Exception) -> str:
        """Why there is no client: Dask's errors as messages that say what to set."""
        if isinstance(error, FileNotFoundError) and error.filename:
            return f"{error.filename}: there is no such file, and {CONFIGURATION} names it."
        if self.is_encrypted and isinstance(error, TypeError):
            return (
                f"{self.scheduler} is encrypted, and no certificate for TLS is configured here: "
                f"set ca-file, client.key and client.cert in {CONFIGURATION}."
            )
        if isinstance(error, TypeError | RuntimeError):
            return f"{self.scheduler}: {error}."
        if self.is_encrypted:
            return (
                f"No Dask scheduler answers at {self.scheduler} to the certificates that "
                f"{CONFIGURATION} names here: it is not there, or it has others."
            )
        return (
            f"No Dask scheduler answers at {self.scheduler}. Start one with: dask scheduler; "
            "it prints its address."
        )

    @contextlib.contextmanager
    def open(
        self, work: Work[Shared, Task, Result], shared: Shared, _tasks: int, /
    ) -> Iterator[Submit[Task, Result]]:
        """`work` must be a function that workers can import.

        Raises RunFailed without Dask, a scheduler that answers, workers, or the same identity (code
        and libraries) on each of them.
        """
        client = self._client()
        try:
            _refuse_other_identities(client)
            scattered = client.scatter(shared, broadcast=True, hash=False)
            executor = client.get_executor(pure=False)
            submitted: list[Future[Result]] = []

            def submit(task: Task) -> Future[Result]:
                future: Future[Result] = _translated(executor.submit(_serve, work, scattered, task))
                submitted.append(future)
                return future

            try:
                yield submit
            finally:
                for future in submitted:
                    future.cancel()
                executor.shutdown(wait=False)
        finally:
            client.close(timeout=SECONDS_TO_ANSWER)

    def _client(self) -> Client:
        try:
            from distributed import Client
        except ImportError as missing:
            raise RunFailed(
                f"Dask is not installed here ({missing.name}): pip install 'cjsim[scale]'."
            ) from None
        try:
            # The certificates for TLS come from Dask's own configuration.
            client = Client(self.scheduler, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise RunFailed(self._why_not(error)) from error
        try:
            client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
        except TimeoutError:
            client.close()
            raise RunFailed(
                f"The scheduler at {self.scheduler} has no workers. Start one for each processor "
                f"with: dask worker {self.scheduler} --nthreads 1."
            ) from None
        return client


def _refuse_other_identities(client: Client) -> None:
    """Workers with other code or libraries could give other results. Raises RunFailed.

    The message says of each such worker what differs.
    """
    here = identity()
    told = []
    for worker, found in sorted(client.run(_identity, on_error="return").items()):
        try:
            differs = here.apart_from(identity_from(found))
        except (AttributeError, KeyError, TypeError):
            differs = ["it has no cjsim, or one too old to tell its identity"]
        if differs:
            told.append(f"  {worker}: {'; '.join(differs)}")
    if told:
        raise RunFailed(
            "These workers could come to other results than this process:\n"
            + "\n".join(told)
            + "\nGive them the same cjsim and libraries and start them again."
        )


def _identity() -> dict[str, str]:
    """On a worker: what it would make results with."""
    return identity().as_json()


def _translated(remote: Future[Result]) -> Future[Result]:
    """The same future, which raises BrokenExecutor when its worker died."""
    from distributed import KilledWorker

    local: Future[Result] = Future()

    def pass_on(done: Future[Result]) -> None:
        if done.cancelled():
            local.cancel()
            return
        error = done.exception()
        if local.cancelled():
            return
        if error is None:
            local.set_result(done.result())
        elif isinstance(error, KilledWorker):
            local.set_exception(BrokenExecutor(str(error)))
        else:
            local.set_exception(error)

    remote.add_done_callback(pass_on)
    local.add_done_callback(lambda done: remote.cancel() if done.cancelled() else None)
    return local


def _serve(work: Work[Shared, Task, Result], shared: Shared, task: Task) -> Result:
    """On a worker: run one task."""
    with _ONE_TASK:
        return work(shared, task)
