"""Pieces of SQL: words in their places, and the court that a case is in."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cjsim.measures.measurement import CourtStay


def filled(template: str, **words: object) -> str:
    """A query with the project's own words in their places."""
    return Template(template).substitute(words)


def one_of(column: str, words: Sequence[str]) -> str:
    """The condition that a column holds one of some words."""
    listed = ", ".join(f"'{word}'" for word in sorted(words))
    return f"{column} IN ({listed})" if words else "false"


def court_at(courts: Sequence[CourtStay], cases: str, moment: str) -> str:
    """The court in which a case was at a moment; empty before the first of them.

    `cases` is the alias of the table of cases.
    """
    cases_in = " ".join(
        f"WHEN {moment} >= {cases}.{stay.entered_at} THEN '{stay.court}'"
        for stay in reversed(courts)
    )
    return f"CASE {cases_in} ELSE '' END"
