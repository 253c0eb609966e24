"""The results folder: whole or not there, and the same bytes for the same rows."""

from __future__ import annotations

import socket
from pathlib import Path

import pyarrow as pa
import pytest

from cjsim.experiment.executor import RunFailed
from cjsim.experiment.store import (
    KPI_COLUMNS,
    kpi_table,
    read_table,
    refuse_doubles,
    whole_folder,
    write_table,
)

ROWS = [
    {"kpi": "b", "court": "all", "group": "", "period": "all", "value": 1.0, "unit": "days"},
    {"kpi": "a", "court": "crown", "group": "", "period": "all", "value": 2.0, "unit": "days"},
    {"kpi": "a", "court": "crown", "group": "", "period": "2013-04", "value": 0.1, "unit": "days"},
]


def replication(rows: list[dict[str, object]] = ROWS) -> pa.Table:
    return pa.Table.from_pylist(rows)


def test_a_folder_appears_with_all_its_files(tmp_path: Path) -> None:
    final = tmp_path / "question" / "abc"
    with whole_folder(final) as folder:
        (folder / "file").write_text("x")
        assert not final.exists()
    assert (final / "file").read_text() == "x"
    assert [path.name for path in final.parent.iterdir()] == ["abc"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_a_fault_leaves_nothing_not_even_the_folders_above(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    def fail() -> None:
        with whole_folder(tmp_path / "results" / "question" / "abc") as folder:
            (folder / "file").write_text("x")
            raise fault

    with pytest.raises(fault):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_an_older_run_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    final = tmp_path / "abc"
    for content, replace, expected in (("1", False, "1"), ("2", False, "1"), ("3", True, "3")):
        with whole_folder(final, replace=replace) as folder:
            (folder / "file").write_text(content)
        assert (final / "file").read_text() == expected
    assert [path.name for path in tmp_path.iterdir()] == ["abc"]


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path) -> None:
    no_such_process = 2**22 + 1  # above the largest process id of any system
    (tmp_path / f".abc.{socket.gethostname()}.{no_such_process}.partial").mkdir()
    with whole_folder(tmp_path / "abc") as folder:
        (folder / "file").write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == ["abc"]


def test_a_place_that_is_a_file_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("not a folder")
    folder = whole_folder(tmp_path / "results" / "abc")
    with pytest.raises(RunFailed, match="Cannot write to"):
        folder.__enter__()


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
    refuse_doubles(replication())
    with pytest.raises(RunFailed, match="2 values for one place: kpi b, court all"):
        refuse_doubles(replication([*ROWS, ROWS[0]]))


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    table = kpi_table({("base", 0): replication(), ("base", 1): replication()}, ["base"])
    in_pieces = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    write_table(table, tmp_path / "one.parquet")
    write_table(in_pieces, tmp_path / "two.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert read_table(tmp_path / "one.parquet").equals(table)
