"""The event log of one replication as SQL tables, and the shapes that measures have.

The Parquet files are read into a DuckDB in memory that uses one thread, so that sums of
floating-point numbers are the same, to the last digit, every time. Columns have the names and types
of the files (`docs/event_log.md`): times are timestamps, null where there is none. Of the ten
million rows of a large area only those are kept that some measure needs one by one. The tables are:

- `cases` and `capacity`, whole. `cases.court` is the court that a case is in or ended in, empty
  before charge; `cases.arrested` says whether it began with an arrest;
- `happened`: every row that ended in the study period, counted: activity, result, reason, place,
  division, month, spell, `times` and `minutes`;
- `hearings`: those of `happened` that are hearings, with the court and whether it `is_trial`;
- `kept`: the rows, of the warm-up too, that matter one by one: those of the activities that the
  jurisdiction names, and what is paid by the day;
- `hearing_events`, `duty_events`: the same of hearings, and of contacts with victims and witnesses;
- `paid_events`: the rows that have a price, where the price depends on the case;
- those that the jurisdiction's `Measurement` adds;
- `months` and `spells`: the parts of the study period. A spell is a month, or the part of a month
  in which no price changes. `first` is its first moment, `after` the moment at which it is over.

Macros: `month_of(t)` is the first day of the month; `spell_of(t)` the number of the spell;
`studied(t)` is true in the study period, from `study_start()` up to but without `study_end()`;
`whole_days(t, u)` and `minutes_between(t, u)` are lengths; `in_vain(result)` is true of a hearing
that ended without the progress it was listed for; `seen_whole(way_in)` is false of a case that was
in a court before it entered the model, so that its time there is not known.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np
import pyarrow as pa

from cjsim.des.event_log import JOINT, milliseconds_at
from cjsim.des.log_reader import read_footer
from cjsim.des.working_time import months_between, next_month
from cjsim.measures.event_store import (
    Divisions,
    Events,
    OpenRows,
    RowCounts,
    read_cases,
    with_courts,
)
from cjsim.measures.measurement import GENERAL_COLUMNS, measurement_of
from cjsim.measures.memory import give_back
from cjsim.measures.prices import asks_for_cases
from cjsim.measures.registry import Row
from cjsim.measures.sql import filled, one_of
from cjsim.measures.tallies import Tally, arrow_of
from cjsim.schema.dated import days_of_change
from cjsim.schema.model import Model
from cjsim.storage.plain import PlainRow
from cjsim.storage.tables import read_table

_MACROS = """
CREATE MACRO timestamp_of(minute) AS
    CASE WHEN minute >= 0
         THEN make_timestamp($epoch_microseconds + minute::BIGINT * 60000000) END;
CREATE MACRO month_of(t) AS date_trunc('month', t)::DATE;
CREATE MACRO study_start() AS TIMESTAMP '$start';
CREATE MACRO study_end() AS TIMESTAMP '$end';
CREATE MACRO studied(t) AS t >= TIMESTAMP '$start' AND t < TIMESTAMP '$end';
CREATE MACRO spell_of(t) AS
    (SELECT list(spell ORDER BY day) FROM spell_days)[t::DATE - DATE '$start' + 1];
CREATE MACRO seen_whole(way_in) AS NOT ($unseen);
CREATE MACRO whole_days(t, u) AS date_diff('day', t, u);
CREATE MACRO minutes_between(t, u) AS date_diff('minute', t, u);
CREATE MACRO in_vain(result) AS $in_vain;
"""

_OF_ROWS = {
    "kept": (
        "case_id",
        "queued_at",
        "due_at",
        "started_at",
        "ended_at",
        "activity",
        "place",
        "result",
        "reason",
    ),
    "hearing_events": ("case_id", "started_at", "ended_at", "minutes", "activity", "result"),
    "duty_events": ("case_id", "due_at", "ended_at", "activity", "place", "result"),
    "paid_events": (
        "case_id",
        "queued_at",
        "ended_at",
        "minutes",
        "activity",
        "place",
        "result",
        "reason",
    ),
}
"""The tables of rows one by one, and their columns."""

# A hearing's place is `<list>@<courthouse>#<courtroom>`; here the courtroom does not matter.
_HAPPENED = """
SELECT activity, result, reason, split_part(place, '#', 1) AS place, division, month, spell,
       sum(times)::BIGINT AS times, sum(minutes) AS minutes,
       NOT ends_with(place, '$joint') AS counted
