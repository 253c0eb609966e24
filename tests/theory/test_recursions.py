"""Customer by customer, the pools give exactly what the recursions of queueing theory give."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
import simpy

from cjsim.des.resources import Resource
from tests.conftest import PrintFigure
from tests.support.stock_simpy import StockEnvironment
from tests.theory.queues import law, run_queue

EXACTLY = 1e-9


@pytest.mark.parametrize("replication", range(3))
def test_each_wait_at_one_server_is_what_lindley_says(
    replication: int, figure: PrintFigure
) -> None:
    # Lindley: W[n+1] = max(0, W[n] + S[n] - A[n+1]).
    run = run_queue(replication, rate=0.9, servers=1, service=law(mean=1.0), customers=5_000)
    gaps = np.diff(run.arrived)
    wait = furthest = 0.0
    for n, gap in enumerate(gaps.tolist()):
        assert run.waited[n] == pytest.approx(wait, abs=EXACTLY * max(1.0, run.arrived[n]))
        furthest = max(furthest, abs(run.waited[n] - wait))
        wait = max(0.0, wait + run.first_service[n] - gap)
    figure(f"{len(run.waited):,} customers, furthest apart {furthest:.1g}")


@pytest.mark.parametrize("servers", [2, 3, 7])
def test_each_wait_at_many_servers_is_what_the_free_times_say(
    servers: int, figure: PrintFigure
) -> None:
    run = run_queue(
        servers,
        rate=0.9 * servers,
        servers=servers,
        service=law(median=0.7, p90=2.0),
        customers=5_000,
    )
    free_at = [0.0] * servers
    furthest = 0.0
    for n, arrived in enumerate(run.arrived.tolist()):
        start = max(arrived, heapq.heappop(free_at))
        heapq.heappush(free_at, start + run.first_service[n])
        assert run.waited[n] == pytest.approx(start - arrived, abs=EXACTLY * max(1.0, arrived))
        furthest = max(furthest, abs(run.waited[n] - (start - arrived)))
    figure(f"{len(run.arrived):,} customers, furthest apart {furthest:.1g}")


@pytest.mark.parametrize("priorities", [(0,), (0, 1), (2, 0, 1)])
def test_the_number_present_is_the_rate_times_the_time_spent(priorities: tuple[int, ...]) -> None:
    # Little's law from empty to empty is an identity: both sides count the same area.
    run = run_queue(
        1, rate=0.8, servers=1, service=law(mean=1.0), priorities=priorities, customers=5_000
    )
    moments = np.concatenate([run.arrived, run.left])
    steps = np.concatenate([np.ones(len(run.arrived)), -np.ones(len(run.left))])
    order = np.lexsort((-steps, moments))
    present = np.cumsum(steps[order])
    area = float((present[:-1] * np.diff(moments[order])).sum())
    assert present.min() >= 0
    assert area == pytest.approx(float((run.left - run.arrived).sum()), rel=1e-9)


def test_claims_that_find_every_place_taken_are_lost_as_erlang_says(
    figure: PrintFigure,
) -> None:
    # Erlang B: offered 4, places 5. A pool is asked only when it has a place.
    lost = []
    for replication in range(12):
        rng = np.random.default_rng([20130401, replication])
        env = StockEnvironment()
        pool = Resource(env, "cells", 5)
        blocked = _offer(env, pool, rng, customers=20_000)
        assert pool.busy == 0
        lost.append(blocked / 20_000)
    figure(f"{np.mean(lost):.4f}, theory 0.1991")
    assert np.mean(lost) == pytest.approx(0.1991, rel=0.02)


def _offer(env: simpy.Environment, pool: Resource, rng: np.random.Generator, customers: int) -> int:
    blocked = 0

    def stay(length: float):
        yield env.timeout(length)
        pool.release()

    def arrivals():
        nonlocal blocked
        gaps = rng.exponential(0.25, customers).tolist()
        stays = rng.exponential(1.0, customers).tolist()
        for gap, length in zip(gaps, stays, strict=True):
            yield env.timeout(gap)
            if pool.busy < pool.capacity:
                assert pool.request() is None
                env.process(stay(length))
            else:
                blocked += 1

    env.process(arrivals())
    env.run()
    return blocked


def test_a_pool_that_shrinks_lets_work_in_hand_end_and_one_that_grows_moves_the_queue() -> None:
    env = StockEnvironment()
    pool = Resource(env, "officers", 3)
    served: list[tuple[int, float]] = []

    def job(n: int):
        turn = pool.request()
        if turn is not None:
            yield turn
        served.append((n, env.now))
        yield env.timeout(10)
        pool.release()

    def resizing():
        yield env.timeout(5)
        pool.resize(1)
        assert pool.busy == 3
        yield env.timeout(20)
        pool.resize(4)

    for n in range(9):
        env.process(job(n))
    env.process(resizing())
    env.run()
    # Three at once, then one place from minute 10, then four from minute 25.
    assert served == [
        (0, 0),
        (1, 0),
        (2, 0),
        (3, 10),
        (4, 20),
        (5, 25),
        (6, 25),
        (7, 25),
        (8, 30),
    ]
    assert pool.busy == 0
