"""What the toy model did when somebody last looked: counts, one case's story, the log's hash.

A change here is meant or it is a fault: look at it, then write the file anew with
`REWRITE_GOLDEN=1 python -m pytest tests/golden`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cjsim.des.log_reader import read_minutes
from cjsim.scenarios.load import load_model
from cjsim.simulation.simulate import simulate
from cjsim.trace.trace import tell_case
from tests.support.runs import Columns, columns, toy_model

GOLDEN = Path(__file__).with_name("toy.json")
FIRST, LAST = dt.date(2013, 4, 1), dt.date(2013, 7, 31)
REMEDY = "If that was meant: REWRITE_GOLDEN=1 python -m pytest tests/golden"
DOORS = {
    "mental_health_street_triage": "street_triage_diverts",
    "joint_case_conference": "prosecution_team_takes_case",
    "footage_review": "filmed_on_body_worn_video",
    "video_link_supervision": "first_hearing_by_video",
    "domestic_abuse_advocacy": "domestic_abuse_advocate_takes_case",
}
"""Stages behind a door, and the branch that is the door."""


def counts(events: Columns) -> dict[str, dict[str, int]]:
    """Rows by activity and result; a row that nobody has left yet counts as open."""
    found: dict[str, Counter[str]] = {}
    for activity, result in zip(events["activity"], events["result"], strict=True):
        found.setdefault(activity, Counter())[result or "open"] += 1
    return {activity: dict(sorted(found[activity].items())) for activity in sorted(found)}


def one_with_a_story(events: Columns, cases: Columns) -> int:
    """The ended case with a victim and a trial that was heard whose log is the longest."""
    tried = events["case_id"][
        (events["activity"] == "magistrates_trial") & (events["started_at"] >= 0)
    ]
    told = np.isin(cases["case_id"], tried) & (cases["ended_at"] >= 0) & cases["has_victim"]
    rows = Counter(events["case_id"].tolist())
    return min(cases["case_id"][told].tolist(), key=lambda case: (-rows[case], case))


@pytest.fixture(scope="module")
def now(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the toy model does now."""
    model = toy_model(toy)
    folder = tmp_path_factory.mktemp("golden")
    run = simulate(model, seed=1, replication=0, study_from=FIRST, study_to=LAST, folder=folder)
    events, cases = columns(run.events_path), columns(run.cases_path)
    case = one_with_a_story(events, cases)
    story = tell_case(read_minutes(run.events_path), read_minutes(run.cases_path), case, model)
    return {
        "model": "toy",
        "seed": 1,
        "replication": 0,
        "from": str(FIRST),
        "to": str(LAST),
        "content_hash": run.content_hash,
        "events": run.events,
        "cases": run.cases,
        "counts": counts(events),
        "story": story,
    }


@pytest.fixture(scope="module")
def golden(now: dict[str, Any]) -> dict[str, Any]:
    """What it did when somebody last looked."""
    if os.environ.get("REWRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def test_as_many_cases_go_the_same_ways(now: dict[str, Any], golden: dict[str, Any]) -> None:
    assert now["counts"] == golden["counts"], REMEDY
    assert (now["cases"], now["events"]) == (golden["cases"], golden["events"]), REMEDY


def test_one_case_lives_the_same_life(now: dict[str, Any], golden: dict[str, Any]) -> None:
    assert now["story"] == golden["story"], REMEDY


def test_the_log_is_the_same_row_for_row(now: dict[str, Any], golden: dict[str, Any]) -> None:
    same = (now["content_hash"], now["seed"], now["from"], now["to"])
    assert same == (golden["content_hash"], golden["seed"], golden["from"], golden["to"]), REMEDY


def test_the_golden_run_goes_through_every_agencys_hands(golden: dict[str, Any]) -> None:
    for activity in (
        "detention",
        "full_file",
        "area_charging_consultation",
        "first_hearing",
        "magistrates_trial",
        "crown_trial",
        "pre_sentence_report",
        "remand",
        "first_hearing_date",
        "witness_attendance",
    ):
        assert golden["counts"].get(activity), activity


def test_no_case_of_the_baseline_ever_went_through_a_shut_door(now: dict[str, Any]) -> None:
    assert not DOORS.keys() & now["counts"].keys()


@pytest.mark.parametrize("name", ["toy", "staffordshire_2013"])
def test_the_doors_are_shut_in_every_model(root: Path, name: str) -> None:
    model = load_model(root / "models" / name)
    for door in DOORS.values():
        branch = model.branches[door]  # type: ignore[index]
        assert branch.probability.value == 0.0
        assert branch.probability.changes == ()


@pytest.mark.slow
def test_no_case_of_staffordshire_ever_went_through_a_shut_door(root: Path, tmp_path: Path) -> None:
    model = load_model(root / "models" / "staffordshire_2013")
    run = simulate(
        model,
        seed=1,
        replication=0,
        study_from=FIRST,
        study_to=dt.date(2013, 4, 30),
        folder=tmp_path,
    )
    assert not DOORS.keys() & set(columns(run.events_path)["activity"].tolist())
