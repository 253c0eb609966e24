"""Tables as Parquet and CSV: whole or not there, the same bytes for the same rows."""

from __future__ import annotations

import contextlib
import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from cjsim.storage.plain import PlainRow
from cjsim.storage.whole import whole_file


@contextlib.contextmanager
def as_text(file: BinaryIO) -> Iterator[TextIO]:
    """An open file as text in UTF-8 whose lines end as they are written; it stays open."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield text
        text.flush()
    finally:
        text.detach()


def write_csv(rows: Sequence[PlainRow], path: Path) -> None:
    """CSV with the keys of the first row as its heading, in one step.

    Text that a spreadsheet would take for a formula is quoted; a number is written to its last
    digit, and one that is not there as nothing. Raises OSError.
    """
    with whole_file(path) as file:
        write_rows(list(rows[0]) if rows else [], (row.values() for row in rows), file)


def write_rows(columns: Sequence[str], rows: Iterable[Iterable[object]], file: BinaryIO) -> None:
    """The same of rows without keys, into an open file. Raises OSError."""
    with as_text(file) as text:
        writer = csv.writer(text, lineterminator="\n")
        if columns:
            writer.writerow([csv_cell(name) for name in columns])
        writer.writerows([csv_cell(value) for value in row] for row in rows)


def csv_cell(value: object) -> object:
    """A value as a cell of a CSV file, where none may begin as a formula does."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else ""
    return "" if value is None else value


def write_table(table: pa.Table, path: Path) -> None:
    """Parquet, in one step, with options that give the same bytes for the same rows.

    Raises OSError.
    """
    with whole_file(path) as file:
        write_parquet(table, file)


def write_parquet(table: pa.Table, file: BinaryIO) -> None:
    """The same into an open file. Raises OSError."""
    pq.write_table(
        table.replace_schema_metadata(None).combine_chunks(),
        file,
        compression="zstd",
        version="2.6",
        row_group_size=1 << 20,
        use_dictionary=True,
        write_statistics=True,
    )


def read_table(
    path: Path,
    columns: Sequence[str] | None = None,
    filters: Sequence[tuple[str, str, object]] | None = None,
) -> pa.Table:
    """A Parquet file as it was written: all of it, or some columns of the rows that pass `filters`.

    Every table is read here, without threads: those of the reader may still be starting when a
    short command ends, and then the process aborts. Raises OSError, pyarrow.ArrowException.
    """
    with path.open("rb") as file:
        return pq.read_table(
            file,
            columns=None if columns is None else list(columns),
            filters=None if filters is None else list(filters),
            use_threads=False,
            pre_buffer=False,
        )
