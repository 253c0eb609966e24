"""A shock: ineffective trials at once, open cases later, and how long the backlog outlives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cjsim.formatting import numbers
from cjsim.formatting.dates import month_named, month_of, short_day
from cjsim.formatting.labels import OPEN_CASES, courts_to_try
from cjsim.formatting.words import sentence_case
from cjsim.report import style
from cjsim.report.chart import (
    Chart,
    Row,
    difference_table,
    end_labels,
    finish,
    looks,
    mark_dates,
    month_axis,
    place_of,
    sentence,
)
from cjsim.report.data import Numbers, ResultsFolder, bands, mean_of
from cjsim.report.run_metadata import Shock

INEFFECTIVE = "trials_ineffective_share"
QUIET_MONTHS = 3
"""A backlog is gone when this many months running show no clear difference."""

LATE = 0.4
"""Beyond this share of the months a note is to the left of its point."""
MANY, NARROW = 3, 12

Fate = Literal["none", "gone", "left"]


@dataclass(frozen=True)
class Backlog:
    """What a shock leaves behind: nothing clear, a backlog that goes, or one that is left.

    `months` is for how long it is seen after the shock has ended; `peak` its largest month's
    place and mean size, in cases above the baseline.
    """

    fate: Fate
    months: int
    peak_at: int
    peak: float

    def in_words(self) -> str:
        """How long the backlog outlives the shock, for a sentence."""
        if self.fate == "none":
            return "leaves no clear backlog"
        if self.fate == "gone" and self.months == 0:
            return "leaves a backlog that is not clear once it is over"
        least = "at least " if self.fate == "left" else ""
        months = "month" if self.months == 1 else "months"
        return f"leaves a backlog that outlives it by {least}{self.months} {months}"


def backlog_after(middle: Numbers, low: Numbers, starts: float, ends: float) -> Backlog:
    """The backlog after a shock; month i ends at i + 1 on the axis of `starts` and `ends`.

    `middle` and `low` are the paired difference in open cases at each month's end and the lower
    bound of its interval, of shape (months,).
    """
    count = len(middle)
    clear = [index for index in range(count) if index + 1 > starts and low[index] > 0]
    after = [index for index in range(count) if index + 1 > starts]
    peak_at = max(after, key=lambda index: middle[index], default=0)
    peak = float(middle[peak_at]) if count else 0.0
    if not clear:
        return Backlog("none", 0, peak_at, peak)
    first = clear[0]
    gone = next(
        (
            index
            for index in range(first, count - QUIET_MONTHS + 1)
            if not any(low[later] > 0 for later in range(index, index + QUIET_MONTHS))
        ),
        None,
    )
    # The last month's end at which it was still clear, counted from the day the shock was over.
    last = gone if gone is not None else count
    months = max(0, round(last - ends))
    return Backlog("left" if gone is None else "gone", months, peak_at, peak)


def relieves(low: Numbers, high: Numbers) -> bool:
    """Whether open cases are clearly fewer in some month and clearly more in none.

    A change for the better that comes to an end, such as more sitting days, is no shock.
    """
    return bool((high < 0).any() and not (low > 0).any())


@dataclass(frozen=True)
class Column:
    """The panels of one option, one below the other, and what is drawn in them."""

    scenario: str
    look: style.Look
    shock: Shock | None
    shares: Axes
    cases: Axes
    more: Axes

    @property
    def panels(self) -> tuple[Axes, Axes, Axes]:
        """Ineffective trials, open cases, and the difference in open cases."""
        return self.shares, self.cases, self.more


def shock(results: ResultsFolder) -> Chart | None:
    """Ineffective trials and open cases month by month, with the months of the shock shaded."""
    shocks = results.background.shocks
    trials, backlog = _court(results, INEFFECTIVE), results.court_of(OPEN_CASES)
    struck = [name for name in results.options if name in shocks]
    if not struck or trials is None or backlog is None:
        return None
    gaps = [results.monthly_differences(name, "open_cases", backlog) for name in struck]
    if all(relieves(low, high) for _, low, high in gaps):
        return None
    few = len(results.options) < MANY
    heights = (1.25, 1.35, 1.35)
    fig = style.figure(sum(heights) + 1.7)
    rows = style.grid(fig, 3, len(results.options), heights=heights)
    columns = [
        Column(name, looks(results)[name], shocks.get(name), *panels)
        for name, *panels in zip(results.options, *rows, strict=True)
    ]
    data: list[tuple[object, ...]] = []
    left: dict[str, Backlog] = {}
    for column in columns:
        _levels(results, column, column.shares, (INEFFECTIVE, trials))
        _levels(results, column, column.cases, ("open_cases", backlog))
        monthly = _difference(results, column, backlog)
        if column.shock is not None:
            starts, over = _places(column.shock, results.months)
            left[column.scenario] = backlog_after(monthly[0], monthly[1], starts, over)
        data += _data(results, column.scenario, trials, backlog, monthly)
        _months(results, column)
    _scales(rows)
    for column in columns:
        if column.shock is not None:
            _told(
                column, column.shock, left[column.scenario], results.months, 19 if few else NARROW
            )
    for row, text in zip(rows, ("Ineffective trials", "Open cases", "Difference"), strict=True):
        row[0].set_ylabel(text)
        for axes in row[1:]:
            axes.tick_params(labelleft=False)
    fig.align_ylabels([row[0] for row in rows])
    return _finished(results, fig, left, data, (trials, backlog))


def _levels(results: ResultsFolder, column: Column, axes: Axes, measured: tuple[str, str]) -> None:
    """Baseline and option month by month; cases are counted at the months' ends."""
    labels = results.background.labels
    at = np.arange(len(results.months), dtype=np.float64)
    at += 1.0 if measured[0] == "open_cases" else 0.5
    ends = []
    for scenario in (results.baseline, column.scenario):
        look = style.BASELINE if scenario == results.baseline else column.look
        shown = bands(results.series(scenario, *measured), (0.05, 0.5, 0.95))
        _band(axes, at, shown, look)
        label = labels[scenario] if scenario == results.baseline else "with it"
        ends.append((float(shown[1][-1]), label, look))
    axes.set_ylim(0, None)
    few = len(results.options) < MANY
    end_labels(axes, ends, characters=16 if few else 11, least=0.2)


