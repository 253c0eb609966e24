"""Every call to the system that writes fails once, in every command: nothing is lost by it."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.harness import KINDS, run, sweep

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it forks")

EXPERIMENT = """
title = "A small question"
question = "What if files were ready?"
owner = "The tests"

[run]
model = "../models/toy"
from = 2013-04-01
to = 2013-04-30
replications = 2
seed = 7

[report]
watch = ["open_cases"]

[scenarios.ready]
label = "Files ready"

[scenarios.ready.set]
"branches.file_ready.probability" = { value = 0.8, source = "assumption", range = [0.65, 0.9] }

[sweep]
scenario = "ready"
[sweep.over]
"branches.file_ready.probability" = { values = [0.7, 0.9] }

[claim]
fit = "adjournments"
sizes = [0.5, 1.0, 1.5]
points = 8
replications = 2

[[published]]
name = "adjournments"
says = "adjournments down"
kpi = "adjournments_per_case"
court = "magistrates"
direction = "falls"
size = 1
unit = "per cent"
grade = "D"
source = "cjsss_2007_08"
"""

BACKCAST = """
title = "A small back-cast"
question = "Would it have been foreseen?"
owner = "The tests"

[run]
model = "../models/toy"
from = 2013-04-01
to = 2013-09-30
replications = 2
seed = 7

[report]
watch = ["open_cases"]

[backcast]
published = "quarters.csv"
origin = 2013-06-30
judged_to = 2013-09-30
draws = 2

[[backcast.unknown]]
path = "branches.file_ready.probability"
factor = [0.9, 1.1]
source = "assumption"
evidence = "assumed"
"""

QUARTERS = """quarter_end,open_cases
2012-06-30,30
2012-09-30,31
2012-12-31,32
2013-03-31,33
2013-06-30,34
2013-09-30,35
"""

SETS = """set,stages.rest_and_legal_advice.duration,implausibility
s001,3.0,0.5
s002,7.0,0.5
"""

RESULTS = "results/small"
BACKCAST_RESULTS = "results/backcast"
RETITLED = "run after a change of its title"
BUNDLE = "bundles/small.zip"

COMMANDS = {
    "new": ["new", "begun"],
    "schema": ["schema", "--out", "schemas"],
    "run": ["run", "experiments/small.toml", "--workers", "1"],
    RETITLED: ["run", "experiments/retitled.toml", "--workers", "1"],
    "run of two workers": ["run", "experiments/small.toml", "--workers", "2"],
    "sweep": ["sweep", "experiments/small.toml", "--workers", "1", "--replications", "1"],
    "sensitivity": [
        "sensitivity",
        "experiments/small.toml",
        "--workers",
        "1",
        "--replications",
        "1",
    ],
    "uncertainty": [
        "uncertainty",
        "experiments/small.toml",
        "--workers",
        "1",
        "--replications",
        "2",
        "--draws",
        "2",
    ],
    "run --ensemble": [
        "run",
        "experiments/small.toml",
        "--workers",
        "1",
        "--ensemble",
        "experiments/sets.csv",
    ],
    "run of a back-cast": ["run", "experiments/backcast.toml", "--workers", "1"],
    "backcast": ["backcast", BACKCAST_RESULTS, "--docs", "docs"],
    "claim": ["claim", "experiments/small.toml", "--workers", "1"],
    "bundle": ["bundle", RESULTS, "--out", "mine/small.zip"],
    "reproduce": ["reproduce", BUNDLE, "--workers", "1"],
    "reproduce and keep": ["reproduce", BUNDLE, "--workers", "1", "--out", "again"],
    "verify": ["verify", "results/retitled", "--workers", "1", "--rerun", "1"],
    "replay": ["replay", "experiments/small.toml"],
    "report": ["report", RESULTS, "--gallery", "docs/gallery.md"],
    "cost": ["cost", RESULTS, "--workers", "1"],
    "cost into a folder": ["cost", RESULTS, "--workers", "1", "--out", "mine"],
    "cost rows": ["cost", RESULTS, "--trace", "legal_aid_crown_trial"],
    "export xes": ["export", RESULTS, "--format", "xes", "--out", "log.xes.gz"],
    "export csv": ["export", RESULTS, "--format", "csv"],
    "export xlsx": ["export", RESULTS, "--format", "xlsx", "--out", "mine"],
    "snapshot": ["snapshot", "models/toy", "--out", "open.csv"],
    "fit": ["fit", "calibration/fits/pre_charge_bail.toml", "--out", "fitted"],
    "fit --example": ["fit", "--example", "mine/cases.csv", "--model", "models/toy"],
    "fit --data": ["fit", "--data", "cases.csv"],
    "evidence": ["evidence", "--assumptions", "mine/assumptions.md"],
    "validate": [
        "validate",
        "models/toy",
        "--workers",
        "1",
        "--replications",
        "1",
        "--write",
        "board.md",
        "--out",
        "mine",
    ],
    "calibrate": ["calibrate", "calibration/toy.toml", "--workers", "1"],
    "influence": ["influence", "calibration/toy.toml", "--workers", "1"],
    "reforms": ["reforms", "--write", "mine/reforms.md"],
    "compare": ["compare", RESULTS],
    "measure": ["measure", RESULTS, "--workers", "1"],
    "trace": ["trace", "models/toy", "--case", "17"],
}
"""Every command that writes, and some that only need a place for a while."""

READS_RESULTS = (
    "report",
    "cost",
    "export",
    "compare",
    "measure",
    "bundle",
    "reproduce",
    "verify",
    "backcast",
)
LONG = ("sweep", "sensitivity", "uncertainty", "claim", "calibrate", "influence", "validate")
"""Commands that simulate so much that not every one of their many calls of a kind is failed."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return begun_study(tmp_path_factory.mktemp("sweep") / "study")


