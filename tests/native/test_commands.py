"""The engine of a command: chosen by an option, named in the manifest, no part of the results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cjsim.des import engine
from tests.conftest import ROOT
from tests.support.engines import needs_native

QUESTION = ROOT / "experiments" / "first_question.toml"


def cjsim(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cjsim.cli.main", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def manifest_of_run(out: Path, name: str) -> dict[str, Any]:
    answer = cjsim(
        *("run", str(QUESTION), "--replications", "2", "--workers", "1"),
        *("--engine", name, "--out", str(out)),
    )
    assert answer.returncode == 0, answer.stderr
    (manifest,) = out.rglob("manifest.json")
    found: dict[str, Any] = json.loads(manifest.read_text())
    return found


@needs_native
@pytest.mark.slow
def test_both_engines_give_a_run_the_same_results_and_identity(tmp_path: Path) -> None:
    ours, native = (manifest_of_run(tmp_path / name, name) for name in engine.ENGINES)
    assert [ours["engine"], native["engine"]] == ["python", "native"]
    assert native["results_hash"] == ours["results_hash"]
    assert native["plan_hash"] == ours["plan_hash"]
    assert native["made_with"] == ours["made_with"]


def test_an_engine_that_is_none_is_refused() -> None:
    answer = cjsim("run", str(QUESTION), "--dry-run", CJSIM_ENGINE="rust")
    assert answer.returncode == 1
    assert "there are the engines python and native" in answer.stderr


def test_the_python_engine_can_always_be_asked_for() -> None:
    answer = cjsim("run", str(QUESTION), "--dry-run", "--engine", "python")
    assert answer.returncode == 0, answer.stderr
