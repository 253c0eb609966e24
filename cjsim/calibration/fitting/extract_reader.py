"""Read a case-level extract: check every row, name every error by line, measure every length.

The file may come from a stranger: it is read in bounded time and memory. No cell is repeated in a
message or an output, because a row is about a person.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from cjsim.calibration.fitting.extract_layout import (
    COLUMNS,
    ColumnsFile,
    Kind,
    Layout,
    Length,
    Unit,
    layout_of,
)
from cjsim.errors import Fault, Faults
from cjsim.jurisdiction import vocabulary
from cjsim.schema.files import shown_path

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from numpy.typing import NDArray

    Ordinals = NDArray[np.int64]

LARGEST_BYTES: Final = 200_000_000
LONGEST_LINE: Final = 100_000
LONGEST_CELL: Final = 1_000
MOST_ROWS: Final = 1_000_000


class TooLarge(Exception):
    """The file is larger than allowed."""


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
        # Checked before it is opened: opening a pipe would wait for its writer.
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


FARTHEST_YEARS: Final = 5
FARTHEST_SPANS: Final = 3
LONGEST_GAP_DAYS: Final = 31
_FEWEST_DAYS: Final = 20
"""The fewest days for a check of outliers."""


def believable(days: Ordinals) -> tuple[int, int]:
    """The first and the last plausible day in an extract with these days.

    A day is far from the bulk when it lies outside the middle nine tenths of all days by more than
    five years and by more than three times what these nine tenths span. With fewer than 20 days
    every day is believable.
    """
    if len(days) < _FEWEST_DAYS:
        return dt.date.min.toordinal(), dt.date.max.toordinal()
    low, high = (int(day) for day in np.quantile(days, [0.05, 0.95], method="nearest"))
    margin = max(round(365.25 * FARTHEST_YEARS), FARTHEST_SPANS * (high - low))
    return max(low - margin, 1), min(high + margin, dt.date.max.toordinal())


def settled_day(last_days: Ordinals, count: int) -> dt.date:
    """The default day on which open cases are open.

    It is the last of all days, unless fewer than `count` rows have a day in the 31 days before it.
    Then it is the last day on or after which `count` rows have one, so that no single case decides
    how long the others were open. With fewer rows, it is the first of their days. `last_days` holds
    the last day of each row.
    """
    ordered = np.sort(last_days)
    reached = int(ordered[-min(count, len(ordered))])
    last = int(ordered[-1])
    return dt.date.fromordinal(last if last - reached <= LONGEST_GAP_DAYS else reached)


Cell = dt.datetime | float | str | None

EARLIEST: Final = dt.datetime(1950, 1, 1)
LONGEST_TRIAL_DAYS: Final = 500

_NOTHING: Final = frozenset({"", "na", "n/a", "nan", "nat", "none", "null"})
"""Empty cells as written by spreadsheets, databases, pandas and R."""

_ISO: Final = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[ T](?P<time>\d{2}:\d{2})(?::(?P<seconds>\d{2})(?:[.,]\d{1,9})?)?)?"
    r"(?P<zone> ?Z| ?[+-]\d{2}(?::?\d{2})?)?"
)
_WHOLE: Final = re.compile(r"(\d{1,4})(?:\.0+)?")


def cell_of(name: str, kind: Kind, value: str, date_format: str | None = None) -> Cell:
    """The value of a cell; None for an empty one.

    Raises ValueError with the problem and its fix. Neither repeats the cell.
    """
    value = value.strip()
    if kind == "word":
        return None
    if kind == "group":
        if value not in vocabulary().offence_groups:
            raise ValueError("this is no offence group.", f"Write {COLUMNS[name]}.")
        return value
    if value.lower() in _NOTHING:
        return None
    if kind == "days":
        number = _WHOLE.fullmatch(value) if value.isascii() else None
        if number is None or not 1 <= int(number[1]) <= LONGEST_TRIAL_DAYS:
            raise ValueError("this is no number of days.", "Write a whole number from 1 on.")
        return float(number[1])
    moment, has_time = _moment(value, date_format)
    if kind == "time" and not has_time:
        raise ValueError("this is a day without a time.", "Write 2013-10-01 14:30.")
    return moment


@lru_cache(maxsize=200_000)
def _moment(value: str, date_format: str | None) -> tuple[dt.datetime, bool]:
    """A day, or a day and time to the second, and whether a time is given. Raises ValueError."""
    moment = None
    has_time = False
    iso = _ISO.fullmatch(value) if value.isascii() else None
    if date_format is not None:
        moment, has_time = _in_format(value, date_format)
    if moment is None and iso is not None:
        if iso["zone"]:
            remedy = "Write the local time without it, as 2013-10-01 14:30."
            raise ValueError("this time names its zone.", remedy)
        try:
            moment = dt.datetime.fromisoformat(
                f"{iso['day']} {iso['time'] or '00:00'}:{iso['seconds'] or '00'}"
            )
        except ValueError:
            moment = None
        has_time = iso["time"] is not None
    if moment is None:
        also = "" if date_format else " Or say how days are written with --date-format."
        raise ValueError("this is no day.", f"Write 2013-10-01, or 2013-10-01 14:30.{also}")
    if moment < EARLIEST:
        raise ValueError(f"this lies before {EARLIEST.year}.", "Correct the year.")
    return moment, has_time


def _in_format(value: str, date_format: str) -> tuple[dt.datetime | None, bool]:
    try:
        moment = dt.datetime.strptime(value, date_format)  # noqa: DTZ007 - one clock, local time
    except ValueError:
        return None, False
    has_time = any(part in date_format for part in ("%H", "%I", "%X", "%T", "%R"))
    return moment.replace(tzinfo=None, microsecond=0), has_time


_LINES_SHOWN: Final = 40
_LAST_MINUTE: Final = dt.time(23, 59)
_UNREADABLE: Final = ""
"""A cell with a reported fault: it is neither a day nor empty."""


@dataclass(frozen=True)
class Spell:
    """One length of one case, in its unit: complete, or still open after `length`.

    `begins` is when it began, if the extract has it.
    """

    length: float
    complete: bool
    group: str
    begins: dt.datetime | None = field(default=None, compare=False)


@dataclass
class Extract:
    """The content of an extract: spells by length, and the rows read and left out.

    `as_of` is the end of the day on which open cases are open; `last_days` holds the last day of
    each row, as ordinals.
    """

    file: str
    as_of: dt.datetime
    last_days: Ordinals
    lengths: tuple[Length, ...] = ()
    rows: int = 0
    left_out: int = 0
    spells: dict[str, list[Spell]] = field(default_factory=dict)

    def settled_day(self, count: int) -> dt.date:
        """The default day of the extract, which no single case decides."""
        return settled_day(self.last_days, count) if len(self.last_days) else self.as_of.date()

    def until(self, day: dt.date) -> Extract:
        """The extract as of the end of an earlier day."""
        end = dt.datetime.combine(day, _LAST_MINUTE)
        units = {length.name: length.unit for length in self.lengths}
        spells = {
            name: [cut for each in spells if (cut := _cut_off(each, end, units[name])) is not None]
            for name, spells in self.spells.items()
        }
        return replace(self, as_of=end, spells=spells)


@dataclass
class _Slips:
    """Faults of rows, grouped by problem, with all lines of each."""

    lines: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)

    def add(self, line: int, column: str, wrong: str, remedy: str) -> None:
        lines = self.lines.setdefault((column, wrong, remedy), [])
        if not lines or lines[-1] != line:
            lines.append(line)

    def faults(self, file: str) -> list[Fault]:
        return [
            Fault(file, f"{_lines_text(lines)}{', ' + column if column else ''}", wrong, remedy)
            for (column, wrong, remedy), lines in self.lines.items()
        ]

    def bad_lines(self) -> set[int]:
        return {line for lines in self.lines.values() for line in lines}


@dataclass(frozen=True)
class _Row:
    """The cells of a row in the order of the layout's names, and the line on which it ends."""

    line: int
    cells: tuple[Cell, ...]

    def last_day(self) -> int:
        """The ordinal of its last day; 0 for none."""
        return max(
            (cell.toordinal() for cell in self.cells if isinstance(cell, dt.datetime)), default=0
        )


