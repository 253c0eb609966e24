"""Whole runs on both engines: the same four files, byte for byte."""

from __future__ import annotations

import datetime as dt
import os
import random
import resource
import weakref
from pathlib import Path
from typing import Any

import pytest

from cjsim.errors import CannotRun
from cjsim.scenarios.load import load_model
from cjsim.schema.model import Model
from cjsim.simulation.process import process_of
from cjsim.simulation.simulate import simulate
from cjsim.simulation.simulation import Simulation
from tests.conftest import ROOT
from tests.support.engines import needs_native, working
from tests.support.small_world import PEDIGREE

pytestmark = needs_native

FIRST = dt.date(2013, 4, 1)
MODELS = int(os.environ.get("FUZZ_MODELS") or 3)


def files_of(
    model: Model, folder: Path, *, to: dt.date, replication: int = 0, opening: Path | None = None
) -> dict[str, bytes] | str:
    """The content of the four tables by name; the message where the run cannot be finished."""
    folder.mkdir(parents=True)
    rows = None if opening is None else process_of(model).read_opening(opening, model, FIRST)
    try:
        simulate(
            model,
            seed=20_130_401,
            replication=replication,
            study_from=FIRST,
            study_to=to,
            folder=folder,
            opening=rows,
        )
    except CannotRun as stopped:
        return str(stopped)
    return {each.name: each.read_bytes() for each in sorted(folder.iterdir())}


def assert_engines_agree(model: Model, folder: Path, **about: Any) -> None:
    with working("python"):
        ours = files_of(model, folder / "python", **about)
    with working("native"):
        native = files_of(model, folder / "native", **about)
    if isinstance(ours, str) or isinstance(native, str):
        assert native == ours
        return
    assert len(ours) == 4
    for name, content in ours.items():
        assert native[name] == content, f"{name} differs"


@pytest.mark.parametrize("name", ["toy", "toy_scotland"])
def test_a_small_model_gives_the_same_files(name: str, tmp_path: Path) -> None:
    assert_engines_agree(load_model(ROOT / "models" / name), tmp_path, to=dt.date(2013, 6, 30))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["staffordshire_2013", "england_wales_2016"])
def test_a_shipped_model_gives_the_same_files(name: str, tmp_path: Path) -> None:
    folder = ROOT / "models" / name
    assert_engines_agree(load_model(folder), tmp_path, to=dt.date(2013, 6, 30))


@pytest.mark.slow
def test_an_opening_caseload_gives_the_same_files(tmp_path: Path) -> None:
    folder = ROOT / "models" / "staffordshire_2013"
    assert_engines_agree(
        load_model(folder),
        tmp_path,
        to=dt.date(2013, 6, 30),
        opening=folder / "opening_caseload.csv",
    )


def random_model(seed: int) -> Model:
    """The toy model with other numbers, some of which change during the study."""
    dice = random.Random(seed)  # noqa: S311  # a test's own dice
    data = load_model(ROOT / "models" / "toy").model_dump(by_alias=True)
    data["opening"]["warm_up_days"]["value"] = 60.0
    for pool in dice.sample(sorted(data["pools"]), 5):
        vary(
            data["pools"][pool]["capacity"],
            lambda value: float(max(0, value + dice.choice((-1, 0, 1, 2)))),
        )
        data["pools"][pool]["capacity"]["changes"] = (
            {
                **PEDIGREE,
                "from": dt.date(2013, 4, 10),
                "area": None,
                "value": dice.choice((1.0, 3.0)),
            },
        )
    for branch in dice.sample(sorted(data["branches"]), 12):
        power = dice.uniform(0.5, 1.8)
        vary(data["branches"][branch]["probability"], lambda value, power=power: value**power)
        data["branches"][branch]["probability"]["range"] = (0.0, 1.0)
    for court_list in data["lists"].values():
        vary(court_list["brings_forward"], lambda _: dice.choice((0.0, 0.5, 1.0)))
        court_list["brings_forward"]["range"] = (0.0, 1.0)
    return Model.model_validate(data)


def vary(number: dict[str, Any], change: Any) -> None:
    """Replace the values of a number by what a function makes of each."""
    value = number["value"]
    if isinstance(value, dict):
        number["value"] = {key: change(each) for key, each in value.items()}
    else:
        number["value"] = change(value)
    number.update(source="assumption", evidence="assumed", range=(0.0, 1000.0))


@pytest.mark.parametrize("seed", range(MODELS))
def test_a_random_model_gives_the_same_files(seed: int, tmp_path: Path) -> None:
    assert_engines_agree(
        random_model(seed), tmp_path, to=dt.date(2013, 5, 10), replication=seed % 7
    )


def test_nothing_of_a_world_is_left_after_its_run(tmp_path: Path) -> None:
    worlds: list[weakref.ref[Simulation]] = []
    with working("native"):
        simulate(
            load_model(ROOT / "models" / "toy"),
            seed=1,
            replication=0,
            study_from=FIRST,
            study_to=FIRST,
            folder=tmp_path,
            on_simulation=lambda world: worlds.append(weakref.ref(world)),
        )
    assert [world() for world in worlds] == [None]


@pytest.mark.slow
def test_memory_does_not_grow_with_replications(tmp_path: Path) -> None:
    model = load_model(ROOT / "models" / "toy")

    def resident(replications: range) -> int:
        for replication in replications:
            files_of(model, tmp_path / str(replication), to=FIRST, replication=replication)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with working("native"):
        begun = resident(range(20))
        assert resident(range(20, 200)) < begun * 1.05
