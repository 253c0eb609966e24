"""An experiment under an ensemble: what is not known stands apart from chance."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.designs.ensemble import ensemble_plan, ensemble_study, read_ensemble
from cjsim.experiment.designs.show import ensemble_text
from cjsim.experiment.designs.study import StudyOptions
from cjsim.experiment.plan import hash_of
from cjsim.scenarios.load import load_model

REST = "stages.rest_and_legal_advice.duration"

EXPERIMENT = """
title = "Under an ensemble"
question = "What is not known?"
owner = "The tests"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-04-30
replications = 2
seed = 20130401

[scenarios.ready]
label = "Every file ready"
[scenarios.ready.set]
"branches.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0.0, 1.0] }}

[report]
watch = ["detention_hours"]
"""


def ensemble(folder: Path, *rows: str, heading: str = f"set,{REST},implausibility") -> Path:
    path = folder / "some.csv"
    path.write_text("\n".join([heading, *rows]) + "\n")
    return path


def experiment(folder: Path, toy: Path) -> Path:
    path = folder / "short.toml"
    path.write_text(EXPERIMENT.format(model=toy))
    return path


@pytest.mark.slow
def test_sets_that_differ_much_are_not_chance(tmp_path: Path, toy: Path) -> None:
    sets = ensemble(tmp_path, "s001,3.0,0.5", "s002,7.0,9.0")
    beside = {"cut": 3.0, "area": "elsewhere"}
    sets.with_suffix(".json").write_text(json.dumps(beside))
    said: list[str] = []
    given = StudyOptions(workers=1, out=tmp_path / "out", say=said.append)
    folder, content = ensemble_study(experiment(tmp_path, toy), given, sets)
    level, *_ = (
        row for row in content["levels"] if (row["group"], row["scenario"]) == ("mean", "baseline")
    )
    assert level["not_known"] > level["chance"] > 0
    assert level["p05"] < level["as_it_is"] < level["p95"]
    assert content["draws"] == 2
    assert any("1 of the 2 sets are not plausible" in line for line in said)
    assert any("made for elsewhere" in line for line in said)
    with (folder / "draws.csv").open() as file:
        assert {row[REST] for row in csv.DictReader(file)} == {"3.0", "7.0"}
    assert (folder / "levels.csv").is_file()
    assert "median of sets" in ensemble_text(content)


@pytest.mark.parametrize("made_of", ["of the model", "of another state of it"])
def test_an_ensemble_of_an_older_model_is_told_of(tmp_path: Path, toy: Path, made_of: str) -> None:
    sets = ensemble(tmp_path, "s001,3.0,0.5", "s002,7.0,0.5")
    model = load_model(toy)
    known = hash_of(model) if made_of == "of the model" else "0" * 64
    beside = {"cut": 3.0, "area": model.area, "model_hash": known}
    sets.with_suffix(".json").write_text(json.dumps(beside))
    said: list[str] = []
    ensemble_plan(experiment(tmp_path, toy), StudyOptions(say=said.append), sets)
    told = [line for line in said if "have been changed since the ensemble was made" in line]
    assert bool(told) == (made_of != "of the model")


@pytest.mark.parametrize(
    ("heading", "rows", "message"),
    [
        ("set,a,b", ("s1,1,2",), "an ensemble has the columns"),
        (f"set,{REST},implausibility", ("s1,5.0,1",), "two sets at least"),
        (f"set,{REST},implausibility", ("s1,5.0,1", "s2,x,1"), "line 3"),
        (f"set,{REST},implausibility", ("s1,5.0,1", "s2,1"), "line 3"),
    ],
)
def test_what_is_no_ensemble_is_a_fault(
    tmp_path: Path, heading: str, rows: tuple[str, ...], message: str
) -> None:
    with pytest.raises(Faults, match=message):
        read_ensemble(ensemble(tmp_path, *rows, heading=heading))


def test_a_missing_ensemble_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Faults, match="no such ensemble"):
        read_ensemble(tmp_path / "none.csv")


def test_a_number_that_the_model_has_not_is_named_by_the_ensemble(
    tmp_path: Path, toy: Path
) -> None:
    heading = "set,stages.rest.duration,implausibility"
    sets = ensemble(tmp_path, "s1,3.0,1", "s2,4.0,1", heading=heading)
    with pytest.raises(Faults, match=r"some\.csv.*\n?.*no number"):
        ensemble_study(experiment(tmp_path, toy), StudyOptions(out=tmp_path), sets)


def test_the_command_refuses_what_does_not_go_together(tmp_path: Path, toy: Path) -> None:
    sets = ensemble(tmp_path, "s001,3.0,0.5", "s002,7.0,0.5")
    command = ["run", str(experiment(tmp_path, toy)), "--ensemble", str(sets)]
    refused = CliRunner().invoke(main, [*command, "--all"])
    assert refused.exit_code == 2
    assert "--ensemble cannot be combined with" in refused.output
    done = CliRunner().invoke(main, [*command, "--dry-run", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "6 variants of 2 replications" in done.output
