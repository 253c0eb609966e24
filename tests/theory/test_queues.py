"""The engine's queues agree with the theory of queues, with fixed seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import PrintFigure
from tests.theory.queues import beside_theory, disagreement, law, run_impatient, run_queue

REPLICATIONS = 12
Agrees = Callable[[list[float], float], bool]


@pytest.fixture
def agrees(figure: PrintFigure) -> Agrees:
    """Whether a measured mean agrees with theory; both are printed."""

    def judge(found: list[float], expected: float) -> bool:
        figure(beside_theory(found, expected))
        wrong = disagreement(found, expected)
        print(wrong)
        return not wrong

    return judge


def mean_waits(replications: int = REPLICATIONS, **queue: Any) -> list[float]:
    return [run_queue(r, **queue).mean_wait for r in range(replications)]


def test_one_server_at_seven_tenths_waits_as_theory_says(agrees: Agrees) -> None:
    waits = mean_waits(rate=0.7, servers=1, service=law(mean=1.0))
    assert agrees(waits, 0.7 / 0.3)


@pytest.mark.slow
def test_one_server_at_nine_tenths_waits_as_theory_says(agrees: Agrees) -> None:
    # At this load waits are so strongly correlated that 5 % needs some two million customers.
    waits = mean_waits(48, rate=0.9, servers=1, service=law(mean=1.0))
    assert agrees(waits, 9.0)


def test_three_servers_share_one_queue_as_theory_says(agrees: Agrees) -> None:
    waits = mean_waits(rate=2.4, servers=3, service=law(mean=1.0))
    assert agrees(waits, 1.0787)


@pytest.mark.slow
def test_ten_servers_at_nine_tenths_wait_as_theory_says(agrees: Agrees) -> None:
    waits = mean_waits(48, rate=9.0, servers=10, service=law(mean=1.0))
    assert agrees(waits, 0.6687)


def test_service_that_never_varies_waits_half_as_long(agrees: Agrees) -> None:
    waits = mean_waits(rate=0.8, servers=1, service=law(fixed=1.0))
    assert agrees(waits, 2.0)


@pytest.mark.slow
def test_service_that_varies_more_waits_longer_as_theory_says(agrees: Agrees) -> None:
    # Lognormal with mean 1 and squared coefficient of variation 2: sigma^2 = ln 3, mu = -sigma^2/2.
    waits = mean_waits(48, rate=0.8, servers=1, service=law(median=3.0**-0.5, p90=2.21211346871))
    assert agrees(waits, 6.0)


def test_urgent_work_goes_first_and_the_rest_waits_for_it(agrees: Agrees) -> None:
    runs = [
        run_queue(r, rate=0.8, servers=1, service=law(mean=1.0), priorities=(0, 1))
        for r in range(16)
    ]
    assert agrees([run.mean_wait_of(0) for run in runs], 4.0 / 3.0)
    assert agrees([run.mean_wait_of(1) for run in runs], 20.0 / 3.0)


@pytest.mark.slow
def test_an_adjournment_loop_fills_the_list_as_theory_says(agrees: Agrees) -> None:
    runs = [
        run_queue(r, rate=0.6, servers=1, service=law(mean=1.0), comes_back=0.25) for r in range(16)
    ]
    assert agrees([run.mean_number_present for run in runs], 4.0)
    assert agrees([run.mean_sojourn for run in runs], 20.0 / 3.0)


def test_those_who_give_up_waiting_are_as_many_as_erlang_says(agrees: Agrees) -> None:
    gone = [run_impatient(r, rate=11.0, servers=10, patience=2.0) for r in range(REPLICATIONS)]
    assert agrees(gone, 0.1477)
