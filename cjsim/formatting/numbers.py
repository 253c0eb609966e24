"""Numbers as text: rounded to what can be known, with units, signs and intervals.

`plain` and `pounds` round to a power of ten; all else chooses that power and calls them. What is
written for a Board has a real minus sign and per cent without a space; a text table has signs
that can be pasted into a shell or a spreadsheet.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable
from typing import Final, Literal

Kind = Literal["share", "gbp", "days", "hours", "minutes", "nights", "count", "ratio"]
"""How a number is written: a share as per cent, money with its sign, a ratio as it is."""

MINUS: Final = "\u2212"
HYPHEN: Final = "-"

NOT_KNOWN: Final = "not known"

NOTHING: Final = "\u2013"
"""A cell of a text table without a value."""

SHARES: Final = ("share", "rate", "proportion")
"""Units whose numbers a text table shows in per cent."""

MOST_DECIMALS: Final = 12
"""The decimals that can be added to tell the two ends of an interval apart."""

_UNITS: Final[dict[Kind, tuple[str, str]]] = {
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

    It is one digit finer where the half-width begins with 1 or 2, because rounding would lose much
    of it, and never finer than two figures of the larger bound.
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


def plain(value: float, exponent: int, *, signed: bool = False, minus: str = MINUS) -> str:
    """A number rounded to a power of ten, with commas between thousands.

    `signed` writes a plus sign before a number that is above 0 when rounded.
    """
    if not math.isfinite(value):
        return NOT_KNOWN
    rounded = round(value, -exponent)
    text = f"{abs(rounded):,.{max(0, -exponent)}f}"
    return f"{_sign(rounded, signed=signed, minus=minus)}{text}"


def _sign(value: float, *, signed: bool, minus: str = MINUS) -> str:
    return minus if value < 0 else "+" if signed and value > 0 else ""


# --- money ----------------------------------------------------------------------------------


def pounds(value: float, exponent: int) -> str:
    """Money in pounds or millions with its sign, rounded to a power of ten."""
    if not math.isfinite(value):
        return NOT_KNOWN
    rounded = round(value, -exponent)
    sign, size = _sign(rounded, signed=False), abs(rounded)
    if size >= 1_000_000:
        return f"{sign}\u00a3{size / 1e6:,.{min(8, max(0, 6 - exponent))}f} million"
    return f"{sign}\u00a3{size:,.{2 if exponent < 0 else 0}f}"


def pounds_short(value: float) -> str:
    """Money on an axis: "\u00a31.5m", "\u2212\u00a3200k", "\u00a30"."""
    sign, size = _sign(value, signed=False), abs(value)
    if size >= 1e6:
        return f"{sign}\u00a3{size / 1e6:g}m"
    return f"{sign}\u00a3{size / 1e3:g}k" if size >= 1e3 else f"{sign}\u00a3{size:g}"


def gbp(value: float | None, *, signed: bool = False) -> str:
    """Whole pounds in a text table."""
    return NOTHING if value is None else plain(value, 0, signed=signed, minus=HYPHEN)


def pence(value: float | None, *, signed: bool = False) -> str:
    """Pounds in a text table, with pence below a hundred pounds."""
    if value is None or abs(value) >= 100:
        return gbp(value, signed=signed)
    return plain(value, -2, signed=signed, minus=HYPHEN)


# --- with a unit ----------------------------------------------------------------------------


def in_shown_unit(kind: Kind, value: float) -> float:
    """The number in the unit shown: shares in per cent, all else as it is counted."""
    return value * 100 if kind == "share" else value


def amount(kind: Kind, value: float, exponent: int) -> str:
    """A level with its unit, such as "47%" or "12 days"; `exponent` in the unit shown."""
    if kind == "gbp":
        return pounds(value, max(exponent, 0))
    if kind == "share":
        return f"{plain(value, exponent)}%" if math.isfinite(value) else NOT_KNOWN
    text = plain(value, exponent)
    return f"{text} {_unit(kind, text)}".strip()


def size_of_change(kind: Kind, value: float, exponent: int) -> str:
    """The size of a difference without its sign: "6 points", "12 days"."""
    if kind == "share":
        text = plain(abs(value), exponent)
        return f"{text} {_unit(kind, text)}"
    return amount(kind, abs(value), exponent)


def _unit(kind: Kind, text: str) -> str:
    singular, plural = _UNITS[kind]
    return singular if text in ("1", MINUS + "1") else plural


def axis_number(value: float) -> str:
    """A number at a tick of an axis: "\u22120.5", "1,000"."""
    return f"{value:,g}".replace(HYPHEN, MINUS)


def axis_change(value: float) -> str:
    """A difference at a tick of an axis: "+5", "\u22125", "0"."""
    return "0" if abs(value) < 1e-9 else f"{value:+g}".replace(HYPHEN, MINUS)


def axis_share(value: float) -> str:
    """A share at a tick of an axis: "40%"."""
    return f"{100 * value:g}%".replace(HYPHEN, MINUS)


# --- in a text table ------------------------------------------------------------------------


def number(value: float | None, unit: str, *, signed: bool = False, finer: int = 0) -> str:
    """A number in a text table: about three figures, shares in per cent or points.

    `finer` is a number of decimals to add. A terminal gets a real minus sign, a file a hyphen.
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    ending = ""
    if unit in SHARES:
        value, ending = value * 100, " pt" if signed else " %"
    elif unit == "%":
        ending = " %"
    if value == 0:
        return f"0{ending}"
    decimals = (1 if abs(value) >= 1 else 2) if ending else _decimals(abs(value))
    minus = MINUS if sys.stdout.isatty() else HYPHEN
    return plain(value, -(decimals + finer), signed=signed, minus=minus) + ending


