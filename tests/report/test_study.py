"""The tornado on the Board's page: of the models that were run, and of no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cjsim.experiment.designs.sensitivity import sensitivity
from cjsim.experiment.designs.study import STUDY, StudyOptions
from cjsim.report.board.sections import assumptions, sureness, trust
from cjsim.report.charts.study import tornado_beside
from cjsim.report.data import ResultsFolder
from cjsim.storage.outputs import RESULTS, add_to_list


def tornado_of(question: Path, out: Path) -> Path:
    given = StudyOptions(replications=2, workers=1, out=out, say=lambda _: None)
    folder, _ = sensitivity(question, given, scenario="ready")
    return folder / STUDY


def test_a_study_of_the_same_models_is_found_beside_a_run(
    run: Callable[..., Path], question: Path, tmp_path: Path
) -> None:
    results = ResultsFolder(run())
    assert tornado_beside(results) is None
    tornado_of(question, tmp_path / "results")
    found = tornado_beside(results)
    assert found is not None
    assert found.replications == 2
    assert len(found.bars) == 1
    told = " ".join(sureness(results, found))
    assert "None of 1" not in told
    # What was not varied could turn the answer as well, and it is said.
    assert found.varied.startswith("1 input of ")
    assert "Not varied, so that nothing is known of them here: " in told
    assert "128 effect sizes" in told
    ranked = dict(trust(results, [], found))["Assumptions ranked by effect"]
    assert ranked.startswith("1 input of ")
    table = assumptions(results, found)
    assert table is not None
    assert found.varied in table.caption
    assert "The one input that was varied" in told or "would be 0 with" in told


def test_a_study_of_other_numbers_is_not(
    run: Callable[..., Path], question: Path, tmp_path: Path
) -> None:
    results = ResultsFolder(run())
    text = question.read_text(encoding="utf-8")
    assert "value = 0.9" in text
    question.write_text(text.replace("value = 0.9", "value = 0.8"), encoding="utf-8")
    tornado_of(question, tmp_path / "results")
    assert tornado_beside(results) is None


def write_earlier_study(study: Path, content: dict[str, Any]) -> None:
    """Write a study as an earlier version did: it is what the list of its folder says."""
    study.write_text(json.dumps(content), encoding="utf-8")
    add_to_list(study.parent, RESULTS, [study.name])


def test_a_study_that_does_not_say_of_which_models_it_is_belongs_to_no_run(
    run: Callable[..., Path], question: Path, tmp_path: Path
) -> None:
    results = ResultsFolder(run())
    study = tornado_of(question, tmp_path / "results")
    content = json.loads(study.read_text(encoding="utf-8"))
    del content["models"]
    write_earlier_study(study, content)
    assert tornado_beside(results) is None


def test_a_study_that_does_not_say_what_it_left_out_promises_nothing(
    run: Callable[..., Path], question: Path, tmp_path: Path
) -> None:
    results = ResultsFolder(run())
    study = tornado_of(question, tmp_path / "results")
    content = json.loads(study.read_text(encoding="utf-8"))
    del content["inputs"]
    write_earlier_study(study, content)
    found = tornado_beside(results)
    assert found is not None
    assert "this study does not record it." in sureness(results, found)[-1]
