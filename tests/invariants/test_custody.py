"""What must hold of everybody in a cell, on bail, and in prison before trial, in every run."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.schema.model import Model
from tests.support.runs import Columns, changed, columns, run, toy_model
from tests.support.small_world import length, number

Row = dict[str, Any]
HOUR = 60


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return toy_model(toy)


def overstretched(model: Model) -> Model:
    """Few officers, few cells, and prosecutors on the telephone who take half a day."""
    pools = {
        "officers": {"capacity": number({"north": 1, "south": 1})},
        "cells": {"capacity": number({"north": 2, "south": 1})},
        "cps_direct": {"capacity": number(1)},
    }
    stages = {"cps_direct_consultation": {"duration": length(9 * HOUR)}}
    branches = {"warrant_of_further_detention": {"probability": number(0.6)}}
    return changed(model, pools=pools, stages=stages, branches=branches)


@pytest.fixture(scope="module", params=["as it is", "overstretched"])
def done(
    request: pytest.FixtureRequest, model: Model, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Columns, Columns]:
    asked = model if request.param == "as it is" else overstretched(model)
    found = run(asked, tmp_path_factory.mktemp("custody"))
    return columns(found.events_path), columns(found.cases_path)


@pytest.fixture(scope="module")
def pressed(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Columns:
    return columns(run(overstretched(model), tmp_path_factory.mktemp("pressed")).events_path)


def rows_of(events: Columns, *activities: str) -> dict[int, list[Row]]:
    """The rows of some activities by case, in order of time."""
    found: dict[int, list[Row]] = defaultdict(list)
    wanted = np.isin(events["activity"], activities)
    names = list(events)
    for values in zip(*(events[name][wanted] for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        found[int(row["case_id"])].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row["queued_at"], row["occurrence"]))
    return found


def stays_before_charge(events: Columns) -> dict[int, list[dict[str, Any]]]:
    """The detentions of each case that are no detentions on a court's warrant."""
    warrants = rows_of(events, "arrest_on_warrant")
    found = {}
    for case, stays in rows_of(events, "detention").items():
        on_warrant = {row["queued_at"] for row in warrants.get(case, [])}
        stays = [stay for stay in stays if stay["started_at"] not in on_warrant]
        if stays:
            found[case] = stays
    return found


# --- the custody clock -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "mark"), [(24, "custody_clock_extension"), (36, "custody_warrant"), (96, "")]
)
def test_nobody_is_held_without_charge_for_longer_than_somebody_allowed(
    done: tuple[Columns, Columns], hours: int, mark: str
) -> None:
    """Detention ends with charge: who is then kept for the next court is on remand in the log.

    Whoever stayed away from court and is held on its warrant has been charged long ago.
    """
    events, _ = done
    allowed = rows_of(events, mark) if mark else {}
    last = events["ended_at"].max()
    for case, stays in stays_before_charge(events).items():
        for stay in stays:
            left = stay["ended_at"] if stay["ended_at"] >= 0 else last
            if left - stay["queued_at"] > hours * HOUR:
                marks = allowed.get(case, [])
                assert any(one["queued_at"] <= stay["queued_at"] + hours * HOUR for one in marks), (
                    stay
                )


def test_under_pressure_the_clock_is_extended_and_also_runs_out(pressed: Columns) -> None:
    assert np.sum(pressed["activity"] == "custody_clock_extension") > 10
    assert np.sum(pressed["activity"] == "custody_warrant") > 3
    for stage in ("suspect_interview", "pre_charge_report", "cps_direct_consultation"):
        cut = (pressed["activity"] == stage) & (pressed["result"] == "limit_reached")
        assert cut.any(), stage
        assert np.all(pressed["started_at"][cut] < 0)


def test_work_in_a_cell_ends_before_the_detention_does(done: tuple[Columns, Columns]) -> None:
    events, _ = done
    stays = rows_of(events, "detention")
    for case, rows in rows_of(events, "suspect_interview", "pre_charge_report").items():
        for row in rows:
            if row["ended_at"] >= 0:
                stay = stays[case][0]
                assert stay["queued_at"] <= row["queued_at"]
                assert stay["ended_at"] < 0 or row["ended_at"] <= stay["ended_at"]


