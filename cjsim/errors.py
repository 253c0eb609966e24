"""How we complain: every fault at once, each with its file, its key, what is wrong, what to write.

A `Fault` is one sentence or two for the researcher who made the slip. `Faults` carries all of them
and is the only exception that the commands turn into an exit code of 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, order=True)
class Fault:
    """One slip: the file, the key inside it, what is wrong there, and what to write instead.

    `key` is the whole dotted path; `table` the [heading] of the file below which it stands.
    """

    file: str
    key: str
    wrong: str
    remedy: str = ""
    table: str = ""

    def __str__(self) -> str:
        below = self.key.removeprefix(self.table).lstrip(".") if self._under_table() else self.key
        place = f'  "{below}": ' if below else "  "
        return f"{place}{self.wrong}{' ' + self.remedy if self.remedy else ''}"

    @property
    def heading(self) -> str:
        """The line above the fault: its file, and the table of the file if it stands in one."""
        return f"{self.file}, [{self.table}]" if self.table else self.file

    def _under_table(self) -> bool:
        return self.key == self.table or self.key.startswith(f"{self.table}.")


class Error(Exception):
    """The root of all errors that cjsim raises on purpose."""


class Faults(Error):
    """All the faults found in what the user wrote; nothing was run."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        in_reading_order = sorted(set(faults), key=_reading_order)
        self.faults: tuple[Fault, ...] = tuple(in_reading_order)
        super().__init__(self.report())

    def __reduce__(self) -> tuple[type[Faults], tuple[tuple[Fault, ...]]]:
        return (type(self), (self.faults,))

    def report(self) -> str:
        """The faults as text, under headings, with their number in the last line."""
        lines: list[str] = []
        last = None
        for fault in self.faults:
            if fault.heading != last:
                lines.append(fault.heading)
                last = fault.heading
            lines.append(str(fault))
        count = len(self.faults)
        lines.append(f"{count} fault{'' if count == 1 else 's'}. Nothing was run.")
        return "\n".join(lines)


def _reading_order(fault: Fault) -> tuple[str, str, list[tuple[int, str]], Fault]:
    """By file, table and key, in which line 9 comes before line 10."""
    parts = re.split(r"(\d+)", fault.key)
    by_number = [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
    return fault.file, fault.table, by_number, fault


class CannotRun(Error):
    """Numbers under which no run comes to its end: a diary without room, hearings without end."""


class RunFailed(Error):
    """Something went wrong while running, that no change of the user's files would correct."""


class Impossible(RunFailed):
    """A run gave what cannot be: a lost case, a share above 1. The code is at fault, not a file."""


class CaseLost(Impossible):
    """A step of the journey ended with neither a next step nor an outcome of the case."""


class Slip(ValueError):
    """What a check of one value found: what is wrong, what to write, and below which key.

    The loader adds the file and the rest of the path.
    """

    def __init__(self, wrong: str, remedy: str = "", at: tuple[str | int, ...] = ()) -> None:
        super().__init__(f"{wrong} {remedy}".strip())
        self.wrong = wrong
        self.remedy = remedy
        self.at = at


MOST_WORDS_TOLD: Final = 30
LONGEST_WORD: Final = 200


def did_you_mean(word: str, known: Sequence[str], all_told_by: str = "") -> str:
    """A suggestion among the known words, or all of them when none is close.

    Of more than 30 the first are told, how many there are besides, and what tells them all.
    """
    if not known:
        return "None is known."
    import difflib

    close = difflib.get_close_matches(word[:LONGEST_WORD], known, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{close[0]}"?'
    told = sorted(known)[:MOST_WORDS_TOLD]
    more = len(known) - len(told)
    rest = f", and {more} more{f'; {all_told_by}' if all_told_by else ''}" if more > 0 else ""
    return f"Known: {', '.join(told)}{rest}."
