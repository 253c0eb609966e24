"""A run on SimPy's own environment, process, event and timeout in place of the project's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from typing import Any

import pytest
import simpy

from cjsim.des import environment
from cjsim.des.engine import ENGINE_VARIABLE


class StockEnvironment(simpy.Environment):
    """SimPy's own environment, under the few names that the project calls it by."""

    def __init__(self) -> None:
        super().__init__(initial_time=0)

    @property
    def minute(self) -> int:
        return int(self.now)

    def after(self, delay: int, function: Callable[[], object]) -> None:
        """A timeout of SimPy's own with one callback."""
        simpy.Timeout(self, delay).callbacks = [lambda _: function()]

    def event(self) -> StockEvent:
        return StockEvent(self)

    def run_until(self, end: int) -> None:
        self.run(until=end)


class StockEvent(simpy.Event):
    """SimPy's own event, under the few names that the project calls it by."""

    def succeed(self, delay: int = 0) -> None:  # type: ignore[override]
        self._ok, self._value = True, None
        self.env.schedule(self, delay=delay)

    def happen(self) -> None:
        """What SimPy's loop does with an event whose turn has come."""
        self._ok, self._value = True, None
        callbacks, self.callbacks = self.callbacks, None
        for callback in callbacks:
            callback(self)

    def hand_over(self, to: StockEvent) -> None:
        to.callbacks, self.callbacks = self.callbacks, []


def stock_process(env: simpy.Environment, road: Generator[Any, Any, None]) -> simpy.Process:
    """A process of SimPy's own, for which minutes that pass are a timeout."""

    def process() -> Generator[simpy.Event, Any, None]:
        for waits_for in road:
            yield simpy.Timeout(env, waits_for) if isinstance(waits_for, int) else waits_for

    return simpy.Process(env, process())


def put_on_stock_simpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every module of the project that has one of the engine's classes gets SimPy's instead.

    Verbs are then generators, which SimPy can drive: those of the Python engine.
    """
    monkeypatch.setenv(ENGINE_VARIABLE, "python")
    stock = {"Environment": StockEnvironment, "Process": stock_process}
    for name, module in sorted(sys.modules.items()):
        if name.startswith("cjsim.") and module is not environment:
            for word, instead in stock.items():
                if getattr(module, word, None) is getattr(environment, word):
                    monkeypatch.setattr(module, word, instead)
