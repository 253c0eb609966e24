"""Results for charts: levels by replication, monthly series, paired differences."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.formatting.labels import Measure
from cjsim.measures.comparison import compare, unchanged_by
from cjsim.report.difference import Difference, difference_of_row, number_of
from cjsim.report.inputs import Source, read_source
from cjsim.report.run_metadata import Background, background
from cjsim.storage.plain import PlainTable

Numbers = npt.NDArray[np.float64]

MOST_OPTIONS = 3
"""Scenarios beside the baseline: four series are as many as a reader can follow."""


class ResultsFolder:
    """The results of a run, read once and kept in memory.

    `background` is the run's metadata; `scenarios` are the names, the baseline first; `outcomes` is
    what funds pay for outcomes, which is in every cost. Absent numbers are NaN, absent measures
    None or empty, so that a chart can be left out.
    """

    def __init__(self, source: Path | Source) -> None:
        """`source` is a results folder, or the `Source` read from one or two of them."""
        if isinstance(source, Path):
            source = read_source(source)
        self.source = source
        self.background: Background = background(source.manifest, source.with_run)
        self.outcomes = source.outcomes
        self._kpis = source.kpis
        self._comparison = source.comparison
        self._table = lru_cache(maxsize=None)(self._read_kpi)
        self._by_month = lru_cache(maxsize=None)(self._compare_by_month)
        self._in_month = lru_cache(maxsize=None)(self._compare_in_month)
        self._shown: tuple[str, ...] | None = None

    def showing(self, options: Sequence[str]) -> ResultsFolder:
        """The same results, of which charts show these options."""
        view = copy.copy(self)
        view.__dict__.pop("options", None)
        view._shown = tuple(options)  # noqa: SLF001 - a copy of this object
        return view

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Every scenario's name, the baseline first."""
        return tuple(self.background.labels)

    @property
    def baseline(self) -> str:
        """The name of the scenario that the others are compared with."""
        return self.scenarios[0]

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The scenarios beside the baseline that a chart can hold: three at most.

        Of the steps of one policy they are the two ends and the middle, else the first three.
        """
        if self._shown is not None:
            return self._shown
        others = self.scenarios[1:]
        if len(others) <= MOST_OPTIONS:
            return others
        for trade_off in self.background.trade_offs:
            steps = [step for step in trade_off.steps if step in others]
            if len(steps) >= MOST_OPTIONS:
                return (steps[0], steps[len(steps) // 2], steps[-1])
        return others[:MOST_OPTIONS]

    @cached_property
    def more_options(self) -> tuple[tuple[str, ...], ...]:
        """The options that `options` leaves out, in threes, without the steps of one policy.

        Steps are drawn together in a separate chart.
        """
        steps = {step for trade_off in self.background.trade_offs for step in trade_off.steps}
        rest = [
            scenario for scenario in self.scenarios[1:] if scenario not in {*self.options, *steps}
        ]
        return tuple(
            tuple(rest[index : index + MOST_OPTIONS]) for index in range(0, len(rest), MOST_OPTIONS)
        )

    @property
    def focus(self) -> str:
        """The scenario that titles speak of: the last of the options drawn."""
        return self.options[-1] if self.options else self.baseline

    @cached_property
    def replications(self) -> int:
        """How many replications each scenario has."""
        column = self._kpis.column("replication")
        return int(pc.count_distinct(column).as_py())

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The months of the study period, in order."""
        periods = pc.unique(self._kpis.column("period")).to_pylist()
        return tuple(sorted(period for period in periods if period != "all"))

    def _read_kpi(self, kpi: str) -> dict[tuple[str, str, str, str], dict[int, float]]:
        rows = self._kpis.filter(pc.equal(self._kpis.column("kpi"), kpi)).to_pydict()
        values_of_key: dict[tuple[str, str, str, str], dict[int, float]] = {}
        for scenario, replication, court, group, period, value in zip(
            rows["scenario"],
            rows["replication"],
            rows["court"],
            rows["group"],
            rows["period"],
            rows["value"],
            strict=True,
        ):
            key = (scenario, court, group, period)
            values_of_key.setdefault(key, {})[replication] = math.nan if value is None else value
        return values_of_key

    @cached_property
    def _replication_numbers(self) -> tuple[int, ...]:
        return tuple(sorted(pc.unique(self._kpis.column("replication")).to_pylist()))

    def groups(self, kpi: str, court: str) -> list[str]:
        """The groups that a KPI has for the whole period, in the order of the table."""
        return list(
            dict.fromkeys(
                group
                for _, of_court, group, period in self._table(kpi)
                if of_court == court and period == "all"
            )
        )

    def unit_of(self, kpi: str) -> str:
        """The unit of a KPI as the comparison gives it, or nothing."""
        return next(
            (difference.unit for difference in self._differences.values() if difference.kpi == kpi),
            "",
        )

    def court_of(self, measure: Measure) -> str | None:
        """The first of the measure's courts that has the KPI at all, or None."""
        measured = {(court, group) for _, court, group, _ in self._table(measure.kpi)}
        return next((court for court in measure.courts if (court, measure.group) in measured), None)

    def levels(
        self, scenario: str, kpi: str, court: str, group: str = "", period: str = "all"
    ) -> Numbers:
        """One value for each replication, shape (replications,), NaN where there is none."""
        values = self._table(kpi).get((scenario, court, group, period), {})
        return np.array(
            [values.get(number, math.nan) for number in self._replication_numbers], dtype=np.float64
        )

    def mean(self, scenario: str, kpi: str, court: str, group: str = "") -> float:
        """The mean over replications for the whole period; NaN when there is no value."""
        return mean_of(self.levels(scenario, kpi, court, group))

    def series(self, scenario: str, kpi: str, court: str, group: str = "") -> Numbers:
        """One value for each replication and month, shape (replications, months)."""
        columns = [self.levels(scenario, kpi, court, group, month) for month in self.months]
        if not columns:
            return np.empty((len(self._replication_numbers), 0), dtype=np.float64)
        return cast(Numbers, np.stack(columns, axis=1))

    @cached_property
    def _differences(self) -> dict[tuple[str, str, str, str], Difference]:
        differences: dict[tuple[str, str, str, str], Difference] = {}
        for row in self._comparison.to_pylist():
            if row.get("period", "all") == "all":
                difference = difference_of_row(row, self.background.worthwhile)
                differences[
                    difference.scenario, difference.kpi, difference.court, difference.group
                ] = difference
        return differences

    def difference(self, scenario: str, kpi: str, court: str, group: str = "") -> Difference | None:
        """The row of comparison.parquet, or None when there is none."""
        return self._differences.get((scenario, kpi, court, group))

    def difference_of(self, scenario: str, measure: Measure) -> Difference | None:
        """A watched measure's difference, at the first of its courts that has one."""
        for court in measure.courts:
            difference = self.difference(scenario, measure.kpi, court, measure.group)
            if difference is not None:
                return difference
        return None

    def difference_in(
        self, scenario: str, kpi: str, court: str, group: str, period: str
    ) -> Difference:
        """The paired difference in one month, which comparison.parquet does not hold."""
        return self._in_month(scenario, kpi, court, group, period)

    def _compare_in_month(
        self, scenario: str, kpi: str, court: str, group: str, period: str
    ) -> Difference:
        key = (kpi, court, group)
        values = {name: self.levels(name, *key, period) for name in self.scenarios}
        return self._among_all(scenario, key, values, self.background.worthwhile)

    def monthly_differences(
        self, scenario: str, kpi: str, court: str, group: str = ""
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Mean, low and high of each month's paired differences, (months,) each.

        The interval is as wide as that of the same difference in a table: wider where several
        scenarios are compared with the baseline. A month is NaN when any replication lacks it, for
        then the months would not mean the same.
        """
        before, after = (self.series(name, kpi, court, group) for name in (self.baseline, scenario))
        complete = np.all(np.isfinite(after - before), axis=0)
        comparison = self._by_month(kpi, court, group)
        rows = [
            comparison.get((scenario, month), {}) if complete[at] else {}
            for at, month in enumerate(self.months)
        ]
        middle, low, high = (
            np.array([number_of(row, name) for row in rows], dtype=np.float64)
            for name in ("difference", "low", "high")
        )
        return middle, low, high

    def _compare_by_month(
        self, kpi: str, court: str, group: str
    ) -> dict[tuple[str, str], PlainTable]:
        """The rows of a comparison by scenario and month, each month as a separate measure."""
        key = (kpi, court, group)
        rows = [
            {**row, "group": month}
            for month in self.months
            for row in self._rows(
                key, {name: self.levels(name, *key, month) for name in self.scenarios}
            )
        ]
        if self.baseline not in {row["scenario"] for row in rows}:
            return {}
        unchanged = self._unchanged_by(self.baseline)
        comparison = compare(pa.Table.from_pylist(rows), self.baseline, {}, unchanged).to_pylist()
        return {(row["scenario"], row["group"]): row for row in comparison}

    def difference_between(
        self, before: str, after: str, kpi: str, court: str, group: str
    ) -> Difference:
        """The paired difference of any two scenarios over the whole period."""
        return self._compare(
            (after, kpi, court, group),
            self.levels(before, kpi, court, group),
            self.levels(after, kpi, court, group),
            self.background.worthwhile,
            of=before,
        )

    def difference_of_values(
        self, scenario: str, key: tuple[str, str, str], values: Mapping[str, Numbers]
    ) -> Difference:
        """The paired difference of numbers worked out from several measures, one a replication.

        `key` is a KPI, court and group to call the numbers by. `values` holds those of every
        scenario, because intervals are wider when several are compared with one baseline.
        """
        return self._among_all(scenario, key, values, {})

    def difference_per(
        self, scenario: str, key: tuple[str, str, str], per: tuple[str, str, str], scale: float
    ) -> Difference:
        """The paired difference of a count per `scale` of another; keys are kpi, court, group."""
        values = {
            name: scale * self.levels(name, *key) / _positive(self.levels(name, *per))
            for name in self.scenarios
        }
        return self._among_all(scenario, key, values, {})

    def _among_all(
        self,
        scenario: str,
        key: tuple[str, str, str],
        values: Mapping[str, Numbers],
        worthwhile: dict[str, float],
    ) -> Difference:
        """A scenario's difference, with all scenarios that are compared with the baseline."""
        others = {name: of for name, of in values.items() if name not in (self.baseline, scenario)}
        return self._compare(
            (scenario, *key), values[self.baseline], values[scenario], worthwhile, others=others
        )

    def _compare(
        self,
        key: tuple[str, str, str, str],
        before: Numbers,
        after: Numbers,
        worthwhile: dict[str, float],
        *,
        of: str = "",
        others: Mapping[str, Numbers] | None = None,
    ) -> Difference:
        """A comparison of numbers that are not in the table of comparisons.

        `of` is the scenario that the numbers before belong to, the baseline if it is not named;
        `others` are the numbers of more scenarios that are compared with it.
        """
        scenario, kpi, court, group = key
        of = of or self.baseline
        rows = self._rows((kpi, court, group), {of: before, scenario: after, **(others or {})})
        least = {name: size for name, size in worthwhile.items() if name == kpi}
        nothing = {"scenario": scenario, "kpi": kpi, "court": court, "group": group}
        if not np.isfinite(after - before).any():
            return difference_of_row(nothing, worthwhile)
        comparison = compare(
            pa.Table.from_pylist(rows), of, least, self._unchanged_by(of)
        ).to_pylist()
        row = next(
            (candidate for candidate in comparison if candidate["scenario"] == scenario), nothing
        )
        return difference_of_row(row, worthwhile)

    def _unchanged_by(self, baseline: str) -> frozenset[str]:
        """The scenarios that have the model of this one."""
        return unchanged_by(self.source.manifest.model_values, baseline)

    def _rows(self, key: tuple[str, str, str], values: Mapping[str, Numbers]) -> list[PlainTable]:
        """Numbers as rows of kpis.parquet, by scenario; those that are not there are left out."""
        kpi, court, group = key
        return [
            {
                "scenario": name,
                "replication": number,
                "kpi": kpi,
                "court": court,
                "group": group,
                "period": "all",
                "value": float(value),
                "unit": "",
            }
            for name, of_scenario in values.items()
            for number, value in zip(self._replication_numbers, of_scenario, strict=True)
            if math.isfinite(value)
        ]


def mean_of(values: Numbers) -> float:
    """The mean of those values that are there; NaN when none is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else math.nan


def bands(values: Numbers, shares: Iterable[float]) -> list[Numbers]:
    """Quantiles over replications of a (replications, months) array, one (months,) row each."""
    if values.size == 0:
        return [np.full(values.shape[1], math.nan) for _ in shares]
    empty = np.all(np.isnan(values), axis=0)
    safe = np.where(empty, 0.0, values)
    return [
        np.where(empty, math.nan, np.nanquantile(safe, share, axis=0)).astype(np.float64)
        for share in shares
    ]


def first_clear_month(low: Numbers, high: Numbers, run: int = 3) -> int | None:
    """The place of the first month from which the interval keeps off 0 on one side `run` times."""
    for start in range(len(low) - run + 1):
        months = slice(start, start + run)
        if np.all(low[months] > 0) or np.all(high[months] < 0):
            return start
    return None


def _positive(values: Numbers) -> Numbers:
    return np.where(values > 0, values, math.nan)
