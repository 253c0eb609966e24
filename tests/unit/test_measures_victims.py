"""Victims and witnesses: contacts, withdrawals, attendances."""

from __future__ import annotations

import pytest

from tests.unit.hand_made import Measured, at, case, event, write_log


@pytest.fixture(name="measured", scope="module")
def _measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    victim = {"has_victim": True}
    charged = {**victim, "charged": at(1), "charged_by": "by_police", "first_listed": at(9)}
    return Measured(
        write_log(
            tmp_path_factory.mktemp("log"),
            [
                case(1, **victim, ended=at(4), outcome="no_further_action_victim"),
                case(2, **charged, magistrates_completed=at(40), ended=at(40), division="south",
                     outcome="prosecution_dropped"),
                case(3, **charged, received_crown=at(9), crown_way="for_trial",
                     magistrates_completed=at(9), ended=at(50), outcome="convicted_after_trial"),
                case(4, **victim, ended=at(5), outcome="no_further_action"),
                case(5, ended=at(5), outcome="no_further_action"),
                case(6, has_victim=True, way_in="summons", charged=at(2), charged_by="by_summons"),
            ],
            [
                event(2, "update_on_charge", at(1), at(2), result="in_time"),
                event(3, "update_on_charge", at(1), at(9), result="late"),
                event(1, "update_on_charge", at(1), at(39), started=-1, result="missed"),
                event(4, "update_on_charge", at(1), -1, started=-1),
                event(4, "update_on_charge", at(-9), at(-8), result="in_time"),
                event(4, "chasing_call", at(1), at(2), result="in_time"),
                event(4, "chasing_call", at(1), at(32), result="late"),
                event(4, "chasing_call", at(1), at(32), started=-1, result="missed"),
                event(1, "victim_withdrawal", at(4), at(4), result="before_charge"),
                event(2, "victim_withdrawal", at(39), at(39), result="after_charge"),
                event(3, "witness_attendance", at(20), at(45, 12), minutes=120,
                      result="gave_evidence"),
                event(3, "witness_attendance", at(20), at(35, 11), minutes=60, result="wasted"),
                event(2, "witness_attendance", at(20), at(30, 11), minutes=60, result="wasted"),
                event(2, "witness_attendance", at(20), at(30, 10), result="did_not_attend"),
            ],
        )
    )  # fmt: skip


def test_contacts_in_time_are_over_contacts_made_or_given_up(measured: Measured) -> None:
    share = "victim_contacts_in_time_share"
    assert measured[share] == pytest.approx(1 / 3)
    assert measured[share, "all", "update_on_charge"] == pytest.approx(1 / 3)
    assert measured[share, "all", "", "2013-04"] == pytest.approx(1 / 2)
    assert measured[share, "all", "division:south"] == 1


def test_a_chasing_call_is_work_but_no_statutory_contact(measured: Measured) -> None:
    assert ("victim_contacts_in_time_share", "all", "chasing_call") not in measured
    assert measured["chasing_calls"] == 2


def test_withdrawals_before_charge_are_over_cases_with_a_victim_decided(measured: Measured) -> None:
    # Decided in April: 1 and 4 without a charge, 2 and 3 with one; the summons stands apart.
    assert measured["victims_withdrawn_before_charge_share"] == pytest.approx(1 / 4)


def test_withdrawals_after_charge_are_over_prosecutions_with_a_victim(measured: Measured) -> None:
    share = "victims_withdrawn_after_charge_share"
    assert measured[share] == pytest.approx(1 / 2)
    assert measured[share, "magistrates"] == 1
    assert measured[share, "crown"] == 0
    assert measured[share, "all", "division:north"] == 0


def test_attendances_are_wasted_when_a_witness_came_and_gave_no_evidence(
    measured: Measured,
) -> None:
    assert measured["witness_attendances"] == 3
    assert measured["witness_attendances", "all", "wasted"] == 2
    assert measured["witness_attendances_wasted_share"] == pytest.approx(2 / 3)
    assert measured["witness_attendances_wasted_share", "crown"] == pytest.approx(1 / 2)
    assert measured["witness_attendances_wasted_share", "magistrates"] == 1
