"""Every watched measure in one forest plot: differences in per cent, option by option."""

from __future__ import annotations

import math
from dataclasses import replace

from matplotlib.axes import Axes

from cjsim.formatting import numbers
from cjsim.formatting.labels import Measure, board_measures, measure_of
from cjsim.measures.comparison import TOO_FEW, least_worth_having
from cjsim.report import style, wording
from cjsim.report.chart import (
    Chart,
    Row,
    finish_rows,
    looks,
    name_rows,
    sentence,
)
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference

FILLS = {"better": style.NAVY, "worse": style.PLUM, "higher": style.NAVY, "lower": style.NAVY}
"""By verdict in words; a difference that has only a direction is dark grey."""


LEAST_REACH, TIMES_THE_LARGEST = 5.0, 2.5
"""Per cent that a panel may always reach, and how often the largest difference."""


def watched(results: ResultsFolder) -> list[Measure]:
    """The measures that the experiment watches, or all that a Board does if it names none.

    A watched measure brings its usual court and groups, in the order of the journey; one without
    a place there comes last under its own name.
    """
    names = results.background.watched
    chosen = [measure for measure in board_measures() if measure.kpi in names]
    known = {measure.kpi for measure in board_measures()}
    plain = (measure_of(kpi, results.unit_of(kpi)) for kpi in names if kpi not in known)
    return [*chosen, *(_held(results, measure) for measure in plain)] or list(board_measures())


def _held(results: ResultsFolder, measure: Measure) -> Measure:
    """The measure with the group that the run has of it: hours of staff are a sum and no mean."""
    if results.court_of(measure) is None and measure.group:
        return replace(measure, group="")
    return measure


def forest(results: ResultsFolder) -> Chart | None:
    """Paired differences with 95% intervals in per cent of the baseline, option by option."""
    measures = [
        measure
        for measure in watched(results)
        if any(_drawable(results.difference_of(name, measure)) for name in results.options)
    ]
    if not measures:
        return None
    look, labels = looks(results), results.background.labels
    lines = _with_headings(results, measures)
    few = len(results.options) < 3
    more = 0.0 if few else 0.15  # a third line for the names of narrow panels
    fig = style.figure(0.24 * len(lines) + 1.05 + more)
    (row,) = style.grid(fig, 1, len(results.options))
    differences = {
        (name, measure): difference
        for name in results.options
        for measure in measures
        if (difference := results.difference_of(name, measure)) is not None
    }
    reach = _reach_of(list(differences.values()))
    for axes, name in zip(row, results.options, strict=True):
        axes.axvline(0, color=style.DARK_GREY, linewidth=1)
        for y, line in enumerate(lines):
            if isinstance(line, str):
                continue
            least = least_worth_having(results.background.worthwhile, line.kpi, line.group)
            change = differences.get((name, line))
            if change is not None:
                _worthwhile(axes, y, change, least)
                _whisker(axes, y, change)
                _verdict(axes, y, change, few=few)
        axes.set_xlim(*reach)
        style.scale(axes, "x", lambda value: f"{numbers.axis_change(value)}%", 4 if few else 2)
        style.panel_title(axes, look[name], labels[name], 30 if few else 18, 2 if few else 3)
    names = [line if isinstance(line, str) else line.label for line in lines]
    headings = [index for index, line in enumerate(lines) if isinstance(line, str)]
    name_rows(row, names, 60, bold=headings)
    row[0].set_xlabel(
        f"Difference from \u201c{style.wrap(labels[results.baseline], 30, 1)}\u201d, "
        "per cent of its level",
        loc="left",
    )
    banded = any(
        least_worth_having(results.background.worthwhile, measure.kpi, measure.group)
        for measure in measures
    )
    rows = [
        Row(measure.label, measure.kind, differences[name, measure])
        for measure in measures
        for name in results.options
        if (name, measure) in differences
    ]
    focus_rows = [item for item in rows if item.difference.scenario == results.focus]
    counts = {
        verdict: sum(item.difference.verdict == verdict for item in focus_rows)
        for verdict in ("better", "worse")
    }
    return finish_rows(
        results,
        fig,
        key="differences",
        title=f"Too few replications to judge {len(focus_rows)} watched measures"
        if any(item.difference.verdict == TOO_FEW for item in focus_rows)
        else _forest_title(counts, len(focus_rows)),
        measure="Difference from the baseline in per cent, 95% interval; hollow: not clear"
        + ("; grey: too small to matter" if banded else ""),
        alternative=f"Forest plot. Under \u201c{labels[results.focus]}\u201d {counts['better']} of "
        f"{len(focus_rows)} measures are better and {counts['worse']} worse. "
        + " ".join(sentence(results, item) for item in focus_rows),
        caption="Watched measures",
        rows=rows,
    )


