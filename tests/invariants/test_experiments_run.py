"""Every experiment runs: its scenarios on the toy model, for a few days of its own period."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cjsim.experiment.plan import Plan
from cjsim.experiment.run import make_plan, run_plan
from cjsim.scenarios.load import load_experiment
from cjsim.schema.model import Model
from tests.support.reading import experiment_files

DAYS = 5
WARM_UP_DAYS = 10


def on_the_toy_model(folder: Path, toy: Path) -> None:
    """A copy of every experiment for the toy, without real courthouses, judges and volumes.

    Its courthouses have a third courtroom, for lists that sit longer than they usually do.
    """
    model = folder / "toy"
    shutil.copytree(toy, model)
    courts = model / "magistrates.toml"
    text, changed = re.subn(
        r'^courtrooms = \["court 1", "court 2"\]\nserves',
        'courtrooms = ["court 1", "court 2", "court 3"]\nserves',
        courts.read_text(encoding="utf-8"),
        flags=re.M,
    )
    assert changed == 2
    courts.write_text(text, encoding="utf-8")
    for file in experiment_files("england_wales"):
        text = file.read_text(encoding="utf-8")
        text = re.sub(r'^model = ".*"$', f'model = "{model.as_posix()}"', text, flags=re.M)
        text = re.sub(r'^"lists\.\w+\.houses\..*$', "", text, flags=re.M)
        text = re.sub(r'^"(courthouses|sitters)\..*$', "", text, flags=re.M)
        text = re.sub(r'^"streams\.\w+\.per_year".*$', "", text, flags=re.M)
        text = re.sub(r"^opening = .*$", "", text, flags=re.M)
        (folder / file.name).write_text(text, encoding="utf-8")


def soon_begun(model: Model) -> Model:
    """The same model with a warm-up of days."""
    days = model.opening.warm_up_days.model_copy(update={"value": float(WARM_UP_DAYS)})
    return model.model_copy(
        update={"opening": model.opening.model_copy(update={"warm_up_days": days})}
    )


def shortened(plan: Plan) -> Plan:
    """One replication of the last days of a plan, when everything it sets is in force."""
    scenarios = {
        name: replace(scenario, model=soon_begun(scenario.model))
        for name, scenario in plan.scenarios.items()
    }
    first = plan.study_to - dt.timedelta(days=DAYS)
    return replace(plan, scenarios=scenarios, study_from=first, replications=1, opening=None)


@pytest.fixture(scope="module")
def experiments(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all experiments, on the toy model."""
    folder = tmp_path_factory.mktemp("experiments")
    on_the_toy_model(folder, toy)
    return folder


LONG = {"england_wales_43_areas.toml"}
"""Experiments that take long even for a few days: they run in every area."""
NAMES = [file.name for file in experiment_files("england_wales")]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in NAMES],
)
def test_every_scenario_runs(name: str, experiments: Path, tmp_path: Path) -> None:
    plan = shortened(make_plan(load_experiment(experiments / name), replications=1))
    out = tmp_path / "runs"
    out.mkdir()
    runs = run_plan(plan, folder=out, workers=1, keep_logs=False)
    # Where there are areas, each scenario runs in every one of them; a small one may have nobody.
    events = dict.fromkeys(plan.models, 0)
    for run in runs:
        events[run.scenario] += run.events
    assert list(dict.fromkeys(run.scenario for run in runs)) == list(plan.models)
    assert all(events.values())
