"""How precise the differences of an experiment are to be, and how much may be run for it."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from cjsim.errors import Slip
from cjsim.schema.base import Real, Spec

FEWEST_REPLICATIONS: Final = 10
"""Fewer than this are too few to tell from them how many are needed."""

MOST_REPLICATIONS: Final = 10_000


class Precision(Spec):
    """The half-width that the interval of every watched difference is to come down to.

    `of_baseline` gives it as a share of the baseline's level; `measures` in a measure's own unit,
    which goes before the share. Replications are added until it is reached, `most_replications` at
    most.
    """

    of_baseline: Annotated[Real, Field(gt=0, le=1)] | None = Field(
        default=None, description="the half-width wanted, as a share of the baseline's level"
    )
    measures: dict[str, Annotated[Real, Field(gt=0)]] = Field(
        default_factory=dict, description="the half-width wanted of a measure, in its own unit"
    )
    most_replications: int = Field(
        default=200,
        ge=FEWEST_REPLICATIONS,
        le=MOST_REPLICATIONS,
        strict=True,
        description="where to stop if it is not reached",
    )

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.of_baseline is None and not self.measures:
            raise Slip(
                "no precision is asked for.",
                "Write of_baseline = 0.01, or the half-width of a measure in [precision.measures].",
            )
        return self
