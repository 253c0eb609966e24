"""A courthouse made by hand: one diary, people who need so many minutes, and who used what room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cjsim.des.environment import Environment
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import CallRule, Hearing, Reason, Result
from cjsim.listing.court_day import Running
from cjsim.listing.diary import Diary, Shut
from cjsim.listing.hearing_slot import PRIORITIES, Heard, Listing, ListingPolicy, comes_before
from cjsim.listing.sessions import Sessions
from cjsim.schema.words import PriorityRule

MORNING = 10 * 60
AFTERNOON = 14 * 60
DAYS_BEYOND = 60
"""A diary goes on beyond the days that a test looks at; nothing can be listed there."""


@dataclass(eq=False)
class Person:
    """Whoever is listed: the minutes the hearing really takes, each time it was over or moved."""

    minutes: int = 60
    remanded: bool = False
    held_for_next_court: bool = False
    youth: bool = False
    vulnerable_victim: bool = False
    earlier_ineffective_trial: bool = False
    arrived: int = 0
    limit: int = 1 << 30
    can_come: bool = True
    busy_days: frozenset[int] = frozenset()
    result: Result = "effective"
    reason: Reason = ""
    asked: int = 0
    heard: list[Listing] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)
    sent_elsewhere: int = 0

    def minutes_needed(self, listing: Listing) -> int:
        return self.minutes if listing.called else 0

    def was_heard(self, listing: Listing) -> None:
        self.heard.append(listing)

    def was_moved(self, listing: Listing, given_up: int) -> None:
        self.moved.append((given_up, listing.start))

    def goes_elsewhere(self) -> None:
        self.sent_elsewhere += 1

    def takes_earlier_date(self, chance: float) -> bool:
        return self.can_come and chance > 0

    def can_come_on(self, day: int, chance: float) -> bool:  # noqa: ARG002
        return day not in self.busy_days

    def last_day_in_custody(self) -> int:
        return self.limit


def goes(person: Person) -> Heard:
    """How the hearing goes when the court calls it on."""
    person.asked += 1
    return person.result, person.reason


@dataclass(frozen=True)
class Use:
    """A courtroom in use for one listing, from a minute to a minute of one day."""

    courtroom: int
    start: int
    end: int
    listing: Listing


def sessions_of(
    rooms: Sequence[int],
    *,
    most: int,
    minutes: int,
    at: Sequence[int],
    over_listing: float,
    kept: float,
    overrun: int,
) -> Sessions:
    """The sessions of a list on each day, and of the days beyond on which all courtrooms sit."""
    sessions = Sessions()
    for day, sitting in enumerate([*rooms, *[most] * DAYS_BEYOND]):
        bookable = int(sitting * minutes * over_listing) if day < len(rooms) else 0
        for start in at:
            sessions.starts.append(day * MINUTES_A_DAY + start)
            sessions.rooms.append(sitting)
            sessions.minutes.append(minutes)
            sessions.bookable.append(bookable)
            sessions.kept.append(int(bookable * kept))
            sessions.overrun.append(overrun)
            a_room = int(minutes * over_listing) if day < len(rooms) else 0
            sessions.bookable_a_room.append(a_room)
            sessions.kept_a_room.append(int(a_room * kept))
    return sessions


class Courthouse:
    """One diary on an engine of its own, a day of `rooms` after the other."""

    def __init__(
        self,
        rooms: Sequence[int],
        *,
        minutes: int = 150,
        at: Sequence[int] = (MORNING,),
        over_listing: float = 1.0,
        kept: float = 0.0,
        overrun: int = 30,
        multi_day: bool = False,
        warned_days: int = 14,
        floater_days: int = 4,
        call_order: tuple[CallRule, ...] = ("custody", "kind", "oldest_listing"),
        kept_for: tuple[PriorityRule, ...] = ("custody",),
        refill_days: int = 0,
        brings_forward: float = 0.0,
        date_suits: float = 1.0,
        env: Environment | None = None,
    ) -> None:
        self.env = env or Environment()
        self._days = len(rooms) * len(at)
        self._made = {
            "minutes": minutes,
            "at": at,
            "over_listing": over_listing,
            "kept": kept,
            "overrun": overrun,
        }
        self._rooms = list(rooms)
        self.sessions = sessions_of([*rooms], most=max(rooms), **self._made)  # type: ignore[arg-type]
        carried = {
            "warned_list": warned_days * MINUTES_A_DAY,
            "floater": floater_days * MINUTES_A_DAY,
        }
        names = [f"court {place}" for place in range(1, max(rooms) + 1)]
        self.diary = Diary(
            self.env,
            "list@house",
            0,
            {name: place for place, name in enumerate(names, 1)},
            self.sessions,
            courtrooms=names,
            multi_day=multi_day,
            carried=carried,
            policy=ListingPolicy(
                comes_before(call_order),
                refill_days * MINUTES_A_DAY,
                brings_forward,
                date_suits,
                tuple(PRIORITIES[rule] for rule in kept_for),
            ),
            trials=("magistrates_trial", "crown_trial"),
        )
        self.listings: list[Listing] = []
        self._resumed: list[Use] = []
        self._go_on = self.diary.courtrooms._goes_on
        self.diary.courtrooms._goes_on = self._goes_on  # type: ignore[method-assign]

    def fix(
        self,
        person: Person,
        estimate: int,
        *,
        not_before: int = 0,
        kind: str = "",
        hearing: Hearing = "crown_trial",
    ) -> Listing:
        """A date; `not_before` is a day."""
        listing = self.diary.fix(
            person,
            hearing,
            0,
            goes,
            not_before * MINUTES_A_DAY,
            estimate,
            kind,  # type: ignore[arg-type]
        )
        self.listings.append(listing)
        return listing

    def sits_otherwise(self, rooms: Sequence[int], **other: object) -> None:
        """From now on another number of courtrooms is known to sit on each day."""
        made = {**self._made, **other}
        self.diary.resit(sessions_of([*rooms], most=max(self._rooms), **made))  # type: ignore[arg-type]

    def shuts(self, first: int, reopens: int, elsewhere: Courthouse) -> None:
        """From now on the courthouse is known to be shut, from one day until before another.

        Its running trials go on elsewhere on the first of these days.
        """
        shut = Shut(first * MINUTES_A_DAY, reopens * MINUTES_A_DAY, elsewhere.diary)
        self.diary.closures = (*self.diary.closures, shut)
        self.sits_otherwise(
            [0 if first <= day < reopens else sitting for day, sitting in enumerate(self._rooms)]
        )
        delay = max(0, shut.first - self.env.minute)
        self.env.after(delay, lambda: self.diary.hand_over_running(elsewhere.diary))

    def until_day(self, day: int) -> None:
        """Let the days before a day pass."""
        self.env.run_until(day * MINUTES_A_DAY)

    @property
    def rooms(self) -> list[int]:
        """How many courtrooms sit on each of the days that a test looks at."""
        return list(self._rooms)

    @property
    def free(self) -> list[int]:
        """The minutes that may still be booked in each session."""
        return [self.diary.free[at] for at in range(self._days)]

    def uses(self) -> list[Use]:
        """Every stretch of a day in which a listing had a courtroom."""
        resumed = {use.listing for use in self._resumed}
        running = {one.listing for one in self.diary.courtrooms.running}
        first = []
        for listing in self.listings:
            if listing.started < 0:
                continue
            end = listing.left
            if listing in resumed or listing in running:
                at = self.sessions.starts.index(listing.start)
                end = listing.start + self.sessions.minutes[at]
            first.append(Use(listing.courtroom, listing.started, end, listing))
        return first + self._resumed

    def _goes_on(self, running: Running, sitting: int, elapsed: int) -> int:
        opens = self.sessions.starts[sitting]
        start = opens + elapsed
        end = min(start + running.left, opens + self.sessions.minutes[sitting])
        self._resumed.append(Use(running.courtroom, start, end, running.listing))
        return self._go_on(running, sitting, elapsed)
