"""Draws are let go of with the cases that they are for, and stay what they were for the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from cjsim.des import random_streams
from cjsim.des.random_streams import BLOCK_SIZE, DrawBlock, RandomStreams
from cjsim.simulation import simulate
from tests.support.runs import run, toy_model

FEW_BITS = 5


class Somebody:
    """Who draws: a case, for the columns that serve it."""

    def __init__(self, columns: DrawBlock, slot: int) -> None:
        self.slot = slot
        self.columns = columns
        columns.serve(self)

    def draw(self, point: int, occurrence: int) -> float:
        columns = self.columns
        column = columns.later.get((point, occurrence)) if occurrence else columns.first[point]
        return (column or columns.make(point, occurrence))[self.slot]

    def draws(self) -> list[float]:
        """The first and two later ones at each of three points."""
        return [self.draw(point, occurrence) for point in range(3) for occurrence in range(3)]


def block_of(number: int) -> tuple[RandomStreams, DrawBlock]:
    random_streams = RandomStreams(1, 0, "toy")
    random_streams.point("file_ready")
    random_streams.point("action_plan")
    random_streams.length_point("investigation")
    return random_streams, DrawBlock(random_streams, number)


def test_who_stays_draws_what_they_would_have_drawn() -> None:
    _, whole = block_of(7)
    expected = {slot: Somebody(whole, slot).draws() for slot in range(0, BLOCK_SIZE, 61)}
    random_streams, block = block_of(7)
    cases = {slot: Somebody(block, slot) for slot in range(BLOCK_SIZE)}
    widths = []
    # Some columns are made before anybody has left, some between, the rest after the last.
    for every, (point, occurrence) in ((1, (0, 0)), (2, (2, 1)), (122, (1, 2)), (1098, (2, 2))):
        for slot in [slot for slot in cases if slot % every]:
            del cases[slot]
        random_streams.forget_those_who_left()
        for slot in cases.keys() & expected.keys():
            assert cases[slot].draw(point, occurrence) == expected[slot][3 * point + occurrence]
        widths.append(len(block.make(0, 2)))
    assert widths == [BLOCK_SIZE, BLOCK_SIZE, 34, len(cases)]
    assert {slot: case.draws() for slot, case in cases.items()} == {
        slot: expected[slot] for slot in cases
    }


def test_a_block_without_cases_is_gone() -> None:
    random_streams, block = block_of(7)
    case = Somebody(block, 3)
    random_streams.forget_those_who_left()
    assert case.draws()
    del case, block
    random_streams.forget_those_who_left()
    assert random_streams._blocks == []


def test_a_run_that_holds_on_to_every_draw_gives_the_same_log(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Blocks of a few cases: with them a short run begins many, and cuts them down again and again.
    monkeypatch.setattr(random_streams, "BLOCK_SIZE", 1 << FEW_BITS)
    monkeypatch.setattr(simulate, "BLOCK_BITS", FEW_BITS)
    monkeypatch.setattr(DrawBlock, "mask", (1 << FEW_BITS) - 1)
    cut = []
    shrink = DrawBlock.shrink

    def watched(block: DrawBlock) -> None:
        before = block._width
        shrink(block)
        cut.append(block._width < before)

    monkeypatch.setattr(DrawBlock, "shrink", watched)
    ours = run(toy_model(toy), tmp_path / "ours")
    assert sum(cut) > 50
    monkeypatch.setattr(DrawBlock, "shrink", lambda _: None)
    whole = run(toy_model(toy), tmp_path / "whole")
    assert whole.content_hash == ours.content_hash
    assert whole.events_path.read_bytes() == ours.events_path.read_bytes()
