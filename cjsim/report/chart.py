"""What a chart consists of, and the parts that all charts share: texts, tables, panels, axes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cjsim.formatting.dates import month_of, month_year
from cjsim.formatting.numbers import Kind
from cjsim.formatting.tables import Table
from cjsim.formatting.words import counted
from cjsim.report import style, wording
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.run_metadata import Background
from cjsim.report.style import Look


@dataclass(frozen=True)
class Chart:
    """A figure with its texts, its table, and the unrounded data that it shows."""

    key: str
    title: str
    subtitle: str
    source: str
    alternative: str
    figure: Figure
    table: Table
    data_columns: tuple[str, ...]
    data_rows: tuple[tuple[object, ...], ...]

    def numbered(self, number: int) -> Chart:
        """The same chart as the one of its kind with this number, of further options."""
        return replace(self, key=f"{self.key}_{number}")


@dataclass(frozen=True)
class Row:
    """A line of a table of differences: what is measured, how it is counted, what came out."""

    name: str
    kind: Kind
    difference: Difference


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
    rows: Sequence[Sequence[object]],
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
    parts = [measure, about.area, about.period, counted(replications, "replication")]
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
        difference = row.difference
        option = (labels[difference.scenario],) if several else ()
        cells.append(
            (
                row.name,
                *option,
                *(
                    text.replace(" million", "m")
                    for text in (
                        # All rows of one measure round the baseline in the same way.
                        wording.level(row.kind, difference.baseline, *alike[row.name]),
                        wording.level(row.kind, difference.value, *alike[row.name]),
                        wording.signed_change(row.kind, difference),
                        wording.interval(row.kind, difference),
                    )
                ),
                wording.per_cent(difference),
                wording.direction(difference),
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


def difference_rows(rows: Sequence[Row]) -> list[tuple[object, ...]]:
    """The same lines unrounded, for the CSV beside a chart."""
    return [
        (
            row.name,
            difference.scenario,
            difference.kpi,
            difference.court,
            difference.group,
            difference.baseline,
            difference.value,
            difference.difference,
            difference.low,
            difference.high,
            difference.per_cent,
            difference.n,
            difference.verdict,
        )
        for row in rows
        for difference in (row.difference,)
    ]


def sentence(results: ResultsFolder, row: Row) -> str:
    """One difference as a sentence for an alternative text."""
    difference = row.difference
    labels = results.background.labels
    before, after = (
        wording.level(row.kind, value, difference)
        for value in (difference.baseline, difference.value)
    )
    verdict = (
        wording.direction(difference)
        if wording.is_too_small(difference)
        else wording.verdict(difference)
    )
    return (
        f"{row.name}: {before} in \u201c{labels[results.baseline]}\u201d "
        f"and {after} in \u201c{labels[difference.scenario]}\u201d, "
        f"a difference of {wording.signed_change(row.kind, difference)} "
        f"({wording.interval_named(row.kind, difference)}): {verdict}."
    )


# --- panels ---------------------------------------------------------------------------------


def looks(results: ResultsFolder) -> dict[str, Look]:
    """The look of the baseline and of every option drawn."""
    return {
        results.baseline: style.BASELINE,
        **dict(zip(results.options, style.LOOKS, strict=False)),
    }


def row_labels(axes: Axes, names: Sequence[str], width: int, *, bold: Sequence[int] = ()) -> None:
    """Name the rows of a panel; row i is at y = i, the first at the top."""
    axes.set_yticks(range(len(names)), [style.wrap(name, width) for name in names])
    for row, label in enumerate(axes.get_yticklabels()):
        label.set_fontweight("bold" if row in bold else "normal")
    axes.set_ylim(len(names) - 0.4, -0.6)


def name_rows(
    panels: Sequence[Axes], names: Sequence[str], width: int, *, bold: Sequence[int] = ()
) -> None:
    """Name the rows of the first panel; the panels to its right have the same rows."""
    row_labels(panels[0], names, width, bold=bold)
    for axes in panels[1:]:
        row_labels(axes, [""] * len(names), width)


# --- months ---------------------------------------------------------------------------------


def month_axis(axes: Axes, months: Sequence[str], most: int) -> None:
    """Ticks at the first of a month, at most about `most`; month i is between x = i and i + 1."""
    steps = (1, 2, 3, 6, 12, 24, 36, 60)
    step = next(
        (months_a_tick for months_a_tick in steps if len(months) / months_a_tick <= most), steps[-1]
    )
    places = list(range(0, len(months), step))
    names = [month_year(month_of(months[month])) for month in places]
    axes.set_xticks(places, [f"{name[:3]}\n{name.split()[1]}" for name in names])
    axes.set_xlim(0, len(months))


def place_of(day: dt.date, months: Sequence[str]) -> float:
    """The x of a day on a month axis."""
    first = month_of(months[0])
    full_months = (day.year - first.year) * 12 + day.month - first.month
    return full_months + (day.day - 1) / 31


def mark_dates(
    axes: Axes,
    days: Sequence[dt.date],
    months: Sequence[str],
    *,
    named: bool = True,
    upwards: bool = False,
) -> None:
    """A dotted line at the day of each of the first three changes.

    The names are at the top of the panel, or at its foot with `upwards`.
    """
    places = [(place_of(day, months), day) for day in days]
    shown = [mark for mark in places if 0 <= mark[0] <= len(months)]
    for rank, (x, day) in enumerate(shown[:3]):
        axes.axvline(x, color=style.DARK_GREY, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        if not named:
            continue
        month, year = month_year(day).split()
        late = x > 0.55 * len(months)
        style.note(
            axes,
            f"change {month[:3]} {year}",
            (x, 0.06 + 0.13 * rank if upwards else 0.99 - 0.13 * rank),
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
    known = [end for end in ends if math.isfinite(end[0])]
    low, high = axes.get_ylim()
    places = style.spread([end[0] for end in known], least * (high - low))
    for y, (_, text, look) in zip(places, known, strict=True):
        axes.annotate(
            style.wrap(f"{look.sign} {text}", characters, 3),
            (1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            ha="left",
            fontsize=8.5,
            annotation_clip=False,
        )
