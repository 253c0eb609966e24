"""Throughput, pleas and verdicts, on cases whose answers are counted on the fingers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.support.hand_made import Measured, at, case, event, write_log


@pytest.fixture(name="measured", scope="module")
def _measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Seven cases in the study, one that ended in the warm-up and one that arrived in it."""
    court = {"charged": at(1), "charged_by": "by_police", "first_listed": at(10)}
    guilty = {"magistrates_first_plea": "guilty", "plea": "guilty", "plea_when": "first_hearing"}
    denied = {"magistrates_first_plea": "not_guilty", "plea": "not_guilty"}
    sent = {**court, "received_crown": at(10), "crown_way": "for_trial"}
    return Measured(
        write_log(
            tmp_path_factory.mktemp("log"),
            [
                case(1, arrived=at(-20), ended=at(-5), outcome="no_further_action"),
                case(2, arrived=at(-3), ended=at(0), outcome="caution"),
                case(
                    3,
                    **court,
                    **guilty,
                    magistrates_completed=at(10, 12),
                    ended=at(10, 12),
                    outcome="convicted_guilty_plea",
                ),
                case(
                    4,
                    **court,
                    **denied,
                    magistrates_completed=at(40),
                    ended=at(40),
                    outcome="acquitted",
                    division="south",
                    offence_group="drugs",
                ),
                case(
                    5,
                    **sent,
                    magistrates_completed=at(10),
                    ended=at(50),
                    plea="guilty",
                    crown_plea_hearing_plea="not_guilty",
                    outcome="convicted_guilty_plea",
                ),
                case(
                    6,
                    **sent,
                    magistrates_completed=at(10),
                    ended=at(51),
                    plea="guilty",
                    crown_plea_hearing_plea="guilty",
                    outcome="convicted_guilty_plea",
                ),
                case(
                    7,
                    **{**sent, "crown_way": "for_sentence"},
                    **guilty,
                    magistrates_completed=at(11),
                    ended=at(55),
                    outcome="convicted_guilty_plea",
                ),
                case(
                    8,
                    **{**sent, "crown_way": "appeal"},
                    **denied,
                    magistrates_completed=at(35),
                    ended=at(56),
                    outcome="convicted_after_trial",
                ),
                case(9, way_in="summons", arrived=at(40), charged=at(41), charged_by="by_summons"),
            ],
            [
                event(3, "first_hearing", at(10), at(10), result="guilty_plea_sentenced"),
                event(4, "first_hearing", at(10), at(10), result="not_guilty_plea"),
                event(5, "first_hearing", at(10), at(10), result="sent_for_trial"),
                event(
                    6,
                    "first_hearing",
                    at(10),
                    at(10),
                    result="sent_for_trial",
                    reason="elected_crown_trial",
                ),
                event(7, "first_hearing", at(10), at(10), result="adjourned"),
                event(7, "further_hearing", at(10), at(11), result="committed_for_sentence"),
                event(8, "first_hearing", at(10), at(10), result="not_guilty_plea"),
            ],
        )
    )


def test_arrests_are_those_for_a_notifiable_offence_within_the_study(measured: Measured) -> None:
    assert measured["arrests"] == 6
    assert measured["arrests", "all", "drugs"] == 1
    assert measured["arrests", "all", "", "2013-05"] == 0


def test_disposals_count_where_and_when_a_case_ended(measured: Measured) -> None:
    assert measured["cases_disposed"] == 7
    assert measured["cases_disposed", "magistrates"] == 2
    assert measured["cases_disposed", "crown"] == 4
    assert measured["cases_disposed", "all", "", "2013-04"] == 2
    assert measured["cases_disposed", "all", "theft"] == 6


def test_outcomes_add_up_to_the_disposals(measured: Measured) -> None:
    assert measured["cases_by_outcome", "all", "caution"] == 1
    assert measured["cases_by_outcome", "crown", "convicted_guilty_plea"] == 3
    outcomes = [
        value
        for (kpi, court, _, period), value in measured.values.items()
        if (kpi, court, period) == ("cases_by_outcome", "all", "all")
    ]
    assert sum(outcomes) == measured["cases_disposed"]


def test_the_magistrates_proceed_against_all_whom_they_finish_with(measured: Measured) -> None:
    assert measured["magistrates_proceeded_against", "magistrates"] == 6
    assert measured["magistrates_proceeded_against", "magistrates", "", "2013-05"] == 2


def test_only_sending_for_trial_is_sent_to_the_crown_court(measured: Measured) -> None:
    assert measured["sent_to_crown_share", "magistrates"] == pytest.approx(2 / 6)
    assert measured["sent_to_crown_share", "magistrates", "", "2013-04"] == pytest.approx(2 / 4)


def test_committals_are_a_share_of_those_convicted_below(measured: Measured) -> None:
    assert measured["committed_for_sentence_share", "magistrates"] == pytest.approx(1 / 3)


def test_who_is_sent_for_trial_is_counted_by_reason(measured: Measured) -> None:
    assert measured["sent_for_trial_by_reason", "magistrates"] == 2
    assert measured["sent_for_trial_by_reason", "magistrates", "elected_crown_trial"] == 1
    assert measured["sent_for_trial_by_reason", "magistrates", "indictable_only"] == 1
    assert measured["sent_for_trial_by_reason", "magistrates", "jurisdiction_declined"] == 0


def test_early_guilty_pleas_are_entered_at_the_first_hearing_of_each_court(
    measured: Measured,
) -> None:
    # Below: 3 guilty at once, 7 after an adjournment, 4 and 8 not guilty. In the Crown Court: 5 not
    # guilty, 6 guilty.
    assert measured["early_guilty_plea_rate", "magistrates"] == pytest.approx(1 / 4)
    assert measured["early_guilty_plea_rate", "crown"] == pytest.approx(1 / 2)
    assert measured["early_guilty_plea_rate", "all"] == pytest.approx(2 / 6)


def test_early_guilty_pleas_by_division_and_month_show_who_moves_first(measured: Measured) -> None:
    rate = "early_guilty_plea_rate"
    assert measured[rate, "magistrates", "division:north"] == pytest.approx(1 / 3)
    assert measured[rate, "magistrates", "division:south"] == 0
    assert measured[rate, "magistrates", "division:north", "2013-04"] == pytest.approx(1 / 2)
    assert (rate, "magistrates", "division:south", "2013-04") not in measured


def test_a_late_plea_counts_in_the_crown_courts_guilty_pleas(measured: Measured) -> None:
    assert measured["crown_guilty_plea_share", "crown"] == 1


def test_convictions_are_over_completed_prosecutions_of_the_court_that_convicts(
    measured: Measured,
) -> None:
    assert measured["conviction_rate"] == pytest.approx(5 / 6)
    assert measured["conviction_rate", "magistrates"] == pytest.approx(3 / 4)
    assert measured["conviction_rate", "crown"] == 1
    assert measured["conviction_rate", "all", "division:south"] == 0


def test_a_rate_of_nothing_has_no_row_and_a_count_of_nothing_is_nought(tmp_path: Path) -> None:
    empty = Measured(write_log(tmp_path))
    assert empty["cases_disposed"] == 0
    assert ("conviction_rate",) not in empty
    assert all(math.isfinite(value) for value in empty.values.values())
