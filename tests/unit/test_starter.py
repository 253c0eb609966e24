"""`cjsim new`: a study begins whole, or nothing is written; and the wheel carries what it needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from cjsim import starter
from cjsim.cli import main
from tests.conftest import ROOT


def begin(folder: Path) -> str:
    done = CliRunner().invoke(main, ["new", str(folder)])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_new_study_has_no_fault_and_says_how_to_go_on(tmp_path: Path) -> None:
    said = begin(tmp_path / "study")
    files = [*(tmp_path / "study/models").iterdir(), *(tmp_path / "study/experiments").iterdir()]
    done = CliRunner().invoke(main, ["check", *map(str, files)])
    assert done.exit_code == 0, done.output
    assert done.output.count("no faults") == 4
    assert [line for line in said.splitlines() if line.startswith("  cjsim ")] == [
        "  cjsim run experiments/first_question.toml",
        "  cjsim report results/first_question",
    ]


def test_a_study_finds_the_register_that_came_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(tmp_path / "study")
    monkeypatch.chdir(tmp_path / "study")
    done = CliRunner().invoke(main, ["explain", "cps_direct_consultation"])
    assert done.exit_code == 0, done.output
    assert "cps_direct_call_minutes_2013: " in done.output, "the publication stands beside its id"
    done = CliRunner().invoke(main, ["evidence", "pre_charge_bail_mean_days"])
    assert done.exit_code == 0, done.output


def test_a_slip_in_a_source_is_found_in_a_study_as_well(tmp_path: Path) -> None:
    begin(tmp_path / "study")
    file = tmp_path / "study/models/staffordshire_2013/cps.toml"
    file.write_text(file.read_text().replace("cps_direct_call_minutes_2013", "cps_direct_calls"))
    done = CliRunner().invoke(main, ["check", str(file.parent)])
    assert done.exit_code == 2
    assert '"cps_direct_calls" is not in calibration/register.csv' in done.stderr


def test_an_empty_folder_will_do_and_a_path_is_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    begin(tmp_path / "empty")
    begin(tmp_path / "a" / "b" / "study")
    assert (tmp_path / "empty/models/toy/police.toml").is_file()
    assert (tmp_path / "a/b/study/README.md").is_file()


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_there_is_left_alone(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "study"
    if kind == "folder":
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    else:
        place.write_text("mine")
    done = CliRunner().invoke(main, ["new", str(place)])
    assert done.exit_code == 2
    assert "Name a new" in done.stderr
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] in (
        ["mine.txt"],
        ["study"],
    )


def test_a_disk_that_fills_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> list[Path]:
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(starter, "write_schemas", full)
    done = CliRunner().invoke(main, ["new", str(tmp_path / "study")])
    assert done.exit_code == 1
    assert "No space left on device" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_wheel_packs_what_a_study_begins_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    parts = {part: f"cjsim/{starter.PACKED.name}/{part}" for part in starter.PARTS}
    # The lock file goes into the bundle of a run.
    assert packed == {**parts, "requirements.lock": "cjsim/requirements.lock"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that has the wheel in it, and no checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    environment = folder / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    # What cjsim needs is lent by the environment that runs the tests; cjsim itself is not, because
    # the wheel's own site-packages come first and the checkout is not on the path.
    site = next(environment.glob("lib/python*/site-packages"), environment / "Lib/site-packages")
    lent = [path for path in sys.path if path.endswith("site-packages")]
    (site / "lent.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")
    build = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    name = run(sys.executable, "-c", build, str(folder), cwd=ROOT).strip().splitlines()[-1]
    run(
        sys.executable, "-m", "pip", "--quiet", "install", "--no-deps", "--no-index",
        "--target", str(site), str(folder / name),
    )  # fmt: skip
    return next(environment.glob("*/python"), environment / "Scripts/python.exe")


@pytest.mark.slow
def test_an_installed_wheel_begins_a_study_and_runs_it(installed: Path, tmp_path: Path) -> None:
    def cjsim(*arguments: str, cwd: Path) -> str:
        return run(str(installed), "-m", "cjsim.cli", *arguments, cwd=cwd)

    where = run(str(installed), "-c", "import cjsim; print(cjsim.__file__)", cwd=tmp_path)
    assert "environment" in where, "the wheel's cjsim, not the checkout's"
    cjsim("new", "study", cwd=tmp_path)
    study = tmp_path / "study"
    assert "no faults" in cjsim("check", "models/toy", "experiments/first_question.toml", cwd=study)
    run_options = ("--replications", "2", "--workers", "1")
    assert "Results: " in cjsim("run", "experiments/first_question.toml", *run_options, cwd=study)
    assert "board.html" in cjsim("report", "results/first_question", cwd=study)
    assert "police.py:" in cjsim("explain", "file_ready", cwd=study), "the journey travels too"
    assert "fit_" in cjsim("evidence", cwd=study)


def run(*command: str, cwd: Path | None = None) -> str:
    environment = {"PATH": str(Path(shutil.which("env") or "").parent), "HOME": str(Path.home())}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
