"""Where an open case stands on the first day of a run, and the step of the road where it goes on.

A case that is already on its way needs no road of its own: it enters at the function where it
stands. There are three ways to stand somewhere:

- `Working`: in a queue for some work, or in the middle of it; the work is done from its beginning;
- `Waiting`: in a wait that nobody works on; what is left of it passes first;
- `Listed`: with a date in a court's diary, which it keeps. While it waits for the day some work may
  still have to be done, and a shorter hearing may come before, which gets a new date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from cjsim.england_wales.case import Case, Heard, NextStep, ProcessStep
from cjsim.england_wales.journey import (
    crown,
    custody,
    entry_points,
    magistrates,
    mentions,
    police,
    prisons,
    prosecution,
    warrants,
)
from cjsim.england_wales.vocabulary import (
    HEARINGS,
    STAGES,
    STANDINGS,
    CourtList,
    Hearing,
    Outcome,
    Stage,
    Standing,
)
from cjsim.errors import Impossible
from cjsim.listing.diary import Listing


class Date(NamedTuple):
    """The hearing that a case is listed for: on which list, how it goes, listed as which kind.

    `if_moved` is what the case does if the court gives it another date.
    """

    hearing: Hearing
    on: CourtList | Callable[[Case], CourtList]
    goes: Callable[[Case], Heard]
    kind: Literal["crown_listing"] | None = None
    if_moved: Callable[[Case, Listing], object] | None = None

    def list_for(self, case: Case) -> CourtList:
        """The list that this case is on."""
        return self.on if isinstance(self.on, str) else self.on(case)

    def fix(self, case: Case, kind: str) -> Listing:
        """A new date, as anybody gets one."""
        return case.fix(self.hearing, self.list_for(case), self.goes, kind, self.if_moved)


class Working(NamedTuple):
    """Some work is queued for, or in hand."""

    goes_on: Callable[[Case], NextStep]
    stages: tuple[Stage, ...]
    in_custody: bool = False


class Waiting(NamedTuple):
    """Time passes that nobody works on; then the case goes on."""

    goes_on: Callable[[Case], NextStep]
    stage: Stage


class Listed(NamedTuple):
    """A date is fixed; `stages` are to do before it, `before` is a hearing that comes first.

    A trial that is `near` can no longer be taken out of the list.
    """

    goes_on: Callable[[Case, Listing], NextStep]
    date: Date
    stages: tuple[Stage, ...] = ()
    before: Hearing | None = None
    near: bool = False


Step = Working | Waiting | Listed

FIRST_HEARING: Final = Date(
    "first_hearing", magistrates.list_for_first_hearing, magistrates.the_first_hearing
)
FURTHER_HEARING: Final = FIRST_HEARING._replace(hearing="further_hearing")
PLEA_BEFORE_TRIAL: Final = Date(
    "plea_before_trial_hearing", "guilty_anticipated_plea", magistrates.the_plea_before_trial
)
TRIAL: Final = Date(
    "magistrates_trial",
    "magistrates_trials",
    magistrates.the_trial,
    if_moved=prisons.keep_custody_time_limit,
)
SENTENCE: Final = Date(
    "magistrates_sentence_hearing", "magistrates_sentences", magistrates.the_sentence_hearing
)
PLEA_HEARING: Final = Date(
    "plea_and_case_management_hearing", "crown_pleas", crown.the_plea_and_case_management_hearing
)
CROWN_TRIAL: Final = Date(
    "crown_trial",
    "crown_trials",
    crown.the_trial,
    "crown_listing",
    prisons.keep_custody_time_limit,
)
CROWN_SENTENCE: Final = Date(
    "crown_sentence_hearing", "crown_sentences", crown.the_sentence_hearing
)
CROWN_PLEA_BEFORE_TRIAL: Final = Date(
    "crown_plea_before_trial_hearing", "crown_pleas", crown.the_plea_before_trial
)
NO_EVIDENCE: Final = Date(
    "crown_no_evidence_hearing", "crown_pleas", crown.the_end_without_evidence
)
APPEAL: Final = Date("crown_appeal_hearing", "crown_sentences", crown.the_appeal)
SENTENCE_APPEAL: Final = Date(
    "crown_sentence_appeal_hearing", "crown_sentences", crown.the_appeal_against_sentence
)


def report_on_the_day(case: Case) -> ProcessStep:
    """Convicted; probation writes its report while the court waits."""
    yield from case.work("pre_sentence_report")
    return magistrates.sentenced(case, conviction(case))


def report_before_sentence(case: Case, listing: Listing) -> ProcessStep:
    """Convicted in the magistrates' court; the report is being written."""
    yield from magistrates.up_to_sentence_hearing(case, listing)
    return magistrates.sentenced(case, conviction(case))


def sentence(case: Case, listing: Listing) -> ProcessStep:
    """Convicted in the magistrates' court; the report is there."""
    yield from magistrates.at_sentence_hearing(case, listing)
    return magistrates.sentenced(case, conviction(case))


