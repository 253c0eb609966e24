"""How we complain: every fault at once, each with its file, its key, what is wrong, what to write.

A `Fault` is one sentence or two for the researcher who made the slip. `Faults` carries all of them
and is the only exception that the commands turn into an exit code of 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


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


class Faults(Exception):
    """All the faults found in what the user wrote; nothing was run."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        in_reading_order = sorted(set(faults), key=lambda fault: (fault.file, fault.table, fault))
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


class CannotRun(Exception):
    """Numbers under which no run comes to its end: a diary without room, hearings without end."""


class RunFailed(Exception):
    """Something went wrong while running, that no change of the user's files would mend."""


class Slip(ValueError):
    """What a check of one value found: what is wrong, what to write, and below which key.

    The loader adds the file and the rest of the path.
    """

    def __init__(self, wrong: str, remedy: str = "", at: tuple[str | int, ...] = ()) -> None:
        super().__init__(f"{wrong} {remedy}".strip())
        self.wrong = wrong
        self.remedy = remedy
        self.at = at


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A suggestion among the known words, or the first few of them when none is close."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{close[0]}"?'
    few = ", ".join(sorted(known)[:6])
    more = ", ..." if len(known) > 6 else ""
    return f"Known: {few}{more}." if known else "None is known."
