"""Kaplan and Meier's estimate: the textbook's numbers, and those of real cases."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.calibration.fitting.extract_reader import Extract, read_extract
from cjsim.calibration.fitting.survival import Survival, survival
from tests.conftest import ROOT

COUNTY = ROOT / "tests" / "support" / "extracts" / "cases_prosecuted_county.csv"


@dataclass(frozen=True)
class Case:
    length: float
    complete: bool = True


@pytest.fixture(scope="module")
def county() -> Extract:
    return read_extract(COUNTY)[0]


def test_the_share_still_open_is_that_of_the_textbook() -> None:
    seen = survival([Case(1), Case(2), Case(2, complete=False), Case(3), Case(4)])
    assert list(seen.times) == [1.0, 2.0, 3.0, 4.0]
    # 4 of 5 outlast 1; 3 of 4 of those outlast 2; then 1 of 2, then none.
    assert seen.open == pytest.approx([0.8, 0.6, 0.3, 0.0])
    assert seen.done == pytest.approx([0.2, 0.4, 0.7, 1.0])
    assert [seen.still_open(time) for time in (0.5, 1.0, 2.5, 9.0)] == pytest.approx(
        [1.0, 0.8, 0.6, 0.0]
    )
    # 1 + 0.8 + 0.6 + half of 0.3
    assert seen.mean_within(3.5) == pytest.approx(1.0 + 0.8 + 0.6 + 0.15)


def test_the_six_mercaptopurine_arm_of_freireich_is_as_published() -> None:
    """Freireich and others 1963, as in Kalbfleisch and Prentice: weeks of remission, 21 patients.

    The estimate is 0.857 at 6, 0.690 at 13 and 0.448 at 23 weeks; the median is 23.
    """
    done = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    waiting = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    seen = survival([*map(Case, done), *(Case(each, complete=False) for each in waiting)])
    assert seen.still_open(6) == pytest.approx(0.857, abs=5e-4)
    assert seen.still_open(13) == pytest.approx(0.690, abs=5e-4)
    assert seen.still_open(23) == pytest.approx(0.448, abs=5e-4)
    assert seen.quantile(0.5) == 23.0
    assert math.isnan(seen.quantile(0.6))
    low, high = seen.quantile_limits(0.5)
    assert low == 13.0, "as R's survfit gives with log-log limits"
    assert math.isnan(high)


def test_what_no_case_reaches_is_not_a_number() -> None:
    seen = survival([Case(1), Case(5, complete=False)])
    assert seen.quantile(0.5) == 1.0
    assert math.isnan(seen.quantile(0.51))
    nobody = survival([Case(5, complete=False)])
    assert (nobody.cases, nobody.completed) == (1, 0)
    assert math.isnan(nobody.longest)
    assert nobody.mean_within(3.0) == 3.0
    assert math.isnan(survival([]).quantile(0.5))


@given(st.lists(st.floats(0.1, 500.0), min_size=1, max_size=60))
def test_where_all_are_completed_it_is_the_plain_share_and_mean(lengths: list[float]) -> None:
    seen = survival([Case(each) for each in lengths])
    for time in (1.0, 50.0, 200.0):
        assert seen.still_open(time) == pytest.approx(np.mean(np.array(lengths) > time))
    assert seen.mean_within(seen.longest) == pytest.approx(np.mean(lengths))


# --- a real county ----------------------------------------------------------------------------


def seen_in(county: Extract, name: str) -> Survival:
    return survival(county.spells[name])


def test_charge_to_first_listing_of_a_real_county(county: Extract) -> None:
    seen = seen_in(county, "charge_to_first_listing")
    assert county.as_of.date() == dt.date(2023, 12, 27)
    assert (seen.cases, seen.longest) == (1250, 330.0)
    assert (seen.quantile(0.25), seen.quantile(0.5)) == (35.0, 50.0)
    assert math.isnan(seen.quantile(0.9))
    assert seen.mean_within(330.0) == pytest.approx(101.2, abs=0.05)


def test_first_listing_to_completion_of_a_real_county(county: Extract) -> None:
    seen = seen_in(county, "first_listing_to_completion")
    assert (seen.completed, seen.cases, seen.longest) == (204, 796, 269.0)
    assert seen.quantile(0.25) == 141.0
    assert math.isnan(seen.quantile(0.5))
    assert math.isnan(seen.quantile(0.9))
    assert seen.still_open(269.0) == pytest.approx(0.568, abs=5e-4)
    assert seen.mean_within(269.0) == pytest.approx(208.3, abs=0.05)
