"""The victim's side of a case file: what was owed and made, and what it did to engagement."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from cjsim.des.log_reader import read_minutes
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.case import Case
from cjsim.england_wales.case_columns import CASE_COLUMNS
from cjsim.schema.model import Model
from cjsim.trace.render import render
from cjsim.trace.trace import tell_case
from cjsim.trace.victim_account import Engagement, who_is_owed
from tests.support.runs import changed, run, toy_model
from tests.support.small_world import MONDAY, SmallWorld, length, number


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    """The toy model with letters that arrive as they are sent."""
    return changed(toy_model(toy), channels={"letter": {"delivered_after": length(0)}})


def row_of(case: Case) -> dict[str, Any]:
    return dict(
        zip(
            (column for column, _, _ in CASE_COLUMNS),
            case.simulation.log.case_row(case),
            strict=True,
        )
    )


def section(case: dict[str, Any], rows: list[dict[str, Any]], model: Model) -> list[str]:
    """The lines under VICTIM AND WITNESSES, each entry in one line."""
    plain = [
        {key: getattr(value, "item", lambda value=value: value)() for key, value in row.items()}
        for row in rows
    ]
    text = "\n".join(render(case, plain, model, MONDAY, 200 * MINUTES_A_DAY))
    _, found, after = text.partition("VICTIM AND WITNESSES\n")
    assert found
    return re.sub(r"\n {20,}", " ", after.partition("\n\n")[0]).split("\n")


def test_without_a_victim_nobody_is_owed_and_nobody_engaged(model: Model, tmp_path: Path) -> None:
    small = SmallWorld(model, tmp_path)
    case = small.case(civilian_witnesses=1)
    case.tell("witness_warning")
    small.until_day(10)
    (only,) = section(row_of(case), small.log(), model)
    assert "Witness warning, due " in only
    assert "ngagement" not in only


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
    small.at(5, 12, lambda: small.simulation.pools["witness_care_unit"][0].resize(1))
    small.until_day(listing.day + 1)
    truth = case.victim_engagement
    case.tell("update_on_charge")
    rows = small.log()
    told = [line for line in section(row_of(case), rows, slow) if "came to nothing" in line]
    assert len(told) == 1
    assert float(told[0].split("Engagement ")[1][:4]) == pytest.approx(truth, abs=0.02)


def test_engagement_moves_until_the_case_has_ended(model: Model) -> None:
    case = {"arrived_at": 0, "ended_at": 5000}
    made = {"activity": "update_on_charge", "queued_at": 100, "result": "in_time"}
    rows = [
        {**made, "ended_at": 200},
        {**made, "ended_at": 6000},
        {**made, "ended_at": -1, "result": ""},
    ]
    felt = Engagement(case, rows, model, MONDAY, 10000)
    assert list(felt.after) == [0]
    assert felt.after[0] > felt.first
    assert felt.last < felt.after[0], "the days until the end wear on it"


def test_a_date_put_back_wears_and_one_brought_forward_does_not(model: Model) -> None:
    moved = {"activity": "relisted", "queued_at": 100, "ended_at": 100}
    case = {"arrived_at": 0, "ended_at": -1}
    back = Engagement(case, [{**moved, "result": "put_back"}], model, MONDAY, 200)
    forward = Engagement(case, [{**moved, "result": "brought_forward"}], model, MONDAY, 200)
    assert back.last < forward.last
    assert (list(back.after), list(forward.after)) == ([0], [])


def test_each_contact_is_told_with_its_deadline_and_channel(model: Model, tmp_path: Path) -> None:
    small = SmallWorld(model, tmp_path)
    case = small.case(has_victim=True, contact_channel="letter", uses_case_tracker=True)
    case.tell("needs_assessment")
    case.tell("first_hearing_date")
    small.until_day(10)
    lines = section(row_of(case), small.log(), model)
    assert lines[0] == (
        "  A victim, owed the usual service; would be reached by letter; looks things up in the "
        "case tracker."
    )
    text = "\n".join(lines)
    assert "Needs assessment, due Mon 15 Apr: made by telephone on " in text
    assert "First hearing date, due " in text
    assert ": looked up in the case tracker on Mon 8 Apr 00:00, in time. Engagement " in text


def test_whoever_is_owed_the_enhanced_service_is_told_why() -> None:
    facts = {"uses_case_tracker": False, "contact_channel": "face_to_face"}
    case = {**facts, "vulnerable_victim": True, "persistently_targeted": True}
    assert who_is_owed(case) == (
        "A vulnerable and persistently targeted victim, owed the enhanced service; would be "
        "reached face to face."
    )


def test_a_contact_is_told_once_before_the_outcome(model: Model, tmp_path: Path) -> None:
    done = run(model, tmp_path, to=dt.date(2013, 5, 31))
    events, cases = read_minutes(done.events_path), read_minutes(done.cases_path)
    with_victim = [one for one in cases.to_pylist() if one["has_victim"]][:60]
    assert len(with_victim) == 60
    for one in with_victim:
        lines = tell_case(events, cases, one["case_id"], model)
        first = lines.index("VICTIM AND WITNESSES") + 1
        last = lines.index("", first) - 1
        assert lines[first] == f"  {who_is_owed(one)}"
        assert lines[last].startswith("  Engagement at the report ")
        assert last < lines.index("SUMMARY")
        assert "OUTCOME" not in lines[:last]
        assert sum("Acknowledgement, due " in line for line in lines) <= 1
        assert "_" not in "\n".join(lines)
