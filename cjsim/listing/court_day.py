"""The day in court: a list is called in order, each hearing goes to the courtroom free first.

A trial that is not over when its day is holds its courtroom into the following sessions. What each
courtroom did in each session is kept: minutes used, how far past its end it sat, hearings.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, NamedTuple

from cjsim.des.environment import Environment
from cjsim.listing.hearing_slot import Listing
from cjsim.listing.sessions import Sessions


@dataclass(slots=True, eq=False)
class Running:
    """A trial that holds its courtroom: what is left of it, in minutes."""

    listing: Listing
    courtroom: int
    left: int


class Sat(NamedTuple):
    """What one courtroom did in one session, in minutes; hearings of several days count in each.

    `listed`, `carried` (on to the next sitting day) and `not_reached` are those of the whole
    session, in all of its courtrooms.
    """

    sitting: int
    courtroom: int
    used: int
    overrun: int
    hearings: int
    listed: int
    carried: int
    not_reached: int


_COLUMNS: Final = len(Sat._fields)


class Courtrooms:
    """The courtrooms of one list at one courthouse, session after session."""

    def __init__(
        self, env: Environment, sessions: Sessions, *, multi_day: bool, trials: Collection[str]
    ) -> None:
        """`trials` are the hearings that are ineffective, not adjourned, if not reached."""
        self.env = env
        self.sessions = sessions
        self.multi_day = multi_day
        self.trials = frozenset(trials)
        self.running: list[Running] = []
        # Until when each courtroom was in use: a morning that runs on keeps it from the afternoon.
        self._in_use_until: dict[int, int] = {}
        self._sat = array("i")

    def sat(self) -> Iterator[Sat]:
        """What the courtrooms did in every session that was called, in the order of the days."""
        for at in range(0, len(self._sat), _COLUMNS):
            yield Sat(*self._sat[at : at + _COLUMNS])

    def sit(self, sitting: int, listed: list[Listing], carry: Callable[[Listing], bool]) -> None:
        """Call a list in its order; `carry` takes a case on to the next day, if its window lasts.

        A hearing begins inside the session, and only if its estimate fits into what is left of it
        and the overrun; but the court sits on until it has seen everybody whom the police hold for
        it. On a multi-day list a trial already running has its courtroom; a short
        enough matter is heard there before the trial goes on, and a warned-list case or a floater
        that finds no courtroom is carried to the next sitting day while its window lasts.
        """
        sessions = self.sessions
        opens, length = sessions.starts[sitting], sessions.minutes[sitting]
        overrun = sessions.overrun[sitting]
        running = self._running_trials(sitting)
        free_at = [
            (max(0, self._in_use_until.get(room, 0) - opens), room)
            for room in range(sessions.rooms[sitting])
            if room not in running
        ]
        used = [0] * sessions.rooms[sitting]
        ends = [0] * sessions.rooms[sitting]
        hearings = [0] * sessions.rooms[sitting]
        before_trial = []
        for room, trial in running.items():
            if trial.left < length:
                hearings[room] += 1
                used[room] = ends[room] = self._goes_on(trial, sitting, 0)
                free_at.append((ends[room], room))
            else:
                before_trial.append((0, room))
        free_at.sort()
        latest = length if self.multi_day else length + overrun
        carried = not_reached = 0
        for listing in listed:
            if not (free_at and free_at[0][0] <= overrun) and carry(listing):
                carried += 1
                continue
            held = listing.matter.held_for_next_court
            listing.called = True
            listing.result, listing.reason = listing.goes(listing.matter)
            needed = listing.matter.minutes_needed(listing)
            least = min(needed, listing.planned)
            least = min(least, latest)
            elapsed = free_at[0][0] if free_at else length
            if elapsed < length and elapsed + least <= length + overrun:
                rooms = free_at
            elif before_trial and before_trial[0][0] + needed <= overrun:
                rooms = before_trial
            elif held and (free_at or before_trial):
                rooms = free_at or before_trial
            else:
                not_reached += 1
                self._not_reached(listing, opens + length)
                continue
            elapsed, courtroom = heappop(rooms)
            listing.started = opens + elapsed
            listing.courtroom = courtroom
            listing.minutes = needed
            hearings[courtroom] += 1
            if elapsed + needed > latest and not held:
                self.running.append(Running(listing, courtroom, elapsed + needed - length))
                used[courtroom] += length - elapsed
            else:
                heappush(rooms, (elapsed + needed, courtroom))
                used[courtroom] += needed
                ends[courtroom] = elapsed + needed
                self._in_use_until[courtroom] = listing.started + needed
                self._ends(listing, listing.started + needed)
        for elapsed, courtroom in before_trial:
            hearings[courtroom] += 1
            taken = self._goes_on(running[courtroom], sitting, elapsed)
            used[courtroom] += taken
            ends[courtroom] = elapsed + taken
        for courtroom, minutes in enumerate(used):
            self._sat.extend(
                (
                    sitting,
                    courtroom,
                    minutes,
                    max(0, ends[courtroom] - length),
                    hearings[courtroom],
                    len(listed),
                    carried,
                    not_reached,
                )
            )

    def _running_trials(self, sitting: int) -> dict[int, Running]:
        """The trials that hold a courtroom today; where fewer rooms sit than before, some rest."""
        rooms = self.sessions.rooms[sitting]
        holding: dict[int, Running] = {}
        resting: list[Running] = []
        for running in self.running:
            if len(holding) >= rooms:
                resting.append(running)
                continue
            if running.courtroom in holding or running.courtroom >= rooms:
                running.courtroom = next(room for room in range(rooms) if room not in holding)
            holding[running.courtroom] = running
            if running.listing.courtroom < 0:
                # It comes from another courthouse, which has been shut.
                running.listing.courtroom = running.courtroom
        self.running = resting
        return holding

    def _goes_on(self, running: Running, sitting: int, elapsed: int) -> int:
        """A trial takes what is left of the day after the short matters before it: how much."""
        left_today = max(0, self.sessions.minutes[sitting] - elapsed)
        if running.left <= left_today:
            self._ends(running.listing, self.sessions.starts[sitting] + elapsed + running.left)
            return running.left
        running.left -= left_today
        self.running.append(running)
        return left_today

    def _not_reached(self, listing: Listing, closes: int) -> None:
        listing.result = "ineffective" if listing.hearing in self.trials else "adjourned"
        listing.reason = "no_court_time"
        self._ends(listing, closes)

    def _ends(self, listing: Listing, minute: int) -> None:
        listing.left = minute
        listing.matter.was_heard(listing)
        if listing.over is not None:
            listing.over.succeed(minute - self.env.minute)
