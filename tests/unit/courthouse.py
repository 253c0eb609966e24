"""A courthouse made by hand: one diary, people who need so many minutes, and who used what room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cjsim.calendar import MINUTES_A_DAY
from cjsim.diaries import Diary, Heard, Listing, Running
from cjsim.engine import Engine
from cjsim.sessions import Sessions
from cjsim.vocabulary import Hearing, Reason, Result

MORNING = 10 * 60
AFTERNOON = 14 * 60
DAYS_BEYOND = 60
"""A diary goes on beyond the days that a test looks at; nothing can be listed there."""


@dataclass(eq=False)
class Person:
    """Whoever is listed: the minutes the hearing really takes, and each time it was over."""

    minutes: int = 60
    remanded: bool = False
    result: Result = "effective"
    reason: Reason = ""
    asked: int = 0
    heard: list[Listing] = field(default_factory=list)

    def minutes_needed(self, listing: Listing) -> int:
        return self.minutes if listing.called else 0

    def was_heard(self, listing: Listing) -> None:
        self.heard.append(listing)


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
    ) -> None:
        self.env = Engine()
        self.sessions = Sessions()
        self._days = len(rooms) * len(at)
        for day, sitting in enumerate([*rooms, *[max(rooms)] * DAYS_BEYOND]):
            bookable = int(sitting * minutes * over_listing) if day < len(rooms) else 0
            for start in at:
                self.sessions.starts.append(day * MINUTES_A_DAY + start)
                self.sessions.rooms.append(sitting)
                self.sessions.minutes.append(minutes)
                self.sessions.bookable.append(bookable)
                self.sessions.kept.append(int(bookable * kept))
                self.sessions.overrun.append(overrun)
        carried = {
            "warned_list": warned_days * MINUTES_A_DAY, "floater": floater_days * MINUTES_A_DAY,
        }  # fmt: skip
        self.diary = Diary(
            self.env, "list@house", list(range(1, max(rooms) + 1)), self.sessions,
            multi_day=multi_day, carried=carried,
        )  # fmt: skip
        self.listings: list[Listing] = []
        self._resumed: list[Use] = []
        self._go_on = self.diary._goes_on
        self.diary._goes_on = self._goes_on  # type: ignore[method-assign]

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
            person, hearing, 0, goes, not_before * MINUTES_A_DAY, estimate, kind  # type: ignore[arg-type]
        )  # fmt: skip
        self.listings.append(listing)
        return listing

    def until_day(self, day: int) -> None:
        """Let the days before a day pass."""
        self.env.run_until(day * MINUTES_A_DAY)

    @property
    def free(self) -> list[int]:
        """The minutes that may still be booked in each session."""
        return [self.diary.free[at] for at in range(self._days)]

    def uses(self) -> list[Use]:
        """Every stretch of a day in which a listing had a courtroom."""
        resumed = {use.listing for use in self._resumed}
        running = {one.listing for one in self.diary._running}
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

    def _goes_on(self, running: Running, sitting: int, elapsed: int) -> None:
        opens = self.sessions.starts[sitting]
        start = opens + elapsed
        end = min(start + running.left, opens + self.sessions.minutes[sitting])
        self._resumed.append(Use(running.courtroom, start, end, running.listing))
        self._go_on(running, sitting, elapsed)
