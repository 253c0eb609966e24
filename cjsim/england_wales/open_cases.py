"""A table of open cases: its columns, and reading it with every fault at once.

The table is plain comma-separated text, one row for each case that is open on the first day of a
run. A simulation writes it, or an agency from its own case system. Days are counted back from the
first day and may have decimals; an empty cell means that it has not happened.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from cjsim.england_wales.vocabulary import (
    DUTIES,
    HEARINGS,
    LISTING_KINDS,
    OFFENCE_CLASSES,
    OFFENCE_GROUPS,
    PLEAS,
    RESULTS,
    SENTENCES,
    STANDINGS,
    STANDS_BEFORE_CHARGE,
    STANDS_IN_CROWN_COURT,
    WAYS_IN,
)
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.schema.csv_files import cells_by_column, read_lines
from cjsim.schema.files import shown_path

LARGEST_TABLE_BYTES: Final = 50_000_000
LONGEST_AGO_DAYS: Final = 20 * 366
FURTHEST_AHEAD_DAYS: Final = 3 * 366

Kind = Literal["word", "yes_no", "count", "number", "days", "contacts", "held"]


@dataclass(frozen=True)
class Column:
    """One column: what may stand in it, and what it means. `optional` cells may be empty."""

    kind: Kind
    means: str
    words: tuple[str, ...] = ()
    optional: bool = False


def _word(means: str, words: tuple[str, ...], *, optional: bool = False) -> Column:
    return Column("word", means, tuple(word for word in words if word), optional)


def _days(means: str, *, optional: bool = True) -> Column:
    return Column("days", means, optional=optional)


def _yes_no(means: str) -> Column:
    return Column("yes_no", means)


COLUMNS: Final[dict[str, Column]] = {
    "way_in": _word("how the case came in", WAYS_IN),
    "offence_group": _word("the offence", OFFENCE_GROUPS),
    "offence_class": _word("where it can be tried", OFFENCE_CLASSES),
    "division": _word("a division of the model", ()),
    "domestic_abuse": _yes_no("it is domestic abuse"),
    "youth": _yes_no("the defendant is under 18"),
    "has_victim": _yes_no("there is a victim to be kept informed"),
    "vulnerable_victim": _yes_no("the victim is owed the enhanced service"),
    "civilian_witnesses": Column("count", "witnesses who are not police"),
    "anticipates_guilty_plea": _yes_no("a guilty plea is expected"),
    "file_built": _yes_no("the police have built a file"),
    "file_ready": _yes_no("the file meets the national standard"),
    "reviewed_before_first_hearing": _yes_no("a prosecutor has reviewed it"),
    "papers_served": _yes_no("the defence has the papers"),
    "papers_served_days_ago": _days("when it last had them"),
    "prosecution_team": _yes_no("a joint prosecution team has taken it"),
    "trial_prepared": _yes_no("the prosecution has prepared the trial"),
    "disclosure_complete": _yes_no("the unused material has been disclosed"),
    "report_ready": _yes_no("the pre-sentence report is there"),
    "stayed_away_from": _word(
        "the hearing for which a warrant was issued",
        (
            "first_hearing",
            "magistrates_trial",
            "magistrates_sentence_hearing",
            "crown_trial",
            "crown_sentence_hearing",
            "plea_and_case_management_hearing",
        ),
        optional=True,
    ),
    "not_guilty_pleaded": _yes_no("a not guilty plea has been entered"),
    "earlier_ineffective_trial": _yes_no("a trial was listed and could not go ahead"),
    "engagement": Column("number", "how far the victim is with the prosecution, 0 to 1"),
    "heard_last_days_ago": _days("when the victim last heard anything; empty: on the first day"),
    "contacts_owed": Column(
        "contacts",
        "duties owed and not done: `word:days` since owed, apart by blanks",
        optional=True,
    ),
    "arrived_days_ago": _days("arrest, voluntary attendance, or the summons", optional=False),
    "charged_days_ago": _days("charge, or issue of the summons"),
    "charged_by": _word("who charged", ("by_police", "by_cps", "by_summons"), optional=True),
    "first_listed_days_ago": _days("the first hearing that has been held"),
    "received_crown_days_ago": _days("sent or committed to the Crown Court, or appealed"),
    "crown_way": _word("why it is there", ("for_trial", "for_sentence", "appeal"), optional=True),
    "remanded_days_ago": _days("remanded in custody and still held"),
    "first_not_guilty_days_ago": _days("when a not guilty plea was first entered"),
    "plea": _word("the last plea", PLEAS, optional=True),
    "plea_when": _word(
        "when it was entered",
        ("first_hearing", "before_trial", "day_of_trial", "plea_hearing"),
        optional=True,
    ),
    "magistrates_first_plea": _word("the first plea below", PLEAS, optional=True),
    "crown_plea_hearing_plea": _word("the first plea in the Crown Court", PLEAS, optional=True),
    "sentence": _word("the sentence under appeal", SENTENCES, optional=True),
    "hearings": Column("count", "hearings so far"),
    "adjournments": Column("count", "of these, those that came to nothing"),
    "hearings_held": Column(
        "held",
        "each of these hearings: `word:result:days ago:minutes`, apart by blanks",
        optional=True,
    ),
    "consultations": Column("count", "charging consultations so far"),
    "listed_as": _word(
        "how a Crown trial is listed; empty: by chance", LISTING_KINDS, optional=True
    ),
    "stands_at": _word("the step at which the case is", STANDINGS),
    "continues_in_days": _days(
        "days until the hearing that is fixed, or what is left of a wait; 0 or empty in a queue; "
        "empty elsewhere: unknown, and drawn or fixed again"
    ),
}
"""Every column that a table of open cases must have, in the order in which it is written."""

_NUMBERS: Final = tuple(name for name, one in COLUMNS.items() if one.kind in ("days", "number"))


@dataclass(frozen=True)
class OpenCase:
    """One row: its line in the file, and its cells by column; None is an empty cell.

    Words are strings (empty when not given), yes and no are booleans, days are floats, contacts
    owed are pairs of a duty and the days since it was owed, and each hearing held is a tuple of its
    word, result, days ago and minutes.
    """

    line: int
    cells: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]


@dataclass(frozen=True)
class OpenCases:
    """A whole table: the file to show, the SHA-256 of its content, and its cases in order."""

    file: str
    sha256: str
    cases: tuple[OpenCase, ...]

    def with_file(self, file: str) -> OpenCases:
        """The same with another name of the file to show."""
        return replace(self, file=file)


class FaultsByLine:
    """Faults of a table, told once for all the lines that share them."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._lines: dict[tuple[str, str, str], list[int]] = {}

    def add(self, line: int, column: str, wrong: str, remedy: str = "") -> None:
        """One fault at a line; line 0 is the file as a whole."""
        self._lines.setdefault((column, wrong, remedy), []).append(line)

    def faults(self) -> list[Fault]:
        """One fault for each kind, at its first line, with the number of the others."""
        found = []
        for (column, wrong, remedy), lines in self._lines.items():
            line, others = lines[0], len(lines) - 1
            if others:
                wrong += f" (And in {others} more line{'s' if others > 1 else ''}.)"
            place = ", ".join(part for part in (f"line {line}" if line else "", column) if part)
            found.append(Fault(self._file, place, wrong, remedy))
        return found


