"""Charts over time: the open caseload, and early guilty pleas by division."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from cjsim.formatting import numbers
from cjsim.formatting.dates import month_named
from cjsim.formatting.labels import OPEN_CASES, board_measures
from cjsim.formatting.words import lower_first, sentence_case
from cjsim.report import style, wording
from cjsim.report.chart import (
    Chart,
    Row,
    difference_table,
    end_labels,
    finish,
    looks,
    mark_dates,
    month_axis,
    sentence,
)
from cjsim.report.data import Numbers, ResultsFolder, bands, first_clear_month, mean_of
from cjsim.report.difference import Difference

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def open_caseload(results: ResultsFolder) -> Chart | None:
    """Open cases at month ends: level and difference from the baseline, 50% and 90% bands."""
    court = results.court_of(OPEN_CASES)
    if court is None or not results.options or not results.months:
        return None
    about, months = results.background, results.months
    look = looks(results)
    levels = {
        name: results.series(name, "open_cases", court)
        for name in (results.baseline, *results.options)
    }
    if not np.isfinite(levels[results.baseline]).any():
        return None
    count = len(results.options)
    more = 0.0 if count < 3 else 0.15  # a third line for the names of narrow panels
    fig = style.figure(4.75 + more)
    upper, lower = style.grid(fig, 2, count, heights=[1.9, 1.75])
    before = bands(levels[results.baseline], QUANTILES)
    ends = np.arange(1.0, len(months) + 1.0)
    rows: list[tuple[object, ...]] = []
    highest = max(float(np.nanmax(values)) for values in levels.values()) * 1.25
    gaps = {name: bands(levels[name] - levels[results.baseline], QUANTILES) for name in levels}
    low = min(float(np.nanmin(gaps[name][0])) for name in results.options)
    high = max(float(np.nanmax(gaps[name][4])) for name in results.options)
    reach = style.nice_limits(min(low, 0.0), max(high, 0.0))
    final = {
        name: results.difference_in(name, "open_cases", court, "", months[-1])
        for name in results.options
    }
    for name, top, bottom in zip(results.options, upper, lower, strict=True):
        after = bands(levels[name], QUANTILES)
        _fan(top, ends, before, style.BASELINE)
        _fan(top, ends, after, look[name])
        _fan(bottom, ends, gaps[name], look[name])
        top.set_ylim(0, highest)
        bottom.set_ylim(*reach)
        # Half a case would be written as none or as one.
        bottom.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        bottom.axhline(0, color=style.DARK_GREY, linewidth=0.9)
        for axes in (top, bottom):
            style.bare(axes, keep=("bottom",) if axes is top else ())
            axes.tick_params(labelbottom=axes is bottom)
            axes.grid(axis="y")
            month_axis(axes, months, 4 if count < 3 else 2)
            mark_dates(axes, about.starts(name), months, named=axes is top, upwards=True)
            axes.yaxis.set_major_formatter(lambda value, _: numbers.plain(value, 0))
        style.panel_title(top, look[name], about.labels[name], 54 // count, 2 if count < 3 else 3)
        end_labels(
            top,
            [
                (float(before[2][-1]), _named_level(results, final[name]), style.BASELINE),
                # The title of the panel has its name.
                (
                    float(after[2][-1]),
                    wording.level("count", final[name].value, final[name]),
                    look[name],
                ),
            ],
            characters=16,
            least=0.2,
        )
        end_labels(
            bottom,
            [(float(gaps[name][2][-1]), wording.signed_change("count", final[name]), look[name])],
            characters=16,
            least=0.2,
        )
    upper[0].set_ylabel("Open cases")
    lower[0].set_ylabel("Difference")
    fig.align_ylabels([upper[0], lower[0]])
    for name, values in levels.items():
        shown = bands(values, QUANTILES)
        rows += [
            (
                name,
                month,
                *(float(band[month_index]) for band in shown),
                mean_of(values[:, month_index] - levels[results.baseline][:, month_index]),
            )
            for month_index, month in enumerate(months)
        ]
    marks = [month for month_index, month in enumerate(months, 1) if month_index % 12 == 0]
    marks = marks if marks and marks[-1] == months[-1] else [*marks, months[-1]]
    cells = [
        Row(
            f"Open cases at the end of {month_named(month)}",
            "count",
            results.difference_in(name, "open_cases", court, "", month),
        )
        for month in marks
        for name in results.options
    ]
    moved = wording.moves("Open cases", "count", final[results.focus])
    finals = [row for row in cells if row.name == cells[-1].name]
    return finish(
        results,
        fig,
        key="open_caseload",
        title=wording.title(f"{moved} by {month_named(months[-1])}", moved),
        measure="Open cases at month ends: median with bands holding 50% and 90% of replications; "
        "below, the difference from the baseline",
        alternative="Line chart with one panel for each option, the baseline in grey. "
        + " ".join(sentence(results, row) for row in finals),
        table=difference_table(results, "Open cases at month ends", cells),
        columns=("scenario", "month", "p05", "p25", "median", "p75", "p95", "mean_difference"),
        rows=rows,
    )


def _fan(axes: Axes, places: Numbers, shown: list[Numbers], look: style.Look) -> None:
    axes.fill_between(places, shown[0], shown[4], color=look.colour, alpha=0.13, linewidth=0)
    axes.fill_between(places, shown[1], shown[3], color=look.colour, alpha=0.25, linewidth=0)
    axes.plot(
        places,
        shown[2],
        color=look.colour,
        linestyle=look.line,
        marker=look.marker,
        markevery=(len(places) - 1, max(1, len(places))),
        markersize=5,
        clip_on=False,
        markerfacecolor="white" if look is style.BASELINE else look.colour,
    )


def _named_level(results: ResultsFolder, final: Difference) -> str:
    """The baseline's name and where it ends, for the end of its line."""
    label = results.background.labels[results.baseline]
    return f"{label}: {wording.level('count', final.baseline, final)}"


