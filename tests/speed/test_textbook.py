"""The yardstick of `make bench` still walks the same road as cjsim."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.speed.bench import run_cjsim, run_textbook


def test_the_textbook_version_logs_about_as_much_as_cjsim(toy: Path) -> None:
    ours, theirs = run_cjsim(toy, 180), run_textbook(toy, 180)
    assert ours["days"] == theirs["days"]
    # Their cases come by other luck than ours: a thousand, give or take four standard deviations.
    assert theirs["cases"] == pytest.approx(ours["cases"], rel=0.18)
    per_case = ours["rows"] / ours["cases"]
    assert theirs["rows"] / theirs["cases"] == pytest.approx(per_case, rel=0.1)
