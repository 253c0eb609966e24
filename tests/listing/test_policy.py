"""What a listing officer can decide: order of call, freed slots, and sittings that change."""

from __future__ import annotations

from typing import Any

import pytest

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import CALL_RULES, CallRule
from tests.support.courthouse import AFTERNOON, MORNING, Courthouse, Person

WEEK = [1] * 7


def morning(day: int) -> int:
    return day * MINUTES_A_DAY + MORNING


# --- the order of call -----------------------------------------------------------------------

FIRST: dict[CallRule, tuple[dict[str, Any], dict[str, Any]]] = {
    "custody": ({"remanded": True}, {}),
    "custody_time_limit": ({"limit": 9}, {"limit": 30}),
    "vulnerable_witness": ({"vulnerable_victim": True}, {}),
    "youth": ({"youth": True}, {}),
    "oldest_case": ({"arrived": -500}, {"arrived": -400}),
}
"""Who comes before whom by each rule that looks at the case."""


def test_every_rule_of_call_is_tested_here() -> None:
    assert {*FIRST, "kind", "oldest_listing"} == set(CALL_RULES)


@pytest.mark.parametrize("rule", FIRST)
def test_a_rule_calls_whom_it_names_before_those_listed_earlier(rule: CallRule) -> None:
    court = Courthouse([1, 1], call_order=(rule,))
    preferred, other = FIRST[rule]
    later = court.fix(Person(minutes=20, **other), 20)
    first = court.fix(Person(minutes=20, **preferred), 20)
    court.until_day(1)
    assert first.started < later.started


def test_a_later_rule_decides_what_the_earlier_leave_open() -> None:
    court = Courthouse([1, 1], call_order=("youth", "vulnerable_witness"))
    plain = court.fix(Person(minutes=10), 10)
    adult = court.fix(Person(minutes=10, vulnerable_victim=True), 10)
    child = court.fix(Person(minutes=10, youth=True), 10)
    both = court.fix(Person(minutes=10, youth=True, vulnerable_victim=True), 10)
    court.until_day(1)
    order = sorted(court.listings, key=lambda listing: listing.started)
    assert order == [both, child, adult, plain]


def test_without_the_rule_of_custody_a_fixture_comes_before_a_floater_in_custody() -> None:
    court = Courthouse([1, 1], call_order=("kind", "custody"))
    held = court.fix(Person(minutes=20, remanded=True), 20, kind="floater")
    fixture = court.fix(Person(minutes=20), 20, kind="fixture")
    court.until_day(1)
    assert fixture.started < held.started


# --- freed slots -----------------------------------------------------------------------------


def test_a_slot_vacated_too_near_to_its_day_is_lost() -> None:
    court = Courthouse(WEEK, refill_days=2)
    near, far = court.fix(Person(), 150), court.fix(Person(), 150, not_before=4)
    court.diary.vacate(near)
    court.diary.vacate(far)
    assert court.free == [0, *[150] * 6]
    assert court.fix(Person(), 100).day == 1


def test_a_freed_slot_goes_to_whoever_has_waited_longest() -> None:
    court = Courthouse(WEEK, brings_forward=0.5)
    freed = court.fix(Person(), 150)
    waiting = [court.fix(Person(), 100) for _ in range(3)]
    court.diary.vacate(freed)
    assert [listing.day for listing in waiting] == [0, 2, 3]
    assert waiting[0].matter.moved == [(morning(1), morning(0))]  # type: ignore[attr-defined]
    assert court.free[:4] == [50, 150, 50, 50]


def test_a_freed_slot_is_offered_on_when_the_first_cannot_come() -> None:
    court = Courthouse(WEEK, brings_forward=0.5)
    freed = court.fix(Person(), 150)
    cannot = court.fix(Person(can_come=False), 100)
    can, too_late = court.fix(Person(), 120), court.fix(Person(), 120)
    court.diary.vacate(freed)
    assert [cannot.day, can.day, too_late.day] == [1, 0, 3]


def test_nobody_is_brought_forward_where_the_policy_is_not_to() -> None:
    court = Courthouse(WEEK)
    freed, waiting = court.fix(Person(), 150), court.fix(Person(), 150)
    court.diary.vacate(freed)
    assert waiting.day == 1


def test_nobody_is_brought_forward_into_the_notice_of_their_hearing() -> None:
    court = Courthouse(WEEK, brings_forward=1.0)
    freed = court.fix(Person(), 150)
    waiting = court.fix(Person(), 100, not_before=3)
    court.diary.vacate(freed)
    assert waiting.day == 3


def test_nobody_is_brought_forward_to_a_day_nearer_than_a_slot_can_be_filled() -> None:
    court = Courthouse(WEEK, brings_forward=1.0, refill_days=2)
    freed = [court.fix(Person(), 150) for _ in range(4)]
    waiting = court.fix(Person(), 100)
    court.diary.vacate(freed[1])
    assert waiting.day == 4
    court.diary.vacate(freed[3])
    assert waiting.day == 3


def test_a_trial_of_several_days_is_brought_forward_only_where_all_its_days_are_free() -> None:
    court = Courthouse([1] * 10, minutes=250, multi_day=True, brings_forward=1.0)
    first, second = court.fix(Person(), 250), court.fix(Person(), 500)
    long, short = court.fix(Person(), 500), court.fix(Person(), 250)
    court.diary.vacate(first)
    assert (long.day, short.day) == (3, 0)
    court.diary.vacate(second)
    assert long.day == 1


# --- the sittings change ---------------------------------------------------------------------


