"""From arrest or summons to charge: the textbook version's police and prosecution.

Frozen: see the package's own docstring.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.speed.textbook.files_and_ends import build_file, end, leave_cell, remand, withdraws
from tests.speed.textbook.hearings import first_hearing
from tests.speed.textbook.road import Case, ProcessStep

Steps = Iterator[Any]


# --- ways in ----------------------------------------------------------------------------------


def crime_reported(road: ProcessStep, case: Case) -> None:
    if not case.has_victim:
        return
    road.tell(case, "acknowledgement")
    road.tell(case, "needs_assessment")
    road.tell(case, "support_referral")
    if road.decide(case, "accepts_support"):
        road.tell(case, "support_given")
    if road.decide(case, "makes_personal_statement"):
        road.tell(case, "victim_personal_statement")
    road.env.process(road.listen(case))


def arrest(road: ProcessStep, case: Case) -> Steps:
    crime_reported(road, case)
    case.in_mental_distress = road.decide(case, "in_mental_distress")
    if case.in_mental_distress and road.decide(case, "street_triage_diverts"):
        yield from road.work(case, "mental_health_street_triage")
        end(road, case, "diverted_to_health")
    else:
        yield from detention(road, case)


def voluntary_attendance(road: ProcessStep, case: Case) -> Steps:
    crime_reported(road, case)
    yield from road.work(case, "voluntary_interview")
    way_out = road.choose(case, "way_out_of_voluntary_interview")
    if way_out == "no_further_action":
        no_further_action(road, case)
    elif way_out == "out_of_court":
        yield from out_of_court(road, case)
    elif way_out == "investigation":
        yield from investigation(road, case)
    else:
        yield from seek_charge(road, case)


def summons(road: ProcessStep, case: Case) -> Steps:
    yield from road.work(case, "summons_preparation")
    charged(road, case, "by_summons")
    yield from first_hearing(road, case)


WAYS_IN = {
    "arrest_notifiable": arrest,
    "arrest_other": arrest,
    "voluntary_attendance": voluntary_attendance,
    "summons": summons,
}


# --- police -----------------------------------------------------------------------------------


def detention(road: ProcessStep, case: Case) -> Steps:
    cells = road.pools[road.model.stages["detention"].pool, case.division]
    case.in_custody = True
    case.detained_at = road.env.now
    case.cell = cells.request()
    yield case.cell
    case.in_cell_since = road.env.now
    yield from road.work(case, "custody_booking")
    road.env.process(reviews(road, case))
    if case.in_mental_distress and road.decide(case, "mental_health_diversion"):
        yield from road.work(case, "mental_health_assessment")
        leave_cell(road, case)
        end(road, case, "diverted_to_health")
        return
    road.tell(case, "update_on_arrest")
    yield from road.wait(case, "rest_and_legal_advice")
    yield from road.work(case, "suspect_interview")
    if not (yield from enquiries(road, case)):
        leave_cell(road, case)
        road.env.process(bail(road, case))
        yield from investigation(road, case)
        return
    way_out = road.choose(case, "way_out_of_custody")
    if way_out == "no_further_action":
        leave_cell(road, case)
        no_further_action(road, case)
    elif way_out == "out_of_court":
        yield from out_of_court(road, case)
    elif way_out == "pre_charge_bail":
        leave_cell(road, case)
        road.env.process(bail(road, case))
        yield from investigation(road, case)
    else:
        yield from road.work(case, "pre_charge_report")
        yield from seek_charge(road, case)


def enquiries(road: ProcessStep, case: Case) -> Steps:
    limits = road.numbers.limits
    until = case.detained_at + limits["detention_first_hours"] * 60
    if (yield from road.wait(case, "enquiries_in_custody", until)):
        return True
    if case.offence_class == "summary" or not road.decide(case, "custody_clock_extended"):
        return False
    road.note(case, "custody_clock_extension", "extended")
    until = case.detained_at + limits["detention_superintendent_hours"] * 60
    if (yield from road.wait(case, "further_enquiries_in_custody", until)):
        return True
    if not road.decide(case, "warrant_of_further_detention"):
        return False
    road.note(case, "custody_warrant", "extended")
    until = case.detained_at + limits["detention_warrant_hours"] * 60
    return (yield from road.wait(case, "enquiries_under_warrant", until))


def reviews(road: ProcessStep, case: Case) -> Steps:
    limits = road.numbers.limits
    wait = limits["detention_first_review_hours"] * 60 - limits["detention_review_lead_minutes"]
    while True:
        yield road.env.timeout(wait)
        if not case.in_custody:
            return
        yield from road.work(case, "detention_review")
        wait = limits["detention_further_review_hours"] * 60


def bail(road: ProcessStep, case: Case) -> Steps:
    period = "pre_charge_bail"
    while True:
        since = road.env.now
        case.return_at = since + road.how_long(road.numbers.stages[period], case.group)
        yield road.env.timeout(case.return_at - since)
        road.row(case, period, "police", since, since, road.env.now, result="done")
        if case.answering or case.ended or case.charged_at >= 0:
            return
        period = "re_bail"


def investigation(road: ProcessStep, case: Case) -> Steps:
    road.tell(case, "update_on_bail")
    yield from road.work(case, "investigation")
    if road.decide(case, "forensics_needed"):
        yield from road.wait(case, "forensic_submission")
        yield from road.work(case, "forensic_examination")
    if road.decide(case, "digital_evidence_needed"):
        yield from road.wait(case, "digital_submission")
        yield from road.work(case, "digital_examination")
    yield from road.wait(case, "outstanding_enquiries")
    if case.return_at >= 0:
        case.answering = True
        since = road.env.now
        yield road.env.timeout(case.return_at - since)
        road.row(case, "return_on_bail", "police", since, since, road.env.now, result="done")
    if withdraws(road, case, "before_charge"):
        no_further_action(road, case, "no_further_action_victim")
    elif road.decide(case, "evidence_insufficient"):
        no_further_action(road, case)
    elif road.decide(case, "out_of_court_after_investigation"):
        yield from out_of_court(road, case)
    else:
        yield from seek_charge(road, case)


def seek_charge(road: ProcessStep, case: Case) -> Steps:
    police_may = case.offence_class == "summary" or (
        case.either_way
        and case.anticipates_guilty_plea
        and road.decide(case, "suitable_for_police_charge")
    )
    if police_may and not case.domestic_abuse:
        yield from road.work(case, "police_charging_decision")
        charged(road, case, "by_police")
        yield from after_charge(road, case)
    else:
        yield from charging_decision(road, case)


def charged(road: ProcessStep, case: Case, by: str) -> None:
    case.charged_at = road.env.now
    road.note(case, "charge", by)


def after_charge(road: ProcessStep, case: Case) -> Steps:
    road.tell(case, "update_on_charge")
    if case.in_custody:
        kept = road.decide(case, "kept_in_police_custody")
        leave_cell(road, case)
        if kept:
            remand(road, case)
    yield from first_hearing(road, case)


def out_of_court(road: ProcessStep, case: Case) -> Steps:
    yield from road.work(case, "out_of_court_disposal")
    leave_cell(road, case)
    kind = road.choose(case, "out_of_court_kind")
    if kind == "conditional_caution":
        yield from road.wait(case, "conditional_caution_period")
        if road.decide(case, "caution_conditions_broken"):
            yield from seek_charge(road, case)
            return
    offered = kind == "community_resolution" and case.has_victim
    if offered and road.decide(case, "accepts_restorative_justice"):
        road.tell(case, "restorative_justice_offer")
    road.tell(case, "outcome_and_sentence")
    end(road, case, kind)


def no_further_action(road: ProcessStep, case: Case, why: str = "no_further_action") -> None:
    road.tell(case, "update_on_no_further_action")
    end(road, case, why)


# --- prosecution ------------------------------------------------------------------------------


def charging_decision(road: ProcessStep, case: Case) -> Steps:
    if not case.in_custody:
        yield from build_file(road, case)
    while True:
        urgent = case.in_custody or road.decide(case, "urgent_charging_advice")
        stage = "cps_direct_consultation" if urgent else "area_charging_consultation"
        yield from road.work(case, stage)
        if not road.decide(case, "action_plan"):
            break
        leave_cell(road, case)
        yield from road.work(case, "action_plan_work")
        yield from road.wait(case, "action_plan_return")
        if withdraws(road, case, "before_charge"):
            no_further_action(road, case, "no_further_action_victim")
            return
    decision = road.choose(case, "cps_decision")
    if decision == "charge":
        charged(road, case, "by_cps")
        yield from after_charge(road, case)
    elif decision == "out_of_court":
        yield from out_of_court(road, case)
    else:
        leave_cell(road, case)
        no_further_action(road, case)
