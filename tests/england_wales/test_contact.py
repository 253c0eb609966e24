"""Contacts with victims and witnesses: in time, late or missed, and what they do to engagement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cjsim.england_wales.case import Case
from cjsim.england_wales.journey import victims
from cjsim.england_wales.vocabulary import Branch
from tests.support.small_world import SmallWorld, length, number

Make = Callable[..., SmallWorld]
NINE, OPEN = 9 * 60, 7 * 60 + 30
MONDAY_END, TUESDAY_END, NEXT_MONDAY_END = 1439, 2 * 1440 - 1, 8 * 1440 - 1


def unit(minutes: float = 30, *, staff: int = 1, turnaround: float = 0) -> dict[str, Any]:
    """A Witness Care Unit, and the date of the first hearing passed on within 1 or 5 days."""
    duty = {
        "duration": length(minutes),
        "turnaround": length(turnaround),
        "within_working_days": number(5),
        "within_working_days_enhanced": number(1),
        "missed_after_working_days": number(2),
    }
    return {
        "channels": {"telephone": {"arranged_after": length(0)}},
        "pools": {"witness_care_unit": {"capacity": number(staff)}},
        "duties": {"first_hearing_date": duty, "change_of_date": duty},
    }


def told(small: SmallWorld, *, day: int = 0, **facts: Any) -> None:
    small.at(day, 0, lambda: small.case(**{"has_victim": True, **facts}).tell("first_hearing_date"))


# --- deadlines -------------------------------------------------------------------------------


@pytest.mark.parametrize(("vulnerable", "due"), [(False, NEXT_MONDAY_END), (True, TUESDAY_END)])
def test_a_vulnerable_victim_is_owed_it_in_one_working_day_others_in_five(
    make: Make, *, vulnerable: bool, due: int
) -> None:
    small = make(**unit())
    told(small, vulnerable_victim=vulnerable)
    small.until_day(1)
    row = small.log()[0]
    assert row["due_at"] == due
    assert (row["queued_at"], row["started_at"], row["ended_at"]) == (0, NINE, NINE + 30)
    assert row["result"] == "in_time"


def test_nobody_is_told_where_there_is_nobody_to_tell(make: Make) -> None:
    small = make(**unit())
    told(small, has_victim=False, civilian_witnesses=3)
    small.until_day(1)
    assert small.log() == []


def test_what_witnesses_are_owed_is_done_where_there_is_no_victim(make: Make) -> None:
    small = make(duties={"witness_warning": {"turnaround": length(0)}})
    small.case(civilian_witnesses=2).tell("witness_warning")
    small.case(1).tell("witness_warning")
    small.until_day(2)
    assert [row["case_id"] for row in small.log()] == [0]


def test_a_contact_made_after_its_deadline_is_late(make: Make) -> None:
    small = make(**unit(turnaround=2 * 1440))
    told(small, vulnerable_victim=True)
    small.until_day(4)
    row = small.log()[0]
    assert (row["result"], row["started_at"]) == ("late", 2 * 1440 + NINE)
    assert row["ended_at"] > row["due_at"]


@pytest.mark.parametrize(("within", "result"), [(20, "lapsed"), (1, "missed")])
def test_what_is_owed_before_a_trial_is_not_done_when_the_case_is_over(
    make: Make, within: int, result: str
) -> None:
    meeting = {"turnaround": length(3 * 1440), "within_working_days": number(within)}
    small = make(duties={"special_measures_meeting": meeting})
    case = small.case(civilian_witnesses=1)
    case.tell("special_measures_meeting")
    small.at(0, 12, lambda: case.end("acquitted"))
    small.until_day(15)
    rows = [row for row in small.log() if row["activity"] == "special_measures_meeting"]
    assert [(row["result"], row["started_at"]) for row in rows] == [(result, -1)]


def test_a_contact_at_the_last_minute_is_in_time(make: Make) -> None:
    # One of the vulnerable comes at nine on the Monday; the other's turn comes after 450 minutes.
    small = make(**unit(minutes=OPEN * 2))
    told(small, vulnerable_victim=True)
    small.until_day(3)
    row = small.log()[0]
    assert (row["ended_at"], row["result"]) == (1440 + 16 * 60 + 30, "in_time")


def test_a_contact_whose_turn_comes_far_too_late_is_given_up(make: Make) -> None:
    small = make(**unit(staff=0))
    told(small, vulnerable_victim=True)
    pool = small.simulation.pools["witness_care_unit"][0]
    small.at(6, 0, lambda: pool.resize(1))
    small.until_day(7)
    row = small.log()[0]
    assert (row["result"], row["started_at"], row["minutes"]) == ("missed", -1, 0)
    assert row["ended_at"] == 6 * 1440
    assert pool.busy == 0


def test_until_it_is_given_up_it_is_done_late(make: Make) -> None:
    small = make(**unit(staff=0))
    told(small, vulnerable_victim=True)
    small.at(3, 0, lambda: small.simulation.pools["witness_care_unit"][0].resize(1))
    small.until_day(7)
    assert small.log()[0]["result"] == "late"


def test_vulnerable_victims_go_before_others_who_waited_longer(make: Make) -> None:
    small = make(**unit())
    for n in range(3):
        told(small, number=n, vulnerable_victim=n == 2)
    small.until_day(1)
    rows = sorted(small.log(), key=lambda row: row["ended_at"])
    assert [row["case_id"] for row in rows] == [0, 2, 1]


def test_a_contact_still_owed_at_the_end_is_an_open_row(make: Make) -> None:
    small = make(**unit(staff=0))
    told(small)
    small.until_day(2)
    for errand in small.simulation.population.contacts:
        errand.write_open_row()
    row = small.log()[0]
    assert (row["activity"], row["ended_at"], row["result"]) == ("first_hearing_date", -1, "")


def test_a_contact_owed_by_a_case_that_ended_is_still_made(make: Make) -> None:
    small = make(**unit())
    case = small.case(has_victim=True)
    case.tell("first_hearing_date")
    case.end("acquitted")
    small.until_day(1)
    assert {row["activity"] for row in small.log()} == {"disposal", "first_hearing_date"}


# --- engagement ------------------------------------------------------------------------------

STILL = {"per_month": number(0.0), "at_report": number(0.5)}
MOVES = {
    "contact_in_time": number(0.05),
    "contact_late": number(-0.02),
    "contact_missed": number(-0.1),
    "adjournment": number(-0.07),
    "support_given": number(0.2),
    "chasing_call": number(-0.03),
}


@pytest.mark.parametrize(
    ("staff_from", "change"), [(0, 0.05), (3, -0.02), (6, -0.1)], ids=["in time", "late", "missed"]
)
def test_engagement_rises_with_contact_in_time_and_falls_with_late_and_missed(
    make: Make, staff_from: int, change: float
) -> None:
    small = make(**unit(staff=0), engagement={**STILL, **MOVES})
    case = small.case(has_victim=True, vulnerable_victim=True)
    case.tell("first_hearing_date")
    small.at(staff_from, 1, lambda: small.simulation.pools["witness_care_unit"][0].resize(1))
    small.until_day(8)
    assert case.victim_engagement == pytest.approx(0.5 + change)


@pytest.mark.parametrize(
    ("result", "moves"), [("adjourned", True), ("ineffective", True), ("effective", False)]
)
def test_engagement_falls_with_every_adjournment_and_with_nothing_else_in_court(
    make: Make, result: str, *, moves: bool
) -> None:
    small = make(engagement={**STILL, **MOVES})
    case = small.case(has_victim=True)

    def goes(_: Case) -> Any:
        return result, ""

    listing = case.fix("magistrates_trial", "magistrates_trials", goes)
    small.go(case.appear(listing))
    small.until_day(listing.day + 1)
    assert listing.called
    assert case.victim_engagement == pytest.approx(0.5 - 0.07 * moves)
    assert case.adjournments == moves


def test_support_lifts_engagement(make: Make) -> None:
    duties = {"support_given": {"turnaround": length(0), "duration": length(60)}}
    small = make(**unit() | {"duties": duties}, engagement={**STILL, **MOVES})
    case = small.case(has_victim=True)
    case.tell("support_given")
    small.until_day(1)
    assert case.victim_engagement == pytest.approx(0.7)


def test_engagement_wears_off_month_by_month(make: Make) -> None:
    small = make(engagement={"at_report": number(0.8), "per_month": number(-0.1)})
    case = small.case(has_victim=True)
    small.until_day(61)
    assert case.victim_engagement == pytest.approx(0.8 - 0.1 * 61 / 30.4375, abs=0.001)


@pytest.mark.parametrize(("move", "bound"), [("contact_in_time", 1.0), ("contact_missed", 0.0)])
def test_engagement_stays_between_nought_and_one(make: Make, move: str, bound: float) -> None:
    moves = {"contact_in_time": number(0.6), "contact_missed": number(-0.6)}
    small = make(engagement={**STILL, **moves})
    case = small.case(has_victim=True)
    for _ in range(4):
        case.contact.was_made(-1, move.removeprefix("contact_"))  # type: ignore[arg-type]
        assert 0.0 <= case.victim_engagement <= 1.0
    assert case.victim_engagement == bound


# --- withdrawal ------------------------------------------------------------------------------

MANY = 2000


def withdrawn(make: Make, engagement: float, at: Branch, **facts: Any) -> set[int]:
    small = make(engagement={"at_report": number(engagement), "per_month": number(0.0)})
    return {n for n in range(MANY) if small.case(n, group="violence", **facts).decide(at)}


@pytest.mark.parametrize("at", ["victim_withdraws_before_charge", "victim_withdraws_after_charge"])
def test_whoever_withdraws_when_engaged_withdraws_when_not(make: Make, at: Branch) -> None:
    found = [withdrawn(make, level, at, has_victim=True) for level in (1.0, 0.5, 0.0)]
    assert found[0] <= found[1] <= found[2]
    assert len(found[0]) < len(found[2])


def test_without_a_victim_nobody_withdraws(make: Make) -> None:
    small = make(branches={"victim_withdraws_before_charge": {"probability": number(1.0)}})
    assert not victims.withdraws_before_charge(small.case())
    assert victims.withdraws_before_charge(small.case(1, has_victim=True))
    assert [row["case_id"] for row in small.log()] == [1]


def test_a_case_without_a_victim_is_unmoved_by_a_victims_engagement(make: Make) -> None:
    found = [
        withdrawn(make, level, "late_guilty_plea", has_victim=False) for level in (0.0, 0.7, 1.0)
    ]
    assert found[0] == found[1] == found[2]


# --- ringing in ------------------------------------------------------------------------------


def ringing(make: Make, probability: float) -> SmallWorld:
    return make(
        branches={"rings_in_when_not_told": {"probability": number(probability)}},
        limits={"silence_before_chasing_days": number(28)},
    )


def test_a_victim_who_hears_nothing_for_weeks_rings_in(make: Make) -> None:
    small = ringing(make, 1.0)
    case = small.case(has_victim=True)
    case.contact.expect()
    small.until_day(40)
    rows = [row for row in small.log() if row["activity"] == "chasing_call_to_police"]
    assert [row["queued_at"] for row in rows] == [28 * 1440]


def test_a_victim_who_is_told_in_the_meantime_does_not(make: Make) -> None:
    small = ringing(make, 1.0)
    case = small.case(has_victim=True)
    case.contact.expect()
    small.at(20, 10, lambda: case.contact.was_made(-1, "in_time"))
    small.until_day(45)
    assert small.log() == []


def test_nobody_rings_in_once_the_case_has_ended(make: Make) -> None:
    small = ringing(make, 1.0)
    case = small.case(has_victim=True)
    case.contact.expect()
    small.at(20, 10, lambda: case.end("acquitted"))
    small.until_day(45)
    assert [row["activity"] for row in small.log()] == ["disposal"]
