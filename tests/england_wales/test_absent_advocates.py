"""An advocate who stays away does so case by case: the trials of those cases cannot go ahead."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cjsim.schema.model import Model
from tests.support.runs import changed, columns, run, toy_model
from tests.support.small_world import number

JULY = dt.date(2013, 7, 31)


def trials(model: Model, folder: Path) -> tuple[int, int]:
    """Trials that reached their day, and those that failed for want of a defence advocate."""
    events = columns(run(model, folder, to=JULY).events_path)
    trial = (events["activity"] == "magistrates_trial") & (events["result"] != "vacated")
    trial &= events["ended_at"] >= 0
    return int(trial.sum()), int((trial & (events["reason"] == "no_defence_advocate")).sum())


def test_the_share_of_cases_whose_advocate_stays_away_have_no_trial(
    toy: Path, tmp_path: Path
) -> None:
    model = toy_model(toy)

    def absent(share: float) -> Model:
        side = {"absent_by_case": number(share)}
        return changed(model, advocates={"magistrates_defence": side})

    (listed, failed), (_, none) = (
        trials(absent(share), tmp_path / str(share)) for share in (0.5, 0.0)
    )
    assert none == trials(model, tmp_path / "usual")[1]
    # Some trials have cracked or failed for another reason before anybody looks for an advocate.
    assert failed > none
    assert failed / listed == pytest.approx(0.3, abs=0.2)


def test_nobody_stays_away_unless_the_model_says_so(toy: Path, tmp_path: Path) -> None:
    model = toy_model(toy)
    shut = changed(model, advocates={"crown_defence": {"absent_by_case": number(0.0)}})
    logs = [
        run(each, tmp_path / name, to=JULY).content_hash
        for name, each in (("usual", model), ("shut", shut))
    ]
    assert logs[0] == logs[1]
