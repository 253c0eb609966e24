"""A number that names a row of the register is what stands there, or says why it is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cjsim.calibration.targets import load_targets, notes_on_targets
from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.check import check_files
from cjsim.experiment.plan import hash_of
from cjsim.scenarios.load import load_model
from cjsim.schema.base import Duration, Number, Profile, Shares, Sourced
from cjsim.schema.checks.provenance import source_agrees
from tests.conftest import ROOT

ROW = {"value": "0.52; 1,250", "unit": "proportion", "geography": "Staffordshire", "note": ""}


def wrong(item: Sourced, own_unit: str = "", area: str = "staffordshire", **row: str) -> list[str]:
    register = {item.source: {**ROW, **row}}
    return [problem.wrong for problem in source_agrees((), item, own_unit, register, area)]


def number(value: float | dict[str, float], evidence: str = "measured", **more: object) -> Number:
    return Number.model_validate({"value": value, "source": "row", "evidence": evidence, **more})


@pytest.mark.parametrize(
    ("item", "unit", "row"),
    [
        (number(0.52), "chance from 0 to 1", {}),
        (number(0.5), "", {}),  # rounded as it is written
        (number(52), "", {}),  # of a share, in per cent
        (number(1250), "", {"unit": "cases"}),
        (number({"a": 450, "b": 800}), "", {"unit": "cases"}),  # the parts of a total
        (number(150), "minutes", {"value": "2.5", "unit": "hours per session"}),
        (number(2.5), "days", {"value": "60", "unit": "hours"}),
        (number(5), "working days", {"value": "5; 1", "unit": "working days"}),
        (number(0.9, "estimated"), "", {}),
        (number(0.3, "derived", note="less those on bail"), "", {}),
        (number(0.3, "derived", derivation="0.52 less 0.22"), "", {}),
        (number(0.3, "assumed", range=[0, 1]), "", {"geography": "Dorset"}),
        (number(0.52, note="Dorset's"), "", {"geography": "Dorset"}),
        (number(0.52), "", {"geography": "9 forces (England)"}),
        (number(0.52), "", {"geography": "Staffordshire north"}),
        (number(0.52), "", {"geography": "three forces"}),
    ],
)
def test_a_number_that_agrees_with_its_row_is_no_fault(
    item: Number, unit: str, row: dict[str, str]
) -> None:
    assert wrong(item, unit, **row) == []


@pytest.mark.parametrize(
    ("item", "unit", "row", "told"),
    [
        (number(0.53), "", {}, "0.53 is not in"),
        (number(999_999), "", {"unit": "cases"}, "999999 is not in"),
        (number({"a": 450, "b": 801}), "", {"unit": "cases"}, "450 is not in"),
        (number(2.5), "minutes", {"value": "2.5", "unit": "hours"}, "2.5 is not in"),
        (number(0.3, "derived"), "", {}, "0.3 is not in"),
        (number(5), "minutes", {"value": "5", "unit": "GBP"}, "minutes are not the unit of"),
        (number(0.52), "", {"geography": "Dorset"}, "is of Dorset, and the model of the area"),
        (
            number(0.9, "estimated"),
            "",
            {"geography": "Scotland, three to five courts"},
            "is of Scotland",
        ),
    ],
)
def test_a_number_that_does_not_agree_with_its_row_is_told(
    item: Number, unit: str, row: dict[str, str], told: str
) -> None:
    [said] = wrong(item, unit, **row)
    assert told in said


def test_every_kind_of_value_is_held_against_its_row() -> None:
    about = {"source": "row", "evidence": "measured"}
    for item in (
        Duration.model_validate({"median": 3, "p90": 9, "unit": "days", **about}),
        Shares.model_validate({"value": {"a": 0.25, "b": 0.75}, **about}),
        Profile.model_validate({"value": [1, 2], **about}),
    ):
        assert len(wrong(item, "", unit="cases", value="7")) == 1
        assert wrong(item, "", unit="cases", value="3; 9; 0.25; 0.75; 1; 2") == []


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study with a copy of Staffordshire, which is the current folder."""
    shutil.copytree(ROOT / "models" / "staffordshire_2013", tmp_path / "models" / "copy")
    (tmp_path / "calibration").mkdir()
    shutil.copy(ROOT / "calibration" / "register.csv", tmp_path / "calibration")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_invented_number_does_not_pass_for_a_published_one(study: Path) -> None:
    edit(study / "models/copy/demand.toml", "violence = 6792", "violence = 999999")
    with pytest.raises(Faults) as found:
        load_model("models/copy")
    [fault] = found.value.faults
    assert fault.key == "streams.arrest_notifiable.per_year"
    assert '"arrests_staffordshire_2013_14" of the register (17200 arrests)' in fault.wrong


