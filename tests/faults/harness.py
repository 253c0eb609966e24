"""One call to the system fails, in the manner of SQLite: the n-th of its kind, and no other.

A command runs in a copy of this process, so that nothing is imported twice, and whatever it forks
counts its calls on the same counter. Worker processes are forked as well here, where cjsim starts
them from a server, so that their calls are counted too.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import importlib
import io
import mmap
import multiprocessing
import os
import pkgutil
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import cjsim
from cjsim.cli.main import main
from cjsim.experiment.executors import processes
from cjsim.storage import disk

KINDS: Final = {
    "create": errno.ENOSPC,
    "write": errno.ENOSPC,
    "fsync": errno.EIO,
    "rename": errno.EACCES,
    "mkdir": errno.ENOSPC,
    "open": errno.EACCES,
    "unlink": errno.EACCES,
    "rmdir": errno.EACCES,
    "fork": errno.EAGAIN,
    "link": errno.EPERM,
}
"""What can fail, and what the system then answers."""

CLEANING: Final = ("unlink", "rmdir", "open")
"""Where these fail, something may stay behind until the next command."""

ONCE: Final = ("new",)
"""Commands that refuse to do again what is done."""

SECONDS: Final = 300


def import_everything() -> None:
    """Import all of cjsim, so that no copy of this process has to."""
    for module in pkgutil.walk_packages(cjsim.__path__, "cjsim."):
        importlib.import_module(module.name)


class Counter:
    """How many calls there have been, in all processes together."""

    def __init__(self, fails_at: int) -> None:
        self.fails_at = fails_at
        self._count = mmap.mmap(-1, 8)
        self._lock = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process is

    @property
    def count(self) -> int:
        """The calls so far."""
        return int(struct.unpack("<q", self._count[:8])[0])

    def fails_now(self) -> bool:
        """Count a call; whether it is the one that fails."""
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        now = self.count + 1
        self._count[:8] = struct.pack("<q", now)
        fcntl.lockf(self._lock, fcntl.LOCK_UN)
        return now == self.fails_at


@dataclass(frozen=True)
class Outcome:
    """What came of a command: its exit code (of a signal, less than 0), and what it said."""

    code: int
    out: str
    err: str
    calls: int


def run(arguments: Sequence[str], folder: Path, kind: str = "", fails_at: int = 0) -> Outcome:
    """`cjsim` with these arguments in a folder; the n-th call of a kind fails, if one is named."""
    import_everything()
    counter = Counter(fails_at)
    files = [folder.parent / f"{folder.name}.{name}" for name in ("out", "err")]
    child = os.fork()
    if not child:
        code = 99
        try:
            os.setsid()
            for number, file in enumerate(files, start=1):
                handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(handle, number)
            code = _in_the_copy(arguments, folder, kind, counter)
        except BaseException:  # the copy must not go on as a test
            with contextlib.suppress(BaseException):
                os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(code)
    code = _waited_for(child)
    out, err = (file.read_text(encoding="utf-8") for file in files)
    return Outcome(code, out, err, counter.count)


def _waited_for(child: int) -> int:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGALRM


def _in_the_copy(arguments: Sequence[str], folder: Path, kind: str, counter: Counter) -> int:
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - nobody sits at a terminal
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), "utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), "utf-8", write_through=True)
    os.chdir(folder)
    scratch = folder.parent / f"{folder.name}.tmp"
    scratch.mkdir(exist_ok=True)
    tempfile.tempdir = str(scratch)
    processes._context = lambda: multiprocessing.get_context("fork")
    if kind:
        _break(kind, counter)
    try:
        main(list(arguments), prog_name="cjsim")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _break(kind: str, counter: Counter) -> None:
    code = KINDS[kind]

    def failing(call: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*arguments: Any, **named: Any) -> Any:
            if counter.fails_now():
                first = arguments[0] if arguments else None
                name = os.fspath(first) if isinstance(first, str | os.PathLike) else None
                raise OSError(code, os.strerror(code), *([name] if name else []))
            return call(*arguments, **named)

        return instead

    class Raw(io.FileIO):
        """A file whose writes can fail."""

        def write(self, content: Any, /) -> int:
            if counter.fails_now():
                raise OSError(code, os.strerror(code))
            return super().write(content)

    def create(path: Path) -> BinaryIO:
        return cast("BinaryIO", io.BufferedWriter(Raw(path, "wb")))

    if kind == "create":
        disk.create = failing(disk.create)
    elif kind == "write":
        disk.create = create
    else:
        names = {"rename": ["replace", "rename"], "unlink": ["unlink", "remove"]}.get(kind, [kind])
        for name in names:
            setattr(os, name, failing(getattr(os, name)))


def tree(folder: Path) -> dict[str, str]:
    """The files of a folder by their path, with the hash of each."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() or path.is_symlink()
    }


