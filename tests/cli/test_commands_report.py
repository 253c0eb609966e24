"""`cjsim report`: printing, other baselines, published figures, and what it cannot do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cjsim.calibration.published_vs_run import published_of
from cjsim.cli.main import main
from cjsim.cli.report import find_browser, settled
from cjsim.errors import Faults
from cjsim.report.charts.duties import victim_duties
from cjsim.report.data import ResultsFolder
from tests.support.report_data import LABELS, write_results


def test_without_chromium_it_says_how_to_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(Faults, match=r"writing a PDF needs Chromium.*\n?.*make browser"):
        find_browser()


def test_nothing_is_written_where_it_could_not_be_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_results(tmp_path / "run", replications=2)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    done = CliRunner().invoke(main, ["report", str(folder), "--pdf"])
    assert done.exit_code == 2
    assert not (folder / "board.html").exists()


def test_an_unknown_baseline_is_refused(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", replications=2)
    done = CliRunner().invoke(main, ["report", str(folder), "--baseline", "north_pilt"])
    assert done.exit_code == 2
    assert "north_pilot" in done.output


def test_a_print_is_settled_without_a_change_of_length() -> None:
    first = b"/CreationDate (D:20261122082259+00'00')\n/ID (node00000166) (node00000007)"
    second = b"/CreationDate (D:20270101000000+00'00')\n/ID (node00000266) (node00000107)"
    assert settled(first) == settled(second)
    assert len(settled(first)) == len(first)


def test_a_run_from_the_targets_first_day_is_held_against_them(tmp_path: Path, root: Path) -> None:
    folder = write_results(tmp_path / "run", replications=3)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    experiment = root / "experiments" / "prosecute_not_process.toml"
    manifest["experiment"] |= {
        "file": str(experiment),
        "text": experiment.read_text(encoding="utf-8"),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = {one.title: one for one in published_of(folder)}
    held = ResultsFolder(folder)
    assert found["Mean time in police detention"].mean == pytest.approx(
        held.mean("baseline", "detention_hours", "all", "mean")
    )
    manifest["study_from"] = "2013-05-01"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert published_of(folder) == ()


def test_results_of_an_unknown_model_answer_to_no_figures(tmp_path: Path) -> None:
    assert published_of(write_results(tmp_path / "run", replications=2)) == ()


def test_a_victims_title_never_loses_its_scenario(tmp_path: Path) -> None:
    long = "Every victim in the whole county is told of everything on the very same day"
    labels = {**LABELS, "north_pilot": long, "whole_county": long}
    folder = write_results(tmp_path / "run", labels=labels, duties=True)
    chart = victim_duties(ResultsFolder(folder))
    assert chart is not None
    assert chart.title.startswith("Every victim in\u2026: timely duties fall")
    assert len(chart.title.split()) <= 10
