"""What a model folder says: demand, staff, stages, forks, court lists, duties, limits, costs.

Each class is one kind of table in the TOML files of `models/<area>/`; each field's docstring or
name says its unit. Which file a table stands in is for the reader; the tables of all files of the
folder together make one `Model`.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cjsim.errors import Slip
from cjsim.spec.base import (
    Amount,
    Day,
    Duration,
    Flag,
    Name,
    Number,
    OddsFactor,
    Order,
    Probability,
    Profile,
    Shares,
    Sourced,
    Spec,
)
from cjsim.vocabulary import (
    Advocates,
    Agency,
    Channel,
    Choice,
    Court,
    CourtList,
    Duty,
    EngagementMove,
    Fact,
    Fork,
    Hearing,
    Limit,
    ListingKind,
    Reason,
    Result,
    StaffedChannel,
    Stage,
    WayIn,
)

ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Division(Spec):
    """A part of the area that a reform may reach first; `share` is its share of the cases."""

    title: str
    share: Probability


class Stream(Spec):
    """One way in: cases a year by offence group, with hour, weekday and month profiles.

    `headroom` is how far above the baseline a scenario or a dated change may raise the rate: cases
    are drawn at that upper rate and thinned, so that every scenario meets the same people.

    `returning_share` is the share of those cases a year that are people who come back after a
    disposal. Their cases are not drawn: they follow from the disposals of the run, and, until those
    have had their time, from the disposals before it. `returning_after` is the time from one arrest
    to the next, for a run that begins with its cases of before all disposed of.
    """

    per_year: Amount
    hours: Profile
    weekdays: Profile
    months: Profile
    headroom: Amount
    returning_share: Probability | None = None
    returning_after: Duration | None = None

    @model_validator(mode="after")
    def _returning_has_both(self) -> Self:
        if (self.returning_share is None) != (self.returning_after is None):
            raise Slip(
                "returning_share and returning_after belong together.", "Give both, or neither."
            )
        return self


class ForkSpec(Spec):
    """A point where a case goes one way or the other: a chance, and odds on facts of the case.

    `probability` is the chance of a case in which no fact of `odds` holds.
    """

    probability: Probability
    odds: dict[Fact, OddsFactor] = Field(default_factory=dict)


class ChoiceSpec(Spec):
    """A point where a case goes one of several ways."""

    shares: Shares


class Hours(Spec):
    """When a pool works: `weekdays` are 0 (Monday) to 6; `start` and `end` on a 24-hour clock."""

    start: ClockTime
    end: ClockTime
    weekdays: tuple[Annotated[int, Field(ge=0, le=6, strict=True)], ...] = Field(min_length=1)
    bank_holidays: Flag


class PoolSpec(Spec):
    """Staff or cells that are finite. `capacity` is how many serve at one time.

    One number is one pool for the whole area; a table by division is one pool in each.
    """

    agency: Agency
    capacity: Amount
    hours: Name


class StageSpec(Spec):
    """Work (with a `pool`) or waiting (without) of a given length, done by an agency.

    A stage that attends court has a `waiting` for each court: how long somebody waits there beyond
    the time until the trial is called on.
    """

    agency: Agency
    pool: Name | None = None
    duration: Duration | None = None
    waiting: dict[Court, Duration] = Field(default_factory=dict)


class House(Spec):
    """Where a list is held: a courthouse, the division it serves and the names of its courtrooms.

    `rooms` is the number of courtrooms that sit on each weekday, Monday first.
    """

    title: str
    division: Name
    courtrooms: tuple[str, ...] = Field(min_length=1)
    rooms: Profile


class Blocked(Sourced):
    """Days on which a list, or some of its houses, does not sit: both included.

    A vacation or a training day is known from the first day of a run; `announced` is the day on
    which one is known that nobody could foresee. `note` says what it is.
    """

    from_: Day = Field(alias="from")
    to: Day
    announced: Day | None = None
    houses: tuple[Name, ...] = ()

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

    `over_listing` is minutes booked over minutes available; `overrun_minutes` how far past its end
    a session may run for a hearing already due to start; `kept_for_custody` the share of a session
    that only people in custody can be listed into; `multi_day` lists hold a courtroom for days;
    `carried_days` is how long a listing of a kind is carried on to the next sitting day when it
    finds no courtroom (the window of a warned list).

    `sitting_share` is the share of the usual sittings that is held in each month, January first,
    spread evenly over its days; `blocked` are days without any. A dated change of how the list sits
    is known to the listing officer `change_notice_days` before it. `call_order` says who is called
    first on the day, and whose date is kept when sittings are lost. What is vacated within
    `refill_notice_days` of its day cannot be used again; `brings_forward` is the chance that a case
    that is offered a freed slot can take it.
    """

    court: Court
    sessions: tuple[ClockTime, ...] = Field(min_length=1)
    session_minutes: Amount
    over_listing: Amount
    overrun_minutes: Amount
    kept_for_custody: Probability
    bank_holidays: Flag = False
    multi_day: Flag = False
    carried_days: dict[ListingKind, Amount] = Field(default_factory=dict)
    sitting_share: Profile
    blocked: tuple[Blocked, ...] = ()
    change_notice_days: Amount
    call_order: Order
    refill_notice_days: Amount
    brings_forward: Probability
    houses: dict[Name, House] = Field(min_length=1)


