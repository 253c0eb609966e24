"""The verbs of a case: what it decides, how long it works and waits, where it is held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from cjsim.des.event_log import NEVER
from cjsim.england_wales.case import Case
from cjsim.england_wales.journey import custody, prisons
from cjsim.england_wales.vocabulary import Branch
from tests.support.small_world import PEDIGREE, SmallWorld, length, number

MANY = 3000
DIVISIONS = ("north", "south")
ODDS = {**PEDIGREE, "reference": 0.0}
Make = Callable[..., SmallWorld]


def branch(probability: Any, *changes: dict[str, Any], **odds: float) -> dict[str, Any]:
    """A branch with a probability and factors on the odds, instead of the model's."""
    spec = {"probability": number(probability, *changes)}
    return {**spec, "odds": {fact: {**ODDS, "factor": factor} for fact, factor in odds.items()}}


def who(small: SmallWorld, at: Branch, **facts: Any) -> set[int]:
    """The cases that a branch lets through, all with these facts."""
    return {n for n in range(MANY) if small.case(n, **facts).decide(at)}


# --- deciding --------------------------------------------------------------------------------


def test_a_shut_door_never_opens_and_an_open_one_never_shuts(make: Make) -> None:
    small = make(
        branches={"action_plan": branch(0.0, file_ready=50.0), "youth": branch(1.0, summons=0.1)}
    )
    assert who(small, "action_plan", file_ready=True) == set()
    assert who(small, "youth", summons=True) == set(range(MANY))


def test_a_fork_lets_through_the_share_it_says(make: Make) -> None:
    small = make(branches={"youth": branch(0.3)})
    share = len(who(small, "youth")) / MANY
    assert share == pytest.approx(0.3, abs=0.03)


def test_a_probability_by_offence_group_is_that_of_the_cases_own(make: Make) -> None:
    small = make(branches={"youth": branch({"theft": 0.0, "fraud": 1.0, "default": 0.5})})
    assert who(small, "youth", group="theft") == set()
    assert who(small, "youth", group="fraud") == set(range(MANY))
    assert 0 < len(who(small, "youth", group="drugs")) < MANY


@pytest.mark.parametrize("factor", [4.0, 0.25])
def test_a_fact_moves_the_odds_its_own_way_for_every_single_case(make: Make, factor: float) -> None:
    odds = branch(0.5, domestic_abuse=factor)
    without = who(make(branches={"youth": odds}), "youth", domestic_abuse=False)
    with_it = who(make(branches={"youth": odds}), "youth", domestic_abuse=True)
    assert with_it > without if factor > 1 else with_it < without
    share = factor / (1 + factor)
    assert len(with_it) / MANY == pytest.approx(share, abs=0.03)


def test_a_numeric_fact_moves_the_odds_by_its_factor_a_unit_from_its_reference(make: Make) -> None:
    odds = branch(0.5)
    odds["odds"] = {"civilian_witnesses": {**ODDS, "factor": 2.0, "reference": 2.0}}
    found = [
        len(who(make(branches={"youth": odds}), "youth", civilian_witnesses=n)) / MANY
        for n in (0, 1, 2, 3, 4)
    ]
    assert found == sorted(found)
    assert found == pytest.approx([0.2, 1 / 3, 0.5, 2 / 3, 0.8], abs=0.035)


def test_factors_of_several_facts_multiply(make: Make) -> None:
    small = make(branches={"youth": branch(0.5, domestic_abuse=3.0, summons=1 / 3)})
    neither = who(small, "youth")
    again = make(branches={"youth": branch(0.5, domestic_abuse=3.0, summons=1 / 3)})
    assert who(again, "youth", domestic_abuse=True, summons=True) == neither


def test_a_higher_chance_keeps_everybody_whom_a_lower_one_let_through(make: Make) -> None:
    found = [who(make(branches={"youth": branch(p)}), "youth") for p in (0.0, 0.1, 0.4, 0.9, 1.0)]
    assert all(fewer < more for fewer, more in pairwise(found))


def test_each_time_a_case_decides_anew(make: Make) -> None:
    small = make(branches={"youth": branch(0.5)})
    twice = [(case.decide("youth"), case.decide("youth")) for case in map(small.case, range(MANY))]
    for answer in ((True, True), (True, False), (False, True), (False, False)):
        assert twice.count(answer) / MANY == pytest.approx(0.25, abs=0.04)


def test_a_dated_change_holds_from_its_day_on_in_its_division_alone(make: Make) -> None:
    change = {"from": dt.date(2013, 4, 11), "area": "south", "value": 1.0}
    small = make(branches={"youth": branch(0.0, change)})
    found: dict[str, list[int]] = {division: [] for division in DIVISIONS}

    def look() -> None:
        for division in DIVISIONS:
            found[division].append(len(who(small, "youth", division=division)))

    for day, hour in ((0, 12), (2, 23.98), (3, 0.0), (200, 12)):
        small.at(day, hour, look)
    small.until_day(201)
    assert found == {"north": [0, 0, 0, 0], "south": [0, 0, MANY, MANY]}


