"""Warm start: quick studies begin with the open cases of one shared warm-up."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from cjsim.experiment.plan import Plan
from cjsim.experiment.snapshot import write_snapshot
from cjsim.identity import identity
from cjsim.schema.base import BASELINE
from cjsim.simulation.process import process_of
from cjsim.storage.disk import make_folder
from cjsim.storage.temporary import scratch_folder


def with_open_cases(plan: Plan, model_folder: Path, keep: Path | None = None) -> Plan:
    """The plan with the cases open on its first day, after a warm-up of the baseline.

    All replications begin with the same cases and differ afterwards. The table is kept in the
    folder `keep`, so that a resumed study does not warm up again. Raises Faults.
    """
    if plan.opening is not None:
        return plan
    with scratch_folder() as scratch:
        table = scratch / "open_cases.csv"
        if keep is not None:
            make_folder(keep)
            table = keep / f"{model_folder.name}_{plan.study_from}_{_digest(plan)}.csv"
        if not table.is_file():
            write_snapshot(model_folder, table, seed=plan.seed, on=plan.study_from)
        baseline = plan.models[BASELINE]
        opening = process_of(baseline).read_opening(table, baseline, plan.study_from)
    return replace(plan, opening=opening.with_file("the warm-up of the baseline"))


def _digest(plan: Plan) -> str:
    """A hash of what the open cases depend on besides the day: model, seed, code, libraries."""
    model = plan.models[BASELINE].model_dump(mode="json", by_alias=True)
    said = json.dumps([model, plan.seed, identity().digest], sort_keys=True)
    return hashlib.blake2b(said.encode(), digest_size=6).hexdigest()


def without_warm_up(plan: Plan) -> Plan:
    """The plan without warm-ups, for a forecast of run time."""
    scenarios = {}
    for name, scenario in plan.scenarios.items():
        model = scenario.model
        days = model.opening.warm_up_days.model_copy(update={"value": 0.0, "range": None})
        opening = model.opening.model_copy(update={"warm_up_days": days})
        model = model.model_copy(update={"opening": opening})
        scenarios[name] = replace(scenario, model=model)
    return replace(plan, scenarios=scenarios)
