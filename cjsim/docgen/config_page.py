"""Every key of a file, told from the types that check it: type, unit, default and meaning.

Nothing is written down twice: what a key means stands at its field, its unit in its name, and
whether it may be left out in its default.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cjsim.england_wales import vocabulary
from cjsim.schema import base, model
from cjsim.schema.base import Amount, Duration, Number, Probability, Profile, Shares
from cjsim.schema.call_order import Order
from cjsim.schema.explain import unit_of
from cjsim.schema.odds import OddsFactor

NUMBERS: Final = (Number, Profile, Shares, OddsFactor)
"""The kinds of value whose key says a unit; a duration says it itself."""

VALUES: Final = (*NUMBERS, Duration, Order)
"""The kinds of value, which are told once for all keys."""

MOST_WORDS: Final = 8
"""A longer list of words is named and stands on the page of words."""


@dataclass(frozen=True)
class Key:
    """One key of a table: its name in the file, and what a writer has to know of it."""

    name: str
    kind: str
    unit: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One kind of table: where it stands, what it is, and its keys."""

    heading: str
    about: str
    keys: tuple[Key, ...]


def tables(described: type[BaseModel], heading: str, named: str) -> Iterator[Table]:
    """A description's own keys, then each table below it, in the order of the file.

    `heading` is the title of the top of the file, `named` the path of its tables ("" there). Kinds
    of value are left out: `kinds_of_value` has them, once.
    """
    yield Table(heading, _about(described), tuple(_keys(described)))
    hints = get_type_hints(described, include_extras=True)
    for name, field in described.model_fields.items():
        key = field.alias or name
        path = f"{named}.{key}" if named else key
        for below, many in _described_below(hints[name]):
            place = f"[{path}{many}]" if many != "[]" else f"[[{path}]]"
            yield from tables(below, place, f"{path}{many}" if many != "[]" else path)


def kinds_of_value() -> Iterator[Table]:
    """The tables that hold a number with its pedigree, one for each kind of value."""
    for kind in (Number, Amount, Probability, Duration, Shares, Profile, Order, OddsFactor):
        yield Table(kind_of(kind), _about(kind), tuple(_keys(kind)))
    yield Table("a change", _about(base.Dated), tuple(_keys(base.Dated)))


def kind_of(hint: Any) -> str:
    """What may be written for a type, in words: "a list of dates", "one of ..."."""
    for known, said in _KNOWN:
        if hint is known or hint == known:
            return said
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return kind_of(inside[0])
    if origin in (Union, types.UnionType):
        choices = [kind_of(each) for each in inside if each is not type(None)]
        return " or ".join(dict.fromkeys(choices))
    if origin is Literal:
        return _one_of(hint, inside)
    if origin is tuple:
        return _list_of(inside)
    if origin is dict:
        return f"{kind_of(inside[1])} for each {_by(inside[0])}"
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "a table"
    raise TypeError(f"the reference has no words for {hint!r}")


_KNOWN: Final[tuple[tuple[Any, str], ...]] = (
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
    (OddsFactor, "a factor on odds"),
)
_WORDS: Final = {
    getattr(vocabulary, name): name
    for name in vars(vocabulary)
    if name[0].isupper() and get_origin(getattr(vocabulary, name)) is Literal
}


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


def _unit(name: str, hint: Any) -> str:
    held = [each for each in _parts(hint) if isinstance(each, type)]
    return unit_of(name) if any(issubclass(each, NUMBERS) for each in held) else ""


def _parts(hint: Any) -> Iterator[Any]:
    """The types that a value of a type can be or hold, without what only annotates them."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from _parts(inside[0])
    elif origin is Literal:
        yield str
    elif inside:
        # Of a table, only what it holds: its keys are words.
        for each in inside[1:] if origin is dict else inside:
            yield from _parts(each)
    else:
        yield hint


def _described_below(hint: Any) -> list[tuple[type[BaseModel], str]]:
    """The tables that a key holds, and how they are named below it."""
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
    is_table = isinstance(hint, type) and issubclass(hint, BaseModel)
    return [(hint, many)] if is_table and not issubclass(hint, VALUES) else []


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ((), {}, "") or isinstance(value, BaseModel):
        return "left out"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _one_of(hint: Any, words: tuple[str, ...]) -> str:
    if len(words) > MOST_WORDS and hint in _WORDS:
        name = spoken(_WORDS[hint])
        return f"a word: [{name}](words.md#{name.replace(' ', '-')})"
    return "one of " + ", ".join(f'"{word}"' for word in words if word)


def _list_of(inside: tuple[Any, ...]) -> str:
    if inside[-1] is not Ellipsis:
        return "[lowest, highest]"
    return f"a list, each {kind_of(inside[0])}"


def _by(hint: Any) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        hint = get_args(hint)[0]
    if hint in _WORDS:
        return spoken(_WORDS[hint])
    return "name" if hint == base.Name else "entry"


def spoken(word: str) -> str:
    """The name of a type of words as people say it: "CourtList" is a court list."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in word).strip()
