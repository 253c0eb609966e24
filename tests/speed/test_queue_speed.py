"""How quick the queues are when they are long: timed by `make bench`, run once by `make test`."""

from __future__ import annotations

from typing import Any

import pytest
import simpy

from cjsim.des.environment import Environment
from cjsim.des.resources import Resource
from cjsim.listing.diary import FreeMinutes

CLAIMS = 1_000


@pytest.fixture(params=[0, 5_000, 50_000], ids=lambda waiting: f"{waiting} waiting")
def pool(request: pytest.FixtureRequest) -> Resource:
    """A pool with one place and so many claims before the ones that are timed."""
    pool = Resource(Environment(), "officers", 1)
    assert pool.request() is None
    for n in range(request.param):
        pool.request(n % 3)
    return pool


def test_a_thousand_claims_and_frees_at_a_pool(pool: Resource, benchmark: Any) -> None:
    def claims_and_frees() -> None:
        for n in range(CLAIMS):
            pool.request(n % 3)
            pool.release()

    before = pool.waiting
    benchmark(claims_and_frees)
    assert pool.waiting == before


def test_a_thousand_claims_at_simpys_priority_resource_with_1000_waiting(benchmark: Any) -> None:
    # The yardstick, with fewer waiting: it sorts the whole queue at each claim.
    env = simpy.Environment()
    resource = simpy.PriorityResource(env, 1)
    held = resource.request(priority=0)
    for n in range(1_000):
        resource.request(priority=n % 3)

    def claims_and_frees() -> None:
        nonlocal held
        for n in range(CLAIMS):
            resource.request(priority=n % 3)
            resource.release(held)
            env.run()
            held = resource.users[0]

    benchmark.pedantic(claims_and_frees, rounds=2)
    assert len(resource.queue) == 1_000


@pytest.mark.parametrize("full", [0, 100, 10_000], ids=lambda full: f"{full} sessions full")
def test_a_thousand_searches_for_a_session_with_room(full: int, benchmark: Any) -> None:
    free = FreeMinutes([0] * full + [150] * 10)

    def searches() -> None:
        for _ in range(CLAIMS):
            assert free.first_with(20, 0) == full

    benchmark(searches)