def _difference(
    results: ResultsFolder, column: Column, court: str
) -> tuple[Numbers, Numbers, Numbers]:
    """Draws and returns the paired difference in open cases at each month's end."""
    middle, low, high = results.monthly_differences(column.scenario, "open_cases", court)
    at = np.arange(1.0, len(results.months) + 1.0, dtype=np.float64)
    _band(column.more, at, [low, middle, high], column.look)
    column.more.axhline(0, color=style.DARK_GREY, linewidth=0.9)
    return middle, low, high


def _months(results: ResultsFolder, column: Column) -> None:
    """The months below, the shock shaded; a change that does not end is marked by its date."""
    about, months, count = results.background, results.months, len(results.options)
    for axes in column.panels:
        style.bare(axes, keep=() if axes is column.more else ("bottom",))
        axes.grid(axis="y")
        month_axis(axes, months, 5 if count < MANY else 3)
        axes.tick_params(labelbottom=axes is column.more)
        if column.shock is not None:
            starts, over = _places(column.shock, months)
            axes.axvspan(starts, over, color=style.GREY, alpha=0.35, linewidth=0, zorder=0)
        else:
            mark_dates(axes, about.starts(column.scenario), months, named=axes is column.shares)
    style.panel_title(column.shares, column.look, about.labels[column.scenario], 88 // count, 3)


def _told(
    column: Column, episode: Shock, left: Backlog, months: tuple[str, ...], width: int
) -> None:
    """The shock's dates, its backlog's peak and how long that outlives it, in words."""
    _name_shock(column.shares, episode, months, few=width > NARROW)
    style.note(
        column.more,
        style.wrap(sentence_case(left.in_words()), width, 8),
        (1.0, 0.5),
        xycoords="axes fraction",
        xytext=(5, 0),
        fontweight="bold",
    )
    if left.fate != "none":
        late = left.peak_at > LATE * len(months)
        style.note(
            column.more,
            _peak(left, months),
            (left.peak_at + 1.0, left.peak),
            xytext=(0, 6),
            ha="right" if late else "left",
            va="bottom",
        )


def _places(episode: Shock, months: tuple[str, ...]) -> tuple[float, float]:
    """Where a shock begins and where it is over on the axis of months."""
    return place_of(episode.starts, months), place_of(episode.ends, months)


def _finished(
    results: ResultsFolder,
    fig: Figure,
    left: dict[str, Backlog],
    rows: list[tuple[object, ...]],
    courts: tuple[str, str],
) -> Chart:
    about, shocks = results.background, results.background.shocks
    cells = [
        Row("Ineffective trials, whole period", "share", difference)
        for name in results.options
        if (difference := results.difference(name, INEFFECTIVE, courts[0])) is not None
    ]
    for name, backlog in left.items():
        peak = results.months[backlog.peak_at]
        cells += [
            Row(
                f"Open cases at the end of {month_named(month)}",
                "count",
                results.difference_in(name, "open_cases", courts[1], "", month),
            )
            for month in dict.fromkeys(
                (_last_month(shocks[name], results.months), peak, results.months[-1])
            )
        ]
    names = list(dict.fromkeys(row.name for row in cells))
    cells.sort(key=lambda row: names.index(row.name))
    sentences = [
        f"\u201c{about.labels[name]}\u201d lasts from {short_day(shocks[name].starts)} to "
        f"{short_day(shocks[name].last)} and {backlog.in_words()}"
        + (
            f"; most, {numbers.plain(backlog.peak, 0)} cases above the baseline, at the end of "
            f"{month_named(results.months[backlog.peak_at])}"
            if backlog.fate != "none"
            else ""
        )
        + "."
        for name, backlog in left.items()
    ]
    return finish(
        results,
        fig,
        key="shock",
        title=shock_title(left),
        measure="Shaded: while it lasts. Medians, bands of 90% of replications; below, difference "
        "in open cases, 95% interval",
        alternative="Line charts, a column for each option, the baseline dashed in grey. "
        + " ".join([*sentences, *(sentence(results, row) for row in cells)]),
        table=difference_table(results, "Before and after the shock", cells),
        columns=(
            "scenario",
            "month",
            "ineffective_share",
            "ineffective_share_baseline",
            "open_cases",
            "open_cases_baseline",
            "difference",
            "low",
            "high",
        ),
        rows=rows,
    )


def shock_title(left: dict[str, Backlog]) -> str:
    """How long the longest backlog outlives its shock."""
    seen = [backlog for backlog in left.values() if backlog.fate != "none"]
    if not seen:
        return "The shock leaves no clear backlog"
    longest = max(seen, key=lambda backlog: (backlog.fate == "left", backlog.months))
    if longest.fate == "gone" and longest.months == 0:
        # The last month with a clear difference was during the shock.
        return "No clear backlog is left once the shock is over"
    least = "at least " if longest.fate == "left" else ""
    months = "month" if longest.months == 1 else "months"
    subject = "The backlog" if len(left) == 1 else "The longest backlog"
    return f"{subject} outlives its shock by {least}{longest.months} {months}"


def _court(results: ResultsFolder, kpi: str) -> str | None:
    return next(
        (court for court in courts_to_try() if "" in results.groups(kpi, court)),
        None,
    )


def _band(axes: Axes, at: Numbers, shown: list[Numbers], look: style.Look) -> None:
    axes.fill_between(at, shown[0], shown[2], color=look.colour, alpha=0.2, linewidth=0)
    axes.plot(at, shown[1], color=look.colour, linestyle=look.line, linewidth=1.5)


def _scales(rows: list[list[Axes]]) -> None:
    """One scale in each row of panels, with air for a note above the highest line."""
    for row_index, row in enumerate(rows):
        low = min(axes.get_ylim()[0] for axes in row)
        high = max(axes.get_ylim()[1] for axes in row)
        for axes in row:
            axes.set_ylim(low, high + 0.18 * (high - low))
            if row_index == 0:
                axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
            else:
                axes.yaxis.set_major_formatter(lambda value, _: numbers.plain(value, 0))
            axes.locator_params(axis="y", nbins=4)


def _name_shock(axes: Axes, episode: Shock, months: tuple[str, ...], *, few: bool) -> None:
    starts, over = _places(episode, months)
    late = over > LATE * len(months)
    # In narrow panels the dates need a second line.
    to = " to " if few else " to\n"
    style.note(
        axes,
        f"{short_day(episode.starts)}{to}{short_day(episode.last)}",
        (starts if late else over, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(-3 if late else 3, 0),
        va="top",
        ha="right" if late else "left",
        color=style.DARK_GREY,
    )


def _peak(backlog: Backlog, months: tuple[str, ...]) -> str:
    month, year = month_named(months[backlog.peak_at]).split()
    return f"+{numbers.plain(backlog.peak, 0)} in {month[:3]} {year}"


def _last_month(episode: Shock, months: tuple[str, ...]) -> str:
    """The last month that the shock touched, or the first of the period."""
    before = [month for month in months if month_of(month) < episode.ends]
    return before[-1] if before else months[0]


def _data(
    results: ResultsFolder,
    name: str,
    trials: str,
    backlog: str,
    difference: tuple[Numbers, Numbers, Numbers],
) -> list[tuple[object, ...]]:
    """The unrounded means of each month, for the CSV beside the chart."""
    series = [
        results.series(scenario, kpi, court)
        for kpi, court in ((INEFFECTIVE, trials), ("open_cases", backlog))
        for scenario in (name, results.baseline)
    ]
    return [
        (
            name,
            month,
            *(mean_of(values[:, index]) for values in series),
            *(float(values[index]) for values in difference),
        )
        for index, month in enumerate(results.months)
    ]
