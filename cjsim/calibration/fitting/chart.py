"""A fitted law drawn against its data, in the house style of the charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cjsim.calibration.fitting.model_selection import Known, Selection
from cjsim.calibration.fitting.text import NAMES
from cjsim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cjsim.calibration.fitting.distributions import Array, Distribution

_HEIGHT: Final = 2.9
_POINTS: Final = 400


@dataclass(frozen=True)
class Point:
    """A figure that has a place among cumulative shares; `held_out` is drawn hollow."""

    time: float
    share: float
    time_error: float = 0.0
    share_error: float = 0.0
    held_out: bool = False


@dataclass(frozen=True)
class Seen:
    """What is drawn beside the law: counted shares by time, figures, a published mean."""

    steps: tuple[tuple[float, float], ...] = ()
    points: tuple[Point, ...] = ()
    mean: float = math.nan
    open_steps: tuple[tuple[float, float], ...] = ()
    open_points: tuple[Point, ...] = ()


def seen_of(known: Known) -> Seen:
    """The data of published figures as they can be drawn."""
    points: list[Point] = []
    open_points: list[Point] = []
    mean = math.nan
    for figure in known.figures:
        if figure.kind == "mean" and not figure.held_out:
            mean = figure.value
        elif figure.kind == "quantile":
            points.append(
                Point(
                    figure.value, figure.at, time_error=figure.tolerance, held_out=figure.held_out
                )
            )
        elif figure.kind in ("share_above", "open_share_above") and not figure.at_least:
            point = Point(
                figure.at,
                1.0 - figure.value,
                share_error=figure.tolerance,
                held_out=figure.held_out,
            )
            (points if figure.kind == "share_above" else open_points).append(point)
        elif figure.kind == "share_at_zero" and not figure.at_least:
            points.append(
                Point(0.0, figure.value, share_error=figure.tolerance, held_out=figure.held_out)
            )
    return Seen(
        _shares(known.high, known.count),
        tuple(points),
        mean,
        _shares(known.age_high, known.age_count),
        tuple(open_points),
    )


def _shares(upper: Array, counts: Array) -> tuple[tuple[float, float], ...]:
    if not len(counts):
        return ()
    shares = np.cumsum(counts) / counts.sum()
    return tuple(
        (float(time), float(share))
        for time, share in zip(upper, shares, strict=True)
        if math.isfinite(time)
    )


def fit_chart(
    title: str, subtitle: str, source: str, choice: Selection, seen: Seen, unit: str
) -> bytes:
    """The chart as SVG: cumulative shares of completed cases, and of open ones if known."""
    with_open = bool(seen.open_steps or seen.open_points)
    with style.house_style():
        fig = style.figure(_HEIGHT + 0.55)
        count = 2 if with_open else 1
        (axes,) = style.grid(fig, 1, count)
        _panel(axes[0], choice, seen, unit)
        if with_open:
            _open_panel(axes[1], choice, seen, unit)
        style.frame(fig, title, subtitle, source)
        alternative = (
            f"Cumulative shares by time in {unit}: the {NAMES[choice.chosen.law.family.name]} law "
            "that was fitted as a line, the data as marks."
        )
        return style.svg_bytes(fig, title, alternative)


def _panel(axes: Axes, choice: Selection, seen: Seen, unit: str) -> None:
    law = choice.chosen.law
    last = _last(law, [*(time for time, _ in seen.steps), *(point.time for point in seen.points)])
    times = np.linspace(0.0, last, _POINTS)
    for place, fit in enumerate(choice.as_good):
        axes.plot(
            times,
            fit.law.cdf(times),
            color=style.GREY,
            linewidth=1.2,
            linestyle=(0, (4, 2)),
            label="laws that fit as well" if place == 0 else None,
        )
    axes.plot(
        times, law.cdf(times), color=style.NAVY, label=f"{NAMES[law.family.name]}, the law chosen"
    )
    _marks(axes, seen.steps, seen.points, "published counts")
    if math.isfinite(seen.mean):
        axes.plot(
            [seen.mean],
            [0.0],
            color=style.PLUM,
            marker="^",
            markersize=8,
            linestyle="none",
            clip_on=False,
            zorder=6,
            label="published mean",
        )
        axes.plot(
            [law.mean],
            [0.0],
            color=style.NAVY,
            marker="v",
            markersize=6,
            linestyle="none",
            clip_on=False,
            zorder=7,
            label="mean of the law",
        )
    finish(axes, last, f"{unit}", "share completed")


def _open_panel(axes: Axes, choice: Selection, seen: Seen, unit: str) -> None:
    law = choice.chosen.law
    places = [*(time for time, _ in seen.open_steps), *(point.time for point in seen.open_points)]
    last = _last(law, places)
    times = np.linspace(0.0, last, _POINTS)
    for fit in choice.as_good:
        axes.plot(
            times, fit.law.open_cdf(times), color=style.GREY, linewidth=1.2, linestyle=(0, (4, 2))
        )
    axes.plot(times, law.open_cdf(times), color=style.NAVY)
    _marks(axes, seen.open_steps, seen.open_points, "open cases, published")
    finish(axes, last, f"{unit} open so far", "share of open cases")


def _marks(
    axes: Axes,
    steps: Sequence[tuple[float, float]],
    points: Sequence[Point],
    label: str,
) -> None:
    if steps:
        axes.plot(
            [time for time, _ in steps],
            [share for _, share in steps],
            color=style.PLUM,
            marker="o",
            markersize=5,
            linestyle="none",
            label=label,
            zorder=5,
        )
    for held_out, name in ((False, "published figures"), (True, "compared, not fitted")):
        of_kind = [point for point in points if point.held_out is held_out]
        if of_kind:
            axes.errorbar(
                [point.time for point in of_kind],
                [point.share for point in of_kind],
                xerr=[point.time_error for point in of_kind],
                yerr=[point.share_error for point in of_kind],
                color=style.PLUM,
                marker="D",
                markersize=6,
                linestyle="none",
                capsize=3,
                markerfacecolor="white" if held_out else style.PLUM,
                label=name,
                zorder=5,
            )


def _last(law: Distribution, places: Sequence[float]) -> float:
    """How far the axis goes: to nearly the end of the law, or of the data that lie near it."""
    end = law.quantile(0.97)
    near = [time for time in places if time <= 3.0 * end]
    return max([end, *(1.08 * time for time in near)])


def finish(axes: Axes, last: float, across: str, up: str) -> None:
    """Axes of cumulative shares by time up to `last`, with a legend where lines have names."""
    axes.set_xlim(0.0, last)
    axes.set_ylim(0.0, 1.02)
    axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(visible=True, axis="both")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right", frameon=True, edgecolor="none", fontsize=8, framealpha=1.0)
    style.bare(axes)
