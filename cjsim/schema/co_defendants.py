"""Co-defendants: how many of those who are arrested are arrested with others, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

from pydantic import Field, model_validator

from cjsim.errors import Slip, did_you_mean
from cjsim.schema.base import Amount, Probability, Shares, Spec, check_once
from cjsim.schema.words import WayIn

SIZES: Final[Mapping[str, int]] = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
"""How many people can be arrested for one incident, by the word for it."""


_ONE_FOR_ALL: Final = ("join_notice_days", "trial_length_factor", "sentenced_after_trial")
"""The values that are the same for every offence group and division."""


class CoDefendantsSpec(Spec):
    """People who are arrested together, for one incident, and what that means to their trial.

    As many people are arrested as without this table. Those of one incident have the same victim,
    witnesses and kind of offence; all else is drawn for each of them. Those who contest the charge
    in the same court have one trial.
    """

    ways_in: tuple[WayIn, ...] = Field(
        min_length=1, description="the ways in by which several people can come together"
    )
    share: Probability = Field(
        description="the share of the people who come with others, by offence group"
    )
    sizes: Shares = Field(
        description="of the incidents of several people, the share with two, three, four, five "
        "and six"
    )
    join_notice_days: Amount = Field(
        description="how many days before a hearing that another defendant is listed for a "
        "defendant can still be listed with them"
    )
    trial_length_factor: Amount = Field(
        description="what each defendant after the first does to the estimate and the length of a "
        "trial"
    )
    sentenced_after_trial: Probability = Field(
        description="the chance that who has pleaded guilty is sentenced when the others have "
        "been tried, and not before"
    )

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        check_once(self.ways_in, "way in", ("ways_in",))
        for key in ("share", "sizes", *_ONE_FOR_ALL):
            if getattr(self, key).changes:
                raise Slip(
                    "this value cannot change in the course of a run.",
                    "Take the change out; an experiment sets it without a date.",
                    (key, "changes"),
                )
        for word in self.sizes.value:
            if word not in SIZES:
                raise Slip(
                    f'there is no size called "{word}".',
                    did_you_mean(word, [*SIZES]),
                    ("sizes", "value", word),
                )
        if lacking := [word for word in SIZES if word not in self.sizes.value]:
            raise Slip(
                f"the sizes {', '.join(lacking)} have no share.",
                "Add each with a share of 0 or more.",
                ("sizes", "value"),
            )
        for key in _ONE_FOR_ALL:
            if isinstance(getattr(self, key).value, dict):
                raise Slip("this is one number for all.", "Write a number here.", (key, "value"))
        if self.trial_length_factor.at("default") < 1.0:
            raise Slip(
                "a trial does not become shorter with more defendants.",
                "Write a number of 1 or more.",
                ("trial_length_factor", "value"),
            )
        return self
