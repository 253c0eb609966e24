"""A case in the toy: report to the procurator fiscal, complaint or petition, and the diets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from cjsim.case import case as core
from cjsim.case.activities import NextStep, ProcessStep, Steps
from cjsim.case.case import FAR_AWAY
from cjsim.case.columns import GENERAL_COLUMNS
from cjsim.des.event_log import MOMENT, NEVER
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.listing.diary import Heard, Listing
from cjsim.simulation.no_open_cases import ProcessWithoutOpenCases

if TYPE_CHECKING:
    from cjsim.simulation.process import Draws
    from cjsim.simulation.simulation import Simulation


class Case(core.Case):
    """A case against one accused, with what the procurator fiscal and the sheriff know of it."""

    __slots__ = ("complaint_at", "custody_from", "last_day", "petition_at", "plea", "sentence")

    def __init__(
        self, simulation: Simulation, number: int, way_in: str, group: int, area: int, draws: Draws
    ) -> None:
        """`group` and `area` are indices into the offence groups and the model's divisions."""
        super().__init__(simulation, number, way_in, group, area, draws)
        self.complaint_at = self.petition_at = self.custody_from = NEVER
        self.last_day = FAR_AWAY
        self.plea = self.sentence = ""
        self.has_victim = self.decide("victim_identified")
        self.vulnerable_victim = self.has_victim and self.decide("vulnerable_victim")

    @property
    def solemn(self) -> bool:
        """Whether the case is on petition or indictment, and not on complaint."""
        return self.petition_at >= 0

    @property
    def held_for_next_court(self) -> bool:
        """Whether the police hold the accused, who appears on the next lawful day."""
        return self.in_custody

    def last_day_in_custody(self) -> int:
        """The day by which the next diet must start; far away for an accused at liberty."""
        return self.last_day if self.remanded else FAR_AWAY

    def liberate(self) -> None:
        """Out of the police station or prison."""
        self.in_custody = False
        if self.remanded:
            self.write_stay("remand", self.custody_from, self.simulation.env.minute)
            self.remanded = False

    def before_end(self) -> None:
        """Nobody is held for a case that is over, and its victim hears of it."""
        self.liberate()
        self.tell("outcome_notice")

    def write_open_rows(self) -> None:
        """At the end of a run: where the case is, and whether the accused is on remand."""
        if self.remanded:
            self.write_stay("remand", self.custody_from, NEVER)
        super().write_open_rows()


def arrest(case: Case) -> NextStep:
    """Arrested, and kept for the next lawful court day."""
    case.in_custody = True
    return report_to_fiscal(case)


def report_to_fiscal(case: Case) -> ProcessStep:
    """The police report the case, and the procurator fiscal marks it."""
    yield from case.work("police_report")
    yield from case.work("fiscal_marking")
    decision = case.choose("marking")
    if decision == "summary_complaint":
        return summary_complaint(case)
    if decision == "petition":
        return petition(case)
    return case.end(decision)


def summary_complaint(case: Case) -> ProcessStep:
    """The pleading diet: from custody on the next lawful day, else by citation."""
    case.complaint_at = case.simulation.env.minute
    case.note("complaint", "done")
    diet = yield from until_held(case, "pleading_diet", "summary_court", pleads)
    if diet.result == "guilty_plea":
        return convicted(case, "convicted_by_plea")
    bail_or_remand(case)
    return up_to_summary_trial(case)


def petition(case: Case) -> ProcessStep:
    """First appearance, full committal of an accused on remand, precognition, first diet."""
    case.petition_at = case.simulation.env.minute
    case.note("petition", "done")
    yield from until_held(case, "petition_appearance", "solemn_court", attends)
    bail_or_remand(case)
    if case.remanded:
        yield from until_held(case, "full_committal", "solemn_court", attends)
    yield from case.work("precognition")
    diet = yield from until_held(case, "first_diet", "solemn_court", pleads)
    if diet.result == "guilty_plea":
        return convicted(case, "convicted_by_plea")
    return at_trial(case, fix_trial(case))


def court_of(case: Case) -> str:
    """The list of the sheriff court that hears the case."""
    return "solemn_court" if case.solemn else "summary_court"


def bail_or_remand(case: Case) -> None:
    """An accused who was held may be kept on remand; everybody else stays at liberty."""
    held, case.in_custody = case.in_custody, False
    if held and case.decide("bail_refused"):
        case.remanded, case.custody_from = True, case.simulation.env.minute


def up_to_summary_trial(case: Case) -> ProcessStep:
    """A trial diet is fixed at once, with an intermediate diet before it."""
    trial = fix_trial(case)
    diet = case.fix_before(trial, "intermediate_diet", "summary_court", pleads)
    yield from case.work("summary_preparation")
    if diet is not None:
        yield from case.appear(diet)
        if diet.result == "guilty_plea" and not trial.called:
            case.vacate(trial, "plea_before_trial")
            return convicted(case, "convicted_by_plea")
        if diet.reason == "crown_not_ready" and not trial.called:
            case.vacate(trial, "crown_not_ready")
            return up_to_summary_trial(case)
    return at_trial(case, trial)


