"""A sweep: a scenario with some of its values at many levels, each against the baseline."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.designs.content import Content, Tables
from cjsim.experiment.designs.points import Point, at_point, change_at, check_axes
from cjsim.experiment.designs.show import each
from cjsim.experiment.designs.study import (
    Analysis,
    Study,
    StudyMeasures,
    StudyOptions,
    prepare_study,
    run_study,
    study_lines,
    with_variants,
)
from cjsim.experiment.plan import Plan
from cjsim.formatting.numbers import NOTHING, number
from cjsim.formatting.tables import text_table
from cjsim.measures.intervals import excludes_zero
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment, RunPlan
from cjsim.schema.files import shown_path
from cjsim.schema.model import Model
from cjsim.schema.studies import MOST_POINTS, Axis, Sweep
from cjsim.storage.plain import PlainRow

EXAMPLE: Final = (
    'Add [sweep.over] with "branches.file_ready.probability" = '
    "{ low = 0.4, high = 0.9, steps = 6 }."
)

Numbers = npt.NDArray[np.float64]

Levels = dict[str, float]
"""The level of each path that is swept."""


def sweep(experiment: Experiment | Path | str, options: StudyOptions) -> tuple[Path, Content]:
    """Run the sweep that an experiment describes; its folder, and what it found.

    Raises Faults before anything is run, RunFailed while running.
    """
    return run_study(sweep_study(experiment, options), options)


def sweep_plan(experiment: Experiment | Path | str, options: StudyOptions) -> list[str]:
    """What the sweep would run and take, before anything runs. Raises Faults."""
    return study_lines(sweep_study(experiment, options), options)


def points_of(asked: Sweep, seed: int) -> list[Levels]:
    """The points of a sweep: every combination of a grid, or those of a Latin hypercube.

    In a Latin hypercube of n points each value falls once into each n-th of its range. Raises
    Faults when a grid has too many.
    """
    if asked.method == "grid":
        axes = [[(path, level) for level in axis.levels()] for path, axis in asked.over.items()]
        count = int(np.prod([len(axis) for axis in axes]))
        if count > MOST_POINTS:
            wrong = f"this grid has {count} points, more than {MOST_POINTS}."
            remedy = 'Take fewer steps, or method = "latin_hypercube" with some points.'
            raise Faults([Fault("", "sweep.over", wrong, remedy)])
        return [dict(point) for point in itertools.product(*axes)]
    assert asked.points is not None
    shares = latin_hypercube(asked.points, len(asked.over), seed)
    return [
        {path: axis.at(share) for (path, axis), share in zip(asked.over.items(), row, strict=True)}
        for row in shares.tolist()
    ]


def latin_hypercube(points: int, dimensions: int, seed: int) -> Numbers:
    """Shares of the way over each range, shape (points, dimensions), each n-th of it hit once."""
    random_streams = np.random.default_rng([seed, points, dimensions])
    places = np.stack([random_streams.permutation(points) for _ in range(dimensions)], axis=1)
    shares: Numbers = (places + random_streams.random(places.shape)) / points
    return shares


def sweep_study(experiment: Experiment | Path | str, options: StudyOptions) -> Study:
    """The study that an experiment's table [sweep] describes. Raises Faults."""
    experiment, plan = prepare_study(experiment, options)
    file = shown_path(experiment.path)
    asked = experiment.sweep
    if asked is None:
        raise Faults([Fault(file, "sweep", "this experiment has no sweep.", EXAMPLE)])
    check_sweep(asked, experiment, plan.models)
    on = asked.scenario or BASELINE
    try:
        points = points_of(asked, plan.seed)
        models = _variants(plan, on, asked, points)
    except Faults as wrong_points:
        raise Faults(
            Fault(file, _key(fault), fault.wrong, fault.remedy, "sweep.over")
            for fault in wrong_points.faults
        ) from None
    names = {f"p{place:04d}": point for place, point in enumerate(points, start=1)}
    variants = {BASELINE: plan.scenarios[BASELINE], **dict(zip(names, models, strict=True))}
    return Study("sweep", experiment, with_variants(plan, variants), _analysis(asked, names))


def check_sweep(asked: Sweep, experiment: Experiment, models: Mapping[str, Model]) -> None:
    """Raise Faults where a sweep names what is not there, or a day outside the run."""
    file = shown_path(experiment.path)
    on = asked.scenario or BASELINE
    if on not in models:
        wrong = f'there is no scenario called "{on}".'
        remedy = did_you_mean(on, list(models))
        raise Faults([Fault(file, "sweep.scenario", wrong, remedy, "sweep")])
    check_axes(models[on], asked.over, experiment.run.from_, file)
    faults = [
        fault
        for path, axis in asked.over.items()
        for fault in (
            _no_division(path, axis, models[on], file),
            _outside_the_run(path, axis, experiment.run, file),
        )
        if fault is not None
    ]
    if faults:
        raise Faults(faults)


