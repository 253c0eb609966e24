"""The event log of a run: four Parquet tables, written while the run goes.

`events` has a row for each stay of a case in an activity, `cases` a row for each case, `capacity` a
row for each pool or court list and month, `sittings` a row for each session of each courtroom.

The simulation counts time in whole minutes since the epoch, with -1 for a time that has not come. A
row of the event log is packed into a typed buffer when a case leaves an activity. A full buffer
becomes a row group, so memory does not grow with the length of the run. Minutes become timestamps
at that moment, all at once. `cjsim.des.log_reader` reads the files; `docs/event_log.md` describes
every column.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cjsim.des.engine import has_twins
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.storage import disk

NEVER: Final = -1
_EVENTS: Final = "events.parquet"
_CASES: Final = "cases.parquet"
_ROWS: Final = 1 << 15
LOG_VERSION: Final = 2
"""The version of the tables' columns; the Parquet footers say it as `log_version`."""
MOMENT: Final = pa.timestamp("ms")
"""A moment in the local time of the area, without a time zone, to the minute."""
MILLISECONDS_A_MINUTE: Final = 60_000
_ROW = struct.Struct("<iiiiiffhhhBBB")
_DTYPE = np.dtype(
    [
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
)
_WORDS: Final = pa.dictionary(pa.int16(), pa.string())
WARM_UP: Final = "warm_up"

SITTING_COLUMNS: Final[tuple[tuple[str, pa.DataType], ...]] = (
    ("list", pa.string()),
    ("courthouse", pa.string()),
    ("courtroom", pa.string()),
    ("started_at", MOMENT),
    ("session_minutes", pa.int32()),
    ("minutes_used", pa.int32()),
    ("minutes_overrun", pa.int32()),
    ("hearings", pa.int32()),
    ("listed", pa.int32()),
    ("carried", pa.int32()),
    ("not_reached", pa.int32()),
    (WARM_UP, pa.bool_()),
)
"""The table of sittings: column and type."""
CaseColumns = Sequence[tuple[str, pa.DataType, str]]
"""The columns of the case table: name, type, and the attribute of a case that each keeps."""


CO_DEFENDANT_COLUMNS: Final[tuple[tuple[str, pa.DataType, str], ...]] = (
    ("arrested_with", pa.int32(), "incident"),
    ("defendants", pa.int16(), "defendants"),
)
"""More columns of the case table where people can be arrested together.

`arrested_with` is the number of the first case of the incident, `defendants` how many it has.
"""
JOINT: Final = "#joint"
"""What ends the place of a hearing that is counted under the row of a co-defendant."""


@has_twins("event_log.cpp")
class Codes:
    """The codes under which the log stores words: the place of each in its list."""

    __slots__ = (
        "activity",
        "agency",
        "chasing",
        "done",
        "limit_reached",
        "reason",
        "result",
        "support",
        "words",
    )

    def __init__(
        self,
        activities: Sequence[str],
        agencies: Sequence[str],
        results: Sequence[str],
        reasons: Sequence[str],
        chasing: Iterable[str] = (),
        support: Iterable[str] = (),
    ) -> None:
        """`chasing` and `support` are the contacts that move a victim's engagement otherwise."""
        self.words = (activities, agencies, results, reasons)
        self.activity = {word: code for code, word in enumerate(activities)}
        self.agency = {word: code for code, word in enumerate(agencies)}
        self.result = {word: code for code, word in enumerate(results)}
        self.reason = {word: code for code, word in enumerate(reasons)}
        self.chasing = frozenset(self.activity[word] for word in chasing)
        self.support = frozenset(self.activity[word] for word in support)
        self.done = self.result["done"]
        self.limit_reached = self.result["limit_reached"]


class Table:
    """A Parquet file written row group by row group, with a hash of its content.

    While it is held back it has no file yet, and its row groups lie in memory.
    """

    def __init__(self, path: Path, schema: pa.Schema, *, held_back: bool) -> None:
        self.path = path
        self.schema = schema
        self.rows = 0
        self.content = hashlib.sha256()
        self._held: list[pa.RecordBatch] = []
        self._file: BinaryIO | None = None
        self._writer: pq.ParquetWriter | None = None
        if not held_back:
            self._begin()

    def _begin(self) -> None:
        with disk.naming(self.path):
            self._file = disk.create(self.path)
            self._writer = pq.ParquetWriter(
                self._file, self.schema, compression="zstd", store_schema=True
            )

    def goes_to(self, path: Path) -> None:
        """Begin the file that was held back, with all that has been kept for it."""
        self.path = path
        self._begin()
        for batch in self._held:
            self._append(batch)
        self._held.clear()

    def write(self, batch: pa.RecordBatch, content: bytes) -> None:
        """Append a batch; `content` is what the hash is taken over."""
        self.content.update(content)
        self.rows += batch.num_rows
        if self._writer is None:
            self._held.append(batch)
        else:
            self._append(batch)

    def _append(self, batch: pa.RecordBatch) -> None:
        assert self._writer is not None
        with disk.naming(self.path):
            self._writer.write_batch(batch)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None and self._file is not None:
            with disk.naming(self.path):
                self._writer.close()
                self._file.close()


@has_twins("event_log.cpp")
class Log:
    """The four tables of one run, as they are written."""

    __slots__ = ("__dict__", "_at", "_buffer", "_end")

    def __init__(
        self,
        folder: Path,
        places: Sequence[str],
        days: dict[str, dt.date],
        *,
        codes: Codes,
        case_columns: CaseColumns,
        held_back: bool = False,
    ) -> None:
        """`places` are all the pools and courtrooms; `days` go into the files' footers.

        They are `epoch`, `study_from` and `study_to`. A log that is `held_back` has no files until
        it `goes_to` a folder.
        """
        footer = {key: day.isoformat() for key, day in days.items()}
        footer["log_version"] = str(LOG_VERSION)
        self._epoch = milliseconds_at(days["epoch"])
        self._study_start = (days["study_from"] - days["epoch"]).days * MINUTES_A_DAY
        self._places = pa.array(places, pa.string())
        words = (pa.array(each, pa.string()) for each in codes.words)
        self._activities, self._agencies, self._results, self._reasons = words
        self._case_types = [kind for _, kind, _ in case_columns]
        self.case_row: Callable[[object], tuple[Any, ...]] = attrgetter(
            *(attribute for _, _, attribute in case_columns)
        )
        """The row of a case in the case table."""
        self.events = Table(
            folder / _EVENTS, _event_schema().with_metadata(footer), held_back=held_back
        )
        self.cases = Table(
            folder / _CASES,
            case_schema(case_columns).with_metadata(footer),
            held_back=held_back,
        )
        self._folder = folder
        self._footer = footer
        self._buffer = bytearray(_ROWS * _ROW.size)
        self._at = 0
        self._end = _ROWS * _ROW.size
        self._cases: list[tuple[Any, ...]] = []
        self._capacity_content = self._sittings_content = b""
        # Bound once: the row is written some hundred thousand times a second.
        self._pack = _ROW.pack_into

    @property
    def capacity_path(self) -> Path:
        """Where the table of capacity lies."""
        return self._folder / "capacity.parquet"

    @property
    def sittings_path(self) -> Path:
        """Where the table of sittings lies."""
        return self._folder / "sittings.parquet"

    def goes_to(self, folder: Path) -> None:
        """Write into a folder what was held back, and all that comes."""
        self._folder = folder
        self.events.goes_to(folder / _EVENTS)
        self.cases.goes_to(folder / _CASES)

    def row(
        self,
        case_id: int,
        activity: int,
        occurrence: int,
        agency: int,
        place: int,
        queued_at: int,
        due_at: int,
        started_at: int,
        ended_at: int,
        minutes: float,
        planned_minutes: float,
        result: int,
        reason: int,
    ) -> None:
        """Add one stay of a case in an activity.

        Times are minutes since the epoch, -1 for a time that has not come; words are codes.
        """
        at = self._at
        self._pack(
            self._buffer,
            at,
            case_id,
            queued_at,
            due_at,
            started_at,
            ended_at,
            minutes,
            planned_minutes,
            occurrence,
            place,
            activity,
            agency,
            result,
            reason,
        )
        at += _ROW.size
        self._at = at
        if at == self._end:
            self._flush_events()

    def case(self, row: tuple[Any, ...]) -> None:
        """One case, as `case_row` makes it."""
        self._cases.append(row)
        if len(self._cases) >= _ROWS // 4:
            self._flush_cases()

    def capacity(self, rows: list[dict[str, Any]]) -> None:
        """Write the capacity: one row for each pool or court list and month."""
        table = pa.Table.from_pylist(rows, _capacity_schema().with_metadata(self._footer))
        _write_table(table, self.capacity_path)
        self._capacity_content = repr(rows).encode()

    def sittings(self, rows: list[tuple[Any, ...]]) -> None:
        """Write the sessions: rows with the columns of `SITTING_COLUMNS` but the last.

        A session belongs to the warm-up if it began before the study period.
        """
        schema = pa.schema(SITTING_COLUMNS).with_metadata(self._footer)
        columns = [*zip(*rows, strict=True)] if rows else [()] * (len(schema) - 1)
        started = columns[schema.get_field_index("started_at")]
        columns.append(tuple(minute < self._study_start for minute in started))
        arrays = [self._column(*pair) for pair in zip(columns, schema.types, strict=True)]
        table = pa.table(arrays, schema=schema)
        _write_table(table, self.sittings_path)
        self._sittings_content = repr(rows).encode()

    def close(self) -> str:
        """Write the rows that are still in memory; return the SHA-256 of the four tables' values.

        It is taken over the values as the simulation has them, in minutes and codes. It does not
        depend on the names and types of the files' columns.
        """
        self._flush_events()
        self._flush_cases()
        self.events.close()
        self.cases.close()
        whole = hashlib.sha256(self.events.content.digest())
        whole.update(self.cases.content.digest())
        whole.update(self._capacity_content)
        whole.update(self._sittings_content)
        return whole.hexdigest()

    def _flush_events(self) -> None:
        if not self._at:
            return
        content = bytes(memoryview(self._buffer)[: self._at])
        rows = np.frombuffer(content, dtype=_DTYPE)
        ended = rows["ended_at"]
        columns = [
            pa.array(rows["case_id"]),
            _words(rows["activity"], self._activities),
            pa.array(rows["occurrence"]),
            _words(rows["agency"], self._agencies),
            _words(rows["place"], self._places),
            self._moments(rows["queued_at"]),
            self._moments(rows["due_at"]),
            self._moments(rows["started_at"]),
            self._moments(ended),
            pa.array(rows["minutes"]),
            pa.array(rows["planned_minutes"]),
            _words(rows["result"], self._results),
            _words(rows["reason"], self._reasons),
            pa.array((ended >= 0) & (ended < self._study_start)),
        ]
        self.events.write(pa.record_batch(columns, schema=self.events.schema), content)
        self._at = 0

    def _flush_cases(self) -> None:
        if not self._cases:
            return
        values = [*zip(*self._cases, strict=True)]
        columns = [
            self._column(column, kind)
            for column, kind in zip(values, self._case_types, strict=True)
        ]
        arrived = values[self.cases.schema.get_field_index("arrived_at")]
        columns.append(pa.array([minute < self._study_start for minute in arrived]))
        batch = pa.record_batch(columns, schema=self.cases.schema)
        self.cases.write(batch, repr(self._cases).encode())
        self._cases.clear()

    def _column(self, values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        """Values of a type; those of a moment are minutes."""
        if kind == MOMENT:
            return self._moments(np.array(values, dtype=np.int64))
        return pa.array(values, kind)

    def _moments(self, minutes: np.ndarray[Any, Any]) -> pa.Array:
        """Minutes since the epoch as timestamps, null for a time that has not come."""
        return moments(minutes, self._epoch)


def moments(minutes: np.ndarray[Any, Any], epoch_milliseconds: int) -> pa.Array:
    """Minutes since an epoch as timestamps; those below 0 are null."""
    milliseconds = minutes.astype(np.int64)
    milliseconds *= MILLISECONDS_A_MINUTE
    milliseconds += epoch_milliseconds
    return pa.array(milliseconds.view("datetime64[ms]"), MOMENT, mask=minutes < 0)


def milliseconds_at(day: dt.date) -> int:
    """The first moment of a day, in milliseconds since 1 January 1970."""
    return (day - dt.date(1970, 1, 1)).days * MINUTES_A_DAY * MILLISECONDS_A_MINUTE


def _write_table(table: pa.Table, path: Path) -> None:
    with disk.naming(path), disk.create(path) as file:
        pq.write_table(table, file, compression="zstd")


def _words(codes: np.ndarray[Any, Any], words: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int16)), words)


