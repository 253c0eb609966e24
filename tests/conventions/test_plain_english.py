"""What users read holds no word that only this project would understand.

README, CONTRIBUTING, SECURITY, the guide, `--help` of every command and the fragments are
read. Code between backticks is not.
"""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from cjsim.cli.main import main
from tests.conftest import ROOT

INSTEAD = {
    r"rooms?": "package, module, space",
    r"floors?": "layer",
    r"house": "codebase, courthouse",
    r"roof": "limit",
    r"crews?": "executor",
    r"groves?": "prefix tree",
    r"errands?": "contact task",
    r"roads?": "steps, pathway",
    r"forks?": "branch",
    r"how-manieth": "occurrence",
    r"luck|lucky": "random numbers, random stream",
    r"fitted laws?|laws? (?:fitted|that were fitted|of lengths)": "distribution",
    r"pedigrees?": "source",
    r"mend|mended": "correct, change",
    r"slips?": "error, mistake",
    r"whoever": "anybody who, the person who",
    r"nobody knows": "unknown",
    r"(?:is|are|be) told (?:of|that|at|once|so|apart|by)": "print, report, show",
    r"tells": "shows, prints",
    r"held against": "compared with",
    r"hangs? on": "depends on",
    r"of (?:its|their) own": "separate, independent",
    r"as asked|is asked for|are asked for": "requested, set",
    r"nought": "zero",
    r"anew": "again",
    r"stands? (?:in|at|beside|below|under|apart|there)": "is in",
    r"go(?:es)? on with": "continues",
    r"side by side": "together, beside each other",
}
"""Each private word or phrase, as a pattern, and what to write instead."""

EXEMPT = {
    "docs/backcast_scoreboard.md",
    "docs/gallery.md",
    "docs/reforms.md",
    "docs/scoreboard.md",
}
"""Pages written by a command that still hold such words. This list may only become shorter.

The decisions are not read: each keeps the words of its time.
"""

MOST_EXEMPT = 5

PATTERNS = {re.compile(rf"\b(?:{word})\b", re.IGNORECASE): word for word in INSTEAD}


def private_words(text: str) -> list[str]:
    """Each private word of a text outside code, with its line and what to write instead."""
    without_blocks = re.sub(
        r"^( *)```.*?^\1```$", lambda block: "\n" * block[0].count("\n"), text, flags=re.M | re.S
    )
    prose = re.sub(r"`[^`\n]*`|\]\([^)]*\)", "", without_blocks)
    return [
        f"line {number}: {match[0]} (write: {INSTEAD[word]})"
        for number, line in enumerate(prose.splitlines(), 1)
        for pattern, word in PATTERNS.items()
        for match in pattern.finditer(line)
    ]


def pages() -> list[Path]:
    """README, CONTRIBUTING, SECURITY, the pages of the guide and the changelog fragments."""
    guide = [
        path
        for path in sorted((ROOT / "docs").rglob("*.md"))
        if not {"decisions", "reference", "_build"} & set(path.relative_to(ROOT).parts)
    ]
    fragments = sorted((ROOT / "changelog.d").glob("*.md"))
    return [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
        *guide,
        *fragments,
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_a_page_holds_no_private_words(page: Path) -> None:
    assert name_of(page) in EXEMPT or not private_words(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(main.commands))
def test_the_help_of_a_command_holds_no_private_words(name: str) -> None:
    command = main.commands[name]
    text = command.get_help(click.Context(command, info_name=name))
    assert not private_words(text)


def test_the_list_of_exempt_pages_only_becomes_shorter() -> None:
    assert len(EXEMPT) <= MOST_EXEMPT
    assert all((ROOT / name).is_file() for name in EXEMPT)


def test_code_is_not_read() -> None:
    assert private_words("The key `rooms`.\n\n```toml\nrooms = 2\n```\n\nA room.") == [
        "line 7: room (write: package, module, space)"
    ]
