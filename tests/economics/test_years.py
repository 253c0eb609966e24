"""Money over the years, worked out by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from cjsim.economics.years import (
    NEVER,
    break_even_months,
    by_year,
    carried_forward,
    discount_factors,
    financial_year,
    middle_and_ends,
    months_from,
    present_values,
)
from cjsim.schema.base import Probability

RATE = Probability.model_validate(
    {"value": 0.035, "source": "made by hand", "evidence": "measured"}, by_alias=True
)
SIX_YEARS = months_from(dt.date(2014, 4, 1), 72)


def test_a_financial_year_begins_in_april() -> None:
    days = [dt.date(2014, 3, 1), dt.date(2014, 4, 1), dt.date(1999, 12, 1), dt.date(2000, 1, 1)]
    assert [financial_year(day) for day in days] == ["2013-14", "2014-15", "1999-00", "1999-00"]


def test_the_last_twelve_months_come_again_in_their_order() -> None:
    run = np.arange(18.0).reshape(1, 18)
    whole = carried_forward(run, 14)[0]
    assert whole[:18].tolist() == list(range(18))
    assert whole[18:].tolist() == [*range(6, 18), 6, 7]


def test_less_than_a_year_is_not_carried() -> None:
    with pytest.raises(ValueError, match="less than a year"):
        carried_forward(np.zeros((1, 11)), 3)


def test_months_are_summed_by_financial_year() -> None:
    months = months_from(dt.date(2014, 1, 1), 6)
    values = np.array([[1.0, 2, 3, 10, 20, 30]])
    assert by_year(values, months, ["2013-14", "2014-15", "2015-16"]).tolist() == [[6, 60, 0]]


def test_the_net_present_value_is_the_one_worked_out_by_hand() -> None:
    # 100 paid in April 2014; 24 saved in each of the six years: 24 / 1.035^t, t = 0 to 5.
    saved = np.zeros((1, 72))
    saved[0, 0] = -100
    saved[0, [12 * year + 6 for year in range(6)]] += 24
    by_hand = -100 + 24 + 23.188406 + 22.404257 + 21.646625 + 20.914613 + 20.207356
    (found,) = present_values(saved, discount_factors(RATE, SIX_YEARS))
    assert found == pytest.approx(by_hand, abs=1e-4)
    assert by_hand == pytest.approx(32.361257)


def test_a_rate_that_changes_counts_from_its_own_year_on() -> None:
    changed = Probability.model_validate(
        {
            "value": 0.06,
            "source": "made by hand",
            "evidence": "measured",
            "changes": [
                {
                    "from": dt.date(2016, 4, 1),
                    "value": 0.035,
                    "source": "made by hand",
                    "evidence": "measured",
                }
            ],
        }
    )
    factors = discount_factors(changed, SIX_YEARS)
    expected = [1, 1 / 1.06, 1 / 1.06 / 1.035, 1 / 1.06 / 1.035**2]
    assert factors[[0, 12, 24, 36]] == pytest.approx(expected)
    assert len(set(factors[:12].tolist())) == 1


def test_it_breaks_even_in_the_month_from_which_on_more_is_saved_than_paid() -> None:
    flat = np.ones(6)
    saved = np.array(
        [
            [-10.0, 4, 4, 4, 4, 4],  # -10 -6 -2 +2: the fourth month
            [-10.0, 12, -4, 1, 2, 1],  # ahead, behind again, and ahead to stay in the fifth
            [-10.0, 1, 1, 1, 1, 1],
            [0.0, 0, 5, 0, 0, 0],
            [0.0, 0, 0, 0, 0, 0],
            [0.0, 5, -3, 0, 0, 0],
        ]
    )
    assert break_even_months(saved, flat).tolist() == [3, 4, NEVER, 2, NEVER, 1]


def test_money_that_comes_back_late_is_worth_less() -> None:
    saved = np.zeros((1, 24))
    saved[0, 0], saved[0, 23] = -100, 101
    months = months_from(dt.date(2014, 4, 1), 24)
    assert break_even_months(saved, np.ones(24)).tolist() == [23]
    assert break_even_months(saved, discount_factors(RATE, months)).tolist() == [NEVER]


def test_moments_are_told_by_their_middle_and_ends_and_never_is_the_last() -> None:
    assert middle_and_ends(np.array([5.0, NEVER, 3, 4, 9])) == (5, 3, NEVER)
