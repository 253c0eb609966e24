"""Court diaries: how a date is fixed, in what order a list is called, what is not reached."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import CallRule
from cjsim.listing.sessions import FreeMinutes
from tests.support.courthouse import AFTERNOON, MORNING, Courthouse, Person

WEEK = [1] * 7


def morning(day: int) -> int:
    return day * MINUTES_A_DAY + MORNING


# --- free minutes ----------------------------------------------------------------------------


@given(
    free=st.lists(st.integers(0, 300), min_size=1, max_size=40),
    steps=st.lists(st.tuples(st.integers(0, 39), st.integers(-200, 300)), max_size=30),
    asked=st.lists(st.tuples(st.integers(1, 320), st.integers(0, 45)), min_size=1, max_size=20),
)
def test_the_search_finds_what_a_plain_scan_finds(
    free: list[int], steps: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    tree = FreeMinutes(list(free))
    for index, minutes in [(0, 0), *steps]:
        free[index % len(free)] -= minutes
        tree.take(index % len(free), minutes)
        assert [tree[at] for at in range(len(free))] == free
        for wanted, start in asked:
            found = (at for at in range(start, len(free)) if free[at] >= wanted)
            assert tree.first_with(wanted, start) == next(found, -1)


# --- fixing a date ---------------------------------------------------------------------------


def test_a_date_is_the_first_session_from_the_notice_on() -> None:
    court = Courthouse(WEEK)
    assert court.fix(Person(), 60).start == morning(0)
    assert court.fix(Person(), 60, not_before=3).start == morning(3)


def test_a_session_that_has_begun_takes_nobody_in() -> None:
    court = Courthouse(WEEK, at=(0, MORNING))
    assert court.fix(Person(), 60).start == MORNING


def test_a_day_on_which_no_courtroom_sits_is_passed_over() -> None:
    court = Courthouse([1, 0, 0, 1])
    assert court.fix(Person(), 60, not_before=1).start == morning(3)


def test_a_full_session_sends_the_next_one_on_and_a_short_one_still_fits() -> None:
    court = Courthouse(WEEK)
    assert [court.fix(Person(), 100).day for _ in range(3)] == [0, 1, 2]
    assert court.fix(Person(), 50).day == 0
    assert court.free[:4] == [0, 50, 50, 150]


def test_over_listing_books_more_than_there_is() -> None:
    court = Courthouse(WEEK, over_listing=2.0)
    assert [court.fix(Person(), 100).day for _ in range(4)] == [0, 0, 0, 1]


def test_an_estimate_longer_than_a_session_takes_all_of_it() -> None:
    court = Courthouse(WEEK)
    court.fix(Person(), 10)
    assert court.fix(Person(), 240).day == 1
    assert court.fix(Person(), 10).day == 0
    assert court.fix(Person(), 145).day == 2


def test_minutes_kept_for_custody_are_for_people_in_custody_alone() -> None:
    court = Courthouse(WEEK, kept=0.4)
    assert court.fix(Person(), 90).day == 0
    assert court.fix(Person(), 10).day == 1
    assert court.fix(Person(remanded=True), 60).day == 0


def test_a_day_with_fewer_courtrooms_is_not_passed_over_while_it_has_room() -> None:
    court = Courthouse([3, 1, 3], kept=0.1)
    for _ in range(8):
        court.fix(Person(remanded=True), 50)
    court.fix(Person(remanded=True), 50, not_before=1)
    assert court.free == [50, 100, 450]
    assert court.sessions.kept[:3] == [45, 15, 45]
    assert court.fix(Person(), 75).day == 1


def test_an_estimate_longer_than_a_day_of_one_courtroom_takes_all_of_it() -> None:
    court = Courthouse([2, 1, 2], minutes=100)
    court.fix(Person(), 100)
    assert court.free == [100, 100, 200]
    assert court.fix(Person(), 150).day == 1


def test_a_hearing_that_has_no_room_for_years_waits_without_a_date() -> None:
    court = Courthouse([1, 1, 0])
    for _ in range(2):
        court.fix(Person(), 150)
    assert court.diary.without_date() == 0
    waiting = court.fix(Person(), 60)
    assert court.diary.without_date() == 1
    assert not waiting.called


def test_a_hearing_without_a_date_gets_one_once_more_courtrooms_sit() -> None:
    court = Courthouse([1, 1, 1, 0])
    for _ in range(3):
        court.fix(Person(), 150)
    waiting = court.fix(Person(), 60)
    court.sits_otherwise([1, 1, 2, 0])
    assert court.diary.without_date() == 0
    assert waiting.day == 2


def test_minutes_kept_go_to_the_cases_that_the_list_keeps_them_for() -> None:
    court = Courthouse(WEEK, kept=0.4, kept_for=("vulnerable_witness", "earlier_ineffective_trial"))
    court.fix(Person(), 90)
    assert court.fix(Person(remanded=True), 60).day == 1
    assert court.fix(Person(vulnerable_victim=True), 30).day == 0
    assert court.fix(Person(earlier_ineffective_trial=True), 30).day == 0


def test_a_vacated_date_gives_its_minutes_to_whoever_comes_next() -> None:
    court = Courthouse(WEEK)
    first = court.fix(Person(), 150)
    court.diary.vacate(first)
    assert court.free == [150] * 7
    assert court.fix(Person(), 150).day == 0
    court.until_day(7)
    assert not first.called


def test_a_trial_of_several_days_books_and_gives_back_every_one_of_them() -> None:
    court = Courthouse([1, 0, 1, 1, 1], minutes=250, multi_day=True)
    trial = court.fix(Person(), 600)
    assert court.free == [0, 0, 0, 150, 250]
    court.diary.vacate(trial)
    assert court.free == [250, 0, 250, 250, 250]


def test_a_trial_of_several_days_waits_for_days_in_a_row() -> None:
    court = Courthouse([1] * 8, minutes=250, multi_day=True)
    court.fix(Person(), 250, not_before=2)
    assert court.fix(Person(), 600).day == 3


def test_moving_up_takes_the_first_session_with_a_courtroom_however_full() -> None:
    court = Courthouse([0, 1, 1, 1])
    for _ in range(2):
        court.fix(Person(), 150)
    last = court.fix(Person(remanded=True), 100)
    assert last.day == 3
    court.diary.move_up(last, 0)
    assert last.day == 1
    assert court.free == [0, -100, 0, 150]


def test_moving_up_never_moves_back() -> None:
    court = Courthouse(WEEK)
    listing = court.fix(Person(), 60, not_before=2)
    court.diary.move_up(listing, morning(5))
    assert listing.day == 2


# --- the call on the day ---------------------------------------------------------------------


def test_the_list_is_called_custody_first_then_fixtures_warned_list_floaters() -> None:
    court = Courthouse([1, 1], minutes=250, overrun=250)
    kinds = ("floater", "warned_list", "fixture", "")
    for kind in kinds:
        court.fix(Person(minutes=20), 20, kind=kind)
    held = court.fix(Person(minutes=20, remanded=True), 20, kind="floater")
    court.until_day(1)
    order = sorted(court.listings, key=lambda listing: listing.started)
    assert order[0] is held
    assert [listing.kind for listing in order[1:]] == ["fixture", "", "warned_list", "floater"]


def test_of_one_kind_whoever_was_listed_first_is_called_first() -> None:
    court = Courthouse([1, 1, 1])
    late = Person(minutes=10)
    early = court.fix(Person(minutes=10), 10, not_before=2)
    court.until_day(1)
    court.fix(late, 10, not_before=2)
    court.until_day(3)
    assert early.started == morning(2)
    assert late.heard[0].started == morning(2) + 10


def test_each_hearing_goes_to_the_courtroom_that_is_free_first() -> None:
    court = Courthouse([2])
    for minutes in (60, 30, 40, 20):
        court.fix(Person(minutes=minutes), minutes)
    court.until_day(1)
    started = [(listing.courtroom, listing.started - morning(0)) for listing in court.listings]
    assert started == [(0, 0), (1, 0), (1, 30), (0, 60)]


def test_what_the_day_does_not_reach_is_put_off_for_want_of_court_time() -> None:
    court = Courthouse([1], over_listing=2.0, overrun=30)
    first, second = Person(minutes=140), Person(minutes=140)
    trial = court.fix(first, 140)
    other = court.fix(second, 140, hearing="crown_sentence_hearing")
    court.until_day(1)
    assert trial.result == "effective"
    assert (other.result, other.reason) == ("adjourned", "no_court_time")
    assert (other.started, other.minutes, other.courtroom) == (-1, 0, -1)
    assert other.left == morning(0) + 150
    assert second.heard == [other]


@pytest.mark.parametrize(
    ("hearing", "result"),
    [
        ("magistrates_trial", "ineffective"),
        ("crown_trial", "ineffective"),
        ("first_hearing", "adjourned"),
        ("magistrates_sentence_hearing", "adjourned"),
    ],
)
def test_a_trial_not_reached_is_ineffective_and_any_other_hearing_adjourned(
    hearing: str, result: str
) -> None:
    court = Courthouse([1], over_listing=2.0)
    court.fix(Person(minutes=150), 150)
    last = court.fix(Person(minutes=150), 150, hearing=hearing)  # type: ignore[arg-type]
    court.until_day(1)
    assert last.result == result


def test_a_hearing_may_overrun_but_not_begin_after_the_session() -> None:
    court = Courthouse([1], over_listing=2.0, overrun=30)
    for minutes in (120, 60, 10):
        court.fix(Person(minutes=minutes), minutes)
    court.until_day(1)
    first, second, third = court.listings
    assert (first.left, second.left) == (morning(0) + 120, morning(0) + 180)
    assert third.reason == "no_court_time"


def test_a_hearing_listed_for_too_long_is_heard_when_it_proves_short() -> None:
    court = Courthouse([1], over_listing=2.0, overrun=30)
    court.fix(Person(minutes=130), 130)
    cracked = court.fix(Person(minutes=15, result="cracked"), 120)
    court.until_day(1)
    assert cracked.result == "cracked"
    assert cracked.started == morning(0) + 130


def test_a_hearing_longer_than_any_session_is_heard_when_it_comes_first() -> None:
    court = Courthouse(WEEK, overrun=30)
    listing = court.fix(Person(minutes=240), 240)
    court.until_day(1)
    assert listing.reason != "no_court_time"
    assert listing.started == morning(0)


def test_a_morning_that_runs_on_keeps_its_courtroom_from_the_afternoon_list() -> None:
    court = Courthouse([1], at=(MORNING, AFTERNOON), overrun=120)
    long = court.fix(Person(minutes=260), 150)
    after = court.fix(Person(minutes=30), 30)
    court.until_day(1)
    assert long.left == morning(0) + 260 > AFTERNOON
    assert after.started == long.left


# --- trials of several days ------------------------------------------------------------------


def test_a_trial_holds_its_courtroom_on_the_following_sitting_days() -> None:
    court = Courthouse([1, 0, 1, 1, 1, 1], minutes=250, multi_day=True)
    trial = court.fix(Person(minutes=600), 600)
    other = court.fix(Person(minutes=200), 200)
    court.until_day(6)
    days = [(use.start, use.end) for use in court.uses() if use.listing is trial]
    assert days == [
        (morning(0), morning(0) + 250),
        (morning(2), morning(2) + 250),
        (morning(3), morning(3) + 100),
    ]
    assert trial.left == morning(3) + 100
    assert other.started == morning(4)


def test_a_trial_that_runs_longer_than_estimated_keeps_its_courtroom() -> None:
    court = Courthouse([1] * 4, minutes=250, multi_day=True, overrun=60)
    trial = court.fix(Person(minutes=600), 250)
    put_off = court.fix(Person(minutes=250), 250)
    court.until_day(4)
    assert trial.left == morning(2) + 100
    assert (put_off.result, put_off.reason) == ("ineffective", "no_court_time")


def test_a_short_matter_is_heard_before_the_trial_goes_on() -> None:
    court = Courthouse([1] * 4, minutes=250, multi_day=True, overrun=60)
    trial = court.fix(Person(minutes=600), 250)
    short = court.fix(Person(minutes=20, result="cracked"), 250)
    court.until_day(4)
    assert (short.started, short.left) == (morning(1), morning(1) + 20)
    assert trial.left == morning(2) + 100 + 20


def test_a_trial_that_ends_in_the_morning_leaves_its_courtroom_to_the_list() -> None:
    court = Courthouse([1] * 4, minutes=250, multi_day=True, overrun=60)
    trial = court.fix(Person(minutes=300), 250)
    next_one = court.fix(Person(minutes=300), 250)
    court.until_day(4)
    assert trial.left == morning(1) + 50
    assert (next_one.started, next_one.left) == (morning(1) + 50, morning(2) + 100)


@pytest.mark.parametrize(("kind", "days"), [("warned_list", 3), ("floater", 1)])
def test_a_case_that_finds_no_courtroom_is_carried_while_its_window_lasts(
    kind: str, days: int
) -> None:
    court = Courthouse([1] * 8, minutes=250, multi_day=True, warned_days=3, floater_days=1)
    court.fix(Person(minutes=1400), 200)
    waiting = Person(minutes=100)
    listing = court.fix(waiting, 50, kind=kind)
    court.until_day(days)
    assert not listing.called
    assert waiting.asked == 0, "nobody asks how it goes before it is called"
    court.until_day(days + 1)
    assert listing.start == morning(days)
    assert listing.reason == "no_court_time"


def test_a_carried_case_is_heard_as_soon_as_a_courtroom_is_free() -> None:
    court = Courthouse([1] * 6, minutes=250, multi_day=True)
    court.fix(Person(minutes=450), 200)
    listing = court.fix(Person(minutes=100), 50, kind="warned_list")
    court.until_day(6)
    assert listing.result == "effective"
    assert (listing.start, listing.started) == (morning(2), morning(2))


def test_a_fixture_is_never_carried() -> None:
    court = Courthouse([1] * 6, minutes=250, multi_day=True)
    court.fix(Person(minutes=1400), 250)
    court.fix(Person(minutes=450), 250)
    fixture = court.fix(Person(minutes=100), 250, kind="fixture")
    court.until_day(6)
    assert fixture.day == 2
    assert fixture.reason == "no_court_time"


def test_a_case_carried_on_and_then_vacated_gives_back_no_minutes_that_it_never_took() -> None:
    court = Courthouse([1] * 6, minutes=250, multi_day=True)
    court.fix(Person(minutes=1400), 200)
    listing = court.fix(Person(minutes=100), 50, kind="warned_list")
    court.until_day(2)
    assert not listing.called
    court.diary.vacate(listing)
    assert all(
        free <= bookable
        for free, bookable in zip(court.free, court.sessions.bookable, strict=False)
    )


def test_where_fewer_courtrooms_sit_a_trial_rests_and_goes_on_later() -> None:
    court = Courthouse([2, 1, 2, 2], minutes=250, multi_day=True)
    trials = [court.fix(Person(minutes=500), 250) for _ in range(2)]
    court.until_day(4)
    assert [trial.left for trial in trials] == [morning(1) + 250, morning(2) + 250]


def test_whatever_is_listed_or_running_is_on_the_diarys_list() -> None:
    court = Courthouse([1] * 6, minutes=250, multi_day=True)
    running = court.fix(Person(minutes=900), 250)
    later = court.fix(Person(), 250, not_before=5)
    court.until_day(2)
    assert court.diary.listed() == [later, running]


# --- whoever is held for the next court ------------------------------------------------------


@pytest.mark.parametrize("estimate", [10, 150, 900])
def test_whoever_is_held_for_the_next_court_is_on_its_list_however_full_it_is(
    estimate: int,
) -> None:
    court = Courthouse([0, 1, 1, 1])
    court.fix(Person(), 150)
    held = court.fix(Person(held_for_next_court=True), estimate, not_before=3)
    assert held.day == 1


@pytest.mark.parametrize("order", [("custody", "kind"), ("oldest_case",), ("youth",)])
def test_whoever_is_held_for_the_next_court_is_called_first(order: tuple[CallRule, ...]) -> None:
    court = Courthouse(WEEK, call_order=order, minutes=60, overrun=0)
    others = [Person(minutes=30, remanded=True, youth=True) for _ in range(2)]
    for person in others:
        court.fix(person, 30)
    held = Person(minutes=40, held_for_next_court=True, arrived=99)
    court.fix(held, 40)
    court.until_day(2)
    assert held.heard[0].started == morning(0)
    assert [person.heard[0].reason for person in others] == ["no_court_time"] * 2


def test_the_court_sits_on_until_it_has_seen_everybody_who_is_held_for_it() -> None:
    court = Courthouse([1, 1], minutes=60, overrun=0)
    held = [Person(minutes=50, held_for_next_court=True) for _ in range(5)]
    for person in held:
        court.fix(person, 50)
    court.until_day(2)
    assert [person.heard[0].started for person in held] == [morning(0) + 50 * at for at in range(5)]
    assert {person.heard[0].reason for person in held} == {""}
    (sat, *_) = court.diary.courtrooms.sat()
    assert (sat.used, sat.overrun, sat.not_reached) == (250, 190, 0)
