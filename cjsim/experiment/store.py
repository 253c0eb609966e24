"""The files of a results folder: whole or not there, the same bytes for the same content."""

from __future__ import annotations

import contextlib
import csv
import errno
import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cjsim.experiment.crews.executor import RunFailed

KPI_ORDER = ("replication", "kpi", "court", "group", "period")
"""The columns that order the rows within a scenario, and with it make them unique."""

UNFINISHED = ".unfinished"
"""The end of the name of a folder in which a run is gathered."""

KPI_COLUMNS = ("scenario", "replication", "kpi", "court", "group", "period", "value", "unit")


def sync_folder(folder: Path) -> None:
    """The names in a folder, on the disk."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync_file(path: Path) -> None:
    """A file's content, on the disk before the name that promises it is whole."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file to write; it takes the place of `path` in one step when the block ends well.

    Raises IsADirectoryError for a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        sync_file(partial)
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(final: Path) -> Iterator[Path]:
    """A folder to write into; it takes the place of `final` when the block ends well.

    Else nothing is left of it. Raises RunFailed when the place cannot be written to.
    """
    partial = final.with_name(f".{final.name}.{os.getpid()}.partial")
    try:
        try:
            partial.mkdir(parents=True)
        except OSError as error:
            raise RunFailed(f"Cannot write to {final.parent}: {error.strerror}.") from error
        yield partial
        sync_folder(partial)
        if final.exists():
            shutil.rmtree(final)
        partial.replace(final)
        sync_folder(final.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_json(content: Any, path: Path) -> None:
    """Indented JSON, in one step."""
    with whole_file(path) as partial:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        partial.write_text(text + "\n", encoding="utf-8")


def write_csv(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """CSV with the keys of the first row as its heading, in one step.

    Text that a spreadsheet would take for a formula is quoted; a number is written to its last
    digit, and one that is not there as nothing.
    """
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if rows:
            writer.writerow([csv_cell(name) for name in rows[0]])
        writer.writerows([csv_cell(value) for value in row.values()] for row in rows)
        file.flush()


def csv_cell(value: object) -> object:
    """A value as a cell of a CSV file, where none may begin as a formula does."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else ""
    return "" if value is None else value


def write_table(table: pa.Table, path: Path) -> None:
    """Parquet, in one step, with options that give the same bytes for the same rows."""
    with whole_file(path) as partial:
        pq.write_table(
            table.replace_schema_metadata(None).combine_chunks(),
            partial,
            compression="zstd",
            version="2.6",
            row_group_size=1 << 20,
            use_dictionary=True,
            write_statistics=True,
        )


def read_table(path: Path) -> pa.Table:
    """A Parquet file as it was written."""
    return pq.read_table(path)


def kpi_table(tables: dict[tuple[str, int], pa.Table], scenarios: list[str]) -> pa.Table:
    """The measures of every replication in one table, in a fixed order of rows.

    `tables` holds for each scenario and replication the columns kpi, court, group, period, value
    and unit.
    """
    parts = []
    for place, scenario in enumerate(scenarios):
        for (name, replication), table in tables.items():
            if name == scenario:
                parts.append(place_rows(table, scenario, place, replication))
    whole = pa.concat_tables(parts)
    order = [("place", "ascending"), *((column, "ascending") for column in KPI_ORDER)]
    whole = whole.take(pc.sort_indices(whole, sort_keys=order)).combine_chunks()
    return whole.drop_columns(["place"])


def place_rows(table: pa.Table, scenario: str, place: int, replication: int) -> pa.Table:
    """The measures of one replication in the columns of kpis.parquet, and its scenario's place."""
    rows = table.num_rows
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        "scenario": pa.repeat(scenario, rows),
        "replication": pa.repeat(pa.scalar(replication, pa.int32()), rows),
        "place": pa.repeat(pa.scalar(place, pa.int32()), rows),
    }
    for name in KPI_COLUMNS[2:]:
        kind = pa.float64() if name == "value" else pa.string()
        columns[name] = table.column(name).cast(kind)
    order = [*KPI_COLUMNS, "place"]
    return pa.table({name: columns[name] for name in order})


def refuse_doubles(kpis: pa.Table) -> None:
    """Raise RunFailed when one replication has two values of a measure for one place and time."""
    keys = list(KPI_ORDER[1:])
    counted = kpis.group_by(keys, use_threads=False).aggregate([([], "count_all")])
    twice = counted.filter(pc.greater(counted.column("count_all"), 1))
    if twice.num_rows:
        first = ", ".join(f"{key} {twice.column(key)[0]!s}" for key in keys)
        raise RunFailed(
            f"A measure has {twice.column('count_all')[0]} values for one place: {first}."
        )


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
