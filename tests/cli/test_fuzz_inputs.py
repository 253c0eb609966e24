"""Files with slips that nobody thought of: a message each time, never a fault of cjsim, in no time.

Each mutant is a sound file with one to three changes: characters, lines, cells, whole stretches
gone, doubled or exchanged. The seed is fixed, so that what one run finds the next finds again.
"""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.designs.ensemble import read_ensemble
from tests.conftest import ROOT

LONGEST_SECONDS = 60.0
"""Of processor time for one mutant: far above what any takes on a slow machine."""

ODD = (
    "",
    "0",
    "-1",
    "1e309",
    "nan",
    "9" * 30,
    "9" * 5000,
    "0001-01-01",
    "9999-12-31",
    "01/02/2013",
    "true",
    '""',
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "[[",
    "=",
    ",",
    ";",
    ".",
    "#",
    "\n",
    "\r",
    "\t",
    "\x00",
    "\x1b[2J",
    "\ufeff",
    "\u200f",
    "\u00a3",
    "\u00e9",
    "%s",
    "${x}",
    "../../x",
    "None",
    "[a.b.c]\n",
    "x = 1\n",
    "value = 1,5\n",
    '"""',
    "a" * 3000,
    "." * 30,
)
TOKEN = re.compile(r"[\w.+-]+|\"[^\"\n]*\"|\s+|[^\w\s]")


def mutant(text: str, random_streams: random.Random) -> str:
    """A text with one to three slips."""
    for _ in range(random_streams.choice((1, 1, 2, 3))):
        slip = random_streams.choice((_token, _token, _line, _lines, _character, _stretch))
        text = slip(text, random_streams)
    return text


def _token(text: str, random_streams: random.Random) -> str:
    spans = [found.span() for found in TOKEN.finditer(text)] or [(0, 0)]
    start, end = random_streams.choice(spans)
    other = random_streams.choice(spans)
    new = random_streams.choice((random_streams.choice(ODD), text[slice(*other)]))
    return text[:start] + new + text[end:]


def _line(text: str, random_streams: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = random_streams.randrange(len(lines))
    lines[at : at + 1] = random_streams.choice(
        ([], [lines[at]] * 2, [random_streams.choice(lines)], [random_streams.choice(ODD)])
    )
    return "".join(lines)


def _lines(text: str, random_streams: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    one, two = random_streams.randrange(len(lines)), random_streams.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return "".join(lines)


def _character(text: str, random_streams: random.Random) -> str:
    at = random_streams.randrange(len(text) + 1)
    return text[:at] + random_streams.choice(ODD) + text[at + random_streams.choice((0, 1)) :]


def _stretch(text: str, random_streams: random.Random) -> str:
    at = random_streams.randrange(len(text) + 1)
    return text[:at] + text[at + random_streams.randrange(400) :]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of the toy area, which is the current folder."""
    shutil.copytree(ROOT / "models" / "toy", tmp_path / "models" / "toy")
    (tmp_path / "experiments").mkdir()
    text = (ROOT / "experiments" / "first_question.toml").read_text(encoding="utf-8")
    (tmp_path / "experiments" / "question.toml").write_text(text, encoding="utf-8")
    calibration = tmp_path / "calibration"
    shutil.copytree(ROOT / "calibration" / "targets", calibration / "targets")
    shutil.copytree(ROOT / "calibration" / "fits", calibration / "fits")
    shutil.copy(ROOT / "calibration" / "register.csv", calibration)
    ensemble = (ROOT / "calibration" / "staffordshire_2013_ensemble.csv").read_text("utf-8")
    (calibration / "ensemble.csv").write_text("".join(ensemble.splitlines(True)[:4]), "utf-8")
    opening = (ROOT / "models" / "staffordshire_2013" / "opening_caseload.csv").read_text("utf-8")
    (tmp_path / "opening.csv").write_text("".join(opening.splitlines(True)[:6]), encoding="utf-8")
    opened = text.replace("[run]\n", '[run]\nopening = "../opening.csv"\n')
    (tmp_path / "experiments" / "opened.toml").write_text(opened, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Callable[[Path], int]:
    def command(_: Path) -> int:
        return CliRunner().invoke(main, arguments).exit_code

    return command


def ensemble(path: Path) -> int:
    try:
        read_ensemble(path)
    except Faults:
        return 2
    return 0


EVIDENCE = run("evidence", "--models", "models")
CHECK = run("check", "models/toy")
TARGETS: dict[str, tuple[Callable[[Path], int], ...]] = {
    "experiments/question.toml": (run("check", "experiments/question.toml"),),
    "models/toy/police.toml": (CHECK, run("explain", "costs", "--model", "models/toy")),
    "models/toy/costs.toml": (CHECK,),
    "models/toy/crown.toml": (CHECK,),
    "models/toy/demand.toml": (CHECK,),
    "calibration/register.csv": (EVIDENCE, CHECK),
    "calibration/targets/toy.toml": (EVIDENCE,),
    "calibration/fits/pre_charge_bail.toml": (EVIDENCE,),
    "calibration/ensemble.csv": (ensemble,),
    "opening.csv": (run("check", "experiments/opened.toml"),),
}
"""A file, and what reads it."""


@pytest.mark.parametrize(
    "count", [2, pytest.param(300, marks=pytest.mark.slow)], ids=lambda count: f"{count} each"
)
@pytest.mark.parametrize("file", TARGETS)
def test_no_slip_in_a_file_is_a_fault_of_cjsim(study: Path, file: str, count: int) -> None:
    path = study / file
    sound = path.read_text(encoding="utf-8")
    random_streams = random.Random(f"{file} {count}")  # noqa: S311  # no secret hangs on it
    ended = []
    for number in range(count):
        text = mutant(sound, random_streams)
        encoding = random_streams.choice(("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16"))
        path.write_bytes(text.encode(encoding, errors="replace"))
        for reads in TARGETS[file]:
            began = time.process_time()
            code = reads(path)
            assert code in (0, 2), f"mutant {number} ended with {code}:\n{text[:3000]}"
            assert time.process_time() - began < LONGEST_SECONDS, f"mutant {number}"
            ended.append(code)
