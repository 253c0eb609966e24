"""Rows of a query, added up: what is left out, the order of the totals, the quantiles."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cjsim.measures.tallies import Tally

APRIL, MAY = dt.date(2013, 4, 1), dt.date(2013, 5, 1)


def test_a_column_that_is_left_out_is_filled_in() -> None:
    rows = pa.table({"month": pa.array([APRIL, APRIL], pa.date32())})
    assert Tally(rows).totals() == [(None, None, None, APRIL, 2.0, 2.0)]


def test_a_query_without_rows_has_no_totals() -> None:
    rows = pa.table({"month": pa.array([], pa.date32()), "top": pa.array([], pa.int64())})
    tally = Tally(rows)
    assert tally.totals() == []
    assert list(tally.quantiles((0.5,), by_court=False)) == []


def test_totals_are_sorted_and_what_is_not_known_comes_last() -> None:
    rows = pa.table(
        {
            "court": pa.array(["crown", None, "crown", "all"]),
            "grp": pa.array(["b", "a", None, "b"]).dictionary_encode(),
            "month": pa.array([MAY, APRIL, APRIL, None], pa.date32()),
            "top": pa.array([1, 2, None, 4], pa.int32()),
        }
    )
    assert Tally(rows).totals() == [
        ("all", None, "b", None, 4.0, 1.0),
        ("crown", None, "b", MAY, 1.0, 1.0),
        ("crown", None, None, APRIL, 1.0, 1.0),
        (None, None, "a", APRIL, 2.0, 1.0),
    ]


def test_quantiles_are_of_each_month_and_of_all_months() -> None:
    rows = pa.table(
        {
            "court": pa.array(["crown"] * 3 + ["magistrates"]),
            "month": pa.array([APRIL, APRIL, MAY, MAY], pa.date32()),
            "top": pa.array([10, 20, 60, None], pa.int64()),
        }
    )
    tally = Tally(rows)
    assert list(tally.quantiles((0.5,), by_court=True)) == [
        ("crown", None, [20.0]),
        ("crown", APRIL, [15.0]),
        ("crown", MAY, [60.0]),
    ]
    assert next(tally.quantiles((0.5, 0.9), by_court=False)) == ("all", None, [20.0, 52.0])


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_a_quantile_lies_between_the_least_and_the_most(values: list[float]) -> None:
    ((_, _, (median, p90)),) = [
        row
        for row in Tally(pa.table({"top": values})).quantiles((0.5, 0.9), by_court=False)
        if row[1] is None
    ][:1]
    rounding = 1e-12 * max(values)
    assert min(values) - rounding <= median <= p90 + rounding <= max(values) + 2 * rounding
