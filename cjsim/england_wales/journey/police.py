"""Police outside the custody suite: investigation, files, out of court disposals, charging."""

from __future__ import annotations

from cjsim.england_wales.case import Case, Ended, NextStep, ProcessStep, Steps
from cjsim.england_wales.journey import clock, magistrates, prisons, prosecution, resume, victims
from cjsim.england_wales.vocabulary import Outcome


def investigation(case: Case) -> NextStep:
    """Officer hours, laboratories and other people's answers; then a decision.

    Somebody arrested is on bail meanwhile and comes back on the date given.
    """
    case.tell("update_on_bail")
    return enquiries(case)


@resume.working("under_investigation", "investigation")
def enquiries(case: Case) -> ProcessStep:
    """The officer's own work on the case, and what goes to the laboratory."""
    yield from case.work("investigation")
    if case.decide("forensics_needed"):
        yield from case.wait("forensic_submission")
        return forensic_examination(case)
    else:
        return after_forensics(case)


@resume.working("forensic_examination", "forensic_examination")
@resume.waiting("forensic_submission", "forensic_submission")
def forensic_examination(case: Case) -> ProcessStep:
    """The exhibits have come to the laboratory and wait for a scientist."""
    yield from case.work("forensic_examination")
    return after_forensics(case)


def after_forensics(case: Case) -> ProcessStep:
    """Telephones and computers, where there are any."""
    if case.decide("digital_evidence_needed"):
        yield from case.wait("digital_submission")
        return digital_examination(case)
    else:
        return after_examinations(case)


@resume.working("digital_examination", "digital_examination")
@resume.waiting("digital_submission", "digital_submission")
def digital_examination(case: Case) -> ProcessStep:
    """The devices have come to the digital unit and wait for an examiner."""
    yield from case.work("digital_examination")
    return after_examinations(case)


def after_examinations(case: Case) -> ProcessStep:
    """Statements, recordings and records that others still have to give."""
    yield from case.wait("outstanding_enquiries")
    return after_enquiries(case)


@resume.waiting("outstanding_enquiries", "outstanding_enquiries")
def after_enquiries(case: Case) -> ProcessStep:
    """The evidence is there; a suspect on bail comes back on the date given."""
    bail = case.held.bail
    if bail is not None:
        bail.answering = True
        yield from case.wait("return_on_bail", rest=bail.return_at - case.simulation.env.minute)
    return after_investigation(case)


@resume.waiting("on_bail_to_return", "return_on_bail")
def after_investigation(case: Case) -> NextStep:
    """No case, an end out of court, or a charge to seek."""
    if victims.withdraws_before_charge(case):
        return no_further_action(case, "no_further_action_victim")
    if case.decide("evidence_insufficient"):
        return no_further_action(case)
    if case.decide("out_of_court_after_investigation"):
        return out_of_court(case)
    re_bailed_for_decision(case)
    return seek_charge(case)


def re_bailed_for_decision(case: Case) -> None:
    """Back on the date given; the decision on a charge takes longer."""
    if case.held.bail is not None:
        case.held.bail.again()


@resume.working(
    "in_custody_for_charge",
    "pre_charge_report",
    "police_charging_decision",
    "cps_direct_consultation",
    in_custody=True,
)
def seek_charge(case: Case) -> NextStep:
    """Somebody decides on the charge: the police where the rules let them, else the CPS.

    Director's Guidance on Charging (5th edition, 2013): the police charge summary-only matters, and
    either-way matters where a guilty plea is expected and the magistrates can sentence; never
    domestic abuse, never indictable-only.
    """
    if police_may_charge(case):
        return charge_by_police(case)
    return prosecution.charging_decision(case)


def police_may_charge(case: Case) -> bool:
    """Whether the Director's Guidance leaves the decision with the police."""
    if case.offence_class == "indictable_only" or case.domestic_abuse:
        return False
    if case.offence_class == "summary":
        return True
    return case.anticipates_guilty_plea and case.decide("suitable_for_police_charge")


