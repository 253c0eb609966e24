"""Bail before charge: a date to come back on, and another one while nobody can decide yet.

Police and Criminal Evidence Act 1984, sections 34, 37 and 47. Every period of bail, up to the date
on which the suspect has to come back or to the decision, is a row of the log: the first is
`pre_charge_bail`, each further one `re_bail`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from cjsim.des.event_log import NEVER
from cjsim.england_wales.codes import AGENCY_CODE, RESULT_CODE

if TYPE_CHECKING:
    from cjsim.england_wales.case import Case

_POLICE = AGENCY_CODE["police"]
_DONE = RESULT_CODE["done"]
Period = Literal["pre_charge_bail", "re_bail"]


class PreChargeBail:
    """One suspect's bail before charge, from release to the decision.

    Somebody `answering` bail is told of a decision on the date set; others are bailed again.
    """

    __slots__ = ("_entered", "_occurrence", "_over", "_period", "answering", "case", "return_at")

    def __init__(self, case: Case, since: int | None = None, return_at: int | None = None) -> None:
        """Bailed now, or `since` an earlier minute; back at `return_at`, or when chance says."""
        self.case = case
        self._over = False
        now = case.simulation.env.minute
        self._set("pre_charge_bail", now if since is None else since, return_at)

    def _set(self, period: Period, entered: int, return_at: int | None = None) -> None:
        """A date to come back on; what happens on it shows on the day."""
        case, simulation = self.case, self.case.simulation
        stage = simulation.stages[period]
        self._period, self._entered = stage, entered
        self.answering = False
        self._occurrence = case.times[stage.point]
        minutes = stage.minutes(case.area_index, case.group_index, case.draw(stage.point))
        now = simulation.env.minute
        self.return_at = now + minutes if return_at is None else return_at
        simulation.env.after(max(self.return_at - now, 0), self._on_the_date)

    def _on_the_date(self) -> None:
        if not self._over and not self.answering:
            self.again()

    def again(self) -> None:
        """Nobody can decide yet: bailed to another date."""
        now = self.case.simulation.env.minute
        self._write(now)
        self._set("re_bail", now)

    def end(self) -> None:
        """Charged, dealt with out of court, or told that no more will come of it."""
        self._write(self.case.simulation.env.minute)
        self._over = True

    def write_open_row(self) -> None:
        """At the end of a run: still on bail."""
        self._write(NEVER)

    def _write(self, left: int) -> None:
        case, period = self.case, self._period
        case.simulation.log.row(
            case.number,
            period.activity,
            self._occurrence,
            _POLICE,
            0,
            self._entered,
            self.return_at,
            self._entered,
            left,
            0.0,
            0.0,
            _DONE if left >= 0 else 0,
            0,
        )
