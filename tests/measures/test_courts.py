"""Hearings, adjournments and trials, on four cases told hearing by hearing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cjsim.england_wales.measures.courts import TRIAL_FAILED_FOR
from cjsim.england_wales.measures.official_codes import CODE_TITLES, OFFICIAL_CODES
from tests.support.hand_made import Measured, at, case, event, there, write_log

TRIALS = "magistrates_trials@stoke"


def _heard(
    number: int, activity: str, day: int, minutes: float, result: str, reason: str = ""
) -> dict[str, Any]:
    """A hearing at ten o'clock of a day; without minutes it was not reached."""
    start = at(day, 10)
    started = start if minutes else -1
    return event(
        number,
        activity,
        at(day - 9),
        start + round(minutes),
        due=start,
        started=started,
        minutes=minutes,
        result=result,
        reason=reason,
        place=f"{TRIALS}#1" if minutes else "",
    )


@pytest.fixture(name="measured", scope="module")
def _measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    charged = {"charged": at(-10), "charged_by": "by_police"}
    return Measured(
        write_log(
            tmp_path_factory.mktemp("log"),
            [
                # 1: adjourned in the warm-up, then sentenced. 2: trial not reached, then effective.
                case(
                    1,
                    **charged,
                    first_listed=at(-2, 10),
                    magistrates_completed=at(5, 10),
                    ended=at(5, 10),
                    outcome="convicted_guilty_plea",
                ),
                case(
                    2,
                    **charged,
                    first_listed=at(2, 10),
                    magistrates_completed=at(40, 12),
                    ended=at(40, 12),
                    outcome="acquitted",
                    division="south",
                ),
                # 3: sent for trial, vacated once, then cracked. 4: warrant issued, still open.
                case(
                    3,
                    **charged,
                    first_listed=at(3, 10),
                    magistrates_completed=at(3, 11),
                    received_crown=at(3, 11),
                    crown_way="for_trial",
                    ended=at(50, 11),
                    outcome="convicted_guilty_plea",
                ),
                case(4, **charged, first_listed=at(4, 10)),
            ],
            [
                _heard(1, "first_hearing", -2, 10, "adjourned", "papers_not_served"),
                _heard(1, "further_hearing", 5, 20, "guilty_plea_sentenced"),
                _heard(2, "first_hearing", 2, 15, "not_guilty_plea"),
                _heard(2, "magistrates_trial", 30, 0, "ineffective", "no_court_time"),
                _heard(2, "magistrates_trial", 40, 120, "effective"),
                _heard(3, "first_hearing", 3, 5, "sent_for_trial"),
                _heard(3, "plea_and_case_management_hearing", 20, 30, "not_guilty_plea"),
                _heard(3, "crown_trial", 30, 0, "vacated", "defence_application"),
                _heard(3, "crown_trial", 50, 45, "cracked", "late_guilty_plea"),
                _heard(4, "first_hearing", 4, 3, "warrant_issued", "defendant_absent"),
                event(4, "further_hearing", at(60), -1, started=-1),
            ],
            [
                there("list", TRIALS, "magistrates_trials", 248, court="magistrates"),
                there(
                    "list", TRIALS, "magistrates_trials", 240, court="magistrates", month="2013-05"
                ),
                there("pool", "officers_north", "officers", 600),
            ],
        )
    )


def test_hearings_per_case_follow_completed_cases_back_into_the_warm_up(measured: Measured) -> None:
    # The magistrates finished with 1, 2 and 3: two, three and one hearing of theirs.
    assert measured["hearings_per_case", "magistrates"] == pytest.approx(6 / 3)
    # The Crown Court finished with 3: the vacated trial was never held.
    assert measured["hearings_per_case", "crown"] == 2
    assert measured["hearings_per_case"] == pytest.approx(8 / 3)


def test_adjournments_per_case_are_hearings_that_achieved_nothing(measured: Measured) -> None:
    assert measured["adjournments_per_case", "magistrates"] == pytest.approx(2 / 3)
    assert measured["adjournments_per_case", "crown"] == 0
    assert measured["adjournments_per_case"] == pytest.approx(2 / 3)
    assert measured["adjournments_per_case", "all", "division:south"] == 1


def test_court_minutes_per_case_are_minutes_heard(measured: Measured) -> None:
    assert measured["court_minutes_per_case", "magistrates"] == pytest.approx((30 + 135 + 5) / 3)
    assert measured["court_minutes_per_case", "crown"] == 75
    assert measured["court_minutes_per_case", "all", "", "2013-04"] == 30


def test_a_case_counts_in_the_month_in_which_its_court_finished_with_it(measured: Measured) -> None:
    assert measured["hearings_per_case", "magistrates", "", "2013-04"] == pytest.approx(3 / 2)
    assert measured["hearings_per_case", "magistrates", "", "2013-05"] == 3
    assert ("hearings_per_case", "crown", "", "2013-04") not in measured


def test_adjournments_carry_their_reason_in_the_month_of_the_hearing(measured: Measured) -> None:
    assert measured["adjournments_by_reason"] == 2
    assert measured["adjournments_by_reason", "magistrates", "no_court_time", "2013-05"] == 1
    assert measured["adjournments_by_reason", "all", "defendant_absent"] == 1
    assert measured["adjournments_by_reason", "all", "papers_not_served"] == 0


