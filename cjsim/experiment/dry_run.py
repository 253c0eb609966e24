"""What a run would do and take, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cjsim.experiment.executors.executor import default_workers
from cjsim.experiment.forecast import (
    MOST_CASES,
    extrapolated,
    forecast,
    forecast_lines,
    refuse_beyond,
)
from cjsim.experiment.manifest_metadata import labels
from cjsim.experiment.notices import notices_about
from cjsim.experiment.plan import Plan
from cjsim.experiment.results import is_complete
from cjsim.experiment.run import folder_name, make_plan
from cjsim.experiment.run_folder import replications_in, unfinished_folder
from cjsim.scenarios.load import load_experiment
from cjsim.schema.areas import Areas
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path

MANY: Final = 100
PROCESSORS: Final = (8, 32, 128)
"""For how many replications, and on how many processors, a run of several areas is foretold."""


def dry_run(
    experiment: Experiment | Path | str,
    *,
    replications: int | None = None,
    workers: int | None = None,
    out: Path | str = Path("results"),
    seed: int | None = None,
    scenarios: Sequence[str] | None = None,
    budget: int | None = None,
    precision: float | None = None,
    areas: Sequence[str] | None = None,
) -> list[str]:
    """The plan that `run_experiment` would run, and what it would take. Raises Faults."""
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment)
    plan = make_plan(
        experiment,
        replications=replications,
        seed=seed,
        scenarios=scenarios,
        precision=precision,
        areas=areas,
    )
    final = Path(out) / folder_name(experiment) / plan.run_id
    workers = default_workers() if workers is None else workers
    estimate = forecast(plan, workers=workers, out=Path(out))
    named = labels(experiment)
    lines = [
        f"{experiment.title}: {experiment.question}",
        f"Model:        {shown_path(experiment.model_folder)}",
        f"Period:       {plan.study_from} to {plan.study_to}, {_start(plan)}",
        f"Scenarios:    {', '.join(f'{name} ({named.get(name, name)})' for name in plan.models)}",
        *([] if plan.areas is None else [_areas(plan.areas)]),
        f"Replications: {_count(plan)}, seed {plan.seed}",
        f"Results:      {final}, {_state(final, plan)}",
        *forecast_lines(estimate),
        *([] if plan.areas is None else [extrapolated(estimate, MANY, _processors(workers))]),
        *(f"Note: {notice}" for notice in notices_about(plan, experiment)),
        "Nothing was run.",
    ]
    refuse_beyond(estimate, budget or MOST_CASES, shown_path(experiment.path))
    return lines


def _areas(areas: Areas) -> str:
    """How many areas there are, and how large."""
    scales = sorted(areas.scale(name) for name in areas.of)
    span = f"{scales[0]:.2g} to {scales[-1]:.3g}" if scales[1:] else f"{scales[0]:.3g}"
    many = f"{len(scales)}, each" if scales[1:] else "1,"
    return f"Areas:        {many} {span} times the model, {sum(scales):.3g} times it together"


def _processors(workers: int) -> list[int]:
    """The numbers of processors for which a run time is shown."""
    return sorted({workers, *PROCESSORS})


def _count(plan: Plan) -> str:
    first, most = len(plan.tasks), plan.most_replications * len(plan.models)
    if plan.aim is None:
        return f"{plan.replications} of each, {first} in all"
    return (
        f"{plan.replications} of each to begin with, {plan.most_replications} at most until the "
        f"watched differences are as precise as asked; {first} to {most} in all"
    )


def _start(plan: Plan) -> str:
    if plan.opening is not None:
        return f"from {len(plan.opening.cases)} open cases"
    model = next(iter(plan.models.values()))
    return f"after {model.opening.warm_up_days.at('default'):.0f} days of warm-up"


def _state(final: Path, plan: Plan) -> str:
    """How far a run of this very plan has come before."""
    if is_complete(final):
        return "which are there already"
    done = replications_in(unfinished_folder(final))
    return f"with {done} of {len(plan.tasks)} replications done" if done else "new"
