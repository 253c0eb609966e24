"""What the courts did beside what was published of it: sums, weights and years by hand."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from cjsim.calibration.backcast.court_activity import (
    EFFECTIVE,
    HEARINGS,
    HOURS,
    INEFFECTIVE,
    KINDS,
    ActivityFigure,
    PublishedActivity,
    activity_figures,
    disposals,
    read_court_activity,
)
from cjsim.calibration.backcast.scoreboard import activity_page
from cjsim.errors import Faults
from tests.conftest import ROOT

SERIES = ROOT / "calibration" / "series" / "crown_quarterly.csv"
LAST = dt.date(2018, 12, 31)
QUARTERS = [
    (dt.date(year, month, 1), dt.date(year, month + 2, 30 if month in (4, 7) else 31))
    for year in (2017, 2018)
    for month in (1, 4, 7, 10)
]


def kpis(first: dt.date = dt.date(2017, 1, 1)) -> pa.Table:
    """Two replications of 24 months: 10 trials a month, 6 effective, 2 and 3 ineffective."""
    rows = []
    for year in (2017, 2018):
        for month in range(1, 13):
            if dt.date(year, month, 1) < first:
                continue
            for number in (0, 1):
                values = {
                    ("trial_hearings", ""): 10.0,
                    ("trial_hearings", "effective"): 6.0,
                    ("trial_hearings", "ineffective"): 2.0 + number,
                    ("cases_disposed", ""): 100.0 if month <= 6 else 300.0,
                    ("hearings_per_case", ""): 2.0 if month <= 6 else 4.0,
                    ("court_minutes_per_case", ""): 120.0,
                }
                rows += [
                    {
                        "scenario": "baseline",
                        "replication": number,
                        "kpi": kpi,
                        "court": "crown",
                        "group": group,
                        "period": f"{year}-{month:02d}",
                        "value": value,
                    }
                    for (kpi, group), value in values.items()
                ]
    return pa.Table.from_pylist(rows)


def figures() -> list[PublishedActivity]:
    """A year of trials, quarters of hearings and hours, years of days, one past the end."""
    year = (dt.date(2017, 1, 1), dt.date(2017, 12, 31))
    found = [
        PublishedActivity(EFFECTIVE, *year, 80.0, 80.0, "x"),
        PublishedActivity(INEFFECTIVE, *year, 0.13, 0.19, "x"),
        PublishedActivity(
            "sitting_days", dt.date(2017, 4, 1), dt.date(2018, 3, 31), 1000.0, 1000.0, "x"
        ),
        PublishedActivity(
            "sitting_days", dt.date(2018, 4, 1), dt.date(2019, 3, 31), 2000.0, 2000.0, "x"
        ),
    ]
    for place, (first, last) in enumerate(QUARTERS):
        found.append(
            PublishedActivity(HEARINGS, first, last, 3.0 + place % 4, 3.0 + place % 4, "x")
        )
        found.append(PublishedActivity(HOURS, first, last, 2.0, 2.0, "x"))
    return found


def work(table: pa.Table) -> dict[tuple[str, str], ActivityFigure]:
    ended = {last: 100.0 if last.month < 12 else 700.0 for _, last in QUARTERS}
    return {(one.what, one.year): one for one in activity_figures(table, figures(), ended, LAST)}


def test_counts_are_added_up_and_shares_taken_of_the_sums() -> None:
    found = work(kpis())
    assert found[EFFECTIVE, "2017"].simulated == 72.0
    assert found[EFFECTIVE, "2017"].published == (80.0, 80.0)
    failed = found[INEFFECTIVE, "2017"]
    assert (failed.low, failed.simulated, failed.high) == pytest.approx((0.2, 0.25, 0.3))


def test_quarters_are_weighed_by_the_cases_that_ended() -> None:
    found = work(kpis())[HEARINGS, "2018"]
    assert found.published[0] == pytest.approx((3 + 4 + 5 + 7 * 6) / 10)
    assert found.simulated == pytest.approx((600 * 2 + 1800 * 4) / 2400)


def test_hours_are_those_of_the_cases_over_the_days_sat() -> None:
    found = work(kpis())
    whole = found[HOURS, "2017/18"]
    # April to June, July to December, January to March: 300, 1,800 and 300 cases of two hours.
    assert whole.simulated == pytest.approx(2 * 2400 / 1000)
    assert whole.published[0] == pytest.approx(2 * 1000 / 1000)
    assert found[HOURS, "2018/19, 3 quarters"].simulated == pytest.approx(2 * 2100 / 1500)


def test_a_year_that_was_not_simulated_whole_is_left_out() -> None:
    found = work(kpis(first=dt.date(2017, 4, 1)))
    assert (EFFECTIVE, "2017") not in found
    assert (HEARINGS, "2017") not in found
    assert (HOURS, "2017/18") in found
    assert (HEARINGS, "2018") in found


def test_nothing_published_after_what_is_judged_is_looked_at() -> None:
    ended = {last: 100.0 for _, last in QUARTERS}
    early = activity_figures(kpis(), figures(), ended, dt.date(2017, 9, 30))
    assert {one.what for one in early} == {HOURS}


def test_the_page_has_them_all_and_none_without_figures() -> None:
    page = activity_page(list(work(kpis()).values()))
    assert "| effective trials | 2017 | 80 | 72 | 72 | 72 |" in page
    assert "| ineffective, of trials listed | 2017 | 0.13 to 0.19 | 0.25 | 0.20 | 0.30 |" in page
    assert activity_page([]) == ""


def test_every_figure_of_the_series_stands_in_the_register() -> None:
    with (ROOT / "calibration" / "register.csv").open(encoding="utf-8", newline="") as file:
        register = {row["id"]: row["value"].replace(",", "") for row in csv.DictReader(file)}
    known = read_court_activity(SERIES)
    assert {one.what for one in known} == set(KINDS)
    for one in known:
        numbers = [float(cell) for cell in register[one.source].split(";")]
        if one.source == "crown_trials_2021" and one.what == EFFECTIVE:
            assert one.low == round(numbers[0] * numbers[1])
            continue
        assert {one.low, one.high} <= set(numbers), one
    assert all(one.last in disposals(SERIES) for one in known if one.what in (HEARINGS, HOURS))


def test_another_table_is_a_fault(tmp_path: Path) -> None:
    series = tmp_path / "open.csv"
    assert read_court_activity(series) == []
    (tmp_path / "open_work.csv").write_text("what,from\nx,y\n", encoding="utf-8")
    with pytest.raises(Faults, match="table of what the courts did has no such column") as found:
        read_court_activity(series)
    assert [fault.key for fault in found.value.faults] == [
        "line 1, high",
        "line 1, low",
        "line 1, source",
        "line 1, to",
    ]
