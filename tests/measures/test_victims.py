"""Victims and witnesses: contacts, withdrawals, attendances."""

from __future__ import annotations

import pytest

from tests.support.hand_made import Measured, at, case, event, write_log


@pytest.fixture(name="measured", scope="module")
def _measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    victim = {"has_victim": True}
    charged = {**victim, "charged": at(1), "charged_by": "by_police", "first_listed": at(9)}
    return Measured(
        write_log(
            tmp_path_factory.mktemp("log"),
            [
                case(1, **victim, ended=at(4), outcome="no_further_action_victim"),
                case(
                    2,
                    **charged,
                    magistrates_completed=at(40),
                    ended=at(40),
                    division="south",
                    outcome="prosecution_dropped",
                ),
                case(
                    3,
                    **charged,
                    received_crown=at(9),
                    crown_way="for_trial",
                    magistrates_completed=at(9),
                    ended=at(50),
                    outcome="convicted_after_trial",
                ),
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
                event(
                    3,
                    "witness_attendance",
                    at(20),
                    at(45, 12),
                    due=at(45, 10),
                    started=at(45, 11.5),
                    minutes=120,
                    result="gave_evidence",
                ),
                event(
                    3,
                    "witness_attendance",
                    at(20),
                    at(35, 11),
                    due=at(35, 10),
                    started=-1,
                    minutes=60,
                    result="wasted",
                ),
                event(
                    2,
                    "witness_attendance",
                    at(20),
                    at(30, 11),
                    due=at(30, 10),
                    started=-1,
                    minutes=60,
                    result="wasted",
                ),
                event(2, "witness_attendance", at(20), at(30, 10), result="did_not_attend"),
                event(
                    3,
                    "police_attendance",
                    at(20),
                    at(45, 12),
                    due=at(45, 10),
                    started=at(45, 11),
                    minutes=120,
                    result="gave_evidence",
                ),
                event(
                    2,
                    "police_attendance",
                    at(20),
                    at(30, 11),
                    due=at(30, 10),
                    started=-1,
                    minutes=60,
                    result="wasted",
                ),
                # Due in April: one in time, one late, one never made, one still owed; one in May.
                event(1, "change_of_date", at(1), at(2), due=at(2, 23), result="in_time"),
                event(
                    2,
                    "change_of_date",
                    at(1),
                    at(31),
                    due=at(2, 23),
                    result="late",
                    place="case_tracker",
                ),
                event(3, "change_of_date", at(1), at(33), due=at(3), started=-1, result="missed"),
                event(4, "change_of_date", at(1), -1, due=at(4), started=-1),
                event(4, "change_of_date", at(30), -1, due=at(31), started=-1),
                event(1, "support_given", at(2), at(3), due=at(9), result="in_time"),
                event(2, "support_given", at(2), at(33), due=at(9), started=-1, result="missed"),
                event(2, "restorative_justice_offer", at(2), at(3), due=at(9), result="in_time"),
                event(
                    2, "restorative_justice_meeting", at(3), at(34), due=at(60), result="in_time"
                ),
            ],
        )
    )


def test_contacts_in_time_are_over_contacts_made_or_given_up(measured: Measured) -> None:
    share = "victim_contacts_in_time_share"
    assert measured[share] == pytest.approx(1 / 3)
    assert measured[share, "all", "update_on_charge"] == pytest.approx(1 / 3)
    assert measured[share, "all", "", "2013-04"] == pytest.approx(2 / 3)
    assert measured[share, "all", "division:south"] == pytest.approx(1 / 2)


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


def test_duties_due_are_in_time_late_missed_or_still_owed(measured: Measured) -> None:
    april = ("change_of_date", "2013-04")
    assert measured["victim_duties_due", "all", *april] == 4
    for how in ("in_time", "late", "missed"):
        assert measured[f"victim_duties_{how}", "all", *april] == 1
    assert measured["victim_duties_due", "all", "change_of_date"] == 5
    assert measured["victim_duties_in_time_share", "all", *april] == pytest.approx(1 / 4)


def test_duties_are_told_apart_by_the_agency_that_owes_them(measured: Measured) -> None:
    assert measured["victim_duties_due", "all", "victim_services"] == 5
    # Rows of the log without a deadline are owed by nobody.
    assert measured["victim_duties_due", "all", "police"] == 0
    assert measured["victim_duties_due"] == 5
    assert ("victim_duties_in_time_share", "all", "police") not in measured


def test_contacts_are_told_apart_by_channel(measured: Measured) -> None:
    assert measured["contacts_by_channel", "all", "self_service"] == 1
    assert measured["contacts_by_channel", "all", "letter"] == 0
    # Two updates, one new date, two calls: all to people who would be reached by telephone.
    assert measured["contacts_by_channel", "all", "telephone"] == 5


def test_chasing_calls_are_told_apart_by_who_was_rung(measured: Measured) -> None:
    assert measured["chasing_calls", "all", "victim_services"] == 2


def test_support_reaches_whom_somebody_found_time_for(measured: Measured) -> None:
    # Reported in April by victims of 1 to 4; the summons stands apart.
    assert measured["support_reached_share"] == pytest.approx(1 / 4)
    assert measured["support_reached_share", "all", "theft"] == pytest.approx(1 / 4)


def test_restorative_justice_is_offered_and_taken(measured: Measured) -> None:
    assert measured["restorative_justice_offered"] == 1
    assert measured["restorative_justice_taken"] == 1
    assert measured["restorative_justice_taken", "all", "", "2013-04"] == 0


def test_withdrawals_are_counted_by_moment_and_offence(measured: Measured) -> None:
    assert measured["victims_withdrawn"] == 2
    assert measured["victims_withdrawn", "all", "before_charge"] == 1
    assert measured["victims_withdrawn", "all", "after_charge:theft"] == 1
    assert measured["victims_withdrawn", "all", "after_charge:violence"] == 0
    assert measured["victims_withdrawn_before_charge_share", "all", "theft"] == 1 / 4


def test_officers_who_came_are_counted_apart(measured: Measured) -> None:
    assert measured["police_attendances"] == 2
    assert measured["police_attendances", "crown", "gave_evidence"] == 1
    assert measured["police_attendances_wasted_share"] == 1 / 2
    assert measured["police_hours_at_court"] == pytest.approx(3)
    assert measured["witness_attendances"] == 3


def test_waiting_is_from_when_they_had_to_be_there_until_called_in_or_sent_home(
    measured: Measured,
) -> None:
    assert measured["witness_waiting_minutes", "all", "mean"] == pytest.approx((90 + 60 + 60) / 3)
    assert measured["witness_waiting_minutes", "magistrates", "median"] == 60
    assert measured["police_waiting_minutes", "crown", "mean"] == 60
