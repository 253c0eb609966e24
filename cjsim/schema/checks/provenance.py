"""That a number which names a row of the evidence register agrees with it, or says why not.

`measured` is the published number itself: it stands in the row, in the row's unit or one that it is
turned into exactly, and rounded no further than it is written. `derived` is arithmetic on it: it
stands there too, or a derivation (or a note) says how it comes from it. `estimated` and `assumed`
say that the number is somebody's judgement. Whatever is not an assumption is of the model's area or
of the country, or names the place that it is borrowed from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from cjsim.schema.base import (
    Duration,
    DurationChange,
    Number,
    NumberChange,
    Profile,
    ProfileChange,
    Shares,
    SharesChange,
    Sourced,
)
from cjsim.schema.checks.checked import Checked
from cjsim.schema.explain import unit_of
from cjsim.schema.files import KeyPath
from cjsim.schema.messages import Problem
from cjsim.schema.money import Pounds
from cjsim.schema.odds import OddsFactor, OddsFactorChange
from cjsim.schema.parameter_paths import sourced_values
from cjsim.schema.register import Register

ASSUMPTION: Final = "assumption"
MADE_UP: Final = "toy"
"""The source of a number that nobody published, in the toy area only."""

_NUMBER: Final = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
_NATIONAL: Final = re.compile(r"\b(England|Wales|United Kingdom|Great Britain)\b")
_PLACE: Final = re.compile(r"\b[A-Z][a-z]+\b")
_MINUTES: Final = {"second": 1 / 60, "minute": 1.0, "hour": 60.0, "day": 1440.0, "week": 10080.0}
_SHARES: Final = ("proportion", "share", "chance", "per cent", "probability")


def sources_are_known(checked: Checked) -> Iterator[Problem]:
    """Every source is a row of the register that the number agrees with, or an assumption."""
    made_up: list[str] = []
    for at, value in sourced_values(checked.model):
        items: list[tuple[KeyPath, Sourced]] = [(at, value)]
        items += [
            ((*at, "changes", place), change)
            for place, change in enumerate(getattr(value, "changes", ()))
        ]
        unit = unit_of_value(at, value)
        for where, item in items:
            if item.source == ASSUMPTION:
                if item.evidence != "assumed":
                    yield Problem(
                        where,
                        f'the source is an assumption and the evidence "{item.evidence}".',
                        'Write evidence = "assumed" with a range, or name the source.',
                    )
            elif item.source == MADE_UP:
                made_up.append(".".join(map(str, where)))
            elif checked.register is not None:
                yield from source_agrees(where, item, unit, checked.register, checked.model.area)
    # A copy of the toy area has this fault at a hundred numbers: it is reported once.
    if made_up and checked.model.area != "toy" and checked.register is not None:
        count = len(made_up)
        first = made_up[0]
        numbers = f"{first} names" if count == 1 else f"{count} numbers ({first} ...) name"
        yield Problem(
            ("area",),
            f'{numbers} "toy" as the source, which is only for the area "toy".',
            'Replace source = "toy" in all files: by "assumption", or by an id of the register.',
        )


def source_agrees(
    at: KeyPath, item: Sourced, unit: str, register: Register, area: str
) -> Iterator[Problem]:
    """Whether a number of an area is what the row says that it names as its source."""
    row = register.get(item.source)
    if row is None:
        yield Problem(
            (*at, "source"),
            f'"{item.source}" is not in {_FILE}.',
            'Write an id of the register, or "assumption" with a range.',
        )
        return
    if item.evidence == "assumed":
        return
    said = f"{item.derivation} {item.note}"
    place = row["geography"]
    if not _is_of(place, area) and not any(word in said for word in _PLACE.findall(place)):
        yield Problem(
            (*at, "source"),
            f'"{item.source}" is of {place}, and the model of the area "{area}".',
            f"Name a row of the area, or say in derivation why {place} will do.",
        )
    if item.evidence == "estimated" or (item.evidence == "derived" and said.strip()):
        return
    wrong = disagreement(numbers_of(item), unit, row)
    if wrong:
        yield Problem(
            at,
            f'the evidence is "{item.evidence}", and {wrong} "{item.source}" of the register '
            f"({row['value']} {row['unit']}).",
            'Write what was published, or evidence = "derived" with derivation = "how it comes '
            'from that".',
        )


_FILE: Final = "calibration/register.csv"


def _is_of(place: str, area: str) -> bool:
    """Whether a figure of a place is one of the area: of the country, a sample of it, or itself."""
    if _NATIONAL.search(place) or not _PLACE.search(place):
        return True
    own, of = set(re.split(r"[_\W]+", area.lower())), set(re.split(r"[_\W]+", place.lower()))
    return own <= of or of <= own


def numbers_of(item: Sourced) -> list[float]:
    """The numbers that a value is made of; an order of rules has none."""
    if isinstance(item, (Duration, DurationChange)):
        given = (item.median, item.p90, item.mean, item.fixed)
        return [number for number in given if number is not None]
    if isinstance(item, (OddsFactor, OddsFactorChange)):
        return [item.factor]
    if isinstance(item, (Profile, ProfileChange)):
        return list(item.value)
    if isinstance(item, Pounds):
        return [item.gbp]
    if isinstance(item, (Number, NumberChange)):
        return list(item.value.values()) if isinstance(item.value, dict) else [item.value]
    if isinstance(item, (Shares, SharesChange)):
        parts = (
            part.values() if isinstance(part, dict) else (part,) for part in item.value.values()
        )
        return list(chain.from_iterable(parts))
    return []


def unit_of_value(at: KeyPath, value: Sourced) -> str:
    """The unit of a value; empty where its name says none."""
    if isinstance(value, Duration):
        return value.unit
    keys = (str(key) for key in reversed(at[-2:]))
    return "GBP" if isinstance(value, Pounds) else next(filter(None, map(unit_of, keys)), "")


def published_numbers(row: Mapping[str, str]) -> list[float]:
    """The numbers that a row of the register holds, in its value or in its note."""
    text = f"{row['value']} {row['note']}"
    return [float(found.replace(",", "")) for found in _NUMBER.findall(text)]


def disagreement(numbers: Sequence[float], unit: str, row: Mapping[str, str]) -> str:
    """What keeps numbers in a unit from being those of a row; empty if they are."""
    factors = _factors(row["unit"], unit)
    if not factors:
        return f"{unit} are not the unit of"
    held = [number * factor for number in published_numbers(row) for factor in factors]
    odd = [number for number in numbers if not any(_rounded(number, one) for one in held)]
    # A table may be the parts of a published total.
    if not odd or any(_rounded(sum(numbers), one) for one in held):
        return ""
    return f"{odd[0]:g} is not in"


def _rounded(number: float, published: float) -> bool:
    """Whether a number is a published one, rounded to the digits that it is written with."""
    decimals = len(f"{number:.10f}".rstrip("0").partition(".")[2])
    return abs(number - published) <= 0.5 * 10.0**-decimals + 1e-9 * abs(published)


def _factors(published: str, unit: str) -> tuple[float, ...]:
    """What a published number is multiplied by to be in a unit; none if it cannot be."""
    theirs, own = _minutes(published), _minutes(unit)
    if theirs and own:
        return (theirs / own,)
    if any(word in published for word in _SHARES):
        return (1.0, 0.01, 100.0)
    is_time, is_money = bool(theirs), "GBP" in published
    if (is_time and unit == "GBP") or (is_money and own):
        return ()
    return (1.0,)


def _minutes(unit: str) -> float:
    """How many minutes a unit of time is; 0 for what is none, such as working days."""
    words = re.findall(r"[a-z]+", unit)
    first = words[0].removesuffix("s") if words else ""
    return _MINUTES.get(first, 0.0)
