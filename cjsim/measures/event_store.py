"""Reads an event log for the measures: counts every row, and keeps the rows that are needed.

A million rows have only a few hundred different combinations of activity, place, result and reason.
Each combination is a kind and gets a number: numbers are grouped and looked up many times faster
than words. Times are whole minutes since the epoch, -1 for none.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cjsim.des.log_reader import batches_in_minutes, footer_of, in_minutes, stored_names
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.measures.measurement import Measurement

Numbers = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Part = dict[str, npt.NDArray[Any]]
"""Some rows of a log: the columns of `NUMBERS`, and `kind`, the number of each row's kind."""

WORDS = ("activity", "place", "result", "reason")
_NEAR = 1 << 22
_AT_ONCE = 1 << 16
"""How many rows are read at one time."""
NUMBERS = ("case_id", "queued_at", "due_at", "started_at", "ended_at", "minutes")


def read_cases(path: Path, columns: Sequence[str]) -> pa.Table:
    """Columns of the case table, words as codes and times in minutes. Raises OSError.

    It reads one column after the other: all at once would take three times the memory.
    """
    words = [name for name in columns if name != "case_id" and not name.endswith("_at")]
    with pq.ParquetFile(path, read_dictionary=words, pre_buffer=False) as file:
        footer = footer_of(file.schema_arrow)
        stored = stored_names(columns, file.schema_arrow)
        return pa.table(
            {
                name: in_minutes(
                    _in_one_piece(file.read([own], use_threads=False).column(own)), footer
                )
                for name, own in zip(columns, stored, strict=True)
            }
        )


def with_courts(cases: pa.Table, measurement: Measurement) -> pa.Table:
    """The case table with two more columns: `court` and `arrested`.

    `court` is the court that a case is in or ended in; `arrested` says whether it began with one.
    """
    codes = np.zeros(cases.num_rows, dtype=np.int8)
    for number, stay in enumerate(measurement.courts, start=1):
        codes[cases.column(stay.entered_at).to_numpy() >= 0] = number
    courts = pa.array(["", *(stay.court for stay in measurement.courts)], pa.string())
    arrests = pa.array(measurement.arrests, pa.string())
    return cases.append_column(
        "court", pa.DictionaryArray.from_arrays(pa.array(codes), courts)
    ).append_column("arrested", pc.is_in(cases.column("way_in"), arrests))


