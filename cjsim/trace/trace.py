"""One case followed: simulate one replication, take its rows out of the log, and price them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.des.log_reader import footer_of, read_minutes
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.areas import refuse_several
from cjsim.experiment.days import default_first_day, valid_first_day
from cjsim.experiment.run import make_plan
from cjsim.scenarios.load import load_experiment, load_model
from cjsim.scenarios.scaling import model_of_area
from cjsim.schema.files import shown_path
from cjsim.schema.model import Model
from cjsim.simulation.process import OpeningCaseload
from cjsim.simulation.simulate import simulate
from cjsim.storage.temporary import scratch_folder
from cjsim.trace.cost_tally import Row
from cjsim.trace.entries import CoDefendant
from cjsim.trace.render import render

DEFAULT_SEED = 1


@dataclass(frozen=True)
class Followed:
    """A replication that was simulated to be looked at: its model, its tables, its first minute."""

    model: Model
    events: Path
    cases: Path
    first_minute: int


def trace(
    model_folder: Path | str,
    case: int,
    *,
    experiment: Path | str | None = None,
    scenario: str = "baseline",
    replication: int = 0,
    area: str | None = None,
    seed: int | None = None,
    study_from: dt.date | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Simulate one replication and return the case file of one case. Raises Faults.

    Period, seed and scenario are the experiment's if one is given; otherwise the model runs for the
    year from `study_from`, or the year of its price base. `area` selects one of several
    areas of the experiment. The log is not kept.
    """
    with scratch_folder() as scratch:
        followed = follow(
            Path(model_folder),
            scratch,
            experiment=experiment,
            scenario=scenario,
            replication=replication,
            area=area,
            seed=seed,
            study_from=study_from,
            say=say,
        )
        events, cases = read_minutes(followed.events), read_minutes(followed.cases)
    return tell_case(events, cases, case, followed.model, shown_path(Path(model_folder)))


def follow(
    folder: Path,
    scratch: Path,
    *,
    experiment: Path | str | None = None,
    scenario: str = "baseline",
    replication: int = 0,
    area: str | None = None,
    seed: int | None = None,
    study_from: dt.date | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Followed:
    """Simulate the replication of a case file into the folder `scratch`. Raises Faults."""
    if experiment is not None:
        job = _from_experiment(Path(experiment), folder, scenario, area, seed)
    else:
        if area is not None:
            wrong = f'a model has no area "{area}": only an experiment has areas.'
            raise Faults([Fault("--area", "", wrong, "Name one with --experiment.")])
        job = _from_model(folder, scenario, seed, study_from)
    start = "its warm-up" if job.opening is None else f"the open cases of {job.opening.file}"
    say(f"Simulating {job.study_from} to {job.study_to} with {start}, scenario {scenario}.")
    run = simulate(
        job.model,
        seed=job.seed,
        replication=replication,
        study_from=job.study_from,
        study_to=job.study_to,
        folder=scratch,
        opening=job.opening,
    )
    first_minute = (job.study_from - run.epoch).days * MINUTES_A_DAY
    return Followed(job.model, run.events_path, run.cases_path, first_minute)


@dataclass(frozen=True)
class _Job:
    """What is simulated."""

    model: Model
    seed: int
    study_from: dt.date
    study_to: dt.date
    opening: OpeningCaseload | None = None


def tell_case(
    events: pa.Table, cases: pa.Table, case: int, model: Model, shown: str = ""
) -> list[str]:
    """The life of one case of a log. Raises Faults when the log holds no such case.

    The tables have times in minutes, as `read_minutes` gives them.
    """
    matching = cases.filter(pc.equal(cases.column("case_id"), case)).to_pylist()
    if not matching:
        raise Faults([_no_such_case(case, cases, shown)])
    rows = events.filter(pc.equal(events.column("case_id"), case)).to_pylist()
    footer = footer_of(events.schema)
    others = _co_defendants(events, cases, matching[0])
    return render(matching[0], rows, model, footer.epoch, footer.study_end, others)


def _co_defendants(events: pa.Table, cases: pa.Table, case: Row) -> list[CoDefendant]:
    """The cases of those who were arrested with the defendant, and all their rows."""
    if case.get("defendants", 1) == 1:
        return []
    together = cases.filter(pc.equal(cases.column("arrested_with"), case["arrested_with"]))
    others = [other for other in together.to_pylist() if other["case_id"] != case["case_id"]]
    others.sort(key=lambda other: int(other["case_id"]))
    return [
        CoDefendant(
            other, events.filter(pc.equal(events.column("case_id"), other["case_id"])).to_pylist()
        )
        for other in others
    ]


def _from_experiment(
    file: Path, folder: Path, scenario: str, area: str | None, seed: int | None
) -> _Job:
    experiment = load_experiment(file)
    if experiment.model_folder.resolve() != folder.resolve():
        wrong = f"this experiment is about the model {shown_path(experiment.model_folder)}."
        raise Faults([Fault(shown_path(file), "run.model", wrong, "Trace that one.", "run")])
    plan = make_plan(experiment, seed=seed, areas=[] if area is None else [area])
    refuse_several(plan.areas, file, "a case")
    if scenario not in plan.models:
        wrong = f'there is no scenario called "{scenario}".'
        remedy = did_you_mean(scenario, [*plan.models])
        raise Faults([Fault(shown_path(file), "scenarios", wrong, remedy)])
    model = plan.models[scenario]
    if plan.areas is not None:
        model = model_of_area(plan.areas, model, plan.area_names[0])
    return _Job(model, plan.seed, plan.study_from, plan.study_to, plan.opening)


def _from_model(folder: Path, scenario: str, seed: int | None, study_from: dt.date | None) -> _Job:
    model = load_model(folder)
    if scenario != "baseline":
        wrong = f'a model has no scenario "{scenario}": only an experiment has scenarios.'
        raise Faults([Fault(shown_path(folder), "", wrong, "Name one with --experiment.")])
    first = valid_first_day(study_from or default_first_day(model), "--from")
    second = first + dt.timedelta(days=1)
    if (second.month, second.day) == (2, 29):
        second += dt.timedelta(days=1)  # the year after has no such day
    last = second.replace(year=first.year + 1) - dt.timedelta(days=2)
    return _Job(model, DEFAULT_SEED if seed is None else seed, first, last)


def _no_such_case(case: int, cases: pa.Table, shown: str) -> Fault:
    numbers = cases.column("case_id").to_numpy()
    if not len(numbers):
        return Fault(shown, "", f"there is no case {case}: no case arrived.")
    near = sorted(sorted(numbers.tolist(), key=lambda number: (abs(number - case), number))[:5])
    return Fault(
        shown,
        "",
        f"there is no case {case}: numbers run from {numbers.min()} to {numbers.max()}.",
        f"The nearest are {', '.join(map(str, near))}.",
    )
