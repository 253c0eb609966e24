"""Financial years, carrying forward, discounting and break-even.

Pure functions of tables of numbers: a row for each replication, a column for each month.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from cjsim.des.working_time import next_month
from cjsim.schema.base import Number
from cjsim.schema.dated import number_on

Values = npt.NDArray[np.float64]

A_YEAR: Final = 12
"""Months."""

APRIL: Final = 4

NEVER: Final = math.inf

HALF_A_PENNY: Final = 0.005
"""The tolerance for sums of floating-point pounds that should be 0."""


def financial_year(month: dt.date) -> str:
    """The financial year of a month: 2014-03 is of 2013-14."""
    first = month.year if month.month >= APRIL else month.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def first_day(year: str) -> dt.date:
    """1 April of a financial year."""
    return dt.date(int(year[:4]), APRIL, 1)


def months_from(first: dt.date, count: int) -> list[dt.date]:
    """A number of consecutive months, by their first days."""
    months = [first.replace(day=1)]
    while len(months) < count:
        months.append(next_month(months[-1]))
    return months


def carried_forward(values: Values, more: int) -> Values:
    """The values followed by `more` months, each equal to the month a year before.

    Raises ValueError for fewer than twelve months.
    """
    if values.shape[1] < A_YEAR:
        raise ValueError("less than a year cannot be carried forward")
    last = values[:, -A_YEAR:]
    again = np.tile(last, (1, -(-more // A_YEAR) or 1))[:, :more]
    return np.concatenate([values, again], axis=1)


def by_year(values: Values, months: Sequence[dt.date], years: Sequence[str]) -> Values:
    """Sums by financial year: a column for each of the years."""
    of = [financial_year(month) for month in months]
    return np.stack(
        [
            values[
                :, [index for index, year_of_month in enumerate(of) if year_of_month == year]
            ].sum(axis=1)
            for year in years
        ],
        axis=1,
    )


def discount_factors(rate: Number, months: Sequence[dt.date]) -> Values:
    """The discount factor of each month, to the financial year of the first month.

    All months of a financial year have one factor, by the rate of its 1 April.
    """
    factors: list[float] = []
    factor, year = 1.0, financial_year(months[0])
    for month in months:
        if financial_year(month) != year:
            year = financial_year(month)
            factor /= 1 + number_on(rate, first_day(year), "", "")
        factors.append(factor)
    return np.array(factors)


def present_values(saved: Values, factors: Values) -> Values:
    """The present value of the savings of each replication."""
    worth: Values = (saved * factors).sum(axis=1)
    return worth


def break_even_months(saved: Values, factors: Values) -> Values:
    """The index of the month from which each replication has saved more than it paid, for good.

    NEVER without such a month, or without any cost or saving.
    """
    sums = np.cumsum(saved * factors, axis=1)
    indices = []
    for row in sums:
        behind = np.flatnonzero(row < -HALF_A_PENNY)
        if not row.any() or (behind.size and behind[-1] == len(row) - 1):
            indices.append(NEVER)
        else:
            # Before the first cost or saving there is no break-even.
            begun = int(np.flatnonzero(row)[0])
            indices.append(float(max(begun, behind[-1] + 1 if behind.size else 0)))
    return np.array(indices)


def middle_and_ends(months: Values) -> tuple[float, float, float]:
    """The median and the ends of the middle 95 per cent; each is one of the values."""
    in_order = np.sort(months)
    last = len(in_order) - 1
    at = (last // 2, math.floor(0.025 * last), math.ceil(0.975 * last))
    middle, low, high = (float(in_order[index]) for index in at)
    return middle, low, high
