"""Paired comparison: the difference, the interval, the word."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from cjsim.errors import Faults
from cjsim.measures import compare
from cjsim.measures.comparison import _Judged, _verdict, least_worth_having
from cjsim.measures.intervals import paired_intervals

COLUMNS = (
    "scenario",
    "kpi",
    "court",
    "group",
    "period",
    "unit",
    "baseline",
    "value",
    "difference",
    "low",
    "high",
    "per_cent",
    "probability_better",
    "n",
    "differed",
    "correlation",
    "verdict",
    "confidence",
    "probability_best",
)


def _kpis(
    kpi: str, baseline: list[float], reform: list[float], *, period: str = "all"
) -> list[dict[str, Any]]:
    return [
        {
            "scenario": scenario,
            "replication": replication,
            "kpi": kpi,
            "court": "all",
            "group": "",
            "period": period,
            "value": value,
            "unit": "days",
        }
        for scenario, values in (("baseline", baseline), ("reform", reform))
        for replication, value in enumerate(values)
    ]


def _table(*rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([row for part in rows for row in part])


def _only(kpis: pa.Table, **more: Any) -> dict[str, Any]:
    (row,) = compare(kpis, **more).to_pylist()
    return row  # type: ignore[no-any-return]


def test_the_interval_is_students_for_paired_values() -> None:
    # Differences 1, 2, 3, 4: mean 2.5, standard deviation 1.291, t of 3 degrees 3.1824.
    row = _only(_table(_kpis("arrest_to_disposal_days", [10, 20, 30, 40], [11, 22, 33, 44])))
    half = 3.182446305 * math.sqrt(5 / 3) / 2
    assert row["difference"] == 2.5
    assert row["low"] == pytest.approx(2.5 - half)
    assert row["high"] == pytest.approx(2.5 + half)
    assert row["baseline"] == 25
    assert row["value"] == 27.5
    assert row["per_cent"] == pytest.approx(10)
    assert row["n"] == 4
    assert row["differed"] == 4
    assert row["correlation"] == pytest.approx(1)
    assert row["verdict"] == "too few replications"
    assert row["probability_better"] == 0
    assert tuple(row) == COLUMNS


def test_a_scenario_with_the_baselines_own_model_differs_by_exactly_nothing() -> None:
    row = _only(_table(_kpis("cost_gbp", [0.1, 0.3, 0.7], [0.1, 0.3, 0.7])), unchanged={"reform"})
    assert (row["difference"], row["low"], row["high"]) == (0.0, 0.0, 0.0)
    assert row["verdict"] == "no difference"
    assert row["probability_better"] is None
    assert row["differed"] == 0


def test_a_difference_that_is_not_seen_is_not_known_to_be_nothing() -> None:
    row = _only(_table(_kpis("cost_gbp", [0.1, 0.3, 0.7], [0.1, 0.3, 0.7])))
    assert (row["difference"], row["low"], row["high"]) == (0.0, None, None)
    assert row["verdict"] == "no difference seen"
    assert (row["n"], row["differed"], row["confidence"]) == (3, 0, None)
    assert row["probability_better"] is None


def test_a_scenario_called_unchanged_that_differs_is_judged_like_any_other() -> None:
    kpis = _table(_kpis("cost_gbp", [10.0, 20.0, 30.0], [11.0, 22.0, 30.0]))
    assert _only(kpis, unchanged={"reform"}) == _only(kpis)


def test_the_word_follows_the_measures_better_direction() -> None:
    low, high = [0.50, 0.52, 0.51] * 2, [0.60, 0.63, 0.61] * 2
    assert _only(_table(_kpis("early_guilty_plea_rate", low, high)))["verdict"] == "better"
    assert _only(_table(_kpis("early_guilty_plea_rate", high, low)))["verdict"] == "worse"
    assert _only(_table(_kpis("adjournments_per_case", high, low)))["verdict"] == "better"
    assert _only(_table(_kpis("police_charged_share", low, high)))["verdict"] == "higher"
    assert _only(_table(_kpis("police_charged_share", high, low)))["verdict"] == "lower"


def test_a_measure_without_a_better_direction_has_no_probability_of_it() -> None:
    row = _only(_table(_kpis("police_charged_share", [0.5, 0.6], [0.6, 0.8])))
    assert row["probability_better"] is None


def test_an_interval_that_spans_nothing_is_no_clear_difference() -> None:
    row = _only(_table(_kpis("cost_gbp", [10] * 8, [11, 9, 12, 10, 9, 11, 8, 12])))
    assert row["low"] < 0 < row["high"]
    assert row["verdict"] == "no clear difference"
    # Three replications cheaper, four dearer and one the same, which counts half.
    assert row["probability_better"] == pytest.approx(3.5 / 8)
    assert row["differed"] == 7


def test_a_difference_too_small_to_be_worth_having_is_none() -> None:
    kpis = _table(_kpis("cost_gbp", [100, 200, 300] * 2, [101, 201.1, 300.9] * 2))
    assert _only(kpis)["verdict"] == "worse"
    assert _only(kpis, worthwhile={"cost_gbp": 2.0})["verdict"] == "no clear difference"
    assert _only(kpis, worthwhile={"cost_gbp": 1.05})["verdict"] == "worse"


@pytest.mark.parametrize(
    ("group", "verdict"),
    [
        ("", "no clear difference"),
        ("median", "no clear difference"),
        ("p90", "no clear difference"),
        ("police", "worse"),
        ("division:north", "worse"),
    ],
)
def test_the_least_worth_having_is_asked_of_the_whole_measure_alone(
    group: str, verdict: str
) -> None:
    rows = _kpis("cost_gbp", [100, 200, 300] * 2, [101, 201.1, 300.9] * 2)
    kpis = _table([{**row, "group": group} for row in rows])
    assert _only(kpis, worthwhile={"cost_gbp": 2.0})["verdict"] == verdict


def test_one_replication_gives_no_interval() -> None:
    row = _only(_table(_kpis("cost_gbp", [10], [12])))
    assert (row["difference"], row["n"]) == (2, 1)
    assert row["low"] is None
    assert row["high"] is None
    assert row["verdict"] == "too few replications"
    assert _only(_table(_kpis("cost_gbp", [10], [10])))["verdict"] == "no difference seen"


@pytest.mark.parametrize(
    ("count", "worthwhile", "word"),
    [
        (5, 0.0, "too few replications"),
        (6, 0.0, "better"),
        (6, 1.0, "no clear difference"),
        (6, 0.9, "better"),
    ],
)
def test_of_differences_that_are_all_the_same_the_direction_is_judged_and_no_interval_given(
    count: int, worthwhile: float, word: str
) -> None:
    before = [10.0 * (n + 1) for n in range(count)]
    kpis = _table(_kpis("cost_gbp", before, [value - 1 for value in before]))
    row = _only(kpis, worthwhile={"cost_gbp": worthwhile})
    assert (row["difference"], row["low"], row["high"], row["confidence"]) == (-1, None, None, None)
    assert row["verdict"] == word
    assert (row["n"], row["differed"]) == (count, count)


def test_differences_that_are_the_same_but_for_rounding_are_the_same() -> None:
    after = [10.1, 0.1 + 0.2 + 19.8, 30.1, 1e-15 + 40.1, 50.1, 60.1]
    row = _only(_table(_kpis("cost_gbp", [10, 20, 30, 40, 50, 60], after)))
    assert row["difference"] == pytest.approx(0.1)
    assert (row["low"], row["verdict"]) == (None, "worse")


def test_equal_differences_that_a_sign_test_is_not_sure_of_among_several_ask_for_more() -> None:
    # Six that agree have p = 0.031: enough for one scenario, not for the first of two.
    certain = [value + 1.0 for value in BEFORE]
    rows = compare(_several("cost_gbp", BEFORE, a=NONE, b=certain)).to_pylist()
    assert [row["verdict"] for row in rows] == ["no clear difference", "too few replications"]


def test_nothing_to_divide_by_gives_no_per_cent_and_no_correlation() -> None:
    row = _only(_table(_kpis("custody_warrants", [0, 0, 0], [1, 2, 1])))
    assert row["per_cent"] is None
    assert row["correlation"] is None


def test_only_the_whole_period_is_compared() -> None:
    monthly = _kpis("cost_gbp", [1, 2], [3, 4], period="2013-04")
    whole = _kpis("cost_gbp", [10, 20], [30, 40])
    assert _only(_table(monthly, whole))["baseline"] == 15


def test_replications_are_paired_whatever_their_order_and_strays_left_out() -> None:
    rows = _kpis("cost_gbp", [10, 20, 30], [11, 22, 33])
    stray = {**rows[0], "replication": 7}
    shuffled = _only(_table([*reversed(rows), stray]))
    assert shuffled["n"] == 3
    assert shuffled["difference"] == 2


def test_a_measure_that_one_side_lacks_is_not_compared() -> None:
    rows = _kpis("cost_gbp", [10, 20], [11, 22]) + _kpis("conviction_rate", [1, 1], [])
    assert compare(_table(rows))["kpi"].to_pylist() == ["cost_gbp"]


def test_another_baseline_may_be_chosen() -> None:
    row = _only(_table(_kpis("cost_gbp", [10, 20], [11, 22])), baseline="reform")
    assert (row["scenario"], row["difference"]) == ("baseline", -1.5)


def test_unknown_names_are_refused_with_a_suggestion() -> None:
    kpis = _table(_kpis("cost_gbp", [10, 20], [11, 22]))
    with pytest.raises(Faults, match='Did you mean "baseline"') as refused:
        compare(kpis, baseline="baselin", worthwhile={"cost_gpb": 1.0})
    assert 'Did you mean "cost_gbp"' in str(refused.value)


def _several(kpi: str, baseline: list[float], **scenarios: list[float]) -> pa.Table:
    return _table(
        *(
            [
                {**row, "scenario": name}
                for row in _kpis(kpi, values, [])
                if row["scenario"] != "reform"
            ]
            for name, values in {"baseline": baseline, **scenarios}.items()
        )
    )


BEFORE = [10.0, 12.0, 9.0, 11.0, 13.0, 10.5]
SOON = [b + d for b, d in zip(BEFORE, (2.0, 2.1, 1.9, 2.2, 1.8, 2.0), strict=True)]
SOME = [b + d for b, d in zip(BEFORE, (1.0, 0.2, 1.5, 0.1, 0.9, 0.3), strict=True)]
MORE = [b + d for b, d in zip(BEFORE, (1.0, 0.5, 1.5, 0.2, 0.9, 0.6), strict=True)]
NONE = [b + d for b, d in zip(BEFORE, (1.0, -1.2, 0.5, -0.6, 0.9, -0.4), strict=True)]


def test_several_scenarios_have_holms_levels_from_the_smallest_p_on() -> None:
    rows = compare(_several("cost_gbp", BEFORE, a=NONE, b=SOON, c=MORE)).to_pylist()
    levels = {row["scenario"]: row["confidence"] for row in rows}
    assert levels == pytest.approx({"b": 1 - 0.05 / 3, "c": 1 - 0.05 / 2, "a": 1 - 0.05})
    for row in rows:
        after = {"a": NONE, "b": SOON, "c": MORE}[row["scenario"]]
        test = stats.ttest_rel(after, BEFORE)
        interval = test.confidence_interval(levels[row["scenario"]])
        assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_after_the_first_that_is_not_clear_no_level_is_lowered() -> None:
    rows = compare(_several("cost_gbp", BEFORE, a=NONE, b=SOME, c=SOME)).to_pylist()
    # The p of SOME is 0.0498: not clear at 0.05 / 3, and no other is judged less strictly.
    assert stats.ttest_rel(SOME, BEFORE).pvalue > 0.05 / 3
    assert {row["confidence"] for row in rows} == {1 - 0.05 / 3}
    assert {row["verdict"] for row in rows} == {"no clear difference"}


def test_a_copy_of_the_baseline_costs_the_others_nothing() -> None:
    alone = compare(_several("cost_gbp", BEFORE, b=SOME)).to_pylist()
    beside = compare(_several("cost_gbp", BEFORE, a=BEFORE, b=SOME)).to_pylist()
    assert beside[0]["verdict"] == "no difference seen"
    assert (beside[1]["low"], beside[1]["high"]) == (alone[0]["low"], alone[0]["high"])


def test_the_best_of_all_is_counted_with_the_baseline_among_them() -> None:
    # Cheapest is best. Replication by replication: a; a and b tie; the baseline; b.
    kpis = _several("cost_gbp", [5, 5, 1, 5], a=[1, 2, 3, 4], b=[2, 2, 2, 2])
    best = {row["scenario"]: row["probability_best"] for row in compare(kpis).to_pylist()}
    assert best == {"a": 1.5 / 4, "b": 1.5 / 4}
    neither = compare(_several("police_charged_share", [5, 5], a=[1, 2])).to_pylist()
    assert neither[0]["probability_best"] is None


def test_where_more_is_better_the_most_is_best() -> None:
    # Replication by replication: a; the baseline; a and b tie.
    kpis = _several("early_guilty_plea_rate", [0.5, 0.9, 0.1], a=[0.6, 0.5, 0.3], b=[0.4, 0.5, 0.3])
    best = {row["scenario"]: row["probability_best"] for row in compare(kpis).to_pylist()}
    assert best == pytest.approx({"a": 1.5 / 3, "b": 0.5 / 3})


def test_a_tie_counts_half_and_a_gain_is_a_rise_where_more_is_better() -> None:
    rise = _only(_table(_kpis("early_guilty_plea_rate", [0.5] * 4, [0.6, 0.4, 0.5, 0.6])))
    assert rise["probability_better"] == pytest.approx((2 + 0.5) / 4)
    fall = _only(_table(_kpis("cost_gbp", [5.0, 5.0, 5.0, 5.0], [6.0, 4.0, 5.0, 6.0])))
    assert fall["probability_better"] == pytest.approx((1 + 0.5) / 4)


def test_what_cannot_be_best_keeps_nothing_else_from_being_it() -> None:
    kpis = _table(
        *(
            _several(kpi, before, a=after).to_pylist()
            for kpi, before, after in (
                ("police_charged_share", [5, 5], [1, 2]),  # no direction is better
                ("adjournments_per_case", [3, 4], [3, 4]),  # the same everywhere
                ("cost_gbp", [5, 5], [6, 4]),
            )
        )
    )
    best = {row["kpi"]: row["probability_best"] for row in compare(kpis).to_pylist()}
    assert best == {"police_charged_share": None, "adjournments_per_case": None, "cost_gbp": 0.5}


def test_equal_differences_have_the_sign_tests_place_in_holms_order() -> None:
    before = BEFORE * 2
    certain = [value + 1.0 for value in before]
    rows = compare(_several("cost_gbp", before, a=NONE * 2, b=certain)).to_pylist()
    assert [row["verdict"] for row in rows] == ["no clear difference", "worse"]
    assert [row["confidence"] for row in rows] == [pytest.approx(1 - 0.05), None]


def test_each_measure_has_levels_of_its_own() -> None:
    kpis = _table(
        _several("cost_gbp", BEFORE, a=SOON, b=NONE).to_pylist(),
        _several("open_cases", BEFORE, a=NONE, b=NONE).to_pylist(),
    )
    levels = {(row["kpi"], row["scenario"]): row["confidence"] for row in compare(kpis).to_pylist()}
    assert levels == pytest.approx(
        {
            ("cost_gbp", "a"): 0.975,
            ("cost_gbp", "b"): 0.95,
            ("open_cases", "a"): 0.975,
            ("open_cases", "b"): 0.975,
        }
    )


def test_two_replications_are_enough_for_an_order() -> None:
    rows = compare(_several("cost_gbp", [10, 12], a=[20, 22.001], b=[11, 10])).to_pylist()
    assert [row["confidence"] for row in rows] == pytest.approx([0.975, 0.95])


def test_an_interval_has_a_level_and_none_has_none() -> None:
    assert _only(_table(_kpis("cost_gbp", [1, 2], [2, 5])))["confidence"] == 0.95
    assert _only(_table(_kpis("cost_gbp", [1, 2], [1, 2])))["confidence"] is None
    assert _only(_table(_kpis("cost_gbp", [1], [2])))["confidence"] is None


def test_of_a_part_any_difference_is_worth_having() -> None:
    assert least_worth_having({"cost_gbp": 5.0}, "cost_gbp", "police") == 0.0
    assert least_worth_having({"cost_gbp": 5.0}, "cost_gbp", "median") == 5.0


@pytest.mark.parametrize(
    ("low", "high", "worthwhile", "word"),
    [
        (0.0, 2.0, 0.0, "no clear difference"),
        (-2.0, 0.0, 0.0, "no clear difference"),
        (0.1, 2.0, 2.0, "no clear difference"),
        (-2.0, -0.1, 2.0, "no clear difference"),
        (0.1, 2.1, 2.0, "higher"),
        (-2.1, -0.1, 2.0, "lower"),
    ],
)
def test_an_end_that_is_nothing_or_just_worth_having_is_not_clear(
    low: float, high: float, worthwhile: float, word: str
) -> None:
    judged = _Judged((low + high) / 2, low, high, 6, 6, 0.95)
    assert _verdict(judged, "neither", worthwhile) == word


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    # 4,000 synthetic experiments of 10 paired replications whose true difference is 1.
    random_streams = np.random.default_rng(20130401)
    before = random_streams.normal(50, 10, size=(4000, 10))
    after = before + 1 + random_streams.normal(0, 3, size=(4000, 10))
    low, high = paired_intervals(before, after)
    covered = float(((low <= 1) & (high >= 1)).mean())
    assert 0.935 < covered < 0.964


def test_what_differs_in_its_last_digits_alone_is_no_difference() -> None:
    """The same pounds added up in another order: sums of floats differ in their last bits."""
    pounds = [462_097.31, 451_008.02, 470_311.77]
    later = [one + 6e-11 for one in pounds]
    assert later != pounds, "or this test tells nothing"
    row = _only(_table(_kpis("cost_gbp", pounds, later)))
    assert (row["difference"], row["low"], row["high"], row["differed"]) == (0, None, None, 0)
    assert row["verdict"] == "no difference seen"
    assert row["probability_best"] is None
    (penny,) = compare(
        _table(_kpis("cost_gbp", pounds * 2, [one + 0.01 for one in pounds * 2]))
    ).to_pylist()
    assert penny["verdict"] == "worse"


# --- few that differ ------------------------------------------------------------------------


@pytest.mark.parametrize("differing", range(1, 6))
def test_nothing_is_clear_from_fewer_than_six_replications_that_differ(differing: int) -> None:
    before = [50.0 + n for n in range(10)]
    after = [value + (1.0 + 0.01 * n if n < differing else 0.0) for n, value in enumerate(before)]
    row = _only(_table(_kpis("cost_gbp", before, after)))
    assert (row["differed"], row["verdict"]) == (differing, "no clear difference")
    assert row["low"] <= 0 < row["difference"] < row["high"]


def test_six_of_ten_that_differ_can_be_clear() -> None:
    before = [50.0 + n for n in range(10)]
    after = [value + (1.0 + 0.01 * n if n < 6 else 0.0) for n, value in enumerate(before)]
    row = _only(_table(_kpis("cost_gbp", before, after)))
    assert (row["differed"], row["verdict"]) == (6, "worse")
    assert 0 < row["low"] < row["high"]


def test_fewer_than_six_replications_are_too_few_whatever_they_say() -> None:
    before = [10.0, 20.0, 30.0, 40.0, 50.0]
    row = _only(_table(_kpis("cost_gbp", before, [value + 5 + value / 100 for value in before])))
    assert row["low"] > 0
    assert row["verdict"] == "too few replications"


def test_correlation_is_the_same_on_every_processor() -> None:
    # Added up in BLAS's order these give 0.9999999999999998 on some processors.
    before = [0.1 * n for n in range(17)]
    row = _only(_table(_kpis("cost_gbp", before, [3 * value + 0.7 for value in before])))
    assert row["correlation"] == pytest.approx(1, abs=1e-15)
    random_streams = np.random.default_rng(20130405)
    one, other = random_streams.normal(size=(2, 30))
    row = _only(_table(_kpis("cost_gbp", list(one), list(other))))
    assert row["correlation"] == pytest.approx(np.corrcoef(one, other)[0, 1], rel=1e-12)
