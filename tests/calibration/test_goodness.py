"""How well a law agrees with its data: figures within tolerance, gaps of shares, chi-square."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cjsim.calibration.fitting.distributions import FAMILIES, Distribution
from cjsim.calibration.fitting.goodness import (
    FigureError,
    as_model_duration,
    chi_square,
    goodness,
    is_poor,
    largest_gap,
)
from cjsim.calibration.fitting.model_selection import Data, Figure, Fit, ModelSelection

LOGNORMAL = Distribution(FAMILIES["lognormal"], (40.0, 0.6))


def fit_of(distribution: Distribution, free_numbers: int = 2) -> Fit:
    return Fit(distribution, 10.0, free_numbers, (math.nan, math.nan, math.nan), settled=True)


def figure(value: float, tolerance: float, **more: object) -> Figure:
    return replace(Figure("quantile", value, tolerance, at=0.5), **more)  # type: ignore[arg-type]


# --- single figures ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "tolerance", "at_least", "within"),
    [
        (40.0, 0.1, False, True),
        (41.0, 1.5, False, True),
        (39.0, 1.5, False, True),
        (41.0, 0.5, False, False),
        (39.0, 0.5, False, False),
        (30.0, 0.5, True, True),  # more than the least that it must be
        (41.0, 0.5, True, False),  # less than that
        (41.0, 1.5, True, True),  # less, and near enough
    ],
)
def test_a_figure_is_met_within_its_tolerance_or_above_a_lower_bound(
    value: float, tolerance: float, at_least: bool, within: bool
) -> None:
    asked = figure(value, tolerance, at_least=at_least, source="a report")
    (error,) = goodness(fit_of(LOGNORMAL), Data((asked,))).figures
    assert error.within is within
    assert error.fitted == pytest.approx(40.0)
    assert (error.published, error.at_least, error.source) == (value, at_least, "a report")


def test_a_figure_is_named_as_a_reader_names_it() -> None:
    data = Data(
        (
            Figure("mean", 45.0, 1.0),
            Figure("quantile", 40.0, 1.0, at=0.5),
            Figure("quantile", 86.0, 1.0, at=0.9),
            Figure("share_above", 0.2, 0.1, at=50.0),
        )
    )
    names = [one.name for one in goodness(fit_of(LOGNORMAL), data).figures]
    assert names == ["mean", "median", "quantile 0.9", "share above 50"]


def test_an_error_is_told_relative_to_what_was_published() -> None:
    error = FigureError("mean", 50.0, 40.0, False, False, False, "")
    assert error.relative == pytest.approx(-0.2)
    assert replace(error, fitted=60.0).relative == pytest.approx(0.2)
    assert math.isnan(replace(error, published=0.0).relative)


def test_what_is_held_out_is_told_to_be() -> None:
    data = Data((figure(40.0, 1.0, held_out=True), figure(40.0, 1.0)))
    assert [one.held_out for one in goodness(fit_of(LOGNORMAL), data).figures] == [True, False]


# --- counts by interval -----------------------------------------------------------------------


def counted(distribution: Distribution, cases: float) -> Data:
    edges = np.array([0.0, 20.0, 40.0, 60.0, 100.0, np.inf])
    return Data(low=edges[:-1], high=edges[1:], count=cases * np.diff(distribution.cdf(edges)))


def test_counts_that_are_the_laws_own_have_no_gap_and_no_chi_square() -> None:
    found = goodness(fit_of(LOGNORMAL), counted(LOGNORMAL, 1000.0))
    assert found.largest_gap == pytest.approx(0.0, abs=1e-12)
    assert found.chi_square is not None
    assert found.chi_square.statistic == pytest.approx(0.0, abs=1e-9)
    assert found.chi_square.degrees == 5 - 1 - 2
    assert found.chi_square.p == pytest.approx(1.0)


def test_the_gap_is_the_largest_difference_of_cumulative_shares() -> None:
    data = Data(
        low=np.array([0.0, 40.0]), high=np.array([40.0, np.inf]), count=np.array([30.0, 70.0])
    )
    assert goodness(fit_of(LOGNORMAL), data).largest_gap == pytest.approx(0.2)
    turned = replace(data, count=np.array([80.0, 20.0]))
    assert goodness(fit_of(LOGNORMAL), turned).largest_gap == pytest.approx(0.3)


def test_counts_beside_open_cases_are_not_held_against_the_law_alone() -> None:
    data = replace(
        counted(LOGNORMAL, 1000.0), open_after=np.array([5.0]), open_count=np.array([3.0])
    )
    found = goodness(fit_of(LOGNORMAL), data)
    assert math.isnan(found.largest_gap)
    assert found.chi_square is None


def test_ages_of_open_cases_are_held_against_the_law_of_open_cases() -> None:
    edges = np.array([0.0, 30.0, 60.0, np.inf])
    own = 100.0 * np.diff(LOGNORMAL.open_cdf(edges))
    data = Data(age_low=edges[:-1], age_high=edges[1:], age_count=own)
    found = goodness(fit_of(LOGNORMAL), data)
    assert found.largest_gap == pytest.approx(0.0, abs=1e-12)
    assert found.chi_square is None, "the open at one moment are no sample of lengths"
    moved = replace(data, age_count=own + np.array([50.0, 0.0, -5.0]))
    assert goodness(fit_of(LOGNORMAL), moved).largest_gap > 0.1


def test_nothing_counted_has_no_gap() -> None:
    found = goodness(fit_of(LOGNORMAL), Data((figure(40.0, 1.0),)))
    assert math.isnan(found.largest_gap)
    assert found.chi_square is None


# --- chi-square -------------------------------------------------------------------------------


def test_chi_square_is_pearsons() -> None:
    counts, expected = np.array([30.0, 50.0, 20.0]), np.array([0.25, 0.5, 0.25])
    found = chi_square(counts, expected, 0)
    theirs = stats.chisquare(counts, 100.0 * expected)
    assert found is not None
    assert found.statistic == pytest.approx(theirs.statistic)
    assert (found.degrees, found.p) == (2, pytest.approx(theirs.pvalue))


def test_each_number_that_was_fitted_costs_a_degree() -> None:
    counts, expected = np.array([30.0, 40.0, 20.0, 10.0]), np.array([0.25, 0.45, 0.2, 0.1])
    found = [chi_square(counts, expected, fitted) for fitted in range(4)]
    assert [one and one.degrees for one in found] == [3, 2, 1, None]
    assert found[1] is not None
    assert found[1].p == pytest.approx(stats.chi2.sf(found[1].statistic, 2))


def test_bins_are_joined_until_five_are_expected_and_the_rest_goes_to_the_last() -> None:
    counts = np.array([2.0, 4.0, 50.0, 42.0, 1.0, 1.0])
    expected = np.array([0.025, 0.025, 0.5, 0.42, 0.02, 0.01])
    found = chi_square(counts, expected, 0)
    assert found is not None
    assert found.degrees == 2
    assert found.statistic == pytest.approx((6 - 5) ** 2 / 5 + 0.0 + (44 - 45) ** 2 / 45)


def test_what_the_shares_leave_out_beyond_the_last_bin_is_joined_to_it() -> None:
    counts, expected = np.array([40.0, 60.0]), np.array([0.5, 0.3])
    found = chi_square(counts, expected, 0)
    assert found is not None
    assert found.statistic == pytest.approx(10**2 / 50 + 10**2 / 50)


def test_nothing_is_said_of_too_few() -> None:
    assert chi_square(np.array([2.0, 2.0]), np.array([0.5, 0.5]), 0) is None
    assert chi_square(np.array([50.0]), np.array([1.0]), 0) is None


# --- as a model says it -----------------------------------------------------------------------


def test_a_lognormal_is_said_as_it_is_with_its_share_at_once() -> None:
    distribution = Distribution(FAMILIES["lognormal"], (40.0, 0.6), 0.25)
    found = as_model_duration(ModelSelection((fit_of(distribution),), fit_of(distribution)))
    assert found.median == pytest.approx(40.0, rel=1e-6)
    assert found.p90 == pytest.approx(40.0 * math.exp(0.6 * stats.norm.ppf(0.9)), rel=1e-6)
    assert found.at_once == 0.25
    assert found.gap == pytest.approx(0.0, abs=1e-6)


def test_another_law_is_said_by_the_lognormal_that_comes_nearest() -> None:
    gamma = Distribution(FAMILIES["gamma"], (2.0, 20.0))
    median, p90 = gamma.quantile(0.5), gamma.quantile(0.9)
    poor = fit_of(Distribution(FAMILIES["lognormal"], (90.0, 0.2), 0.5))
    kept = as_model_duration(ModelSelection((fit_of(gamma), poor), fit_of(gamma)))
    assert (kept.median, kept.p90) == (pytest.approx(median), pytest.approx(p90))
    assert kept.at_once == 0.0
    assert 0.005 < kept.gap < 0.1
    # A fitted lognormal that comes nearer is taken in its place.
    sigma = math.log(p90 / median) / stats.norm.ppf(0.9)
    near = fit_of(Distribution(FAMILIES["lognormal"], (median * 1.03, sigma * 1.1)))
    taken = as_model_duration(ModelSelection((fit_of(gamma), near), fit_of(gamma)))
    assert taken.gap <= kept.gap
    if taken.gap < kept.gap:
        assert taken.median == pytest.approx(median * 1.03)


# --- far from the cases ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "completed", "poor"),
    [
        (0.05, 10_000, False),
        (0.051, 10_000, True),
        (0.08, 100, False),  # chance gives 0.9 / 10
        (0.091, 100, True),
        (0.89, 1, False),
        (0.91, 1, True),
        (0.89, 0, False),
    ],
)
def test_a_gap_is_poor_beyond_five_points_and_beyond_chance(
    gap: float, completed: int, poor: bool
) -> None:
    assert is_poor(gap, completed) is poor


def test_the_largest_gap_is_the_largest_difference_of_shares_completed() -> None:
    times, shares = np.array([20.0, 40.0]), np.array([0.3, 0.9])
    assert largest_gap(LOGNORMAL, times, shares) == pytest.approx(0.4)
    exact = LOGNORMAL.cdf(times)
    assert largest_gap(LOGNORMAL, times, exact + np.array([0.0, -0.02])) == pytest.approx(0.02)
    assert math.isnan(largest_gap(LOGNORMAL, np.array([]), np.array([])))
