"""Where a division's cases of one list are heard: the courthouses that serve it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cjsim.listing.diary import Diary
from cjsim.listing.hearing_slot import Heard, Listing, Matter


class Venues:
    """The diaries of one list that are open to a division's cases, in the order of the file.

    A hearing is listed in the courthouse where it gets the earliest date; with equal dates in the
    first of them. A courthouse that is shut stands for the one that has its work.
    """

    def __init__(self, diaries: Sequence[Diary]) -> None:
        self.diaries = tuple(diaries)

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
    ) -> Listing:
        """A date for a hearing, as `Diary.fix` gives it, in the courthouse with the earliest."""
        diary, sitting = self.diaries[0], None
        if len(self.diaries) > 1 or diary.closures:
            # The first of the smallest: `min` keeps the order of the file.
            places = (each.first_place(matter, not_before, estimate) for each in self.diaries)
            _, diary, sitting = min(places, key=lambda place: place.start)
        return diary.fix(
            matter, hearing, occurrence, goes, not_before, estimate, kind, if_moved, sitting
        )

    def heard_in(self, minute: int) -> list[Diary]:
        """The diaries in which the cases are heard at a minute, of courthouses that are open."""
        return [diary.open_at(minute) for diary in self.diaries]

    def usual_wait(self) -> float:
        """The minutes that a hearing usually waits beyond its notice, where it waits least."""
        return min(diary.usual_wait for diary in self.diaries)

    def next_start(self) -> int:
        """The next minute at which the list is called in a courthouse that hears the cases."""
        return min(diary.next_start() for diary in self.diaries)
