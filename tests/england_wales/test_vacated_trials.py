"""When a trial is taken out of the list: shortly before its day, or as long before as usual."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from cjsim.schema.model import Model
from tests.support.runs import changed, columns, run, toy_model
from tests.support.small_world import PEDIGREE

DAY = 24 * 60


def days_before(model: Model, folder: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How many days before its day each vacated trial was taken out of the list."""
    events = columns(run(model, folder, to=dt.date(2013, 7, 31)).events_path)
    vacated = (events["result"] == "vacated") & (events["activity"] == "magistrates_trial")
    return (events["due_at"][vacated] - events["ended_at"][vacated]) / DAY


def test_a_trial_is_vacated_as_long_before_its_day_as_usual(toy: Path, tmp_path: Path) -> None:
    model = toy_model(toy)
    last_look = model.limits["last_look_before_trial_days"].at("default")
    shortly = days_before(model, tmp_path / "shortly")
    assert shortly.size
    assert shortly.max() <= last_look
    usual = {**PEDIGREE, "unit": "days", "median": 20.0, "p90": 45.0, "range": (5.0, 60.0)}
    early = changed(model, hearings={"magistrates_trial": {"vacated_before": usual}})
    before = days_before(early, tmp_path / "early")
    assert before.min() >= 0
    assert np.median(before) == pytest.approx(20.0, abs=10.0)
