"""A case-level extract: reading it, telling every fault by line, and counting its lengths of time.

No cell is ever repeated in a message or an output: a row is about a person.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np

from cjsim.calibrate.fits.fitting import Known
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.spec.files import csv_text, shown_path
from cjsim.vocabulary import OFFENCE_GROUPS

Unit = Literal["hours", "days"]
Cell = dt.datetime | float | str | None

LARGEST_EXTRACT_BYTES: Final = 200_000_000
EARLIEST: Final = dt.datetime(1950, 1, 1)
LONGEST_TRIAL_DAYS: Final = 500
_LINES_SHOWN: Final = 40


@dataclass(frozen=True)
class Length:
    """One length of time: the columns in which it begins and ends, and its unit."""

    name: str
    title: str
    begins: str
    ends: str
    unit: Unit


LENGTHS: Final[tuple[Length, ...]] = (
    Length("detention", "Time in police detention", "custody_arrived", "custody_left", "hours"),
    Length("pre_charge_bail", "Pre-charge bail", "bailed", "bail_ended", "days"),
    Length("charge_to_first_listing", "Charge to first listing", "charged", "first_listed", "days"),
    Length(
        "first_listing_to_completion", "First listing to completion at magistrates' courts",
        "first_listed", "magistrates_completed", "days",
    ),
    Length(
        "crown_receipt_to_completion", "Time at the Crown Court",
        "received_crown", "crown_completed", "days",
    ),
    Length("crown_trial_length", "Length of a Crown Court trial", "", "crown_trial_days", "days"),
)  # fmt: skip

COLUMNS: Final[Mapping[str, str]] = {
    "case": "any name for the row; never written out",
    "offence_group": f"one of {', '.join(OFFENCE_GROUPS)}",
    "custody_arrived": "day and time of arrival in the custody suite",
    "custody_left": "day and time of release or transfer",
    "bailed": "day of release on bail before charge",
    "bail_ended": "day on which that bail ended",
    "charged": "day of charge, or of laying the information",
    "first_listed": "day of the first hearing",
    "magistrates_completed": "day on which the magistrates' court finished with the case",
    "received_crown": "day of receipt by the Crown Court",
    "crown_completed": "day of completion in the Crown Court",
    "crown_trial_days": "days on which the trial sat, a whole number",
    "ended": "day on which the case ended or was lost sight of before its next step, if it was",
}
"""Every column that an extract may have, and what it holds."""

_WITH_TIME: Final = ("custody_arrived", "custody_left")
_WORDS: Final = ("case", "offence_group")


@dataclass(frozen=True)
class Spell:
    """One length of one case, in its unit: complete, or still open after `length`."""

    length: float
    complete: bool
    group: str


@dataclass
class Extract:
    """What an extract holds: for each length its spells; how many rows were read and left out."""

    file: str
    as_of: dt.datetime
    rows: int = 0
    left_out: int = 0
    spells: dict[str, list[Spell]] = field(default_factory=dict)


@dataclass
class _Slips:
    """Faults of rows, gathered by what is wrong: each names all of its lines."""

    lines: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)

    def add(self, line: int, column: str, wrong: str, remedy: str) -> None:
        self.lines.setdefault((column, wrong, remedy), []).append(line)

    def faults(self, file: str) -> list[Fault]:
        return [
            Fault(file, f"{_lines_text(lines)}{', ' + column if column else ''}", wrong, remedy)
            for (column, wrong, remedy), lines in self.lines.items()
        ]

    def bad_lines(self) -> set[int]:
        return {line for lines in self.lines.values() for line in lines}


def read_extract(
    path: Path, *, as_of: dt.date | None = None, leave_out_bad_rows: bool = False
) -> tuple[Extract, list[Fault]]:
    """Read an extract; its content, and the faults of the rows that were left out.

    Open cases are open on `as_of`, by default the last day found in the extract. Raises Faults with
    every fault of every line, unless bad rows are to be left out; faults of the file always.
    """
    shown = shown_path(path)
    lines = _lines(csv_text(path, "extract", LARGEST_EXTRACT_BYTES), shown)
    header = [name.strip() for name in next(lines, (1, []))[1]]
    faults = [Fault(shown, f"line 1{place}", *wrong) for place, *wrong in _faults_of_header(header)]
    if faults:
        raise Faults(faults)
    slips = _Slips()
    rows = [
        (line, _cells(line, header, values, slips))
        for line, values in lines
        if any(value.strip() for value in values)
    ]
    if not rows:
        raise Faults([Fault(shown, "", "the extract holds no case.", "Write one row for each.")])
    moment = _as_of(rows, as_of, shown)
    for line, cells in rows:
        for column, wrong, remedy in _faults_of_row(cells, moment):
            slips.add(line, column, wrong, remedy)
    bad = slips.bad_lines()
    if bad and (not leave_out_bad_rows or len(bad) == len(rows)):
        raise Faults(slips.faults(shown))
    extract = Extract(shown, moment, len(rows), len(bad))
    for line, cells in rows:
        if line not in bad:
            for name, spell in _spells(cells, moment):
                extract.spells.setdefault(name, []).append(spell)
    return extract, slips.faults(shown)


def known_of(
    spells: list[Spell], unit: Unit, *, trial: bool = False, with_at_once: bool = False
) -> Known:
    """Spells as counts by interval. Days are counted whole: 3 days stand for 2.5 to 3.5 days.

    Of a trial, 3 days stand for more than 2 and up to 3; hours are taken to a tenth. With a share
    at once, 0 days are just that share, and 1 day stands for all up to 1.5 days.
    """
    half = 0.5 if unit == "days" else 0.05
    lengths = np.array([one.length for one in spells if one.complete])
    done, counts = np.unique(lengths if unit == "days" else lengths.round(1), return_counts=True)
    low, high = (done - 1.0, done) if trial else (done - half, done + half)
    if with_at_once:
        low, high = np.where(done == 1.0, 0.0, low), np.where(done == 0.0, 0.0, high)
    # What is open since today says nothing: it cannot have ended yet.
    waiting = [one.length for one in spells if not one.complete and one.length > 0]
    after, open_counts = np.unique(waiting, return_counts=True)
    return Known(
        low=low.astype(float), high=high.astype(float), count=counts.astype(float),
        open_after=after.astype(float), open_count=open_counts.astype(float),
    )  # fmt: skip


# --- reading ----------------------------------------------------------------------------------


def _lines(text: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row, with the number of the line on which it ends. Raises Faults."""
    rows = csv.reader(io.StringIO(text, newline=""))
    while True:
        try:
            values = next(rows, None)
        except csv.Error as error:
            wrong = "this line cannot be read as cells."
            remedy = "Look for a quotation mark that is not closed."
            raise Faults([Fault(shown, f"line {rows.line_num}", wrong, remedy)]) from error
        if values is None:
            return
        yield rows.line_num, values


