"""The vocabulary of files and logs, and the steps of the journey that use each word."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cjsim.jurisdiction import DEFAULT, jurisdiction_named

KINDS: Final[Mapping[str, str]] = {
    "WayIn": "ways_in",
    "OffenceGroup": "offence_groups",
    "OffenceClass": "offence_classes",
    "Agency": "agencies",
    "Court": "courts",
    "Stage": "stages",
    "Hearing": "hearings",
    "CourtList": "court_lists",
    "Duty": "duties",
    "Branch": "branches",
    "MultiwayBranch": "multiway_branches",
    "Fact": "facts",
    "DrawnFact": "drawn_facts",
    "Limit": "limits",
    "Advocates": "advocates",
    "Channel": "channels",
    "EngagementMove": "engagement_moves",
    "ListingKind": "listing_kinds",
    "Result": "results",
    "Reason": "reasons",
    "Mark": "marks",
}
"""The types of words that a file may use, in the order of a case, and their vocabulary's kind."""


@dataclass(frozen=True)
class Step:
    """A function of the journey: `module.function`, and its first sentence."""

    name: str
    summary: str


def words_of(kind: str, jurisdiction: str = DEFAULT) -> tuple[str, ...]:
    """Return the words of one of `KINDS`, in the order of the vocabulary."""
    words = jurisdiction_named(jurisdiction).vocabulary.words(KINDS[kind])
    return tuple(word for word in words if word)


def steps_by_word(jurisdiction: str = DEFAULT) -> dict[str, list[Step]]:
    """Return, for each quoted word of the process, the functions that use it."""
    steps: dict[str, list[Step]] = {}
    for path in jurisdiction_named(jurisdiction).process_files:
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
