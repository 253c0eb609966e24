"""Settings that no case ever met: a fork that nobody came to, a pool that did no work.

Of forks, choices, limits and the engagement of victims the log keeps nothing, so that they note
themselves when they are asked for; the rest can be seen in the log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.calendar import MINUTES_A_DAY
from cjsim.spec.files import dotted
from cjsim.spec.model import Model
from cjsim.spec.values import settable_values
from cjsim.storage.tables import read_table

if TYPE_CHECKING:
    from cjsim.world import World

Mask = npt.NDArray[np.bool_]

NOTED: Final = ("forks", "choices", "engagement", "limits")
"""The tables of a world that note what is read of them."""


class Noted(dict[str, Any]):
    """A table that notes in which minute each of its entries was last asked for."""

    def __init__(self, table: dict[Any, Any], world: World) -> None:
        super().__init__(table)
        self.last: dict[str, int] = {}
        self._env = world.env

    def __getitem__(self, word: str) -> Any:
        self.last[word] = self._env.minute
        return super().__getitem__(word)


class Reads:
    """What the cases of a run asked for, and when they last did.

    Of each table the minutes alone are kept, not the table: it knows the engine, and through it
    everything that the run had left in memory when it ended.
    """

    def __init__(self) -> None:
        self.last: dict[str, dict[str, int]] = {}

    def note(self, world: World) -> None:
        """Let the tables of a world note what is read of them."""
        for name in NOTED:
            noted = Noted(getattr(world, name), world)
            self.last[name] = noted.last
            setattr(world, name, noted)


def never_met(folder: Path, baseline: Model, model: Model, reads: Reads) -> list[str]:
    """The values that a scenario sets and that no case met from that day on, by their paths.

    `folder` holds the log of one replication.
    """
    if not reads.last:
        return []
    seen = _Seen(folder, model, reads)
    return [
        f"{path} in {area}" if area else path
        for path, day, area in settings_of(baseline, model)
        if not seen.met(tuple(path.split(".")), day, area)
    ]


def settings_of(baseline: Model, model: Model) -> Iterator[tuple[str, dt.date, str | None]]:
    """What a scenario's model sets beyond the baseline's: path, day and division of each change."""
    before = dict(settable_values(baseline))
    for at, value in settable_values(model):
        if value is before.get(at) or at not in before:
            continue
        old = {(change.from_, change.area) for change in before[at].changes}
        for change in value.changes:
            if (change.from_, change.area) not in old:
                yield dotted(at), change.from_, change.area


class _Seen:
    """One replication's log, and the questions that are put to it."""

    def __init__(self, folder: Path, model: Model, reads: Reads) -> None:
        self._model = model
        self._reads = reads
        columns = ["case", "activity", "place", "result", "entered", "left"]
        self._events = read_table(folder / "events.parquet", columns)
        self._cases = read_table(
            folder / "cases.parquet", ["case", "way_in", "division", "arrived"]
        )
        self._epoch = dt.date.fromisoformat(self._events.schema.metadata[b"epoch"].decode())
        entered = self._events.column("entered").to_numpy()
        left = self._events.column("left").to_numpy()
        # A stay that is not over lasts until the end.
        self._until = np.where(left < 0, np.iinfo(np.int32).max, np.maximum(entered, left))

    def met(self, at: tuple[str, ...], day: dt.date, area: str | None) -> bool:
        """Whether a case met a value from a day on; in doubt it did."""
        minute = (day - self._epoch).days * MINUTES_A_DAY
        table, word = at[0], at[1]
        if table in self._reads.last:
            return self._reads.last[table].get(word, -1) >= minute
        if table == "streams":
            return self._arrived(word, minute, area)
        rows = self._rows(table, word, at)
        if rows is None:
            return True
        rows = rows & (self._until >= minute)
        if area is not None and rows.any():
            there = pc.equal(self._cases.column("division"), area)
            cases = self._cases.filter(there).column("case").to_numpy()
            rows = rows & np.isin(self._events.column("case").to_numpy(), cases)
        return bool(rows.any())

    def _rows(self, table: str, word: str, at: tuple[str, ...]) -> Mask | None:
        """The rows of the log in which a value shows; None where the log cannot tell."""
        if table in ("stages", "duties"):
            return self._is("activity", word)
        if table == "hearings":
            rows = self._is("activity", word)
            if at[2] == "lengths" and at[3] != "default":
                return rows & self._is("result", at[3])
            return rows
        if table == "pools":
            divisions = [f"{word}_{division}" for division in self._model.divisions]
            return self._is("place", word, *divisions)
        if table == "lists":
            return self._begins("place", f"{word}@")
        return None

    def _is(self, column: str, *words: str) -> Mask:
        return _mask(pc.is_in(self._plain(column), pa.array(words)))

    def _begins(self, column: str, start: str) -> Mask:
        return _mask(pc.starts_with(self._plain(column), start))

    def _plain(self, column: str) -> pa.ChunkedArray:
        return pc.cast(self._events.column(column), pa.string())

    def _arrived(self, way_in: str, minute: int, area: str | None) -> bool:
        cases = self._cases.filter(pc.equal(self._cases.column("way_in"), way_in))
        if area is not None:
            cases = cases.filter(pc.equal(cases.column("division"), area))
        return bool((cases.column("arrived").to_numpy() >= minute).any())


def _mask(found: pa.ChunkedArray) -> Mask:
    mask: Mask = found.to_numpy()
    return mask
