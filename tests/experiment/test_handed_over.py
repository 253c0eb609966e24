"""Results from strangers: names, sizes and kinds are checked before anything is done with them."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import cjsim
from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.manifest_schema import read_manifest
from tests.support.handed_over import edit_manifest, put_hashes_right, put_manifest_right, read
from tests.support.report_data import write_results

COMMANDS = (["compare"], ["report"], ["cost", "--workers", "1"], ["export", "--format", "xlsx"])
"""What reads a results folder."""


def typed(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def results(run: Callable[..., Path]) -> Path:
    """A run whose replications took no time; its logs are none."""
    return run()


@pytest.mark.parametrize("name", ["../../x", "/x", "..", "a/b", "Baseline", "", "x" * 65, ".x"])
def test_a_name_that_leads_out_of_the_folder_is_refused(results: Path, name: str) -> None:
    manifest = read(results / "manifest.json")
    manifest["scenarios"][0]["name"] = name
    manifest["models"] = {name: manifest["models"]["baseline"], **manifest["models"]}
    manifest["runs"] = [
        {**one, "scenario": name if one["scenario"] == "baseline" else one["scenario"]}
        for one in manifest["runs"]
    ]
    edit_manifest(results, **manifest)
    before = set(results.parent.parent.rglob("*"))
    for words in (["compare"], ["export", "--format", "xes"], ["export", "--format", "csv"]):
        done = typed(words[0], results, *words[1:])
        assert done.exit_code == 2, done.output
        assert "this is no name or hash of cjsim's" in done.output
    assert before == set(results.parent.parent.rglob("*"))


def test_more_rows_than_a_run_can_have_are_not_read(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pq.read_table(results / "kpis.parquet")
    many = pa.concat_tables([table.slice(0, 1)] * 100_000).combine_chunks()
    with pq.ParquetWriter(results / "kpis.parquet", many.schema) as file:
        for _ in range(20):
            file.write_table(many)
    put_hashes_right(results)

    def read_all(path: Path) -> pa.Table:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("cjsim.experiment.reading.read_table", read_all)
    done = typed("compare", results)
    assert done.exit_code == 2, done.output
    assert "2,000,000 rows, more than a run of this size can have" in done.output


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"areas": 5}, "areas that can be used: a table is wanted"),
        ({"areas": {"of": []}}, "it has no areas"),
        ({"seed": None}, "seed that can be used: a whole number is wanted"),
        ({"precision": []}, "precision that can be used: a table is wanted"),
        ({"study_from": "soon"}, "study_from that can be used"),
        ({"replications": 10**9}, "replications that can be used"),
        ({"runs": [{}]}, "it has no runs"),
        ({"records": {"../../x/000": "0" * 64}}, "these are not all the replications"),
        ({"notices": ["\u001b[2J"]}, "holds a control character"),
        ({"notices": [["\u202e"]]}, "holds a control character"),
    ],
)
def test_a_manifest_of_another_kind_is_told_by_key(
    results: Path, values: dict[str, Any], told: str
) -> None:
    edit_manifest(results, **values)
    done = typed("compare", results)
    assert done.exit_code == 2, done.output
    assert told in done.output


def test_a_key_that_is_missing_is_named(results: Path) -> None:
    manifest = read(results / "manifest.json")
    for key in ("seed", "experiment"):
        del manifest[key]
    (results / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    put_manifest_right(results)
    with pytest.raises(Faults, match=r"it has no experiment, seed\."):
        cjsim.read_results(results)


def mutants(content: Any, count: int, seed: int) -> Iterator[Any]:
    """Copies of a manifest with one value taken out or made another, anywhere in it."""
    random_streams = random.Random(seed)  # noqa: S311  # no secret hangs on it
    others = (None, 0, -1, 2**70, 1.5, "", "x", "../x", [], {}, [{}], {"x": 1}, True, "9999-99-99")
    for _ in range(count):
        copy = json.loads(json.dumps(content))
        table = copy
        while True:
            keys = [*table] if isinstance(table, dict) else [*range(len(table))]
            key = random_streams.choice(keys)
            if (
                isinstance(table[key], dict | list)
                and table[key]
                and random_streams.random() < 0.75
            ):
                table = table[key]
                continue
            if random_streams.random() < 0.3:
                del table[key]
            else:
                table[key] = random_streams.choice(others)
            break
        yield copy


def run_all(folder: Path, told: str, commands: tuple[list[str], ...] = COMMANDS) -> None:
    """Every command on a folder ends in an answer or a message."""
    for words in commands:
        done = typed(words[0], folder, *words[1:])
        assert done.exit_code in (0, 1, 2), (told, words, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), (
            told,
            words,
            repr(done.exception),
        )


def test_no_mutant_of_a_manifest_ends_in_a_traceback(results: Path) -> None:
    content = read(results / "manifest.json")
    count = 15
    for number, mutant in enumerate(mutants(content, count, seed=16)):
        (results / "manifest.json").write_text(json.dumps(mutant), encoding="utf-8")
        put_manifest_right(results)
        run_all(results, f"mutant {number}", (["compare"],))


@pytest.mark.slow
def test_no_mutant_of_results_ends_in_a_traceback(tmp_path: Path) -> None:
    made = write_results(tmp_path / "made", replications=3)
    content = read(made / "manifest.json")
    count = 120
    for number, mutant in enumerate(mutants(content, count, seed=161)):
        folder = Path(shutil.copytree(made, tmp_path / "mutant"))
        (folder / "manifest.json").write_text(json.dumps(mutant), encoding="utf-8")
        run_all(folder, f"mutant {number}")
        shutil.rmtree(folder)


@pytest.mark.parametrize("table", ["kpis.parquet", "comparison.parquet"])
def test_no_mutant_of_a_table_ends_in_a_traceback(results: Path, table: str) -> None:
    random_streams = random.Random(table)  # noqa: S311  # no secret hangs on it
    whole = (results / table).read_bytes()
    for number in range(12):
        content = bytearray(whole)
        for _ in range(random_streams.randint(1, 4)):
            content[random_streams.randrange(len(content))] = random_streams.randrange(256)
        (results / table).write_bytes(
            content[: random_streams.choice([None, random_streams.randrange(len(content))])]
        )
        put_hashes_right(results)
        run_all(results, f"mutant {number}", (["compare"],))


def test_a_manifest_of_a_run_is_what_its_readers_ask_for(results: Path) -> None:
    manifest, content = read_manifest(results)
    assert manifest.names == ["baseline", "ready", "nothing"]
    assert set(content["tables"]) == {"kpis.parquet", "comparison.parquet"}
    assert len(content["records"]) == len(manifest.runs) == 9
