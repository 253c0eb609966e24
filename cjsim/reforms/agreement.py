"""What was published of a reform, held against what the model says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cjsim.measures.intervals import FEWEST_DIFFERING, excludes_zero
from cjsim.schema.reform import Published

Word = Literal[
    "agrees", "partly", "does not", "too few replications", "nothing published", "not run"
]

LEAST_SHARE: Final = 0.5
MOST_SHARE: Final = 2.0
"""How far the model's size may lie from the published one and still be called the same."""

Difference = Mapping[str, float | None]
"""Baseline, value, difference, low and high, in the measure's own unit; n and differed, counts."""


@dataclass(frozen=True)
class Held:
    """One published effect beside the model's: in the published unit, with its 95 % interval."""

    published: Published
    word: Word
    size: float | None
    low: float | None
    high: float | None


def in_unit(unit: str | None, number: float | None, baseline: float | None) -> float | None:
    """A difference in the unit of a published effect; None where it has none."""
    if number is None or unit in (None, "own unit"):
        return number
    if unit == "points":
        return 100.0 * number
    return 100.0 * number / baseline if baseline else None


def held(published: Published, found: Difference | None) -> Held:
    """A published effect against the model's difference; without one it was not run.

    It agrees when the model moves clearly in the published direction and, where a size was
    published, comes to between half and twice of it or has it in its interval; partly, when the
    direction is right and the size is not, or was published of something that the model has not.
    From fewer than six replications no direction can be told.
    """
    if found is None or found["difference"] is None:
        return Held(published, "not run", None, None, None)
    base = found["baseline"]
    size, low, high = (
        in_unit(published.unit, found[key], base) for key in ("difference", "low", "high")
    )
    if int(found.get("n") or 0) < FEWEST_DIFFERING:
        return Held(published, "too few replications", size, low, high)
    clear = excludes_zero(found["low"], found["high"], int(found.get("differed") or 0))
    return Held(published, _word(published, size, low, high, clear=clear), size, low, high)


def _word(
    published: Published,
    size: float | None,
    low: float | None,
    high: float | None,
    *,
    clear: bool,
) -> Word:
    if published.direction == "does not change":
        return "does not" if clear else "agrees"
    right = clear and size is not None and (size > 0) == (published.direction == "rises")
    if not right or size is None:
        return "does not"
    said = published.signed
    if said is None:
        return "partly" if published.size_is_of_something_else else "agrees"
    near = LEAST_SHARE <= size / said <= MOST_SHARE
    within = low is not None and high is not None and low <= said <= high
    return "agrees" if near or within else "partly"


def together(effects: Sequence[Held]) -> Word:
    """One word for a reform: of all its effects."""
    words = {one.word for one in effects} - {"not run"}
    if words == {"too few replications"}:
        return "too few replications"
    if not effects:
        return "nothing published"
    if not words:
        return "not run"
    if words == {"agrees"}:
        return "agrees"
    return "does not" if words == {"does not"} else "partly"