def test_nobody_summonsed_for_a_summary_offence_has_the_clock_extended(
    done: tuple[Columns, Columns],
) -> None:
    events, cases = done
    summary = set(cases["case_id"][cases["offence_class"] == "summary"].tolist())
    extended = set(rows_of(events, "custody_clock_extension"))
    assert not summary & extended


# --- reviews ---------------------------------------------------------------------------------


def test_detention_is_reviewed_after_six_hours_and_then_every_nine(
    done: tuple[Columns, Columns],
) -> None:
    events, _ = done
    reviews = rows_of(events, "detention_review")
    booked = rows_of(events, "custody_booking")
    seen = 0
    for case, stays in stays_before_charge(events).items():
        stay = stays[0]
        if stay["ended_at"] < 0 or case not in booked or booked[case][0]["started_at"] < 0:
            continue
        due = booked[case][0]["ended_at"] + 6 * HOUR
        for review in reviews.get(case, []):
            assert review["due_at"] <= due
            assert (review["result"] == "in_time") == (
                0 <= review["started_at"] <= review["due_at"]
            )
            seen += 1
            due = review["due_at"] + 9 * HOUR
        assert stay["ended_at"] <= due, "a review fell due and nobody was asked"
    assert seen > 50


def test_a_single_inspector_for_long_reviews_makes_them_late(model: Model, tmp_path: Path) -> None:
    slow = changed(model, stages={"detention_review": {"duration": length(5 * HOUR)}})
    late = []
    for name, one in (("as_it_is", model), ("slow", slow)):
        events = columns(run(one, tmp_path / name).events_path)
        due = (events["activity"] == "detention_review") & (events["ended_at"] >= 0)
        late.append(np.mean(events["result"][due] != "in_time"))
    assert late[0] < 0.1 < late[1]


# --- suites ----------------------------------------------------------------------------------


def test_whoever_is_taken_to_another_suite_is_booked_in_there(pressed: Columns) -> None:
    stays, elsewhere = rows_of(pressed, "detention"), 0
    for case, rows in rows_of(pressed, "custody_booking", "detention_review").items():
        for row in rows:
            cell = [stay for stay in stays[case] if stay["queued_at"] <= row["queued_at"]][-1][
                "place"
            ]
            if cell and row["started_at"] >= 0:
                assert row["place"].rsplit("_", 1)[1] == cell.rsplit("_", 1)[1]
    full = [row for rows in stays.values() for row in rows if row["place"] == "cells_north"]
    elsewhere = [row for rows in stays.values() for row in rows if row["place"] == "cells_south"]
    assert full
    assert elsewhere


# --- bail before charge ----------------------------------------------------------------------


def test_periods_of_bail_follow_one_another_up_to_the_decision(
    done: tuple[Columns, Columns],
) -> None:
    events, cases = done
    decided = {
        int(case): int(charged) if charged >= 0 else int(ended)
        for case, charged, ended in zip(
            cases["case_id"], cases["charged_at"], cases["ended_at"], strict=True
        )
    }
    again = 0
    for case, periods in rows_of(events, "pre_charge_bail", "re_bail").items():
        assert periods[0]["activity"] == "pre_charge_bail"
        for before, after in pairwise(periods):
            assert after["activity"] == "re_bail"
            assert before["ended_at"] == before["due_at"] == after["queued_at"]
            again += 1
        last = periods[-1]
        if decided[case] >= 0 and last["ended_at"] >= 0:
            assert last["ended_at"] <= decided[case]
            assert last["ended_at"] <= last["due_at"]
    assert again > 20


def test_bail_begins_when_a_cell_is_left_without_a_decision(done: tuple[Columns, Columns]) -> None:
    events, _ = done
    stays = rows_of(events, "detention")
    bailed = rows_of(events, "pre_charge_bail")
    for case, periods in bailed.items():
        assert periods[0]["queued_at"] == stays[case][0]["ended_at"]


