"""Small numbers stay hidden, and cannot be worked out from what is shown."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cjsim.calibrate.fits.suppression import shown_column, shown_count, shown_groups, shown_places


def test_a_small_number_and_a_small_rest_are_not_shown() -> None:
    assert shown_count(0, 100, 5) == "0"
    assert shown_count(4, 100, 5) == "fewer than 5"
    assert shown_count(97, 100, 5) == "all but fewer than 5"
    assert shown_count(50, 100, 5) == "50"
    assert shown_count(9, 100, 10) == "fewer than 10"


def test_one_hidden_group_takes_the_next_smallest_with_it() -> None:
    shown, hidden = shown_groups({"a": 3, "b": 400, "c": 12}, 5)
    assert shown == ["b"]
    assert hidden == ["a", "c"]


def test_no_group_is_hidden_without_need() -> None:
    assert shown_groups({"a": 5, "b": 400}, 5) == (["a", "b"], [])


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 60), max_size=12), st.integers(5, 12))
def test_what_is_hidden_cannot_be_had_by_subtraction(counts: dict[str, int], least: int) -> None:
    shown, hidden = shown_groups(counts, least)
    assert sorted([*shown, *hidden]) == sorted(counts)
    assert all(counts[group] >= least for group in shown)
    if hidden and shown:
        assert len(hidden) > 1
        assert sum(counts[group] for group in hidden) >= least


def test_in_a_column_a_single_small_cell_hides_another() -> None:
    assert shown_column([30, 2, 20, 8], [90, 40, 30, 20], 5) == [
        "30", "fewer than 5", "20", "not shown",
    ]  # fmt: skip


@given(st.lists(st.integers(0, 40), max_size=300), st.integers(5, 12))
def test_marks_on_a_chart_have_enough_cases_between_and_around(days: list[int], least: int) -> None:
    places = shown_places(days, least)
    counted = Counter(days)
    ends = [-1.0, *places, 1e9]
    if places:
        for low, high in pairwise(ends):
            assert sum(n for day, n in counted.items() if low < day <= high) >= least
