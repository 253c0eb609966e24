"""Net present value and break-even of a scenario, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cjsim.economics.cash_flows import CashFlows, Horizon, sum_of_agencies
from cjsim.economics.years import (
    NEVER,
    Values,
    break_even_months,
    by_year,
    middle_and_ends,
    present_values,
)
from cjsim.measures.intervals import paired_intervals


@dataclass(frozen=True)
class Estimate:
    """A mean over the replications with its 95 % interval.

    `low` and `high` are None without an interval: for one replication, or equal values.
    """

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class BreakEven:
    """The month in which savings have repaid the costs.

    `month` is that of the mean over the replications. `share` of the replications break even within
    the horizon, the middle 95 per cent of them from `earliest` to `latest`. A month is None where
    there is no break-even.
    """

    month: str | None
    share: float
    earliest: str | None
    latest: str | None


@dataclass(frozen=True)
class NetPresentValue:
    """The savings of all agencies over the horizon."""

    present_value: Estimate
    break_even: BreakEven


def estimate(values: Values) -> Estimate:
    """The mean of one value by replication, and its interval."""
    row = np.atleast_2d(values)
    low, high = paired_intervals(np.zeros_like(row), row)
    ends = (float(low[0]), float(high[0]))
    if np.isnan(ends).any():
        return Estimate(float(row.mean()), None, None)
    return Estimate(float(row.mean()), *ends)


def npv(
    flows: CashFlows, horizon: Horizon, factors: Values, count: int, *, money: bool
) -> NetPresentValue:
    """The net present value of a scenario, in pounds of the first year.

    `count` is the number of replications.
    """
    saved = np.broadcast_to(
        -sum_of_agencies(flows, horizon, money=money), (count, len(horizon.months))
    )
    places = break_even_months(saved, factors)
    (mean,) = break_even_months(saved.mean(axis=0, keepdims=True), factors)
    _, low, high = middle_and_ends(places)
    return NetPresentValue(
        estimate(present_values(saved, factors)),
        BreakEven(
            _month(horizon, mean),
            float(np.isfinite(places).mean()),
            _month(horizon, low),
            _month(horizon, high),
        ),
    )


def _month(horizon: Horizon, index: float) -> str | None:
    return None if index == NEVER else horizon.months[int(index)].isoformat()[:7]


@dataclass(frozen=True)
class YearRow:
    """The change of an agency in a financial year; `agency` is empty for all of them.

    `money` is the part in money, `reform` the cost of the reform itself.
    """

    scenario: str
    agency: str
    year: str
    measured: bool
    change: Estimate
    money: Estimate
    reform: float


def year_rows(scenario: str, flows: CashFlows, horizon: Horizon, count: int) -> list[YearRow]:
    """The rows by year of each agency, and of all agencies together."""
    shape = (count, len(horizon.months))
    nothing = np.zeros((1, len(horizon.months)))
    reform_of_all: Values = sum(flows.declared.values(), start=nothing)
    tables = [
        (agency, flows.total(agency), flows.money(agency), flows.declared.get(agency, nothing))
        for agency in flows.agencies
    ]
    tables.append(
        (
            "",
            sum_of_agencies(flows, horizon),
            sum_of_agencies(flows, horizon, money=True),
            reform_of_all,
        )
    )
    rows = []
    for agency, *parts in tables:
        total, money, reform = (
            by_year(np.broadcast_to(part, shape), horizon.months, horizon.years) for part in parts
        )
        rows += [
            YearRow(
                scenario,
                agency,
                year,
                horizon.is_measured(year),
                estimate(total[:, at]),
                estimate(money[:, at]),
                float(reform[:, at].mean()),
            )
            for at, year in enumerate(horizon.years)
        ]
    return rows
