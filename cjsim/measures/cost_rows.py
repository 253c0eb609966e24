"""The rows of the log that a line of the ledger is made of, each with its quantity and pounds.

What is paid for, and at what price, is said once, in `cjsim.measures.costs`: there the rows are
added up, and here they are looked at one by one. Added up they are the line, to a penny.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cjsim.measures.costs import (
    DAYS,
    DECLARED,
    KIND,
    PRICE,
    PRICED,
    amounts,
    done_by_case,
    stays,
)
from cjsim.storage.plain import PlainTable

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log
    from cjsim.schema.model import Model

COLUMNS: Final = (
    "case_id",
    "activity",
    "result",
    "place",
    "queued_at",
    "ended_at",
    "month",
    "kind",
    "quantity",
    "gbp",
)

_ONE_BY_ONE: Final = "e.case_id, e.queued_at, e.ended_at, e.place AS whole"

# A stay that goes on for months has a row for each of them, with its days in that month.
_EACH: Final = f"""
SELECT a.case_id, a.activity, a.result, a.whole, a.queued_at, a.ended_at,
       strftime(s.month, '%Y-%m') AS month, {KIND} AS kind,
       sum(a.quantity) AS quantity, sum(a.quantity * {PRICE} * u.deflator) AS gbp
{PRICED}
GROUP BY ALL
UNION ALL
SELECT NULL, '{DECLARED}', '', '', NULL, NULL, strftime(s.month, '%Y-%m'), d.kind,
       sum(d.quantity), sum(d.gbp)
FROM declared d JOIN spells s USING (spell)
GROUP BY ALL
ORDER BY month, ended_at NULLS FIRST, queued_at, case_id, activity, result, whole
"""  # noqa: S608  # our own words


def cost_rows(folder: Path, model: Model, unit: str, month: str = "") -> list[PlainTable]:
    """The rows that a unit cost pays for, in one month or in all; `model` has its price.

    `queued_at` and `ended_at` are datetimes. They are None for capacity, whose `activity` is the
    pool or court list and `place` the division, and for a declared cost. A stay that was still open
    has no `ended_at`. Raises KeyError when there is no such unit cost.
    """
    from cjsim.measures.sql_tables import Log

    with Log(folder, _of_one(model, unit), by_case=True) as log:
        _hold_rows(log)
        rows = [
            dict(zip(COLUMNS, row, strict=True))
            for row in log.query(_EACH)
            if month in ("", row[6])
        ]
    for row in rows:
        row["quantity"] *= model.one_in
        row["gbp"] *= model.one_in
    return rows


def _hold_rows(log: Log) -> None:
    from cjsim.measures.prices import give_price_tables

    give_price_tables(log)
    counted = f"1 AS times, e.minutes, {_ONE_BY_ONE}"
    log.save("done", done_by_case(log, counted=counted, grouped=""))
    counted = f"({DAYS}) / 1440 AS days, k.case_id, k.queued_at, k.ended_at, k.place AS whole"
    log.save("stays", stays(log, counted=counted, grouped=""))
    more = ", {0}.case_id, {0}.queued_at, {0}.ended_at, {0}.whole"
    there = ", NULL, NULL, NULL, c.division"
    log.save("amounts", amounts(log, done=more.format("d"), stay=more.format("s"), there=there))


def _of_one(model: Model, unit: str) -> Model:
    """The model with one unit cost, or with one declared cost, and no other."""
    costs = model.costs
    declared = tuple(one for one in costs.declared if f"{one.scenario}.{one.line}" == unit)
    if unit not in costs.units and not declared:
        raise KeyError(unit)
    units = {name: one for name, one in costs.units.items() if name == unit}
    return model.model_copy(
        update={"costs": costs.model_copy(update={"units": units, "declared": declared})}
    )
