"""Simulated against published: how far the baseline lies from each figure, and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from cjsim.experiment.show import both_ends
from cjsim.report import numbers, style
from cjsim.report.chart import Chart, Table, finish
from cjsim.report.data import ResultsFolder
from cjsim.report.labels import kind_of

FARTHEST = 60.0
"""Per cent off the published figure beyond which a point is drawn at the edge of the panel."""

MOST_ROOMY = 16

FITTED, HELD_OUT, LAW = "fitted", "held out", "law"
ORDER = (FITTED, HELD_OUT, LAW)


@dataclass(frozen=True)
class Published:
    """One published figure and the baseline's own: the ends of the figure, the band that passes.

    `low` and `high` bound what passes, `from_` and `to` the simulated mean's 95% interval; `use`
    is `fitted`, `held out`, or empty where nobody said; or `law`, where it is no published figure
    but what a law says that was fitted to some.
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
        """Whether the simulated mean lies within the band."""
        return self.low <= self.mean <= self.high


def met(figures: Sequence[Published]) -> str:
    """How many figures are met, for a sentence."""
    return f"{sum(one.inside for one in figures)} of {len(figures)}"


def parted(figures: Sequence[Published]) -> tuple[list[Published], list[Published]]:
    """The figures that are published, and those that a law says which was fitted to some."""
    laws = [one for one in figures if one.use == LAW]
    return [one for one in figures if one.use != LAW], laws


def against_published(results: ResultsFolder, figures: Sequence[Published]) -> Chart | None:
    """Each figure's distance from the baseline in per cent, with the band that is allowed."""
    drawn = sorted(
        (one for one in figures if math.isfinite(one.mean) and sum(one.published) != 0),
        key=lambda one: ORDER.index(one.use) if one.use in ORDER else len(ORDER),
    )
    if not drawn:
        return None
    # Many rows stand closer, so that they can still be read where all of them are on one page.
    each = 0.29 if len(drawn) <= MOST_ROOMY else 0.2
    fig = style.figure(each * len(drawn) + 0.85)
    (axes,) = style.panels(fig, 1, left=3.35, top=0.3, height=each * len(drawn), right=1.15)
    for place, one in enumerate(drawn):
        _row(axes, place, one)
        if place and drawn[place - 1].use != one.use:
            axes.axhline(place - 0.5, color=style.DARK_GREY, linewidth=0.8)
    axes.axvline(0, color=style.DARK_GREY, linewidth=1)
    reach = min(FARTHEST, 5 + max(abs(_off(one, one.mean)) for one in drawn) * 1.1)
    reach = max(reach, 20.0)
    axes.set_xlim(-reach, reach)
    names = [style.wrap(one.title, 54, 1) for one in drawn]
    axes.set_yticks(range(len(drawn)), names)
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.xaxis.set_major_formatter(
        lambda value, _: f"{value:+g}%".replace("-", numbers.MINUS) if value else "0"
    )
    axes.locator_params(axis="x", nbins=5)
    axes.grid(axis="x")
    style.bare(axes, keep=())
    axes.set_title(
        "Simulated, per cent off published; grey: allowed",
        loc="left",
        fontsize=9.5,
        fontweight="bold",
        pad=6,
    )
    published, laws = parted(figures)
    # The rows say which were fitted: the line below the title has no room for more.
    by_law = f"; law: from a law fitted to such figures, {met(laws)} in" if laws else ""
    of_laws = f", and {met(laws)} from a law fitted to such figures" if laws else ""
    told = " ".join(
        f"{one.title}: published {_both(one)}, simulated {_value(one, one.mean)}: "
        f"{'in' if one.inside else 'out'}."
        for one in drawn
    )
    return finish(
        results,
        fig,
        key="against_published",
        title=f"The baseline meets {met(published)} published figures",
        measure=f"The baseline beside published figures, 95% intervals; hollow: out{by_law}",
        alternative=f"Dot plot of {len(drawn)} figures. Of those published {met(published)} are "
        f"met{of_laws}. {told}",
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
                one.title,
                one.unit,
                *one.published,
                one.low,
                one.high,
                one.mean,
                one.from_,
                one.to,
                str(one.inside).lower(),
                one.use,
                one.source,
            )
            for one in figures
        ],
    )


def _off(one: Published, value: float) -> float:
    middle = sum(one.published) / 2
    return 100 * (value / middle - 1)


def _row(axes: Axes, place: int, one: Published) -> None:
    ends = [_off(one, end) for end in (one.low, one.high)]
    low, high = (max(-1e3, min(1e3, end)) for end in ends)
    axes.barh([place], [high - low], left=low, height=0.62, color=style.GREY, alpha=0.6)
    at = max(-FARTHEST, min(FARTHEST, _off(one, one.mean)))
    colour = style.NAVY if one.inside else style.PLUM
    if math.isfinite(one.from_) and math.isfinite(one.to):
        axes.plot(
            [_off(one, one.from_), _off(one, one.to)], [place, place], color=colour, linewidth=1.6
        )
    axes.plot(
        [at],
        [place],
        marker="o" if one.inside else "D",
        markersize=6,
        color=colour,
        markerfacecolor=colour if one.inside else "white",
        zorder=4,
        clip_on=False,
    )
    text = ("in" if one.inside else "out") + (f", {one.use}" if one.use else "")
    if abs(_off(one, one.mean)) > FARTHEST:
        text += f", {numbers.plain(_off(one, one.mean), 0)}%"
    style.note(
        axes, text, (1.0, place), xycoords=("axes fraction", "data"), xytext=(6, 0), bbox=None
    )


def _value(one: Published, value: float) -> str:
    kind = kind_of("", one.unit)
    shown = numbers.in_shown_unit(kind, value)
    exponent = numbers.level_exponent([shown])
    return numbers.amount(kind, shown, exponent)


def _both(one: Published) -> str:
    low, high = one.published
    return both_ends(_value(one, low), _value(one, high))


def _table(figures: Sequence[Published]) -> Table:
    rows = []
    for one in figures:
        top = _value(one, one.high) if math.isfinite(one.high) else "any more"
        interval = "no interval"
        if math.isfinite(one.from_) and math.isfinite(one.to):
            interval = both_ends(_value(one, one.from_), _value(one, one.to))
        rows.append(
            (
                one.title,
                _both(one),
                f"{_value(one, one.low)} to {top}",
                _value(one, one.mean) if math.isfinite(one.mean) else "no value",
                interval,
                "in" if one.inside else "out",
                one.use or "not said",
                one.source,
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
