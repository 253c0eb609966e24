"""Who pays and who saves: a bridge of cost by agency from the baseline to each option."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from cjsim.jurisdiction import OWN_TIME
from cjsim.report import numbers, style
from cjsim.report.chart import (
    Chart,
    Row,
    finish_rows,
    levels,
    looks,
    no_row_labels,
    row_labels,
    sentence,
)
from cjsim.report.cost_table import pays
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.labels import name_of


def cost_by_agency(results: ResultsFolder) -> Chart | None:
    """A bridge: from the baseline's cost to the option's, agency by agency, with 95% intervals."""
    found = {
        (name, agency): difference
        for name in results.options
        for agency in results.groups("cost_gbp", "all")
        if ":" not in agency
        and agency != OWN_TIME
        and (not agency or pays(results, agency))
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
    starts = {name: _starts(found, name, agencies) for name in results.options}
    ends = [
        starts[name].get(agency, 0.0) + end
        for (name, agency), one in found.items()
        for end in (one.low, one.high, one.difference)
        if math.isfinite(end)
    ]
    low, high = min(0.0, *ends), max(0.0, *ends)
    air = (high - low or 1.0) * (0.42 if count < 3 else 0.75)
    reach = (low - (air if low < 0 else air * 0.1), high + (air if high > 0 else air * 0.1))
    for axes, name in zip(row, results.options, strict=True):
        for place, agency in enumerate(order):
            one = found.get((name, agency))
            if one is not None:
                start = starts[name].get(agency, 0.0)
                _cost_bar(axes, place, one, look[name], start)
                _step(axes, place, start + one.difference, last=place >= len(agencies) - 1)
        axes.axvline(0, color=style.DARK_GREY, linewidth=1)
        axes.set_xlim(*reach)
        axes.xaxis.set_major_formatter(lambda value, _: numbers.pounds_short(value))
        axes.locator_params(axis="x", nbins=4 if count < 3 else 3)
        axes.grid(axis="x")
        style.bare(axes, keep=())
        style.panel_title(
            axes, look[name], about.labels[name], *((40, 2) if count < 3 else (24, 3))
        )
        names = [name_of(agency) if agency else "All agencies, net" for agency in order]
        if axes is row[0]:
            row_labels(axes, names, 26, bold=[len(order) - 1] if net else [])
        else:
            no_row_labels(axes, len(order))
        if net:
            axes.axhline(len(order) - 1.5, color=style.DARK_GREY, linewidth=0.8)
    base = f"real, {about.price_base} prices" if about.price_base else "real"
    row[0].set_xlabel(
        f"Step by step from the baseline\u2019s cost (0), {base}: left saves, right pays",
        loc="left",
    )
    rows = [
        Row(name_of(agency) if agency else "All agencies, net", "gbp", found[name, agency])
        for agency in order
        for name in results.options
        if (name, agency) in found
    ]
    mine = [item for item in rows if item.difference.scenario == results.focus]
    paid = " with payments for outcomes" if results.outcomes else ""
    return finish_rows(
        results,
        fig,
        key="cost_by_agency",
        title=_cost_title(mine),
        measure=f"Bridge of cost{paid}, GBP {base}, 95% intervals{_from_to(results, found)}",
        alternative=f"Bridge of the difference in cost by agency{paid}, GBP {base}. "
        + " ".join(sentence(results, item) for item in mine),
        caption=f"Who pays and who saves, GBP {base}",
        rows=rows,
    )


def _difference_or_zero(one: Difference | None) -> float:
    return one.difference if one is not None and math.isfinite(one.difference) else 0.0


def _starts(
    found: dict[tuple[str, str], Difference], option: str, agencies: list[str]
) -> dict[str, float]:
    """Where each agency's bar begins: where the one above it ended; the net begins at 0."""
    starts, reached = {}, 0.0
    for agency in agencies:
        starts[agency] = reached
        reached += _difference_or_zero(found.get((option, agency)))
    return starts


def _step(axes: Axes, place: int, at: float, *, last: bool) -> None:
    """A thin line down to the bar that goes on from here."""
    if not last and math.isfinite(at):
        axes.plot([at, at], [place, place + 1], color=style.DARK_GREY, linewidth=0.7, zorder=1)


def _from_to(results: ResultsFolder, found: dict[tuple[str, str], Difference]) -> str:
    """The whole cost before and after, where it is one option's."""
    one = found.get((results.focus, ""))
    if one is None or not math.isfinite(one.baseline):
        return ""
    return f"; in all {levels('gbp', one, 'from {} to {}')}"


def _cost_bar(axes: Axes, place: int, one: Difference, look: style.Look, start: float) -> None:
    clear, total = numbers.is_clear(one), one.group == ""
    axes.barh(
        [place],
        [one.difference],
        left=start,
        height=0.62,
        color=look.colour if clear else "white",
        edgecolor=look.colour if clear else style.DARK_GREY,
        linewidth=1,
        hatch="" if clear else "////",
    )
    if math.isfinite(one.low) and math.isfinite(one.high):
        low, high = start + one.low, start + one.high
        axes.plot([low, high], [place, place], color=style.INK, linewidth=1.3)
        for end in (low, high):
            axes.plot([end, end], [place - 0.14, place + 0.14], color=style.INK, linewidth=1.3)
    reach = (one.low, one.high, one.difference, 0.0)
    ends = [start + end for end in reach if math.isfinite(end)]
    # An unclear bar's longer label goes to the right, away from the names of the rows.
    right = one.difference >= 0 or not clear
    style.note(
        axes,
        numbers.signed_change("gbp", one).replace(" million", "m")
        if clear
        else numbers.short_verdict(one),
        (max(ends) if right else min(ends), place),
        xytext=(4 if right else -4, 0),
        ha="left" if right else "right",
        fontweight="bold" if total else "normal",
    )


def _cost_title(mine: list[Row]) -> str:
    """The net change and who bears or enjoys most of it."""
    net = next((row.difference for row in mine if row.difference.group == ""), None)
    agencies = [row for row in mine if row.difference.group and numbers.is_clear(row.difference)]
    most = max((abs(row.difference.difference) for row in agencies), default=0.0)
    agencies = [row for row in agencies if abs(row.difference.difference) >= WORTH_NAMING * most]
    savers = [row for row in agencies if row.difference.difference < 0]
    payers = [row for row in agencies if row.difference.difference > 0]
    most_saved = min(savers, key=lambda row: row.difference.difference, default=None)
    most_paid = max(payers, key=lambda row: row.difference.difference, default=None)
    who = [
        *([_who(most_saved, "save")] if most_saved else []),
        *([_who(most_paid, "pay")] if most_paid else []),
    ]
    if net is None:
        return numbers.title(numbers.sentence_case(", ".join(who)) or "Cost by agency")
    moved = numbers.moves("Costs", "gbp", net)
    if not numbers.is_clear(net):
        moved = numbers.moves("Total cost", "gbp", net)
    both = "; ".join([moved, ", ".join(who)]) if who else moved
    if len(who) == 1 and len(agencies) > 1:
        return numbers.title(f"{moved}; {_most(savers or payers)}", moved)
    leading = [_most(rows) for rows in (savers, payers) if rows]
    return numbers.title(both, *(f"{moved}; {one}" for one in leading), moved)


def _most(rows: list[Row]) -> str:
    """Who saves or pays most: all of those whom their intervals do not tell from the first."""
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
    return shorter.get(group, numbers.lower_first(name_of(group)))
