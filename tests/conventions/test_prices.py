"""Prices stand in the year of their source, and one published deflator serves every model."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from cjsim.scenarios.load import load_model

MODELS = ("staffordshire_2013", "england_wales_2016", "toy")


@pytest.fixture(scope="module")
def register(root: Path) -> dict[str, dict[str, str]]:
    with (root / "calibration" / "register.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def years_of(period: str) -> set[int]:
    """The calendar years that a period of the register touches: 2013-14, 2014/15, CY2024, 2016."""
    found = set()
    for first, last in re.findall(r"(\d{4})(?:[-/](\d{2})(?!\d))?", period):
        end = int(first[:2] + last) if last else int(first)
        found |= set(range(int(first), end + 1))
    return set(range(min(found), max(found) + 1))


@pytest.mark.parametrize("name", MODELS)
def test_a_price_is_of_the_year_of_its_source(
    name: str, root: Path, register: dict[str, dict[str, str]]
) -> None:
    costs = load_model(root / "models" / name).costs
    priced = [(word, unit.gbp.source, unit.price_year) for word, unit in costs.units.items()]
    priced += [
        (str(group), crime.source, crime.price_year)
        for group, crime in costs.social_cost_of_crime.items()
    ]
    sourced = [one for one in priced if one[1] in register]
    assert len(sourced) > 10
    for word, source, price_year in sourced:
        touched = {int(price_year[:4]), int(price_year[:4]) + 1}
        assert touched & years_of(register[source]["period"]), (word, source, price_year)


@pytest.mark.parametrize("name", MODELS)
def test_the_deflator_is_the_one_that_was_published(
    name: str, root: Path, register: dict[str, dict[str, str]]
) -> None:
    deflator = load_model(root / "models" / name).costs.deflator
    published = [float(one) for one in register["gdp_deflator"]["value"].split(";")]
    assert [deflator[year].at("") for year in sorted(deflator)] == [1.0, *published]
