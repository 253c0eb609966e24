"""SimPy, with the parts that every event passes through written out flat.

`Engine` runs SimPy's loop without a method call per event, `Journey` is a process that schedules no
event at its end when nobody waits for it, `Sleep` is a timeout in slots, and `Later` one that calls
a function. A test holds the event log of a run identical, row for row, to the one that stock
`simpy.Environment`, `Process` and `Timeout` give (`tests/laws/test_engine_is_simpy.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heapify, heappop, heappush
from typing import Any, cast

import simpy
from simpy.events import NORMAL, URGENT, EventPriority

from cjsim.calendar import MINUTES_A_DAY

_Entry = tuple[int, EventPriority, int, Any]


class Sleep:
    """A stretch of time that passes: what `simpy.Timeout` is, in slots. Delay in minutes."""

    __slots__ = ("_ok", "_value", "callbacks")

    def __init__(self, env: Engine, delay: int) -> None:
        self.callbacks: list[Callable[[Any], None]] | None = []
        self._value = None
        self._ok = True
        minute = env.minute + delay
        if minute < env.midnight:
            heappush(env.queue, (minute, NORMAL, next(env.ids), self))
        else:
            env.put_off(minute, self)


class Later:
    """A function to be called after a delay in minutes: a timeout with one callback, in slots."""

    __slots__ = ("_ok", "callbacks")

    def __init__(self, env: Engine, delay: int, function: Callable[[Any], None]) -> None:
        self.callbacks: tuple[Callable[[Any], None], ...] | None = (function,)
        self._ok = True
        minute = env.minute + delay
        if minute < env.midnight:
            heappush(env.queue, (minute, NORMAL, next(env.ids), self))
        else:
            env.put_off(minute, self)


class Journey:
    """One case on its way: a generator that SimPy's events drive, what `simpy.Process` is."""

    __slots__ = ("_ok", "_send", "_value", "_wake", "callbacks")

    def __init__(self, env: Engine, generator: Generator[Any, Any, None]) -> None:
        self._send = generator.send
        self._wake = self._resume
        self._ok = True
        self._value: object = None
        self.callbacks: list[Callable[[Any], None]] | None = [self._wake]
        env.schedule(cast("simpy.Event", self), URGENT)

    def _resume(self, event: Any) -> None:
        send = self._send
        try:
            while True:
                event = send(event._value)  # noqa: SLF001
                callbacks = event.callbacks
                if callbacks is not None:
                    callbacks.append(self._wake)
                    return
        except StopIteration:
            # It points back at the journey, and the garbage collector is off while a run goes on.
            del self._wake


class Engine(simpy.Environment):
    """SimPy's environment with its loop written out; all of SimPy's own classes run on it.

    Time is in whole minutes. What happens today stands in SimPy's heap; what happens on a later day
    waits in a plain list of that day, which becomes the heap when its day comes. Most events of a
    case are weeks ahead, and the heap stays small.
    """

    def __init__(self) -> None:
        super().__init__(initial_time=0)
        self.minute = 0
        """The time now: what `now` is, as an attribute and an integer."""
        self.midnight = MINUTES_A_DAY
        """The end of today: what happens before it stands in the queue."""
        self.queue = cast("list[_Entry]", self._queue)
        self.ids = self._eid
        self._later: dict[int, list[_Entry]] = {}

    @property
    def now(self) -> int:
        """The minute now, under SimPy's name."""
        return self.minute

    def schedule(
        self, event: simpy.Event, priority: EventPriority = NORMAL, delay: float = 0
    ) -> None:
        """Let an event happen after a delay in minutes."""
        time = self.minute + int(delay)
        entry = (time, priority, next(self._eid), event)
        if time < self.midnight:
            heappush(self.queue, entry)
        else:
            day = time // MINUTES_A_DAY
            try:
                self._later[day].append(entry)
            except KeyError:
                self._later[day] = [entry]

    def put_off(self, minute: int, event: Sleep | Later) -> None:
        """Let an event happen at a minute of a later day."""
        entry = (minute, NORMAL, next(self.ids), event)
        day = minute // MINUTES_A_DAY
        try:
            self._later[day].append(entry)
        except KeyError:
            self._later[day] = [entry]

    def run_until(self, end: int) -> None:
        """Let everything happen that happens before minute `end`, which is a midnight."""
        queue = self.queue
        for day in range(self.minute // MINUTES_A_DAY, end // MINUTES_A_DAY):
            self.midnight = (day + 1) * MINUTES_A_DAY
            queue.extend(self._later.pop(day, ()))
            heapify(queue)
            while queue:
                minute, _, _, event = heappop(queue)
                self.minute = minute
                callbacks = event.callbacks
                event.callbacks = None
                for callback in callbacks:
                    callback(event)
                if not event._ok and not hasattr(event, "_defused"):  # noqa: SLF001
                    raise cast("BaseException", event.value)
        self.minute = end