def test_a_closure_relists_those_it_hits_in_the_order_of_call() -> None:
    court = Courthouse([1] * 6)
    plain = court.fix(Person(), 100, not_before=1)
    held = court.fix(Person(remanded=True), 100, not_before=2)
    spared = court.fix(Person(), 100, not_before=4)
    court.sits_otherwise([1, 0, 0, 1, 1, 1])
    assert (held.day, plain.day, spared.day) == (3, 5, 4)
    assert plain.matter.moved == [(morning(1), morning(5))]  # type: ignore[attr-defined]
    assert spared.matter.moved == []  # type: ignore[attr-defined]
    court.until_day(6)
    assert [listing.started for listing in (held, spared, plain)] == [
        morning(3),
        morning(4),
        morning(5),
    ]


def test_where_one_of_two_courtrooms_is_lost_the_first_called_keep_their_dates() -> None:
    court = Courthouse([2, 2, 2])
    listings = [court.fix(Person(), 75, not_before=1) for _ in range(4)]
    court.sits_otherwise([2, 1, 2])
    assert [listing.day for listing in listings] == [1, 1, 2, 2]
    assert court.free == [300, 0, 150]


def test_nobody_loses_a_date_when_less_may_be_booked_from_now_on() -> None:
    court = Courthouse([1] * 4, over_listing=2.0)
    listings = [court.fix(Person(), 100) for _ in range(3)]
    court.sits_otherwise([1] * 4, over_listing=1.0)
    assert [listing.day for listing in listings] == [0, 0, 0]
    assert court.free == [-150, 150, 150, 150]
    assert court.fix(Person(), 100).day == 1


def test_nobody_is_relisted_to_a_day_nearer_than_a_slot_can_be_filled() -> None:
    court = Courthouse([1] * 6, refill_days=3)
    listing = court.fix(Person(), 100)
    court.sits_otherwise([0, *[1] * 5])
    assert listing.day == 3


def test_shorter_sessions_send_away_what_no_longer_fits() -> None:
    court = Courthouse([1] * 4)
    kept, sent = court.fix(Person(), 90), court.fix(Person(), 60)
    court.sits_otherwise([1] * 4, minutes=100)
    assert (kept.day, sent.day) == (0, 1)


def test_sessions_that_are_opened_up_can_be_booked_and_are_offered() -> None:
    for chance, day in ((0.0, 3), (1.0, 1)):
        court = Courthouse([1, 0, 0, 1, 1], brings_forward=chance)
        court.fix(Person(), 150)
        waiting = court.fix(Person(), 150)
        court.sits_otherwise([1, 1, 0, 1, 1])
        assert waiting.day == day
        assert court.fix(Person(), 100).day == 4 - day


def test_a_trial_of_several_days_that_loses_its_first_day_is_relisted() -> None:
    court = Courthouse([1] * 9, minutes=250, multi_day=True)
    trial = court.fix(Person(minutes=600), 600, not_before=2)
    court.sits_otherwise([1, 1, 0, 0, 1, 1, 1, 1, 1])
    assert trial.day == 4
    assert court.free == [250, 250, 0, 0, 0, 0, 150, 250, 250]


def test_a_trial_of_several_days_that_loses_a_later_day_goes_on_after_it() -> None:
    court = Courthouse([1] * 9, minutes=250, multi_day=True)
    trial = court.fix(Person(minutes=600), 600, not_before=1)
    court.sits_otherwise([1, 1, 0, 0, 1, 1, 1, 1, 1])
    assert trial.day == 1
    court.until_day(9)
    assert trial.left == morning(5) + 100


def test_a_trial_that_is_running_when_courts_close_rests_and_goes_on() -> None:
    court = Courthouse([1] * 9, minutes=250, multi_day=True)
    trial = court.fix(Person(minutes=600), 600)
    court.until_day(1)
    court.sits_otherwise([1, 0, 0, 0, 1, 1, 1, 1, 1])
    court.until_day(9)
    assert trial.left == morning(5) + 100


def test_a_trial_that_rests_goes_on_sooner_when_a_session_is_opened_up() -> None:
    court = Courthouse([1, 0, 0, 0, 1, 1, 1], minutes=250, multi_day=True)
    trial = court.fix(Person(minutes=400), 400)
    court.until_day(1)
    court.sits_otherwise([1, 0, 1, 0, 1, 1, 1])
    court.until_day(7)
    assert trial.left == morning(2) + 150


def test_a_change_that_changes_nothing_touches_nothing() -> None:
    court = Courthouse(WEEK)
    listing = court.fix(Person(), 60)
    tree = court.diary.free
    court.sits_otherwise(WEEK)
    assert court.diary.free is tree
    assert listing.matter.moved == []  # type: ignore[attr-defined]


# --- a hearing that runs over, and what the courtrooms did ------------------------------------


def test_a_hearing_that_runs_past_the_overrun_takes_the_next_session() -> None:
    court = Courthouse([1, 1], at=(MORNING, AFTERNOON), overrun=30)
    long = court.fix(Person(minutes=200), 150)
    after = court.fix(Person(minutes=60), 60)
    court.until_day(1)
    assert long.left == AFTERNOON + 50
    assert after.started == AFTERNOON + 50


def test_the_courtrooms_leave_a_record_of_every_session() -> None:
    court = Courthouse([2, 1, 1], over_listing=2.0, overrun=30)
    for minutes in (140, 100, 40, 60):
        court.fix(Person(minutes=minutes), minutes)
    late = court.fix(Person(minutes=140), 140)
    court.until_day(3)
    assert late.reason == "no_court_time"
    first, second = (one for one in court.diary.courtrooms.sat() if one.sitting == 0)
    assert first == (0, 0, 140, 0, 1, 5, 0, 2)
    assert second == (0, 1, 140, 0, 2, 5, 0, 2)
