"""What all commands have in common: how they complain, how they show examples, their options."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)
COUNT = click.IntRange(min=1)
REPLICATIONS = click.IntRange(1, 10_000)
YEARS = click.IntRange(1, 50)
AREA = click.option("--area", help="Of this area, of several side by side.")
WORKERS = click.option("--workers", type=COUNT, help="Processes; all processors when not given.")
RESULTS = click.option(
    "--out", type=FILE, default=Path("results"), show_default=True, help="Where to."
)
FRESH = click.option("--fresh", is_flag=True, help="Run again what has been run before.")
_RUNNING = (
    WORKERS, RESULTS, FRESH,
    click.option("--resume", is_flag=True, help="Go on with what a run cut short has left."),
    click.option(
        "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="MINUTES",
        help="Stop after so long; --resume goes on.",
    ),
    click.option("--budget", type=COUNT, metavar="CASES", help="Allow for so many cases in all."),
    click.option("--dry-run", is_flag=True, help="Say what it would take; run nothing."),
)  # fmt: skip


def running(command: Command) -> Command:
    """Give a command the options of whatever runs for long: who works, where to, how long."""

    @wraps(command)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if kwargs["fresh"] and kwargs["resume"]:
            raise click.UsageError("--fresh throws away what --resume goes on with: give one.")
        return command(*args, **kwargs)

    whole: Any = checked
    for option in reversed(_RUNNING):
        whole = option(whole)
    return cast("Command", whole)


def examples(*lines: str) -> str:
    """The end of a command's help: its examples, kept line by line."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def interrupt_again(ignored: Any) -> None:
    """Let Ctrl-C come again when it fell into a callback, where Python can only ignore it.

    So with SIGTERM, which comes again as itself: where Ctrl-C is ignored, it is not.
    """
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        by = signal.SIGTERM if issubclass(ignored.exc_type, Terminated) else signal.SIGINT
        threading.Timer(0.05, _thread.interrupt_main, (by,)).start()
    else:
        sys.__unraisablehook__(ignored)


class Terminated(KeyboardInterrupt):
    """Somebody asked the process to end: a scheduler whose time is up, a machine that stops."""


def terminate(*_: Any) -> None:
    """What SIGTERM does: the same as Ctrl-C, with an exit code of its own."""
    raise Terminated


def complains(command: Command) -> Command:
    """Turn what the user can mend into a message and an exit code, Ctrl-C into 130, SIGTERM 143."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        from cjsim.errors import CannotRun, Faults, RunFailed

        sys.unraisablehook = interrupt_again
        before = signal.signal(signal.SIGTERM, terminate)
        try:
            return command(*args, **kwargs)
        except Faults as faults:
            click.echo(faults.report(), err=True)
            sys.exit(2)
        except CannotRun as stopped:
            # The notes say where it happened, and what is kept.
            click.echo("\n".join([str(stopped), *getattr(stopped, "__notes__", ())]), err=True)
            sys.exit(1)
        except RunFailed as failed:
            click.echo(str(failed), err=True)
            sys.exit(1)
        except BrokenPipeError:
            raise  # whoever read us has seen enough, such as `head`: click ends without a word
        except OSError as error:
            # A folder that cannot be written, a full disk: the place and what is wrong with it.
            place = f"{error.filename}: " if error.filename else ""
            click.echo(f"{place}{error.strerror or error}.", err=True)
            sys.exit(1)
        except KeyboardInterrupt as stopped:
            click.echo(str(stopped) or "Interrupted. Nothing was kept.", err=True)
            sys.exit(143 if isinstance(stopped, Terminated) else 130)
        finally:
            signal.signal(signal.SIGTERM, before)

    return wrapped  # type: ignore[return-value]  # wraps keeps the signature that click reads


def note(message: str) -> None:
    """Something that the reader of the results should know, on stderr."""
    click.echo(f"Note: {message}", err=True)
