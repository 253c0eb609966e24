"""Court diaries: sessions on a sitting calendar, dates fixed ahead, the list called on the day.

A diary is one list at one courthouse. `fix` gives a matter the first session with room for its
estimate, and the session's one event calls the list (`cjsim.listing.court_day`). A date can move:
up, when a custody time limit is near; forward, into a slot that fell free; back, when sittings are
lost.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import Any, Final, NamedTuple

from cjsim.des.engine import has_twins
from cjsim.des.environment import Environment
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.listing.court_day import Courtrooms
from cjsim.listing.hearing_slot import Heard, Listing, ListingPolicy, Matter
from cjsim.listing.sessions import FreeMinutes, Sessions

_WEEK: Final = 7 * MINUTES_A_DAY
_REMEMBERED: Final = 50
"""The usual wait of a list, beyond the notice, is an average over about so many hearings."""
_NO_DATE: Final = 1 << 30
"""Later than any date."""

__all__ = ["Diary", "Heard", "Listing", "Matter"]


@dataclass(frozen=True, slots=True)
class Shut:
    """A closure of a courthouse as a diary knows it: its minutes, and the diary that has the work.

    It lasts from the minute `first` until before the minute `reopens`.
    """

    first: int
    reopens: int
    elsewhere: Diary


class Place(NamedTuple):
    """A session that a hearing can have: when it begins, in whose diary, at which place there."""

    start: int
    diary: Diary
    sitting: int


@has_twins("diary.cpp")
class Diary:
    """One list at one courthouse."""

    # What a search for a date reads has a slot.
    __slots__ = (
        "__dict__",
        "_last",
        "_least_bookable",
        "_least_kept",
        "_least_minutes",
        "env",
        "free",
        "multi_day",
        "policy",
        "sessions",
    )

    def __init__(
        self,
        env: Environment,
        name: str,
        place: int,
        places: dict[str, int],
        sessions: Sessions,
        *,
        courtrooms: Sequence[str],
        multi_day: bool,
        carried: dict[str, int],
        policy: ListingPolicy,
        trials: Collection[str],
    ) -> None:
        """`place` and `places` are the log's codes of the courthouse's list and of its courtrooms.

        `courtrooms` names the list's own. `carried` holds minutes of window by kind; `trials` are
        the hearings that are trials.
        """
        self.env = env
        self.name = name
        self._place = place
        self._places = places
        self._names = courtrooms
        self.sessions = sessions
        self.multi_day = multi_day
        self.carried = carried
        self.policy = policy
        self.courtrooms = Courtrooms(env, sessions, multi_day=multi_day, trials=trials)
        self.free = FreeMinutes(list(sessions.bookable))
        self._listed: dict[int, list[Listing]] = {}
        self.closures: tuple[Shut, ...] = ()
        """The closures of the courthouse that are known."""
        self.before_called: Callable[[Diary, int], None] | None = None
        """What the planner of the sessions does before the list of a session is called."""
        self.list_name = ""
        self.joint_place = place
        """The log's code of where a defendant is whose hearing is counted with another's."""
        self.usual_wait = 0.0
        self._booked_by_week: dict[int, int] = {}
        self._borrowed: dict[int, list[str]] = {}
        self._last = len(sessions.starts) - 1
        self._least_kept = self._least_minutes = self._least_bookable = 0
        self._know_the_least()

    def may_borrow(self, places: Mapping[str, int]) -> None:
        """The log's codes of courtrooms of other lists that may be lent to this one."""
        self._places.update(places)

    # --- what is shared with other lists -------------------------------------------------

    def booked_a_week(self, this_week: int, weeks: int) -> float:
        """The minutes that were booked in a week, on average over the weeks before this one."""
        booked = self._booked_by_week
        return sum(booked.get(week, 0) for week in range(this_week - weeks, this_week)) / weeks

    def session_near(self, minute: int, minutes_apart: int) -> int:
        """The session that begins nearest to a minute, not further than so many minutes; or -1."""
        starts = self.sessions.starts
        after = bisect_left(starts, minute)
        near = [at for at in (after - 1, after) if 0 <= at < len(starts)]
        at = min(near, key=lambda at: abs(starts[at] - minute), default=-1)
        if at < 0 or abs(starts[at] - minute) > minutes_apart or self._is_shut(starts[at]):
            return -1
        return at

    def is_empty(self, sitting: int) -> bool:
        """Whether nobody is listed for a session, and no trial is running."""
        return not self._listed.get(sitting) and not self.courtrooms.running

    def estimated(self, sitting: int) -> int:
        """What the hearings listed for a session, and the trials running, are estimated at."""
        running = sum(
            min(trial.left, self.sessions.minutes[sitting]) for trial in self.courtrooms.running
        )
        return running + sum(listing.planned for listing in self._listed.get(sitting, ()))

    def give_up_courtroom(self, sitting: int) -> str:
        """Lend one courtroom of a session to another list; returns the courtroom's name."""
        last = self.sessions.rooms[sitting] - 1
        name = self.courtroom_name(sitting, last)
        self._change_courtrooms(sitting, -1)
        return name

    def take_courtroom(self, sitting: int, name: str) -> None:
        """One courtroom more sits in a session, lent by another list."""
        if self.sessions.rooms[sitting] >= len(self._names):
            self._borrowed.setdefault(sitting, []).append(name)
        self._change_courtrooms(sitting, 1)

    def _change_courtrooms(self, sitting: int, courtrooms: int) -> None:
        before = self.sessions.bookable[sitting]
        self.sessions.move(sitting, courtrooms)
        self.free.take(sitting, before - self.sessions.bookable[sitting])
        if self.sessions.rooms[sitting]:
            # No session has less than before, or this one has.
            self._least_kept = min(self._least_kept, self.sessions.kept[sitting])
            self._least_bookable = min(self._least_bookable, self.sessions.bookable[sitting])
            self._least_minutes = min(self._least_minutes, self.sessions.minutes[sitting])

    def courtroom_name(self, sitting: int, courtroom: int) -> str:
        """What a courtroom of a session is called; the list's own courtrooms come first."""
        if courtroom < len(self._names):
            return self._names[courtroom]
        borrowed = self._borrowed.get(sitting, [])
        return borrowed[min(courtroom - len(self._names), len(borrowed) - 1)]

    def offer(self, sitting: int) -> None:
        """The minutes of a session that another list has lent go to whoever waits longest."""
        self._offer(sitting)

    def _know_the_least(self) -> None:
        """What no session has less of, so that a search may pass over all that have less free."""
        sessions = self.sessions
        self._least_kept = min(compress(sessions.kept, sessions.rooms), default=0)
        self._least_minutes = min(compress(sessions.minutes, sessions.rooms), default=1)
        self._least_bookable = min(compress(sessions.bookable, sessions.rooms), default=1)

    def place_of(self, listing: Listing) -> int:
        """The log's code of where a hearing is: its courtroom, or the list that never got to it."""
        if listing.courtroom < 0:
            return self._place if listing.is_counted else self.joint_place
        return self._places[self.courtroom_name(listing.sitting, listing.courtroom)]

    # --- dates ---------------------------------------------------------------------------

    def fix(
        self,
        matter: Matter,
        hearing: str,
        occurrence: int,
        goes: Callable[[Any], Heard],
        not_before: int,
        estimate: int,
        kind: str = "",
        if_moved: Callable[[Any, Listing], object] | None = None,
        sitting: int | None = None,
    ) -> Listing:
        """A date for a hearing of `estimate` minutes, in the first session from `not_before` on.

        Or in the session `sitting`, where that has been looked for already (`first_place`).

        Cases with priority may use the minutes kept for them. Whoever is held for the next court
        comes before it, however full it is and whatever the notice. A hearing for which there is
        no room within the diary's years waits without a date: it stands in the last session.
        """
        if sitting is None:
            sitting = self._date_from(matter, not_before, estimate)
        start = self.sessions.starts[sitting]
        self._note_demand(estimate, start - max(not_before, self.env.minute))
        listing = Listing(
            self,
            matter,
            hearing,
            occurrence,
            self.env.minute,
            sitting,
            start,
            estimate,
            kind,
            start + self.carried.get(kind, 0),
            goes,
            not_before,
            if_moved,
        )
        self._book(listing)
        return listing

    def _note_demand(self, estimate: int, wait: int) -> None:
        """What the planner of the sessions knows of a list: minutes by week, the usual wait."""
        week = self.env.minute // _WEEK
        self._booked_by_week[week] = self._booked_by_week.get(week, 0) + estimate
        self.usual_wait += (wait - self.usual_wait) / _REMEMBERED

    def next_sitting(self) -> int:
        """The first session after this minute in which a courtroom sits; else the last of all."""
        return self._next_sitting(bisect_left(self.sessions.starts, self.env.minute + 1) - 1)

    def next_start(self) -> int:
        """When the next session begins, here or where the work of a shut courthouse goes."""
        start = self.sessions.starts[self.next_sitting()]
        for shut in self.closures:
            if shut.first <= start and shut.reopens > self.env.minute:
                return min(start, shut.elsewhere.next_start())
        return start

    def without_date(self) -> int:
        """How many hearings wait without a date, as the diary's years have no room for them."""
        return len(self._listed.get(self._last, ()))

    def move_up(self, listing: Listing, not_before: int) -> None:
        """Put a listing into the first session from `not_before` on that has a courtroom at all.

        Used when a custody time limit is near: the session may be over-full, and others wait.
        """
        first = bisect_left(self.sessions.starts, max(not_before, self.env.minute + 1))
        if first >= listing.sitting:
            return
        while not self.sessions.rooms[first]:
            first += 1
            if first == listing.sitting:
                return
        self._unbook(listing)
        self.put(listing, first)

    def vacate(self, listing: Listing) -> None:
        """Take a listing out; its minutes may be booked again by whoever can still use them.

        A slot nearer than the list's notice is lost. Any other is offered to those who wait.
        """
        for sitting, minutes in self._unbook(listing):
            if self.sessions.starts[sitting] < self.env.minute + self.policy.refill_notice:
                self.free.take(sitting, minutes)
            else:
                self._offer(sitting)

    def listed(self) -> list[Listing]:
        """Every listing not yet called, and every trial still running, by session."""
        waiting = [listing for day in sorted(self._listed) for listing in self._listed[day]]
        return waiting + [running.listing for running in self.courtrooms.running]

    def _offer(self, sitting: int) -> None:
        """A freed session's minutes to whoever has waited longest, fits in and can come."""
        chance = self.policy.brings_forward
        if not chance or not self.sessions.rooms[sitting]:
            return
        start = self.sessions.starts[sitting]
        waiting = [
            listing
            for later, listed in self._listed.items()
            if later > sitting
            for listing in listed
            if listing.earliest <= start and not listing.carried
        ]
        waiting.sort(key=lambda listing: (listing.entered, listing.start))
        for listing in waiting:
            if self.free[sitting] <= 0:
                return
            fits = self._fits(sitting, listing.planned, priority=self._has_priority(listing.matter))
            if fits and listing.matter.takes_earlier_date(chance):
                given_up = listing.start
                self._unbook(listing)
                self.put(listing, sitting)
                listing.matter.was_moved(listing, given_up)

    # --- room ----------------------------------------------------------------------------

    def first_place(
        self, matter: Matter, not_before: int, estimate: int, *, suits: bool = True
    ) -> Place:
        """The first session from a minute on that a hearing can have, here or elsewhere.

        A hearing whose date would fall into a closure of the courthouse has it where the work goes,
        from the day on that the courthouse is shut, or here if that is earlier all the same. With
        `suits` it is a day on which everybody in the case can come.
        """
        here = self.place_from(matter, not_before, estimate, suits=suits)
        if not self.closures:
            return here
        ends = here.start
        if ends < _NO_DATE and self.multi_day:
            ends = self.sessions.starts[self._pieces(here.sitting, estimate)[-1][0]]
        begins = max(not_before, self.env.minute + 1)
        for shut in self.closures:
            if shut.first <= ends and shut.reopens > begins:
                if here.start < shut.reopens:
                    here = self.place_from(matter, shut.reopens, estimate, suits=suits)
                there = shut.elsewhere.place_from(
                    matter, max(not_before, shut.first), estimate, suits=suits
                )
                return there if there.start <= here.start else here
        return here

    def place_from(
        self, matter: Matter, not_before: int, estimate: int, *, suits: bool = True
    ) -> Place:
        """The first session of this diary from a minute on that a hearing can have."""
        sitting = self._date_from(matter, not_before, estimate, suits=suits)
        start = self.sessions.starts[sitting]
        return Place(start if sitting < self._last else _NO_DATE, self, sitting)

    def _date_from(
        self, matter: Matter, not_before: int, estimate: int, *, suits: bool = True
    ) -> int:
        """The first session of this diary from a minute on that a hearing can have."""
        if matter.held_for_next_court:
            return self.next_sitting()
        first = bisect_left(self.sessions.starts, max(not_before, self.env.minute + 1))
        if suits:
            return self._first_that_suits(matter, first, estimate)
        return self._first_with_room(first, estimate, priority=self._has_priority(matter))

    def open_at(self, minute: int) -> Diary:
        """This diary, or the one that has its work while the courthouse is shut."""
        shut = (shut for shut in self.closures if shut.first <= minute < shut.reopens)
        return next((each.elsewhere for each in shut), self)

    def _is_shut(self, minute: int) -> bool:
        """Whether the courthouse is known to be shut at a minute."""
        return self.open_at(minute) is not self

    def _first_that_suits(self, matter: Matter, first: int, estimate: int) -> int:
        """The first session with room on a day on which everybody in the case can come."""
        chance = self.policy.date_suits
        priority = self._has_priority(matter)
        sitting = self._first_with_room(first, estimate, priority=priority)
        while chance < 1.0 and sitting < self._last:
            start = self.sessions.starts[sitting]
            if matter.can_come_on(start // MINUTES_A_DAY, chance):
                break
            sitting = self._first_with_room(sitting + 1, estimate, priority=priority)
        return sitting

    def _has_priority(self, matter: Matter) -> bool:
        """Whether a case may use the minutes that the list keeps."""
        return any(reason(matter) for reason in self.policy.kept_for)

    def _first_with_room(self, first: int, estimate: int, *, priority: bool) -> int:
        free = self.free
        # No session can do with less than this, so that the search may pass over all that have not.
        least = min(estimate, self._least_minutes) if self.multi_day else estimate
        least += 0 if priority else self._least_kept
        least = max(1, min(least, self._least_bookable))
        sitting = free.first_with(least, first)
        while sitting >= 0:
            if self._fits(sitting, estimate, priority=priority):
                return sitting
            sitting = free.first_with(least, sitting + 1)
        return self._last

    def _fits(self, sitting: int, estimate: int, *, priority: bool) -> bool:
        """Whether a session, and the days after it, have room for an estimate."""
        piece = min(estimate, self.sessions.minutes[sitting]) if self.multi_day else estimate
        return self.free[sitting] >= self._needed(sitting, piece, priority=priority) and (
            piece == estimate or self._has_days(sitting + 1, estimate - piece, priority=priority)
        )

    def _needed(self, sitting: int, minutes: int, *, priority: bool) -> int:
        """What must be free in a session; an estimate longer than the session takes all of it."""
        kept = 0 if priority else self.sessions.kept[sitting]
        return min(minutes + kept, self.sessions.bookable[sitting])

    def _has_days(self, sitting: int, minutes: int, *, priority: bool) -> bool:
        while minutes > 0 and sitting < len(self.sessions.starts):
            if self.sessions.rooms[sitting]:
                piece = min(minutes, self.sessions.minutes[sitting])
                if self.free[sitting] < self._needed(sitting, piece, priority=priority):
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
        self.expect(listing.sitting).append(listing)

    def _unbook(self, listing: Listing) -> list[tuple[int, int]]:
        """Take a listing out of its session; what it gives back, by session."""
        self._listed[listing.sitting].remove(listing)
        if listing.carried:
            return []
        pieces = self._pieces(listing.sitting, listing.planned)
        for index, minutes in pieces:
            self.free.take(index, -minutes)
        return pieces

    def put(self, listing: Listing, sitting: int) -> None:
        """Book a listing that stands in no session into one; it may be full."""
        listing.sitting = sitting
        listing.start = self.sessions.starts[sitting]
        for part in listing.parts:
            part.diary, part.sitting, part.start = self, sitting, listing.start
        self._book(listing)

    def change_estimate(self, listing: Listing, minutes: int) -> None:
        """Another estimate for a hearing that is listed, which keeps its session if it can.

        Without room for more minutes it gets the first session with room from its old one on.
        """
        if listing.carried:
            listing.planned = minutes
            return
        given_up, longer = listing.start, minutes > listing.planned
        self._unbook(listing)
        listing.planned = minutes
        priority = self._has_priority(listing.matter)
        if not longer or self._fits(listing.sitting, minutes, priority=priority):
            self._book(listing)
            return
        self._put_first(listing, given_up)
        if listing.start != given_up:
            listing.matter.was_moved(listing, given_up)

    def put_off(self, listing: Listing, not_before: int) -> None:
        """A later date for a hearing that is taken out of the list and stays the same hearing."""
        given_up = listing.start
        self.vacate(listing)
        listing.carried = False
        self._put_first(listing, not_before)
        if listing.start != given_up:
            listing.matter.was_moved(listing, given_up)

    def _put_first(self, listing: Listing, not_before: int) -> None:
        """Into the first session with room from a minute on, in the courthouse that has it."""
        place = self.first_place(listing.matter, not_before, listing.planned)
        listing.diary = place.diary
        place.diary.put(listing, place.sitting)
        listing.carried_until = listing.start + place.diary.carried.get(listing.kind, 0)

    # --- the sittings change -------------------------------------------------------------

    def resit(self, sessions: Sessions) -> None:
        """From now on the list is known to sit otherwise: book on, and relist what has no place.

        Where sittings are lost, those who are called first keep their dates; the others get the
        first session with room from their old one on, in the same order. A hearing that waits
        without a date gets one, if there is room now.
        """
        relisting = self._take_out_what_changes(sessions)
        if relisting is None:
            return
        without_date = []
        for listing in relisting.listings:
            if self._keeps_its_date(listing, relisting.smaller):
                self._book(listing)
            else:
                without_date.append(listing)
        without_date.sort(key=self.policy.first)
        soonest = self.env.minute + max(1, self.policy.refill_notice)
        for listing in without_date:
            self._relist(listing, soonest)
        for sitting in relisting.larger:
            if self.sessions.starts[sitting] >= soonest:
                self._offer(sitting)
        if self.courtrooms.running:
            self.expect(self._next_sitting(relisting.first - 1))

    def _relist(self, listing: Listing, soonest: int) -> None:
        """The first session with room from its old date on for a hearing that has lost it."""
        given_up = listing.start
        from_minute = given_up if listing.sitting < self._last else listing.earliest
        place = self.first_place(
            listing.matter, max(from_minute, soonest), listing.planned, suits=False
        )
        listing.carried = False
        listing.diary = place.diary
        place.diary.put(listing, place.sitting)
        listing.carried_until = listing.start + place.diary.carried.get(listing.kind, 0)
        if place.diary is not self and listing.start == given_up:
            listing.matter.goes_elsewhere()
        else:
            listing.matter.was_moved(listing, given_up)

    def hand_over_running(self, elsewhere: Diary) -> None:
        """The trials that are running go on in another courthouse."""
        following = elsewhere.next_sitting()
        for running in self.courtrooms.running:
            listing = running.listing
            listing.diary, listing.sitting, listing.courtroom = elsewhere, following, -1
            elsewhere.courtrooms.running.append(running)
            listing.matter.goes_elsewhere()
        if self.courtrooms.running:
            self.courtrooms.running = []
            elsewhere.expect(following)

    def _take_out_what_changes(self, new: Sessions) -> Relisting | None:
        """Put new sessions in the place of the old, with nobody booked into those that change."""
        old = self.sessions
        first = bisect_left(old.starts, self.env.minute)
        new.with_moved(
            old.moved
            if not self.closures
            else {at: n for at, n in old.moved.items() if not self._is_shut(old.starts[at])}
        )
        changed = [at for at in range(first, len(old.starts)) if old.of(at) != new.of(at)]
        if not changed:
            return None
        listings = []
        for sitting in sorted(self._listed):
            listings += [
                listing
                for listing in sorted(self._listed[sitting], key=self.policy.first)
                if self._loses_its_date(changed, listing, sitting)
            ]
        for listing in listings:
            self._unbook(listing)
        booked = [bookable - self.free[at] for at, bookable in enumerate(old.bookable)]
        smaller = {at for at in changed if new.minutes_there(at) < old.minutes_there(at)}
        larger = [at for at in changed if new.minutes_there(at) > old.minutes_there(at)]
        old.go_on_as(new, first)
        self.free = FreeMinutes([old.bookable[at] - taken for at, taken in enumerate(booked)])
        self._know_the_least()
        return Relisting(first, listings, smaller, larger)

    def _loses_its_date(self, changed: list[int], listing: Listing, sitting: int) -> bool:
        """Whether a listing stands in a session that changes; one that is carried on stays there.

        But it moves where the courthouse is shut.
        """
        if listing.carried:
            return self._is_shut(self.sessions.starts[sitting])
        return sitting == self._last or self._stands_in_one_of(changed, listing)

    def _stands_in_one_of(self, changed: list[int], listing: Listing) -> bool:
        pieces = self._pieces(listing.sitting, listing.planned)
        last = pieces[-1][0] if pieces else listing.sitting
        at = bisect_left(changed, listing.sitting)
        return at < len(changed) and changed[at] <= last

    def _keeps_its_date(self, listing: Listing, smaller: set[int]) -> bool:
        sessions = self.sessions
        if listing.sitting == self._last:
            return False
        if listing.matter.held_for_next_court:
            return bool(sessions.rooms[listing.sitting])
        pieces = self._pieces(listing.sitting, listing.planned)
        if self.closures and self._runs_into_a_closure(pieces):
            return False
        return bool(sessions.rooms[listing.sitting]) and all(
            sitting not in smaller or self.free[sitting] >= min(minutes, sessions.bookable[sitting])
            for sitting, minutes in pieces
        )

    def _runs_into_a_closure(self, pieces: list[tuple[int, int]]) -> bool:
        starts = self.sessions.starts
        return any(
            starts[pieces[0][0]] < shut.reopens and shut.first <= starts[pieces[-1][0]]
            for shut in self.closures
            if pieces
        )

    # --- the day -------------------------------------------------------------------------

    def expect(self, sitting: int) -> list[Listing]:
        """Those who are listed for a session, which is called when it begins."""
        listed = self._listed.get(sitting)
        if listed is None:
            listed = self._listed[sitting] = []
            delay = self.sessions.starts[sitting] - self.env.minute
            self.env.after(delay, partial(self._call, sitting))
        return listed

    def _call(self, sitting: int) -> None:
        if self.before_called is not None:
            self.before_called(self, sitting)
        listed = self._listed.pop(sitting)
        listed.sort(key=self.policy.first)
        self.courtrooms.sit(sitting, listed, self._carried)
        if self.courtrooms.running:
            self.expect(self._next_sitting(sitting))

    def _carried(self, listing: Listing) -> bool:
        """On to the next sitting day, if the window of a listing of its kind lasts until then."""
        if listing.carried_until <= listing.start:
            return False
        following = self._next_sitting(listing.sitting)
        if self.sessions.starts[following] > listing.carried_until:
            return False
        listing.carried = True
        listing.sitting = following
        listing.start = self.sessions.starts[following]
        for part in listing.parts:
            part.sitting, part.start = following, listing.start
        self.expect(following).append(listing)
        return True

    def _next_sitting(self, sitting: int) -> int:
        for following in range(sitting + 1, len(self.sessions.rooms)):
            if self.sessions.rooms[following]:
                return following
        return self._last


@dataclass(frozen=True, slots=True)
class Relisting:
    """What a change of the sittings touches: those listed, sessions that lose or gain minutes."""

    first: int
    listings: list[Listing]
    smaller: set[int]
    larger: list[int]