@resume.working("awaiting_police_charge", "police_charging_decision")
def charge_by_police(case: Case) -> ProcessStep:
    """The custody sergeant or an evidential review officer decides, inside the clock or outside."""
    if case.in_custody and not (yield from clock.work_in_cell(case, "police_charging_decision")):
        released_for_decision(case)
    if not case.in_custody:
        yield from case.work("police_charging_decision")
    case.charged("by_police")
    return after_charge(case)


def released_for_decision(case: Case) -> None:
    """The clock has run out before the decision: bailed until somebody has made it."""
    case.held.leave_cell()
    case.held.enter_bail()
    case.tell("update_on_bail")


def after_charge(case: Case) -> ProcessStep:
    """Charged: kept for the next court or bailed to a date, and the victim told."""
    case.tell("update_on_charge")
    case.held.leave_bail()
    if case.in_custody:
        kept = case.decide("kept_in_police_custody")
        case.held.leave_cell()
        if kept:
            case.kept_for_court = True
            prisons.remand(case)
        if case.decide("first_hearing_by_video"):
            yield from before_the_court_by_video(case)
    return magistrates.first_hearing(case)


def before_the_court_by_video(case: Case) -> Steps[None]:
    """The next court sees the defendant from a room in the station, whether kept or bailed.

    Nobody is taken to the courthouse and nobody is bailed to a day weeks away; but police staff
    have to bring people before the camera, and the papers should be there by the next morning.
    """
    case.by_video = True
    yield from case.work("video_link_supervision")


def build_file(case: Case) -> Steps[None]:
    """A streamlined file when a guilty plea is expected, else a full one; ready or not.

    What an officer's camera recorded has to be watched and cut before it is evidence.
    """
    if case.filmed:
        yield from case.work("footage_review")
    if case.charged_at < 0:
        prosecution.foresee_plea(case)
    yield from case.work("streamlined_file" if case.prepared_for_guilty_plea else "full_file")
    case.file_built = True
    case.file_ready = case.decide("file_ready")


def upgrade_file(case: Case) -> Steps[None]:
    """What was built for a plea is built again for a trial, or what was wanting is put right."""
    if case.prepared_for_guilty_plea or not case.file_ready:
        yield from case.work("file_upgrade")
    case.file_ready = True


@resume.working("out_of_court_disposal", "out_of_court_disposal")
def out_of_court(case: Case) -> ProcessStep:
    """Caution, conditional caution, cannabis warning, penalty notice or community resolution."""
    case.held.leave_bail()
    if case.in_custody and not (yield from clock.work_in_cell(case, "out_of_court_disposal")):
        released_for_decision(case)
    if not case.in_custody:
        yield from case.work("out_of_court_disposal")
    case.held.leave_cell()
    case.held.leave_bail()
    kind = case.choose("out_of_court_kind")
    if kind == "community_resolution":
        victims.offered_restorative_justice(case)
    victims.told_of_out_of_court_disposal(case)
    if kind == "conditional_caution":
        return conditional_caution(case)
    return case.end(kind)


def conditional_caution(case: Case) -> ProcessStep:
    """Conditions to keep: to make good, to stay away, to take part in something."""
    yield from case.wait("conditional_caution_period")
    return after_conditional_caution(case)


@resume.waiting("keeping_caution_conditions", "conditional_caution_period")
def after_conditional_caution(case: Case) -> NextStep:
    """Kept, it is the end of it; broken, the offence is charged after all.

    Criminal Justice Act 2003, section 24.
    """
    if case.decide("caution_conditions_broken"):
        return seek_charge(case)
    return case.end("conditional_caution")


def no_further_action(case: Case, why: Outcome = "no_further_action") -> Ended:
    """The case ends without a disposal, and the victim is told."""
    case.tell("update_on_no_further_action")
    return case.end(why)
