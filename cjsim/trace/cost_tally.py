"""What each row of a case's log costs whom, counted as the measures count it, row by row.

Capacity that is there, used or not, and posts are no one case's cost; what a case used of them is
priced by the hour. Rows of the warm-up have a price too: a case file is complete.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.measures.measurement import measurement_of
from cjsim.measures.prices import deflator
from cjsim.schema.costs import UnitCost
from cjsim.schema.dated import number_on
from cjsim.schema.model import Model
from cjsim.storage.plain import PlainTable

Row = PlainTable

MINUTES_AN_HOUR: Final = 60


@dataclass(frozen=True)
class Line:
    """One unit cost of one row: who pays, for what, and how much in pounds."""

    agency: str
    unit: str
    gbp: float


@dataclass(frozen=True)
class CostTally:
    """What prices the rows of one case; `epoch` is the day of minute 0, `end` the last minute.

    `case` is the case's row of the case table.
    """

    case: Row
    model: Model
    epoch: dt.date
    end: int

    def price(self, rows: Sequence[Row]) -> list[list[Line]]:
        """For each row of the event log, what it costs whom."""
        units = [(name, unit) for name, unit in self.model.costs.units.items() if unit.activities]
        return [
            [
                Line(unit.agency, name, gbp)
                for name, unit in units
                if row["activity"] in unit.activities and (gbp := self._gbp(row, unit))
            ]
            for row in rows
        ]

    def _gbp(self, row: Row, unit: UnitCost) -> float:
        """One unit cost of one row in pounds of the price base; 0 if it does not apply."""
        listed = row["place"].partition("@")[0] if "@" in row["place"] else ""
        if unit.results and row["result"] not in unit.results:
            return 0.0
        if unit.reasons and row["reason"] not in unit.reasons:
            return 0.0
        if unit.court is not None and self._court(row, unit) != unit.court:
            return 0.0
        if unit.per == "day":
            amount = self._days(row, unit, listed)
        elif row["ended_at"] < 0 or (
            unit.per == "event"
            and not unit.results
            and row["result"] in self.model.vocabulary.not_done_results
        ):
            amount = 0.0
        else:
            amount = self._quantity(row, unit) * self._price(unit, row["ended_at"], listed)
        return amount * deflator(self.model.costs, unit)

    def _quantity(self, row: Row, unit: UnitCost) -> float:
        """Hours, events or courtroom days."""
        if unit.per == "event":
            return 1.0
        if unit.per in ("hour", "capacity_hour"):
            return float(row["minutes"]) / MINUTES_AN_HOUR
        minutes = self._courtroom_minutes(row)
        return float(row["minutes"]) / minutes if minutes else 0.0

    def _courtroom_minutes(self, row: Row) -> float:
        """All the minutes that a courtroom of a hearing's list sits on its day; 0 elsewhere."""
        name, _, rest = row["place"].partition("@")
        lists = {str(word): spec for word, spec in self.model.lists.items()}
        if name not in lists:
            return 0.0
        spec = lists[name]
        courthouse = self.model.courthouses[rest.partition("#")[0]]
        day = self._day(row["ended_at"])
        return number_on(spec.session_minutes, day, courthouse.division, "") * len(spec.sessions)

    def _days(self, row: Row, unit: UnitCost, listed: str) -> float:
        """The price of a stay, each of its days at that day's price."""
        amount = 0.0
        at, left = row["queued_at"], row["ended_at"] if row["ended_at"] >= 0 else self.end
        while at < left:
            midnight = min((at // MINUTES_A_DAY + 1) * MINUTES_A_DAY, left)
            amount += (midnight - at) / MINUTES_A_DAY * self._price(unit, at, listed)
            at = midnight
        return amount

    def _court(self, row: Row, unit: UnitCost) -> str:
        """The court of a hearing; otherwise the court that the case is in."""
        for word, hearing in self.model.hearings.items():
            if word == row["activity"]:
                return hearing.court
        minute = row["queued_at"] if unit.per == "day" else row["ended_at"]
        return court_at(self.case, self.model, minute)

    def _price(self, unit: UnitCost, minute: int, listed: str) -> float:
        """One unit in pounds of its price year, on the day of a minute."""
        table = unit.gbp.value
        key = listed if isinstance(table, dict) and listed in table else self.case["offence_group"]
        return number_on(unit.gbp, self._day(minute), self.case["division"], key)

    def _day(self, minute: int) -> dt.date:
        return self.epoch + dt.timedelta(days=minute // MINUTES_A_DAY)


def court_at(case: Row, model: Model, minute: int) -> str:
    """The court that a case is in at a minute; empty before the first of them."""
    stays = measurement_of(model.jurisdiction).courts
    return next(
        (stay.court for stay in reversed(stays) if 0 <= case[stay.entered_at] <= minute), ""
    )
