"""When courts sit and what they did then: the calendar, and the table of sittings."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.des.working_time import MINUTES_A_DAY, Calendar, bank_holidays
from cjsim.england_wales.vocabulary import HEARINGS
from cjsim.listing.sitting_calendar import ListAtCourthouse, Sittings, days_of_sitting, list_at
from cjsim.schema.model import Model
from cjsim.simulation.simulate import Run
from tests.conftest import ROOT
from tests.support.runs import Columns, changed, columns, run, toy_model
from tests.support.small_world import PEDIGREE, number

YEAR = dt.date(2014, 1, 1), dt.date(2014, 12, 31)
HOUSE = "north_court"
Edit = Callable[..., ListAtCourthouse]


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return toy_model(toy)


@pytest.fixture(scope="module")
def trials(model: Model) -> Edit:
    """The magistrates' trials of the toy, two courtrooms on every weekday, with more changed."""

    def of(**fields: Any) -> ListAtCourthouse:
        house = {"courtrooms": ("court 1", "court 2"), "rooms": number((2, 2, 2, 2, 2, 0, 0))}
        houses = {HOUSE: {**house, **fields.pop("courthouse", {})}}
        lists = {"magistrates_trials": {"houses": houses, **fields}}
        return list_at(changed(model, lists=lists), "magistrates_trials", HOUSE)

    return of


def sat(
    spec: ListAtCourthouse, first: dt.date = YEAR[0], last: dt.date = YEAR[1]
) -> dict[dt.date, int]:
    days = days_of_sitting(spec, first, last)
    return {first + dt.timedelta(days=day): sitting for day, sitting, _ in days}


# --- the calendar ----------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.85, 0.5, 0.9, 0.333, 0.05, 1.0])
def test_a_share_of_the_usual_sittings_is_counted_exactly_over_a_year(
    trials: Edit, share: float
) -> None:
    usual, held = sat(trials()), sat(trials(sitting_share=number((share,) * 12)))
    assert sum(usual.values()) > 490
    assert sum(held.values()) == round(share * sum(usual.values()))
    assert all(held[day] <= rooms for day, rooms in usual.items())


def test_the_days_that_a_share_leaves_out_are_spread_evenly(trials: Edit) -> None:
    usual, held = sat(trials()), sat(trials(sitting_share=number((0.85,) * 12)))
    owed = np.cumsum([0.85 * rooms for rooms in usual.values()])
    apart = np.abs(owed - np.cumsum(list(held.values()))).max()
    assert apart < 1.0


def test_a_month_may_sit_less_than_the_others(trials: Edit) -> None:
    months = [1.0] * 12
    months[7] = 0.5
    usual, held = sat(trials()), sat(trials(sitting_share=number(tuple(months))))
    lost = {day: rooms - held[day] for day, rooms in usual.items() if rooms != held[day]}
    assert {day.month for day in lost} == {8}
    august = sum(rooms for day, rooms in usual.items() if day.month == 8)
    assert sum(lost.values()) == pytest.approx(august / 2, abs=1)


def test_a_cut_of_some_months_leaves_the_others_as_they_were(trials: Edit) -> None:
    cut = {"from": dt.date(2014, 3, 1), "area": None, "value": (0.85,) * 12}
    back = {"from": dt.date(2014, 6, 1), "area": None, "value": (1.0,) * 12}
    usual, held = sat(trials()), sat(trials(sitting_share=number((1.0,) * 12, cut, back)))
    cut_days = [day for day in usual if usual[day] != held[day]]
    assert {day.month for day in cut_days} == {3, 4, 5}


@given(start=st.dates(dt.date(2014, 1, 1), dt.date(2014, 12, 30)))
def test_a_day_sits_or_not_whenever_the_run_begins(start: dt.date, trials: Edit) -> None:
    spec = trials(sitting_share=number((0.7,) * 12))
    whole = sat(spec)
    assert sat(spec, start) == {day: rooms for day, rooms in whole.items() if day >= start}


def test_a_blocked_period_empties_the_houses_it_names_and_no_others(trials: Edit) -> None:
    away = {**PEDIGREE, "from": dt.date(2014, 8, 4), "to": dt.date(2014, 8, 15)}
    for houses, closed in (((), True), ((HOUSE,), True), (("south_court",), False)):
        held = sat(trials(blocked=({**away, "announced": None, "houses": houses},)))
        assert bool(held[dt.date(2014, 8, 15)]) is not closed
        assert held[dt.date(2014, 8, 18)] == held[dt.date(2014, 8, 1)] == 2


def test_a_vacation_is_known_from_the_first_day_and_a_sudden_closure_when_announced(
    trials: Edit,
) -> None:
    calendar = Calendar(YEAR[0], 365)
    august = {**PEDIGREE, "from": dt.date(2014, 8, 4), "to": dt.date(2014, 8, 15), "houses": ()}
    spring = {**august, "from": dt.date(2014, 3, 24), "to": dt.date(2014, 4, 4)}
    spec = trials(
        blocked=(
            {**august, "announced": None},
            {**spring, "announced": dt.date(2014, 3, 23)},
        )
    )
    sittings = Sittings(spec, calendar, YEAR[0])
    assert sittings.days_of_news(*YEAR) == [dt.date(2014, 3, 23)]

    def rooms(known: dt.date, day: dt.date) -> int:
        sessions = sittings.as_known_on(known)
        return sessions.rooms[bisect_left(sessions.starts, calendar.minute(day))]

    assert rooms(YEAR[0], dt.date(2014, 8, 4)) == 0
    assert rooms(dt.date(2014, 3, 22), dt.date(2014, 3, 24)) == 2
    assert rooms(dt.date(2014, 3, 23), dt.date(2014, 3, 24)) == 0


