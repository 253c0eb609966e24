"""Court diaries: sessions on a sitting calendar, dates fixed ahead, the list called on the day.

A diary is one list at one courthouse. `fix` gives a matter the first session with room for its
estimate; the session's one event calls the list in order, sends each hearing to the courtroom that
is free first, and adjourns what is not reached. On a multi-day list a trial that is not over holds
its courtroom into the following sessions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from typing import Protocol

import simpy
from simpy.events import NORMAL

from cjsim.calendar import MINUTES_A_DAY
from cjsim.engine import Engine, Later
from cjsim.sessions import FreeMinutes, Sessions
from cjsim.vocabulary import Hearing, Reason, Result

Heard = tuple[Result, Reason]
"""How a hearing goes: its result, and the reason if it did not do what it was listed for."""

CALL_ORDER = {"": 0, "fixture": 0, "warned_list": 1, "floater": 2}
"""Within a day's list, after custody cases: fixtures, then the warned list, then floaters."""


class Matter(Protocol):
    """What a diary needs to know of the case that is listed."""

    remanded: bool

    def minutes_needed(self, listing: Listing) -> int:
        """The courtroom minutes that the hearing takes, given its result."""

    def was_heard(self, listing: Listing) -> None:
        """The hearing is over, or was not reached."""


@dataclass(slots=True, eq=False)
class Listing:
    """A date in a diary: when and where, for how long, and once called how it went."""

    diary: Diary
    matter: Matter
    hearing: Hearing
    occurrence: int
    entered: int
    sitting: int
    start: int
    planned: int
    kind: str
    carried_until: int
    goes: Callable[[Matter], Heard]
    result: Result = ""
    reason: Reason = ""
    called: bool = False
    carried: bool = False
    started: int = -1
    left: int = -1
    minutes: int = 0
    courtroom: int = -1
    over: simpy.Event | None = None

    @property
    def day(self) -> int:
        """The day of the hearing, counted from the model's first."""
        return self.start // MINUTES_A_DAY


@dataclass(slots=True, eq=False)
class Running:
    """A trial that holds its courtroom: what is left of it, in minutes."""

    listing: Listing
    courtroom: int
    left: int


class DiaryFull(Exception):
    """No session within the diary's years has room: the demand has outgrown the court for good."""


