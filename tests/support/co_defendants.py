"""The toy model with people who are arrested together, for tests."""

from __future__ import annotations

from typing import Any

from cjsim.schema.model import Model
from tests.support.small_world import PEDIGREE

WAYS_IN = ("arrest_notifiable", "arrest_other")
SIZES = {"two": 0.7, "three": 0.2, "four": 0.1, "five": 0.0, "six": 0.0}


def table(
    share: float = 0.4,
    join_notice_days: float = 5.0,
    trial_length_factor: float = 1.25,
    sentenced_after_trial: float = 0.5,
    sizes: dict[str, float] = SIZES,
) -> dict[str, Any]:
    """The table `co_defendants` of a model, as a file gives it."""

    def of(value: float | dict[str, float]) -> dict[str, Any]:
        return {"value": value, **PEDIGREE}

    return {
        "ways_in": WAYS_IN,
        "share": of(share),
        "sizes": of(sizes),
        "join_notice_days": of(join_notice_days),
        "trial_length_factor": of(trial_length_factor),
        "sentenced_after_trial": of(sentenced_after_trial),
    }


def with_co_defendants(model: Model, **values: Any) -> Model:
    """A copy of a model in which people are arrested together."""
    data = model.model_dump(by_alias=True)
    data["co_defendants"] = table(**values)
    return Model.model_validate(data)
