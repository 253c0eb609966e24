"""A case in England and Wales: one suspect in one matter, from arrest or summons to disposal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal, overload

from cjsim.case import case as core
from cjsim.case.activities import Ended, NextStep, ProcessStep, Steps
from cjsim.case.case import FAR_AWAY
from cjsim.des.event_log import NEVER
from cjsim.des.random_streams import DrawBlock, OwnDraws
from cjsim.des.working_time import DAYS_A_MONTH, DAYS_A_WEEK, MINUTES_A_DAY
from cjsim.england_wales.choices import (
    AdjournmentReason,
    CpsDecision,
    CrownReceipt,
    OutOfCourtKind,
    PoliceWitnessCount,
    ReasonForAdjourning,
    ReasonForVacating,
    SentenceOfCourt,
    SentencePassed,
    VacatedReason,
    WayOutOfCustody,
    WayOutOfVoluntaryInterview,
    WitnessCount,
)
from cjsim.england_wales.custody import CustodyStatus
from cjsim.england_wales.vocabulary import (
    WAYS_IN,
    Branch,
    Duty,
    ListingKind,
    ModeOfTrial,
    OffenceClass,
    Outcome,
    Plea,
    Result,
    Sentence,
    StaffedChannel,
    Stage,
)
from cjsim.listing.diary import Heard, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from cjsim.england_wales.co_defendants import CoDefendants
    from cjsim.simulation.simulation import Simulation

SHORTEST_SENTENCE_MONTHS: Final = 0.01
"""What a sentence is compared with the court's powers as, if it is shorter."""

__all__ = ["Case", "Ended", "Heard", "NextStep", "ProcessStep", "Steps"]


