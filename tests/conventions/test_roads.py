"""Who runs a step inside itself, and who hands on to it."""

from __future__ import annotations

import ast

import pytest

from tests.conftest import ROOT

ROOMS = {
    path.stem: ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "cjsim" / "england_wales" / "journey").glob("*.py"))
}
ROADS = {
    (room, step.name)
    for room, tree in ROOMS.items()
    for step in tree.body
    if isinstance(step, ast.FunctionDef) and step.returns is not None
    if ast.unparse(step.returns) in ("ProcessStep", "NextStep")
}


def called(call: ast.expr, room: str) -> tuple[str, str]:
    """The room and the name of a step that is called, with its room or without."""
    function = call.func if isinstance(call, ast.Call) else call
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id, function.attr
    return room, function.id if isinstance(function, ast.Name) else ""


def run_inside(tree: ast.Module, room: str) -> list[tuple[str, str]]:
    """The roads that a room runs inside a step of its own: what they hand on to would be lost."""
    inside = [
        called(node.value, room) for node in ast.walk(tree) if isinstance(node, ast.YieldFrom)
    ]
    return [step for step in inside if step in ROADS]


def test_there_are_roads_to_look_at() -> None:
    assert ("magistrates", "first_hearing") in ROADS
    assert len(ROADS) > 60


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_no_road_is_run_inside_a_step(room: str) -> None:
    assert run_inside(ROOMS[room], room) == []


def test_a_road_run_inside_a_step_would_be_found() -> None:
    slip = ast.parse("def further(case):\n    yield from magistrates.first_hearing(case)\n")
    assert run_inside(slip, "crown") == [("magistrates", "first_hearing")]
