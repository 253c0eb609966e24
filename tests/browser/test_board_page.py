"""The Board's page in a real Chromium: for every reader, on every screen, printed, and alone."""

from __future__ import annotations

import re
import zlib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cjsim.cli.report import find_browser, print_page
from cjsim.report.board.page import TEMPLATES, board_page
from cjsim.report.data import ResultsFolder
from tests.browser.conftest import SCREENSHOTS
from tests.report.test_write import HOSTILE
from tests.support.report_data import write_results

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCREENS = {"320": 320, "768": 768, "1280": 1280, "zoomed_200": 640}
"""CSS pixels across; a screen of 1280 at 200% has room for 640."""

MOST_PAGES = 8


def opened(browser: Browser, page: Path, width: int = 1280, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    tab = context.new_page()
    tab.goto(page.as_uri())
    return tab


def violations(tab: Page) -> list[str]:
    """What axe-core has to say against a page, with the first place of each."""
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    tab.evaluate(axe)
    found: dict[str, Any] = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]


@pytest.mark.parametrize("screen", SCREENS)
def test_nobody_is_shut_out_on_any_screen(browser: Browser, board: Path, screen: str) -> None:
    tab = opened(browser, board, SCREENS[screen])
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / f"board_{screen}.png", full_page=True)
    # What is folded away is not looked at, but would be walked over again and again.
    tab.evaluate("document.querySelectorAll('details .scroll').forEach(one => one.remove())")
    assert violations(tab) == []
    across = tab.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert across[0] <= across[1], "nothing but a table or a chart scrolls sideways"
    tab.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("screen", SCREENS)
def test_nobody_is_shut_out_of_the_tables(browser: Browser, board: Path, screen: str) -> None:
    tab = opened(browser, board, SCREENS[screen])
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert violations(tab) == []
    across = tab.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert across[0] <= across[1]
    tab.context.close()


@pytest.mark.parametrize("width", [400, 768, 1280])
def test_no_place_in_the_rows_of_tiles_is_empty(browser: Browser, board: Path, width: int) -> None:
    tab = opened(browser, board, width)
    ends = tab.evaluate(
        """() => {
            const list = document.querySelector('ul.tiles');
            const rows = {};
            for (const tile of list.children) {
                const box = tile.getBoundingClientRect();
                rows[Math.round(box.top)] = box.right;
            }
            return Object.values(rows).map(right => list.getBoundingClientRect().right - right);
        }"""
    )
    assert ends
    assert max(ends) == pytest.approx(0, abs=1), "pixels left free at the right end of a row"
    tab.context.close()


def test_no_text_runs_into_another(browser: Browser, board: Path) -> None:
    tab = opened(browser, board, 320)
    overlaps = tab.evaluate(
        """() => {
            const texts = 'h1, h2, h3, p, li, dt, dd, summary';
            const boxes = Array.from(document.querySelectorAll(texts))
                .filter(one => !one.querySelector(texts))
                .map(one => [one.textContent.trim().slice(0, 40), one.getBoundingClientRect()])
                .filter(([text, box]) => text && box.width > 1 && box.right > 0);
            const found = [];
            boxes.forEach(([text, a], at) => boxes.slice(at + 1).forEach(([other, b]) => {
                const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (across > 2 && down > 2) found.push(text + ' | ' + other);
            }));
            return found;
        }"""
    )
    assert overlaps == []
    tab.context.close()


def test_no_request_leaves_the_page_and_nothing_is_refused(browser: Browser, board: Path) -> None:
    context = browser.new_context()
    tab = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(board.as_uri())
    tab.wait_for_timeout(200)
    assert [url for url in asked if not url.startswith("data:")] == [board.as_uri()]
    assert complaints == [], "its own style and script are the only ones its policy meets"
    context.close()


def test_everything_can_be_read_without_scripts(browser: Browser, board: Path) -> None:
    tab = opened(browser, board, scripts=False)
    text = tab.inner_text("main")
    for heading in (
        "What would change",
        "What the options change",
        "Who pays, who saves",
        "Sign-off",
    ):
        assert heading in text
    assert tab.locator("#explorer").is_hidden()
    assert tab.locator("#tools").is_hidden()
    first = tab.locator("details.data").first
    first.locator("summary").click()
    assert first.locator("table").is_visible()
    tab.context.close()


