"""Names of what is not finished yet, and the removal of what a killed process left of it.

The name of an unfinished file or folder says which process on which machine is making it. When that
process is gone, the next one that works in the same place removes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import stat
import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

from cjsim.storage import disk

_NUMBERS = count()
_PARTIAL: Final = re.compile(r"\.cjsim-([0-9a-f]{8})-(\d+)-\d+\.partial")
_SCRATCH: Final = re.compile(r"cjsim-([0-9a-f]{8})-(\d+)-\w+")
_swept: set[str] = set()


@cache
def machine() -> str:
    """A short word for this machine, or for the container whose processes this one can see."""
    seen = ""
    with contextlib.suppress(OSError):
        seen = str(Path("/proc/self/ns/pid").stat().st_ino)
    return hashlib.sha256(f"{platform.node()} {seen}".encode()).hexdigest()[:8]


def partial_in(folder: Path) -> Path:
    """A name in a folder for what this process is making."""
    return folder / f".cjsim-{machine()}-{os.getpid()}-{next(_NUMBERS)}.partial"


def is_alive(process: int) -> bool:
    """Whether a process of this machine is there; True where that cannot be told."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def sweep_partials(folder: Path) -> None:
    """Remove what killed processes of this machine left unfinished in a folder."""
    _sweep(folder, _PARTIAL)


def _sweep(folder: Path, pattern: re.Pattern[str]) -> None:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            name = pattern.fullmatch(entry.name)
            if name and name[1] == machine() and not is_alive(int(name[2])) and _is_mine(entry):
                disk.tidy(Path(entry.path))


def _is_mine(entry: os.DirEntry[str]) -> bool:
    with contextlib.suppress(OSError):
        there = entry.stat(follow_symlinks=False)
        own = not hasattr(os, "getuid") or there.st_uid == os.getuid()
        return own and not stat.S_ISLNK(there.st_mode)
    return False


def leave_note(text: str) -> Path:
    """Write a text to a file of its own in the system's folder for such, where it stays.

    Only this user can read it. Raises OSError.
    """
    handle, name = tempfile.mkstemp(prefix="cjsim-fault-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(name)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for what is needed for a while, in the system's folder for such; gone in the end.

    An OSError names it. The first one of a process removes those of killed processes.
    """
    above = tempfile.gettempdir()
    if above not in _swept:
        _swept.add(above)
        _sweep(Path(above), _SCRATCH)
    folder = Path(tempfile.mkdtemp(prefix=f"cjsim-{machine()}-{os.getpid()}-", dir=above))
    try:
        yield folder
    finally:
        disk.tidy(folder)
