"""Pools: staff and cells that are finite, with a queue by priority and then by arrival.

SimPy's own `PriorityResource` sorts its whole queue at every request; a pool has a queue for each
priority, so that a claim takes no longer for all who wait behind it. Work in hand is never
interrupted: a pool that shrinks below what is busy waits for work to end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from heapq import heappop, heappush
from typing import Any, Protocol

from cjsim.des.engine import has_twins
from cjsim.des.environment import Environment, Event
from cjsim.des.working_time import OpenHours


class Waiter(Protocol):
    """Anything that waits for its turn: an event, or a contact task."""

    def succeed(self) -> object:
        """The turn has come."""


class _BoundedTurn:
    """A place in a queue that is left when its time is up."""

    __slots__ = ("came", "over", "pool")

    def __init__(self, pool: Resource) -> None:
        self.pool = pool
        self.over = pool.env.event()
        self.came = False

    def give_up_at(self, minute: int) -> None:
        """Wait until a minute and no longer."""
        env = self.pool.env
        env.after(max(minute - env.minute, 0), self._give_up)

    def succeed(self) -> None:
        """The turn has come; somebody who has left the queue hands it on."""
        if self.over.triggered:
            self.pool.release()
        else:
            self.came = True
            self.over.succeed()

    def _give_up(self) -> None:
        if not self.over.triggered:
            self.over.succeed()


@has_twins("resources.cpp")
class Resource:
    """`capacity` places; a claim takes one at once or waits its turn."""

    __slots__ = (
        "_first",
        "_queues",
        "_waking",
        "agency",
        "busy",
        "capacity",
        "env",
        "hours",
        "name",
        "place",
    )

    def __init__(
        self,
        env: Environment,
        name: str,
        capacity: int,
        *,
        agency: str = "",
        hours: OpenHours | None = None,
        place: int = 0,
    ) -> None:
        self.env = env
        self.name = name
        self.capacity = capacity
        self.agency = agency
        self.hours = hours
        self.place = place
        self.busy = 0
        self._queues: dict[int, deque[Waiter]] = {}
        # The priorities of those queues, as a heap: there are few of them, and none is empty.
        self._first: list[int] = []
        self._waking = False

    @property
    def waiting(self) -> int:
        """How many claims wait."""
        return sum(map(len, self._queues.values()))

    def request(self, priority: int = 0) -> Event | None:
        """Take a place: None when there is one now, else an event. Low priority numbers first."""
        if self.busy < self.capacity:
            self.busy += 1
            return None
        turn = self.env.event()
        self._wait(turn, priority)
        return turn

    def request_for(self, waiter: Waiter, priority: int = 0) -> bool:
        """Take a place for a waiter: True when there is one now, else it is told of its turn."""
        if self.busy < self.capacity:
            self.busy += 1
            return True
        self._wait(waiter, priority)
        return False

    def request_before(self, minute: int, priority: int = 0) -> Generator[Event, Any, bool]:
        """Take a place, now or when the turn comes; False if it has not come by a minute."""
        if self.busy < self.capacity:
            self.busy += 1
            return True
        turn = _BoundedTurn(self)
        self.request_for(turn, priority)
        turn.give_up_at(minute)
        yield turn.over
        return turn.came

    def seize(self) -> None:
        """Take a place whether there is one or not, and keep it from all who wait.

        For somebody who has to be elsewhere at a fixed time, whatever there is to do.
        """
        self.busy += 1

    def release(self) -> None:
        """Give a place back; whoever has waited longest at the lowest priority has it next."""
        self.busy -= 1
        if self._first:
            self._wake()

    def resize(self, capacity: int) -> None:
        """Change how many places there are; those waiting move up when it grows."""
        self.capacity = capacity
        self._wake()

    def _wait(self, waiter: Waiter, priority: int) -> None:
        queue = self._queues.get(priority)
        if queue is None:
            self._queues[priority] = deque((waiter,))
            heappush(self._first, priority)
        else:
            queue.append(waiter)

    def _wake(self) -> None:
        if self._waking:
            return
        self._waking = True
        while self._first and self.busy < self.capacity:
            self.busy += 1
            queue = self._queues[self._first[0]]
            waiter = queue.popleft()
            if not queue:
                del self._queues[heappop(self._first)]
            waiter.succeed()
        self._waking = False
