"""Charts of a fit: the fitted distribution beside the published figures or beside the cases.

Charts of cases are drawn from the protected table, up to its horizon.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cjsim.calibration.fitting.disclosure import ProtectedTable
from cjsim.calibration.fitting.model_selection import Data, ModelSelection
from cjsim.calibration.fitting.report import NAMES
from cjsim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cjsim.calibration.fitting.distributions import Array, Distribution

_HEIGHT: Final = 2.9
_POINTS: Final = 400


@dataclass(frozen=True)
class Point:
    """A figure drawn as a point among cumulative shares; a `held_out` one is hollow."""

    time: float
    share: float
    time_error: float = 0.0
    share_error: float = 0.0
    held_out: bool = False


@dataclass(frozen=True)
class Seen:
    """The data drawn beside the distribution: shares by time, figures, a published mean."""

    steps: tuple[tuple[float, float], ...] = ()
    points: tuple[Point, ...] = ()
    mean: float = math.nan
    open_steps: tuple[tuple[float, float], ...] = ()
    open_points: tuple[Point, ...] = ()


def seen_of(data: Data) -> Seen:
    """The published figures as points and steps of a chart."""
    points: list[Point] = []
    open_points: list[Point] = []
    mean = math.nan
    for figure in data.figures:
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
        _shares(data.high, data.count),
        tuple(points),
        mean,
        _shares(data.age_high, data.age_count),
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
    title: str, subtitle: str, source: str, selection: ModelSelection, seen: Seen, unit: str
) -> bytes:
    """The chart as SVG: cumulative shares of completed cases, and of open ones if known."""
    with_open = bool(seen.open_steps or seen.open_points)
    with style.house_style():
        fig = style.figure(_HEIGHT + 0.55)
        count = 2 if with_open else 1
        (axes,) = style.grid(fig, 1, count)
        _panel(axes[0], selection, seen, unit)
        if with_open:
            _open_panel(axes[1], selection, seen, unit)
        style.frame(fig, title, subtitle, source)
        name = NAMES[selection.chosen.distribution.family.name]
        alternative = (
            f"Cumulative shares by time in {unit}: the {name} distribution as a line, the data as "
            "marks."
        )
        return style.svg_bytes(fig, title, alternative)


def _panel(axes: Axes, selection: ModelSelection, seen: Seen, unit: str) -> None:
    distribution = selection.chosen.distribution
    last = _last(
        distribution, [*(time for time, _ in seen.steps), *(point.time for point in seen.points)]
    )
    times = np.linspace(0.0, last, _POINTS)
    for index, fit in enumerate(selection.as_good):
        axes.plot(
            times,
            fit.distribution.cdf(times),
            color=style.GREY,
            linewidth=1.2,
            linestyle=(0, (4, 2)),
            label="distributions that fit as well" if index == 0 else None,
        )
    axes.plot(
        times,
        distribution.cdf(times),
        color=style.NAVY,
        label=f"{NAMES[distribution.family.name]}, the distribution chosen",
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
            [distribution.mean],
            [0.0],
            color=style.NAVY,
            marker="v",
            markersize=6,
            linestyle="none",
            clip_on=False,
            zorder=7,
            label="fitted mean",
        )
    finish(axes, last, f"{unit}", "share completed")


def _open_panel(axes: Axes, selection: ModelSelection, seen: Seen, unit: str) -> None:
    distribution = selection.chosen.distribution
    places = [*(time for time, _ in seen.open_steps), *(point.time for point in seen.open_points)]
    last = _last(distribution, places)
    times = np.linspace(0.0, last, _POINTS)
    for fit in selection.as_good:
        axes.plot(
            times,
            fit.distribution.open_cdf(times),
            color=style.GREY,
            linewidth=1.2,
            linestyle=(0, (4, 2)),
        )
    axes.plot(times, distribution.open_cdf(times), color=style.NAVY)
    _marks(axes, seen.open_steps, seen.open_points, "open cases, published")
    finish(axes, last, f"{unit} open so far", "share of open cases")


def _marks(
    axes: Axes, steps: Sequence[tuple[float, float]], points: Sequence[Point], label: str
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


def _last(distribution: Distribution, places: Sequence[float]) -> float:
    """The end of the axis: near the end of the distribution, or of the data close to it."""
    end = distribution.quantile(0.97)
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


def cases_chart(
    title: str, subtitle: str, source: str, table: ProtectedTable, selection: ModelSelection | None
) -> bytes:
    """The chart as SVG: shares completed by time with 95 % limits, and the fitted distributions."""
    times, still_open, low, high = table.curve()
    with style.house_style():
        fig = style.figure(_HEIGHT + 0.55)
        ((axes,),) = style.grid(fig, 1, 1)
        axes.fill_between(
            times,
            1.0 - high,
            1.0 - low,
            color=style.PLUM,
            alpha=0.15,
            linewidth=0,
            label="95 % limits",
        )
        axes.plot(
            times,
            1.0 - still_open,
            color=style.PLUM,
            linewidth=1.4,
            label="cases (Kaplan and Meier)",
        )
        if selection is not None:
            across = np.linspace(0.0, table.horizon, _POINTS)
            for index, fit in enumerate(selection.as_good):
                axes.plot(
                    across,
                    fit.distribution.cdf(across),
                    color=style.GREY,
                    linewidth=1.2,
                    linestyle=(0, (4, 2)),
                    label="distributions that fit as well" if index == 0 else None,
                )
            distribution = selection.chosen.distribution
            axes.plot(
                across,
                distribution.cdf(across),
                color=style.NAVY,
                label=f"{NAMES[distribution.family.name]}, the distribution chosen",
            )
        finish(axes, table.horizon, table.unit, "share completed")
        style.frame(fig, title, subtitle, source)
        fitted = "" if selection is None else " with the fitted distribution"
        alternative = (
            f"Share of cases completed by time in {table.unit}, up to {table.horizon:g}, after "
            f"Kaplan and Meier, with 95 % limits{fitted}."
        )
        return style.svg_bytes(fig, title, alternative)
