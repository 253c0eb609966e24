"""Every model and experiment loads, and every number in them says where it comes from."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from cjsim.scenarios.load import load_experiment, load_model
from cjsim.scenarios.resolve import resolve_models
from cjsim.schema.base import Sourced
from cjsim.schema.model import Hours, Model
from tests.conftest import ROOT
from tests.support.reading import experiment_files, model_folders

MODELS = model_folders()
EXPERIMENTS = experiment_files()


def by_name(path: Path) -> str:
    return path.stem


@cache
def model_in(folder: Path) -> Model:
    return load_model(folder)


@cache
def register() -> frozenset[str]:
    with (ROOT / "calibration" / "register.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["id"] for row in csv.DictReader(file))


def numbers(item: object, path: str = "", holder: object = None) -> Iterator[tuple[str, object]]:
    """Every number below an item, with its path and the description that holds it."""
    if isinstance(item, BaseModel):
        for name in type(item).model_fields:
            yield from numbers(getattr(item, name), f"{path}.{name}", item)
    elif isinstance(item, dict):
        for key, value in item.items():
            yield from numbers(value, f"{path}.{key}", holder)
    elif isinstance(item, list | tuple):
        for place, value in enumerate(item):
            yield from numbers(value, f"{path}[{place}]", holder)
    elif isinstance(item, int | float) and not isinstance(item, bool):
        yield path, holder


def pedigrees(item: object, path: str = "") -> Iterator[tuple[str, Sourced]]:
    """Every description with a source below an item, with its path."""
    if isinstance(item, Sourced):
        yield path, item
    if isinstance(item, BaseModel):
        for name in type(item).model_fields:
            yield from pedigrees(getattr(item, name), f"{path}.{name}")
    elif isinstance(item, dict):
        for key, value in item.items():
            yield from pedigrees(value, f"{path}.{key}")
    elif isinstance(item, list | tuple):
        for place, value in enumerate(item):
            yield from pedigrees(value, f"{path}[{place}]")


def unknown_sources(model: Model, allowed: set[str]) -> list[str]:
    return [
        f"{path}: {item.source}"
        for path, item in pedigrees(model)
        if item.source not in allowed and item.source not in register()
    ]


def test_there_are_models_and_experiments() -> None:
    assert {"staffordshire_2013", "toy"} <= {path.name for path in MODELS}
    assert "prosecute_not_process" in {path.stem for path in EXPERIMENTS}


@pytest.mark.parametrize("folder", MODELS, ids=by_name)
def test_every_model_loads(folder: Path) -> None:
    assert model_in(folder).title


@pytest.mark.parametrize("file", EXPERIMENTS, ids=by_name)
def test_every_experiment_resolves_to_whole_models(file: Path) -> None:
    experiment = load_experiment(file)
    models = resolve_models(experiment)
    assert next(iter(models)) == "baseline"
    # Where areas run side by side they can be what is looked at, with nothing changed.
    assert len(models) > 1 or experiment.areas is not None


@pytest.mark.parametrize("folder", MODELS, ids=by_name)
def test_every_number_in_a_model_has_a_pedigree(folder: Path) -> None:
    # Weekdays are names of days, not quantities.
    found = list(numbers(model_in(folder)))
    bare = [path for path, holder in found if not isinstance(holder, Sourced | Hours)]
    assert not bare


@pytest.mark.parametrize("folder", MODELS, ids=by_name)
def test_every_source_in_a_model_is_in_the_register_or_a_marked_assumption(folder: Path) -> None:
    allowed = {"assumption", "toy"} if folder.name == "toy" else {"assumption"}
    assert not unknown_sources(model_in(folder), allowed)


@pytest.mark.parametrize("file", EXPERIMENTS, ids=by_name)
def test_every_source_in_an_experiment_is_in_the_register_or_a_marked_assumption(
    file: Path,
) -> None:
    for scenario, model in resolve_models(load_experiment(file)).items():
        assert not unknown_sources(model, {"assumption", "toy"}), scenario


def test_no_source_called_an_assumption_claims_to_be_measured() -> None:
    wrong = [
        f"{folder.name}{path}"
        for folder in MODELS
        if folder.name != "toy"
        for path, item in pedigrees(model_in(folder))
        if item.source == "assumption" and item.evidence in ("measured", "derived")
    ]
    assert not wrong


def test_every_row_of_the_register_names_its_publication_and_period() -> None:
    with (ROOT / "calibration" / "register.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids))
    for row in rows:
        for column in ("id", "publication", "period"):
            assert row[column].strip(), (column, row)
