"""No package but its own knows a jurisdiction, and a jurisdiction builds on few packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from cjsim.jurisdiction import Jurisdiction, find_jurisdiction, jurisdiction_names
from tests.support.reading import PACKAGE

BUILT_ON = {
    "case",
    "des",
    "errors",
    "formatting",
    "jurisdiction",
    "listing",
    "measures",
    "schema",
    "simulation",
    "storage",
    "trace",
}
"""What a jurisdiction may import besides its own package."""


def imported(path: Path) -> Iterator[str]:
    """The packages of cjsim that a module imports, for types alone as well."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "cjsim":
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            top, _, rest = node.module.partition(".")
            if top == "cjsim":
                yield rest.partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (name.name.split(".")[1] for name in node.names if name.name[:6] == "cjsim.")


def files_of(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((PACKAGE / package).rglob("*.py"))


def test_no_package_imports_a_jurisdiction_but_its_own() -> None:
    own = {path for name in jurisdiction_names() for path in files_of(name)}
    found = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path not in own
        for name in imported(path)
        if name in jurisdiction_names()
    ]
    assert not found


@pytest.mark.parametrize("jurisdiction", jurisdiction_names())
def test_a_jurisdiction_imports_only_what_it_may_build_on(jurisdiction: str) -> None:
    found = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in files_of(jurisdiction)
        for name in imported(path)
        if name not in BUILT_ON | {jurisdiction}
    ]
    assert not found


@pytest.mark.parametrize("name", jurisdiction_names())
def test_a_jurisdiction_has_labels_and_says_its_name(name: str) -> None:
    jurisdiction = find_jurisdiction(name)
    assert isinstance(jurisdiction, Jurisdiction)
    assert jurisdiction.name == name
    assert jurisdiction.labels_file.is_file()
