"""Contact with victims: duties in time, late and missed under every scenario, and withdrawals."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cjsim.formatting.labels import title_of
from cjsim.formatting.words import lower_first
from cjsim.jurisdiction import vocabulary
from cjsim.report import style, wording
from cjsim.report.chart import (
    Chart,
    Row,
    difference_table,
    finish,
    looks,
    name_rows,
    sentence,
)
from cjsim.report.data import ResultsFolder
from cjsim.report.run_metadata import short_title

DUE, SHARE = "victim_duties_due", "victim_duties_in_time_share"
PARTS = (
    ("victim_duties_in_time", "in time", style.NAVY, ""),
    ("victim_duties_late", "late", style.SKY, ""),
    ("victim_duties_missed", "missed", style.PLUM, "////"),
)
"""Parts of what fell due; what is left over is still owed."""
WITHDRAWN = (
    ("Victims withdrawn before charge", "victims_withdrawn_before_charge_share"),
    ("Victims withdrawn after charge", "victims_withdrawn_after_charge_share"),
    ("Witness attendances wasted", "witness_attendances_wasted_share"),
)
"""What follows from contact, drawn below the duties."""
MOST_DUTIES = 8
MARKS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Line:
    """A row of bars: what it is called, and the group of the measures that it shows."""

    name: str
    group: str
    bold: bool


def victim_duties(results: ResultsFolder) -> Chart | None:
    """What was owed to victims and what came of it, scenario by scenario; below, what follows."""
    lines = _lines(results)
    if not results.options or not lines:
        return None
    drawn = (results.baseline, *results.options)
    each = 0.235
    below = [entry for entry in WITHDRAWN if _happens(results, entry[1])]
    upper, lower = each * len(lines), 0.3 * len(below)
    fig = style.figure(1.05 + upper + (0.5 + lower if below else 0.0), top=0.26)
    top, *lower_rows = style.grid(
        fig, 2 if below else 1, len(drawn), heights=[upper, lower] if below else None
    )
    look, about = looks(results), results.background
    names = [line.name for line in lines]
    bold = [y for y, line in enumerate(lines) if line.bold]
    for axes, scenario in zip(top, drawn, strict=True):
        style.panel_title(axes, look[scenario], about.labels[scenario], 72 // len(drawn), 3)
        for position, line in enumerate(lines):
            _stack(results, axes, scenario, position, line)
        _plain(axes, upper=1.0)
        axes.set_xticks([0, 0.5, 1], ["0%", "50%", ""])
    name_rows(top, names, 40, bold=bold)
    _legend(fig)
    if below:
        _withdrawals(results, lower_rows[0], drawn, below)
    rows = _rows(results, lines, below)
    focus_rows = [row for row in rows if row.difference.scenario == results.focus]
    return finish(
        results,
        fig,
        key="victim_duties",
        title=_title(results, below),
        measure="Most frequent duties to victims (figures: in time; white: still owed); below, "
        "withdrawals and wasted attendances",
        alternative="Stacked bars of per cent with one panel for each scenario, the baseline "
        "first. "
        + " ".join(sentence(results, row) for row in (*focus_rows[:4], *focus_rows[-len(below) :])),
        table=difference_table(
            results, "Duties done in time, withdrawals and wasted attendances", rows
        ),
        columns=("scenario", "group", "due", "in_time", "late", "missed"),
        rows=_data(results, drawn),
    )


def _happens(results: ResultsFolder, kpi: str) -> bool:
    """Whether a measure exists and is not always 0."""
    difference = results.difference(results.focus, kpi, "all")
    return difference is not None and bool(difference.baseline or difference.value)


def _lines(results: ResultsFolder) -> list[Line]:
    """All duties, each agency's, and the duties of which most fell due, the most frequent first."""
    groups = results.groups(DUE, "all")
    due = {group: results.mean(results.baseline, DUE, "all", group) for group in groups}
    due_groups = [group for group in groups if due[group] > 0]
    if "" not in due_groups:
        return []
    agencies = [group for group in due_groups if group in vocabulary().agencies]
    duties = sorted(
        (group for group in due_groups if group in vocabulary().duties),
        key=lambda group: -due[group],
    )
    return [
        Line("All duties", "", bold=True),
        *(Line(title_of(group), group, bold=True) for group in agencies),
        *(Line(f"  {title_of(group)}", group, bold=False) for group in duties[:MOST_DUTIES]),
    ]


def _parts(results: ResultsFolder, scenario: str, group: str) -> list[float]:
    """The share of what fell due that each part is; NaN where nothing did."""
    due = results.mean(scenario, DUE, "all", group)
    counts = [results.mean(scenario, kpi, "all", group) for kpi, *_ in PARTS]
    return [count / due if due else math.nan for count in counts]


def _stack(results: ResultsFolder, axes: Axes, scenario: str, y: int, line: Line) -> None:
    parts = _parts(results, scenario, line.group)
    if not all(math.isfinite(part) for part in parts):
        return
    start = 0.0
    for part, (_, _, colour, hatch) in zip(parts, PARTS, strict=True):
        axes.barh(
            [y],
            [part],
            left=start,
            height=0.66,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.4,
        )
        start += part
    axes.barh([y], [1.0], height=0.66, color="none", edgecolor=style.GREY, linewidth=0.6)
    style.note(
        axes,
        f"{100 * parts[0]:.0f}%",
        (1.0, y),
        xytext=(2, 0),
        bbox=None,
        fontweight="bold" if line.bold else "normal",
    )


