"""The style of all charts: colours, sizes, layout, frame, and reproducible files.

Figures are made with matplotlib's object interface, so no display and no global state are needed.
All lengths are in inches, all texts are plain: a dollar sign in a label is a dollar sign.
"""

from __future__ import annotations

import io
import math
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal
from weakref import WeakSet

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from cjsim.storage.plain import PlainTable

NAVY: Final = "#12436D"
TEAL: Final = "#28A197"
DARK_TEAL: Final = "#1B6E67"
PLUM: Final = "#801650"
SKY: Final = "#6BACE6"
DARK_GREY: Final = "#3D3D3D"
GREY: Final = "#BFBFBF"
INK: Final = "#0B0C0C"
RULE: Final = "#D9D9D9"

FONTS: Final = ("Arial", "Liberation Sans", "DejaVu Sans")
FONT_FAMILY: Final = "Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
"""The same fonts as CSS writes them."""

WIDTH: Final = 8.0
MARGIN: Final = 0.12
HEADER: Final = 0.95
FOOTER: Final = 0.45
POINTS_PER_INCH: Final = 72
PNG_DOTS_PER_INCH: Final = 150


Write = Callable[[float], str]
"""How an axis writes a number."""


@dataclass(frozen=True)
class Look:
    """A scenario's look: never colour alone, so a marker and a line style go with it."""

    colour: str
    marker: str
    line: str | tuple[float, tuple[float, ...]]
    sign: str


BASELINE: Final = Look(DARK_GREY, "o", (0.0, (4.0, 2.0)), "\u25cb")
LOOKS: Final = (
    Look(NAVY, "s", "-", "\u25a0"),
    Look(TEAL, "^", (0.0, (6.0, 1.5, 1.0, 1.5)), "\u25b2"),
    Look(PLUM, "D", (0.0, (1.5, 1.2)), "\u25c6"),
)
"""At most three scenarios beside the baseline: four series are as many as a reader can follow."""


def _fonts() -> list[str]:
    """The installed fonts among Arial and its substitutes, to avoid a warning."""
    installed = set(font_manager.get_font_names())
    return [name for name in FONTS if name in installed]


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and save figures in the style of all charts."""
    settings: PlainTable = {
        "font.family": _fonts(),
        "font.size": 9.5,
        "text.parse_math": False,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": DARK_GREY,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "axes.formatter.use_mathtext": False,
        "xtick.color": DARK_GREY,
        "ytick.color": DARK_GREY,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "grid.color": RULE,
        "grid.linewidth": 0.7,
        "lines.linewidth": 1.8,
        "svg.fonttype": "none",
        "svg.hashsalt": "cjsim",
        "path.simplify": False,
    }
    # What a user's matplotlibrc says must not change a chart, but the backend is none of ours.
    rules: dict[Any, Any] = {**mpl.rcParamsDefault, **settings}
    rules.pop("backend", None)
    with mpl.rc_context(rules):
        yield


def figure(body_height: float, *, top: float = 0.0) -> Figure:
    """An empty figure with a body of `body_height` inches between its header and its footer.

    Matplotlib's constrained layout fits the axes of a `grid`, with all their labels and notes, into
    the body below its first `top` inches, which are free for a legend.
    """
    height = HEADER + body_height + FOOTER
    fig = Figure(figsize=(WIDTH, height), facecolor="white")
    rect = (
        MARGIN / WIDTH,
        FOOTER / height,
        1 - 2 * MARGIN / WIDTH,
        (body_height - top) / height,
    )
    engine = ConstrainedLayoutEngine(rect=rect, w_pad=0.06, h_pad=0.04, wspace=0.0, hspace=0.0)
    fig.set_layout_engine(engine)
    return fig


def axes_at(fig: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a fixed place, for a legend: in inches from the left edge and below the header."""
    whole_width, whole_height = (float(side) for side in fig.get_size_inches())
    bottom = whole_height - HEADER - top - height
    return fig.add_axes(
        (left / whole_width, bottom / whole_height, width / whole_width, height / whole_height)
    )


def grid(
    fig: Figure, rows: int, columns: int, *, heights: Sequence[float] | None = None
) -> list[list[Axes]]:
    """Small multiples: axes of one width in rows and columns, in rows of relative `heights`."""
    axes = fig.subplots(rows, columns, squeeze=False, height_ratios=heights)
    return [list(row) for row in axes]


def frame(fig: Figure, title: str, subtitle: str, source: str) -> None:
    """Write the title, the subtitle and the source line around the axes."""
    height = float(fig.get_size_inches()[1])
    lines = "\n".join(shorten_lines(subtitle, 98, 2))
    fig.text(0.15 / WIDTH, 1 - 0.16 / height, title, fontsize=14, fontweight="bold", va="top")
    fig.text(0.15 / WIDTH, 1 - 0.48 / height, lines, fontsize=9.5, color=DARK_GREY, va="top")
    source_lines = "\n".join(shorten_lines(source, 112, 2))
    fig.text(0.15 / WIDTH, 0.08 / height, source_lines, fontsize=8, color=DARK_GREY, va="bottom")


def shorten_lines(text: str, width: int, most: int) -> list[str]:
    """The text in at most `most` lines of `width` characters, the last one cut if need be."""
    lines = textwrap.wrap(text, width, break_long_words=True) or [""]
    if len(lines) > most:
        rest = " ".join(lines[most - 1 :])[: width - 1].rstrip(" ,;:")
        lines = [*lines[: most - 1], rest + "\u2026"]
    return lines


def wrap(text: str, width: int, most: int = 2) -> str:
    """A label of at most `most` lines."""
    return "\n".join(shorten_lines(text, width, most))


