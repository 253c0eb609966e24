"""A back-cast judged: errors, naive forecasts, bands, the scoreboard, the chart, by hand."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cjsim.calibration.backcast.ages import age_shares, published_shares
from cjsim.calibration.backcast.chart import write_chart
from cjsim.calibration.backcast.run import at_factors, read_quarters, write_quarters
from cjsim.calibration.backcast.scoreboard import (
    ages_page,
    as_html,
    scoreboard_page,
    scoreboard_text,
)
from cjsim.calibration.backcast.scores import (
    BACKCAST,
    CALIBRATED,
    PROJECTED,
    Quarter,
    bands,
    in_bands,
    mean_absolute_errors,
    naive_forecasts,
    phase_of,
    quarter_ends,
    quarters_of,
    read_forecasts,
    read_published,
    read_series,
    scores,
)
from cjsim.errors import Faults
from cjsim.experiment.open_ages import Band
from cjsim.scenarios.load import load_model
from cjsim.schema.backcast import Backcast, Unknown
from tests.conftest import ROOT

ENDS = quarter_ends(dt.date(2018, 10, 1), dt.date(2020, 12, 31))
ORIGIN, JUDGED_TO = dt.date(2019, 12, 31), dt.date(2020, 6, 30)
PUBLISHED = dict(
    zip(ENDS, (80.0, 85.0, 90.0, 95.0, 100.0, 110.0, 125.0, 999.0, 999.0), strict=True)
)


def simulated(*levels: float) -> list[Quarter]:
    """Quarters whose replications all come to these levels, with no draw that moves them."""
    same = {end: np.full(2, level) for end, level in zip(ENDS, levels, strict=True)}
    none = {end: np.zeros(2) for end in ENDS}
    return quarters_of(same, none, PUBLISHED, origin=ORIGIN, judged_to=JUDGED_TO, one_in=1.0)


QUARTERS = simulated(80, 85, 90, 95, 100, 99, 150, 160, 170)


def test_quarters_end_with_march_june_september_and_december() -> None:
    found = quarter_ends(dt.date(2019, 12, 31), dt.date(2020, 12, 30))
    assert [f"{end:%m-%d}" for end in found] == ["12-31", "03-31", "06-30", "09-30"]


def test_a_quarter_is_calibrated_on_then_judged_then_projected() -> None:
    phases = [phase_of(end, ORIGIN, JUDGED_TO) for end in ENDS]
    assert phases == [CALIBRATED] * 5 + [BACKCAST] * 2 + [PROJECTED] * 2


def test_what_was_published_after_the_end_of_what_is_judged_is_not_looked_at() -> None:
    assert [math.isnan(one.published) for one in QUARTERS] == [False] * 7 + [True] * 2


def test_a_series_that_is_too_short_or_has_nothing_open_is_refused(tmp_path: Path) -> None:
    series = tmp_path / "quarters.csv"
    rows = [f"{end},{0 if end == ENDS[1] else 80}" for end in ENDS[:4]]
    series.write_text("\n".join(["quarter_end,open_cases", *rows]) + "\n")
    with pytest.raises(Faults) as told:
        read_series(series, ORIGIN)
    assert {fault.wrong for fault in told.value.faults} == {
        f"this is 0 on {ENDS[1]}.",
        "4 quarter ends have a number up to the origin of the back-cast, 2019-12-31.",
    }
    more = [f"{end},80" for end in ENDS[:5]]
    series.write_text("\n".join(["quarter_end,open_cases", *more]) + "\n")
    assert naive_forecasts(read_series(series, ORIGIN), ORIGIN, 4) == (80.0, 80.0)


def test_persistence_stays_and_drift_goes_on_by_the_mean_step_of_four_quarters() -> None:
    # From 80 to 100 in four quarters: five a quarter.
    assert naive_forecasts(PUBLISHED, ORIGIN, 1) == (100.0, 105.0)
    assert naive_forecasts(PUBLISHED, ORIGIN, 4) == (100.0, 120.0)


def test_errors_are_shares_of_what_was_published() -> None:
    one, two = scores(QUARTERS, PUBLISHED, ORIGIN, (1, 2, 8))
    assert (one.quarters, one.end) == (1, dt.date(2020, 3, 31))
    assert one.model == pytest.approx(99 / 110 - 1)
    assert one.persistence == pytest.approx(100 / 110 - 1)
    assert one.drift == pytest.approx(105 / 110 - 1)
    assert two.model == pytest.approx(0.2)
    assert two.persistence == pytest.approx(-0.2)
    assert two.drift == pytest.approx(110 / 125 - 1)


def test_the_mean_absolute_error_is_over_every_quarter_judged() -> None:
    model, stays, drifts = mean_absolute_errors(QUARTERS, PUBLISHED, ORIGIN)
    assert model == pytest.approx((0.1 + 0.2) / 2)
    assert stays == pytest.approx((10 / 110 + 0.2) / 2)
    assert drifts == pytest.approx((5 / 110 + 15 / 125) / 2)


def test_bands_hold_what_the_draws_move_and_chance_less_the_root_of_the_sample() -> None:
    levels, shifts = np.array([90.0, 110.0]), np.array([-20.0, 0.0, 20.0])
    whole, chance, spread = bands(levels, shifts, 1.0)
    assert chance == pytest.approx(np.sqrt(200))
    assert spread == pytest.approx(20.0)
    assert whole[0] < 80 < whole[1] < 100 < whole[2] < 120 < whole[3]
    nearly, _, _ = bands(levels, shifts, 1e9)
    assert nearly[0] == pytest.approx(80.0, abs=0.1)
    assert nearly[3] == pytest.approx(120.0, abs=0.1)


def test_who_is_inside_the_bands_is_counted_over_one_phase() -> None:
    wide = [
        Quarter(one.end, one.phase, one.published, 0.0, 0.0, 100.0, 115.0, 999.0, 0.0, 0.0)
        for one in QUARTERS
    ]
    assert in_bands(wide, BACKCAST) == (1, 2, 2)


def test_the_scoreboard_tells_errors_and_what_is_projected() -> None:
    text = scoreboard_text(QUARTERS, PUBLISHED, ORIGIN)
    assert "Mean absolute error over the 2 quarters judged: 15.0 %" in text
    assert "Projected for 31 December 2020: 170 open cases" in text
    page = scoreboard_page(QUARTERS, PUBLISHED, ORIGIN)
    assert "| 1 quarter | 31 March 2020 | \u221210.0 % | \u22129.1 % | \u22124.5 % |" in page
    assert "999" not in page
    # All replications agree here, so that every error lies outside the bands.
    assert "| 🔴 2020-03-31 | back-cast |" in page
    assert "🔴 The published figure lies outside the 90 % band; [the back-cast]" in page
    assert "| 2020-09-30 | projected |" in page


def test_the_scoreboard_is_a_page_of_its_own_that_asks_for_nothing_else() -> None:
    page = as_html(scoreboard_page(QUARTERS, PUBLISHED, ORIGIN), "Cases <open>: scoreboard")
    assert page.count("<table>") == 2
    assert "<td>🔴 2020-03-31</td>" in page
    assert "<title>Cases &lt;open&gt;: scoreboard</title>" in page
    assert "http" not in page
    assert "<script>" not in as_html("a <script>b</script>", "c")


def test_forecasts_on_record_stand_beside_the_errors(tmp_path: Path) -> None:
    series = tmp_path / "open.csv"
    assert read_forecasts(series) == []
    beside = tmp_path / "open_forecasts.csv"
    beside.write_text(
        "forecast,made,ahead,lowest_error,highest_error,source\n"
        "A ministry,2021,three years,-0.35,-0.30,somewhere\nAnother,2024,a year,0.5,0.5,\n",
        encoding="utf-8",
    )
    found = read_forecasts(series)
    assert [(one.forecast, one.low, one.high) for one in found] == [
        ("A ministry", -0.35, -0.30),
        ("Another", 0.5, 0.5),
    ]
    page = scoreboard_page(QUARTERS, PUBLISHED, ORIGIN, found)
    assert "| A ministry | 2021 | three years | \u221235.0 % to \u221230.0 % |" in page
    assert "| Another | 2024 | a year | +50.0 % |" in page
    beside.write_text("forecast\nA ministry\n", encoding="utf-8")
    with pytest.raises(Faults, match="forecasts on record has no such column"):
        read_forecasts(series)


def test_the_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_quarters(QUARTERS, tmp_path / "backcast.parquet")
    again = read_quarters(tmp_path / "backcast.parquet")
    assert str(again) == str(QUARTERS)
    with pytest.raises(Faults, match="no back-cast"):
        read_quarters(tmp_path / "elsewhere.parquet")


def test_the_chart_names_its_phases_and_how_much_a_case_stands_for(tmp_path: Path) -> None:
    png = write_chart(QUARTERS, tmp_path, one_in=50.0, source="Source: made by hand.")
    assert png.read_bytes().startswith(b"\x89PNG")
    text = png.with_suffix(".svg").read_text(encoding="utf-8")
    assert "Calibrated on" in text
    assert "One simulated case stands for 50." in text
    assert "Back-cast off by 15% on average" in text


def test_a_series_without_its_columns_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "series.csv"
    wrong.write_text("quarter,open\n2019-12-31,5\n", encoding="utf-8")
    with pytest.raises(Faults, match="series by quarter has no such column"):
        read_published(wrong)
    with pytest.raises(Faults, match="there is no such series by quarter"):
        read_published(tmp_path / "nothing.csv")


def test_no_outcome_after_2021_stands_in_the_projects_series() -> None:
    published = read_published(ROOT / "calibration" / "series" / "crown_quarterly.csv")
    assert max(published) == dt.date(2021, 12, 31)


def unknown(path: str, low: float, high: float, **when: object) -> Unknown:
    """Something that nobody knows."""
    known = {"source": "assumption", "evidence": "assumed", "path": path, "factor": (low, high)}
    return Unknown.model_validate({**known, **when})


def test_a_factor_bears_on_its_stretch_of_time_alone() -> None:
    model = load_model(ROOT / "models" / "england_wales_2016")
    path = "lists.crown_trials.session_minutes"
    late = unknown(path, 0.5, 1.0, **{"from": dt.date(2019, 4, 1), "to": dt.date(2019, 12, 31)})
    before = model.lists["crown_trials"].session_minutes
    after = at_factors(model, {late: 0.5}, "file").lists["crown_trials"].session_minutes
    assert after.value == before.value
    factors = [
        now.value / then.value for now, then in zip(after.changes, before.changes, strict=True)
    ]
    assert factors == [0.5 if then.from_ == dt.date(2019, 4, 1) else 1.0 for then in before.changes]


def test_a_factor_on_what_the_model_has_not_is_refused() -> None:
    model = load_model(ROOT / "models" / "england_wales_2016")
    with pytest.raises(Faults, match="no value"):
        at_factors(model, {unknown("lists.crown_trails.session_minutes", 0.9, 1.1): 1.0}, "file")


def test_a_backcast_is_judged_after_its_origin() -> None:
    with pytest.raises(ValueError, match="ends"):
        Backcast.model_validate(
            {
                "published": "x.csv",
                "origin": ORIGIN,
                "judged_to": ORIGIN,
                "unknown": (unknown("a.b", 0.9, 1.1),),
            }
        )


def test_ages_are_compared_as_shares_of_the_open_cases_that_have_one() -> None:
    bands = [Band(0, 28, 40), Band(28, 182, 20), Band(182, 365, 30), Band(365, math.inf, 10)]
    shares = {"up to half a year": 0.6, "half a year to a year": 0.3, "over a year": 0.1}
    assert published_shares(bands) == pytest.approx(shares)
    asked = Backcast.model_validate(
        {
            "published": "x.csv",
            "origin": ORIGIN,
            "judged_to": JUDGED_TO,
            "unknown": (unknown("a.b", 0.9, 1.1),),
        }
    )
    counts = {"up_to_3_months": 30, "3_to_6_months": 20, "6_to_12_months": 40, "over_12_months": 10}
    rows = [
        {
            "scenario": "baseline",
            "replication": replication,
            "kpi": "open_cases",
            "court": "crown",
            "group": group,
            "period": "2019-12",
            "value": float(count),
        }
        for replication in (0, 1)
        for group, count in (*counts.items(), ("", 100))
    ]
    published = {ORIGIN: bands, dt.date(2021, 12, 31): bands}
    found = age_shares(pa.Table.from_pylist(rows), asked, published)
    assert [(one.age, one.simulated) for one in found] == [
        ("up to half a year", 0.5),
        ("half a year to a year", 0.4),
        ("over a year", 0.1),
    ]
    assert "| 2019-12-31 | over a year | 10.0 % | 10.0 % | 10.0 % | 10.0 % |" in ages_page(found)