FROM tally JOIN kinds USING (kind) JOIN spells USING (spell)
GROUP BY ALL ORDER BY ALL
"""

_SAVE = "CREATE OR REPLACE TABLE $name AS $query"

_HEARINGS = """
SELECT h.court, division, month, result, reason, times,
       $is_trial AND counted AS is_trial
FROM happened JOIN hearing_kinds h USING (activity)
"""

_SHARES = (0.5, 0.9)
"""The quantiles of a spread: median and 90th percentile."""


_FEW_ROWS = 1 << 18
"""Up to so many rows a table of the log is copied into the database."""

Columns = PlainRow
"""The columns of a table by name: Arrow arrays or lists."""


class Log:
    """The tables of one replication, and the shapes that measures have.

    A query for `counts`, `ratios` or `spreads` gives a row for each thing counted: the `month` it
    counts in, `top` and `bottom` (1 if left out), and what it may be broken down by: `court`,
    `division`, and `grp` for any other group. The method adds up over months, groups and courts.
    Where a query gives rows for the court `all`, these are used and courts are not added up.
    """

    def __init__(self, folder: Path, model: Model, *, by_case: bool | None = None) -> None:
        """Raises OSError when one of the three files is not in the folder.

        `by_case` says whether to keep the rows that have a price one by one. By default they are
        kept where the model's prices depend on the case.
        """
        self.model = model
        self.vocabulary = model.vocabulary
        self.measurement = measurement_of(model.jurisdiction)
        self.courts = (*self.vocabulary.courts, "all")
        self._by_case = asks_for_cases(model) if by_case is None else by_case
        self.footer = read_footer(folder / "events.parquet")
        self.study_from, self.study_to = self.footer.study_from, self.footer.study_to
        self.day_after = self.study_to + dt.timedelta(days=1)
        self.start, self.end = self.footer.study_start, self.footer.study_end
        self.months = months_between(self.study_from, self.study_to)
        self.periods = (*(month.isoformat()[:7] for month in self.months), "all")
        changes = days_of_change(model.costs)
        changes.update(*(days_of_change(spec.session_minutes) for spec in model.lists.values()))
        cuts = {self.study_from, *self.months, *changes}
        self.spells = sorted(day for day in cuts if self.study_from <= day <= self.study_to)
        self._database = duckdb.connect(":memory:", config={"threads": 1})
        self._saved: set[str] = set()
        self._create_macros()
        self._add_periods()
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

    def _create_macros(self) -> None:
        macros = filled(
            _MACROS,
            epoch_microseconds=milliseconds_at(self.footer.epoch) * 1000,
            start=self.study_from,
            end=self.day_after,
            unseen=one_of("way_in", self.measurement.unseen_ways_in),
            in_vain=one_of("result", [*self.vocabulary.adjourned_results]),
        )
        # `spell_of` needs its table before it is created.
        self._add_spell_days()
        self._database.execute(macros)

    def _add_spell_days(self) -> None:
        spells = [
            (day, spell)
            for spell, (first, after) in enumerate(pairwise([*self.spells, self.day_after]))
            for day in days_between(first, after)
        ]
        self._spell_of_day = np.array([spell for _, spell in spells], dtype=np.int64)
        columns = {
            "day": pa.array([day for day, _ in spells], pa.date32()),
            "spell": pa.array([spell for _, spell in spells], pa.int32()),
        }
        self.add_table("spell_days", columns)

    def _add_periods(self) -> None:
        # A month that the study period cuts short has only the days in the study period.
        months = [max(month, self.study_from) for month in self.months]
        self._add_parts("months", months, {"month": pa.array(self.months, pa.date32())})
        numbers = {
            "spell": pa.array(range(len(self.spells)), pa.int64()),
            "month": pa.array([day.replace(day=1) for day in self.spells], pa.date32()),
        }
        self._add_parts("spells", self.spells, numbers)

    def _add_parts(self, name: str, firsts: list[dt.date], columns: Columns) -> None:
        """A table of parts of the study period, each from its first day up to the next part."""
        edges = pa.array([*firsts, self.day_after], pa.date32()).cast(pa.timestamp("us"))
        self.add_table(name, {**columns, "first": edges[:-1], "after": edges[1:]})

    def _open(self, folder: Path) -> None:
        model = self.model
        capacity = read_table(folder / "capacity.parquet")
        self._database.register("capacity", capacity)
        by_the_day = {
            activity
            for unit in model.costs.units.values()
            if unit.per == "day"
            for activity in unit.activities
        }
        measurement, tables = self.measurement, self.measurement.tables
        wanted: dict[str, Iterable[str]] = {
            "kept": {*measurement.kept, *by_the_day},
            "hearing_events": self.vocabulary.hearings,
            "duty_events": self.vocabulary.duties,
            **{name: table.activities for name, table in tables.items()},
        }
        columns = {**_OF_ROWS, **{name: table.columns for name, table in tables.items()}}
        if self._by_case:
            units = model.costs.units.values()
            wanted["paid_events"] = {activity for unit in units for activity in unit.activities}
        of_cases = tuple(dict.fromkeys((*GENERAL_COLUMNS, *measurement.case_columns)))
        cases = read_cases(folder / "cases.parquet", of_cases)
        self._add_rows("cases", with_courts(cases, measurement))
        give_back()
        events = Events(folder / "events.parquet")
        kinds = events.kinds()
        self.add_table("kinds", kinds)
        division = pa.concat_arrays(cases.column("division").chunks)
        divisions = Divisions(cases.column("case_id").to_numpy(), division.indices.to_numpy())
        tally = RowCounts(kinds.num_rows, self.start, self.end, self._spell_of_day, divisions)
        activities = kinds.column("activity").to_pylist()
        open_rows = OpenRows(activities, self.vocabulary.duties, self.end)
        for name, rows in events.sort_out(wanted, columns, tally, open_rows).items():
            self._add_rows(name, rows)
        self.waiting, self.disposals = open_rows.waiting(), open_rows.disposals
        give_back()
        counts = tally.counts()
        names = pa.array([*division.dictionary.to_pylist(), None], pa.string())
        codes = pa.array(counts["division"] % len(names))
        self.add_table("tally", {**counts, "division": names.take(codes)})
        self.add_table(
            "hearing_kinds",
            {
                "activity": list(model.hearings),
                "court": [hearing.court for hearing in model.hearings.values()],
            },
        )
        self.save("happened", filled(_HAPPENED, joint=JOINT))
        is_trial = one_of("activity", self.vocabulary.trials)
        self.save("hearings", filled(_HEARINGS, is_trial=is_trial))

    def month_ends(self) -> list[tuple[str, dt.date]]:
        """Each month of the study and the day on which it is over, or the study is."""
        ends = (min(next_month(month), self.day_after) for month in self.months)
        return list(zip(self.periods, ends, strict=False))

    # --- tables -----------------------------------------------------------------------------------

    def add_table(self, name: str, columns: Columns | pa.Table) -> None:
        """Add a table made in Python."""
        table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
        self._database.register(name, table)

    def _add_rows(self, name: str, table: pa.Table) -> None:
        """Add a table of the log; its times are kept as minutes, and queries see timestamps.

        Few rows are copied into the database, where a query finds them much sooner. Many rows stay
        as they are, because the copy would take several times their memory.
        """
        stored = f"{name}_in_minutes"
        self._database.register(stored, table)
        columns = ", ".join(
            f"timestamp_of({column}) AS {column}" if column.endswith("_at") else column
            for column in table.column_names
        )
        kind = "TABLE" if table.num_rows <= _FEW_ROWS else "VIEW"
        self._database.execute(f"CREATE {kind} {name} AS SELECT {columns} FROM {stored}")  # noqa: S608  # names of our own
        if kind == "TABLE":
            self._database.unregister(stored)

    def save(self, name: str, query: str) -> None:
        """Save the answer to a query as a table; a table that exists is not computed again."""
        if not self.has_table(name):
            self._database.execute(filled(_SAVE, name=name, query=query))
            self._saved.add(name)

    def has_table(self, name: str) -> bool:
        """Whether a table of this name was saved."""
        return name in self._saved

    def query(self, query: str) -> list[tuple[Any, ...]]:
        """The rows that answer a query."""
        return self._database.execute(query).fetchall()

    # --- the shapes of a measure ------------------------------------------------------------------

    def count(
        self,
        of: str,
        *,
        where: str = "true",
        group: str = "NULL::VARCHAR",
        courts: Sequence[str] = ("all",),
        groups: Sequence[str] = ("",),
    ) -> Iterator[Row]:
        """How many times something happened: the rows of a counted table that fit `where`.

        `of` is `happened`, `hearings` or a join with one of them; `group` is the expression of the
        group. There is a row of 0 for each of `courts` and `groups` without any.
        """
        court = "court, " if len(courts) > 1 else ""
        query = f"SELECT {court}month, {group} AS grp, times AS top FROM {of} WHERE {where}"  # noqa: S608  # words of our own
        return self.counts(query, courts=courts, groups=groups)

    def share(
        self,
        of: str,
        *,
        where: str,
        among: str = "true",
        group: str = "NULL::VARCHAR",
        courts: Sequence[str] = ("all",),
    ) -> Iterator[Row]:
        """The share of rows that meet `where`, among the rows of a table that meet `among`.

        `of` and `group` are as in `count`. There is no row where nothing fits `among`.
        """
        court = "court, " if len(courts) > 1 else ""
        return self.ratios(
            f"""
            SELECT {court}division, month, {group} AS grp, times AS bottom,
                   CASE WHEN {where} THEN times ELSE 0 END AS top
            FROM {of} WHERE {among}
            """,  # noqa: S608  # words of our own
            courts=courts,
        )

    def counts(
        self, query: str, *, courts: Sequence[str] = ("all",), groups: Sequence[str] = ("",)
    ) -> Iterator[Row]:
        """Sums of `top`, with 0 where there is nothing, for each of the courts and groups named."""
        totals, _ = _totals(self.tally(query))
        for court in courts:
            for group in groups:
                for period in self.periods:
                    yield court, group, period, totals.get((court, group, period), (0.0, 0.0))[0]

    def ratios(self, query: str, *, courts: Sequence[str] = ("all",)) -> Iterator[Row]:
        """`top` over `bottom`, each summed first; no row where there is nothing to divide by."""
        totals, _ = _totals(self.tally(query))
        for (court, group, period), (top, bottom) in totals.items():
            if court in courts and bottom:
                yield court, group, period, top / bottom

    def spreads(self, query: str, *, courts: Sequence[str] = ("all",)) -> Iterator[Row]:
        """Mean, median and 90th percentile of `top` as groups; any other group has its mean."""
        tally = self.tally(query)
        totals, apart = _totals(tally)
        for (court, group, period), (top, bottom) in totals.items():
            if court in courts:
                yield court, group or "mean", period, top / bottom
        for by_court in sorted({apart or court != "all" for court in courts}):
            for court, month, (median, p90) in tally.quantiles(_SHARES, by_court=by_court):
                if court in courts:
                    yield court, "median", _period(month), median
                    yield court, "p90", _period(month), p90

    def tally(self, query: str) -> Tally:
        """The rows that a query gives, to be added up."""
        return Tally(arrow_of(self._database.execute(query)))


def _totals(tally: Tally) -> tuple[dict[tuple[str, str, str], tuple[float, float]], bool]:
    """Sums of `top` and `bottom` by court, group and period, and over all of each.

    And whether the court `all` has rows of its own.
    """
    rows = tally.totals()
    apart = any(row[0] == "all" for row in rows)
    periods = {month: _period(month) for month in tally.months}
    sums: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for court, division, group, month, top, bottom in rows:
        courts = [court] if court else []
        if not apart:
            courts.append("all")
        groups = [""]
        if division is not None:
            groups.append(f"division:{division}")
        if group is not None:
            groups.append(group)
        period = periods[month]
        for key in product(courts, groups, ("all", period)):
            sums[key][0] += top
            sums[key][1] += bottom
    return {key: (top, bottom) for key, (top, bottom) in sums.items()}, apart


def days_between(first: dt.date, after: dt.date) -> Iterator[dt.date]:
    """Each day from the first up to but without another."""
    return (first + dt.timedelta(days=number) for number in range((after - first).days))


def _period(month: dt.date | None) -> str:
    """A month as the results write it; none is the whole study period."""
    return "all" if month is None else month.isoformat()[:7]
