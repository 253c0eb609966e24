"""Luck: what a draw depends on, and the laws that turn a draw into minutes."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from cjsim.des.random_streams import BLOCK_SIZE, Distribution, RandomStreams, digest
from cjsim.schema.base import Duration

PEDIGREE = {"source": "made by hand", "evidence": "measured"}
BRANCHES = ("file_ready", "action_plan", "sent_for_trial")


def law(**length: object) -> Distribution:
    spec = Duration.model_validate({"unit": "minutes", **PEDIGREE, **length})
    return Distribution(spec, spec)


def column(
    *,
    seed: int = 1,
    replication: int = 0,
    area: str = "toy",
    point: str = "file_ready",
    occurrence: int = 0,
    block: int = 0,
    length: bool = False,
) -> list[float]:
    random_streams = RandomStreams(seed, replication, area)
    number = random_streams.length_point(point) if length else random_streams.point(point)
    return list(random_streams.column(number, occurrence, block))


# --- what a draw depends on ------------------------------------------------------------------


def test_the_same_question_gets_the_same_answer() -> None:
    assert column() == column()
    assert column(length=True) == column(length=True)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 2},
        {"replication": 1},
        {"area": "elsewhere"},
        {"point": "action_plan"},
        {"occurrence": 1},
        {"block": 1},
    ],
    ids=str,
)
def test_each_of_the_six_changes_every_draw_and_leaves_no_trace(other: dict[str, int]) -> None:
    one, two = np.array(column()), np.array(column(**other))  # type: ignore[arg-type]
    assert np.mean(one == two) < 0.01
    assert abs(np.corrcoef(one, two)[0, 1]) < 4 / np.sqrt(BLOCK_SIZE)


def test_neighbouring_seeds_and_replications_are_not_each_other() -> None:
    assert column(seed=1, replication=1) != column(seed=2, replication=0)
    assert column(seed=1, replication=2) != column(seed=2, replication=1)


def test_the_order_of_asking_does_not_matter() -> None:
    asked = [(name, o, b) for name in BRANCHES for o in range(3) for b in range(2)]
    orders = [asked, asked[::-1], random.Random(7).sample(asked, len(asked))]  # noqa: S311
    found = []
    for order in orders:
        random_streams = RandomStreams(1, 0, "toy")
        points = {name: random_streams.point(name) for name in BRANCHES}
        found.append(
            {(name, o, b): list(random_streams.column(points[name], o, b)) for name, o, b in order}
        )
    assert found[0] == found[1] == found[2]


def test_the_order_of_registering_does_not_matter() -> None:
    random_streams = RandomStreams(1, 0, "toy")
    numbers = {name: random_streams.point(name) for name in reversed(BRANCHES)}
    assert list(random_streams.column(numbers["file_ready"], 0, 0)) == column()
    assert random_streams.points == len(BRANCHES)


def test_a_name_has_one_number_on_every_machine() -> None:
    assert digest("fork:file_ready") == 0x667BFF0B92A87E32


def test_generators_differ_by_name_and_index_alone() -> None:
    random_streams = RandomStreams(1, 0, "toy")
    first = random_streams.generator("arrivals:summons", 3).random(5)
    assert np.array_equal(
        first, RandomStreams(1, 0, "toy").generator("arrivals:summons", 3).random(5)
    )
    assert not np.array_equal(first, random_streams.generator("arrivals:summons", 4).random(5))
    assert not np.array_equal(first, random_streams.generator("arrivals:arrest_other", 3).random(5))


# --- how draws are distributed ---------------------------------------------------------------


def test_draws_are_uniform_within_and_across_columns() -> None:
    draws = np.concatenate([column(occurrence=o, block=b) for o in range(4) for b in range(4)])
    assert len(draws) == 16 * BLOCK_SIZE
    assert stats.kstest(draws, "uniform").pvalue > 0.001
    by_case = np.array([column(occurrence=o) for o in range(200)])[:, :50].T
    assert min(stats.kstest(draws, "uniform").pvalue for draws in by_case) > 0.001 / 50


def test_draws_at_length_points_are_standard_normal() -> None:
    draws = np.concatenate([column(occurrence=o, length=True) for o in range(10)])
    assert stats.kstest(draws, "norm").pvalue > 0.001
    assert abs(draws.mean()) < 4 / np.sqrt(len(draws))


def test_one_case_meets_independent_luck_at_its_occurrences() -> None:
    draws = np.array([column(occurrence=o) for o in range(8)])
    correlations = np.corrcoef(draws)[np.triu_indices(8, 1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(BLOCK_SIZE)


@pytest.mark.parametrize("extreme", [0.0, 1.0 - 2.0**-24], ids=["lowest", "highest"])
def test_no_draw_is_ever_nought_or_one(extreme: float, monkeypatch: pytest.MonkeyPatch) -> None:
    class Extreme:
        """A generator whose every number is the lowest or the highest there is in 24 bits."""

        def __init__(self, _bits: object) -> None:
            pass

        def random(self, size: int, dtype: type) -> np.ndarray:
            return np.full(size, extreme, dtype)

    random_streams = RandomStreams(1, 0, "toy")
    point = random_streams.point("file_ready")
    monkeypatch.setattr(np.random, "Generator", Extreme)
    draws = random_streams.column(point, 0, 0)
    assert all(0.0 < draw < 1.0 for draw in draws)


# --- laws ------------------------------------------------------------------------------------

lengths = st.one_of(
    st.builds(
        lambda median, spread: {"median": median, "p90": median * spread},
        st.floats(0.5, 5000),
        st.floats(1.05, 8),
    ),
    st.builds(lambda mean: {"mean": mean}, st.floats(0.5, 5000)),
    st.builds(lambda fixed: {"fixed": fixed}, st.floats(0, 5000)),
)
shares = st.one_of(st.just(0.0), st.floats(0.01, 0.95))
caps = st.one_of(st.none(), st.floats(1, 3000))


@given(length=lengths, at_once=shares, cap=caps, u=st.floats(0.0001, 0.9999))
def test_the_three_ways_to_ask_for_a_length_agree(
    length: dict[str, float], at_once: float, cap: float | None, u: float
) -> None:
    assume(abs(u - at_once) > 1e-6)  # there the length jumps
    found = law(**length, at_once=at_once, cap=cap)
    expected = found.at(u)
    assert found.of(float(stats.norm.ppf(u))) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert found.quantile(np.array([u]))[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(length=lengths, at_once=shares, cap=caps, u=st.floats(0.0001, 0.9999))
def test_no_length_is_negative_or_beyond_the_cap(
    length: dict[str, float], at_once: float, cap: float | None, u: float
) -> None:
    found = law(**length, at_once=at_once, cap=cap).at(u)
    assert 0.0 <= found <= (np.inf if cap is None else cap)


@given(length=lengths, at_once=shares, cap=caps)
def test_worse_luck_never_means_a_shorter_length(
    length: dict[str, float], at_once: float, cap: float | None
) -> None:
    found = law(**length, at_once=at_once, cap=cap)
    quantiles = found.quantile(np.linspace(0.0005, 0.9995, 400))
    assert np.all(np.diff(quantiles) >= -1e-9)


@given(median=st.floats(0.5, 5000), spread=st.floats(1.05, 8))
def test_the_median_and_p90_declared_are_those_of_the_law(median: float, spread: float) -> None:
    found = law(median=median, p90=median * spread)
    assert found.at(0.5) == pytest.approx(median, rel=1e-9)
    assert found.at(0.9) == pytest.approx(median * spread, rel=1e-9)


def test_the_median_and_p90_of_draws_are_those_declared() -> None:
    draws = [deviate for o in range(25) for deviate in column(occurrence=o, length=True)]
    found = law(median=60, p90=180)
    minutes = np.array([found.of(deviate) for deviate in draws])
    assert np.median(minutes) == pytest.approx(60, rel=0.02)
    assert np.quantile(minutes, 0.9) == pytest.approx(180, rel=0.02)


def test_the_mean_of_draws_of_an_exponential_is_the_mean_declared() -> None:
    draws = [deviate for o in range(25) for deviate in column(occurrence=o, length=True)]
    found = law(mean=45)
    assert np.mean([found.of(deviate) for deviate in draws]) == pytest.approx(45, rel=0.015)


def test_a_share_is_done_at_once_and_the_rest_keeps_its_law() -> None:
    found = law(median=60, p90=180, at_once=0.3)
    u = np.concatenate([column(occurrence=o) for o in range(25)])
    minutes = np.array([found.at(float(one)) for one in u])
    assert np.mean(minutes == 0) == pytest.approx(0.3, abs=0.006)
    assert np.median(minutes[minutes > 0]) == pytest.approx(60, rel=0.02)


def test_all_at_once_takes_no_time() -> None:
    found = law(median=60, p90=180, at_once=1.0)
    assert found.at(0.999) == 0.0
    assert np.array_equal(found.quantile(np.array([0.001, 0.999])), [0.0, 0.0])


def test_a_cap_cuts_the_longest_and_nothing_else() -> None:
    free, capped = law(median=60, p90=180), law(median=60, p90=180, cap=200)
    for u in np.linspace(0.01, 0.99, 50):
        assert capped.at(float(u)) == min(free.at(float(u)), 200)


@pytest.mark.parametrize(("unit", "minutes"), [("minutes", 1), ("hours", 60), ("days", 1440)])
def test_a_unit_is_so_many_minutes(unit: str, minutes: int) -> None:
    spec = Duration.model_validate({"unit": unit, **PEDIGREE, "fixed": 2, "cap": 5})
    found = Distribution(spec, spec)
    assert found.at(0.5) == 2 * minutes
    assert found.cap == 5 * minutes
