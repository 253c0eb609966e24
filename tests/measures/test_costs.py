"""Each way of counting a cost, worked out by hand: quantity x price x deflator (always 1.02)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cjsim.measures import cost_lines
from cjsim.schema.costs import UnitCost
from cjsim.schema.money import DeclaredCost
from tests.support.hand_made import (
    Measured,
    a_model,
    amount,
    at,
    case,
    event,
    there,
    unit,
    write_log,
)

DEFLATOR = 1.02


def _lines(folder: Path, **units: UnitCost) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Quantity and pounds by unit, activity and month."""
    return {
        (row["unit"], row["activity"], row["month"]): (row["quantity"], row["gbp"])
        for row in cost_lines(folder, a_model(**units)).to_pylist()
    }


def _one(folder: Path, unit_cost: UnitCost) -> tuple[float, float]:
    """Quantity and pounds of one unit cost over everything."""
    found = _lines(folder, it=unit_cost).values()
    return sum(quantity for quantity, _ in found), sum(gbp for _, gbp in found)


def _change(**facts: Any) -> dict[str, Any]:
    return {"source": "made by hand", "evidence": "measured", **facts}


def test_an_hour_costs_for_the_minutes_worked(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(1)],
        [
            event(1, "investigation", at(1), at(3), minutes=90),
            event(1, "investigation", at(28), at(31), minutes=30),
            event(1, "suspect_interview", at(1), at(2), minutes=60),
        ],
    )
    lines = _lines(tmp_path, officer=unit("police", 40, "hour", activities=("investigation",)))
    april, may = (("officer", "investigation", month) for month in ("2013-04", "2013-05"))
    assert lines[april] == pytest.approx((1.5, 1.5 * 40 * DEFLATOR))
    assert lines[may] == pytest.approx((0.5, 0.5 * 40 * DEFLATOR))
    assert len(lines) == 2


def test_the_warm_up_and_what_is_not_over_cost_nothing(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(1)],
        [
            event(1, "investigation", at(-9), at(-1, 23.9), minutes=90),
            event(1, "investigation", at(1), -1, minutes=0),
        ],
    )
    assert _lines(tmp_path, officer=unit("police", 40, "hour", activities=("investigation",))) == {}


def test_an_event_is_a_row_that_happened(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(1)],
        [
            event(1, "crown_trial", at(1), at(3), started=-1, result="vacated"),
            event(1, "crown_trial", at(1), at(9), started=-1, result="ineffective"),
            event(1, "update_on_charge", at(1), at(9), started=-1, result="missed"),
            event(1, "update_on_charge", at(1), at(2), result="late"),
            event(1, "witness_attendance", at(1), at(9), result="did_not_attend"),
        ],
    )
    activities = ("crown_trial", "update_on_charge", "witness_attendance")
    every = unit("cps", 10, "event", activities=activities)
    assert _one(tmp_path, every) == pytest.approx((2, 2 * 10 * DEFLATOR))
    named = unit("cps", 10, "event", activities=activities, results=("vacated",))
    assert _one(tmp_path, named) == pytest.approx((1, 10 * DEFLATOR))


def test_a_cost_may_ask_for_the_reason(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(1)],
        [
            event(
                1, "magistrates_trial", at(1), at(2), result="ineffective", reason="no_court_time"
            ),
            event(
                1,
                "magistrates_trial",
                at(1),
                at(3),
                result="ineffective",
                reason="defence_not_ready",
            ),
            event(
                1,
                "magistrates_trial",
                at(1),
                at(4),
                started=-1,
                result="vacated",
                reason="victim_withdrew",
            ),
            event(
                1,
                "magistrates_trial",
                at(1),
                at(5),
                started=-1,
                result="vacated",
                reason="court_relisted",
            ),
        ],
    )
    trial = ("magistrates_trial",)
    waited = unit("cps", 10, "event", activities=trial, reasons=("no_court_time",))
    assert _one(tmp_path, waited) == pytest.approx((1, 10 * DEFLATOR))
    withdrawn = unit(
        "legal_aid",
        10,
        "event",
        activities=trial,
        results=("vacated",),
        reasons=("victim_withdrew",),
    )
    assert _one(tmp_path, withdrawn) == pytest.approx((1, 10 * DEFLATOR))


