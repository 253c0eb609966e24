"""Fitting: figures that determine a law give it, those that do not are said not to."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from cjsim.calibration.fitting.disclosure import protect
from cjsim.calibration.fitting.distributions import FAMILIES, FAMILY_NAMES, Distribution
from cjsim.calibration.fitting.extract_reader import Spell
from cjsim.calibration.fitting.goodness import as_model_duration, chi_square, goodness
from cjsim.calibration.fitting.model_selection import (
    Data,
    Figure,
    fit_family,
    select_distribution,
    summaries,
)


def mean_and_median(mean: float, median: float) -> Data:
    return Data(
        (
            Figure("mean", mean, 0.01 * mean),
            Figure("quantile", median, 0.01 * median, at=0.5),
        )
    )


def counted(spells: list[Spell]) -> Data:
    """What may be known of some cases: their counts by interval."""
    table = protect(spells, "days")
    assert table is not None
    return table.data()


def test_mean_and_median_give_the_textbook_lognormal() -> None:
    fit = fit_family(mean_and_median(63.0, 59.0), FAMILIES["lognormal"])
    median, sigma = fit.distribution.parameters
    assert median == pytest.approx(59.0, rel=1e-3)
    assert sigma == pytest.approx(math.sqrt(2.0 * math.log(63.0 / 59.0)), rel=1e-2)


def test_two_figures_cannot_tell_the_laws_apart_and_a_mixture_is_not_tried() -> None:
    selection = select_distribution(mean_and_median(63.0, 59.0), FAMILY_NAMES)
    assert selection is not None
    assert selection.chosen.distribution.family.name == "lognormal"
    assert {fit.distribution.family.name for fit in selection.as_good} == {"gamma", "weibull"}
    assert [name for name, _ in selection.untried] == ["two_lognormals"]


def test_one_figure_determines_nothing() -> None:
    assert select_distribution(Data((Figure("mean", 53.0, 1.0),)), FAMILY_NAMES) is None


def test_a_share_at_zero_is_found_with_the_rest() -> None:
    truth = Distribution(FAMILIES["lognormal"], (40.0, 0.6), 0.55)
    data = Data(
        (
            Figure("mean", truth.mean, 0.1),
            Figure("share_at_zero", 0.55, 0.005),
            Figure("quantile", truth.quantile(0.9), 0.5, at=0.9),
        )
    )
    fit = fit_family(data, FAMILIES["lognormal"], with_at_once=True)
    assert fit.distribution.at_once == pytest.approx(0.55, abs=0.01)
    assert fit.distribution.parameters == pytest.approx((40.0, 0.6), rel=0.05)


def test_a_lower_bound_pulls_only_from_below() -> None:
    free = mean_and_median(35.0, 28.0)
    met = Figure("share_above", 0.01, 0.002, at=50.0, at_least=True)
    unmet = Figure("share_above", 0.5, 0.002, at=50.0, at_least=True)
    plain = fit_family(free, FAMILIES["lognormal"]).distribution.parameters
    same = fit_family(Data((*free.figures, met)), FAMILIES["lognormal"]).distribution.parameters
    moved = fit_family(Data((*free.figures, unmet)), FAMILIES["lognormal"]).distribution
    assert same == pytest.approx(plain, rel=1e-3)
    assert 1.0 - float(moved.cdf(np.array([50.0]))[0]) > 0.25


def test_what_is_held_out_is_compared_and_not_fitted() -> None:
    data = mean_and_median(35.0, 28.0)
    out = Figure("share_above", 0.9, 0.01, at=50.0, held_out=True)
    fit = fit_family(Data((*data.figures, out)), FAMILIES["lognormal"])
    assert fit.distribution.parameters == pytest.approx(
        fit_family(data, FAMILIES["lognormal"]).distribution.parameters
    )
    last = goodness(fit, Data((*data.figures, out))).figures[-1]
    assert last.held_out
    assert not last.within


def test_ages_of_open_cases_give_back_the_law_of_lengths() -> None:
    truth = Distribution(FAMILIES["lognormal"], (100.0, 0.7))
    edges = np.array([0.0, 28.0, 56.0, 84.0, 112.0, 182.0, 365.0, 730.0, np.inf])
    counts = 50_000 * np.diff(truth.open_cdf(edges))
    data = Data(age_low=edges[:-1], age_high=edges[1:], age_count=counts)
    fit = fit_family(data, FAMILIES["lognormal"])
    assert fit.distribution.parameters == pytest.approx(truth.parameters, rel=0.01)


@pytest.mark.parametrize(
    ("name", "scipys"),
    [("lognormal", stats.lognorm), ("gamma", stats.gamma), ("weibull", stats.weibull_min)],
)
def test_censored_cases_are_fitted_as_scipy_does(name: str, scipys: stats.rv_continuous) -> None:
    rng = np.random.default_rng(4)
    lengths = 20.0 * rng.weibull(1.3, 800) + 1.0
    patience = rng.uniform(5.0, 60.0, 800)
    done = lengths <= patience
    low, high = np.floor(lengths[done]), np.floor(lengths[done]) + 1.0
    after = np.round(patience[~done], 1)
    data = Data(
        low=low,
        high=high,
        count=np.ones(len(low)),
        open_after=after,
        open_count=np.ones(len(after)),
    )
    ours = fit_family(data, FAMILIES[name])  # type: ignore[index]
    data = stats.CensoredData(interval=np.column_stack([low, high]), right=after)
    theirs = scipys(*scipys.fit(data, floc=0.0))
    assert ours.distribution.quantile(0.5) == pytest.approx(theirs.median(), rel=2e-3)
    assert ours.distribution.quantile(0.9) == pytest.approx(theirs.ppf(0.9), rel=2e-3)


def test_a_mixture_is_chosen_where_one_lognormal_cannot_serve() -> None:
    rng = np.random.default_rng(1)
    short = rng.lognormal(math.log(1.5), 0.4, 700)
    long = rng.lognormal(math.log(40.0), 0.5, 1300)
    spells = [Spell(round(float(one)), complete=True, group="") for one in (*short, *long)]
    selection = select_distribution(counted(spells), FAMILY_NAMES)
    assert selection is not None
    assert selection.chosen.distribution.family.name == "two_lognormals"
    assert selection.chosen.distribution.parameters[0] == pytest.approx(0.35, abs=0.03)
    # A model file can only say a lognormal, and is told how wrong that is.
    assert as_model_duration(selection).gap > 0.05


def test_open_cases_left_out_would_bias_what_is_found() -> None:
    rng = np.random.default_rng(7)
    lengths = rng.lognormal(math.log(60.0), 0.8, 3000)
    seen = rng.uniform(0.0, 120.0, 3000)
    spells = [
        Spell(float(round(min(length, until))), complete=length <= until, group="")
        for length, until in zip(lengths, seen, strict=True)
    ]
    censored = fit_family(counted(spells), FAMILIES["lognormal"])
    naive = fit_family(counted([one for one in spells if one.complete]), FAMILIES["lognormal"])
    low, high = censored.interval("median", 2.58)
    assert low < 60.0 < high
    without = naive.interval("median", 2.58)[1]
    assert without < 45.0


def test_chi_square_joins_thin_bins_and_counts_what_lies_beyond() -> None:
    counts = np.array([50.0, 30.0, 15.0, 3.0, 2.0])
    exact = chi_square(counts, counts / counts.sum(), 1)
    assert exact is not None
    # 3 and 2 are joined: four bins, less one, less one free number.
    assert (exact.statistic, exact.degrees) == (pytest.approx(0.0), 2)
    wrong = chi_square(counts, np.array([0.3, 0.3, 0.2, 0.1, 0.05]), 1)
    assert wrong is not None
    assert wrong.p < 1e-3
    assert chi_square(counts[:2], np.array([0.6, 0.4]), 2) is None


def test_the_nearest_law_of_a_model_keeps_a_lognormal_as_it_is() -> None:
    selection = select_distribution(mean_and_median(35.0, 28.0), ["lognormal"])
    assert selection is not None
    distribution = as_model_duration(selection)
    assert (distribution.median, distribution.p90) == pytest.approx(
        summaries(selection.chosen.distribution)[:2]
    )
    assert distribution.gap < 1e-6
