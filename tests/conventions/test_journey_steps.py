"""No step of the journey runs another step inside itself: it returns the next step."""

from __future__ import annotations

import ast

import pytest

from tests.conftest import ROOT

MODULES = {
    path.stem: ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "cjsim" / "england_wales" / "journey").glob("*.py"))
}
STEPS = {
    (module, function.name)
    for module, tree in MODULES.items()
    for function in tree.body
    if isinstance(function, ast.FunctionDef) and function.returns is not None
    if ast.unparse(function.returns) in ("ProcessStep", "NextStep")
}


def called(call: ast.expr, module: str) -> tuple[str, str]:
    """The module and the name of the function that an expression calls."""
    function = call.func if isinstance(call, ast.Call) else call
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id, function.attr
    return module, function.id if isinstance(function, ast.Name) else ""


def nested_steps(tree: ast.Module, module: str) -> list[tuple[str, str]]:
    """The steps that a module runs with `yield from`: the step that they return would be lost."""
    calls = [
        called(node.value, module) for node in ast.walk(tree) if isinstance(node, ast.YieldFrom)
    ]
    return [call for call in calls if call in STEPS]


def test_the_steps_of_the_journey_are_found() -> None:
    assert ("magistrates", "first_hearing") in STEPS
    assert len(STEPS) > 60


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_step_runs_another_step_inside_itself(module: str) -> None:
    assert nested_steps(MODULES[module], module) == []


def test_a_step_that_is_run_inside_another_is_found() -> None:
    slip = ast.parse("def further(case):\n    yield from magistrates.first_hearing(case)\n")
    assert nested_steps(slip, "crown") == [("magistrates", "first_hearing")]
