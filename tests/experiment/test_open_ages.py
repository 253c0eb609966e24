"""Open cases drawn by their published ages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cjsim.england_wales.open_cases import read_open_cases
from cjsim.errors import Faults
from cjsim.experiment.open_ages import Band, bands_on_eve, draw_by_age, read_bands
from cjsim.scenarios.load import load_model
from tests.conftest import ROOT

BANDS = [Band(0, 28, 100), Band(28, 91, 50), Band(91, float("inf"), 30)]


def donor(days: float, stands: str = "awaiting_plea_hearing") -> dict[str, str]:
    return {"received_crown_days_ago": f"{days}", "stands_at": stands}


def test_as_many_of_each_age_are_drawn_as_are_published_one_for_many() -> None:
    donors = [donor(day) for day in range(200)]
    drawn = [float(row["received_crown_days_ago"]) for row in draw_by_age(donors, BANDS, one_in=10)]
    assert [sum(band.holds(days) for days in drawn) for band in BANDS] == [10, 5, 3]


def test_a_total_scales_every_band() -> None:
    donors = [donor(day) for day in range(200)]
    assert len(draw_by_age(donors, BANDS, one_in=10, total=360)) == 36


def test_too_few_donors_are_taken_again_and_none_is_a_fault() -> None:
    donors = [donor(5), donor(40), donor(100)]
    assert len(draw_by_age(donors, BANDS, one_in=10)) == 18
    with pytest.raises(Faults, match="no simulated case is 91 to inf days old"):
        draw_by_age(donors[:2], BANDS, one_in=10)


def test_bands_that_leave_a_gap_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "ages.csv"
    head = "quarter_end,from_days,to_days,cases,source\n"
    file.write_text(head + "2016-03-31,0,28,5,x\n2016-03-31,30,,5,x\n", encoding="utf-8")
    with pytest.raises(Faults, match="gap or overlap"):
        read_bands(file)
    with pytest.raises(Faults, match="there is no such table of age bands"):
        read_bands(tmp_path / "nothing.csv")


def test_a_day_without_bands_is_refused_with_those_that_there_are() -> None:
    file = ROOT / "calibration" / "series" / "crown_open_age_bands.csv"
    with pytest.raises(Faults, match="2016-03-31"):
        bands_on_eve(file, dt.date(2016, 7, 1))


def test_the_national_table_has_the_published_ages() -> None:
    file = ROOT / "calibration" / "series" / "crown_open_age_bands.csv"
    table = ROOT / "models" / "england_wales_2016" / "opening_caseload.csv"
    cases = read_open_cases(table, ("england_and_wales",)).cases
    bands = bands_on_eve(file, dt.date(2016, 4, 1))
    one_in = load_model(table.parent).one_in
    scale = 48_260 / sum(band.cases for band in bands) / one_in
    for band in bands:
        found = sum(band.holds(case["received_crown_days_ago"]) for case in cases)
        assert abs(found - band.cases * scale) <= 1
