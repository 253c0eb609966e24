"""A hearing that several matters have together: one place in the diary and one outcome.

The diary knows the joint hearing as one matter. Each defendant's case has a listing, a part of the
joint one, with its date, result and row in the event log. The row of one part has the minutes, the
estimate and the courtroom; those of the others have none, so that the court's time counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from cjsim.listing.hearing_slot import Heard, Listing


class JointHearing:
    """The parts of a hearing, its place in the diary, and how much longer each part makes it.

    `takes_longer` is a factor for each part after the first, on the estimate and on the length of
    a hearing whose result is none of `cut_short`. `goes` says how the hearing goes and gives each
    part its result; it returns the result of one of them. `if_moved` is what the case of a part
    does when the court gives the hearing another date.
    """

    __slots__ = (
        "_counted",
        "_cut_short",
        "_estimate",
        "_goes",
        "_if_moved",
        "_slot",
        "_takes_longer",
        "attended",
        "parts",
    )

    def __init__(
        self,
        goes: Callable[[JointHearing], Heard],
        *,
        takes_longer: float,
        cut_short: Collection[str],
        if_moved: Callable[[Any, Listing], object] | None,
    ) -> None:
        self.parts: list[Listing] = []
        self._slot: Listing | None = None
        self._goes = goes
        self._takes_longer = takes_longer
        self._cut_short = cut_short
        self._if_moved = if_moved
        self._estimate = 0
        self._counted: Listing | None = None
        self.attended = False
        """Whether somebody has seen to those who come to court once for all parts."""

    # --- joining and leaving -------------------------------------------------------------

    @property
    def slot(self) -> Listing:
        """The listing that stands in the diary; there is one as soon as a part has joined."""
        assert self._slot is not None
        return self._slot

    def stands_in(self, slot: Listing) -> None:
        """The place in the diary that the first part has got."""
        self._slot = slot
        self._estimate = slot.planned

    def can_be_joined(self, not_before: int) -> bool:
        """Whether the hearing is still to come, with enough notice for one more."""
        slot = self._slot
        return (
            slot is not None and bool(self.parts) and not slot.called and slot.start >= not_before
        )

    def join(self, part: Listing) -> None:
        """One more defendant: the hearing is booked for longer, on another date if need be."""
        if self.parts:
            self._book_again(len(self.parts) + 1)
        slot = self.slot
        self.parts.append(part)
        slot.parts = self.parts
        part.joint = self
        part.diary, part.sitting, part.start = slot.diary, slot.sitting, slot.start
        self._count_first()

    def leave(self, part: Listing) -> bool:
        """One defendant less; without any the hearing is taken out. Whether others are left."""
        part.planned = 0
        self.parts.remove(part)
        if self.parts:
            self._book_again(len(self.parts))
            self._count_first()
            return True
        part.planned = self.slot.planned
        self.slot.diary.vacate(self.slot)
        return False

    def put_off(self, part: Listing, not_before: int) -> None:
        """One of several parts leaves, and the hearing of the others gets a later date."""
        slot = self.slot
        self.parts.remove(part)
        part.planned = slot.planned
        slot.diary.put_off(slot, not_before)
        self._book_again(len(self.parts))
        self._count_first()

    def move_up(self, not_before: int) -> None:
        """Into the first session from a minute on; whoever asks for it tells the other parts."""
        self.slot.diary.move_up(self.slot, not_before)

    def tell_others(self, part: Listing, given_up: int) -> None:
        """The other parts hear that the hearing has another date than the minute `given_up`."""
        for other in [*self.parts]:
            if other is not part:
                other.matter.was_moved(other, given_up)

    def _book_again(self, parts: int) -> None:
        minutes = round(self._estimate * self._takes_longer ** (parts - 1))
        slot = self.slot
        if minutes != slot.planned:
            slot.diary.change_estimate(slot, minutes)

    def _count_first(self) -> None:
        """The first part has the estimate, until the day says under which one it is counted."""
        for place, part in enumerate(self.parts):
            part.planned = 0 if place else self.slot.planned

    # --- what a diary asks of a matter ---------------------------------------------------

    @property
    def number(self) -> int:
        """The number of the first case."""
        return self.parts[0].matter.number

    @property
    def remanded(self) -> bool:
        """Whether any defendant is in prison."""
        return any(part.matter.remanded for part in self.parts)

    @property
    def youth(self) -> bool:
        """Whether any defendant is a youth."""
        return any(part.matter.youth for part in self.parts)

    @property
    def vulnerable_victim(self) -> bool:
        """Whether any victim is vulnerable."""
        return any(part.matter.vulnerable_victim for part in self.parts)

    @property
    def earlier_ineffective_trial(self) -> bool:
        """Whether a trial of any of them has been ineffective."""
        return any(part.matter.earlier_ineffective_trial for part in self.parts)

    @property
    def arrived(self) -> int:
        """The minute at which the first of them began; a joint hearing without parts is last."""
        return min((part.matter.arrived for part in self.parts), default=self.slot.entered)

    @property
    def held_for_next_court(self) -> bool:
        """Nobody is held for the next court when a joint hearing is listed."""
        return False

    def last_day_in_custody(self) -> int:
        """The first of the days by which the trial of somebody in custody must start."""
        return min(part.matter.last_day_in_custody() for part in self.parts)

    def takes_earlier_date(self, chance: float) -> bool:
        """Whether everybody in every case can come to a freed slot."""
        return all(part.matter.takes_earlier_date(chance) for part in self.parts)

    def can_come_on(self, day: int, chance: float) -> bool:
        """Whether everybody in every case can come on a day."""
        return all(part.matter.can_come_on(day, chance) for part in self.parts)

    def was_moved(self, listing: Listing, given_up: int) -> None:
        """The court has given the hearing another date than the minute `given_up`."""
        if self._if_moved is not None:
            for part in self.parts:
                self._if_moved(part.matter, part)
        if listing.start != given_up:
            for part in [*self.parts]:
                part.matter.was_moved(part, given_up)

    def goes_elsewhere(self) -> None:
        """The hearing goes to another courthouse, and its date stays."""
        slot = self.slot
        for part in self.parts:
            part.diary, part.sitting, part.start = slot.diary, slot.sitting, slot.start
            part.matter.goes_elsewhere()

    # --- the day -------------------------------------------------------------------------

    def goes(self, _: object) -> Heard:
        """How the hearing goes: every part has been called and gets its result."""
        for part in self.parts:
            part.called = True
        heard = self._goes(self)
        self._counted = next(part for part in self.parts if (part.result, part.reason) == heard)
        return heard

    def minutes_needed(self, listing: Listing) -> int:
        """Courtroom minutes, by the number of parts that the hearing goes on with."""
        counted = self._counted or self.parts[0]
        minutes = counted.matter.minutes_needed(listing)
        if listing.result in self._cut_short:
            return minutes
        together = sum(part.result == listing.result for part in self.parts)
        return max(1, round(minutes * self._takes_longer ** (together - 1)))

    def was_heard(self, listing: Listing) -> None:
        """The hearing is over, or was not reached: so it is for every part."""
        parts = self.parts
        counted = self._counted
        if counted is None or listing.started < 0:
            counted = parts[0]
        for part in parts:
            if listing.started < 0:
                part.result, part.reason = listing.result, listing.reason
            part.diary, part.sitting, part.start = listing.diary, listing.sitting, listing.start
            part.started, part.left = listing.started, listing.left
            part.planned = part.minutes = 0
        counted.planned, counted.minutes = listing.planned, listing.minutes
        counted.courtroom = listing.courtroom
        # From here on nothing leads from the hearing to its parts: no garbage is collected.
        self.parts, listing.parts, self._counted = [], (), None
        for part in parts:
            part.matter.was_heard(part)
            if part.over is not None:
                part.over.succeed(part.left - listing.diary.env.minute)
