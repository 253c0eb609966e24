"""A court of the textbook version: appointments session by session, and courtrooms as a resource.

Frozen: see the package's own docstring.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import simpy

from tests.speed.textbook.numbers import DAY, Numbers, value


@dataclass(slots=True)
class Listing:
    """An appointment, and how it went."""

    court: Court
    hearing: str
    entered: float
    session: int
    start: float
    estimate: float
    result: str = ""
    reason: str = ""


class Court:
    """One list at one courthouse."""

    def __init__(
        self,
        env: simpy.Environment,
        numbers: Numbers,
        spec: Any,
        house: Any,
        area: str,
        days: int,
    ) -> None:
        self.env = env
        self.multi_day = spec.multi_day
        self.minutes = value(spec.session_minutes, area)
        self.overrun = value(spec.overrun_minutes, area)
        over_listing = value(spec.over_listing, area)
        self.kept = value(spec.kept_for_custody, area)
        rooms = house.rooms.value
        self.courtroom = simpy.PriorityResource(env, max(1, int(max(rooms))))
        self.starts: list[float] = []
        self.room: list[float] = []
        for day in range(days):
            sitting = int(rooms[numbers.weekday[day]])
            if not sitting or (numbers.holiday[day] and not spec.bank_holidays):
                continue
            for clock in spec.sessions:
                hours, minutes = clock.split(":")
                self.starts.append(day * DAY + int(hours) * 60 + int(minutes))
                self.room.append(sitting * self.minutes * over_listing)
        self.free = list(self.room)

    def pieces(self, session: int, estimate: float) -> list[tuple[int, float]]:
        """The sessions that a hearing takes, and its minutes in each."""
        if not self.multi_day or estimate <= self.minutes:
            return [(session, min(estimate, self.room[session]))]
        pieces = []
        while estimate > 0:
            pieces.append((session, min(estimate, self.minutes)))
            estimate -= self.minutes
            session += 1
        return pieces

    def first_from(self, minute: float) -> int:
        """The first session that starts at a minute or after it."""
        return bisect_left(self.starts, minute)

    def book(self, hearing: str, not_before: float, estimate: float, custody: bool) -> Listing:
        """The first session with room, some of it kept for people in custody."""
        session = self.first_from(max(not_before, self.env.now + 1))
        share_kept = 0.0 if custody else self.kept
        while not self.has_room(session, estimate, share_kept):
            session += 1
        return self.take(hearing, session, estimate)

    def has_room(self, session: int, estimate: float, share_kept: float) -> bool:
        """Whether a hearing fits, from this session on."""
        for index, minutes in self.pieces(session, estimate):
            kept = share_kept * self.room[index]
            if self.free[index] < min(minutes + kept, self.room[index]):
                return False
        return True

    def take(self, hearing: str, session: int, estimate: float) -> Listing:
        """Book a session, full or not."""
        for index, minutes in self.pieces(session, estimate):
            self.free[index] -= minutes
        return Listing(self, hearing, self.env.now, session, self.starts[session], estimate)

    def give_back(self, listing: Listing) -> None:
        """Unbook."""
        for index, minutes in self.pieces(listing.session, listing.estimate):
            self.free[index] += minutes

    def end(self, listing: Listing, started: float, minutes: float) -> float:
        """When a hearing ends; a long trial goes on in the following sessions."""
        left_today = listing.start + self.minutes - started
        if not self.multi_day or minutes <= left_today:
            return started + minutes
        minutes -= left_today
        session = listing.session + 1
        while minutes > self.minutes:
            minutes -= self.minutes
            session += 1
        return self.starts[session] + minutes
