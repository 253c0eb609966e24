"""A model under check, and the question that every check of names asks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cjsim.errors import did_you_mean
from cjsim.schema.files import KeyPath
from cjsim.schema.messages import Problem
from cjsim.schema.model import Model
from cjsim.schema.register import Register

WORDS: Final[Mapping[str, str]] = {
    "streams": "ways_in",
    "stages": "stages",
    "branches": "branches",
    "multiway_branches": "multiway_branches",
    "lists": "court_lists",
    "hearings": "hearings",
    "duties": "duties",
    "channels": "staffed_channels",
    "engagement": "engagement_moves",
    "limits": "limits",
    "drawn_facts": "drawn_facts",
    "advocates": "advocates",
}
"""Tables that must have an entry for each word of a kind, with the kind in the vocabulary."""


@dataclass(frozen=True)
class Checked:
    """A model under check, the entries that faults took out of it, and the register."""

    model: Model
    set_aside: frozenset[KeyPath]
    register: Register | None

    def names(self, table: str) -> list[str]:
        """The entries of a table, those set aside included: they exist, if faultily."""
        there: Mapping[str, object] = getattr(self.model, table)
        aside = {str(at[1]) for at in self.set_aside if at[0] == table and len(at) == 2}
        return sorted({*there, *aside})

    def lacks_some_of(self, *table: str) -> set[str]:
        """The entries of a table, given by its path, that were taken out."""
        return {str(at[-1]) for at in self.set_aside if at[:-1] == table}


def unknown_words(
    at: KeyPath, words: Collection[str], known: Collection[str], noun: str
) -> Iterator[Problem]:
    """A problem for each word that is not known, with the one that was probably meant."""
    for word in words:
        if word not in known:
            yield Problem(at, f'there is no {noun} called "{word}".', did_you_mean(word, [*known]))
