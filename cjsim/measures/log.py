"""The event log of one replication, opened as tables to be queried.

The three Parquet files are read for a DuckDB that lives in memory and uses one thread, so that
sums of floating-point numbers come out the same, byte for byte, every time. Of the ten million rows
of a large area only those are kept that some measure looks at one by one, with the columns that it
looks at. In SQL the reserved words `case` and `left` are called `id` and `finished`. There are:

- `cases` and `capacity`, whole; `cases.court` is where a case was when it ended or is now, empty
  before anybody is charged;
- `happened`: everything left within the study period, counted: activity, result, reason, place,
  division, month, spell, `times` and `minutes`;
- `hearings`: those of `happened` that are hearings, with the court and whether it `is_trial`;
- `kept`: the rows, of the warm-up too, whose length or whose case matters one by one: time in a
  cell or prison, witnesses at court, withdrawals and whatever is paid by the day;
- `hearing_events`, `duty_events`, `preparations`: the same of hearings, of contacts with victims
  and witnesses, and of preparing trials;
- `paid_events`: whatever has a price, where that depends on the case;
- `custody_events`: stays in police cells, and who allowed them;
- `months` and `spells`: the parts of the study period. A spell is a month, or that part of a month
  in which no price changes.

`month_of(minute)` is the first day of the month, `spell_of(minute)` the number of the spell,
`studied(minute)` is true from `study_start()` up to `study_end()`, the minute after the last,
`in_vain(result)` of a hearing that ended without the progress it was listed for, and
`seen_whole(way_in)` of a case that did not come in at the door of the Crown Court: of that one only
the receipt is known, and its charge and the magistrates' court's end stand for nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cjsim.calendar import MINUTES_A_DAY, months_between, next_month
from cjsim.measures.events import Divisions, Events, OpenRows, Tally, read_cases, with_courts
from cjsim.measures.memory import give_back
from cjsim.measures.prices import asks_for_cases
from cjsim.measures.registry import Row
from cjsim.spec.dated import days_of_change
from cjsim.spec.model import Model
from cjsim.storage.tables import read_table

_MACROS = """
CREATE MACRO month_of(minute) AS
    date_trunc('month', DATE '$epoch' + (minute // 1440)::INTEGER)::DATE;
CREATE MACRO study_start() AS $start;
CREATE MACRO study_end() AS $end;
CREATE MACRO studied(minute) AS minute >= $start AND minute < $end;
CREATE MACRO spell_of(minute) AS
    (SELECT list(spell ORDER BY day) FROM spell_days)[minute // 1440 - $start // 1440 + 1];
CREATE MACRO seen_whole(way_in) AS way_in <> 'received_at_crown_court';
CREATE MACRO whole_days(a, b) AS b // 1440 - a // 1440;
CREATE MACRO in_vain(result) AS result IN ('adjourned', 'ineffective', 'warrant_issued');
"""

_OF_ROWS = {
    "kept": ("case", "entered", "due", "started", "left", "activity", "place", "result", "reason"),
    "preparations": ("case", "left", "minutes", "activity"),
    "hearing_events": ("case", "started", "left", "minutes", "activity", "result"),
    "duty_events": ("case", "due", "left", "activity", "place", "result"),
    "custody_events": ("case", "entered", "due", "left", "activity"),
    "paid_events": (
        "case", "entered", "left", "minutes", "activity", "place", "result", "reason",
    ),
}  # fmt: skip
"""The tables of rows one by one, and the columns of each."""

_IN_SQL = {"case": "id", "left": "finished"}

_OF_CASES = (
    "case", "way_in", "offence_group", "division", "has_victim", "contact_channel", "arrived",
    "in_mental_distress", "charged", "charged_by", "first_listed", "received_crown", "crown_way",
    "magistrates_completed", "ended", "outcome", "plea", "consultations", "crown_plea_hearing_plea",
    "magistrates_first_plea",
)  # fmt: skip

# A hearing's place is `<list>@<house>#<courtroom>`; the courtroom is of no interest here. What is
# still open was left at -1, which a division by the minutes of a day puts on day 0: ask first.
_HAPPENED = """
SELECT activity, result, reason, split_part(place, '#', 1) AS place, division, month, spell,
       sum(times)::BIGINT AS times, sum(minutes) AS minutes
FROM tally JOIN kinds USING (kind) JOIN spells USING (spell)
GROUP BY ALL ORDER BY ALL
"""

_HOLD = "CREATE OR REPLACE TABLE $name AS $query"

_HEARINGS = """
SELECT h.court, division, month, result, reason, times,
       activity IN ('magistrates_trial', 'crown_trial') AS is_trial
FROM happened JOIN hearing_kinds h USING (activity)
"""

# What a query leaves out is filled in: everybody's court, no group, and one for each row.
_TALLY = """
SELECT NULL::VARCHAR AS court, NULL::VARCHAR AS division, NULL::VARCHAR AS grp, NULL::DATE AS month,
       1 AS top, 1 AS bottom WHERE false
UNION ALL BY NAME
($query)
"""

_TOTALS = """
SELECT court, division, grp, month,
       sum(coalesce(top, 1))::DOUBLE AS top, sum(coalesce(bottom, 1))::DOUBLE AS bottom
FROM ($tally) GROUP BY ALL ORDER BY ALL
"""

_QUANTILES = """
SELECT $court AS place, month, quantile_cont(top, [0.5, 0.9])
FROM spread WHERE place IS NOT NULL
GROUP BY GROUPING SETS ((place, month), (place))
"""


KEPT = (
    "detention", "remand", "witness_attendance", "police_attendance", "victim_withdrawal",
    "magistrates_trial", "custody_booking", "pre_charge_bail", "re_bail", "forensic_examination",
    "digital_examination", "custody_time_limit", "trial_preparation",
)  # fmt: skip
"""The activities that some measure looks at one by one, besides hearings and contacts.

The order in which rows that are added up reach a sum hangs on where they stand among these: with
one fewer a last digit may be another.
"""


CUSTODY = (
    "detention", "custody_clock_extension", "custody_warrant", "arrest_on_warrant",
    "warrant_hearing", "crown_warrant_hearing",
)  # fmt: skip
"""The activities that say how long somebody was in a police cell, and by whose leave."""


class Log:
    """The tables of one replication, and the shapes that measures have: a count, a ratio, a spread.

    A query handed to `counts`, `ratios` or `spreads` gives a row for each thing counted: the
    `month` it counts in, `top` and `bottom` (1 if left out), and what it may be broken down by:
    `court`, `division`, and `grp` for any other group. The method adds up over months, groups and
    courts; a query that gives rows of its own for the court `all` is not added up over courts.
    """

    def __init__(self, folder: Path, model: Model, *, by_case: bool | None = None) -> None:
        """Raises OSError when one of the three files is not in the folder.

        `by_case` says whether the rows that are paid for are wanted one by one; left out, they are
        where the model's prices ask for it.
        """
        self.model = model
        self._by_case = asks_for_cases(model) if by_case is None else by_case
        footer = pq.read_schema(folder / "events.parquet").metadata
        self.epoch, self.study_from, self.study_to = (
            dt.date.fromisoformat(footer[key].decode())
            for key in (b"epoch", b"study_from", b"study_to")
        )
        self.start = self.minute(self.study_from)
        self.end = self.minute(self.study_to + dt.timedelta(days=1))
        self.months = months_between(self.study_from, self.study_to)
        self.periods = (*(month.isoformat()[:7] for month in self.months), "all")
        changes = days_of_change(model.costs)
        changes.update(*(days_of_change(spec.session_minutes) for spec in model.lists.values()))
        cuts = {self.study_from, *self.months, *changes}
        self.spells = sorted(day for day in cuts if self.study_from <= day <= self.study_to)
        self._database = duckdb.connect(":memory:", config={"threads": 1})
        self._held: set[str] = set()
        self._give_periods()
        self._open(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def _give_periods(self) -> None:
        # A month that the study period cuts short has only the days that were studied.
        edges = [max(self.minute(month), self.start) for month in self.months]
        self.give("months", {
            "month": pa.array(self.months, pa.date32()),
            "first": edges,
            "after": [*edges[1:], self.end],
        })  # fmt: skip
        edges = [*(self.minute(day) for day in self.spells), self.end]
        self.give("spells", {
            "spell": range(len(self.spells)),
            "month": pa.array([day.replace(day=1) for day in self.spells], pa.date32()),
            "first": edges[:-1],
            "after": edges[1:],
        })  # fmt: skip
        days = [
            (minute // MINUTES_A_DAY, spell)
            for spell, (first, after) in enumerate(pairwise(edges))
            for minute in range(first, after, MINUTES_A_DAY)
        ]
        self._spell_of_day = np.array([spell for _, spell in days], dtype=np.int64)
        self.give("spell_days", {
            "day": pa.array([day for day, _ in days], pa.int32()),
            "spell": pa.array([spell for _, spell in days], pa.int32()),
        })  # fmt: skip

    def _open(self, folder: Path) -> None:
        model = self.model
        capacity = read_table(folder / "capacity.parquet")
        self._database.register("capacity", capacity)
        by_the_day = {
            activity
            for unit in model.costs.units.values() if unit.per == "day"
            for activity in unit.activities
        }  # fmt: skip
        wanted: dict[str, Iterable[str]] = {
            "kept": {*KEPT, *by_the_day},
            "preparations": {"trial_preparation"},
            "hearing_events": {*model.hearings, "first_hearing"},
            "duty_events": {*model.duties, "support_given"},
            "custody_events": CUSTODY,
        }
        if self._by_case:
            units = model.costs.units.values()
            wanted["paid_events"] = {activity for unit in units for activity in unit.activities}
        cases = read_cases(folder / "cases.parquet", _OF_CASES)
        self.give("cases", with_courts(cases))
        give_back()
        events = Events(folder / "events.parquet")
        kinds = events.kinds()
        self.give("kinds", kinds)
        division = pa.concat_arrays(cases.column("division").chunks)
        divisions = Divisions(cases.column("case").to_numpy(), division.indices.to_numpy())
        counted = Tally(kinds.num_rows, self.start, self.end, self._spell_of_day, divisions)
        open_rows = OpenRows(kinds.column("activity").to_pylist(), self.end)
        for name, rows in events.sort_out(wanted, _OF_ROWS, counted, open_rows).items():
            self.give(name, rows)
        self.waiting, self.disposals = open_rows.waiting(), open_rows.disposals
        give_back()
        self._database.execute(filled(_MACROS, epoch=self.epoch, start=self.start, end=self.end))
        found = counted.found()
        names = pa.array([*division.dictionary.to_pylist(), None], pa.string())
        place = pa.array(found["division"] % len(names))
        self.give("tally", {**found, "division": names.take(place)})
        self.give("hearing_kinds", {
            "activity": list(model.hearings),
            "court": [hearing.court for hearing in model.hearings.values()],
        })  # fmt: skip
        self.hold("happened", _HAPPENED)
        self.hold("hearings", _HEARINGS)

    def minute(self, day: dt.date) -> int:
        """The minute at which a day begins."""
        return (day - self.epoch).days * MINUTES_A_DAY

    def month_ends(self) -> list[tuple[str, int]]:
        """Each month of the study and the minute at which it is over (or the study is)."""
        ends = (self.minute(next_month(month)) for month in self.months)
        return [
            (period, min(end, self.end)) for period, end in zip(self.periods, ends, strict=False)
        ]

    # --- tables -----------------------------------------------------------------------------------

    def give(self, name: str, columns: dict[str, Any] | pa.Table) -> None:
        """A table made in Python; `case` and `left` are reserved words."""
        table = columns if isinstance(columns, pa.Table) else pa.table(columns)
        names = [_IN_SQL.get(column, column) for column in table.column_names]
        self._database.register(name, table.rename_columns(names))

    def hold(self, name: str, query: str) -> None:
        """The answer to a query, kept as a table; asked twice, worked out once."""
        if not self.holds(name):
            self._database.execute(filled(_HOLD, name=name, query=query))
            self._held.add(name)

    def holds(self, name: str) -> bool:
        """Whether a table of this name is held already."""
        return name in self._held

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows that answer a query."""
        return self._database.execute(query).fetchall()

    # --- the shapes of a measure ------------------------------------------------------------------

    def counts(
        self, query: str, *, courts: Sequence[str] = ("all",), groups: Sequence[str] = ("",)
    ) -> Iterator[Row]:
        """Sums of `top`, with 0 where there is nothing, for each of the courts and groups named."""
        found, _ = self._totals(filled(_TALLY, query=query))
        for court in courts:
            for group in groups:
                for period in self.periods:
                    yield court, group, period, found.get((court, group, period), (0.0, 0.0))[0]

    def ratios(self, query: str, *, courts: Sequence[str] = ("all",)) -> Iterator[Row]:
        """`top` over `bottom`, each summed first; no row where there is nothing to divide by."""
        totals, _ = self._totals(filled(_TALLY, query=query))
        for (court, group, period), (top, bottom) in totals.items():
            if court in courts and bottom:
                yield court, group, period, top / bottom

    def spreads(self, query: str, *, courts: Sequence[str] = ("all",)) -> Iterator[Row]:
        """Mean, median and 90th percentile of `top` as groups; any other group holds its mean."""
        self._database.execute(filled(_HOLD, name="spread", query=filled(_TALLY, query=query)))
        totals, apart = self._totals("FROM spread")
        for (court, group, period), (top, bottom) in totals.items():
            if court in courts:
                yield court, group or "mean", period, top / bottom
        places = {"court" if apart or court != "all" else "'all'" for court in courts}
        for place in sorted(places):
            for court, month, (median, p90) in self.ask(filled(_QUANTILES, court=place)):
                if court in courts:
                    yield court, "median", _period(month), median
                    yield court, "p90", _period(month), p90

    def _totals(self, query: str) -> tuple[dict[tuple[str, str, str], tuple[float, float]], bool]:
        """Sums of `top` and `bottom` by court, group and period, and over all of each.

        And whether the court `all` has rows of its own.
        """
        rows = self.ask(filled(_TOTALS, tally=query))
        apart = any(row[0] == "all" for row in rows)
        periods = {month: _period(month) for month in {row[3] for row in rows}}
        sums: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for court, division, group, month, top, bottom in rows:
            courts = [court] if apart else ["all", court] if court else ["all"]
            groups = [""]
            if division is not None:
                groups.append(f"division:{division}")
            if group is not None:
                groups.append(group)
            period = periods[month]
            for one_court in courts:
                for one_group in groups:
                    for summed in (
                        sums[one_court, one_group, "all"], sums[one_court, one_group, period],
                    ):  # fmt: skip
                        summed[0] += top
                        summed[1] += bottom
        return {key: (top, bottom) for key, (top, bottom) in sums.items()}, apart


def listed(words: Iterable[str]) -> str:
    """Words as a query writes them in a list, in order."""
    return ", ".join(f"'{word}'" for word in sorted(words))


def filled(template: str, **words: object) -> str:
    """A query with the project's own words in their places."""
    return Template(template).substitute(words)


def _period(month: dt.date | None) -> str:
    """A month as the results write it; none is the whole study period."""
    return "all" if month is None else month.isoformat()[:7]
