"""One writer at a time: a lock that goes with its process, however that ends."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from cjsim.experiment.crews.executor import RunFailed

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def locked(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; the system frees it when the process dies.

    `doing` says what it is held for. Raises RunFailed, naming the process, when another holds it.
    """
    handle = _open(path, doing)
    try:
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        # Removed while it is still held: who opened it meanwhile finds that it has no name left.
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


def _open(path: Path, doing: str) -> int:
    """The lock file, held; opened again if its last holder removed it while we were taking it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(handle)
            if _has_its_name(handle, path):
                return handle
        except (BlockingIOError, PermissionError):
            holder = _holder(handle)
            os.close(handle)
            raise RunFailed(
                f"{holder} is {doing}. Wait until it is done, or stop it; two at once would undo "
                "each other's work."
            ) from None
        except BaseException:
            os.close(handle)
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
        if said := os.read(handle, 200).decode():
            return f"Another cjsim ({said})"
    return "Another cjsim"
