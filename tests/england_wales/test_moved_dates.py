"""A date that the court moves: what a case does then, what its log says, who is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.case import Case, Heard
from cjsim.england_wales.journey import magistrates, prisons
from cjsim.listing.diary import Listing
from cjsim.schema.model import Model
from tests.support.runs import changed
from tests.support.small_world import MONDAY, SmallWorld, number

NOTICE, LAST_LOOK = 14, 7
FIVE_DAYS = (1, 1, 1, 1, 1, 0, 0)
Make = Callable[..., SmallWorld]


def day(count: int) -> dt.date:
    return MONDAY + dt.timedelta(days=count)


@pytest.fixture
def make(plain: Model, tmp_path: Path) -> Make:
    """A world whose magistrates try cases on every weekday, with `rooms` or rules changed."""

    def of(*changes: dict[str, Any], **rules: Any) -> SmallWorld:
        houses = {"north_court": {"rooms": number(FIVE_DAYS, *changes)}}
        trials = {
            "houses": houses,
            "change_notice_days": number(NOTICE),
            "over_listing": number(1.0),
            "kept_for_custody": number(0.0),
        }
        model = changed(
            plain,
            lists={"magistrates_trials": {**trials, **rules}},
            hearings={"magistrates_trial": {"notice_days": {"magistrates_trials": number(30)}}},
            limits={"last_look_before_trial_days": number(LAST_LOOK)},
        )
        return SmallWorld(model, tmp_path)

    return of


def closed(first: int, after: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """No sitting from one day on, and as usual from another."""
    return (
        {"from": day(first), "area": None, "value": (0,) * 7},
        {"from": day(after), "area": None, "value": FIVE_DAYS},
    )


def goes(case: Case) -> Heard:
    return "effective", ""


def fix(case: Case, **more: Any) -> Listing:
    return case.fix("magistrates_trial", "magistrates_trials", goes, **more)


def rows(small: SmallWorld, activity: str) -> list[dict[str, Any]]:
    return [row for row in small.log() if row["activity"] == activity]


def test_a_closure_is_news_only_so_many_days_before_it_begins(make: Make) -> None:
    small = make(*closed(28, 42))
    early = fix(small.case(0))
    assert early.day == 30
    small.until_day(28 - NOTICE)
    assert early.day == 30, "nobody knows yet"
    small.until_day(28 - NOTICE + 1)
    assert early.day == 42
    assert fix(small.case(1)).day == 45


def test_a_change_in_force_from_the_first_day_of_the_study_is_no_news_in_the_warm_up(
    plain: Model, tmp_path: Path
) -> None:
    from cjsim.des.random_streams import RandomStreams
    from cjsim.simulation.simulation import Simulation

    houses = {"north_court": {"rooms": number(FIVE_DAYS, closed(28, 42)[0])}}
    model = changed(plain, lists={"magistrates_trials": {"houses": houses}})
    simulation = Simulation(
        model,
        random_streams=RandomStreams(1, 0, "toy"),
        epoch=MONDAY,
        study_from=day(28),
        study_to=day(60),
        folder=tmp_path,
    )
    sessions = simulation.diaries_of("magistrates_trials")[0].sessions
    simulation.env.run_until(28 * MINUTES_A_DAY)
    later = [at for at, start in enumerate(sessions.starts) if start > 28 * MINUTES_A_DAY]
    assert any(sessions.rooms[at] for at in later)
    simulation.env.run_until(29 * MINUTES_A_DAY)
    assert not any(sessions.rooms[at] for at in later)


def test_a_later_date_is_logged_told_and_wears_on_the_victim(make: Make) -> None:
    small = make(*closed(28, 42))
    told, silent = small.case(0, has_victim=True), small.case(1)
    before = told.contact.level
    listings = [fix(told), fix(silent)]
    given_up = listings[0].start
    levels: list[float] = []
    small.at(28 - NOTICE, 1, lambda: levels.append(told.contact.level))
    small.until_day(50)
    assert levels == [before + small.simulation.engagement["adjournment"]]
    moved = rows(small, "relisted")
    assert [(row["case_id"], row["result"], row["reason"]) for row in moved] == [
        (0, "put_back", "court_relisted"),
        (1, "put_back", "court_relisted"),
    ]
    assert {row["agency"] for row in moved} == {"hmcts"}
    assert moved[0]["due_at"] == given_up
    assert moved[0]["ended_at"] == (28 - NOTICE) * MINUTES_A_DAY
    heard = [row for row in small.log() if row["activity"] == "magistrates_trial"]
    assert {row["due_at"] // MINUTES_A_DAY for row in heard} == {42, 43}


def test_the_victim_of_a_moved_case_is_told_of_the_new_date(make: Make) -> None:
    small = make(*closed(28, 42))
    fix(small.case(0, has_victim=True))
    fix(small.case(1))
    small.until_day(40)
    owed = rows(small, "change_of_date")
    assert [(row["case_id"], row["queued_at"]) for row in owed] == [
        (0, (28 - NOTICE) * MINUTES_A_DAY)
    ]


def test_a_case_that_is_put_back_takes_its_last_look_before_the_new_day(make: Make) -> None:
    small = make(*closed(28, 42))
    case = small.case(0)
    looked = []

    def waits() -> Any:
        in_time = yield from case.wait_until_shortly_before(fix(case))
        looked.append((in_time, small.simulation.env.minute // MINUTES_A_DAY))

    small.go(waits())
    small.until_day(60)
    assert looked == [(True, 42 - LAST_LOOK)]


def test_a_case_that_is_brought_forward_takes_its_last_look_the_sooner(make: Make) -> None:
    small = make(brings_forward=number(1.0))
    full = [fix(small.case(n)) for n in range(20)]
    case, looked = small.case(50), []
    listing = fix(case)
    first = listing.day

    def waits() -> Any:
        in_time = yield from case.wait_until_shortly_before(listing)
        looked.append((in_time, small.simulation.env.minute // MINUTES_A_DAY))
        yield from case.appear(listing)
        looked.append((listing.called, small.simulation.env.minute // MINUTES_A_DAY))

    small.go(waits())

    def frees() -> None:
        # Everybody else has gone when the first slot is offered.
        for one in reversed(full):
            one.diary.vacate(one)

    small.at(10, 9, frees)
    small.until_day(first + 1)
    assert listing.day < first
    assert looked == [(True, listing.day - LAST_LOOK), (True, listing.day)]
    moved = rows(small, "relisted")
    assert {row["result"] for row in moved} == {"brought_forward"}


def test_a_date_brought_forward_does_not_wear_on_the_victim(make: Make) -> None:
    small = make(brings_forward=number(1.0))
    others = [fix(small.case(n)) for n in range(3)]
    case = small.case(50, has_victim=True)
    listing = fix(case)
    level, first = case.contact.level, listing.start
    others[0].diary.vacate(others[0])
    for one in (others[1], others[2]):
        one.diary.vacate(one)
    assert listing.start < first
    assert case.contact.level == level


def test_whoever_cannot_come_is_not_brought_forward_and_luck_decides_which(make: Make) -> None:
    small = make()
    assert not any(small.case(n).takes_earlier_date(0.0) for n in range(200))
    assert all(small.case(200 + n).takes_earlier_date(1.0) for n in range(200))
    half = sum(small.case(400 + n).takes_earlier_date(0.5) for n in range(2000))
    assert 900 < half < 1100


def test_a_trial_in_custody_that_is_put_back_keeps_its_time_limit_or_says_so(make: Make) -> None:
    small = make(*closed(28, 70))
    case = small.case(0, offence_class="either_way", either_way=True)
    prisons.remand(case)
    limit = case.held.last_day_for_trial()
    listing = magistrates.fix_trial(case)
    assert listing.day <= limit
    assert limit == case.last_day_in_custody()
    small.until_day(28 - NOTICE + 1)
    assert listing.day == 70 <= limit or rows(small, "custody_time_limit")
    prisons.release(case)
    assert case.last_day_in_custody() > 10**6


def test_a_trial_in_custody_that_would_pass_its_limit_is_heard_before_the_courts_close(
    make: Make,
) -> None:
    small = make(*closed(28, 84))
    case = small.case(0, offence_class="summary")
    prisons.remand(case)
    listing = magistrates.fix_trial(case)
    small.until_day(28 - NOTICE + 1)
    assert 28 - NOTICE + LAST_LOOK <= listing.day < 28
    assert [row["result"] for row in rows(small, "relisted")] == ["brought_forward"]


def test_a_trial_in_custody_that_does_pass_its_limit_is_extended_or_lapses(make: Make) -> None:
    small = make(*closed(28, 84), change_notice_days=number(3))
    case = small.case(0, offence_class="summary")
    prisons.remand(case)
    listing = magistrates.fix_trial(case)
    small.until_day(28)
    assert listing.day == 84
    marks = [row["result"] for row in rows(small, "custody_time_limit")]
    assert marks == (["extended"] if case.remanded else ["lapsed"])


# --- hearings before a trial -----------------------------------------------------------------


def case_management_before(small: SmallWorld, notice_days: int) -> tuple[Listing, Listing | None]:
    """A trial, and the case management hearing that has to come before it, if there is one."""
    case = small.case()
    trial = case.fix("magistrates_trial", "magistrates_trials", lambda _: ("effective", ""))
    small.simulation.hearings["case_management_hearing"].notice = {
        "not_guilty_anticipated_plea": [notice_days * MINUTES_A_DAY] * 2
    }
    hearing = case.fix_before(
        trial, "case_management_hearing", "not_guilty_anticipated_plea", lambda _: ("managed", "")
    )
    return trial, hearing


def test_a_hearing_to_manage_a_case_comes_before_its_trial(make: Make) -> None:
    trial, hearing = case_management_before(make(), notice_days=7)
    assert hearing is not None
    assert hearing.day < trial.day


def test_where_there_is_no_day_before_the_trial_there_is_no_hearing(make: Make) -> None:
    small = make()
    _, hearing = case_management_before(small, notice_days=60)
    assert hearing is None
    diary = small.simulation.diaries_of("not_guilty_anticipated_plea")[0]
    assert diary.listed() == []
    bookable = diary.sessions.bookable
    assert [diary.free[sitting] for sitting in range(len(bookable))] == list(bookable)
