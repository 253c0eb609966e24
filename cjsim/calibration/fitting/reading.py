"""Reading the rows of a table that a stranger may have made: in bounded time and memory.

What is read is counted while it is read. A pipe or a device is refused before it is waited for.
"""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cjsim.errors import Fault, Faults
from cjsim.schema.files import shown_path

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST_BYTES: Final = 200_000_000
LONGEST_LINE: Final = 100_000
LONGEST_CELL: Final = 1_000
MOST_ROWS: Final = 1_000_000


class TooLarge(Exception):
    """More was read than a table may hold."""


class _Counted(io.RawIOBase):
    """A file that counts what is read from it, and raises TooLarge beyond a limit."""

    def __init__(self, file: io.FileIO, most: int) -> None:
        self._file = file
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer, /) -> int | None:
        count = self._file.readinto(into)
        self._left -= count or 0
        if self._left < 0:
            raise TooLarge
        return count


def table_rows(
    path: Path, what: str, *, largest_bytes: int = LARGEST_BYTES
) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that is not empty, with the number of the line on which it ends.

    The file is UTF-8, with or without a mark of its beginning; lines may end in any of the usual
    ways. Raises Faults, which call the file `what`, as soon as something cannot be read.
    """
    shown = shown_path(path)
    try:
        # Asked before it is opened: to open a pipe would be to wait for whoever writes to it.
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            wrong = "this is a pipe or a device, and no file."
            raise Faults([Fault(shown, "", wrong, f"Save the {what} to a file first.")])
        with io.FileIO(path) as file:
            counted = io.BufferedReader(_Counted(file, largest_bytes))
            text = io.TextIOWrapper(counted, encoding="utf-8-sig", newline="")
            yield from _rows(text, shown)
            return
    except FileNotFoundError:
        wrong, remedy = f"there is no such {what}.", "Check the path."
    except UnicodeDecodeError:
        wrong, remedy = "this is not a text file.", "Save it as CSV in UTF-8."
    except TooLarge:
        wrong = f"the file is larger than {largest_bytes // 1_000_000} MB."
        remedy = "Check that it is the right file, or take fewer cases."
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        wrong, remedy = f"the file cannot be read: {reason}.", "Check its name and rights."
    raise Faults([Fault(shown, "", wrong, remedy)])


def _rows(text: io.TextIOWrapper, shown: str) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(_lines(text, shown))
    count = 0
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            wrong = "this line cannot be read as cells."
            remedy = "Look for a quotation mark that is not closed."
            raise Faults([Fault(shown, f"line {rows.line_num}", wrong, remedy)]) from error
        if cells is None:
            return
        if any(len(cell) > LONGEST_CELL for cell in cells):
            wrong = f"a cell holds more than {LONGEST_CELL:,} characters."
            remedy = "Look for a quotation mark that is not closed, or take the column out."
            raise Faults([Fault(shown, f"line {rows.line_num}", wrong, remedy)])
        if any(cell.strip() for cell in cells):
            count += 1
            if count > MOST_ROWS:
                wrong = f"there are more than {MOST_ROWS:,} rows."
                raise Faults([Fault(shown, "", wrong, "Take fewer cases.")])
            yield rows.line_num, cells


def _lines(text: io.TextIOWrapper, shown: str) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if "\0" in line:
            wrong, remedy = "this line holds a character 0.", "Save the table as CSV in UTF-8."
            raise Faults([Fault(shown, f"line {number}", wrong, remedy)])
        if len(line) > LONGEST_LINE:
            wrong = f"this line is longer than {LONGEST_LINE:,} characters."
            remedy = "Check that it is the right file, and that its lines end."
            raise Faults([Fault(shown, f"line {number}", wrong, remedy)])
        yield line
