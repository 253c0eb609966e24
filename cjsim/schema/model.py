"""What a model folder says: demand, staff, stages, branches, court lists, duties, limits, costs.

Each class is one kind of table in the TOML files of `models/<area>/`; each field's description says
what it means, its name its unit. Which file a table stands in is for the reader; the tables of all
files of the folder together make one `Model`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Protocol, Self, TypeVar, cast

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, model_validator

from cjsim.errors import Slip
from cjsim.jurisdiction import (
    DEFAULT,
    Vocabulary,
    find_jurisdiction,
    in_use,
    jurisdiction_named,
    using,
)
from cjsim.schema.base import (
    Amount,
    Day,
    Duration,
    Flag,
    Name,
    Number,
    Probability,
    Profile,
    Shares,
    Sourced,
    Spec,
    check_once,
)
from cjsim.schema.bounds import MOST_COURTROOMS
from cjsim.schema.call_order import Order
from cjsim.schema.closures import Closures, WrittenClosures
from cjsim.schema.co_defendants import CoDefendantsSpec
from cjsim.schema.costs import Costs
from cjsim.schema.odds import LengthFactor, OddsFactor
from cjsim.schema.old_keys import with_courthouses
from cjsim.schema.words import (
    Advocates,
    Agency,
    Branch,
    Channel,
    Court,
    CourtList,
    DrawnFact,
    Duty,
    EngagementMove,
    Fact,
    Hearing,
    JurisdictionName,
    Limit,
    ListingKind,
    MultiwayBranch,
    PriorityRule,
    ResultOrDefault,
    StaffedChannel,
    Stage,
    WayIn,
)

ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Division(Spec):
    """A part of the area that a reform may reach first; `share` is its share of the cases."""

    title: str = Field(description="what readers call it")
    share: Probability = Field(description="its share of the area's cases")


class Stream(Spec):
    """One way in: cases a year by offence group, with hour, weekday and month profiles.

    `headroom` is how far above the baseline a scenario or a dated change may raise the rate: cases
    are drawn at that upper rate and thinned, so that every scenario meets the same people.

    Where the number of cases is published by quarter it stands in `per_quarter`, dated, and
    `per_year` only says in which proportions the offence groups come. A stream whose numbers are
    `counted` brings as many cases as they say, month by month; chance decides which and when.

    `returning_share` is the share of those cases a year that are people who come back after a
    disposal. Their cases are not drawn: they follow from the disposals of the run, and, until those
    have had their time, from the disposals before it. `returning_after` is the time from one arrest
    to the next, for a run that begins with its cases of before all disposed of.
    """

    per_year: Amount = Field(description="cases a year, by offence group")
    per_quarter: Amount | None = Field(default=None, description="cases in each quarter, dated")
    counted: Flag = Field(
        default=False, description="whether as many cases come as the numbers say"
    )
    hours: Profile = Field(description="weights of the 24 hours, midnight first")
    weekdays: Profile = Field(description="weights of the seven weekdays, Monday first")
    months: Profile = Field(description="weights of the twelve months, January first")
    headroom: Amount = Field(description="the highest rate that a change may reach, over this one")
    returning_share: Probability | None = Field(
        default=None, description="the share of them who come back after a disposal"
    )
    returning_after: Duration | None = Field(
        default=None, description="the time from one arrest to the next"
    )

    @model_validator(mode="after")
    def _returning_has_both(self) -> Self:
        if (self.returning_share is None) != (self.returning_after is None):
            raise Slip(
                "returning_share and returning_after belong together.", "Give both, or neither."
            )
        return self


class BranchSpec(Spec):
    """A point where a case goes one way or the other: a chance, and odds on facts of the case."""

    probability: Probability = Field(description="the chance where no fact of the odds holds")
    odds: dict[Fact, OddsFactor] = Field(
        default_factory=dict, description="what each fact of the case does to the odds"
    )


class MultiwayBranchSpec(Spec):
    """A point where a case goes one of several ways."""

    shares: Shares = Field(description="the share of each way")


class DrawnFactSpec(Spec):
    """A number that is known of a case, drawn once for each case from a lognormal distribution."""

    median: Amount = Field(description="half of the cases have less, by offence group")
    p90_over_median: Amount = Field(
        description="nine in ten cases have less than so many times the median"
    )
    most: Amount = Field(description="the most that it can be")

    @model_validator(mode="after")
    def _is_a_distribution(self) -> Self:
        for key, least in (("median", 0.0), ("p90_over_median", 1.0)):
            amount: Amount = getattr(self, key)
            for value in (amount.value, *(change.value for change in amount.changes)):
                numbers = value.values() if isinstance(value, dict) else [value]
                if any(number <= least for number in numbers):
                    raise Slip(
                        f"{key} must be more than {least:g}.", "Write a larger number.", (key,)
                    )
        return self


class Hours(Spec):
    """When a pool works, on a 24-hour clock."""

    start: ClockTime = Field(description="when the day's work begins")
    end: ClockTime = Field(description="when it ends")
    weekdays: tuple[Annotated[int, Field(ge=0, le=6, strict=True)], ...] = Field(
        min_length=1, description="the days worked, 0 (Monday) to 6"
    )
    bank_holidays: Flag = Field(description="whether bank holidays are worked")


class ResourceSpec(Spec):
    """Staff or cells that are finite."""

    agency: Agency = Field(description="whose it is")
    capacity: Amount = Field(
        description="how many serve at one time; a table by division is a pool in each"
    )
    hours: Name = Field(description="when it works: a name in [hours]")


class StageSpec(Spec):
    """Work (with a `pool`) or waiting (without) of a given length, done by an agency."""

    agency: Agency = Field(description="who does it or causes the wait")
    pool: Name | None = Field(default=None, description="whose time it takes; a wait has none")
    duration: Duration | None = Field(
        default=None, description="how long the work or the wait takes"
    )
    waiting: dict[Court, Duration] = Field(
        default_factory=dict,
        description="time spent at court beyond the wait for the trial, by court",
    )


def _named_courtrooms(written: object) -> object:
    """A number of courtrooms as names: "court 1", "court 2" and so on."""
    if (
        isinstance(written, int)
        and not isinstance(written, bool)
        and 0 < written <= MOST_COURTROOMS
    ):
        return tuple(f"court {number}" for number in range(1, written + 1))
    return written


Courtrooms = Annotated[
    tuple[str, ...],
    BeforeValidator(_named_courtrooms, json_schema_input_type=tuple[str, ...] | int),
]
"""The names of courtrooms, or how many there are."""


class Courthouse(Spec):
    """A courthouse: its courtrooms, which its lists share, and the divisions whose cases it hears.

    A courthouse may hold lists of several courts and serve several divisions. Where a division has
    two courthouses for a list, a hearing is listed in the one with the earlier date. A value that
    differs between divisions holds in a courthouse as it does in the first that it serves.
    """

    title: str = Field(description="what readers call it")
    courtrooms: Courtrooms = Field(
        min_length=1,
        description='their names; a number, such as 2, stands for "court 1", "court 2"',
    )
    serves: tuple[Name, ...] = Field(min_length=1, description="the divisions whose cases it hears")
    closed: WrittenClosures = Field(
        default=Closures(), description="when it is shut, and where its work goes"
    )

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        check_once(self.courtrooms, "courtroom", ("courtrooms",))
        check_once(self.serves, "division", ("serves",))
        return self

    @property
    def division(self) -> str:
        """The division whose values hold here: the first that it serves."""
        return self.serves[0]


class House(Spec):
    """A list at a courthouse: the courtrooms that it may use, and how many sit on each weekday."""

    courtrooms: tuple[str, ...] = Field(
        default=(), description="those of the courthouse that it may use; all if left out"
    )
    rooms: Profile = Field(description="courtrooms that sit on each weekday, Monday first")

    @model_validator(mode="after")
    def _no_courtroom_twice(self) -> Self:
        check_once(self.courtrooms, "courtroom", ("courtrooms",))
        return self


class Blocked(Sourced):
    """Days on which a list, or some of its houses, does not sit: both included.

    A vacation or a training day is known from the first day of a run. `note` says what it is.
    """

    from_: Day = Field(alias="from", description="the first day")
    to: Day = Field(description="the last day")
    announced: Day | None = Field(
        default=None, description="when it became known, if nobody could foresee it"
    )
    houses: tuple[Name, ...] = Field(
        default=(), description="the courthouses shut; all if left out"
    )

    def is_quantity(self) -> bool:
        """Days are in a calendar or not."""
        return False

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.to < self.from_:
            raise Slip(
                f"these days end ({self.to}) before they begin ({self.from_}).",
                "Write the earlier day as from and the later one as to.",
            )
        if self.announced is not None and self.announced > self.from_:
            raise Slip(
                f"what begins on {self.from_} is announced on {self.announced} only.",
                "Write that day or an earlier one.",
                ("announced",),
            )
        return self


class ListSpec(Spec):
    """A list with a purpose: its sessions, how full it may be booked, and where it is held.

    What is carried on to the next sitting day for want of a courtroom is a warned list's. The
    sittings of a month are spread evenly over its days.
    """

    court: Court = Field(description="which court's list it is")
    sessions: tuple[ClockTime, ...] = Field(min_length=1, description="when a day's sessions begin")
    session_minutes: Amount = Field(description="how long a session is")
    over_listing: Amount = Field(description="minutes booked over minutes there are")
    overrun_minutes: Amount = Field(
        description="how far past its end a session may run for a hearing already due"
    )
    kept_for_custody: Probability = Field(
        description="the share of a session kept for the cases named in `kept_for`"
    )
    kept_for: tuple[PriorityRule, ...] = Field(
        default=("custody",), min_length=1, description="which cases may use the minutes kept"
    )
    bank_holidays: Flag = Field(default=False, description="whether it sits on bank holidays")
    multi_day: Flag = Field(
        default=False, description="whether a hearing holds a courtroom for days"
    )
    carried_days: dict[ListingKind, Amount] = Field(
        default_factory=dict,
        description="how long a listing without a courtroom is carried on, by kind",
    )
    sitting_share: Profile = Field(
        description="the share of its sittings held in each month, January first"
    )
    blocked: tuple[Blocked, ...] = Field(default=(), description="days on which it does not sit")
    change_notice_days: Amount = Field(
        description="how long before a change of its sittings is known"
    )
    call_order: Order = Field(
        description="who is called first on the day, and keeps the date when sittings are lost"
    )
    refill_notice_days: Amount = Field(
        description="a slot vacated later than this before its day is lost"
    )
    brings_forward: Probability = Field(
        description="the chance that a case can take a freed slot it is offered"
    )
    date_suits: Probability | None = Field(
        default=None,
        description="the chance that everybody in a case can come on a day; left out: always",
    )
    houses: dict[Name, House] = Field(
        min_length=1, description="the courthouses where it is held, by their names"
    )


class PlanningSpec(Spec):
    """How the sessions of a courthouse are shared among its lists of one court, week by week.

    With an `eagerness` of 0 every list keeps the sessions of its usual week.
    """

    weeks_ahead: Amount = Field(description="how many weeks before a week its sessions are planned")
    look_back_weeks: Amount = Field(
        description="the weeks whose bookings say what a list will need"
    )
    eagerness: Probability = Field(
        description="the share of the sessions that a list will not need that it gives up"
    )
    worth_days: Amount = Field(
        description="a list borrows once its hearings wait so much longer than their notice"
    )
    all_spare_days: Amount = Field(
        description="with so long a wait beyond its notice a list gets all that others can spare"
    )
    on_the_day: Probability = Field(
        description="1 if a courtroom whose list has nobody left takes another list's hearings"
    )
    served_first: tuple[CourtList, ...] = Field(
        default=(),
        description="lists that get people first where those who sit are short; then the others",
    )
    lends: dict[CourtList, tuple[CourtList, ...]] = Field(
        description="which lists may have the sessions of a list"
    )


class HearingSpec(Spec):
    """A kind of hearing: its notice, the minutes estimated, the minutes it really takes."""

    court: Court = Field(description="the court that hears it")
    notice_days: dict[CourtList, Amount] = Field(
        min_length=1, description="the least notice, by list"
    )
    notice_again_days: dict[CourtList, Amount] = Field(
        default_factory=dict,
        description="of another date for the same hearing, by list; left out: as for the first",
    )
    estimate_minutes: Amount = Field(description="the time it is booked for")
    lengths: dict[ResultOrDefault, Duration] = Field(
        min_length=1, description="how long it takes, by result; default for the others"
    )
    vacated_before: Duration | None = Field(
        default=None,
        description="how long before its day it is taken out of the list, if it is; left out: "
        "shortly before",
    )
    estimate_factors: dict[Fact, LengthFactor] = Field(
        default_factory=dict, description="what each fact of the case does to the estimate"
    )
    length_factors: dict[Fact, LengthFactor] = Field(
        default_factory=dict,
        description="what each fact does to the length of a hearing that goes its full length",
    )
    added_minutes: dict[Fact, Amount] = Field(
        default_factory=dict,
        description="minutes that a hearing of full length takes longer where a fact holds",
    )


class AdvocatesSpec(Spec):
    """Advocates of one side in one court.

    A hearing takes its estimate out of the day of its side's advocates; one for which none is left
    cannot go ahead.
    """

    at_court: Amount = Field(description="how many are at court on a day")
    available: Probability = Field(description="the share that comes: less than 1 in a strike")
    minutes_a_day: Amount = Field(description="court time that one can take on in a day")
    absent_by_case: Probability | None = Field(
        default=None,
        description="the chance that the advocate booked for a case stays away in a week, as in an "
        "action; left out: nobody is booked by case",
    )


class SittersSpec(Spec):
    """People without whom a court cannot sit: judges, benches, legal advisers.

    In each session a court at a courthouse sits in no more courtrooms than it has people of every
    role. Pools of the same role can replace each other.
    """

    court: Court = Field(description="the court that they sit in")
    role: Name = Field(description="what they do there; a courtroom needs one of every role")
    at_once: Amount = Field(description="how many can sit at once, at a courthouse")
    available: Probability = Field(
        description="the share that can sit: less than 1 in a shortage or on leave"
    )


class ChannelSpec(Spec):
    """A way in which staff reach a victim."""

    contact_length: Amount = Field(description="a factor on the length of a contact")
    arranged_after: Duration = Field(
        description="time before the contact can be made: unanswered calls, an appointment"
    )
    delivered_after: Duration = Field(
        description="time from the contact until the victim hears of it: the post"
    )


class DutySpec(Spec):
    """A contact owed to a victim or witness, and the staff who find time for it.

    A duty `owed_to` witnesses is done where there is a victim or any civilian witness. Who would
    rather be reached by a channel that cannot serve it is reached by the first, which has staff.
    One owed `before_trial` has been missed if it should have been done by the end of the trial.
    """

    agency: Agency = Field(description="who owes it")
    pool: Name = Field(description="the staff who find time for it")
    within_working_days: Amount = Field(description="the deadline for most")
    within_working_days_enhanced: Amount = Field(
        description="the deadline where the enhanced service is owed"
    )
    duration: Duration = Field(description="how long the contact takes")
    turnaround: Duration = Field(description="time before anybody can turn to it")
    missed_after_working_days: Amount = Field(
        description="how long past its deadline it is given up"
    )
    channels: tuple[Channel, ...] = Field(
        min_length=1, description="the ways in which it can be done, the one that always can first"
    )
    owed_to: Literal["victim", "witnesses"] = Field(
        default="victim", description="the victim, or any civilian witness too"
    )
    statutory: Flag = Field(
        default=True, description="whether it counts in the measures of the Victims' Code"
    )
    answered_first: Flag = Field(
        default=False, description="whether it goes before all others in the queue"
    )
    before_trial: Flag = Field(
        default=False, description="whether it lapses when the trial is over"
    )


class Sampling(Spec):
    """A model too large to run whole: one case in so many, with one in so many of all capacities.

    The numbers of the model are those of the whole; what is measured by counting is multiplied
    back.
    """

    one_in: Amount = Field(description="how many cases each simulated one stands for")


class Opening(Spec):
    """How a run starts: days of warm-up cut from the results, the same in every scenario."""

    warm_up_days: Amount = Field(description="days simulated before the study period, and left out")


class Model(Spec):
    """A whole area, checked: every number that the journey may ask for."""

    title: str = Field(description="what readers call the area, with its year")
    area: Name = Field(description="one word for it")
    jurisdiction: JurisdictionName = Field(
        default=DEFAULT, description="the criminal justice system that it is of"
    )
    description: str = Field(description="what it is a model of, and from what")
    divisions: dict[Name, Division] = Field(
        min_length=1, description="parts that a reform may reach apart"
    )
    opening: Opening = Field(description="how a run starts")
    sampling: Sampling | None = Field(
        default=None, description="how many cases each simulated one stands for"
    )
    streams: dict[WayIn, Stream] = Field(description="the ways in, and how many come")
    hours: dict[Name, Hours] = Field(description="working hours, by name")
    pools: dict[Name, ResourceSpec] = Field(description="staff and cells")
    stages: dict[Stage, StageSpec] = Field(description="work and waits")
    branches: dict[Branch, BranchSpec] = Field(description="where a case goes one way or the other")
    multiway_branches: dict[MultiwayBranch, MultiwayBranchSpec] = Field(
        description="where it goes one of several ways"
    )
    courthouses: dict[Name, Courthouse] = Field(
        min_length=1, description="courthouses, and the divisions that they serve"
    )
    drawn_facts: dict[DrawnFact, DrawnFactSpec] = Field(
        default_factory=dict, description="numbers that are known of a case"
    )
    co_defendants: CoDefendantsSpec | None = Field(
        default=None, description="people arrested together; left out: everybody is arrested alone"
    )
    lists: dict[CourtList, ListSpec] = Field(description="court lists and their sittings")
    planning: dict[Court, PlanningSpec] = Field(
        default_factory=dict,
        description="how sessions are shared among the lists of a courthouse, by court",
    )
    hearings: dict[Hearing, HearingSpec] = Field(description="kinds of hearing")
    sitters: dict[Name, SittersSpec] = Field(
        default_factory=dict, description="who sits in court, by pool; left out: never short"
    )
    advocates: dict[Advocates, AdvocatesSpec] = Field(description="advocates by side and court")
    channels: dict[StaffedChannel, ChannelSpec] = Field(description="ways to reach a victim")
    duties: dict[Duty, DutySpec] = Field(description="contacts owed to victims and witnesses")
    engagement: dict[EngagementMove, Number] = Field(
        description="what moves a victim's engagement, from 0 to 1"
    )
    limits: dict[Limit, Amount] = Field(description="limits in law and practice")
    costs: Costs = Field(description="what is paid for")

    @model_validator(mode="wrap")
    @classmethod
    def _in_words_of_its_jurisdiction(
        cls, data: object, handler: ModelWrapValidatorHandler[Self]
    ) -> Self:
        """Check a model against the words of the jurisdiction that it names."""
        name = data.get("jurisdiction", DEFAULT) if isinstance(data, Mapping) else ""
        with using(find_jurisdiction(str(name)) or in_use()):
            return handler(with_courthouses(data) if isinstance(data, Mapping) else data)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of its jurisdiction."""
        return jurisdiction_named(self.jurisdiction).vocabulary

    def courtrooms(self, court_list: str, courthouse: str) -> tuple[str, ...]:
        """The courtrooms that a list may use at a courthouse."""
        own = self.lists[court_list].houses[courthouse].courtrooms
        return own or self.courthouses[courthouse].courtrooms

    def courthouses_of(self, court_list: str, division: str) -> list[str]:
        """Where a division's cases of a list are heard, in the order of the list's courthouses."""
        houses = self.lists[court_list].houses
        return [name for name in houses if division in self.courthouses[name].serves]

    @property
    def one_in(self) -> float:
        """How many cases, and how much of a capacity, each simulated one stands for."""
        return 1.0 if self.sampling is None else self.sampling.one_in.at("default")


class HasModel(Protocol):
    """Something with a model, such as a scenario."""

    @property
    def model(self) -> Model:
        """Its model."""


_Function = TypeVar("_Function", bound=Callable[..., object])


def in_its_jurisdiction(function: _Function) -> _Function:
    """Decorate a function that changes or checks a model: its jurisdiction's words are in use.

    The function's first argument is a model, or something with a model.
    """

    @functools.wraps(function)
    def wrapped(subject: Model | HasModel, *args: object, **kwargs: object) -> object:
        model = subject if isinstance(subject, Model) else subject.model
        with using(jurisdiction_named(model.jurisdiction)):
            return function(subject, *args, **kwargs)

    return cast("_Function", wrapped)
