"""The custody time limit of somebody on remand: when it runs out, and what the court does then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cjsim.england_wales.case import Case
from cjsim.england_wales.initial_state import read_opening
from cjsim.england_wales.journey import prisons
from tests.replication.test_opening import run
from tests.support.open_cases import FIRST, ROW, write
from tests.support.runs import columns, toy_model
from tests.support.small_world import MONDAY, SmallWorld, number

Make = Callable[..., SmallWorld]
Row = dict[str, Any]
DAY, HOUR = 1440, 60


def always(**chances: float) -> dict[str, dict[str, object]]:
    return {branch: {"probability": number(p), "odds": {}} for branch, p in chances.items()}


def rows(log: list[Row], activity: str) -> list[Row]:
    return [row for row in log if row["activity"] == activity]


def limits(*, extended: float, **days: Any) -> dict[str, Any]:
    asked = {f"custody_time_limit_{name}_days": value for name, value in days.items()}
    whole = {name: v if isinstance(v, dict) else number(v) for name, v in asked.items()}
    return {"limits": whole, "branches": always(custody_time_limit_extended=extended)}


def marks(small: SmallWorld) -> list[tuple[int, str]]:
    """The day of each time limit missed, and what followed."""
    found = rows(small.log(), "custody_time_limit")
    return [(row["ended_at"] // DAY, row["result"]) for row in found]


def notice(days: int) -> dict[str, Any]:
    """A trial so many days ahead, in an empty diary."""
    asked = {"notice_days": {"magistrates_trials": number(days)}}
    return {"hearings": {"magistrates_trial": asked}}


def tried(_: Case) -> Any:
    return "effective", ""


def put_off(_: Case) -> Any:
    return "ineffective", "prosecution_not_ready"


@pytest.mark.parametrize("extended", [0.0, 1.0])
def test_a_limit_that_passes_before_a_trial_is_fixed_is_noticed(
    make: Make, extended: float
) -> None:
    small = make(**limits(extended=extended, summary=5, either_way=7, extension=10))
    case = small.case(offence_class="either_way", either_way=True)
    prisons.remand(case)
    small.until_day(30)
    assert case.remanded == bool(extended)
    # After 7 days, and after every extension of 10 again.
    found = (
        [(8, "extended"), (19, "extended"), (30, "extended")][:2] if extended else [(8, "lapsed")]
    )
    assert marks(small) == found


@pytest.mark.parametrize(
    ("offence_class", "pleaded_on", "day"),
    [("summary", 0, 6), ("either_way", 0, 6), ("either_way", 6, 8), ("either_way", None, 8)],
)
def test_an_either_way_case_has_the_summary_limit_if_it_was_allocated_in_time(
    make: Make, offence_class: str, pleaded_on: int | None, day: int
) -> None:
    small = make(**limits(extended=0.0, summary=5, either_way=7))
    case = small.case(offence_class=offence_class, either_way=offence_class == "either_way")
    prisons.remand(case)
    if pleaded_on is not None:
        small.at(pleaded_on, 10, lambda: case.pleads("not_guilty", "first_hearing"))
    small.until_day(20)
    assert marks(small) == [(day, "lapsed")]


def test_the_limit_runs_from_the_first_appearance_and_counts_earlier_spells(make: Make) -> None:
    small = make(**limits(extended=0.0, summary=5))
    case = small.case(offence_class="summary")
    prisons.remand(case)
    case.first_listed = 1 * DAY + 10 * HOUR
    small.at(3, 12, lambda: prisons.release(case))
    small.at(20, 12, lambda: prisons.remand(case))
    small.until_day(40)
    # Two days before, three after: the last is day 23.
    assert marks(small) == [(24, "lapsed")]


@pytest.mark.parametrize(("sent_on", "day"), [(0, 113), (60, 243)])
def test_a_limit_is_the_one_in_force_when_it_began_to_run(
    make: Make, sent_on: int, day: int
) -> None:
    change = {"from": MONDAY + dt.timedelta(days=30), "area": None, "value": 182}
    small = make(**limits(extended=0.0, summary=500, crown=number(112, change)))
    case = small.case(offence_class="either_way", either_way=True)

    def sent() -> None:
        prisons.remand(case)
        case.received_by_crown_court("for_trial")

    small.at(sent_on, 12, sent)
    # The watch looks after the shortest limit first: here that is a long way off.
    small.until_day(260)
    assert case.held.time_limit is not None
    assert case.held.time_limit.last_day() == day - 1


def test_each_new_date_is_held_against_the_limit(make: Make) -> None:
    small = make(**limits(extended=1.0, summary=12), **notice(8))
    case = small.case(offence_class="summary")

    def tried_in_vain(case: Case) -> Any:
        for _ in range(4):
            listing = case.fix("magistrates_trial", "magistrates_trials", put_off)
            yield from case.appear(prisons.keep_custody_time_limit(case, listing))
        prisons.release(case)

    prisons.remand(case)
    small.go(tried_in_vain(case))
    small.until_day(60)
    log = small.log()
    days = [row["due_at"] // DAY for row in rows(log, "magistrates_trial")]
    assert days[0] <= 12 < days[1] < days[2] < days[3]
    # Asked whenever a date past what is allowed is fixed, which is the day of the trial before.
    found = [(row["ended_at"] // DAY, row["result"]) for row in rows(log, "custody_time_limit")]
    assert found == [(day, "extended") for day in days[:3]]


def test_a_trial_that_the_list_carried_past_the_limit_is_noticed_on_the_day_after(
    make: Make,
) -> None:
    small = make(**limits(extended=0.0, summary=15), **notice(8))
    case = small.case(offence_class="summary")
    prisons.remand(case)
    listing = case.fix("magistrates_trial", "magistrates_trials", tried)
    assert prisons.keep_custody_time_limit(case, listing).day <= 15
    # The list puts it back and back again, as a warned list does.
    small.simulation.diaries_of("magistrates_trials")[0].vacate(listing)
    listing.start = 40 * DAY
    small.until_day(30)
    assert marks(small) == [(16, "lapsed")]
    assert not case.remanded


@pytest.mark.parametrize("ends", ["plea", "trial"])
def test_the_limit_is_over_with_a_guilty_plea_or_the_beginning_of_the_trial(
    make: Make, ends: str
) -> None:
    small = make(**limits(extended=0.0, summary=20), **notice(8))
    case = small.case(offence_class="summary")
    prisons.remand(case)
    if ends == "plea":
        small.at(3, 10, lambda: case.pleads("guilty", "first_hearing"))
    else:
        case.held.trial = case.fix("magistrates_trial", "magistrates_trials", tried)
        assert case.held.trial.day < 20
    small.until_day(60)
    assert case.remanded
    assert marks(small) == []


@pytest.mark.parametrize(
    ("stands_at", "missed"),
    [("awaiting_magistrates_trial", True), ("awaiting_magistrates_sentence", False)],
)
def test_an_open_case_has_its_limit_while_it_waits_for_trial_and_no_longer(
    toy: Path, tmp_path: Path, stands_at: str, missed: bool
) -> None:
    # First before the court and remanded 200 days ago; the next hearing is to be fixed.
    row = ROW | {
        "arrived_days_ago": "210",
        "charged_days_ago": "205",
        "remanded_days_ago": "200",
        "first_listed_days_ago": "200",
        "first_not_guilty_days_ago": "200",
        "hearings_held": "first_hearing:not_guilty_plea:200:12",
        "stands_at": stands_at,
    }
    opening = read_opening(write(tmp_path / "one.csv", [row]), toy_model(toy), FIRST)
    done = run(toy, opening, tmp_path / "run")
    found = [one for one in columns(done.events_path)["activity"] if one == "custody_time_limit"]
    assert bool(found) == missed
