"""The protected table: enough cases behind each of its numbers, and no length beyond its end."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.calibration.fitting.disclosure import (
    ProtectedTable,
    nice,
    protect,
    rounded,
    shown_count,
    shown_groups,
    shown_part,
    step_at,
)
from cjsim.calibration.fitting.distributions import FAMILIES, FAMILY_NAMES, NARROWEST, Distribution
from cjsim.calibration.fitting.extract_reader import Spell, read_extract
from cjsim.calibration.fitting.model_selection import fit_family
from cjsim.calibration.fitting.survival import survival
from tests.calibration.test_survival import COUNTY

GROUPS = ("violence", "theft", "drugs", "fraud")


def cases(done: list[float], waiting: list[float] | None = None) -> list[Spell]:
    return [
        *(Spell(float(each), complete=True, group="") for each in done),
        *(Spell(float(each), complete=False, group="") for each in waiting or ()),
    ]


def table_of(
    done: list[float], waiting: list[float] | None = None, least: int = 5
) -> ProtectedTable:
    table = protect(cases(done, waiting), "days", smallest=least)
    assert table is not None
    return table


def same(one: ProtectedTable, other: ProtectedTable) -> bool:
    arrays = ("low", "high", "completed", "open")
    return one.beyond == other.beyond and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays
    )


# --- counts -----------------------------------------------------------------------------------


def test_a_count_is_rounded_and_a_small_one_is_not_told_from_none() -> None:
    assert [rounded(count) for count in (0, 2, 3, 7, 8, 1250)] == [0, 0, 5, 5, 10, 1250]
    assert shown_count(0) == shown_count(4) == "fewer than 5"
    assert shown_count(1248) == "1,250"
    assert shown_count(9, 10) == "fewer than 10"
    assert shown_part(297, 300) == shown_part(300, 300) == "all but fewer than 5"
    assert shown_part(0, 3) == "fewer than 5"


def test_a_rare_group_is_hidden_whether_or_not_it_has_a_case() -> None:
    counts = {"violence": 60, "theft": 120, "drugs": 27}
    none = shown_groups(counts, GROUPS, 20)
    assert none == (["violence", "theft"], ["drugs", "fraud"])
    assert shown_groups({**counts, "fraud": 1}, GROUPS, 20) == none
    assert shown_groups({**counts, "fraud": 19}, GROUPS, 20) == none
    # Enough in the hidden groups together: nobody else has to be hidden with them.
    more = {"violence": 60, "theft": 15, "drugs": 27, "fraud": 5}
    assert shown_groups(more, GROUPS, 20) == (["violence", "drugs"], ["theft", "fraud"])


@given(st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 60)), st.integers(5, 25))
def test_hidden_groups_hold_enough_together(counts: dict[str, int], fewest: int) -> None:
    shown, hidden = shown_groups(counts, GROUPS, fewest)
    assert sorted([*shown, *hidden]) == sorted(GROUPS)
    assert all(counts[group] >= fewest for group in shown)
    if shown:
        assert sum(counts.get(group, 0) for group in hidden) >= fewest


# --- the table --------------------------------------------------------------------------------

LENGTHS = st.lists(st.integers(0, 400), min_size=10, max_size=200)


@given(LENGTHS, st.lists(st.integers(1, 400), max_size=100), st.integers(5, 12))
def test_each_interval_holds_enough_cases_and_as_many_or_none_lie_beyond(
    done: list[float], waiting: list[float], least: int
) -> None:
    table = protect(cases(done, waiting), "days", smallest=least)
    if table is None:
        return
    ends = [-1.0, *table.high]
    assert list(table.low) == ends[:-1]
    for low, high in pairwise(ends):
        assert sum(low < each <= high for each in done) >= least
    beyond = sum(each > table.horizon for each in done)
    assert beyond == 0 or beyond >= least
    counts = [*table.completed, *table.open, table.beyond]
    assert all(count % 5 == 0 for count in counts)
    assert min(table.completed) >= 5
    assert table.count == pytest.approx(len(done) + len(waiting), abs=10)


@given(LENGTHS, st.lists(st.integers(401, 10**5), min_size=1, max_size=3), st.data())
def test_how_long_the_longest_took_is_in_no_table(
    done: list[float], longest: list[float], data: st.DataObject
) -> None:
    others = [data.draw(st.integers(401, 10**5)) for _ in longest]
    one, other = (protect(cases([*done, *tail]), "days") for tail in (longest, others))
    assert one is None or same(one, other)


def test_no_end_of_an_interval_is_finer_than_the_grid() -> None:
    rng = np.random.default_rng(3)
    table = table_of(np.round(rng.lognormal(4.0, 1.0, 400)).tolist())
    for end in table.high:
        day = end - 0.5
        assert day % step_at(day * 0.97, "days") == 0, "a multiple of the step below it"
    assert [nice(each) for each in (0.1, 0.19, 1.0, 4.99, 5.0, 37.0)] == [0.1, 0.1, 1, 2, 5, 20]


@pytest.mark.parametrize("name", ["charge_to_first_listing", "first_listing_to_completion"])
def test_the_table_says_what_the_cases_say_as_far_as_it_goes(name: str) -> None:
    spells = read_extract(COUNTY)[0].spells[name]
    seen, table = survival(spells), protect(spells, "days")
    assert table is not None
    for day in range(0, int(table.horizon), 7):
        told = np.interp(day + 0.5, *table.curve()[:2])
        assert told == pytest.approx(seen.still_open(day), abs=0.02)
    assert table.quantile(0.25) == pytest.approx(seen.quantile(0.25), abs=5.0)
    assert table.mean_within() == pytest.approx(seen.mean_within(table.horizon), rel=0.01)


def test_what_is_over_on_the_first_day_is_an_interval_of_its_own() -> None:
    table = table_of([0] * 30 + list(range(1, 40)))
    assert (table.with_at_once, table.high[0], table.completed[0]) == (True, 0.0, 30.0)
    assert table.low[1] == 0.0
    few = table_of([0] * 4 + list(range(1, 40)))
    assert not few.with_at_once


def test_days_of_trials_are_counted_up_and_hours_go_to_a_tenth() -> None:
    trial = protect(cases([1] * 10 + [2] * 10 + [3] * 8), "days", counted_up=True)
    assert trial is not None
    assert (list(trial.low), list(trial.high)) == ([0.0, 1.0, 2.0], [1.0, 2.0, 3.0])
    hours = protect(cases([0.31 + each / 10 for each in range(60)]), "hours")
    assert hours is not None
    assert 5.2 <= hours.horizon <= 5.8
    assert protect(cases([1.0] * 9), "days") is None


# --- what may be fitted to it -----------------------------------------------------------------


def test_a_part_of_a_mixture_that_rests_on_too_few_cases_is_refused() -> None:
    data = table_of(np.linspace(1, 60, 300).round().tolist()).data()
    mixture = FAMILIES["two_lognormals"]
    even = Distribution(mixture, (0.5, 15.0, 0.5, 40.0, 0.3))
    assert data.refusal(even) == ""
    assert "too few cases" in data.refusal(Distribution(mixture, (0.995, 20.0, 0.7, 50.0, 0.3)))
    assert "too few cases" in data.refusal(Distribution(mixture, (0.004, 2.0, 0.3, 25.0, 0.7)))
    assert "beyond" in data.refusal(Distribution(mixture, (0.9, 25.0, 0.7, 6454.0, 3.1)))
    assert "beyond" in data.refusal(Distribution(FAMILIES["lognormal"], (413.0, 1.51)))


def test_without_single_cases_nothing_is_refused() -> None:
    data = table_of(list(range(1, 60))).data()
    distribution = Distribution(FAMILIES["lognormal"], (413.0, 1.51))
    published = type(data)(low=data.low, high=data.high, count=data.count)
    assert (published.refusal(distribution), published.narrowest) == ("", 0.0)


@pytest.mark.parametrize("name", FAMILY_NAMES)
def test_no_distribution_closes_in_on_equal_lengths(name: str) -> None:
    fit = fit_family(table_of([21] * 60 + [22] * 40).data(), FAMILIES[name])  # type: ignore[index]
    spreads = {
        "lognormal": fit.distribution.parameters[-1:],
        "two_lognormals": fit.distribution.parameters[2::2],
        "gamma": [fit.distribution.parameters[0] ** -0.5],
        "weibull": [1.0 / fit.distribution.parameters[0]],
    }[name]
    assert min(spreads) >= NARROWEST - 1e-9
