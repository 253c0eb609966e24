"""Whether a trial can go ahead on the day, from who and what is there.

Both courts ask the same, in the order in which a court finds out, by chances of their own
(`TrialCourt`): the defendant, a plea or no case left, the witnesses, disclosure, the prosecution,
the defence, their advocates, and whatever else a trial needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cjsim.england_wales.case import Case, Heard, NextStep
from cjsim.england_wales.choices import ReasonForVacating
from cjsim.england_wales.vocabulary import Advocates, Branch, CourtList, Hearing, Reason
from cjsim.listing.diary import Listing


class TrialCourt(NamedTuple):
    """What is a court's own in a trial: its chances, its advocates, and the steps after it."""

    hearing: Hearing
    on: CourtList
    defendant_absent: Branch
    tried_in_absence: Branch | None
    late_guilty_plea: Branch
    plea_to_alternative: Branch
    prosecution_ends_case: Branch
    prosecution_not_ready: Branch
    defence_not_ready: Branch
    other_obstacle: Branch
    witness_essential: Branch
    ends_without_witness: Branch
    prosecution_advocate: Advocates
    defence_advocate: Advocates
    vacated: Branch
    vacated_reason: ReasonForVacating
    fix: Callable[[Case], Listing]
    plea_before_trial: Callable[[Case], NextStep]
    no_evidence: Callable[[Case], NextStep]
    after_trial: Callable[[Case, Listing], NextStep]


def manage(case: Case) -> None:
    """The issues are narrowed: the evidence of some witnesses is agreed and read.

    One witness at least is disputed, or there would be no trial.
    """
    case.managed = True
    others = max(0, case.civilian_witnesses - 1)
    case.witnesses_agreed = sum(case.decide("witness_agreed") for _ in range(others))


def called_on(case: Case, court: TrialCourt) -> Heard:
    """What the court finds out, question by question; the first thing that stops a trial counts."""
    case.witnesses_absent = witnesses_who_stay_away(case)
    heard, absent = the_defendant(case, court)
    if heard:
        return heard
    if case.decide(court.prosecution_ends_case):
        return "cracked", "prosecution_ended"
    stops = the_witnesses(case, court) or the_preparation(case, court) or the_advocates(case, court)
    if stops:
        return stops
    if case.decide(court.other_obstacle):
        return "ineffective", "interpreter_or_other"
    return "effective", "defendant_absent" if absent else ""


def the_defendant(case: Case, court: TrialCourt) -> tuple[Heard | None, bool]:
    """What the defendant does, if it decides the day; and whether the trial is in their absence."""
    if case.at_liberty and case.decide(court.defendant_absent):
        if court.tried_in_absence is None or not case.decide(court.tried_in_absence):
            return ("ineffective", "defendant_absent"), True
        return None, True
    if case.remanded and case.decide("defendant_not_produced"):
        return ("ineffective", "defendant_not_produced"), False
    if case.decide(court.late_guilty_plea):
        return ("cracked", "late_guilty_plea"), False
    if case.decide(court.plea_to_alternative):
        return ("cracked", "plea_to_alternative"), False
    return None, False


def without_jury(case: Case, heard: Heard) -> Heard:
    """An effective trial of the Crown Court, with who sat if that was no jury."""
    mode = case.mode_of_trial
    if heard[0] == "effective" and mode != "jury":
        return "effective", mode
    return heard


def witnesses_who_stay_away(case: Case) -> int:
    """How many of the civilian witnesses do not come: each for reasons of their own."""
    come = [case.decide("witnesses_attend") for _ in range(case.witnesses_to_call)]
    return come.count(False)


def the_witnesses(case: Case, court: TrialCourt) -> Heard | None:
    """A trial goes on without a witness whom it can do without, and ends or waits for the others.

    The more witnesses there are, the less hangs on one of them. Before a jury more statements are
    read, and whoever stays away is summonsed for another day rather than let go.
    """
    missed = [case.decide(court.witness_essential) for _ in range(case.witnesses_absent)]
    if not any(missed):
        return None
    if case.decide(court.ends_without_witness):
        return "cracked", "witness_did_not_attend"
    return "ineffective", "prosecution_witness_absent"


def the_preparation(case: Case, court: TrialCourt) -> Heard | None:
    """Disclosure, and whether both sides are ready: work that may have come too late.

    Where the trial has not even been prepared there is nothing to disclose yet.
    """
    disclosing = case.trial_prepared and not case.disclosure_complete
    if disclosing and case.decide("trial_stopped_by_disclosure"):
        return "ineffective", "disclosure_incomplete"
    if case.decide(court.prosecution_not_ready):
        return "ineffective", "prosecution_not_ready"
    if case.decide(court.defence_not_ready):
        return "ineffective", "defence_not_ready"
    return None


def the_prosecution(case: Case, court: TrialCourt) -> Heard | None:
    """Disclosure, the prosecution, and its advocate, where several defendants are tried."""
    disclosing = case.trial_prepared and not case.disclosure_complete
    if disclosing and case.decide("trial_stopped_by_disclosure"):
        return "ineffective", "disclosure_incomplete"
    if case.decide(court.prosecution_not_ready):
        return "ineffective", "prosecution_not_ready"
    if not case.has_advocate(court.prosecution_advocate, court.hearing):
        return "ineffective", "no_prosecution_advocate"
    return None


def the_defence(case: Case, court: TrialCourt) -> Heard | None:
    """The defence of one of several defendants, and its advocate."""
    if case.decide(court.defence_not_ready):
        return "ineffective", "defence_not_ready"
    if not case.has_advocate(court.defence_advocate, court.hearing):
        return "ineffective", "no_defence_advocate"
    return None


def the_advocates(case: Case, court: TrialCourt) -> Heard | None:
    """Each side needs one who is free that day."""
    missing = side_without_advocate(
        case, court.hearing, court.prosecution_advocate, court.defence_advocate
    )
    return ("ineffective", missing) if missing else None


def side_without_advocate(
    case: Case, hearing: Hearing, prosecution: Advocates, defence: Advocates
) -> Reason:
    """The reason why a hearing cannot go ahead without an advocate; none, if both are there."""
    if not case.has_advocate(prosecution, hearing):
        return "no_prosecution_advocate"
    if not case.has_advocate(defence, hearing):
        return "no_defence_advocate"
    return ""
