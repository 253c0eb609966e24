"""The page of proof says what tests came to, and does not hide what failed."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ROOT
from tests.proof import FILES, main

JUNIT = """<?xml version="1.0"?><testsuites><testsuite>
<testcase classname="tests.theory.test_queues" name="test_waits_are_right[0.7]">
<properties><property name="figure" value="2.33 | theory 2.33"/></properties></testcase>
<testcase classname="tests.theory.test_queues" name="test_waits_are_right[0.9]">
<failure message="no">no</failure></testcase>
<testcase classname="tests.unit.test_money" name="test_pounds_add_up">
<error message="no"/></testcase>
<testcase classname="tests.unit.test_money" name="test_pence_add_up"/>
<testcase classname="tests.laws.test_log" name="test_rows_are_whole"><skipped message="no disk"/>
</testcase></testsuite></testsuites>"""


def test_each_promise_stands_with_its_figure_and_the_worst_of_its_outcomes(tmp_path: Path) -> None:
    (tmp_path / "fast.xml").write_text(JUNIT)
    main(tmp_path, tmp_path / "proof.md")
    page = (tmp_path / "proof.md").read_text()
    assert "5 tests: 2 held, 2 failed, 1 skipped." in page
    row = "| Waits are right | `tests/theory/test_queues.py` | 0.7: 2.33 \\| theory 2.33 | failed |"
    assert row in page
    assert "| Rows are whole | `tests/laws/test_log.py` |  | skipped: no disk |" in page
    assert "## Failed" in page
    assert "| Pounds add up | `tests/unit/test_money.py` |  | failed |" in page
    assert "Pence add up" not in page


def test_a_unit_test_that_holds_a_promise_is_listed_and_others_are_counted(tmp_path: Path) -> None:
    (tmp_path / "fast.xml").write_text(JUNIT.replace("test_money", "test_broken_files"))
    (tmp_path / "mutants.md").write_text("# Would the tests notice?")
    main(tmp_path, tmp_path / "proof.md")
    page = (tmp_path / "proof.md").read_text()
    assert "| Pence add up | `tests/unit/test_broken_files.py` |  | yes |" in page
    assert "## Runs that are cut short, files that are broken" in page
    assert "[mutants](mutants.md)" in page
    assert "## Failed" not in page, "what failed stands where it belongs"


def test_every_file_that_the_page_lists_is_there() -> None:
    named = [stem for stems in FILES.values() for stem in stems]
    assert len(named) == len(set(named))
    assert all((ROOT / "tests" / "unit" / f"{stem}.py").is_file() for stem in named)
