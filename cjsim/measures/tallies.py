"""The rows that a measure's query gives, added up by court, division, group and month.

The database finds the rows, and they are added up here: a measure then costs one statement, not
two to four. Sums go through the rows in the order of the query, so that they are the same, to the
last digit, every time.
"""

from __future__ import annotations

import datetime as dt
import math
import warnings
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import duckdb

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Words = list[str | None]
Months = list[dt.date | None]

WORDS: Final = ("court", "division", "grp")
"""What a row may be broken down by, in the order in which the totals are sorted."""

Total = tuple[str | None, str | None, str | None, dt.date | None, float, float]
"""Court, division, group, month, and the sums of `top` and `bottom`."""


def arrow_of(answer: duckdb.DuckDBPyConnection) -> pa.Table:
    """The answer to the statement just executed. DuckDB 2 has another name for it than DuckDB 1."""
    name = "to_arrow_table" if hasattr(answer, "to_arrow_table") else "fetch_arrow_table"
    with warnings.catch_warnings():
        # DuckDB 2 would rather be asked in another way, which binds every query twice.
        warnings.simplefilter("ignore", UserWarning)
        return cast("pa.Table", getattr(answer, name)())


class Tally:
    """The rows of one query: what each is counted under, its `top` and its `bottom`.

    A column that the query leaves out is filled in: no court, no division, no group, no month, and
    1 for `top` and `bottom`.
    """

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows.num_rows
        names = set(rows.column_names)
        self._words = {
            name: _sorted_words(rows[name]) if name in names else self._nothing() for name in WORDS
        }
        self.months, self._month = (
            _sorted_months(rows["month"]) if "month" in names else self._nothing_of_dates()
        )
        self._top = rows["top"] if "top" in names else None
        self._bottom = rows["bottom"] if "bottom" in names else None

    def totals(self) -> list[Total]:
        """A row for each court, division, group and month that occur together, sorted."""
        key = np.zeros(self._rows, dtype=np.int64)
        for words, codes in self._words.values():
            key = key * len(words) + codes
        key = key * len(self.months) + self._month
        different, group = np.unique(key, return_inverse=True)
        sums = [
            np.bincount(group, weights=self._numbers(column), minlength=len(different)).tolist()
            for column in (self._top, self._bottom)
        ]
        totals: list[Total] = []
        courts, divisions, groups = (words for words, _ in self._words.values())
        for code, top, bottom in zip(different.tolist(), *sums, strict=True):
            rest, month = divmod(code, len(self.months))
            rest, grp = divmod(rest, len(groups))
            court, division = divmod(rest, len(divisions))
            totals.append(
                (courts[court], divisions[division], groups[grp], self.months[month], top, bottom)
            )
        return totals

    def quantiles(
        self, shares: tuple[float, ...], *, by_court: bool
    ) -> Iterator[tuple[str, dt.date | None, list[float]]]:
        """Court, month and quantiles of `top`: of each month, and of all months together.

        All courts together are `all`, unless they are taken apart. A quantile lies between the two
        values nearest to it.
        """
        if self._top is None:
            return
        known = np.asarray(pc.is_valid(self._top))
        values, months = self._numbers(self._top)[known], self._month[known]
        courts: Words = ["all"]
        court = np.zeros(len(values), dtype=np.int64)
        if by_court:
            courts, codes = self._words["court"]
            court = codes[known]
        order = np.lexsort((values, court))
        values, months, court = values[order], months[order], court[order]
        for number, name in enumerate(courts):
            if name is None:
                continue
            inside = slice(*np.searchsorted(court, [number, number + 1]))
            in_court, month_of = values[inside], months[inside]
            if not len(in_court):
                continue
            yield name, None, [_between(in_court, share) for share in shares]
            for place, month in enumerate(self.months):
                in_month = in_court[month_of == place]
                if len(in_month):
                    yield name, month, [_between(in_month, share) for share in shares]

    def _nothing(self) -> tuple[Words, Codes]:
        return [None], np.zeros(self._rows, dtype=np.int64)

    def _nothing_of_dates(self) -> tuple[Months, Codes]:
        return [None], np.zeros(self._rows, dtype=np.int64)

    def _numbers(self, column: pa.ChunkedArray | None) -> Numbers:
        if column is None:
            return np.ones(self._rows)
        numbers = pc.fill_null(column.cast(pa.float64()), 1.0)
        return np.asarray(numbers.to_numpy(), dtype=np.float64)


def _sorted_words(column: pa.ChunkedArray) -> tuple[Words, Codes]:
    """The different words of a column, sorted, none of them last, and each row's place there."""
    dictionary, codes = _encoded(column.cast(pa.string()))
    words: Words = dictionary.to_pylist() or [None]
    order = sorted(range(len(words)), key=lambda place: (words[place] is None, words[place] or ""))
    return [words[place] for place in order], _ranks(order)[codes]


def _sorted_months(column: pa.ChunkedArray) -> tuple[Months, Codes]:
    """The same of the first days of months."""
    dictionary, codes = _encoded(column)
    days: Months = dictionary.to_pylist() or [None]
    order = sorted(range(len(days)), key=lambda place: days[place] or dt.date.max)
    return [days[place] for place in order], _ranks(order)[codes]


def _encoded(column: pa.ChunkedArray) -> tuple[pa.Array, Codes]:
    """The different values of a column, and each row's place among them."""
    encoded = pa.concat_arrays(column.chunks or [pa.array([], column.type)])
    encoded = encoded.dictionary_encode(null_encoding="encode")
    return encoded.dictionary, encoded.indices.to_numpy().astype(np.int64)


def _ranks(order: list[int]) -> Codes:
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _between(values: Numbers, share: float) -> float:
    """A quantile of sorted values, by linear interpolation.

    It is `low x (1 - part) + high x part`, where the last multiplication and the addition are
    rounded once, as processors do that have one instruction for both. Done exactly, it has the same
    last digit on every processor.
    """
    position = (len(values) - 1) * share
    below, above = math.floor(position), math.ceil(position)
    low, high = float(values[below]), float(values[above])
    if below == above:
        return low
    part = position - below
    return float(Fraction(low) * Fraction(1.0 - part) + Fraction(high * part))
