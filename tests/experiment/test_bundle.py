"""A run in one file: made again to the same hashes elsewhere, and refused when it was changed."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cjsim.errors import Faults
from cjsim.experiment import replication as replications
from cjsim.experiment.bundles import contents
from cjsim.experiment.bundles.contents import is_safe_name, unpack
from cjsim.experiment.bundles.pack import write_bundle
from cjsim.experiment.bundles.reproduce import Reproduced, reproduce
from cjsim.experiment.run import run_experiment
from tests.support.short_engine import EXPERIMENT, measure, simulate

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture(scope="module")
def quick() -> Iterator[pytest.MonkeyPatch]:
    """Replications that take no time, for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replications, "simulate", simulate)
        patch.setattr(replications, "measure", measure)
        yield patch


@pytest.fixture(scope="module")
def made(
    quick: pytest.MonkeyPatch, toy: Path, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with a study, a run of it and the run as a bundle."""
    folder = tmp_path_factory.mktemp("made")
    study = folder / "study"
    shutil.copytree(toy, study / "models" / "toy")
    (study / "experiments").mkdir()
    (study / "calibration").mkdir()
    shutil.copy(root / "calibration" / "register.csv", study / "calibration")
    file = study / "experiments" / "question.toml"
    file.write_text(EXPERIMENT.format(model="../models/toy"))
    results = run_experiment(file, workers=1, out=study / "results", say=lambda _: None)
    write_bundle(results, folder / "run.zip")
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to change."""
    return Path(shutil.copytree(made, tmp_path / "here"))


@pytest.fixture
def study(here: Path) -> Path:
    return here / "study" / "experiments" / "question.toml"


@pytest.fixture
def results(here: Path) -> Path:
    (folder,) = (here / "study" / "results" / "question").iterdir()
    return folder


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made / "run.zip", tmp_path))


def again(bundle: Path, **options: Any) -> Reproduced:
    return reproduce(bundle, workers=1, **options)