def _faults_of_header(header: list[str]) -> Iterator[tuple[str, str, str]]:
    if len(header) <= 1 and any(mark in "".join(header) for mark in ";\t"):
        yield "", "the cells are not set apart by commas.", "Save it as comma-separated."
        return
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield f", {name}", "this column is there twice.", "Keep one of the two."
    for name in header:
        if name not in COLUMNS:
            near = did_you_mean(name, [one for one in COLUMNS if one not in header])
            near = (
                near if near.startswith("Did") else "Take it out: hand on no more than is needed."
            )
            yield f", {name}", "this column is not one of an extract's.", near
    whole = [one for one in LENGTHS if one.ends in header and one.begins in (*header, "")]
    for name in header:
        of_it = [one for one in LENGTHS if name in (one.begins, one.ends)]
        if of_it and not any(one in whole for one in of_it):
            other = of_it[0].ends if name == of_it[0].begins else of_it[0].begins
            yield f", {name}", f"its other end, {other}, is missing.", f"Add it: {COLUMNS[other]}."
    if not any(name in (one.begins, one.ends) for one in LENGTHS for name in header):
        yield "", "no column holds a length of time.", "Add charged and first_listed, say."


def _cells(line: int, header: list[str], values: list[str], slips: _Slips) -> dict[str, Cell]:
    if len(values) != len(header):
        wrong = "this line has more or fewer cells than the first."
        slips.add(line, "", wrong, "Give one for each column, empty ones too.")
        return {}
    cells: dict[str, Cell] = {}
    for name, value in zip(header, values, strict=True):
        try:
            cells[name] = _cell(name, value.strip())
        except ValueError as slip:
            slips.add(line, name, *slip.args)
    return cells


