"""The reference and the schemas are told from the code, whole, and agree with what is loaded."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from cjsim.cli.main import main
from cjsim.docgen import config_page, pages, vocabulary_page
from cjsim.docgen.schemas import experiment_schema, model_schema
from cjsim.jurisdiction import using
from cjsim.measures import find_measure, known_measures
from cjsim.schema.base import Sourced
from cjsim.schema.experiment import Experiment
from cjsim.schema.folder import jurisdiction_in
from cjsim.schema.model import Model, Stream
from tests.support.reading import experiment_files, model_folders, model_of

MODEL_FILES = [file for folder in model_folders() for file in sorted(folder.glob("*.toml"))]
TABLES = [
    *config_page.tables(Model, "model", ""),
    *config_page.tables(Experiment, "experiment", ""),
    *config_page.kinds_of_value(),
]


def read(file: Path) -> Any:
    """A file as an editor hands it to a schema: dates are texts."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return json.loads(json.dumps(data, default=dt.date.isoformat))


def faults(schema: dict[str, Any], data: Any) -> list[str]:
    return [fault.message for fault in Draft202012Validator(schema).iter_errors(data)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.heading)
def test_every_key_has_a_meaning(table: config_page.Table) -> None:
    assert not [key.name for key in table.keys if not key.meaning]
    assert table.about


def test_every_table_of_a_model_is_there_with_its_units() -> None:
    units = {
        f"{table.heading} {key.name}": key.unit
        for table in config_page.tables(Model, "model", "")
        for key in table.keys
        if key.kind in ("an amount", "a probability", "shares", "a profile")
    }
    assert units["[lists.<court list>] overrun_minutes"] == "minutes"
    assert units["[duties.<duty>] within_working_days"] == "working days"
    assert units["[lists.<court list>.houses.<name>] rooms"] == "courtrooms sitting"
    assert not [key for key, unit in units.items() if not unit]


def test_the_page_of_a_model_names_every_key_of_every_model() -> None:
    page = pages.model_page()
    known = {key.name for table in TABLES for key in table.keys}
    for name in known:
        assert f"| `{name}` |" in page + pages.experiment_page()
    for described in (Model, *(each for each in Sourced.__subclasses__())):
        assert {field.alias or name for name, field in described.model_fields.items()} <= known


def test_defaults_and_kinds_are_those_that_the_loader_uses() -> None:
    of_list = next(each for each in TABLES if each.heading == "[lists.<court list>]")
    found = {key.name: key for key in of_list.keys}
    assert found["bank_holidays"].default == "false"
    assert found["sessions"].kind == "a list, each a time of day"
    assert found["carried_days"].kind == "an amount for each listing kind"
    assert found["court"].kind == 'one of "magistrates", "crown"'
    run = next(each for each in TABLES if each.heading == "[run]")
    assert {key.name: key.default for key in run.keys}["replications"] == "30"


def test_every_measure_stands_on_its_page_with_its_definition() -> None:
    page = pages.measures_page()
    for kpi in (find_measure(name) for name in known_measures()):
        assert f"| `{kpi.name}` | {kpi.unit} | {kpi.better} |" in page
        assert kpi.definition in page


def test_every_command_stands_on_its_page_with_an_example_and_its_options() -> None:
    page = pages.commands_page(main)
    for name, command in main.commands.items():
        assert f"\n## cjsim {name}\n" in page
        assert f"\ncjsim {name} " in page
        for option in command.params:
            assert all(flag in page for flag in option.opts if flag.startswith("--"))


def test_words_stand_beside_the_step_that_says_them() -> None:
    steps = vocabulary_page.steps_by_word()
    assert [step.name for step in steps["file_ready"]] == [
        "entry_points.received_at_crown_court",
        "police.build_file",
        "prosecution.prepare_for_first_hearing",
    ]
    assert all(
        "`" + word + "`" in pages.words_page() for word in vocabulary_page.words_of("Branch")
    )


def test_the_pages_are_the_same_whenever_they_are_written(tmp_path: Path) -> None:
    first = pages.write_reference(tmp_path / "a", main)
    second = pages.write_reference(tmp_path / "b", main)
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.parametrize("file", MODEL_FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_file_of_every_model_keeps_to_the_schema(file: Path) -> None:
    with using(jurisdiction_in(file.parent)):
        assert not faults(model_schema(), read(file))


@pytest.mark.parametrize("file", experiment_files(), ids=lambda file: file.stem)
def test_every_experiment_keeps_to_the_schema(file: Path) -> None:
    with using(jurisdiction_in(model_of(file))):
        assert not faults(experiment_schema(), read(file))


def test_a_schema_finds_the_slips_that_the_loader_finds(toy: Path) -> None:
    police = read(toy / "police.toml")
    police["pools"]["officers"]["capacty"] = police["pools"]["officers"].pop("capacity")
    assert any("capacty" in fault for fault in faults(model_schema(), police))
    question = read(toy.parents[1] / "experiments" / "first_question.toml")
    question["run"]["replications"] = 0
    del question["scenarios"]["ready_files"]["set"]["branches.file_ready.probability"]["source"]
    assert len(faults(experiment_schema(), question)) == 2


def test_schemas_say_what_a_key_means_where_an_editor_shows_it() -> None:
    stream = model_schema()["$defs"]["Stream"]["properties"]["headroom"]
    assert stream["description"] == Stream.model_fields["headroom"].description


def test_the_command_writes_both_schemas(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["schema", "--out", str(tmp_path / "schemas")])
    assert done.exit_code == 0, done.output
    written = {
        path.name: json.loads(path.read_text()) for path in (tmp_path / "schemas").glob("[!.]*")
    }
    assert written == {
        "model.schema.json": model_schema(),
        "experiment.schema.json": experiment_schema(),
    }
    for schema in written.values():
        Draft202012Validator.check_schema(schema)
