"""What is known of a case, and its own luck: the facts that branches look at and measures count.

A case draws its luck by decision point and occurrence (`cjsim.des.random_streams`), so that it
meets the same luck in every scenario; `decide` and `choose` hold that luck against the model's odds
and shares.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, overload

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
from cjsim.england_wales.vocabulary import (
    OFFENCE_GROUPS,
    WAYS_IN,
    Branch,
    Hearing,
    ListingKind,
    MultiwayBranch,
    OffenceClass,
    OffenceGroup,
    Plea,
    Result,
    Sentence,
    StaffedChannel,
    Stage,
    WayIn,
)

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation


class Attributes:
    """What is known of a case, and the luck that is its own."""

    __slots__ = (
        "__weakref__",
        "_columns",
        "_first",
        "adjournments",
        "anticipates_guilty_plea",
        "area_index",
        "arrived",
        "by_video",
        "charged_at",
        "charged_by",
        "civilian_witnesses",
        "consultations",
        "contact_channel",
        "crown_plea",
        "crown_way",
        "disclosure_complete",
        "division",
        "domestic_abuse",
        "earlier_ineffective_trial",
        "early_intervention",
        "either_way",
        "ended_at",
        "file_built",
        "file_ready",
        "filmed",
        "first_listed",
        "first_not_guilty",
        "group",
        "group_index",
        "has_victim",
        "hearings",
        "in_custody",
        "in_mental_distress",
        "kept_for_court",
        "magistrates_completed",
        "magistrates_plea",
        "not_guilty_pleaded",
        "number",
        "offence_class",
        "offender_managed",
        "outcome",
        "papers_served",
        "papers_served_at",
        "persistently_targeted",
        "plea",
        "plea_foreseen",
        "plea_when",
        "police_witnesses",
        "prosecution_team",
        "received_crown",
        "remanded",
        "report_ready",
        "reviewed_before_first_hearing",
        "sentence",
        "simulation",
        "slot",
        "stayed_away_from",
        "summons",
        "times",
        "trial_prepared",
        "uses_case_tracker",
        "vulnerable_victim",
        "way_in",
        "witnesses_absent",
        "youth",
    )

    def __init__(
        self,
        simulation: Simulation,
        number: int,
        way_in: WayIn,
        group: int,
        area: int,
        columns: DrawBlock | OwnDraws,
    ) -> None:
        """`group` and `area` are places in OFFENCE_GROUPS and the model's divisions."""
        self.simulation = simulation
        self.number = number
        self.way_in = way_in
        self.group: OffenceGroup = OFFENCE_GROUPS[group]
        self.group_index = group
        self.area_index = area
        self.division = simulation.divisions[area]
        self._columns = columns
        self._first = columns.first
        self.slot = number & columns.mask
        columns.serve(self)
        self.times = simulation.no_times.copy()
        self.arrived = simulation.env.minute
        self.charged_at = self.first_listed = self.first_not_guilty = NEVER
        self.received_crown = self.magistrates_completed = self.ended_at = NEVER
        self.charged_by: Result = ""
        self.crown_way = ""
        self.outcome: Result = ""
        self.sentence: Sentence = ""
        self.plea: Plea = ""
        self.magistrates_plea: Plea = ""
        self.crown_plea: Plea = ""
        self.plea_when = ""
        self.hearings = self.adjournments = self.consultations = 0
        self.file_built = self.file_ready = self.reviewed_before_first_hearing = False
        self.papers_served = self.prosecution_team = self.remanded = self.in_custody = False
        self.kept_for_court = False
        self.not_guilty_pleaded = self.earlier_ineffective_trial = False
        self.papers_served_at = NEVER
        self.trial_prepared = self.disclosure_complete = self.report_ready = False
        self.stayed_away_from: Hearing | Literal[""] = ""
        self.witnesses_absent = 0
        self.summons = way_in == WAYS_IN[3]
        # A branch may look at any attribute while the attributes are still being settled.
        self.offence_class: OffenceClass = "summary"
        self.either_way = self.domestic_abuse = self.youth = self.has_victim = False
        self.vulnerable_victim = self.persistently_targeted = self.uses_case_tracker = False
        self.anticipates_guilty_plea = False
        self.plea_foreseen: bool | None = None
        self.in_mental_distress = False
        self.filmed = self.by_video = self.offender_managed = self.early_intervention = False
        self.civilian_witnesses = self.police_witnesses = 0
        self.contact_channel: StaffedChannel = "telephone"

    # --- facts ---------------------------------------------------------------------------

    @property
    def prepared_for_guilty_plea(self) -> bool:
        """What file and list go by: the plea that was foreseen, else the plea to expect."""
        if self.plea_foreseen is None:
            return self.anticipates_guilty_plea
        return self.plea_foreseen

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

    @property
    def owed_enhanced_service(self) -> bool:
        """Whether the victim is vulnerable or persistently targeted: told sooner, and first."""
        return self.vulnerable_victim or self.persistently_targeted

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

    # --- luck ----------------------------------------------------------------------------

    def draw(self, point: int) -> float:
        """The case's own luck at a point, a number in (0, 1), another one at each occurrence."""
        times = self.times
        occurrence = times[point]
        times[point] = occurrence + 1
        column: Sequence[float] | None = (
            self._columns.later.get((point, occurrence)) if occurrence else self._first[point]
        )
        if column is None:
            column = self._columns.make(point, occurrence)
        return column[self.slot]

    def lasts(self, word: Stage) -> int:
        """How long something takes for this case, in minutes: nobody works or waits for it here."""
        stage = self.simulation.stages[word]
        return stage.minutes(self.area_index, self.group_index, self.draw(stage.point))

    def count(self, activity: int) -> int:
        """The how-manieth time this is (0 for the first) for an activity that draws nothing."""
        at = self.simulation.points + activity
        occurrence = self.times[at]
        self.times[at] = occurrence + 1
        return occurrence

    def decide(self, branch: Branch) -> bool:
        """One way or the other: the branch's odds for this case against the case's own luck."""
        at = self.simulation.branches[branch]
        odds = at.odds[self.area_index][self.group_index]
        point, times = at.point, self.times
        occurrence = times[point]
        times[point] = occurrence + 1
        if not odds:
            return False
        for fact, factor, reference, numeric in at.factors[self.area_index][self.has_victim]:
            value = getattr(self, fact)
            if numeric:
                odds *= factor ** (value - reference)
            elif value:
                odds *= factor
        # As in `draw`, written out: this is the most frequent thing a case does.
        column: Sequence[float] | None = (
            self._columns.later.get((point, occurrence)) if occurrence else self._first[point]
        )
        if column is None:
            column = self._columns.make(point, occurrence)
        return column[self.slot] * (1.0 + odds) < odds

    def would(self, branch: Branch) -> bool:
        """How it would go as things stand, by the same luck and without having come to it."""
        found = self.decide(branch)
        self.times[self.simulation.branches[branch].point] -= 1
        return found

    @overload
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

    def choose(self, choice: MultiwayBranch) -> str:
        """One of several ways, by the choice's shares.

        `cjsim.england_wales.choices` says which ways there are.
        """
        at = self.simulation.multiway_branches[choice]
        u = self.draw(at.point)
        return at.options[bisect_right(at.bounds[self.area_index][self.group_index], u)]
