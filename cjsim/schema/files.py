"""Reading TOML as people write it: its tables, and where each key stands."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cjsim.errors import Fault, Faults, Slip
from cjsim.schema.bounds import (
    LARGEST_TOML_BYTES,
    MOST_DIGITS,
    STEERING,
    bytes_of,
    check_toml_text,
    check_values,
)
from cjsim.schema.old_keys import with_new_keys
from cjsim.storage.plain import PlainTable

KeyPath = tuple[str | int, ...]
"""A place in a file: names of tables and keys, and numbers for the entries of a list."""

_PLAIN = re.compile(r"^[\w.-]+$")
_HEADING = re.compile(r"^\s*\[{1,2}\s*[^\[\],=]+\]{1,2}\s*(#.*)?$")

_CORRECT: Final = 'Correct that line; a line is [table], key = value, or a comment after "#".'
_WAYS_TO_WRITE: Final = (
    (
        r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b",
        "A date is written year-month-day without quotes, such as from = 2013-04-01.",
    ),
    (
        r".?[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]",
        'Write straight quotes, "...": a word processor has made others of them.',
    ),
    (r"(True|TRUE|False|FALSE|Yes|YES|No|NO|yes|no)\b", "Write true or false, in small letters."),
    (r"-?\d+,\s?\d{1,2}\b", "Write a decimal with a point, such as 0.35."),
    (
        r"[\u00a3$]?\s*[\d.]+(\s*%|[ ,]\d{3}\b)",
        "Write a number without blanks, commas and per cent signs: 0.35 for 35 %, 1200 or 1_200.",
    ),
    (r"[A-Za-z]", 'Put a text between quotes: "...".'),
)
"""What a value that is not TOML begins with, and how it is written instead; the first that fits."""


@dataclass(frozen=True)
class Document:
    """One TOML file: the name to show, its tables, and the headings that stand in it."""

    shown: str
    data: PlainTable
    headings: frozenset[tuple[str, ...]]


@dataclass
class Places:
    """Which file each key stands in, so that a fault can name it."""

    folder: str
    documents: list[Document] = field(default_factory=list)

    def fault(
        self, at: KeyPath, wrong: str, remedy: str = "", *, in_no_file: bool = False
    ) -> Fault:
        """A fault at a key; at the folder when the key stands in none of its files."""
        at = _as_written(at)
        document = None if in_no_file else self.document_of(at)
        if document is None:
            return Fault(self.folder, dotted(at), wrong, remedy)
        return Fault(document.shown, dotted(at), wrong, remedy, _heading(document, at))

    def document_of(self, at: KeyPath) -> Document | None:
        """The file in which the longest part of the path stands."""
        best: tuple[int, Document] | None = None
        for document in self.documents:
            depth = _depth_found(document.data, at)
            if depth and (best is None or depth > best[0]):
                best = (depth, document)
        return best[1] if best else None


def _as_written(at: KeyPath) -> KeyPath:
    """A path as a file has it: the closures of a courthouse are a list of their own there."""
    return tuple(
        part
        for place, part in enumerate(at)
        if not (part == "changes" and place and at[place - 1] == "closed")
    )


def shown_path(path: Path) -> str:
    """A path as a reader knows it: from the current folder when it lies below it."""
    absolute = Path.cwd() / path
    if ".." in absolute.parts:
        absolute = absolute.resolve()
    here = Path.cwd()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else str(absolute)


def study_path(path: Path) -> str:
    """A path as a record of results keeps it: from the folder of the study that it belongs to.

    It does not depend on the current folder and names no folder above the study's, which may hold a
    user's name. A study's folder is the nearest above the file with an evidence register
    (`calibration/register.csv`) or a folder `models`; without one the file's name alone is kept.
    """
    whole = path.resolve()
    for folder in whole.parents:
        if (folder / "calibration" / "register.csv").is_file() or (folder / "models").is_dir():
            return whole.relative_to(folder).as_posix()
    return whole.name


def dotted(at: KeyPath) -> str:
    """A path as one word: names joined by dots, the entries of a list counted from one."""
    text = ""
    for part in at:
        if isinstance(part, int):
            text += f"[entry {part + 1}]"
        else:
            word = part if _PLAIN.match(part) else f'"{part}"'
            text += f".{word}" if text else word
    return text


def csv_text(path: Path, what: str, largest_bytes: int) -> str:
    """The text of a table that somebody made, its lines ended by line feeds.

    It is read as spreadsheets save it: UTF-8 with or without a mark of its beginning, the UTF-16 of
    "Unicode text", or the Windows-1252 of a plain CSV. Raises Faults, which call it what it is.
    """
    shown = shown_path(path)
    try:
        text = _with_plain_line_ends(_decoded(bytes_of(path, largest_bytes)))
        if (strange := STEERING.search(text)) is None:
            return text
        line = text.count("\n", 0, strange.start()) + 1
        wrong, remedy = f"line {line} holds a control character.", _SAVE_AS
    except Slip as slip:
        wrong, remedy = slip.wrong, slip.remedy
    except FileNotFoundError:
        wrong, remedy = f"there is no such {what}.", "Check the path."
    except UnicodeDecodeError:
        wrong, remedy = "this is not a text file.", _SAVE_AS
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        wrong, remedy = f"the file cannot be read: {reason}.", "Check its name and rights."
    raise Faults([Fault(shown, "", wrong, remedy)])


_SAVE_AS: Final = 'Save it as CSV in UTF-8: in a spreadsheet, "CSV UTF-8 (comma delimited)".'


def _decoded(content: bytes) -> str:
    """Raises UnicodeDecodeError for what is no text, such as a workbook."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
        if STEERING.search(_with_plain_line_ends(text)):
            raise  # a workbook, a picture: Windows-1252 gives nearly every byte a letter
        return text