# --- early guilty pleas by division ---------------------------------------------------------


def early_pleas(results: ResultsFolder) -> Chart | None:
    """Early guilty pleas month by month: the difference from the baseline in each division."""
    early = [measure for measure in board_measures() if measure.kpi == "early_guilty_plea_rate"]
    court = results.court_of(early[0]) if early else None
    if court is None or not results.options or not results.months:
        return None
    measure = early[0]
    panels_of = [
        (division, f"division:{division}")
        for division in results.background.divisions
        if f"division:{division}" in results.groups(measure.kpi, court)
    ] or [("", "")]
    about, months, look = results.background, results.months, looks(results)
    places = np.arange(len(months)) + 0.5
    rows: list[tuple[object, ...]] = []
    shown: dict[tuple[str, str], tuple[Numbers, Numbers, Numbers]] = {}
    for name in results.options:
        for _, group in panels_of:
            shown[name, group] = _monthly(results, name, measure.kpi, court, group)
    fig = style.figure(len(results.options) * 2.2 + 0.05)
    panels = style.grid(fig, len(results.options), len(panels_of))
    reach = _reach(list(shown.values()))
    clear: dict[tuple[str, str], int | None] = {}
    for rank, name in enumerate(results.options):
        row = panels[rank]
        for axes, (division, group) in zip(row, panels_of, strict=True):
            middle, low, high = shown[name, group]
            clear[name, group] = first_clear_month(low, high)
            axes.axhline(0, color=style.DARK_GREY, linewidth=1.4)
            axes.fill_between(places, low, high, color=look[name].colour, alpha=0.2, linewidth=0)
            axes.plot(
                places,
                middle,
                color=look[name].colour,
                linestyle=look[name].line,
                marker=look[name].marker,
                markersize=3.2,
            )
            axes.set_ylim(*reach)
            style.bare(axes, keep=())
            axes.grid(axis="y")
            month_axis(axes, months, 4)
            start = about.start_in(name, division)
            mark_dates(axes, [start] if start else [], months)
            if axes is not row[0]:
                axes.tick_params(labelleft=False)
            axes.yaxis.set_major_formatter(lambda value, _: _signed(value))
            where = about.divisions.get(division, about.area)
            style.panel_title(
                axes, look[name], f"{where}: {about.labels[name]}", 92 // len(panels_of) - 6
            )
            rows += [
                (name, division, month, float(middle[at]), float(low[at]), float(high[at]))
                for at, month in enumerate(months)
            ]
        row[0].set_ylabel("Percentage points")
    cells = [
        Row(f"{measure.label}, {about.divisions.get(division, about.area)}", "share", difference)
        for division, group in panels_of
        for name in results.options
        if (difference := results.difference(name, measure.kpi, court, group)) is not None
    ]
    when = [
        f"In {about.divisions.get(division, about.area)} under \u201c{about.labels[name]}\u201d "
        + (
            f"the rate moves clearly from {month_named(months[first])}."
            if first is not None
            else "the monthly rate never moves clearly."
        )
        for name in results.options
        for division, group in panels_of
        for first in (clear[name, group],)
    ]
    return finish(
        results,
        fig,
        key="early_guilty_pleas",
        title=_plea_title(results, cells, panels_of, clear),
        measure="Early guilty pleas by month: difference from the baseline in percentage points, "
        "95% interval shaded; 0 is the baseline",
        alternative="Small line charts on one scale, by division and option. "
        + " ".join([*(sentence(results, row) for row in cells), *when]),
        table=difference_table(results, "Early guilty pleas by division, whole period", cells),
        columns=("scenario", "division", "month", "difference_points", "low", "high"),
        rows=rows,
    )