def test_nobody_who_came_by_appointment_is_on_bail(done: tuple[Columns, Columns]) -> None:
    events, cases = done
    came = set(cases["case_id"][cases["way_in"] == "voluntary_attendance"].tolist())
    assert came & set(rows_of(events, "outstanding_enquiries"))
    assert not came & set(rows_of(events, "pre_charge_bail", "return_on_bail"))


# --- what shares staff -----------------------------------------------------------------------


def mean_stay(events: Columns, activity: str) -> float:
    rows = (events["activity"] == activity) & (events["ended_at"] >= 0)
    return float(np.mean(events["ended_at"][rows] - events["queued_at"][rows]))


def test_time_saved_on_files_is_used_for_investigations(model: Model, tmp_path: Path) -> None:
    officers = {"officers": {"capacity": number({"north": 1, "south": 1})}}
    busy = changed(model, pools=officers)
    no_files = changed(
        busy,
        stages={name: {"duration": length(0)} for name in ("streamlined_file", "full_file")},
    )
    stays = [
        mean_stay(columns(run(one, tmp_path / name).events_path), "investigation")
        for name, one in (("files", busy), ("no_files", no_files))
    ]
    assert stays[1] < 0.8 * stays[0]


@pytest.mark.parametrize(
    ("pool", "stage", "hours"),
    [
        ("forensic_laboratory", "forensic_examination", 8),
        ("digital_unit", "digital_examination", 60),
    ],
)
def test_more_work_lengthens_the_queue_at_a_laboratory_and_more_staff_shorten_it(
    model: Model, tmp_path: Path, pool: str, stage: str, hours: int
) -> None:
    def stay(name: str, hours: int, staff: int) -> float:
        one = changed(
            model,
            stages={stage: {"duration": length(hours * HOUR)}},
            pools={pool: {"capacity": number(staff)}},
        )
        return mean_stay(columns(run(one, tmp_path / name).events_path), stage)

    base, slower = stay("base", hours, 1), stay("slower", 2 * hours, 1)
    assert slower - base > 2 * hours * HOUR
    eased = stay("staffed", 2 * hours, 6)
    assert eased < slower


# --- custody time limits ---------------------------------------------------------------------


def test_nobody_waits_in_prison_for_trial_past_the_limit_unless_a_court_extended_it(
    model: Model, tmp_path: Path
) -> None:
    """Days before the trial that began, in one spell, against the longest limit of the court."""
    minutes = {name: number(40) for name in ("magistrates_trials", "crown_trials")}
    slow = changed(
        model,
        lists={name: {"session_minutes": value} for name, value in minutes.items()},
        branches={
            "remanded_at_first_hearing": {"probability": number(0.4)},
            "custody_time_limit_extended": {"probability": number(0.5)},
        },
        limits={
            name: number(days)
            for name, days in (
                ("custody_time_limit_summary_days", 10),
                ("custody_time_limit_either_way_days", 14),
                ("custody_time_limit_crown_days", 20),
                ("custody_time_limit_crown_indictable_days", 20),
            )
        },
    )
    found = run(slow, tmp_path, to=dt.date(2014, 3, 31))
    events, cases = columns(found.events_path), columns(found.cases_path)
    first = dict(zip(cases["case_id"].tolist(), cases["first_listed_at"].tolist(), strict=True))
    marks = rows_of(events, "custody_time_limit")
    remands = rows_of(events, "remand")
    beyond = 0
    for court, longest in (("magistrates_trial", 14), ("crown_trial", 20)):
        for case, trials in rows_of(events, court).items():
            for trial in trials:
                if trial["started_at"] < 0 or trial["result"] == "ineffective":
                    continue
                for spell in remands.get(case, []):
                    since = max(spell["queued_at"], first[case])
                    held = spell["ended_at"] < 0 or spell["ended_at"] >= trial["started_at"]
                    begun = trial["due_at"] // MINUTES_A_DAY
                    if held and begun - since // MINUTES_A_DAY > longest:
                        beyond += 1
                        assert "extended" in [mark["result"] for mark in marks[case]], trial
    assert beyond > 5
    results = [mark["result"] for rows in marks.values() for mark in rows]
    assert {"extended", "lapsed"} == set(results)
