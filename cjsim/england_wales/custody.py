"""Where a defendant is held: in a police cell under the custody clock, in prison on remand.

Bail before charge is kept here as well: it begins where a cell is left without a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from cjsim.des.environment import Event
from cjsim.des.event_log import NEVER
from cjsim.des.resources import Resource
from cjsim.england_wales.codes import ACTIVITY_CODE, AGENCY_CODE, RESULT_CODE
from cjsim.england_wales.custody_time_limit import CustodyTimeLimit
from cjsim.england_wales.detention_review import DetentionReviews
from cjsim.england_wales.pre_charge_bail import PreChargeBail
from cjsim.england_wales.vocabulary import Limit, Result
from cjsim.listing.diary import Listing

if TYPE_CHECKING:
    from cjsim.england_wales.case import Case

_DETENTION = ACTIVITY_CODE["detention"]
_REMAND = ACTIVITY_CODE["remand"]
_POLICE = AGENCY_CODE["police"]
_PRISONS = AGENCY_CODE["prisons"]
_CLOCK: tuple[Limit, ...] = (
    "detention_first_hours",
    "detention_superintendent_hours",
    "detention_warrant_hours",
)


class CustodyStatus:
    """The cell, the bail and the prison place of one case, if any; each is a row of the log."""

    __slots__ = (
        "_cell",
        "_detained_at",
        "_in_cell_at",
        "_remanded_at",
        "_reviews",
        "bail",
        "case",
        "clock",
        "suite",
        "time_limit",
        "trial",
    )

    def __init__(self, case: Case) -> None:
        self.case = case
        self._cell: Resource | None = None
        self._detained_at = self._in_cell_at = self._remanded_at = NEVER
        self._reviews: DetentionReviews | None = None
        self.clock: Limit = "detention_first_hours"
        """The limit of the custody clock that holds now."""
        self.suite = case.area_index
        """The place among the divisions of the custody suite that the cell is in."""
        self.bail: PreChargeBail | None = None
        self.time_limit: CustodyTimeLimit | None = None
        self.trial: Listing | None = None
        """The trial that is fixed, or the last one that was."""

    # --- in a police cell ----------------------------------------------------------------

    def enter_cell(
        self, since: int | None = None, *, on_warrant: bool = False
    ) -> Generator[Event, Any, bool]:
        """To the nearest suite with a free cell; where none is free, wait at one's own.

        `since` is the minute from which the custody clock runs: now, if none is given. False when
        no cell was free before the clock ran out. Whoever is held on a court's warrant then stays
        in custody without one: only the court can let them go, within a day.
        """
        case, simulation = self.case, self.case.simulation
        cells = simulation.stages["detention"].pools
        pool = cells[case.area_index]
        self.suite = case.area_index
        if pool.busy >= pool.capacity:
            for area, other in enumerate(cells):
                if other.busy < other.capacity:
                    pool, self.suite = other, area
                    break
        now = simulation.env.minute
        self._detained_at = now if since is None else since
        if on_warrant:
            self.clock = _CLOCK[0]
        while self.until(self.clock) <= now and self.clock != _CLOCK[-1]:
            # Whoever has been held for so long has been allowed to be.
            self.clock = _CLOCK[_CLOCK.index(self.clock) + 1]
        case.in_custody = True
        if not (yield from pool.request_before(self.until(self.clock))):
            if not on_warrant:
                self._leave_without_a_cell()
            return False
        self._cell = pool
        self._in_cell_at = simulation.env.minute
        if since is not None and not on_warrant:
            self.authorised(since)
        return True

    def authorised(self, minute: int | None = None) -> None:
        """Detention is authorised, now or at an earlier minute: reviews count from it."""
        at = self.case.simulation.env.minute if minute is None else minute
        self._reviews = DetentionReviews(self.case, at, self.suite)

    def leave_cell(self) -> None:
        """Out of the custody suite, whichever way; nothing happens to somebody not in one."""
        pool = self._cell
        if pool is None:
            if self.case.in_custody:
                self._leave_without_a_cell()
            return
        pool.release()
        now = self.case.simulation.env.minute
        self._write(_DETENTION, _POLICE, pool.place, self._detained_at, self._in_cell_at, now)
        self._cell = None
        self.case.in_custody = False
        if self._reviews is not None:
            self._reviews.end()
            self._reviews = None

    def _leave_without_a_cell(self) -> None:
        """Held for as long as the law allows, and there was no cell."""
        case = self.case
        case.in_custody = False
        place = case.simulation.stages["detention"].pools[self.suite].place
        self._write(
            _DETENTION,
            _POLICE,
            place,
            self._detained_at,
            NEVER,
            case.simulation.env.minute,
            "limit_reached",
        )

    def until(self, limit: Limit) -> int:
        """The minute at which a limit of the custody clock, counted from arrival, is reached."""
        return self._detained_at + round(self.case.simulation.limits[limit] * 60)

    def trial_is_over(self) -> bool:
        """Whether the trial that was fixed last has been called and needs no other date."""
        trial = self.trial
        return trial is not None and trial.called and trial.result != "ineffective"

    # --- on bail before charge -----------------------------------------------------------

    def enter_bail(self, since: int | None = None, return_at: int | None = None) -> PreChargeBail:
        """Bailed to a date, if not on bail already; the times are for a case under way."""
        if self.bail is None:
            self.bail = PreChargeBail(self.case, since, return_at)
        return self.bail

    def leave_bail(self) -> None:
        """A decision ends bail before charge, if there was any."""
        if self.bail is not None:
            self.bail.end()
            self.bail = None

    # --- in prison -----------------------------------------------------------------------

    @property
    def remanded_at(self) -> int:
        """The minute of the last remand in custody, or -1."""
        return self._remanded_at

    def enter_prison(self, passed: Callable[[Case], None], since: int | None = None) -> None:
        """Remanded in custody, if not already: now, or `since` an earlier minute.

        `passed` is called if the custody time limit passes before a trial has begun.
        """
        case = self.case
        if not case.remanded:
            case.remanded = True
            self._remanded_at = case.simulation.env.minute if since is None else since
            if self.time_limit is None:
                self.time_limit = CustodyTimeLimit(case, passed)
            self.time_limit.runs()

    def leave_prison(self) -> None:
        """Out of prison on bail or at the end of the case, if there."""
        if self.case.remanded:
            assert self.time_limit is not None
            now = self.case.simulation.env.minute
            self._write(_REMAND, _PRISONS, 0, self._remanded_at, self._remanded_at, now)
            self.time_limit.rests()
            self.case.remanded = False

    def last_day_for_trial(self) -> int:
        """The day, counted from the model's first, by which the trial of who is held must begin."""
        assert self.time_limit is not None, "nobody has remanded this defendant"
        return self.time_limit.last_day()

    def write_open_rows(self) -> None:
        """At the end of a run: still in a cell, waiting for one, on bail, or in prison."""
        if self._cell is not None:
            place, started = self._cell.place, self._in_cell_at
            self._write(_DETENTION, _POLICE, place, self._detained_at, started, NEVER, "")
        elif self.case.in_custody:
            self._write(_DETENTION, _POLICE, 0, self._detained_at, NEVER, NEVER, "")
        if self._reviews is not None:
            self._reviews.write_open_row()
        if self.bail is not None:
            self.bail.write_open_row()
        if self.case.remanded:
            self._write(_REMAND, _PRISONS, 0, self._remanded_at, self._remanded_at, NEVER, "")

    def _write(
        self,
        activity: int,
        agency: int,
        place: int,
        entered: int,
        started: int,
        left: int,
        result: Result = "done",
    ) -> None:
        case = self.case
        occurrence = case.count(activity)
        case.simulation.log.row(
            case.number,
            activity,
            occurrence,
            agency,
            place,
            entered,
            NEVER,
            started,
            left,
            0.0,
            0.0,
            RESULT_CODE[result],
            0,
        )
