"""What the courts did beside what was published of it: trials, hearings, hours heard, by year.

Whether the open caseload comes out right for the right reasons. The figures stand beside the
published series, in its name with `_work`; those by quarter are weighed by the cases disposed of.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.schema.base import BASELINE
from cjsim.schema.csv_files import CellReader, read_table

Numbers = npt.NDArray[np.float64]
Months = Mapping[str, Numbers]
"""A measure by month, one value for each replication."""

EFFECTIVE, INEFFECTIVE, HEARINGS, HOURS, DAYS = (
    "effective_trials",
    "ineffective_share",
    "hearings",
    "hours",
    "sitting_days",
)
COLUMNS: Final = ("what", "from", "to", "low", "high", "source")
KINDS: Final = (EFFECTIVE, INEFFECTIVE, HEARINGS, HOURS, DAYS)


@dataclass(frozen=True)
class Published:
    """One published figure of a stretch of time: its two ends are one where it is no range."""

    what: str
    first: dt.date
    last: dt.date
    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Work:
    """One figure of a year, published (two ends) and simulated: mean, least and most."""

    what: str
    year: str
    published: tuple[float, float]
    simulated: float
    low: float
    high: float


def read_work(published: Path) -> list[Published]:
    """What was published of the courts' work beside a series, if anything was. Raises Faults."""
    path = published.with_name(f"{published.stem}_work{published.suffix}")
    if not path.is_file():
        return []
    rows = read_table(path, "table of what the courts did", COLUMNS, numbers=("low", "high"))
    cells = CellReader(path)
    found = [
        Published(
            cells.word(row, "what", KINDS),
            cells.day(row, "from"),
            cells.day(row, "to"),
            cells.number(row, "low"),
            cells.number(row, "high"),
            row["source"],
        )
        for row in rows
    ]
    cells.done()
    return found


def disposals(published: Path) -> dict[dt.date, float]:
    """Cases disposed of by quarter end, as far as they are published: the weights of quarters."""
    columns = ("quarter_end", "disposals")
    rows = read_table(
        published, "published series", columns, optional=("disposals",), numbers=("disposals",)
    )
    cells = CellReader(published)
    found = {
        cells.day(row, "quarter_end"): cells.number(row, "disposals")
        for row in rows
        if row["disposals"].strip()
    }
    cells.done()
    return found


def work_of(
    kpis: pa.Table, published: Sequence[Published], ended: Mapping[dt.date, float], last: dt.date
) -> list[Work]:
    """Each figure of each year up to `last` of which something was published and simulated."""
    trials = {
        result: _months(kpis, "trial_hearings", result)
        for result in ("", "effective", "ineffective")
    }
    cases = _months(kpis, "cases_disposed", "")
    means = {
        HEARINGS: (_months(kpis, "hearings_per_case", ""), 1.0),
        HOURS: (_months(kpis, "court_minutes_per_case", ""), 1.0 / 60.0),
    }
    known = [one for one in published if one.last <= last]
    found = []
    for one in known:
        months = _between(one.first, one.last)
        if one.what == EFFECTIVE and (done := _sum(trials["effective"], months)) is not None:
            found.append(_work(one.what, _year(one), (one.low, one.high), done))
        if one.what == INEFFECTIVE:
            failed, listed = (_sum(trials[result], months) for result in ("ineffective", ""))
            if failed is not None and listed is not None:
                found.append(_work(one.what, _year(one), (one.low, one.high), failed / listed))
    for year, quarters in _by_year(known, HEARINGS, first_month=1).items():
        simulated = _weighted(*means[HEARINGS], cases, quarters)
        if len(quarters) == 4 and simulated is not None:
            mean = _mean(quarters, ended)
            found.append(_work(HEARINGS, year, (mean, mean), simulated))
    days = {_year(one): one for one in published if one.what == DAYS}
    for year, quarters in _by_year(known, HOURS, first_month=4).items():
        whole = _weighted(*means[HOURS], cases, quarters, as_sum=True)
        if whole is None or year not in days:
            continue
        # Of a year that is looked at in part, the days in proportion.
        sat = days[year].low * len(quarters) / 4
        heard = sum(one.low * ended[one.last] for one in quarters) / sat
        label = year if len(quarters) == 4 else f"{year}, {len(quarters)} quarters"
        found.append(_work(HOURS, label, (heard, heard), whole / sat))
    return found


def _work(what: str, year: str, published: tuple[float, float], simulated: Numbers) -> Work:
    low, high = float(simulated.min()), float(simulated.max())
    return Work(what, year, published, float(simulated.mean()), low, high)


def _year(one: Published) -> str:
    return _name(one.first.year, one.first.month)


def _name(year: int, first_month: int) -> str:
    return str(year) if first_month == 1 else f"{year}/{(year + 1) % 100:02d}"


def _by_year(
    published: Sequence[Published], what: str, *, first_month: int
) -> dict[str, list[Published]]:
    """The quarters of each year that begins with a month."""
    found: dict[str, list[Published]] = defaultdict(list)
    for one in published:
        if one.what == what:
            found[_name(one.first.year - (one.first.month < first_month), first_month)].append(one)
    return dict(found)


def _between(first: dt.date, last: dt.date) -> list[str]:
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in months]


def _months(kpis: pa.Table, kpi: str, group: str) -> Months:
    mask = pc.equal(kpis.column("scenario"), BASELINE)
    for column, value in (("kpi", kpi), ("court", "crown"), ("group", group)):
        mask = pc.and_(mask, pc.equal(kpis.column(column), value))
    by_month: dict[str, dict[int, float]] = defaultdict(dict)
    for row in kpis.filter(mask).select(["period", "replication", "value"]).to_pylist():
        by_month[row["period"]][row["replication"]] = row["value"]
    return {
        month: np.array([values[number] for number in sorted(values)], dtype=np.float64)
        for month, values in by_month.items()
    }


def _sum(by_month: Months, months: Sequence[str]) -> Numbers | None:
    """The sum over months, by replication; None where one of them was not simulated."""
    if not all(month in by_month for month in months):
        return None
    return np.asarray(np.sum([by_month[month] for month in months], axis=0))


def _mean(quarters: Sequence[Published], ended: Mapping[dt.date, float]) -> float:
    weights = [ended.get(one.last, math.nan) for one in quarters]
    whole = sum(one.low * weight for one, weight in zip(quarters, weights, strict=True))
    return whole / sum(weights)


def _weighted(
    a_case: Months,
    factor: float,
    cases: Months,
    quarters: Sequence[Published],
    *,
    as_sum: bool = False,
) -> Numbers | None:
    """A measure by case over some quarters: its mean over all cases, or its sum."""
    months = [month for one in quarters for month in _between(one.first, one.last)]
    whole = _sum({m: a_case[m] * cases[m] for m in a_case if m in cases}, months)
    count = _sum(cases, months)
    if whole is None or count is None:
        return None
    return whole * factor if as_sum else whole * factor / count
