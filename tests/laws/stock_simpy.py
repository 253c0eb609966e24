"""A run on SimPy's own environment, process and timeout in place of the project's."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
import simpy

from cjsim import engine, simulate  # noqa: F401 - whatever a run needs has then been imported


class StockEngine(simpy.Environment):
    """SimPy's own environment, under the few names that the project calls it by."""

    def __init__(self) -> None:
        super().__init__(initial_time=0)

    @property
    def minute(self) -> int:
        return int(self.now)

    def run_until(self, end: int) -> None:
        self.run(until=end)


def stock_later(
    env: simpy.Environment, delay: int, function: Callable[[simpy.Event], None]
) -> None:
    """A timeout of SimPy's own with one callback."""
    simpy.Timeout(env, delay).callbacks = [function]


def put_on_stock_simpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every module of the project that has one of the engine's classes gets SimPy's instead."""
    stock = {
        "Engine": StockEngine, "Sleep": simpy.Timeout, "Later": stock_later,
        "Journey": simpy.Process,
    }  # fmt: skip
    for name, module in sorted(sys.modules.items()):
        if name.startswith("cjsim.") and module is not engine:
            for word, instead in stock.items():
                if getattr(module, word, None) is getattr(engine, word):
                    monkeypatch.setattr(module, word, instead)