class HearingSpec(Spec):
    """A kind of hearing: least notice in days by list, minutes estimated, minutes it really takes.

    `lengths` holds a duration for each result; `default` serves the results it does not name.
    """

    court: Court
    notice_days: dict[CourtList, Amount] = Field(min_length=1)
    estimate_minutes: Amount
    lengths: dict[Result | Literal["default"], Duration] = Field(min_length=1)


class AdvocatesSpec(Spec):
    """Advocates of one side in one court: how many are at court on a day, and their day's minutes.

    A hearing takes its estimate out of the day of its side's advocates; one for which none is left
    cannot go ahead. `available` is the share of them that come: less than 1 in a strike.
    """

    at_court: Amount
    available: Probability
    minutes_a_day: Amount


class ChannelSpec(Spec):
    """A way in which staff reach a victim.

    `contact_length` is a factor on the length of a contact. `arranged_after` passes before the
    contact can be made (calls that nobody answers, an appointment), `delivered_after` between the
    contact and the victim's hearing of it (the post).
    """

    contact_length: Amount
    arranged_after: Duration
    delivered_after: Duration


class DutySpec(Spec):
    """A contact owed to a victim or witness, and the staff who find time for it.

    `turnaround` passes before anybody can turn to it (shifts, news from the court);
    `missed_after_working_days` beyond the deadline it is given up. A duty `owed_to` witnesses is
    done where there is a victim or any civilian witness. `statutory` duties count in the victim
    measures. `channels` can serve it: who would rather be reached by another is reached by the
    first, which is one that has staff. One that is `answered_first` comes before all others in the
    queue: somebody is on the telephone. One that is owed `before_trial` lapses when the trial is
    over, unless it should have been done by then: then it has been missed.
    """

    agency: Agency
    pool: Name
    within_working_days: Amount
    within_working_days_enhanced: Amount
    duration: Duration
    turnaround: Duration
    missed_after_working_days: Amount
    channels: tuple[Channel, ...] = Field(min_length=1)
    owed_to: Literal["victim", "witnesses"] = "victim"
    statutory: Flag = True
    answered_first: Flag = False
    before_trial: Flag = False


class UnitCost(Spec):
    """What something costs whom. `per` says what is counted.

    hour: minutes worked or heard; event: each row; day: each day from entry to leaving;
    courtroom_day: each day's worth of minutes heard; capacity_hour: each hour a pool or a list is
    there, used or not (named under `pools` or `lists`); post_year: each post of a pool for a year.
    Where `results` or `reasons` are named, only rows that went so, for that reason, are counted.
    """

    agency: Agency
    gbp: Amount
    price_year: str = Field(pattern=r"^\d{4}-\d{2}$")
    per: Literal["hour", "event", "day", "courtroom_day", "capacity_hour", "post_year"]
    activities: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    reasons: tuple[Reason, ...] = ()
    court: Court | None = None
    pools: tuple[Name, ...] = ()
    lists: tuple[CourtList, ...] = ()
    cashable: Flag = False


class Costs(Spec):
    """Unit costs, the price base of every figure shown, and the deflator that brings them there.

    `uncosted` names the activities that cost nobody anything, each on purpose.
    """

    price_base: str = Field(pattern=r"^\d{4}-\d{2}$")
    deflator: dict[str, Amount]
    units: dict[Name, UnitCost]
    uncosted: tuple[str, ...] = ()


class Opening(Spec):
    """How a run starts: days of warm-up cut from the results, the same in every scenario."""

    warm_up_days: Amount


class Model(Spec):
    """A whole area, checked: every number that the journey may ask for."""

    title: str
    area: Name
    description: str
    divisions: dict[Name, Division] = Field(min_length=1)
    opening: Opening
    streams: dict[WayIn, Stream]
    hours: dict[Name, Hours]
    pools: dict[Name, PoolSpec]
    stages: dict[Stage, StageSpec]
    forks: dict[Fork, ForkSpec]
    choices: dict[Choice, ChoiceSpec]
    lists: dict[CourtList, ListSpec]
    hearings: dict[Hearing, HearingSpec]
    advocates: dict[Advocates, AdvocatesSpec]
    channels: dict[StaffedChannel, ChannelSpec]
    duties: dict[Duty, DutySpec]
    engagement: dict[EngagementMove, Number]
    limits: dict[Limit, Amount]
    costs: Costs
