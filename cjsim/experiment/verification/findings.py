"""What a check found, and what all of them come to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_NAMED: Final = 5


class State(StrEnum):
    """What came of a check."""

    RIGHT = "ok"
    WRONG = "DIFFERS"
    UNKNOWN = "unknown"
    """It could not be told, and it should have been."""
    LEFT_OUT = "-"
    """It was not asked for, or there is nothing to check."""


@dataclass(frozen=True)
class Finding:
    """One check: its name, what came of it, and one sentence on that."""

    check: str
    state: State
    says: str


@dataclass(frozen=True)
class Verified:
    """Every check of one folder. `about` says what lies in it, `fingerprint` is its one hash."""

    folder: str
    about: str
    fingerprint: str
    findings: tuple[Finding, ...]

    @property
    def is_right(self) -> bool:
        """Whether all that was to be checked is right."""
        return all(one.state in (State.RIGHT, State.LEFT_OUT) for one in self.findings)

    def those(self, state: State) -> list[Finding]:
        """The checks of which this came."""
        return [one for one in self.findings if one.state is state]


def finding_of(check: str, wrong: Sequence[str], right: str) -> Finding:
    """The finding of a check that lists what is wrong: right where that is nothing."""
    return Finding(
        check, State.WRONG if wrong else State.RIGHT, list_some(wrong) if wrong else right
    )


def list_some(parts: Iterable[str]) -> str:
    """A few of the parts in one line, and how many more there are."""
    listed = list(parts)
    more = len(listed) - MOST_NAMED
    shown = [part.rstrip(".") for part in listed[:MOST_NAMED]]
    return "; ".join([*shown, *([f"and {more} more"] if more > 0 else [])]) + "."


def counted(count: int, one: str, several: str = "") -> str:
    """A number with its noun: "1 file", "3 files"."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