def read_open_cases(path: Path, divisions: tuple[str, ...]) -> OpenCases:
    """Read a table of open cases of an area with these divisions. Raises Faults, all at once."""
    shown = shown_path(path)
    lines = read_lines(path, "table of open cases", list(COLUMNS), LARGEST_TABLE_BYTES)
    found = FaultsByLine(shown)
    for column, wrong, remedy in _faults_of_header(lines.header):
        found.add(lines.header_line, column, wrong, remedy)
    if found.faults():
        raise Faults(found.faults())
    cases = []
    for line, values in lines.rows:
        try:
            given = cells_by_column(lines, values, _NUMBERS)
        except ValueError as slip:
            found.add(line, *slip.args)
            continue
        row = _row(line, given, divisions, found)
        if row is not None:
            cases.append(row)
    if not cases and not found.faults():
        found.add(0, "", "the table holds no case.", "Write one row for each open case.")
    if found.faults():
        raise Faults(found.faults())
    return OpenCases(shown, hashlib.sha256(lines.text.encode()).hexdigest(), tuple(cases))


def _faults_of_header(header: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield name, "this column is there twice.", "Keep one of the two."
    for name in header:
        if name not in COLUMNS:
            missing = [column for column in COLUMNS if column not in header]
            known = did_you_mean(name, missing) if missing else "Take it out."
            yield name, f'there is no column called "{name}".', known
    for name, column in COLUMNS.items():
        if name not in header:
            yield name, "this column is missing.", f"Add it: {column.means}."


def _row(
    line: int, given: Mapping[str, str], divisions: tuple[str, ...], found: FaultsByLine
) -> OpenCase | None:
    cells: dict[str, Any] = {}
    for name, value in given.items():
        column = COLUMNS[name]
        words = divisions if name == "division" else column.words
        try:
            cells[name] = _cell(column, value.strip(), words)
        except ValueError as slip:
            found.add(line, name, *slip.args)
    if len(cells) < len(given):
        return None
    for name, wrong, remedy in _faults_of_case(cells):
        found.add(line, name, wrong, remedy)
    return OpenCase(line, cells)


def _cell(column: Column, value: str, words: tuple[str, ...]) -> Any:
    """What a cell says. Raises ValueError with what is wrong and what to write."""
    if not value:
        if not column.optional:
            raise ValueError("this cell is empty.", f"Write {_HOW[column.kind]}.")
        return _EMPTY.get(column.kind)
    if column.kind == "word" and value not in words:
        raise ValueError(f'there is no "{value}" here.', did_you_mean(value, words))
    return _READ[column.kind](value)


def _yes(value: str) -> bool:
    if value not in ("yes", "no"):
        raise ValueError(f'"{value}" is neither yes nor no.', "Write yes or no.")
    return value == "yes"


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 4:
        raise ValueError(f'"{value}" is not a count.', f"Write {_HOW['count']}.")
    return int(value)


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f'"{value}" is not a number.', "Write it like 12.5, or leave it out.")
    return number


