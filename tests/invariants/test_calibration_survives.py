"""A calibration killed in the middle of a wave ends as one that was left alone, byte for byte."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cjsim

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="kills a group of processes"),
]

SMALL = (
    ("points = 24", "points = 10"),
    ("sets = 8", "sets = 2"),
    ("replications = 3", "replications = 2"),
    ("to = 2013-06-30", "to = 2013-04-30"),
)


def small(root: Path, folder: Path) -> Path:
    """A copy of the toy's calibration that takes half a minute."""
    text = (root / "calibration" / "toy.toml").read_text(encoding="utf-8")
    for before, after in SMALL:
        assert before in text
        text = text.replace(before, after)
    text = text.replace("../models/toy", str(root / "models" / "toy"))
    text = text.replace('"targets/toy.toml"', f'"{root}/calibration/targets/toy.toml"')
    file = folder / "toy.toml"
    file.write_text(text, encoding="utf-8")
    return file


def start(file: Path, out: Path, workers: int, *arguments: str) -> subprocess.Popen[str]:
    command = ["calibrate", str(file), "--out", str(out), "--workers", str(workers), *arguments]
    return subprocess.Popen(
        [sys.executable, "-m", "cjsim.cli.main", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(cjsim.__file__).parents[1],
        start_new_session=True,
    )


def done_in(out: Path) -> int:
    """How many replications are done; none where the run takes its name while this looks."""
    with contextlib.suppress(FileNotFoundError):
        return len(list(out.glob("*/*.unfinished/runs/*/[!.]*/replication.json")))
    return 0


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_killed_in_each_wave_it_goes_on_and_comes_to_the_same(root: Path, tmp_path: Path) -> None:
    file = small(root, tmp_path)
    process = start(file, tmp_path / "whole", 1)
    said, _ = process.communicate(timeout=1800)
    assert process.returncode == 0, said
    ensemble = file.with_name("toy_ensemble.csv").read_bytes()
    killed = tmp_path / "killed"
    for seen in (7, 30):  # in the first wave, and in the second
        process = start(file, killed, 2, *(["--resume"] if seen > 7 else []))
        deadline = time.monotonic() + 1800
        while done_in(killed) < seen and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    kept = done_in(killed)
    assert kept >= 30
    process = start(file, killed, 2, "--resume")
    said, _ = process.communicate(timeout=1800)
    assert process.returncode == 0, said
    assert content(killed) == content(tmp_path / "whole")
    assert file.with_name("toy_ensemble.csv").read_bytes() == ensemble
