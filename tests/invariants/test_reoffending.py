"""A disposal may lead to a later arrest: of the same kind, by the case's own luck, never else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cjsim.england_wales.vocabulary import BRANCHES
from cjsim.schema.model import Model
from tests.support.runs import changed, columns, run, toy_model
from tests.support.small_world import length, number

GENERATION = 1 << 24
RETURNS = [branch for branch in BRANCHES if branch.startswith("returns_after")]


def returning(toy: Path, chance: float, **branches: float) -> Model:
    """The toy area where whoever is arrested comes back by a chance, some two months later."""
    given: dict[str, Any] = {
        branch: {"probability": number(chance), "odds": {}} for branch in RETURNS
    }
    given |= {branch: {"probability": number(share)} for branch, share in branches.items()}
    waits = {
        "until_arrested_again": {"duration": length(40 * 1440)},
        "until_arrested_again_under_management": {"duration": length(80 * 1440)},
        "time_served": {"duration": length(0)},
    }
    return changed(toy_model(toy), branches=given, stages=waits)


def arrests(model: Model, folder: Path) -> dict[int, tuple[str, str, int]]:
    """Every arrest for a notifiable offence: offence group, division and minute by number."""
    cases = columns(run(model, folder).cases_path)
    there = cases["way_in"] == "arrest_notifiable"
    names = ("case_id", "offence_group", "division", "arrived_at")
    rows = zip(*(cases[name][there].tolist() for name in names), strict=True)
    return {case: (group, division, at) for case, group, division, at in rows}


def test_nobody_comes_back_where_the_chance_is_nought(toy: Path, tmp_path: Path) -> None:
    none = arrests(returning(toy, 0.0), tmp_path / "none")
    assert none == arrests(toy_model(toy), tmp_path / "as_it_is")
    assert max(none) < GENERATION


def test_the_same_person_comes_back_after_the_disposal(toy: Path, tmp_path: Path) -> None:
    before = arrests(returning(toy, 0.0), tmp_path / "none")
    after = arrests(returning(toy, 0.5), tmp_path / "half")
    back = {case: one for case, one in after.items() if case >= GENERATION}
    assert back
    for case, (group, division, at) in back.items():
        was = after[case - GENERATION]
        assert (group, division) == was[:2]
        assert at >= was[2] + 40 * 1440
    # Those who arrive by themselves are the same people at the same times.
    assert {case: one for case, one in after.items() if case < GENERATION} == before


def test_whoever_is_managed_comes_back_later(toy: Path, tmp_path: Path) -> None:
    managed = returning(toy, 0.5, taken_into_offender_management=1.0)
    loose = arrests(returning(toy, 0.5), tmp_path / "loose")
    seen = arrests(managed, tmp_path / "managed")
    waits = [
        np.mean([of[case][2] - of[case - GENERATION][2] for case in of if case >= GENERATION])
        for of in (loose, seen)
    ]
    assert waits[0] < waits[1]
    assert sum(case >= GENERATION for case in seen) < sum(case >= GENERATION for case in loose)


@pytest.mark.slow
def test_the_arrests_a_year_stay_as_published(root: Path, tmp_path: Path) -> None:
    import datetime as dt

    from cjsim.scenarios.load import load_model
    from cjsim.simulation.simulate import simulate

    model = load_model(root / "models" / "staffordshire_2013")
    counts = []
    for replication in range(2):
        folder = tmp_path / str(replication)
        folder.mkdir()
        made = simulate(
            model,
            seed=11,
            replication=replication,
            study_from=dt.date(2013, 4, 1),
            study_to=dt.date(2014, 3, 31),
            folder=folder,
        )
        cases = columns(made.cases_path)
        first = (made.study_from - made.epoch).days * 1440
        counts.append(
            np.sum((cases["way_in"] == "arrest_notifiable") & (cases["arrived_at"] >= first))
        )
    assert np.mean(counts) == pytest.approx(17_200, rel=0.03)
