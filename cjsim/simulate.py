"""Model, seed and replication to a log: builds the world, lets cases arrive, stops."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from cjsim.arrivals import Arrival, arrivals
from cjsim.capacity import capacity_rows
from cjsim.case import Case
from cjsim.diaries import Listing
from cjsim.engine import Journey, Sleep
from cjsim.journey import facts
from cjsim.journey.ways_in import WAYS_IN
from cjsim.log import NEVER
from cjsim.spec.model import Model
from cjsim.streams import BLOCK_BITS, Columns, Luck
from cjsim.world import World


@dataclass(frozen=True)
class Run:
    """One replication, done: where its tables are, its days, its size, its content's hash."""

    events_path: Path
    cases_path: Path
    capacity_path: Path
    epoch: dt.date
    study_from: dt.date
    study_to: dt.date
    events: int
    cases: int
    content_hash: str


def simulate(
    model: Model,
    *,
    seed: int,
    replication: int,
    study_from: dt.date,
    study_to: dt.date,
    folder: Path,
) -> Run:
    """Run one replication of a model over its warm-up and the study period.

    Both days are included; the warm-up before them is logged too, for the measures to cut.
    Writes `events.parquet`, `cases.parquet` and `capacity.parquet` into `folder`, which must exist.
    The garbage collector is off inside and run at the end: nothing here is cyclic for long, and it
    would walk every waiting case again and again. What was there before is none of its business.
    """
    warm_up_days = round(model.opening.warm_up_days.at("default"))
    epoch = study_from - dt.timedelta(days=warm_up_days)
    collecting = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        return _run(model, Luck(seed, replication, model.area), epoch, study_from, study_to, folder)
    finally:
        gc.collect()
        gc.unfreeze()
        if collecting:
            gc.enable()


def _run(
    model: Model,
    luck: Luck,
    epoch: dt.date,
    study_from: dt.date,
    study_to: dt.date,
    folder: Path,
) -> Run:
    world = World(
        model, luck=luck, epoch=epoch, study_from=study_from, study_to=study_to, folder=folder
    )
    Journey(world.env, _let_cases_arrive(world))
    world.env.run_until(world.end)
    _write_open_rows(world)
    world.log.capacity(capacity_rows(world, study_from, study_to))
    content_hash = world.log.close()
    events, cases = world.log.events, world.log.cases
    return Run(
        events.path, cases.path, world.log.capacity_path, epoch, study_from, study_to,
        events.rows, cases.rows, content_hash,
    )  # fmt: skip


def _let_cases_arrive(world: World) -> Generator[Sleep, object, None]:
    env = world.env
    block, columns = -1, Columns()
    divisions = arrivals(world.model, world.calendar, world.luck, world.end)
    for arrival in divisions:
        if not arrival.comes:
            continue
        if arrival.minute > env.minute:
            yield Sleep(env, arrival.minute - env.minute)
        if arrival.number >> BLOCK_BITS != block:
            # Only the cases of a block hold on to its columns: they go when the last one ends.
            block, columns = arrival.number >> BLOCK_BITS, Columns()
        case = _case(world, arrival, columns)
        Journey(env, WAYS_IN[arrival.way_in](case))


def _case(world: World, arrival: Arrival, columns: Columns) -> Case:
    case = Case(world, arrival.number, arrival.way_in, arrival.group, arrival.area, columns)
    world.live[case.number] = case
    facts.settle(case)
    return case


def _write_open_rows(world: World) -> None:
    for diaries in world.diaries.values():
        for diary in dict.fromkeys(diaries):
            for listing in diary.listed():
                _write_open_listing(world, listing)
    for case in world.live.values():
        case.write_open_rows()
    for errand in world.errands:
        errand.write_open_row()


def _write_open_listing(world: World, listing: Listing) -> None:
    hearing = world.hearings[listing.hearing]
    case = listing.matter
    assert isinstance(case, Case)
    place = listing.diary.places[listing.courtroom] if listing.courtroom >= 0 else 0
    world.log.row(
        case.number, hearing.activity, listing.occurrence, hearing.agency, place, listing.entered,
        listing.start, listing.started, NEVER, 0.0, listing.planned, 0, 0,
    )  # fmt: skip