def _cell(name: str, value: str) -> Cell:
    """What a cell says. Raises ValueError with what is wrong and what to write."""
    if name == "offence_group":
        if value not in OFFENCE_GROUPS:
            raise ValueError("this is no offence group.", f"Write {COLUMNS[name]}.")
        return value
    if name in _WORDS:
        return value
    if not value:
        return None
    if name == "crown_trial_days":
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= LONGEST_TRIAL_DAYS):
            raise ValueError("this is no number of days.", "Write a whole number from 1 on.")
        return float(value)
    with_time = name in _WITH_TIME
    for pattern in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M") if with_time else ("%Y-%m-%d",):
        try:
            moment = dt.datetime.strptime(value, pattern)  # noqa: DTZ007 - the model has one clock
        except ValueError:
            continue
        if moment < EARLIEST:
            raise ValueError(f"this lies before {EARLIEST.year}.", "Mend the year.")
        return moment
    how = "2013-10-01 14:30" if with_time else "2013-10-01"
    raise ValueError(f"this is no {'day and time' if with_time else 'day'}.", f"Write {how}.")


def _as_of(
    rows: list[tuple[int, dict[str, Cell]]], as_of: dt.date | None, shown: str
) -> dt.datetime:
    """The end of the day on which open cases are open."""
    if as_of is None:
        days = [value for _, cells in rows for value in cells.values() if _is_moment(value)]
        if not days:
            days = [EARLIEST]
        as_of = max(day for day in days if isinstance(day, dt.datetime)).date()
    if as_of < EARLIEST.date():
        raise Faults([Fault(shown, "", f"--as-of lies before {EARLIEST.year}.", "Mend it.")])
    return dt.datetime.combine(as_of, dt.time(23, 59))


def _is_moment(value: Cell) -> bool:
    return isinstance(value, dt.datetime)


def _faults_of_row(cells: Mapping[str, Cell], as_of: dt.datetime) -> Iterator[tuple[str, str, str]]:
    """What no single cell can say."""
    for name, value in cells.items():
        if isinstance(value, dt.datetime) and value > as_of:
            yield name, "this lies after the day of the extract.", "Mend it, or give --as-of."
    for length in LENGTHS:
        begins, ends = cells.get(length.begins), cells.get(length.ends)
        if not length.begins or length.ends not in cells:
            continue
        if ends is not None and begins is None and length.begins in cells:
            yield length.begins, f"this is empty, and {length.ends} is not.", "Add the day."
        if isinstance(begins, dt.datetime) and isinstance(ends, dt.datetime) and ends < begins:
            yield length.ends, f"this lies before {length.begins}.", "Mend one of the two."
    ended = cells.get("ended")
    if isinstance(ended, dt.datetime):
        for name, value in cells.items():
            if isinstance(value, dt.datetime) and value.date() > ended.date():
                yield "ended", f"this lies before {name}.", "Mend one of the two."


def _spells(cells: Mapping[str, Cell], as_of: dt.datetime) -> Iterator[tuple[str, Spell]]:
    """The lengths of one case. An end that is not there yet leaves it open until the extract."""
    group = str(cells.get("offence_group") or "")
    for length in LENGTHS:
        begins, ends = cells.get(length.begins), cells.get(length.ends)
        if not length.begins:
            if isinstance(ends, float):
                yield length.name, Spell(ends, complete=True, group=group)
            continue
        if not isinstance(begins, dt.datetime) or length.ends not in cells:
            continue
        last = ends if isinstance(ends, dt.datetime) else _last_seen(cells, as_of)
        yield length.name, Spell(_between(begins, last, length.unit), ends is not None, group)


def _last_seen(cells: Mapping[str, Cell], as_of: dt.datetime) -> dt.datetime:
    """Until when a step that has not happened is known not to have happened."""
    ended = cells.get("ended")
    return min(as_of, ended + dt.timedelta(hours=23, minutes=59)) if isinstance(
        ended, dt.datetime
    ) else as_of  # fmt: skip


def _between(begins: dt.datetime, ends: dt.datetime, unit: Unit) -> float:
    if unit == "days":
        return float((ends.date() - begins.date()).days)
    return max((ends - begins).total_seconds() / 3600.0, 0.0)


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
