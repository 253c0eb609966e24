"""The tables of a results folder: the same bytes for the same rows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from cjsim.errors import RunFailed
from cjsim.experiment.kpi_tables import KPI_COLUMNS, kpi_table, refuse_duplicates
from cjsim.storage.tables import read_table, write_table

ROWS = [
    {"kpi": "b", "court": "all", "group": "", "period": "all", "value": 1.0, "unit": "days"},
    {"kpi": "a", "court": "crown", "group": "", "period": "all", "value": 2.0, "unit": "days"},
    {"kpi": "a", "court": "crown", "group": "", "period": "2013-04", "value": 0.1, "unit": "days"},
]


def replication(rows: list[dict[str, object]] = ROWS) -> pa.Table:
    return pa.Table.from_pylist(rows)


def test_rows_stand_in_one_order_whatever_came_first() -> None:
    tables = {("wide", 1): replication(), ("base", 0): replication(), ("wide", 0): replication()}
    table = kpi_table(tables, ["base", "wide"])
    assert table.column_names == list(KPI_COLUMNS)
    rows = table.to_pylist()
    places = [(row["scenario"], row["replication"], row["kpi"], row["period"]) for row in rows[:4]]
    assert places == [
        ("base", 0, "a", "2013-04"),
        ("base", 0, "a", "all"),
        ("base", 0, "b", "all"),
        ("wide", 0, "a", "2013-04"),
    ]
    backwards = dict(reversed(tables.items()))
    assert kpi_table(backwards, ["base", "wide"]).equals(table)


def test_two_values_for_one_place_are_refused() -> None:
    refuse_duplicates(replication())
    with pytest.raises(RunFailed, match="2 values for one place: kpi b, court all"):
        refuse_duplicates(replication([*ROWS, ROWS[0]]))


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    table = kpi_table({("base", 0): replication(), ("base", 1): replication()}, ["base"])
    in_pieces = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    write_table(table, tmp_path / "one.parquet")
    write_table(in_pieces, tmp_path / "two.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert read_table(tmp_path / "one.parquet").equals(table)
