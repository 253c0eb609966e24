"""Settings that no case ever met, such as a branch that none reached or a pool without work.

Of branches, choices, limits and the engagement of victims the log keeps nothing, so that they note
themselves when they are asked for; the rest can be seen in the log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.des.log_reader import footer_of, read_minutes
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.model import Model

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation

Mask = npt.NDArray[np.bool_]

RECORDED_TABLES: Final = ("branches", "multiway_branches", "engagement", "limits")
"""The tables of a simulation whose reads are recorded."""


class RecordingTable(dict[str, object]):
    """A table that records in which minute each of its entries was last read."""

    def __init__(self, table: Mapping[str, object], simulation: Simulation) -> None:
        super().__init__(table)
        self.last: dict[str, int] = {}
        self._env = simulation.env

    def __getitem__(self, word: str) -> object:
        self.last[word] = self._env.minute
        return super().__getitem__(word)


class ReadTimes:
    """The minute in which the cases of a run last read each entry of some tables.

    Only the minutes are kept. Keeping a table would keep the whole simulation in memory.
    """

    def __init__(self) -> None:
        self.last: dict[str, dict[str, int]] = {}

    def note(self, simulation: Simulation) -> None:
        """Record the reads of a simulation's tables from now on."""
        for name in RECORDED_TABLES:
            noted = RecordingTable(getattr(simulation, name), simulation)
            self.last[name] = noted.last
            setattr(simulation, name, noted)


def unused_settings(folder: Path, scenario: ResolvedScenario, reads: ReadTimes) -> list[str]:
    """The paths of the values that a scenario sets and that no case met from that day on.

    `folder` holds the log of one replication.
    """
    if not reads.last:
        return []
    seen = _LogReader(folder, scenario.model, reads)
    return [
        f"{change.path} in {change.division}" if change.division else change.path
        for change in scenario.added
        if change.day is not None
        and not seen.met(tuple(change.path.split(".")), change.day, change.division)
    ]


class _LogReader:
    """One replication's log, and the questions that are put to it."""

    def __init__(self, folder: Path, model: Model, reads: ReadTimes) -> None:
        self._model = model
        self._reads = reads
        columns = ["case_id", "activity", "place", "result", "queued_at", "ended_at"]
        self._events = read_minutes(folder / "events.parquet", columns)
        self._cases = read_minutes(
            folder / "cases.parquet", ["case_id", "way_in", "division", "arrived_at"]
        )
        self._footer = footer_of(self._events.schema)
        queued = self._events.column("queued_at").to_numpy()
        ended = self._events.column("ended_at").to_numpy()
        # A stay that is not over lasts until the end.
        self._until = np.where(ended < 0, np.iinfo(np.int32).max, np.maximum(queued, ended))

    def met(self, at: tuple[str, ...], day: dt.date, area: str | None) -> bool:
        """Whether a case met a value from a day on; in doubt it did."""
        minute = self._footer.minute(day)
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
            cases = self._cases.filter(there).column("case_id").to_numpy()
            rows = rows & np.isin(self._events.column("case_id").to_numpy(), cases)
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
        return bool((cases.column("arrived_at").to_numpy() >= minute).any())


def _mask(found: pa.ChunkedArray) -> Mask:
    mask: Mask = found.to_numpy()
    return mask
