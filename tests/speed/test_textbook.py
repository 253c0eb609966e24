"""The yardstick of `make bench` still walks the same road as cjsim."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.speed.bench import SEED, run_cjsim, run_textbook


def test_the_textbook_version_logs_about_as_much_as_cjsim(toy: Path) -> None:
    """A run of the toy has a thousand cases: three runs say more than chance."""
    seeds = [SEED + more for more in range(3)]
    ours = [run_cjsim(toy, 180, seed) for seed in seeds]
    theirs = [run_textbook(toy, 180, seed) for seed in seeds]
    assert [run["days"] for run in ours] == [run["days"] for run in theirs]
    total = {
        name: [sum(run[name] for run in runs) for runs in (ours, theirs)]
        for name in ("cases", "rows")
    }
    # A thousand cases, give or take four standard deviations.
    assert total["cases"][1] == pytest.approx(total["cases"][0], rel=0.18)
    per_case, of_textbook = (
        rows / cases for rows, cases in zip(total["rows"], total["cases"], strict=True)
    )
    assert of_textbook == pytest.approx(per_case, rel=0.1)
