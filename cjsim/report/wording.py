"""A difference in words: rounded to what its interval supports, in titles of ten words at most."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from cjsim.economics.years import HALF_A_PENNY
from cjsim.formatting.numbers import (
    MINUS,
    NOT_KNOWN,
    Kind,
    amount,
    exponent_for,
    in_shown_unit,
    level_exponent,
    plain,
    pounds,
    size_of_change,
)
from cjsim.formatting.words import lower_first
from cjsim.jurisdiction import OWN_TIME
from cjsim.measures.comparison import (
    BETTER,
    HIGHER,
    LOWER,
    NO_CLEAR_DIFFERENCE,
    NO_DIFFERENCE,
    NONE_SEEN,
    TOO_FEW,
    WORSE,
)
from cjsim.report.difference import Difference
from cjsim.report.inputs import COST

MOST_WORDS: Final = 10
"""The words of a title at most."""

WHOLE_FROM: Final = 1.5
"""Per cent from here on are whole numbers in a title."""

LEAST_POINT: Final = 0.1
"""Percentage points: a difference of shares is not shown more finely."""

NO_INTERVAL: Final = "no interval"

MOST_FINER: Final = 12
"""The most digits to add so that the two ends of an interval differ."""


# --- one difference -------------------------------------------------------------------------


def digits(kind: Kind, difference: Difference) -> int:
    """The last digit that a difference's interval supports, in the unit shown.

    Shares are shown to a tenth of a point at most, unless the difference itself is smaller; a sum
    that is the same every time, such as that of posts, to three figures.
    """
    low, high = in_shown_unit(kind, difference.low), in_shown_unit(kind, difference.high)
    if kind == "gbp" and difference.difference and _has_no_width(kind, difference):
        # Three figures of the agency's cost would round away a small difference.
        return level_exponent([difference.difference])
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        shown = [in_shown_unit(kind, value) for value in (difference.baseline, difference.value)]
        return level_exponent(shown)
    coarsest = level_exponent([in_shown_unit(kind, difference.baseline)]) - 1
    middle = in_shown_unit(kind, difference.difference)
    if difference.baseline and max(abs(low), abs(high), abs(middle)) < 10.0**coarsest / 2:
        # The difference is less than a thousandth or so of the level.
        return coarsest
    exponent = exponent_for(low, high)
    if kind == "share" and abs(difference.difference) >= LEAST_POINT / 200:
        return max(exponent, -1)
    return exponent


def _has_no_width(kind: Kind, difference: Difference) -> bool:
    """Whether a difference is the same every time, money to the penny."""
    width = abs(difference.high - difference.low)
    return difference.always_the_same or (kind == "gbp" and width < HALF_A_PENNY)


def signed_change(kind: Kind, difference: Difference) -> str:
    """The difference with its sign and unit: "+6 points"."""
    exponent = digits(kind, difference)
    shown = in_shown_unit(kind, difference.difference)
    if not math.isfinite(shown):
        return NOT_KNOWN
    if shown and is_clear(difference) and round(shown, -exponent) == 0:
        # Otherwise a difference of 0 would be called "worse".
        exponent = math.floor(math.log10(abs(shown)))
    if kind == "gbp":
        exponent = max(exponent, 0)
    size = size_of_change(kind, shown, exponent)
    rounded = round(shown, -exponent)
    if rounded == 0:
        return size
    return f"{'+' if rounded > 0 else MINUS}{size}"


def interval(kind: Kind, difference: Difference) -> str:
    """The 95% interval in the unit shown: "4 to 8", "\u22123 to +1"; two ends never look alike.

    Where there is none, in how many replications what was seen was seen.
    """
    low, high = in_shown_unit(kind, difference.low), in_shown_unit(kind, difference.high)
    if low == high or (difference.difference and _has_no_width(kind, difference)):
        return f"the same in all {difference.n} replications"
    if difference.never_seen:
        return f"none of {difference.n} replications differs"
    if not (math.isfinite(low) and math.isfinite(high)):
        return NO_INTERVAL
    exponent = digits(kind, difference)
    start = max(exponent, 0) if kind == "gbp" else exponent
    ends = ["", ""]
    for finest in range(start, start - MOST_FINER, -1):
        ends = [
            _bound(kind, bound, _off_nought(bound, low * high, finest)) for bound in (low, high)
        ]
        if ends[0] != ends[1]:
            break
    return " to ".join(ends)


def _off_nought(bound: float, product: float, exponent: int) -> int:
    """The last digit of an end, so that it does not round to 0 beside the word "better"."""
    if product > 0 and round(bound, -exponent) == 0:
        return math.floor(math.log10(abs(bound)))
    return exponent


def interval_named(kind: Kind, difference: Difference) -> str:
    """The interval for a sentence: "95% interval 4 to 8", or "no interval".

    If only some replications differ, it says how many.
    """
    text = interval(kind, difference)
    if " to " not in text:
        return text
    some = 0 < difference.differed < difference.n
    rest = f"; {difference.differed} of {difference.n} replications differ" if some else ""
    return f"95% interval {text}{rest}"


def _bound(kind: Kind, value: float, exponent: int) -> str:
    text = pounds(value, exponent) if kind == "gbp" else plain(value, exponent)
    return f"+{text}" if round(value, -exponent) > 0 else text


def level(kind: Kind, value: float, *differences: Difference) -> str:
    """A mean level, no finer than any of the differences supports.

    Three figures at most, or four from 1,000 on, so that small changes of large sums can be seen.
    """
    shown = in_shown_unit(kind, value)
    finest = max(digits(kind, difference) for difference in differences)
    most = level_exponent([shown]) - (1 if abs(shown) >= 1000 else 0)
    return amount(kind, shown, max(finest, most))


def levels(kind: Kind, difference: Difference, template: str) -> str:
    """The levels without and with an option in a template such as "{} to {}".

    Two levels that are alike when rounded would look like an interval, and are shown once.
    """
    before, after = (
        level(kind, value, difference) for value in (difference.baseline, difference.value)
    )
    return f"{before} with and without it" if before == after else template.format(before, after)


def per_cent(difference: Difference) -> str:
    """The difference in per cent of the baseline, rounded like its interval."""
    low, high = per_cent_bounds(difference)
    middle = difference.per_cent
    if not math.isfinite(middle):
        return NOT_KNOWN
    exponent = exponent_for(low, high)
    if (low == high or difference.always_the_same) and middle:
        # Two figures are as many as a mean of whole days supports.
        exponent = max(exponent, math.floor(math.log10(abs(middle))) - 1)
    text = plain(middle, exponent)
    return f"+{text}%" if round(middle, -exponent) > 0 else f"{text}%"


def per_cent_bounds(difference: Difference) -> tuple[float, float]:
    """The interval in per cent of the baseline's mean, lower bound first."""
    if difference.baseline == 0 or not math.isfinite(difference.baseline):
        return math.nan, math.nan
    scale = 100 / abs(difference.baseline)
    return difference.low * scale, difference.high * scale


