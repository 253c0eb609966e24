"""Who pays and who saves: a bridge of cost by agency from the baseline to each option."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from cjsim.formatting import numbers
from cjsim.formatting.labels import title_of
from cjsim.formatting.words import lower_first, sentence_case
from cjsim.jurisdiction import OWN_TIME
from cjsim.report import style, wording
from cjsim.report.board.costs import pays
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


def cost_by_agency(results: ResultsFolder) -> Chart | None:
    """A bridge: from the baseline's cost to the option's, agency by agency, with 95% intervals."""
    differences = {
        (name, agency): difference
        for name in results.options
        for agency in results.groups("cost_gbp", "all")
        if ":" not in agency
        and agency != OWN_TIME
        and (not agency or pays(results, agency))
        and (difference := results.difference(name, "cost_gbp", "all", agency)) is not None
    }
    agencies = list(dict.fromkeys(agency for _, agency in differences if agency))
    if not agencies:
        return None
    agencies.sort(key=lambda agency: _difference_or_zero(differences.get((results.focus, agency))))
    net = any(agency == "" for _, agency in differences)
    order = [*agencies, *([""] if net else [])]
    about, look = results.background, looks(results)
    count = len(results.options)
    fig = style.figure(0.36 * len(order) + 1.05)
    (row,) = style.grid(fig, 1, count)
    starts = {name: _starts(differences, name, agencies) for name in results.options}
    ends = [
        starts[name].get(agency, 0.0) + end
        for (name, agency), difference in differences.items()
        for end in (difference.low, difference.high, difference.difference)
        if math.isfinite(end)
    ]
    low, high = min(0.0, *ends), max(0.0, *ends)
    air = (high - low or 1.0) * (0.42 if count < 3 else 0.75)
    reach = (low - (air if low < 0 else air * 0.1), high + (air if high > 0 else air * 0.1))
    for axes, name in zip(row, results.options, strict=True):
        for y, agency in enumerate(order):
            paired = differences.get((name, agency))
            if paired is not None:
                start = starts[name].get(agency, 0.0)
                _cost_bar(axes, y, paired, look[name], start)
                _step(axes, y, start + paired.difference, last=y >= len(agencies) - 1)
        axes.axvline(0, color=style.DARK_GREY, linewidth=1)
        axes.set_xlim(*reach)
        style.scale(axes, "x", numbers.pounds_short, 4 if count < 3 else 3)
        style.panel_title(
            axes, look[name], about.labels[name], *((40, 2) if count < 3 else (24, 3))
        )
        if net:
            axes.axhline(len(order) - 1.5, color=style.DARK_GREY, linewidth=0.8)
    names = [title_of(agency) if agency else "All agencies, net" for agency in order]
    name_rows(row, names, 26, bold=[len(order) - 1] if net else [])
    base = f"real, {about.price_base} prices" if about.price_base else "real"
    row[0].set_xlabel(
        f"Step by step from the baseline\u2019s cost (0), {base}: left saves, right pays",
        loc="left",
    )
    rows = [
        Row(title_of(agency) if agency else "All agencies, net", "gbp", differences[name, agency])
        for agency in order
        for name in results.options
        if (name, agency) in differences
    ]
    focus_rows = [item for item in rows if item.difference.scenario == results.focus]
    paid = " with payments for outcomes" if results.outcomes else ""
    return finish_rows(
        results,
        fig,
        key="cost_by_agency",
        title=_cost_title(focus_rows),
        measure=f"Bridge of cost{paid}, GBP {base}, 95% intervals{_from_to(results, differences)}",
        alternative=f"Bridge of the difference in cost by agency{paid}, GBP {base}. "
        + " ".join(sentence(results, item) for item in focus_rows),
        caption=f"Who pays and who saves, GBP {base}",
        rows=rows,
    )


def _difference_or_zero(difference: Difference | None) -> float:
    return (
        difference.difference
        if difference is not None and math.isfinite(difference.difference)
        else 0.0
    )


def _starts(
    differences: dict[tuple[str, str], Difference], option: str, agencies: list[str]
) -> dict[str, float]:
    """Where each agency's bar begins: where the one above it ended; the net begins at 0."""
    starts, reached = {}, 0.0
    for agency in agencies:
        starts[agency] = reached
        reached += _difference_or_zero(differences.get((option, agency)))
    return starts


def _step(axes: Axes, y: int, at: float, *, last: bool) -> None:
    """A thin line down to the bar that goes on from here."""
    if not last and math.isfinite(at):
        axes.plot([at, at], [y, y + 1], color=style.DARK_GREY, linewidth=0.7, zorder=1)