def fix_trial(case: Case) -> Listing:
    """A trial diet, before a jury in solemn procedure, inside the custody limit."""
    hearing = "jury_trial_diet" if case.solemn else "trial_diet"
    trial = case.fix(hearing, court_of(case), the_trial)
    return keep_custody_limit(
        case, trial, "jury_trial_days" if case.solemn else "summary_trial_days"
    )


def keep_custody_limit(case: Case, diet: Listing, limit: str) -> Listing:
    """An earlier diet where the limit is near; else it is extended, or the accused liberated.

    Criminal Procedure (Scotland) Act 1995, sections 65 (solemn) and 147 (summary).
    """
    days = round(case.simulation.limits[limit])
    case.last_day = case.custody_from // MINUTES_A_DAY + days
    if case.remanded and diet.day > case.last_day:
        case.move_up(diet)
    if case.remanded and diet.day > case.last_day:
        extended = case.decide("custody_limit_extended")
        case.note("custody_time_limit", "extended" if extended else "lapsed")
        case.last_day = diet.day
        if not extended:
            case.liberate()
    return diet


def at_trial(case: Case, trial: Listing) -> ProcessStep:
    """The day: evidence and a verdict, a late plea, no case left, or another diet."""
    yield from case.appear(trial)
    if trial.result == "ineffective":
        if trial.reason == "accused_absent":
            yield from case.wait("warrant_outstanding")
        case.tell("change_of_date")
        return at_trial(case, fix_trial(case))
    if trial.reason == "late_plea":
        return convicted(case, "convicted_by_plea")
    if trial.reason == "deserted":
        return case.end("deserted")
    if case.decide("convicted_after_trial"):
        return convicted(case, "convicted_after_trial")
    return case.end("acquitted")


def convicted(case: Case, outcome: str) -> ProcessStep:
    """Sentence at once, or after a criminal justice social work report."""
    if outcome == "convicted_by_plea":
        case.plea = "guilty"
    if case.decide("report_needed"):
        yield from case.work("social_work_report")
        diet = "solemn_sentencing_diet" if case.solemn else "sentencing_diet"
        yield from until_held(case, diet, court_of(case), attends)
    case.sentence = case.choose("sentence")
    return case.end(outcome)


def until_held(case: Case, word: str, on: str, called: Callable[[Case], Heard]) -> Steps[Listing]:
    """A diet, and another one while it is adjourned or the accused is sought on a warrant."""
    while True:
        diet = case.fix(word, on, called)
        if word == "first_diet":
            keep_custody_limit(case, diet, "first_diet_days")
        yield from case.appear(diet)
        if diet.result not in ("adjourned", "warrant_issued"):
            return diet
        if diet.result == "warrant_issued":
            yield from case.wait("warrant_outstanding")
        case.tell("change_of_date")


def stays_away(case: Case) -> bool:
    """Whether an accused at liberty does not come."""
    return not (case.in_custody or case.remanded) and case.decide("accused_absent")


def pleads(case: Case) -> Heard:
    """The pleading, intermediate or first diet: a plea, unless the Crown needs more time."""
    if stays_away(case):
        return "warrant_issued", "accused_absent"
    if case.decide("crown_not_ready"):
        return "adjourned", "crown_not_ready"
    first = not (case.plea or case.solemn)
    guilty = case.decide("guilty_at_pleading_diet" if first else "guilty_before_trial")
    case.plea = "guilty" if guilty else "not_guilty"
    return f"{case.plea}_plea", ""


def attends(case: Case) -> Heard:
    """Committal or sentence: it is done if the accused is there."""
    return ("warrant_issued", "accused_absent") if stays_away(case) else ("done", "")


def the_trial(case: Case) -> Heard:
    """The first thing that stops a trial counts."""
    if stays_away(case):
        return "ineffective", "accused_absent"
    if case.decide("guilty_at_trial"):
        return "cracked", "late_plea"
    if case.decide("deserted"):
        return "cracked", "deserted"
    if case.decide("witness_absent"):
        return "ineffective", "witness_absent"
    return "effective", ""


PROCESS: Final = ProcessWithoutOpenCases(
    ENTRY_POINTS={"arrest": arrest, "report": report_to_fiscal},
    CASE_COLUMNS=(
        *GENERAL_COLUMNS,
        ("complaint_at", MOMENT, "complaint_at"),
        ("petition_at", MOMENT, "petition_at"),
        ("sentence", pa.string(), "sentence"),
        ("plea", pa.string(), "plea"),
    ),
    new_case=Case,
)
