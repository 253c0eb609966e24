"""What must follow for victims when staff, channels or the Code change, replication by replication.

Every comparison is paired: the same cases have the same random numbers in both runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from cjsim.scenarios.load import load_experiment
from cjsim.scenarios.resolve import resolve_models
from cjsim.schema.model import Model
from cjsim.simulation.simulate import simulate
from tests.conftest import ROOT
from tests.support.runs import Columns, changed, columns, run, toy_model
from tests.support.small_world import length, number

TO = dt.date(2013, 12, 31)
Runs = list[tuple[Columns, Columns]]
RunAll = Callable[[Model], Runs]
SHUT, OPEN = (
    {"uses_case_tracker": {"probability": number(chance), "odds": {}}} for chance in (0.0, 1.0)
)


@pytest.fixture(scope="module")
def busy(toy: Path) -> Model:
    """The toy model with three times the work for its Witness Care Unit."""
    toy_as_it_is = toy_model(toy)
    longer = {
        name: {"duration": length(75)}
        for name, duty in toy_as_it_is.duties.items()
        if duty.pool == "witness_care_unit"
    }
    unit = {"witness_care_unit": {"capacity": number(2)}}
    return changed(toy_as_it_is, pools=unit, duties=longer)


@pytest.fixture(scope="module")
def run_all(tmp_path_factory: pytest.TempPathFactory) -> RunAll:
    """Events and cases of six replications of a model."""

    def of(model: Model) -> Runs:
        folder = tmp_path_factory.mktemp("runs")
        done = [run(model, folder / str(r), replication=r, to=TO) for r in range(6)]
        return [(columns(one.events_path), columns(one.cases_path)) for one in done]

    return of


@pytest.fixture(scope="module")
def baseline(busy: Model, run_all: RunAll) -> Runs:
    return run_all(busy)


def differences(before: Runs, after: Runs, measured: Callable[..., float]) -> np.ndarray[Any, Any]:
    pairs = zip(before, after, strict=True)
    return np.array([measured(*two) - measured(*one) for one, two in pairs])


def rises(found: np.ndarray[Any, Any]) -> bool:
    """Whether the 95 % interval of a paired difference lies above 0."""
    mean, error = found.mean(), stats.sem(found)
    if error == 0:
        return bool(mean > 0)
    low, _ = stats.t.interval(0.95, len(found) - 1, loc=mean, scale=error)
    return bool(low > 0)


def in_time(events: Columns, _: Columns) -> float:
    """The share of all contacts that were due and made in time."""
    rows = (events["due_at"] >= 0) & (events["due_at"] < events["ended_at"].max())
    rows &= np.isin(events["result"], ["in_time", "late", "missed", ""])
    rows &= np.char.find(events["activity"].astype(str), "chasing") < 0
    return float(np.mean(events["result"][rows] == "in_time"))


def rung(events: Columns, _: Columns) -> float:
    return float(np.sum(np.char.startswith(events["activity"].astype(str), "chasing")))


def unit_minutes(events: Columns, _: Columns) -> float:
    return float(events["minutes"][events["place"] == "witness_care_unit"].sum())


def test_a_case_tracker_that_nobody_uses_changes_nothing(
    busy: Model, baseline: Runs, run_all: RunAll
) -> None:
    again = run_all(changed(busy, branches=SHUT))
    for before, after in zip(baseline, again, strict=True):
        for one, two in zip(before, after, strict=True):
            for name, column in one.items():
                assert np.array_equal(column, two[name]), name


def test_a_case_tracker_takes_work_off_the_unit_stops_calls_and_keeps_deadlines(
    busy: Model, baseline: Runs, run_all: RunAll
) -> None:
    tracked = run_all(changed(busy, branches=OPEN))
    work, calls, kept = (
        differences(baseline, tracked, measured) for measured in (unit_minutes, rung, in_time)
    )
    assert rises(-work)
    assert rises(-calls)
    assert rises(kept)


def test_half_the_unit_keeps_fewer_deadlines(busy: Model, baseline: Runs, run_all: RunAll) -> None:
    halved = run_all(changed(busy, pools={"witness_care_unit": {"capacity": number(1)}}))
    found = differences(baseline, halved, in_time)
    assert rises(-found)


def test_sooner_deadlines_are_kept_less_often(busy: Model, baseline: Runs, run_all: RunAll) -> None:
    sooner = {
        name: {"within_working_days": number(1), "within_working_days_enhanced": number(1)}
        for name in ("first_hearing_date", "update_on_charge", "update_on_arrest")
    }
    found = differences(baseline, run_all(changed(busy, duties=sooner)), in_time)
    assert rises(-found)


def test_officers_at_court_are_hours_that_are_missing_elsewhere(
    busy: Model, baseline: Runs, run_all: RunAll
) -> None:
    def wait_for_officers(events: Columns, _: Columns) -> float:
        rows = np.isin(events["activity"], ["investigation", "suspect_interview", "full_file"])
        rows &= events["started_at"] >= 0
        return float(np.mean(events["started_at"][rows] - events["queued_at"][rows]))

    many = {"value": {"none": 0.0, "one": 0.0, "two": 0.0, "three": 1.0}}
    long = length(400)
    more = changed(
        busy,
        multiway_branches={"police_witness_count": {"shares": many}},
        stages={"police_attendance": {"waiting": {"magistrates": long, "crown": long}}},
    )
    found = differences(baseline, run_all(more), wait_for_officers)
    assert rises(found)


@pytest.mark.slow
def test_half_the_witness_care_unit_costs_victims_and_trials(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    models = resolve_models(load_experiment(ROOT / "experiments" / "victim_contact.toml"))

    def done(scenario: str) -> Runs:
        found = []
        # A third of a point of cracked trials is too little to be told from chance in six years.
        for replication in range(12):
            folder = tmp_path_factory.mktemp(scenario)
            one = simulate(
                models[scenario],
                seed=20130401,
                replication=replication,
                study_from=dt.date(2013, 4, 1),
                study_to=dt.date(2014, 3, 31),
                folder=folder,
            )
            since = (one.study_from - one.epoch).days * 1440
            events = columns(one.events_path)
            studied = events["ended_at"] >= since
            events = {name: column[studied] for name, column in events.items()}
            found.append((events, {}))
        return found

    def withdrawn(events: Columns, _: Columns) -> float:
        return float(np.sum(events["activity"] == "victim_withdrawal"))

    def cracked(events: Columns, _: Columns) -> float:
        trials = np.isin(events["activity"], ["magistrates_trial", "crown_trial"])
        called = trials & np.isin(events["result"], ["effective", "cracked", "ineffective"])
        return float(np.mean(events["result"][called] == "cracked"))

    before, after = done("baseline"), done("half_the_unit")
    assert rises(-differences(before, after, in_time))
    assert rises(differences(before, after, withdrawn))
    assert rises(differences(before, after, cracked))
    assert rises(differences(before, after, rung))
