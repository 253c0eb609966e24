"""Reading TOML as people write it: its tables, and where each key stands."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cjsim.errors import Fault, Faults

KeyPath = tuple[str | int, ...]
"""A place in a file: names of tables and keys, and numbers for the entries of a list."""

LARGEST_FILE_BYTES: Final = 2_000_000
DEEPEST_NESTING: Final = 12

_PLAIN = re.compile(r"^[\w.-]+$")
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HEADING = re.compile(r"^\s*\[{1,2}\s*[^\[\],=]+\]{1,2}\s*(#.*)?$")


@dataclass(frozen=True)
class Document:
    """One TOML file: the name to show, its tables, and the headings that stand in it."""

    shown: str
    data: dict[str, Any]
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


def shown_path(path: Path) -> str:
    """A path as a reader knows it: from the current folder when it lies below it."""
    absolute = Path.cwd() / path
    if ".." in absolute.parts:
        absolute = absolute.resolve()
    here = Path.cwd()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else str(absolute)


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
    """The text of a table that somebody made: UTF-8, with or without a mark of its beginning.

    Raises Faults, which call it what it is.
    """
    shown = shown_path(path)
    try:
        if path.stat().st_size > largest_bytes:
            wrong = f"the file is larger than {largest_bytes // 1_000_000} MB."
            raise Faults([Fault(shown, "", wrong, "Check that it is the right file.")])
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        wrong, remedy = f"there is no such {what}.", "Check the path."
    except UnicodeDecodeError:
        wrong, remedy = "this is not a text file.", "Save it as CSV in UTF-8."
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        wrong, remedy = f"the file cannot be read: {reason}.", "Check its name and rights."
    raise Faults([Fault(shown, "", wrong, remedy)])


def read_toml(path: Path) -> Document | Fault:
    """The tables of a file, or the one fault that keeps them from being read."""
    shown = shown_path(path)
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            return Fault(
                shown, "", f"the file is larger than {LARGEST_FILE_BYTES // 1_000_000} MB.",
                "A model or an experiment needs far less: check that it is the right file.",
            )  # fmt: skip
        # Some editors put a mark at the beginning that nobody sees.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return Fault(shown, "", "this is not a text file.", "Save it as UTF-8 text.")
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        return Fault(shown, "", f"the file cannot be read: {reason}.", "Check its name and rights.")
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Fault(
            shown, "", f"this is not TOML: {_plain(error)}.",
            'Mend that line; a line is [table], key = value, or a comment after "#".',
        )  # fmt: skip
    if not data:
        return Fault(shown, "", "the file is empty.", "Write its tables, or delete it.")
    too_deep = _too_deep(data)
    if too_deep is not None:
        return Fault(
            shown, dotted(too_deep), f"tables are nested more than {DEEPEST_NESTING} deep here.",
            "Nothing in a model or an experiment needs that: write it flatter.",
        )  # fmt: skip
    control = _control_character(data)
    if control is not None:
        return Fault(
            shown, dotted(control), "the text here holds a control character.",
            "Take it out: it would not be seen, and could change what a screen shows.",
        )  # fmt: skip
    return Document(shown, data, _headings(text))


def merge(documents: list[Document]) -> tuple[dict[str, Any], list[Fault]]:
    """The tables of all the files as one; a key that two of them give is a fault naming both."""
    merging = _Merging()
    for document in documents:
        merging.add(document, document.data, merging.tables, ())
    return merging.tables, merging.faults


@dataclass
class _Merging:
    """Tables as they come together, the file that gave each, and the keys given twice."""

    tables: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    owner: dict[tuple[str, ...], Document] = field(default_factory=dict)

    def add(
        self, document: Document, data: dict[str, Any], into: dict[str, Any], above: tuple[str, ...]
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


def _is_one_thing(value: dict[str, Any], at: tuple[str, ...]) -> bool:
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


def _too_deep(data: dict[str, Any]) -> KeyPath | None:
    waiting: list[tuple[KeyPath, Any]] = [((), data)]
    while waiting:
        at, value = waiting.pop()
        if len(at) > DEEPEST_NESTING:
            return at[:3]
        if isinstance(value, dict):
            waiting += [((*at, key), below) for key, below in value.items()]
        elif isinstance(value, list):
            waiting += [((*at, place), below) for place, below in enumerate(value)]
    return None


def _control_character(data: dict[str, Any]) -> KeyPath | None:
    """The place of the first text with a character that steers a screen instead of showing."""
    waiting: list[tuple[KeyPath, Any]] = [((), data)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, str) and _STEERING.search(value):
            return at
        if isinstance(value, dict):
            strange = next((key for key in value if _STEERING.search(key)), None)
            if strange is not None:
                return at
            waiting += [((*at, key), below) for key, below in value.items()]
        elif isinstance(value, list):
            waiting += [((*at, place), below) for place, below in enumerate(value)]
    return None


def _plain(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "brackets are nested too deep"
    message = re.sub(r"\s*\(at (.*)\)$", r" at \1", str(error))
    # Python shows a table's name as it holds it, ('pools', 'officers'); here it is as written.
    message = re.sub(r"\((('[^']*',? ?)+)\)", lambda it: f"[{_joined(it[1])}]", message)
    return message[:1].lower() + message[1:]


def _joined(words: str) -> str:
    return ".".join(re.findall(r"'([^']*)'", words))
