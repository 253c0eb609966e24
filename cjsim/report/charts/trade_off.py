"""The trade-off of a policy in steps: what each step gains against what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes

from cjsim.formatting import numbers
from cjsim.formatting.labels import Noun, courts_to_try, kind_of, noun_of, title_of
from cjsim.formatting.numbers import Kind
from cjsim.formatting.words import lower_first, sentence_case
from cjsim.report import style, wording
from cjsim.report.chart import (
    Chart,
    Row,
    finish_rows,
    sentence,
)
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.label_placement import Bar, place_labels
from cjsim.report.run_metadata import Side, TradeOff


@dataclass(frozen=True)
class Measured:
    """A measure of a trade-off as the results have it."""

    kpi: str
    court: str
    group: str
    kind: Kind
    noun: Noun

    @property
    def axis(self) -> str:
        """The measure on an axis, with the court, list or pool that it is of."""
        counted = {
            "share": "per cent",
            "days": "days",
            "gbp": "GBP",
            "hours": "hours",
            "minutes": "minutes",
            "nights": "nights",
        }.get(self.kind, "")
        where = [title_of(self.group)] if self.kpi == "utilisation" and self.group else []
        where += [counted] if counted else []
        return ", ".join([sentence_case(self.noun.text), *map(lower_first, where)])


def trade_offs(results: ResultsFolder) -> Iterator[Chart]:
    """A chart for each trade-off that the experiment asks for and the results can show."""
    for number, trade_off in enumerate(results.background.trade_offs, 1):
        sides = [found_sides(results, trade_off, side) for side in (trade_off.gain, trade_off.loss)]
        if all(sides) and len(trade_off.steps) > 1:
            yield _chart(results, trade_off, sides[0], sides[1], f"trade_off_{number}")


def missing_sides(results: ResultsFolder) -> list[str]:
    """What a trade-off asks for and these results have not, in words."""
    return [
        f"\u201c{trade_off.title}\u201d asks for {side.measure}"
        + (f" of {side.group}" if side.group else "")
        + (f" in court {side.court}" if side.court else "")
        + ", which these results do not have."
        for trade_off in results.background.trade_offs
        for side in (*trade_off.gain, *trade_off.loss)
        if _measured(results, trade_off, side) is None
    ]


def found_sides(
    results: ResultsFolder, trade_off: TradeOff, sides: tuple[Side, ...]
) -> list[Measured]:
    """Those measures of one side that every step has."""
    return [
        measured for side in sides if (measured := _measured(results, trade_off, side)) is not None
    ]


def _measured(results: ResultsFolder, trade_off: TradeOff, side: Side) -> Measured | None:
    courts = (side.court,) if side.court else courts_to_try()
    groups = ("", "mean") if side.group is None else (side.group,)
    for court in courts:
        for group in groups:
            if all(
                math.isfinite(results.mean(step, side.measure, court, group))
                for step in trade_off.steps
            ):
                kind = kind_of(side.measure, results.unit_of(side.measure))
                return Measured(side.measure, court, group, kind, noun_of(side.measure, group))
    return None


def _chart(
    results: ResultsFolder,
    trade_off: TradeOff,
    gains: list[Measured],
    losses: list[Measured],
    key: str,
) -> Chart:
    height = 2.55 if len(losses) > 1 else 3.1
    fig = style.figure(len(losses) * height + 0.75)
    rows_of_axes = style.grid(fig, len(losses), len(gains))
    panels: dict[tuple[int, int], Axes] = {}
    for row, loss in enumerate(losses):
        for column, (axes, gain) in enumerate(zip(rows_of_axes[row], gains, strict=True)):
            panels[row, column] = axes
            _panel(results, trade_off, axes, gain, loss)
            axes.set_xlabel(gain.axis if row == len(losses) - 1 else "")
            axes.set_ylabel(style.wrap(loss.axis, 30) if column == 0 else "")
    _one_scale(panels, len(losses), len(gains))
    # Names are placed between points and bars, whose places on the page must be settled by then.
    style.settle(fig)
    for (row, column), axes in panels.items():
        _label(results, trade_off, axes, gains[column], losses[row])
    ends = list(trade_off.steps)
    moved = {
        measured: results.difference_between(
            ends[0], ends[-1], measured.kpi, measured.court, measured.group
        )
        for measured in (*gains, *losses)
    }
    rows = [
        Row(measured.axis.removesuffix(", per cent"), measured.kind, difference)
        for measured in (*gains, *losses)
        for step in trade_off.steps
        if step != results.baseline
        and (difference := results.difference(step, measured.kpi, measured.court, measured.group))
        is not None
    ]
    first, last = trade_off.steps[ends[0]], trade_off.steps[ends[-1]]
    sentences = [_told(measured, moved[measured]) for measured in (*gains, *losses)]
    return finish_rows(
        results,
        fig,
        key=key,
        title=trade_off_title(gains, losses, moved),
        measure=f"{trade_off.title}: {len(ends)} steps from {first} to {last}; hollow: the "
        "baseline; bars: 95% interval of the difference from it",
        alternative=f"Scatter plot of {len(ends)} steps joined by a line, the baseline as a hollow "
        f"dot. From {first} to {last}: {'; '.join(sentences)}. "
        + " ".join(
            sentence(results, row) for row in rows if row.difference.scenario in (ends[0], ends[-1])
        ),
        caption=f"{trade_off.title}, step by step",
        rows=rows,
    )


def trade_off_title(
    gains: list[Measured], losses: list[Measured], moved: dict[Measured, Difference]
) -> str:
    """What the whole way from the first step to the last does to the clearest on each side."""
    gain, loss = (
        next((measured for measured in side if wording.is_clear(moved[measured])), side[0])
        for side in (gains, losses)
    )
    both = [gain, loss] if wording.is_clear(moved[gain]) else [loss, gain]
    clear = [measured for measured in both if wording.is_clear(moved[measured])]
    sentences = [_told(measured, moved[measured]) for measured in both]
    if not clear:
        return wording.title(
            f"No clear change in {gain.noun.text} or {loss.noun.text}", "No clear trade-off"
        )
    if len(clear) == 1:
        other = both[1].noun.text
        return wording.title(
            f"{sentences[0]}; {other} not clearly changed", f"{sentences[0]}", sentences[0]
        )
    return wording.title(f"{sentences[0]}, {lower_first(sentences[1])}", sentences[1])


def _told(measured: Measured, difference: Difference) -> str:
    return wording.moves(
        sentence_case(measured.noun.text),
        measured.kind,
        difference,
        singular=measured.noun.singular,
    )


def _panel(
    results: ResultsFolder, trade_off: TradeOff, axes: Axes, gain: Measured, loss: Measured
) -> None:
    """The steps joined in their order, each with its intervals across and upwards."""
    at = [_at(results, step, gain, loss) for step in trade_off.steps]
    axes.plot([x for x, _ in at], [y for _, y in at], color=style.GREY, linewidth=1.6, zorder=1)
    for step, (x, y) in zip(trade_off.steps, at, strict=True):
        if step == results.baseline:
            axes.plot(
                [x],
                [y],
                marker="o",
                markersize=9,
                color=style.DARK_GREY,
                markerfacecolor="white",
                markeredgewidth=1.8,
                zorder=4,
            )
            continue
        for measured, run_steps in ((gain, "x"), (loss, "y")):
            low, high = _ends(results, step, measured)
            if not (math.isfinite(low) and math.isfinite(high)):
                continue
            xs, ys = ([low, high], [y, y]) if run_steps == "x" else ([x, x], [low, high])
            axes.plot(xs, ys, color=style.NAVY, linewidth=1, alpha=0.6, zorder=2)
        axes.plot([x], [y], marker="s", markersize=5.5, color=style.NAVY, zorder=3)
    style.scale(axes, "x", _writer(gain.kind), 5)
    style.scale(axes, "y", _writer(loss.kind), 5)
    style.bare(axes)


def _writer(kind: Kind) -> style.Write:
    """How an axis writes its numbers."""
    if kind == "share":
        return numbers.axis_share
    return numbers.pounds_short if kind == "gbp" else numbers.axis_number


def _at(results: ResultsFolder, step: str, gain: Measured, loss: Measured) -> tuple[float, float]:
    x, y = (
        results.mean(step, measured.kpi, measured.court, measured.group)
        for measured in (gain, loss)
    )
    return x, y


def _ends(results: ResultsFolder, step: str, measured: Measured) -> tuple[float, float]:
    """The interval of the difference from the baseline, laid around the step's own level."""
    difference = results.difference(step, measured.kpi, measured.court, measured.group)
    if difference is None:
        return math.nan, math.nan
    middle = (
        results.mean(step, measured.kpi, measured.court, measured.group) - difference.difference
    )
    return middle + difference.low, middle + difference.high


