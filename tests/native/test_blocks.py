"""Each twin in C++ does what its method in Python does: the same numbers, in the same order."""

from __future__ import annotations

import datetime as dt
import gc
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.des import engine
from cjsim.des.engine import Engine
from cjsim.des.environment import Environment, Process
from cjsim.des.random_streams import BLOCK_SIZE, Distribution, DrawBlock, OwnDraws, RandomStreams
from cjsim.des.resources import Resource
from cjsim.des.working_time import Calendar, OpenHours
from cjsim.errors import CannotRun
from cjsim.listing.sessions import FreeMinutes
from cjsim.schema.base import Duration
from tests.conftest import ROOT
from tests.support.engines import needs_native, working
from tests.support.runs import toy_model
from tests.support.small_world import SmallWorld, length

pytestmark = needs_native

CALENDAR = Calendar(dt.date(2013, 4, 1), 800)
OFFICE = OpenHours(CALENDAR, 9 * 60, 17 * 60, (0, 1, 2, 3, 4), holidays=False)
MINUTES = st.integers(0, 400 * 1440)


def both(work: Callable[[], Any]) -> tuple[Any, Any]:
    """What a piece of work gives on each engine."""
    with working("python"):
        ours = work()
    with working("native"):
        return ours, work()


# --- working time --------------------------------------------------------------------------------


@given(MINUTES, st.integers(0, 40))
def test_a_working_day_ends_at_the_same_minute(minute: int, days: int) -> None:
    ours, native = both(lambda: CALENDAR.end_of_working_day_after(minute, days))
    assert native == ours


@given(MINUTES, st.integers(0, 20_000))
def test_work_spans_the_same_opening_hours(minute: int, minutes: int) -> None:
    ours, native = both(lambda: OFFICE.span(minute, minutes))
    assert native == ours


# --- draws ---------------------------------------------------------------------------------------


class _Subject:
    def __init__(self, slot: int) -> None:
        self.slot = slot


def _draws(seed: int, number: int, own: bool) -> list[float]:
    """What a case draws at a uniform and a normal point, three times each."""
    streams = RandomStreams(seed, 2, "toy")
    points = [streams.point("fork:x"), streams.length_point("stage:y")]
    world = SmallWorldOfDraws(streams, number, own=own)
    return [world.draw(point) for point in points for _ in range(3)]


class SmallWorldOfDraws:
    """One case that only draws."""

    def __init__(self, streams: RandomStreams, number: int, *, own: bool) -> None:
        from cjsim.case.attributes import Attributes

        columns = OwnDraws(streams, number) if own else DrawBlock(streams, number >> 12)
        self.case = Attributes.__new__(Attributes)
        self.case._columns = columns
        self.case._first = columns.first
        self.case.number = number
        self.case.slot = number & columns.mask
        self.case.times = [0, 0]

    def draw(self, point: int) -> float:
        return self.case.draw(point)


@given(st.integers(0, 2**64 - 1), st.integers(0, 200_000), st.booleans())
def test_a_case_draws_the_same_numbers(seed: int, number: int, own: bool) -> None:
    ours, native = both(lambda: _draws(seed, number, own))
    assert native == ours


@pytest.mark.parametrize("normal", [False, True])
def test_a_whole_column_has_the_same_draws(normal: bool) -> None:
    def column() -> list[float]:
        streams = RandomStreams(20_130_401, 3, "toy")
        point = streams.length_point("x") if normal else streams.point("x")
        block = DrawBlock(streams, 7)
        cases = [SmallWorldOfDraws(streams, (7 << 12) + at, own=False) for at in range(BLOCK_SIZE)]
        for each in cases:
            each.case._columns = block
        return [each.draw(point) for each in cases]

    ours, native = both(column)
    assert native == ours
    assert len(set(native)) > BLOCK_SIZE * 0.99


@given(st.integers(0, 10**6), st.integers(0, 3000))
def test_a_day_has_the_same_draw(number: int, day: int) -> None:
    streams = RandomStreams(5, 1, "toy")
    point = streams.point("date_suits")
    ours, native = both(lambda: streams.draw_of_day(point, number, day))
    assert native == ours


def laws() -> st.SearchStrategy[Distribution]:
    """A distribution of any kind, with and without a share at once and a cap."""
    median = st.floats(0.1, 500)

    def law(median: float, spread: float, at_once: float, cap: float | None, kind: str) -> Any:
        given = {**length(median), "at_once": at_once, "cap": cap, "fixed": None}
        if kind == "lognormal":
            given |= {"median": median, "p90": median * spread}
        else:
            given[kind] = median
        spec = Duration.model_validate({**given, "range": (0.0, 1000.0)})
        return Distribution(spec, spec)

    at_once = st.one_of(st.just(0.0), st.floats(0.01, 0.9))
    caps = st.one_of(st.none(), st.floats(600, 900))
    kinds = st.sampled_from(["lognormal", "mean", "fixed"])
    return st.builds(law, median, st.floats(1.01, 9), at_once, caps, kinds)


@given(laws(), st.floats(-6, 6))
def test_a_length_is_the_same_to_the_last_bit(law: Distribution, deviate: float) -> None:
    ours, native = both(lambda: law.of(deviate))
    assert native == ours


@given(laws(), st.floats(1e-9, 1 - 1e-9))
def test_a_quantile_of_a_length_is_the_same(law: Distribution, u: float) -> None:
    ours, native = both(lambda: law.at(u))
    assert native == ours
    assert math.isfinite(native)


