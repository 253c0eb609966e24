"""The reference of every key of a file, written from the types that check it.

Nothing is written twice: the field gives the meaning of a key, its name the unit, and its default
says whether the key is required.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cjsim.schema import base, model, words
from cjsim.schema.base import Amount, Duration, Number, Probability, Profile, Shares
from cjsim.schema.call_order import Order
from cjsim.schema.closures import Closure, Closures
from cjsim.schema.explain import unit_of
from cjsim.schema.odds import LengthFactor, OddsFactor
from cjsim.schema.words import WordOf

NUMBERS: Final = (Number, Profile, Shares, OddsFactor)
"""Kinds of value whose unit is in the key; a duration has a unit of its kind."""

VALUES: Final = (*NUMBERS, Duration, Order, Closures)
"""Kinds of value, described once for all keys."""

_KINDS_OF_VALUE: Final = (
    Number,
    Amount,
    Probability,
    Duration,
    Shares,
    Profile,
    Order,
    OddsFactor,
    LengthFactor,
)

MOST_WORDS: Final = 8
"""A longer list of words is a link to the page of words."""


@dataclass(frozen=True)
class Key:
    """One key of a table: its name in the file, type, unit, default and meaning."""

    name: str
    kind: str
    unit: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One kind of table: its heading, its description and its keys."""

    heading: str
    about: str
    keys: tuple[Key, ...]


def tables(described: type[BaseModel], heading: str, named: str) -> Iterator[Table]:
    """Yield the table of a model's own keys, then each table below it, in the order of the file.

    `heading` is the title of the first table and `named` its path ("" at the top of a file). Kinds
    of value are omitted: `kinds_of_value` has them.
    """
    yield Table(heading, _about(described), tuple(_keys(described)))
    hints = get_type_hints(described, include_extras=True)
    for name, field in described.model_fields.items():
        key = field.alias or name
        path = f"{named}.{key}" if named else key
        for below, many in _described_below(hints[name]):
            table_heading = f"[{path}{many}]" if many != "[]" else f"[[{path}]]"
            yield from tables(below, table_heading, f"{path}{many}" if many != "[]" else path)


def kinds_of_value() -> Iterator[Table]:
    """Yield the tables that hold a number with its source, one for each kind of value."""
    for kind in _KINDS_OF_VALUE:
        yield Table(kind_of(kind), _about(kind), tuple(_keys(kind)))
    yield Table("a closure", _about(Closure), tuple(_keys(Closure)))
    yield Table("a change", _about(base.Dated), tuple(_keys(base.Dated)))


def kind_of(hint: object) -> str:
    """Return what may be written for a type, in words, such as "a list of dates"."""
    for known_type, description in _KNOWN:
        if hint is known_type or hint == known_type:
            return description
    origin, inside = get_origin(hint), get_args(hint)
    if word_of := _word_of(hint):
        return _one_of(word_of.words, word_of.kind)
    if origin is Annotated:
        return kind_of(inside[0])
    if origin in (Union, types.UnionType):
        kinds = [kind_of(argument) for argument in inside if argument is not type(None)]
        return " or ".join(dict.fromkeys(kinds))
    if origin is Literal:
        return _one_of(inside)
    if origin is tuple:
        return _list_of(inside)
    if origin is dict:
        return f"{kind_of(inside[1])} for each {_by(inside[0])}"
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "a table"
    raise TypeError(f"the reference has no description of {hint!r}")


_KNOWN: Final[tuple[tuple[object, str], ...]] = (
    (base.Name, "a name"),
    (base.Day, "a date"),
    (model.ClockTime, "a time of day"),
    (base.Flag, "true or false"),
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a text"),
    (Any, "a value"),
    (Number, "a number with its source"),
    (Amount, "an amount"),
    (Probability, "a probability"),
    (Duration, "a duration"),
    (Shares, "shares"),
    (Profile, "a profile"),
    (Order, "an order"),
    (Closures, "a closure, or a list of them"),
    (OddsFactor, "a factor on odds"),
    (LengthFactor, "a factor on a length"),
)


def _word_of(hint: object) -> WordOf | None:
    """Return the kind of words that a type takes from the jurisdiction's vocabulary, if any."""
    if get_origin(hint) is Annotated:
        return next((part for part in get_args(hint) if isinstance(part, WordOf)), None)
    return None


_NAMES: Final = {
    word_of.kind: name
    for name, hint in reversed(vars(words).items())
    if (word_of := _word_of(hint)) is not None and not word_of.also
}
"""The name of each kind of words, such as "CourtList" for `court_lists`."""


def _keys(described: type[BaseModel]) -> Iterator[Key]:
    hints = get_type_hints(described, include_extras=True)
    for name, field in described.model_fields.items():
        yield Key(
            field.alias or name,
            kind_of(hints[name]),
            _unit(field.alias or name, hints[name]),
            _default(field),
            field.description or "",
        )


def _about(described: type[BaseModel]) -> str:
    return " ".join((described.__doc__ or "").split())


def _unit(name: str, hint: object) -> str:
    types_in_hint = [part for part in _parts(hint) if isinstance(part, type)]
    return unit_of(name) if any(issubclass(part, NUMBERS) for part in types_in_hint) else ""


def _parts(hint: object) -> Iterator[object]:
    """Yield the types that a value may have or contain, without their annotations."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from _parts(inside[0])
    elif origin is Literal:
        yield str
    elif inside:
        # The keys of a dictionary are words; only its values count.
        for argument in inside[1:] if origin is dict else inside:
            yield from _parts(argument)
    else:
        yield hint


def _described_below(hint: object) -> list[tuple[type[BaseModel], str]]:
    """Return the tables below a key, with the suffix of their path."""
    origin = get_origin(hint)
    many = ""
    while origin in (Annotated, dict, tuple, Union, types.UnionType):
        inside = get_args(hint)
        if origin is dict:
            many, hint = f".<{_by(inside[0])}>", inside[1]
        elif origin is tuple:
            many, hint = many or "[]", inside[0]
        else:
            hint = inside[0]
        origin = get_origin(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel) and not issubclass(hint, VALUES):
        return [(hint, many)]
    return []


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ((), {}, "") or isinstance(value, BaseModel):
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _one_of(options: tuple[str, ...], kind: str = "") -> str:
    if len(options) > MOST_WORDS and kind:
        name = words_in_lower_case(_NAMES[kind])
        return f"a word: [{name}](words.md#{name.replace(' ', '-')})"
    return "one of " + ", ".join(f'"{option}"' for option in options if option)


def _list_of(inside: tuple[object, ...]) -> str:
    if inside[-1] is not Ellipsis:
        return "[lowest, highest]"
    return f"a list, each {kind_of(inside[0])}"


def _by(hint: object) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        hint = get_args(hint)[0]
    if word_of := _word_of(hint):
        return words_in_lower_case(_NAMES[word_of.kind])
    return "name" if hint == base.Name else "entry"


def words_in_lower_case(word: str) -> str:
    """Return the name of a type of words in lower case: "CourtList" becomes "court list"."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in word).strip()
