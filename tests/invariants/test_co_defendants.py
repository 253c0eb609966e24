"""People who are arrested together are listed, tried and delayed together, and nobody is lost."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cjsim.des.event_log import JOINT
from cjsim.des.log_reader import read_minutes
from cjsim.england_wales.initial_state import read_opening
from cjsim.england_wales.open_cases import COLUMNS
from cjsim.schema.model import Model
from cjsim.simulation.simulate import Run, simulate, snapshot
from cjsim.trace.trace import tell_case
from tests.support.co_defendants import contested_toy, with_co_defendants
from tests.support.runs import columns, run, toy_model

Row = dict[str, Any]
TRIALS = ("magistrates_trial", "crown_trial")


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return contested_toy(toy)


@pytest.fixture(scope="module")
def done(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(model, tmp_path_factory.mktemp("together"))


@pytest.fixture(scope="module")
def trials(done: Run) -> dict[tuple[Any, ...], list[Row]]:
    """The rows of each trial that was called and that several defendants had."""
    cases = {row["case_id"]: row for row in read_minutes(done.cases_path).to_pylist()}
    rows: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in read_minutes(done.events_path).to_pylist():
        if row["activity"] in TRIALS and row["ended_at"] >= 0 and row["result"] != "vacated":
            incident = cases[row["case_id"]]["arrested_with"]
            rows[row["activity"], incident, row["due_at"], row["ended_at"]].append(row)
    return {
        key: together
        for key, together in rows.items()
        if any(row["place"].endswith(JOINT) for row in together)
    }


def test_a_trial_of_several_is_counted_once(trials: dict[tuple[Any, ...], list[Row]]) -> None:
    assert len(trials) > 10
    for rows in trials.values():
        counted = [row for row in rows if not row["place"].endswith(JOINT)]
        assert len(counted) == 1
        assert all(row["minutes"] == 0 for row in rows if row is not counted[0])
        assert counted[0]["minutes"] > 0 or counted[0]["reason"] == "no_court_time"


def test_ineffective_for_one_is_ineffective_for_all_who_are_left(
    trials: dict[tuple[Any, ...], list[Row]],
) -> None:
    results = [{row["result"] for row in rows} - {"cracked"} for rows in trials.values()]
    assert {"ineffective"} in results
    assert {"effective"} in results
    assert all(len(result) <= 1 for result in results)


def test_it_is_counted_as_it_went_for_those_who_were_left(
    trials: dict[tuple[Any, ...], list[Row]],
) -> None:
    for rows in trials.values():
        counted = next(row for row in rows if not row["place"].endswith(JOINT))
        left = {row["result"] for row in rows} - {"cracked"}
        assert counted["result"] == (left.pop() if left else "cracked")
        assert counted["reason"] != "co_defendant"


def test_witnesses_and_officers_come_once(
    done: Run, trials: dict[tuple[Any, ...], list[Row]]
) -> None:
    events = columns(done.events_path)
    came = events["activity"] == "witness_attendance"
    for rows in trials.values():
        others = [row["case_id"] for row in rows if row["place"].endswith(JOINT)]
        there = came & np.isin(events["case_id"], others) & (events["due_at"] == rows[0]["due_at"])
        assert not there.any()


def test_the_same_plan_gives_the_same_bytes(model: Model, done: Run, tmp_path: Path) -> None:
    assert run(model, tmp_path / "again").content_hash == done.content_hash


def test_nobody_waits_for_a_sentence_when_nobody_is_left_to_be_tried(done: Run) -> None:
    cases = {row["case_id"]: row for row in read_minutes(done.cases_path).to_pylist()}
    together = defaultdict(list)
    for case in cases.values():
        together[case["arrested_with"]].append(case)
    waits = [
        row
        for row in read_minutes(done.events_path).to_pylist()
        if row["activity"] == "linked_case"
    ]
    waits = [row for row in waits if cases[row["case_id"]]["defendants"] > 1]
    assert sum(row["ended_at"] >= 0 for row in waits) > 10
    for row in waits:
        others = [
            case
            for case in together[cases[row["case_id"]]["arrested_with"]]
            if case["case_id"] != row["case_id"]
        ]
        if row["ended_at"] < 0:
            assert any(case["ended_at"] < 0 for case in others)


def test_the_case_table_says_who_was_arrested_with_whom_only_where_the_model_does(
    toy: Path, done: Run, tmp_path: Path
) -> None:
    cases = columns(done.cases_path)
    for first in np.unique(cases["arrested_with"][cases["defendants"] > 1]):
        together = cases["case_id"][cases["arrested_with"] == first]
        assert together.min() == first
    alone = run(toy_model(toy), tmp_path / "alone", to=dt.date(2013, 4, 2))
    assert "arrested_with" not in columns(alone.cases_path)


def test_a_share_of_nobody_gives_the_events_of_a_model_without_the_table(
    toy: Path, tmp_path: Path
) -> None:
    plain = toy_model(toy)
    until = dt.date(2013, 5, 31)
    logs = [
        read_minutes(run(each, tmp_path / name, to=until).events_path).to_pylist()
        for name, each in (("plain", plain), ("none", with_co_defendants(plain, share=0.0)))
    ]
    assert logs[0] == logs[1]


def test_a_case_file_names_the_co_defendants_and_the_trial_that_they_had_together(
    model: Model, done: Run, trials: dict[tuple[Any, ...], list[Row]]
) -> None:
    events, cases = read_minutes(done.events_path), read_minutes(done.cases_path)
    rows = next(rows for rows in trials.values() if len(rows) == 2)
    for row, other in (rows, rows[::-1]):
        text = " ".join(" ".join(tell_case(events, cases, row["case_id"], model)).split())
        assert "Together Arrested with" in text
        assert f"case {other['case_id']} (" in text
        assert f", with case {other['case_id']}: {row['result']}" in text
        assert "took 0 min" not in text


def test_open_co_defendants_go_on_each_for_themselves_in_another_run(
    model: Model, tmp_path: Path
) -> None:
    first, last = dt.date(2013, 4, 1), dt.date(2013, 6, 30)
    rows = snapshot(model, seed=1, replication=0, on=first)
    path = tmp_path / "open.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(COLUMNS))
        writer.writeheader()
        writer.writerows(rows)
    opening = read_opening(path, model, first)
    assert len(opening.cases) == len(rows)
    opened = simulate(
        model,
        seed=1,
        replication=0,
        study_from=first,
        study_to=last,
        folder=tmp_path,
        opening=opening,
    )
    assert opened.cases > len(rows)
