"""Shared by all commands: error reporting, examples in the help, common options."""

from __future__ import annotations

import _thread
import contextlib
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Final, NoReturn, TypeVar, cast

import click

from cjsim.errors import CannotRun, Faults, RunFailed
from cjsim.storage.paths import refuse_as_output_folder, typed_path

Command = TypeVar("Command", bound=Callable[..., object])


class TypedPath(click.Path):
    """A path as typed: a leading `~` is the home folder, and an empty path is refused."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path. A path that is not valid ends the command with a usage error."""
        try:
            return value if isinstance(value, Path) else typed_path(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


FILE = TypedPath(path_type=Path)
NO_MEMORY: Final = "Out of memory."
COUNT = click.IntRange(min=1)
REPLICATIONS = click.IntRange(1, 10_000)
YEARS = click.IntRange(1, 50)
AREA = click.option("--area", help="Use only this area (for runs with several areas).")
WORKERS = click.option(
    "--workers", type=COUNT, help="Number of worker processes (default: one for each processor)."
)
ALLOW_CHANGED = click.option(
    "--allow-changed", is_flag=True, help="Accept files that were changed after the run."
)
RESULTS = click.option(
    "--out", type=FILE, default=Path("results"), show_default=True, help="Output directory."
)
FRESH = click.option("--fresh", is_flag=True, help="Ignore earlier results and run again.")


def choose_engine(_: click.Context, __: click.Parameter, engine: str | None) -> None:
    """Let the processes of this command run on an engine; say so where it is not the native one."""
    from cjsim.des.engine import ENGINE_VARIABLE, NOT_COMPILED, native_module, wanted

    if engine is not None:
        os.environ[ENGINE_VARIABLE] = engine
    with reported_errors():
        if wanted() == "native" and native_module() is None:
            raise CannotRun(f"--engine native: {NOT_COMPILED}")
        if wanted() is None and native_module() is None:
            click.echo(f"Engine: python, as {NOT_COMPILED}. The results are the same.", err=True)


ENGINE = click.option(
    "--engine",
    type=click.Choice(["python", "native"]),
    callback=choose_engine,
    expose_value=False,
    help="Run on Python alone or on the compiled engine, which is faster and gives the same "
    "results (default: native where it is built).",
)
_RUN_OPTIONS = (
    ENGINE,
    WORKERS,
    RESULTS,
    FRESH,
    click.option("--resume", is_flag=True, help="Resume an interrupted run."),
    click.option(
        "--time-limit",
        type=click.FloatRange(min=0, min_open=True),
        metavar="MINUTES",
        help="Stop after this time; --resume continues the run.",
    ),
    click.option(
        "--budget", type=COUNT, metavar="CASES", help="Maximum number of cases to simulate."
    ),
    click.option(
        "--dry-run", is_flag=True, help="Estimate time, memory and disk space without running."
    ),
)


def run_options(command: Command) -> Command:
    """Decorator: add the options of a long run (workers, output directory, limits)."""

    @wraps(command)
    def checked(*args: object, **kwargs: object) -> object:
        if kwargs["fresh"] and kwargs["resume"]:
            raise click.UsageError(
                "--fresh deletes the results that --resume needs: give only one of them."
            )
        with reported_errors():
            refuse_as_output_folder(cast("Path", kwargs["out"]))
        return command(*args, **kwargs)

    decorated: Callable[..., object] = checked
    for option in reversed(_RUN_OPTIONS):
        decorated = option(decorated)
    return cast("Command", decorated)


def examples(*lines: str) -> str:
    """Return the end of a command's help: one example on each line."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def interrupt_again(ignored: sys.UnraisableHookArgs) -> None:
    """Send Ctrl-C or SIGTERM again when it arrived inside a callback, where Python ignores it.

    SIGTERM is sent as SIGTERM, because a process may ignore Ctrl-C and not SIGTERM.
    """
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        number = signal.SIGTERM if issubclass(ignored.exc_type, Terminated) else signal.SIGINT
        threading.Timer(0.05, _thread.interrupt_main, (number,)).start()
    else:
        sys.__unraisablehook__(ignored)


class Terminated(KeyboardInterrupt):
    """The process received SIGTERM, from a scheduler or a shutdown."""


def terminate(*_: object) -> None:
    """Handle SIGTERM like Ctrl-C, with another exit code."""
    raise Terminated


def reports_errors(command: Command) -> Command:
    """Decorator: turn the user's errors into a message and an exit code (Ctrl-C 130, SIGTERM 143).

    Any other exception is an internal error: a message, a report in a file, exit code 70.
    """

    @wraps(command)
    def wrapped(*args: object, **kwargs: object) -> object:
        sys.unraisablehook = interrupt_again
        previous_handler = signal.signal(signal.SIGTERM, terminate)
        try:
            with reported_errors():
                return command(*args, **kwargs)
        finally:
            signal.signal(signal.SIGTERM, previous_handler)

    return wrapped  # type: ignore[return-value]  # wraps keeps the signature that click reads


@contextlib.contextmanager
def reported_errors() -> Iterator[None]:
    """Context: an error that the user can correct ends the command with a message and a code."""
    try:
        yield
    except Faults as faults:
        _end(2, faults.report())
    except CannotRun as stopped:
        # The notes say where it happened and which results were saved.
        _end(1, "\n".join([str(stopped), *getattr(stopped, "__notes__", ())]))
    except RunFailed as failed:
        _end(1, str(failed))
    except BrokenPipeError:
        raise  # the reader, such as `head`, closed the pipe: click exits silently
    except OSError as error:
        # A read-only folder or a full disk: name the path and the error.
        _end(1, describe_os_error(error))
    except MemoryError as error:
        _end(1, " ".join([NO_MEMORY, *getattr(error, "__notes__", ())]))
    except ImportError as error:
        # The dynamic linker raises this when a library does not fit into memory.
        if not re.search("Cannot allocate memory|failed to map segment", str(error)):
            _end_with_internal_error(error)
        _end(1, NO_MEMORY)
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        _end_with_internal_error(error)
    except KeyboardInterrupt as stopped:
        message = str(stopped) or "Interrupted. No results were saved."
        _end(143 if isinstance(stopped, Terminated) else 130, message)


def describe_os_error(error: OSError) -> str:
    """Return one line for an error of the disk: the path and the reason."""
    try:
        Path.cwd()
    except OSError:
        return "The current folder no longer exists: change to another one."
    path = f"{error.filename}: " if error.filename else ""
    return f"{path}{error.strerror or error}."


def _end_with_internal_error(error: Exception) -> NoReturn:
    from cjsim.cli import internal

    _end(internal.EXIT_CODE, internal.internal_error_message(error))


def _end(code: int, message: str) -> NoReturn:
    with contextlib.suppress(OSError):  # stderr may be closed
        click.echo(message, err=True)
    sys.exit(code)


def force_option(command: Command) -> Command:
    """Decorator: add the option --force, which replaces files that cjsim did not write.

    Without --force the command asks for confirmation at a terminal, and refuses elsewhere.
    """

    @wraps(command)
    def wrapped(*args: object, force: bool, **kwargs: object) -> object:
        from cjsim.storage.outputs import replacing

        def may_replace(paths: Sequence[Path]) -> bool:
            if force or sys.stdin is None or not sys.stdin.isatty():
                return force
            names = ", ".join(map(str, paths))
            return click.confirm(f"Replace files that cjsim did not write: {names}?", err=True)

        with replacing(may_replace):
            return command(*args, **kwargs)

    text = "Replace files that cjsim did not write, without confirmation."
    return cast("Command", click.option("--force", is_flag=True, help=text)(wrapped))


def print_note(message: str) -> None:
    """Print a note for the reader of the results on stderr."""
    with contextlib.suppress(OSError):
        click.echo(f"Note: {message}", err=True)
