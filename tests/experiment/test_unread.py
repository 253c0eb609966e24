"""What a case met, told from the log and from what was asked for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from weakref import ref

import pytest

from cjsim.experiment.unused_settings import ReadTimes, unused_settings
from cjsim.scenarios.resolve import resolve
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.experiment import Experiment
from cjsim.schema.model import Model
from cjsim.simulation.simulate import simulate
from cjsim.simulation.simulation import Simulation

FIRST, LAST = dt.date(2013, 4, 1), dt.date(2013, 7, 31)

Given = tuple[Path, dict[str, Model], ReadTimes]


def models_with(toy: Path, path: str, **setting: object) -> dict[str, ResolvedScenario]:
    setting = {"source": "assumption", "range": (0, 10**9), **setting}
    experiment = Experiment.model_validate(
        {
            "title": "One setting",
            "question": "Is it met?",
            "owner": "The tests",
            "run": {"model": str(toy), "from": FIRST, "to": LAST, "seed": 1},
            "scenarios": {"one": {"label": "One", "set": {path: setting}}},
        }
    )
    return resolve(experiment)


def told(toy: Path, tmp_path: Path, path: str, **setting: object) -> list[str]:
    """The settings that no case met, with one setting on the toy model."""
    models = models_with(toy, path, **setting)
    reads = ReadTimes()
    simulate(
        models["one"].model,
        seed=1,
        replication=0,
        study_from=FIRST,
        study_to=LAST,
        folder=tmp_path,
        on_simulation=reads.note,
    )
    return unused_settings(tmp_path, models["one"], reads)


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("branches.file_ready.probability", {"value": 0.5, "range": (0, 1)}),
        (
            "multiway_branches.crown_listing.shares",
            {"value": {"fixture": 1.0, "warned_list": 0.0, "floater": 0.0}},
        ),
        ("stages.investigation.duration", {"fixed": 2}),
        ("pools.officers.capacity", {"value": 9, "area": "south"}),
        ("streams.summons.per_year", {"value": {"motoring": 300, "default": 0}}),
        ("lists.magistrates_trials.over_listing", {"value": 1.5}),
        ("hearings.first_hearing.estimate_minutes", {"value": 5, "each": True}),
        ("limits.silence_before_chasing_days", {"value": 5}),
        ("engagement.adjournment", {"value": 0, "range": (-1, 1)}),
    ],
)
def test_what_cases_meet_is_not_told(
    toy: Path, tmp_path: Path, path: str, setting: dict[str, object]
) -> None:
    assert told(toy, tmp_path, path, **setting) == []


def test_a_pool_without_work_is_told_with_its_division(toy: Path, tmp_path: Path) -> None:
    found = told(toy, tmp_path, "pools.prosecution_team.capacity", value=3, area="south")
    assert found == ["pools.prosecution_team.capacity in south"]


def test_a_way_in_that_nobody_comes_is_told(toy: Path, tmp_path: Path) -> None:
    found = told(toy, tmp_path, "streams.summons.per_year", value=0, each=True)
    assert found == ["streams.summons.per_year"]


def test_each_new_change_is_a_setting_and_no_old_one(toy: Path) -> None:
    models = models_with(toy, "branches.file_ready.probability", value=0.5, range=(0, 1))
    (change,) = models["one"].added
    assert (change.path, change.day, change.division) == (
        "branches.file_ready.probability",
        FIRST,
        None,
    )
    assert models["baseline"].added == []


def test_what_was_asked_for_does_not_hold_on_to_the_world(toy: Path, tmp_path: Path) -> None:
    models = models_with(toy, "branches.file_ready.probability", value=0.5, range=(0, 1))
    reads = ReadTimes()
    worlds: list[ref[Simulation]] = []

    def note(simulation: Simulation) -> None:
        worlds.append(ref(simulation))
        reads.note(simulation)

    simulate(
        models["one"].model,
        seed=1,
        replication=0,
        study_from=FIRST,
        study_to=LAST,
        folder=tmp_path,
        on_simulation=note,
    )
    assert reads.last["branches"]
    assert worlds[0]() is None, "a study of a thousand variants would hold on to each of them"
