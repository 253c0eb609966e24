"""Days between milestones, and who is still waiting at the end of a month."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.hand_made import Measured, at, case, event, write_log


@pytest.fixture(name="measured", scope="module")
def _measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    guilty = {"plea": "guilty", "magistrates_first_plea": "guilty"}
    denied = {"plea": "not_guilty", "magistrates_first_plea": "not_guilty"}
    return Measured(
        write_log(
            tmp_path_factory.mktemp("log"),
            [
                # Arrested on 1 April at 23:00, charged at 01:00: one whole day later by the date.
                case(
                    1,
                    arrived=at(0, 23),
                    charged=at(1, 1),
                    first_listed=at(11, 10),
                    magistrates_completed=at(11, 15),
                    ended=at(11, 15),
                    **guilty,
                    outcome="convicted_guilty_plea",
                ),
                case(
                    2,
                    arrived=at(0, 9),
                    charged=at(0, 20),
                    first_listed=at(20, 10),
                    magistrates_completed=at(45, 12),
                    ended=at(45, 12),
                    **denied,
                    outcome="acquitted",
                    division="south",
                ),
                case(
                    3,
                    arrived=at(0, 9),
                    charged=at(2, 9),
                    first_listed=at(12, 10),
                    magistrates_completed=at(12, 11),
                    received_crown=at(12, 11),
                    plea="guilty",
                    crown_way="for_trial",
                    ended=at(52, 16),
                    outcome="convicted_guilty_plea",
                ),
                case(4, arrived=at(0, 9), ended=at(0, 20), outcome="caution"),
                # Summonsed in the warm-up: never arrested.
                case(5, way_in="summons", arrived=at(-20), charged=at(-15), first_listed=at(5, 10)),
            ],
            [
                event(
                    2,
                    "magistrates_trial",
                    at(20),
                    at(45, 12),
                    started=at(45, 10),
                    minutes=120,
                    result="effective",
                ),
                event(1, "detention", at(0, 23), at(1, 5), started=at(1, 0)),
                event(2, "detention", at(0, 9), at(0, 21), started=at(0, 9)),
                event(3, "detention", at(0, 9), at(1, 3), started=at(0, 9)),
            ],
        )
    )


def test_days_are_whole_days_between_dates(measured: Measured) -> None:
    assert measured["arrest_to_charge_days", "all", "mean"] == pytest.approx((1 + 0 + 2) / 3)
    assert measured["arrest_to_charge_days", "all", "median"] == 1
    # Linear between the middle and the greatest of 0, 1, 2: at 0.9 of the way from 0 to 2.
    assert measured["arrest_to_charge_days", "all", "p90"] == pytest.approx(1.8)
    assert measured["arrest_to_charge_days", "all", "division:south"] == 0


def test_the_wait_for_the_first_date_counts_summonses_too(measured: Measured) -> None:
    wait = "charge_to_first_listing_days"
    assert measured[wait, "magistrates", "mean"] == pytest.approx((10 + 20 + 10 + 20) / 4)
    assert measured[wait, "magistrates", "median"] == 15


def test_charged_cases_are_measured_without_summonses(measured: Measured) -> None:
    wait = "charge_to_first_listing_of_charged_cases_days"
    assert measured[wait, "magistrates", "mean"] == pytest.approx((10 + 20 + 10) / 3)
    days = "first_listing_to_completion_of_charged_cases_days"
    assert measured[days, "magistrates", "mean"] == pytest.approx((0 + 25 + 0) / 3)


def test_first_listing_to_completion_ends_where_the_court_is_done(measured: Measured) -> None:
    days = "first_listing_to_completion_days"
    assert measured[days, "magistrates", "mean"] == pytest.approx((0 + 25 + 0) / 3)
    assert measured[days, "magistrates", "plea:not_guilty"] == 25
    assert measured[days, "magistrates", "plea:none"] == 0
    assert measured[days, "crown", "mean"] == 40
    assert measured[days, "all", "mean"] == pytest.approx((0 + 25 + 40) / 3)
    assert measured[days, "all", "median"] == 25
    assert measured[days, "magistrates", "mean", "2013-05"] == 25
    assert measured[days, "magistrates", "division:north", "2013-04"] == 0


def test_first_listing_to_trial_is_of_trials_that_started(measured: Measured) -> None:
    assert measured["first_listing_to_trial_days", "magistrates", "mean", "2013-05"] == 25


def test_time_at_the_crown_court_runs_from_receipt(measured: Measured) -> None:
    assert measured["receipt_to_completion_days", "crown", "mean"] == 40
    assert measured["receipt_to_completion_days", "crown", "plea:guilty"] == 40
    assert ("receipt_to_completion_days", "crown", "mean", "2013-04") not in measured


def test_arrest_to_disposal_is_the_whole_road_of_people_arrested(measured: Measured) -> None:
    road = "arrest_to_disposal_days"
    assert measured[road, "all", "mean"] == pytest.approx((11 + 45 + 52 + 0) / 4)
    assert measured[road, "magistrates", "mean"] == pytest.approx((11 + 45) / 2)
    assert measured[road, "crown", "p90"] == 52
    assert measured[road, "all", "plea:guilty"] == pytest.approx((11 + 52) / 2)


def test_detention_runs_from_arrival_at_the_suite(measured: Measured) -> None:
    assert measured["detention_hours", "all", "mean"] == pytest.approx((6 + 12 + 18) / 3)
    assert measured["detention_hours", "all", "median"] == 12
    assert measured["detention_hours", "all", "division:south"] == 12


def test_open_cases_are_counted_at_month_ends_by_court(measured: Measured) -> None:
    # 30 April: cases 2, 3 and 5. 31 May: only 5.
    assert measured["open_cases", "all", "", "2013-04"] == 3
    assert measured["open_cases", "magistrates", "", "2013-04"] == 2
    assert measured["open_cases", "crown", "", "2013-04"] == 1
    assert measured["open_cases", "all", "", "2013-05"] == 1
    assert measured["open_cases"] == 1
    assert measured["open_cases", "crown"] == 0


def test_open_cases_stand_in_the_age_band_of_their_days(tmp_path: Path) -> None:
    # The study ends after day 60, on 31 May; ages are whole days up to that day.
    ages = (0, 91)
    in_band = Measured(
        write_log(
            tmp_path, [case(number, arrived=at(60 - age, 9)) for number, age in enumerate(ages)]
        )
    )
    assert in_band["open_cases", "all", "up_to_3_months"] == 2
    assert in_band["open_cases", "all", "3_to_6_months"] == 0
    older = Measured(write_log(tmp_path, [case(1, arrived=at(-31, 0))]))
    assert older["open_cases", "all", "3_to_6_months", "2013-05"] == 0
    assert older["open_cases", "all", "up_to_3_months", "2013-05"] == 1


def test_the_backlogs_change_is_measured_from_the_start_of_the_study(measured: Measured) -> None:
    # Only the summons of case 5 was open on the eve of the study, and it is open at the end.
    assert measured["open_cases_change_share"] == 0
    assert ("open_cases_change_share", "crown") not in measured


def test_cases_in_are_cases_out_and_open(measured: Measured) -> None:
    came = 5
    assert measured["cases_disposed"] + measured["open_cases"] == came
