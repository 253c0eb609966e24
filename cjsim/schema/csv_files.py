"""Reading tables as people keep and save them: one reader for every CSV file that is an input.

Cells are set apart by commas, or by the semicolons or tabs that a spreadsheet writes where a comma
is the decimal mark. Every fault is told at once, each with its line.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.schema.files import csv_text, shown_path

LARGEST_CSV_BYTES: Final = 10_000_000
MOST_FAULTS: Final = 40
"""Faults of one table that are told; what is wrong in more lines is one slip, made everywhere."""

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DECIMAL_COMMA: Final = re.compile(r"-?\d+,\d+")
_THOUSANDS: Final = re.compile(r"-?[1-9]\d{0,2},\d{3}")


@dataclass(frozen=True)
class Row:
    """One row: the line of the file on which it begins, and its cells by column."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


@dataclass(frozen=True)
class Lines:
    """A table as it stands in the file: its text, its header, and its rows with their lines."""

    shown: str
    text: str
    header: tuple[str, ...]
    header_line: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    mark: str
    """What sets the cells apart."""


def read_lines(path: Path, what: str, columns: Collection[str], largest_bytes: int) -> Lines:
    """The rows of a table in the file's order, without those that are empty.

    `columns` are the names that its header may hold, by which the mark between cells is known.
    Raises Faults for what is no table at all.
    """
    shown = shown_path(path)
    text = csv_text(path, what, largest_bytes)
    first, mark = 1, ""
    head = text.split("\n", 1)[0]
    if head.lower().startswith("sep=") and len(head) == 5:  # a hint that spreadsheets read
        first, mark = 2, head[4]
    body = text.split("\n", 1)[1] if mark else text
    mark = mark or _mark_of(body, columns)
    reader = csv.reader(io.StringIO(body), delimiter=mark, strict=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    line = first
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, tuple(cells)))
            line = reader.line_num + first
    except csv.Error as error:
        raise Faults([Fault(shown, f"line {line}", *_broken(str(error)))]) from None
    if not rows:
        wrong = f"the {what} is empty."
        remedy = f"Its first line names the columns: {', '.join(columns)}."
        raise Faults([Fault(shown, "", wrong, remedy)])
    header = tuple(name.strip() for name in rows[0][1])
    while header and not header[-1]:  # columns that a spreadsheet adds at the end
        header = header[:-1]
    return Lines(shown, text, header, rows[0][0], tuple(rows[1:]), mark)


def _mark_of(text: str, columns: Collection[str]) -> str:
    """The mark by which the first line with anything in it holds most of the columns."""
    head = next((line for line in text.split("\n") if line.strip(' ,;\t"')), "")

    def held(mark: str) -> int:
        cells = next(csv.reader([head], delimiter=mark), [])
        return sum(cell.strip() in columns for cell in cells)

    return max((",", ";", "\t"), key=held)


def _broken(error: str) -> tuple[str, str]:
    if "field larger" in error or "unexpected end" in error:
        return (
            "a cell that begins here has no end.",
            'Close its quotation mark ("), or take it out.',
        )
    return f"this is no line of a table: {error}.", "A quotation mark inside a cell is doubled."


def read_table(
    path: Path,
    what: str,
    columns: Sequence[str],
    *,
    optional: Collection[str] = (),
    numbers: Collection[str] = (),
    largest_bytes: int = LARGEST_CSV_BYTES,
) -> tuple[Row, ...]:
    """Every row of a table that has these columns, in the file's order; others are let be.

    `optional` columns may be missing, and are then empty; in `numbers` a decimal comma is read
    where the cells are set apart by something else. Raises Faults, all at once.
    """
    lines = read_lines(path, what, columns, largest_bytes)
    faults = list(faults_of_header(lines))
    for name in columns:
        if name not in lines.header and name not in optional:
            others = [other for other in lines.header if other and other not in columns]
            near = did_you_mean(name, others) if others else ""
            remedy = near if near.startswith("Did") else "Add it to the first line and every row."
            wrong = f"the {what} has no such column."
            faults.append(Fault(lines.shown, f"line {lines.header_line}, {name}", wrong, remedy))
    if faults:
        raise Faults(faults)
    empty = dict.fromkeys(columns, "")
    rows = []
    for line, cells in lines.rows:
        try:
            given = cells_by_column(lines, cells, numbers)
        except ValueError as slip:
            column, wrong, remedy = slip.args
            place = f"line {line}, {column}" if column else f"line {line}"
            faults.append(Fault(lines.shown, place, wrong, remedy))
            continue
        rows.append(Row(line, {**empty, **given}))
    if faults:
        raise Faults(first_of(faults))
    return tuple(rows)