def is_clear(difference: Difference) -> bool:
    """Whether the verdict says that there is a difference."""
    return difference.verdict in (BETTER, WORSE, HIGHER, LOWER)


def arrow(difference: Difference) -> str:
    """An arrow up or down for a clear difference, otherwise a bar."""
    if not is_clear(difference):
        return "\u25ac"
    return "\u25b2" if difference.difference > 0 else "\u25bc"


def direction(difference: Difference) -> str:
    """The direction and verdict in words: "up, better", or "up, right way" if none is judged.

    Of an agency's cost it is "pays more" or "pays less", which says both.
    """
    if is_too_small(difference):
        return "too small to matter"
    if not is_clear(difference):
        return difference.verdict
    way = "up" if difference.difference > 0 else "down"
    good = verdict(difference) if difference.verdict in WAYS else ""
    if good in PAYS.values():
        return good
    return f"{way}, {good}" if good else way


WAYS = {BETTER: "right way", WORSE: "wrong way"}

PAYS = {BETTER: "pays less", WORSE: "pays more"}
"""A difference in one agency's cost is not judged: what one saves, another may pay."""

ONLY_DIRECTION = (
    "\u201cRight way\u201d and \u201cwrong way\u201d give the direction only: the experiment does "
    "not declare how large a worthwhile difference is."
)


def only_direction(verdicts: Iterable[str]) -> str:
    """The explanation of "right way" and "wrong way"; empty if no verdict uses them."""
    ways = tuple(WAYS.values())
    return ONLY_DIRECTION if any(text.endswith(ways) for text in verdicts) else ""


def verdict(difference: Difference) -> str:
    """The verdict on a difference, or only its direction if no worthwhile size is declared."""
    if difference.judged:
        return difference.verdict
    of_an_agency = difference.kpi == COST and difference.group not in ("", OWN_TIME)
    return (PAYS if of_an_agency else WAYS).get(difference.verdict, difference.verdict)


def is_too_small(difference: Difference) -> bool:
    """Whether there is a difference that is smaller than the declared worthwhile size."""
    off_nought = difference.low > 0 or difference.high < 0 or difference.always_the_same
    return difference.verdict == NO_CLEAR_DIFFERENCE and off_nought


def short_verdict(difference: Difference) -> str:
    """Why a difference is not clear, in two words for a label."""
    short = {NO_DIFFERENCE: "no change", NONE_SEEN: "none seen", TOO_FEW: "not judged"}
    if difference.verdict in short:
        return short[difference.verdict]
    return "too small" if is_too_small(difference) else "not clear"


def natural_frequency(difference: Difference) -> str:
    """A clear difference of shares as people: "about 60 more in every 1,000"."""
    if not is_clear(difference):
        return ""
    exponent = exponent_for(difference.low * 1000, difference.high * 1000)
    count = plain(abs(difference.difference) * 1000, max(exponent, 0))
    return f"about {count} {'more' if difference.difference > 0 else 'fewer'} in every 1,000"


# --- sentences ------------------------------------------------------------------------------


def title(*candidates: str) -> str:
    """The first candidate of ten words or fewer, else the last one cut to ten words."""
    for candidate in candidates:
        if len(candidate.split()) <= MOST_WORDS:
            return candidate
    return " ".join(candidates[-1].split()[:MOST_WORDS])


def moves(noun: str, kind: Kind, difference: Difference, *, singular: bool = False) -> str:
    """A change for a title: "Hearings fall 6%" or "No clear change in hearings"."""
    if not is_clear(difference):
        starts = {
            NO_DIFFERENCE: "No change in",
            NONE_SEEN: "No change seen in",
            TOO_FEW: "Too few replications to judge",
        }
        return f"{starts.get(difference.verdict, 'No clear change in')} {lower_first(noun)}"
    verb = ("rise" if difference.difference > 0 else "fall") + ("s" if singular else "")
    if kind == "share":
        # The same digits as beside the bar: "3 points" over "3.5 points" would look wrong.
        points = plain(abs(difference.difference) * 100, digits(kind, difference))
        return f"{noun} {verb} {points} {'point' if points == '1' else 'points'}"
    if kind == "gbp":
        size_in_words = size_of_change(kind, difference.difference, digits(kind, difference))
        return f"{noun} {verb} by {size_in_words}"
    size = abs(difference.per_cent)
    if size >= WHOLE_FROM:
        return f"{noun} {verb} {plain(size, 0)}%"
    return f"{noun} {verb} {per_cent(difference).lstrip('+' + MINUS)}"
