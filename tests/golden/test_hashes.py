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
from cjsim.scenarios.load import load_experiment
from cjsim.scenarios.scenario import scenarios_of
from cjsim.schema.model import Model
from tests.conftest import ROOT
from tests.invariants.test_experiments_run import on_the_toy_model, shortened
from tests.support.reading import experiment_files, model_folders

GOLDEN = Path(__file__).with_name("hashes.json")
MODELS = {
    "toy": ("first_question.toml", 300, 30),
    "staffordshire_2013": ("prosecute_not_process.toml", 45, 15),
    "england_wales_2016": ("crown_backcast.toml", 0, 14),
}
"""For each model an experiment that runs on it, and days of warm-up and of study for the hash."""

pytestmark = pytest.mark.slow


def warmed_up(model: Model, days: int) -> Model:
    """The same model with a warm-up of some days."""
    value = model.opening.warm_up_days.model_copy(update={"value": float(days)})
    return model.model_copy(
        update={"opening": model.opening.model_copy(update={"warm_up_days": value})}
    )


def baseline_of(name: str) -> Plan:
    """One short replication of a model as it is; the national one begins with its open cases."""
    file, warm_up, days = MODELS[name]
    plan = make_plan(load_experiment(ROOT / "experiments" / file), replications=1)
    scenarios = scenarios_of({"baseline": warmed_up(plan.models["baseline"], warm_up)})
    last = plan.study_from + dt.timedelta(days=days - 1)
    return replace(plan, scenarios=scenarios, study_to=last, replications=1)


def hash_of(runs: list[Replication], folder: Path) -> dict[str, str]:
    """By scenario, over its areas: the hash of the logs' and of the measures' content."""
    parts: dict[str, list[str]] = {}
    for run in sorted(runs, key=lambda run: (run.scenario, run.area)):
        kpis = run_folder(folder, run.scenario, run.replication, run.area) / MEASURES
        content = run.content_hash + hashlib.sha256(kpis.read_bytes()).hexdigest()
        parts.setdefault(run.scenario, []).append(content)
    return {
        scenario: hashlib.sha256("\n".join(content).encode()).hexdigest()[:20]
        for scenario, content in parts.items()
    }


def hold_against_golden(name: str, now: dict[str, str]) -> None:
    golden: dict[str, dict[str, str]] = {}
    if GOLDEN.exists():
        golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    if os.environ.get("REWRITE_GOLDEN"):
        golden[name] = now
        text = json.dumps(dict(sorted(golden.items())), indent=1)
        GOLDEN.write_text(text + "\n", encoding="utf-8")
    assert now == golden.get(name), "the results have changed"


@pytest.mark.parametrize("name", list(MODELS))
def test_every_model_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    runs = run_plan(baseline_of(name), folder=tmp_path, workers=1, keep_logs=False)
    hold_against_golden(name, hash_of(runs, tmp_path))


@pytest.mark.parametrize("name", [file.name for file in experiment_files("england_wales")])
def test_every_experiment_gives_the_same_bytes_on_the_toy_model(
    name: str, tmp_path: Path, toy: Path
) -> None:
    on_the_toy_model(tmp_path, toy)
    plan = shortened(make_plan(load_experiment(tmp_path / name), replications=1))
    out = tmp_path / "runs"
    out.mkdir()
    now = hash_of(run_plan(plan, folder=out, workers=1, keep_logs=False), out)
    hold_against_golden(name, now)


def test_every_shipped_model_of_england_and_wales_is_hashed() -> None:
    assert set(MODELS) == {path.name for path in model_folders("england_wales")}