def _decimals(size: float) -> int:
    """The decimals that leave three figures, at most three decimals."""
    if size < 1:
        return 3
    return 0 if size >= 100 else 2 - min(2, math.floor(math.log10(size)))


def span(low: float | None, high: float | None, unit: str, *, signed: bool = True) -> str:
    """An interval in a text table; a dash where there is none."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    return two_ends(low, high, lambda value, finer: number(value, unit, signed=signed, finer=finer))


def gbp_span(
    low: float | None,
    high: float | None,
    write: Callable[[float], str] = lambda value: gbp(value, signed=True),
) -> str:
    """An interval of pounds in a text table, each end written by `write`."""
    if low is None or high is None:
        return NOTHING
    return two_ends(
        low,
        high,
        lambda value, finer: (
            plain(value, -(finer + 1), signed=True, minus=HYPHEN) if finer else write(value)
        ),
    )


def two_ends(low: float, high: float, write: Callable[[float, int], str]) -> str:
    """Both ends of an interval, with the decimals that tell them apart and from 0.

    `write` formats a number with that many decimals more than it usually has.
    """
    ends = ("", "")
    for finer in range(MOST_DECIMALS):
        ends = (write(low, finer), write(high, finer))
        values = [_read_back(end) for end in ends]
        apart = values[0] != values[1] and all(
            bool(read) == bool(value) for read, value in zip(values, (low, high), strict=True)
        )
        if low == high or apart:
            break
    return both_ends(*ends)


def both_ends(low: str, high: str) -> str:
    """A range from two texts; one of them where both are the same."""
    return low if low == high else f"{low} to {high}"


def _read_back(text: str) -> float:
    """The number that a reader reads."""
    size = float("".join(letter for letter in text if letter.isdigit() or letter == ".") or 0)
    return -size if text.startswith((HYPHEN, MINUS)) else size


def without_line_break(text: str) -> str:
    """The same text, in which no line ends between a sign and its pound sign."""
    return re.sub(f"([+{MINUS}])\u00a3", "\\1\u2060\u00a3", text)