def changed(bundle: Path, change: Change) -> Path:
    """The bundle with other content, in the form that `cjsim bundle` writes."""
    with zipfile.ZipFile(bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    out = bundle.with_name("changed.zip")
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out


def described(files: dict[str, bytes], change: Callable[[dict[str, Any]], None]) -> None:
    """Change the description of a bundle."""
    description = json.loads(files["bundle.json"])
    change(description)
    files["bundle.json"] = json.dumps(description).encode()


def test_a_bundle_is_made_again_to_the_same_hashes_where_the_study_is_not(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    said: list[str] = []
    found = again(bundle, say=said.append)
    assert [str(one) for one in found.files if one.verdict != "same"] == []
    assert found.is_same
    assert said == ["Code, Python, libraries and machine are those of the first run."]
    assert {"manifest.json", "plan.json", "kpis.parquet", "comparison.parquet"} < {
        one.name for one in found.files
    }


def test_the_same_run_gives_the_same_bundle(bundle: Path, results: Path, tmp_path: Path) -> None:
    other = write_bundle(results, tmp_path / "other.zip").path
    assert other.read_bytes() == bundle.read_bytes()


def test_a_bundle_holds_what_planning_reads_and_nothing_else(bundle: Path, made: Path) -> None:
    model = sorted(path.name for path in (made / "study" / "models" / "toy").glob("*.toml"))
    with zipfile.ZipFile(bundle) as archive:
        assert archive.namelist() == [
            "bundle.json",
            "inputs/calibration/register.csv",
            "inputs/experiments/question.toml",
            *(f"inputs/models/toy/{name}" for name in model),
            "manifest.json",
        ]
        assert str(made).encode() not in b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize(
    "options", [{"replications": 2, "scenarios": ["nothing"]}, {"seed": 9}], ids=str
)
def test_the_options_of_a_run_go_along(study: Path, tmp_path: Path, options: Any) -> None:
    out = study.parents[1] / "results"
    folder = run_experiment(study, workers=1, out=out, say=lambda _: None, **options)
    assert again(write_bundle(folder, tmp_path / "run.zip").path).is_same


def test_the_results_are_kept_where_they_are_asked_for(bundle: Path, tmp_path: Path) -> None:
    found = again(bundle, out=tmp_path / "kept")
    (folder,) = (tmp_path / "kept" / "question").iterdir()
    assert folder.name == found.bundle.run_id


def test_under_other_libraries_it_says_which_and_compares_what_came_out(
    bundle: Path, pretend: Callable[..., None]
) -> None:
    pretend(numpy="1.0.0")
    said: list[str] = []
    found = again(bundle, say=said.append)
    assert any("numpy is" in line and "1.0.0" in line for line in said)
    assert [str(one) for one in found.files if not one.is_same] == []
    verdicts = {one.name: one.verdict for one in found.files}
    assert found.is_same
    assert verdicts["kpis.parquet"] == "same"
    assert verdicts["manifest.json"] == "same results"
    assert verdicts["runs/baseline/000/replication.json"] == "same results"


def test_other_code_is_told_and_its_results_are_compared(
    bundle: Path, pretend: Callable[..., None]
) -> None:
    pretend(code="0" * 64)
    said: list[str] = []
    assert again(bundle, say=said.append).is_same
    assert any("the code of cjsim is not the same" in line for line in said)


def test_a_file_that_comes_out_different_is_named(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(model: Any, **rest: Any) -> Any:
        return simulate(model, **{**rest, "seed": rest["seed"] + 10 * (rest["replication"] == 1)})

    monkeypatch.setattr(replications, "simulate", other)
    found = again(bundle)
    assert not found.is_same
    wrong = {one.name for one in found.files if not one.is_same}
    assert {"kpis.parquet", "runs/ready/001/events.parquet"} < wrong
    assert "runs/ready/000/events.parquet" not in wrong


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("inputs/models/toy/police.toml", "its hash is another"),
        ("inputs/experiments/question.toml", "its hash is another"),
        ("manifest.json", "its hash is another"),
        ("bundle.json", "Field required"),
    ],
)
def test_a_changed_file_is_told(bundle: Path, name: str, told: str) -> None:
    def change(files: dict[str, bytes]) -> None:
        files[name] = b"{}" if name == "bundle.json" else files[name] + b"\n"

    with pytest.raises(Faults) as refused:
        again(changed(bundle, change))
    assert name.partition("/")[2].rpartition("/")[2] in str(refused.value)
    assert told in str(refused.value)


def test_inputs_that_were_changed_with_their_hashes_are_told(bundle: Path) -> None:
    name = "inputs/experiments/question.toml"

    def change(files: dict[str, bytes]) -> None:
        files[name] = files[name].replace(b"value = 0.9", b"value = 0.8")
        digest = contents.hashlib.sha256(files[name]).hexdigest()
        described(files, lambda content: content["files"].update({name: digest}))

    with pytest.raises(Faults, match="are not those that were run"):
        again(changed(bundle, change))


def test_an_expected_hash_that_was_changed_comes_out_different(bundle: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        described(
            files, lambda content: content["expected"]["kpis.parquet"].update(sha256="0" * 64)
        )

    found = again(changed(bundle, change))
    assert [one.name for one in found.files if not one.is_same] == ["kpis.parquet"]


def test_an_experiment_that_reads_outside_of_its_bundle_is_refused(bundle: Path, toy: Path) -> None:
    name = "inputs/experiments/question.toml"

    def change(files: dict[str, bytes]) -> None:
        files[name] = files[name].replace(b"../models/toy", str(toy).encode())
        digest = contents.hashlib.sha256(files[name]).hexdigest()
        described(files, lambda content: content["files"].update({name: digest}))

    with pytest.raises(Faults, match="which is not in the bundle"):
        again(changed(bundle, change))


@pytest.mark.parametrize(
    "name",
    [
        "../out",
        "/out",
        "a/../../out",
        "a//b",
        "./a",
        "a\\b",
        "C:/out",
        "a\x00b",
        "nul",
        "x/CON.toml",
        "ends.",
        "ends ",
        "",
        "a/",
        "x" * 1001,
    ],
    ids=ascii,
)
def test_a_name_that_leads_out_or_cannot_be_kept_is_refused(
    bundle: Path, tmp_path: Path, name: str
) -> None:
    assert not is_safe_name(name)
    if "\x00" in name or not name:
        return

    def change(files: dict[str, bytes]) -> None:
        files[name] = b"harm"

    folder = tmp_path / "inner" / "unpacked"
    folder.mkdir(parents=True)
    with pytest.raises(Faults, match="leads out of the folder"):
        unpack(changed(bundle, change), folder)
    assert list(folder.parent.iterdir()) == [folder]
    assert not [path for path in tmp_path.rglob("out") if path.is_file()]


def test_a_link_is_refused(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle, "a") as archive:
        entry = zipfile.ZipInfo("inputs/link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(Faults, match="this is a link"):
        again(bundle)


def test_two_files_of_one_name_are_refused(bundle: Path) -> None:
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr("MANIFEST.json", "{}")
    with pytest.raises(Faults, match="there are two files of this name"):
        again(bundle)


def test_more_than_the_limits_is_refused_before_it_is_unpacked(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "MOST_BYTES", 10_000)
    with pytest.raises(Faults, match="at most 10,000 are read"):
        unpack(bundle, tmp_path / "nowhere")
    monkeypatch.setattr(contents, "MOST_FILES", 3)
    with pytest.raises(Faults, match="at most 3 are read"):
        unpack(bundle, tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip" * 100], ids=str)
def test_a_file_that_is_no_bundle_is_a_fault(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "run.zip"
    file.write_bytes(content)
    with pytest.raises(Faults, match="cannot be read as a bundle"):
        again(file)


def test_results_that_were_changed_are_not_bundled(results: Path, tmp_path: Path) -> None:
    (results / "runs" / "ready" / "001" / "events.parquet").write_text("999")
    with pytest.raises(Faults, match="this is not what the run wrote"):
        write_bundle(results, tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def test_a_run_whose_model_has_changed_is_not_bundled(
    results: Path, study: Path, tmp_path: Path
) -> None:
    study.write_text(study.read_text().replace("value = 0.9", "value = 0.8"))
    with pytest.raises(Faults, match="has changed since this was run"):
        write_bundle(results, tmp_path / "run.zip")


def test_a_run_whose_experiment_is_gone_says_how_to_name_it(
    results: Path, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    moved = study.rename(study.with_name("renamed.toml"))
    with pytest.raises(Faults, match="Give it with --experiment FILE"):
        write_bundle(results, tmp_path / "run.zip")
    assert write_bundle(results, tmp_path / "run.zip", experiment=moved).path.is_file()
