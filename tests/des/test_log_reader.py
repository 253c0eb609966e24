"""Logs of version 1 are read as version 2, and no column of a log is an SQL keyword."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cjsim.des.event_log import LOG_VERSION, MOMENT, log_schema
from cjsim.des.log_reader import read_footer, read_log, read_minutes
from cjsim.england_wales.case_columns import CASE_COLUMNS
from cjsim.england_wales.vocabulary import ACTIVITIES, AGENCIES, REASONS, RESULTS
from cjsim.measures import measure
from cjsim.scenarios.load import load_model
from cjsim.schema.model import Model
from cjsim.simulation.simulate import Run, simulate
from tests.golden.test_hashes import warmed_up

OLD = Path(__file__).with_name("log_version_1")
SAME = Path(__file__).with_name("log_version_2")
"""The same run as `OLD`, by the same model, as version 2 wrote it."""
TABLES = ("events", "cases", "capacity", "sittings")
FIRST, LAST = dt.date(2013, 4, 1), dt.date(2013, 4, 20)


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    """A model whose runs have every table of the log."""
    return warmed_up(load_model(toy), 60)


@pytest.fixture(scope="module")
def run(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with the log of today."""
    folder = tmp_path_factory.mktemp("run")
    return simulate(model, seed=1, replication=0, study_from=FIRST, study_to=LAST, folder=folder)


@pytest.mark.parametrize("table", TABLES)
def test_a_file_of_version_1_reads_as_the_file_of_today(table: str) -> None:
    old, new = (folder / f"{table}.parquet" for folder in (OLD, SAME))
    assert (read_footer(old).version, read_footer(new).version) == (1, LOG_VERSION)
    assert pq.read_schema(old).names != pq.read_schema(new).names or table == "capacity"
    assert read_log(old).equals(read_log(new))
    assert read_minutes(old).equals(read_minutes(new))


def test_a_log_of_version_1_has_the_same_measures(model: Model) -> None:
    assert measure(OLD, model).equals(measure(SAME, model))


def test_the_file_holds_what_the_simulation_counted(run: Run) -> None:
    """Pack the rows again as the simulation did; they have the hash of version 1."""
    table = read_minutes(run.events_path)
    places = [""]
    codes = {"activity": ACTIVITIES, "agency": AGENCIES, "result": RESULTS, "reason": REASONS}
    places = pq.read_table(run.events_path).column("place").chunk(0).dictionary.to_pylist()
    codes["place"] = places
    kinds = [
        ("case_id", "<i4"),
        ("queued_at", "<i4"),
        ("due_at", "<i4"),
        ("started_at", "<i4"),
        ("ended_at", "<i4"),
        ("minutes", "<f4"),
        ("planned_minutes", "<f4"),
        ("occurrence", "<i2"),
        ("place", "<i2"),
        ("activity", "<i2"),
        ("agency", "u1"),
        ("result", "u1"),
        ("reason", "u1"),
    ]
    rows = np.empty(table.num_rows, dtype=kinds)
    for name, _ in kinds:
        values = table.column(name)
        if name in codes:
            code_of = {word: code for code, word in enumerate(codes[name])}
            rows[name] = [code_of[word] for word in values.cast(pa.string()).to_pylist()]
        else:
            rows[name] = values.to_numpy()
    case_rows = [
        tuple(row[name] for name, _, _ in CASE_COLUMNS)
        for row in read_minutes(run.cases_path).to_pylist()
    ]
    capacity = pq.read_table(run.capacity_path).to_pylist()
    sittings = [tuple(row.values())[:-1] for row in read_minutes(run.sittings_path).to_pylist()]
    content = hashlib.sha256(hashlib.sha256(rows.tobytes()).digest())
    content.update(hashlib.sha256(repr(case_rows).encode()).digest())
    content.update(repr(capacity).encode())
    content.update(repr(sittings).encode())
    assert content.hexdigest() == run.content_hash


@pytest.mark.parametrize("table", TABLES)
def test_no_column_needs_quotes_in_sql(run: Run, table: str) -> None:
    path = run.events_path.parent / f"{table}.parquet"
    columns = log_schema(table, CASE_COLUMNS).names
    assert pq.read_schema(path).names == columns
    with duckdb.connect() as database:
        answer = database.execute(f"select {', '.join(columns)} from '{path}'")  # noqa: S608  # ours
        assert answer.fetchone() is not None


def test_a_time_is_a_timestamp_and_null_where_there_is_none(run: Run) -> None:
    events = read_log(run.events_path)
    minutes = read_minutes(run.events_path)
    for name in ("queued_at", "due_at", "started_at", "ended_at"):
        assert events.schema.field(name).type == MOMENT
        never = minutes.column(name).to_numpy() < 0
        assert np.array_equal(events.column(name).is_null().to_numpy(), never)
        assert not events.column(name).type.tz


def test_the_rows_of_the_warm_up_are_marked(run: Run) -> None:
    start = dt.datetime.combine(FIRST, dt.time())
    for path, time in ((run.events_path, "ended_at"), (run.cases_path, "arrived_at")):
        rows = read_log(path).to_pylist()
        for row in rows:
            assert row["warm_up"] == (row[time] is not None and row[time] < start)
        assert {row["warm_up"] for row in rows} == {True, False}