def _in_one_piece(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array; the codes of words in the smallest type that holds them."""
    if not column.num_chunks:
        return pa.array([], column.type)
    if not pa.types.is_dictionary(column.type):
        return pa.concat_arrays(column.chunks)
    chunks = column.unify_dictionaries().chunks
    words = chunks[0].dictionary
    smallest = pa.from_numpy_dtype(_smallest(len(words)))
    codes = pa.concat_arrays([chunk.indices.cast(smallest) for chunk in chunks])
    return pa.DictionaryArray.from_arrays(codes, words)


class Events:
    """The rows of an event log, read some at a time: a large area has ten million of them."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where there is no such file."""
        self._path = path
        self._kind, self._words = _kinds(path)

    def kinds(self) -> pa.Table:
        """Each kind of row by its number: kind, activity, place, result and reason."""
        return pa.table(
            {
                "kind": pa.array(range(_size(self._words)), pa.int32()),
                **{name: pa.array(words, pa.string()) for name, words in self._words.items()},
            }
        )

    def sort_out(
        self,
        wanted: Mapping[str, Iterable[str]],
        columns: Mapping[str, Sequence[str]],
        tally: RowCounts,
        open_rows: OpenRows,
    ) -> dict[str, pa.Table]:
        """Count every row, and keep the rows of some activities in a table for each name.

        `wanted` has the activities by name, `columns` the columns to keep. The tables are in the
        order of the file. It can be called once: what is not kept is then no longer in memory.
        """
        selections = {
            name: Selection(self._kind, self._words, activities, columns[name])
            for name, activities in wanted.items()
        }
        start = 0
        for batch in _batches(self._path, NUMBERS):
            part = {name: batch.column(name).to_numpy() for name in NUMBERS}
            part["kind"] = self._kind[start : start + batch.num_rows]
            start += batch.num_rows
            tally.add(part)
            open_rows.add(part)
            for selection in selections.values():
                selection.add(part)
        self._kind = self._kind[:0]
        return {name: selection.table() for name, selection in selections.items()}


class Selection:
    """Some columns of the rows of some activities, words as codes.

    The number of rows is known before they are read, so each column is allocated once.
    """

    def __init__(
        self,
        kind: Small,
        words: dict[str, list[str]],
        activities: Iterable[str],
        columns: Sequence[str],
    ) -> None:
        names = set(activities)
        self._wanted = np.array([word in names for word in words["activity"]], dtype=bool)
        rows = int(np.bincount(kind, minlength=len(self._wanted))[self._wanted].sum())
        self._columns: dict[str, npt.NDArray[np.generic]] = {}
        self._words: dict[str, tuple[list[str], npt.NDArray[np.generic]]] = {}
        for name in columns:
            number_type: npt.DTypeLike = np.float64 if name == "minutes" else np.int32
            if name in WORDS:
                vocabulary = sorted(set(words[name]))
                number_type = _smallest(len(vocabulary))
                code_of = {word: code for code, word in enumerate(vocabulary)}
                codes = np.array([code_of[word] for word in words[name]], dtype=number_type)
                self._words[name] = vocabulary, codes
            self._columns[name] = np.empty(rows, dtype=number_type)
        self._filled = 0

    def add(self, part: Part) -> None:
        """Keep the rows that are wanted of some more rows of the log."""
        rows = np.flatnonzero(self._wanted[part["kind"]])
        target = slice(self._filled, self._filled + len(rows))
        kind = part["kind"][rows]
        for name, column in self._columns.items():
            column[target] = self._words[name][1][kind] if name in WORDS else part[name][rows]
        self._filled += len(rows)

    def table(self) -> pa.Table:
        """The rows kept, in the order of the file."""
        columns = {name: pa.array(column) for name, column in self._columns.items()}
        for name, (vocabulary, _) in self._words.items():
            words = pa.array(vocabulary, pa.string())
            columns[name] = pa.DictionaryArray.from_arrays(columns[name], words)
        return pa.table(columns)


class OpenRows:
    """The cases that wait for something at the end of a run, and the number of disposals.

    A victim contact that is still due does not count: it may be made after the case has ended.
    """

    def __init__(self, activities: Sequence[str], duties: Container[str], end: int) -> None:
        """`activities` has the activity of each kind; `end` is the minute after the run's last."""
        self._end = end
        self._moves = np.array([word not in duties for word in activities], dtype=bool)
        self._ends = np.array([word == "disposal" for word in activities], dtype=bool)
        self._waiting: list[Numbers] = []
        self.disposals = 0

    def add(self, part: Part) -> None:
        """Look at some more rows."""
        ended, kind = part["ended_at"], part["kind"]
        rows = np.flatnonzero((ended < 0) | (ended >= self._end))
        self._waiting.append(np.unique(part["case_id"][rows[self._moves[kind[rows]]]]))
        self.disposals += int(np.count_nonzero(self._ends[kind]))

    def waiting(self) -> Numbers:
        """The numbers of the cases that wait."""
        return np.unique(np.concatenate(self._waiting)) if self._waiting else np.array([], int)


def _batches(path: Path, columns: Iterable[str]) -> Iterator[pa.RecordBatch]:
    """Some columns of a file, some rows at a time."""
    return batches_in_minutes(path, [*columns], _AT_ONCE, WORDS)


def _kinds(path: Path) -> tuple[Small, dict[str, list[str]]]:
    """The kind of each row, and the words of each kind by column.

    It takes one column after the other and numbers the combinations of words so far.
    """
    kind = np.zeros(pq.read_metadata(path).num_rows, dtype=np.int32)
    kinds: dict[str, list[str]] = {}
    for column in WORDS:
        words, codes = _coded(path, column, len(kind))
        kind *= len(words)
        kind += codes
        del codes
        seen = _number(kind, max(_size(kinds), 1) * len(words))
        before, word = np.divmod(seen, max(len(words), 1))
        kinds = {name: [known[code] for code in before] for name, known in kinds.items()}
        kinds[column] = [words[code] for code in word]
    return kind, kinds


def _coded(path: Path, column: str, rows: int) -> tuple[list[str], Small]:
    """The words of a column of the log, and for each row the code of its word."""
    code_of: dict[str, int] = {}
    codes = np.empty(rows, dtype=np.int32)
    start = 0
    for batch in _batches(path, [column]):
        (array,) = batch.columns
        words = array.dictionary.to_pylist()
        recode = np.array([code_of.setdefault(word, len(code_of)) for word in words], np.int32)
        codes[start : start + len(array)] = recode[array.indices.to_numpy()]
        start += len(array)
    return [*code_of], codes


def _number(keys: Small, size: int) -> Numbers:
    """The different keys, all below `size`, in order; `keys` become their indices among these."""
    occurs = np.zeros(size, dtype=bool)
    occurs[keys] = True
    different = np.flatnonzero(occurs)
    index_of = np.zeros(size, dtype=np.int32)
    index_of[different] = np.arange(len(different), dtype=np.int32)
    for start in range(0, len(keys), _AT_ONCE):
        keys[start : start + _AT_ONCE] = index_of[keys[start : start + _AT_ONCE]]
    return different


def _size(kinds: dict[str, list[str]]) -> int:
    return len(next(iter(kinds.values()), []))


def _smallest(words: int) -> npt.DTypeLike:
    """The smallest integer type that holds the codes of so many words."""
    return np.int8 if words <= 1 << 7 else np.int16 if words <= 1 << 15 else np.int32


class Divisions:
    """The code of each case's division by the case's number, -1 where the case is not known.

    Cases that arrive are numbered from 0, so an array has their divisions. The open cases with
    which a run begins and the cases of people who reoffend have numbers far apart, so these are
    found by binary search.
    """

    def __init__(self, case_ids: Numbers, codes: Numbers) -> None:
        near = case_ids < _NEAR
        self.highest = int(codes.max(initial=0))
        self._near = np.full(int(case_ids[near].max(initial=0)) + 2, -1, dtype=np.int64)
        self._near[case_ids[near]] = codes[near]
        order = np.argsort(case_ids[~near], kind="stable")
        # One more at the end, so that every search finds something to compare with.
        self._far_ids = np.append(case_ids[~near][order].astype(np.int64), np.int64(_NEAR) << 32)
        self._far_codes = np.append(codes[~near][order].astype(np.int64), -1)

    def of(self, case_ids: Numbers) -> Numbers:
        """The codes of the divisions of some cases."""
        codes = self._near[np.minimum(case_ids, len(self._near) - 1)]
        far = np.flatnonzero(case_ids >= _NEAR)
        if len(far):
            index = np.searchsorted(self._far_ids, case_ids[far])
            known = self._far_ids[index] == case_ids[far]
            codes[far] = np.where(known, self._far_codes[index], -1)
        return codes


class RowCounts:
    """The rows that ended from `start` up to `end`, counted by kind, division and spell.

    `spells` has the spell of each day from that of `start`. Lengths are whole
    minutes, so their sums do not depend on the order of the rows.
    """

    def __init__(
        self, kinds: int, start: int, end: int, spells: Numbers, divisions: Divisions
    ) -> None:
        self._start, self._end = start, end
        self._spells, self._divisions = spells, divisions
        self._sizes = divisions.highest + 2, int(spells.max(initial=0)) + 1
        self._times = np.zeros(max(kinds, 1) * self._sizes[0] * self._sizes[1], dtype=np.int64)
        self._minutes = np.zeros(len(self._times))

    def add(self, part: Part) -> None:
        """Count some more rows."""
        ended = part["ended_at"]
        rows = np.flatnonzero((ended >= self._start) & (ended < self._end))
        key = part["kind"][rows].astype(np.int64)
        key *= self._sizes[0]
        key += self._divisions.of(part["case_id"][rows]) + 1
        key *= self._sizes[1]
        day = ended[rows] // MINUTES_A_DAY - self._start // MINUTES_A_DAY
        key += self._spells[day]
        size = len(self._times)
        minutes = part["minutes"][rows].astype(np.float64)
        self._times += np.bincount(key, minlength=size)
        self._minutes += np.bincount(key, weights=minutes, minlength=size)

    def counts(self) -> dict[str, Numbers]:
        """The counts: kind, division (-1: not known), spell, times and minutes."""
        counted = np.flatnonzero(self._times)
        kind, rest = np.divmod(counted, self._sizes[0] * self._sizes[1])
        division, spell = np.divmod(rest, self._sizes[1])
        return {
            "kind": kind,
            "division": division - 1,
            "spell": spell,
            "times": self._times[counted],
            "minutes": self._minutes[counted],
        }
