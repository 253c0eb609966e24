"""What a scenario is worth: net present value and break-even, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cjsim.economics.cash_flows import Flows, Horizon, all_agencies
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

    `low` and `high` are None where there is none: for one replication, and where all are the same.
    """

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class BreakEven:
    """When all that was paid has come back.

    `month` is that of the mean over the replications; `share` of the replications come to it within
    the horizon, and the middle 95 per cent of them from `earliest` to `latest`. A month is None
    where it does not come to that.
    """

    month: str | None
    share: float
    earliest: str | None
    latest: str | None


@dataclass(frozen=True)
class Worth:
    """What all agencies together save over the horizon, all of it or what of it is money."""

    present_value: Estimate
    break_even: BreakEven


def estimate(values: Values) -> Estimate:
    """The mean of one value for each replication, and its interval."""
    row = np.atleast_2d(values)
    low, high = paired_intervals(np.zeros_like(row), row)
    ends = (float(low[0]), float(high[0]))
    if np.isnan(ends).any():
        return Estimate(float(row.mean()), None, None)
    return Estimate(float(row.mean()), *ends)


def worth(flows: Flows, horizon: Horizon, factors: Values, count: int, *, money: bool) -> Worth:
    """What a scenario saves, in pounds of the first year's worth; `count` is of replications."""
    saved = np.broadcast_to(
        -all_agencies(flows, horizon, money=money), (count, len(horizon.months))
    )
    places = break_even_months(saved, factors)
    (mean,) = break_even_months(saved.mean(axis=0, keepdims=True), factors)
    _, low, high = middle_and_ends(places)
    return Worth(
        estimate(present_values(saved, factors)),
        BreakEven(
            _month(horizon, mean),
            float(np.isfinite(places).mean()),
            _month(horizon, low),
            _month(horizon, high),
        ),
    )


def _month(horizon: Horizon, place: float) -> str | None:
    return None if place == NEVER else horizon.months[int(place)].isoformat()[:7]


@dataclass(frozen=True)
class YearRow:
    """What changes for an agency in a financial year; `agency` is empty for all of them.

    `money` is that part which is money, `reform` what the reform itself costs of it.
    """

    scenario: str
    agency: str
    year: str
    measured: bool
    change: Estimate
    money: Estimate
    reform: float


def year_rows(scenario: str, flows: Flows, horizon: Horizon, count: int) -> list[YearRow]:
    """The financial view: each agency's years, and those of all agencies together."""
    shape = (count, len(horizon.months))
    nothing = np.zeros((1, len(horizon.months)))
    reform_of_all: Values = sum(flows.declared.values(), start=nothing)
    tables = [
        (one, flows.whole(one), flows.money(one), flows.declared.get(one, nothing))
        for one in flows.agencies
    ]
    tables.append(
        (
            "",
            all_agencies(flows, horizon),
            all_agencies(flows, horizon, money=True),
            reform_of_all,
        )
    )
    rows = []
    for agency, *parts in tables:
        whole, money, reform = (
            by_year(np.broadcast_to(part, shape), horizon.months, horizon.years) for part in parts
        )
        rows += [
            YearRow(
                scenario,
                agency,
                year,
                horizon.is_measured(year),
                estimate(whole[:, at]),
                estimate(money[:, at]),
                float(reform[:, at].mean()),
            )
            for at, year in enumerate(horizon.years)
        ]
    return rows