def test_a_later_change_takes_the_place_of_an_earlier_one(make: Make) -> None:
    changes = (
        {"from": dt.date(2013, 4, 10), "area": None, "value": 1.0},
        {"from": dt.date(2013, 4, 12), "area": "north", "value": 0.0},
    )
    small = make(branches={"youth": branch(0.0, *changes)})
    found: list[bool] = []
    for day in (1, 3, 5):
        small.at(day, 12, lambda: found.append(small.case().decide("youth")))
    small.until_day(6)
    assert found == [False, True, False]


def test_a_choice_gives_each_option_its_share_and_none_that_has_no_share(make: Make) -> None:
    shares = {"one": 0.5, "two": 0.0, "three": 0.3, "four": 0.2, "six": 0.0}
    small = make(
        multiway_branches={
            "witness_count": {"shares": {**PEDIGREE, "changes": (), "value": shares}}
        }
    )
    found = [small.case(n).choose("witness_count") for n in range(MANY)]
    for option, share in shares.items():
        assert found.count(option) / MANY == pytest.approx(share, abs=0.03 if share else 0)


# --- work and waiting ------------------------------------------------------------------------


def office(capacity: int, minutes: float) -> dict[str, dict[str, dict[str, Any]]]:
    """Prosecutors of whom so many work, and a review that takes so long."""
    return {
        "pools": {"cps_prosecutors": {"capacity": number(capacity)}},
        "stages": {"prosecutor_review": {"duration": length(minutes)}},
    }


def test_work_waits_for_staff_and_for_opening_and_rests_overnight(make: Make) -> None:
    small = make(**office(1, 300))
    small.go(*(small.case(n).work("prosecutor_review") for n in range(2)))
    small.until_day(3)
    rows = small.log()
    nine = 9 * 60
    assert [(row["queued_at"], row["started_at"], row["ended_at"]) for row in rows] == [
        (0, nine, nine + 300),
        (0, nine + 300, 1440 + nine + 150),
    ]
    assert all(row["minutes"] == 300 and row["result"] == "done" for row in rows)


def test_people_in_the_cells_go_first(make: Make) -> None:
    small = make(**office(1, 60))
    small.go(small.case(0).work("prosecutor_review"), small.case(1).work("prosecutor_review"))
    small.go(small.case(2, in_custody=True).work("prosecutor_review"))
    small.until_day(1)
    assert [row["case_id"] for row in small.log()] == [0, 2, 1]


def test_a_wait_is_cut_short_at_its_limit_and_says_so(make: Make) -> None:
    small = make(stages={"forensic_examination": {"duration": length(500)}})
    said: list[bool] = []

    def waits(case: Case, until: int | None) -> Any:
        said.append((yield from case.wait("forensic_examination", until=until)))

    for n, until in enumerate((None, 500, 499, 0)):
        small.go(waits(small.case(n), until))
    small.until_day(1)
    assert sorted(said) == [False, False, True, True]
    found = {row["case_id"]: (row["ended_at"], row["result"]) for row in small.log()}
    assert found == {
        0: (500, "done"),
        1: (500, "done"),
        2: (499, "limit_reached"),
        3: (0, "limit_reached"),
    }


def test_work_of_no_length_passes_no_time(make: Make) -> None:
    small = make(stages={"cps_direct_consultation": {"duration": length(0)}})
    case = small.case()
    assert list(case.work("cps_direct_consultation")) == []
    assert (small.log()[0]["started_at"], small.log()[0]["ended_at"]) == (0, 0)


def test_a_factor_by_group_makes_the_work_of_that_group_longer(make: Make) -> None:
    duration = {**length(60), "by_group": {"fraud": 2.0}}
    small = make(**{**office(3, 0), "stages": {"prosecutor_review": {"duration": duration}}})
    for n, group in enumerate(("theft", "fraud")):
        small.go(small.case(n, group=group).work("prosecutor_review"))
    small.until_day(1)
    assert {row["case_id"]: row["minutes"] for row in small.log()} == {0: 60, 1: 120}


# --- in custody ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offence_class", "extensions"), [("summary", 0), ("either_way", 1), ("indictable_only", 1)]
)
def test_the_custody_clock_is_extended_for_indictable_offences_alone(
    make: Make, offence_class: str, extensions: int
) -> None:
    small = make(
        stages={
            "custody_booking": {"duration": length(30)},
            "rest_and_legal_advice": {"duration": length(60)},
            "suspect_interview": {"duration": length(60)},
            "enquiries_in_custody": {"duration": length(5000)},
            "further_enquiries_in_custody": {"duration": length(5000)},
        },
        branches={
            "mental_health_diversion": branch(0.0),
            "custody_clock_extended": branch(1.0),
            "warrant_of_further_detention": branch(0.0),
        },
    )
    case = small.case(offence_class=offence_class, either_way=offence_class == "either_way")
    small.go(custody.detention(case))
    small.until_day(3)
    rows = small.log()
    marks = [row for row in rows if row["activity"] == "custody_clock_extension"]
    assert [row["result"] for row in marks] == ["extended"] * extensions
    detention = next(row for row in rows if row["activity"] == "detention")
    assert detention["ended_at"] - detention["queued_at"] == (36 if extensions else 24) * 60


