"""SimPy's environment, process and event, written for speed.

`Environment` is SimPy's environment with an agenda in place of its heap: a list of callbacks for
each minute, in the order in which they were scheduled. `Process` is SimPy's process and `Event` its
event; a timeout is an integer, in minutes. A test shows that the event log of a run is identical,
row for row, to the one that stock `simpy.Environment`, `Process`, `Event` and `Timeout` give
(`tests/invariants/test_engine_is_simpy.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, GeneratorType
from typing import Any, Final, cast, final

import simpy
from simpy.events import NORMAL, EventPriority

from cjsim.des.engine import has_twins
from cjsim.errors import CaseLost

Callback = Callable[[], object]
"""What is to be done at a minute: a function that is called with nothing."""
ProcessStep = Generator[Any, Any, "NextStep"]
"""A step that takes time: it yields what it waits for and at its end returns the next step."""


@final
class Ended:
    """What the last step returns: the case has its outcome. Only `Case.end` gives it."""

    __slots__ = ()


ENDED: Final = Ended()
NextStep = ProcessStep | Ended
"""What every step returns: the step that follows, or the end of the case."""


@has_twins("environment.cpp")
class Environment(simpy.Environment):
    """SimPy's environment on an agenda; all of SimPy's own classes run on it.

    Time is in whole minutes. SimPy's heap puts events in order of time, then of priority, then as
    they came; a list for each minute, and one for what is urgent now, give the same order without
    a comparison, however many events are waiting.
    """

    __slots__ = ("agenda", "minute", "urgent")

    def __init__(self) -> None:
        super().__init__(initial_time=0)
        self.minute = 0
        """The time now: what `now` is, as an attribute and an integer."""
        self.agenda: defaultdict[int, list[Callback]] = defaultdict(list)
        """What happens at each minute that has anything, in its order."""
        self.urgent: list[Callback] = []
        """What happens now, before anything else of this minute."""

    @property
    def now(self) -> int:
        """The minute now, under SimPy's name."""
        return self.minute

    def after(self, delay: int, function: Callback) -> None:
        """Let a function be called after a delay in minutes."""
        self.agenda[self.minute + delay].append(function)

    def event(self) -> Event:  # type: ignore[override]  # the same verbs, in slots
        """Something to wait for that somebody will let happen."""
        return Event(self)

    def schedule(
        self, event: simpy.Event, priority: EventPriority = NORMAL, delay: float = 0
    ) -> None:
        """Let one of SimPy's own events happen after a delay in minutes."""
        happens = partial(_happens, event)
        if priority == NORMAL or delay > 0:
            self.agenda[self.minute + int(delay)].append(happens)
        else:
            self.urgent.append(happens)

    def run_until(self, end: int) -> None:
        """Let everything happen that happens before minute `end`."""
        agenda, urgent = self.agenda, self.urgent
        for minute in range(self.minute, end):
            if minute not in agenda and not urgent:
                continue
            self.minute = minute
            if urgent:
                self._what_is_urgent()
            # The list grows while it is gone through: what is put off by no minutes comes last.
            for function in agenda[minute]:
                function()
                if urgent:
                    self._what_is_urgent()
            del agenda[minute]
            if not agenda:
                break
        self.minute = end

    def _what_is_urgent(self) -> None:
        for function in self.urgent:
            function()
        self.urgent.clear()


def _happens(event: simpy.Event) -> None:
    """One of SimPy's own events, as SimPy's loop lets it happen."""
    callbacks, event.callbacks = event.callbacks, cast("Any", None)
    for callback in callbacks:
        callback(event)
    if not event._ok and not hasattr(event, "_defused"):  # noqa: SLF001
        raise cast("BaseException", event.value)


@has_twins("environment.cpp")
class Event:
    """Something to wait for that happens once: what `simpy.Event` is, in slots."""

    __slots__ = ("_env", "happened", "triggered", "waiting")

    def __init__(self, env: Environment) -> None:
        self._env = env
        self.triggered = self.happened = False
        self.waiting: list[Callback] = []
        """Who goes on when it happens, in this order."""

    def succeed(self, delay: int = 0) -> None:
        """Let it happen after a delay in minutes, or now, after what this minute holds already."""
        self.triggered = True
        self._env.after(delay, self.happen)

    def happen(self) -> None:
        """It happens: whoever waits goes on."""
        self.happened = True
        waiting, self.waiting = self.waiting, []
        for goes_on in waiting:
            goes_on()

    def hand_over(self, to: Event) -> None:
        """Whoever waits, waits for another one instead."""
        to.waiting, self.waiting = self.waiting, []


def run_steps(first: Callable[..., NextStep], *about: object) -> Generator[Any, Any, None]:
    """A road from its first step on: each step hands on to the next, and is gone.

    Steps that called each other would all be woken for every event, and lie in memory until the
    last of them ends: a dozen deep for a case that waits for its trial.

    The last step has to say that the case has ended. Raises CaseLost for one that returns nothing.
    """
    step = first(*about)
    code = cast("FunctionType", first).__code__
    while step is not ENDED:
        if step.__class__ is not GeneratorType:
            raise CaseLost(_lost(code, step, about))
        road = cast("GeneratorType[Any, Any, NextStep]", step)
        code = road.gi_code
        step = yield from road


def _lost(code: CodeType, returned: object, about: tuple[object, ...]) -> str:
    """Which step let go of a case, and what it should do instead."""
    number = getattr(about[0], "number", None) if about else None
    whose = "a case" if number is None else f"case {number}"
    step = f"{Path(code.co_filename).stem}.{code.co_name}"
    return (
        f"The journey lost {whose}: after the step {step} it has no outcome and no next step "
        f"({step}, or a step that it calls last, returned {returned!r}). "
        "Every step must return the next one, or what Case.end returns."
    )


@has_twins("environment.cpp")
class Process:
    """One case on its way: a generator of what it waits for; what `simpy.Process` is.

    It hands over minutes that pass, a `Event`, or one of SimPy's own events.
    """

    __slots__ = ("_env", "_send", "_wake")

    def __init__(self, env: Environment, generator: Generator[Any, Any, None]) -> None:
        self._env = env
        self._send = generator.send
        self._wake = self._goes_on
        env.urgent.append(self._wake)

    def _goes_on(self, value: object = None) -> None:
        try:
            waits_for = self._send(value)
            while waits_for.__class__ is not int:
                if waits_for.__class__ is not Event:
                    waits_for.callbacks.append(self._after)
                    return
                if not waits_for.happened:
                    waits_for.waiting.append(self._wake)
                    return
                waits_for = self._send(None)
            env = self._env
            env.agenda[env.minute + waits_for].append(self._wake)
        except StopIteration:
            # It points back at the journey, and the garbage collector is off while a run goes on.
            del self._wake

    def _after(self, event: simpy.Event) -> None:
        """One of SimPy's own events has happened."""
        self._goes_on(event.value)