def test_the_figures_of_another_area_do_not_pass_for_its_own(study: Path) -> None:
    edit(study / "models/copy/demand.toml", 'area = "staffordshire"', 'area = "west_midlands"')
    with pytest.raises(Faults) as found:
        load_model("models/copy")
    told = {fault.key for fault in found.value.faults}
    assert "streams.arrest_notifiable.per_year.source" in told
    assert "pools.cells.capacity.source" in told
    assert all(
        'is of Staffordshire, and the model of the area "west_midlands"' in fault.wrong
        for fault in found.value.faults
    )


def test_a_derivation_says_more_of_a_number_and_makes_no_other_model(study: Path) -> None:
    before = load_model("models/copy")
    edit(
        study / "models/copy/demand.toml",
        'note = "split of 1,366',
        'derivation = "as published", note = "split of 1,366',
    )
    after = load_model("models/copy")
    assert after.streams["arrest_notifiable"].per_year.derivation == "as published"
    assert hash_of(after) == hash_of(before)


def test_outside_a_study_sources_are_said_not_to_be_checked_once(study: Path) -> None:
    (study / "calibration" / "register.csv").unlink()
    edit(study / "models/copy/demand.toml", "arrests_staffordshire_2013_14", "i_made_this_up")
    done = CliRunner().invoke(main, ["check", "models/copy", "models/copy"])
    assert done.exit_code == 0, done.output
    assert done.stderr.count("are not checked") == 1
    assert "models/copy stands outside a study: no calibration/register.csv" in done.stderr


def test_a_run_long_after_its_models_years_is_told(tmp_path: Path, toy: Path) -> None:
    text = (ROOT / "experiments" / "nothing_changes.toml").read_text(encoding="utf-8")
    text = text.replace("../models/toy", str(toy)).replace("2013-04-01", "2024-04-01")
    (tmp_path / "late.toml").write_text(text.replace("2014-03-31", "2025-03-31"))
    notes: list[str] = []
    check_files([tmp_path / "late.toml"], notes.append)
    assert any("The run is of 2024 to 2025; the numbers and the law" in note for note in notes)
    notes.clear()
    check_files([ROOT / "experiments" / "nothing_changes.toml"], notes.append)
    assert not any("The run is of" in note for note in notes)


def test_a_target_agrees_with_its_row_or_is_said_not_to_be_checked(study: Path) -> None:
    (study / "calibration" / "targets").mkdir()
    shutil.copytree(ROOT / "calibration" / "fits", study / "calibration" / "fits")
    file = study / "calibration" / "targets" / "copy.toml"
    shutil.copy(ROOT / "calibration" / "targets" / "staffordshire_2013.toml", file)
    assert list(notes_on_targets(load_targets(file), study / "models")) == []
    edit(file, 'id = "police_charged_share_2013_14"', 'id = "my_own_count"')
    [note] = notes_on_targets(load_targets(file), study / "models")
    assert "1 target is not checked" in note
    assert "my_own_count" in note
    edit(file, "published = 17200", "published = 1720")
    with pytest.raises(Faults, match="1720 is not in"):
        load_targets(file)
