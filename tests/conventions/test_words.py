"""Every word of the vocabulary is used, and every word that is used is in the vocabulary."""

from __future__ import annotations

from functools import cache

import pytest

from cjsim.england_wales import vocabulary
from cjsim.england_wales.case import Case
from cjsim.england_wales.choices import OPTIONS
from tests.support.reading import PACKAGE, modules, patterns_in, strings_in

ABOVE_AND_BELOW = {
    "schema",
    "scenarios",
    "measures",
    "experiment",
    "report",
    "calibration",
    "reforms",
    "economics",
    "trace",
    "cli",
    "docgen",
}
"""Where no case is led along its road; a word that only these say leads nowhere."""
KINDS = (
    "STAGES",
    "HEARINGS",
    "COURT_LISTS",
    "DUTIES",
    "MARKS",
    "BRANCHES",
    "MULTIWAY_BRANCHES",
    "FACTS",
    "LIMITS",
    "ENGAGEMENT_MOVES",
    "RESULTS",
    "OUTCOMES",
    "REASONS",
    "SENTENCES",
    "PLEAS",
    "WAYS_IN",
)


@cache
def said() -> frozenset[str]:
    """Every string in the modules of the journey, and the options of their multi-way branches."""
    words: set[str] = set()
    for path in modules("cjsim"):
        inside = path.relative_to(PACKAGE)
        if inside.parts[0] not in ABOVE_AND_BELOW and path.name != "vocabulary.py":
            words |= strings_in(path)
            for pattern in patterns_in(path):
                words |= {word for word in every_word() if pattern.fullmatch(word)}
    for choice, options in OPTIONS.items():
        if choice in words:
            words |= set(options)
    return frozenset(words)


def every_word() -> set[str]:
    """All words of all kinds."""
    return {word for kind in KINDS for word in getattr(vocabulary, kind) if word}


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_is_used(kind: str) -> None:
    unused = [
        word
        for word in getattr(vocabulary, kind)
        if word and word not in said() and not (kind == "FACTS" and hasattr(Case, word))
    ]
    assert not unused


def test_every_choice_has_options_and_every_option_a_choice() -> None:
    assert set(OPTIONS) == set(vocabulary.MULTIWAY_BRANCHES)
    assert all(len(options) > 1 for options in OPTIONS.values())


def test_every_outcome_is_a_result_and_every_reason_belongs_to_an_agency() -> None:
    assert set(vocabulary.OUTCOMES) <= set(vocabulary.RESULTS)
    assert set(vocabulary.REASON_AGENCY) == set(vocabulary.REASONS) - {""}
    assert set(vocabulary.REASON_AGENCY.values()) <= set(vocabulary.AGENCIES)


def test_no_activity_has_two_meanings() -> None:
    assert len(vocabulary.ACTIVITIES) == len(set(vocabulary.ACTIVITIES))


def test_words_are_written_out_in_lower_case() -> None:
    for word in (*vocabulary.ACTIVITIES, *vocabulary.BRANCHES, *vocabulary.MULTIWAY_BRANCHES):
        assert word == word.lower()
        assert all(part.isalnum() for part in word.split("_")), word
