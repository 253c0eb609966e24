"""Small numbers are not shown, nor what would let somebody work them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from cjsim.calibrate.fits.laws import Array

SMALLEST: Final = 5
"""A number of cases below this is never shown; a user may ask for more, not for less."""


def shown_count(count: int, whole: int, smallest: int) -> str:
    """A number of cases out of a whole: itself, or that it, or what is left, is too small."""
    if 0 < count < smallest:
        return f"fewer than {smallest}"
    if count and 0 < whole - count < smallest:
        return f"all but fewer than {smallest}"
    return f"{count:,}"


def shown_column(counts: Sequence[int], wholes: Sequence[int], smallest: int) -> list[str]:
    """A column of counts as text, the first cell of all cases and the others of groups of them.

    Where a single group's count is too small, another's is left out too, as in `shown_groups`.
    """
    told = [
        shown_count(count, whole, smallest) for count, whole in zip(counts, wholes, strict=True)
    ]
    groups = range(1, len(counts))
    small = {place for place in groups if told[place].startswith(("fewer", "all but"))}
    for place in _hidden_with(small, {place: counts[place] for place in groups}, smallest) - small:
        told[place] = "not shown"
    return told


def shown_groups(counts: Mapping[str, int], smallest: int) -> tuple[list[str], list[str]]:
    """The groups that may be shown, and those that may not, in the order given.

    When what is hidden adds up to less than `smallest`, or is one group alone, it could be had by
    taking the shown groups from the whole: then the smallest of the shown is hidden too.
    """
    small = {group for group, count in counts.items() if count < smallest}
    hidden = _hidden_with(small, counts, smallest)
    return (
        [group for group in counts if group not in hidden],
        [group for group in counts if group in hidden],
    )


def _hidden_with(small: set[Any], counts: Mapping[Any, int], smallest: int) -> set[Any]:
    hidden = set(small)
    while hidden and len(hidden) < len(counts):
        if len(hidden) > 1 and sum(counts[group] for group in hidden) >= smallest:
            break
        left = [group for group in counts if group not in hidden]
        hidden.add(min(left, key=lambda group: counts[group]))
    return hidden


def shown_places(lengths: Sequence[float], smallest: int, most: int = 25) -> list[float]:
    """Lengths at which a share may be drawn: at least `smallest` cases lie between any two.

    At least as many lie before the first and beyond the last; never more than `most` of them.
    """
    ordered: Array = np.sort(np.asarray(lengths, dtype=float))
    step = max(smallest, len(ordered) // most)
    places: list[float] = []
    done = 0
    for place in np.unique(ordered):
        within = int(np.searchsorted(ordered, place, side="right"))
        if within - done >= step and len(ordered) - within >= smallest:
            places.append(float(place))
            done = within
    return places