def test_the_clock_runs_while_somebody_waits_for_a_cell(make: Make) -> None:
    small = make(
        pools={"cells": {"capacity": number({"north": 0, "south": 0})}},
        limits={"detention_first_hours": number(24)},
    )
    case = small.case()
    small.go(case.held.enter_cell())
    small.at(0, 10, lambda: [pool.resize(1) for pool in small.simulation.pools["cells"]])
    small.until_day(1)
    assert case.held.until("detention_first_hours") == 24 * 60
    case.held.leave_cell()
    row = small.log()[0]
    assert (row["queued_at"], row["started_at"]) == (0, 600)


def test_whoever_finds_the_own_suite_full_goes_to_the_next_with_a_cell(make: Make) -> None:
    small = make(pools={"cells": {"capacity": number({"north": 1, "south": 1})}})
    cases = [small.case(n) for n in range(3)]
    small.go(*(case.held.enter_cell() for case in cases))
    small.until_day(1)
    assert [pool.busy for pool in small.simulation.pools["cells"]] == [1, 1]
    assert [pool.waiting for pool in small.simulation.pools["cells"]] == [1, 0]


# --- remanded --------------------------------------------------------------------------------


def remanded_for_trial(
    make: Make, *, limit: int, others: int = 0, extended: float = 0.0
) -> tuple[SmallWorld, Case, Any]:
    """Somebody remanded for an either-way offence, and a trial fixed under a limit of days."""
    rooms = {house: {"rooms": number((1, 1, 1, 1, 1, 0, 0))} for house in ("north_court",)}
    small = make(
        lists={"magistrates_trials": {"houses": rooms, "kept_for_custody": number(0.0)}},
        hearings={
            "magistrates_trial": {
                "notice_days": {"magistrates_trials": number(0 if others else 10)}
            }
        },
        limits={
            "custody_time_limit_either_way_days": number(limit),
            "last_look_before_trial_days": number(3),
        },
        branches={"custody_time_limit_extended": branch(extended)},
    )
    for n in range(others):
        small.case(100 + n).fix("magistrates_trial", "magistrates_trials", tried)
    case = small.case(1, offence_class="either_way", either_way=True)
    prisons.remand(case)
    listing = case.fix("magistrates_trial", "magistrates_trials", tried)
    return small, case, prisons.keep_custody_time_limit(case, listing)


def tried(case: Case) -> Any:
    return "effective", ""


def marks(small: SmallWorld) -> list[str]:
    return [row["result"] for row in small.log() if row["activity"] == "custody_time_limit"]


def test_a_trial_inside_the_custody_time_limit_stays_where_it_is(make: Make) -> None:
    small, case, listing = remanded_for_trial(make, limit=20)
    assert (listing.day, case.remanded, marks(small)) == (10, True, [])


def test_a_trial_beyond_the_limit_is_moved_up_before_anybody_extends_it(make: Make) -> None:
    small, case, listing = remanded_for_trial(make, limit=5)
    assert (listing.day, case.remanded, marks(small)) == (3, True, [])


@pytest.mark.parametrize(("extended", "result"), [(1.0, "extended"), (0.0, "lapsed")])
def test_a_trial_that_cannot_be_moved_up_is_extended_or_the_defendant_bailed(
    make: Make, extended: float, result: str
) -> None:
    small, case, _ = remanded_for_trial(make, limit=1, extended=extended)
    assert case.remanded == (result == "extended")
    assert marks(small) == [result]


def test_a_full_diary_gives_way_to_somebody_whose_limit_is_near(make: Make) -> None:
    small, case, listing = remanded_for_trial(make, limit=5, others=40)
    full = listing.diary.free[listing.sitting]
    assert (listing.day, case.remanded, marks(small)) == (3, True, [])
    assert full < 0


def test_nobody_on_bail_is_moved_up(make: Make) -> None:
    small = make(limits={"custody_time_limit_either_way_days": number(1)})
    case = small.case(1, offence_class="either_way", either_way=True)
    listing = case.fix("magistrates_trial", "magistrates_trials", tried)
    day = listing.day
    assert prisons.keep_custody_time_limit(case, listing).day == day
    assert marks(small) == []


def test_a_night_in_prison_is_a_row_from_remand_to_release(make: Make) -> None:
    small = make()
    case = small.case()
    small.at(0, 12, lambda: prisons.remand(case))
    small.at(3, 10, case.held.leave_prison)
    small.until_day(4)
    row = small.log()[0]
    assert (row["activity"], row["queued_at"], row["ended_at"]) == ("remand", 720, 3 * 1440 + 600)
    assert row["ended_at"] != NEVER
