"""All options compared: each headline's difference from the baseline."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from cjsim.formatting import numbers
from cjsim.formatting.labels import short_name
from cjsim.formatting.words import lower_first, sentence_case
from cjsim.measures.comparison import TOO_FEW
from cjsim.report import style, wording
from cjsim.report.board.headlines import Headline, headlines
from cjsim.report.chart import (
    Chart,
    Row,
    finish_rows,
    name_rows,
    sentence,
)
from cjsim.report.data import ResultsFolder

MOST_PANELS = 4
FEWEST_OPTIONS = 2


def options_side_by_side(results: ResultsFolder) -> Chart | None:
    """A row for every option and a panel for every headline, with 95% intervals."""
    options = results.scenarios[1:]
    shown_headlines = headlines(results.showing(options))[:MOST_PANELS]
    if len(options) < FEWEST_OPTIONS or not shown_headlines:
        return None
    labels = results.background.labels
    each = 0.42
    fig = style.figure(each * len(options) + 1.3)
    (row,) = style.grid(fig, 1, len(shown_headlines))
    for axes, headline in zip(row, shown_headlines, strict=True):
        _panel(axes, headline, options)
        name = short_name(headline.kpi) or headline.name
        if headline.kpi == "cost_gbp" and results.background.price_base:
            name = f"{name}, {results.background.price_base} prices"
        style.heading(axes, style.wrap(name, 19, 2))
    name_rows(row, [labels[name] for name in options], 25)
    rows = [
        Row(headline.name, row.kind, row.difference)
        for headline in shown_headlines
        for row in headline.rows
    ]
    sentences = [sentence(results, row) for row in rows]
    slight = any(wording.is_too_small(row.difference) for row in rows)
    return finish_rows(
        results,
        fig,
        key="options",
        title=_title(results, shown_headlines[0]),
        measure="Difference from the baseline with 95% interval, every option; hollow: not clear"
        + (" or too small to matter" if slight else ""),
        alternative=f"Dot plot with a row for each of {len(options)} options. "
        + " ".join(sentences),
        caption="Every option against the baseline",
        rows=rows,
    )


def _panel(axes: Axes, headline: Headline, options: tuple[str, ...]) -> None:
    by_option = {row.difference.scenario: row for row in headline.rows}
    ends = [0.0]
    for y, name in enumerate(options):
        row = by_option.get(name)
        if row is None or not math.isfinite(row.difference.difference):
            continue
        difference = row.difference
        low, middle, high = (
            numbers.in_shown_unit(row.kind, value)
            for value in (difference.low, difference.difference, difference.high)
        )
        verdict = wording.verdict(difference)
        colour = {"better": style.NAVY, "worse": style.PLUM}.get(verdict, style.DARK_GREY)
        if math.isfinite(low) and math.isfinite(high):
            axes.plot([low, high], [y, y], color=colour, linewidth=1.8)
            ends += [low, high]
        ends.append(middle)
        axes.plot(
            [middle],
            [y],
            marker="D" if verdict == "worse" else "o",
            markersize=6,
            color=colour,
            markerfacecolor=colour if wording.is_clear(difference) else "white",
        )
        text = (
            wording.signed_change(row.kind, difference)
            .replace(" million", "m")
            .replace(" points", "")
        )
        style.note(axes, text, (middle, y), xytext=(0, 7), ha="center", va="bottom")
    low, high = min(ends), max(ends)
    air = 0.22 * (high - low or 1.0)
    axes.set_xlim(low - air, high + air)
    axes.axvline(0, color=style.DARK_GREY, linewidth=1)
    money = headline.rows[0].kind == "gbp"
    style.scale(axes, "x", numbers.pounds_short if money else numbers.axis_change, 3)


def _title(results: ResultsFolder, headline: Headline) -> str:
    """Which option moves the first headline most, if any clearly does."""
    clear = [row for row in headline.rows if wording.is_clear(row.difference)]
    if any(row.difference.verdict == TOO_FEW for row in headline.rows):
        return f"Too few replications to judge {lower_first(headline.noun)}"
    if not clear:
        return f"No option clearly changes {lower_first(headline.noun)}"
    most = max(clear, key=lambda row: abs(row.difference.difference))
    label = results.background.labels[most.difference.scenario]
    moved = wording.moves(sentence_case(headline.noun), most.kind, most.difference)
    size = moved.rpartition(" ")[2]
    verb = moved.removesuffix(f" {size}")
    return wording.title(
        f"{verb} most with \u201c{label}\u201d: {size}",
        f"{moved} at most",
        "What each option changes",
    )
