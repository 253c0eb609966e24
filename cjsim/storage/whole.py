"""Files and folders that are whole or not there, inside a folder of cjsim's own.

What is written for the user, into a folder that may hold other things, goes through
`cjsim.storage.outputs`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from cjsim.storage import disk
from cjsim.storage.temporary import partial_in


@contextlib.contextmanager
def whole_file(path: Path, before: Callable[[Path], None] | None = None) -> Iterator[BinaryIO]:
    """A file to write; it takes the place of `path` in one step when the block ends well.

    A link stays, and what it leads to is replaced. `before` is called with the finished file just
    before it gets its name. Raises OSError, which names `path`: IsADirectoryError for a folder.
    """
    final = Path(os.path.realpath(path))
    if final.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    partial = partial_in(final.parent)
    with disk.naming(path, partial, final):
        try:
            with disk.create(partial) as file:
                yield file
                disk.sync(file)
            disk.copy_mode(final, partial)
            if before is not None:
                before(partial)
            disk.replace(partial, final)
            disk.sync_folder(final.parent)
        finally:
            disk.tidy(partial)


def write_bytes(content: bytes, path: Path) -> None:
    """Bytes, in one step. Raises OSError."""
    with whole_file(path) as file:
        file.write(content)


def write_text(text: str, path: Path) -> None:
    """Text as UTF-8, its lines ended as they are, in one step. Raises OSError."""
    write_bytes(text.encode("utf-8"), path)


def write_json(content: object, path: Path) -> None:
    """Indented JSON, in one step. Raises OSError."""
    write_bytes(json_bytes(content), path)


def json_bytes(content: object) -> bytes:
    """Indented JSON as UTF-8. Raises ValueError for a number that is none."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


@contextlib.contextmanager
def folder_in_the_making(beside: Path) -> Iterator[Path]:
    """An empty folder in the folder `beside`; gone in the end if nobody gave it another name.

    Raises OSError.
    """
    partial = partial_in(beside)
    try:
        disk.make_folder(partial, exist_ok=False)
        yield partial
    finally:
        disk.tidy(partial)
