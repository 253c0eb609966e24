"""The guide says what is so: its links lead somewhere, its files parse, its commands run.

Commands are run as they stand, in folders of their own, with these exceptions:

- what simulates runs on the toy area, under the name of the model that the page has, with few
  replications and one process; the national model, which is a sample already, is itself;
- what a run leaves is that of the toy area, some months long, and the ensemble that a calibration
  would leave is two sets from within its bounds;
- what would take minutes (`run` of the county's experiments, studies) is run with `--dry-run`,
  which reads and checks all that a run would;
- a command that this file does not know is run with `--dry-run` where it has that option; otherwise
  its options and arguments are parsed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import duckdb
import pytest
from click.testing import CliRunner

import cjsim
from cjsim.calibration.history_matching.config import levels_of, load_calibration
from cjsim.cli.main import main
from cjsim.experiment.designs.ensemble import IMPLAUSIBILITY, SET
from cjsim.storage.tables import write_csv
from tests.conftest import ROOT
from tests.support.guide import Page, all_pages, headings, words_of

PAGES = all_pages()
by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
LONG = {
    "docs/backcast.md",
    "docs/case_files.md",
    "docs/evidence.md",
    "docs/fitting.md",
    "docs/how_to/run_on_a_cluster.md",
    "docs/programme.md",
    "docs/reference/commands.md",
    "docs/results.md",
}
"""Pages whose commands take long even when they are small."""
by_length = pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.slow] if page.name in LONG else []) for page in PAGES],
    ids=lambda page: page.name,
)

SMALL = {
    "compare",
    "cost",
    "export",
    "fit",
    "measure",
    "replay",
    "report",
    "snapshot",
    "trace",
    "validate",
    "verify",
}
"""Commands that simulate, or read what was simulated: on the toy area under the page's name."""
WHOLE = {"check", "evidence", "explain", "new", "schema"}
"""Commands that only read and write files: as they stand."""
FEW = {
    "--replications": "2",
    "--years": "1",
    "--workers": "1",
    "--case": "17",
    "--snapshots": "1",
    "--rerun": "1",
}
"""What some options become, so that a command is over in seconds."""
STAND_INS = {"my_question": "first_question", "other_costs.toml": "models/toy/costs.toml"}
"""Files that a page has its reader write."""
RUN = {
    "prosecute_not_process": "2013-12-31",
    "first_question": "2013-08-31",
    "victim_contact": "2013-05-31",
    "victims_code_2020": "2013-05-31",
    "england_wales_43_areas": "2013-05-31",
    "toy_scotland": "2024-06-30",
}
"""The experiments whose results the pages read, and the day on which they end here."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's files as a reader has them: the models in full."""
    folder = tmp_path_factory.mktemp("whole")
    for room in ("models", "experiments", "calibration", "docs"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("_build"))
    write_ensemble(folder / "calibration" / "staffordshire_2013.toml")
    return folder


def write_ensemble(calibration: Path) -> None:
    """Put beside a calibration an ensemble of two sets of its numbers, where it would put its own.

    It would take half an hour to find those that agree with what is published.
    """
    levers = load_calibration(calibration).factors
    rows = [
        {SET: name, **levels_of(levers, [share] * len(levers)), IMPLAUSIBILITY: 1.0}
        for name, share in (("s001", 0.25), ("s002", 0.75))
    ]
    write_csv(rows, calibration.with_name(f"{calibration.stem}_ensemble.csv"))


