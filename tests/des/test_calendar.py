"""Working days, deadlines and opening hours."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.des.working_time import (
    MINUTES_A_DAY,
    Calendar,
    OpenHours,
    bank_holidays,
    clock_minutes,
    months_between,
    next_month,
)

EPOCH = dt.date(2013, 12, 1)
DAYS = 500
CALENDAR = Calendar(EPOCH, DAYS)
OPENS, CLOSES = 9 * 60, 17 * 60
OFFICE = OpenHours(CALENDAR, OPENS, CLOSES, (0, 1, 2, 3, 4), holidays=False)
LATE = OpenHours(CALENDAR, 7 * 60, 23 * 60, tuple(range(7)), holidays=True)

minutes_of_a_year = st.integers(0, 365 * MINUTES_A_DAY)
work = st.integers(0, 5 * 8 * 60)


def at(date: str, clock: str = "00:00") -> int:
    return CALENDAR.minute(dt.date.fromisoformat(date)) + clock_minutes(clock)


def due(date: str, clock: str, working_days: int) -> str:
    minute = CALENDAR.end_of_working_day_after(at(date, clock), working_days)
    return f"{CALENDAR.moment(minute):%Y-%m-%d %H:%M}"


# --- days ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day",
    [
        "2013-12-25",
        "2013-12-26",
        "2014-01-01",
        "2014-04-18",
        "2014-04-21",
        "2014-05-05",
        "2014-05-26",
        "2014-08-25",
    ],
)
def test_englands_bank_holidays_are_no_working_days(day: str) -> None:
    date = dt.date.fromisoformat(day)
    assert date in bank_holidays(2013, 2014)
    assert CALENDAR.is_bank_holiday[(date - EPOCH).days]


@pytest.mark.parametrize("day", ["2013-12-24", "2013-12-27", "2014-01-02", "2014-03-17"])
def test_days_that_are_holidays_elsewhere_alone_are_working_days(day: str) -> None:
    assert dt.date.fromisoformat(day) not in bank_holidays(2013, 2014)


def test_a_minute_and_its_date_agree() -> None:
    for day in range(0, DAYS, 7):
        date = EPOCH + dt.timedelta(days=day)
        assert CALENDAR.minute(date) == day * MINUTES_A_DAY
        assert CALENDAR.date(day * MINUTES_A_DAY) == date
        assert CALENDAR.date(day * MINUTES_A_DAY + MINUTES_A_DAY - 1) == date
        assert CALENDAR.weekday[day] == date.weekday()


def test_months_are_those_that_any_day_falls_in() -> None:
    months = months_between(dt.date(2013, 11, 30), dt.date(2014, 2, 1))
    assert [f"{month:%Y-%m-%d}" for month in months] == [
        "2013-11-01",
        "2013-12-01",
        "2014-01-01",
        "2014-02-01",
    ]
    assert next_month(dt.date(2013, 12, 31)) == dt.date(2014, 1, 1)


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("09:30", 570), ("23:59", 1439)])
def test_a_time_on_the_clock_is_minutes_after_midnight(text: str, minutes: int) -> None:
    assert clock_minutes(text) == minutes


# --- deadlines -------------------------------------------------------------------------------


def test_one_working_day_from_a_friday_is_the_end_of_the_monday() -> None:
    assert due("2014-01-10", "16:00", 1) == "2014-01-13 23:59"


@pytest.mark.parametrize("clock", ["00:00", "09:00", "23:59"])
def test_the_time_of_day_does_not_move_a_deadline(clock: str) -> None:
    assert due("2014-01-14", clock, 1) == "2014-01-15 23:59"


@pytest.mark.parametrize("day", ["2014-01-10", "2014-01-11", "2014-01-12"])
def test_friday_saturday_and_sunday_have_one_deadline(day: str) -> None:
    assert due(day, "12:00", 1) == "2014-01-13 23:59"
    assert due(day, "12:00", 5) == "2014-01-17 23:59"


def test_christmas_2013_and_easter_2014_are_no_working_days() -> None:
    assert due("2013-12-24", "10:00", 1) == "2013-12-27 23:59"
    assert due("2013-12-24", "10:00", 5) == "2014-01-03 23:59"
    assert due("2014-04-17", "10:00", 1) == "2014-04-22 23:59"
    assert due("2014-04-17", "10:00", 5) == "2014-04-28 23:59"


def test_five_working_days_without_a_holiday_are_a_week() -> None:
    assert due("2014-01-15", "10:00", 5) == "2014-01-22 23:59"


@given(minute=minutes_of_a_year, days=st.integers(1, 30))
def test_a_deadline_leaves_so_many_whole_working_days(minute: int, days: int) -> None:
    end = CALENDAR.end_of_working_day_after(minute, days)
    between = range(minute // MINUTES_A_DAY + 1, end // MINUTES_A_DAY + 1)
    working = [
        day for day in between if CALENDAR.weekday[day] < 5 and not CALENDAR.is_bank_holiday[day]
    ]
    assert len(working) == days
    assert working[-1] == end // MINUTES_A_DAY
    assert end % MINUTES_A_DAY == MINUTES_A_DAY - 1


# --- opening hours ---------------------------------------------------------------------------


def test_work_inside_the_hours_takes_its_minutes() -> None:
    assert OFFICE.span(at("2014-01-15", "10:00"), 90) == (
        at("2014-01-15", "10:00"),
        at("2014-01-15", "11:30"),
    )


def test_work_before_opening_waits_for_it() -> None:
    start, end = OFFICE.span(at("2014-01-15", "03:00"), 60)
    assert (start, end) == (at("2014-01-15", "09:00"), at("2014-01-15", "10:00"))


def test_work_rests_overnight() -> None:
    start, end = OFFICE.span(at("2014-01-15", "16:30"), 60)
    assert (start, end) == (at("2014-01-15", "16:30"), at("2014-01-16", "09:30"))


def test_work_rests_over_the_weekend_and_bank_holidays() -> None:
    assert OFFICE.span(at("2014-01-10", "16:30"), 60)[1] == at("2014-01-13", "09:30")
    assert OFFICE.span(at("2014-04-17", "16:30"), 60)[1] == at("2014-04-22", "09:30")
    assert OFFICE.span(at("2014-01-11", "12:00"), 30) == (
        at("2014-01-13", "09:00"),
        at("2014-01-13", "09:30"),
    )


def test_hours_that_keep_holidays_work_through_them() -> None:
    assert LATE.span(at("2013-12-25", "10:00"), 60)[1] == at("2013-12-25", "11:00")
    assert LATE.span(at("2013-12-25", "22:30"), 60)[1] == at("2013-12-26", "07:30")


def test_work_that_fills_the_day_ends_when_the_doors_close() -> None:
    assert OFFICE.span(at("2014-01-15", "09:00"), 480)[1] == at("2014-01-15", "17:00")
    assert OFFICE.span(at("2014-01-15", "09:00"), 481)[1] == at("2014-01-16", "09:01")


def test_work_at_closing_time_begins_the_next_morning() -> None:
    assert OFFICE.span(at("2014-01-15", "17:00"), 1) == (
        at("2014-01-16", "09:00"),
        at("2014-01-16", "09:01"),
    )


def test_no_work_takes_no_time_but_waits_for_opening() -> None:
    inside = at("2014-01-15", "10:00")
    assert OFFICE.span(inside, 0) == (inside, inside)
    opening = at("2014-01-13", "09:00")
    assert OFFICE.span(at("2014-01-11", "12:00"), 0) == (opening, opening)


@pytest.mark.parametrize("hours", [OFFICE, LATE], ids=["office", "late"])
@given(minute=minutes_of_a_year, minutes=work)
def test_the_open_minutes_between_start_and_end_are_the_work(
    hours: OpenHours, minute: int, minutes: int
) -> None:
    start, end = hours.span(minute, minutes)
    assert minute <= start <= end
    assert hours.worked_by(end) - hours.worked_by(start) == minutes
    assert hours.worked_by(start) == hours.worked_by(minute), "nobody is idle in open hours"


@pytest.mark.parametrize("hours", [OFFICE, LATE], ids=["office", "late"])
@given(minute=minutes_of_a_year, later=st.integers(0, 3000), minutes=work, more=work)
def test_later_or_longer_work_never_ends_earlier(
    hours: OpenHours, minute: int, later: int, minutes: int, more: int
) -> None:
    start, end = hours.span(minute, minutes)
    later_start, later_end = hours.span(minute + later, minutes)
    assert start <= later_start
    assert end <= later_end
    assert hours.span(minute, minutes + more)[1] >= end


@pytest.mark.parametrize("hours", [OFFICE, LATE], ids=["office", "late"])
@given(minute=minutes_of_a_year, first=work, second=work)
def test_two_pieces_of_work_end_when_one_of_both_lengths_does(
    hours: OpenHours, minute: int, first: int, second: int
) -> None:
    if first and second:
        _, between = hours.span(minute, first)
        assert hours.span(between, second)[1] == hours.span(minute, first + second)[1]


@given(minute=minutes_of_a_year)
def test_the_minutes_worked_by_a_moment_are_counted_one_by_one(minute: int) -> None:
    day = minute // MINUTES_A_DAY
    start = max(day - 3, 0) * MINUTES_A_DAY
    counted = sum(
        1
        for one in range(start, minute)
        if OFFICE.open_minutes(one // MINUTES_A_DAY) and OPENS <= one % MINUTES_A_DAY < CLOSES
    )
    assert OFFICE.worked_by(minute) - OFFICE.worked_by(start) == counted


def test_a_closed_day_has_no_open_minutes() -> None:
    days = (dt.date(2013, 12, 24) - EPOCH).days
    found = [OFFICE.open_minutes(days + day) for day in range(6)]
    assert found == [480, 0, 0, 480, 0, 0]
