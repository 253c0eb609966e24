"""The house is tidy: short files, no leftovers, nothing from outside, British spelling."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import cjsim
from tests.conftest import ROOT, Tell
from tests.house.reading import modules, text_files

LONGEST_MODULE = 400
# Put together here, so that this file does not hold what it looks for.
LEFTOVERS = re.compile("|".join([r"\bTO" + "DO", r"\bFIX" + "ME", r"\bXX" + "X", "<<<<" + "<<<"]))
OUTSIDE = re.compile(
    r"(?<![\w.\-/:])/(?:" + "|".join(["work", "tm" + "p", "home", "root", "Users", "opt"]) + r")/\w"
    r"|\.\./" + "shared"
)
AMERICAN = {
    "analyze": "analyse", "analyzed": "analysed", "behavior": "behaviour",
    "canceled": "cancelled", "center": "centre", "color": "colour", "colors": "colours",
    "defense": "defence", "favor": "favour", "labeled": "labelled", "labor": "labour",
    "minimize": "minimise", "modeled": "modelled", "modeling": "modelling",
    "neighbor": "neighbour", "offense": "offence", "offenses": "offences",
    "organization": "organisation", "organize": "organise",
    "randomized": "randomised", "recognize": "recognise", "summarize": "summarise",
    "traveled": "travelled", "utilization": "utilisation",
}  # fmt: skip


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """What a file says to people: all of a text, the comments and docstrings of code."""
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


def test_no_module_is_longer_than_four_hundred_lines(figure: Tell) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules("cjsim", "tests")
    }
    long = {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE}
    assert not long
    lines, longest = sum(lengths.values()), max(lengths.values())
    figure(f"{len(lengths)} modules, {lines:,} lines, the longest {longest}")


def test_every_module_says_what_it_is_for(figure: Tell) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules("cjsim", "tests")
        if (text := path.read_text(encoding="utf-8")).strip()
        and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent
    figure(f"{len(modules('cjsim', 'tests'))} modules")


def test_no_module_is_a_drawer_for_odds_and_ends(figure: Tell) -> None:
    drawers = {"utils", "util", "helpers", "misc", "common"}
    assert not [path for path in modules("cjsim", "tests") if path.stem in drawers]
    figure(f"{len(modules('cjsim', 'tests'))} modules")


def test_nothing_is_left_for_later(figure: Tell) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{n}: {line.strip()}"
        for path in text_files()
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LEFTOVERS.search(line)
    ]
    assert not found
    figure(f"{len(text_files()):,} files")


def test_no_file_names_a_path_outside_the_project(figure: Tell) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{n}: {line.strip()}"
        for path in text_files()
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OUTSIDE.search(line)
    ]
    assert not found
    figure(f"{len(text_files()):,} files")


def test_spelling_is_british(figure: Tell) -> None:
    read = [path for path in text_files() if path.suffix in (".py", ".md")]
    found = [
        f"{path.relative_to(ROOT)}:{n}: {word} (write {AMERICAN[word]})"
        for path in read
        for n, line in prose(path)
        for word in re.findall(r"[a-z]+", re.sub(r"`[^`]*`", "", line.lower()))
        if word in AMERICAN
    ]
    assert not found
    figure(f"{len(AMERICAN)} words looked for in {len(read)} files")


def test_tables_are_read_in_one_place() -> None:
    """`cjsim.storage.tables.read_table` reads without threads, which a short command needs."""
    other = [
        str(path.relative_to(ROOT))
        for path in modules("cjsim")
        if "pq.read_table" in path.read_text(encoding="utf-8")
        and path != ROOT / "cjsim/storage/tables.py"
    ]
    assert not other


def test_nothing_is_pickled_or_evaluated(figure: Tell) -> None:
    for path in modules("cjsim"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
                assert not names & {"pickle", "marshal", "shelve", "dill"}, path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec"}, path
    figure(f"{len(modules('cjsim'))} modules")


def test_the_version_stands_in_one_place_and_the_citation_follows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project
    assert f"\nversion: {cjsim.__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
