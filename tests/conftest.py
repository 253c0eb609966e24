"""What every test may ask for: the folders, the toy model, a small world, a short experiment."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from cjsim.cli.internal import TRACEBACK_VARIABLE
from cjsim.experiment.run import run_experiment
from cjsim.identity import identity
from cjsim.schema.model import Model
from tests.support.runs import changed, toy_model
from tests.support.short_engine import EXPERIMENT, measure, put_in, simulate
from tests.support.small_world import SmallWorld

# A command that ends with an internal fault shows it in what the test prints.
os.environ.setdefault(TRACEBACK_VARIABLE, "1")

# How long an example takes says how busy the machine is: no test asserts a time.
settings.register_profile("cjsim", deadline=None)
settings.load_profile("cjsim")

ROOT = Path(__file__).resolve().parents[1]

PrintFigure = Callable[[str], None]
"""The type of the fixture `figure`."""


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def toy() -> Path:
    """The folder of the toy model: the same journey, with numbers that run in about a second."""
    return ROOT / "models" / "toy"


@pytest.fixture
def figure() -> PrintFigure:
    """Print a figure that a test measured: `pytest -rP tests/theory` shows it beside the test."""
    return print


@pytest.fixture(scope="module")
def plain(toy: Path) -> Model:
    """The toy model as it is."""
    return toy_model(toy)


@pytest.fixture
def make(plain: Model, tmp_path: Path) -> Callable[..., SmallWorld]:
    """A small world of the toy model with some tables changed."""
    built: list[SmallWorld] = []

    def of(**tables: dict[str, dict[str, object]]) -> SmallWorld:
        folder = tmp_path / str(len(built))
        folder.mkdir()
        built.append(SmallWorld(changed(plain, **tables), folder))
        return built[-1]

    return of


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Pretend that libraries have other versions, or that the code has another digest."""
    real, same = importlib.metadata.version, identity().code

    def to_have(code: str | None = None, **libraries: str) -> None:
        monkeypatch.setattr(
            "cjsim.identity.version", lambda name: libraries.get(name) or real(name)
        )
        monkeypatch.setattr("cjsim.identity.code_digest", lambda: code or same)
        identity.cache_clear()

    yield to_have
    identity.cache_clear()


@pytest.fixture
def question(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An experiment whose replications take no time."""
    file, text = tmp_path / "question.toml", EXPERIMENT.format(model=toy)
    return put_in(monkeypatch, file, text, simulate=simulate, measure=measure)


@pytest.fixture
def run(question: Path, tmp_path: Path) -> Callable[..., Path]:
    """Run that experiment in this process; its folder of results."""

    def in_one_process(**options: Any) -> Path:
        options = {"workers": 1, "out": tmp_path / "results", "say": lambda _: None, **options}
        return run_experiment(question, **options)

    return in_one_process