def _plain(axes: Axes, *, upper: float) -> None:
    axes.set_xlim(0, upper)
    style.bare(axes, keep=("left",))


def _legend(fig: Figure) -> None:
    """The meaning of the shades, once above all panels."""
    axes = style.axes_at(fig, 0.15, 0.02, 3.0, 0.2)
    for rank, (_, name, colour, hatch) in enumerate(PARTS):
        axes.barh([0], [0.1], left=rank, color=colour, hatch=hatch, edgecolor="white", height=0.7)
        axes.text(rank + 0.14, 0, name, fontsize=8.5, va="center")
    axes.set_xlim(0, len(PARTS))
    axes.set_ylim(-0.5, 0.5)
    axes.set_axis_off()


def _withdrawals(
    results: ResultsFolder, row: list[Axes], drawn: tuple[str, ...], below: list[tuple[str, str]]
) -> None:
    """Who withdrew, in per cent from 0, with the change from the baseline beside each bar."""
    levels = {(kpi, name): results.mean(name, kpi, "all") for _, kpi in below for name in drawn}
    highest = max((level for level in levels.values() if math.isfinite(level)), default=0.0)
    for axes, scenario in zip(row, drawn, strict=True):
        colour = looks(results)[scenario].colour
        for y, (_, kpi) in enumerate(below):
            level = levels[kpi, scenario]
            axes.barh([y], [level], height=0.6, color=colour)
            difference = results.difference(scenario, kpi, "all")
            text = f"{100 * level:.1f}%"
            if difference is not None:
                clear = wording.is_clear(difference)
                text += ", " + (
                    wording.signed_change("share", difference)
                    if clear
                    else wording.short_verdict(difference)
                ).replace(" points", "").replace(" point", "")
            style.note(axes, text, (level, y), xytext=(3, 0), bbox=None)
        _plain(axes, upper=max(highest, 0.01) * 2.4)
        # One tick beside 0 gives the scale; it is not so near that the labels overlap.
        mark = min((tick for tick in MARKS if tick >= highest / 1.5), default=max(MARKS))
        axes.set_xticks([0, mark], ["0%", f"{100 * mark:g}%"])
    name_rows(row, [name for name, _ in below], 40)


def _rows(results: ResultsFolder, lines: list[Line], below: list[tuple[str, str]]) -> list[Row]:
    wanted = [(line.name.strip(), SHARE, line.group) for line in lines]
    wanted += [(name, kpi, "") for name, kpi in below]
    return [
        Row(name, "share", difference)
        for name, kpi, group in wanted
        for option in results.options
        if (difference := results.difference(option, kpi, "all", group)) is not None
    ]


def _title(results: ResultsFolder, below: list[tuple[str, str]]) -> str:
    """The clearest change of the last option, and whether withdrawals follow it."""
    nouns = {
        SHARE: "Timely duties",
        "victims_withdrawn_before_charge_share": "Withdrawals before charge",
        "victims_withdrawn_after_charge_share": "Withdrawals after charge",
        "witness_attendances_wasted_share": "Wasted attendances",
    }
    kpis = (SHARE, *(kpi for _, kpi in below))
    clearest = max(
        reversed(results.options),
        key=lambda option: max(_size(results, option, kpi) for kpi in kpis),
    )
    # What moves most comes first: a tenth of a point of the duties is no headline.
    sentences = [
        wording.moves(nouns[kpi], "share", difference)
        for kpi in sorted(kpis, key=lambda kpi: -_size(results, clearest, kpi))
        if (difference := results.difference(clearest, kpi, "all")) is not None
        and wording.is_clear(difference)
    ]
    if not sentences:
        return "No clear change in duties, withdrawals or wasted attendances"
    both = ", ".join([sentences[0], *map(lower_first, sentences[1:2])])
    if len(results.options) == 1:
        return wording.title(both, sentences[0])
    label = results.background.labels[clearest]
    shorter = short_title(label)
    return wording.title(
        f"{label}: {lower_first(both)}",
        f"{label}: {lower_first(sentences[0])}",
        f"{shorter}: {lower_first(sentences[0])}",
        # Without its scenario a title would be read as speaking of the one in focus.
        f"{' '.join(label.split()[:3])}\u2026: {lower_first(sentences[0])}",
    )


def _size(results: ResultsFolder, option: str, kpi: str) -> float:
    """How far an option clearly moves a share; 0 if it does not."""
    difference = results.difference(option, kpi, "all")
    return (
        abs(difference.difference)
        if difference is not None and wording.is_clear(difference)
        else 0.0
    )


def _data(results: ResultsFolder, drawn: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Mean counts by scenario and group, unrounded, for the CSV: every duty and agency."""
    return [
        (
            scenario,
            group or "all",
            *(
                results.mean(scenario, kpi, "all", group)
                for kpi in (DUE, *(part_kpi for part_kpi, *_ in PARTS))
            ),
        )
        for scenario in drawn
        for group in results.groups(DUE, "all")
    ]