def note(axes: Axes, text: str, at: tuple[float, float], **how: Any) -> None:
    """A small text beside a point of the data, on white so that no grid line runs through it."""
    plate = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    axes.annotate(
        text,
        at,
        textcoords="offset points",
        fontsize=8,
        zorder=5,
        annotation_clip=False,
        **{"va": "center", "bbox": plate, **how},
    )


def panel_title(axes: Axes, look: Look, label: str, width: int, most: int = 2) -> None:
    """Name a panel after its scenario, its marker before the name, in at most `most` lines."""
    heading(axes, wrap(f"{look.sign} {label}", width, most))


def heading(axes: Axes, text: str, *, above: float = 6) -> None:
    """Name a panel in bold, `above` points above it."""
    axes.set_title(text, loc="left", fontsize=9.5, fontweight="bold", color=INK, pad=above)


def scale(axes: Axes, axis: Literal["x", "y"], write: Write, ticks: int = 0) -> None:
    """Write the numbers of an axis by `write` at about `ticks` places; a grid and no edges."""
    along = axes.xaxis if axis == "x" else axes.yaxis
    along.set_major_formatter(lambda value, _: write(value))
    if ticks:
        axes.locator_params(axis=axis, nbins=ticks)
    axes.grid(axis=axis)
    bare(axes, keep=())


def bare(axes: Axes, *, keep: Sequence[str] = ("left", "bottom")) -> None:
    """Take away every edge of the axes but those kept, and the tick marks with them."""
    for name, spine in axes.spines.items():
        spine.set_visible(name in keep)
    axes.tick_params(length=0)


def spread(wanted: Sequence[float], least: float) -> list[float]:
    """Places for labels: in the wanted order, at least `least` apart, moved as little as may be."""
    order = sorted(range(len(wanted)), key=lambda item: wanted[item])
    blocks: list[tuple[float, list[int]]] = []
    for item in order:
        blocks.append((wanted[item], [item]))
        while len(blocks) > 1 and _overlap(blocks[-2], blocks[-1], least):
            upper, lower = blocks.pop(), blocks.pop()
            members = lower[1] + upper[1]
            blocks.append((sum(wanted[member] for member in members) / len(members), members))
    places = [0.0] * len(wanted)
    for centre, members in blocks:
        for rank, member in enumerate(members):
            places[member] = centre + (rank - (len(members) - 1) / 2) * least
    return places


def _overlap(lower: tuple[float, list[int]], upper: tuple[float, list[int]], least: float) -> bool:
    needed = least * (len(lower[1]) + len(upper[1])) / 2
    return upper[0] - lower[0] < needed


def nice_limits(low: float, high: float) -> tuple[float, float]:
    """Round limits around the data, with a little air, the same for every panel of a chart."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        centre = low if math.isfinite(low) else 0.0
        half = abs(centre) * 0.1 or 1.0
        return centre - half, centre + half
    step = 10.0 ** math.floor(math.log10(span))
    step = step / 2 if span / step >= 4 else step / 5
    return math.floor(low / step) * step, math.ceil(high / step) * step


_SETTLED: Final[WeakSet[Figure]] = WeakSet()
"""The figures whose layout is fixed."""


def settle(fig: Figure) -> None:
    """Lay the figure out once and fix its axes there, at rounded positions.

    The last bits of what the layout's solver finds differ from run to run, and the names of clip
    paths in an SVG file are hashes of them. A figure that is settled stays as it is.
    """
    if fig in _SETTLED:
        return
    engine = fig.get_layout_engine()
    # Without a grid there is nothing for the engine to fit: it would warn.
    if engine is not None and any(axes.get_subplotspec() for axes in fig.axes):
        engine.execute(fig)
    for axes in fig.axes:
        left, bottom, width, height = (round(side, 6) for side in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))
    # With an engine, if only that of the name "none", each file would be drawn twice.
    fig.set_layout_engine(None)
    _SETTLED.add(fig)


def svg_bytes(fig: Figure, title: str, alternative: str) -> bytes:
    """The figure as SVG text, with its title and description inside and no date."""
    settle(fig)
    out = io.BytesIO()
    metadata = {"Date": None, "Creator": None, "Title": title, "Description": alternative}
    fig.savefig(out, format="svg", metadata=metadata)
    # A document type refers to a file on another server.
    text = re.sub(rb"<!DOCTYPE[^>]*>\n", b"", out.getvalue())
    # A reader sees Arial if it is installed, whatever fonts this machine has.
    return re.sub(
        rb"font-family: [^;\"]*",
        f"font-family: {FONT_FAMILY}".encode(),
        text,
    )


def png_bytes(fig: Figure) -> bytes:
    """The figure as PNG, without the software's name or a date."""
    settle(fig)
    out = io.BytesIO()
    fig.savefig(out, format="png", dpi=PNG_DOTS_PER_INCH, metadata={"Software": None})
    return out.getvalue()


def body_of(svg: bytes) -> bytes:
    """The same SVG cropped to its axes, for a page that says title, subtitle and source itself."""
    match = re.search(rb'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)
    if match is None:
        return svg
    width, height = float(match[1]), float(match[2])
    top, bottom = HEADER * POINTS_PER_INCH, FOOTER * POINTS_PER_INCH
    inner = height - top - bottom
    head = f'width="{width:g}pt" height="{inner:g}pt" viewBox="0 {top:g} {width:g} {inner:g}"'
    return re.sub(
        rb'width="[0-9.]+pt" height="[0-9.]+pt" viewBox="[^"]*"', head.encode(), svg, count=1
    )
