"""The event log read from its file, with the four words of each row made one number.

A million rows are told apart by a few hundred different sets of words: the activity, its place, its
result and its reason. Numbers are grouped and looked up many times faster than words.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cjsim.calendar import MINUTES_A_DAY
from cjsim.measures.memory import give_back

Numbers = np.ndarray[Any, np.dtype[np.int64]]
Small = np.ndarray[Any, np.dtype[np.int32]]

WORDS = ("activity", "place", "result", "reason")
_NEAR = 1 << 22
_AT_ONCE = 1 << 20
"""Rows that are counted at one time."""
TIMES = ("case", "entered", "due", "started", "left", "minutes")


def read_events(path: Path) -> tuple[pa.Table, pa.Table]:
    """The rows of an event log with the number of their kind, and the kinds with their words.

    The rows have the columns case, entered, due, started, left, minutes and kind, in the order of
    the file; the kinds have kind, activity, place, result and reason. Raises OSError without it.
    """
    kind, kinds = _kinds(path)
    columns = {name: pa.array(_column(path, name).to_numpy()) for name in TIMES}
    give_back()
    return (
        pa.table({**columns, "kind": pa.array(kind)}),
        pa.table({
            "kind": pa.array(range(_size(kinds)), pa.int32()),
            **{name: pa.array(words, pa.string()) for name, words in kinds.items()},
        }),
    )  # fmt: skip


def _kinds(path: Path) -> tuple[Small, dict[str, list[str]]]:
    """The kind of each row, and the words of each kind by column."""
    kind = np.zeros(pq.read_metadata(path).num_rows, dtype=np.int32)
    kinds: dict[str, list[str]] = {}
    for column in WORDS:
        words, codes = coded(_column(path, column))
        kind *= len(words)
        kind += codes
        seen, kind = _numbered(kind, max(_size(kinds), 1) * len(words))
        before, word = np.divmod(seen, max(len(words), 1))
        kinds = {name: [known[place] for place in before] for name, known in kinds.items()}
        kinds[column] = [words[place] for place in word]
    return kind, kinds


def _column(path: Path, name: str) -> pa.ChunkedArray:
    """One column of the file, and nothing else of it in memory: a large area has ten million rows.

    Read together and ahead, the columns take three times what is kept of them.
    """
    table = pq.read_table(path, columns=[name], use_threads=False, pre_buffer=False)
    return table.column(name)


def rows_of(events: pa.Table, kinds: pa.Table, activities: Iterable[str]) -> pa.Table:
    """The rows of some activities, in the order of the file."""
    wanted = pc.is_in(kinds.column("activity"), pa.array(sorted(activities), pa.string()))
    return events.filter(pa.array(wanted.to_numpy()[events.column("kind").to_numpy()]))


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


def tally(
    events: pa.Table, start: int, end: int, spells: Numbers, divisions: Divisions
) -> dict[str, Numbers]:
    """The rows left from `start` up to `end`, counted, by kind, place of division and spell.

    `spells` holds the spell of each day from that of `start`. Lengths are whole minutes, so that
    their sums do not depend on the order of the rows.
    """
    sizes = divisions.highest + 2, int(spells.max(initial=0)) + 1
    kinds = int(pc.max(events.column("kind")).as_py() or 0) + 1
    times = np.zeros(kinds * sizes[0] * sizes[1], dtype=np.int64)
    sums = np.zeros(len(times))
    first = start // MINUTES_A_DAY
    for part in events.select(["case", "left", "minutes", "kind"]).to_batches(_AT_ONCE):
        case, left, minutes, kind = (column.to_numpy() for column in part.columns)
        rows = np.flatnonzero((left >= start) & (left < end))
        key = kind[rows].astype(np.int64)
        key *= sizes[0]
        key += divisions.of(case[rows]) + 1
        key *= sizes[1]
        key += spells[left[rows] // MINUTES_A_DAY - first]
        times += np.bincount(key, minlength=len(times))
        sums += np.bincount(key, weights=minutes[rows].astype(np.float64), minlength=len(times))
    seen = np.flatnonzero(times)
    kind, rest = np.divmod(seen, sizes[0] * sizes[1])
    division, spell = np.divmod(rest, sizes[1])
    return {
        "kind": kind, "division": division - 1, "spell": spell, "times": times[seen],
        "minutes": sums[seen],
    }  # fmt: skip


def _size(kinds: dict[str, list[str]]) -> int:
    return len(next(iter(kinds.values()), []))


def coded(column: pa.ChunkedArray) -> tuple[list[str], Numbers]:
    """The words of a column, and for each row the place of its word among them."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    chunks = column.unify_dictionaries().chunks
    if not chunks:
        return [], np.zeros(0, dtype=np.int64)
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in chunks])
    return chunks[0].dictionary.to_pylist(), codes


def _numbered(keys: Small, size: int) -> tuple[Numbers, Small]:
    """The different keys, all below `size`, in order, and for each row the place of its key."""
    there = np.zeros(size, dtype=bool)
    there[keys] = True
    seen = np.flatnonzero(there)
    places = np.zeros(size, dtype=np.int32)
    places[seen] = np.arange(len(seen), dtype=np.int32)
    return seen, places[keys]