def test_a_price_by_list_serves_a_hearing_that_was_not_reached_as_any_other(
    tmp_path: Path,
) -> None:
    write_log(
        tmp_path,
        [case(1)],
        [
            event(1, "first_hearing", at(1), at(2), minutes=60, place="bulk_motoring@stoke#1"),
            event(1, "first_hearing", at(1), at(3), minutes=30, place="remand_court@stoke#1"),
            event(
                1,
                "first_hearing",
                at(1),
                at(4),
                minutes=0,
                result="adjourned",
                reason="no_court_time",
            ),
        ],
    )
    price = amount({"bulk_motoring": 0, "default": 80})
    by_list = unit("cps", price, "hour", activities=("first_hearing",))
    assert _one(tmp_path, by_list)[1] == pytest.approx(0.5 * 80 * DEFLATOR)


def test_a_day_costs_from_entering_to_leaving_within_the_study(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(1)],
        [
            event(1, "remand", at(-10), at(2, 12)),
            event(1, "remand", at(28), -1),
            event(1, "detention", at(0, 6), at(0, 18), started=at(0, 9)),
        ],
    )
    lines = _lines(
        tmp_path,
        place=unit("prisons", 80, "day", activities=("remand",)),
        cell=unit("police", 400, "day", activities=("detention",)),
    )
    assert lines["place", "remand", "2013-04"] == pytest.approx((4.5, 4.5 * 80 * DEFLATOR))
    assert lines["place", "remand", "2013-05"] == pytest.approx((31, 31 * 80 * DEFLATOR))
    assert lines["cell", "detention", "2013-04"] == pytest.approx((0.5, 200 * DEFLATOR))


def test_a_courtroom_day_is_all_the_sessions_of_its_list(tmp_path: Path) -> None:
    # Two sessions of 150 minutes make a day of 300.
    write_log(
        tmp_path,
        [case(1)],
        [
            event(
                1,
                "magistrates_trial",
                at(1),
                at(9),
                minutes=150,
                result="effective",
                place="magistrates_trials@stoke#1",
            ),
            event(1, "magistrates_trial", at(9), at(10), started=-1, result="ineffective"),
        ],
    )
    sitting = unit("hmcts", 1000, "courtroom_day", activities=("magistrates_trial",))
    assert _one(tmp_path, sitting) == pytest.approx((0.5, 500 * DEFLATOR))


def test_capacity_is_paid_for_whether_it_is_used_or_not(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        capacity=[
            there("pool", "officers_north", "officers", 900, posts=2, division="north"),
            there(
                "list", "magistrates_trials@stoke", "magistrates_trials", 300, court="magistrates"
            ),
            there("pool", "officers_north", "officers", 900, posts=2, month="2013-02"),
        ],
    )
    lines = _lines(
        tmp_path,
        hour=unit("police", 30, "capacity_hour", pools=("officers",)),
        post=unit("commissioner", 36525, "post_year", pools=("officers",)),
        court=unit("hmcts", 200, "capacity_hour", lists=("magistrates_trials",)),
    )
    assert lines["hour", "officers_north", "2013-04"] == pytest.approx((15, 450 * DEFLATOR))
    years = 2 * 30 / 365.25
    post = lines["post", "officers_north", "2013-04"]
    assert post == pytest.approx((years, years * 36525 * DEFLATOR))
    court = lines["court", "magistrates_trials@stoke", "2013-04"]
    assert court == pytest.approx((5, 1000 * DEFLATOR))
    assert len(lines) == 3


