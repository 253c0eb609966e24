"""What can be measured: the names, and that measuring twice gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cjsim.jurisdiction import jurisdiction_names
from cjsim.measures import find_measure, known_measures, measure, measures_of
from cjsim.measures.measurement import measurement_of
from cjsim.measures.registry import general_modules, measures_in
from cjsim.measures.registry import measure as enter
from tests.support.hand_made import a_model, at, case, event, write_log

PROMISED = {
    "cases_disposed",
    "early_guilty_plea_rate",
    "conviction_rate",
    "adjournments_per_case",
    "hearings_per_case",
    "court_minutes_per_case",
    "trials_effective_share",
    "trials_cracked_share",
    "trials_ineffective_share",
    "trials_vacated_share",
    "arrest_to_charge_days",
    "charge_to_first_listing_days",
    "first_listing_to_completion_days",
    "first_listing_to_trial_days",
    "receipt_to_completion_days",
    "arrest_to_disposal_days",
    "detention_hours",
    "completed_at_first_listing_share",
    "sent_to_crown_share",
    "open_cases",
    "remand_nights",
    "custody_clock_extensions",
    "cps_charged_share",
    "consultations_per_decision",
    "victim_contacts_in_time_share",
    "victims_withdrawn_before_charge_share",
    "victims_withdrawn_after_charge_share",
    "witness_attendances_wasted_share",
    "cost_gbp",
    "cost_per_case_gbp",
    "utilisation",
}


def test_every_promised_measure_is_known() -> None:
    assert PROMISED <= set(known_measures("england_wales"))


def test_every_measure_says_what_it_means() -> None:
    for kpi in (find_measure(name) for name in known_measures()):
        assert kpi.definition.endswith("."), kpi.name
        assert kpi.unit, kpi.name


def test_an_unknown_measure_is_refused_with_a_suggestion() -> None:
    assert find_measure("cost_gbp").unit == "GBP"
    with pytest.raises(KeyError, match='Did you mean "conviction_rate"'):
        find_measure("convictions_rate")


def test_a_name_is_taken_once() -> None:
    twice = enter("seen_twice", "cases", better="neither", definition="Twice.")
    twice(lambda _: ())
    with pytest.raises(ValueError, match="two measures"):
        twice(lambda _: ())


def test_a_jurisdiction_has_the_general_measures_and_its_own_after_them() -> None:
    general = [name for module in general_modules() for name in measures_in(module)]
    for jurisdiction in jurisdiction_names():
        own = [
            name for module in measurement_of(jurisdiction).modules for name in measures_in(module)
        ]
        assert [*measures_of(jurisdiction)] == general + own


def test_a_name_means_the_same_in_every_jurisdiction() -> None:
    for name in known_measures():
        of_this_name = [
            measures_of(each)[name] for each in jurisdiction_names() if name in measures_of(each)
        ]
        assert len({(kpi.unit, kpi.better) for kpi in of_this_name}) == 1, name


def test_the_table_has_the_columns_of_the_results_but_for_scenario_and_replication(
    tmp_path: Path,
) -> None:
    write_log(tmp_path, [case(1, ended=at(3), outcome="caution")])
    table = measure(tmp_path, a_model())
    assert table.column_names == ["kpi", "court", "group", "period", "value", "unit"]
    assert set(table["period"].to_pylist()) == {"2013-04", "2013-05", "all"}
    assert set(table["court"].to_pylist()) == {"magistrates", "crown", "all"}


def test_measuring_twice_gives_the_same_table(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(number, arrived=at(number % 9)) for number in range(50)],
        [event(number, "investigation", at(0), at(2), minutes=number / 7) for number in range(50)],
    )
    assert measure(tmp_path, a_model()).equals(measure(tmp_path, a_model()))


def test_a_missing_file_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="events"):
        measure(tmp_path, a_model())


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    odd = tmp_path / "it's $5 [a] *?"
    odd.mkdir()
    write_log(odd, [case(1)])
    assert "arrests" in measure(odd, a_model())["kpi"].to_pylist()
