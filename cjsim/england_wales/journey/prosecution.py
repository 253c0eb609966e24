"""The Crown Prosecution Service: charging, action plans, review, papers, preparation for trial."""

from __future__ import annotations

from typing import assert_never

from cjsim.england_wales.case import Case, NextStep, ProcessStep, Steps
from cjsim.england_wales.journey import clock, police, resume, victims
from cjsim.listing.diary import Listing


@resume.working("building_file_before_charge", "footage_review", "streamlined_file", "full_file")
def charging_decision(case: Case) -> ProcessStep:
    """A file first, except for people in the cells; then a prosecutor."""
    if not case.in_custody:
        yield from police.build_file(case)
    return consultation(case)


@resume.working(
    "awaiting_charging_decision", "cps_direct_consultation", "area_charging_consultation"
)
def consultation(case: Case) -> ProcessStep:
    """Consult until a prosecutor decides; each action plan sends the file back to the officer.

    CPS Direct answers by telephone for people in the cells, who come first, and for urgent matters;
    area lawyers take the rest.
    """
    if case.in_custody:
        if not (yield from clock.work_in_cell(case, "cps_direct_consultation")):
            police.released_for_decision(case)
            return charging_decision(case)
    elif case.decide("urgent_charging_advice"):
        yield from case.work("cps_direct_consultation")
    else:
        yield from case.work("area_charging_consultation")
    case.consultations += 1
    if case.decide("action_plan"):
        return action_plan(case)
    decision = case.choose("cps_decision")
    match decision:
        case "charge":
            case.charged("by_cps")
            return police.after_charge(case)
        case "out_of_court":
            return police.out_of_court(case)
        case "no_further_action":
            case.held.leave_cell()
            return police.no_further_action(case)
        case _:
            assert_never(decision)


@resume.working("action_plan", "action_plan_work")
def action_plan(case: Case) -> ProcessStep:
    """What the prosecutor misses; it cannot be met inside the custody clock and means bail."""
    if case.in_custody:
        case.held.leave_cell()
        case.held.enter_bail()
    yield from case.work("action_plan_work")
    yield from case.wait("action_plan_return")
    return after_action_plan(case)


@resume.waiting("action_plan_return", "action_plan_return")
def after_action_plan(case: Case) -> NextStep:
    """To the prosecutor again, if the victim is still there."""
    if victims.withdraws_before_charge(case):
        return police.no_further_action(case, "no_further_action_victim")
    return consultation(case)


def foresee_plea(case: Case) -> None:
    """The plea known before file and list are chosen, in a case in which somebody finds out.

    Police and prosecutors who ask the defence, and each other, learn what the defendant would say
    as things stand. What is foreseen changes the file and the list, and nobody's plea. Without a
    scenario the door is shut, and both go by the plea that the police expect.
    """
    if not case.summons and case.decide("plea_foreseen"):
        case.plea_foreseen = case.would("guilty_plea_first_hearing")


def prepare_for_first_hearing(case: Case) -> Steps[None]:
    """What can be done before the first hearing: file, review, papers to the defence.

    Prosecute Not Process put one team on this; without it the door `prosecution_team_takes_case` is
    shut. Summons cases are police-led and go to court on their papers.
    """
    if case.summons:
        case.file_ready = case.decide("file_ready")
        return
    if case.decide("prosecution_team_takes_case"):
        case.prosecution_team = True
        yield from case.work("joint_case_conference")
    if not case.file_built:
        yield from police.build_file(case)
    if case.decide("reviewed_before_first_hearing"):
        yield from case.work("prosecutor_review")
        case.reviewed_before_first_hearing = True
    if case.decide("papers_served_before_first_hearing"):
        case.serve_papers()


def serve_case(case: Case) -> Steps[None]:
    """The Crown Court's papers: the whole case against the defendant, served on the defence."""
    yield from case.work("service_of_prosecution_case")
    case.serve_papers()


def prepare_for_trial(case: Case) -> Steps[None]:
    """Witness statements, the schedule of unused material and a trial file, between plea and trial.

    A schedule that the police got right with their first file is disclosed with the rest.
    """
    schedule_complete = case.decide("unused_material_schedule_complete")
    yield from police.upgrade_file(case)
    yield from case.work("trial_preparation")
    case.trial_prepared = True
    case.disclosure_complete = schedule_complete
    if not case.papers_served:
        case.serve_papers()


def complete_disclosure(case: Case, listing: Listing) -> Steps[None]:
    """The police look again; in time for the trial, or still missing shortly before it."""
    until = case.last_look_at(listing)
    case.disclosure_complete = yield from case.wait("disclosure_of_unused_material", until=until)