def test_remand_courts_sit_on_saturdays_and_bank_holidays_and_no_other_court_does() -> None:
    looked_at = sitting = 0
    for folder in ("staffordshire_2013", "toy"):
        model = toy_model(ROOT / "models" / folder)
        for word, spec in model.lists.items():
            for house in spec.houses:
                found = days_of_sitting(list_at(model, word, house), *YEAR)
                days = {YEAR[0] + dt.timedelta(days=day) for day, rooms, _ in found if rooms}
                looked_at, sitting = looked_at + 1, sitting + len(days)
                saturdays = {day for day in days if day.weekday() == 5}
                holidays = days & bank_holidays(2014, 2014)
                assert not any(day.weekday() == 6 for day in days)
                if word == "remand_court":
                    assert len(saturdays) == 52
                    assert len(holidays) == 8
                else:
                    assert not saturdays | holidays, word


# --- the record ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def done(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(model, tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def sittings(done: Run) -> Columns:
    return columns(done.sittings_path)


@pytest.fixture(scope="module")
def hearings(done: Run) -> Columns:
    events = columns(done.events_path)
    rows = np.isin(events["activity"], HEARINGS)
    return {name: column[rows] for name, column in events.items()}


def test_minutes_used_never_exceed_the_session_and_its_recorded_overrun(
    sittings: Columns, model: Model
) -> None:
    most = sittings["session_minutes"] + sittings["minutes_overrun"]
    assert np.all(sittings["minutes_used"] <= most)
    assert (sittings["minutes_overrun"] > 0).sum() > 5
    for word in np.unique(sittings["list"]):
        rows = sittings["list"] == word
        allowed = model.lists[word].overrun_minutes.at("default")
        assert sittings["minutes_overrun"][rows].max() <= allowed


def test_a_session_holds_all_the_minutes_of_the_hearings_in_the_log(
    sittings: Columns, hearings: Columns
) -> None:
    used: dict[str, float] = defaultdict(float)
    for word, house, courtroom, minutes in zip(
        *(sittings[name] for name in ("list", "courthouse", "courtroom", "minutes_used")),
        strict=True,
    ):
        used[f"{word}@{house}#{courtroom}"] += minutes
    still = (hearings["started_at"] >= 0) & (hearings["ended_at"] < 0)
    running = {place.split("#")[0] for place in hearings["place"][still]}
    compared, total = 0, 0.0
    for place, minutes in used.items():
        if place.split("#")[0] in running:
            continue
        heard = (hearings["place"] == place) & (hearings["ended_at"] >= 0)
        # A trial that goes on in another courtroom is logged where it began.
        if not place.startswith("crown_trials"):
            assert minutes == pytest.approx(float(hearings["minutes"][heard].sum()))
            compared, total = compared + 1, total + minutes
    assert compared > 8


def test_every_hearing_not_reached_is_counted_in_its_session(
    sittings: Columns, hearings: Columns
) -> None:
    names = ("list", "courthouse", "started_at", "listed", "not_reached", "carried")
    sessions = set(zip(*(sittings[name].tolist() for name in names), strict=True))
    left_over = np.sum(hearings["reason"] == "no_court_time")
    assert sum(row[4] for row in sessions) == left_over > 0
    called = (hearings["started_at"] >= 0) | (hearings["reason"] == "no_court_time")
    assert sum(row[3] - row[5] for row in sessions) == called.sum()
    assert len({row[:3] for row in sessions}) == len(sessions)


def test_every_hearing_has_a_place_and_if_it_was_stopped_a_reason(hearings: Columns) -> None:
    assert np.all(np.char.find(hearings["place"].astype(str), "@") > 0)
    stopped = np.isin(hearings["result"], ["adjourned", "ineffective", "vacated", "warrant_issued"])
    assert stopped.any()
    assert "" not in hearings["reason"][stopped]
    assert "" not in hearings["agency"]


def test_every_hearing_that_was_heard_has_a_place_a_session_and_two_lengths(
    sittings: Columns, hearings: Columns
) -> None:
    heard = hearings["started_at"] >= 0
    starts = defaultdict(set)
    names = ("list", "courthouse", "courtroom", "started_at")
    for word, house, courtroom, start in zip(*(sittings[name] for name in names), strict=True):
        starts[f"{word}@{house}#{courtroom}"].add(int(start))
    for place, due in zip(hearings["place"][heard], hearings["due_at"][heard], strict=True):
        assert int(due) in starts[place]
    over = heard & (hearings["ended_at"] >= 0)
    assert np.all(hearings["planned_minutes"][over] > 0)
    assert np.all(hearings["minutes"][over] > 0)
    assert "" not in hearings["result"][over]


def test_the_table_has_every_session_of_every_courtroom_used_or_not(
    sittings: Columns, done: Run, model: Model
) -> None:
    last = done.study_to
    for word, spec in model.lists.items():
        expected = sum(
            rooms * len(spec.sessions)
            for house in spec.houses
            for _, rooms, _ in days_of_sitting(list_at(model, word, house), done.epoch, last)
        )
        rows = sittings["list"] == word
        assert rows.sum() == expected
        assert sittings["started_at"][rows].max() < ((last - done.epoch).days + 1) * MINUTES_A_DAY
