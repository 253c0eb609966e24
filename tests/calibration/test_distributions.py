"""The laws of lengths: each is SciPy's, and what it says of open cases is its integral."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from cjsim.calibration.fitting.distributions import (
    FAMILIES,
    Distribution,
    FamilyName,
    distribution_of,
)

PARAMETERS: dict[FamilyName, tuple[float, ...]] = {
    "lognormal": (30.0, 0.8),
    "gamma": (1.7, 12.0),
    "weibull": (0.8, 25.0),
    "two_lognormals": (0.3, 2.0, 0.5, 40.0, 0.6),
}
TIMES = np.array([0.5, 3.0, 20.0, 90.0])


def distribution(name: FamilyName, at_once: float = 0.0) -> Distribution:
    return Distribution(FAMILIES[name], PARAMETERS[name], at_once)


def scipys(name: FamilyName) -> list[tuple[float, stats.rv_continuous]]:
    a = PARAMETERS[name]
    if name == "lognormal":
        return [(1.0, stats.lognorm(a[1], scale=a[0]))]
    if name == "gamma":
        return [(1.0, stats.gamma(a[0], scale=a[1]))]
    if name == "weibull":
        return [(1.0, stats.weibull_min(a[0], scale=a[1]))]
    short, long = stats.lognorm(a[2], scale=a[1]), stats.lognorm(a[4], scale=a[3])
    return [(a[0], short), (1.0 - a[0], long)]


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_a_family_is_scipys(name: FamilyName) -> None:
    components = scipys(name)
    assert distribution(name).cdf(TIMES) == pytest.approx(
        sum(w * d.cdf(TIMES) for w, d in components)
    )
    assert distribution(name).mean == pytest.approx(sum(w * d.mean() for w, d in components))


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_open_cases_are_as_old_as_the_integral_says(name: FamilyName) -> None:
    one = distribution(name, at_once=0.4)
    rest = distribution(name)
    for time in TIMES:
        whole, _ = integrate.quad(lambda t: 1.0 - float(rest.cdf(np.array([t]))[0]), 0.0, time)
        # Those dealt with at once are never open, so they do not matter.
        assert float(one.open_cdf(np.array([time]))[0]) == pytest.approx(
            whole / rest.mean, abs=1e-6
        )
    assert one.open_cdf(np.array([-1.0, 0.0, math.inf])) == pytest.approx([0.0, 0.0, 1.0])


@pytest.mark.parametrize("name", sorted(PARAMETERS))
@pytest.mark.parametrize("share", [0.1, 0.45, 0.5, 0.9, 0.99])
def test_a_quantile_is_where_the_share_is_reached(name: FamilyName, share: float) -> None:
    one = distribution(name, at_once=0.2)
    time = one.quantile(share)
    if share <= 0.2:
        assert time == 0.0
    else:
        assert float(one.cdf(np.array([time]))[0]) == pytest.approx(share, abs=1e-7)


def test_the_share_at_once_lies_at_zero_and_not_before() -> None:
    one = distribution("gamma", at_once=0.3)
    assert one.cdf(np.array([-0.1, 0.0])) == pytest.approx([0.0, 0.3])
    assert one.mean == pytest.approx(0.7 * 1.7 * 12.0)


@pytest.mark.parametrize("name", sorted(PARAMETERS))
@pytest.mark.parametrize("free", [-1e9, -30.0, 0.0, 30.0, 1e9])
def test_every_free_number_gives_a_law(name: FamilyName, free: float) -> None:
    family = FAMILIES[name]
    one = distribution_of(family, np.full(len(family.parameters) + 1, free), with_at_once=True)
    assert 0.0 <= one.at_once <= 1.0
    assert not np.isnan(one.cdf(TIMES)).any()


def test_the_longer_part_is_always_the_second() -> None:
    for free in ([0.0, 3.0, 0.0, -20.0, 0.0], [2.0, -1.0, 0.5, 2.0, 0.1]):
        _, short, _, long, _ = FAMILIES["two_lognormals"].from_free(np.array(free))
        assert short <= long
