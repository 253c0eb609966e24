"""Pools: who has the next place, and what happens when there are more places or fewer."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from cjsim.des.environment import Environment, Event
from cjsim.des.resources import Resource


@dataclass
class ContactTask:
    """Something that is told of its turn, as `request_for` does."""

    name: str
    served: list[str] = field(default_factory=list)

    def succeed(self) -> None:
        self.served.append(self.name)


class GivesUp:
    """Whoever comes too late gives the place back at once."""

    def __init__(self, pool: Resource, gone: list[int], number: int) -> None:
        self.pool, self.gone, self.number = pool, gone, number

    def succeed(self) -> None:
        self.gone.append(self.number)
        self.pool.release()


def a_pool(capacity: int) -> Resource:
    return Resource(Environment(), "staff", capacity)


def full(pool: Resource) -> Resource:
    for _ in range(pool.capacity):
        assert pool.request() is None
    return pool


def queue(pool: Resource, *claims: tuple[str, int]) -> list[str]:
    """Claims by name and priority; the list fills with the names as they are served."""
    served: list[str] = []
    for name, priority in claims:
        assert not pool.request_for(ContactTask(name, served), priority)
    return served


def test_a_place_that_is_free_is_taken_at_once() -> None:
    pool = a_pool(2)
    assert pool.request() is None
    assert pool.request_for(ContactTask("second"))
    assert (pool.busy, pool.waiting) == (2, 0)


def test_whoever_finds_no_place_waits_for_an_event() -> None:
    pool = full(a_pool(1))
    turn = pool.request()
    assert isinstance(turn, Event)
    assert not turn.triggered
    pool.release()
    assert turn.triggered
    assert pool.busy == 1


def test_of_one_priority_whoever_came_first_is_served_first() -> None:
    pool = full(a_pool(1))
    served = queue(pool, ("first", 1), ("second", 1), ("third", 1))
    for _ in range(3):
        pool.release()
    assert served == ["first", "second", "third"]


def test_a_lower_priority_number_goes_before_all_who_came_earlier() -> None:
    pool = full(a_pool(1))
    served = queue(pool, ("late", 2), ("first", 1), ("urgent", 0), ("second", 1))
    for _ in range(4):
        pool.release()
    assert served == ["urgent", "first", "second", "late"]


def test_claims_by_event_and_by_errand_stand_in_one_queue() -> None:
    pool = full(a_pool(1))
    served = queue(pool, ("errand", 1))
    turn = pool.request(1)
    assert turn is not None
    pool.release()
    assert (served, turn.triggered) == (["errand"], False)
    pool.release()
    assert turn.triggered


def test_growing_wakes_as_many_as_there_are_new_places() -> None:
    pool = full(a_pool(1))
    served = queue(pool, ("a", 1), ("b", 0), ("c", 1), ("d", 1))
    pool.resize(3)
    assert served == ["b", "a"]
    assert (pool.busy, pool.waiting) == (3, 2)


def test_shrinking_interrupts_nobody_and_lets_nobody_in_until_work_ends() -> None:
    pool = full(a_pool(3))
    served = queue(pool, ("waiting", 1))
    pool.resize(1)
    assert pool.busy == 3
    pool.release()
    pool.release()
    assert (pool.busy, served) == (1, [])
    pool.release()
    assert (pool.busy, served) == (1, ["waiting"])


def test_a_pool_of_nobody_serves_nobody_until_somebody_comes() -> None:
    pool = a_pool(0)
    served = queue(pool, ("a", 1), ("b", 1))
    assert pool.busy == 0
    pool.resize(1)
    assert served == ["a"]


def test_many_who_give_up_their_turn_one_after_the_other_all_get_it() -> None:
    # A unit without staff for a year leaves a queue of contacts that are far too late.
    pool = a_pool(0)
    gone: list[int] = []
    for number in range(3000):
        pool.request_for(GivesUp(pool, gone, number))
    last = pool.request()
    assert last is not None
    pool.resize(1)
    assert gone == list(range(3000))
    assert last.triggered
    assert (pool.busy, pool.waiting) == (1, 0)


class Counted:
    """A claim that says when it was served, in order."""

    def __init__(self, served: list[tuple[int, int]], key: tuple[int, int]) -> None:
        self.served, self.key = served, key

    def succeed(self) -> None:
        self.served.append(self.key)


@given(
    capacity=st.integers(0, 3),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("claim"), st.integers(0, 2)),
            st.tuples(st.just("free"), st.just(0)),
            st.tuples(st.just("resize"), st.integers(0, 4)),
        ),
        max_size=60,
    ),
)
def test_a_pool_does_what_a_plain_list_does(capacity: int, steps: list[tuple[str, int]]) -> None:
    pool = a_pool(capacity)
    served: list[tuple[int, int]] = []
    busy, waiting, expected = 0, [], []
    shrunk = False
    for number, (what, value) in enumerate(steps):
        if what == "claim":
            key = (value, number)
            waiting.append(key)
            if pool.request_for(Counted(served, key), value):
                served.append(key)
        elif what == "free" and busy:
            busy -= 1
            pool.release()
        elif what == "resize":
            shrunk = shrunk or value < busy
            capacity = value
            pool.resize(value)
        while waiting and busy < capacity:
            expected.append(min(waiting))
            waiting.remove(min(waiting))
            busy += 1
        assert served == expected
        assert (pool.busy, pool.waiting) == (busy, len(waiting))
        assert shrunk or pool.busy <= capacity
