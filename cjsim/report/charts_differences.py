"""Charts of differences: every watched measure in one forest plot, and cost by agency."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from cjsim.measures.comparison import least_worth_having
from cjsim.report import style, words
from cjsim.report.chart import (
    DIFFERENCE_COLUMNS,
    Chart,
    Row,
    difference_rows,
    difference_table,
    finish,
    looks,
    no_row_labels,
    row_labels,
    sentence,
)
from cjsim.report.data import Difference, ResultsFolder
from cjsim.report.terms import WATCHED, Measure, name_of, plain_measure

FILLS = {"better": style.NAVY, "worse": style.PLUM, "higher": style.NAVY, "lower": style.NAVY}


def watched(results: ResultsFolder) -> list[Measure]:
    """The measures that the experiment watches, or all that a Board does if it names none.

    A watched measure brings its usual court and groups, in the order of the journey; one without
    a place there comes last under its own name.
    """
    names = results.background.watched
    chosen = [one for one in WATCHED if one.kpi in names]
    known = {one.kpi for one in WATCHED}
    return [
        *chosen,
        *(plain_measure(kpi, results.unit_of(kpi)) for kpi in names if kpi not in known),
    ] or list(WATCHED)


def forest(results: ResultsFolder) -> Chart | None:
    """Paired differences with 95% intervals in per cent of the baseline, option by option."""
    measures = [
        one
        for one in watched(results)
        if any(_drawable(results.difference_of(name, one)) for name in results.options)
    ]
    if not measures:
        return None
    look, labels = looks(results), results.background.labels
    lines = _with_headings(measures)
    fig = style.figure(0.24 * len(lines) + 1.05)
    height = 0.24 * len(lines)
    few = len(results.options) < 3
    aside = 1.3 if few else 0.85
    row = style.panels(
        fig, len(results.options), left=2.45, top=0.5, height=height, right=aside, gap=aside + 0.05
    )
    found = {
        (name, one): difference
        for name in results.options
        for one in measures
        if (difference := results.difference_of(name, one)) is not None
    }
    reach = _reach_of(list(found.values()))
    for axes, name in zip(row, results.options, strict=True):
        axes.axvline(0, color=style.DARK_GREY, linewidth=1)
        for place, line in enumerate(lines):
            if isinstance(line, str):
                continue
            least = least_worth_having(results.background.worthwhile, line.kpi, line.group)
            one = found.get((name, line))
            if one is not None:
                _worthwhile(axes, place, one, least)
                _whisker(axes, place, one)
                _verdict(axes, place, one, few=few)
        axes.set_xlim(*reach)
        axes.xaxis.set_major_formatter(lambda value, _: f"{_sign(value)}%")
        axes.locator_params(axis="x", nbins=4 if len(results.options) < 3 else 2)
        axes.grid(axis="x")
        style.bare(axes, keep=())
        style.panel_title(axes, look[name], labels[name], 30 if few else 17)
        names = [line if isinstance(line, str) else line.label for line in lines]
        if axes is row[0]:
            bold = [place for place, line in enumerate(lines) if isinstance(line, str)]
            row_labels(axes, names, 60, bold=bold)
        else:
            no_row_labels(axes, len(lines))
    row[0].set_xlabel(f"Difference from \u201c{style.wrap(labels[results.baseline], 30, 1)}\u201d, "
                      "per cent of its level", loc="left")  # fmt: skip
    banded = any(
        least_worth_having(results.background.worthwhile, one.kpi, one.group) for one in measures
    )
    rows = [
        Row(one.label, one.kind, found[name, one])
        for one in measures
        for name in results.options
        if (name, one) in found
    ]
    mine = [item for item in rows if item.difference.scenario == results.focus]
    counts = {
        verdict: sum(item.difference.verdict == verdict for item in mine)
        for verdict in ("better", "worse")
    }
    return finish(
        results, fig, key="differences",
        title=_forest_title(counts, len(mine)),
        measure="Difference from the baseline in per cent, 95% interval; hollow: not clear"
        + ("; grey: not worth having" if banded else ""),
        alternative=f"Forest plot. Under \u201c{labels[results.focus]}\u201d {counts['better']} of "
        f"{len(mine)} measures are better and {counts['worse']} worse. "
        + " ".join(sentence(results, item) for item in mine),
        table=difference_table(results, "Watched measures", rows),
        columns=DIFFERENCE_COLUMNS, rows=difference_rows(rows),
    )  # fmt: skip


def _drawable(difference: Difference | None) -> bool:
    return difference is not None and math.isfinite(difference.per_cent)


def _with_headings(measures: list[Measure]) -> list[Measure | str]:
    """The measures with a heading before each part of the journey."""
    lines: list[Measure | str] = []
    part = ""
    for one in measures:
        if one.part != part:
            lines.append(one.part)
            part = one.part
        lines.append(one)
    return lines


def _reach_of(found: list[Difference]) -> tuple[float, float]:
    ends = [bound for one in found for bound in (*words.per_cent_bounds(one), one.per_cent)]
    there = [end for end in ends if math.isfinite(end)]
    return style.nice_limits(min(there, default=-1.0) * 1.05, max(there, default=1.0) * 1.05)


def _whisker(axes: Axes, place: int, one: Difference) -> None:
    low, high = words.per_cent_bounds(one)
    colour = FILLS.get(one.verdict, style.DARK_GREY)
    if not math.isfinite(one.per_cent):
        return
    if math.isfinite(low) and math.isfinite(high):
        axes.plot([low, high], [place, place], color=colour, linewidth=1.8, solid_capstyle="butt")
    axes.plot(
        [one.per_cent], [place], marker="o" if one.verdict != "worse" else "D", markersize=5.5,
        color=colour, markerfacecolor=colour if words.is_clear(one) else "white", clip_on=False,
    )  # fmt: skip


def _verdict(axes: Axes, place: int, one: Difference, *, few: bool) -> None:
    """The per cent and the verdict in a column at the panel's right."""
    unclear = one.verdict if few and not words.is_too_small(one) else words.short_verdict(one)
    text = f"{words.per_cent(one)} {one.verdict}" if words.is_clear(one) else unclear
    style.note(axes, text, (1.0, place), xycoords=("axes fraction", "data"), xytext=(5, 0))


