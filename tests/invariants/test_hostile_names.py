"""Names that would do harm where they are shown: in charts, on a terminal, in CSV and in HTML."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cjsim
from cjsim.report import write_report

pty = pytest.importorskip("pty", reason="there are no terminals here")

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "[bold]x[/] [link=file:///x]y[/link] [x]",
    "$\\\\frac{1}{0$ $x^",
    "<script>alert(1)</script>\\\"'><img src=x onerror=alert(2)>",
    "{{ 7 * 7 }}{% raw %} &lt;",
)

EXPERIMENT = """
title = "{0} {7}"
question = "{6}"
owner = "{1}"

[run]
model = "model"
from = 2013-04-01
to = 2013-05-31
replications = 2
seed = 3

[baseline]
label = "{5}"

[scenarios.one]
label = "{0}"
[scenarios.one.set."branches.file_ready.probability"]
value = 1.0
source = "assumption"
range = [0.0, 1.0]
note = "{6}"

[scenarios.two]
label = "{4}"
[scenarios.two.set."branches.file_ready.probability"]
value = 0.0
source = "assumption"
range = [0.0, 1.0]
note = "{3}"

[scenarios.three]
label = "{2}"
[scenarios.three.set."branches.file_ready.probability"]
value = 0.5
source = "assumption"
range = [0.0, 1.0]
note = "{5}"

[report]
watch = ["cost_gbp", "open_cases", "hearings_per_case"]
"""


@pytest.fixture(scope="module")
def experiment(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment whose every label is hostile, on a model whose every title is."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(toy, folder / "model")
    number = 0
    for file in sorted((folder / "model").glob("*.toml")):
        lines = file.read_text(encoding="utf-8").splitlines()
        for place, line in enumerate(lines):
            for title in re.findall(r'title = "[^"]*"', line):
                lines[place] = lines[place].replace(title, f'title = "{HOSTILE[number % 8]}"')
                number += 1
        file.write_text("\n".join(lines), encoding="utf-8")
    assert number > 4
    path = folder / "strange.toml"
    path.write_text(EXPERIMENT.format(*HOSTILE), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def results(experiment: Path) -> Path:
    folder = cjsim.run(experiment, workers=1, out=experiment.parent / "out", say=lambda _: None)
    write_report(folder)
    return folder


def on_a_terminal(*arguments: str) -> str:
    """What a command shows on a terminal 200 columns wide."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cjsim.cli.main", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
        env={**os.environ, "COLUMNS": "200", "TERM": "xterm"},
        cwd=Path(cjsim.__file__).parents[1],
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait() == 0, shown.decode()
    return shown.decode()


def test_charts_and_page_are_drawn_and_nothing_in_them_runs(results: Path) -> None:
    page = (results / "board.html").read_text(encoding="utf-8")
    assert page.lower().count("<script") == 1, "its own"
    assert not re.search(r"<[^>]*\sonerror\s*=", page)
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page, "shown, as what it is"
    assert "{{ 7 * 7 }}" in page
    assert "49" not in re.findall(r"<title>(.*?)</title>", page, re.DOTALL)[0]
    assert list((results / "charts").glob("*.svg"))
    charts = list((results / "charts").glob("*.svg"))
    for chart in charts:
        assert "<script" not in chart.read_text(encoding="utf-8").lower()


def test_no_cell_of_a_table_is_a_formula(results: Path) -> None:
    tables = list(results.rglob("*.csv"))
    assert tables
    for table in tables:
        with table.open(encoding="utf-8", newline="") as file:
            for cell in (cell for row in csv.reader(file) for cell in row):
                if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
                    float(cell)


def test_a_terminal_shows_brackets_as_they_are(results: Path, experiment: Path) -> None:
    shown = on_a_terminal("compare", str(results))
    assert "=cmd|' /C calc'!A0" in shown
    assert "\x1b]8;" not in shown, "no link"
    planned = on_a_terminal("run", str(experiment), "--dry-run")
    assert "[bold]x[/] [link=file:///x]y[/link] [x]" in planned


def test_a_case_is_told_whatever_its_places_are_called(experiment: Path) -> None:
    shown = on_a_terminal("trace", str(experiment.parent / "model"), "--case", "17")
    assert "CASE 17: " in shown