def read_toml(path: Path) -> Document | Fault:
    """The tables of a file, or the one fault that keeps them from being read."""
    shown = shown_path(path)
    try:
        content = bytes_of(path, LARGEST_TOML_BYTES)
        # Some editors put a mark at the beginning that nobody sees.
        text = _with_plain_line_ends(content.decode("utf-8-sig"))
        data, headings = _parsed(text)
    except Slip as slip:
        return Fault(shown, dotted(slip.at), slip.wrong, slip.remedy)
    except UnicodeDecodeError:
        return Fault(shown, "", "this is not a text file.", "Save it as UTF-8 text.")
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        return Fault(shown, "", f"the file cannot be read: {reason}.", "Check its name and rights.")
    if not data:
        return Fault(shown, "", "the file is empty.", "Write its tables, or delete it.")
    return Document(shown, with_new_keys(data, shown), headings)


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@lru_cache(maxsize=32)
def _parsed(text: str) -> tuple[PlainTable, frozenset[tuple[str, ...]]]:
    """The tables of a text and the headings in it. Raises Slip.

    It is cached because one command reads a model several times. The caller copies the tables
    before anything changes them.
    """
    check_toml_text(text)
    data = _tables_of(text)
    check_values(data)
    return data, _headings(text)


def _tables_of(text: str) -> PlainTable:
    """What TOML makes of a text. Raises Slip, which says how the line is written."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        wrong, remedy = "brackets are nested too deep", _CORRECT
    except tomllib.TOMLDecodeError as error:
        wrong, remedy = _plain(error), _remedy(text, str(error))
    except ValueError as error:
        # Python's own limit on the digits of a whole number, or a day or offset that is none.
        wrong, remedy = str(error), "Write a number or a date as it is written elsewhere."
        if "digits" in wrong:
            wrong, remedy = f"a number has more than {MOST_DIGITS} digits", "Write a shorter one."
        wrong = wrong[:1].lower() + wrong[1:]
    raise Slip(f"this is not TOML: {wrong}.", remedy)


def merge(documents: list[Document]) -> tuple[PlainTable, list[Fault]]:
    """The tables of all the files as one; a key that two of them give is a fault naming both."""
    merging = _Merging()
    for document in documents:
        merging.add(document, document.data, merging.tables, ())
    return merging.tables, merging.faults


@dataclass
class _Merging:
    """Tables as they come together, the file that gave each, and the keys given twice."""

    tables: PlainTable = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    owner: dict[tuple[str, ...], Document] = field(default_factory=dict)

    def add(
        self, document: Document, data: PlainTable, into: PlainTable, above: tuple[str, ...]
    ) -> None:
        """Add a file's tables below a path."""
        for key, value in data.items():
            at = (*above, key)
            both_tables = isinstance(value, dict) and isinstance(into.get(key), dict)
            if key not in into:
                self.owner[at] = document
                if isinstance(value, dict):
                    self.add(document, value, into.setdefault(key, {}), at)
                else:
                    into[key] = value
            elif both_tables and not _is_one_thing(value, at):
                self.add(document, value, into[key], at)
            else:
                wrong = f"this stands in {self.owner[at].shown} as well."
                here = _heading(document, at)
                self.faults.append(
                    Fault(document.shown, dotted(at), wrong, "Keep one of the two.", here)
                )


def _is_one_thing(value: PlainTable, at: tuple[str, ...]) -> bool:
    """Whether a table is one thing that two files cannot share: [pools.officers], say."""
    return len(at) >= 2 and any(not isinstance(below, dict) for below in value.values())


def _headings(text: str) -> frozenset[tuple[str, ...]]:
    found = set()
    for line in text.splitlines():
        if _HEADING.match(line):
            try:
                table: Any = tomllib.loads(line)
            except tomllib.TOMLDecodeError:
                continue
            path: list[str] = []
            while table:
                table = table[0] if isinstance(table, list) else table
                if not table:
                    break
                key = next(iter(table))
                path.append(key)
                table = table[key]
            found.add(tuple(path))
    return frozenset(found)


def _heading(document: Document, at: KeyPath) -> str:
    for end in range(len(at), 0, -1):
        if at[:end] in document.headings:
            return dotted(at[:end])
    return ""


def _depth_found(data: Any, at: KeyPath) -> int:
    for depth, part in enumerate(at):
        in_list = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if not in_list and not (isinstance(data, dict) and part in data):
            return depth
        data = data[part]
    return len(at)


def _remedy(text: str, error: str) -> str:
    """How the line is written that the reader stumbled over, where it can be told."""
    if "date" in error:
        return "Check the month and the day."
    at = re.search(r"\(at line (\d+), column (\d+)", error)
    if at is None:
        return _CORRECT
    line, column = text.split("\n")[int(at[1]) - 1], int(at[2])
    value = line[line.rfind("=", 0, column - 1) + 1 : column + 40].lstrip(" [{")
    if "=" not in line[:column]:
        return _CORRECT  # it stumbled over a key, or over a list of several lines
    ways = (way for looks, way in _WAYS_TO_WRITE if re.match(looks, value))
    return next(ways, _CORRECT)


def _plain(error: Exception) -> str:
    message = re.sub(r"\s*\(at (.*)\)$", r" at \1", str(error))
    # Python shows a table's name as it holds it, ('pools', 'officers'); here it is as written.
    message = re.sub(r"\((('[^']*',? ?)+)\)", lambda it: f"[{_joined(it[1])}]", message)
    return message[:1].lower() + message[1:]


def _joined(words: str) -> str:
    return ".".join(re.findall(r"'([^']*)'", words))
