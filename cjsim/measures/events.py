"""The event log read from its file, with the four words of each row made one number.

A million rows are told apart by a few hundred different sets of words: the activity, its place, its
result and its reason. Numbers are grouped and looked up many times faster than words.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Numbers = np.ndarray[Any, np.dtype[np.int64]]

WORDS = ("activity", "place", "result", "reason")
TIMES = ("case", "entered", "due", "started", "left", "minutes")


def read_events(path: Path) -> tuple[pa.Table, pa.Table]:
    """The rows of an event log with the number of their kind, and the kinds with their words.

    The rows have the columns case, entered, due, started, left, minutes and kind, in the order of
    the file; the kinds have kind, activity, place, result and reason. Raises OSError without it.
    """
    kind, kinds = _kinds(path)
    rows = pq.read_table(path, columns=[*TIMES], use_threads=False)
    return (
        rows.append_column("kind", pa.array(kind, pa.int32())),
        pa.table({
            "kind": pa.array(range(_size(kinds)), pa.int32()),
            **{name: pa.array(words, pa.string()) for name, words in kinds.items()},
        }),
    )  # fmt: skip


def _kinds(path: Path) -> tuple[Numbers, dict[str, list[str]]]:
    """The kind of each row, and the words of each kind by column."""
    table = pq.read_table(path, columns=[*WORDS], use_threads=False)
    kind = np.zeros(table.num_rows, dtype=np.int64)
    kinds: dict[str, list[str]] = {}
    for column in WORDS:
        words, codes = _coded(table.column(column))
        seen, kind = _numbered(kind * len(words) + codes, max(_size(kinds), 1) * len(words))
        before, word = np.divmod(seen, max(len(words), 1))
        kinds = {name: [known[place] for place in before] for name, known in kinds.items()}
        kinds[column] = [words[place] for place in word]
    return kind, kinds


def _size(kinds: dict[str, list[str]]) -> int:
    return len(next(iter(kinds.values()), []))


def _coded(column: pa.ChunkedArray) -> tuple[list[str], Numbers]:
    """The words of a column, and for each row the place of its word among them."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    chunks = column.unify_dictionaries().chunks
    if not chunks:
        return [], np.zeros(0, dtype=np.int64)
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in chunks])
    return chunks[0].dictionary.to_pylist(), codes


def _numbered(keys: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """The different keys, all below `size`, in order, and for each row the place of its key."""
    there = np.zeros(size, dtype=bool)
    there[keys] = True
    seen = np.flatnonzero(there)
    places = np.zeros(size, dtype=np.int64)
    places[seen] = np.arange(len(seen))
    return seen, places[keys]
