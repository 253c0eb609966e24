"""The page for reviewers counts what the county's model has, as it is today."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "stress_des.md").read_text(encoding="utf-8")


def tables_of(name: str) -> dict[str, Any]:
    """All tables of one kind in the county's model, from whichever agency's file they are in."""
    found: dict[str, Any] = {}
    for file in sorted((ROOT / "models" / "staffordshire_2013").glob("*.toml")):
        found |= tomllib.loads(file.read_text(encoding="utf-8")).get(name, {})
    return found


def test_the_page_for_reviewers_tells_the_models_warm_up() -> None:
    (days,) = re.findall(r"\((\d+) days for Staffordshire", PAGE)
    assert int(days) == tables_of("opening")["warm_up_days"]["value"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("stages", r"(\d+) stages of work or waiting"),
        ("hearings", r"(\d+) kinds of hearing"),
        ("duties", r"(\d+) duties to victims and"),
        ("pools", r"(\d+) pools of staff and cells"),
        ("lists", r"(\d+) court lists"),
    ],
)
def test_the_page_for_reviewers_counts_what_the_model_has(kind: str, words: str) -> None:
    (count,) = re.findall(words, PAGE)
    assert int(count) == len(tables_of(kind))


def test_the_page_for_reviewers_tells_how_many_cases_come_in_a_year() -> None:
    (told,) = re.findall(
        r"some ([\d,]+) a year: ([\d,]+) arrests for notifiable offences, "
        r"([\d,]+) for other\s+matters, ([\d,]+) voluntary attendances, "
        r"([\d,]+) summonses",
        PAGE,
    )
    ways = ("arrest_notifiable", "arrest_other", "voluntary_attendance", "summons")
    a_year = [sum(tables_of("streams")[way]["per_year"]["value"].values()) for way in ways]
    assert [int(one.replace(",", "")) for one in told] == [
        round(sum(a_year), -3),
        *(round(one, -2) for one in a_year),
    ]
