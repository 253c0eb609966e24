"""How strongly a fact of a case acts on a decision or on a length, from when, and where."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from cjsim.schema.base import Dated, Real, Sourced, outside_its_range
from cjsim.storage.plain import PlainTable


class OddsFactorChange(Dated):
    """A dated odds factor."""

    factor: Real = Field(gt=0, description="what the odds are multiplied by from that day on")


class OddsFactor(Sourced):
    """What an attribute of the case does to the odds of a branch: a factor, or one per unit."""

    factor: Real = Field(gt=0, description="what the odds are multiplied by")
    reference: Real = Field(default=0.0, description="the fact's value at which it does nothing")
    changes: tuple[OddsFactorChange, ...] = Field(
        default=(), description="its factors from later days on"
    )

    @model_validator(mode="after")
    def _within_its_range(self) -> Self:
        items: list[tuple[OddsFactor | OddsFactorChange, tuple[str | int, ...]]] = [(self, ())]
        items += [(change, ("changes", place)) for place, change in enumerate(self.changes)]
        for item, at in items:
            if item.range is not None and not item.range[0] <= item.factor <= item.range[1]:
                raise outside_its_range(item.factor, item.range, at)
        return self

    @model_serializer(mode="wrap")
    def _without_empty_changes(self, handler: SerializerFunctionWrapHandler) -> PlainTable:
        """Leave `changes` out where there are none: the model's hash stays what it was before."""
        told: PlainTable = handler(self)
        if not self.changes:
            told.pop("changes", None)
        return told


class LengthFactor(OddsFactor):
    """What a fact of the case does to the length of a hearing: a factor, or one per unit.

    A fact that holds or not counts as 1 or 0. Its `reference` is the share of the cases in which it
    holds: then the mean length stays what the model says.
    """

    factor: Real = Field(gt=0, description="what the length is multiplied by")
    reference: Real = Field(
        default=0.0,
        description="the fact's value at which it does nothing; of a fact that holds or not, the "
        "share in which it holds",
    )
