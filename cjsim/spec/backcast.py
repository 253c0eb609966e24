"""What an experiment file may say of a back-cast: what is judged, from when, and what is unknown.

A model that was calibrated up to a day is run past it, over years whose outcomes are published
(the back-cast) and over years whose outcomes are not (the projection).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cjsim.errors import Slip
from cjsim.spec.base import Day, Real, Sourced, Spec

MOST_DRAWS = 2_000


class Unknown(Sourced):
    """A value of the model that nobody knows: a factor on all that it is in a stretch of time.

    `factor` holds its lowest and highest; without `from` it begins with the model's first value,
    without `to` it holds to the end.
    """

    path: str
    factor: tuple[Annotated[Real, Field(gt=0)], Annotated[Real, Field(gt=0)]]
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None

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

    `published` is the path of that series from the experiment's file: a row for each `quarter_end`
    with `open_cases`; `ages` is that of published age bands, where there are any. The model was
    calibrated up to `origin`; up to `judged_to` it is judged, and later quarters are a projection.
    """

    published: str = Field(min_length=1)
    ages: str | None = Field(default=None, min_length=1)
    kpi: Literal["open_cases"] = "open_cases"
    court: Literal["magistrates", "crown"] = "crown"
    origin: Day
    judged_to: Day
    draws: int = Field(default=20, ge=2, le=MOST_DRAWS, strict=True)
    unknown: tuple[Unknown, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _judged_after_the_origin(self) -> Self:
        if self.judged_to <= self.origin:
            raise Slip(
                f"what is judged ends ({self.judged_to}) before it begins ({self.origin}).",
                "Write a later day as judged_to.",
            )
        return self
