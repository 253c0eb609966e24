"""Numbers into words: rounded to what the interval supports, in titles of ten words at most."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from cjsim.economics.years import HALF_A_PENNY
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
from cjsim.report.labels import Kind
from cjsim.report.outcomes import COST

MOST_WORDS = 10
WHOLE_FROM = 1.5
"""Per cent from here on are whole numbers in a title."""

LEAST_POINT = 0.1

MINUS = "\u2212"

NO_INTERVAL = "no interval"

MOST_FINER = 12
"""So many more digits at most are shown to tell the ends of an interval apart."""

_UNITS: dict[Kind, tuple[str, str]] = {
    "share": ("point", "points"),
    "days": ("day", "days"),
    "hours": ("hour", "hours"),
    "minutes": ("minute", "minutes"),
    "nights": ("night", "nights"),
    "count": ("", ""),
    "ratio": ("", ""),
    "gbp": ("", ""),
}


# --- rounding -------------------------------------------------------------------------------


def exponent_for(low: float, high: float) -> int:
    """The power of ten of the last digit that an interval supports: that of its half-width.

    One digit finer where the half-width begins with 1 or 2, of which a rounding would lose much;
    but never more than two figures of the larger bound, for a Board needs no more.
    """
    half, largest = abs(high - low) / 2, max(abs(low), abs(high))
    if not math.isfinite(half) or half == 0:
        return level_exponent([largest])
    exponent = math.floor(math.log10(half))
    if half < 3 * 10.0**exponent:
        exponent -= 1
    return max(exponent, math.floor(math.log10(largest)) - 1)


def level_exponent(values: Iterable[float]) -> int:
    """The last digit to show of numbers without an interval: three figures of the largest."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return math.floor(math.log10(largest)) - 2 if largest > 0 else 0


def plain(value: float, exponent: int) -> str:
    """A number rounded to a power of ten, with commas between thousands and a real minus sign."""
    if not math.isfinite(value):
        return "not known"
    rounded = round(value, -exponent)
    text = f"{abs(rounded):,.{max(0, -exponent)}f}"
    return f"{MINUS}{text}" if rounded < 0 else text


def pounds(value: float, exponent: int) -> str:
    """Money in pounds, thousands or millions, rounded to a power of ten."""
    if not math.isfinite(value):
        return "not known"
    rounded = round(value, -exponent)
    sign = MINUS if rounded < 0 else ""
    size = abs(rounded)
    if size >= 1_000_000:
        return f"{sign}\u00a3{size / 1e6:,.{min(6, max(0, 6 - exponent))}f} million"
    return f"{sign}\u00a3{size:,.{2 if exponent < 0 else 0}f}"


def pounds_short(value: float) -> str:
    """Money on an axis: "\u00a31.5m", "\u2212\u00a3200k", "\u00a30"."""
    sign = MINUS if value < 0 else ""
    size = abs(value)
    if size >= 1e6:
        return f"{sign}\u00a3{size / 1e6:g}m"
    return f"{sign}\u00a3{size / 1e3:g}k" if size >= 1e3 else f"{sign}\u00a3{size:g}"


def amount(kind: Kind, value: float, exponent: int) -> str:
    """A level with its unit, such as "47%" or "12 days"; `exponent` in the unit shown."""
    if kind == "gbp":
        return pounds(value, max(exponent, 0))
    if kind == "share":
        return f"{plain(value, exponent)}%" if math.isfinite(value) else "not known"
    number = plain(value, exponent)
    singular, plural = _UNITS[kind]
    unit = singular if number in ("1", MINUS + "1") else plural
    return f"{number} {unit}".strip()


def size_of_change(kind: Kind, value: float, exponent: int) -> str:
    """The size of a difference without its sign: "6 points", "12 days"."""
    if kind == "share":
        number = plain(abs(value), exponent)
        return f"{number} {_UNITS[kind][0 if number == '1' else 1]}"
    return amount(kind, abs(value), exponent)


def in_shown_unit(kind: Kind, value: float) -> float:
    """Shares are shown in per cent; all else is shown as it is counted."""
    return value * 100 if kind == "share" else value


# --- one difference -------------------------------------------------------------------------


def digits(kind: Kind, difference: Difference) -> int:
    """The last digit that a difference's interval supports, in the unit shown.

    Shares are shown to a tenth of a point at most, unless the difference itself is smaller; a sum
    that is the same every time, such as that of posts, to three figures of its own.
    """
    low, high = in_shown_unit(kind, difference.low), in_shown_unit(kind, difference.high)
    if kind == "gbp" and difference.difference and _has_no_width(kind, difference):
        # Three figures of what the agency pays would leave one of some thousands that it pays more.
        return level_exponent([difference.difference])
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        shown = [in_shown_unit(kind, one) for one in (difference.baseline, difference.value)]
        return level_exponent(shown)
    coarsest = level_exponent([in_shown_unit(kind, difference.baseline)]) - 1
    middle = in_shown_unit(kind, difference.difference)
    if difference.baseline and max(abs(low), abs(high), abs(middle)) < 10.0**coarsest / 2:
        # Less than one in some thousands of the level is nothing that a Board could look at.
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
        return "not known"
    if shown and is_clear(difference) and round(shown, -exponent) == 0:
        # Else "worse" would stand beside a difference of nought.
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
    """The last digit of an end, so that it does not look like 0 beside the word "better"."""
    if product > 0 and round(bound, -exponent) == 0:
        return math.floor(math.log10(abs(bound)))
    return exponent


