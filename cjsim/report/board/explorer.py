"""The data of the page's interactive chart: measures by month and scenario."""

from __future__ import annotations

import json
import math

from cjsim.formatting import numbers
from cjsim.formatting.dates import month_of, month_year
from cjsim.formatting.labels import OPEN_CASES, Measure, board_measures
from cjsim.report.board.headlines import headlines
from cjsim.report.charts.differences import watched
from cjsim.report.data import Numbers, ResultsFolder, bands, mean_of
from cjsim.storage.plain import PlainTable

FIGURES = 4
"""Significant figures that the page keeps of each number: more than any interval supports."""


def explorer_data(results: ResultsFolder) -> str:
    """The data as JSON for an HTML attribute: months, scenarios and measures.

    Each measure has, for each scenario, its mean and the bounds that hold 90% of replications by
    month; for each option the paired difference with its 95% interval. Empty if there is nothing.
    """
    if not results.months or len(results.scenarios) < 2:
        return ""
    measures = [
        series for measure in _wanted(results) if (series := _measure(results, measure)) is not None
    ]
    if not measures:
        return ""
    labels = results.background.labels
    content = {
        "months": [month_year(month_of(month)) for month in results.months],
        "baseline": results.baseline,
        "scenarios": [{"name": name, "label": labels[name]} for name in results.scenarios],
        "measures": measures,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _wanted(results: ResultsFolder) -> list[Measure]:
    """The headlines first, then what is watched; a length of time by its mean, month by month."""
    first = [OPEN_CASES]
    first += [
        measure
        for headline in headlines(results)
        for measure in board_measures()
        if measure.kpi == headline.kpi
    ]
    wanted: dict[tuple[str, str], Measure] = {}
    for measure in (*first, *watched(results)):
        wanted.setdefault((measure.kpi, measure.group), measure)
    return list(wanted.values())


def _measure(results: ResultsFolder, measure: Measure) -> PlainTable | None:
    court = results.court_of(measure)
    if court is None:
        return None
    series = {
        name: results.series(name, measure.kpi, court, measure.group) for name in results.scenarios
    }
    before = series[results.baseline]
    if not any(math.isfinite(value) for value in before.ravel().tolist()):
        return None
    shown: PlainTable = {}
    for name, values in series.items():
        low, high = bands(values, (0.05, 0.95))
        middle = [mean_of(values[:, index]) for index in range(values.shape[1])]
        shown[name] = {"mean": _listed(middle), "low": _listed(low), "high": _listed(high)}
        if name != results.baseline:
            gap, least, most = results.monthly_differences(name, measure.kpi, court, measure.group)
            shown[name]["difference"] = [_listed(gap), _listed(least), _listed(most)]
    return {
        "name": "Open cases, end of month" if measure.kpi == "open_cases" else measure.label,
        "kind": measure.kind,
        "scenarios": shown,
    }


def _listed(values: Numbers | list[float]) -> list[float | None]:
    return [_rounded(float(value)) for value in values]


def _rounded(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    return round(value, FIGURES - 1 - numbers.level_exponent([value]) - 2) if value else 0.0
