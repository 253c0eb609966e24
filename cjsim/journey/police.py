"""Police outside the custody suite: investigation, files, out of court disposals, charging."""

from __future__ import annotations

from cjsim.case import Case, Steps
from cjsim.journey import magistrates, prisons, prosecution, victims
from cjsim.vocabulary import Outcome


def investigation(case: Case) -> Steps[None]:
    """Officer hours, forensic and digital queues, and a date to come back; then a decision."""
    case.tell("update_on_bail")
    yield from enquiries(case)


def enquiries(case: Case) -> Steps[None]:
    """The officer's own work on the case, and what goes to the laboratory."""
    yield from case.work("investigation")
    if case.decide("forensics_needed"):
        yield from case.wait("forensic_examination")
    yield from after_forensics(case)


def after_forensics(case: Case) -> Steps[None]:
    """Telephones and computers, where there are any."""
    if case.decide("digital_evidence_needed"):
        yield from case.wait("digital_examination")
    yield from after_examinations(case)


def after_examinations(case: Case) -> Steps[None]:
    """The evidence is there; the suspect comes back on the date given."""
    yield from case.wait("return_on_bail")
    yield from after_investigation(case)


def after_investigation(case: Case) -> Steps[None]:
    """No case, an end out of court, or a charge to seek."""
    if victims.withdraws_before_charge(case):
        no_further_action(case, "no_further_action_victim")
    elif case.decide("evidence_insufficient"):
        no_further_action(case)
    elif case.decide("out_of_court_after_investigation"):
        yield from out_of_court(case)
    else:
        yield from seek_charge(case)


def seek_charge(case: Case) -> Steps[None]:
    """Somebody decides on the charge: the police where the rules let them, else the CPS.

    Director's Guidance on Charging (5th edition, 2013): the police charge summary-only matters, and
    either-way matters where a guilty plea is expected and the magistrates can sentence; never
    domestic abuse, never indictable-only.
    """
    if police_may_charge(case):
        yield from charge_by_police(case)
    else:
        yield from prosecution.charging_decision(case)


def police_may_charge(case: Case) -> bool:
    """Whether the Director's Guidance leaves the decision with the police."""
    if case.offence_class == "indictable_only" or case.domestic_abuse:
        return False
    if case.offence_class == "summary":
        return True
    return case.anticipates_guilty_plea and case.decide("suitable_for_police_charge")


def charge_by_police(case: Case) -> Steps[None]:
    """The custody sergeant or an evidential review officer decides."""
    yield from case.work("police_charging_decision")
    case.charged("by_police")
    yield from after_charge(case)


def after_charge(case: Case) -> Steps[None]:
    """Charged: kept for the next court or bailed to a date, and the victim told."""
    case.tell("update_on_charge")
    if case.in_custody:
        kept = case.decide("kept_in_police_custody")
        case.held.leave_cell()
        if kept:
            prisons.remand(case)
    yield from magistrates.first_hearing(case)


def build_file(case: Case) -> Steps[None]:
    """A streamlined file when a guilty plea is expected, else a full one; ready or not."""
    yield from case.work("streamlined_file" if case.anticipates_guilty_plea else "full_file")
    case.file_ready = case.decide("file_ready")


def upgrade_file(case: Case) -> Steps[None]:
    """What was built for a plea is built again for a trial, or what was wanting is put right."""
    if case.anticipates_guilty_plea or not case.file_ready:
        yield from case.work("file_upgrade")
    case.file_ready = True


def out_of_court(case: Case) -> Steps[None]:
    """Caution, conditional caution, cannabis warning, penalty notice or community resolution."""
    yield from case.work("out_of_court_disposal")
    case.held.leave_cell()
    kind = case.choose("out_of_court_kind")
    if kind == "community_resolution":
        victims.offered_restorative_justice(case)
    victims.told_of_out_of_court_disposal(case)
    case.end(kind)


def no_further_action(case: Case, why: Outcome = "no_further_action") -> None:
    """The case ends without a disposal, and the victim is told."""
    case.tell("update_on_no_further_action")
    case.end(why)
