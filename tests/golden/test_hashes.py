"""The bytes of every shipped model and experiment at a small size: logs and measures, as hashes.

A change of the code that is not meant to change a result leaves all of them as they are. One that
is meant to: look at what changed, say so in the changelog, then write the file anew with
`REWRITE_GOLDEN=1 python -m pytest -m slow tests/golden/test_hashes.py`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from cjsim.experiment.plan import Plan
from cjsim.experiment.replication import MEASURES, Replication, run_folder
from cjsim.experiment.run import make_plan, run_plan
from cjsim.spec.load import load_experiment
from cjsim.spec.model import Model
from cjsim.storage.disk import file_hash
from tests.conftest import ROOT, Tell
from tests.house.reading import experiment_files

GOLDEN = Path(__file__).with_name("hashes.json")
DAYS, WARM_UP_DAYS = 4, 14
AREAS = 3
"""Of an experiment with many areas, so many are run."""
LONG = {"first_question.toml": 300, "nothing_changes.toml": 300}
"""Experiments that run for longer, so that cases come to the end of a trial by jury."""

pytestmark = pytest.mark.slow

Hashes = dict[str, dict[str, str]]


def with_warm_up(model: Model, days: int) -> Model:
    """The same model with a warm-up of some days."""
    value = model.opening.warm_up_days.model_copy(update={"value": float(days)})
    return model.model_copy(
        update={"opening": model.opening.model_copy(update={"warm_up_days": value})}
    )


def small(plan: Plan, name: str) -> Plan:
    """One replication of a few days, at the end of the plan's period or from its open cases on."""
    if plan.opening is not None:
        last = plan.study_from + dt.timedelta(days=DAYS)
        return replace(plan, study_to=last, replications=1)
    warm_up = LONG.get(name, WARM_UP_DAYS)
    models = {scenario: with_warm_up(model, warm_up) for scenario, model in plan.models.items()}
    first = plan.study_to - dt.timedelta(days=DAYS)
    areas = plan.areas
    if areas is not None:
        areas = areas.model_copy(update={"of": dict(list(areas.of.items())[:AREAS])})
    return replace(plan, models=models, study_from=first, replications=1, areas=areas)


def hash_of(run: Replication, folder: Path) -> str:
    """The log's hash and that of the file of measures, shortened and joined."""
    place = run_folder(folder, run.scenario, run.replication, run.area)
    return f"{run.content_hash[:16]} {file_hash(place / MEASURES)[:16]}"


def hashes_now(name: str, folder: Path) -> dict[str, str]:
    """By scenario; where there are areas, one hash of those of all areas."""
    plan = small(make_plan(load_experiment(ROOT / "experiments" / name), replications=1), name)
    runs = run_plan(plan, folder=folder, workers=1, keep_logs=False)
    parts: dict[str, list[str]] = {}
    for run in sorted(runs, key=lambda run: (run.scenario, run.area)):
        parts.setdefault(run.scenario, []).append(hash_of(run, folder))
    return {
        scenario: values[0] if len(values) == 1 else joined(values)
        for scenario, values in parts.items()
    }


def joined(values: list[str]) -> str:
    return hashlib.sha256("\n".join(values).encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", [file.name for file in experiment_files()])
def test_every_experiment_gives_the_same_bytes(name: str, tmp_path: Path, figure: Tell) -> None:
    now = hashes_now(name, tmp_path)
    golden: Hashes = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
    if os.environ.get("REWRITE_GOLDEN"):
        golden[name] = now
        text = json.dumps(dict(sorted(golden.items())), indent=1)
        GOLDEN.write_text(text + "\n", encoding="utf-8")
    assert now == golden.get(name), "the results have changed"
    figure(f"{len(now)} scenarios")


def test_every_shipped_model_is_in_an_experiment() -> None:
    used = {load_experiment(file).model_folder.name for file in experiment_files()}
    shipped = {path.name for path in (ROOT / "models").iterdir() if path.is_dir()}
    assert used == shipped
