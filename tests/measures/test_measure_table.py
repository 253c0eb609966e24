"""The table of measures gives back what kpis.parquet holds."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from cjsim.experiment.kpi_tables import KPI_COLUMNS
from cjsim.measures.measure_table import MeasureTable

Row = tuple[str, int, str, str, str, str, float, str]

KPIS = ("open_cases", "cost_gbp", "trials")


def rows_with_gaps() -> list[Row]:
    draw = np.random.default_rng(7)
    return [
        (scenario, replication, kpi, court, group, period, draw.random(), f"unit of {kpi}")
        for scenario in ("baseline", "files")
        for replication in range(4)
        for kpi in KPIS
        for court in ("all", "crown")
        for group in ("", "mean")
        for period in ("all", "2013-04")
        if draw.random() < 0.8
    ]


def table_of(rows: list[Row]) -> pa.Table:
    columns = dict(zip(KPI_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    return pa.table(columns)


@pytest.fixture
def rows() -> list[Row]:
    rows = rows_with_gaps()
    order = np.random.default_rng(3).permutation(len(rows))
    return [rows[place] for place in order]


def test_every_value_of_the_whole_period_is_found_and_no_other(rows: list[Row]) -> None:
    table = MeasureTable.from_kpis(table_of(rows))
    expected = {
        (scenario, (kpi, court, group), replication): value
        for scenario, replication, kpi, court, group, period, value, _ in rows
        if period == "all"
    }
    found = {
        (scenario, key, replication): value
        for scenario in table.scenarios
        for key in table.keys
        for replication, value in enumerate(table.series(scenario, key).tolist())
        if not math.isnan(value)
    }
    assert found == expected
    assert int(table.present.sum()) == len(expected)
    assert table.units == {kpi: f"unit of {kpi}" for kpi in KPIS}
    assert list(table.keys) == sorted(table.keys)


def test_pairs_hold_the_replications_that_both_sides_have(rows: list[Row]) -> None:
    table = MeasureTable.from_kpis(table_of(rows))
    seen = []
    for keys, before, after in table.pairs("baseline", "files"):
        for key, one, other in zip(keys, before, after, strict=True):
            sides = [table.series(name, key) for name in ("baseline", "files")]
            shared = np.isfinite(sides[0]) & np.isfinite(sides[1])
            assert shared.any()
            assert (one == sides[0][shared]).all()
            assert (other == sides[1][shared]).all()
            seen.append(key)
    both = set(table.keys_of("baseline")) & set(table.keys_of("files"))
    assert len(seen) == len(set(seen))
    assert set(seen) <= both


def test_a_scenario_without_measures_and_an_unknown_key_have_no_values(rows: list[Row]) -> None:
    table = MeasureTable.from_kpis(table_of(rows), ["baseline", "files", "none"])
    assert table.keys_of("none") == []
    assert np.isnan(table.series("none", table.keys[0])).all()
    assert np.isnan(table.series("files", ("no_such", "all", ""))).all()
    assert table.mean("none", table.keys[0]) is None


def test_some_keys_alone_keep_their_values(rows: list[Row]) -> None:
    table = MeasureTable.from_kpis(table_of(rows))
    some = [key for key in table.keys if key.court == "crown"]
    crown = table.only(some)
    assert list(crown.keys) == some
    for key in some:
        assert np.array_equal(
            crown.series("files", key), table.series("files", key), equal_nan=True
        )
