"""Measures of many replications as one table, and the one way to pivot it.

kpis.parquet holds measures in long form: one row for each scenario, replication, measure, court,
group and period. A `MeasureTable` holds those of the whole period as one array, so that a series
over replications, or a pair of series, is a slice of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Numbers = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]

Key = tuple[str, str, str]
"""Measure, court and group."""


class MeasureKey(NamedTuple):
    """What a series is of. It equals the plain tuple of the three."""

    kpi: str
    court: str
    group: str


@dataclass(frozen=True, eq=False)
class MeasureTable:
    """The measures of the whole period, by scenario, key and replication.

    `values` and `present` have the shape (scenarios, keys, replications); a replication has the
    place of its number. `values` is NaN where `present` is false. `units` has the unit of each
    measure. `keys` are sorted.
    """

    scenarios: tuple[str, ...]
    keys: tuple[MeasureKey, ...]
    units: Mapping[str, str]
    values: Numbers
    present: Mask

    @staticmethod
    def from_kpis(kpis: pa.Table, scenarios: Sequence[str] | None = None) -> MeasureTable:
        """The table of measures in the columns of kpis.parquet.

        `scenarios` gives the order, and names those without any measure; without it they stand as
        they first appear.
        """
        import numpy as np
        import pyarrow.compute as pc

        names = tuple(pc.unique(kpis["scenario"]).to_pylist() if scenarios is None else scenarios)
        period = kpis.filter(pc.equal(pc.cast(kpis["period"], "string"), "all"))
        scenario_place = {name: place for place, name in enumerate(names)}
        words, codes = _encoded(period["scenario"])
        scenario = np.array([scenario_place[word] for word in words], dtype=np.int64)[codes]
        replication = period["replication"].to_numpy().astype(np.int64)
        keys, key = _keys_of(period)
        values = period["value"].to_numpy().astype(np.float64)
        shape = (len(names), len(keys), int(replication.max(initial=-1)) + 1)
        table, present = np.full(shape, np.nan), np.zeros(shape, dtype=np.bool_)
        table[scenario, key, replication] = values
        present[scenario, key, replication] = True
        pairs = zip(period["kpi"].to_pylist(), period["unit"].to_pylist(), strict=True)
        return MeasureTable(names, keys, dict(pairs), table, present)

    def only(self, keys: Sequence[MeasureKey]) -> MeasureTable:
        """The same of some of its keys."""
        places = [self._key[key] for key in keys]
        return MeasureTable(
            self.scenarios,
            tuple(keys),
            self.units,
            self.values[:, places],
            self.present[:, places],
        )

    @property
    def replications(self) -> int:
        """How many replications there are, counted from 0 to the last with any measure."""
        return int(self.values.shape[2])

    def keys_of(self, scenario: str) -> list[MeasureKey]:
        """The keys of which a scenario has a value in any replication, sorted."""
        there = self.present[self._scenario[scenario]].any(axis=1)
        return [key for key, has_values in zip(self.keys, there, strict=True) if has_values]

    def series(self, scenario: str, key: Key) -> Numbers:
        """One value for each replication, in their order; NaN where there is none."""
        import numpy as np

        place = self._key.get(MeasureKey(*key))
        if place is None:
            return np.full(self.replications, np.nan)
        series: Numbers = self.values[self._scenario[scenario], place]
        return series

    def mean(self, scenario: str, key: Key) -> float | None:
        """The mean over the replications that have a value; None where none has."""
        known = [value for value in self.series(scenario, key).tolist() if not math.isnan(value)]
        return sum(known) / len(known) if known else None

    def pairs(self, before: str, after: str) -> Iterable[tuple[list[MeasureKey], Numbers, Numbers]]:
        """The values of two scenarios in the replications that both have, key by key.

        Keys of the same replications come together: the keys, then both sides with the shape
        (keys, replications).
        """
        import numpy as np

        sides = (self._scenario[before], self._scenario[after])
        both = self.present[sides[0]] & self.present[sides[1]]
        groups: dict[bytes, list[int]] = {}
        for place, mask in enumerate(both):
            if mask.any():
                groups.setdefault(mask.tobytes(), []).append(place)
        for places in groups.values():
            shared = both[places[0]]
            # In row order, so that a sum over replications comes out the same to its last digit.
            one, other = (
                np.ascontiguousarray(self.values[side][places][:, shared]) for side in sides
            )
            yield [self.keys[place] for place in places], one, other

    @cached_property
    def _scenario(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.scenarios)}

    @cached_property
    def _key(self) -> dict[MeasureKey, int]:
        return {key: place for place, key in enumerate(self.keys)}


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The different words of a column, and the place of each row's word among them."""
    import numpy as np
    import pyarrow.compute as pc

    encoded = pc.cast(column, "string").combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _keys_of(table: pa.Table) -> tuple[tuple[MeasureKey, ...], npt.NDArray[np.int64]]:
    """The different keys of a table, sorted, and the place of each row's key among them."""
    import numpy as np

    words, codes = zip(*(_encoded(table[name]) for name in MeasureKey._fields), strict=True)
    sizes = [max(1, len(each)) for each in words]
    combined = (codes[0] * sizes[1] + codes[1]) * sizes[2] + codes[2]
    different, row = np.unique(combined, return_inverse=True)
    keys = [
        MeasureKey(
            words[0][code // (sizes[1] * sizes[2])],
            words[1][code // sizes[2] % sizes[1]],
            words[2][code % sizes[2]],
        )
        for code in different.tolist()
    ]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = np.arange(len(keys))
    return tuple(keys[index] for index in order), place[row]