def _drawable(difference: Difference | None) -> bool:
    return difference is not None and math.isfinite(difference.per_cent)


def _with_headings(results: ResultsFolder, measures: list[Measure]) -> list[Measure | str]:
    """The measures with a heading before each part of the journey.

    A measure of the magistrates' court may exist for all courts together only.
    """
    lines: list[Measure | str] = []
    part = ""
    for measure in measures:
        everywhere = measure.courts[0] != "all" and results.court_of(measure) == "all"
        named = "All courts" if everywhere else measure.part
        if named != part:
            lines.append(named)
            part = named
        lines.append(measure)
    return lines


def _reach_of(differences: list[Difference]) -> tuple[float, float]:
    """How far the panels reach: an interval much wider than every difference runs off the edge."""
    middles = [
        abs(difference.per_cent) for difference in differences if math.isfinite(difference.per_cent)
    ]
    most = max(LEAST_REACH, TIMES_THE_LARGEST * max(middles, default=0.0))
    ends = [
        bound
        for difference in differences
        for bound in (*wording.per_cent_bounds(difference), difference.per_cent)
    ]
    known = [max(-most, min(most, end)) for end in ends if math.isfinite(end)]
    return style.nice_limits(min(known, default=-1.0) * 1.05, max(known, default=1.0) * 1.05)


def _whisker(axes: Axes, y: int, difference: Difference) -> None:
    low, high = wording.per_cent_bounds(difference)
    verdict = wording.verdict(difference)
    colour = FILLS.get(verdict, style.DARK_GREY)
    if not math.isfinite(difference.per_cent):
        return
    if math.isfinite(low) and math.isfinite(high):
        axes.plot([low, high], [y, y], color=colour, linewidth=1.8, solid_capstyle="butt")
    axes.plot(
        [difference.per_cent],
        [y],
        marker="o" if verdict != "worse" else "D",
        markersize=5.5,
        color=colour,
        markerfacecolor=colour if wording.is_clear(difference) else "white",
        clip_on=False,
    )


def _verdict(axes: Axes, y: int, difference: Difference, *, few: bool) -> None:
    """The per cent and the verdict in a column at the panel's right."""
    unclear = (
        difference.verdict
        if few and not wording.is_too_small(difference)
        else wording.short_verdict(difference)
    )
    # In a narrow panel the sign alone gives the direction.
    verdict = wording.verdict(difference) if few or difference.judged else ""
    text = (
        f"{wording.per_cent(difference)} {verdict}".rstrip()
        if wording.is_clear(difference)
        else unclear
    )
    style.note(axes, text, (1.0, y), xycoords=("axes fraction", "data"), xytext=(5, 0))


def _worthwhile(axes: Axes, y: int, difference: Difference, least: float) -> None:
    """A grey band around zero: differences too small to be worth having."""
    if not least or not difference.baseline:
        return
    half = 100 * least / abs(difference.baseline)
    axes.fill_betweenx([y - 0.4, y + 0.4], -half, half, color=style.GREY, alpha=0.5, linewidth=0)


def _forest_title(counts: dict[str, int], watched_measures: int) -> str:
    better, worse = counts["better"], counts["worse"]
    if better == worse == 0:
        return f"No clear change in any of {watched_measures} watched measures"
    if worse == 0:
        verb = "improves" if better == 1 else "improve"
        return f"{better} of {watched_measures} watched measures {verb}, none worsens"
    if better == 0:
        verb = "worsens" if worse == 1 else "worsen"
        return f"{worse} of {watched_measures} watched measures {verb}, none improves"
    verbs = ("improves" if better == 1 else "improve", "worsens" if worse == 1 else "worsen")
    return f"{better} of {watched_measures} watched measures {verbs[0]}, {worse} {verbs[1]}"
