"""Identities that hold in every run, whatever the numbers of the model are."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cjsim.des.event_log import JOINT
from cjsim.des.working_time import MINUTES_A_DAY, Calendar, bank_holidays, clock_minutes
from cjsim.england_wales.vocabulary import DUTIES, HEARINGS, MARKS, REASON_AGENCY
from cjsim.schema.model import Model
from cjsim.simulation.simulate import Run
from tests.support.co_defendants import contested_toy
from tests.support.runs import Columns, columns, run, toy_model

ADJOURNING = ("adjourned", "ineffective", "vacated", "warrant_issued")


@pytest.fixture(scope="module", params=[toy_model, contested_toy])
def model(toy: Path, request: pytest.FixtureRequest) -> Model:
    """The toy model, and one in which people are arrested and tried together."""
    loaded: Model = request.param(toy)
    return loaded


@pytest.fixture(scope="module")
def done(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(model, tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def events(done: Run) -> Columns:
    return columns(done.events_path)


@pytest.fixture(scope="module")
def cases(done: Run) -> Columns:
    return columns(done.cases_path)


def test_every_case_that_comes_in_has_ended_or_is_open(cases: Columns, events: Columns) -> None:
    assert len(set(cases["case_id"])) == len(cases["case_id"])
    ended = set(cases["case_id"][cases["ended_at"] >= 0])
    disposed = events["case_id"][events["activity"] == "disposal"]
    assert len(disposed) == len(set(disposed))
    assert set(disposed) == ended
    assert set(events["case_id"]) <= set(cases["case_id"])


def test_an_open_case_stands_somewhere_and_an_ended_one_nowhere(
    cases: Columns, events: Columns
) -> None:
    still = (events["ended_at"] < 0) & ~np.isin(events["activity"], DUTIES)
    standing = set(events["case_id"][still])
    assert standing == set(cases["case_id"][cases["ended_at"] < 0])


def test_cases_in_equal_ended_and_open_at_every_stage_and_date(events: Columns, done: Run) -> None:
    end = (done.study_to - done.epoch).days * MINUTES_A_DAY
    for activity in np.unique(events["activity"]):
        rows = events["activity"] == activity
        entered, left = events["queued_at"][rows], events["ended_at"][rows]
        left = np.where(left < 0, np.iinfo(np.int32).max, left)
        for date in range(0, end, 30 * MINUTES_A_DAY):
            came, went = np.sum(entered <= date), np.sum(left <= date)
            assert came - went == np.sum((entered <= date) & (left > date))


def test_littles_law_holds_for_every_stage_that_ran_empty_to_empty(events: Columns) -> None:
    for activity in ("custody_booking", "suspect_interview", "police_charging_decision"):
        rows = (events["activity"] == activity) & (events["ended_at"] >= 0)
        entered, left = np.sort(events["queued_at"][rows]), np.sort(events["ended_at"][rows])
        moments = np.concatenate([entered, left])
        steps = np.concatenate([np.ones_like(entered), -np.ones_like(left)])
        order = np.argsort(moments, kind="stable")
        present = np.cumsum(steps[order])[:-1]
        area = float(np.sum(present * np.diff(moments[order])))
        time_spent = float(np.sum(events["ended_at"][rows] - events["queued_at"][rows]))
        assert area == pytest.approx(time_spent, rel=1e-9)


def test_nobody_starts_before_entering_or_leaves_before_starting(events: Columns) -> None:
    started = events["started_at"] >= 0
    left = events["ended_at"] >= 0
    assert np.all(events["queued_at"][started] <= events["started_at"][started])
    both = started & left
    assert np.all(events["started_at"][both] <= events["ended_at"][both])
    assert np.all(events["queued_at"][left] <= events["ended_at"][left])


def test_marks_have_no_length(events: Columns) -> None:
    marks = np.isin(events["activity"], MARKS)
    assert np.all(events["queued_at"][marks] == events["ended_at"][marks])


def test_no_pool_is_ever_busier_than_it_is_large(events: Columns, model: Model) -> None:
    capacity: dict[str, float] = {}
    for name, pool in model.pools.items():
        value = pool.capacity.value
        if isinstance(value, dict):
            capacity |= {f"{name}_{division}": value[division] for division in model.divisions}
        else:
            capacity[name] = value
    used = 0
    for place, places in capacity.items():
        # Officers go to court on the day, even where all others are at work already.
        rows = (events["place"] == place) & (events["activity"] != "police_attendance")
        rows &= events["started_at"] >= 0
        if not rows.any():
            continue
        used += 1
        end = events["ended_at"].max() + 1
        left = np.where(events["ended_at"][rows] < 0, end, events["ended_at"][rows])
        moments = np.concatenate([events["started_at"][rows], left])
        steps = np.concatenate([np.ones(rows.sum()), -np.ones(rows.sum())])
        # Who leaves at a minute makes room for who starts at it.
        order = np.lexsort((steps, moments))
        assert np.cumsum(steps[order]).max() <= places, place
    assert used >= 8


def test_no_court_business_outside_sessions(events: Columns, done: Run, model: Model) -> None:
    calendar = Calendar(done.epoch, 2000)
    holidays = bank_holidays(2012, 2014)
    heard = np.isin(events["activity"], HEARINGS) & (events["started_at"] >= 0)
    assert heard.sum() > 300
    for place, started in zip(events["place"][heard], events["started_at"][heard], strict=True):
        court_list = model.lists[place.split("@")[0]]
        date = calendar.date(int(started))
        assert court_list.bank_holidays or date not in holidays
        house = court_list.houses[place.split("@")[1].split("#")[0]]
        assert house.rooms.value[date.weekday()] > 0
        length = court_list.session_minutes.at("default")
        latest = length + court_list.overrun_minutes.at("default")
        since = [int(started) % MINUTES_A_DAY - clock_minutes(at) for at in court_list.sessions]
        inside = [after for after in since if 0 <= after <= latest]
        assert inside, (place, date, started)
        if not court_list.multi_day:
            assert min(inside) < length


def test_no_courtroom_hears_two_cases_at_once(events: Columns, model: Model) -> None:
    by_room: dict[str, list[tuple[int, int]]] = defaultdict(list)
    heard = (
        np.isin(events["activity"], HEARINGS)
        & (events["started_at"] >= 0)
        & (events["ended_at"] >= 0)
    )
    for place, started, left in zip(
        events["place"][heard], events["started_at"][heard], events["ended_at"][heard], strict=True
    ):
        # The other defendants of a joint trial are where the one is under whose row it counts.
        if place.endswith(JOINT):
            continue
        # A trial of several days shares its rooms' mornings with short matters; its rows span days.
        if not model.lists[place.split("@")[0]].multi_day:
            by_room[place].append((int(started), int(left)))
    assert by_room
    for hearings in by_room.values():
        hearings.sort()
        for (_, before), (after, _) in pairwise(hearings):
            assert before <= after


def test_every_adjournment_has_a_reason_and_an_agency(events: Columns) -> None:
    hearings = np.isin(events["activity"], HEARINGS)
    put_off = hearings & np.isin(events["result"], ADJOURNING)
    assert put_off.any()
    for reason in np.unique(events["reason"][put_off]):
        assert reason in REASON_AGENCY


def test_every_closed_duty_was_in_time_late_or_missed_or_lapsed_with_the_trial(
    events: Columns, model: Model
) -> None:
    closed = np.isin(events["activity"], DUTIES) & (events["ended_at"] >= 0)
    in_time = closed & (events["result"] == "in_time")
    late = closed & (events["result"] == "late")
    missed = closed & (events["result"] == "missed")
    lapsed = closed & (events["result"] == "lapsed")
    assert closed.sum() == in_time.sum() + late.sum() + missed.sum() + lapsed.sum()
    assert {str(word) for word in np.unique(events["activity"][lapsed])} <= {
        word for word, duty in model.duties.items() if duty.before_trial
    }
    assert np.all(events["ended_at"][lapsed] <= events["due_at"][lapsed])
    assert np.all(events["ended_at"][in_time] <= events["due_at"][in_time])
    assert np.all(events["ended_at"][late] > events["due_at"][late])


def test_outcome_shares_add_up_to_one(cases: Columns) -> None:
    ended = cases["ended_at"] >= 0
    _, counts = np.unique(cases["outcome"][ended], return_counts=True)
    assert np.sum(counts / ended.sum()) == pytest.approx(1.0, abs=1e-9)
    assert "" not in cases["outcome"][ended]
