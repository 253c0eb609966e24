"""A fault of cjsim itself is told as one, with an exit code of its own and a report."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from cjsim.cli.internal import EXIT_CODE, TRACEBACK_VARIABLE
from cjsim.cli.main import main
from cjsim.measures import registry


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where reports go; nothing asks for a traceback."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv(TRACEBACK_VARIABLE, "")
    return tmp_path


def stumbling(monkeypatch: pytest.MonkeyPatch, *options: str, by: BaseException) -> Result:
    def stumble(_: str) -> list[str]:
        raise by

    monkeypatch.setattr(registry, "explain_measure", stumble)
    return CliRunner().invoke(main, [*options, "explain", "file_ready"])


def test_it_is_told_as_one_and_its_report_says_where(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = stumbling(monkeypatch, by=KeyError("ready_files"))
    assert done.exit_code == EXIT_CODE == 70
    assert (
        "Internal error in cjsim (your files did not cause it): KeyError: 'ready_files'"
        in done.stderr
    )
    assert "Traceback" not in done.stderr
    [report] = scratch.iterdir()
    assert str(report) in done.stderr
    text = report.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "in stumble" in text
    assert report.stat().st_mode & 0o077 == 0, "it may quote a file: nobody else reads it"


def test_the_traceback_is_shown_to_whoever_asks(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = stumbling(monkeypatch, "--traceback", by=TypeError("no"))
    assert done.exit_code == EXIT_CODE
    assert "in stumble" in done.stderr
    assert list(scratch.iterdir()) == []


def test_without_a_place_for_a_report_it_says_how_to_see_it(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(scratch / "nowhere"))
    done = stumbling(monkeypatch, by=RecursionError("deep"))
    assert done.exit_code == EXIT_CODE
    assert "Please run cjsim --traceback" in done.stderr


@pytest.mark.parametrize(
    ("by", "code"), [(click.UsageError("no"), 2), (click.Abort(), 1), (MemoryError(), 1)]
)
def test_what_is_none_keeps_its_exit_code(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, by: BaseException, code: int
) -> None:
    assert stumbling(monkeypatch, by=by).exit_code == code
    assert list(scratch.iterdir()) == []
