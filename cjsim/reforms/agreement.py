"""Agreement of published effects of a reform with the effects in the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cjsim.measures.intervals import FEWEST_DIFFERING, excludes_zero
from cjsim.schema.reform import Published

Agreement = Literal[
    "agrees", "partly", "does not", "too few replications", "nothing published", "not run"
]

LEAST_SHARE: Final = 0.5
MOST_SHARE: Final = 2.0
"""The bounds of the ratio of the model's size to the published size that counts as agreement."""

Difference = Mapping[str, float | None]
"""Baseline, value, difference, low and high, in the measure's own unit; n and differed, counts."""


@dataclass(frozen=True)
class EffectComparison:
    """A published effect beside the model's, in the published unit, with its 95 % interval."""

    published: Published
    word: Agreement
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


def compare_effect(published: Published, difference: Difference | None) -> EffectComparison:
    """Compare a published effect with the model's difference; None means that it was not run.

    It agrees when the model moves clearly in the published direction and, where a size was
    published, the model's is between half and twice that size or its interval includes it. It
    agrees partly when the direction is right and the size is not, or is about something that the
    model does not measure. Fewer than six replications do not show a direction.
    """
    if difference is None or difference["difference"] is None:
        return EffectComparison(published, "not run", None, None, None)
    base = difference["baseline"]
    size, low, high = (
        in_unit(published.unit, difference[key], base) for key in ("difference", "low", "high")
    )
    if int(difference.get("n") or 0) < FEWEST_DIFFERING:
        return EffectComparison(published, "too few replications", size, low, high)
    clear = excludes_zero(
        difference["low"], difference["high"], int(difference.get("differed") or 0)
    )
    return EffectComparison(
        published, _word(published, size, low, high, clear=clear), size, low, high
    )


def _word(
    published: Published, size: float | None, low: float | None, high: float | None, *, clear: bool
) -> Agreement:
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


def overall(effects: Sequence[EffectComparison]) -> Agreement:
    """The agreement of all effects of a reform."""
    words = {effect.word for effect in effects} - {"not run"}
    if words == {"too few replications"}:
        return "too few replications"
    if not effects:
        return "nothing published"
    if not words:
        return "not run"
    if words == {"agrees"}:
        return "agrees"
    return "does not" if words == {"does not"} else "partly"
