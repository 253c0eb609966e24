"""The effect sizes of a model are varied by every study that is not told otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cjsim.experiment import replication as room
from cjsim.experiment.designs import factors as factors_module
from cjsim.experiment.designs.inputs import effect_sizes_of
from cjsim.experiment.designs.sensitivity import sensitivity, sensitivity_plan
from cjsim.experiment.designs.show import tornado_text, uncertainty_text
from cjsim.experiment.designs.study import StudyOptions
from cjsim.experiment.designs.uncertainty import uncertainty
from cjsim.schema.model import Model
from tests.recovery.test_studies import EXPERIMENT, measure, run_one
from tests.support.short_engine import put_in


@pytest.fixture
def experiment(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file, text = tmp_path / "known.toml", EXPERIMENT.format(model=toy)
    return put_in(monkeypatch, file, text, simulate=run_one, measure=measure)


@pytest.fixture
def given(tmp_path: Path) -> StudyOptions:
    return StudyOptions(workers=1, out=tmp_path / "results", say=lambda _: None)


PLEA_ODDS = "branches.guilty_plea_first_hearing.odds"


def with_effects(text: str) -> str:
    return text.replace("effects = false\n", "")


@pytest.fixture
def few_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The odds factors of one branch alone, of which `file_ready` makes the reform's answer."""

    def of_one_branch(model: Model, without: Any) -> list[Any]:
        return [one for one in effect_sizes_of(model, without) if one.path.startswith(PLEA_ODDS)]

    def with_odds(folder: Path, model: Model) -> pa.Table:
        odds = model.branches["guilty_plea_first_hearing"].odds["file_ready"].factor
        extra = 4 * (odds - 1.5) if model.branches["file_ready"].probability.changes else 0.0
        table = measure(folder, model)
        values = [value + extra for value in table["value"].to_pylist()]
        return table.set_column(table.column_names.index("value"), "value", [values])

    monkeypatch.setattr(factors_module, "effect_sizes_of", of_one_branch)
    monkeypatch.setattr(room, "measure", with_odds)


def test_a_tornado_varies_the_effect_sizes_that_move_the_answer_without_being_asked(
    experiment: Path, few_effects: None, given: StudyOptions
) -> None:
    experiment.write_text(with_effects(experiment.read_text()))
    folder, content = sensitivity(experiment, given)
    bars = {row["lever"]: row for row in content["rows"]}
    assert [path for path in bars if ".odds." in path] == [f"{PLEA_ODDS}.file_ready"]
    ready = bars[f"{PLEA_ODDS}.file_ready"]
    # At rest 2.6; the factor goes from 1.1 over 1.5 to 2.2.
    assert (ready["low_difference"], ready["high_difference"]) == pytest.approx((1.0, 5.4))
    inputs = content["inputs"]
    assert (inputs["varied"], inputs["tried"]) == (4, 9)
    assert (
        inputs["varied"] + inputs["tried"] + sum(inputs["left_out"].values())
        == (inputs["with_range"])
    )
    text = tornado_text(content)
    assert f"Varied over their ranges: 4 of the {inputs['with_range']} inputs with one." in text
    assert "Tried in one replication only: 9 more" in text
    assert "Not varied, so that nothing is known of them here: " in text
    lines = sensitivity_plan(experiment, given)
    assert lines[0].startswith("10 effect sizes are tried first")
    assert (folder.parent.parent / "known-screening").is_dir()


def test_without_effects_a_tornado_says_that_they_were_left_out(
    experiment: Path, given: StudyOptions
) -> None:
    _, content = sensitivity(experiment, given)
    assert content["inputs"]["left_out"]["effect sizes"] == 128
    assert "128 effect sizes" in tornado_text(content)


def test_sobols_indices_take_the_effect_sizes_as_one_group(
    experiment: Path, few_effects: None, given: StudyOptions
) -> None:
    experiment.write_text(with_effects(experiment.read_text()))
    _, content = sensitivity(experiment, replace(given, replications=1), sobol=100)
    assert content["size"] == 8
    names = [row["lever"] for row in content["rows"]]
    assert [name for name in names if "effect" in name] == [
        "the 10 effect sizes of the model together"
    ]
    assert len(names) == 4
    assert content["inputs"]["varied"] == 13


def test_draws_are_of_the_effect_sizes_too(
    experiment: Path, few_effects: None, given: StudyOptions
) -> None:
    experiment.write_text(with_effects(experiment.read_text()))
    folder, content = uncertainty(experiment, given, draws=3)
    drawn = (folder / "draws.csv").read_text().splitlines()[0].split(",")
    assert sum(column.startswith(PLEA_ODDS) for column in drawn) == 10
    assert "Varied over their ranges: " in uncertainty_text(content)
