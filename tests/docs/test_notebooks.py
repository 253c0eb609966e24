"""The notebooks run on the toy model from end to end, and use what anybody can import."""

from __future__ import annotations

import ast
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path

import jupytext
import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
ALLOWED = {"cjsim", "duckdb", "matplotlib", "numpy", "pathlib", "pyarrow", "tempfile", "tomllib"}
by_name = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
LONG = {"comparing_scenarios", "from_figures_to_a_model", "listing_policy"}
"""Notebooks that simulate for longer than some ten seconds."""
by_length = pytest.mark.parametrize(
    "notebook",
    [
        pytest.param(path, marks=[pytest.mark.slow] if path.stem in LONG else [])
        for path in NOTEBOOKS
    ],
    ids=lambda path: path.stem,
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the notebooks read, shared by all: a run of one is there for the next."""
    folder = tmp_path_factory.mktemp("study")
    for room in ("models", "experiments", "calibration", "notebooks"):
        shutil.copytree(ROOT / room, folder / room)
    return folder


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many things each figure that is shown has drawn, in place of a window."""
    figures: list[int] = []

    def show() -> None:
        figures.extend(
            sum(len(axes.get_children()) for axes in plt.figure(number).axes)
            for number in plt.get_fignums()
        )
        plt.close("all")

    with mpl.rc_context({"backend": "agg"}):
        monkeypatch.setattr(plt, "show", show)
        yield figures
    plt.close("all")


@by_length
def test_every_notebook_runs_and_shows_a_figure(
    notebook: Path,
    study: Path,
    shown: list[int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(study / "notebooks")
    runpy.run_path(notebook.name)
    assert shown
    assert min(shown) > 10, "something is drawn beside the axes themselves"
    assert capsys.readouterr().out.strip()


@by_name
def test_every_notebook_is_text_between_cells_of_code(notebook: Path) -> None:
    cells = jupytext.read(notebook).cells
    kinds = [cell.cell_type for cell in cells]
    assert kinds[0] == "markdown"
    assert cells[0].source.startswith("# ")
    assert kinds.count("markdown") * 2 >= kinds.count("code"), "code is told of in words"


@by_name
def test_notebooks_use_the_few_names_that_cjsim_gives_them(notebook: Path) -> None:
    for node in ast.walk(ast.parse(notebook.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {name.name.partition(".")[0] for name in node.names} <= ALLOWED
            assert "cjsim." not in "".join(name.name for name in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.module is not None
            assert node.module.partition(".")[0] in ALLOWED - {"cjsim"}


def test_the_five_notebooks_are_there() -> None:
    assert {path.stem for path in NOTEBOOKS} >= {
        "reading_results",
        "comparing_scenarios",
        "from_figures_to_a_model",
        "listing_policy",
        "who_pays",
    }
