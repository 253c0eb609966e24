"""How victims are reached: by telephone, by letter, face to face, or in the case tracker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cjsim.england_wales.case import Case
from cjsim.england_wales.journey import case_mix, victims
from cjsim.schema.model import Model
from cjsim.simulation.contact_channels import channel_for, channel_of_contact
from tests.support.runs import changed
from tests.support.small_world import SmallWorld, length, number

Make = Callable[..., SmallWorld]
NINE = 9 * 60
CERTAIN, NEVER = {"probability": number(1.0), "odds": {}}, {"probability": number(0.0), "odds": {}}
AT_ONCE: dict[str, Any] = {
    name: {"arranged_after": length(0), "delivered_after": length(0)}
    for name in ("telephone", "letter", "face_to_face")
}


@pytest.fixture
def make(plain: Model, tmp_path: Path) -> Make:
    """A small world whose contacts take half an hour on the telephone, with more tables changed."""
    built: list[SmallWorld] = []

    def of(**tables: dict[str, Any]) -> SmallWorld:
        folder = tmp_path / str(len(built))
        folder.mkdir()
        plainly = {"duration": length(30), "turnaround": length(0)}
        duties = {
            name: {**plainly, **tables.get("duties", {}).get(name, {})} for name in plain.duties
        }
        channels = {
            name: {**AT_ONCE[name], **tables.get("channels", {}).get(name, {})} for name in AT_ONCE
        }
        pools = {"witness_care_unit": {"capacity": number(5)}, **tables.get("pools", {})}
        others = {k: v for k, v in tables.items() if k not in ("duties", "channels", "pools")}
        model = changed(plain, duties=duties, channels=channels, pools=pools, **others)
        built.append(SmallWorld(model, folder))
        return built[-1]

    return of


def victim(small: SmallWorld, number: int = 0, **named: Any) -> Case:
    return small.case(number, **{"has_victim": True, **named})


# --- with staff ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "minutes"), [("telephone", 30), ("letter", 15), ("face_to_face", 60)]
)
def test_a_channel_makes_a_contact_longer_or_shorter(
    make: Make, channel: str, minutes: int
) -> None:
    factors = {"letter": 0.5, "face_to_face": 2.0}
    channels = {name: {"contact_length": number(by)} for name, by in factors.items()}
    small = make(channels=channels)
    victim(small, contact_channel=channel).tell("update_on_charge")
    small.until_day(1)
    assert small.log()[0]["minutes"] == minutes


def test_a_duty_that_a_channel_cannot_serve_is_done_by_its_first() -> None:
    assert channel_for(("telephone", "letter"), "face_to_face") == "telephone"
    assert channel_for(("telephone", "letter"), "letter") == "letter"


def test_the_channel_of_a_contact_can_be_told_from_the_log() -> None:
    allowed = ("telephone", "letter", "self_service")
    assert channel_of_contact(allowed, "letter", "officers_north") == "letter"
    assert channel_of_contact(allowed, "face_to_face", "officers_north") == "telephone"
    assert channel_of_contact(allowed, "letter", "case_tracker") == "self_service"


def test_a_contact_waits_until_it_is_arranged(make: Make) -> None:
    small = make(channels={"face_to_face": {"arranged_after": length(2 * 1440)}})
    victim(small, contact_channel="face_to_face").tell("needs_assessment")
    small.until_day(3)
    assert small.log()[0]["started_at"] >= 2 * 1440


def test_a_letter_is_done_when_it_is_sent_and_heard_when_it_arrives(make: Make) -> None:
    small = make(
        channels={"letter": {"delivered_after": length(3 * 1440)}},
        engagement={
            "at_report": number(0.5),
            "per_month": number(0.0),
            "contact_in_time": number(0.05),
        },
    )
    case = victim(small, contact_channel="letter")
    case.tell("first_hearing_date")
    small.until_day(2)
    assert case.victim_engagement == pytest.approx(0.5)
    small.until_day(4)
    assert case.victim_engagement == pytest.approx(0.55)
    assert small.log()[0]["ended_at"] < 1440


def test_a_letter_to_a_victim_whose_case_has_ended_moves_nothing(make: Make) -> None:
    small = make(channels={"letter": {"delivered_after": length(3 * 1440)}})
    case = victim(small, contact_channel="letter")
    case.tell("first_hearing_date")
    small.at(1, 0, lambda: case.end("acquitted"))
    small.until_day(5)
    assert {row["activity"] for row in small.log()} == {"first_hearing_date", "disposal"}


# --- the case tracker ------------------------------------------------------------------------


def test_what_the_tracker_shows_is_seen_at_once_and_takes_nobodys_time(make: Make) -> None:
    small = make(pools={"witness_care_unit": {"capacity": number(0)}})
    case = victim(small, uses_case_tracker=True)
    before = case.victim_engagement
    case.tell("first_hearing_date")
    assert case.victim_engagement > before
    row = small.log()[0]
    assert (row["place"], row["result"], row["minutes"]) == ("case_tracker", "in_time", 0)
    assert row["queued_at"] == row["started_at"] == row["ended_at"]
    assert row["due_at"] > row["ended_at"]


def test_what_follows_a_contact_follows_it_in_the_tracker_too(make: Make) -> None:
    small = make()
    followed: list[int] = []
    case = victim(small, uses_case_tracker=True)
    case.tell("first_hearing_date", then=lambda case: followed.append(case.number))
    assert followed == [0]


def test_what_the_tracker_cannot_show_is_done_by_somebody(make: Make) -> None:
    small = make()
    victim(small, uses_case_tracker=True).tell("needs_assessment")
    small.until_day(2)
    assert small.log()[0]["place"] == "officers_north"


def test_who_looks_things_up_does_not_ring_in(make: Make) -> None:
    small = make(branches={"rings_in_when_not_told": CERTAIN})
    for number_of, tracker in enumerate((False, True)):
        victim(small, number_of, uses_case_tracker=tracker).contact.expect()
    small.until_day(40)
    rung = [row["case_id"] for row in small.log() if row["activity"] == "chasing_call_to_police"]
    assert rung == [0]


def test_after_the_tracker_a_contact_meets_the_luck_that_it_meets_without(make: Make) -> None:
    drawn = []
    for tracker in (False, True):
        small = make(
            duties={
                "change_of_date": {
                    "duration": {**length(0), "fixed": None, "median": 20.0, "p90": 40.0}
                }
            }
        )
        case = victim(small, uses_case_tracker=tracker)
        case.tell("change_of_date")
        case.uses_case_tracker = False
        case.tell("change_of_date")
        small.until_day(2)
        drawn.append([row["minutes"] for row in small.log() if row["occurrence"] == 1])
    assert drawn[0] == drawn[1]
    assert drawn[0][0] > 0


def test_nobody_uses_a_tracker_that_is_not_there(make: Make) -> None:
    shut, opened = (
        make(branches={"uses_case_tracker": NEVER}),
        make(branches={"uses_case_tracker": CERTAIN}),
    )
    for small, expected in ((shut, False), (opened, True)):
        for number_of in range(50):
            case = victim(small, number_of)
            case_mix.settle_contact(case)
            assert case.uses_case_tracker is expected


def test_how_one_would_be_reached_does_not_hang_on_whether_there_is_a_tracker(make: Make) -> None:
    found = []
    for branch in (NEVER, CERTAIN):
        small = make(branches={"uses_case_tracker": branch})
        cases = [victim(small, number_of) for number_of in range(200)]
        for case in cases:
            case_mix.settle_contact(case)
        found.append([case.contact_channel for case in cases])
    assert found[0] == found[1]
    assert set(found[0]) == {"telephone", "letter", "face_to_face"}


# --- who is owed more, and what follows ------------------------------------------------------


def test_whoever_is_persistently_targeted_is_told_as_soon_as_the_vulnerable(make: Make) -> None:
    small = make()
    for number_of, named in enumerate(
        ({}, {"vulnerable_victim": True}, {"persistently_targeted": True})
    ):
        victim(small, number_of, **named).tell("first_hearing_date")
    small.until_day(1)
    due = {row["case_id"]: row["due_at"] for row in small.log()}
    assert due[1] == due[2] < due[0]


@pytest.mark.parametrize("accepts", [CERTAIN, NEVER], ids=["accepts", "declines"])
def test_support_follows_the_referral_of_whoever_wants_it(
    make: Make, accepts: dict[str, Any]
) -> None:
    small = make(branches={"accepts_support": accepts})
    victims.crime_reported(victim(small))
    small.until_day(7)
    rows = {row["activity"]: row for row in small.log()}
    assert ("support_given" in rows) == (accepts is CERTAIN)
    if accepts is CERTAIN:
        assert rows["support_given"]["queued_at"] == rows["support_referral"]["ended_at"]
        assert rows["support_given"]["place"] == "support_workers"


def test_support_reaches_a_victim_whose_case_has_ended(make: Make) -> None:
    small = make(branches={"accepts_support": CERTAIN})
    case = victim(small)
    victims.crime_reported(case)
    case.end("no_further_action")
    small.until_day(7)
    assert "support_given" in {row["activity"] for row in small.log()}


def test_a_referral_that_lapses_brings_no_support(make: Make) -> None:
    small = make(
        branches={"accepts_support": CERTAIN},
        pools={"officers": {"capacity": number({"north": 0, "south": 0})}},
    )
    victims.crime_reported(victim(small))
    small.at(40, 10, lambda: small.simulation.pools["officers"][0].resize(5))
    small.until_day(45)
    rows = {row["activity"]: row for row in small.log()}
    assert rows["support_referral"]["result"] == "missed"
    assert "support_given" not in rows


def test_restorative_justice_is_offered_and_taken_by_whoever_accepts(make: Make) -> None:
    small = make(branches={"accepts_restorative_justice": CERTAIN})
    victims.offered_restorative_justice(victim(small))
    victims.offered_restorative_justice(small.case(1))
    small.until_day(7)
    done = [(row["case_id"], row["activity"]) for row in small.log()]
    assert done == [(0, "restorative_justice_offer"), (0, "restorative_justice_meeting")]


@pytest.mark.parametrize(("charged", "rung"), [(-1, "to_police"), (0, "call")])
def test_before_charge_the_police_are_rung_and_after_it_the_unit(
    make: Make, charged: int, rung: str
) -> None:
    small = make(branches={"rings_in_when_not_told": CERTAIN})
    victim(small, charged_at=charged).contact.expect()
    small.until_day(40)
    calls = [row["activity"] for row in small.log() if row["activity"].startswith("chasing")]
    assert len(calls) == 1
    assert calls[0].endswith(rung)


def test_whoever_rings_in_is_answered_before_those_who_wait_for_a_call(make: Make) -> None:
    small = make(pools={"witness_care_unit": {"capacity": number(1)}})
    for number_of in range(3):
        victim(small, number_of, vulnerable_victim=True).tell("first_hearing_date")
    victim(small, 3).tell("chasing_call")
    small.until_day(1)
    rows = sorted(small.log(), key=lambda row: row["ended_at"])
    assert [row["case_id"] for row in rows] == [0, 3, 1, 2]


def test_engagement_that_reached_an_end_moves_back_from_there(make: Make) -> None:
    small = make(engagement={"at_report": number(0.5), "per_month": number(0.0)})
    contact = victim(small).contact
    contact.move(0.9)
    assert contact.engagement() == 1.0
    contact.move(-0.25)
    assert contact.engagement() == pytest.approx(0.75)
    contact.move(-3.0)
    contact.move(0.125)
    assert contact.engagement() == pytest.approx(0.125)
