"""Where cases go: of every 1,000 that end, how many end in which way, as slopes."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes

from cjsim.formatting import numbers
from cjsim.formatting.labels import ends_of_cases
from cjsim.report import style, wording
from cjsim.report.chart import (
    Chart,
    Row,
    finish_rows,
    looks,
    sentence,
)
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference

LEAST = 0.05
"""Of 1,000 cases: a smaller difference is not shown, even if it is clear."""

LEAST_TOLD = 0.5
"""Of 1,000 cases: less than this is no heading."""

STEPS = (
    ("Proceeded against in court", "magistrates_proceeded_against", "magistrates", ""),
    ("Trials called on", "trial_hearings", "all", ""),
    ("Trials that went ahead", "trial_hearings", "all", "effective"),
)
"""Steps on the way, for the table alone: a case can take one twice."""


def stages(results: ResultsFolder) -> Chart | None:
    """Ends per 1,000 cases ended: the baseline at the left of a panel, the option at its right."""
    rows = _found(results)
    if not rows:
        return None
    labels, look = results.background.labels, looks(results)
    count = len(results.options)
    more = 0.0 if count < 3 else 0.15  # a third line for the names of narrow panels
    fig = style.figure(3.55 + more)
    (row,) = style.grid(fig, 1, count)
    levels = [
        value
        for row in rows
        if row.name in ends_of_cases()
        for value in (row.difference.baseline, row.difference.value)
        if value > 0
    ]
    lowest, top = min(levels), max(levels)
    for axes, name in zip(row, results.options, strict=True):
        focus_rows = [
            row for row in rows if row.difference.scenario == name and row.kind == "count"
        ]
        ends = [row for row in focus_rows if row.name in ends_of_cases()]
        axes.set_xlim(0, 1)
        axes.set_yscale("log")
        axes.set_ylim(lowest / 1.35, top * 1.15)
        style.bare(axes, keep=())
        axes.set_xticks([0, 1], ["before", "after"])
        axes.set_yticks([], minor=False)
        axes.set_yticks([], minor=True)
        axes.axvline(0, color=style.DARK_GREY, linewidth=0.8)
        axes.axvline(1, color=style.DARK_GREY, linewidth=0.8)
        separation = 0.056 * math.log(top / lowest * 1.55)
        _slopes(axes, ends, look[name], separation=separation, named=axes is row[0])
        style.panel_title(axes, look[name], labels[name], *((34, 2) if count < 3 else (22, 3)))
    focus_rows = [row for row in rows if row.difference.scenario == results.focus]
    ends = [row for row in focus_rows if row.name in ends_of_cases()]
    return finish_rows(
        results,
        fig,
        key="stages",
        title=_title(ends),
        measure="Of every 1,000 cases that end, how many end in which way (equal slopes: equal per "
        "cent; bold: a clear difference)",
        alternative="Slope chart with one panel for each option. "
        + " ".join(sentence(results, row) for row in ends),
        caption="Per 1,000 cases that end",
        rows=rows,
    )


def _found(results: ResultsFolder) -> list[Row]:
    """Every end and step that the run counted, option by option."""
    groups = results.groups("cases_by_outcome", "all")
    if "" not in results.groups("cases_disposed", "all") or not groups:
        return []
    rows = []
    for name, members in ends_of_cases().items():
        counted = [("cases_by_outcome", "all", group) for group in members if group in groups]
        rows += [
            Row(name, "count", _per_thousand(results, option, name, counted))
            for option in results.options
            if counted
        ]
    for name, kpi, court, group in STEPS:
        if group in results.groups(kpi, court):
            rows += [
                Row(name, "count", _per_thousand(results, option, name, [(kpi, court, group)]))
                for option in results.options
            ]
    return [row for row in rows if math.isfinite(row.difference.baseline)]


def _per_thousand(
    results: ResultsFolder, option: str, name: str, counted: list[tuple[str, str, str]]
) -> Difference:
    values = {
        scenario: 1000
        * np.sum([np.nan_to_num(results.levels(scenario, *key)) for key in counted], axis=0)
        / results.levels(scenario, "cases_disposed", "all")
        for scenario in results.scenarios
    }
    return results.difference_of_values(option, (counted[0][0], "all", name), values)


def _slopes(
    axes: Axes, ends: list[Row], look: style.Look, *, separation: float, named: bool
) -> None:
    """A line for each end, with numbers at both ends, named in the first panel."""
    ends = sorted(
        (row for row in ends if min(row.difference.baseline, row.difference.value) > 0),
        key=lambda row: row.difference.baseline,
    )
    lefts, rights = (
        [
            math.exp(log_place)
            for log_place in style.spread([math.log(value) for value in values], separation)
        ]
        for values in (
            [row.difference.baseline for row in ends],
            _in_order([row.difference.value for row in ends], separation),
        )
    )
    for end, left, right in zip(ends, lefts, rights, strict=True):
        clear = wording.is_clear(end.difference) and abs(end.difference.difference) >= LEAST
        colour = look.colour if clear else style.GREY
        axes.plot(
            [0, 1],
            [end.difference.baseline, end.difference.value],
            color=colour,
            linewidth=2.2 if clear else 1.4,
            marker=look.marker,
            markersize=4,
            clip_on=False,
        )
        weight = "bold" if clear else "normal"
        before, after = (_count(value) for value in (end.difference.baseline, end.difference.value))
        for x, y, text, side in (
            (0, left, f"{end.name} {before}" if named else before, "right"),
            (1, right, _after(end, after), "left"),
        ):
            axes.annotate(
                text,
                (x, y),
                xytext=(-7 if side == "right" else 7, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=8.5,
                fontweight=weight,
                annotation_clip=False,
            )


def _in_order(values: list[float], separation: float) -> list[float]:
    """Where labels are wanted: ends that nearly meet keep the order in which they are named."""
    wanted = list(values)
    for index in range(len(wanted) - 1):
        lower, upper = wanted[index : index + 2]
        if 0 < math.log(lower / upper) < separation:
            wanted[index] = wanted[index + 1] = math.sqrt(lower * upper)
    return wanted


def _count(value: float) -> str:
    return numbers.plain(value, 0 if value >= 10 else -1)


def _after(row: Row, after: str) -> str:
    if not wording.is_clear(row.difference):
        return f"{after}, {wording.short_verdict(row.difference)}"
    if abs(row.difference.difference) < LEAST:
        return f"{after}, same"
    return f"{after}, {wording.signed_change('count', row.difference)}"


def _title(ends: list[Row]) -> str:
    clear = [row for row in ends if wording.is_clear(row.difference)]
    if not clear:
        return "No clear change in how cases end"
    most = max(clear, key=lambda row: abs(row.difference.difference))
    if abs(most.difference.difference) < LEAST_TOLD:
        return "Fewer than 1 in 1,000 cases end differently"
    size = numbers.size_of_change(
        "count", most.difference.difference, wording.digits("count", most.difference)
    )
    more = "more" if most.difference.difference > 0 else "fewer"
    how = {
        "Guilty plea": "guilty pleas",
        "Guilty after trial": "convictions after trial",
        "Guilty in absence": "convictions in absence",
        "Acquitted": "acquittals",
        "Prosecution dropped": "dropped prosecutions",
        "Out of court": "out-of-court disposals",
        "No further action": "cases without further action",
        "Victim withdrew": "cases ended by withdrawal",
        "Diverted to health": "health diversions",
    }[most.name]
    return wording.title(f"Of 1,000 cases: {size} {more} {how}")
