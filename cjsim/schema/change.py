"""What it means to set a value: replaced, scaled, added to, or one entry of it changed.

Every way of setting a path of a model comes through `content_after`: what a scenario sets, the
points of a sweep, the ends of a sensitivity study, the draws of an uncertainty study, the points of
a calibration and the sets of its ensemble. One number over a table has no meaning of its own: it
could replace every entry, or scale all of them, and is refused unless it is said which.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cjsim.errors import Slip, did_you_mean
from cjsim.jurisdiction import vocabulary
from cjsim.schema.base import Duration, Shares
from cjsim.schema.call_order import Order
from cjsim.schema.closures import Closures
from cjsim.schema.files import KeyPath
from cjsim.schema.odds import OddsFactor
from cjsim.schema.parameter_paths import Changeable, is_one_of
from cjsim.storage.plain import PlainRow, PlainTable

Content = PlainRow
"""The numbers of a value or of one of its changes: value; median and p90, mean, fixed; factor."""

LENGTHS: Final = ("median", "mean", "fixed")
"""The keys of which a length of time has one; a median comes with a p90."""

_CONTENT: Final = ("value", "factor", "p90", *LENGTHS)
_CASES: Final = ("streams.*.per_year", "streams.*.per_quarter")


@dataclass(frozen=True)
class Replace:
    """The value becomes this, written as the model gives it."""

    content: Content


@dataclass(frozen=True)
class SetLevel:
    """The one number of the value becomes this; a length of time keeps its spread in proportion."""

    number: float


@dataclass(frozen=True)
class ReplaceEach:
    """Every entry of the table becomes this number."""

    number: float


@dataclass(frozen=True)
class Scale:
    """Every number of the value is multiplied by this factor."""

    factor: float


@dataclass(frozen=True)
class Add:
    """Every number of the value grows by this amount, in the value's unit."""

    amount: float


Change = Replace | SetLevel | ReplaceEach | Scale | Add


@dataclass(frozen=True)
class OfEntries:
    """Some entries of a table change, by their keys; the others stay as they are."""

    entries: tuple[str, ...]
    change: Change


def is_relative(change: Change | OfEntries) -> bool:
    """Whether the numbers after a change depend on those before it."""
    return isinstance(change, (Scale, Add, OfEntries))


def content_after(
    value: Changeable,
    at: KeyPath,
    stood: Content,
    change: Change | OfEntries,
    area: str | None,
) -> PlainTable:
    """The numbers of a value after a change of what stood there, in a division or in all (None).

    Raises Slip where the change has no one meaning: one number over a table.
    """
    if isinstance(change, OfEntries):
        return _of_entries(value, stood, change, area)
    if isinstance(value, OddsFactor):
        return _odds(stood["factor"], change)
    if isinstance(value, Duration):
        return _length(stood, change)
    if isinstance(value, Closures):
        return _closure(change)
    held = entry_of(stood["value"], area)
    if isinstance(change, Replace):
        if "value" in change.content:
            _refuse_another_shape(value, at, held, change.content["value"])
        return dict(change.content)
    return _table(value, at, held, change)


def _table(value: Changeable, at: KeyPath, held: Any, change: Change) -> PlainTable:
    """The numbers of a value or table after a change that does not replace all of it."""
    if isinstance(value, (Shares, Order)):
        raise Slip(
            "these are shares or rules, which no one number can stand for.",
            "Write all of them, as the model does.",
        )
    if isinstance(change, (Scale, Add)):
        return {"value": _moved(held, change)}
    assert isinstance(change, (SetLevel, ReplaceEach))
    if not is_table(held):
        return {"value": change.number}
    if isinstance(change, SetLevel):
        raise _one_number_over(
            held,
            "Write factor = true, and all entries are multiplied by it, or each = true, and every "
            "entry gets it.",
        )
    if not isinstance(held, Mapping):
        return {"value": tuple(change.number for _ in held)}
    if (
        is_one_of(at, _CASES)
        and "default" not in held
        and not set(vocabulary().offence_groups) <= set(held)
    ):
        # Groups that the table leaves out have no cases, and get none.
        return {"value": dict.fromkeys(held, change.number)}
    return {"value": change.number}


def _closure(change: Change) -> dict[str, Any]:
    if isinstance(change, Replace):
        return dict(change.content)
    wrong = "these are the days on which a courthouse is shut, and no number."
    raise Slip(wrong, 'Write from, to and work_goes_to, such as work_goes_to = "south_court".')


def is_table(held: object) -> bool:
    """Whether there are several numbers; a table with nothing but a default is one number."""
    return isinstance(held, (list, tuple)) or (
        isinstance(held, Mapping) and list(held) != ["default"]
    )


def entry_of(held: Any, area: str | None) -> Any:
    """What holds in a division of a table by division; the whole of it everywhere else."""
    return held[area] if area is not None and isinstance(held, Mapping) and area in held else held


def content_of(entry: object) -> PlainTable:
    """The numbers of a value, or of one of its changes."""
    given = {key: getattr(entry, key, None) for key in _CONTENT}
    return {key: number for key, number in given.items() if number is not None}


