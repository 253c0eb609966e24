"""What a chart consists of, and the parts that all charts share: texts, tables, panels, axes."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cjsim.report import numbers, style
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.labels import Kind
from cjsim.report.run_metadata import Background, month_of, month_year
from cjsim.report.style import Look


@dataclass(frozen=True)
class Table:
    """A table to read: the first column names the rows, every cell is text as it is to be shown."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def blocks(self) -> list[tuple[str, list[list[tuple[str, bool]]]]]:
        """Rows of one name together; each cell after it with whether it is a number."""
        return [
            (name, [[(cell, _is_number(cell)) for cell in row[1:]] for row in rows])
            for name, rows in itertools.groupby(self.rows, key=lambda row: row[0])
        ]


@dataclass(frozen=True)
class Chart:
    """A figure with all that must stand around it, and the unrounded data it was drawn from."""

    key: str
    title: str
    subtitle: str
    source: str
    alternative: str
    figure: Figure
    table: Table
    data_columns: tuple[str, ...]
    data_rows: tuple[tuple[Any, ...], ...]

    def numbered(self, number: int) -> Chart:
        """The same chart as the one of its kind with this number, of further options."""
        return replace(self, key=f"{self.key}_{number}")


@dataclass(frozen=True)
class Row:
    """A line of a table of differences: what is measured, how it is counted, what came out."""

    name: str
    kind: Kind
    difference: Difference


def levels(kind: Kind, one: Difference, as_told: str) -> str:
    """The levels without and with an option, put into a text such as "{} to {}".

    Two that are alike as far as they can be told would read like an interval: they stand once.
    """
    before, after = (numbers.level(kind, value, one) for value in (one.baseline, one.value))
    if before == after:
        return f"{before} with and without it"
    return as_told.format(before, after)


MOST_ON_A_LINE = 26
"""Letters of a cell that stay together: an interval; not a sum with its interval in brackets."""


def _is_number(cell: str) -> bool:
    """Whether a cell should stay on one line: it begins with a digit, a sign or a pound sign."""
    return cell[:1] in tuple(f"0123456789+\u00a3{numbers.MINUS}") and len(cell) < MOST_ON_A_LINE


def finish(
    results: ResultsFolder,
    fig: Figure,
    *,
    key: str,
    title: str,
    measure: str,
    alternative: str,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    replications: int = 0,
) -> Chart:
    """Frame the figure with its title, subtitle and source, and hand the whole chart back.

    `replications` are those of another study than the results, if that is what is drawn.
    """
    about = results.background
    subtitle = subtitle_of(about, measure, replications or results.replications)
    source = source_of(about)
    style.frame(fig, title, subtitle, source)
    return Chart(
        key=key,
        title=title,
        subtitle=subtitle,
        source=source,
        alternative=alternative,
        figure=fig,
        table=table,
        data_columns=tuple(columns),
        data_rows=tuple(tuple(row) for row in rows),
    )


def finish_rows(
    results: ResultsFolder,
    fig: Figure,
    *,
    key: str,
    title: str,
    measure: str,
    alternative: str,
    caption: str,
    rows: Sequence[Row],
    data: Sequence[Row] = (),
) -> Chart:
    """Finish a chart of differences: `rows` are those of its table, `data` more for its CSV."""
    return finish(
        results,
        fig,
        key=key,
        title=title,
        measure=measure,
        alternative=alternative,
        table=difference_table(results, caption, rows),
        columns=DIFFERENCE_COLUMNS,
        rows=difference_rows(data or rows),
    )


def subtitle_of(about: Background, measure: str, replications: int) -> str:
    """Measure, area, period and number of replications."""
    parts = [measure, about.area, about.period, numbers.counted(replications, "replication")]
    return ". ".join(part for part in (parts[0], ", ".join(filter(None, parts[1:]))) if part) + "."


def source_of(about: Background) -> str:
    """Where the numbers come from: the simulator, its version, the run."""
    model = f"; model: {about.model_title}" if about.model_title else ""
    return f"Source: simulation with cjsim {about.version}, run {about.run_id}{model}."


# --- tables ---------------------------------------------------------------------------------


def difference_table(results: ResultsFolder, caption: str, rows: Sequence[Row]) -> Table:
    """Baseline, option, difference, interval and verdict, one line for each row."""
    labels = results.background.labels
    several = len({row.difference.scenario for row in rows}) > 1
    caption = f"{caption}. Means over replications; intervals are 95%, paired by replication."
    if not several and rows:
        caption = f"{caption} Option: {labels[rows[0].difference.scenario]}."
    cells: list[tuple[str, ...]] = []
    alike: dict[str, list[Difference]] = {}
    for row in rows:
        alike.setdefault(row.name, []).append(row.difference)
    for row in rows:
        one = row.difference
        option = (labels[one.scenario],) if several else ()
        cells.append(
            (
                row.name,
                *option,
                *(
                    text.replace(" million", "m")
                    for text in (
                        # One baseline must not stand there twice in two roundings.
                        numbers.level(row.kind, one.baseline, *alike[row.name]),
                        numbers.level(row.kind, one.value, *alike[row.name]),
                        numbers.signed_change(row.kind, one),
                        numbers.interval(row.kind, one),
                    )
                ),
                numbers.per_cent(one),
                numbers.direction(one),
            )
        )
    columns = (
        "Measure",
        *(("Option",) if several else ()),
        labels[results.baseline],
        "With the option",
        "Difference",
        "95% interval",
        "Per cent",
        "In words",
    )
    return Table(caption, columns, tuple(cells))


