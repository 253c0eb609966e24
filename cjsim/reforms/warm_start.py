"""Small studies begin with the cases that one warm-up leaves open, and not with a warm-up each."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from cjsim.experiment.plan import Plan
from cjsim.experiment.snapshot import write_snapshot
from cjsim.opening import read_opening
from cjsim.spec.base import BASELINE


def opened(plan: Plan, model_folder: Path) -> Plan:
    """The plan with the cases open on its first day, after a warm-up of the baseline.

    All replications begin with the same cases and differ from then on. Raises Faults.
    """
    if plan.opening is not None:
        return plan
    with tempfile.TemporaryDirectory(prefix="cjsim-open-") as scratch:
        table = Path(scratch) / "open_cases.csv"
        write_snapshot(model_folder, table, seed=plan.seed, on=plan.study_from)
        opening = read_opening(table, plan.models[BASELINE], plan.study_from)
    return replace(plan, opening=replace(opening, file="the warm-up of the baseline"))
