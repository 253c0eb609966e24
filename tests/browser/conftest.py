"""A real Chromium, and one Board page with everything that a page can hold, for all tests here."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cjsim.cli.report import BROWSERS
from cjsim.experiment.plan import hash_of_content
from cjsim.report import write_report
from cjsim.report.charts.published import Published
from tests.conftest import ROOT
from tests.support.report_data import write_results

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCREENSHOTS = ROOT / "build" / "screenshots"
"""Pictures of every page tested, to be looked at; git leaves them alone."""

FIGURES = tuple(
    Published(
        f"Published figure {number}",
        "share",
        (0.4, 0.5),
        0.35,
        0.55,
        0.3 + 0.02 * number,
        0.29 + 0.02 * number,
        0.31 + 0.02 * number,
        "A publication, 2014",
    )
    for number in range(14)
)


def study(folder: Path) -> dict[str, Any]:
    """A sensitivity study that belongs to the results in a folder."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    names = {"baseline": "baseline", "scenario": "whole_county"}
    key = {"kpi": "open_cases", "court": "all", "group": "", "unit": "cases"}
    rows = [
        {
            **key,
            "lever": f"branches.lever_{number}.probability",
            "level_low": 0.1,
            "level": 0.5,
            "level_high": 0.9,
            "low_difference": -100.0 - 40 * number,
            "high_difference": -300.0 + 40 * number,
            "swing": abs(200.0 - 80 * number),
            "break_even": 0.7 if number % 3 == 0 else None,
        }
        for number in range(12)
    ]
    return {
        "kind": "tornado",
        "run_id": "abcdefabcdef",
        "scenario": "whole_county",
        "study_from": manifest["study_from"],
        "study_to": manifest["study_to"],
        "seed": manifest["seed"],
        "replications": 4,
        "rows": rows,
        "models": {key: hash_of_content(manifest["models"][name]) for key, name in names.items()},
        "central": [{**key, "baseline": 5200.0, "value": 5000.0, "difference": -200.0}],
    }


@pytest.fixture(scope="session")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of three scenarios with duties to victims, published figures and a tornado."""
    results = tmp_path_factory.mktemp("board")
    folder = write_results(results / "asked" / "0a1b2c3d4e5f", duties=True)
    beside = results / "asked-tornado" / "abcdefabcdef"
    beside.mkdir(parents=True)
    (beside / "study.json").write_text(json.dumps(study(folder)), encoding="utf-8")
    page = write_report(folder, published=FIGURES)
    assert {"tornado", "against_published"} <= {p.stem for p in (folder / "charts").glob("*.svg")}
    return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as Debian has it, driven by playwright."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no Chromium here: `make browser` installs it")
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: `make setup` installs it"
    )
    with api.sync_playwright() as driver:
        # A container runs as root, where Chromium wants no sandbox; the pages are our own.
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()