def log_schema(table: str, case_columns: CaseColumns) -> pa.Schema:
    """The columns of one of the four tables (events, cases, capacity, sittings), in version 2."""
    return {
        "events": _event_schema(),
        "cases": case_schema(case_columns),
        "capacity": _capacity_schema(),
        "sittings": pa.schema(SITTING_COLUMNS),
    }[table]


def _event_schema() -> pa.Schema:
    return pa.schema(
        [
            ("case_id", pa.int32()),
            ("activity", _WORDS),
            ("occurrence", pa.int16()),
            ("agency", _WORDS),
            ("place", _WORDS),
            ("queued_at", MOMENT),
            ("due_at", MOMENT),
            ("started_at", MOMENT),
            ("ended_at", MOMENT),
            ("minutes", pa.float32()),
            ("planned_minutes", pa.float32()),
            ("result", _WORDS),
            ("reason", _WORDS),
            (WARM_UP, pa.bool_()),
        ]
    )


def case_schema(case_columns: CaseColumns) -> pa.Schema:
    """The columns of the case table."""
    return pa.schema([*((name, kind) for name, kind, _ in case_columns), (WARM_UP, pa.bool_())])


def _capacity_schema() -> pa.Schema:
    return pa.schema(
        [
            ("kind", pa.string()),
            ("name", pa.string()),
            ("base", pa.string()),
            ("division", pa.string()),
            ("court", pa.string()),
            ("agency", pa.string()),
            ("month", pa.string()),
            ("minutes", pa.float64()),
            ("posts", pa.float64()),
        ]
    )
