"""How the tests read the guide: its pages, their blocks of code, and the commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cjsim.cli.main import main
from cjsim.docgen import pages
from tests.conftest import ROOT

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_COMMENT = re.compile(r"(^|\s)#.*$")

WRITTEN = {
    "assumptions": lambda: pages.assumptions_page(ROOT / "models"),
    "commands": lambda: pages.commands_page(main),
    "experiment_files": pages.experiment_page,
    "measures": pages.measures_page,
    "model_files": pages.model_page,
    "words": pages.words_page,
}
"""The pages of docs/reference/, which are written when the guide is built."""


@dataclass(frozen=True)
class Page:
    """One page: its name for a test, where it lies, its text."""

    name: str
    path: Path
    text: str

    def blocks(self, *languages: str) -> list[str]:
        """The code between fences, of some languages, without its indentation."""
        return [
            re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)
            for indent, language, body in _BLOCK.findall(self.text)
            if language in languages
        ]

    def commands(self) -> list[str]:
        """Every command for a shell, whole: lines that go on are joined, comments left out."""
        lines = "".join(self.blocks("sh", "console")).replace("\\\n", " ").splitlines()
        bare = (_COMMENT.sub("", line.removeprefix("$ ")).strip() for line in lines)
        return [" ".join(line.split()) for line in bare if line]

    def links(self) -> Iterator[tuple[Path, str]]:
        """Where each link to a file of the project leads: the file and the heading, if any."""
        for target in _LINK.findall(re.sub(r"```.*?```", "", self.text, flags=re.DOTALL)):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, heading = target.partition("#")
            yield ((self.path.parent / file).resolve() if file else self.path), heading


def all_pages() -> list[Page]:
    """Every page of the guide, those written from the code, and what lies at the project's top."""
    files = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    reference = ROOT / "docs" / "reference"
    found = [
        Page(path.relative_to(ROOT).as_posix(), path, path.read_text(encoding="utf-8"))
        for path in files
        if reference not in path.parents and "_build" not in path.parts
    ]
    return found + [
        Page(f"docs/reference/{name}.md", reference / f"{name}.md", write())
        for name, write in WRITTEN.items()
    ]


def headings(text: str) -> set[str]:
    """The anchors of a page's headings, as Sphinx and the usual hosts of code make them."""
    bare = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", bare, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def words_of(command: str) -> list[str]:
    """A command split as a shell does."""
    return shlex.split(command)
