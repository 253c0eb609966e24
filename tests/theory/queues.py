"""Textbook queues driven through the project's own pools, laws and luck, on SimPy.

Each replication starts empty, leaves out its first customers and returns means over the rest. Times
are in units of the mean service time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy
from scipy import stats

from cjsim.des.environment import Environment, Process
from cjsim.des.random_streams import BLOCK_BITS, BLOCK_SIZE, Distribution, RandomStreams
from cjsim.des.resources import Resource
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.schema.base import Duration
from tests.support.stock_simpy import StockEnvironment

CUSTOMERS = 50_000
LEFT_OUT = 2_500
SEED = 20130401


def law(**length: float) -> Distribution:
    """A law of service in minutes, from what a model file would say."""
    spec = Duration.model_validate(
        {"unit": "minutes", "source": "assumption", "evidence": "measured", **length}
    )
    return Distribution(spec, spec)


class Draws:
    """One decision point's draws, by customer and occurrence, from the columns a run would use."""

    def __init__(self, random_streams: RandomStreams, name: str) -> None:
        self._luck = random_streams
        self._point = random_streams.point(name)
        self._columns: dict[tuple[int, int], object] = {}

    def at(self, n: int, occurrence: int) -> float:
        """The draw of customer n for the given time that this is decided."""
        key = (occurrence, n >> BLOCK_BITS)
        column = self._columns.get(key)
        if column is None:
            column = self._columns[key] = self._luck.column(self._point, *key)
        return column[n & (BLOCK_SIZE - 1)]


@dataclass
class Queue:
    """What one replication of a queue showed, customer by customer, in order of arrival."""

    arrived: np.ndarray
    first_service: np.ndarray
    waited: np.ndarray
    left: np.ndarray
    classes: np.ndarray

    @property
    def mean_wait(self) -> float:
        """The mean wait before service, the first customers left out."""
        return float(self.waited[LEFT_OUT:].mean())

    @property
    def mean_sojourn(self) -> float:
        """The mean time from arrival to departure, the first customers left out."""
        return float((self.left - self.arrived)[LEFT_OUT:].mean())

    @property
    def mean_number_present(self) -> float:
        """The mean number in the system, from the first counted arrival to the last of all."""
        start, end = self.arrived[LEFT_OUT], self.arrived[-1]
        present = np.minimum(self.left, end) - np.maximum(self.arrived, start)
        return float(present[present > 0].sum() / (end - start))

    def mean_wait_of(self, which: int) -> float:
        """The mean wait of the customers of one class, the first customers left out."""
        return float(self.waited[LEFT_OUT:][self.classes[LEFT_OUT:] == which].mean())


def run_queue(
    replication: int,
    *,
    rate: float,
    servers: int,
    service: Distribution,
    priorities: tuple[int, ...] = (0,),
    comes_back: float = 0.0,
    customers: int = CUSTOMERS,
) -> Queue:
    """One replication: Poisson arrivals at a rate, a pool of servers, and a queue by priority.

    Each customer is of one class at random, and waits with that class's priority; one who has been
    served goes to the end of the queue again with probability `comes_back`.
    """
    random_streams = RandomStreams(SEED, replication, "theory")
    rng = random_streams.generator("arrivals", 0)
    arrived = np.cumsum(rng.exponential(1.0 / rate, customers))
    classes = rng.integers(0, len(priorities), customers)
    priority = [priorities[k] for k in classes.tolist()]
    lengths, again = Draws(random_streams, "length of service"), Draws(random_streams, "comes back")
    first_service = np.array([service.at(lengths.at(n, 0)) for n in range(customers)])
    waited, left = np.zeros(customers), np.zeros(customers)
    env = StockEnvironment()
    pool = Resource(env, "servers", servers)

    def customer(n: int) -> Iterator[simpy.Event]:
        occurrence = 0
        while True:
            entered = env.now
            turn = pool.request(priority[n])
            if turn is not None:
                yield turn
            waited[n] += env.now - entered
            yield env.timeout(service.at(lengths.at(n, occurrence)))
            pool.release()
            if not comes_back or again.at(n, occurrence) >= comes_back:
                break
            occurrence += 1
        left[n] = env.now

    def arrivals() -> Iterator[simpy.Event]:
        for n, when in enumerate(arrived.tolist()):
            yield env.timeout(when - env.now)
            env.process(customer(n))

    env.process(arrivals())
    env.run()
    assert pool.busy == 0
    assert pool.waiting == 0
    return Queue(arrived, first_service, waited, left, classes)


def run_impatient(
    replication: int, *, rate: float, servers: int, patience: float, customers: int = CUSTOMERS
) -> float:
    """The share of customers who leave a queue unserved: exponential service and patience.

    A pool keeps whole minutes; a service of a thousand of them is as good as continuous.
    """
    minutes = 1000.0
    random_streams = RandomStreams(SEED, replication, "theory of impatience")
    rng = random_streams.generator("arrivals", 0)
    arrived = np.cumsum(rng.exponential(minutes / rate, customers)).round().astype(int)
    lengths = rng.exponential(minutes, customers).round().astype(int)
    gives_up = rng.exponential(patience * minutes, customers).round().astype(int)
    gone = np.zeros(customers, dtype=bool)
    env = Environment()
    pool = Resource(env, "servers", servers)

    def customer(n: int) -> Iterator[Any]:
        if (yield from pool.request_before(env.minute + int(gives_up[n]))):
            yield int(lengths[n])
            pool.release()
        else:
            gone[n] = True

    def arrivals() -> Iterator[Any]:
        for n, when in enumerate(arrived.tolist()):
            if when > env.minute:
                yield int(when) - env.minute
            Process(env, customer(n))

    Process(env, arrivals())
    last = int(arrived[-1] + lengths.sum())
    env.run_until((last // MINUTES_A_DAY + 1) * MINUTES_A_DAY)
    assert pool.busy == 0
    return float(gone[LEFT_OUT:].mean())


def disagreement(found: list[float], expected: float) -> str:
    """Empty when theory is in the 99.9 % interval and within 5 %; else what was found."""
    sample = np.asarray(found)
    low, high = stats.t.interval(0.999, len(sample) - 1, sample.mean(), stats.sem(sample))
    off = sample.mean() / expected - 1.0
    if low <= expected <= high and abs(off) < 0.05:
        return ""
    return f"found {sample.mean():.4f} [{low:.4f}, {high:.4f}], theory {expected:.4f} ({off:+.1%})"


def beside_theory(found: list[float], expected: float) -> str:
    """The measured mean with its 99.9 % interval, and the mean by theory."""
    sample = np.asarray(found)
    half = stats.t.ppf(0.9995, len(sample) - 1) * stats.sem(sample)
    return f"{sample.mean():.4f} ± {half:.4f}, theory {expected:.4f}"
