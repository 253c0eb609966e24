"""The sessions of a court list, and the minutes still free in each."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

from cjsim.des.engine import has_twins


@has_twins("sessions.cpp")
@dataclass(slots=True)
class Sessions:
    """The sessions of a diary: start, courtrooms sitting, minutes each, what may be booked."""

    starts: list[int] = field(default_factory=list)
    rooms: list[int] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)
    bookable: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    overrun: list[int] = field(default_factory=list)
    bookable_a_room: list[int] = field(default_factory=list)
    """What one courtroom more or less would add or take."""
    kept_a_room: list[int] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)
    """By session, the courtrooms that other lists have lent, less those lent to them."""

    def of(self, at: int) -> tuple[int, int, int, int, int]:
        """What is known of one session."""
        return self.rooms[at], self.minutes[at], self.bookable[at], self.kept[at], self.overrun[at]

    def minutes_there(self, at: int) -> int:
        """The minutes that all courtrooms together sit in one session."""
        return self.rooms[at] * self.minutes[at]

    def move(self, at: int, courtrooms: int) -> None:
        """So many courtrooms more sit in a session, lent by another list, or fewer."""
        self.moved[at] = self.moved.get(at, 0) + courtrooms
        self._add(at, courtrooms)

    def _add(self, at: int, courtrooms: int) -> None:
        self.rooms[at] += courtrooms
        self.bookable[at] += courtrooms * self.bookable_a_room[at]
        self.kept[at] += courtrooms * self.kept_a_room[at]

    def with_moved(self, moved: dict[int, int]) -> None:
        """What was lent stays lent in another calendar of the same sessions, as far as it sits."""
        for at, courtrooms in moved.items():
            self._add(at, max(courtrooms, -self.rooms[at]))

    def go_on_as(self, new: Sessions, first: int) -> None:
        """Take over what another calendar of the same sessions says, from one of them on."""
        for own, others in (
            (self.rooms, new.rooms),
            (self.minutes, new.minutes),
            (self.bookable, new.bookable),
            (self.kept, new.kept),
            (self.overrun, new.overrun),
            (self.bookable_a_room, new.bookable_a_room),
            (self.kept_a_room, new.kept_a_room),
        ):
            own[first:] = others[first:]


@has_twins("sessions.cpp")
class FreeMinutes:
    """The minutes still free in each session, with a quick search for the first that has enough.

    A tree of maxima over the sessions: a search costs the depth of the tree, however long the
    backlog of full sessions is.
    """

    __slots__ = ("_tree", "size")

    def __init__(self, free: list[int]) -> None:
        self.size = 1
        while self.size < len(free):
            self.size *= 2
        levels = [free + [-1] * (self.size - len(free))]
        while len(levels[-1]) > 1:
            below = levels[-1]
            levels.append([*map(max, below[::2], below[1::2])])
        # The root stands at 1, and below a node those at twice its place and one more.
        self._tree = [0, *chain.from_iterable(reversed(levels))]

    def __getitem__(self, index: int) -> int:
        return self._tree[self.size + index]

    def take(self, index: int, minutes: int) -> None:
        """Book minutes of a session (or give them back, when negative)."""
        tree = self._tree
        node = self.size + index
        tree[node] -= minutes
        node //= 2
        while node:
            most = max(tree[2 * node], tree[2 * node + 1])
            if tree[node] == most:
                break
            tree[node] = most
            node //= 2

    def first_with(self, minutes: int, start: int) -> int:
        """The first session from `start` on with so many minutes free, or -1."""
        tree = self._tree
        if start >= self.size:
            return -1
        node = self.size + start
        while tree[node] < minutes:
            while node & 1:
                node //= 2
                if node <= 1:
                    return -1
            node += 1
        while node < self.size:
            node *= 2
            if tree[node] < minutes:
                node += 1
        return node - self.size