def _worthwhile(axes: Axes, place: int, one: Difference, least: float) -> None:
    """A grey band around zero: differences too small to be worth having."""
    if not least or not one.baseline:
        return
    half = 100 * least / abs(one.baseline)
    axes.fill_betweenx([place - 0.4, place + 0.4], -half, half, color=style.GREY, alpha=0.5,
                       linewidth=0)  # fmt: skip


def _sign(value: float) -> str:
    return "0" if abs(value) < 1e-9 else f"{value:+g}".replace("-", words.MINUS)


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
    verb = "worsens" if worse == 1 else "worsen"
    return f"{better} of {watched_measures} watched measures improve, {worse} {verb}"


# --- who pays, who saves --------------------------------------------------------------------


def cost_by_agency(results: ResultsFolder) -> Chart | None:
    """The difference in cost by agency, and their sum, with 95% intervals."""
    found = {
        (name, agency): difference
        for name in results.options
        for agency in results.groups("cost_gbp", "all")
        if ":" not in agency
        and (difference := results.difference(name, "cost_gbp", "all", agency)) is not None
    }
    agencies = list(dict.fromkeys(agency for _, agency in found if agency))
    if not agencies:
        return None
    agencies.sort(key=lambda agency: _difference_or_zero(found.get((results.focus, agency))))
    net = any(agency == "" for _, agency in found)
    order = [*agencies, *([""] if net else [])]
    about, look = results.background, looks(results)
    count = len(results.options)
    fig = style.figure(0.36 * len(order) + 1.05)
    row = style.panels(
        fig, count, left=2.05, top=0.5, height=0.36 * len(order), right=0.3, gap=0.35
    )
    ends = [
        end for one in found.values() for end in (one.low, one.high, one.difference)
        if math.isfinite(end)
    ]  # fmt: skip
    low, high = min(0.0, *ends), max(0.0, *ends)
    air = (high - low or 1.0) * (0.42 if count < 3 else 0.75)
    reach = (low - (air if low < 0 else air * 0.1), high + (air if high > 0 else air * 0.1))
    for axes, name in zip(row, results.options, strict=True):
        for place, agency in enumerate(order):
            one = found.get((name, agency))
            if one is not None:
                _cost_bar(axes, place, one, look[name], total=agency == "")
        axes.axvline(0, color=style.DARK_GREY, linewidth=1)
        axes.set_xlim(*reach)
        axes.xaxis.set_major_formatter(lambda value, _: words.pounds_short(value))
        axes.locator_params(axis="x", nbins=4 if count < 3 else 3)
        axes.grid(axis="x")
        style.bare(axes, keep=())
        style.panel_title(axes, look[name], about.labels[name], 40 if count < 3 else 24)
        names = [name_of(agency) if agency else "All agencies, net" for agency in order]
        if axes is row[0]:
            row_labels(axes, names, 26, bold=[len(order) - 1] if net else [])
        else:
            no_row_labels(axes, len(order))
        if net:
            axes.axhline(len(order) - 1.5, color=style.DARK_GREY, linewidth=0.8)
    base = f"real, {about.price_base} prices" if about.price_base else "real"
    row[0].set_xlabel(f"Difference in pounds, {base}: left saves, right pays", loc="left")
    rows = [
        Row(name_of(agency) if agency else "All agencies, net", "gbp", found[name, agency])
        for agency in order
        for name in results.options
        if (name, agency) in found
    ]
    mine = [item for item in rows if item.difference.scenario == results.focus]
    return finish(
        results, fig, key="cost_by_agency",
        title=_cost_title(mine),
        measure=f"Cost by agency over the whole period: difference from the baseline, GBP {base}, "
        "with 95% interval",
        alternative=f"Bar chart of the difference in cost by agency, GBP {base}. "
        + " ".join(sentence(results, item) for item in mine),
        table=difference_table(results, f"Who pays and who saves, GBP {base}", rows),
        columns=DIFFERENCE_COLUMNS, rows=difference_rows(rows),
    )  # fmt: skip


