"""What all commands have in common: how they complain, how they show examples, their options."""

from __future__ import annotations

import _thread
import contextlib
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar, cast

import click

from cjsim.errors import CannotRun, Faults, RunFailed
from cjsim.storage.paths import refuse_as_output_folder, typed_path

Command = TypeVar("Command", bound=Callable[..., Any])


class TypedPath(click.Path):
    """A path as somebody types it: a leading `~` is their home folder, and none is empty."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path. Ends with a message of click's own where it can be none."""
        try:
            return value if isinstance(value, Path) else typed_path(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


FILE = TypedPath(path_type=Path)
NO_MEMORY: Final = "There was not memory enough."
COUNT = click.IntRange(min=1)
REPLICATIONS = click.IntRange(1, 10_000)
YEARS = click.IntRange(1, 50)
AREA = click.option("--area", help="Of this area, of several side by side.")
WORKERS = click.option("--workers", type=COUNT, help="Processes; all processors when not given.")
ALLOW_CHANGED = click.option(
    "--allow-changed", is_flag=True, help="Take files as they are that were changed since the run."
)
RESULTS = click.option(
    "--out", type=FILE, default=Path("results"), show_default=True, help="Where to."
)
FRESH = click.option("--fresh", is_flag=True, help="Run again what has been run before.")
_RUNNING = (
    WORKERS,
    RESULTS,
    FRESH,
    click.option("--resume", is_flag=True, help="Go on with what a run cut short has left."),
    click.option(
        "--time-limit",
        type=click.FloatRange(min=0, min_open=True),
        metavar="MINUTES",
        help="Stop after so long; --resume goes on.",
    ),
    click.option("--budget", type=COUNT, metavar="CASES", help="Allow for so many cases in all."),
    click.option("--dry-run", is_flag=True, help="Say what it would take; run nothing."),
)


def running(command: Command) -> Command:
    """Give a command the options of whatever runs for long: who works, where to, how long."""

    @wraps(command)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if kwargs["fresh"] and kwargs["resume"]:
            raise click.UsageError("--fresh throws away what --resume goes on with: give one.")
        with complaints():
            refuse_as_output_folder(kwargs["out"])
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
    """Turn what the user can mend into a message and an exit code, Ctrl-C into 130, SIGTERM 143.

    Any other exception is a fault of cjsim: a message, a report in a file, exit code 70.
    """

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        sys.unraisablehook = interrupt_again
        before = signal.signal(signal.SIGTERM, terminate)
        try:
            with complaints():
                return command(*args, **kwargs)
        finally:
            signal.signal(signal.SIGTERM, before)

    return wrapped  # type: ignore[return-value]  # wraps keeps the signature that click reads


@contextlib.contextmanager
def complaints() -> Iterator[None]:
    """Inside, an error that is not the program's own ends it with a message and an exit code."""
    try:
        yield
    except Faults as faults:
        _end(2, faults.report())
    except CannotRun as stopped:
        # The notes say where it happened, and what is kept.
        _end(1, "\n".join([str(stopped), *getattr(stopped, "__notes__", ())]))
    except RunFailed as failed:
        _end(1, str(failed))
    except BrokenPipeError:
        raise  # whoever read us has seen enough, such as `head`: click ends without a word
    except OSError as error:
        # A folder that cannot be written, a full disk: the place and what is wrong with it.
        _end(1, said_of(error))
    except MemoryError as error:
        _end(1, " ".join([NO_MEMORY, *getattr(error, "__notes__", ())]))
    except ImportError as error:
        # What the dynamic linker says when a library does not fit into the memory allowed.
        if not re.search("Cannot allocate memory|failed to map segment", str(error)):
            _end_by_own_fault(error)
        _end(1, NO_MEMORY)
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        _end_by_own_fault(error)
    except KeyboardInterrupt as stopped:
        message = str(stopped) or "Interrupted. Nothing was kept."
        _end(143 if isinstance(stopped, Terminated) else 130, message)


def said_of(error: OSError) -> str:
    """An error of the disk as one line: what it is about, and what is wrong."""
    try:
        Path.cwd()
    except OSError:
        return "The current folder is not there any more: change to another one."
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}."


def _end_by_own_fault(error: Exception) -> NoReturn:
    from cjsim.cli import internal

    message = internal.told(error)
    _end(internal.EXIT_CODE, message)


def _end(code: int, message: str) -> NoReturn:
    with contextlib.suppress(OSError):  # nobody may be reading
        click.echo(message, err=True)
    sys.exit(code)


def replaces(command: Command) -> Command:
    """Give a command the option --force: it replaces files that are in the way of its own.

    Without it whoever sits at the terminal is asked, and where nobody does it is refused.
    """

    @wraps(command)
    def wrapped(*args: Any, force: bool, **kwargs: Any) -> Any:
        from cjsim.storage.outputs import replacing

        def ask(paths: Sequence[Path]) -> bool:
            if force or sys.stdin is None or not sys.stdin.isatty():
                return force
            names = ", ".join(map(str, paths))
            return click.confirm(f"Replace what cjsim did not write: {names}?", err=True)

        with replacing(ask):
            return command(*args, **kwargs)

    text = "Replace files that cjsim did not write, without asking."
    return cast("Command", click.option("--force", is_flag=True, help=text)(wrapped))


def note(message: str) -> None:
    """Something that the reader of the results should know, on stderr if anybody reads it."""
    with contextlib.suppress(OSError):
        click.echo(f"Note: {message}", err=True)
