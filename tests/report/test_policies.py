"""Charts of a policy in steps, of a shock that ends, and of duties to victims."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Annotation

from cjsim.report import style
from cjsim.report.board.page import board_page
from cjsim.report.chart import Chart
from cjsim.report.charts.shock import Backlog, backlog_after, relieves, shock_title
from cjsim.report.data import ResultsFolder
from cjsim.report.label_placement import place_labels
from cjsim.report.run_metadata import Shock, shocks_of
from cjsim.report.write import every_chart
from tests.support.report_data import SCENARIOS, write_results

STEPS = {"north_pilot": "1.0", "baseline": "1.3", "whole_county": "1.6"}
TRADE_OFF = {
    "title": "Over-listing of trials",
    "gain": [{"measure": "utilisation", "court": "magistrates", "group": "magistrates_trials"}],
    "loss": [
        {"measure": "witness_attendances_wasted_share", "court": None, "group": None},
        {"measure": "trials_ineffective_share", "court": "magistrates", "group": None},
    ],
    "steps": STEPS,
}


def charts_in(folder: Path) -> dict[str, Chart]:
    with style.house_style():
        return {chart.key: chart for chart, *_ in every_chart(ResultsFolder(folder))}


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Chart]:
    """The charts of a run that asked for a trade-off, has a shock, and counts duties."""
    folder = tmp_path_factory.mktemp("policies")
    return charts_in(
        write_results(
            folder,
            trade_offs=(TRADE_OFF,),
            shock=("2013-10-01", "2014-01-01"),
            duties=True,
        )
    )


def texts(chart: Chart) -> list[str]:
    return [text.get_text() for axes in chart.figure.axes for text in axes.texts]


# --- what is drawn when ---------------------------------------------------------------------


def test_nothing_is_drawn_twice(charts: dict[str, Chart]) -> None:
    assert {"trade_off_1", "shock", "victim_duties"} <= set(charts)
    assert not {"open_caseload", "victims"} & set(charts)


def test_a_plain_run_has_none_of_them(tmp_path: Path) -> None:
    assert not {"trade_off_1", "shock", "victim_duties"} & set(charts_in(write_results(tmp_path)))


@pytest.mark.parametrize("odd", [{"effect": 0.0}, {"replications": 1}, {"replications": 2}])
def test_odd_results_still_give_them(tmp_path: Path, odd: dict[str, Any]) -> None:
    made = charts_in(
        write_results(
            tmp_path,
            trade_offs=(TRADE_OFF,),
            shock=("2013-10-01", "2014-01-01"),
            duties=True,
            **odd,
        )
    )
    for key in ("trade_off_1", "shock", "victim_duties"):
        title = made[key].title
        assert 1 <= len(title.split()) <= 10
        assert not re.search(r"\b(rises?|falls?|outlives)\b", title) or odd == {"replications": 2}
        assert "nan" not in " ".join(cell for row in made[key].table.rows for cell in row).split()


def test_no_subtitle_is_cut(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        assert len(style.shorten_lines(chart.subtitle, 98, 9)) <= 2, chart.key


# --- the trade-off --------------------------------------------------------------------------


def test_the_trade_offs_title_says_what_both_sides_do(charts: dict[str, Chart]) -> None:
    chart = charts["trade_off_1"]
    assert chart.title == "Courtroom use falls 1.8 points, ineffective trials fall 1.8 points"
    assert "3 steps from 1.0 to 1.6" in chart.subtitle
    assert "95% interval" in chart.alternative


def test_every_step_is_named_in_every_panel(charts: dict[str, Chart]) -> None:
    for axes in charts["trade_off_1"].figure.axes:
        said = " ".join(text.get_text() for text in axes.texts)
        assert all(label in said for label in STEPS.values())


def test_the_baseline_is_the_hollow_point(charts: dict[str, Chart]) -> None:
    for axes in charts["trade_off_1"].figure.axes:
        hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
        assert len(hollow) == 1


def test_what_the_results_lack_is_said_on_the_page(tmp_path: Path) -> None:
    gone = {**TRADE_OFF, "gain": [{"measure": "utilisation", "court": "all", "group": "barges"}]}
    folder = write_results(tmp_path, trade_offs=(gone,))
    assert "trade_off_1" not in charts_in(folder)
    page = board_page(ResultsFolder(folder), [])
    assert "asks for utilisation of barges in court all, which these results do not have" in page


def test_of_many_steps_the_ends_and_the_middle_are_compared(tmp_path: Path) -> None:
    names = ("baseline", "b", "a", "d", "c", "e")
    steps = {"a": "1", "b": "2", "baseline": "3", "c": "4", "d": "5", "e": "6"}
    folder = write_results(
        tmp_path, scenarios=names, replications=2, trade_offs=({**TRADE_OFF, "steps": steps},)
    )
    assert ResultsFolder(folder).options == ("a", "c", "e")


def test_names_of_points_that_coincide_are_joined_and_others_stay_apart() -> None:
    with style.house_style():
        fig = style.figure(2.0)
        ((axes,),) = style.grid(fig, 1, 1)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        points = [("a", 0.5, 0.5), ("b", 0.5, 0.5), ("c", 0.52, 0.55), ("d", 0.9, 0.1)]
        place_labels(axes, points, [(0.5, 0.2, 0.5, 0.8)], bold=1)
        fig.draw_without_rendering()
        said = [text for text in axes.texts if isinstance(text, Annotation)]
        assert [text.get_text() for text in said] == ["a and b", "c", "d"]
        assert [text.get_fontweight() for text in said] == ["bold", "normal", "normal"]
        boxes = [text.get_window_extent() for text in said]
    assert not any(
        one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[place + 1 :]
    )


# --- the shock ------------------------------------------------------------------------------


def model(*changes: tuple[str, float, str]) -> dict[str, Any]:
    return {
        "pools": {
            "advocates": {
                "capacity": {
                    "value": 10.0,
                    "source": "assumption",
                    "evidence": "assumed",
                    "changes": [
                        {
                            "from": day,
                            "value": value,
                            "area": area or None,
                            "source": "assumption",
                            "evidence": "assumed",
                        }
                        for day, value, area in changes
                    ],
                }
            }
        }
    }


LAST = dt.date(2015, 3, 31)


def test_a_change_that_is_taken_back_is_a_shock() -> None:
    models = {"baseline": model(), "strike": model(("2013-10-01", 4, ""), ("2014-01-01", 10, ""))}
    found = shocks_of(models, LAST)
    assert found == {"strike": Shock(dt.date(2013, 10, 1), dt.date(2014, 1, 1))}
    assert found["strike"].last == dt.date(2013, 12, 31)


@pytest.mark.parametrize(
    "changes",
    [
        [("2013-10-01", 4, "")],
        [("2013-10-01", 4, ""), ("2014-01-01", 9, "")],
        [("2013-10-01", 4, "north"), ("2014-01-01", 10, "south")],
        [("2013-10-01", 4, ""), ("2016-01-01", 10, "")],
        [],
    ],
    ids=["for good", "not quite back", "back elsewhere", "after the run", "nothing"],
)
def test_what_does_not_end_within_the_run_is_none(changes: list[tuple[str, float, str]]) -> None:
    assert shocks_of({"baseline": model(), "cut": model(*changes)}, LAST) == {}


def test_a_shock_lasts_from_its_first_change_to_its_last_return() -> None:
    changes = [
        ("2013-10-01", 4, "north"),
        ("2013-11-01", 4, "south"),
        ("2014-01-01", 10, "north"),
        ("2014-03-01", 10, "south"),
    ]
    (found,) = shocks_of({"baseline": model(), "strike": model(*changes)}, LAST).values()
    assert found == Shock(dt.date(2013, 10, 1), dt.date(2014, 3, 1))


def test_the_baselines_own_changes_are_no_shock() -> None:
    own = ("2013-06-01", 12.0, "")
    models = {
        "baseline": model(own),
        "strike": model(own, ("2013-10-01", 4, ""), ("2014-01-01", 12, "")),
    }
    (found,) = shocks_of(models, LAST).values()
    assert found == Shock(dt.date(2013, 10, 1), dt.date(2014, 1, 1))


def backlog(clear: list[int], *, months: int = 12, peak: int = 4) -> Backlog:
    """A shock in months 2 and 3; `clear` are the months whose lower bound is above 0."""
    middle = np.zeros(months)
    middle[clear] = 10.0
    if clear:
        middle[peak] = 20.0
    low = np.full(months, -1.0)
    low[clear] = 1.0
    return backlog_after(middle, low, 2.0, 4.0)


def test_a_backlog_is_followed_until_three_months_show_none() -> None:
    assert backlog([3, 4, 5, 7]) == Backlog("gone", 4, 4, 20.0)
    assert backlog([3, 4, 5, 7]).in_words() == "leaves a backlog that outlives it by 4 months"


def test_a_backlog_that_is_still_there_is_told_as_at_least() -> None:
    left = backlog([3, 4, 5, 6, 7, 8, 9, 10, 11])
    assert (left.fate, left.months) == ("left", 8)
    assert shock_title({"a": left}) == "The backlog outlives its shock by at least 8 months"


def test_a_backlog_may_come_after_the_shock() -> None:
    assert backlog([6, 7], peak=7).in_words() == "leaves a backlog that outlives it by 4 months"


def test_no_backlog_is_called_none() -> None:
    assert backlog([]).fate == "none"
    assert shock_title({"a": backlog([])}) == "The shock leaves no clear backlog"


def test_a_backlog_that_ends_with_the_shock_is_told_so() -> None:
    ended = backlog([2, 3], peak=3)
    assert (ended.fate, ended.months) == ("gone", 0)
    assert shock_title({"a": ended}) == "No clear backlog is left once the shock is over"


def test_a_change_for_the_better_that_ends_is_no_shock() -> None:
    fewer, more, unclear = (-9.0, -1.0), (1.0, 9.0), (-5.0, 5.0)
    for months, relief in (
        ([unclear, fewer, unclear], True),
        ([unclear, unclear], False),
        ([more, fewer], False),
    ):
        low, high = np.array(months).T
        assert relieves(low, high) is relief


def test_the_months_of_the_shock_are_shaded_from_its_dates(charts: dict[str, Chart]) -> None:
    for axes in charts["shock"].figure.axes:
        (shade,) = axes.patches
        left, right = shade.get_extents().transformed(axes.transData.inverted()).intervalx
        assert (left, right) == (pytest.approx(6.0), pytest.approx(9.0))
    assert "1 Oct 2013 to 31 Dec 2013" in texts(charts["shock"])


def test_the_shocks_data_are_of_every_month(charts: dict[str, Chart]) -> None:
    rows = charts["shock"].data_rows
    assert len(rows) == 36 * (len(SCENARIOS) - 1)
    assert all(math.isfinite(value) for row in rows for value in row[2:])


# --- duties ---------------------------------------------------------------------------------


def test_the_parts_of_a_duty_fill_its_bar(charts: dict[str, Chart]) -> None:
    chart = charts["victim_duties"]
    by_group = {(row[0], row[1]): row[2:] for row in chart.data_rows}
    for due, *parts in by_group.values():
        assert sum(parts) == pytest.approx(due, rel=0.06)
    assert by_group["whole_county", "all"][1] < by_group["baseline", "all"][1]


def test_the_title_names_the_option_that_moves_duties_most(charts: dict[str, Chart]) -> None:
    assert charts["victim_duties"].title == "Extended to the county: timely duties fall 14 points"


def test_every_scenario_has_its_panel_of_duties_and_of_withdrawals(
    charts: dict[str, Chart],
) -> None:
    titles = [axes.get_title(loc="left") for axes in charts["victim_duties"].figure.axes]
    assert sum(bool(title) for title in titles) == len(SCENARIOS)
    assert len(titles) == 2 * len(SCENARIOS) + 1
