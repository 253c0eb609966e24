"""One layer writes and deletes: no other module of the package calls what does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.reading import PACKAGE, modules

METHODS = {
    "unlink",
    "rmdir",
    "mkdir",
    "touch",
    "rename",
    "write_text",
    "write_bytes",
    "symlink_to",
    "hardlink_to",
    "chmod",
    "extractall",
    "extract",
}
"""Methods that create, change or remove a file, of whatever they are called."""

FUNCTIONS = {
    "shutil": {"rmtree", "move", "copy", "copy2", "copyfile", "copytree", "copyfileobj"},
    "os": {
        "replace",
        "rename",
        "remove",
        "unlink",
        "rmdir",
        "removedirs",
        "mkdir",
        "makedirs",
        "link",
        "symlink",
        "truncate",
    },
    "pq": {"ParquetWriter", "write_table", "write_to_dataset"},
}
"""Functions of a module that do; of Parquet, those that want an open file as first argument."""

TO_WRITE = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC")
"""What makes `os.open` one of them."""

OPEN_FILES = {"file", "self._file", "out"}
"""What an open file is called where a library is handed one."""


def calls_that_write(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines on which something is created, replaced or removed, and the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {name.name for name in node.names}
            if "tempfile" in names or getattr(node, "module", "") == "tempfile":
                yield node.lineno, "import tempfile"
        if not isinstance(node, ast.Call):
            continue
        text = ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute):
            owner, name = ast.unparse(node.func.value), node.func.attr
            if owner == "pq" and name in FUNCTIONS["pq"]:
                if not {ast.unparse(argument) for argument in node.args[:2]} & OPEN_FILES:
                    yield node.lineno, text
            elif name in FUNCTIONS.get(owner, METHODS if owner != "disk" else ()):
                yield node.lineno, text
            elif name == "replace" and len(node.args) == 1 and not node.keywords:
                yield node.lineno, text  # of text it has two arguments
            elif name == "savefig" and ast.unparse(node.args[0]) not in OPEN_FILES:
                yield node.lineno, text
        if _opens_to_write(node):
            yield node.lineno, text


def _opens_to_write(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if name != "open":
        return False
    if ast.unparse(node.func) == "os.open":
        return any(word in ast.unparse(node) for word in TO_WRITE)
    given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
    modes = [part.value for part in given if isinstance(part, ast.Constant)]
    in_memory = any(keyword.arg == "fileobj" for keyword in node.keywords)
    return not in_memory and any(
        isinstance(mode, str) and len(mode) < 4 and set(mode) & set("wax+") for mode in modes
    )


def test_nothing_but_the_storage_layer_writes_or_deletes() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {call}"
        for path in modules("cjsim")
        if path.relative_to(PACKAGE).parts[0] != "storage"
        for line, call in calls_that_write(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "Take cjsim.storage: " + "; ".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "shutil.rmtree(folder)",
        "path.unlink()",
        "partial.replace(final)",
        "path.open('w')",
        "os.open(path, os.O_WRONLY | os.O_CREAT)",
        "open(path, mode='ab')",
        "pq.write_table(table, path)",
        "pq.ParquetWriter(path, schema)",
        "figure.savefig(path)",
        "import tempfile",
        "Path('x').write_text('y')",
    ],
)
def test_a_call_that_writes_is_found(line: str) -> None:
    assert list(calls_that_write(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        "text.replace('a', 'b')",
        "path.open(encoding='utf-8')",
        "pq.write_table(table, file)",
        "disk.remove(path)",
        "replace(plan, models=models)",
    ],
)
def test_a_call_that_does_not_write_is_none(line: str) -> None:
    assert not list(calls_that_write(ast.parse(line)))


def test_the_layer_is_read_by_the_test() -> None:
    assert any(calls_that_write(ast.parse(Path(PACKAGE, "storage/disk.py").read_text("utf-8"))))
