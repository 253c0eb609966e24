"""Each layer imports only from the layers below it."""

from __future__ import annotations

from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from tests.support.reading import PACKAGE, strings_in


def test_each_layer_imports_only_from_the_layers_below_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    broken = lint_imports(config_filename=str(root / "pyproject.toml"), no_cache=True)
    said = capsys.readouterr().out
    assert broken == 0, said


def test_only_experiments_and_commands_start_processes() -> None:
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


def test_the_journey_never_names_a_measure_or_money() -> None:
    modules_of_the_journey = sorted((PACKAGE / "england_wales" / "journey").glob("*.py"))
    for path in modules_of_the_journey:
        named = {word for word in strings_in(path) if "gbp" in word or word.startswith("cost")}
        assert not named, path.name
