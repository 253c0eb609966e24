"""The calls to the operating system that create, replace or delete something.

Every other module of cjsim writes through these, so that what holds for one holds for all: a failed
call names the file that it is about, and nothing here is of one operating system alone.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, cast

_NO_SYNC: Final = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF)
"""What a file system answers that cannot sync a folder, such as some network shares."""


def open_standard_streams() -> None:
    """Open standard streams that the caller has closed, so that they lead nowhere.

    Else the first files that are opened would get their numbers, and what is printed.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
        if getattr(sys, name) is None:
            mode = "r" if number == 0 else "w"
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def create(path: Path) -> BinaryIO:
    """A new or emptied file, open for writing bytes. Raises OSError."""
    return cast("BinaryIO", path.open("wb"))


def sync(file: BinaryIO) -> None:
    """What was written to an open file, on the disk. Raises OSError."""
    file.flush()
    os.fsync(file.fileno())


def sync_file(path: Path) -> None:
    """A file that somebody else wrote, on the disk.

    It is opened for writing: Windows syncs no other handle.
    """
    with naming(path), path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """The names in a folder, on the disk; where folders cannot be synced nothing is done."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise OSError(error.errno, error.strerror, str(folder)) from error
    finally:
        os.close(handle)


def make_folder(folder: Path, *, parents: bool = True, exist_ok: bool = True) -> None:
    """A folder and, unless told otherwise, those above it. Raises OSError."""
    folder.mkdir(parents=parents, exist_ok=exist_ok)


def replace(source: Path, target: Path) -> None:
    """Give a file or folder another name, in one step. Raises OSError."""
    with naming(target, source):
        source.replace(target)


def share_folder(source: Path, target: Path) -> None:
    """Give the files of a folder, which never change, a place in another one as well.

    They are linked, and copied where the file system has no links. What is there already stays.
    Raises OSError.
    """
    make_folder(target)
    for path in sorted(source.iterdir()):
        if path.is_file() and not (target / path.name).exists():
            _share_file(path, target / path.name)


def _share_file(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        with naming(target), source.open("rb") as there, create(target) as file:
            shutil.copyfileobj(there, file)
            sync(file)


def remove(path: Path) -> None:
    """Remove a file that cjsim wrote; one that is gone already is no error. Raises OSError."""
    path.unlink(missing_ok=True)


def remove_empty(folder: Path) -> None:
    """Remove a folder if nothing is in it."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def remove_tree(folder: Path) -> None:
    """Remove a folder that cjsim made for itself, with all that is in it. Raises OSError."""
    shutil.rmtree(folder)


def tidy(path: Path) -> None:
    """Remove a file or folder that cjsim made for itself, as far as that can be done."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def copy_mode(source: Path, target: Path) -> None:
    """Give a file the permissions of another, where that one is there."""
    with contextlib.suppress(OSError):
        target.chmod(stat.S_IMODE(source.stat().st_mode))


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def naming(path: Path, *others: Path) -> Iterator[None]:
    """An OSError inside that names nothing, or one of the `others`, names `path`."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename not in (None, *map(str, others)):
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
