"""The co-defendants of one incident: who they are, what they are listed for, who waits for whom.

Nobody waits for a co-defendant who may never come: a case waits for as long as another is still to
be tried, and looks again whenever one of them has pleaded, been tried, stayed away or ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cjsim.des.environment import Event
    from cjsim.listing.diary import Listing
    from cjsim.listing.joint_hearing import JointHearing


class Defendant(Protocol):
    """What has to be known of each of them."""

    @property
    def number(self) -> int:
        """The number of the case."""

    @property
    def still_to_be_tried(self) -> bool:
        """Whether the defendant is charged and has not pleaded guilty, been tried or absconded."""


_Defendant = TypeVar("_Defendant", bound=Defendant)


class CoDefendants(Generic[_Defendant]):
    """Those who were arrested together and whose cases are open."""

    __slots__ = ("listings", "members", "number", "size", "trials", "waiting")

    def __init__(self, first: _Defendant) -> None:
        self.number = first.number
        """The number of the first case."""
        self.size = 1
        """How many were arrested."""
        self.members = [first]
        self.trials: dict[str, JointHearing] = {}
        """The trial that those who contest have in a court, by hearing."""
        self.listings: dict[tuple[str, int], Listing] = {}
        """The last first hearing or plea hearing of each case, by hearing and number."""
        self.waiting: list[Event] = []
        """What those wait for who are sentenced when the others have been tried."""

    def joined_by(self, case: _Defendant) -> None:
        """One more person of the incident."""
        self.members.append(case)
        self.size += 1

    def left_by(self, case: _Defendant) -> None:
        """A case has ended."""
        self.members.remove(case)
        self.look_again()

    def others(self, case: _Defendant) -> Iterator[_Defendant]:
        """The open cases of the co-defendants of a case."""
        return (other for other in self.members if other is not case)

    def to_be_tried(self, case: _Defendant) -> int:
        """How many co-defendants of a case are still to be tried."""
        return sum(other.still_to_be_tried for other in self.others(case))

    def look_again(self) -> None:
        """Whoever waits goes on, if nobody is still to be tried."""
        if self.waiting and not any(case.still_to_be_tried for case in self.members):
            waiting, self.waiting = self.waiting, []
            for event in waiting:
                event.succeed()
