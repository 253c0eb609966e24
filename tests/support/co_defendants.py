"""The toy model with people who are arrested together, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cjsim.schema.model import Model
from tests.support.runs import toy_model
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


def contested(model: Model, share: float = 0.9, **values: Any) -> Model:
    """The same, with everybody charged in the cells and few pleas: many trials of several."""
    values = {"join_notice_days": 2.0, **values}
    data = with_co_defendants(model, share=share, **values).model_dump(by_alias=True)
    for choice, way in (("way_out_of_custody", "charging_decision"), ("cps_decision", "charge")):
        shares = data["multiway_branches"][choice]["shares"]
        shares["value"] = {word: float(word == way) for word in shares["value"]}
    for branch, chance in CONTESTED.items():
        data["branches"][branch]["probability"] = {"value": chance, **PEDIGREE}
    for court_list in ("magistrates_trials", "crown_trials"):
        data["lists"][court_list]["session_minutes"] = {"value": 400.0, **PEDIGREE}
    return Model.model_validate(data)


def contested_toy(toy: Path) -> Model:
    """The toy model with many trials of several defendants."""
    return contested(toy_model(toy))


CONTESTED = {
    "guilty_plea_first_hearing": 0.1,
    "guilty_plea_crown": 0.1,
    "evidence_insufficient": 0.1,
    "prosecution_ends_case_first_hearing": 0.02,
    "action_plan": 0.02,
    "kept_in_police_custody": 0.05,
}
"""Chances of a model in which charges are contested, by branch."""
