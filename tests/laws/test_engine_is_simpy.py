"""The flat loop, the slotted timeout and the light process change nothing but the time it takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import simpy

from cjsim import attendance, case, contact, diaries, simulate, world
from tests.laws.runs import run, toy_model


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


def test_a_run_on_stock_simpy_gives_the_same_log_row_for_row(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = toy_model(toy)
    ours = run(model, tmp_path / "ours")
    for room in (attendance, case, contact, diaries, simulate, world):
        monkeypatch.setattr(room, "Sleep", simpy.Timeout, raising=False)
        monkeypatch.setattr(room, "Later", stock_later, raising=False)
    monkeypatch.setattr(world, "Engine", StockEngine)
    monkeypatch.setattr(simulate, "Journey", simpy.Process)
    stock = run(model, tmp_path / "stock")
    assert ours.events > 3000
    assert stock.content_hash == ours.content_hash
    assert stock.events_path.read_bytes() == ours.events_path.read_bytes()