def interval_named(kind: Kind, difference: Difference) -> str:
    """The interval for a sentence: "95% interval 4 to 8", or that there is none.

    Where some replications differ and some do not it says how many do.
    """
    told = interval(kind, difference)
    if " to " not in told:
        return told
    some = 0 < difference.differed < difference.n
    rest = f"; {difference.differed} of {difference.n} replications differ" if some else ""
    return f"95% interval {told}{rest}"


def _bound(kind: Kind, value: float, exponent: int) -> str:
    text = pounds(value, exponent) if kind == "gbp" else plain(value, exponent)
    return f"+{text}" if round(value, -exponent) > 0 else text


def level(kind: Kind, value: float, *differences: Difference) -> str:
    """A mean level, no finer than any of the differences supports.

    Three figures at most, or four from 1,000 on, so that small changes of large sums can be seen.
    """
    shown = in_shown_unit(kind, value)
    finest = max(digits(kind, one) for one in differences)
    most = level_exponent([shown]) - (1 if abs(shown) >= 1000 else 0)
    return amount(kind, shown, max(finest, most))


def per_cent(difference: Difference) -> str:
    """The difference in per cent of the baseline, rounded like its interval."""
    low, high = per_cent_bounds(difference)
    middle = difference.per_cent
    if not math.isfinite(middle):
        return "not known"
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
    """An arrow for a clear difference's direction, else a level line; its word stands beside it."""
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
"""What a difference in the cost of one agency is to it: what one saves another may have to pay."""

ONLY_DIRECTION = (
    "\u201cRight way\u201d and \u201cwrong way\u201d tell the direction only: the experiment does "
    "not say from what size on such a difference would matter."
)


def only_direction(told: Iterable[str]) -> str:
    """What "right way" and "wrong way" mean, if one of the words says so of a difference."""
    ways = tuple(WAYS.values())
    return ONLY_DIRECTION if any(one.endswith(ways) for one in told) else ""


def verdict(difference: Difference) -> str:
    """The word for a difference; where no size was declared worth having, only its direction."""
    if difference.judged:
        return difference.verdict
    of_an_agency = difference.kpi == COST and difference.group not in ("", OWN_TIME)
    return (PAYS if of_an_agency else WAYS).get(difference.verdict, difference.verdict)


def is_too_small(difference: Difference) -> bool:
    """Whether a difference is there, but smaller than the experiment says is worth having."""
    off_nought = difference.low > 0 or difference.high < 0 or difference.always_the_same
    return difference.verdict == NO_CLEAR_DIFFERENCE and off_nought


def short_verdict(difference: Difference) -> str:
    """Why a difference is not clear, in the two words that a label has room for."""
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


def unbroken(text: str) -> str:
    """The same text, in which no line ends between a sign and its pound sign."""
    return re.sub(f"([+{MINUS}])\u00a3", "\\1\u2060\u00a3", text)


# --- sentences ------------------------------------------------------------------------------


def title(*candidates: str) -> str:
    """The first candidate of ten words or fewer, else the last one cut to ten words."""
    for candidate in candidates:
        if len(candidate.split()) <= MOST_WORDS:
            return candidate
    return " ".join(candidates[-1].split()[:MOST_WORDS])


def moves(noun: str, kind: Kind, difference: Difference, *, singular: bool = False) -> str:
    """What a measure does, for a title: "Hearings fall 6%" or "No clear change in hearings"."""
    if not is_clear(difference):
        starts = {
            NO_DIFFERENCE: "No change in",
            NONE_SEEN: "No change seen in",
            TOO_FEW: "Too few replications to judge",
        }
        return f"{starts.get(difference.verdict, 'No clear change in')} {lower_first(noun)}"
    verb = ("rise" if difference.difference > 0 else "fall") + ("s" if singular else "")
    if kind == "share":
        # The same digits as beside the bar: "3 points" over "3.5 points" would look like a slip.
        points = plain(abs(difference.difference) * 100, digits(kind, difference))
        return f"{noun} {verb} {points} {'point' if points == '1' else 'points'}"
    if kind == "gbp":
        size_in_words = size_of_change(kind, difference.difference, digits(kind, difference))
        return f"{noun} {verb} by {size_in_words}"
    size = abs(difference.per_cent)
    if size >= WHOLE_FROM:
        return f"{noun} {verb} {plain(size, 0)}%"
    return f"{noun} {verb} {per_cent(difference).lstrip('+' + MINUS)}"


def counted(number: int, noun: str) -> str:
    """So many of something whose plural ends in s: "1 replication", "4 replications"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def lower_first(text: str) -> str:
    """The text with a small first letter, unless it begins with an abbreviation or a name."""
    if text[:2].isupper() or text.startswith(("Crown", "Police and Crime")):
        return text
    return text[:1].lower() + text[1:]


def sentence_case(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def listed(items: Iterable[str], last: str = "and") -> str:
    """Items as English lists them: "a, b and c"."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
