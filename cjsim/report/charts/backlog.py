"""How likely the backlog is to be no larger than a level, by a date and under each scenario."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cjsim.formatting import numbers
from cjsim.formatting.dates import month_named
from cjsim.formatting.labels import OPEN_CASES
from cjsim.formatting.tables import Table
from cjsim.report import style
from cjsim.report.chart import (
    Chart,
    finish,
    looks,
)
from cjsim.report.data import Numbers, ResultsFolder, mean_of

HEIGHTS = (0.5, 0.7, 0.3, 0.9)
"""How high on its line each scenario has its marker, so that no two of them meet."""

MOST_DATES = 3
LEVELS = 5


def chance_of_backlog(results: ResultsFolder) -> Chart | None:
    """The share of replications in which open cases are at most so many, a panel for each date."""
    court = results.court_of(OPEN_CASES)
    if court is None or not results.options or not results.months:
        return None
    dates = year_ends(results.months)
    drawn = (results.baseline, *results.options)
    open_cases = {
        (name, month): finite(results.levels(name, "open_cases", court, "", month))
        for name in drawn
        for month in dates
    }
    if any(values.size == 0 for values in open_cases.values()):
        return None
    more = 0.0 if len(drawn) < 4 else 0.15  # a third line for long names
    fig = style.figure(3.25 + more, top=0.35 + more)
    (row,) = style.grid(fig, 1, len(dates))
    _key(results, fig, drawn, more)
    every = np.concatenate(list(open_cases.values()))
    reach = style.nice_limits(float(every.min()), float(every.max()))
    level = threshold(results, court, open_cases, dates[-1])
    for axes, month in zip(row, dates, strict=True):
        for rank, name in enumerate(drawn):
            _line(results, axes, name, open_cases[name, month], reach, HEIGHTS[rank])
        axes.axvline(level, color=style.DARK_GREY, linewidth=0.9, linestyle=(0, (1, 2)))
        air = 0.02 * (reach[1] - reach[0])
        axes.set_xlim(reach[0] - air, reach[1] + air)
        axes.set_ylim(0, 1.04)
        axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: numbers.plain(value, 0))
        axes.grid(axis="both")
        style.bare(axes, keep=("bottom",))
        if axes is not row[0]:
            axes.tick_params(labelleft=False)
        style.heading(axes, f"By the end of {month_named(month)}")
    row[0].set_xlabel("At most so many open cases", loc="left")
    last = dates[-1]
    chances = {name: chance(open_cases[name, last], level) for name in drawn}
    sentences = [
        f"{results.background.labels[name]}: {in_words(open_cases[name, last], level)}"
        for name in drawn
    ]
    before, after = chances[results.baseline], chances[results.focus]
    much = numbers.plain(level, 0)
    return finish(
        results,
        fig,
        key="backlog_chance",
        title=_title(results, open_cases, last, level),
        measure="Share of replications with at most so many open cases; dotted: "
        f"{much}{_where(results, court, level)}",
        alternative="Step lines that rise to 100 per cent, one for each scenario, a panel for "
        f"each date. At most {much} open cases by the end of {month_named(last)}, in replications: "
        f"{'; '.join(sentences)}. The chance {_goes(before, after)}.",
        table=_table(results, open_cases, dates, reach, level),
        columns=("scenario", "month", "open_cases", "share_of_replications"),
        rows=[
            (name, month, float(value), (index + 1) / values.size)
            for (name, month), values in open_cases.items()
            for index, value in enumerate(values)
        ],
    )


def year_ends(months: tuple[str, ...]) -> list[str]:
    """The months that end a year of the study, and the last; at most three of them."""
    ends = [month for month_index, month in enumerate(months, 1) if month_index % 12 == 0]
    if not ends or ends[-1] != months[-1]:
        ends.append(months[-1])
    return ends if len(ends) <= MOST_DATES else [ends[0], ends[len(ends) // 2], ends[-1]]


def finite(values: Numbers) -> Numbers:
    """Those that are numbers, in order."""
    return np.sort(values[np.isfinite(values)])


def chance(values: Numbers, level: float) -> float:
    """The share of replications that stay at or below a level."""
    return float((values <= level).mean())


def in_words(values: Numbers, level: float) -> str:
    """The same as a natural frequency: "27 of 30"."""
    return f"{int((values <= level).sum())} of {values.size}"


def threshold(
    results: ResultsFolder, court: str, open_cases: dict[tuple[str, str], Numbers], last: str
) -> float:
    """The level of the title: the baseline's open cases at the end of the first month.

    If no scenario's chance is anything but all or nothing alike there, it is the middle of all.
    """
    start = _start(results, court)
    chances = {chance(values, start) for (_, month), values in open_cases.items() if month == last}
    if len(chances) > 1:
        return start
    middle = float(np.median(np.concatenate([v for (_, m), v in open_cases.items() if m == last])))
    return _whole(middle)


def _line(
    results: ResultsFolder,
    axes: Axes,
    name: str,
    values: Numbers,
    reach: tuple[float, float],
    height: float,
) -> None:
    look = looks(results)[name]
    at = np.concatenate([[reach[0]], values, [reach[1]]])
    share = np.concatenate([[0.0], np.arange(1, values.size + 1) / values.size, [1.0]])
    axes.plot(at, share, drawstyle="steps-post", color=look.colour, linestyle=look.line)
    step = np.ceil(height * values.size - 1e-9).astype(int) - 1
    axes.plot(
        [values[max(0, step)]],
        [height],
        marker=look.marker,
        markersize=6,
        color=look.colour,
        markerfacecolor="white" if look is style.BASELINE else look.colour,
    )


def _key(results: ResultsFolder, fig: Figure, drawn: tuple[str, ...], more: float) -> None:
    """Each scenario's marker and name, once above the panels: their lines meet at both ends."""
    axes = style.axes_at(fig, 0.7, 0.02, style.WIDTH - 1.0, 0.28 + more)
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    for rank, name in enumerate(drawn):
        look = looks(results)[name]
        at = rank / len(drawn)
        axes.plot([at, at + 0.035], [0.5, 0.5], color=look.colour, linestyle=look.line)
        axes.plot(
            [at + 0.0175],
            [0.5],
            marker=look.marker,
            markersize=6,
            color=look.colour,
            markerfacecolor="white" if look is style.BASELINE else look.colour,
        )
        text = style.wrap(results.background.labels[name], 98 // len(drawn) - 4, 3 if more else 2)
        axes.text(at + 0.045, 0.5, text, fontsize=8.5, va="center")


def _goes(before: float, after: float) -> str:
    sizes = f"{100 * before:.0f}% to {100 * after:.0f}%"
    if before == after:
        return f"stays at {100 * before:.0f}%"
    return f"{'rises' if after > before else 'falls'} from {sizes}"


def _title(
    results: ResultsFolder, open_cases: dict[tuple[str, str], Numbers], last: str, level: float
) -> str:
    """In how many runs the backlog of the option in focus grows, and that of the baseline.

    A few replications give no chance in per cent: they are counted.
    """
    values, before = open_cases[results.focus, last], open_cases[results.baseline, last]
    court = results.court_of(OPEN_CASES)
    if court is not None and level == _start(results, court):
        grown, grown_before = (int((cases > level).sum()) for cases in (values, before))
        return f"Backlog grows in {grown} of {values.size} runs, baseline in {grown_before}"
    within, was = (int((cases <= level).sum()) for cases in (values, before))
    much = numbers.plain(level, 0)
    return f"At most {much} cases: {within} of {values.size} runs, baseline {was}"


def _where(results: ResultsFolder, court: str, level: float) -> str:
    """What the level is, where it is the baseline\u2019s first month."""
    return ", where the baseline began" if level == _start(results, court) else ""


def _start(results: ResultsFolder, court: str) -> float:
    """The baseline\u2019s open cases at the end of the first month, rounded."""
    first = mean_of(results.levels(results.baseline, "open_cases", court, "", results.months[0]))
    return _whole(first)


def _whole(cases: float) -> float:
    """A level as it is shown, in full cases."""
    return float(round(cases, -max(0, numbers.level_exponent([cases]))))


def _table(
    results: ResultsFolder,
    open_cases: dict[tuple[str, str], Numbers],
    dates: list[str],
    reach: tuple[float, float],
    level: float,
) -> Table:
    """In how many replications each scenario stays at or below some round levels."""
    exponent = max(0, numbers.level_exponent([reach[1]]))
    steps = {float(round(x, -exponent)) for x in np.linspace(*reach, LEVELS + 2)[1:-1]}
    rows = [
        (
            f"At most {numbers.plain(cases, 0)}",
            f"end of {month_named(month)}",
            *(
                in_words(open_cases[name, month], cases)
                for name in (results.baseline, *results.options)
            ),
        )
        for cases in sorted({*steps, level})
        for month in dates
    ]
    labels = results.background.labels
    return Table(
        "In how many replications open cases are at most so many",
        ("Open cases", "When", *(labels[name] for name in (results.baseline, *results.options))),
        tuple(rows),
    )
