"""Where a division's cases are heard: two courthouses, and one that is shut for some days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.des.environment import Environment
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.listing.hearing_slot import Listing
from cjsim.listing.venues import Venues
from tests.support.courthouse import MORNING, Courthouse, Person, goes

DAYS = 20
DAILY = (1,) * DAYS
NEVER = 1000


class TwoCourthouses:
    """A list at two courthouses; the home division is served by the first of them, or by both."""

    def __init__(
        self,
        home: Sequence[int] = DAILY,
        other: Sequence[int] = DAILY,
        *,
        both: bool = False,
        **more: Any,
    ) -> None:
        env = Environment()
        self.env = env
        self.home = Courthouse(home, env=env, **more)
        self.other = Courthouse(other, env=env, **more)
        diaries = [self.home.diary, self.other.diary] if both else [self.home.diary]
        self.venues = Venues(diaries)
        self.listings: list[Listing] = []

    def fix(self, person: Person, estimate: int = 150, *, not_before: int = 0) -> Listing:
        listing = self.venues.fix(
            person, "crown_trial", 0, goes, not_before * MINUTES_A_DAY, estimate
        )
        self.listings.append(listing)
        return listing

    def where(self, listing: Listing) -> tuple[str, int]:
        return "home" if listing.diary is self.home.diary else "other", listing.day


# --- two courthouses in a division ---------------------------------------------------------------


def test_a_hearing_is_listed_in_the_courthouse_with_the_earlier_date() -> None:
    courts = TwoCourthouses(home=(0, 0, 1, 1, 1), other=(0, 1, 0, 0, 1), both=True)
    places = [courts.where(courts.fix(Person())) for _ in range(3)]
    assert places == [("other", 1), ("home", 2), ("home", 3)]


def test_with_equal_dates_it_is_the_first_in_the_file() -> None:
    courts = TwoCourthouses(both=True)
    places = [courts.where(courts.fix(Person())) for _ in range(4)]
    assert places == [("home", 0), ("other", 0), ("home", 1), ("other", 1)]


def test_whoever_is_held_goes_to_the_courthouse_that_sits_next() -> None:
    courts = TwoCourthouses(home=(0, 0, 1), other=(0, 1, 1), both=True)
    courts.env.run_until(10)
    assert courts.where(courts.fix(Person(held_for_next_court=True))) == ("other", 1)
    assert courts.venues.next_start() == MINUTES_A_DAY + MORNING


# --- a closure -----------------------------------------------------------------------------------


def test_hearings_listed_for_the_closed_days_move_to_the_first_session_with_room_elsewhere() -> (
    None
):
    courts = TwoCourthouses()
    people = [Person() for _ in range(6)]
    listings = [courts.fix(person, not_before=3) for person in people]
    busy = courts.other.fix(Person(), 150, not_before=5)
    courts.home.shuts(5, NEVER, courts.other)
    assert busy.day == 5
    assert [courts.where(each) for each in listings] == [
        ("home", 3),
        ("home", 4),
        ("other", 6),
        ("other", 7),
        ("other", 8),
        ("other", 9),
    ]


def test_who_is_moved_is_told_once_whether_the_date_changes_or_only_the_place() -> None:
    courts = TwoCourthouses()
    people = [Person() for _ in range(3)]
    for person in people:
        courts.fix(person, not_before=5)
    courts.other.fix(Person(), 150, not_before=6)
    courts.home.shuts(5, NEVER, courts.other)
    at = [day * MINUTES_A_DAY + MORNING for day in range(DAYS)]
    assert [person.sent_elsewhere for person in people] == [1, 0, 0]
    assert [person.moved for person in people] == [[], [(at[6], at[7])], [(at[7], at[8])]]


def test_a_new_hearing_whose_date_would_fall_into_the_closure_is_listed_elsewhere() -> None:
    courts = TwoCourthouses()
    courts.home.shuts(3, NEVER, courts.other)
    places = [courts.where(courts.fix(Person())) for _ in range(5)]
    assert places == [("home", 0), ("home", 1), ("home", 2), ("other", 3), ("other", 4)]


def test_nothing_goes_elsewhere_before_the_courthouse_is_shut() -> None:
    courts = TwoCourthouses(home=(0,) * 10 + (1,) * 10)
    courts.home.shuts(15, NEVER, courts.other)
    assert courts.where(courts.fix(Person())) == ("home", 10)


def test_a_courthouse_that_opens_again_takes_what_it_can_hear_sooner() -> None:
    courts = TwoCourthouses(other=(0,) * 15 + (1,) * 5)
    kept = courts.fix(Person(), not_before=5)
    courts.home.shuts(5, 8, courts.other)
    assert courts.where(kept) == ("home", 8)
    assert courts.where(courts.fix(Person(), not_before=6)) == ("home", 9)
    assert courts.where(courts.fix(Person(), not_before=5)) == ("home", 10)


def test_whoever_is_held_goes_where_the_work_goes() -> None:
    courts = TwoCourthouses()
    courts.home.shuts(1, NEVER, courts.other)
    courts.env.run_until(MORNING + 1)
    assert courts.where(courts.fix(Person(held_for_next_court=True))) == ("other", 1)
    assert courts.venues.next_start() == MINUTES_A_DAY + MORNING


def test_a_trial_that_is_running_goes_on_elsewhere() -> None:
    courts = TwoCourthouses(minutes=250, multi_day=True)
    person = Person(minutes=700)
    trial = courts.fix(person, 250)
    courts.env.run_until(10)
    courts.home.shuts(1, NEVER, courts.other)
    courts.env.run_until(DAYS * MINUTES_A_DAY)
    assert courts.where(trial) == ("other", 0)
    assert person.heard == [trial]
    assert person.sent_elsewhere == 1
    # 250 minutes on the first day, 250 on the second, and 200 on the third.
    assert trial.left == 2 * MINUTES_A_DAY + MORNING + 200
    assert trial.courtroom == 0
    assert not [one for one in courts.home.diary.courtrooms.sat() if one.sitting > 0 and one.used]


def test_a_trial_that_would_run_into_the_closure_is_held_elsewhere_from_its_first_day() -> None:
    courts = TwoCourthouses(minutes=250, multi_day=True)
    trial = courts.fix(Person(minutes=500), 500, not_before=4)
    courts.home.shuts(5, NEVER, courts.other)
    assert courts.where(trial) == ("other", 5)
    assert courts.where(courts.fix(Person(minutes=500), 500, not_before=4)) == ("other", 7)


def test_a_case_that_is_carried_on_to_a_closed_day_moves_as_well() -> None:
    courts = TwoCourthouses(minutes=250, multi_day=True, over_listing=2.0)
    long, carried = Person(minutes=500), Person(minutes=100)
    courts.home.fix(long, 250, kind="fixture")
    listing = courts.home.fix(carried, 250, kind="warned_list")
    courts.env.run_until(MORNING + 10)
    assert listing.carried
    courts.home.shuts(1, NEVER, courts.other)
    courts.env.run_until(DAYS * MINUTES_A_DAY)
    assert carried.heard == [listing]
    assert courts.where(listing)[0] == "other"


def test_a_courtroom_that_another_list_has_lent_does_not_sit_in_a_shut_courthouse() -> None:
    courts = TwoCourthouses()
    courts.home.diary.take_courtroom(6, "court 2")
    assert courts.home.sessions.rooms[6] == 2
    courts.home.shuts(5, NEVER, courts.other)
    assert courts.home.sessions.rooms[5:DAYS] == [0] * (DAYS - 5)


@given(
    before=st.lists(st.tuples(st.integers(0, 12), st.integers(20, 600)), max_size=15),
    after=st.lists(st.tuples(st.integers(0, 12), st.integers(20, 600)), max_size=15),
    announced=st.integers(0, 6),
    wait=st.integers(0, 4),
    length=st.integers(1, 8),
    multi_day=st.booleans(),
)
def test_nothing_is_lost_and_nobody_is_heard_in_a_shut_courthouse(
    before: list[tuple[int, int]],
    after: list[tuple[int, int]],
    announced: int,
    wait: int,
    length: int,
    multi_day: bool,
) -> None:
    courts = TwoCourthouses((1,) * 60, (1,) * 60, minutes=250, multi_day=multi_day)
    first, reopens = announced + wait, announced + wait + length

    def list_all(cases: list[tuple[int, int]]) -> None:
        for day, minutes in cases:
            estimate = minutes if multi_day else min(minutes, 250)
            courts.fix(Person(minutes=estimate), estimate, not_before=day)

    list_all(before)
    courts.env.run_until(announced * MINUTES_A_DAY)
    courts.home.shuts(first, reopens, courts.other)
    list_all(after)
    courts.env.run_until(60 * MINUTES_A_DAY)
    for listing in courts.listings:
        person = listing.matter
        assert isinstance(person, Person)
        assert person.heard == [listing]
    for sat in courts.home.diary.courtrooms.sat():
        day = courts.home.sessions.starts[sat.sitting] // MINUTES_A_DAY
        assert not (first <= day < reopens and sat.used)
    for court in (courts.home, courts.other):
        booked = [0] * 60
        for at, bookable in enumerate(court.sessions.bookable[:60]):
            booked[at] = bookable - court.diary.free[at]
        assert min(booked) >= 0


@pytest.mark.parametrize("days", [0, 3])
def test_closing_for_good_is_closing_until_the_end_of_the_diary(days: int) -> None:
    courts = TwoCourthouses()
    courts.home.shuts(days, NEVER, courts.other)
    assert courts.where(courts.fix(Person(), not_before=days))[0] == "other"
    assert courts.where(courts.fix(Person(), not_before=days + 100))[0] == "other"
