"""A step of the journey that lets go of its case stops the run and is named."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cjsim.cli.main import main
from cjsim.des.environment import ENDED, Environment, Process, run_steps
from cjsim.england_wales.journey import custody, magistrates, police
from cjsim.errors import CaseLost
from cjsim.schema.model import Model
from tests.support.runs import run, toy_model

SOON = dt.date(2013, 4, 1)


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return toy_model(toy)


def forgets(module: Any, step: str) -> Callable[..., Generator[Any, Any, None]]:
    """A step as it would be with a forgotten `return` before its last call."""
    real = getattr(module, step)

    def forgetful(*about: Any) -> Generator[Any, Any, None]:
        yield 0
        real(*about)

    return forgetful


@pytest.mark.parametrize(
    ("module", "step"),
    [
        (magistrates, "further_hearing"),
        (magistrates, "after_first_hearing"),
        (police, "out_of_court"),
        (custody, "released_on_bail"),
    ],
)
def test_a_step_that_forgets_the_next_one_stops_the_run_and_is_named(
    module: Any, step: str, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, step, forgets(module, step))
    with pytest.raises(CaseLost, match=r"lost case \d+: after the step \w+\.forgetful"):
        run(model, tmp_path, to=SOON)


def test_a_plain_step_that_forgets_the_next_one_is_found_by_the_step_before_it() -> None:
    def first() -> Generator[Any, Any, Any]:
        yield 1
        return second()

    def second() -> Any:
        third()

    def third() -> Any:
        return ENDED

    env = Environment()
    Process(env, run_steps(first))
    with pytest.raises(CaseLost, match=r"after the step test_no_case_is_lost\.first"):
        env.run_until(5)


def test_a_first_step_that_gives_nothing_is_named_too() -> None:
    def only() -> Any:
        return None

    env = Environment()
    Process(env, run_steps(only))
    with pytest.raises(CaseLost, match=r"after the step test_no_case_is_lost\.only"):
        env.run_until(1)


def test_the_command_says_it_in_one_message_and_without_a_traceback(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetful = forgets(custody, "released_on_bail")
    monkeypatch.setattr(custody, "released_on_bail", forgetful)
    asked = [
        "run",
        str(root / "experiments" / "first_question.toml"),
        "--replications",
        "1",
        "--workers",
        "1",
        "--out",
        str(tmp_path),
    ]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 1, done.output
    assert "The journey lost case" in done.output
    assert "Nothing was kept." in done.output
    assert "Traceback" not in done.output
    assert not list(tmp_path.glob("*/kpis.parquet"))


# --- the journey's own text ------------------------------------------------------------------

JOURNEY = Path(magistrates.__file__).parent
TREES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in JOURNEY.glob("*.py")}
VERBS = {"work", "work_before", "wait", "appear", "wait_until_shortly_before", "end"}
"""What a case does that takes time or ends it: a bare call of it does nothing, or loses the end."""


def steps_of(trees: dict[str, ast.Module]) -> set[tuple[str, str]]:
    """The functions that give a next step, or time that has to be gone through."""
    return {
        (module, node.name)
        for module, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns is not None
        if ast.unparse(node.returns).partition("[")[0]
        in ("ProcessStep", "NextStep", "Ended", "Steps")
    }


def thrown_away(tree: ast.Module, module: str, steps: set[tuple[str, str]]) -> list[int]:
    """Lines that call a step and drop what it gives: neither returned nor run inside."""
    lines = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            continue
        called = node.value.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            dropped = (called.value.id, called.attr) in steps or called.attr in VERBS
        else:
            dropped = isinstance(called, ast.Name) and (module, called.id) in steps
        lines += [node.lineno] if dropped else []
    return lines


def test_no_step_of_the_journey_is_called_and_thrown_away() -> None:
    steps = steps_of(TREES)
    assert ("magistrates", "further_hearing") in steps
    assert ("sentence", "up_to_hearing") in steps
    for module, tree in TREES.items():
        assert thrown_away(tree, module, steps) == [], module


@pytest.mark.parametrize(
    "slip", ["further_hearing(case)", "crown.sent_for_trial(case)", 'case.work("full_file")']
)
def test_a_step_that_is_thrown_away_would_be_found(slip: str) -> None:
    tree = ast.parse(f"def step(case):\n    {slip}\n")
    assert thrown_away(tree, "magistrates", steps_of(TREES)) == [2]
