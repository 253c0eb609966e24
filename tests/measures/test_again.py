"""The headline measures of a run are what plain Python makes of the same rows, value by value."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cjsim.scenarios.load import load_model
from cjsim.simulation.simulate import simulate
from tests.support.hand_made import Measured
from tests.support.plain_measures import PlainMeasures

PERIODS = {
    # Begins and ends within a month; the last month has fewer days than the first.
    "cut": (dt.date(2013, 4, 10), dt.date(2013, 9, 17)),
    "one_sunday": (dt.date(2013, 5, 5), dt.date(2013, 5, 5)),
}


@pytest.mark.parametrize("period", PERIODS)
def test_two_programs_agree_on_every_value(period: str, toy: Path, tmp_path: Path) -> None:
    first, last = PERIODS[period]
    model = load_model(toy)
    simulate(model, seed=7, replication=1, study_from=first, study_to=last, folder=tmp_path)
    again = PlainMeasures(tmp_path, model).values
    measured = Measured(tmp_path, model).values
    names = {key[0] for key in again}
    # All of them, where there is something to measure; on a Sunday no court sits.
    assert len(names) == 14 if period == "cut" else "open_cases" in names
    # What one has and the other has not is a nothing that is written out, such as 0 pounds; or it
    # is a group or a court that the plain ones leave out.
    for key, value in again.items():
        assert measured.get(key, 0.0) == pytest.approx(value, rel=1e-9, abs=1e-9), key
    groups = {(kpi, court, group) for kpi, court, group, _ in again}
    for key, value in measured.items():
        if key[:3] in groups and value:
            assert key in again, key