def report_before_crown_sentence(case: Case, listing: Listing) -> ProcessStep:
    """To be sentenced by the Crown Court; the report is being written."""
    yield from crown.up_to_sentence_hearing(case, listing)
    return crown.pass_sentence(case, conviction(case))


def crown_sentence(case: Case, listing: Listing) -> ProcessStep:
    """To be sentenced by the Crown Court; the report is there."""
    yield from crown.at_sentence_hearing(case, listing)
    return crown.pass_sentence(case, conviction(case))


def appeal(case: Case, listing: Listing) -> ProcessStep:
    """Sentenced below, and waiting to be heard again."""
    yield from crown.at_appeal(case, listing)
    return case.end(conviction(case))


def brought_on_warrant(case: Case) -> ProcessStep:
    """The police find a defendant who stayed away."""
    yield from warrants.arrested(case)
    return back_before_the_court(case)


def held_on_warrant(case: Case) -> ProcessStep:
    """In a cell, until the next court."""
    yield from warrants.in_the_cell(case)
    return back_before_the_court(case)


def back_before_the_court(case: Case) -> ProcessStep:
    """Another date for the hearing that the defendant stayed away from."""
    if case.stayed_away_from == "magistrates_trial":
        return magistrates.another_trial(case)
    elif case.stayed_away_from == "plea_and_case_management_hearing":
        return crown.plea_hearing_again(case)
    elif case.stayed_away_from == "crown_trial":
        return crown.another_trial(case)
    elif case.stayed_away_from == "magistrates_sentence_hearing":
        yield from magistrates.sentence_hearing_again(case)
        return magistrates.sentenced(case, conviction(case))
    elif case.stayed_away_from == "crown_sentence_hearing":
        yield from crown.sentence_hearing_again(case)
        return crown.pass_sentence(case, conviction(case))
    else:
        return magistrates.further_hearing(case)