def _from_to(results: ResultsFolder, differences: dict[tuple[str, str], Difference]) -> str:
    """The whole cost before and after, where it is one option's."""
    difference = differences.get((results.focus, ""))
    if difference is None or not math.isfinite(difference.baseline):
        return ""
    return f"; in all {wording.levels('gbp', difference, 'from {} to {}')}"


def _cost_bar(axes: Axes, y: int, difference: Difference, look: style.Look, start: float) -> None:
    clear, total = wording.is_clear(difference), difference.group == ""
    axes.barh(
        [y],
        [difference.difference],
        left=start,
        height=0.62,
        color=look.colour if clear else "white",
        edgecolor=look.colour if clear else style.DARK_GREY,
        linewidth=1,
        hatch="" if clear else "////",
    )
    if math.isfinite(difference.low) and math.isfinite(difference.high):
        low, high = start + difference.low, start + difference.high
        axes.plot([low, high], [y, y], color=style.INK, linewidth=1.3)
        for end in (low, high):
            axes.plot([end, end], [y - 0.14, y + 0.14], color=style.INK, linewidth=1.3)
    reach = (difference.low, difference.high, difference.difference, 0.0)
    ends = [start + end for end in reach if math.isfinite(end)]
    # An unclear bar's longer label goes to the right, away from the names of the rows.
    right = difference.difference >= 0 or not clear
    style.note(
        axes,
        wording.signed_change("gbp", difference).replace(" million", "m")
        if clear
        else wording.short_verdict(difference),
        (max(ends) if right else min(ends), y),
        xytext=(4 if right else -4, 0),
        ha="left" if right else "right",
        fontweight="bold" if total else "normal",
    )


def _cost_title(focus_rows: list[Row]) -> str:
    """The net change and who bears or enjoys most of it."""
    net = next((row.difference for row in focus_rows if row.difference.group == ""), None)
    agencies = [
        row for row in focus_rows if row.difference.group and wording.is_clear(row.difference)
    ]
    most = max((abs(row.difference.difference) for row in agencies), default=0.0)
    agencies = [row for row in agencies if abs(row.difference.difference) >= WORTH_NAMING * most]
    savers = [row for row in agencies if row.difference.difference < 0]
    payers = [row for row in agencies if row.difference.difference > 0]
    most_saved = min(savers, key=lambda row: row.difference.difference, default=None)
    most_paid = max(payers, key=lambda row: row.difference.difference, default=None)
    actors = [
        *([_who(most_saved, "save")] if most_saved else []),
        *([_who(most_paid, "pay")] if most_paid else []),
    ]
    if net is None:
        return wording.title(sentence_case(", ".join(actors)) or "Cost by agency")
    moved = wording.moves("Costs", "gbp", net)
    if not wording.is_clear(net):
        moved = wording.moves("Total cost", "gbp", net)
    both = "; ".join([moved, ", ".join(actors)]) if actors else moved
    if len(actors) == 1 and len(agencies) > 1:
        return wording.title(f"{moved}; {_most(savers or payers)}", moved)
    leading = [_most(rows) for rows in (savers, payers) if rows]
    return wording.title(both, *(f"{moved}; {phrase}" for phrase in leading), moved)


def _most(rows: list[Row]) -> str:
    """Who saves or pays most: all whose intervals overlap that of the first."""
    verb = "save" if rows[0].difference.difference < 0 else "pay"
    in_order = sorted(rows, key=lambda row: -abs(row.difference.difference))
    least = min(abs(in_order[0].difference.low), abs(in_order[0].difference.high))
    alike = [
        row for row in in_order if max(abs(row.difference.low), abs(row.difference.high)) >= least
    ]
    if len(alike) == 1:
        return f"{_who(alike[0], verb)} most"
    names = [_name(row).removeprefix("the ") for row in alike]
    return f"{' and '.join(names) if len(names) == 2 else ', '.join(names)} {verb} most"


WORTH_NAMING = 0.1
"""Of the largest change of an agency: one smaller than this is not what the title is about."""

ONE_BODY = ("legal_aid", "probation", "health", "commissioner", "defence")
"""Agencies that a sentence speaks of in the singular."""


def _who(row: Row, verb: str) -> str:
    """An agency and what it does: "courts save", "the Commissioner pays"."""
    return f"{_name(row)} {verb}{'s' if row.difference.group in ONE_BODY else ''}"


def _name(row: Row) -> str:
    shorter = {
        "cps": "prosecutors",
        "hmcts": "courts",
        "commissioner": "the Commissioner",
        "defence": "the defence",
    }
    group = row.difference.group
    return shorter.get(group, lower_first(title_of(group)))
