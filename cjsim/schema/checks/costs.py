"""That every activity is costed once or says that it costs nobody anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cjsim.jurisdiction import vocabulary
from cjsim.schema.checks.checked import Checked, unknown_words
from cjsim.schema.costs import CAPACITY, UnitCost
from cjsim.schema.files import KeyPath
from cjsim.schema.messages import Problem
from cjsim.schema.model import Model
from cjsim.schema.words import Court


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
        yield from unknown_words(
            (*at, "activities"), unit.activities, vocabulary().activities, "activity"
        )
        yield from unknown_words((*at, "pools"), unit.pools, checked.names("pools"), "pool")
        yield from unknown_words((*at, "lists"), unit.lists, checked.names("lists"), "court list")
        yield from _counts_something(at, unit)
        yield from _uses_what_is_paid_for(checked, name, unit)
        counted |= set(unit.activities)
    for group, crime in costs.social_cost_of_crime.items():
        if crime.price_year not in years:
            at = ("costs", "social_cost_of_crime", group, "price_year")
            yield _no_year(at, crime.price_year, years)
    yield from unknown_words(
        ("costs", "uncosted"), costs.uncosted, vocabulary().activities, "activity"
    )
    for activity in costs.uncosted:
        if activity in counted:
            yield Problem(
                ("costs", "uncosted"),
                f'"{activity}" is costed by a unit cost and stands here as well.',
                "Keep one of the two.",
            )
    if checked.lacks_some_of("costs", "units"):
        return
    for activity in vocabulary().activities:
        if activity not in counted and activity not in costs.uncosted:
            yield Problem(
                ("costs", "uncosted"),
                f'no unit cost counts "{activity}".',
                "Name it in the activities of a unit cost, or here if it costs nobody anything.",
            )


def _counts_something(at: KeyPath, unit: UnitCost) -> Iterator[Problem]:
    """What is there, used or not, is counted in pools and lists; all else in activities."""
    there = unit.per in CAPACITY
    wanted = ("pools",) if unit.per == "post_year" else ("pools", "lists")
    if not there:
        wanted = ("activities",)
    used = ("activities",) if unit.per == "capacity_hour" else ()
    for key in ("activities", "results", "reasons", "pools", "lists"):
        allowed = (*wanted, *used) if there else (*wanted, "results", "reasons")
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
    if there and unit.cashable:
        yield Problem(
            (*at, "cashable"),
            f"a cost per {unit.per} is paid whether it is used or not: doing less saves none of "
            "it.",
            "Take cashable out; what a scenario takes away of it is saved without.",
        )


def _uses_what_is_paid_for(checked: Checked, name: str, unit: UnitCost) -> Iterator[Problem]:
    """The hours of a pool or list are used for what is done there, and are not paid for twice."""
    at: KeyPath = ("costs", "units", name, "activities")
    model = checked.model
    courts = {one.court for word, one in model.lists.items() if word in unit.lists}
    faulty = checked.lacks_some_of("lists")
    for activity in unit.activities:
        pool, court = _served_by(model, activity)
        if unit.per == "capacity_hour":
            known = pool in checked.names("pools") or (court is not None and not faulty)
            if known and pool not in unit.pools and court not in courts:
                yield Problem(
                    at,
                    f'"{activity}" does not use the {" or ".join((*unit.pools, *unit.lists))}.',
                    "Name it under a unit cost that pays for it, or its pool here.",
                )
        elif unit.per == "hour" and pool is not None:
            for other, paid in model.costs.units.items():
                if paid.per in CAPACITY and paid.agency == unit.agency and pool in paid.pools:
                    yield Problem(
                        at,
                        f'the hours of "{activity}" are paid for twice: the pool "{pool}" is paid '
                        f"by costs.units.{other}, whether it is used or not.",
                        "Name the activity there instead, if that is a capacity_hour, or under "
                        "uncosted.",
                    )


def _served_by(model: Model, activity: str) -> tuple[str | None, Court | None]:
    """The pool that does the work of a stage or duty, or the court of a hearing."""
    pools = {str(word): one.pool for word, one in model.stages.items()}
    pools.update((str(word), one.pool) for word, one in model.duties.items())
    if activity in pools:
        return pools[activity], None
    for held, hearing in model.hearings.items():
        if held == activity:
            return None, hearing.court
    return None, None


def _no_year(at: KeyPath, year: str, years: Collection[str]) -> Problem:
    return Problem(
        at,
        f'the deflator has no year "{year}".',
        f"Add it under [costs.deflator]; known: {', '.join(years)}.",
    )
