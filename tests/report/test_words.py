"""Numbers in words: rounding to the interval, signs, units, titles of ten words at most."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.formatting import numbers
from cjsim.formatting.numbers import Kind
from cjsim.formatting.words import counted, listed
from cjsim.report import wording
from cjsim.report.difference import Difference


def difference(
    middle: float,
    low: float,
    high: float,
    *,
    baseline: float = 0.6,
    verdict: str = "better",
    judged: bool = False,
    differed: int = 6,
) -> Difference:
    return Difference(
        scenario="x",
        kpi="k",
        court="all",
        group="",
        unit="",
        baseline=baseline,
        value=baseline + middle,
        difference=middle,
        low=low,
        high=high,
        per_cent=100 * middle / baseline if baseline else math.nan,
        n=6,
        verdict=verdict,
        judged=judged,
        differed=differed,
    )


@pytest.mark.parametrize(
    ("low", "high", "exponent"),
    [
        (4.2, 8.1, 0 - 1),  # half-width 1.95: one digit finer than 1
        (0.0, 9.0, 0),
        (-380.0, -300.0, 1),
        (0.0312, 0.0398, -3),
        (2.0e6, 2.9e6, 5),
        (12.31, 12.39, 0),  # never more than two figures of the larger bound
    ],
)
def test_the_last_digit_is_that_of_the_half_width(low: float, high: float, exponent: int) -> None:
    assert numbers.exponent_for(low, high) == exponent


@pytest.mark.parametrize(
    ("kind", "one", "change", "interval"),
    [
        ("share", difference(0.0604, 0.02, 0.1), "+6 points", "+2 to +10"),
        ("share", difference(0.01, 0.001, 0.019), "+1.0 points", "+0.1 to +1.9"),
        ("days", difference(-2.6, -7.3, 2.1, baseline=22), "\u22123 days", "\u22127 to +2"),
        (
            "days",
            difference(0, 0, 0, baseline=22, verdict="no difference"),
            "0.0 days",
            "the same in all 6 replications",
        ),
        (
            "gbp",
            difference(-1.93e6, -2.8e6, -1.06e6, baseline=2.27e8),
            "\u2212\u00a31.9 million",
            "\u2212\u00a32.8 million to \u2212\u00a31.1 million",
        ),
        (
            "gbp",
            difference(12345, 7000, 17690, baseline=2e5),
            "+\u00a312,000",
            "+\u00a37,000 to +\u00a318,000",
        ),
        (
            "count",
            difference(-380, -417, -343, baseline=5230),
            "\u2212380",
            "\u2212420 to \u2212340",
        ),
    ],
)
def test_a_change_is_written_as_its_interval_allows(
    kind: Kind, one: Difference, change: str, interval: str
) -> None:
    assert wording.signed_change(kind, one) == change
    assert wording.interval(kind, one) == interval


def test_a_bound_beside_zero_is_not_rounded_to_zero() -> None:
    assert wording.interval("share", difference(0.012, 0.0002, 0.0238)) == "+0.02 to +2.4"
    assert wording.interval("share", difference(0.012, -0.0002, 0.0242)) == "0.0 to +2.4"


@given(
    st.floats(-1e6, 1e6),
    st.floats(0.02, 1.0),
    st.sampled_from(["days", "gbp", "count", "minutes", "ratio"]),
)
def test_two_ends_of_an_interval_never_look_alike(low: float, width: float, kind: Kind) -> None:
    one = difference(low + width / 2, low, low + width, baseline=2e6)
    first, second = wording.interval(kind, one).split(" to ")
    assert first != second


def test_levels_that_are_told_alike_do_not_read_like_an_interval() -> None:
    assert wording.levels("count", difference(-380, -417, -343, baseline=5230), "{} to {}") == (
        "5,230 to 4,850"
    )
    assert wording.levels("count", difference(-0.5, -20, 18, baseline=88), "from {} to {}") == (
        "88 with and without it"
    )


def test_what_is_known_to_be_the_same_has_no_interval() -> None:
    same = difference(0.0, 0.0, 0.0, baseline=22, verdict="no difference", differed=0)
    assert wording.interval("days", same) == "the same in all 6 replications"


def test_where_there_is_no_interval_it_is_said_what_was_seen() -> None:
    same = difference(-1.0, math.nan, math.nan, baseline=22)
    assert wording.interval("days", same) == "the same in all 6 replications"
    assert wording.interval_named("days", same) == "the same in all 6 replications"
    unseen = difference(
        0.0, math.nan, math.nan, baseline=22, verdict="no difference seen", differed=0
    )
    assert wording.interval_named("days", unseen) == "none of 6 replications differs"
    assert wording.direction(unseen) == "no difference seen"
    assert wording.moves("Waits", "days", unseen) == "No change seen in waits"
    some = difference(-1.0, -4.0, 2.0, baseline=22, verdict="no clear difference", differed=3)
    assert wording.interval_named("days", some) == (
        f"95% interval {numbers.MINUS}4 to +2; 3 of 6 replications differ"
    )


def test_one_replication_has_no_interval() -> None:
    alone = difference(0.05, math.nan, math.nan, verdict="too few replications")
    alone = replace(alone, n=1, differed=1)
    assert wording.interval("share", alone) == "no interval"
    assert wording.direction(alone) == "too few replications"
    assert wording.moves("Hearings", "share", alone) == "Too few replications to judge hearings"


def test_one_level_is_rounded_alike_beside_each_of_its_differences() -> None:
    coarse, fine = difference(0.03, 0.01, 0.05), difference(0.030, 0.0285, 0.0315)
    assert wording.level("share", 0.6123, coarse, fine) == wording.level("share", 0.6123, coarse)


def test_a_measure_that_was_nothing_has_no_per_cent() -> None:
    assert wording.per_cent(difference(1.0, 0.5, 1.5, baseline=0.0)) == "not known"


@pytest.mark.parametrize(
    ("verdict", "middle", "arrow", "direction"),
    [
        ("better", 0.05, "\u25b2", "up, better"),
        ("worse", -0.05, "\u25bc", "down, worse"),
        ("higher", 0.05, "\u25b2", "up"),
        ("no clear difference", 0.005, "\u25ac", "no clear difference"),
        (
            "no clear difference",
            0.05,
            "\u25ac",
            "too small to matter",
        ),
    ],
)
def test_an_arrow_never_stands_without_its_word(
    verdict: str, middle: float, arrow: str, direction: str
) -> None:
    one = difference(middle, middle - 0.01, middle + 0.01, verdict=verdict, judged=True)
    assert wording.arrow(one) == arrow
    assert wording.direction(one) == direction


@pytest.mark.parametrize(
    ("verdict", "direction"), [("better", "down, right way"), ("worse", "down, wrong way")]
)
def test_where_no_size_was_declared_worth_having_only_the_direction_is_told(
    verdict: str, direction: str
) -> None:
    one = difference(-0.05, -0.06, -0.04, verdict=verdict)
    assert wording.direction(one) == direction
    assert wording.only_direction([direction, "no clear difference"]) == wording.ONLY_DIRECTION
    assert wording.only_direction(["down, better", "no clear difference"]) == ""


def test_shares_become_people() -> None:
    assert wording.natural_frequency(difference(0.06, 0.02, 0.1)) == "about 60 more in every 1,000"
    unclear = difference(0.06, -0.1, 0.2, verdict="no clear difference")
    assert wording.natural_frequency(unclear) == ""


@pytest.mark.parametrize(
    ("kind", "one", "title"),
    [
        ("share", difference(0.0604, 0.05, 0.07), "Pleas rise 6.0 points"),
        ("share", difference(-0.01, -0.019, -0.001), "Pleas fall 1.0 points"),
        ("ratio", difference(-0.08, -0.1, -0.06), "Pleas fall 13%"),
        ("gbp", difference(-1.93e6, -2.8e6, -1.06e6), "Pleas fall by \u00a31.9 million"),
        (
            "share",
            difference(0.01, -0.02, 0.04, verdict="no clear difference"),
            "No clear change in pleas",
        ),
        ("share", difference(0, 0, 0, verdict="no difference"), "No change in pleas"),
    ],
)
def test_a_title_says_what_moved(kind: Kind, one: Difference, title: str) -> None:
    assert wording.moves("Pleas", kind, one) == title


def test_a_title_takes_the_first_wording_that_fits() -> None:
    long = "one two three four five six seven eight nine ten eleven"
    assert wording.title(long, "short enough") == "short enough"
    assert wording.title(long) == "one two three four five six seven eight nine ten"


def test_lists_and_axes_read_as_english() -> None:
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a"]) == "a"
    assert [numbers.pounds_short(value) for value in (0, -2e6, 1.5e6, 2e5)] == [
        "\u00a30",
        "\u2212\u00a32m",
        "\u00a31.5m",
        "\u00a3200k",
    ]


@pytest.mark.parametrize(("verdict", "told"), [("better", "pays less"), ("worse", "pays more")])
def test_an_agency_pays_more_or_less_in_every_text_of_the_page(verdict: str, told: str) -> None:
    """The table of money says so; a sentence beside a chart that says otherwise contradicts it."""
    middle = 0.05 if verdict == "worse" else -0.05
    one = replace(
        difference(middle, middle - 0.01, middle + 0.01, verdict=verdict),
        kpi="cost_gbp",
        group="police",
    )
    assert wording.direction(one) == wording.verdict(one) == told
    whole = replace(one, group="", judged=True)
    assert wording.verdict(whole) == verdict


def test_a_sum_that_is_the_same_every_time_is_told_to_three_figures_of_its_own() -> None:
    """Of an agency of 54.9 million pounds three figures would be 0.3 million of 337,420 pounds."""
    posts = difference(337_420, 337_420, 337_420, baseline=54.85e6, verdict="worse")
    assert wording.signed_change("gbp", posts) == "+\u00a3337,000"
    noise = replace(posts, high=posts.high + 1e-7)
    assert wording.signed_change("gbp", noise) == "+\u00a3337,000"
    assert wording.level("gbp", posts.baseline, posts) == "\u00a354.85 million"
    days = difference(-1, -1, -1, baseline=26, verdict="better")
    assert wording.signed_change("days", days) == "\u22121.0 days", "only money is exact"


@pytest.mark.parametrize(("number", "told"), [(1, "1 replication"), (4, "4 replications")])
def test_one_of_a_thing_is_not_several(number: int, told: str) -> None:
    assert counted(number, "replication") == told
