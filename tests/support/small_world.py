"""A world of the toy model with changed numbers, and cases put into it by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from pathlib import Path
from typing import Any

from cjsim.des.environment import Process
from cjsim.des.random_streams import BLOCK_BITS, DrawBlock, RandomStreams
from cjsim.england_wales.case import Case
from cjsim.england_wales.vocabulary import OFFENCE_GROUPS, OffenceGroup, WayIn
from cjsim.schema.model import Model
from cjsim.simulation.simulation import Simulation
from tests.support.runs import columns

MONDAY = dt.date(2013, 4, 8)
"""Minute 0: a Monday without a bank holiday near."""
LAST = dt.date(2013, 12, 31)
PEDIGREE = {"source": "made by hand", "evidence": "measured", "range": None, "note": ""}


def number(value: Any, *changes: dict[str, Any]) -> dict[str, Any]:
    """A value of a model, and its dated changes."""
    return {**PEDIGREE, "value": value, "changes": tuple({**PEDIGREE, **one} for one in changes)}


def length(minutes: float) -> dict[str, Any]:
    """A duration of so many minutes, always."""
    other = dict.fromkeys(("median", "p90", "mean", "cap"))
    alike = dict.fromkeys(OFFENCE_GROUPS, 1.0)
    law = {"unit": "minutes", "fixed": minutes, "at_once": 0.0, "by_group": alike, "changes": ()}
    return {**PEDIGREE, **other, **law}


class SmallWorld:
    """A world without arrivals, whose log is read once it is closed."""

    def __init__(self, model: Model, folder: Path, *, seed: int = 1) -> None:
        self.simulation = Simulation(
            model,
            random_streams=RandomStreams(seed, 0, model.area),
            epoch=MONDAY,
            study_from=MONDAY,
            study_to=LAST,
            folder=folder,
        )
        self._columns: dict[int, DrawBlock] = {}

    def case(
        self,
        number: int = 0,
        *,
        way_in: WayIn = "arrest_notifiable",
        group: OffenceGroup = "theft",
        division: str = "north",
        **facts: Any,
    ) -> Case:
        """A case that stands in the world, with some of its facts as they are given."""
        block = number >> BLOCK_BITS
        columns = self._columns.setdefault(block, DrawBlock(self.simulation.random_streams, block))
        case = Case(
            self.simulation,
            number,
            way_in,
            OFFENCE_GROUPS.index(group),
            self.simulation.divisions.index(division),
            columns,
        )
        for fact, value in facts.items():
            setattr(case, fact, value)
        self.simulation.population.open_cases[number] = case
        return case

    def go(self, *steps: Generator[Any, Any, Any] | None) -> None:
        """Let cases go on their way."""
        for one in steps:
            Process(self.simulation.env, _to_its_end(one))

    def at(self, day: int, hour: float, then: Any) -> None:
        """Call something at an hour of a day, counted from the Monday."""
        self.simulation.env.after(day * 1440 + round(hour * 60) - self.simulation.env.minute, then)

    def until_day(self, day: int) -> None:
        """Let the days before a day pass."""
        self.simulation.env.run_until(day * 1440)

    def log(self) -> list[dict[str, Any]]:
        """The rows written, once the log is closed."""
        self.simulation.log.close()
        table = columns(self.simulation.log.events.path)
        names = list(table)
        return [dict(zip(names, row, strict=True)) for row in zip(*table.values(), strict=True)]


def _to_its_end(step: Any) -> Generator[Any, Any, None]:
    """A road, or a verb alone whose answer nobody asks for."""
    while isinstance(step, Generator):
        step = yield from step