def first_of(faults: Sequence[Fault]) -> list[Fault]:
    """The first faults of a table, and how many there are besides."""
    more = len(faults) - MOST_FAULTS
    if more <= 0:
        return list(faults)
    rest = Fault(faults[0].file, "", f"and {more} more lines are not right.")
    return [*faults[:MOST_FAULTS], rest]


def faults_of_header(lines: Lines) -> Iterator[Fault]:
    """A column that stands twice, or has no name."""
    place = f"line {lines.header_line}"
    for name in sorted({name for name in lines.header if lines.header.count(name) > 1}):
        if name:
            wrong, remedy = "this column is there twice.", "Keep one of the two."
            yield Fault(lines.shown, f"{place}, {name}", wrong, remedy)
    if "" in lines.header:
        number = lines.header.index("") + 1
        yield Fault(lines.shown, place, f"column {number} has no name.", "Name it, or take it out.")


def cells_by_column(lines: Lines, cells: Sequence[str], numbers: Collection[str]) -> dict[str, str]:
    """The cells of one row by their columns.

    Raises ValueError with the column, what is wrong and what to write.
    """
    width = len(lines.header)
    if any(cell.strip() for cell in cells[width:]) or len(cells) < width:
        raise ValueError(
            "",
            f"this line has {len(cells)} cells, not {width}.",
            "Give one for each column, empty ones too; a cell that holds "
            f"{_NAMES[lines.mark]} stands between quotation marks.",
        )
    given = dict(zip(lines.header, cells, strict=False))
    if lines.mark != ",":
        for column in numbers:
            if _DECIMAL_COMMA.fullmatch(cell := given.get(column, "").strip()):
                given[column] = _with_a_point(cell, column)
    return given


_NAMES: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


def _with_a_point(cell: str, column: str) -> str:
    if _THOUSANDS.fullmatch(cell):
        raise ValueError(
            column,
            f'"{cell}" is {cell.replace(",", ".")} or {cell.replace(",", "")}.',
            "Write a decimal with a point, and a thousand without a mark.",
        )
    return cell.replace(",", ".")


class CellReader:
    """Reads the cells of a table as what they are meant to be, and gathers the faults by line."""

    def __init__(self, path: Path) -> None:
        self._shown = shown_path(path)
        self._faults: list[Fault] = []

    def number(self, row: Row, column: str, empty: float | None = None) -> float:
        """A finite number; `empty` stands for an empty cell, which is a fault without it."""
        text = row[column].strip()
        if not text and empty is not None:
            return empty
        if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        wrong = f'"{text[:40]}" is not a number.' if text else "this cell is empty."
        self.add(row, column, wrong, "Write it like 12.5, without a mark for thousands.")
        return math.nan

    def day(self, row: Row, column: str) -> dt.date:
        """A day, written as TOML writes it."""
        text = row[column].strip()
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            wrong = f'"{text[:40]}" is not a day.' if text else "this cell is empty."
            self.add(row, column, wrong, "Write it like 2013-10-01.")
            return dt.date.min

    def word(self, row: Row, column: str, known: Sequence[str]) -> str:
        """One of the known words."""
        text = row[column].strip()
        if text not in known:
            self.add(row, column, f'"{text[:40]}" is not known here.', did_you_mean(text, known))
        return text

    def add(self, row: Row, column: str, wrong: str, remedy: str) -> None:
        """A fault at a cell."""
        place = f"line {row.line}, {column}" if column else f"line {row.line}"
        self._faults.append(Fault(self._shown, place, wrong, remedy))

    def done(self) -> None:
        """Raises Faults if there are any."""
        if self._faults:
            raise Faults(first_of(self._faults))
