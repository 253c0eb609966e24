"""How far a run has come: a bar with an ETA on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from cjsim.experiment.replication import Replication

SECONDS_BETWEEN_LINES = 10.0


@contextlib.contextmanager
def progress_on_stderr() -> Iterator[Callable[[int, int, Sequence[Replication]], None]]:
    """What a run calls when replications come in."""
    if sys.stderr is None:  # closed, as of a service
        yield lambda *_: None
    elif sys.stderr.isatty():
        with _bar() as told:
            yield told
    else:
        yield _lines()


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[int, int, Sequence[Replication]], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("Simulating"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("replications", total=None)

        began = False

        def told(done: int, total: int, came_in: Sequence[Replication]) -> None:
            nonlocal began
            if not began:
                # What an earlier run has left says nothing about the speed of this one.
                bar.reset(task, total=total, completed=done - len(came_in))
                began = True
            bar.update(task, completed=done, total=total)

        yield told


def _lines() -> Callable[[int, int, Sequence[Replication]], None]:
    began = last = time.monotonic()
    before: int | None = None

    def told(done: int, total: int, came_in: Sequence[Replication]) -> None:
        nonlocal last, before
        before = done - len(came_in) if before is None else before  # left by an earlier run
        now = time.monotonic()
        if done < total and now - last < SECONDS_BETWEEN_LINES:
            return
        last = now
        left = (now - began) / (done - before) * (total - done)
        end = f"about {left:.0f} s left" if done < total else f"{now - began:.0f} s"
        # A closed stderr is no reason to stop the run.
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"{done} of {total} replications done, {end}\n")
            sys.stderr.flush()

    return told
