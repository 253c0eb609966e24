"""Advocates at court: so many minutes a day, first come, first represented."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from cjsim.des.working_time import Calendar
from cjsim.listing.advocates import AdvocatesAtCourt

MONDAY = dt.date(2013, 4, 8)
DAY = 300


def at_court(number: float) -> AdvocatesAtCourt:
    advocates = AdvocatesAtCourt(Calendar(MONDAY, 60))
    advocates.resize(number, DAY)
    return advocates


def test_each_hearing_takes_its_minutes_until_the_day_is_full() -> None:
    one = at_court(1)
    assert [one.engage(0, 120) for _ in range(3)] == [True, True, False]
    assert one.taken(0) == 240
    assert one.engage(0, 60)
    assert one.engage(1, 120)


def test_a_trial_of_three_days_keeps_its_advocate_over_the_weekend() -> None:
    one = at_court(1)
    assert one.engage(3, 2 * DAY + 10)
    assert [one.taken(day) for day in (3, 4, 5, 6, 7)] == [DAY, DAY, 0, 0, 10]
    assert not one.engage(4, 10)
    assert one.engage(7, DAY - 10)


def test_whoever_is_engaged_stays_when_others_no_longer_come() -> None:
    two = at_court(2)
    assert two.engage(0, 2 * DAY)
    two.resize(0, DAY)
    assert two.taken(1) == DAY
    assert not two.engage(1, 10)
    two.resize(2, DAY)
    assert two.engage(1, DAY)


def test_nobody_comes_where_nobody_is() -> None:
    assert not at_court(0).engage(0, 1)


@given(
    number=st.integers(0, 4),
    asked=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3 * DAY)), max_size=60),
)
def test_no_hearing_begins_on_a_day_that_is_full(number: int, asked: list[tuple[int, int]]) -> None:
    advocates = at_court(number)
    for day, minutes in asked:
        before = advocates.taken(day)
        engaged = advocates.engage(day, minutes)
        assert engaged == (before + min(minutes, DAY) <= number * DAY)
        assert advocates.taken(day) == before + (min(minutes, DAY) if engaged else 0)