# --- queues and the agenda -----------------------------------------------------------------------

CUSTOMERS = st.lists(
    st.tuples(
        st.integers(0, 30), st.integers(0, 20), st.integers(0, 2), st.one_of(st.none(), MINUTES)
    ),
    max_size=25,
)


@given(CUSTOMERS, st.integers(0, 3), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 4))))
def test_a_pool_serves_in_the_same_order(
    customers: list[tuple[int, int, int, int | None]],
    capacity: int,
    resizes: list[tuple[int, int]],
) -> None:
    def served() -> list[tuple[int, int, str]]:
        env = Environment()
        pool = Resource(env, "staff", capacity)
        seen: list[tuple[int, int, str]] = []

        def customer(number: int) -> Any:
            comes, takes, priority, patience = customers[number]
            yield comes
            if patience is None:
                turn = pool.request(priority)
                if turn is not None:
                    yield turn
            elif not (yield from pool.request_before(comes + patience % 40, priority)):
                seen.append((env.minute, number, "left"))
                return
            seen.append((env.minute, number, "served"))
            yield takes
            pool.release()
            seen.append((env.minute, number, "done"))

        for number in range(len(customers)):
            Process(env, customer(number))
        for minute, places in resizes:
            env.after(minute, lambda places=places: pool.resize(places))
        env.run_until(500)
        return [*seen, (pool.busy, pool.waiting, "at the end")]

    ours, native = both(served)
    assert native == ours


@given(st.lists(st.integers(0, 300), min_size=1, max_size=70), st.data())
def test_free_minutes_are_found_in_the_same_session(free: list[int], data: st.DataObject) -> None:
    steps = data.draw(
        st.lists(st.tuples(st.integers(0, len(free) - 1), st.integers(-80, 80)), max_size=30)
    )

    def found() -> list[int]:
        tree = FreeMinutes(list(free))
        answers = []
        for at, minutes in steps:
            tree.take(at, minutes)
            answers += [tree[at], tree.first_with(abs(minutes), at), tree.first_with(1, 0)]
        return answers

    ours, native = both(found)
    assert native == ours


# --- verbs ---------------------------------------------------------------------------------------


def test_verbs_in_a_small_world_write_the_same_rows(toy: Path, tmp_path: Path) -> None:
    def rows(name: Engine) -> list[dict[str, Any]]:
        folder = tmp_path / name
        folder.mkdir()
        world = SmallWorld(toy_model(toy), folder)
        stages = [word for word, each in world.simulation.stages.items() if each.laws]
        worked = [word for word in stages if world.simulation.stages[word].pools]
        for number in range(40):
            case = world.case(number, in_custody=number % 2 == 0, has_victim=True)
            world.go(case.work(worked[number % len(worked)]))
            world.go(case.work_before(worked[number % 3], 30 * number))
            world.go(case.wait(stages[number % len(stages)], until=500 if number % 3 else None))
            world.go(case.wait(stages[0], rest=number))
            for word in world.simulation.duties:
                case.tell(word)
        world.until_day(30)
        return world.log()

    with working("python"):
        ours = rows("python")
    with working("native"):
        native = rows("native")
    assert native == ours
    assert len(native) > 200


# --- the marks -----------------------------------------------------------------------------------


def test_every_class_with_twins_names_the_file_that_holds_them() -> None:
    module = engine.native_module()
    assert module is not None
    assert set(module.classes()) == set(engine.twin_files)
    for name, files in engine.twin_files.items():
        for file in files:
            source = ROOT / "native" / file
            assert source.is_file(), f"{name} names {file}"


def test_every_twin_has_the_name_of_a_method_in_the_named_file() -> None:
    module = engine.native_module()
    assert module is not None
    assert module.twins()
    for name, method in module.twins():
        sources = [(ROOT / "native" / each).read_text() for each in engine.twin_files[name]]
        assert any(f'"{method}"' in source for source in sources), f"{name}.{method}"


def test_a_derived_class_that_writes_a_method_again_runs_on_python() -> None:
    from cjsim.listing.diary import Diary

    derived = type("OwnDiary", (Diary,), {"_fits": lambda *_, **__: True})
    with working("python"):
        assert "OwnDiary._fits" in engine._why_not_native(1)
    del derived
    gc.collect()


@pytest.mark.parametrize("name", engine.ENGINES)
def test_an_engine_that_is_asked_for_works(name: Engine) -> None:
    with working(name):
        assert engine.in_use() == name


def test_a_seed_that_does_not_fit_is_run_by_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(engine.ENGINE_VARIABLE, raising=False)
    assert engine.expected(2**64) == "python"
    monkeypatch.setenv(engine.ENGINE_VARIABLE, "native")
    with pytest.raises(CannotRun, match="bits"):
        engine.choose(2**64)


def test_an_engine_with_another_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(engine.ENGINE_VARIABLE, "rust")
    with pytest.raises(CannotRun, match="python and native"):
        engine.choose()


def test_a_row_that_does_not_fit_its_columns_is_an_error(toy: Path, tmp_path: Path) -> None:
    with working("native"):
        world = SmallWorld(toy_model(toy), tmp_path)
        with pytest.raises(OverflowError, match="event log"):
            world.simulation.log.row(1, 2, 1 << 20, 0, 0, 1, 1, 1, 1, 0.0, 0.0, 0, 0)
