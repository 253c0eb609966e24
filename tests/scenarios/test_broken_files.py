"""Each broken file gives a message that names the file, the key, the fault and the remedy.

The messages are public: they stand word for word in `broken/messages.txt`. To accept new ones, run
this file with REWRITE_MESSAGES=1 and read what changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.check import check_files
from cjsim.scenarios.load import load_experiment
from cjsim.schema.bounds import MOST_FAULTS
from tests.conftest import ROOT
from tests.support.broken_files import BROKEN, HERE, MESSAGES, MODEL, QUESTION, break_it, messages


@pytest.fixture
def project(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the toy model and a sound experiment, which is also the current folder."""
    shutil.copytree(toy, tmp_path / MODEL)
    (tmp_path / "experiments").mkdir()
    shutil.copy(HERE / "question.toml", tmp_path / QUESTION)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_unbroken_files_load(project: Path) -> None:
    assert list(load_experiment(QUESTION).scenarios) == ["better_files", "best_files"]


@pytest.mark.parametrize("name", BROKEN)
def test_the_message_is_the_one_on_file(project: Path, name: str) -> None:
    break_it(project, name)
    with pytest.raises(Faults) as caught:
        load_experiment(QUESTION)
    report = caught.value.report()
    if os.environ.get("REWRITE_MESSAGES"):
        new = {**messages(), name: report}
        blocks = [f"## {each}\n{new[each]}\n" for each in BROKEN if each in new]
        MESSAGES.write_text("\n".join(blocks), encoding="utf-8")
    assert report == messages()[name]


@pytest.mark.parametrize("name", BROKEN)
def test_every_fault_names_a_file_and_a_remedy(project: Path, name: str) -> None:
    break_it(project, name)
    with pytest.raises(Faults) as caught:
        load_experiment(QUESTION)
    for fault in caught.value.faults:
        assert fault.file.startswith(("experiments/", "models/"))
        assert fault.wrong.endswith(".")
        assert fault.remedy.endswith((".", "?"))


@pytest.mark.parametrize("name", list(BROKEN)[:12])
def test_nothing_is_run_and_no_results_folder_is_left(project: Path, name: str) -> None:
    break_it(project, name)
    result = CliRunner().invoke(main, ["run", QUESTION])
    assert result.exit_code == 2
    assert "Nothing was run." in result.output
    assert not (project / "results").exists()


def test_the_messages_on_file_are_those_of_the_broken_files() -> None:
    assert list(messages()) == list(BROKEN)


STUDIES = """
[sweep]
scenario = "{sweep}"
[sweep.over]
"pools.offficers.capacity" = {{ values = [1, 2] }}

[sensitivity]
scenario = "best_filles"
also = ["branches.action_plans.probability", "branches.youths.probability"]

[uncertain]
also = ["branches.action_plan.probabilty"]
"""


def test_a_file_whose_results_could_have_no_folder_is_told_by_check(project: Path) -> None:
    odd = (project / QUESTION).rename(project / "experiments" / "größe.toml")
    with pytest.raises(Faults, match="cannot be the name of a folder of results"):
        check_files([odd.relative_to(project)])


def test_what_studies_name_is_checked_before_anybody_runs_them(project: Path) -> None:
    sound = (project / QUESTION).read_text(encoding="utf-8")

    def faults(sweep: str) -> list[tuple[str, str]]:
        text = f"{sound}{STUDIES.format(sweep=sweep)}"
        (project / QUESTION).write_text(text, encoding="utf-8")
        with pytest.raises(Faults) as caught:
            check_files([Path(QUESTION)])
        return sorted((fault.key, fault.remedy) for fault in caught.value.faults)

    of_the_others = [
        ("sensitivity.scenario", 'Did you mean "best_files"?'),
        ("sensitivity.also", 'Did you mean "branches.action_plan.probability"?'),
        ("sensitivity.also", 'Did you mean "branches.youth.probability"?'),
        ("uncertain.also", 'Did you mean "branches.action_plan.probability"?'),
    ]
    unknown_scenario = ("sweep.scenario", 'Did you mean "best_files"?')
    assert faults("best_filles") == sorted([*of_the_others, unknown_scenario])
    unknown_value = (
        "sweep.over.pools.offficers.capacity",
        'Did you mean "pools.officers.capacity"?',
    )
    assert faults("best_files") == sorted([*of_the_others, unknown_value])


ALL_OF_THEM = """
import os, sys
from pathlib import Path
from tests.support import broken_files as here
from cjsim.errors import Faults
from cjsim.scenarios.load import load_experiment
folder = Path(sys.argv[1])
os.chdir(folder)
sound = {path: path.read_bytes() for path in folder.rglob("*.toml")}
for name in sys.argv[2:]:
    here.break_it(folder, name)
    try:
        load_experiment(here.QUESTION)
    except Faults as found:
        print(found.report())
    for path, content in sound.items():
        path.write_bytes(content)
"""
"""What a process of its own says of some broken files."""

SEVERAL = [name for name, said in messages().items() if "1 fault. " not in said]
"""Those with more than one fault, whose order could be that of a set."""


@pytest.mark.parametrize("names", [SEVERAL, pytest.param(list(BROKEN), marks=pytest.mark.slow)])
def test_no_message_depends_on_the_order_of_a_set(project: Path, names: list[str]) -> None:
    said = []
    for seed in ("1", "4"):
        folder = project / seed
        shutil.copytree(project / "models", folder / "models")
        shutil.copytree(project / "experiments", folder / "experiments")
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", ALL_OF_THEM, str(folder), *names]
        said.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
    first, second = (process.communicate()[0] for process in said)
    assert [process.returncode for process in said] == [0, 0]
    assert first == second
    assert first.count("Nothing was run.") == len(names)


def test_a_file_of_another_program_does_not_fill_the_screen(project: Path) -> None:
    tables = "".join(f"[settings_{place}]\nx = 1\n" for place in range(400))
    (project / QUESTION).write_text(tables, encoding="utf-8")
    with pytest.raises(Faults) as caught:
        load_experiment(QUESTION)
    assert len(caught.value.faults) == MOST_FAULTS + 1
    assert "304 more faults are not shown here" in caught.value.report()