def levels_of(content: Content) -> dict[str, float]:
    """The levels among the numbers of an entry, by key of a table; a single one under its key."""
    levels: dict[str, float] = {}
    for key, number in content.items():
        if key == "p90" or isinstance(number, str):
            continue
        if isinstance(number, Mapping):
            levels.update(number)
        elif isinstance(number, (list, tuple)):
            levels.update({str(place): each for place, each in enumerate(number)})
        else:
            levels[key] = number
    return levels


def standing(
    value: Changeable,
    changes: Iterable[tuple[dt.date, str | None, Content]],
    day: dt.date,
    area: str | None,
) -> dict[str | None, Content]:
    """What stands on a day, by division; under None what holds in the divisions not named.

    `changes` are day, division and numbers of each, in the order of their days. With `area` only
    what holds there, under its name.
    """
    found: dict[str | None, Content] = {None: content_of(value)}
    for begins, where, content in changes:
        if begins <= day:
            found = {None: content} if where is None else {**found, where: content}
    return found if area is None else {area: found.get(area, found[None])}


def changes_of(value: Changeable) -> list[tuple[dt.date, str | None, Content]]:
    """A value's own changes as `standing` wants them."""
    return [(change.from_, change.area, content_of(change)) for change in value.changes]


def _odds(stood: float, change: Change) -> PlainTable:
    if isinstance(change, (Scale, Add)):
        return {"factor": moved(stood, change)}
    if not isinstance(change, Replace):
        return {"factor": change.number}
    given = change.content.get("value")
    if isinstance(given, Mapping):
        wrong = "an odds factor is one number for all offence groups."
        raise Slip(wrong, "Write a number, such as value = 1.5.", ("value",))
    return {"factor" if key == "value" else key: number for key, number in change.content.items()}


def _length(stood: Content, change: Change) -> PlainTable:
    if isinstance(change, Replace):
        return dict(change.content)
    key = next(key for key in LENGTHS if key in stood)
    level = moved(stood[key], change) if isinstance(change, (Scale, Add)) else change.number
    found: PlainTable = {key: level}
    if "p90" in stood:
        p90 = stood["p90"] * level / stood[key] if stood[key] else stood["p90"]
        found["p90"] = float(f"{p90:.12g}")
    return found


def moved(number: float, change: Scale | Add) -> float:
    """A number after a relative change."""
    return number * change.factor if isinstance(change, Scale) else number + change.amount


def _moved(held: Any, change: Scale | Add) -> Any:
    if isinstance(held, Mapping):
        return {key: moved(number, change) for key, number in held.items()}
    if isinstance(held, (list, tuple)):
        return tuple(moved(number, change) for number in held)
    return moved(held, change)


def _of_entries(
    value: Changeable, stood: Content, change: OfEntries, area: str | None
) -> PlainTable:
    """A table in which some entries have changed. Raises Slip where there is no such entry."""
    held = entry_of(stood.get("value"), area)
    if isinstance(value, Shares) or not isinstance(held, Mapping):
        what = "shares, which add up to one" if isinstance(value, Shares) else "no table"
        raise Slip(f"this value is {what}: no entry of it can be set.", "Set the whole value.")
    inner = change.change
    if not isinstance(inner, (Scale, Add, SetLevel)):
        raise Slip("an entry of a table is one number.", "Write value, factor or add.")
    after = dict(held)
    groups = vocabulary().offence_groups
    for entry in change.entries:
        default = held.get("default") if entry in groups else None
        number = held.get(entry, default)
        if number is None:
            known = [*held, *(groups if "default" in held else ())]
            raise Slip(f'there is no entry "{entry}" here.', did_you_mean(entry, known))
        after[entry] = inner.number if isinstance(inner, SetLevel) else moved(number, inner)
    return {"value": after}


def _refuse_another_shape(value: Changeable, at: KeyPath, held: Any, given: Any) -> None:
    """Refuse one number for many, and a table that would leave out groups that have cases."""
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        if isinstance(value, (Shares, Order)) or not is_table(held):
            return  # What is no number at all is refused by the value's own checks.
        raise _one_number_over(
            held,
            f"Write all of them, such as value = {_as_toml(held)}. Or write factor in place of "
            "value, and every entry is multiplied by it; or add each = true, and every entry gets "
            "this number.",
        )
    if is_one_of(at, _CASES) and isinstance(given, Mapping) and "default" not in given:
        before = (
            held if isinstance(held, Mapping) else dict.fromkeys(vocabulary().offence_groups, held)
        )
        known = set(before) if "default" not in before else {*before, *vocabulary().offence_groups}
        left_out = sorted(
            key
            for key in known - {"default"}
            if key not in given and before.get(key, before.get("default", 0.0)) > 0
        )
        if left_out:
            few = ", ".join(left_out[:4]) + (", ..." if len(left_out) > 4 else "")
            raise Slip(
                f"the table leaves out {few}, which have cases: they would have none.",
                "Add them, or default = 0 if they are to have none.",
            )


def _one_number_over(held: Any, remedy: str) -> Slip:
    noun = "table" if isinstance(held, Mapping) else "list"
    return Slip(f"here stands a {noun} of {len(held)} numbers, and this is one number.", remedy)


def _as_toml(held: Any) -> str:
    if isinstance(held, Mapping):
        return "{ " + ", ".join(f"{key} = {number:g}" for key, number in held.items()) + " }"
    return "[" + ", ".join(f"{number:g}" for number in held) + "]"
