"""That every activity is costed once or says that it costs nobody anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cjsim.spec.checked import Checked, unknown_words
from cjsim.spec.files import KeyPath
from cjsim.spec.messages import Problem
from cjsim.spec.model import UnitCost
from cjsim.vocabulary import ACTIVITIES


def costs_are_whole(checked: Checked) -> Iterator[Problem]:
    """Unit costs name what there is, and between them they leave no activity out."""
    costs = checked.model.costs
    years = sorted({*costs.deflator, *checked.lacks_some_of("costs", "deflator")})
    if costs.price_base not in years:
        yield _no_year(("costs", "price_base"), costs.price_base, years)
    counted = set()
    for name, unit in costs.units.items():
        at: KeyPath = ("costs", "units", name)
        if unit.price_year not in years:
            yield _no_year((*at, "price_year"), unit.price_year, years)
        yield from unknown_words((*at, "activities"), unit.activities, ACTIVITIES, "activity")
        yield from unknown_words((*at, "pools"), unit.pools, checked.names("pools"), "pool")
        yield from unknown_words((*at, "lists"), unit.lists, checked.names("lists"), "court list")
        yield from _counts_something(at, unit)
        counted |= set(unit.activities)
    yield from unknown_words(("costs", "uncosted"), costs.uncosted, ACTIVITIES, "activity")
    for activity in costs.uncosted:
        if activity in counted:
            yield Problem(
                ("costs", "uncosted"),
                f'"{activity}" is costed by a unit cost and stands here as well.',
                "Keep one of the two.",
            )
    if checked.lacks_some_of("costs", "units"):
        return
    for activity in ACTIVITIES:
        if activity not in counted and activity not in costs.uncosted:
            yield Problem(
                ("costs", "uncosted"),
                f'no unit cost counts "{activity}".',
                "Name it in the activities of a unit cost, or here if it costs nobody anything.",
            )


def _counts_something(at: KeyPath, unit: UnitCost) -> Iterator[Problem]:
    """What is there, used or not, is counted in pools and lists; all else in activities."""
    there = unit.per in ("capacity_hour", "post_year")
    wanted = ("pools",) if unit.per == "post_year" else ("pools", "lists")
    if not there:
        wanted = ("activities",)
    for key in ("activities", "results", "reasons", "pools", "lists"):
        allowed = (*wanted, "results", "reasons") if not there else wanted
        if getattr(unit, key) and key not in allowed:
            yield Problem(
                (*at, key),
                f"a cost per {unit.per} is not counted by {key}.",
                f"Name {' or '.join(wanted)} instead.",
            )
    if not any(getattr(unit, key) for key in wanted):
        yield Problem(
            at, "this counts nothing, so that it costs nothing.", f"Name {' or '.join(wanted)}."
        )


def _no_year(at: KeyPath, year: str, years: Collection[str]) -> Problem:
    return Problem(
        at,
        f'the deflator has no year "{year}".',
        f"Add it under [costs.deflator]; known: {', '.join(years)}.",
    )