class Diary:
    """One list at one courthouse."""

    def __init__(
        self,
        env: Engine,
        name: str,
        places: list[int],
        sessions: Sessions,
        *,
        multi_day: bool,
        carried: dict[str, int],
    ) -> None:
        """`places` are the log's codes of the courtrooms; `carried` minutes of window by kind."""
        self.env = env
        self.name = name
        self.places = places
        self.sessions = sessions
        self.multi_day = multi_day
        self.carried = carried
        self.free = FreeMinutes(list(sessions.bookable))
        self._listed: dict[int, list[Listing]] = {}
        self._running: list[Running] = []
        # Until when each courtroom was in use: a morning that runs on keeps it from the afternoon.
        self._in_use_until: dict[int, int] = {}
        sitting = [at for at, rooms in enumerate(sessions.rooms) if rooms]
        self._least_kept = min((sessions.kept[at] for at in sitting), default=0)
        self._least_minutes = min((sessions.minutes[at] for at in sitting), default=1)
        self._least_bookable = min((sessions.bookable[at] for at in sitting), default=1)

    def fix(
        self,
        matter: Matter,
        hearing: Hearing,
        occurrence: int,
        goes: Callable[[Matter], Heard],
        not_before: int,
        estimate: int,
        kind: str = "",
    ) -> Listing:
        """A date for a hearing of `estimate` minutes, in the first session from `not_before` on.

        People in custody may use the minutes kept for them. Raises DiaryFull.
        """
        first = bisect_left(self.sessions.starts, max(not_before, self.env.minute + 1))
        sitting = self._first_with_room(first, estimate, in_custody=matter.remanded)
        start = self.sessions.starts[sitting]
        listing = Listing(
            self, matter, hearing, occurrence, self.env.minute, sitting,
            start, estimate, kind,
            start + self.carried.get(kind, 0), goes,
        )  # fmt: skip
        self._book(listing)
        return listing

    def move_up(self, listing: Listing, not_before: int) -> None:
        """Put a listing into the first session from `not_before` on that has a courtroom at all.

        Used when a custody time limit is near: the session may be over-full, and others wait.
        """
        first = bisect_left(self.sessions.starts, max(not_before, self.env.minute + 1))
        if first >= listing.sitting:
            return
        self._unbook(listing)
        while not self.sessions.rooms[first]:
            first += 1
        listing.sitting = first
        listing.start = self.sessions.starts[first]
        self._book(listing)

    def vacate(self, listing: Listing) -> None:
        """Take a listing out; its minutes may be booked again by whoever can still use them."""
        self._unbook(listing)

    def listed(self) -> list[Listing]:
        """Every listing not yet called, and every trial still running, by session."""
        waiting = [listing for day in sorted(self._listed) for listing in self._listed[day]]
        return waiting + [running.listing for running in self._running]

    def _first_with_room(self, first: int, estimate: int, *, in_custody: bool) -> int:
        free, sessions = self.free, self.sessions
        # No session can do with less than this, so that the search may pass over all that have not.
        least = min(estimate, self._least_minutes) if self.multi_day else estimate
        least += 0 if in_custody else self._least_kept
        least = max(1, min(least, self._least_bookable))
        sitting = free.first_with(least, first)
        while sitting >= 0:
            piece = min(estimate, sessions.minutes[sitting]) if self.multi_day else estimate
            if free[sitting] >= self._needed(sitting, piece, in_custody=in_custody) and (
                piece == estimate
                or self._has_days(sitting + 1, estimate - piece, in_custody=in_custody)
            ):
                return sitting
            sitting = free.first_with(least, sitting + 1)
        raise DiaryFull(
            f"{self.name} has no room for {estimate} minutes in the next years: its demand has "
            "outgrown it. Add courtrooms (lists.<list>.houses.<house>.rooms) or over-list less."
        )

    def _needed(self, sitting: int, minutes: int, *, in_custody: bool) -> int:
        """What must be free in a session; an estimate longer than the session takes all of it."""
        kept = 0 if in_custody else self.sessions.kept[sitting]
        return min(minutes + kept, self.sessions.bookable[sitting])

    def _has_days(self, sitting: int, minutes: int, *, in_custody: bool) -> bool:
        while minutes > 0 and sitting < len(self.sessions.starts):
            if self.sessions.rooms[sitting]:
                piece = min(minutes, self.sessions.minutes[sitting])
                if self.free[sitting] < self._needed(sitting, piece, in_custody=in_custody):
                    return False
                minutes -= piece
            sitting += 1
        return True

    def _pieces(self, sitting: int, minutes: int) -> list[tuple[int, int]]:
        if not self.multi_day:
            return [(sitting, minutes)]
        pieces: list[tuple[int, int]] = []
        while minutes > 0 and sitting < len(self.sessions.starts):
            if self.sessions.rooms[sitting]:
                piece = min(minutes, self.sessions.minutes[sitting])
                pieces.append((sitting, piece))
                minutes -= piece
            sitting += 1
        return pieces

    def _book(self, listing: Listing) -> None:
        for index, minutes in self._pieces(listing.sitting, listing.planned):
            self.free.take(index, minutes)
        self._expect(listing.sitting).append(listing)

    def _unbook(self, listing: Listing) -> None:
        if not listing.carried:
            for index, minutes in self._pieces(listing.sitting, listing.planned):
                self.free.take(index, -minutes)
        self._listed[listing.sitting].remove(listing)

    def _expect(self, sitting: int) -> list[Listing]:
        listed = self._listed.get(sitting)
        if listed is None:
            listed = self._listed[sitting] = []
            delay = self.sessions.starts[sitting] - self.env.minute
            Later(self.env, delay, partial(self._call, sitting))
        return listed

    def _call(self, sitting: int, _event: Later) -> None:
        """Call the list: custody first, then fixtures before floaters, then the oldest.

        A hearing begins inside the session, and only if its estimate fits into what is left of it
        and the overrun. On a multi-day list a trial already running has its courtroom; a short
        enough matter is heard there before the trial goes on, and a warned-list case or a floater
        that finds no courtroom is carried to the next sitting day while its window lasts.
        """
        listed = self._listed.pop(sitting)
        listed.sort(key=lambda listing: (
            not listing.matter.remanded, CALL_ORDER[listing.kind], listing.entered
        ))  # fmt: skip
        length = self.sessions.minutes[sitting]
        overrun = self.sessions.overrun[sitting]
        running = self._running_trials(sitting)
        opens = self.sessions.starts[sitting]
        free_at = [
            (max(0, self._in_use_until.get(room, 0) - opens), room)
            for room in range(self.sessions.rooms[sitting])
            if room not in running
        ]
        free_at.sort()
        before_trial = [(0, room) for room in running]
        for listing in listed:
            if not (free_at and free_at[0][0] <= overrun) and self._carried(listing, sitting):
                continue
            listing.called = True
            listing.result, listing.reason = listing.goes(listing.matter)
            needed = listing.matter.minutes_needed(listing)
            least = min(needed, listing.planned)
            least = min(least, length if self.multi_day else length + overrun)
            elapsed = free_at[0][0] if free_at else length
            if elapsed < length and elapsed + least <= length + overrun:
                rooms = free_at
            elif before_trial and before_trial[0][0] + needed <= overrun:
                rooms = before_trial
            else:
                self._not_reached(listing, sitting)
                continue
            elapsed, courtroom = heappop(rooms)
            listing.started = listing.start + elapsed
            listing.courtroom = courtroom
            listing.minutes = needed
            if self.multi_day and elapsed + needed > length:
                self._running.append(Running(listing, courtroom, elapsed + needed - length))
            else:
                heappush(rooms, (elapsed + needed, courtroom))
                self._in_use_until[courtroom] = listing.started + needed
                self._ends(listing, listing.started + needed)
        for elapsed, courtroom in before_trial:
            self._goes_on(running[courtroom], sitting, elapsed)
        if self._running:
            self._expect_next(sitting)

    def _running_trials(self, sitting: int) -> dict[int, Running]:
        """The trials that hold a courtroom today; where fewer rooms sit than before, some rest."""
        rooms = self.sessions.rooms[sitting]
        holding: dict[int, Running] = {}
        resting: list[Running] = []
        for running in self._running:
            if len(holding) >= rooms:
                resting.append(running)
                continue
            if running.courtroom in holding or running.courtroom >= rooms:
                running.courtroom = next(room for room in range(rooms) if room not in holding)
            holding[running.courtroom] = running
        self._running = resting
        return holding

    def _goes_on(self, running: Running, sitting: int, elapsed: int) -> None:
        """A trial takes what is left of the day after the short matters before it."""
        left_today = self.sessions.minutes[sitting] - elapsed
        if running.left <= left_today:
            self._ends(running.listing, self.sessions.starts[sitting] + elapsed + running.left)
        else:
            running.left -= left_today
            self._running.append(running)

    def _carried(self, listing: Listing, sitting: int) -> bool:
        if listing.carried_until <= listing.start:
            return False
        following = self._next_sitting(sitting)
        if self.sessions.starts[following] > listing.carried_until:
            return False
        listing.carried = True
        listing.sitting = following
        listing.start = self.sessions.starts[following]
        self._expect(following).append(listing)
        return True

    def _expect_next(self, sitting: int) -> None:
        self._expect(self._next_sitting(sitting))

    def _next_sitting(self, sitting: int) -> int:
        for following in range(sitting + 1, len(self.sessions.rooms)):
            if self.sessions.rooms[following]:
                return following
        raise DiaryFull(f"{self.name} has no session left for a trial that is not over.")

    def _not_reached(self, listing: Listing, sitting: int) -> None:
        listing.result = "ineffective" if listing.hearing.endswith("_trial") else "adjourned"
        listing.reason = "no_court_time"
        self._ends(listing, listing.start + self.sessions.minutes[sitting])

    def _ends(self, listing: Listing, minute: int) -> None:
        listing.left = minute
        listing.matter.was_heard(listing)
        if listing.over is not None:
            # Triggered now, to happen when the hearing ends: what simpy.Timeout does with a delay.
            listing.over._ok = True  # noqa: SLF001
            listing.over._value = None  # noqa: SLF001
            self.env.schedule(listing.over, NORMAL, minute - self.env.minute)
