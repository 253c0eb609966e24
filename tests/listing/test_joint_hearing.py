"""A hearing that several matters have together: one place in the diary and one outcome."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cjsim.des.environment import Environment
from cjsim.listing.diary import Diary
from cjsim.listing.hearing_slot import Heard, Listing, ListingPolicy, comes_before
from cjsim.listing.joint_hearing import JointHearing
from cjsim.listing.sessions import Sessions

CUT_SHORT = frozenset({"ineffective", "cracked", "vacated"})


@dataclass(eq=False)
class Defendant:
    """A matter that notes what the court tells it."""

    number: int
    remanded: bool = False
    youth: bool = False
    vulnerable_victim: bool = False
    earlier_ineffective_trial: bool = False
    arrived: int = 0
    held_for_next_court: bool = False
    heard: list[Listing] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)

    def minutes_needed(self, _: Listing) -> int:
        return 100

    def was_heard(self, listing: Listing) -> None:
        self.heard.append(listing)

    def was_moved(self, listing: Listing, given_up: int) -> None:
        self.moved.append((given_up, listing.start))

    def goes_elsewhere(self) -> None:
        """Nothing to note."""

    def takes_earlier_date(self, chance: float) -> bool:
        return chance > 0

    def can_come_on(self, day: int, chance: float) -> bool:
        return day >= 0 and chance > 0

    def last_day_in_custody(self) -> int:
        return 1 << 30


def diary(env: Environment, days: int = 6) -> Diary:
    """A courtroom that sits five hours every day from 10:00."""
    starts = [day * 1440 + 600 for day in range(days)]
    sessions = Sessions(
        starts=starts,
        rooms=[1] * days,
        minutes=[300] * days,
        bookable=[300] * days,
        kept=[0] * days,
        overrun=[30] * days,
        bookable_a_room=[300] * days,
        kept_a_room=[0] * days,
    )
    return Diary(
        env,
        "trials@house",
        1,
        {"court 1": 2},
        sessions,
        courtrooms=("court 1",),
        multi_day=False,
        carried={},
        policy=ListingPolicy(first=comes_before(("oldest_listing",)), brings_forward=1.0),
        trials=("trial",),
    )


def all_effective(joint: JointHearing) -> Heard:
    for part in joint.parts:
        part.result, part.reason = "effective", ""
    return "effective", ""


def joined(
    book: Diary, *defendants: Defendant, goes: object = all_effective, estimate: int = 100
) -> tuple[JointHearing, list[Listing]]:
    """A joint trial that some defendants have one after the other come to."""
    assert callable(goes)
    joint = JointHearing(goes, takes_longer=1.2, cut_short=CUT_SHORT, if_moved=None)
    slot = book.fix(defendants[0], "trial", 0, joint.goes, 0, estimate)
    slot.matter = joint
    joint.stands_in(slot)
    parts = []
    for defendant in defendants:
        part = Listing(book, defendant, "trial", 0, 0, 0, 0, 0, "", 0, joint.goes)
        joint.join(part)
        parts.append(part)
    return joint, parts


def test_it_stands_in_the_diary_once_and_each_defendant_makes_it_longer() -> None:
    book = diary(Environment())
    joint, parts = joined(book, Defendant(1), Defendant(2), Defendant(3))
    assert book.listed() == [joint.slot]
    assert joint.slot.planned == 144
    assert book.free[0] == 300 - 144
    assert [part.planned for part in parts] == [144, 0, 0]
    assert {part.start for part in parts} == {joint.slot.start}


def test_the_courtroom_is_held_once_and_one_row_has_its_minutes() -> None:
    env = Environment()
    book = diary(env)
    people = [Defendant(1), Defendant(2)]
    _, parts = joined(book, *people)
    env.run_until(1440)
    assert [sat.used for sat in book.courtrooms.sat() if sat.sitting == 0] == [120]
    assert [sat.hearings for sat in book.courtrooms.sat() if sat.sitting == 0] == [1]
    assert [part.minutes for part in parts] == [120, 0]
    assert [part.is_counted for part in parts] == [True, False]
    assert {(part.started, part.left) for part in parts} == {(600, 720)}
    assert [len(each.heard) for each in people] == [1, 1]


def test_without_room_for_one_more_all_get_another_date_and_are_told() -> None:
    book = diary(Environment())
    first = Defendant(1)
    joint, parts = joined(book, first, estimate=200)
    book.fix(Defendant(9), "trial", 0, lambda _: ("effective", ""), 0, 90)
    late = Defendant(2)
    part = Listing(book, late, "trial", 0, 0, 0, 0, 0, "", 0, joint.goes)
    joint.join(part)
    assert parts[0].start == part.start == joint.slot.start == 1440 + 600
    assert first.moved == [(600, 1440 + 600)]
    assert late.moved == []


def test_who_leaves_leaves_the_trial_to_the_others_and_the_last_gives_it_back() -> None:
    book = diary(Environment())
    joint, (one, two) = joined(book, Defendant(1), Defendant(2))
    assert joint.leave(one)
    assert (joint.slot.planned, two.planned, one.planned) == (100, 100, 0)
    assert not joint.leave(two)
    assert book.listed() == []
    assert book.free[0] == 300
    assert not joint.can_be_joined(0)


def test_an_application_of_one_gives_the_others_a_later_date() -> None:
    book = diary(Environment())
    other = Defendant(2)
    joint, (one, two) = joined(book, Defendant(1), other)
    joint.put_off(one, 2 * 1440)
    assert two.start == joint.slot.start == 2 * 1440 + 600
    assert other.moved == [(600, 2 * 1440 + 600)]
    assert one.planned == 120
    assert book.listed() == [joint.slot]


def test_what_one_defendant_stops_is_stopped_for_all_at_the_length_of_one() -> None:
    def one_is_absent(joint: JointHearing) -> Heard:
        for part in joint.parts:
            part.result, part.reason = "ineffective", "co_defendant"
        joint.parts[1].reason = "defendant_absent"
        return "ineffective", "defendant_absent"

    env = Environment()
    book = diary(env)
    _, parts = joined(book, Defendant(1), Defendant(2), goes=one_is_absent)
    env.run_until(1440)
    assert [part.result for part in parts] == ["ineffective", "ineffective"]
    assert [part.minutes for part in parts] == [0, 100]


def test_a_plea_of_one_on_the_day_leaves_the_trial_of_the_other() -> None:
    def one_pleads(joint: JointHearing) -> Heard:
        joint.parts[0].result, joint.parts[0].reason = "cracked", "late_guilty_plea"
        joint.parts[1].result, joint.parts[1].reason = "effective", ""
        return "effective", ""

    env = Environment()
    _, parts = joined(diary(env), Defendant(1), Defendant(2), goes=one_pleads)
    env.run_until(1440)
    assert [(part.result, part.minutes) for part in parts] == [("cracked", 0), ("effective", 100)]


def test_a_list_that_does_not_reach_it_reaches_none_of_them() -> None:
    env = Environment()
    book = diary(env)
    book.fix(Defendant(9), "trial", 0, lambda _: ("effective", ""), 0, 280)
    blocker = book.listed()[0]
    blocker.matter = _Long(9)
    joint, parts = joined(book, Defendant(1), Defendant(2), estimate=10)
    assert joint.slot.start == 600
    env.run_until(1440)
    assert {(part.result, part.reason) for part in parts} == {("ineffective", "no_court_time")}
    assert [part.is_counted for part in parts] == [True, False]


class _Long(Defendant):
    def minutes_needed(self, _: Listing) -> int:
        return 400


@pytest.mark.parametrize("remanded", [0, 1])
def test_it_has_the_priority_of_any_of_them(remanded: int) -> None:
    people = [Defendant(1), Defendant(2)]
    people[remanded].remanded = True
    joint, _ = joined(diary(Environment()), *people)
    assert joint.remanded
    assert not joint.youth
