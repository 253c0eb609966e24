"""The victim's account in a trace: what was owed and made, and what it did to engagement."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from cjsim.case import Case
from cjsim.experiment.store import read_table
from cjsim.experiment.trace import tell_case
from cjsim.experiment.victim_account import victim_account
from cjsim.log import CASE_COLUMNS, case_row
from cjsim.spec.model import Model
from tests.laws.runs import changed, run, toy_model
from tests.unit.small_world import MONDAY, SmallWorld, length, number


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    """The toy model with letters that arrive as they are sent."""
    return changed(toy_model(toy), channels={"letter": {"delivered_after": length(0)}})


def row_of(case: Case) -> dict[str, Any]:
    return dict(zip((column for column, _, _ in CASE_COLUMNS), case_row(case), strict=True))


def test_a_case_without_a_victim_has_no_account(model: Model, tmp_path: Path) -> None:
    case = SmallWorld(model, tmp_path).case()
    assert victim_account(row_of(case), [], model, MONDAY) == []


def test_engagement_worked_out_from_the_log_is_that_of_the_run(
    model: Model, tmp_path: Path
) -> None:
    slow = changed(model, pools={"witness_care_unit": {"capacity": number(0)}})
    small = SmallWorld(slow, tmp_path)
    case = small.case(has_victim=True, vulnerable_victim=True, contact_channel="letter")
    for duty in ("update_on_arrest", "first_hearing_date", "support_given", "chasing_call"):
        case.tell(duty)  # type: ignore[arg-type]
    listing = case.fix("magistrates_trial", "magistrates_trials", lambda _: ("ineffective", ""))
    small.go(case.appear(listing))
    small.at(5, 12, lambda: small.world.pools["witness_care_unit"][0].resize(1))
    small.until_day(listing.day + 1)
    truth = case.victim_engagement
    case.tell("update_on_charge")
    rows = small.log()
    account = victim_account(row_of(case), rows, slow, MONDAY)
    told = [line for line in account if "Engagement" in line and "came to nothing" in line]
    assert len(told) == 1
    assert float(told[0].split("Engagement ")[1][:4]) == pytest.approx(truth, abs=0.02)


def test_each_contact_is_told_with_its_deadline_and_channel(model: Model, tmp_path: Path) -> None:
    small = SmallWorld(model, tmp_path)
    case = small.case(has_victim=True, contact_channel="letter", uses_case_tracker=True)
    case.tell("needs_assessment")
    case.tell("first_hearing_date")
    small.until_day(10)
    text = "\n".join(victim_account(row_of(case), small.log(), model, MONDAY))
    assert "would be reached by letter; looks things up in the case tracker." in text
    assert "Needs assessment by telephone, due by Mon 15 Apr 2013: made in time." in text
    assert "First hearing date looked up in the case tracker, due by" in text


def test_the_account_stands_at_the_end_of_the_trace_of_every_case_with_a_victim(
    model: Model, tmp_path: Path
) -> None:
    done = run(model, tmp_path, to=dt.date(2013, 5, 31))
    events, cases = read_table(done.events_path), read_table(done.cases_path)
    with_victim = [one for one in cases.to_pylist() if one["has_victim"]][:60]
    assert len(with_victim) == 60
    for one in with_victim:
        lines = tell_case(events, cases, one["case"], model)
        assert "THE VICTIM'S ACCOUNT" in lines
        assert lines[-1].startswith("  Engagement at the report ")
        assert "_" not in "\n".join(lines)
