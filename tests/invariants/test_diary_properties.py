"""Whatever is listed, for however long: laws that every court diary keeps (Hypothesis)."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import CALL_RULES
from cjsim.listing.hearing_slot import Listing
from tests.support.courthouse import AFTERNOON, MORNING, Courthouse, Person

KINDS = ("", "fixture", "warned_list", "floater")
MINUTES = 150
OVERRUN = 30
DAYS = 300


Changes = Sequence[tuple[int, int, int, int]]


@dataclass(frozen=True)
class Request:
    """A date asked for on a day, and what becomes of it before it is called."""

    day: int
    notice: int
    estimate: int
    minutes: int
    kind: str
    remanded: bool
    later: str


def requests(longest: int) -> st.SearchStrategy[list[Request]]:
    one = st.builds(
        Request,
        day=st.integers(0, 1),
        notice=st.integers(0, 2),
        estimate=st.integers(5, longest),
        minutes=st.integers(1, longest),
        kind=st.sampled_from(KINDS),
        remanded=st.booleans(),
        later=st.sampled_from(("", "", "", "vacated", "moved up")),
    )
    return st.lists(one, min_size=8, max_size=30)


rooms_of_a_week = st.lists(st.integers(0, 2), min_size=7, max_size=7).filter(
    lambda rooms: sum(rooms) > 3
)
# A failure is shown as it is found: to shrink one takes minutes.
some = settings(max_examples=60, phases=(Phase.explicit, Phase.reuse, Phase.generate))


orders_of_call = st.permutations(CALL_RULES).flatmap(
    lambda rules: st.integers(1, len(rules)).map(lambda many: tuple(rules[:many]))
)
policies = st.fixed_dictionaries(
    {
        "call_order": orders_of_call,
        "refill_days": st.integers(0, 3),
        "brings_forward": st.sampled_from([0.0, 1.0]),
    }
)
"""How a listing officer may run a list."""
news = st.lists(
    st.tuples(st.integers(1, 25), st.integers(0, 40), st.integers(1, 30), st.integers(0, 2)),
    max_size=3,
)
"""Changes of the sittings: known on a day, in force so many days later, for so long, with rooms."""


def weeks(rooms: list[int]) -> list[int]:
    return (rooms * (DAYS // 7 + 1))[:DAYS]


def hold(court: Courthouse, asked: list[Request], changes: Changes = ()) -> Courthouse:
    """Every request on its day; some are moved up or vacated a day later, if not yet called.

    The sittings change when it is known that they do.
    """
    sitting = court.rooms
    by_day: dict[int, list[Request]] = defaultdict(list)
    for one in asked:
        by_day[one.day].append(one)
    changing: list[tuple[Listing, str]] = []
    for day in range(DAYS):
        court.until_day(day)
        for known, after, length, most in changes:
            if known == day:
                first = day + after
                sitting[first : first + length] = [
                    min(rooms, most) for rooms in sitting[first : first + length]
                ]
                court.sits_otherwise(sitting)
        for listing, later in changing:
            if not listing.called and later == "vacated":
                court.diary.vacate(listing)
                listing.result = "vacated"
            elif not listing.called and later == "moved up":
                court.diary.move_up(listing, day * MINUTES_A_DAY)
        changing = []
        for one in by_day[day]:
            person = Person(minutes=one.minutes, remanded=one.remanded)
            listing = court.fix(person, one.estimate, not_before=day + one.notice, kind=one.kind)
            if one.later:
                changing.append((listing, one.later))
    return court


def nobody_shares_a_courtroom(court: Courthouse) -> None:
    by_room: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for use in court.uses():
        by_room[use.courtroom].append((use.start, use.end))
    for stretches in by_room.values():
        stretches.sort()
        for (_, before), (after, _) in pairwise(stretches):
            assert before <= after


def every_courtroom_sits(court: Courthouse) -> None:
    sitting = dict(zip(court.sessions.starts, court.sessions.rooms, strict=True))
    for use in court.uses():
        opened = max(start for start in court.sessions.starts if start <= use.start)
        assert 0 <= use.courtroom < sitting[opened]


def whoever_was_heard_had_all_their_minutes(court: Courthouse) -> None:
    had: dict[Listing, int] = defaultdict(int)
    for use in court.uses():
        had[use.listing] += use.end - use.start
    for listing in court.listings:
        assert isinstance(listing.matter, Person)
        over = listing.matter.heard
        if listing.result == "vacated":
            assert over == []
            assert listing not in had
        elif listing.reason == "no_court_time":
            assert over == [listing]
            assert listing not in had
        elif listing.left >= 0:
            assert over == [listing]
            assert had[listing] == listing.minutes == listing.matter.minutes
            assert listing.entered < listing.start <= listing.started <= listing.left
        else:
            assert over == []


def no_session_is_used_longer_than_it_says(court: Courthouse) -> None:
    """What the record of the sittings says is what the hearings took, courtroom by courtroom."""
    sessions = court.sessions
    had: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for use in court.uses():
        sitting = bisect_right(sessions.starts, use.start) - 1
        opens = sessions.starts[sitting]
        had[sitting, use.courtroom].append((use.start - opens, use.end - opens))
    for sat in court.diary.courtrooms.sat():
        length = sessions.minutes[sat.sitting]
        stretches = had.pop((sat.sitting, sat.courtroom), [])
        assert sat.used == sum(end - start for start, end in stretches)
        assert sat.used <= length + sat.overrun
        assert sat.overrun == max([0, *(end - length for _, end in stretches)])
        assert sat.overrun <= sessions.overrun[sat.sitting]
        assert sat.hearings == len(stretches)
        assert 0 <= sat.carried + sat.not_reached <= sat.listed
    assert not had


def nobody_moves_without_being_told(court: Courthouse) -> None:
    for listing in court.listings:
        assert isinstance(listing.matter, Person)
        moves = listing.matter.moved
        for (_, to), (given_up, _) in pairwise(moves):
            assert listing.carried or to == given_up
        assert all(given_up != to for given_up, to in moves)


def all_laws_hold(court: Courthouse) -> None:
    nobody_shares_a_courtroom(court)
    every_courtroom_sits(court)
    whoever_was_heard_had_all_their_minutes(court)
    no_session_is_used_longer_than_it_says(court)
    nobody_moves_without_being_told(court)


@some
@given(
    rooms=rooms_of_a_week,
    asked=requests(700),
    changes=news,
    policy=policies,
    multi_day=st.booleans(),
    at=st.sampled_from([(MORNING,), (MORNING, AFTERNOON)]),
)
def test_whatever_the_policy_and_whatever_sittings_are_lost_all_laws_hold(
    rooms: list[int],
    asked: list[Request],
    changes: Changes,
    policy: dict[str, Any],
    multi_day: bool,
    at: tuple[int, ...],
) -> None:
    court = Courthouse(
        weeks(rooms),
        at=at,
        over_listing=1.5,
        overrun=OVERRUN,
        kept=0.1,
        multi_day=multi_day,
        **policy,
    )
    hold(court, asked, changes)
    all_laws_hold(court)
    gone = [listing for listing in court.listings if listing.result == "vacated"]
    over = [listing for listing in court.listings if listing.left >= 0]
    assert len(gone) + len(over) + len(court.diary.listed()) == len(court.listings)


@some
@given(rooms=rooms_of_a_week, asked=requests(400), changes=news, policy=policies)
def test_what_is_booked_is_what_is_listed_also_after_the_sittings_change(
    rooms: list[int], asked: list[Request], changes: Changes, policy: dict[str, Any]
) -> None:
    policy = {**policy, "refill_days": 0}
    court = Courthouse(weeks(rooms), multi_day=True, **policy)
    for one in asked:
        court.fix(Person(minutes=one.minutes), one.estimate, not_before=one.notice)
    sitting = court.rooms
    for _, after, length, most in changes:
        sitting[after : after + length] = [
            min(known, most) for known in sitting[after : after + length]
        ]
        court.sits_otherwise(sitting)
    booked = sum(court.sessions.bookable) - sum(
        court.diary.free[at] for at in range(len(court.sessions.starts))
    )
    assert booked == sum(listing.planned for listing in court.listings)
    for listing in court.listings:
        assert court.sessions.rooms[listing.sitting]
        court.diary.vacate(listing)
    assert court.free == court.sessions.bookable[: len(court.free)]


@some
@given(asked=requests(MINUTES), policy=policies, day=st.integers(2, 12))
def test_nobody_is_brought_forward_into_their_notice_or_within_the_days_that_a_slot_needs(
    asked: list[Request], policy: dict[str, Any], day: int
) -> None:
    court = Courthouse(weeks([1] * 7), **{**policy, "brings_forward": 1.0})
    for one in asked:
        court.fix(Person(minutes=one.minutes), one.estimate, not_before=day + one.notice)
    court.until_day(1)
    for listing in court.listings[::3]:
        court.diary.vacate(listing)
    for one, listing in zip(asked, court.listings, strict=True):
        assert isinstance(listing.matter, Person)
        for given_up, to in listing.matter.moved:
            assert given_up > to >= MINUTES_A_DAY * max(1 + policy["refill_days"], day + one.notice)


@some
@given(rooms=rooms_of_a_week, asked=requests(260))
def test_a_list_of_days_never_uses_a_courtroom_twice_at_one_time(
    rooms: list[int], asked: list[Request]
) -> None:
    court = hold(Courthouse(weeks(rooms), over_listing=1.5, overrun=OVERRUN, kept=0.1), asked)
    all_laws_hold(court)


@some
@given(rooms=rooms_of_a_week, asked=requests(200))
def test_a_list_of_mornings_and_afternoons_never_uses_a_courtroom_twice_at_one_time(
    rooms: list[int], asked: list[Request]
) -> None:
    at = (MORNING, AFTERNOON)
    court = hold(Courthouse(weeks(rooms), at=at, over_listing=1.5, overrun=OVERRUN), asked)
    all_laws_hold(court)


@some
@given(rooms=rooms_of_a_week, asked=requests(700))
def test_trials_of_several_days_never_share_a_courtroom_with_another_hearing(
    rooms: list[int], asked: list[Request]
) -> None:
    court = hold(Courthouse(weeks(rooms), multi_day=True, overrun=60), asked)
    all_laws_hold(court)


@some
@given(rooms=rooms_of_a_week, asked=requests(400))
def test_on_a_multi_day_list_no_day_runs_past_its_session_and_the_overrun(
    rooms: list[int], asked: list[Request]
) -> None:
    court = hold(Courthouse(weeks(rooms), multi_day=True, overrun=60), asked)
    for use in court.uses():
        assert use.start % MINUTES_A_DAY >= MORNING
        assert use.end % MINUTES_A_DAY <= MORNING + MINUTES + 60


@some
@given(
    rooms=rooms_of_a_week,
    asked=requests(MINUTES + OVERRUN),
    sessions=st.sampled_from([(MORNING,), (MORNING, AFTERNOON)]),
)
def test_a_hearing_begins_inside_its_session_and_if_its_estimate_fits_what_is_left(
    rooms: list[int], asked: list[Request], sessions: tuple[int, ...]
) -> None:
    court = hold(Courthouse(weeks(rooms), at=sessions, over_listing=1.6, overrun=OVERRUN), asked)
    used: dict[tuple[int, int], int] = defaultdict(int)
    for listing in court.listings:
        if listing.started < 0:
            continue
        elapsed = listing.started - listing.start
        assert 0 <= elapsed < MINUTES
        assert elapsed + min(listing.planned, listing.minutes) <= MINUTES + OVERRUN
        if listing.minutes <= listing.planned:
            used[listing.courtroom, listing.start] += listing.minutes
    assert all(minutes <= MINUTES + OVERRUN for minutes in used.values())


@some
@given(
    rooms=rooms_of_a_week,
    asked=requests(MINUTES),
    kept=st.sampled_from([0.0, 0.1, 0.3]),
    over_listing=st.sampled_from([1.0, 1.4]),
)
def test_every_date_is_the_first_session_with_room_that_a_plain_scan_finds(
    rooms: list[int], asked: list[Request], kept: float, over_listing: float
) -> None:
    court = Courthouse(weeks(rooms), kept=kept, over_listing=over_listing)
    sessions = court.sessions
    for one in asked:
        free = court.free
        room_for = (
            at
            for at, start in enumerate(sessions.starts)
            if start >= max(one.notice * MINUTES_A_DAY, 1)
            and sessions.rooms[at]
            # With what is kept for custody it may be more than there is: an empty session has room.
            and free[at]
            >= min(one.estimate + (0 if one.remanded else sessions.kept[at]), sessions.bookable[at])
        )
        person = Person(minutes=one.minutes, remanded=one.remanded)
        first = next(room_for)
        assert court.fix(person, one.estimate, not_before=one.notice).sitting == first


@some
@given(rooms=rooms_of_a_week, asked=requests(500), multi_day=st.booleans())
def test_vacating_everything_leaves_every_session_as_it_was(
    rooms: list[int], asked: list[Request], multi_day: bool
) -> None:
    court = Courthouse(weeks(rooms), multi_day=multi_day, kept=0.1)
    empty = court.free
    for one in asked:
        listing = court.fix(Person(remanded=one.remanded), one.estimate, not_before=one.notice)
        if one.later == "moved up":
            court.diary.move_up(listing, 0)
    assert sum(empty) - sum(court.free) == sum(listing.planned for listing in court.listings)
    for listing in court.listings:
        court.diary.vacate(listing)
    assert court.free == empty
    assert court.diary.listed() == []


@some
@given(rooms=rooms_of_a_week, asked=requests(700), multi_day=st.booleans())
def test_nothing_listed_is_ever_lost(
    rooms: list[int], asked: list[Request], multi_day: bool
) -> None:
    court = hold(Courthouse(weeks(rooms), multi_day=multi_day, over_listing=1.3), asked)
    still = court.diary.listed()
    for listing in court.listings:
        assert isinstance(listing.matter, Person)
        gone = bool(listing.matter.heard) or listing.result == "vacated"
        assert gone != (listing in still)
        assert listing.matter.asked <= 1


@some
@given(rooms=rooms_of_a_week, asked=requests(500))
def test_a_carried_case_is_called_within_its_window(rooms: list[int], asked: list[Request]) -> None:
    days = {"warned_list": 14, "floater": 4}
    court = Courthouse(weeks(rooms), multi_day=True)
    first = {}
    for one in asked:
        listing = court.fix(
            Person(minutes=one.minutes), one.estimate, not_before=one.notice, kind=one.kind
        )
        first[listing] = listing.start
    court.until_day(DAYS)
    for listing, start in first.items():
        assert start <= listing.start <= start + days.get(listing.kind, 0) * MINUTES_A_DAY
        assert listing.kind in days or listing.start == start
