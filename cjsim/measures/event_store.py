"""The event log read from its file, with the four words of each row made one number.

A million rows are told apart by a few hundred different sets of words: the activity, its place, its
result and its reason. Numbers are grouped and looked up many times faster than words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import DUTIES

Numbers = np.ndarray[Any, np.dtype[np.int64]]
Small = np.ndarray[Any, np.dtype[np.int32]]
Part = dict[str, np.ndarray[Any, Any]]
"""Some rows of a log: the columns of `TIMES`, and the number of each row's kind."""

WORDS = ("activity", "place", "result", "reason")
_NEAR = 1 << 22
_AT_ONCE = 1 << 18
"""Rows that are read at one time."""
TIMES = ("case", "entered", "due", "started", "left", "minutes")


def read_cases(path: Path, columns: Sequence[str]) -> pa.Table:
    """The case table, each word as its place in a list of words. Raises OSError without it.

    One column after the other: read together and ahead, they take three times what is kept of them.
    """
    with pq.ParquetFile(path, read_dictionary=[*columns], pre_buffer=False) as file:
        return pa.table(
            {name: _small(file.read([name], use_threads=False).column(name)) for name in columns}
        )


def with_courts(cases: pa.Table) -> pa.Table:
    """The case table with the court that a case is in or ended in, and whether it was an arrest."""
    crown, charged = (cases.column(name).to_numpy() >= 0 for name in ("received_crown", "charged"))
    places = np.where(crown, 2, np.where(charged, 1, 0)).astype(np.int8)
    courts = pa.array(["", "magistrates", "crown"], pa.string())
    arrests = pa.array(["arrest_notifiable", "arrest_other"], pa.string())
    return cases.append_column(
        "court", pa.DictionaryArray.from_arrays(pa.array(places), courts)
    ).append_column("arrested", pc.is_in(cases.column("way_in"), arrests))


