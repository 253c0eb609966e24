"""Laws of money that hold whatever is in the log: nothing is lost between the agencies."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cjsim.measures import cost_lines, find_measure
from cjsim.measures.sql_tables import Log
from cjsim.schema.costs import UnitCost
from cjsim.schema.model import Model
from tests.support.hand_made import a_model, amount, at, case, event, there, unit, write_log

WORK = ("investigation", "first_hearing", "magistrates_trial", "remand", "update_on_charge")
RESULTS = ("", "done", "adjourned", "effective", "missed", "vacated")
PLACES = ("", "officers", "magistrates_trials@stoke#1")

rows = st.lists(
    st.builds(
        lambda work, start, length, minutes, result, place: event(
            1 + length % 2, work, start, start + length, minutes=minutes, result=result, place=place
        ),
        st.sampled_from(WORK),
        st.integers(at(-20), at(60)),
        st.integers(0, 40 * 1440),
        st.integers(0, 600).map(float),
        st.sampled_from(RESULTS),
        st.sampled_from(PLACES),
    ),
    min_size=1,
    max_size=30,
)
prices = st.lists(st.floats(0.01, 1e5), min_size=5, max_size=5)
some = settings(max_examples=15)


def _units(gbp: list[float], agencies: tuple[str, ...]) -> dict[str, UnitCost]:
    """One unit cost of each kind but one, in the order of their prices."""
    kinds: tuple[tuple[str, dict[str, Any]], ...] = (
        ("hour", {"activities": WORK[1:]}),
        ("event", {"activities": ("update_on_charge", "first_hearing")}),
        ("day", {"activities": ("remand",)}),
        ("courtroom_day", {"activities": ("magistrates_trial",)}),
        ("capacity_hour", {"pools": ("officers",), "activities": ("investigation",)}),
    )
    return {
        per: unit(agency, amount(price), per, **facts)
        for (per, facts), price, agency in zip(kinds, gbp, agencies, strict=True)
    }


AGENCIES = ("police", "cps", "prisons", "hmcts", "police")


def _log(folder: Path, events: list[dict[str, Any]]) -> None:
    cases = [case(1), case(2, division="south", offence_group="fraud")]
    write_log(folder, cases, events, [there("pool", "officers", "officers", 6000.0)])


def _cost_gbp(folder: Path, model: Model) -> dict[tuple[str, str], float]:
    with Log(folder, model) as log:
        return {
            (group, period): value for _, group, period, value in find_measure("cost_gbp").rows(log)
        }


@some
@given(events=rows, gbp=prices)
def test_agencies_and_months_and_lines_add_up_to_the_total(
    events: list[dict[str, Any]], gbp: list[float]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _log(folder, events)
        model = a_model(**_units(gbp, AGENCIES))
        cost = _cost_gbp(folder, model)
        lines = cost_lines(folder, model).to_pylist()
    total = pytest.approx(cost["", "all"], rel=1e-9)
    assert sum(cost[agency, "all"] for agency in set(AGENCIES)) == total
    assert sum(cost["", month] for month in ("2013-04", "2013-05")) == total
    paid = [line for line in lines if line["kind"] != "used"]
    assert sum(line["gbp"] for line in paid) == total


@some
@given(events=rows, gbp=prices, which=st.integers(0, 4))
def test_doubling_a_unit_cost_doubles_its_lines_exactly(
    events: list[dict[str, Any]], gbp: list[float], which: int
) -> None:
    dearer = [price * 2 if place == which else price for place, price in enumerate(gbp)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _log(folder, events)
        before = cost_lines(folder, a_model(**_units(gbp, AGENCIES))).to_pylist()
        after = cost_lines(folder, a_model(**_units(dearer, AGENCIES))).to_pylist()
    doubled = list(_units(gbp, AGENCIES))[which]
    for line, again in zip(before, after, strict=True):
        factor = 2 if line["unit"] == doubled else 1
        assert again == {**line, "gbp": line["gbp"] * factor}


@some
@given(events=rows, gbp=prices, agencies=st.permutations(AGENCIES))
def test_relabelling_agencies_changes_no_total(
    events: list[dict[str, Any]], gbp: list[float], agencies: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _log(folder, events)
        before = _cost_gbp(folder, a_model(**_units(gbp, AGENCIES)))
        after = _cost_gbp(folder, a_model(**_units(gbp, tuple(agencies))))
    assert after["", "all"] == pytest.approx(before["", "all"], rel=1e-9)


@some
@given(events=rows, gbp=prices)
def test_the_same_log_costs_the_same_to_the_last_digit(
    events: list[dict[str, Any]], gbp: list[float]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _log(folder, events)
        model = a_model(**_units(gbp, AGENCIES))
        assert _cost_gbp(folder, model) == _cost_gbp(folder, model)
