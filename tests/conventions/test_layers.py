"""Each layer imports only from the layers below it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from tests.conftest import Tell
from tests.support.reading import PACKAGE, strings_in


def test_each_layer_imports_only_from_the_layers_below_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], figure: Tell
) -> None:
    monkeypatch.chdir(root)
    broken = lint_imports(config_filename=str(root / "pyproject.toml"), no_cache=True)
    said = capsys.readouterr().out
    assert broken == 0, said
    figure(", ".join(re.findall(r"\d+ (?:files|dependencies|kept|broken)", said)))


def test_only_experiments_and_commands_start_processes(figure: Tell) -> None:
    imports = {"multiprocessing", "concurrent.futures", "subprocess", "threading", "asyncio"}
    above = {"experiment", "cli"}
    below = [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in above
    ]
    found = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in below
        for name in imports
        if f"import {name}" in (text := path.read_text()) or f"from {name}" in text
    ]
    assert not found
    figure(f"{len(below)} modules")


def test_the_journey_never_names_a_measure_or_money(figure: Tell) -> None:
    modules_of_the_journey = sorted((PACKAGE / "england_wales" / "journey").glob("*.py"))
    for path in modules_of_the_journey:
        named = {word for word in strings_in(path) if "gbp" in word or word.startswith("cost")}
        assert not named, path.name
    figure(f"{len(modules_of_the_journey)} modules")
