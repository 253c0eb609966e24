"""Where a defendant is held: in a police cell under the custody clock, in prison on remand."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy

from cjsim.calendar import MINUTES_A_DAY
from cjsim.log import ACTIVITY_CODE, AGENCY_CODE, NEVER, RESULT_CODE
from cjsim.pools import Pool
from cjsim.vocabulary import Limit

if TYPE_CHECKING:
    from cjsim.case import Case

_DETENTION = ACTIVITY_CODE["detention"]
_REMAND = ACTIVITY_CODE["remand"]
_POLICE = AGENCY_CODE["police"]
_PRISONS = AGENCY_CODE["prisons"]
_DONE = RESULT_CODE["done"]


class Held:
    """The cell and the prison place of one case, if any; each is a row of the log."""

    __slots__ = ("_cell", "_detained_at", "_in_cell_at", "_remanded_at", "case")

    def __init__(self, case: Case) -> None:
        self.case = case
        self._cell: Pool | None = None
        self._detained_at = self._in_cell_at = self._remanded_at = NEVER

    def enter_cell(self, since: int | None = None) -> Generator[simpy.Event, Any, None]:
        """To the nearest suite with a free cell; where none is free, wait at one's own.

        `since` is the minute from which the custody clock runs: now, if none is given.
        """
        case, world = self.case, self.case.world
        cells = world.stages["detention"].pools
        pool = cells[case.area_index]
        if pool.busy >= pool.capacity:
            pool = next((other for other in cells if other.busy < other.capacity), pool)
        self._detained_at = world.env.minute if since is None else since
        case.in_custody = True
        turn = pool.claim()
        if turn is not None:
            yield turn
        self._cell = pool
        self._in_cell_at = world.env.minute

    def leave_cell(self) -> None:
        """Out of the custody suite, whichever way; nothing happens to somebody not in one."""
        pool = self._cell
        if pool is None:
            return
        pool.free()
        now = self.case.world.env.minute
        self._write(_DETENTION, _POLICE, pool.place, self._detained_at, self._in_cell_at, now)
        self._cell = None
        self.case.in_custody = False

    def until(self, limit: Limit) -> int:
        """The minute at which a limit of the custody clock, counted from arrival, is reached."""
        return self._detained_at + round(self.case.world.limits[limit] * 60)

    @property
    def remanded_at(self) -> int:
        """The minute of the last remand in custody, or -1."""
        return self._remanded_at

    def enter_prison(self, since: int | None = None) -> None:
        """Remanded in custody, if not already: now, or `since` an earlier minute."""
        if not self.case.remanded:
            self.case.remanded = True
            self._remanded_at = self.case.world.env.minute if since is None else since

    def leave_prison(self) -> None:
        """Out of prison on bail or at the end of the case, if there."""
        if self.case.remanded:
            now = self.case.world.env.minute
            self._write(_REMAND, _PRISONS, 0, self._remanded_at, self._remanded_at, now)
            self.case.remanded = False

    def last_day_for_trial(self) -> int:
        """The day, counted from the model's first, by which a trial in custody has to start."""
        case = self.case
        limits = case.world.limits
        if case.received_crown >= 0:
            since = case.received_crown
            days = limits[
                "custody_time_limit_crown_indictable_days"
                if case.offence_class == "indictable_only"
                else "custody_time_limit_crown_days"
            ]
        else:
            since = self._remanded_at
            days = limits[
                "custody_time_limit_summary_days"
                if case.offence_class == "summary"
                else "custody_time_limit_either_way_days"
            ]
        return since // MINUTES_A_DAY + round(days)

    def write_open_rows(self) -> None:
        """At the end of a run: still in a cell, waiting for one, or in prison."""
        if self._cell is not None:
            place, started = self._cell.place, self._in_cell_at
            self._write(_DETENTION, _POLICE, place, self._detained_at, started, NEVER)
        elif self.case.in_custody:
            self._write(_DETENTION, _POLICE, 0, self._detained_at, NEVER, NEVER)
        if self.case.remanded:
            self._write(_REMAND, _PRISONS, 0, self._remanded_at, self._remanded_at, NEVER)

    def _write(
        self, activity: int, agency: int, place: int, entered: int, started: int, left: int
    ) -> None:
        case = self.case
        occurrence = case.count(activity)
        result = _DONE if left >= 0 else 0
        case.world.log.row(
            case.number, activity, occurrence, agency, place, entered, NEVER, started, left, 0.0,
            0.0, result, 0,
        )  # fmt: skip
