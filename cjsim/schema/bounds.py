"""How large a file may be that somebody made, and what it may hold, before anything is made of it.

Every limit is far above what a study needs. It is there so that a wrong or hostile file is answered
at once, with a message that names the limit, and takes neither minutes nor gigabytes.
"""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Final

from cjsim.errors import Slip
from cjsim.storage.plain import PlainTable

LARGEST_TOML_BYTES: Final = 2_000_000
LARGEST_JSON_BYTES: Final = 50_000_000
DEEPEST_NESTING: Final = 12
MOST_KEYS: Final = 10_000
"""Of one file: keys and headings together."""
MOST_FAULTS: Final = 100
"""Faults of one file that are told."""
MOST_SCENARIOS: Final = 200
MOST_COURTROOMS: Final = 10_000
"""Of one courthouse."""
MOST_SETTINGS: Final = 200
"""Of one value by one scenario: by day and division."""
LONGEST_KEY: Final = 200
LONGEST_TEXT: Final = 20_000
MOST_DIGITS: Final = 100
"""Of a whole number: a seed has 20, a sum of money fewer."""

# A character that steers a screen, or turns or hides text, instead of showing.
STEERING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)

# Texts and comments are one token each, so that what stands inside them is not counted.
_TOKEN: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"""'
    r"|'''(?:[^']|'(?!''))*+'''"
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|'[^'\n]*+'"
    r"|\#[^\n]*+"
    r"|[.=\n,\[\]{}]",
    re.DOTALL,
)


def bytes_of(path: Path, largest: int) -> bytes:
    """What a file holds, if it is a file and not larger than `largest` bytes.

    Raises OSError, or Slip for what is no file (a pipe, a device) or is too large. No more than the
    limit is ever read.
    """
    if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
        raise Slip("this is a pipe or a device, not a file.", "Copy it to a file first.")
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        size = f"{largest // 1_000_000} MB" if largest >= 1_000_000 else f"{largest} bytes"
        raise Slip(f"the file is larger than {size}.", "Check that it is the right file.")
    return content


def json_object_in(path: Path, largest: int = LARGEST_JSON_BYTES) -> PlainTable:
    """The object that a file of JSON holds.

    Raises OSError, or ValueError (Slip among them) for what is no such file.
    """
    try:
        content = json.loads(bytes_of(path, largest).decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("brackets are nested too deep") from None
    if not isinstance(content, dict):
        raise ValueError("this is no JSON object")  # noqa: TRY004 - what the text is, not what the caller gave
    return content


def check_toml_text(text: str) -> None:
    """Refuse a text whose keys are too many or too deep, before TOML is made of it.

    The reader of TOML takes time with the square of the depth of a dotted key. Raises Slip.
    """
    keys, line, dots, open_brackets, last_dot = 0, 1, 0, 0, 0
    for found in _TOKEN.finditer(text):
        mark = found[0]
        if mark == ".":
            # Dots in a row are no key: the reader says what is wrong with them.
            dots = dots + 1 if found.start() > last_dot else 0
            last_dot = found.end()
            if dots > DEEPEST_NESTING:
                raise _too_deep(line)
        elif mark in ("[", "{"):
            open_brackets += 1
            dots = 0
            if open_brackets > DEEPEST_NESTING:
                wrong = f"line {line}: brackets are nested too deep, more than {DEEPEST_NESTING}."
                raise Slip(wrong, "Close them, or write it flatter.")
        elif mark in ("=", "\n", ",", "]", "}"):
            dots = 0
            keys += mark == "="
            open_brackets -= mark in ("]", "}")
            if mark == "\n":
                line += 1
                # A heading counts as a key; its brackets are closed on its own line.
                keys += text.startswith("[", found.end())
                open_brackets = max(open_brackets, 0)
        else:
            line += mark.count("\n")
        if keys > MOST_KEYS:
            raise Slip(
                f"the file holds more than {MOST_KEYS:,} keys.",
                "Nothing in a model or an experiment needs that: check that it is the right file.",
            )


def _too_deep(line: int) -> Slip:
    return Slip(
        f"line {line}: tables are nested more than {DEEPEST_NESTING} deep here.",
        "Nothing in a model or an experiment needs that: write it flatter.",
    )


def check_values(data: object) -> None:
    """Refuse the first key or value of a file that is too deep, too long, or steers a screen.

    Raises Slip with its place.
    """
    waiting: list[tuple[tuple[str | int, ...], object]] = [((), data)]
    while waiting:
        at, value = waiting.pop()
        if len(at) > DEEPEST_NESTING:
            raise Slip(
                f"tables are nested more than {DEEPEST_NESTING} deep here.",
                "Nothing in a model or an experiment needs that: write it flatter.",
                at[:3],
            )
        if isinstance(value, dict):
            for key in value:
                _check_text(key, at, LONGEST_KEY, "a key")
            waiting += [((*at, key), below) for key, below in value.items()]
        elif isinstance(value, list):
            if len(value) > MOST_KEYS:
                wrong = f"this list holds more than {MOST_KEYS:,} entries."
                raise Slip(wrong, "Check that it is the right file.", at)
            waiting += [((*at, place), below) for place, below in enumerate(value)]
        elif isinstance(value, str):
            _check_text(value, at, LONGEST_TEXT, "the text")
        elif isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
            wrong = f"a number here has more than {MOST_DIGITS} digits."
            raise Slip(wrong, "Write a shorter one.", at)


def control_character(data: object) -> tuple[str | int, ...] | None:
    """The place of the first text or key that steers a screen instead of showing; None if none."""
    waiting: list[tuple[tuple[str | int, ...], object]] = [((), data)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, str) and STEERING.search(value):
            return at
        if isinstance(value, dict):
            if any(STEERING.search(key) for key in value):
                return at
            waiting += [((*at, key), below) for key, below in value.items()]
        elif isinstance(value, list):
            waiting += [((*at, place), below) for place, below in enumerate(value)]
    return None


def _check_text(text: str, at: tuple[str | int, ...], longest: int, noun: str) -> None:
    if STEERING.search(text):
        raise Slip(
            "the text here holds a control character.",
            "Take it out: it would not be seen, and could change what a screen shows.",
            at,
        )
    if len(text) > longest:
        wrong = f"{noun} here is longer than {longest:,} letters."
        raise Slip(wrong, "Write a shorter one.", at)