def read_extract(
    path: Path,
    *,
    as_of: dt.date | None = None,
    leave_out_bad_rows: bool = False,
    columns: ColumnsFile | None = None,
    date_format: str | None = None,
    today: dt.date | None = None,
) -> tuple[Extract, list[Fault]]:
    """Read an extract; its content, and the faults of the rows that were left out.

    Open cases are open on `as_of`, by default the last believable day found in the extract. A day
    after `today` (the clock's) or after `as_of`, or far from the bulk of days, is a fault. Raises
    Faults with every fault of every line, unless bad rows are to be left out; faults of the file
    always.
    """
    shown = shown_path(path)
    lines = table_rows(path, "extract")
    layout = layout_of(next(lines, (1, [""]))[1], shown, columns, date_format)
    slips = _Slips()
    rows = [_Row(line, _cells(line, layout, values, slips)) for line, values in lines]
    if not rows:
        raise Faults([Fault(shown, "", "the extract holds no case.", "Write one row for each.")])
    _add_faults_of_days(rows, layout, as_of, today or dt.date.today(), slips)
    wrong_days = slips.bad_lines()
    moment = _as_of([row for row in rows if row.line not in wrong_days], as_of, shown)
    for row in rows:
        cells = dict(zip(layout.names, row.cells, strict=False))
        for column, wrong, remedy in _faults_of_row(cells, layout):
            slips.add(row.line, column, wrong, remedy)
    bad = slips.bad_lines()
    if bad and (not leave_out_bad_rows or len(bad) == len(rows)):
        raise Faults(slips.faults(shown))
    good = [row for row in rows if row.line not in bad]
    last_days = np.array([day for row in good if (day := row.last_day())], dtype=np.int64)
    extract = Extract(shown, moment, last_days, layout.lengths, len(rows), len(bad))
    for row in good:
        cells = dict(zip(layout.names, row.cells, strict=True))
        for name, spell in _spells(cells, layout.lengths, moment):
            extract.spells.setdefault(name, []).append(spell)
    return extract, slips.faults(shown)


