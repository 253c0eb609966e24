"""What an experiment says of a trade-off: the steps of a policy, what they gain, what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from cjsim.errors import Slip, did_you_mean
from cjsim.schema.base import BASELINE, Name, Spec
from cjsim.schema.messages import Problem
from cjsim.schema.words import CourtOrAll

LEAST_STEPS: Final = 3
MOST_STEPS: Final = 8
"""Points that one panel can hold apart and label."""

MOST_MEASURES: Final = 2
"""Gains, and losses: each pair has a panel of its own."""


class Side(Spec):
    """A measure on one side of a trade-off: the whole, or the mean of a length of time."""

    measure: str = Field(min_length=1, description="its name")
    court: CourtOrAll | None = Field(
        default=None, description="of this court; all, or the first there is, if left out"
    )
    group: str | None = Field(
        default=None, description="of this group, such as a list or a pool; the whole if left out"
    )


def _as_tables(sides: object) -> object:
    """One measure or several, each by its name alone or as a table."""
    several = sides if isinstance(sides, list) else [sides]
    return [{"measure": one} if isinstance(one, str) else one for one in several]


Sides = Annotated[
    tuple[Side, ...],
    BeforeValidator(_as_tables, json_schema_input_type=str | Side | tuple[str | Side, ...]),
    Field(min_length=1, max_length=MOST_MEASURES),
]


class TradeOff(Spec):
    """A chart of scenarios that are steps of one policy: what each gains against what it costs."""

    title: str = Field(min_length=1, description="what is stepped up")
    gain: Sides = Field(description="what each step gains: one measure or two")
    loss: Sides = Field(description="what each step costs: one measure or two")
    steps: dict[Name, Annotated[str, Field(min_length=1)]] = Field(
        description="scenarios in their order, the baseline among them, and a short label for each"
    )

    @model_validator(mode="after")
    def _steps_make_a_line(self) -> Self:
        if BASELINE not in self.steps:
            raise Slip(
                "the baseline is not among the steps.",
                'Add it at its place in their order, such as baseline = "1.3".',
                ("steps",),
            )
        if not LEAST_STEPS <= len(self.steps) <= MOST_STEPS:
            raise Slip(
                f"a trade-off is drawn of {LEAST_STEPS} to {MOST_STEPS} steps with the baseline, "
                f"not of {len(self.steps)}.",
                "Name more scenarios." if len(self.steps) < LEAST_STEPS else "Name fewer of them.",
                ("steps",),
            )
        return self


def _as_list(found: object) -> object:
    return [found] if isinstance(found, Mapping) else found


TradeOffs = Annotated[tuple[TradeOff, ...], BeforeValidator(_as_list)]
"""One or more, each a table [[report.trade_off]]."""


def check_trade_offs(trade_offs: tuple[TradeOff, ...], scenarios: list[str]) -> list[Problem]:
    """The steps that are no scenarios."""
    known = [BASELINE, *scenarios]
    return [
        Problem(
            ("report", "trade_off", place, "steps", step),
            f'there is no scenario called "{step}".',
            did_you_mean(step, known),
        )
        for place, trade_off in enumerate(trade_offs)
        for step in trade_off.steps
        if step not in known
    ]
