"""The agenda lets things happen in SimPy's order, whatever is put on it and when."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy
from hypothesis import given
from hypothesis import strategies as st

from cjsim.des.environment import ENDED, Environment, Event, Process, run_steps
from tests.support.stock_simpy import StockEnvironment, stock_process

Plan = list[tuple[str, int]]

STEPS = st.sampled_from(["sleep", "call", "begin", "wait", "let happen", "SimPy's own"])
PLANS = st.lists(
    st.lists(st.tuples(STEPS, st.integers(0, 3)), min_size=1, max_size=6), min_size=1, max_size=5
)


def happenings(env: Any, journey: Any, plans: list[Plan]) -> list[tuple[int, int, int]]:
    """When what happened, and to whom: journeys that sleep, call, begin others, wait and signal."""
    seen: list[tuple[int, int, int]] = []
    signals = [env.event() for _ in range(4)]
    begun = [0]

    def walk(name: int, plan: Plan) -> Generator[Any, Any, None]:
        for place, (step, number) in enumerate(plan):
            seen.append((env.minute, name, place))
            if step == "sleep":
                yield number
            elif step == "call":
                env.after(number, lambda place=place: seen.append((env.minute, name, -place)))
            elif step == "begin" and begun[0] < 8:
                begun[0] += 1
                journey(env, walk(100 * begun[0] + name, plan[place + 1 :]))
            elif step == "wait":
                yield signals[number]
            elif step == "let happen" and not signals[number].triggered:
                signals[number].succeed(number)
            elif step == "SimPy's own":
                yield simpy.Timeout(env, number)
        seen.append((env.minute, name, 999))

    for name, plan in enumerate(plans):
        journey(env, walk(name, plan))
    env.run_until(1440)
    return seen


@given(PLANS)
def test_the_agenda_is_simpys_order(plans: list[Plan]) -> None:
    ours = happenings(Environment(), Process, plans)
    assert ours == happenings(StockEnvironment(), stock_process, plans)


def test_a_road_goes_from_step_to_step_and_ends_where_none_follows() -> None:
    env, seen = Environment(), []

    def first() -> Generator[Any, Any, Any]:
        yield 2
        seen.append(("first", env.minute))
        return second()

    def second() -> Any:
        seen.append(("second", env.minute))
        return third()

    def third() -> Generator[Any, Any, Any]:
        yield 3
        seen.append(("third", env.minute))
        return ENDED

    Process(env, run_steps(first))
    env.run_until(10)
    assert seen == [("first", 2), ("second", 2), ("third", 5)]
    assert env.minute == 10


def test_whoever_waits_for_what_has_happened_goes_on_at_once() -> None:
    env = Environment()
    signal = Event(env)
    signal.happen()
    seen: list[int] = []

    def waits() -> Generator[Any, Any, None]:
        yield signal
        seen.append(env.minute)

    Process(env, waits())
    env.run_until(1)
    assert seen == [0]
