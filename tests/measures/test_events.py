"""The event log read with the words of each row made one number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cjsim.england_wales.vocabulary import DUTIES
from cjsim.measures.event_store import WORDS, Divisions, Events, OpenRows, RowCounts
from tests.support.hand_made import at, event, write_log

ROWS = [
    event(1, "first_hearing", at(1), at(2), result="adjourned", reason="no_court_time", place="a"),
    event(2, "first_hearing", at(1), at(2), result="adjourned", reason="no_court_time", place="b"),
    event(3, "charge", at(1), at(1)),
    event(4, "first_hearing", at(3), at(4), result="adjourned", reason="no_court_time", place="a"),
]


def counted(kinds: int) -> RowCounts:
    """A count of the rows left in the first week."""
    nobody = Divisions(np.zeros(0, int), np.zeros(0, int))
    return RowCounts(kinds, at(0), at(7), np.zeros(7, int), nobody)


@pytest.mark.parametrize("as_numbers", [True, False])
def test_every_row_gets_its_words_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_numbers: bool
) -> None:
    path = write_log(tmp_path, events=ROWS) / "events.parquet"
    if as_numbers:
        table = pq.read_table(path)
        for place, name in enumerate(table.column_names):
            if name in WORDS:
                coded = table.column(name).dictionary_encode()
                table = table.set_column(place, name, coded)
        pq.write_table(table, path, row_group_size=2)
    monkeypatch.setattr("cjsim.measures.event_store._AT_ONCE", 3)
    events = Events(path)
    kinds = events.kinds()
    assert kinds.num_rows == 3, "two of the four rows have the same words"
    tally = counted(3)
    wanted = {"all": ("charge", "first_hearing"), "some": ("charge",), "none": ()}
    columns = {
        "all": (*WORDS, "case_id"),
        "some": ("ended_at", "case_id"),
        "none": ("case_id", *WORDS),
    }
    open_rows = OpenRows(kinds.column("activity").to_pylist(), DUTIES, at(7))
    found = events.sort_out(wanted, columns, tally, open_rows)
    assert found["all"].select([*WORDS]).to_pylist() == [
        {name: row[name] for name in WORDS} for row in ROWS
    ]
    assert found["all"]["case_id"].to_pylist() == [1, 2, 3, 4]
    assert found["some"]["case_id"].to_pylist() == [3]
    assert found["some"].column_names == ["ended_at", "case_id"]
    assert found["none"].num_rows == 0
    assert {*found["none"].schema} == {*found["all"].schema}
    words = {kind.pop("kind"): kind for kind in kinds.to_pylist()}
    counts = tally.counts()
    assert {
        (words[kind]["activity"], words[kind]["place"]): times
        for kind, times in zip(counts["kind"], counts["times"], strict=True)
    } == {("first_hearing", "a"): 2, ("first_hearing", "b"): 1, ("charge", ROWS[2]["place"]): 1}


def test_a_log_without_rows_has_no_kinds(tmp_path: Path) -> None:
    events = Events(write_log(tmp_path) / "events.parquet")
    assert events.kinds().num_rows == 0
    assert events.kinds().schema.field("kind").type == pa.int32()
    nothing = OpenRows([], DUTIES, at(7))
    found = events.sort_out({"all": ("charge",)}, {"all": ("case_id", *WORDS)}, counted(0), nothing)
    assert not len(nothing.waiting())
    assert found["all"].num_rows == 0
    assert found["all"].column_names == ["case_id", *WORDS]


def test_the_division_of_a_case_is_found_by_its_number_however_large_it_is() -> None:
    divisions = Divisions(np.array([7, 1_000_000_003, 2]), np.array([0, 1, 2]))
    asked = np.array([1_000_000_003, 3, 2, 7, 2_000_000_000])
    assert divisions.of(asked).tolist() == [1, -1, 2, 0, -1]
    assert Divisions(np.zeros(0, int), np.zeros(0, int)).of(asked).tolist() == [-1] * 5
