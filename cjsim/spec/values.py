"""Walking through a model's sourced values: every number that has a pedigree, and its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from cjsim.spec.base import (
    Duration,
    Number,
    NumberChange,
    Order,
    OrderChange,
    Profile,
    ProfileChange,
    Shares,
    SharesChange,
    Sourced,
)
from cjsim.spec.files import KeyPath
from cjsim.spec.model import Model

Changeable = Number | Duration | Shares | Profile | Order
"""A value that may carry dated changes."""

CONSTANT: Final = (
    "divisions.*.share",
    "opening.*",
    "sampling.*",
    "streams.*.headroom",
    "streams.*.returning_share",
    "streams.*.returning_after",
    "costs.deflator.*",
)
"""Values that hold for a whole run: they say who arrives, when it starts, what a pound is."""

FOR_THE_WHOLE_AREA: Final = (
    "streams.*.hours", "streams.*.weekdays", "streams.*.months", "engagement.*", "limits.*",
    "duties.*.within_working_days", "duties.*.within_working_days_enhanced",
    "duties.*.missed_after_working_days", "costs.units.*.gbp", "costs.discount_rate",
    "channels.*.contact_length", "streams.*.per_quarter",
)  # fmt: skip
"""Values that are the same in every division."""


def sourced_values(model: Model) -> Iterator[tuple[KeyPath, Sourced]]:
    """Every sourced value of a model with its path, in the order of the model's tables."""
    yield from _walk(model, ())


def changeable_values(model: Model) -> Iterator[tuple[KeyPath, Changeable]]:
    """Every value that may carry dated changes, with its path."""
    for at, value in sourced_values(model):
        if isinstance(value, (Number, Duration, Shares, Profile, Order)):
            yield at, value


def settable_values(model: Model) -> Iterator[tuple[KeyPath, Changeable]]:
    """Every value that a scenario may set, with its path."""
    for at, value in changeable_values(model):
        if not is_one_of(at, CONSTANT):
            yield at, value


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