def test_a_result_and_a_court_narrow_what_is_counted(tmp_path: Path) -> None:
    crown = {"charged": at(1), "received_crown": at(5), "crown_way": "for_trial", "ended": at(9)}
    write_log(
        tmp_path,
        [case(1, **crown), case(2, charged=at(1), ended=at(9)), case(3)],
        [
            event(1, "disposal", at(9), at(9), result="convicted_guilty_plea"),
            event(2, "disposal", at(9), at(9), result="convicted_guilty_plea"),
            event(2, "disposal", at(9), at(9), result="acquitted"),
            event(3, "disposal", at(9), at(9), result="caution"),
        ],
    )
    fee = {"activities": ("disposal",), "results": ("convicted_guilty_plea",)}
    assert _one(tmp_path, unit("legal_aid", 100, "event", **fee))[0] == 2
    assert _one(tmp_path, unit("legal_aid", 100, "event", court="crown", **fee))[0] == 1
    below = unit("legal_aid", 100, "event", court="magistrates", activities=("disposal",))
    assert _one(tmp_path, below)[0] == 2


def test_a_price_changes_on_its_date_and_in_its_division(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(1), case(2, division="south")],
        [
            event(number, "investigation", at(1), at(day), minutes=60)
            for number in (1, 2)
            for day in (14, 15, 40)
        ],
    )
    changes = [
        _change(**{"from": dt.date(2013, 4, 16)}, area="north", value=50),
        _change(**{"from": dt.date(2013, 5, 1)}, value=60),
    ]
    price = amount(40, changes=changes)
    officer = unit("police", price, "hour", activities=("investigation",))
    # North: 40, 50 from 16 April, 60 in May. South: 40, 40, 60.
    assert _one(tmp_path, officer) == pytest.approx((6, (40 + 50 + 60 + 40 + 40 + 60) * DEFLATOR))


def test_days_and_capacity_take_each_price_for_as_long_as_it_holds(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(1)],
        [event(1, "remand", at(10), at(20))],
        [there("pool", "officers", "officers", 30 * 60)],
    )
    change = _change(**{"from": dt.date(2013, 4, 16)}, value=200)
    price = amount(100, changes=[change])
    place = unit("prisons", price, "day", activities=("remand",))
    assert _one(tmp_path, place) == pytest.approx((10, (5 * 100 + 5 * 200) * DEFLATOR))
    hour = unit("police", price, "capacity_hour", pools=("officers",))
    assert _one(tmp_path, hour) == pytest.approx((30, (15 * 100 + 15 * 200) * DEFLATOR))


def test_a_price_may_differ_by_offence_group_or_list(tmp_path: Path) -> None:
    trial = {"minutes": 60, "place": "magistrates_trials@stoke#1", "result": "effective"}
    write_log(
        tmp_path,
        [case(1), case(2, offence_group="fraud")],
        [
            event(1, "magistrates_trial", at(1), at(2), **trial),
            event(2, "magistrates_trial", at(1), at(2), **trial),
        ],
    )
    by_group = unit("cps", {"default": 10, "fraud": 90}, "event", activities=("magistrates_trial",))
    assert _one(tmp_path, by_group) == pytest.approx((2, 100 * DEFLATOR))
    by_list = unit(
        "cps", {"default": 10, "magistrates_trials": 25}, "hour", activities=("magistrates_trial",)
    )
    assert _one(tmp_path, by_list) == pytest.approx((2, 50 * DEFLATOR))


def test_nothing_goes_uncosted_in_silence(tmp_path: Path) -> None:
    write_log(tmp_path, [case(1)], [event(1, "investigation", at(1), at(2), minutes=60)])
    nameless = unit("police", {"fraud": 10}, "hour", activities=("investigation",))
    with pytest.raises(duckdb.Error, match="no price for it"):
        _lines(tmp_path, it=nameless)


