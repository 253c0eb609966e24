"""One replication of an experiment again, in this process: what it takes and what comes out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from cjsim.experiment.areas import refuse_several
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import Job, run_replication
from cjsim.experiment.run import make_plan
from cjsim.scenarios.load import load_experiment
from cjsim.storage.temporary import scratch_folder


def replay(
    experiment: Path | str,
    *,
    scenario: str = "baseline",
    replication: int = 0,
    area: str | None = None,
    seed: int | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Simulate and measure one replication; nothing of it is kept. Raises Faults.

    `area` is the one to run where the experiment runs several side by side. It has the cases and
    the random numbers that it has in the whole run: the hash of its content is the one that the
    run's manifest gives.
    """
    loaded = load_experiment(experiment)
    areas = [] if area is None else [area]
    plan = make_plan(loaded, scenarios=[scenario], seed=seed, areas=areas)
    refuse_several(plan.areas, loaded.path, "a replication")
    task = Task(scenario, replication, plan.area_names[0])
    say(f"Simulating {task}, {plan.study_from} to {plan.study_to}.")
    with scratch_folder() as scratch:
        job = Job(
            plan.scenarios,
            plan.seed,
            plan.study_from,
            plan.study_to,
            Path(scratch),
            keep_logs=False,
            opening=plan.opening,
            plan=plan.hash,
            areas=plan.areas,
        )
        found = run_replication(job, task)
    lines = [
        f"Cases:        {found.cases:,}",
        f"Log rows:     {found.events:,}",
        f"Time:         {found.seconds:.1f} s",
        f"Content hash: {found.content_hash}",
    ]
    peak = peak_memory_mb()
    return lines if peak is None else [*lines[:3], f"Memory:       {peak:,.0f} MB", lines[3]]


def peak_memory_mb() -> float | None:
    """The most memory that this process has held, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    most: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3
