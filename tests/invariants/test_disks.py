"""Disks that are full or cannot be written to: a message, and what was done is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cjsim

EXPERIMENT = """
title = "A small disk"
question = "What if there is no room?"
owner = "The tests"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-06-30
replications = 4
seed = 20130401
"""

NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def may_mount() -> bool:
    """Whether a process may have a small disk of its own here."""
    if shutil.which("unshare") is None:
        return False
    command = [*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_a_disk = pytest.mark.skipif(not may_mount(), reason="this system lets nobody mount a tmpfs")


def in_shell(script: str, **values: object) -> subprocess.CompletedProcess[str]:
    """A script in which $run is cjsim run with the experiment; it sees mounts of its own."""
    return subprocess.run(
        [*NAMESPACE, "sh", "-u", "-c", script],
        env={**os.environ, **{key: str(value) for key, value in values.items()}},
        cwd=Path(cjsim.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def command(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that runs the experiment."""
    experiment = tmp_path_factory.mktemp("experiment") / "small.toml"
    experiment.write_text(EXPERIMENT.format(model=toy))
    return [sys.executable, "-m", "cjsim.cli.main", "run", str(experiment)]


@pytest.fixture
def values(command: list[str], tmp_path: Path) -> dict[str, object]:
    (tmp_path / "disk").mkdir()
    return {"run": " ".join(command), "disk": tmp_path / "disk", "copy": tmp_path / "copy"}


@pytest.fixture(scope="module")
def uninterrupted(command: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run on a disk that is large enough."""
    out = tmp_path_factory.mktemp("uninterrupted")
    root = Path(cjsim.__file__).parents[1]
    subprocess.run([*command, "--out", str(out), "--workers", "2"], cwd=root, check=True)
    return content(out / "small")


def content(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@needs_a_disk
@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_keeps_what_was_done_and_more_room_lets_it_go_on(
    values: dict[str, object], uninterrupted: dict[str, bytes], tmp_path: Path, workers: int
) -> None:
    done = in_shell(
        """
        mount -t tmpfs -o size=800k none $disk
        $run --out $disk --workers $workers; echo "exit $?"
        ls $disk/small
        mount -o remount,size=100m $disk
        $run --out $disk --workers $workers --resume || exit
        cp -r $disk/small $copy
        """,
        **values,
        workers=workers,
    )
    assert done.returncode == 0, done.stderr
    assert "exit 1" in done.stdout
    assert "No space left on device. " in done.stderr
    assert "kept in" in done.stderr
    assert "Traceback" not in done.stderr
    assert ".unfinished" in done.stdout
    assert content(tmp_path / "copy") == uninterrupted


@needs_a_disk
@pytest.mark.parametrize("size", ["4k", "200k"])
def test_a_disk_too_small_for_anything_is_a_message(values: dict[str, object], size: str) -> None:
    done = in_shell(
        "mount -t tmpfs -o size=$size none $disk; $run --out $disk --workers 1", **values, size=size
    )
    assert done.returncode == 1, done.stderr
    assert "No space left on device." in done.stderr
    assert "Traceback" not in done.stderr


@needs_a_disk
def test_a_folder_that_cannot_be_written_to_is_a_message(values: dict[str, object]) -> None:
    done = in_shell(
        """
        mount -t tmpfs -o ro none $disk
        $run --out $disk --workers 1; echo "exit $?"
        $run --out $disk/below --workers 1; echo "exit $?"
        """,
        **values,
    )
    assert done.stdout.split() == ["exit", "1", "exit", "1"]
    assert done.stderr.count("Read-only file system.") == 2
    assert "Cannot write to" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_place_that_is_a_file_is_a_message(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "file"), "--workers", "1"],
        cwd=Path(cjsim.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Cannot write to" in done.stderr
    assert "Traceback" not in done.stderr
