"""How long a browser takes to open the Board's page from disk: `make bench` shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_the_page_opens_from_disk(browser: Browser, board: Path, benchmark: Any) -> None:
    tab = browser.new_page()
    benchmark(tab.goto, board.as_uri())
    assert tab.title().endswith("results for the Board")
    tab.close()
