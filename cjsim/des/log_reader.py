"""Reads the Parquet tables of an event log, of this version or of version 1.

Version 1 had times as whole minutes since the epoch, -1 for a time that had not come, other names
and no column `warm_up`. Everything here presents a table with the columns of version 2: as
timestamps (`read_log`), or in minutes for arithmetic (`read_minutes`, `batches_in_minutes`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cjsim.des.event_log import (
    LOG_VERSION,
    MILLISECONDS_A_MINUTE,
    MOMENT,
    WARM_UP,
    milliseconds_at,
    moments,
)
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.storage.tables import read_table

_Column: TypeAlias = pa.Array | pa.ChunkedArray
_EVENTS_VERSION_1: Final = {
    "case": "case_id",
    "entered": "queued_at",
    "due": "due_at",
    "started": "started_at",
    "left": "ended_at",
    "planned": "planned_minutes",
}
_SITTINGS_VERSION_1: Final = {"house": "courthouse", "start": "started_at"}
"""What the columns that had another name in version 1 are called now."""
_TOLD_APART_BY: Final = {"left": "events", "arrived": "cases", "start": "sittings"}
"""For each table of version 1 a column that no other table has."""
_WARM_UP_BY: Final = {"events": "ended_at", "cases": "arrived_at", "sittings": "started_at"}
"""The time that says whether a row is of the warm-up: it lies before the study period."""


READABLE_VERSIONS: Final = (1, LOG_VERSION)


@dataclass(frozen=True)
class LogFooter:
    """What the footer of a log's table says: its version, the day of minute 0, the study period."""

    version: int
    epoch: dt.date
    study_from: dt.date
    study_to: dt.date

    @property
    def study_start(self) -> int:
        """The first minute of the study period."""
        return self.minute(self.study_from)

    @property
    def study_end(self) -> int:
        """The minute after the last of the study period."""
        return self.minute(self.study_to + dt.timedelta(days=1))

    def minute(self, day: dt.date) -> int:
        """The minute at which a day begins."""
        return (day - self.epoch).days * MINUTES_A_DAY

    def moment(self, minute: int) -> dt.datetime:
        """The date and time of a minute."""
        return dt.datetime.combine(self.epoch, dt.time()) + dt.timedelta(minutes=minute)


def footer_of(schema: pa.Schema) -> LogFooter:
    """The footer of a table. Raises KeyError where it is no table of a log."""
    metadata = schema.metadata or {}
    days = (
        dt.date.fromisoformat(metadata[key].decode())
        for key in (b"epoch", b"study_from", b"study_to")
    )
    return LogFooter(int(metadata.get(b"log_version", b"1")), *days)


def read_footer(path: Path) -> LogFooter:
    """The footer of a file. Raises OSError, and KeyError where it is no table of a log."""
    return footer_of(pq.read_schema(path))


def as_version_2(table: pa.Table) -> pa.Table:
    """A whole table of version 1 with the columns and types of version 2; another as it is."""
    footer = footer_of(table.schema)
    if footer.version > 1:
        return table
    kind, names = _kind_and_names(table.schema)
    epoch = milliseconds_at(footer.epoch)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for old_name in table.column_names:
        name = names.get(old_name, old_name)
        column = table.column(old_name)
        columns[name] = moments(column.to_numpy(), epoch) if name.endswith("_at") else column
    if kind in _WARM_UP_BY:
        minutes = in_minutes(columns[_WARM_UP_BY[kind]], footer).to_numpy()
        columns[WARM_UP] = pa.array((minutes >= 0) & (minutes < footer.study_start))
    metadata = {**table.schema.metadata, b"log_version": str(LOG_VERSION).encode()}
    return pa.table(columns).replace_schema_metadata(metadata)


def schema_of_version_2(schema: pa.Schema) -> pa.Schema:
    """The schema that a file with this schema has when it is read."""
    if b"log_version" in (schema.metadata or {}):
        return schema
    kind, names = _kind_and_names(schema)
    fields = []
    for field in schema:
        name = names.get(field.name, field.name)
        is_time = name.endswith("_at") and pa.types.is_integer(field.type)
        fields.append(pa.field(name, MOMENT if is_time else field.type))
    if kind in _WARM_UP_BY:
        fields.append(pa.field(WARM_UP, pa.bool_()))
    return pa.schema(fields, metadata=schema.metadata)


def _kind_and_names(schema: pa.Schema) -> tuple[str, dict[str, str]]:
    """Which table of version 1 has this schema, and what its columns are called in version 2."""
    kind = next((kind for name, kind in _TOLD_APART_BY.items() if name in schema.names), "capacity")
    if kind == "cases":
        # All its times are 32-bit numbers, and nothing else is but the number of the case.
        times = [field.name for field in schema if pa.types.is_int32(field.type)]
        return kind, {name: f"{name}_at" for name in times} | {"case": "case_id"}
    return kind, {"events": _EVENTS_VERSION_1, "sittings": _SITTINGS_VERSION_1}.get(kind, {})


def stored_names(columns: Sequence[str], schema: pa.Schema) -> list[str]:
    """The names that some columns of version 2 have in a file with this schema."""
    if footer_of(schema).version > 1:
        return [*columns]
    old_names = {new: old for old, new in _kind_and_names(schema)[1].items()}
    return [old_names.get(column, column) for column in columns]


def read_log(path: Path) -> pa.Table:
    """A table of a log in version 2, times as timestamps. Raises OSError, ArrowException."""
    return as_version_2(read_table(path))


def read_minutes(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A table, or some columns of it, with times in minutes since the epoch, -1 for none.

    Raises OSError, ArrowException.
    """
    with pq.ParquetFile(path, pre_buffer=False) as file:
        schema = file.schema_arrow
        if columns is None:
            columns = schema_of_version_2(schema).names
            table = as_version_2(file.read(use_threads=False))
        else:
            table = file.read(stored_names(columns, schema), use_threads=False)
    table = table.rename_columns([*columns]).replace_schema_metadata(schema.metadata)
    return table_in_minutes(table)


def table_in_minutes(table: pa.Table) -> pa.Table:
    """A table with times in minutes since the epoch, -1 for none."""
    footer = footer_of(table.schema)
    columns = [in_minutes(column, footer) for column in table.columns]
    metadata = table.schema.metadata
    return pa.table(columns, names=table.column_names).replace_schema_metadata(metadata)


def batches_in_minutes(
    path: Path, columns: Sequence[str], rows: int, words: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """Some columns of a file, some rows at a time, with times in minutes; `words` as codes."""
    with pq.ParquetFile(path, read_dictionary=[*words], pre_buffer=False) as file:
        footer = footer_of(file.schema_arrow)
        stored = stored_names(columns, file.schema_arrow)
        for batch in file.iter_batches(rows, columns=stored, use_threads=False):
            arrays = [in_minutes(batch.column(name), footer) for name in stored]
            yield pa.record_batch(arrays, names=[*columns])


def in_minutes(column: _Column, footer: LogFooter) -> _Column:
    """A column as it is; that of a moment in minutes since the epoch, -1 for none."""
    if column.type != MOMENT:
        return column
    epoch = milliseconds_at(footer.epoch)
    none = epoch - MILLISECONDS_A_MINUTE
    milliseconds = pc.fill_null(column.cast(pa.int64()), none).to_numpy()
    minutes = (milliseconds - epoch) // MILLISECONDS_A_MINUTE
    return pa.array(minutes.astype(np.int32))
