"""One writer at a time: a lock that goes with its process, however that ends.

Where the file system has no such locks, as some that are shared over a network, a file that says
who holds it has to do. It outlives a process that is killed; on the same machine that is noticed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from cjsim.errors import RunFailed
from cjsim.storage import disk
from cjsim.storage.temporary import is_alive, machine

_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL)
"""What a file system answers that has no locks."""

if sys.platform == "win32":
    import msvcrt

    _FAR: Final = 1 << 30
    """A byte that nobody writes: one that is locked cannot be read, and the holder stands first."""

    def _take(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def locked(path: Path, doing: str, say: Callable[[str], None] = warnings.warn) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; the system frees it when the process dies.

    `doing` says what it is held for; `say` is told where the file system has no locks. Raises
    RunFailed, naming the process, when another holds it, and OSError.
    """
    try:
        handle = _open(path, doing)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        with _held_by_name(path, doing, say):
            yield
        return
    try:
        os.ftruncate(handle, 0)
        os.write(handle, _myself().encode())
        yield
    finally:
        # Removed while it is still held: who opened it meanwhile finds that it has no name left.
        with contextlib.suppress(OSError):
            disk.remove(path)
        os.close(handle)
        if os.name != "posix":  # there a file that is open keeps its name
            with contextlib.suppress(OSError):
                disk.remove(path)


def _open(path: Path, doing: str) -> int:
    """The lock file, held; opened again if its last holder removed it while we were taking it."""
    while True:
        with disk.naming(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(handle)
            if _has_its_name(handle, path):
                return handle
        except (BlockingIOError, PermissionError):
            holder = _holder(handle)
            os.close(handle)
            raise _held(holder, doing) from None
        except BaseException:
            os.close(handle)
            with contextlib.suppress(OSError):
                disk.remove(path)
            raise
        os.close(handle)


def _has_its_name(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _holder(handle: int) -> str:
    """Who holds it, as they wrote it down."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return os.read(handle, 200).decode()
    return ""


def _myself() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _held(holder: str, doing: str, more: str = "") -> RunFailed:
    who = f"Another cjsim ({holder})" if holder else "Another cjsim"
    return RunFailed(
        f"{who} is {doing}. Wait until it is done, or stop it; two at once would undo each other's "
        f"work.{more}"
    )


# --- where the file system has no locks --------------------------------------------------------


@contextlib.contextmanager
def _held_by_name(path: Path, doing: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock by a file that is there or not. Raises RunFailed when another holds it."""
    path = path.with_name(f"{path.name}ed")
    mine = f"{_myself()}\n{machine()} {os.getpid()}\n"
    while True:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            break
        except FileExistsError:
            holder, alive = _noted(path)
            if alive:
                more = f" If no cjsim is running there any more, delete {path}."
                raise _held(holder, doing, more) from None
            disk.remove(path)
    try:
        try:
            os.write(handle, mine.encode())
        finally:
            os.close(handle)
        say(f"The file system of {path.parent} has no locks: the file {path.name} stands for one.")
        yield
    finally:
        with contextlib.suppress(OSError):
            disk.remove(path)


def _noted(path: Path) -> tuple[str, bool]:
    """Who a lock file says holds it, and whether that process may still be there."""
    try:
        holder, seen = path.read_text(encoding="utf-8").splitlines()[:2]
        where, process = seen.split()
        return holder, where != machine() or is_alive(int(process))
    except FileNotFoundError:
        return "", False
    except (OSError, ValueError):
        return "", True
