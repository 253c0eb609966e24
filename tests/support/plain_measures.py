"""The headline measures once more: plain Python over the rows of a log, from their definitions.

Nothing here is shared with `cjsim.measures`: no query, no calendar, no sum. What two programs agree
on to the last digits is what the words say, or both have misread them in the same way.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from cjsim.des.log_reader import read_minutes
from cjsim.schema.costs import UnitCost
from cjsim.schema.model import Model

Row = dict[str, Any]
Key = tuple[str, str, str, str]
DAY = 1440
IN_VAIN = ("adjourned", "ineffective", "warrant_issued")
TRIALS = ("magistrates_trial", "crown_trial")
NOT_DONE = ("vacated", "missed", "did_not_attend")
OWN = "victims_and_witnesses"
BANDS = (("up_to_3_months", 91), ("3_to_6_months", 182), ("6_to_12_months", 365))


class PlainMeasures:
    """`values`: measure, court, group and period to a value, for a model without dated prices."""

    def __init__(self, folder: Path, model: Model) -> None:
        self.cases, self.events, self.capacity, self.sittings = (
            read_minutes(folder / f"{name}.parquet").to_pylist()
            for name in ("cases", "events", "capacity", "sittings")
        )
        footer = pq.read_schema(folder / "events.parquet").metadata
        epoch, first, last = (
            dt.date.fromisoformat(footer[name].decode())
            for name in (b"epoch", b"study_from", b"study_to")
        )
        self.model, self.by_number = model, {case["case_id"]: case for case in self.cases}
        self.month: dict[int, str] = {}
        for day in range((first - epoch).days, (last - epoch).days + 1):
            self.month[day] = (epoch + dt.timedelta(days=day)).strftime("%Y-%m")
        self.first, self.last = min(self.month), max(self.month)
        self.values: dict[Key, float] = {}
        for part in (self.of_cases, self.of_open_cases, self.of_hearings, self.of_rows, self.money):
            part()

    def when(self, minute: int) -> str:
        """The month of a minute; nothing where it is not in the study."""
        return self.month.get(minute // DAY, "") if minute >= 0 else ""

    def share(
        self, kpi: str, things: Iterable[tuple[Sequence[str], str, float, float]], group: str = ""
    ) -> None:
        """What is above over what is below, of things with their courts and month."""
        sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for courts, month, above, below in things:
            for court in courts if month else ():
                for period in (month, "all"):
                    sums[court, period][0] += above
                    sums[court, period][1] += below
        for (court, period), (above, below) in sums.items():
            if below:
                self.values[kpi, court, group, period] = above / below

    def spread(self, kpi: str, things: Iterable[tuple[Sequence[str], str, float]]) -> None:
        """Mean, median and ninetieth percentile, the last between the two values beside it."""
        found: dict[tuple[str, str], list[float]] = defaultdict(list)
        for courts, month, value in things:
            for court in courts if month else ():
                found[court, month].append(value)
                found[court, "all"].append(value)
        for (court, period), of in found.items():
            of.sort()
            below, beyond = divmod((len(of) - 1) * 9, 10)
            above = of[min(below + 1, len(of) - 1)]
            self.values[kpi, court, "mean", period] = sum(of) / len(of)
            self.values[kpi, court, "median", period] = statistics.median(of)
            self.values[kpi, court, "p90", period] = of[below] + (above - of[below]) * beyond / 10

    def of_cases(self) -> None:
        """From arrest to charge and to the end; who is sent for trial."""
        arrested = [case for case in self.cases if case["way_in"].startswith("arrest")]
        self.spread(
            "arrest_to_charge_days",
            (
                (
                    ["all"],
                    self.when(case["charged_at"]),
                    case["charged_at"] // DAY - case["arrived_at"] // DAY,
                )
                for case in arrested
            ),
        )
        self.spread(
            "arrest_to_disposal_days",
            (
                (
                    self.courts(case),
                    self.when(case["ended_at"]),
                    case["ended_at"] // DAY - case["arrived_at"] // DAY,
                )
                for case in arrested
            ),
        )
        self.share(
            "sent_to_crown_share",
            (
                (
                    ["magistrates"],
                    self.when(case["magistrates_completed_at"]),
                    case["crown_way"] == "for_trial",
                    1,
                )
                for case in self.cases
            ),
        )

    def courts(self, case: Row) -> list[str]:
        """The courts under which the end of a case counts."""
        if case["charged_at"] < 0:
            return ["all"]
        return ["all", "crown" if case["received_crown_at"] >= 0 else "magistrates"]

    def of_open_cases(self) -> None:
        """Who is there at the end of a month's last day, and how many whole days they have been."""
        stays = {
            "all": ("arrived_at", "ended_at"),
            "crown": ("received_crown_at", "ended_at"),
            "magistrates": ("charged_at", "magistrates_completed_at"),
        }
        ends = {month: day for day, month in self.month.items()} | {"all": self.last}
        for court, (since, until) in stays.items():
            for period, day in ends.items():
                ages = [
                    day - case[since] // DAY
                    for case in self.cases
                    if 0 <= case[since] // DAY <= day
                    and (case[until] < 0 or case[until] // DAY > day)
                ]
                bands = [
                    next((name for name, most in BANDS if age <= most), "over_12_months")
                    for age in ages
                ]
                self.values["open_cases", court, "", period] = len(ages)
                for band in (*(name for name, _ in BANDS), "over_12_months"):
                    self.values["open_cases", court, band, period] = bands.count(band)

    def of_hearings(self) -> None:
        """Hearings of completed cases, and how trials went; lists against the table of sittings."""
        held: dict[int, list[Row]] = defaultdict(list)
        trials = []
        sat: dict[tuple[str, str], float] = defaultdict(float)
        for row in self.events:
            if row["activity"] not in self.model.hearings or row["ended_at"] < 0:
                continue
            court, month = self.model.hearings[row["activity"]].court, self.when(row["ended_at"])
            if row["result"] != "vacated":
                held[row["case_id"]].append(row)
                if row["activity"] in TRIALS:
                    trials.append((["all", court], month, row["result"]))
            if month and "@" in row["place"]:
                sat[row["place"].split("@")[0], month] += row["minutes"]
        over = [case for case in self.cases if case["charged_at"] >= 0]
        self.share(
            "hearings_per_case",
            (
                (["all"], self.when(case["ended_at"]), len(held[case["case_id"]]), 1)
                for case in over
            ),
        )
        self.share(
            "adjournments_per_case",
            (
                (
                    ["all"],
                    self.when(case["ended_at"]),
                    sum(row["result"] in IN_VAIN for row in held[case["case_id"]]),
                    1,
                )
                for case in over
            ),
        )
        for went in ("effective", "cracked", "ineffective"):
            self.share(
                f"trials_{went}_share",
                ((courts, month, result == went, 1) for courts, month, result in trials),
            )
        for name, spec in self.model.lists.items():
            there = [
                (["all", spec.court], self.when(one["started_at"]), 0, one["session_minutes"])
                for one in self.sittings
                if one["list"] == name
            ]
            used = [
                (["all", spec.court], month, minutes, 0)
                for (of, month), minutes in sat.items()
                if of == name
            ]
            mine = [([spec.court], *rest) for _, *rest in (*there, *used)]
            self.share("utilisation", mine, name)

    def of_rows(self) -> None:
        """Nights on remand, contacts in time, and witnesses who came for nothing."""
        nights: dict[str, int] = dict.fromkeys((*self.month.values(), "all"), 0)
        for row in self.events:
            if row["activity"] == "remand":
                until = row["ended_at"] // DAY if row["ended_at"] >= 0 else self.last + 1
                for day in range(row["queued_at"] // DAY, until):
                    if day in self.month:
                        nights[self.month[day]] += 1
                        nights["all"] += 1
        for period, count in nights.items():
            self.values["remand_nights", "all", "", period] = count
        duties = {name for name, duty in self.model.duties.items() if duty.statutory}
        self.share(
            "victim_contacts_in_time_share",
            (
                (["all"], self.when(row["ended_at"]), row["result"] == "in_time", 1)
                for row in self.events
                if row["activity"] in duties and row["result"] in ("in_time", "late", "missed")
            ),
        )
        self.share(
            "witness_attendances_wasted_share",
            (
                (["all"], self.when(row["ended_at"]), row["result"] == "wasted", 1)
                for row in self.events
                if row["activity"] == "witness_attendance"
                and row["result"] in ("wasted", "gave_evidence")
            ),
        )

    def money(self) -> None:
        """What each agency pays, and all of them together without the own time of victims."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.events:
            rows[row["activity"]].append(row)
        paid: dict[tuple[str, str], float] = defaultdict(float)
        costs = self.model.costs
        for unit in costs.units.values():
            base = costs.deflator[costs.price_base].value
            year = costs.deflator[unit.price_year].value
            assert isinstance(base, float)
            assert isinstance(year, float)
            for month, quantity, price in self.bought(unit, rows):
                for agency in {unit.agency, unit.agency if unit.agency == OWN else ""}:
                    for period in (month, "all"):
                        paid[agency, period] += quantity * price * base / year
        for (agency, period), gbp in paid.items():
            self.values["cost_gbp", "all", agency, period] = gbp

    def bought(
        self, unit: UnitCost, rows: dict[str, list[Row]]
    ) -> Iterator[tuple[str, float, float]]:
        """Month, quantity and pounds for one, of whatever a unit cost pays for."""
        assert not unit.gbp.changes
        if unit.per in ("capacity_hour", "post_year"):
            for one in self.capacity:
                if one["base"] in (unit.pools if one["kind"] == "pool" else unit.lists):
                    days = [*self.month.values()].count(one["month"])
                    hours, posts = one["minutes"] / 60, one["posts"] * days / 365.25
                    yield one["month"], hours if unit.per == "capacity_hour" else posts, price(unit)
            return
        for row in (row for activity in unit.activities for row in rows[activity]):
            if self.pays_for(unit, row):
                how_much = self.days if unit.per == "day" else self.done
                cost = price(unit, self.by_number[row["case_id"]], row["place"].split("@")[0])
                for month, quantity in how_much(unit, row):
                    yield month, quantity, cost

    def pays_for(self, unit: UnitCost, row: Row) -> bool:
        """Whether a row is one of those that a unit cost names."""
        if unit.court and self.model.hearings[row["activity"]].court != unit.court:
            return False
        if unit.reasons and row["reason"] not in unit.reasons:
            return False
        if unit.results:
            return row["result"] in unit.results
        return unit.per != "event" or row["result"] not in NOT_DONE

    def days(self, _: UnitCost, row: Row) -> Iterator[tuple[str, float]]:
        """The days of a stay, each with as much of it as was spent there."""
        until = row["ended_at"] if row["ended_at"] >= 0 else (self.last + 1) * DAY
        for day in range(max(row["queued_at"] // DAY, self.first), until // DAY + 1):
            if day in self.month:
                minutes = min(until, (day + 1) * DAY) - max(row["queued_at"], day * DAY)
                yield self.month[day], minutes / DAY

    def done(self, unit: UnitCost, row: Row) -> Iterator[tuple[str, float]]:
        """What was done counts where it was left: once, by the hour or by the courtroom's day."""
        month, spec = self.when(row["ended_at"]), self.model.lists.get(row["place"].split("@")[0])
        if month and unit.per == "event":
            yield month, 1.0
        elif month and unit.per == "hour":
            yield month, row["minutes"] / 60
        elif month and spec:
            assert isinstance(spec.session_minutes.value, float)
            yield month, row["minutes"] / (spec.session_minutes.value * len(spec.sessions))


def price(unit: UnitCost, case: Row | None = None, where: str = "") -> float:
    """Pounds for one: of the case's offence group or of the list, where the price differs by it."""
    value = unit.gbp.value
    if not isinstance(value, dict):
        return value
    group = case["offence_group"] if case else ""
    return next(value[key] for key in (group, where, "default") if key in value)