def _small(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece; words as their places in a list, in no more bytes than those take."""
    if not column.num_chunks:
        return pa.array([], column.type)
    if not pa.types.is_dictionary(column.type):
        return pa.concat_arrays(column.chunks)
    chunks = column.unify_dictionaries().chunks
    words = chunks[0].dictionary
    small = pa.from_numpy_dtype(_smallest(len(words)))
    places = pa.concat_arrays([chunk.indices.cast(small) for chunk in chunks])
    return pa.DictionaryArray.from_arrays(places, words)


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
        counted: Tally,
        open_rows: OpenRows,
    ) -> dict[str, pa.Table]:
        """Count every row, and keep those of some activities: under each name those it wants.

        Of those rows the columns are kept that `columns` has under the same name.
        The tables are in the order of the file. What is kept is all that is in memory when this is
        over; a second time there is nothing to sort.
        """
        kept = {
            name: Kept(self._kind, self._words, activities, columns[name])
            for name, activities in wanted.items()
        }
        at = 0
        for batch in _batches(self._path, TIMES):
            part = {name: batch.column(name).to_numpy() for name in TIMES}
            part["kind"] = self._kind[at : at + batch.num_rows]
            at += batch.num_rows
            counted.add(part)
            open_rows.add(part)
            for one in kept.values():
                one.add(part)
        self._kind = self._kind[:0]
        return {name: one.table() for name, one in kept.items()}


class Kept:
    """Some columns of the rows of some activities, words as their places in a list of words.

    How many there are is known before they are read, and each has its place in memory once.
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
        self._columns: dict[str, np.ndarray[Any, Any]] = {}
        self._words: dict[str, tuple[list[str], np.ndarray[Any, Any]]] = {}
        for name in columns:
            kept_in: type[np.number[Any]] = np.float64 if name == "minutes" else np.int32
            if name in WORDS:
                listed = sorted(set(words[name]))
                kept_in = _smallest(len(listed))
                place = {word: number for number, word in enumerate(listed)}
                places = np.array([place[word] for word in words[name]], dtype=kept_in)
                self._words[name] = listed, places
            self._columns[name] = np.empty(rows, dtype=kept_in)
        self._at = 0

    def add(self, part: Part) -> None:
        """Some more rows of the log, of which those wanted are kept."""
        rows = np.flatnonzero(self._wanted[part["kind"]])
        here = slice(self._at, self._at + len(rows))
        kind = part["kind"][rows]
        for name, column in self._columns.items():
            column[here] = self._words[name][1][kind] if name in WORDS else part[name][rows]
        self._at += len(rows)

    def table(self) -> pa.Table:
        """What was kept, in the order of the file and in one piece."""
        columns = {name: pa.array(column) for name, column in self._columns.items()}
        for name, (listed, _) in self._words.items():
            words = pa.array(listed, pa.string())
            columns[name] = pa.DictionaryArray.from_arrays(columns[name], words)
        return pa.table(columns)


class OpenRows:
    """The cases that wait for something at the end of a run, and how many disposals there were.

    A contact that is still owed holds no case up: it may be made after the end of the case.
    """

    def __init__(self, activities: Sequence[str], end: int) -> None:
        """`activities` is that of each kind; `end` the minute after the last of the run."""
        self._end = end
        self._moves = np.array([word not in DUTIES for word in activities], dtype=bool)
        self._ends = np.array([word == "disposal" for word in activities], dtype=bool)
        self._waiting: list[Numbers] = []
        self.disposals = 0

    def add(self, part: Part) -> None:
        """Look at some more rows."""
        left, kind = part["left"], part["kind"]
        rows = np.flatnonzero((left < 0) | (left >= self._end))
        self._waiting.append(np.unique(part["case"][rows[self._moves[kind[rows]]]]))
        self.disposals += int(np.count_nonzero(self._ends[kind]))

    def waiting(self) -> Numbers:
        """The numbers of the cases that wait."""
        return np.unique(np.concatenate(self._waiting)) if self._waiting else np.array([], int)


def _batches(path: Path, columns: Iterable[str]) -> Iterator[pa.RecordBatch]:
    """Some columns of a file, some rows at a time."""
    names = [*columns]
    with pq.ParquetFile(path, read_dictionary=[*WORDS], pre_buffer=False) as file:
        yield from file.iter_batches(_AT_ONCE, columns=names, use_threads=False)


def _kinds(path: Path) -> tuple[Small, dict[str, list[str]]]:
    """The kind of each row, and the words of each kind by column.

    Columns are taken one after the other: what is told apart by the words before gets a number, and
    with the next word another.
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
        kinds = {name: [known[place] for place in before] for name, known in kinds.items()}
        kinds[column] = [words[place] for place in word]
    return kind, kinds


def _coded(path: Path, column: str, rows: int) -> tuple[list[str], Small]:
    """The words of a column of the log, and for each row the place of its word among them."""
    places: dict[str, int] = {}
    codes = np.empty(rows, dtype=np.int32)
    at = 0
    for batch in _batches(path, [column]):
        (found,) = batch.columns
        here = [places.setdefault(word, len(places)) for word in found.dictionary.to_pylist()]
        codes[at : at + len(found)] = np.array(here, dtype=np.int32)[found.indices.to_numpy()]
        at += len(found)
    return [*places], codes


def _number(keys: Small, size: int) -> Numbers:
    """The different keys, all below `size`, in order; each key becomes the place of its own."""
    there = np.zeros(size, dtype=bool)
    there[keys] = True
    seen = np.flatnonzero(there)
    places = np.zeros(size, dtype=np.int32)
    places[seen] = np.arange(len(seen), dtype=np.int32)
    for at in range(0, len(keys), _AT_ONCE):
        keys[at : at + _AT_ONCE] = places[keys[at : at + _AT_ONCE]]
    return seen


def _size(kinds: dict[str, list[str]]) -> int:
    return len(next(iter(kinds.values()), []))


def _smallest(words: int) -> type[np.signedinteger[Any]]:
    """The smallest type of whole numbers that holds the place of any of so many words."""
    return np.int8 if words <= 1 << 7 else np.int16 if words <= 1 << 15 else np.int32


class Divisions:
    """The place of each case's division by its number, -1 where the case is not known.

    Cases that arrive are numbered from 0 and looked up at once. Those with which a run opens, and
    those of people who return, have numbers far apart and are searched for.
    """

    def __init__(self, ids: Numbers, places: Numbers) -> None:
        near = ids < _NEAR
        self.highest = int(places.max(initial=0))
        self._near = np.full(int(ids[near].max(initial=0)) + 2, -1, dtype=np.int64)
        self._near[ids[near]] = places[near]
        order = np.argsort(ids[~near], kind="stable")
        # One more at the end, so that every search finds something to compare with.
        self._ids = np.append(ids[~near][order].astype(np.int64), np.int64(_NEAR) << 32)
        self._places = np.append(places[~near][order].astype(np.int64), -1)

    def of(self, case: Numbers) -> Numbers:
        """The places of the divisions of some cases, by their numbers."""
        place = self._near[np.minimum(case, len(self._near) - 1)]
        far = np.flatnonzero(case >= _NEAR)
        if len(far):
            at = np.searchsorted(self._ids, case[far])
            place[far] = np.where(self._ids[at] == case[far], self._places[at], -1)
        return place


class Tally:
    """The rows left from `start` up to `end`, counted by kind, place of division and spell.

    `spells` holds the spell of each day from that of `start`. Lengths are whole minutes, so that
    their sums do not depend on the order of the rows.
    """

    def __init__(
        self, kinds: int, start: int, end: int, spells: Numbers, divisions: Divisions
    ) -> None:
        self._start, self._end = start, end
        self._spells, self._divisions = spells, divisions
        self._sizes = divisions.highest + 2, int(spells.max(initial=0)) + 1
        self._times = np.zeros(max(kinds, 1) * self._sizes[0] * self._sizes[1], dtype=np.int64)
        self._sums = np.zeros(len(self._times))

    def add(self, part: Part) -> None:
        """Count some more rows."""
        case, left, minutes, kind = (part[name] for name in ("case", "left", "minutes", "kind"))
        rows = np.flatnonzero((left >= self._start) & (left < self._end))
        key = kind[rows].astype(np.int64)
        key *= self._sizes[0]
        key += self._divisions.of(case[rows]) + 1
        key *= self._sizes[1]
        key += self._spells[left[rows] // MINUTES_A_DAY - self._start // MINUTES_A_DAY]
        size = len(self._times)
        self._times += np.bincount(key, minlength=size)
        self._sums += np.bincount(key, weights=minutes[rows].astype(np.float64), minlength=size)

    def found(self) -> dict[str, Numbers]:
        """The counts: kind, division, spell, times and minutes."""
        seen = np.flatnonzero(self._times)
        kind, rest = np.divmod(seen, self._sizes[0] * self._sizes[1])
        division, spell = np.divmod(rest, self._sizes[1])
        return {
            "kind": kind,
            "division": division - 1,
            "spell": spell,
            "times": self._times[seen],
            "minutes": self._sums[seen],
        }
