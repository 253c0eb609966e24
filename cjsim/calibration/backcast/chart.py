"""The chart of a back-cast: open cases by quarter with their bands, and what was published."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cjsim.calibration.backcast.scores import BACKCAST, CALIBRATED, PROJECTED, Quarter, in_bands
from cjsim.report import style
from cjsim.storage.outputs import write_output

KEY = "open_caseload_by_quarter"
SIMULATED, PUBLISHED = style.NAVY, style.INK
PHASES = {
    CALIBRATED: "Calibrated on",
    BACKCAST: "Back-cast: published, not used",
    PROJECTED: "Projected from receipts and sitting days",
}


def write_chart(quarters: Sequence[Quarter], folder: Path, *, one_in: float, source: str) -> Path:
    """Draw the chart into a folder as SVG and PNG; the path of the PNG."""
    with style.house_style():
        fig, title, alternative = drawn(quarters, one_in=one_in, source=source)
        files = {".svg": style.svg_bytes(fig, title, alternative), ".png": style.png_bytes(fig)}
    for ending, content in files.items():
        write_output(content, folder / f"{KEY}{ending}", "backcast", make_folder=True)
    return folder / f"{KEY}.png"


def drawn(quarters: Sequence[Quarter], *, one_in: float, source: str) -> tuple[Figure, str, str]:
    """The figure, its title, and a text alternative. Call it inside `style.house_style`."""
    fig = style.figure(4.1)
    axes = style.axes_at(fig, 0.75, 0.15, style.WIDTH - 0.75 - 1.35, 3.65)
    ends = [_day(quarter.end) for quarter in quarters]
    for low, high, alpha in (("low90", "high90", 0.16), ("low50", "high50", 0.3)):
        axes.fill_between(
            ends,
            [getattr(quarter, low) for quarter in quarters],
            [getattr(quarter, high) for quarter in quarters],
            color=SIMULATED,
            alpha=alpha,
            linewidth=0,
        )
    for phase, line in ((CALIBRATED, "-"), (BACKCAST, "-"), (PROJECTED, "--")):
        at = [index for index, quarter in enumerate(quarters) if quarter.phase == phase]
        if at:
            # A line starts where the line before it ends.
            at = [max(0, at[0] - 1), *at]
            axes.plot(
                [ends[index] for index in at],
                [quarters[index].simulated for index in at],
                color=SIMULATED,
                linestyle=line,
            )
    known = [
        (end, quarter.published)
        for end, quarter in zip(ends, quarters, strict=True)
        if not math.isnan(quarter.published)
    ]
    if known:
        axes.plot(
            *zip(*known, strict=True), color=PUBLISHED, marker="o", markersize=3.4, linestyle="none"
        )
    _phases(axes, quarters)
    _axes(axes, quarters)
    last = quarters[-1]
    plain = {"va": "center", "ha": "left", "bbox": None}
    style.note(
        axes,
        "Simulated mean,\n50 and 90 % bands",
        (ends[-1], last.simulated),
        xytext=(8, 0),
        color=SIMULATED,
        **plain,
    )
    if known:
        style.note(axes, "Published", known[-1], xytext=(7, 6), color=PUBLISHED, **plain)
    title = _title(quarters)
    subtitle = (
        "Open cases of the Crown Court at quarter ends, England and Wales. Bands: parameter "
        "uncertainty and Monte Carlo error."
        + (f" One simulated case stands for {one_in:g}." if one_in > 1 else "")
    )
    style.frame(fig, title, subtitle, source)
    return fig, title, _in_words(quarters)


def _day(date: dt.date) -> float:
    """A date's place on the axis of time."""
    return float(date.toordinal())


def _phases(axes: Axes, quarters: Sequence[Quarter]) -> None:
    """A rule where each phase begins, and its name at the top."""
    highest = [quarter.high90 for quarter in quarters]
    highest += [quarter.published for quarter in quarters if not math.isnan(quarter.published)]
    top = max(highest) * 1.16
    axes.set_ylim(0, top)
    before = None
    for index, quarter in enumerate(quarters):
        if quarter.phase == before:
            continue
        begins = quarters[max(index - 1, 0)].end
        count = sum(other.phase == quarter.phase for other in quarters)
        if before is not None:
            axes.axvline(_day(begins), color=style.DARK_GREY, linewidth=0.8, linestyle=":")
        axes.text(
            _day(begins + dt.timedelta(days=25)),
            top * 0.985,
            style.wrap(PHASES[quarter.phase], max(12, round(count * 1.9)), 3),
            fontsize=8,
            va="top",
            color=style.DARK_GREY,
        )
        before = quarter.phase


def _axes(axes: Axes, quarters: Sequence[Quarter]) -> None:
    style.bare(axes, keep=("bottom",))
    axes.grid(axis="y")
    axes.set_xlim(_day(quarters[0].end) - 30, _day(quarters[-1].end) + 20)
    years = range(quarters[0].end.year + 1, quarters[-1].end.year + 1)
    axes.set_xticks([_day(dt.date(year, 1, 1)) for year in years])
    axes.set_xticklabels([str(year) for year in years])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_ylabel("Open cases")


def _title(quarters: Sequence[Quarter]) -> str:
    judged = [
        quarter
        for quarter in quarters
        if quarter.phase == BACKCAST and not math.isnan(quarter.published)
    ]
    if not judged:
        return "Open Crown Court cases, simulated"
    _, in90, known = in_bands(quarters, BACKCAST)
    error = 100 * sum(abs(quarter.error) for quarter in judged) / len(judged)
    return f"Back-cast off by {error:.2g}% on average; {in90} of {known} quarters in the 90% band"


def _in_words(quarters: Sequence[Quarter]) -> str:
    parts = []
    for phase, name in PHASES.items():
        of_phase = [quarter for quarter in quarters if quarter.phase == phase]
        if of_phase:
            parts.append(
                f"{name}, {of_phase[0].end:%B %Y} to {of_phase[-1].end:%B %Y}: simulated from "
                f"{of_phase[0].simulated:,.0f} to {of_phase[-1].simulated:,.0f} open cases."
            )
    return "Line chart by quarter with bands; published figures are dots. " + " ".join(parts)
