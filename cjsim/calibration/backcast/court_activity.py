"""Court activity by year, simulated and published: trials, hearings and hours heard.

It shows whether the open caseload is right for the right reasons. The published figures are in a
file beside the published series, with `_work` in its name; figures by quarter are weighted by the
cases disposed of.
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
class PublishedActivity:
    """A published figure of a period; `low` and `high` are equal unless it is a range."""

    what: str
    first: dt.date
    last: dt.date
    low: float
    high: float
    source: str


@dataclass(frozen=True)
class ActivityFigure:
    """A figure of a year, published (two ends) and simulated: mean, lowest and highest."""

    what: str
    year: str
    published: tuple[float, float]
    simulated: float
    low: float
    high: float


def read_court_activity(published: Path) -> list[PublishedActivity]:
    """The published court activity beside a series; empty without a file. Raises Faults."""
    path = published.with_name(f"{published.stem}_work{published.suffix}")
    if not path.is_file():
        return []
    rows = read_table(path, "table of what the courts did", COLUMNS, numbers=("low", "high"))
    cells = CellReader(path)
    figures = [
        PublishedActivity(
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
    return figures


def disposals(published: Path) -> dict[dt.date, float]:
    """Published cases disposed of by quarter end: the weights of quarters."""
    columns = ("quarter_end", "disposals")
    rows = read_table(
        published, "published series", columns, optional=("disposals",), numbers=("disposals",)
    )
    cells = CellReader(published)
    by_quarter = {
        cells.day(row, "quarter_end"): cells.number(row, "disposals")
        for row in rows
        if row["disposals"].strip()
    }
    cells.done()
    return by_quarter


def activity_figures(
    kpis: pa.Table,
    published: Sequence[PublishedActivity],
    ended: Mapping[dt.date, float],
    last: dt.date,
) -> list[ActivityFigure]:
    """Every figure of every year up to `last` that is published and simulated."""
    trials = {
        result: _months(kpis, "trial_hearings", result)
        for result in ("", "effective", "ineffective")
    }
    cases = _months(kpis, "cases_disposed", "")
    means = {
        HEARINGS: (_months(kpis, "hearings_per_case", ""), 1.0),
        HOURS: (_months(kpis, "court_minutes_per_case", ""), 1.0 / 60.0),
    }
    known = [figure for figure in published if figure.last <= last]
    rows = []
    for figure in known:
        months = _between(figure.first, figure.last)
        if figure.what == EFFECTIVE and (done := _sum(trials["effective"], months)) is not None:
            rows.append(_work(figure.what, _year(figure), (figure.low, figure.high), done))
        if figure.what == INEFFECTIVE:
            failed, listed = (_sum(trials[result], months) for result in ("ineffective", ""))
            if failed is not None and listed is not None:
                rows.append(
                    _work(figure.what, _year(figure), (figure.low, figure.high), failed / listed)
                )
    for year, quarters in _by_year(known, HEARINGS, first_month=1).items():
        simulated = _weighted(*means[HEARINGS], cases, quarters)
        if len(quarters) == 4 and simulated is not None:
            mean = _mean(quarters, ended)
            rows.append(_work(HEARINGS, year, (mean, mean), simulated))
    days = {_year(figure): figure for figure in published if figure.what == DAYS}
    for year, quarters in _by_year(known, HOURS, first_month=4).items():
        minutes_heard = _weighted(*means[HOURS], cases, quarters, as_sum=True)
        if minutes_heard is None or year not in days:
            continue
        # For part of a year, a share of its days.
        sat = days[year].low * len(quarters) / 4
        heard = sum(quarter.low * ended[quarter.last] for quarter in quarters) / sat
        label = year if len(quarters) == 4 else f"{year}, {len(quarters)} quarters"
        rows.append(_work(HOURS, label, (heard, heard), minutes_heard / sat))
    return rows


def _work(
    what: str, year: str, published: tuple[float, float], simulated: Numbers
) -> ActivityFigure:
    low, high = float(simulated.min()), float(simulated.max())
    return ActivityFigure(what, year, published, float(simulated.mean()), low, high)


def _year(figure: PublishedActivity) -> str:
    return _name(figure.first.year, figure.first.month)


def _name(year: int, first_month: int) -> str:
    return str(year) if first_month == 1 else f"{year}/{(year + 1) % 100:02d}"


def _by_year(
    published: Sequence[PublishedActivity], what: str, *, first_month: int
) -> dict[str, list[PublishedActivity]]:
    """The quarters by year, for years that begin with a given month."""
    by_year: dict[str, list[PublishedActivity]] = defaultdict(list)
    for figure in published:
        if figure.what == what:
            by_year[
                _name(figure.first.year - (figure.first.month < first_month), first_month)
            ].append(figure)
    return dict(by_year)


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
    """The sum over months, by replication; None if a month was not simulated."""
    if not all(month in by_month for month in months):
        return None
    return np.asarray(np.sum([by_month[month] for month in months], axis=0))


def _mean(quarters: Sequence[PublishedActivity], ended: Mapping[dt.date, float]) -> float:
    weights = [ended.get(quarter.last, math.nan) for quarter in quarters]
    total = sum(quarter.low * weight for quarter, weight in zip(quarters, weights, strict=True))
    return total / sum(weights)


def _weighted(
    a_case: Months,
    factor: float,
    cases: Months,
    quarters: Sequence[PublishedActivity],
    *,
    as_sum: bool = False,
) -> Numbers | None:
    """A measure per case over some quarters: its mean over all cases, or its sum."""
    months = [month for quarter in quarters for month in _between(quarter.first, quarter.last)]
    total = _sum({m: a_case[m] * cases[m] for m in a_case if m in cases}, months)
    count = _sum(cases, months)
    if total is None or count is None:
        return None
    return total * factor if as_sum else total * factor / count
