"""A case-level extract: its rows checked, every fault told by line, its lengths of time counted.

No cell is ever repeated in a message or an output: a row is about a person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from cjsim.calibration.fitting.cells import EARLIEST, Cell, cell_of
from cjsim.calibration.fitting.days import FARTHEST_YEARS, believable, settled_day
from cjsim.calibration.fitting.layout import ColumnsFile, Layout, Length, Unit, layout_of
from cjsim.calibration.fitting.reading import table_rows
from cjsim.errors import Fault, Faults
from cjsim.schema.files import shown_path

if TYPE_CHECKING:
    from cjsim.calibration.fitting.days import Ordinals

_LINES_SHOWN: Final = 40
_LAST_MINUTE: Final = dt.time(23, 59)
_UNREADABLE: Final = ""
"""A cell that is told as a fault already: it is neither a day nor empty."""


@dataclass(frozen=True)
class Spell:
    """One length of one case, in its unit: complete, or still open after `length`.

    `begins` is when it began, where the extract tells.
    """

    length: float
    complete: bool
    group: str
    begins: dt.datetime | None = field(default=None, compare=False)


@dataclass
class Extract:
    """What an extract holds: for each length its spells; how many rows were read and left out.

    `as_of` is the end of the day on which what is open is open; `last_days` holds the last day of
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
        """The day of the extract where nobody gives it: no case alone decides on it."""
        return settled_day(self.last_days, count) if len(self.last_days) else self.as_of.date()

    def until(self, day: dt.date) -> Extract:
        """The same extract as it would have been on the evening of an earlier day."""
        end = dt.datetime.combine(day, _LAST_MINUTE)
        units = {length.name: length.unit for length in self.lengths}
        spells = {
            name: [cut for each in spells if (cut := _cut_off(each, end, units[name])) is not None]
            for name, spells in self.spells.items()
        }
        return replace(self, as_of=end, spells=spells)


@dataclass
class _Slips:
    """Faults of rows, gathered by what is wrong: each names all of its lines."""

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
            # Whoever names the day of the extract says that later days are meant.
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
    """What no single cell can say."""
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
    """What to write where a case has a later step and not the one before it."""
    return (
        f"Add the day. If the case ended in another way and never had one, leave {length.ends} "
        "empty too and put its last day into ended."
    )


# --- lengths ----------------------------------------------------------------------------------


def _spells(
    cells: Mapping[str, Cell], lengths: tuple[Length, ...], as_of: dt.datetime
) -> Iterator[tuple[str, Spell]]:
    """The lengths of one case. An end that is not there yet leaves it open until the extract."""
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
    """Until when a step that has not happened is known not to have happened."""
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
