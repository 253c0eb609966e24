"""Parquet that may come from anybody: how much it holds and of which kind is checked first.

A file of two megabytes can hold sixty million rows. Its footer says how many there are and what
they take, and what a run can have follows from its manifest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cjsim.des.event_log import CaseColumns, log_schema
from cjsim.des.log_reader import READABLE_VERSIONS, schema_of_version_2
from cjsim.des.working_time import months_between
from cjsim.experiment.manifest_schema import Manifest
from cjsim.measures.comparison import (
    BETTER,
    HIGHER,
    LOWER,
    NO_CLEAR_DIFFERENCE,
    NO_DIFFERENCE,
    NONE_SEEN,
    NOT_ALWAYS_THERE,
    TOO_FEW,
    WORSE,
    comparison_schema,
)
from cjsim.schema.bounds import STEERING

Kind = Literal["text", "whole", "number", "flag", "day", "moment"]

MOST_KEYS: Final = 10_000
"""Measures, courts and groups of one replication in one month; the county's model has 1,100."""

MOST_LOG_ROWS: Final = 300_000_000
"""Rows of one replication's log; England and Wales over ten years has some ten million."""

MOST_COLUMNS: Final = 100
BYTES_A_CELL: Final = 16
"""What a cell takes in memory, on average: a word and where it begins."""

_KINDS: Final[Mapping[Kind, Callable[[pa.DataType], bool]]] = {
    "text": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    "whole": pa.types.is_integer,
    "number": lambda kind: pa.types.is_floating(kind) or pa.types.is_integer(kind),
    "flag": pa.types.is_boolean,
    "day": pa.types.is_date,
    "moment": pa.types.is_timestamp,
}
_MONTH: Final = r"^(all|[0-9]{4}-(0[1-9]|1[0-2]))$"
VERDICTS: Final = (
    BETTER,
    WORSE,
    HIGHER,
    LOWER,
    NO_CLEAR_DIFFERENCE,
    NO_DIFFERENCE,
    NONE_SEEN,
    TOO_FEW,
)

KPIS: Final[Mapping[str, Kind]] = {
    "scenario": "text",
    "replication": "whole",
    "kpi": "text",
    "court": "text",
    "group": "text",
    "period": "text",
    "value": "number",
    "unit": "text",
}
"""The columns of kpis.parquet and their kinds."""


@dataclass(frozen=True)
class Bounds:
    """What a table may be: its columns with their kinds, and the most rows.

    `rows` is their number, where it is known.
    """

    columns: Mapping[str, Kind]
    most_rows: int
    rows: int | None = None
    footer: tuple[str, ...] = field(default=())
    """What its footer has to say besides."""


