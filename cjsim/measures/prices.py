"""What each unit cost covers and what it is on every day, as tables that the log is joined to.

A price may change on a date, in one division, and may differ by offence group, division or list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from cjsim.schema.costs import CAPACITY
from cjsim.schema.dated import number_on

DAYS_A_YEAR: Final = 365.25

if TYPE_CHECKING:
    from cjsim.jurisdiction import Vocabulary
    from cjsim.measures.sql_tables import Log
    from cjsim.schema.costs import Costs, UnitCost
    from cjsim.schema.model import Model
    from cjsim.schema.money import DeclaredCost, Pounds


def give_price_tables(log: Log) -> None:
    """Hand the log the tables `cost_units`, `cost_activities`, `cost_prices` and `court_days`."""
    units = log.model.costs.units
    words = pa.list_(pa.string())
    rows = [
        (
            name,
            unit.agency,
            unit.per,
            unit.court or "",
            unit.results,
            unit.reasons,
            unit.lists,
            unit.pools,
            _keyed_by(unit, log.vocabulary),
            _by_division(unit, log.model),
            kind_of(unit),
            deflator(log.model.costs, unit),
        )
        for name, unit in units.items()
    ]
    _give(
        log,
        "cost_units",
        rows,
        {
            "unit": pa.string(),
            "agency": pa.string(),
            "per": pa.string(),
            "court": pa.string(),
            "results": words,
            "reasons": words,
            "lists": words,
            "pools": words,
            "keyed_by": pa.string(),
            "by_division": pa.bool_(),
            "kind": pa.string(),
            "deflator": pa.float64(),
        },
    )
    # The hours of a pool or list are paid for as they are there; what is used of them is shown.
    covered = [
        (name, activity, "hour" if unit.per in CAPACITY else unit.per, unit.per in CAPACITY)
        for name, unit in units.items()
        for activity in unit.activities
    ]
    names = {
        "unit": pa.string(),
        "activity": pa.string(),
        "per": pa.string(),
        "used": pa.bool_(),
    }
    _give(log, "cost_activities", covered, names)
    _give_prices(log)
    _give_court_days(log)
    _give_declared(log)


def asks_for_cases(model: Model) -> bool:
    """Whether some cost depends on the case: its division, its offence group, where it stood."""
    return any(
        _by_division(unit, model)
        or _keyed_by(unit, model.vocabulary) == "offence_group"
        or (unit.court is not None and not set(unit.activities) <= set(model.hearings))
        for unit in model.costs.units.values()
        if unit.activities
    )


def deflator(costs: Costs, priced: UnitCost | Pounds) -> float:
    """What brings a price year to the price base."""
    return costs.deflator[costs.price_base].at("") / costs.deflator[priced.price_year].at("")


def kind_of(unit: UnitCost) -> str:
    """Whether less of it is money saved, freed at an average rate, or paid in any case."""
    if unit.per in CAPACITY:
        return "capacity"
    return "cashable" if unit.cashable else "non_cashable"


def _keyed_by(unit: UnitCost, vocabulary: Vocabulary) -> str:
    """What the price's table is keyed by, if by something else than the division."""
    keys = _keys(unit)
    if keys & set(vocabulary.offence_groups):
        return "offence_group"
    return "list" if keys & set(vocabulary.court_lists) else ""


def _by_division(unit: UnitCost, model: Model) -> bool:
    changes = any(change.area is not None for change in unit.gbp.changes)
    return changes or bool(_keys(unit) & set(model.divisions))


def _keys(unit: UnitCost) -> set[str]:
    tables = [unit.gbp.value, *(change.value for change in unit.gbp.changes)]
    return {key for table in tables if isinstance(table, dict) for key in table}


def _give_prices(log: Log) -> None:
    """One price for each unit, spell, division and key, as far as the model gives one."""
    # A hearing that was not reached had no courtroom: it is on no list.
    vocabulary = log.vocabulary
    lists = (*vocabulary.court_lists, "")
    keys = {"offence_group": vocabulary.offence_groups, "list": lists, "": ("",)}
    rows = []
    for name, unit in log.model.costs.units.items():
        divisions = [*log.model.divisions, ""] if _by_division(unit, log.model) else [""]
        for spell, day in enumerate(log.spells):
            for division in divisions:
                for key in keys[_keyed_by(unit, vocabulary)]:
                    try:
                        price = number_on(unit.gbp, day, division, key)
                    except KeyError:
                        continue
                    rows.append((name, spell, division, key, price))
    _give(
        log,
        "cost_prices",
        rows,
        {
            "unit": pa.string(),
            "spell": pa.int32(),
            "division": pa.string(),
            "key": pa.string(),
            "gbp": pa.float64(),
        },
    )


def _give_court_days(log: Log) -> None:
    """How many minutes a courtroom of a list at a courthouse has to sit in a day: all sessions."""
    courthouses = log.model.courthouses
    rows = [
        (
            f"{name}@{house}",
            spell,
            number_on(spec.session_minutes, day, courthouses[house].division, "")
            * len(spec.sessions),
        )
        for name, spec in log.model.lists.items()
        for house in spec.houses
        for spell, day in enumerate(log.spells)
    ]
    columns = {"place": pa.string(), "spell": pa.int32(), "minutes": pa.float64()}
    _give(log, "court_days", rows, columns)


def _give_declared(log: Log) -> None:
    """What the reform itself costs in each spell: years, or the one day, and pounds.

    It is declared for the whole area, and what is measured is multiplied where a case stands for
    many: here it is divided by as many.
    """
    rows = []
    one_in = log.model.one_in
    edges = [*log.spells, log.study_to + dt.timedelta(days=1)]
    for cost in log.model.costs.declared:
        for spell, (first, after) in enumerate(pairwise(edges)):
            quantity = spent_between(cost, first, after) / one_in
            if quantity:
                gbp = quantity * cost.gbp * deflator(log.model.costs, cost)
                kind = "cashable" if cost.cashable else "non_cashable"
                rows.append(
                    (
                        f"{cost.scenario}.{cost.line}",
                        cost.agency,
                        kind,
                        spell,
                        quantity,
                        gbp,
                    )
                )
    _give(
        log,
        "declared",
        rows,
        {
            "unit": pa.string(),
            "agency": pa.string(),
            "kind": pa.string(),
            "spell": pa.int32(),
            "quantity": pa.float64(),
            "gbp": pa.float64(),
        },
    )


def spent_between(cost: DeclaredCost, first: dt.date, after: dt.date) -> float:
    """How often, or for how many years, a declared cost falls on the days before `after`."""
    if cost.per == "once":
        return 1.0 if first <= cost.from_ < after else 0.0
    end = after if cost.to is None else min(after, cost.to + dt.timedelta(days=1))
    return max((end - max(first, cost.from_)).days, 0) / DAYS_A_YEAR


def _give(
    log: Log, name: str, rows: Sequence[tuple[object, ...]], columns: dict[str, pa.DataType]
) -> None:
    """A table from rows, whether there are any or not."""
    log.add_table(
        name,
        {
            column: pa.array([row[place] for row in rows], kind)
            for place, (column, kind) in enumerate(columns.items())
        },
    )
