"""The page of proof says what tests came to, and does not hide what failed."""

from __future__ import annotations

from pathlib import Path

from tests.proof import main

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
