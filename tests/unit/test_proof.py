"""The page of proof says what tests came to, and does not hide what failed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.conftest import ROOT
from tests.proof import FEW, FILES, LONGEST, joined, main, missing, page

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


SLOW = ".".join(("mark", "slow"))
"""What marks a slow test; in one piece it would mark this file."""


def test_each_promise_stands_with_its_figure_and_the_worst_of_its_outcomes(tmp_path: Path) -> None:
    (tmp_path / "fast.xml").write_text(JUNIT)
    main(tmp_path, tmp_path / "proof.md")
    text = (tmp_path / "proof.md").read_text()
    assert "5 tests: 2 held, 2 failed, 1 skipped." in text
    row = "| Waits are right | `tests/theory/test_queues.py` | 0.7: 2.33 \\| theory 2.33 | failed |"
    assert row in text
    assert "| Rows are whole | `tests/laws/test_log.py` |  | skipped: no disk |" in text
    assert "## Failed" in text
    assert "| Pounds add up | `tests/unit/test_money.py` |  | failed |" in text
    assert "Pence add up" not in text


def test_figures_of_one_promise_are_one_line_that_can_be_read() -> None:
    assert joined([]) == ""
    assert joined([("", "12 rows"), ("", "3 pools")]) == "12 rows; 3 pools"
    assert (
        joined([("one_worker", "9 rows"), ("two", "8 rows")]) == "one worker: 9 rows; two: 8 rows"
    )
    assert joined([("one", "9 rows"), ("two", "9 rows")]) == "9 rows", (
        "what is the same is said once"
    )
    many = [
        (f"experiment {number}", f"{number} of 1,{number:03} rows, 7 pools") for number in range(40)
    ]
    assert joined(many) == "0 to 39 of 1,000 to 1,039 rows, 7 pools"
    falls = [(f"experiment {number}", f"{-number:+.1f} points") for number in range(40)]
    assert joined(falls) == "-39.0 to +0.0 points"
    unlike = [(f"experiment {number}", "x" * number) for number in range(1, 41)]
    assert joined(unlike).startswith("experiment 1: x; experiment 2: xx; ")
    assert joined(unlike).endswith(f"; and {40 - FEW} more")
    assert len(joined(many)) < LONGEST


def test_a_unit_test_that_holds_a_promise_is_listed_and_others_are_counted(tmp_path: Path) -> None:
    (tmp_path / "fast.xml").write_text(JUNIT.replace("test_money", "test_broken_files"))
    (tmp_path / "mutants.md").write_text("# Would the tests notice?")
    main(tmp_path, tmp_path / "proof.md")
    text = (tmp_path / "proof.md").read_text()
    assert "| Pence add up | `tests/unit/test_broken_files.py` |  | yes |" in text
    assert "## Runs that are cut short, files that are broken" in text
    assert "[mutants](mutants.md)" in text
    assert "## Failed" not in text, "what failed stands where it belongs"


def test_the_proof_is_pieced_together_from_the_parts_that_are_there(tmp_path: Path) -> None:
    whole = JUNIT.replace("failure", "skipped").replace('<error message="no"/>', "")
    (tmp_path / "slow" / "laws").mkdir(parents=True)
    (tmp_path / "slow" / "laws" / "test_survival.xml").write_text(
        '<testsuite><testcase classname="tests.laws.test_survival" name="test_nothing_is_lost"/>'
        "</testsuite>"
    )
    (tmp_path / "fast.xml").write_text(whole)
    (tmp_path / "1_bench.txt").write_text("a year in 5 s\n")
    (tmp_path / "2_scale.txt").write_text("20 areas in proportion\n")
    assert main(tmp_path, tmp_path / "proof.md") == 0
    text = (tmp_path / "proof.md").read_text()
    assert "| Nothing is lost | `tests/laws/test_survival.py` |  | yes |" in text
    assert "a year in 5 s\n20 areas in proportion\n" in text
    (tmp_path / "fast.xml").write_text(JUNIT)
    assert main(tmp_path, tmp_path / "proof.md") == 1


def to_do(folder: Path) -> str:
    """What `make proof` would run if its parts were in a folder."""
    command = ["make", "-n", "proof", f"PROOF={folder}"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_a_part_of_the_proof_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    said = to_do(tmp_path)
    assert "tests.speed.bench" in said
    slow = re.findall(r"pytest -m slow tests/(\S+)\.py", said)
    marked = [path for path in ROOT.glob("tests/**/test_*.py") if SLOW in path.read_text()]
    assert sorted(slow) == sorted(
        str(path.relative_to(ROOT / "tests").with_suffix("")) for path in marked
    )
    for part in ("fast.xml", "1_bench.txt", *(f"slow/{one}.xml" for one in slow)):
        path = tmp_path / part
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    said = to_do(tmp_path)
    assert "tests.speed.bench" not in said
    assert "-m pytest" not in said
    assert "tests.speed.scale" in said, "what is not there yet"


def test_every_file_that_the_page_lists_is_there() -> None:
    named = [stem for stems in FILES.values() for stem in stems]
    assert len(named) == len(set(named))
    assert all((ROOT / "tests" / "unit" / f"{stem}.py").is_file() for stem in named)


def test_slow_tests_that_were_not_run_are_named(tmp_path: Path) -> None:
    for name in ("test_long", "test_longer"):
        (tmp_path / "tests" / "laws").mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests" / "laws" / f"{name}.py").write_text(f"@pytest.{SLOW}")
    (tmp_path / "slow" / "laws").mkdir(parents=True)
    (tmp_path / "slow" / "laws" / "test_long.xml").write_text("<testsuite/>")
    left = missing(tmp_path, tmp_path / "tests")
    assert left == ["tests/laws/test_longer.py"]
    assert "not run for this page: `tests/laws/test_longer.py`." in page([], "", not_run=left)
