"""A way that no choice has, or that nobody follows, is found: by the types, and in the run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest

from cjsim.england_wales import choices
from cjsim.england_wales.choices import OPTIONS
from cjsim.england_wales.journey import custody, entry_points
from cjsim.england_wales.vocabulary import MULTIWAY_BRANCHES, Outcome, Reason, Sentence
from tests.conftest import ROOT

JOURNEY = sorted((ROOT / "cjsim" / "england_wales" / "journey").glob("*.py"))


def test_every_choice_has_its_ways_and_they_are_words_of_the_field() -> None:
    assert list(OPTIONS) == list(MULTIWAY_BRANCHES)
    assert set(get_args(choices.OutOfCourtKind)) <= set(get_args(Outcome))
    assert set(get_args(choices.VacatedReason)) <= set(get_args(Reason))
    assert set(get_args(choices.AdjournmentReason)) <= set(get_args(Reason))
    assert set(get_args(choices.SentencePassed)) | {""} == set(get_args(Sentence))


def chosen_in(function: ast.FunctionDef) -> dict[str, str]:
    """The names that hold what a function chose, and the choice of each."""
    chosen: dict[str, str] = {}
    for node in ast.walk(function):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        verb, given = node.value.func, node.value.args
        chooses = isinstance(verb, ast.Attribute) and verb.attr == "choose"
        if chooses and isinstance(given[0], ast.Constant):
            chosen[ast.unparse(node.targets[0])] = str(given[0].value)
    return chosen


def followed(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The choice and the way of each branch that a function takes on what it chose."""
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        chosen = chosen_in(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Match):
                about, ways = node.subject, [case.pattern for case in node.cases]
                words = [way.value for way in ways if isinstance(way, ast.MatchValue)]
            elif isinstance(node, ast.Compare):
                about, words = node.left, node.comparators
            else:
                continue
            for word in words:
                if ast.unparse(about) in chosen and isinstance(word, ast.Constant):
                    yield chosen[ast.unparse(about)], str(word.value)


def test_every_branch_follows_a_way_that_the_choice_has() -> None:
    branches = [
        branch
        for path in JOURNEY
        for branch in followed(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert ("way_out_of_custody", "pre_charge_bail") in branches
    for choice, way in branches:
        assert way in OPTIONS[cast("Any", choice)], (choice, way)


def test_a_misspelt_branch_would_be_found() -> None:
    slip = ast.parse(
        'def step(case):\n    way = case.choose("way_out_of_custody")\n'
        '    match way:\n        case "pre_charge_bial":\n            return 1\n'
    )
    assert list(followed(slip)) == [("way_out_of_custody", "pre_charge_bial")]


def goes_way(way: str) -> Any:
    """A case that chooses this way and can do nothing else."""
    return SimpleNamespace(choose=lambda _: way, work=lambda _: iter(()))


def test_a_way_that_no_branch_follows_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def sufficed(case: Any) -> Any:
        return True
        yield

    monkeypatch.setattr(custody, "enquiries_finished_within_the_clock", sufficed)
    with pytest.raises(AssertionError, match="pre_charge_bial"):
        list(custody.after_interview(goes_way("pre_charge_bial")))
    with pytest.raises(AssertionError, match="no_such_way"):
        list(entry_points.voluntary_interview(goes_way("no_such_way")))


FORGOTTEN_RETURN = """
def slip(case: Case) -> ProcessStep:
    yield from case.work("full_file")
    if case.decide("file_ready"):
        return magistrates.first_hearing(case)
    magistrates.first_hearing(case)
"""
MISSPELT_BRANCH = """
def slip(case: Case) -> NextStep:
    match case.choose("cps_decision"):
        case "charge" | "no_further_action":
            return police.after_charge(case)
        case "out_of_cuort":
            return police.out_of_court(case)
"""
MISSPELT_COMPARISON = """
def slip(case: Case) -> bool:
    return case.choose("way_out_of_custody") == "pre_charge_bial"
"""
NO_SUCH_CHOICE = """
def slip(case: Case) -> str:
    return case.choose("way_out_of_cell")
"""
AS_IT_SHOULD_BE = MISSPELT_BRANCH.replace("cuort", "court")
SAYS = {
    FORGOTTEN_RETURN: "Missing return statement",
    MISSPELT_BRANCH: "Missing return statement",
    MISSPELT_COMPARISON: "Non-overlapping equality check",
    NO_SUCH_CHOICE: "No overload variant",
    AS_IT_SHOULD_BE: "Success",
}


@pytest.mark.slow
def test_the_type_checker_finds_each_slip(tmp_path: Path) -> None:
    from mypy import api

    head = "from cjsim.england_wales.case import Case, NextStep, ProcessStep\n"
    head += "from cjsim.england_wales.journey import magistrates, police\n"
    settings = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path)]
    for place, (body, says) in enumerate(SAYS.items()):
        file = tmp_path / f"slip_{place}.py"
        file.write_text(head + body, encoding="utf-8")
        told, _, code = api.run([*settings, str(file)])
        assert says in told, body + told
        assert code == (0 if says == "Success" else 1), body + told
