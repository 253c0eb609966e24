"""The project is tidy: formatted, few `Any`, no leftovers, no outside paths, British spelling."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import cjsim
from tests.conftest import ROOT
from tests.support.reading import modules, text_files

MOST_UNFORMATTED = 20
"""How many lines may be exempt from the formatter."""
MOST_ANY = 435
"""How many annotations of cjsim may say `Any`. Lower it when the number falls; never raise it."""
# Put together here, so that this file does not hold what it looks for.
LEFTOVERS = re.compile("|".join([r"\bTO" + "DO", r"\bFIX" + "ME", r"\bXX" + "X", "<<<<" + "<<<"]))
OUTSIDE = re.compile(
    r"(?<![\w.\-/:])/(?:" + "|".join(["work", "tm" + "p", "home", "root", "Users", "opt"]) + r")/\w"
    r"|\.\./" + "shared"
)
AMERICAN = {
    "analyze": "analyse",
    "analyzed": "analysed",
    "behavior": "behaviour",
    "canceled": "cancelled",
    "center": "centre",
    "color": "colour",
    "colors": "colours",
    "defense": "defence",
    "favor": "favour",
    "labeled": "labelled",
    "labor": "labour",
    "minimize": "minimise",
    "modeled": "modelled",
    "modeling": "modelling",
    "neighbor": "neighbour",
    "offense": "offence",
    "offenses": "offences",
    "organization": "organisation",
    "organize": "organise",
    "randomized": "randomised",
    "recognize": "recognise",
    "summarize": "summarise",
    "traveled": "travelled",
    "utilization": "utilisation",
}


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that are prose: all of a text, the comments and docstrings of code."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        code = re.compile(r"`[^`]*`|\(https?://[^)]*\)")
        yield from ((n, code.sub("", line)) for n, line in enumerate(text.splitlines(), 1))
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, holders) and (doc := ast.get_docstring(node)):
            yield getattr(node, "lineno", 1), doc


def test_few_lines_are_exempt_from_the_formatter() -> None:
    exempt = re.compile(r"# fmt: " + "(skip|off)")
    lines = [
        f"{path.relative_to(ROOT)}:{n}"
        for path in modules("cjsim", "tests", "docs", "notebooks")
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if exempt.search(line)
    ]
    assert len(lines) <= MOST_UNFORMATTED, lines


def test_the_number_of_any_only_falls() -> None:
    count = sum(
        isinstance(node, ast.Name) and node.id == "Any"
        for path in modules("cjsim")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )
    assert count <= MOST_ANY


def test_every_module_has_a_docstring() -> None:
    without = [
        str(path.relative_to(ROOT))
        for path in modules("cjsim", "tests")
        if (text := path.read_text(encoding="utf-8")).strip()
        and not ast.get_docstring(ast.parse(text))
    ]
    assert not without


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty_names = {"utils", "util", "helpers", "misc", "common"}
    assert not [path for path in modules("cjsim", "tests") if path.stem in empty_names]


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{n}: {line.strip()}"
        for path in text_files()
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LEFTOVERS.search(line)
    ]
    assert not found


def test_no_file_names_a_path_outside_the_project() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{n}: {line.strip()}"
        for path in text_files()
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OUTSIDE.search(line)
    ]
    assert not found


def test_spelling_is_british() -> None:
    read = [path for path in text_files() if path.suffix in (".py", ".md")]
    found = [
        f"{path.relative_to(ROOT)}:{n}: {word} (write {AMERICAN[word]})"
        for path in read
        for n, line in prose(path)
        for word in re.findall(r"[a-z]+", re.sub(r"`[^`]*`", "", line.lower()))
        if word in AMERICAN
    ]
    assert not found


def test_tables_are_read_in_one_place() -> None:
    """`cjsim.storage.tables.read_table` reads without threads, which a short command needs."""
    other = [
        str(path.relative_to(ROOT))
        for path in modules("cjsim")
        if "pq.read_table" in path.read_text(encoding="utf-8")
        and path != ROOT / "cjsim/storage/tables.py"
    ]
    assert not other


def test_nothing_is_pickled_or_evaluated() -> None:
    for path in modules("cjsim"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
                assert not names & {"pickle", "marshal", "shelve", "dill"}, path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec"}, path


def test_the_version_stands_in_one_place_and_the_citation_follows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project
    assert f"\nversion: {cjsim.__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