@dataclass(frozen=True)
class Swept:
    """What a sweep found: how many calls were made to fail, and what was wrong after which."""

    failed: int
    findings: tuple[str, ...]


def sweep(
    arguments: Sequence[str], study: Path, room: Path, kind: str, which: Iterator[int]
) -> Swept:
    """Fail one call of a kind after the other; `which` are the numbers of the calls to fail.

    `study` is the folder that the command works on, `room` where copies of it are made.
    """
    done = _copy(study, room / "whole")
    whole = run(arguments, done)
    assert whole.code == 0, whole.err
    before, after = tree(study), tree(done)
    failed, findings = 0, []
    for number in which:
        place = _copy(study, room / f"{kind}{number}")
        outcome = run(arguments, place, kind, number)
        if outcome.calls < number:
            _remove(place)
            break
        failed += 1
        findings += [
            f"{' '.join(arguments[:1])}, {kind} {number} of {outcome.calls}: {wrong}"
            for wrong in _wrong(arguments, place, outcome, kind, before, after)
        ]
        _remove(place)
    _remove(done)
    return Swept(failed, tuple(findings))


def _copy(study: Path, place: Path) -> Path:
    return Path(shutil.copytree(study, place, symlinks=True))


def _remove(place: Path) -> None:
    for path in place.parent.glob(f"{place.name}*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _wrong(
    arguments: Sequence[str],
    place: Path,
    outcome: Outcome,
    kind: str,
    before: dict[str, str],
    after: dict[str, str],
) -> Iterator[str]:
    """What is not as it should be after a failure, and after the same command again."""
    left = tree(place)
    yield from _wrong_with_words(outcome, kind)
    if outcome.code == 0 and kind not in CLEANING and left != after:
        yield f"it says nothing and differs in {_differs(left, after)}"
    for name, content in before.items():
        if left.get(name) not in (content, after.get(name)):
            yield f"{name} is {'changed' if name in left else 'gone'}"
    if kind not in CLEANING:
        for name in left.keys() - before.keys() - after.keys():
            if ".unfinished/" not in name or ".partial" in name:
                yield f"{name} is left"
        scratch = place.parent / f"{place.name}.tmp"
        if scratch.is_dir() and any(scratch.iterdir()):
            yield f"{sorted(path.name for path in scratch.iterdir())} is left of scratch"
    kept = any(".unfinished/plan.json" in name for name in left)
    if outcome.code == 0 and arguments[0] in ONCE:
        return
    again = run([*arguments, *(["--resume"] if kept else [])], place)
    if again.code != 0:
        yield f"again it ends with {again.code}: {again.err[-400:]!r}"
    elif differs := _differs(tree(place), after):
        # A lock that nobody holds is taken over by whoever writes there next.
        differs = [name for name in differs if kind not in CLEANING or not name.endswith(".lock")]
        if differs:
            yield f"again it differs in {differs}"


def _wrong_with_words(outcome: Outcome, kind: str) -> Iterator[str]:
    """What is wrong with the exit code and the message: one line that says what failed."""
    reason = os.strerror(KINDS[kind])
    said = [
        line
        for line in outcome.err.splitlines()
        if not line.startswith("Note: ") and "replications done" not in line
    ]
    if outcome.code not in (0, 1):
        yield f"exit code {outcome.code}: {outcome.err[-300:]!r}"
    elif "Traceback" in outcome.err:
        yield f"a traceback: {outcome.err[-400:]!r}"
    elif outcome.code == 1 and (len(said) != 1 or len(said[0].split(reason)[0]) < 4):
        yield f"the message is not one line that names something: {outcome.err!r}"
    elif outcome.code == 1 and reason not in outcome.err:
        yield f"the message does not say what failed: {outcome.err!r}"


def _differs(here: dict[str, str], there: dict[str, str]) -> list[str]:
    return sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