DIFFERENCE_COLUMNS = (
    "measure",
    "scenario",
    "kpi",
    "court",
    "group",
    "baseline",
    "value",
    "difference",
    "low",
    "high",
    "per_cent",
    "n",
    "verdict",
)


def difference_rows(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """The same lines unrounded, for the CSV beside a chart."""
    return [
        (
            row.name,
            one.scenario,
            one.kpi,
            one.court,
            one.group,
            one.baseline,
            one.value,
            one.difference,
            one.low,
            one.high,
            one.per_cent,
            one.n,
            one.verdict,
        )
        for row in rows
        for one in (row.difference,)
    ]


def sentence(results: ResultsFolder, row: Row) -> str:
    """One difference as a sentence for an alternative text."""
    one = row.difference
    labels = results.background.labels
    before, after = (numbers.level(row.kind, value, one) for value in (one.baseline, one.value))
    verdict = numbers.direction(one) if numbers.is_too_small(one) else numbers.verdict(one)
    return (
        f"{row.name}: {before} in \u201c{labels[results.baseline]}\u201d "
        f"and {after} in \u201c{labels[one.scenario]}\u201d, "
        f"a difference of {numbers.signed_change(row.kind, one)} "
        f"({numbers.interval_named(row.kind, one)}): {verdict}."
    )


# --- panels ---------------------------------------------------------------------------------


def looks(results: ResultsFolder) -> dict[str, Look]:
    """The look of the baseline and of every option drawn."""
    return {
        results.baseline: style.BASELINE,
        **dict(zip(results.options, style.LOOKS, strict=False)),
    }


def row_labels(axes: Axes, names: Sequence[str], width: int, *, bold: Sequence[int] = ()) -> None:
    """Name the rows of a panel whose row i lies at y = i, the first on top."""
    axes.set_yticks(range(len(names)), [style.wrap(name, width) for name in names])
    for place, label in enumerate(axes.get_yticklabels()):
        label.set_fontweight("bold" if place in bold else "normal")
    axes.set_ylim(len(names) - 0.4, -0.6)


def no_row_labels(axes: Axes, count: int) -> None:
    """The same rows in a panel further right, which need no names again."""
    axes.set_yticks(range(count), [""] * count)
    axes.set_ylim(count - 0.4, -0.6)


# --- months ---------------------------------------------------------------------------------


def month_axis(axes: Axes, months: Sequence[str], most: int) -> None:
    """Ticks at the first of a month, at most about `most`; month i lies between x = i and i + 1."""
    steps = (1, 2, 3, 6, 12, 24, 36, 60)
    step = next((one for one in steps if len(months) / one <= most), steps[-1])
    places = list(range(0, len(months), step))
    names = [month_year(month_of(months[place])) for place in places]
    axes.set_xticks(places, [f"{name[:3]}\n{name.split()[1]}" for name in names])
    axes.set_xlim(0, len(months))


def place_of(day: dt.date, months: Sequence[str]) -> float:
    """Where a day lies on a month axis."""
    first = month_of(months[0])
    whole = (day.year - first.year) * 12 + day.month - first.month
    return whole + (day.day - 1) / 31


def mark_dates(
    axes: Axes,
    days: Sequence[dt.date],
    months: Sequence[str],
    *,
    named: bool = True,
    upwards: bool = False,
) -> None:
    """A dotted line at the day of each of the first three changes.

    Their names hang from the top of the panel, or rise from its foot where `upwards` is set.
    """
    places = [(place_of(day, months), day) for day in days]
    shown = [one for one in places if 0 <= one[0] <= len(months)]
    for rank, (place, day) in enumerate(shown[:3]):
        axes.axvline(place, color=style.DARK_GREY, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        if not named:
            continue
        month, year = month_year(day).split()
        late = place > 0.55 * len(months)
        style.note(
            axes,
            f"change {month[:3]} {year}",
            (place, 0.06 + 0.13 * rank if upwards else 0.99 - 0.13 * rank),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if late else 3, 0),
            va="bottom" if upwards else "top",
            ha="right" if late else "left",
            color=style.DARK_GREY,
        )


def end_labels(
    axes: Axes, ends: Sequence[tuple[float, str, Look]], *, characters: int, least: float
) -> None:
    """Name lines at their right ends, in ink with the line's own marker, moved apart if need be."""
    there = [end for end in ends if math.isfinite(end[0])]
    low, high = axes.get_ylim()
    places = style.spread([end[0] for end in there], least * (high - low))
    for place, (_, text, look) in zip(places, there, strict=True):
        axes.annotate(
            style.wrap(f"{look.sign} {text}", characters, 3),
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            ha="left",
            fontsize=8.5,
            annotation_clip=False,
        )
