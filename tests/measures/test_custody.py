"""Custody, remand, charging and the use of staff."""

from __future__ import annotations

import pytest

from tests.support.hand_made import Measured, at, case, event, there, write_log


@pytest.fixture(name="measured", scope="module")
def _measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return Measured(
        write_log(
            tmp_path_factory.mktemp("log"),
            [
                case(1, charged=at(0, 12), charged_by="by_police"),
                case(2, charged=at(1), charged_by="by_cps", consultations=1, division="south"),
                case(3, charged=at(40), charged_by="by_cps", consultations=3),
                case(4, consultations=2, ended=at(5), outcome="no_further_action"),
                case(5, consultations=1, ended=at(6), outcome="community_resolution"),
                case(6, consultations=1, ended=at(7), outcome="no_further_action_victim"),
                case(7, charged=at(3), charged_by="by_summons", way_in="summons"),
                case(8, charged=at(-3), charged_by="by_cps", consultations=5),
                case(9, consultations=1),
                case(10, received_crown=at(10), charged=at(-3), charged_by="by_summons"),
                *(case(number, in_mental_distress=True) for number in (11, 12, 13)),
            ],
            [
                event(1, "custody_clock_extension", at(0), at(0), result="extended"),
                event(2, "custody_clock_extension", at(35), at(35), result="extended"),
                event(8, "custody_clock_extension", at(-2), at(-2), result="extended"),
                event(2, "custody_warrant", at(36), at(36), result="extended"),
                event(1, "custody_time_limit", at(20), at(20), result="extended"),
                event(2, "custody_time_limit", at(21), at(21), result="lapsed"),
                event(10, "custody_time_limit", at(5), at(5), result="extended"),
                event(10, "custody_time_limit", at(50), at(50), result="extended"),
                # Asked for at 5 for 6 o'clock; three of the four came too late or not at all.
                event(1, "detention_review", at(0, 5), at(0, 5.2), result="in_time"),
                event(2, "detention_review", at(0, 5), at(0, 7.2), started=at(0, 7), result="late"),
                event(2, "detention_review", at(0, 15), at(0, 17), started=-1, result="missed"),
                event(3, "detention_review", at(-1, 15), at(0, 1), started=at(0), result="late"),
                event(1, "custody_booking", at(0, 2), at(0, 3), started=at(0, 2.5)),
                event(2, "custody_booking", at(0, 2), at(0, 2.5)),
                # On bail from 21 March: to 10 April, again to 5 May, decided on 1 May.
                event(4, "pre_charge_bail", at(-11), at(9)),
                event(4, "re_bail", at(9), at(30)),
                event(5, "pre_charge_bail", at(0), at(10)),
                # Still on bail at the end; ended before the study.
                event(6, "pre_charge_bail", at(0), at(20)),
                event(6, "re_bail", at(20), -1),
                event(7, "pre_charge_bail", at(-30), at(-1)),
                event(4, "forensic_examination", at(1), at(8), started=at(7)),
                event(5, "forensic_examination", at(1), at(4), started=at(3)),
                event(6, "forensic_examination", at(59), -1, started=-1),
                event(5, "digital_examination", at(1), at(40), started=at(33)),
                # From the evening of 20 March to the morning of 3 April: two nights in the study.
                event(3, "remand", at(-12, 20), at(2, 9)),
                # From 28 April, still inside: nights of 28, 29, 30 April and 31 of May.
                event(4, "remand", at(27, 18), -1),
                event(5, "remand", at(35, 9), at(35, 17)),
                event(1, "suspect_interview", at(1), at(1, 2), minutes=90, place="officers_north"),
                event(2, "suspect_interview", at(1), at(1, 2), minutes=60, place="officers_south"),
                event(
                    8, "suspect_interview", at(-1), at(-1, 2), minutes=60, place="officers_north"
                ),
                event(1, "detention", at(0, 0), at(0, 12), started=at(0, 2), place="cells_north"),
                # In April, and again in May on a warrant; before the study, and again within it;
                # within it, and on a warrant that is not over when the run is.
                event(11, "detention", at(3, 9), at(3, 12)),
                event(11, "detention", at(33, 9), at(33, 10)),
                event(12, "detention", at(-5, 9), at(-5, 12)),
                event(12, "detention", at(8, 9), at(8, 10)),
                event(13, "detention", at(39, 9), at(39, 12)),
                event(13, "detention", at(60, 9), -1),
            ],
            [
                there("pool", "officers_north", "officers", 900, division="north"),
                there("pool", "officers_south", "officers", 300, division="south"),
                there("pool", "cells_north", "cells", 24000, division="north"),
                there("pool", "cells_north", "cells", 24000, division="north", month="2012-12"),
            ],
        )
    )


