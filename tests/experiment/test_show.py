"""Tables on screen: what is shown first, and how a number is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.formatting.numbers import NOTHING, both_ends, number, span
from cjsim.formatting.tables import text_table


@pytest.mark.parametrize(
    ("value", "unit", "signed", "text"),
    [
        (0.6912, "share", False, "69.1 %"),
        (-0.0123, "share", True, "-1.2 pt"),
        (0.0004, "share", True, "+0.04 pt"),
        (3962817.4, "GBP", False, "3,962,817"),
        (21.46, "days", False, "21.5"),
        (1.234, "hearings per case", True, "+1.23"),
        (0.0, "days", True, "0"),
        (-0.0, "days", True, "0"),
        (float("nan"), "days", False, "–"),
        (None, "days", True, "–"),
    ],
)
def test_a_number_has_three_figures_or_so(
    value: float | None, unit: str, signed: bool, text: str
) -> None:
    assert number(value, unit, signed=signed) == text


def test_a_piped_table_is_plain_and_never_cut() -> None:
    long = "x" * 300
    text = text_table(["name", "n"], [["[red]a[/red]", "1"], [long, "20"]], numbers={1})
    assert text.splitlines() == [
        f"{'name':<300}   n",
        f"{'[red]a[/red]':<300}   1",
        f"{long}  20",
    ]


def test_a_drawn_table_shows_brackets_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    text = text_table(["scenario [x]"], [["[bold]north[/bold]"]], numbers=set())
    assert "scenario [x]" in text
    assert "[bold]north[/bold]" in text


HEADINGS = ("measure", "group", "difference", "95 % interval", "verdict")
WIDE = [
    ("early_guilty_plea_rate", "all", "+3.3 pt", "-1.4 pt to +8.0 pt", "no clear difference"),
    ("cost_gbp", "victims_and_witnesses", "+6,818", "+5,151 to +8,485", "worse"),
]


@pytest.mark.parametrize("columns", [200, 100, 80, 60, 40])
def test_no_number_is_cut_in_two_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    drawn = text_table(HEADINGS, WIDE, numbers={2, 3})
    text = re.sub("\x1b\\[[0-9;]*m", "", drawn)
    for cell in ("+3.3 pt", "-1.4 pt to +8.0 pt", "+6,818", "+5,151 to +8,485"):
        assert cell in text
    assert max(len(line) for line in text.splitlines()) <= columns
    if columns == 40:
        assert text.splitlines()[:3] == [
            "early_guilty_plea_rate",
            "  group: all; difference: +3.3 pt;",
            "  95 % interval: -1.4 pt to +8.0 pt;",
        ]


@given(
    st.floats(-1e7, 1e7),
    st.floats(1e-6, 1.0),
    st.sampled_from(["days", "GBP", "share", "count", "%"]),
)
def test_two_ends_of_an_interval_never_look_alike(low: float, width: float, unit: str) -> None:
    ends = span(low, low + width, unit)
    first, second = ends.split(" to ")
    assert first != second


def test_an_end_beside_nothing_does_not_look_like_nothing() -> None:
    assert span(-1.0, -1.0 + 1e-4, "days") == "-1.000 to -0.9999"
    assert span(0.00004, 2.0, "days") == "+0.00004 to +2.0000"
    assert span(-2.0, 3.0, "days") == "-2.00 to +3.00"
    assert span(None, None, "days") == NOTHING


def test_a_range_without_width_is_no_range() -> None:
    assert span(2.0, 2.0, "days") == "+2.00"
    assert both_ends("0.00", "0.00") == "0.00"
    assert both_ends("0.00", "0.01") == "0.00 to 0.01"
