"""Every place where an open case can stand on the first day of a run, and where it goes on.

The steps declare it, with the decorators of `resume`; here they are put together and checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cjsim.england_wales.journey import (  # noqa: F401  # each declares its steps
    crown,
    custody,
    entry_points,
    magistrates,
    mentions,
    police,
    prosecution,
    sentence,
    trial,
    warrants,
)
from cjsim.england_wales.journey.resume import DECLARED, Listed, Step, Waiting
from cjsim.england_wales.vocabulary import HEARINGS, STAGES, STANDINGS, Hearing, Stage, Standing
from cjsim.errors import Impossible

ON_BAIL_BEFORE_CHARGE: Final[tuple[Standing, ...]] = (
    "under_investigation",
    "forensic_submission",
    "forensic_examination",
    "digital_submission",
    "digital_examination",
    "outstanding_enquiries",
    "on_bail_to_return",
    "building_file_before_charge",
    "awaiting_police_charge",
    "awaiting_charging_decision",
    "action_plan",
    "action_plan_return",
)
"""Where somebody who was arrested is on bail before charge."""

BEFORE_ANY_COURT: Final[tuple[Standing, ...]] = (
    "preparing_first_hearing",
    "awaiting_first_hearing",
)
"""Where somebody in custody has been charged and waits for the next court."""

AFTER_THE_VERDICT: Final[tuple[Standing, ...]] = (
    "report_on_the_day",
    "report_before_magistrates_sentence",
    "awaiting_magistrates_sentence",
    "report_before_crown_sentence",
    "awaiting_crown_sentence",
    "on_appeal",
)
"""Where nobody waits for a trial any more."""

STEPS: Final[dict[Standing, Step]] = {
    word: DECLARED[word] for word in STANDINGS if word in DECLARED
}
"""For each word that a table of open cases may say, the step where such a case goes on."""

BESIDE_THE_STEPS: Final[frozenset[Stage]] = frozenset(
    {
        "remand",
        "witness_attendance",
        "police_attendance",
        "detention_review",
        "pre_charge_bail",
        "re_bail",
        "until_arrested_again",
        "until_arrested_again_under_management",
        "time_served",
    }
)
"""Stages at which no case stands: it is somewhere else meanwhile, or has ended."""

HEARD_IN_A_CELL: Final[frozenset[Hearing]] = frozenset({"warrant_hearing", "crown_warrant_hearing"})
"""Hearings for which somebody waits in a cell, which is where such a case stands."""


def without_a_step(
    steps: Mapping[Standing, Step] = STEPS,
    standings: Sequence[Standing] = STANDINGS,
    stages: Sequence[Stage] = STAGES,
    hearings: Sequence[Hearing] = HEARINGS,
) -> list[str]:
    """Words at which an open case can stand and that no declared step takes up again."""
    worked = {
        stage for step in steps.values() if not isinstance(step, Waiting) for stage in step.stages
    }
    worked |= {step.stage for step in steps.values() if isinstance(step, Waiting)}
    listed = {
        word
        for step in steps.values()
        if isinstance(step, Listed)
        for word in (step.hearing, step.before)
    }
    return [
        *(f'the standing "{word}"' for word in standings if word not in steps),
        *(f'the stage "{word}"' for word in stages if word not in worked | BESIDE_THE_STEPS),
        *(f'the hearing "{word}"' for word in hearings if word not in listed | HEARD_IN_A_CELL),
    ]


def refuse_gaps(missing: Sequence[str]) -> None:
    """Raise Impossible, naming every word that no step declares."""
    if missing:
        raise Impossible(
            f"A case can be open at {', '.join(missing)}, and no step of "
            "cjsim/england_wales/journey says that it goes on there. Put @resume.working, "
            "@resume.waiting or @resume.listed on the step that does it, or add the stage to "
            "BESIDE_THE_STEPS of resume_points.py if no case stands there."
        )


refuse_gaps(without_a_step())
