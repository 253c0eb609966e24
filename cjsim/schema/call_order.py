"""An order: rules by their words, the first one first."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from cjsim.errors import Slip
from cjsim.schema.base import Dated, Sourced, check_once


class OrderChange(Dated):
    """A dated order."""

    value: tuple[str, ...] = Field(description="the rules from that day on")

    def is_quantity(self) -> bool:
        """Rules are words."""
        return False


class Order(Sourced):
    """Rules by their words, the first one first: a later rule decides what the earlier leave open.

    It is a policy and no quantity, so that an assumed one needs no range.
    """

    value: tuple[str, ...] = Field(description="the rules, the first one first")
    changes: tuple[OrderChange, ...] = Field(default=(), description="the rules from later days on")

    def is_quantity(self) -> bool:
        """Rules are words."""
        return False

    @model_validator(mode="after")
    def _no_rule_twice(self) -> Self:
        _check_order(self.value, ("value",))
        for place, change in enumerate(self.changes):
            _check_order(change.value, ("changes", place, "value"))
        return self


def _check_order(words: tuple[str, ...], at: tuple[str | int, ...]) -> None:
    if not words:
        raise Slip("no rule stands here.", 'Write at least one, such as ["custody"].', at)
    check_once(words, "rule", at)