@pytest.fixture(scope="module")
def with_results(study: Path) -> Path:
    return run_study(study)


def begun_study(folder: Path) -> Path:
    """A study with a short model, with other people's files where commands write."""
    shutil.copytree(ROOT / "models" / "toy", folder / "models" / "toy")
    opening = folder / "models" / "toy" / "opening.toml"
    text, count = re.subn(
        r"(warm_up_days = \{ value = )120(.*range = \[)60", r"\g<1>30\g<2>20", opening.read_text()
    )
    assert count == 1
    opening.write_text(text)
    (folder / "experiments").mkdir()
    (folder / "experiments" / "small.toml").write_text(EXPERIMENT)
    (folder / "experiments" / "backcast.toml").write_text(BACKCAST)
    (folder / "experiments" / "sets.csv").write_text(SETS)
    (folder / "experiments" / "quarters.csv").write_text(QUARTERS)
    shutil.copytree(ROOT / "calibration", folder / "calibration")
    for name in ("mine", "docs"):
        (folder / name).mkdir()
        (folder / name / "thesis.txt").write_text("the only copy")
    return folder


def run_study(study: Path) -> Path:
    """The same, with what a run leaves and an extract of made-up cases."""
    folder = study.with_name("with_results")
    shutil.copytree(study, folder)
    (folder / "bundles").mkdir()
    pack = ["bundle", RESULTS, "--out", BUNDLE]
    for arguments in (COMMANDS["run"], COMMANDS["run of a back-cast"], pack):
        done = run(arguments, folder)
        assert done.code == 0, done.err
    begin = dt.date(2014, 1, 1)
    rows = [f"{n},theft,{begin},{begin + dt.timedelta(days=5 + n % 40)}," for n in range(60)]
    heading = "case,offence_group,charged,first_listed,ended"
    (folder / "cases.csv").write_text("\n".join([heading, *rows]) + "\n")
    retitled = EXPERIMENT.replace("A small question", "The same under another title")
    (folder / "experiments" / "retitled.toml").write_text(retitled)
    shutil.copytree(folder / RESULTS, folder / "results" / "retitled")
    for run_folder in (folder / RESULTS).iterdir():
        (run_folder / "notes.txt").write_text("what I think of it")
    return folder


def swept(
    name: str, kind: str, which: Iterator[int], room: Path, study: Path, with_results: Path
) -> int:
    arguments = COMMANDS[name]
    reads = arguments[0] in READS_RESULTS or name in ("fit --data", RETITLED)
    found = sweep(arguments, with_results if reads else study, room, kind, which)
    assert not found.findings, "\n".join(found.findings)
    return found.failed


@pytest.mark.parametrize(
    ("name", "kind", "number"),
    [
        ("schema", "fsync", 2),
        ("evidence", "write", 1),
        pytest.param("cost into a folder", "rename", 4, marks=pytest.mark.slow),
        pytest.param("export xlsx", "write", 1, marks=pytest.mark.slow),
        pytest.param("run", "create", 6, marks=pytest.mark.slow),
    ],
)
def test_one_call_that_fails_loses_nothing(
    name: str, kind: str, number: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    reads = COMMANDS[name][0] in READS_RESULTS
    begun: Path = request.getfixturevalue("with_results" if reads else "study")
    assert swept(name, kind, iter([number]), tmp_path, begun, begun) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_call_that_fails_loses_nothing(
    name: str, kind: str, tmp_path: Path, study: Path, with_results: Path
) -> None:
    every = os.environ.get("EVERY_FAULT") or COMMANDS[name][0] not in LONG
    which = itertools.count(1) if every else iter(sorted({round(1.5**n) for n in range(25)}))
    swept(name, kind, which, tmp_path, study, with_results)