class Case(core.Case):
    """A defendant-case, with what the police, the prosecution and both courts know of it."""

    __slots__ = (
        "anticipates_guilty_plea",
        "by_video",
        "charged_at",
        "charged_by",
        "co_defendants",
        "consultations",
        "crown_plea",
        "crown_way",
        "disclosure_complete",
        "domestic_abuse",
        "early_intervention",
        "either_way",
        "file_built",
        "file_ready",
        "filmed",
        "first_not_guilty",
        "held",
        "in_mental_distress",
        "kept_for_court",
        "likely_sentence_months",
        "magistrates_completed",
        "magistrates_plea",
        "managed",
        "not_guilty_pleaded",
        "offence_class",
        "offender_managed",
        "papers_served",
        "papers_served_at",
        "plea",
        "plea_foreseen",
        "plea_when",
        "police_witnesses",
        "prosecution_team",
        "received_crown",
        "report_ready",
        "reviewed_before_first_hearing",
        "sentence",
        "sentenced_after_trial",
        "sought",
        "stayed_away_from",
        "summons",
        "trial_prepared",
        "tried",
        "tried_in_absence",
        "witnesses_absent",
        "witnesses_agreed",
    )

    def __init__(
        self,
        simulation: Simulation,
        number: int,
        way_in: str,
        group: int,
        area: int,
        columns: DrawBlock | OwnDraws,
    ) -> None:
        """`group` and `area` are indices into the offence groups and the model's divisions."""
        super().__init__(simulation, number, way_in, group, area, columns)
        self.charged_at = self.first_not_guilty = NEVER
        self.received_crown = self.magistrates_completed = NEVER
        self.charged_by: Result = ""
        self.crown_way = ""
        self.sentence: Sentence = ""
        self.plea: Plea = ""
        self.magistrates_plea: Plea = ""
        self.crown_plea: Plea = ""
        self.plea_when = ""
        self.consultations = 0
        self.file_built = self.file_ready = self.reviewed_before_first_hearing = False
        self.papers_served = self.prosecution_team = False
        self.kept_for_court = False
        self.not_guilty_pleaded = False
        self.tried = self.tried_in_absence = False
        self.co_defendants: CoDefendants[Case] | None = None
        self.sentenced_after_trial = self.sought = False
        self.papers_served_at = NEVER
        self.trial_prepared = self.disclosure_complete = self.report_ready = False
        self.stayed_away_from = ""
        self.witnesses_absent = self.witnesses_agreed = 0
        self.managed = False
        self.likely_sentence_months = 0.0
        self.summons = way_in == WAYS_IN[3]
        # A branch may look at any attribute while the attributes are still being settled.
        self.offence_class: OffenceClass = "summary"
        self.either_way = self.domestic_abuse = False
        self.anticipates_guilty_plea = False
        self.plea_foreseen: bool | None = None
        self.in_mental_distress = False
        self.filmed = self.by_video = self.offender_managed = self.early_intervention = False
        self.police_witnesses = 0
        self.held = CustodyStatus(self)

    # --- attributes ----------------------------------------------------------------------

    @property
    def prepared_for_guilty_plea(self) -> bool:
        """What file and list go by: the plea that was foreseen, else the plea to expect."""
        if self.plea_foreseen is None:
            return self.anticipates_guilty_plea
        return self.plea_foreseen

    @property
    def sentence_over_powers(self) -> float:
        """How often the magistrates' powers must be doubled to reach the likely sentence.

        After a trial: 1 is a sentence twice as long as they can pass, -1 one half as long.
        """
        return self._doublings(self.likely_sentence_months)

    @property
    def sentence_over_powers_after_credit(self) -> float:
        """The same after the credit for a plea at the first hearing."""
        credit = self._credit_tens("plea_credit_first_hearing_percent")
        return self._doublings(self.likely_sentence_months * (1.0 - credit / 10.0))

    def _doublings(self, months: float) -> float:
        return math.log2(max(months, SHORTEST_SENTENCE_MONTHS) / self._powers_months())

    def _powers_months(self) -> float:
        """The longest sentence for one offence: a youth court's is longer."""
        limits = self.simulation.limits
        return limits["youth_court_powers_months" if self.youth else "magistrates_powers_months"]

    @property
    def first_hearing_credit(self) -> float:
        """What waiting for the next stage costs, in tens of percentage points of the sentence."""
        later = self._credit_tens("plea_credit_plea_hearing_percent")
        return self._credit_tens("plea_credit_first_hearing_percent") - later

    @property
    def plea_hearing_credit(self) -> float:
        """The same at the plea hearing of the Crown Court: the next stage is the day of trial."""
        later = self._credit_tens("plea_credit_day_of_trial_percent")
        return self._credit_tens("plea_credit_plea_hearing_percent") - later

    @property
    def day_of_trial_credit(self) -> float:
        """The same on the day of trial, after which there is no credit."""
        return self._credit_tens("plea_credit_day_of_trial_percent")

    @property
    def weeks_to_magistrates_trial(self) -> float:
        """The weeks that a trial fixed today is likely to wait at the magistrates' court."""
        return self.usual_wait_weeks("magistrates_trial", "magistrates_trials")

    @property
    def weeks_to_crown_trial(self) -> float:
        """The weeks that a trial fixed today is likely to wait at the Crown Court."""
        return self.usual_wait_weeks("crown_trial", "crown_trials")

    def _credit_tens(self, stage: str) -> float:
        return self.simulation.limits[stage] / 10.0

    @property
    def mode_of_trial(self) -> ModeOfTrial:
        """Who tries the case in the Crown Court.

        A jury tries every offence that is triable only there, and every other one whose likely
        sentence is long.
        """
        may_do_without = (
            self.either_way
            and self.likely_sentence_months <= self.simulation.limits["jury_trial_above_months"]
        )
        return self.chosen("mode_of_trial") if may_do_without else "jury"

    @property
    def tried_by_judge_alone(self) -> bool:
        """Whether a judge sits without a jury."""
        return self.mode_of_trial == "judge_alone"

    @property
    def tried_by_judge_and_magistrates(self) -> bool:
        """Whether a judge sits with two magistrates in place of a jury."""
        return self.mode_of_trial == "judge_and_magistrates"

    @property
    def witnesses_to_call(self) -> int:
        """The civilian witnesses who have to come to a trial: those whose evidence is disputed."""
        return self.civilian_witnesses - self.witnesses_agreed

    @property
    def months_since_charge(self) -> float:
        """Months since charge or summons; 0 before."""
        if self.charged_at < 0:
            return 0.0
        return (self.simulation.env.minute - self.charged_at) / (DAYS_A_MONTH * MINUTES_A_DAY)

    def serve_papers(self) -> None:
        """The defence gets the prosecution's papers: the first, or those for the next court."""
        self.papers_served = True
        self.papers_served_at = self.simulation.env.minute

    @property
    def weeks_since_papers_served(self) -> float:
        """How many weeks the defence has had the last papers; 0 without any."""
        if self.papers_served_at < 0:
            return 0.0
        return (self.simulation.env.minute - self.papers_served_at) / (DAYS_A_WEEK * MINUTES_A_DAY)

    # --- co-defendants -------------------------------------------------------------------

    @property
    def incident(self) -> int:
        """The number of the first case of those who were arrested together: its own, if alone."""
        return self.number if self.co_defendants is None else self.co_defendants.number

    @property
    def defendants(self) -> int:
        """How many people were arrested together, with the defendant."""
        return 1 if self.co_defendants is None else self.co_defendants.size

    @property
    def co_defendants_left(self) -> int:
        """How many co-defendants have been charged and are still to be tried."""
        return 0 if self.co_defendants is None else self.co_defendants.to_be_tried(self)

    @property
    def still_to_be_tried(self) -> bool:
        """Whether the defendant is charged and has not pleaded guilty, been tried or absconded."""
        charged = self.charged_at >= 0 and self.plea != "guilty"
        return charged and not (self.tried or self.sought)

    @property
    def at_liberty(self) -> bool:
        """Whether the defendant has to come to court, and so can stay away.

        Nobody does who is in prison or in a cell, or is seen by video from the police station:
        whoever is bailed to the station for that is detained there until the court has seen them,
        and fetched without a warrant if need be (Police and Criminal Evidence Act 1984, sections
        46ZA and 46A).
        """
        return not (self.remanded or self.in_custody or self.by_video)

    @property
    def held_for_next_court(self) -> bool:
        """Whether the police hold the defendant, whom the next court that sits must see.

        Charged and kept, so in prison in the log and before no court yet (Police and Criminal
        Evidence Act 1984, section 46), or arrested on a court's warrant (Bail Act 1976, section 7).
        """
        return self.kept_for_court or (self.in_custody and self.charged_at >= 0)

    def charged(self, by: Result) -> None:
        """Charged, or summonsed."""
        self.charged_at = self.simulation.env.minute
        self.charged_by = by
        self.note("charge", by)

    def pleads(self, plea: Plea, when: str) -> None:
        """Enter a plea: at the first hearing, the plea hearing, before or at trial."""
        self.plea = plea
        self.plea_when = when
        if self.received_crown < 0:
            self.magistrates_plea = self.magistrates_plea or plea
        else:
            self.crown_plea = self.crown_plea or plea
        if plea == "not_guilty":
            self.not_guilty_pleaded = True
            if self.first_not_guilty < 0:
                self.first_not_guilty = self.simulation.env.minute
        elif self.co_defendants is not None:
            self.co_defendants.look_again()

    @property
    def conviction(self) -> Outcome:
        """How a case that is past its verdict was won: by the last plea, or in absence."""
        if self.plea == "guilty":
            return "convicted_guilty_plea"
        if self.plea and not self.tried_in_absence:
            return "convicted_after_trial"
        return "convicted_in_absence"

    def received_by_crown_court(self, way: str) -> None:
        """Sent for trial, for sentence, or on appeal: the magistrates are done with it."""
        now = self.simulation.env.minute
        self.received_crown = now
        self.crown_way = way
        if self.magistrates_completed < 0:
            self.magistrates_completed = now

    def last_day_in_custody(self) -> int:
        """The day by which a trial in custody must start; far away for whoever is at large."""
        limit = self.held.time_limit
        return limit.last_day() if self.remanded and limit is not None else FAR_AWAY

    def trial_is_over(self) -> bool:
        """Whether the trial that was fixed last has been called and needs no other date."""
        return self.held.trial_is_over()

    def chasing_duty(self) -> str:
        """Before charge the victim asks the police, after it the witness care unit."""
        return "chasing_call" if self.charged_at >= 0 else "chasing_call_to_police"

    # --- what a hearing and the end of the case mean -------------------------------------

    def after_hearing(self, listing: Listing) -> None:
        """Brought from prison, if there; nobody is kept for the next court any more."""
        if self.remanded and not self.by_video:
            self._produced(listing)
        self.kept_for_court = False
        if listing.result == "ineffective":
            self.earlier_ineffective_trial = True

    def _produced(self, listing: Listing) -> None:
        """Brought to court from prison and back, on each day of the hearing."""
        result: Result = "missed" if listing.reason == "defendant_not_produced" else "done"
        session = listing.diary.sessions.minutes[listing.sitting]
        minutes = listing.minutes if listing.joint is None else listing.joint.slot.minutes
        for _ in range(max(1, -(-minutes // session))):
            self.note("production_at_court", result)

    def before_end(self) -> None:
        """Out of the cell, off bail, out of prison; the magistrates' court has done with it."""
        self.held.leave_cell()
        self.held.leave_bail()
        self.held.leave_prison()
        if self.first_listed >= 0 and self.magistrates_completed < 0:
            self.magistrates_completed = self.simulation.env.minute
        if self.co_defendants is not None:
            self.co_defendants.left_by(self)

    def let_go(self) -> None:
        """Drop what points back at the case."""
        super().let_go()
        del self.held

    def write_open_rows(self) -> None:
        """At the end of a run: where the case stands, and where the defendant is held."""
        self.write_row_in_hand()
        self.held.write_open_rows()
        self.write_case_row()

    if TYPE_CHECKING:
        # The words are those of the vocabulary, so that mypy reports a misspelt or missing one.
        # Each is narrower than the text that `cjsim.case` accepts for any jurisdiction.
        def work(self, word: Stage, area: int | None = None) -> Steps[None]:  # type: ignore[override]
            """Request the staff of a stage and take their time."""

        def wait(  # type: ignore[override]
            self, word: Stage, until: int | None = None, rest: int | None = None
        ) -> Steps[bool]:
            """Let the time of a stage pass."""

        def decide(self, branch: Branch) -> bool:  # type: ignore[override]
            """Decide a branch by its probability."""

        def tell(self, word: Duty, then: Callable[[Case], None] | None = None) -> None:  # type: ignore[override]
            """Contact the victim."""

        def end(self, outcome: Outcome) -> Ended:  # type: ignore[override]
            """End the case."""

        # Each multi-way branch has its own options, so that a `match` can be exhaustive.
        @overload  # type: ignore[override]  # narrower than any text, on purpose
        def choose(self, choice: Literal["offence_class"]) -> OffenceClass: ...
        @overload
        def choose(self, choice: Literal["witness_count"]) -> WitnessCount: ...
        @overload
        def choose(self, choice: Literal["police_witness_count"]) -> PoliceWitnessCount: ...
        @overload
        def choose(self, choice: Literal["contact_channel"]) -> StaffedChannel: ...
        @overload
        def choose(self, choice: Literal["way_out_of_custody"]) -> WayOutOfCustody: ...
        @overload
        def choose(
            self, choice: Literal["way_out_of_voluntary_interview"]
        ) -> WayOutOfVoluntaryInterview: ...
        @overload
        def choose(self, choice: Literal["out_of_court_kind"]) -> OutOfCourtKind: ...
        @overload
        def choose(self, choice: Literal["cps_decision"]) -> CpsDecision: ...
        @overload
        def choose(self, choice: ReasonForAdjourning) -> AdjournmentReason: ...
        @overload
        def choose(self, choice: ReasonForVacating) -> VacatedReason: ...
        @overload
        def choose(self, choice: Literal["crown_listing"]) -> ListingKind: ...
        @overload
        def choose(self, choice: Literal["crown_receipt"]) -> CrownReceipt: ...
        @overload
        def choose(self, choice: SentenceOfCourt) -> SentencePassed: ...
        @overload
        def choose(self, choice: Literal["mode_of_trial"]) -> ModeOfTrial: ...
        def choose(self, choice: str) -> str:
            """One of the options of a multi-way branch."""

        def chosen(self, choice: Literal["mode_of_trial"]) -> ModeOfTrial:  # type: ignore[override]
            """The option for which a case has one draw, whenever it is asked."""
