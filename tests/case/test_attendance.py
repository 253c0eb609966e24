"""Who comes to court: how long they wait, what became of their day, and who misses them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cjsim.england_wales.case import Case, Steps
from cjsim.england_wales.journey import victims
from cjsim.listing.diary import Heard, Listing
from cjsim.schema.model import Model
from tests.support.runs import changed
from tests.support.small_world import SmallWorld, length, number

Make = Callable[..., SmallWorld]
WAITS, SPEAKS = 40, 15


@pytest.fixture
def small(plain: Model, tmp_path: Path) -> SmallWorld:
    """A world in which everybody waits 40 minutes at court and speaks for a quarter of an hour."""
    stage = {
        "duration": length(SPEAKS),
        "waiting": {"magistrates": length(WAITS), "crown": length(WAITS)},
    }
    model = changed(
        plain,
        stages={"witness_attendance": stage, "police_attendance": stage},
        hearings={
            word: {"lengths": {result: length(minutes) for result in plain.hearings[word].lengths}}
            for word, minutes in (("magistrates_trial", 90), ("crown_trial", 900))
        },
        pools={"officers": {"capacity": number({"north": 1, "south": 1})}},
    )
    return SmallWorld(model, tmp_path)


def tried(small: SmallWorld, goes: Heard, **facts: Any) -> tuple[Case, Listing]:
    """A case whose trial goes like this; its witnesses come on the day."""
    case = small.case(**{"civilian_witnesses": 2, "police_witnesses": 1, **facts})
    listing = case.fix("magistrates_trial", "magistrates_trials", lambda _: goes)

    small.go(day_at_court(case, listing))
    small.until_day(listing.day + 2)
    return case, listing


def day_at_court(case: Case, listing: Listing) -> Steps[None]:
    """What the road does on the day of a trial."""
    victims.officers_come_to_trial(case, listing)
    yield from case.appear(listing)
    victims.come_to_trial(case, listing)


def rows_of(small: SmallWorld, activity: str) -> list[dict[str, Any]]:
    return [row for row in small.log() if row["activity"] == activity]


@pytest.mark.parametrize("activity", ["witness_attendance", "police_attendance"])
def test_a_witness_waits_is_called_in_and_leaves(small: SmallWorld, activity: str) -> None:
    _, listing = tried(small, ("effective", ""))
    rows = rows_of(small, activity)
    assert len(rows) == (2 if activity == "witness_attendance" else 1)
    for row in rows:
        assert (row["due_at"], row["result"]) == (listing.start, "gave_evidence")
        assert row["started_at"] == listing.started + WAITS
        assert row["ended_at"] == row["started_at"] + SPEAKS
        assert row["minutes"] == row["ended_at"] - row["due_at"]


@pytest.mark.parametrize("activity", ["witness_attendance", "police_attendance"])
def test_who_came_for_nothing_never_began(small: SmallWorld, activity: str) -> None:
    _, listing = tried(small, ("ineffective", "defence_not_ready"))
    for row in rows_of(small, activity):
        assert (row["started_at"], row["result"]) == (-1, "wasted")
        assert row["ended_at"] == listing.started + WAITS
        assert row["reason"] == "defence_not_ready"


def test_civilians_who_did_not_come_waited_for_nothing_and_officers_came_all_the_same(
    small: SmallWorld,
) -> None:
    tried(small, ("ineffective", "prosecution_witness_absent"), witnesses_absent=2)
    rows = small.log()
    civilians = [row for row in rows if row["activity"] == "witness_attendance"]
    assert [(row["result"], row["minutes"]) for row in civilians] == [("did_not_attend", 0)] * 2
    assert [row["result"] for row in rows if row["activity"] == "police_attendance"] == ["wasted"]


def test_who_is_not_reached_goes_home_when_the_list_is_over(small: SmallWorld) -> None:
    listings = []
    for number_of in range(3):
        case = small.case(number_of, civilian_witnesses=1, police_witnesses=1)
        listing = case.fix("magistrates_trial", "magistrates_trials", lambda _: ("effective", ""))
        listings.append(listing)
        listing.diary.move_up(listing, listings[0].start)
        listing.carried_until = listing.start
        small.go(day_at_court(case, listing))
    small.until_day(listings[0].day + 1)
    last = listings[-1]
    assert (last.start, last.reason) == (listings[0].start, "no_court_time")
    rows = [row for row in small.log() if row["case_id"] == 2 and row["activity"].endswith("nce")]
    assert len(rows) == 2
    for row in rows:
        assert (row["started_at"], row["result"]) == (-1, "wasted")
        assert row["ended_at"] == last.start + last.diary.sessions.minutes[last.sitting]


def test_an_officer_at_court_is_missed_by_everybody_else(small: SmallWorld) -> None:
    case = small.case(civilian_witnesses=0, police_witnesses=1)
    listing = case.fix("magistrates_trial", "magistrates_trials", lambda _: ("effective", ""))
    victims.officers_come_to_trial(case, listing)
    pool = small.simulation.pools["officers"][0]
    busy: dict[str, int] = {}
    for name, minute in (("before", -1), ("there", 30), ("after", 200)):
        at = listing.start + minute
        small.at(at // 1440, at % 1440 / 60, lambda name=name: busy.update({name: pool.busy}))
    small.until_day(listing.day + 1)
    assert busy == {"before": 0, "there": 1, "after": 0}


def test_where_all_officers_are_at_work_one_goes_to_court_and_the_next_work_waits(
    small: SmallWorld,
) -> None:
    case = small.case(civilian_witnesses=0, police_witnesses=1)
    listing = case.fix("magistrates_trial", "magistrates_trials", lambda _: ("effective", ""))
    victims.officers_come_to_trial(case, listing)
    pool = small.simulation.pools["officers"][0]
    small.at(listing.day, 9.5, pool.request)
    waits: list[bool] = []
    noon = (listing.start + 30) % 1440 / 60
    small.at(listing.day, noon, pool.release)
    small.at(listing.day, noon + 0.01, lambda: waits.append(pool.request() is not None))
    small.until_day(listing.day + 1)
    assert waits == [True]
    assert pool.busy == 1


def test_a_trial_that_is_carried_to_another_day_is_attended_on_that_day(small: SmallWorld) -> None:
    long = small.case(1, police_witnesses=0)
    first = long.fix("crown_trial", "crown_trials", lambda _: ("effective", ""), "fixture")
    case = small.case(2, police_witnesses=1, civilian_witnesses=0)
    second = case.fix("crown_trial", "crown_trials", lambda _: ("effective", ""), "floater")
    second.diary.move_up(second, first.start)
    second.carried_until = second.start + 30 * 1440
    assert second.start == first.start
    victims.officers_come_to_trial(case, second)
    small.until_day(first.day + 31)
    assert second.start > first.start
    rows = rows_of(small, "police_attendance")
    assert [row["due_at"] for row in rows] == [second.start]


def test_nobody_comes_where_nobody_saw_anything(small: SmallWorld) -> None:
    tried(small, ("effective", ""), civilian_witnesses=0, police_witnesses=0)
    assert {row["activity"] for row in small.log()} == {"magistrates_trial"}
