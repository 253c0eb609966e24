"""The words of the field that files and logs use, and the step of the road that says each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from cjsim.england_wales import vocabulary
from cjsim.schema.explain import JOURNEY

KINDS: Final = (
    "WayIn",
    "OffenceGroup",
    "OffenceClass",
    "Agency",
    "Court",
    "Stage",
    "Hearing",
    "CourtList",
    "Duty",
    "Branch",
    "MultiwayBranch",
    "Fact",
    "Limit",
    "Advocates",
    "Channel",
    "EngagementMove",
    "ListingKind",
    "Result",
    "Reason",
    "Mark",
)
"""The types of words that a file may use, in the order in which a case meets them."""


@dataclass(frozen=True)
class Step:
    """A function of the journey: where it stands, and its first sentence."""

    place: str
    says: str


def words_of(kind: str) -> tuple[str, ...]:
    """The words of one of `KINDS`, in the vocabulary's order."""
    return tuple(word for word in get_args(getattr(vocabulary, kind)) if word)


def steps_by_word() -> dict[str, list[Step]]:
    """For each word in quotes in the journey, the functions that say it."""
    found: dict[str, list[Step]] = {}
    for path in sorted(JOURNEY.glob("*.py")):
        for word, step in _said_in(path):
            if step not in found.setdefault(word, []):
                found[word].append(step)
    return found


def _said_in(path: Path) -> Iterator[tuple[str, Step]]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        lines = (ast.get_docstring(node) or "").split("\n\n")[0].split()
        step = Step(f"{path.stem}.{node.name}", " ".join(lines))
        for inside in ast.walk(node):
            if isinstance(inside, ast.Constant) and isinstance(inside.value, str):
                yield inside.value, step