def _monthly(
    results: ResultsFolder, name: str, kpi: str, court: str, group: str
) -> tuple[Numbers, Numbers, Numbers]:
    """The paired difference of each month in percentage points, with its interval."""
    middle, low, high = results.monthly_differences(name, kpi, court, group)
    return middle * 100, low * 100, high * 100


def _reach(shown: list[tuple[Numbers, Numbers, Numbers]]) -> tuple[float, float]:
    """One scale for all panels: the middle lines, and the bounds that are not far out.

    With few replications a single month may have an interval many times as wide as the others.
    """
    lows = np.concatenate([np.concatenate([middle, low]) for middle, low, _ in shown])
    highs = np.concatenate([np.concatenate([middle, high]) for middle, _, high in shown])
    lows, highs = lows[np.isfinite(lows)], highs[np.isfinite(highs)]
    if not lows.size or not highs.size:
        return -1.0, 1.0
    low = max(float(lows.min()), FAR_OUT * float(np.quantile(lows, 0.02)))
    high = min(float(highs.max()), FAR_OUT * float(np.quantile(highs, 0.98)))
    span = max(high, 0.0) - min(low, 0.0) or 1.0
    return min(low, 0.0) - 0.08 * span, max(high, 0.0) + 0.2 * span


FAR_OUT = 1.6
"""Times the bound that all but one in fifty keep within."""


def _signed(value: float) -> str:
    text = f"{value:+g}".replace("-", numbers.MINUS)
    return "0" if value == 0 else text


def _plea_title(
    results: ResultsFolder,
    cells: list[Row],
    panels_of: list[tuple[str, str]],
    clear: dict[tuple[str, str], int | None],
) -> str:
    """The division that moves most, and whether it moves first."""
    focus_rows = [row for row in cells if row.difference.scenario == results.focus]
    if not focus_rows:
        return "Early guilty pleas by month"
    most = max(focus_rows, key=lambda row: abs(row.difference.difference))
    moved = wording.moves("Early guilty pleas", "share", most.difference)
    division = most.difference.group.removeprefix("division:")
    if not wording.is_clear(most.difference) or not division:
        return wording.title(moved)
    where = in_division(division, results.background.divisions)
    starts = {group: clear[results.focus, group] for _, group in panels_of}
    mine_first = starts[most.difference.group]
    others = [month for group, month in starts.items() if group != most.difference.group]
    leads = mine_first is not None and all(month is None or month > mine_first for month in others)
    # The whole area moves less: whose points these are has to be said with them.
    first = f"{sentence_case(where.removeprefix('in '))} first: "
    first += f"{lower_first(moved)} there"
    return wording.title(*([first] if leads and others else []), f"{moved} {where}", moved)


def in_division(division: str, divisions: dict[str, str]) -> str:
    """Where a division is: "in the north" for a point of the compass, else "in" and its title."""
    if division in ("north", "south", "east", "west", "centre"):
        return f"in the {division}"
    return f"in {divisions.get(division, division)}"