# --- rows -------------------------------------------------------------------------------------


def _cells(line: int, layout: Layout, values: list[str], slips: _Slips) -> tuple[Cell, ...]:
    if len(values) != len(layout.names):
        wrong = "this line has more or fewer cells than the first."
        slips.add(line, "", wrong, "Give one for each column, empty ones too.")
        return ()
    cells: list[Cell] = []
    for name, value in zip(layout.names, values, strict=True):
        try:
            cells.append(
                cell_of(name, layout.kinds[name], value, layout.date_format) if name else None
            )
        except ValueError as slip:
            cells.append(_UNREADABLE)
            slips.add(line, name, *slip.args)
    return tuple(cells)


def _add_faults_of_days(
    rows: list[_Row], layout: Layout, as_of: dt.date | None, today: dt.date, slips: _Slips
) -> None:
    """Days that cannot be right: after today or the day of the extract, or far from the bulk."""
    days = np.array(
        [cell.toordinal() for row in rows for cell in row.cells if isinstance(cell, dt.datetime)],
        dtype=np.int64,
    )
    last = (as_of or today).toordinal()
    first_believable, last_believable = believable(days)
    whose = "the day of the extract" if as_of else "today"
    after = f"this lies after {whose}.", "Correct the year, or give a later --as-of."
    far = (
        f"this lies more than {FARTHEST_YEARS} years from most days of the extract.",
        "Correct the year, or leave the row out.",
    )
    for row in rows:
        for name, cell in zip(layout.names, row.cells, strict=False):
            if not isinstance(cell, dt.datetime):
                continue
            day = cell.toordinal()
            if day > last:
                slips.add(row.line, name, *after)
            # With a given day of the extract later days are intended.
            elif day < first_believable or (day > last_believable and not as_of):
                slips.add(row.line, name, *far)