def conviction(case: Case) -> Outcome:
    """How a case that is past its verdict was won: by the last plea, or in absence without one."""
    if case.plea == "guilty":
        return "convicted_guilty_plea"
    return "convicted_after_trial" if case.plea else "convicted_in_absence"


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
    # before charge
    "with_street_triage": Working(entry_points.street_triage, ("mental_health_street_triage",)),
    "in_custody_before_interview": Working(
        custody.before_interview,
        ("detention", "custody_booking", "rest_and_legal_advice", "suspect_interview"),
        in_custody=True,
    ),
    "in_custody_mental_health_assessment": Working(
        custody.mental_health_assessment, ("mental_health_assessment",), in_custody=True
    ),
    "in_custody_after_interview": Working(
        custody.after_interview,
        ("enquiries_in_custody", "further_enquiries_in_custody", "enquiries_under_warrant"),
        in_custody=True,
    ),
    "in_custody_for_charge": Working(
        police.seek_charge,
        ("pre_charge_report", "police_charging_decision", "cps_direct_consultation"),
        in_custody=True,
    ),
    "awaiting_voluntary_interview": Working(
        entry_points.voluntary_interview, ("voluntary_interview",)
    ),
    "under_investigation": Working(police.enquiries, ("investigation",)),
    "forensic_examination": Working(police.forensic_examination, ("forensic_examination",)),
    "digital_examination": Working(police.digital_examination, ("digital_examination",)),
    "on_bail_to_return": Waiting(police.after_investigation, "return_on_bail"),
    "building_file_before_charge": Working(
        prosecution.charging_decision, ("footage_review", "streamlined_file", "full_file")
    ),
    "awaiting_police_charge": Working(police.charge_by_police, ("police_charging_decision",)),
    "awaiting_charging_decision": Working(
        prosecution.consultation, ("cps_direct_consultation", "area_charging_consultation")
    ),
    "action_plan": Working(prosecution.action_plan, ("action_plan_work",)),
    "action_plan_return": Waiting(prosecution.after_action_plan, "action_plan_return"),
    "out_of_court_disposal": Working(police.out_of_court, ("out_of_court_disposal",)),
    "summons_in_preparation": Working(entry_points.summons, ("summons_preparation",)),
    "forensic_submission": Waiting(police.forensic_examination, "forensic_submission"),
    "digital_submission": Waiting(police.digital_examination, "digital_submission"),
    "outstanding_enquiries": Waiting(police.after_enquiries, "outstanding_enquiries"),
    "keeping_caution_conditions": Waiting(
        police.after_conditional_caution, "conditional_caution_period"
    ),
    # in the magistrates' court
    "preparing_first_hearing": Listed(
        magistrates.up_to_first_hearing,
        FIRST_HEARING,
        (
            "video_link_supervision",
            "joint_case_conference",
            "footage_review",
            "streamlined_file",
            "full_file",
            "prosecutor_review",
        ),
    ),
    "awaiting_first_hearing": Listed(magistrates.at_first_hearing, FIRST_HEARING),
    "warrant_outstanding": Waiting(brought_on_warrant, "warrant_outstanding"),
    "adjourned_to_further_hearing": Listed(magistrates.at_first_hearing, FURTHER_HEARING),
    "preparing_magistrates_trial": Listed(
        magistrates.up_to_trial, TRIAL, ("file_upgrade", "trial_preparation")
    ),
    "awaiting_case_management_hearing": Listed(
        magistrates.case_management, TRIAL, before="case_management_hearing"
    ),
    "magistrates_trial_near": Listed(magistrates.on_the_day_of_trial, TRIAL, near=True),
    "awaiting_magistrates_trial": Listed(magistrates.at_trial, TRIAL),
    "awaiting_plea_before_trial": Listed(magistrates.at_plea_before_trial, PLEA_BEFORE_TRIAL),
    "report_on_the_day": Working(report_on_the_day, ("pre_sentence_report",)),
    "report_before_magistrates_sentence": Listed(
        report_before_sentence, SENTENCE, ("pre_sentence_report",)
    ),
    "awaiting_magistrates_sentence": Listed(sentence, SENTENCE),
    "arrested_on_warrant": Working(
        held_on_warrant, ("detention", "arrest_on_warrant", "custody_booking"), in_custody=True
    ),
    "disclosure_before_magistrates_trial": Listed(
        magistrates.up_to_disclosure, TRIAL, ("disclosure_of_unused_material",)
    ),
    # in the Crown Court
    "serving_prosecution_case": Listed(
        crown.up_to_plea_hearing, PLEA_HEARING, ("service_of_prosecution_case",)
    ),
    "awaiting_plea_hearing": Listed(crown.at_plea_hearing, PLEA_HEARING),
    "preparing_crown_trial": Listed(
        crown.up_to_trial, CROWN_TRIAL, ("file_upgrade", "trial_preparation")
    ),
    "awaiting_crown_application": Listed(
        crown.application, CROWN_TRIAL, before="crown_application"
    ),
    "crown_trial_near": Listed(crown.on_the_day_of_trial, CROWN_TRIAL, near=True),
    "awaiting_crown_trial": Listed(crown.at_trial, CROWN_TRIAL),
    "report_before_crown_sentence": Listed(
        report_before_crown_sentence, CROWN_SENTENCE, ("pre_sentence_report",)
    ),
    "awaiting_crown_sentence": Listed(crown_sentence, CROWN_SENTENCE),
    "on_appeal": Listed(appeal, APPEAL),
    "on_appeal_against_sentence": Listed(appeal, SENTENCE_APPEAL),
    "crown_warrant_outstanding": Waiting(brought_on_warrant, "crown_warrant_outstanding"),
    "arrested_on_crown_warrant": Working(
        held_on_warrant, ("detention", "arrest_on_warrant", "custody_booking"), in_custody=True
    ),
    "disclosure_before_crown_trial": Listed(
        crown.up_to_disclosure, CROWN_TRIAL, ("disclosure_of_unused_material",)
    ),
    "awaiting_crown_bail_application": Listed(
        mentions.bail_application, PLEA_HEARING, before="crown_bail_application"
    ),
    "awaiting_crown_preliminary_hearing": Listed(
        mentions.preliminary_hearing, PLEA_HEARING, before="crown_preliminary_hearing"
    ),
    "awaiting_linked_case": Waiting(crown.after_linked_case, "linked_case"),
    "awaiting_crown_mention": Listed(mentions.mention, CROWN_TRIAL, before="crown_mention"),
    "awaiting_crown_plea_before_trial": Listed(crown.at_plea_before_trial, CROWN_PLEA_BEFORE_TRIAL),
    "awaiting_crown_no_evidence_hearing": Listed(crown.at_no_evidence, NO_EVIDENCE),
}
"""For each word that a table of open cases may say, the function where such a case goes on."""

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
    """Words at which an open case can stand and that no step in `STEPS` takes up again."""
    worked = {
        stage for step in steps.values() if not isinstance(step, Waiting) for stage in step.stages
    }
    worked |= {step.stage for step in steps.values() if isinstance(step, Waiting)}
    listed = {
        word
        for step in steps.values()
        if isinstance(step, Listed)
        for word in (step.date.hearing, step.before)
    }
    return [
        *(f'the standing "{word}"' for word in standings if word not in steps),
        *(f'the stage "{word}"' for word in stages if word not in worked | BESIDE_THE_STEPS),
        *(f'the hearing "{word}"' for word in hearings if word not in listed | HEARD_IN_A_CELL),
    ]


def refuse_gaps(missing: Sequence[str]) -> None:
    """Raise Impossible, naming every word for which `STEPS` has no step."""
    if missing:
        raise Impossible(
            f"A case can be open at {', '.join(missing)}, and no step in STEPS of "
            "cjsim/england_wales/journey/resume_points.py says where it goes on. Add the stage or "
            "the hearing to the step that does it, or to BESIDE_THE_STEPS if no case stands there."
        )


refuse_gaps(without_a_step())