def _difference_or_zero(one: Difference | None) -> float:
    return one.difference if one is not None and math.isfinite(one.difference) else 0.0


def _cost_bar(axes: Axes, place: int, one: Difference, look: style.Look, *, total: bool) -> None:
    clear = words.is_clear(one)
    axes.barh(
        [place], [one.difference], height=0.62, color=look.colour if clear else "white",
        edgecolor=look.colour if clear else style.DARK_GREY, linewidth=1,
        hatch="" if clear else "////",
    )  # fmt: skip
    if math.isfinite(one.low) and math.isfinite(one.high):
        axes.plot([one.low, one.high], [place, place], color=style.INK, linewidth=1.3)
        for end in (one.low, one.high):
            axes.plot([end, end], [place - 0.14, place + 0.14], color=style.INK, linewidth=1.3)
    ends = [end for end in (one.low, one.high, one.difference, 0.0) if math.isfinite(end)]
    # An unclear bar's longer label goes to the right, away from the names of the rows.
    right = one.difference >= 0 or not clear
    style.note(
        axes,
        words.signed_change("gbp", one).replace(" million", "m")
        if clear
        else words.short_verdict(one),
        (max(ends) if right else min(ends), place),
        xytext=(4 if right else -4, 0),
        ha="left" if right else "right",
        fontweight="bold" if total else "normal",
    )


def _cost_title(mine: list[Row]) -> str:
    """The net change and who bears or enjoys most of it."""
    net = next((row.difference for row in mine if row.difference.group == ""), None)
    agencies = [row for row in mine if row.difference.group and words.is_clear(row.difference)]
    savers = [row for row in agencies if row.difference.difference < 0]
    payers = [row for row in agencies if row.difference.difference > 0]
    most_saved = min(savers, key=lambda row: row.difference.difference, default=None)
    most_paid = max(payers, key=lambda row: row.difference.difference, default=None)
    who = [
        *([_who(most_saved, "save")] if most_saved else []),
        *([_who(most_paid, "pay")] if most_paid else []),
    ]
    if net is None:
        return words.title(words.sentence_case(", ".join(who)) or "Cost by agency")
    moved = words.moves("Costs", "gbp", net)
    if not words.is_clear(net):
        moved = words.moves("Total cost", "gbp", net)
    both = "; ".join([moved, ", ".join(who)]) if who else moved
    return words.title(both, *(f"{moved}; {one} most" for one in who), moved)


ONE_BODY = ("legal_aid", "probation", "health", "commissioner", "defence")
"""Agencies that a sentence speaks of in the singular."""


def _who(row: Row, verb: str) -> str:
    """An agency and what it does: "courts save", "the Commissioner pays"."""
    shorter = {
        "cps": "prosecutors",
        "hmcts": "courts",
        "commissioner": "the Commissioner",
        "defence": "the defence",
    }
    group = row.difference.group
    name = shorter.get(group, words.lower_first(name_of(group)))
    return f"{name} {verb}{'s' if group in ONE_BODY else ''}"
