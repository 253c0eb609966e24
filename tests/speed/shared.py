"""What it saves that the scenarios of an experiment run the days that they share once."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.conftest import ROOT

EXPERIMENT = ROOT / "experiments" / "prosecute_not_process.toml"


def show_shared() -> None:
    """Processor time of all scenarios of an experiment together, and of each for itself."""
    from cjsim.experiment.replication import Job, run_replication
    from cjsim.experiment.run import make_plan
    from cjsim.experiment.shared_prefix import Together, run_shared_group, sharing_estimate
    from cjsim.scenarios.load import load_experiment

    plan = make_plan(load_experiment(EXPERIMENT))
    tasks = plan.tasks_up_to(1)

    def seconds(together: bool) -> float:
        with tempfile.TemporaryDirectory() as folder:
            job = Job(
                dict(plan.scenarios),
                plan.seed,
                plan.study_from,
                plan.study_to,
                Path(folder),
                keep_logs=True,
                opening=plan.opening,
            )
            before = os.times()
            if together:
                run_shared_group(job, Together(tuple(tasks)))
            else:
                for task in tasks:
                    run_replication(job, task)
            after = os.times()
        # What the copies used counts as their parent's once it has waited for them.
        return sum(after[:4]) - sum(before[:4])

    together, apart = seconds(together=True), seconds(together=False)
    print(
        f"\nOne replication of {plan.study_from:%B %Y} to {plan.study_to:%B %Y} under "
        f"{len(tasks)} scenarios that share days: {together:.1f} processor seconds together, "
        f"{apart:.1f} each for itself: {together / apart:.2f} of it. By the days that are left, "
        f"{sharing_estimate(plan, 30, 2).left:.2f}."
    )
