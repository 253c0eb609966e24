"""A date in a court's diary, what the diary asks of the case that has it, and who comes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from cjsim.des.engine import has_twins
from cjsim.des.working_time import MINUTES_A_DAY

if TYPE_CHECKING:
    from cjsim.des.environment import Event
    from cjsim.listing.diary import Diary

Heard = tuple[str, str]
"""How a hearing goes: its result, and the reason if it did not do what it was listed for."""


class Matter(Protocol):
    """What a diary needs to know of the case that is listed."""

    @property
    def number(self) -> int:
        """The number of the case."""

    @property
    def remanded(self) -> bool:
        """Whether the defendant is in prison."""

    @property
    def youth(self) -> bool:
        """Whether the defendant is a youth."""

    @property
    def vulnerable_victim(self) -> bool:
        """Whether the victim is vulnerable."""

    @property
    def earlier_ineffective_trial(self) -> bool:
        """Whether a trial of the case has been ineffective."""

    @property
    def arrived(self) -> int:
        """The minute at which the case began."""

    @property
    def held_for_next_court(self) -> bool:
        """Whether the police hold the defendant, whom the next court that sits must see."""

    def minutes_needed(self, listing: Listing) -> int:
        """The courtroom minutes that the hearing takes, given its result."""

    def was_heard(self, listing: Listing) -> None:
        """The hearing is over, or was not reached."""

    def was_moved(self, listing: Listing, given_up: int) -> None:
        """The court has given the hearing another date than the minute `given_up`."""

    def goes_elsewhere(self) -> None:
        """The hearing goes to another courthouse, and its date stays."""

    def takes_earlier_date(self, chance: float) -> bool:
        """Whether everybody in the case can come to a freed slot that it is offered."""

    def can_come_on(self, day: int, chance: float) -> bool:
        """Whether the parties and the witnesses can come on a day."""

    def last_day_in_custody(self) -> int:
        """The day by which a trial in custody must start; far away for whoever is at large."""


class Joint(Protocol):
    """A hearing that several matters have together, as the listing of one of them knows it."""

    parts: list[Listing]
    attended: bool

    @property
    def slot(self) -> Listing:
        """The listing that stands in the diary."""

    def leave(self, part: Listing) -> bool:
        """One defendant less; whether others are left."""

    def put_off(self, part: Listing, not_before: int) -> None:
        """One of several leaves, and the hearing of the others gets a later date."""

    def move_up(self, not_before: int) -> None:
        """Into the first session from a minute on."""


@has_twins("diary.cpp")
@dataclass(slots=True, eq=False)
class Listing:
    """A date in a diary: when and where, for how long, and once called how it went.

    `earliest` is the minute from which its notice let it be listed; `if_moved` is what its case
    does when the court moves it; `near` is what a case sleeps by until the day is near;
    `last_look` is how many minutes before its day it can still be vacated, once that is known.

    A hearing that several defendants have together stands in the diary once. `parts` are then the
    listings of the defendants, each of which names the `joint` hearing and stands in no diary.
    """

    diary: Diary
    matter: Matter
    hearing: str
    occurrence: int
    entered: int
    sitting: int
    start: int
    planned: int
    kind: str
    carried_until: int
    goes: Callable[[Any], Heard]
    earliest: int = 0
    if_moved: Callable[[Any, Listing], object] | None = None
    near: Event | None = None
    last_look: int = -1
    result: str = ""
    reason: str = ""
    called: bool = False
    carried: bool = False
    started: int = -1
    left: int = -1
    minutes: int = 0
    courtroom: int = -1
    over: Event | None = None
    joint: Joint | None = None
    parts: Sequence[Listing] = ()

    @property
    def is_counted(self) -> bool:
        """Whether this is the listing under which the hearing is counted: one of its `parts` is."""
        return self.joint is None or self.planned > 0

    @property
    def day(self) -> int:
        """The day of the hearing, counted from the model's first."""
        return self.start // MINUTES_A_DAY


# --- who comes first -------------------------------------------------------------------------

Key = Callable[[Listing], tuple[int, ...]]
"""Puts listings in order: the smallest comes first."""

_KINDS: Final = {"": 0, "fixture": 0, "warned_list": 1, "floater": 2}
_RULES: Final[dict[str, Callable[[Listing], int]]] = {
    "custody": lambda listing: not listing.matter.remanded,
    "custody_time_limit": lambda listing: listing.matter.last_day_in_custody(),
    "vulnerable_witness": lambda listing: not listing.matter.vulnerable_victim,
    "youth": lambda listing: not listing.matter.youth,
    "kind": lambda listing: _KINDS[listing.kind],
    "oldest_case": lambda listing: listing.matter.arrived,
    "oldest_listing": lambda listing: listing.entered,
}


def comes_before(rules: tuple[str, ...]) -> Key:
    """The order that rules make: each decides what those before it leave open.

    Before all rules come those whom the police hold for this court. `custody_time_limit` puts the
    fewest days left first, `kind` fixtures before the warned list and that before floaters; whom no
    rule tells apart come as they were listed.
    """
    chosen = [_RULES[rule] for rule in rules]
    return lambda listing: (
        not listing.matter.held_for_next_court,
        *[rule(listing) for rule in chosen],
    )


Priority = Callable[[Matter], bool]

PRIORITIES: Final[dict[str, Priority]] = {
    "custody": lambda matter: matter.remanded,
    "vulnerable_witness": lambda matter: matter.vulnerable_victim,
    "youth": lambda matter: matter.youth,
    "earlier_ineffective_trial": lambda matter: matter.earlier_ineffective_trial,
}
"""Why a case may use the minutes that a list keeps free, by the word of a list's `kept_for`."""


@has_twins("diary.cpp")
@dataclass(frozen=True, slots=True)
class ListingPolicy:
    """How a listing officer runs one list: who is called first, what becomes of a freed slot.

    A slot that falls free within `refill_notice` minutes of its session is lost; `brings_forward`
    is the chance that a case that is offered an earlier date can take it, `date_suits` the chance
    that everybody in a case can come on a day on which there is room. A case to which one of
    `kept_for` applies may use the minutes that the list keeps.
    """

    first: Key
    refill_notice: int = 0
    brings_forward: float = 0.0
    date_suits: float = 1.0
    kept_for: tuple[Priority, ...] = (PRIORITIES["custody"],)