@pytest.fixture(name="measured", scope="module")
def _measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    folder = tmp_path_factory.mktemp("log")
    ended = {"ended": at(9), "charged": at(1)}
    write_log(
        folder,
        [
            case(1, **ended, outcome="convicted_guilty_plea"),
            case(2, ended=at(40), outcome="caution"),
        ],
        [
            event(1, "investigation", at(1), at(3), minutes=120),
            event(1, "first_hearing", at(1), at(4), minutes=60, result="adjourned"),
            event(1, "first_hearing", at(4), at(9), minutes=30, result="guilty_plea_sentenced"),
            event(2, "investigation", at(35), at(39), minutes=60),
        ],
    )
    units = {
        "officer": unit("police", 50, "hour", activities=("investigation",)),
        "prosecutor": unit("cps", 60, "hour", activities=("first_hearing",)),
        "fee": unit("legal_aid", 100, "event", activities=("first_hearing",), cashable=True),
    }
    return Measured(folder, a_model(**units))


def test_the_cost_is_shown_by_agency_and_in_total(measured: Measured) -> None:
    assert measured["cost_gbp", "all", "police"] == pytest.approx(150 * DEFLATOR)
    assert measured["cost_gbp", "all", "cps"] == pytest.approx(90 * DEFLATOR)
    assert measured["cost_gbp", "all", "legal_aid"] == pytest.approx(200 * DEFLATOR)
    assert measured["cost_gbp"] == pytest.approx(440 * DEFLATOR)
    assert measured["cost_gbp", "all", "cps", "2013-05"] == 0


def test_cashable_savings_are_told_apart(measured: Measured) -> None:
    assert measured["cost_cashable_gbp"] == pytest.approx(200 * DEFLATOR)
    assert measured["cost_cashable_gbp", "all", "police"] == 0


def test_hearings_that_achieved_nothing_cost_too(measured: Measured) -> None:
    assert measured["cost_of_wasted_hearings_gbp"] == pytest.approx(160 * DEFLATOR)
    assert measured["cost_of_wasted_hearings_gbp", "all", "cps"] == pytest.approx(60 * DEFLATOR)


def test_cost_per_case_is_over_everybody_who_left(measured: Measured) -> None:
    assert measured["cost_per_case_gbp"] == pytest.approx(440 * DEFLATOR / 2)
    assert measured["cost_per_case_gbp", "all", "", "2013-05"] == pytest.approx(50 * DEFLATOR)
    assert measured["cost_per_conviction_gbp"] == pytest.approx(440 * DEFLATOR)
    assert ("cost_per_conviction_gbp", "all", "", "2013-05") not in measured


# --- what is paid for, what is used of it, and what nobody pays ---------------------------------


def test_time_used_of_paid_capacity_is_shown_apart_and_never_paid_twice(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(1)],
        [event(1, "investigation", at(1), at(3), minutes=90)],
        [there("pool", "officers", "officers", 600)],
    )
    paid = unit("police", 40, "capacity_hour", pools=("officers",), activities=("investigation",))
    lines = {
        (row["kind"], row["activity"]): (row["quantity"], row["gbp"])
        for row in cost_lines(tmp_path, a_model(it=paid)).to_pylist()
    }
    assert lines == {
        ("capacity", "officers"): pytest.approx((10, 400 * DEFLATOR)),
        ("used", "investigation"): pytest.approx((1.5, 60 * DEFLATOR)),
    }
    measured = Measured(tmp_path, a_model(it=paid))
    assert measured["cost_gbp"] == pytest.approx(400 * DEFLATOR)
    assert measured["cost_capacity_gbp", "all", "police"] == pytest.approx(400 * DEFLATOR)
    assert measured["worth_of_time_used_gbp"] == pytest.approx(60 * DEFLATOR)
    assert measured["cost_cashable_gbp"] == 0