def _as_of(rows: list[_Row], as_of: dt.date | None, shown: str) -> dt.datetime:
    """The end of the day on which open cases are open."""
    if as_of is not None and as_of < EARLIEST.date():
        wrong = f"--as-of lies before {EARLIEST.year}."
        raise Faults([Fault(shown, "", wrong, "Correct the year.")])
    if as_of is None:
        last = max((row.last_day() for row in rows), default=0)
        as_of = dt.date.fromordinal(last) if last else EARLIEST.date()
    return dt.datetime.combine(as_of, _LAST_MINUTE)


def _faults_of_row(cells: Mapping[str, Cell], layout: Layout) -> Iterator[tuple[str, str, str]]:
    """Faults between the cells of a row."""
    for length in layout.lengths:
        begins, ends = cells.get(length.begins), cells.get(length.ends)
        if length.is_counted:
            continue
        if ends is not None and begins is None and length.begins in cells:
            yield length.begins, f"this is empty, and {length.ends} is not.", _remedy(length)
        if isinstance(begins, dt.datetime) and isinstance(ends, dt.datetime) and ends < begins:
            yield length.ends, f"this lies before {length.begins}.", "Correct one of the two."
    ended = cells.get("ended")
    if isinstance(ended, dt.datetime):
        for name, value in cells.items():
            if isinstance(value, dt.datetime) and value.date() > ended.date():
                yield "ended", f"this lies before {name}.", "Correct one of the two."


def _remedy(length: Length) -> str:
    """The fix for a case with a later step but not the one before it."""
    return (
        f"Add the day. If the case ended in another way and never had one, leave {length.ends} "
        "empty too and put its last day into ended."
    )


# --- lengths ----------------------------------------------------------------------------------


def _spells(
    cells: Mapping[str, Cell], lengths: tuple[Length, ...], as_of: dt.datetime
) -> Iterator[tuple[str, Spell]]:
    """The lengths of one case. A missing end leaves it open until the day of the extract."""
    group = str(cells.get("offence_group") or "")
    for length in lengths:
        begins, ends = cells.get(length.begins), cells.get(length.ends)
        if length.is_counted:
            if isinstance(ends, float):
                yield length.name, Spell(ends, complete=True, group=group)
            continue
        if not isinstance(begins, dt.datetime):
            continue
        last = ends if isinstance(ends, dt.datetime) else _last_seen(cells, as_of)
        spell = Spell(_between(begins, last, length.unit), ends is not None, group, begins)
        yield length.name, spell


def _last_seen(cells: Mapping[str, Cell], as_of: dt.datetime) -> dt.datetime:
    """The time until which a missing step is known not to have happened."""
    ended = cells.get("ended")
    if not isinstance(ended, dt.datetime):
        return as_of
    return min(as_of, dt.datetime.combine(ended.date(), _LAST_MINUTE))


def _between(begins: dt.datetime, ends: dt.datetime, unit: Unit) -> float:
    if unit == "days":
        return float((ends.date() - begins.date()).days)
    return max((ends - begins).total_seconds() / 3600.0, 0.0)


def _cut_off(spell: Spell, end: dt.datetime, unit: Unit) -> Spell | None:
    """A spell as it stood at the end of a day; None for one that had not begun."""
    if spell.begins is None:
        return spell
    if spell.begins > end:
        return None
    seen = _between(spell.begins, end, unit)
    if spell.length <= seen:
        return spell
    return replace(spell, length=seen, complete=False)


def _lines_text(lines: list[int]) -> str:
    """Lines 4, 9-12 and 88 and so on: each, or as many as can be read."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    shown = [f"{a}" if a == b else f"{a}-{b}" for a, b in runs[:_LINES_SHOWN]]
    more = sum(b - a + 1 for a, b in runs[_LINES_SHOWN:])
    word = "line" if len(lines) == 1 else "lines"
    return f"{word} {', '.join(shown)}{f' and {more} more' if more else ''}"
