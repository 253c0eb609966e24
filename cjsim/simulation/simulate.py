"""Model, seed and replication to a log: builds the world, lets cases arrive, stops.

Or, at the end of its warm-up, to the table of the cases that are open.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from cjsim.des import engine
from cjsim.des.environment import Process, run_steps
from cjsim.des.event_log import NEVER
from cjsim.des.random_streams import BLOCK_BITS, DrawBlock, RandomStreams
from cjsim.listing.diary import Listing
from cjsim.schema.model import Model
from cjsim.simulation.arrivals import arrivals
from cjsim.simulation.capacity_records import capacity_rows, sitting_rows
from cjsim.simulation.population import OpenCase
from cjsim.simulation.process import OpeningCaseload, process_of
from cjsim.simulation.simulation import Simulation
from cjsim.storage.temporary import scratch_folder


@dataclass(frozen=True)
class Run:
    """One replication, done: where its tables are, its days, its size, its content's hash.

    `overloaded` names the court lists that had no date left for some hearings at its end.
    """

    events_path: Path
    cases_path: Path
    capacity_path: Path
    sittings_path: Path
    epoch: dt.date
    study_from: dt.date
    study_to: dt.date
    events: int
    cases: int
    content_hash: str
    overloaded: tuple[str, ...] = ()


def simulate(
    model: Model,
    *,
    seed: int,
    replication: int,
    study_from: dt.date,
    study_to: dt.date,
    folder: Path,
    opening: OpeningCaseload | None = None,
    on_simulation: Callable[[Simulation], None] | None = None,
) -> Run:
    """Run one replication of a model over its warm-up and the study period.

    Both days are included; the warm-up before them is logged too, for the measures to cut. With an
    opening caseload there is none: its cases go on from the first day of the study.
    `on_simulation` is shown the world before its clock starts: to look on, not to change anything.
    Writes the tables of `events`, `cases`, `capacity` and `sittings` as Parquet files into
    `folder`, which must exist.
    """
    with garbage_left_alone():
        return finish(
            begin(
                model,
                seed=seed,
                replication=replication,
                study_from=study_from,
                study_to=study_to,
                folder=folder,
                opening=opening,
                on_simulation=on_simulation,
            )
        )


def begin(
    model: Model,
    *,
    seed: int,
    replication: int,
    study_from: dt.date,
    study_to: dt.date,
    folder: Path,
    opening: OpeningCaseload | None = None,
    on_simulation: Callable[[Simulation], None] | None = None,
    log_held_back: bool = False,
) -> Simulation:
    """The world of one replication before its first minute; all as in `simulate`."""
    process_of(model)  # it brings all classes of the case, whose methods may have twins
    engine.choose(seed)
    random_streams = RandomStreams(seed, replication, model.area)
    starts = first_day(model, study_from, opening)
    epoch = starts if opening is None else process_of(model).epoch_before(study_from, opening)
    simulation = Simulation(
        model,
        random_streams=random_streams,
        epoch=epoch,
        study_from=study_from,
        study_to=study_to,
        folder=folder,
        starts=starts,
        log_held_back=log_held_back,
    )
    if on_simulation is not None:
        on_simulation(simulation)
    if opening is not None:
        simulation.process.let_open_cases_in(simulation, opening)
    _let_it_begin(simulation)
    return simulation


def finish(simulation: Simulation) -> Run:
    """Run a world from where it stands to its end, and write what is left of its log."""
    simulation.env.run_until(simulation.end)
    _write_open_rows(simulation)
    log = simulation.log
    log.capacity(capacity_rows(simulation, simulation.study_from, simulation.study_to))
    log.sittings(sitting_rows(simulation))
    content_hash = log.close()
    return Run(
        log.events.path,
        log.cases.path,
        log.capacity_path,
        log.sittings_path,
        simulation.calendar.epoch,
        simulation.study_from,
        simulation.study_to,
        log.events.rows,
        log.cases.rows,
        content_hash,
        overloaded=simulation.overloaded(),
    )


def snapshot(model: Model, *, seed: int, replication: int, on: dt.date) -> list[dict[str, str]]:
    """The cases that are open on the morning of a day, after the model's warm-up: rows of a table.

    Each row has the columns of the jurisdiction's table of open cases; no log is kept.
    """
    process_of(model)
    engine.choose(seed)
    eve = on - dt.timedelta(days=1)
    random_streams = RandomStreams(seed, replication, model.area)
    with scratch_folder() as scratch, garbage_left_alone():
        simulation = Simulation(
            model,
            random_streams=random_streams,
            epoch=_warm_up_from(model, on),
            study_from=eve,
            study_to=eve,
            folder=scratch,
        )
        _let_it_begin(simulation)
        simulation.env.run_until(simulation.end)
        simulation.log.close()
        return simulation.process.open_cases(simulation)


def first_day(model: Model, study_from: dt.date, opening: OpeningCaseload | None) -> dt.date:
    """The day on which the clock starts: that of the warm-up, or of the study with open cases."""
    return study_from if opening is not None else _warm_up_from(model, study_from)


def _warm_up_from(model: Model, study_from: dt.date) -> dt.date:
    warm_up_days = round(model.opening.warm_up_days.at("default"))
    return study_from - dt.timedelta(days=warm_up_days)


@contextlib.contextmanager
def garbage_left_alone() -> Iterator[None]:
    """The garbage collector is off inside and run at the end.

    Nothing in a run is cyclic for long, and it would walk every waiting case again and again. What
    was there before is none of its business. The run's world must be gone when this is left.
    """
    collecting = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        if collecting:
            gc.enable()


def _let_it_begin(simulation: Simulation) -> None:
    simulation.population.after_disposal = simulation.process.case_after_disposal(simulation)
    Process(simulation.env, _let_cases_arrive(simulation))


def _let_cases_arrive(simulation: Simulation) -> Generator[int, object, None]:
    env, process = simulation.env, simulation.process
    block, columns = 0, DrawBlock(simulation.random_streams, 0)
    first: OpenCase | None = None
    divisions = arrivals(
        simulation.model,
        simulation.calendar,
        simulation.random_streams,
        simulation.end,
        simulation.start,
    )
    for arrival in divisions:
        if not arrival.comes:
            continue
        if arrival.minute > env.minute:
            yield arrival.minute - env.minute
        if arrival.number >> BLOCK_BITS != block:
            simulation.random_streams.forget_those_who_left()
            block = arrival.number >> BLOCK_BITS
            columns = DrawBlock(simulation.random_streams, block)
        new = (arrival.number, arrival.way_in, arrival.group, arrival.area, columns)
        if arrival.alone:
            case = process.new_case(simulation, *new)
        elif arrival.number == arrival.first:
            case = first = process.new_case(simulation, *new, None)
        else:
            case = process.new_case(simulation, *new, first)
        simulation.population.open_cases[case.number] = case
        Process(env, run_steps(process.ENTRY_POINTS[arrival.way_in], case))


def _write_open_rows(simulation: Simulation) -> None:
    for word in simulation.venues:
        for diary in simulation.diaries_of(word):
            for listing in diary.listed():
                _write_open_listing(simulation, listing)
    for case in simulation.population.open_cases.values():
        case.write_open_rows()
    for contact in simulation.population.contacts:
        contact.write_open_row()


def _write_open_listing(simulation: Simulation, listing: Listing) -> None:
    hearing = simulation.hearings[listing.hearing]
    for part in listing.parts or (listing,):
        simulation.log.row(
            part.matter.number,
            hearing.activity,
            part.occurrence,
            hearing.agency,
            listing.diary.place_of(listing if part.planned else part),
            part.entered,
            part.start,
            listing.started,
            NEVER,
            0.0,
            part.planned,
            0,
            0,
        )