def test_own_time_is_in_nobodys_total(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [case(1, ended=at(9), outcome="caution")],
        [
            event(1, "witness_attendance", at(1), at(2), minutes=120, result="wasted"),
            event(1, "investigation", at(1), at(3), minutes=60),
        ],
    )
    measured = Measured(
        tmp_path,
        a_model(
            own=unit("victims_and_witnesses", 10, "hour", activities=("witness_attendance",)),
            officer=unit("police", 40, "hour", activities=("investigation",)),
        ),
    )
    assert measured["cost_gbp"] == pytest.approx(40 * DEFLATOR)
    assert measured["cost_gbp", "all", "victims_and_witnesses"] == pytest.approx(20 * DEFLATOR)
    assert measured["cost_per_case_gbp"] == pytest.approx(40 * DEFLATOR)
    assert measured["cost_of_wasted_attendances_gbp"] == 0
    own = measured["cost_of_wasted_attendances_gbp", "all", "victims_and_witnesses"]
    assert own == pytest.approx(20 * DEFLATOR)


def test_preparation_of_a_trial_that_never_took_place_is_counted(tmp_path: Path) -> None:
    trial = {"started": -1, "minutes": 0}
    write_log(
        tmp_path,
        [case(n, ended=at(20) if n < 4 else -1) for n in (1, 2, 3, 4)],
        [
            *(event(n, "trial_preparation", at(n), at(n, 2), minutes=60) for n in (1, 2, 3, 4)),
            event(1, "magistrates_trial", at(6), at(9), result="cracked", **trial),
            event(2, "magistrates_trial", at(6), at(9), result="ineffective", **trial),
            event(2, "magistrates_trial", at(9), at(19), minutes=90, result="effective"),
            event(3, "magistrates_trial", at(6), at(9), result="vacated", **trial),
            event(4, "magistrates_trial", at(6), at(9), result="ineffective", **trial),
        ],
    )
    hour = unit("cps", 50, "hour", activities=("trial_preparation",))
    measured = Measured(tmp_path, a_model(it=hour))
    assert measured["cost_of_unused_trial_preparation_gbp"] == pytest.approx(100 * DEFLATOR)
    assert measured["cost_of_unused_trial_preparation_gbp", "all", "cps"] == pytest.approx(
        100 * DEFLATOR
    )


def _declared(**facts: Any) -> DeclaredCost:
    return DeclaredCost.model_validate(
        {
            "scenario": "reform",
            "line": "it",
            "agency": "commissioner",
            "gbp": 1000,
            "price_year": "2013-14",
            "source": "made by hand",
            "evidence": "measured",
            **facts,
        }
    )


def test_what_a_reform_costs_falls_on_its_days(tmp_path: Path) -> None:
    write_log(tmp_path, [case(1)])
    model = a_model(officer=unit("police", 40, "hour", activities=("investigation",)))
    lines = (
        _declared(per="once", **{"from": dt.date(2013, 5, 31)}),
        _declared(per="once", **{"from": dt.date(2013, 6, 1)}, line="too_late"),
        _declared(
            per="year",
            **{"from": dt.date(2013, 4, 16)},
            to=dt.date(2013, 5, 10),
            agency="police",
            gbp=365.25,
            cashable=False,
        ),
    )
    costs = model.costs.model_copy(update={"declared": lines})
    measured = Measured(tmp_path, model.model_copy(update={"costs": costs}))
    cost = "cost_of_reform_gbp"
    assert measured[cost, "all", "commissioner", "2013-04"] == 0
    assert measured[cost, "all", "commissioner", "2013-05"] == pytest.approx(1000 * DEFLATOR)
    assert measured[cost, "all", "police", "2013-04"] == pytest.approx(15 * DEFLATOR)
    assert measured[cost, "all", "police", "2013-05"] == pytest.approx(10 * DEFLATOR)
    assert measured["cost_gbp"] == pytest.approx(1025 * DEFLATOR)
    assert measured["cost_cashable_gbp"] == pytest.approx(1000 * DEFLATOR)