def _one_scale(panels: dict[tuple[int, int], Axes], rows: int, columns: int) -> None:
    """Panels of a column share the x axis, panels of a row the y axis."""
    for column in range(columns):
        ends = [panels[row, column].get_xlim() for row in range(rows)]
        low, high = min(end[0] for end in ends), max(end[1] for end in ends)
        for row in range(rows):
            panels[row, column].set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
            panels[row, column].tick_params(labelbottom=row == rows - 1)
    for row in range(rows):
        ends = [panels[row, column].get_ylim() for column in range(columns)]
        low, high = min(end[0] for end in ends), max(end[1] for end in ends)
        for column in range(columns):
            panels[row, column].set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))
            panels[row, column].tick_params(labelleft=column == 0)


def _label(
    results: ResultsFolder, trade_off: TradeOff, axes: Axes, gain: Measured, loss: Measured
) -> None:
    """Name each step beside its point, away from points, bars and other names."""
    points = [(label, *_at(results, step, gain, loss)) for step, label in trade_off.steps.items()]
    bars: list[Bar] = []
    for step, (_, x, y) in zip(trade_off.steps, points, strict=True):
        (left, right), (foot, top) = (_ends(results, step, measured) for measured in (gain, loss))
        bars += [(left, y, right, y), (x, foot, x, top)] if step != results.baseline else []
    place_labels(axes, points, bars, bold=list(trade_off.steps).index(results.baseline))