def test_trial_shares_are_over_trials_that_reached_their_day(measured: Measured) -> None:
    assert measured["trial_hearings"] == 3
    assert measured["trial_hearings", "magistrates"] == 2
    assert measured["trial_hearings", "crown", "cracked"] == 1
    assert measured["trials_effective_share", "magistrates"] == pytest.approx(1 / 2)
    assert measured["trials_ineffective_share", "magistrates"] == pytest.approx(1 / 2)
    assert measured["trials_cracked_share", "crown"] == 1
    assert measured["trials_cracked_share"] == pytest.approx(1 / 3)
    assert measured["trials_effective_share", "all", "division:south"] == pytest.approx(1 / 2)


def test_vacated_trials_are_over_all_that_were_listed(measured: Measured) -> None:
    assert measured["trials_vacated_share", "crown"] == pytest.approx(1 / 2)
    assert measured["trials_vacated_share"] == pytest.approx(1 / 4)
    assert measured["trials_vacated_share", "magistrates"] == 0


def test_trials_that_did_not_go_ahead_say_why(measured: Measured) -> None:
    assert measured["trials_by_reason", "crown", "cracked:late_guilty_plea"] == 1
    assert measured["trials_by_reason", "all", "ineffective:no_court_time"] == 1
    assert measured["trials_by_reason", "crown", "vacated:defence_application"] == 1


def test_trials_are_counted_by_the_official_code_of_their_reason(measured: Measured) -> None:
    assert measured["trials_by_official_code", "crown", "A"] == 1
    assert measured["trials_by_official_code", "magistrates", "W3"] == 1
    assert measured["trials_by_official_code", "all", "M2"] == 0


def test_every_reason_of_a_trial_that_cracked_or_failed_has_one_official_code() -> None:
    for result, codes in OFFICIAL_CODES.items():
        assert set(codes) == set(TRIAL_FAILED_FOR[result])
        assert set(codes.values()) <= set(CODE_TITLES)
        letters = {code[0] for code in codes.values()}
        assert letters <= set("ABCDEFGHIJKL" if result == "cracked" else "MNOPQRSTUVWXYZ")


def test_hearings_after_the_first_are_what_statistics_call_adjournments(measured: Measured) -> None:
    # The magistrates finished with three cases, and held six hearings in them.
    assert measured["hearings_after_first_per_case", "magistrates"] == pytest.approx(3 / 3)
    assert measured["hearings_after_first_per_case", "crown"] == 1


def test_the_clearance_rate_is_what_left_a_court_over_what_came(measured: Measured) -> None:
    # All four were charged before the study began: three left the magistrates, none came.
    assert ("clearance_rate", "magistrates") not in measured
    assert measured["clearance_rate", "crown"] == 1


def test_disposition_time_is_the_time_to_work_off_what_is_pending(measured: Measured) -> None:
    # One case is pending before the magistrates, who dealt with three in the 61 days.
    assert measured["disposition_time_days", "magistrates"] == pytest.approx(61 / 3)
    assert measured["disposition_time_days", "crown"] == 0


def test_a_trial_date_is_certain_where_the_first_or_the_second_is_kept(tmp_path: Path) -> None:
    charged = {"charged": at(-10), "charged_by": "by_police", "first_listed": at(2, 10)}
    ended = {"magistrates_completed": at(45, 12), "ended": at(45, 12), "outcome": "acquitted"}
    measured = Measured(
        write_log(
            tmp_path,
            [case(1, **charged, **ended), case(2, **charged, **ended)],
            [
                _heard(1, "magistrates_trial", 20, 0, "vacated", "defence_application"),
                _heard(1, "magistrates_trial", 30, 90, "effective"),
                _heard(2, "magistrates_trial", 20, 0, "vacated", "defence_application"),
                _heard(2, "magistrates_trial", 30, 0, "ineffective", "no_court_time"),
                _heard(2, "magistrates_trial", 45, 90, "effective"),
            ],
            [there("list", TRIALS, "magistrates_trials", 248, court="magistrates")],
        )
    )
    assert measured["trial_date_certainty_share", "magistrates"] == pytest.approx(1 / 2)


def test_what_achieved_nothing_is_counted_by_the_agency_whose_reason_it_was(
    measured: Measured,
) -> None:
    assert measured["adjournments_by_agency"] == 2
    assert measured["adjournments_by_agency", "all", "hmcts"] == 1
    assert measured["adjournments_by_agency", "all", "defence"] == 1
    assert measured["adjournments_by_agency", "all", "cps"] == 0
    assert measured["ineffective_trials_by_agency"] == 1
    assert measured["ineffective_trials_by_agency", "magistrates", "hmcts", "2013-05"] == 1
    assert measured["ineffective_trials_by_agency", "crown", "hmcts"] == 0


def test_completed_at_first_listing_is_the_same_day(measured: Measured) -> None:
    assert measured["completed_at_first_listing_share", "magistrates"] == pytest.approx(1 / 3)


def test_courtrooms_and_lists_are_used_as_far_as_hearings_filled_them(measured: Measured) -> None:
    # April: 20 + 15 + 5 + 30 + 3 minutes of 248; May: 120 + 45 of 240.
    assert measured["utilisation", "magistrates", TRIALS, "2013-04"] == pytest.approx(73 / 248)
    assert measured["utilisation", "magistrates", TRIALS] == pytest.approx(238 / 488)
    assert measured["utilisation", "magistrates", "magistrates_trials"] == pytest.approx(238 / 488)
    assert measured["utilisation", "magistrates"] == pytest.approx(238 / 488)
    assert measured["utilisation", "all", "officers_north"] == 0
