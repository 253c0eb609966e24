"""The flat loop, the slotted timeout and the light process change nothing but the time it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.runs import run, toy_model
from tests.support.stock_simpy import put_on_stock_simpy


def test_a_run_on_stock_simpy_gives_the_same_log_row_for_row(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = toy_model(toy)
    ours = run(model, tmp_path / "ours")
    put_on_stock_simpy(monkeypatch)
    stock = run(model, tmp_path / "stock")
    assert ours.events > 3000
    assert stock.content_hash == ours.content_hash
    assert stock.events_path.read_bytes() == ours.events_path.read_bytes()
