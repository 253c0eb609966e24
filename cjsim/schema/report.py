"""What an experiment file says of its report: what the Board watches, and what it should hear."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from cjsim.schema.base import Day, Real, Spec, check_once
from cjsim.schema.trade_off import TradeOffs


class Report(Spec):
    """What the Board watches, the smallest effect on it worth having, and trade-offs to draw.

    `status` is `assured` once somebody other than its authors has checked the work. `data_as_of` is
    the last day of what the model's figures are of, `review_by` the day by which the answer has to
    be looked at again; `caveats` are what a Board should hear before anything else.
    """

    status: Literal["draft", "assured"] = Field(
        default="draft", description="whether somebody other than its authors has checked it"
    )
    data_as_of: Day | None = Field(default=None, description="the last day of the model's figures")
    review_by: Day | None = Field(default=None, description="when to look at the answer again")
    caveats: Annotated[tuple[str, ...], Field(max_length=3)] = Field(
        default=(), description="what a Board should hear first"
    )
    watch: tuple[str, ...] = Field(
        default=(), description="the measures shown first, in this order"
    )
    worthwhile: dict[str, Annotated[Real, Field(ge=0)]] = Field(
        default_factory=dict, description="for a measure, the smallest difference worth having"
    )
    trade_off: TradeOffs = Field(default=(), description="charts of the steps of one policy")

    @model_validator(mode="after")
    def _no_measure_twice(self) -> Self:
        check_once(self.watch, "measure", ("watch",))
        return self


SAID_TO_THE_BOARD: Final = {"status", "data_as_of", "review_by", "caveats"}
"""What of the report's table goes on its first page as it stands."""