def _key(fault: Fault) -> str:
    return fault.key if fault.key.startswith("sweep") else f"sweep.over.{fault.key}"


def _variants(
    plan: Plan, on: str, asked: Sweep, points: Sequence[Levels]
) -> list[ResolvedScenario]:
    variants: list[ResolvedScenario] = []
    faults: list[Fault] = []
    for point in points:
        settings = {
            path: Point(
                change_at(axis := asked.over[path], level),
                axis.area,
                axis.from_ or plan.study_from,
                axis.bounds,
            )
            for path, level in point.items()
        }
        try:
            variants.append(at_point(plan.scenarios[on], settings))
        except Faults as found:
            faults += found.faults
    if faults:
        raise Faults(faults)
    return variants


def _no_division(path: str, axis: Axis, model: Model, file: str) -> Fault | None:
    if axis.area is None or axis.area in model.divisions:
        return None
    wrong = f'there is no division called "{axis.area}".'
    remedy = did_you_mean(axis.area, list(model.divisions))
    return Fault(file, f"sweep.over.{path}.area", wrong, remedy, "sweep.over")


def _outside_the_run(path: str, axis: Axis, run: RunPlan, file: str) -> Fault | None:
    """What is set before the run would change the warm-up, and after it nothing."""
    if axis.from_ is None or run.from_ <= axis.from_ <= run.to:
        return None
    wrong = f"{axis.from_} lies outside the run ({run.from_} to {run.to})."
    remedy = "Write a day of the run, or leave it out: then it is the first."
    return Fault(file, f"sweep.over.{path}.from", wrong, remedy, "sweep.over")


def _analysis(asked: Sweep, points: Mapping[str, Levels]) -> Analysis:
    def finish(found: StudyMeasures) -> tuple[Content, Tables]:
        rows = [
            {
                "point": name,
                **levels,
                "kpi": key[0],
                "court": key[1],
                "group": key[2],
                "unit": found.units[key[0]],
                **found.difference(name, BASELINE, key),
            }
            for name, levels in points.items()
            for key in found.keys
        ]
        places = {path: _place(axis) for path, axis in asked.over.items()}
        content = {"on": asked.scenario or BASELINE, "places": places, "points": dict(points)}
        return {**content, "rows": rows}, {"sweep.csv": rows}

    return finish


def _place(axis: Axis) -> str:
    """Where and from when a value is set, as words behind its name; nothing if it is everywhere."""
    where = " as a factor" if axis.factor else " in every entry" if axis.each else ""
    where += f" in {axis.area}" if axis.area else ""
    return where + (f" from {axis.from_}" if axis.from_ else "")


def sweep_text(content: Content) -> str:
    """A sweep as a table: a line for each point, a column for each measure's difference."""
    points: dict[str, Levels] = content["points"]
    paths = list(next(iter(points.values())))
    keys = list(dict.fromkeys((row["kpi"], row["court"], row["group"]) for row in content["rows"]))
    by_point = {
        (row["point"], (row["kpi"], row["court"], row["group"])): row for row in content["rows"]
    }
    headings = [*(_short(path, paths) for path in paths), *(_measure(key) for key in keys)]
    lines = [
        [*(f"{levels[path]:g}" for path in paths), *(_cell(by_point[name, key]) for key in keys)]
        for name, levels in points.items()
    ]
    count = content["replications"]
    star = (
        "* the point's own 95 % interval excludes 0, and six replications or more differ; of many "
        "points one in twenty does by chance."
    )
    single = "One replication has no interval: nothing here is told from chance."
    title = content["experiment"]["title"]
    period = f"{content['study_from']} to {content['study_to']}"
    on = content["on"]
    top = "" if on == BASELINE else f', on top of the scenario "{on}"'
    places = [f"{_short(path, paths)}{place}" for path, place in content["places"].items() if place]
    return "\n".join(
        [
            f"{title}: difference from the baseline at {len(points)} points{top}",
            f"{each(count)}, {period}",
            *(["Set: " + ", ".join(places)] if places else []),
            "",
            text_table(headings, lines, numbers=set(range(len(headings)))),
            "",
            single if count == 1 else star,
            *(f"Note: {notice}" for notice in content["notices"]),
        ]
    )


def _short(path: str, paths: Sequence[str]) -> str:
    """The end of a path that tells it from the others."""
    parts = path.split(".")
    for start in range(len(parts) - 1, 0, -1):
        end = ".".join(parts[start:])
        if start < len(parts) - 1 and sum(other.endswith(end) for other in paths) == 1:
            return end
    return path


def _measure(key: Sequence[str]) -> str:
    kpi, court, group = key
    return " ".join([kpi, *([court] if court != "all" else []), *([group] if group else [])])


def _cell(row: PlainRow) -> str:
    if row["difference"] is None:
        return NOTHING
    clear = excludes_zero(row["low"], row["high"], row.get("differed", 0))
    return number(row["difference"], row["unit"], signed=True) + (" *" if clear else "  ")