@pytest.fixture(scope="module")
def small(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the toy area in place of the county, and experiments that have been run."""
    folder = tmp_path_factory.mktemp("small")
    for room in ("experiments", "calibration"):
        shutil.copytree(whole / room, folder / room)
    for name in ("toy", "staffordshire_2013"):
        shutil.copytree(whole / "models" / "toy", folder / "models" / name)
    (folder / "docs").mkdir()
    for name in ("england_wales_2016", "toy_scotland"):
        shutil.copytree(whole / "models" / name, folder / "models" / name)
    for name, to in RUN.items():
        file = folder / "experiments" / f"{name}.toml"
        shorten(file, to)
        areas = ("staffordshire", "wiltshire") if "areas" in name else None
        cjsim.run(
            file,
            replications=2,
            workers=1,
            areas=areas,
            out=folder / "results",
            say=lambda _: None,
        )
    return folder


def shorten(file: Path, to: str) -> None:
    """End an experiment earlier, and leave out what would only begin after that."""
    text = re.sub(r"^to = .*$", f"to = {to}", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = re.sub(r"# --- then the whole county.*(?=# --- what)", "", text, flags=re.DOTALL)
    file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def done() -> set[str]:
    """The commands that another page has had already."""
    return set()


@by_length
def test_every_command_of_the_page_works(
    page: Page,
    done: set[str],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for command in page.commands():
        if command in done:
            continue
        done.add(command)
        words = words_of(command)
        if words[0] != "cjsim":
            assert is_known(words), f"{page.name}: {command}"
            continue
        name = words[1] if len(words) > 1 else ""
        assert name in main.commands, f"{page.name}: {command}"
        simulates = name in SMALL or runs_a_toy(words)
        monkeypatch.chdir(request.getfixturevalue("small" if simulates else "whole"))
        try_out(main.commands[name], list(arguments(words[2:])), f"{page.name}: {command}")


def try_out(command: click.Command, words: list[str], told: str) -> None:
    """Run a command, or plan it, or parse it: see above."""
    options = {flag for each in command.params for flag in each.opts}
    simulated = command.name in SMALL or runs_a_toy(["cjsim", command.name or "", *words])
    if command.name not in WHOLE and not simulated:
        # The register reads results that no page has run; what it would run can be planned.
        reads = command.name == "reforms" and "--run" not in words
        if "--dry-run" not in options or reads:
            with command.make_context(str(command.name), words):
                return
        words = [*words, "--dry-run"] if "--dry-run" not in words else words
    elif "--replications" in options and "--replications" not in words:
        words = [*words, "--replications", "2"]
    if simulated and "--workers" in options and "--workers" not in words:
        words = [*words, "--workers", "1"]
    result = CliRunner().invoke(main, [str(command.name), *words])
    assert result.exit_code == 0, f"{told}\n{result.output}\n{result.exception!r}"
    assert result.stdout.strip(), f"{told} says nothing"


def runs_a_toy(words: list[str]) -> bool:
    """Whether it is a run of a toy area's experiment, which takes seconds."""
    return words[1] == "run" and any(name in words[2] for name in ("first_question", *STAND_INS))


def arguments(words: list[str]) -> Iterator[str]:
    """The words of a command as the shell and the reader would have them here."""
    option = ""
    for word in words:
        for written, here in STAND_INS.items():
            word = word.replace(written, here)
        run = re.fullmatch(r"(results/\w+)/[0-9a-f]{12}", word)
        if run:
            yield str(next(Path(run[1]).glob("*/manifest.json")).parent)
        elif "*" in word:
            yield from sorted(str(path) for path in Path().glob(word))
        else:
            yield FEW.get(option, word)
        option = word


def is_known(words: list[str]) -> bool:
    """Whether a command that is not ours names what is there: a target, a file, an extra."""
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = [word for word in words[1:] if "=" not in word]
        return bool(targets) and all(f"\n{target}:" in makefile for target in targets)
    if words[:2] == ["pip", "install"]:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        extra = re.fullmatch(r"cjsim(?:\[(\w+)\])?", words[2])
        return extra is not None and extra[1] in {None, *project["optional-dependencies"]}
    if "pytest" in words:
        return all((ROOT / word).exists() for word in words if word.startswith("tests/"))
    return words[0] == "cd" and len(words) == 2


@by_name
def test_every_piece_of_toml_is_toml(page: Page) -> None:
    for block in page.blocks("toml"):
        # An ellipsis stands for a value that the reader knows; a page may show two ways in one.
        tomllib.loads(re.sub(r"= \.\.\.", '= "..."', block))


def test_every_query_of_the_log_gives_rows(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small)
    queries = [query for page in PAGES for query in page.blocks("sql")]
    assert queries
    for query in queries:
        assert duckdb.sql(query).fetchall(), query


def test_no_link_inside_the_project_is_dead() -> None:
    texts = {page.path.resolve(): page.text for page in PAGES}
    dead = []
    for page in PAGES:
        for path, heading in page.links():
            if path not in texts and not path.exists():
                dead.append(f"{page.name}: {path.name}")
            elif heading and heading not in headings(texts.get(path, "")):
                dead.append(f"{page.name}: {path.name}#{heading}")
    assert not dead


def test_every_command_has_a_row_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [name for name in main.commands if f"`cjsim {name}" not in readme]


@pytest.mark.slow
def test_the_guide_builds_without_a_warning(tmp_path: Path) -> None:
    sphinx = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    built = subprocess.run(
        [*sphinx, "--fresh-env", "--builder", "html", "docs", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert f"{page.stem}.html" in index, f"{page.name} is in no part of the index"
    assert not re.findall(r'(?:src|<link[^>]*href)="https?://', index), "nothing from a network"