def test_extensions_and_warrants_are_counted_in_their_month(measured: Measured) -> None:
    assert measured["custody_clock_extensions"] == 2
    assert measured["custody_clock_extensions", "all", "", "2013-05"] == 1
    assert measured["custody_warrants"] == 1
    assert measured["custody_warrants", "all", "", "2013-04"] == 0


def test_custody_time_limits_are_extended_or_lapse(measured: Measured) -> None:
    assert measured["custody_time_limits"] == 4
    assert measured["custody_time_limits", "all", "lapsed"] == 1


def test_a_time_limit_counts_for_the_court_that_the_case_was_in(measured: Measured) -> None:
    assert measured["custody_time_limit_extensions", "crown"] == 1
    assert measured["custody_time_limit_extensions", "crown", "", "2013-05"] == 1
    assert measured["custody_time_limit_extensions", "magistrates"] == 2
    assert measured["custody_time_limit_extensions"] == 3
    assert measured["custody_time_limit_lapses", "magistrates"] == 1
    assert measured["custody_time_limit_lapses", "crown"] == 0


def test_a_review_is_in_time_or_late_or_missed(measured: Measured) -> None:
    assert measured["detention_reviews"] == 4
    assert measured["detention_reviews", "all", "missed"] == 1
    assert measured["detention_reviews_late_share"] == 3 / 4
    assert measured["detention_reviews_late_share", "all", "division:south"] == 1


def test_the_wait_for_booking_is_counted_from_the_free_cell(measured: Measured) -> None:
    assert measured["custody_booking_wait_minutes", "all", "mean"] == 15


def test_bail_lasts_from_release_to_the_decision_with_all_its_dates(measured: Measured) -> None:
    assert measured["pre_charge_bail_days", "all", "mean"] == pytest.approx((41 + 10) / 2)
    assert measured["pre_charge_bail_days", "all", "mean", "2013-05"] == 41
    assert measured["re_bails_per_bail"] == pytest.approx(1 / 2)
    assert measured["re_bails_per_bail", "all", "", "2013-04"] == 0


def test_the_queue_at_a_laboratory_ends_with_the_examination(measured: Measured) -> None:
    assert measured["forensic_queue_days", "all", "mean"] == pytest.approx((6 + 2) / 2)
    assert measured["digital_queue_days", "all", "median", "2013-05"] == 32


def test_remand_nights_are_cut_at_the_study_and_at_months(measured: Measured) -> None:
    assert measured["remand_nights", "all", "", "2013-04"] == 2 + 3
    assert measured["remand_nights", "all", "", "2013-05"] == 31
    assert measured["remand_nights"] == 36
    assert measured["remand_population", "all", "", "2013-05"] == 1
    assert measured["remand_population"] == pytest.approx(36 / 61)


def test_police_and_cps_share_the_charges_and_summonses_stand_apart(measured: Measured) -> None:
    assert measured["police_charged_share"] == pytest.approx(1 / 3)
    assert measured["cps_charged_share"] == pytest.approx(2 / 3)
    assert measured["cps_charged_share", "all", "", "2013-04"] == pytest.approx(1 / 2)
    assert measured["cps_charged_share", "all", "division:south"] == 1


def test_consultations_per_decision_are_over_cases_that_were_decided(measured: Measured) -> None:
    # Decided: 2, 3, 4 and 5. Withdrawn while the file was away, 6 was not; 8 was before the study.
    assert measured["consultations_per_decision"] == pytest.approx((1 + 3 + 2 + 1) / 4)
    assert measured["cps_decisions"] == 4
    assert measured["cps_decisions", "all", "charge"] == 2
    assert measured["cps_decisions", "all", "out_of_court"] == 1


def test_staff_are_used_for_the_minutes_they_worked(measured: Measured) -> None:
    assert measured["utilisation", "all", "officers_north"] == pytest.approx(90 / 900)
    assert measured["utilisation", "all", "officers_south"] == pytest.approx(60 / 300)
    assert measured["utilisation", "all", "officers"] == pytest.approx(150 / 1200)


def test_cells_are_used_while_somebody_is_in_them(measured: Measured) -> None:
    assert measured["utilisation", "all", "cells_north", "2013-04"] == pytest.approx(600 / 24000)
    assert measured["utilisation", "all", "cells_north"] == pytest.approx(600 / 24000)


def test_people_in_distress_are_counted_once_by_their_first_stay_in_a_cell(
    measured: Measured,
) -> None:
    people = "detained_in_mental_distress"
    assert measured[people] == measured[people, "all", "division:north", "all"] == 2
    assert measured[people, "all", "", "2013-04"] == 1
    assert measured[people, "all", "", "2013-05"] == 1
    assert measured[people, "all", "division:south", "all"] == 0
