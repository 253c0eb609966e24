"""Reading a model folder: many files make one model, and every fault in them is told at once."""

from __future__ import annotations

import datetime as dt
import pickle
import shutil
from pathlib import Path

import pytest

from cjsim.errors import Fault, Faults
from cjsim.scenarios.load import load_experiment, load_model
from cjsim.schema.model import Model
from cjsim.schema.parameter_paths import sourced_values


@pytest.fixture
def folder(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the toy model below the current folder."""
    shutil.copytree(toy, tmp_path / "toy")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "toy"


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(Faults) as caught:
        load_model(folder)
    return caught.value.faults


def the_fault_of(folder: Path) -> Fault:
    faults = faults_of(folder)
    assert len(faults) == 1, faults
    return faults[0]


def add(folder: Path, name: str, text: str) -> None:
    path = folder / name
    before = path.read_text(encoding="utf-8") + "\n" if path.is_file() else ""
    path.write_text(before + text, encoding="utf-8")


def test_the_files_of_a_folder_make_one_model(folder: Path) -> None:
    model = load_model(folder)
    assert isinstance(model, Model)
    assert model.branches["file_ready"].probability.source


def test_a_folder_may_be_named_by_a_text(folder: Path) -> None:
    assert load_model(str(folder)) == load_model(folder)


def test_a_table_may_move_to_another_file(folder: Path) -> None:
    before = load_model(folder)
    police = folder / "police.toml"
    text = police.read_text(encoding="utf-8")
    start = text.index("[pools.cells]")
    end = text.index("\n\n", start)
    police.write_text(text[:start] + text[end:], encoding="utf-8")
    add(folder, "zz.toml", text[start:end])
    after = load_model(folder)
    assert after.pools["cells"] == before.pools["cells"]
    assert list(after.pools)[-1] == "cells"


def test_one_key_in_two_files_is_a_fault_that_names_both(folder: Path) -> None:
    add(folder, "zz.toml", 'title = "Another"\n')
    fault = the_fault_of(folder)
    assert fault.file == "toy/zz.toml"
    assert fault.key == "title"
    assert "toy/" in fault.wrong
    assert ".toml as well" in fault.wrong


def test_one_table_in_two_files_is_a_fault_that_names_both(folder: Path) -> None:
    add(folder, "zz.toml", '[pools.cells]\nagency = "police"\n')
    fault = the_fault_of(folder)
    assert (fault.file, fault.key) == ("toy/zz.toml", "pools.cells")
    assert "stands in toy/police.toml as well" in fault.wrong


def test_a_missing_folder_suggests_the_one_meant(folder: Path) -> None:
    fault = the_fault_of(folder.parent / "tou")
    assert fault.file == "tou"
    assert fault.remedy == 'Did you mean "toy"?'


def test_a_file_is_no_model_folder(folder: Path) -> None:
    fault = the_fault_of(folder / "police.toml")
    assert fault.remedy == "That is a file: give the folder that holds it."


def test_a_folder_without_toml_files_is_a_fault(tmp_path: Path) -> None:
    assert the_fault_of(tmp_path).wrong == "the folder holds no TOML file."


def test_what_is_not_toml_is_told_with_its_line(folder: Path) -> None:
    add(folder, "zz.toml", "a = 1\nb = = 2\n")
    assert "at line 2, column 5" in the_fault_of(folder).wrong


def test_what_is_not_text_is_a_fault(folder: Path) -> None:
    (folder / "zz.toml").write_bytes(b"\xff\xfe\x00")
    assert the_fault_of(folder).wrong == "this is not a text file."


def test_a_file_of_more_than_two_megabytes_is_not_read(folder: Path) -> None:
    add(folder, "zz.toml", "# " + "x" * 2_000_000)
    assert the_fault_of(folder).wrong == "the file is larger than 2 MB."


def test_deep_nesting_is_refused(folder: Path) -> None:
    add(folder, "zz.toml", ".".join("abcdefghijklmnop") + " = 1\n")
    assert "nested more than 12 deep" in the_fault_of(folder).wrong


def test_a_thousand_brackets_are_refused_without_a_crash(folder: Path) -> None:
    add(folder, "zz.toml", "x = " + "[" * 5000 + "]" * 5000 + "\n")
    assert "brackets are nested too deep" in the_fault_of(folder).wrong


def test_a_missing_table_is_told_at_the_folder(folder: Path) -> None:
    text = (folder / "opening.toml").read_text(encoding="utf-8")
    (folder / "opening.toml").write_text(text.replace("[opening]", "[closing]"), encoding="utf-8")
    faults = faults_of(folder)
    assert [(f.file, f.key, f.wrong) for f in faults if "missing" in f.wrong] == [
        ("toy", "opening", "this table is missing.")
    ]


def test_faults_of_types_and_of_references_come_together(folder: Path) -> None:
    add(
        folder,
        "zz.toml",
        '[pools.first]\nagency = "polise"\n[pools.second]\nagency = "police"\nhours = "nevr"\n'
        'capacity = { value = 1, source = "toy", evidence = "measured" }\n',
    )
    wrong = [fault.wrong for fault in faults_of(folder)]
    assert any('"polise" is not one of the words' in each for each in wrong)
    assert any('there are no hours called "nevr"' in each for each in wrong)


def test_a_pool_set_aside_for_a_fault_is_not_reported_as_unknown(folder: Path) -> None:
    police = folder / "police.toml"
    text = police.read_text(encoding="utf-8")
    police.write_text(
        text.replace('[pools.officers]\nagency = "police"', '[pools.officers]\nagency = "polise"'),
        encoding="utf-8",
    )
    assert the_fault_of(folder).key == "pools.officers.agency"


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("true", "this must be a number or a table of numbers, not true."),
        ('"0.5"', 'this must be a number or a table of numbers, not "0.5".'),
        ("nan", "this must be a finite number, not nan."),
        ("inf", "this must be a finite number, not inf."),
        ("[1, 2]", "this must be a number or a table of numbers, not a list."),
        ("{ north = true }", "this must be a number, not true."),
        ("2014-01-01", "this must be a number or a table of numbers, not the date 2014-01-01."),
    ],
)
def test_only_a_number_is_a_number(folder: Path, value: str, wrong: str) -> None:
    add(
        folder,
        "zz.toml",
        '[pools.new]\nagency = "police"\nhours = "office"\n'
        f'capacity = {{ value = {value}, source = "toy", evidence = "measured" }}\n',
    )
    assert the_fault_of(folder).wrong == wrong


@pytest.mark.parametrize("day", ["2013-10-01T09:00:00", "20131001", "1.5", '"soon"'])
def test_only_a_date_is_a_date(folder: Path, day: str) -> None:
    add(
        folder,
        "zz.toml",
        '[pools.new]\nagency = "police"\nhours = "office"\n'
        'capacity = { value = 1, source = "toy", evidence = "measured", changes = [\n'
        f'  {{ from = {day}, value = 2, source = "toy", evidence = "measured" }} ] }}\n',
    )
    fault = the_fault_of(folder)
    assert fault.key == "pools.new.capacity.changes[entry 1].from"
    assert fault.remedy == "Write it without quotes, such as 2013-10-01."


def test_a_model_comes_back_whole_from_json(folder: Path) -> None:
    model = load_model(folder)
    again = Model.model_validate(model.model_dump(mode="json", by_alias=True))
    # Derivations are words about numbers: they stay in the files, and results hold the numbers.
    said = {at: value.derivation for at, value in sourced_values(model) if value.derivation}
    assert not any(value.derivation for _, value in sourced_values(again))
    assert (again == model) == (not said)
    assert again.model_dump(by_alias=True) == model.model_dump(by_alias=True)


def test_faults_survive_the_way_between_processes() -> None:
    faults = Faults([Fault("a.toml", "x.y", "it is wrong.", "Mend it.", "x")])
    assert pickle.loads(pickle.dumps(faults)).report() == faults.report()  # noqa: S301


def test_a_report_groups_faults_under_file_and_table() -> None:
    report = Faults(
        [
            Fault("b.toml", "run.to", "too early.", "", "run"),
            Fault("a.toml", "", "not TOML.", "Mend it."),
            Fault("b.toml", "run.from", "too late.", "", "run"),
            Fault("b.toml", "run", "backwards.", "", "run"),
        ]
    ).report()
    assert report.splitlines() == [
        "a.toml",
        "  not TOML. Mend it.",
        "b.toml, [run]",
        "  backwards.",
        '  "from": too late.',
        '  "to": too early.',
        "4 faults. Nothing was run.",
    ]


def test_a_missing_experiment_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Faults, match="there is no such file"):
        load_experiment(tmp_path / "none.toml")


def test_an_experiment_knows_its_file_and_its_model(root: Path) -> None:
    experiment = load_experiment(root / "experiments" / "nothing_changes.toml")
    assert experiment.path == root / "experiments" / "nothing_changes.toml"
    assert experiment.model_folder.resolve() == root / "models" / "toy"
    assert experiment.run.from_ == dt.date(2013, 4, 1)
