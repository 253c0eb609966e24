"""Simulated against published: the baseline's distance from each figure, and the allowed band."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from cjsim.formatting import numbers
from cjsim.formatting.labels import kind_of
from cjsim.formatting.tables import Table
from cjsim.report import style
from cjsim.report.chart import (
    Chart,
    finish,
    row_labels,
)
from cjsim.report.data import ResultsFolder

FARTHEST = 60.0
"""Per cent off the published figure beyond which a point is drawn at the edge of the panel."""

MOST_ROOMY = 16

FITTED, SEEN, BLIND, LAW = "fitted", "seen", "blind", "law"
ORDER = (FITTED, SEEN, BLIND, LAW)


@dataclass(frozen=True)
class Published:
    """One published figure and the baseline's own: the ends of the figure, the band that passes.

    `low` and `high` bound what passes, `from_` and `to` the simulated mean's 95% interval; `use`
    is `fitted`, `seen`, `blind` or empty (not known); or `law` for a figure that comes from a
    distribution fitted to published figures.
    """

    title: str
    unit: str
    published: tuple[float, float]
    low: float
    high: float
    mean: float
    from_: float
    to: float
    source: str
    use: str = ""

    @property
    def inside(self) -> bool:
        """Whether the simulated mean is within the band."""
        return self.low <= self.mean <= self.high


def met(figures: Sequence[Published]) -> str:
    """How many figures are met, for a sentence."""
    return f"{sum(figure.inside for figure in figures)} of {len(figures)}"


def parted(figures: Sequence[Published]) -> tuple[list[Published], list[Published]]:
    """Published figures, and figures from distributions fitted to published ones."""
    laws = [figure for figure in figures if figure.use == LAW]
    return [figure for figure in figures if figure.use != LAW], laws


def against_published(results: ResultsFolder, figures: Sequence[Published]) -> Chart | None:
    """Each figure's distance from the baseline in per cent, with the band that is allowed."""
    drawn = sorted(
        (figure for figure in figures if math.isfinite(figure.mean) and sum(figure.published) != 0),
        key=lambda figure: ORDER.index(figure.use) if figure.use in ORDER else len(ORDER),
    )
    if not drawn:
        return None
    # Many rows are closer together, so that they fit on one page.
    each = 0.29 if len(drawn) <= MOST_ROOMY else 0.2
    fig = style.figure(each * len(drawn) + 0.85)
    ((axes,),) = style.grid(fig, 1, 1)
    for y, figure in enumerate(drawn):
        _row(axes, y, figure)
        if y and drawn[y - 1].use != figure.use:
            axes.axhline(y - 0.5, color=style.DARK_GREY, linewidth=0.8)
    axes.axvline(0, color=style.DARK_GREY, linewidth=1)
    reach = min(FARTHEST, 5 + max(abs(_off(figure, figure.mean)) for figure in drawn) * 1.1)
    reach = max(reach, 20.0)
    axes.set_xlim(-reach, reach)
    row_labels(axes, [style.wrap(figure.title, 54, 1) for figure in drawn], 60)
    style.scale(axes, "x", _per_cent, 5)
    style.heading(axes, "Simulated, per cent off published; grey: allowed")
    published, laws = parted(figures)
    # The rows show which figures were fitted.
    by_law = f"; distribution: from one fitted to such figures, {met(laws)} in" if laws else ""
    of_laws = f", and {met(laws)} from a distribution fitted to such figures" if laws else ""
    text = " ".join(
        f"{figure.title}: published {_both(figure)}, simulated {_value(figure, figure.mean)}: "
        f"{'in' if figure.inside else 'out'}."
        for figure in drawn
    )
    return finish(
        results,
        fig,
        key="against_published",
        title=f"The baseline meets {met(published)} published figures",
        measure=f"The baseline beside published figures, 95% intervals; hollow: out{by_law}",
        alternative=f"Dot plot of {len(drawn)} figures. Of those published {met(published)} are "
        f"met{of_laws}. {text}",
        table=_table(figures),
        columns=(
            "figure",
            "unit",
            "published_low",
            "published_high",
            "allowed_low",
            "allowed_high",
            "simulated",
            "low",
            "high",
            "inside",
            "use",
            "source",
        ),
        rows=[
            (
                figure.title,
                figure.unit,
                *figure.published,
                figure.low,
                figure.high,
                figure.mean,
                figure.from_,
                figure.to,
                str(figure.inside).lower(),
                figure.use,
                figure.source,
            )
            for figure in figures
        ],
    )


def _per_cent(value: float) -> str:
    return f"{numbers.axis_change(value)}%" if value else "0"


def _off(figure: Published, value: float) -> float:
    middle = sum(figure.published) / 2
    return 100 * (value / middle - 1)


def _row(axes: Axes, y: int, figure: Published) -> None:
    ends = [_off(figure, end) for end in (figure.low, figure.high)]
    low, high = (max(-1e3, min(1e3, end)) for end in ends)
    axes.barh([y], [high - low], left=low, height=0.62, color=style.GREY, alpha=0.6)
    at = max(-FARTHEST, min(FARTHEST, _off(figure, figure.mean)))
    colour = style.NAVY if figure.inside else style.PLUM
    if math.isfinite(figure.from_) and math.isfinite(figure.to):
        axes.plot(
            [_off(figure, figure.from_), _off(figure, figure.to)],
            [y, y],
            color=colour,
            linewidth=1.6,
        )
    axes.plot(
        [at],
        [y],
        marker="o" if figure.inside else "D",
        markersize=6,
        color=colour,
        markerfacecolor=colour if figure.inside else "white",
        zorder=4,
        clip_on=False,
    )
    text = ("in" if figure.inside else "out") + (f", {_use(figure)}" if figure.use else "")
    if abs(_off(figure, figure.mean)) > FARTHEST:
        text += f", {numbers.plain(_off(figure, figure.mean), 0)}%"
    style.note(axes, text, (1.0, y), xycoords=("axes fraction", "data"), xytext=(6, 0), bbox=None)


def _value(figure: Published, value: float) -> str:
    kind = kind_of("", figure.unit)
    shown = numbers.in_shown_unit(kind, value)
    exponent = numbers.level_exponent([shown])
    return numbers.amount(kind, shown, exponent)


def _use(figure: Published) -> str:
    """How the calibration used a figure, as a reader knows it."""
    return "distribution" if figure.use == LAW else figure.use


def _both(figure: Published) -> str:
    low, high = figure.published
    return numbers.both_ends(_value(figure, low), _value(figure, high))


def _table(figures: Sequence[Published]) -> Table:
    rows = []
    for figure in figures:
        top = _value(figure, figure.high) if math.isfinite(figure.high) else "any more"
        interval = "no interval"
        if math.isfinite(figure.from_) and math.isfinite(figure.to):
            interval = numbers.both_ends(_value(figure, figure.from_), _value(figure, figure.to))
        rows.append(
            (
                figure.title,
                _both(figure),
                f"{_value(figure, figure.low)} to {top}",
                _value(figure, figure.mean) if math.isfinite(figure.mean) else "no value",
                interval,
                "in" if figure.inside else "out",
                _use(figure) or "not known",
                figure.source,
            )
        )
    return Table(
        "Published figures and the baseline",
        (
            "Figure",
            "Published",
            "Allowed",
            "Simulated",
            "95% interval",
            "In or out",
            "Use",
            "Source",
        ),
        tuple(rows),
    )