def _engagement(value: str) -> float:
    number = _number(value)
    if abs(number) > 1000:
        raise ValueError(f'"{value}" is no engagement.', f"Write {_HOW['number']}.")
    return number


def _days_given(value: str) -> float:
    days = _number(value)
    if days < 0:
        raise ValueError(f"{value} days is negative.", "Write 0 or more.")
    if days > LONGEST_AGO_DAYS:
        raise ValueError(
            f"{value} days is more than {LONGEST_AGO_DAYS // 366} years.", "Correct the number."
        )
    return days


def _contacts(value: str) -> tuple[tuple[str, float], ...]:
    owed = []
    for item in value.split():
        duty, _, days = item.partition(":")
        if duty not in DUTIES:
            raise ValueError(f'there is no duty called "{duty}".', did_you_mean(duty, DUTIES))
        owed.append((duty, _days_given(days or "0")))
    return tuple(owed)


def _held(value: str) -> tuple[tuple[str, str, float, int], ...]:
    held = []
    for item in value.split():
        hearing, result, days, minutes = [*item.split(":"), "", "", ""][:4]
        for word, known in ((hearing, HEARINGS), (result, RESULTS)):
            if word not in known:
                raise ValueError(f'there is no "{word}" here.', did_you_mean(word, known))
        held.append((hearing, result, _days_given(days), _count(minutes)))
    return tuple(held)


_READ: Final[dict[Kind, Callable[[str], Any]]] = {
    "word": str,
    "yes_no": _yes,
    "count": _count,
    "number": _engagement,
    "days": _days_given,
    "contacts": _contacts,
    "held": _held,
}
_EMPTY: Final[dict[Kind, Any]] = {"word": "", "contacts": (), "held": ()}
_HOW: Final[dict[Kind, str]] = {
    "word": "one of the known words",
    "yes_no": "yes or no",
    "count": "a whole number from 0 on",
    "number": "a number from 0 to 1",
    "days": "a number of days, 0 or more",
    "contacts": "duties",
    "held": "hearings",
}


def _faults_of_case(cells: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What no single cell can say: that a case stands where its dates have brought it."""
    stands, charged = cells["stands_at"], cells["charged_days_ago"]
    received = cells["received_crown_days_ago"]
    before_charge = stands in STANDS_BEFORE_CHARGE
    in_crown = stands in STANDS_IN_CROWN_COURT
    if before_charge and charged is not None:
        yield (
            "stands_at",
            f'"{stands}" is before charge, but it was charged.',
            "Correct one of them.",
        )
    if not before_charge and (charged is None or not cells["charged_by"]):
        yield "charged_days_ago", f'"{stands}" needs a charge.', "Write when, and charged_by whom."
    if in_crown != (received is not None) or in_crown != bool(cells["crown_way"]):
        yield (
            "received_crown_days_ago",
            f'"{stands}" is {"" if in_crown else "not "}in the Crown Court.',
            "Write both when it came there and crown_way."
            if in_crown
            else "Leave this and crown_way empty.",
        )
    if not cells["has_victim"] and (cells["vulnerable_victim"] or cells["domestic_abuse"]):
        yield (
            "has_victim",
            "there is no victim, but something is said of one.",
            "Correct one of them.",
        )
    for earlier, later in _IN_ORDER:
        first, then = cells[earlier], cells[later]
        if then is not None and (first is None or then > first):
            wrong = f"this lies before {earlier}." if first is not None else f"{earlier} is empty."
            yield later, wrong, "Correct one of them: days are counted back."
    for column, place in (("contacts_owed", 1), ("hearings_held", 2)):
        if any(item[place] > cells["arrived_days_ago"] for item in cells[column]):
            yield column, "one of them lies before arrived_days_ago.", "Correct one of the two."


_IN_ORDER: Final = (
    ("arrived_days_ago", "charged_days_ago"),
    ("arrived_days_ago", "remanded_days_ago"),
    ("arrived_days_ago", "heard_last_days_ago"),
    ("charged_days_ago", "first_listed_days_ago"),
    ("charged_days_ago", "first_not_guilty_days_ago"),
    ("charged_days_ago", "received_crown_days_ago"),
    ("charged_days_ago", "papers_served_days_ago"),
)