def kind_of(kind: pa.DataType) -> Kind:
    """The kind of a column of the type given."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    # A whole number is a number as well: the narrower kind is asked first.
    return next(name for name, is_of in _KINDS.items() if is_of(kind))


def bounds_of_table(file: str, manifest: Manifest) -> Bounds:
    """What one of the tables of a whole run may be."""
    months = 1 + len(months_between(manifest.study_from, manifest.study_to))
    scenarios = len(manifest.names)
    keys = scenarios * manifest.replications * months * MOST_KEYS
    if file == "comparison.parquet":
        schema = [one for one in comparison_schema() if one.name not in NOT_ALWAYS_THERE]
        columns = {one.name: kind_of(one.type) for one in schema}
        return Bounds(columns, scenarios * MOST_KEYS)
    if file == "areas.parquet":
        return Bounds({"area": "text", **KPIS}, keys * len(manifest.area_names))
    return Bounds(KPIS, keys)


def bounds_of_log(table: str, case_columns: CaseColumns, rows: int | None = None) -> Bounds:
    """What a table of a replication's log may be, in version 2 of its columns.

    `case_columns` are the columns of the case table of its jurisdiction; `rows` is the number of
    rows as the manifest has it.
    """
    columns = {one.name: kind_of(one.type) for one in log_schema(table, case_columns)}
    return Bounds(columns, MOST_LOG_ROWS, rows, ("epoch", "study_from", "study_to"))


def problem_with_file(path: Path, bounds: Bounds) -> str:
    """What is wrong with a Parquet file, told from its footer alone; empty where nothing is."""
    try:
        with path.open("rb") as file:
            footer = pq.read_metadata(file)
            schema = footer.schema.to_arrow_schema()
        groups = [footer.row_group(place) for place in range(footer.num_row_groups)]
        rows, size = footer.num_rows, sum(group.total_byte_size for group in groups)
    except (OSError, ValueError, OverflowError, pa.ArrowException):
        return "this cannot be read."
    if bounds.footer:
        version = (schema.metadata or {}).get(b"log_version", b"1").decode(errors="replace")
        if version not in map(str, READABLE_VERSIONS):
            return f"this is a log of version {version}, and this cjsim reads versions 1 and 2."
        schema = schema_of_version_2(schema)
    if lacking := [name for name in bounds.columns if name not in schema.names]:
        return f"this is damaged, or of another version: it has no {', '.join(lacking)}."
    for name, wanted in bounds.columns.items():
        kind = schema.field(name).type
        value = kind.value_type if pa.types.is_dictionary(kind) else kind
        fits = _KINDS[wanted](value) or (wanted == "number" and pa.types.is_null(value))
        if len(schema.get_all_field_indices(name)) > 1 or not fits:
            return f'this is damaged, or of another version: its column "{name}" is no {wanted}.'
    said = schema.metadata or {}
    if lacking := [key for key in bounds.footer if key.encode() not in said]:
        return f"this is damaged, or of another version: its footer has no {', '.join(lacking)}."
    if rows < 0 or rows != sum(group.num_rows for group in groups):
        return "this is damaged: its parts do not add up to its rows."
    if bounds.rows is not None and rows != bounds.rows:
        return f"this has {rows:,} rows, and the manifest says {bounds.rows:,}."
    if rows > bounds.most_rows:
        return f"this has {rows:,} rows, more than a run of this size can have."
    needed = max(size, rows * len(schema.names) * BYTES_A_CELL)
    if len(schema.names) > MOST_COLUMNS or size < 0 or needed > _memory():
        return f"this would take {needed / 1e9:,.0f} GB of memory, more than there is."
    return ""


def _memory() -> float:
    """Bytes of memory that a table may take: what the machine has, where it tells."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return 64e9


def problem_in_table(table: pa.Table, file: str, manifest: Manifest) -> str:
    """What is wrong with the content of a table of a run; empty where nothing is."""
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            column = pc.cast(column, column.type.value_type)
        if not _KINDS["text"](column.type):
            continue
        words = pc.unique(column)
        if name in (*KPIS, "verdict", "area") and words.null_count:
            return f'its column "{name}" has cells without a word.'
        if any(word is not None and STEERING.search(word) for word in words.to_pylist()):
            return f'its column "{name}" holds a control character.'
        allowed = _allowed(name, file, manifest)
        if allowed is not None and (strange := set(words.to_pylist()) - allowed):
            return f'its column "{name}" has {min(strange)!r}, which is not in the manifest.'
        months = pc.all(pc.match_substring_regex(words, _MONTH), min_count=0).as_py()
        if name == "period" and not months:
            return 'its column "period" has what is neither a month nor "all".'
    if "replication" in table.column_names and table.num_rows:
        numbers = table.column("replication")
        ends = pc.min_max(numbers).as_py()
        if numbers.null_count or ends["min"] < 0 or ends["max"] >= manifest.replications:
            return f"it has replications that are none of the {manifest.replications} of the run."
    if file == "comparison.parquet" and table.column("n").null_count:
        return 'its column "n" has cells without a number.'
    if file == "kpis.parquet" and set(manifest.names) - set(
        pc.unique(table.column("scenario")).to_pylist()
    ):
        return "it has no measures of some of the scenarios."
    return ""


def _allowed(column: str, file: str, manifest: Manifest) -> set[str] | None:
    if column == "scenario":
        return set(manifest.names[1:] if file == "comparison.parquet" else manifest.names)
    if column == "verdict":
        return set(VERDICTS)
    if column == "area":
        return set(manifest.area_names)
    return None
