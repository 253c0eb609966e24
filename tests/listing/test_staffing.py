"""A court sits in no more courtrooms than it has judges or benches, and legal advisers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cjsim.des.working_time import Calendar
from cjsim.listing.sitting_calendar import ListAtCourthouse, Sittings
from cjsim.listing.staffing import most_courtrooms, people_by_role
from cjsim.schema.model import ListSpec, Model, SittersSpec
from tests.support.runs import changed, toy_model
from tests.support.small_world import number

YEAR = dt.date(2014, 1, 1), dt.date(2014, 12, 31)
MONDAY = dt.date(2014, 3, 3)
HOUSE = "north_court"


def pool(role: str, at_once: float, *changes: dict[str, object]) -> SittersSpec:
    return SittersSpec.model_validate(
        {
            "court": "magistrates",
            "role": role,
            "at_once": number(at_once, *changes),
            "available": number(1.0),
        }
    )


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return toy_model(toy)


def court_list(model: Model, name: str, courtrooms: int) -> ListSpec:
    """A list of the toy that sits in so many courtrooms every weekday, known a week ahead."""
    names = tuple(f"court {place}" for place in range(1, courtrooms + 1))
    rooms = number((*[courtrooms] * 5, 0, 0))
    houses = {HOUSE: {"courtrooms": names, "rooms": rooms}}
    sessions = ("10:00",) if name == "remand_court" else ("10:00", "14:00")
    fields = {"houses": houses, "sessions": sessions, "change_notice_days": number(7.0)}
    return changed(model, lists={name: fields}).lists[name]


def rooms_on(sittings: Sittings, date: dt.date, known: dt.date = YEAR[0]) -> list[int]:
    """The courtrooms of each session of a day, as known on a day."""
    sessions = sittings.as_known_on(known)
    day = (date - YEAR[0]).days
    return [
        rooms
        for start, rooms in zip(sessions.starts, sessions.rooms, strict=True)
        if start // 1440 == day
    ]


def sittings_of(spec: ListSpec, sitters: tuple[SittersSpec, ...], *before: Sittings) -> Sittings:
    court_list = ListAtCourthouse(spec, HOUSE, "north")
    return Sittings(court_list, Calendar(YEAR[0], 365), YEAR[0], sitters, before)


def test_the_scarcest_role_is_the_limit_and_pools_of_a_role_add_up() -> None:
    sitters = [pool("bench", 2), pool("bench", 2), pool("legal_adviser", 3)]
    assert people_by_role(sitters, MONDAY, "north") == {"bench": 4.0, "legal_adviser": 3.0}
    assert most_courtrooms(sitters, MONDAY, "north") == 3
    assert most_courtrooms(sitters, MONDAY, "north", one_in=2.0) == 1


def test_where_rooms_bind_one_more_legal_adviser_changes_nothing(model: Model) -> None:
    spec = court_list(model, "magistrates_trials", 2)
    for advisers in (2, 3):
        sittings = sittings_of(spec, (pool("legal_adviser", advisers),))
        assert rooms_on(sittings, MONDAY) == [2, 2]


def test_where_advisers_bind_one_more_opens_a_courtroom(model: Model) -> None:
    spec = court_list(model, "magistrates_trials", 3)
    held = [
        rooms_on(sittings_of(spec, (pool("legal_adviser", advisers),)), MONDAY)
        for advisers in (1, 2)
    ]
    assert held == [[1, 1], [2, 2]]


def test_lists_that_are_served_first_have_people_and_the_last_go_without(model: Model) -> None:
    sitters = (pool("legal_adviser", 3),)
    remand = sittings_of(court_list(model, "remand_court", 1), sitters)
    trials = sittings_of(court_list(model, "magistrates_trials", 2), sitters, remand)
    pleas = sittings_of(court_list(model, "guilty_anticipated_plea", 2), sitters, remand, trials)
    assert rooms_on(remand, MONDAY) == [1]
    assert rooms_on(trials, MONDAY) == [2, 2]
    assert rooms_on(pleas, MONDAY) == [0, 1], "the remand court sits in the morning alone"


def test_a_shortage_is_known_when_a_change_of_the_sittings_is(model: Model) -> None:
    shortage = {"from": MONDAY, "area": None, "value": 1.0}
    spec = court_list(model, "magistrates_trials", 2)
    sittings = sittings_of(spec, (pool("legal_adviser", 2, shortage),))
    known = MONDAY - dt.timedelta(days=7)
    assert known in sittings.days_of_news(*YEAR)
    before, since = (rooms_on(sittings, MONDAY, day) for day in (known - dt.timedelta(1), known))
    assert (before, since) == ([2, 2], [1, 1])


def test_without_pools_nobody_is_short(model: Model) -> None:
    assert rooms_on(sittings_of(court_list(model, "magistrates_trials", 3), ()), MONDAY) == [3, 3]
