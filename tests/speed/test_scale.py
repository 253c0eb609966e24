"""The parts of `make bench` run without an error."""

from __future__ import annotations

import pytest

from tests.speed import scale


@pytest.mark.parametrize("where", ["queue", "asleep"])
@pytest.mark.parametrize("waiting", [0, 50])
def test_the_loop_with_a_backlog_turns(
    monkeypatch: pytest.MonkeyPatch, where: str, waiting: int
) -> None:
    monkeypatch.setattr(scale, "CYCLES", 50_000)
    assert scale.seconds_of_the_loop(waiting, where) > 0


def test_areas_one_after_the_other_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "TIMES_TOY", 0.2)
    found = scale.run_areas(2)
    assert found["areas"] == 2
    assert found["cases"] > 100
