"""What an experiment file may say of a back-cast: what is judged, from when, and what is unknown.

A model that was calibrated up to a day is run past it, over years whose outcomes are published
(the back-cast) and over years whose outcomes are not (the projection).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cjsim.errors import Slip
from cjsim.schema.base import Day, Real, Sourced, Spec
from cjsim.schema.words import Court

MOST_DRAWS = 2_000


class Unknown(Sourced):
    """An unknown value of the model: a factor on all that it is in a stretch of time."""

    path: str = Field(description="the path of the model's value")
    factor: tuple[Annotated[Real, Field(gt=0)], Annotated[Real, Field(gt=0)]] = Field(
        description="the lowest and the highest that the value may be multiplied by"
    )
    from_: Day | None = Field(
        default=None,
        alias="from",
        description="the day from which it holds; from the model's first value if left out",
    )
    to: Day | None = Field(
        default=None, description="the last day it holds on; to the end if left out"
    )

    def is_quantity(self) -> bool:
        """Its factor is its range."""
        return False

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.factor[0] > self.factor[1]:
            raise Slip(
                "the factors are the wrong way round.", "Write the lower first.", ("factor",)
            )
        return self

    def holds_on(self, day: dt.date | None) -> bool:
        """Whether it bears on what begins on a day; None is the model's first value."""
        if day is None:
            return self.from_ is None
        return (self.from_ is None or day >= self.from_) and (self.to is None or day <= self.to)


class Backcast(Spec):
    """A measure at quarter ends beside its published series.

    That series has a row for each `quarter_end` with `open_cases`.
    """

    published: str = Field(min_length=1, description="the published series: a path from this file")
    ages: str | None = Field(
        default=None, min_length=1, description="published age bands, if any: a path from this file"
    )
    kpi: Literal["open_cases"] = Field(default="open_cases", description="the measure")
    court: Court = Field(default="crown", description="of which court")
    origin: Day = Field(description="the day up to which the model was calibrated")
    judged_to: Day = Field(
        description="the day up to which it is judged; what is later is a projection"
    )
    draws: int = Field(
        default=20,
        ge=2,
        le=MOST_DRAWS,
        strict=True,
        description="how many sets of the unknown values are drawn",
    )
    unknown: tuple[Unknown, ...] = Field(min_length=1, description="the unknown values")

    @model_validator(mode="after")
    def _judged_after_the_origin(self) -> Self:
        if self.judged_to <= self.origin:
            raise Slip(
                f"what is judged ends ({self.judged_to}) before it begins ({self.origin}).",
                "Write a later day as judged_to.",
            )
        return self
