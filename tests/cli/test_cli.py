"""The commands: quick to start, with an example each, and messages instead of tracebacks."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from cjsim.cli.main import main
from cjsim.cli.options import Terminated, interrupt_again, terminate

HEAVY = ("numpy", "pyarrow", "pydantic", "simpy", "scipy", "matplotlib", "duckdb", "rich")


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def test_help_starts_quickly_and_imports_nothing_heavy() -> None:
    code = f"import sys, cjsim.cli.main; print([m for m in {HEAVY} if m in sys.modules])"
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    assert done.stdout.strip() == "[]"
    assert seconds < 2.0, "the budget is 0.4 s; this machine may be busy"


def test_importing_cjsim_costs_nothing() -> None:
    code = "import sys, cjsim; print([m for m in sys.modules if m.startswith('cjsim.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_facade_knows_its_names() -> None:
    import cjsim

    assert all(getattr(cjsim, name) is not None for name in cjsim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'walk'"):
        _ = cjsim.walk


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["run", "one.toml", "--returns", "bytes"], "give --executor dask too"),
        (["run", "one.toml", "--scheduler", "tcp://here:1"], "go together"),
        (["run", "one.toml", "--fresh", "--resume"], "give only one"),
        (["snapshot", "models/toy", "--out", "a.csv", "--total", "9"], "give --ages too"),
        (["snapshot", "models/toy", "--out", "a.csv", "--snapshots", "8"], "give --ages too"),
    ],
)
def test_options_that_say_nothing_without_others_are_refused(
    arguments: list[str], why: str
) -> None:
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert why in done.output.replace("\n", " ")
    assert not Path("a.csv").exists()


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_with_an_example(name: str) -> None:
    done = invoke(name, "--help")
    assert done.exit_code == 0
    assert f"  cjsim {name} " in done.output


def test_every_option_of_every_command_has_help() -> None:
    assert not [
        f"{command.name} {parameter.opts[0]}"
        for command in main.commands.values()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]


def test_the_first_line_of_each_command_is_not_cut() -> None:
    context = click.Context(main)
    for command in main.commands.values():
        assert "..." not in command.get_short_help_str(60), command.name
        assert main.get_command(context, str(command.name)) is command


def test_a_good_model_checks(toy: Path) -> None:
    done = invoke("check", str(toy))
    assert done.exit_code == 0, done.output
    assert "no faults" in done.output


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "not.toml").write_text("this is not TOML")
    done = invoke("check", str(tmp_path / "empty.toml"), str(tmp_path / "not.toml"))
    assert done.exit_code == 2
    assert "empty.toml" in done.stderr
    assert "not.toml" in done.stderr
    assert done.stderr.strip().endswith("2 faults. Nothing was run.")
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "nowhere"),
        ("run", "nowhere.toml"),
        ("validate", "nowhere"),
        ("compare", "nowhere"),
        ("report", "nowhere"),
        ("trace", "nowhere", "--case", "1"),
        ("explain", "file_ready", "--model", "nowhere"),
    ],
)
def test_what_is_not_there_is_a_fault_and_leaves_nothing(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = invoke(*arguments)
    assert done.exit_code == 2, done.output
    assert "nowhere" in done.stderr
    assert isinstance(done.exception, SystemExit), "a message, not a traceback"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("day", ["0001-01-01", "1949-12-31", "2101-01-01", "9999-12-31"])
def test_a_snapshot_of_a_day_that_cannot_be_run_is_a_fault(
    toy: Path, day: str, tmp_path: Path
) -> None:
    done = invoke("snapshot", str(toy), "--out", str(tmp_path / "open.csv"), "--on", day)
    assert done.exit_code == 2, done.output
    assert f"--on\n  a run cannot begin on {day}." in done.stderr
    assert "1950 to 2100" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("fault", "code"), [(KeyboardInterrupt, 130), (None, 1)])
def test_interruptions_and_failures_have_their_exit_codes(
    fault: type[BaseException] | None, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cjsim.errors import RunFailed
    from cjsim.experiment import check

    def stop(*_: object) -> list[str]:
        raise fault() if fault else RunFailed("the disk is full")

    monkeypatch.setattr(check, "check_files", stop)
    done = invoke("check", "anything")
    assert done.exit_code == code


def test_explain_tells_the_value_and_its_source(toy: Path) -> None:
    done = invoke("explain", "branches.file_ready.probability", "--model", str(toy))
    assert done.exit_code == 0, done.output
    assert "file_ready" in done.output
    assert "source" in done.output


def test_explain_suggests_a_name(toy: Path) -> None:
    done = invoke("explain", "file_redy", "--model", str(toy))
    assert done.exit_code == 2
    assert "file_ready" in done.stderr


def test_explain_defines_a_measure(toy: Path) -> None:
    done = invoke("explain", "early_guilty_plea_rate", "--model", str(toy))
    assert done.exit_code == 0, done.output
    assert "Guilty at the first hearing" in done.output


def test_a_disk_that_will_not_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    from cjsim.experiment import check

    def stop(*_: object) -> list[str]:
        raise PermissionError(13, "Permission denied", "somewhere/board.html")

    monkeypatch.setattr(check, "check_files", stop)
    done = invoke("check", "anything")
    assert done.exit_code == 1
    assert done.stderr == "somewhere/board.html: Permission denied.\n"


def test_the_bounds_of_the_command_are_those_of_the_files() -> None:
    from cjsim.cli.options import REPLICATIONS
    from cjsim.schema.experiment import MOST_REPLICATIONS

    assert REPLICATIONS.max == MOST_REPLICATIONS


@pytest.mark.parametrize("day", ["0001-01-01", "9999-01-01"])
def test_a_trace_from_no_sensible_day_is_a_fault(toy: Path, day: str) -> None:
    done = invoke("trace", str(toy), "--case", "1", "--from", day)
    assert done.exit_code == 2
    assert "a run cannot begin on" in done.stderr


def test_numbers_under_which_nothing_comes_to_an_end_are_a_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from cjsim.errors import CannotRun
    from cjsim.experiment import check

    def stop(*_: object) -> list[str]:
        stopped = CannotRun("the north court has no room in the next years.")
        stopped.add_note("This happened in scenario cut, replication 0.")
        raise stopped

    monkeypatch.setattr(check, "check_files", stop)
    done = invoke("check", "anything")
    assert done.exit_code == 1
    assert done.output == (
        "the north court has no room in the next years.\n"
        "This happened in scenario cut, replication 0.\n"
    )


def test_a_call_to_end_that_fell_into_a_callback_comes_again_as_itself() -> None:
    # Where Ctrl-C is ignored, as below nohup, it must not come again as Ctrl-C.
    before = signal.signal(signal.SIGTERM, terminate), signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        interrupt_again(SimpleNamespace(exc_type=Terminated))
        with pytest.raises(Terminated):
            time.sleep(5)
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