def test_a_reader_chooses_measure_and_option_and_reads_a_month(
    browser: Browser, board: Path
) -> None:
    tab = opened(browser, board)
    told = tab.locator("#explorer .readout")
    assert re.match(r"March 2016\. As it was \(dashed\): [\d,]+\. Extended", told.inner_text())
    tab.select_option("#explorer-scenario", "north_pilot")
    tab.select_option("#explorer-measure", label="Early guilty pleas")
    assert "Pilot in the north" in told.inner_text()
    assert re.search(r"Difference \+[\d.]+ points \(95% interval", told.inner_text())
    tab.locator("#explorer svg").press("ArrowLeft")
    assert told.inner_text().startswith("February 2016")
    box = tab.locator("#explorer svg").bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + box["width"] * 70 / 720 + 2, box["y"] + 40)
    assert told.inner_text().startswith("April 2013")
    tab.select_option("#explorer-view", "difference")
    assert tab.locator("#explorer svg polyline").count() == 1
    tab.screenshot(path=SCREENSHOTS / "explorer.png")
    tab.context.close()


def test_one_button_shows_and_hides_every_table(browser: Browser, board: Path) -> None:
    tab = opened(browser, board)
    tables = tab.locator("details.data")
    button = tab.get_by_role("button")
    button.click()
    assert tab.locator("details.data[open]").count() == tables.count() > 10
    button.click()
    assert tab.locator("details.data[open]").count() == 0
    tab.context.close()


def test_hostile_names_stay_text(browser: Browser, tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", labels=HOSTILE, title='"><script>x</script>')
    page = tmp_path / "hostile.html"
    page.write_text(board_page(ResultsFolder(folder), []), encoding="utf-8")
    context = browser.new_context()
    tab = context.new_page()
    spoke: list[str] = []
    tab.on("dialog", lambda dialog: (spoke.append(dialog.message), dialog.dismiss()))
    tab.on("pageerror", lambda error: spoke.append(str(error)))
    tab.goto(page.as_uri())
    assert spoke == []
    assert tab.locator("img[src=x]").count() == 0
    assert tab.locator("script").count() == 1
    assert "<script>alert(1)</script>" in tab.inner_text("header")
    assert "<script>alert(1)</script>" in tab.locator("#explorer .readout").inner_text()
    assert violations(tab) == []
    context.close()


def test_it_prints_on_eight_pages_at_most_and_the_same_every_time(
    browser: Browser, board: Path
) -> None:
    pdf = print_page(find_browser(), board)
    first = pdf.read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", first))
    assert 1 < pages <= MOST_PAGES
    assert print_page(find_browser(), board).read_bytes() == first


@pytest.mark.parametrize("above", range(248, 262, 3))
def test_the_head_of_a_table_is_never_alone_at_the_foot_of_a_page(
    browser: Browser, above: int
) -> None:
    """The head and the rows are filled, each with a colour that its page then has in the PDF."""
    head, body = "rgb(255, 0, 0)", "rgb(0, 255, 0)"
    rows = "".join(f"<tr><th>{number}</th><td>x</td></tr>" for number in range(9))
    style = (TEMPLATES / "board.css").read_text(encoding="utf-8")
    tab = browser.new_page()
    tab.set_content(
        f"<style>{style} thead th {{ background: {head} }} tbody td {{ background: {body} }}"
        " * { print-color-adjust: exact }</style>"
        f"<main><div style='height: {above}mm'></div><h2>Heading</h2><div class='scroll'><table>"
        "<caption>Caption</caption><thead><tr><th>Name</th><th>Number</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div></main>"
    )
    printed = tab.pdf(prefer_css_page_size=True)
    tab.close()
    pages = [
        zlib.decompress(found)
        for found in re.findall(rb"/FlateDecode.*?stream\n(.*?)\nendstream", printed, re.DOTALL)
    ]
    heads = [page for page in pages if b"1 0 0 rg" in page]
    assert heads
    assert all(b"0 1 0 rg" in page for page in heads)
