"""Names beside points, each on the side where it overlaps least."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes

from cjsim.formatting.words import listed
from cjsim.report import style

Point = tuple[str, float, float]
"""A text and the position of its point."""
Bar = tuple[float, float, float, float]
"""A line of the data that a name should not cover, from one end to the other."""
Box = tuple[float, float, float, float]
"""Left, foot, right and top, in points from the foot of the panel's left edge."""

LETTER, LINE = 4.7, 9.5
"""The width of a letter and the height of a line of a note, in points, on the wide side."""
DOT = 5.0
AWAY = 8.0

_SIDES = (
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, 1.0),
    (0.0, -1.0),
    (1.0, 1.0),
    (1.0, -1.0),
    (-1.0, 1.0),
    (-1.0, -1.0),
)


def place_labels(axes: Axes, points: Sequence[Point], bars: Sequence[Bar], *, bold: int) -> None:
    """Write each text on that side of its point on which it covers least; ties go to the right.

    Points at one position share a name. `bold` is the index of the name in bold.
    """
    at = [_in_points(axes, x, y) for _, x, y in points]
    taken: list[Box] = [(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in at]
    lines = [(*start, *other) for start, other in pairwise(at)]
    lines += [
        (*_in_points(axes, x0, y0), *_in_points(axes, x1, y1))
        for x0, y0, x1, y1 in bars
        if math.isfinite(x0 + y0 + x1 + y1)
    ]
    taken += [box for line in lines for box in _along(line)]
    width, height = _size(axes)
    for members in _together(at):
        first = members[0]
        text = listed(points[member][0] for member in members)
        boxes = [_box(text, *at[first], side) for side in _SIDES]
        cost = [_covered(box, taken) + _outside(box, width, height) for box in boxes]
        best = cost.index(min(cost))
        taken.append(boxes[best])
        across, up = _SIDES[best]
        style.note(
            axes,
            text,
            points[first][1:],
            xytext=(AWAY * across, AWAY * up),
            bbox=None,
            ha="left" if across > 0 else "right" if across < 0 else "center",
            va="bottom" if up > 0 else "top" if up < 0 else "center",
            fontweight="bold" if bold in members else "normal",
        )


def _together(at: Sequence[tuple[float, float]]) -> list[list[int]]:
    """The places of the points, those together that one name can serve."""
    groups: list[list[int]] = []
    for index, (x, y) in enumerate(at):
        near = next(
            (
                group
                for group in groups
                if abs(at[group[0]][0] - x) < DOT and abs(at[group[0]][1] - y) < DOT
            ),
            None,
        )
        if near is None:
            groups.append([index])
        else:
            near.append(index)
    return groups


def _in_points(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """A place of the data in points from the foot of the panel's left edge."""
    width, height = _size(axes)
    (left, right), (foot, top) = axes.get_xlim(), axes.get_ylim()
    return (x - left) / (right - left) * width, (y - foot) / (top - foot) * height


def _along(line: tuple[float, float, float, float]) -> list[Box]:
    """A line as small boxes, to measure overlap with a name."""
    x0, y0, x1, y1 = line
    count = max(2, round(math.hypot(x1 - x0, y1 - y0) / LINE))
    steps = [(x0 + (x1 - x0) * n / count, y0 + (y1 - y0) * n / count) for n in range(count + 1)]
    return [(x - 1.5, y - 1.5, x + 1.5, y + 1.5) for x, y in steps]


def _size(axes: Axes) -> tuple[float, float]:
    """Width and height of the panel in points."""
    box, figure = axes.get_position(), axes.get_figure(root=True)
    across, up = (float(side) for side in figure.get_size_inches()) if figure else (1.0, 1.0)
    return box.width * across * style.POINTS_PER_INCH, box.height * up * style.POINTS_PER_INCH


def _box(text: str, across: float, up: float, side: tuple[float, float]) -> Box:
    wide = LETTER * len(text)
    x, y = across + AWAY * side[0], up + AWAY * side[1]
    left = x if side[0] > 0 else x - wide if side[0] < 0 else x - wide / 2
    foot = y if side[1] > 0 else y - LINE if side[1] < 0 else y - LINE / 2
    return left, foot, left + wide, foot + LINE


def _covered(box: Box, taken: list[Box]) -> float:
    return sum(
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in taken
    )


def _outside(box: Box, width: float, height: float) -> float:
    """How far a name leaves the panel, weighed so that it does so only where it must."""
    over = max(0.0, -box[0]) + max(0.0, box[2] - width)
    return 20 * (over + max(0.0, -box[1]) + max(0.0, box[3] - height))
