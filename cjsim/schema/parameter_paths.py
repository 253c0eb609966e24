"""Walking through a model's sourced values: every number that has a pedigree, and its path."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from pydantic import BaseModel

from cjsim.schema.base import (
    Duration,
    Number,
    NumberChange,
    Profile,
    ProfileChange,
    Shares,
    SharesChange,
    Sourced,
)
from cjsim.schema.call_order import Order, OrderChange
from cjsim.schema.closures import Closures
from cjsim.schema.files import KeyPath
from cjsim.schema.model import Model
from cjsim.schema.odds import OddsFactor

Changeable = Number | Duration | Shares | Profile | Order | OddsFactor | Closures
"""A value that may carry dated changes."""

NOT_SET: Final[Mapping[str, str]] = {
    "divisions.*.share": "it says where cases arise, and every scenario meets the same cases",
    "opening.*": "it says how a run starts, and every scenario starts alike",
    "sampling.*": "it says how many cases each simulated one stands for, in every scenario",
    "streams.*.headroom": "up to this rate the cases of all scenarios are drawn beforehand",
    "streams.*.returning_share": "it says which of the same cases are people who come back",
    "streams.*.returning_after": "it says when people come back who were there before the run",
    "costs.deflator.*": "it says what a pound of each year is worth, to every scenario",
    "costs.social_cost_of_crime.*": "it says what a crime costs society, in every scenario",
}
"""The values that no scenario can set, as patterns of their paths, and why not."""

CONSTANT: Final = tuple(NOT_SET)
"""Values that hold for a whole run: they say who arrives, when it starts, what a pound is."""

WHOLE_NUMBERS: Final = ("pools.*.capacity",)
"""Values of which only whole numbers make sense."""

FOR_THE_WHOLE_AREA: Final = (
    "streams.*.hours",
    "streams.*.weekdays",
    "streams.*.months",
    "engagement.*",
    "limits.*",
    "duties.*.within_working_days",
    "duties.*.within_working_days_enhanced",
    "duties.*.missed_after_working_days",
    "costs.units.*.gbp",
    "costs.discount_rate",
    "channels.*.contact_length",
    "streams.*.per_quarter",
    "courthouses.*.closed",
    "drawn_facts.*.most",
    "hearings.*.added_minutes.*",
)
"""Values that are the same in every division."""


def sourced_values(model: Model) -> Iterator[tuple[KeyPath, Sourced]]:
    """Every sourced value of a model with its path, in the order of the model's tables.

    A courthouse that is never shut says nothing that would need a source.
    """
    for at, value in _walk(model, ()):
        if not isinstance(value, Closures) or value.changes:
            yield at, value


def changeable_values(model: Model) -> Iterator[tuple[KeyPath, Changeable]]:
    """Every value that may carry dated changes, with its path."""
    for at, value in _walk(model, ()):
        if isinstance(value, Changeable):
            yield at, value


def settable_values(model: Model) -> Iterator[tuple[KeyPath, Changeable]]:
    """Every value that a scenario may set, with its path."""
    for at, value in changeable_values(model):
        if not is_one_of(at, CONSTANT):
            yield at, value


def places_of(path: str, known: Collection[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The values that a path names, each with the entries of its table that are meant.

    No entries stand for the whole value. A path ends in the value, or in an entry of its table, or
    in several entries with commas between them. A `*` is any word, or any part of one. Empty where
    no value is named.
    """
    if path in known:
        return [(path, ())]
    table, _, entries = path.rpartition(".")
    if table in known:
        return [(table, tuple(entry.strip() for entry in entries.split(",")))]
    if "*" not in path:
        return []
    parts = path.split(".")
    exact: list[tuple[str, tuple[str, ...]]] = [
        (name, ()) for name in known if _matches(name.split("."), parts)
    ]
    named = tuple(entry.strip() for entry in entries.split(","))
    return exact or [(name, named) for name in known if _matches(name.split("."), parts[:-1])]


def _matches(name: Sequence[str], pattern: Sequence[str]) -> bool:
    return len(name) == len(pattern) and all(map(fnmatchcase, name, pattern))


def why_not_set(at: KeyPath) -> str | None:
    """Why no scenario can set the value at a path; None where one can."""
    return next((why for pattern, why in NOT_SET.items() if is_one_of(at, (pattern,))), None)


def values_within(
    at: KeyPath, value: Number | Shares | Profile | Order
) -> Iterator[tuple[KeyPath, Any]]:
    """The undated value and that of each change, with their paths."""
    yield (*at, "value"), value.value
    changes: Sequence[NumberChange | SharesChange | ProfileChange | OrderChange] = value.changes
    for place, change in enumerate(changes):
        yield (*at, "changes", place, "value"), change.value


def is_one_of(at: KeyPath, patterns: tuple[str, ...]) -> bool:
    """Whether a path is what one of some dotted patterns describes; "*" is any word."""
    for pattern in patterns:
        parts = pattern.split(".")
        if len(parts) == len(at) and all(
            want in ("*", part) for want, part in zip(parts, at, strict=True)
        ):
            return True
    return False


def _walk(value: object, at: KeyPath) -> Iterator[tuple[KeyPath, Sourced]]:
    if isinstance(value, Sourced):
        yield at, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), (*at, name))
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _walk(below, (*at, key))
