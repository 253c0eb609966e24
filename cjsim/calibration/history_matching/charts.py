"""Charts of a calibration: targets before and after, ranges left, pairs, correlations."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from cjsim.calibration.history_matching.history import nth_largest
from cjsim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cjsim.calibration.history_matching.results import MatchingResult, ParameterRow, TargetRow

Numbers = npt.NDArray[np.float64]

MOST_PAIRED: Final = 6
"""The number of parameters shown in pairs: those with the narrowest ranges left."""

BINS: Final = 14
_LOOKED_AT: Final = 8192
_LINE: Final = 0.27
_EDGE: Final = 1.6
_Interval = tuple[float | None, float | None, float | None]


def targets_chart(rows: Sequence[TargetRow], source: str) -> bytes:
    """Each target before and after, on a scale from the published figure to the allowed edge."""
    shown = [row for row in rows if row.allowed_high is not None]
    shown.sort(key=lambda row: not row.fitted)
    height = _LINE * len(shown) + 0.55
    with style.house_style():
        fig = style.figure(height + 0.3)
        axes = style.axes_at(fig, 3.6, 0.3, style.WIDTH - 3.85, height - 0.3)
        axes.axvspan(-1, 1, color="#EEF3F7", zorder=0)
        axes.axvline(0, color=style.DARK_GREY, linewidth=0.8)
        places = list(range(len(shown), 0, -1))
        for place, row in zip(places, shown, strict=True):
            before = (row.before, row.before_low, row.before_high)
            after = (row.after, row.after_low, row.after_high)
            _interval(axes, row, before, place + 0.14, style.DARK_GREY, "o")
            _interval(axes, row, after, place - 0.14, style.NAVY, "s")
        axes.set_yticks(places, [_label(row) for row in shown])
        not_fitted_count = sum(not row.fitted for row in shown)
        if 0 < not_fitted_count < len(shown):
            axes.axhline(
                not_fitted_count + 0.5, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 2))
            )
        axes.set_xlim(-_EDGE, _EDGE)
        axes.set_ylim(0.4, len(shown) + 0.6)
        ticks = (-1, -0.5, 0, 0.5, 1)
        names = ["lowest\nallowed", "half", "published", "half", "highest\nallowed"]
        axes.set_xticks(ticks, names)
        axes.grid(visible=True, axis="x")
        for look, name in ((style.DARK_GREY, "before"), (style.NAVY, "plausible sets")):
            marker = "o" if name == "before" else "s"
            axes.plot([], [], color=look, marker=marker, linestyle="-", markersize=5, label=name)
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=2,
            frameon=False,
            fontsize=8.5,
            borderaxespad=0.1,
        )
        style.bare(axes)
        title = "Each target, before and after"
        subtitle = (
            "Before: the uncalibrated model with its 95 % interval. After: the mean of the "
            "plausible sets with 90 % of them. Below the broken line: not fitted."
        )
        style.frame(fig, title, subtitle, source)
        return style.svg_bytes(fig, title, "Marks and intervals for each target; see the table.")


def _label(row: TargetRow) -> str:
    return style.wrap(row.title, 58, 1)


def _interval(
    axes: Axes, row: TargetRow, interval: _Interval, place: float, colour: str, marker: str
) -> None:
    """A mark with its interval; an arrow at the edge marks a value beyond it."""
    mean, low, high = interval
    if mean is None or row.allowed_high is None:
        return
    middle = (row.allowed_low + row.allowed_high) / 2.0
    half = (row.allowed_high - row.allowed_low) / 2.0
    at = (mean - middle) / half
    if abs(at) > _EDGE:
        marker = ">" if at > 0 else "<"
    at = float(np.clip(at, -_EDGE + 0.04, _EDGE - 0.04))
    if low is not None and high is not None:
        ends = [(end - middle) / half for end in (low, high)]
        axes.plot(np.clip(ends, -_EDGE, _EDGE), [place, place], color=colour, linewidth=1.4)
    axes.plot([at], [place], color=colour, marker=marker, markersize=5, linestyle="none", zorder=4)


def numbers_chart(result: MatchingResult, rows: Sequence[ParameterRow], source: str) -> bytes:
    """The ranges of each parameter: bounds, not ruled out, likely, and the plausible sets."""
    height = 0.34 * len(rows) + 0.5
    with style.house_style():
        fig = style.figure(height + 0.3)
        axes = style.axes_at(fig, 3.5, 0.3, style.WIDTH - 3.75, height - 0.3)
        places = list(range(len(rows), 0, -1))
        for axis, (place, row) in enumerate(zip(places, rows, strict=True)):

            def share_of_range(level: float | None, row: ParameterRow = row) -> float:
                width = row.high - row.low
                return np.nan if level is None else float((level - row.low) / width)

            axes.plot([0, 1], [place, place], color=style.RULE, linewidth=7, solid_capstyle="butt")
            for low, high, width, colour in (
                ("left_low", "left_high", 7, style.SKY),
                ("likely_low", "likely_high", 7, style.NAVY),
            ):
                ends = [share_of_range(getattr(row, low)), share_of_range(getattr(row, high))]
                axes.plot(
                    ends, [place, place], color=colour, linewidth=width, solid_capstyle="butt"
                )
            sets = result.sets[:, axis]
            axes.plot(
                sets,
                np.full(len(sets), place - 0.3),
                color=style.TEAL,
                marker="|",
                markersize=6,
                linestyle="none",
            )
            axes.plot(
                [share_of_range(row.as_it_is)],
                [place],
                color=style.PLUM,
                marker="D",
                markersize=6,
                linestyle="none",
                clip_on=False,
                zorder=5,
                markeredgecolor="white",
            )
        axes.set_yticks(places, [_numbered(row) for row in rows])
        axes.set_xlim(0, 1)
        axes.set_ylim(0.4, len(rows) + 0.6)
        left, right = axes.set_xticks([0, 1], ["lower bound", "upper bound"])
        left.label1.set_horizontalalignment("left")
        right.label1.set_horizontalalignment("right")
        _legend(axes)
        style.bare(axes, keep=("left",))
        title = "Ranges left for each parameter"
        subtitle = (
            "The targets do not identify a parameter whose likely range is nearly as wide as its "
            "bounds."
        )
        style.frame(fig, title, subtitle, source)
        return style.svg_bytes(fig, title, "Ranges for each free parameter; see the table.")


def _numbered(row: ParameterRow) -> str:
    factor = "\u00d7" if row.is_factor else ""
    name = style.wrap(short_name(row.parameter), 40, 1)
    return f"{name}  {factor}{row.low:g}\u2013{row.high:g}"


def short_name(path: str) -> str:
    """A path as words: `branches.late_guilty_plea.probability` is "late guilty plea"."""
    parts = path.split(".")
    ends = ("probability", "duration", "capacity", "over_listing")
    inner = parts[1:-1] if parts[-1] in ends else parts[1:]
    said = ".".join(inner).replace("_", " ")
    return f"{said}, over-listing" if parts[-1] == "over_listing" else said


def _legend(axes: Axes) -> None:
    for colour, name in (
        (style.RULE, "ruled out"),
        (style.SKY, "left"),
        (style.NAVY, "likely, 90 %"),
    ):
        axes.plot([], [], color=colour, linewidth=7, label=name)
    axes.plot([], [], color=style.TEAL, marker="|", linestyle="none", label="sets")
    axes.plot([], [], color=style.PLUM, marker="D", linestyle="none", label="as it is")
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=5,
        frameon=False,
        fontsize=8.5,
        handlelength=1.4,
        columnspacing=1.2,
        borderaxespad=0.1,
    )


def pairs_chart(result: MatchingResult, rows: Sequence[ParameterRow], source: str) -> bytes:
    """The least implausibility for pairs of the parameters with the narrowest ranges."""
    width = [
        (row.likely_high - row.likely_low) / (row.high - row.low)
        if row.likely_low is not None and row.likely_high is not None
        else 1.0
        for row in rows
    ]
    axes_shown = sorted(np.argsort(width, kind="stable")[:MOST_PAIRED].tolist())
    history = result.history
    points = history.whole(_LOOKED_AT)
    implausibility = nth_largest(history.waves[-1].implausibilities(points), history.maximum)
    count = max(len(axes_shown) - 1, 1)
    size = min((style.WIDTH - 2.6) / count, 2.2)
    with style.house_style():
        fig = style.figure(size * count + 0.75)
        image = None
        for row, column in itertools.product(range(count), range(count)):
            if column > row or len(axes_shown) < 2:
                continue
            across, up = axes_shown[column], axes_shown[row + 1]
            left, top = 1.9 + column * size, 0.1 + row * size
            axes = style.axes_at(fig, left, top, size - 0.08, size - 0.08)
            least = _least(points[:, across], points[:, up], implausibility)
            image = axes.imshow(
                least.T,
                origin="lower",
                extent=(0, 1, 0, 1),
                cmap="Blues_r",
                vmin=0,
                vmax=2 * history.cut,
                aspect="auto",
                interpolation="nearest",
            )
            axes.set_xticks([])
            axes.set_yticks([])
            if row == count - 1:
                name = short_name(rows[across].parameter)
                axes.set_xlabel(style.wrap(name, max(10, int(size * 14)), 3), fontsize=8)
            if column == 0:
                axes.set_ylabel(
                    style.wrap(short_name(rows[up].parameter), 22, 3),
                    fontsize=8,
                    rotation=0,
                    ha="right",
                    va="center",
                )
        if image is not None:
            bar = style.axes_at(fig, style.WIDTH - 0.62, 0.2, 0.14, max(size * count * 0.6, 1.0))
            colours = fig.colorbar(image, cax=bar)
            cut = history.cut
            colours.set_ticks([0, cut, 2 * cut], labels=["0", f"{cut:g}: cut", f"{2 * cut:g}+"])
        title = "Implausibility by pairs of parameters"
        subtitle = (
            "The least value with the other parameters free, over the bounds of both. Dark is "
            "plausible. A slanting band is a pair that can compensate for each other."
        )
        style.frame(fig, title, subtitle, source)
        return style.svg_bytes(fig, title, "Squares shaded by the least implausibility.")


def _least(across: Numbers, up: Numbers, implausibility: Numbers) -> Numbers:
    """The least value in each cell of a square; NaN in cells without a point."""
    least = np.full((BINS, BINS), np.inf)
    cells = [np.minimum((axis * BINS).astype(int), BINS - 1) for axis in (across, up)]
    np.minimum.at(least, (cells[0], cells[1]), implausibility)
    return np.where(np.isfinite(least), least, np.nan)


def correlations_chart(result: MatchingResult, rows: Sequence[ParameterRow], source: str) -> bytes:
    """Correlations of the parameters over the space that is left."""
    left = result.history.candidates(2000)
    count = len(rows)
    together = np.eye(count)
    if len(left) > 2:
        with np.errstate(invalid="ignore", divide="ignore"):
            together = np.nan_to_num(np.corrcoef(left, rowvar=False), nan=0.0).reshape(count, count)
    size = min(0.44 * count, 5.0)
    with style.house_style():
        fig = style.figure(size + 1.2)
        axes = style.axes_at(fig, 2.7, 0.05, size, size)
        axes.imshow(together, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
        names = [style.wrap(short_name(row.parameter), 34, 1) for row in rows]
        axes.set_yticks(range(count), names, fontsize=8.5)
        axes.set_xticks(range(count), [str(index + 1) for index in range(count)], fontsize=8.5)
        axes.set_yticklabels([f"{name}  {index + 1}" for index, name in enumerate(names)])
        for row, column in itertools.product(range(count), range(count)):
            value = float(together[row, column])
            if row != column and abs(value) >= 0.05:
                colour = "white" if abs(value) > 0.6 else style.INK
                text = f"{value:+.1f}".replace("-", "\u2212")
                axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color=colour)
        style.bare(axes, keep=())
        title = "Correlations of the parameters"
        subtitle = "Over the space that is left. Blue: high with high. Red: high with low."
        style.frame(fig, title, subtitle, source)
        return style.svg_bytes(fig, title, "A square of correlations between the free parameters.")
