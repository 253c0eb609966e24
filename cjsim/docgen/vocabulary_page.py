"""The vocabulary of files and logs, and the steps of the journey that use each word."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from cjsim.england_wales import vocabulary
from cjsim.jurisdiction import DEFAULT, jurisdiction_named

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
"""The types of words that a file may use, in the order of the journey."""


@dataclass(frozen=True)
class Step:
    """A function of the journey: `module.function`, and its first sentence."""

    name: str
    summary: str


def words_of(kind: str) -> tuple[str, ...]:
    """Return the words of one of `KINDS`, in the order of the vocabulary."""
    return tuple(word for word in get_args(getattr(vocabulary, kind)) if word)


def steps_by_word() -> dict[str, list[Step]]:
    """Return, for each quoted word of the journey, the functions that use it."""
    steps: dict[str, list[Step]] = {}
    for path in sorted(jurisdiction_named(DEFAULT).process_folder.glob("*.py")):
        for word, step in _words_in(path):
            if step not in steps.setdefault(word, []):
                steps[word].append(step)
    return steps


def _words_in(path: Path) -> Iterator[tuple[str, Step]]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        lines = (ast.get_docstring(node) or "").split("\n\n")[0].split()
        step = Step(f"{path.stem}.{node.name}", " ".join(lines))
        for child in ast.walk(node):
            if isinstance(child, ast.Constant) and isinstance(child.value, str):
                yield child.value, step
