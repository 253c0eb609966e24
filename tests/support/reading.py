"""Read the project: its tracked files, its modules, the strings in its code."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

from cjsim.schema.folder import jurisdiction_in
from tests.conftest import ROOT

PACKAGE = ROOT / "cjsim"
NOT_TEXT = {".png", ".parquet", ".svg", ".ico"}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file of the project that git keeps or would keep; without git, every file in sight."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        found = (
            p
            for folder in ("cjsim", "tests", "models", "experiments", "docs", "calibration")
            for p in (ROOT / folder).rglob("*")
            if "__pycache__" not in p.parts
        )
        return tuple(sorted(path for path in found if path.is_file()))
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def text_files() -> list[Path]:
    """The tracked files that people read."""
    return [path for path in tracked_files() if path.suffix not in NOT_TEXT]


def modules(*folders: str) -> list[Path]:
    """The Python files below some folders of the project, tracked or about to be."""
    return [
        path
        for path in tracked_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    ]


def strings_in(path: Path) -> set[str]:
    """Every whole string constant in a module, docstrings too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def patterns_in(path: Path) -> list[re.Pattern[str]]:
    """What each formatted string in a module can become, such as `contact_` and a result."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        re.compile(
            "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                for part in node.values
            )
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and _begins_with_a_word(node)
    ]


def _begins_with_a_word(node: ast.JoinedStr) -> bool:
    first = node.values[0]
    return isinstance(first, ast.Constant) and len(str(first.value)) > 3 and len(node.values) > 1


def model_folders(jurisdiction: str = "") -> list[Path]:
    """Every model, or those of a jurisdiction: a folder of `models/` that holds TOML files."""
    folders = sorted(path for path in (ROOT / "models").iterdir() if any(path.glob("*.toml")))
    return [path for path in folders if jurisdiction in ("", jurisdiction_in(path).name)]


def experiment_files(jurisdiction: str = "") -> list[Path]:
    """Every experiment, or those on models of a jurisdiction."""
    return [
        path
        for path in sorted((ROOT / "experiments").glob("*.toml"))
        if jurisdiction in ("", jurisdiction_in(model_of(path)).name)
    ]


def model_of(experiment: Path) -> Path:
    """The folder of the model that an experiment runs."""
    content = tomllib.loads(experiment.read_text(encoding="utf-8"))
    return experiment.parent / str(content["run"]["model"])
