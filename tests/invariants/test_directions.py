"""What must follow when one thing in a model changes, replication by replication (metamorphic).

Every comparison is paired: the same cases have the same random numbers in both runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.measures import cost_lines
from cjsim.scenarios.load import load_experiment
from cjsim.scenarios.resolve import resolve_models
from cjsim.schema.model import Model
from tests.support.runs import STUDY_FROM, Columns, changed, columns, run, toy_model
from tests.support.small_world import PEDIGREE, length, number

REPLICATIONS = 12
TO = dt.date(2013, 12, 31)
CHANGE = dt.date(2013, 7, 1)
LEVERS = {
    "branches.prosecution_team_takes_case.probability": 0.9,
    "pools.prosecution_team.capacity": 2,
    "branches.file_ready.probability": 0.7,
    "branches.reviewed_before_first_hearing.probability": 0.9,
    "branches.action_plan.probability": 0.22,
    "branches.papers_served_before_first_hearing.probability": 0.75,
}
"""The levers of "Prosecute Not Process", with a team that suits the toy."""
Runs = list[tuple[Columns, Columns]]
RunAll = Callable[[Model], Runs]


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return toy_model(toy)


@pytest.fixture(scope="module")
def run_all(tmp_path_factory: pytest.TempPathFactory) -> RunAll:
    """Events and cases of all replications of a model."""

    def of(model: Model) -> Runs:
        folder = tmp_path_factory.mktemp("runs")
        done = [run(model, folder / str(r), replication=r, to=TO) for r in range(REPLICATIONS)]
        return [(columns(one.events_path), columns(one.cases_path)) for one in done]

    return of


@pytest.fixture(scope="module")
def baseline(model: Model, run_all: RunAll) -> Runs:
    return run_all(model)


def differences(before: Runs, after: Runs, measured: Callable[..., float]) -> np.ndarray[Any, Any]:
    pairs = zip(before, after, strict=True)
    return np.array([measured(*two) - measured(*one) for one, two in pairs])


def rises(found: np.ndarray[Any, Any]) -> bool:
    """Whether a paired difference is above 0, at 99.9 %."""
    return bool(stats.ttest_1samp(found, 0.0, alternative="greater").pvalue < 0.001)


def never_above(found: np.ndarray[Any, Any]) -> bool:
    """Whether a paired difference is nowhere shown to be above 0."""
    return not rises(found) and bool(found.mean() <= 0)


def same(one: Columns, two: Columns) -> None:
    assert list(one) == list(two)
    for name, column in one.items():
        assert np.array_equal(column, two[name]), name


def wait_for_trial(events: Columns, _: Columns) -> float:
    """Mean days from fixing a magistrates' trial to the day it is fixed for, reached or not."""
    rows = (events["activity"] == "magistrates_trial") & (events["queued_at"] > 180 * MINUTES_A_DAY)
    return float(np.mean(events["due_at"][rows] - events["queued_at"][rows])) / MINUTES_A_DAY


def early_guilty_pleas(_: Columns, cases: Columns) -> float:
    pleaded = cases["magistrates_first_plea"] != ""
    return float(np.mean(cases["magistrates_first_plea"][pleaded] == "guilty"))


def adjournments(_: Columns, cases: Columns) -> float:
    return float(np.mean(cases["adjournments"][cases["first_listed_at"] >= 0]))


def told_in_time(events: Columns, _: Columns) -> float:
    """The share of the Witness Care Unit's contacts that were due and made in time."""
    end = (TO - STUDY_FROM).days * MINUTES_A_DAY
    rows = (
        (events["place"] == "witness_care_unit")
        & (events["due_at"] >= 0)
        & (events["due_at"] < end)
    )
    return float(np.mean(events["result"][rows] == "in_time"))


# --- nothing changes -------------------------------------------------------------------------


def test_a_copy_of_the_baseline_differs_by_exactly_nothing_in_every_column(
    model: Model, baseline: Runs, tmp_path: Path
) -> None:
    copy = Model.model_validate(model.model_dump(by_alias=True))
    for replication in range(2):
        done = run(copy, tmp_path / str(replication), replication=replication, to=TO)
        for path, columns_before in zip(
            (done.events_path, done.cases_path), baseline[replication], strict=True
        ):
            same(columns(path), columns_before)


def test_other_titles_change_nothing(model: Model, tmp_path: Path) -> None:
    data = model.model_dump(by_alias=True)
    data["title"], data["description"] = "Somewhere", "Elsewhere."
    for division in data["divisions"].values():
        division["title"] = division["title"].upper()
    other = Model.model_validate(data)
    assert run(model, tmp_path / "one").content_hash == run(other, tmp_path / "two").content_hash


def test_the_name_of_a_scenario_changes_nothing(toy: Path, tmp_path: Path) -> None:
    setting = '{ value = 0.7, source = "assumption", range = [0.0, 1.0] }'
    scenarios = "".join(
        f'[scenarios.{name}]\nlabel = "{name}"\n[scenarios.{name}.set]\n'
        f'"branches.file_ready.probability" = {setting}\n'
        for name in ("zebra", "aardvark")
    )
    file = tmp_path / "names.toml"
    file.write_text(
        f'title = "Names"\nquestion = "Do names matter?"\nowner = "The tests"\n[run]\n'
        f'model = "{toy}"\nfrom = 2013-04-01\nto = 2013-09-30\nreplications = 10\nseed = 1\n'
        f"{scenarios}"
    )
    models = resolve_models(load_experiment(file))
    hashes = {name: run(model, tmp_path / name).content_hash for name, model in models.items()}
    assert hashes["zebra"] == hashes["aardvark"] != hashes["baseline"]


def test_a_stage_of_no_length_changes_nothing_but_its_own_rows(
    model: Model, tmp_path: Path
) -> None:
    # The team meets on every case, takes no time, has places for all, and nobody heeds it.
    heeding = {
        word: {"odds": {"prosecution_team": {"factor": 1.0, "range": (0.1, 10.0)}}}
        for word, branch in model.branches.items()
        if "prosecution_team" in branch.odds
    }
    inserted = changed(
        model,
        pools={
            "prosecution_team": {
                "capacity": number({"north": 1000, "south": 1000}),
                "hours": "always",
            },
        },
        stages={"joint_case_conference": {"duration": length(0)}},
        branches={**heeding, "prosecution_team_takes_case": {"probability": number(1.0)}},
    )
    without = columns(run(model, tmp_path / "without").events_path)
    with_it = columns(run(inserted, tmp_path / "with").events_path)
    its_own = with_it["activity"] == "joint_case_conference"
    assert its_own.sum() > 50
    assert np.array_equal(with_it["queued_at"][its_own], with_it["ended_at"][its_own])
    same(without, {name: column[~its_own] for name, column in with_it.items()})


def test_it_is_all_one_how_no_time_is_said(model: Model, tmp_path: Path) -> None:
    at_once = {**length(0), "fixed": None, "median": 60, "p90": 120, "at_once": 1.0}
    hashes = [
        run(
            changed(model, stages={"suspect_interview": {"duration": duration}}), tmp_path / name
        ).content_hash
        for name, duration in (("fixed", length(0)), ("at_once", at_once))
    ]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("area", ["north", None])
def test_before_the_day_of_a_change_everything_is_the_same_row_for_row(
    model: Model, baseline: Runs, tmp_path: Path, area: str | None
) -> None:
    data = model.model_dump(by_alias=True)
    for path, value in LEVERS.items():
        table, name, field = path.split(".")
        change = {**PEDIGREE, "from": CHANGE, "area": area, "value": value}
        if (
            isinstance(data[table][name][field]["value"], dict)
            and area is None
            and table == "pools"
        ):
            change["value"] = {"north": value, "south": value}
        data[table][name][field]["changes"] += (change,)
    done = run(Model.model_validate(data), tmp_path, to=TO)
    reformed = columns(done.events_path), columns(done.cases_path)
    moment = (CHANGE - done.epoch).days * MINUTES_A_DAY
    for now, before, column in zip(reformed, baseline[0], ("ended_at", "ended_at"), strict=True):
        closed = [(rows[column] >= 0) & (rows[column] < moment) for rows in (before, now)]
        assert closed[0].sum() > 300
        same(
            {name: values[closed[0]] for name, values in before.items()},
            {name: values[closed[1]] for name, values in now.items()},
        )
    after = reformed[0]["activity"] == "joint_case_conference"
    assert after.any()
    assert reformed[0]["queued_at"][after].min() >= moment
    if area:
        places = set(reformed[0]["place"][after].tolist())
        assert places == {f"prosecution_team_{area}"}


# --- something changes -----------------------------------------------------------------------


def test_more_courtrooms_for_trials_never_lengthen_the_wait_for_one(
    model: Model, baseline: Runs, run_all: RunAll
) -> None:
    houses = {
        name: {
            "courtrooms": ("court 1", "court 2"),
            "rooms": number(tuple(2 * rooms for rooms in house.rooms.value)),
        }
        for name, house in model.lists["magistrates_trials"].houses.items()
    }
    more = run_all(changed(model, lists={"magistrates_trials": {"houses": houses}}))
    found = differences(baseline, more, wait_for_trial)
    assert never_above(found)


def test_fewer_days_for_trials_lengthen_the_wait_for_one(
    model: Model, baseline: Runs, run_all: RunAll
) -> None:
    minutes = model.lists["magistrates_trials"].session_minutes.at("default")
    fewer = changed(model, lists={"magistrates_trials": {"session_minutes": number(minutes / 2)}})
    found = differences(baseline, run_all(fewer), wait_for_trial)
    assert rises(found)


def test_ready_files_bring_early_guilty_pleas_and_fewer_adjournments(
    model: Model, run_all: RunAll
) -> None:
    def with_files(ready: float) -> Runs:
        return run_all(changed(model, branches={"file_ready": {"probability": number(ready)}}))

    none, every = with_files(0.0), with_files(1.0)
    pleas = differences(none, every, early_guilty_pleas)
    put_off = differences(none, every, adjournments)
    assert rises(pleas)
    assert rises(-put_off)


@pytest.mark.slow
def test_half_the_witness_care_unit_tells_fewer_in_time(model: Model, run_all: RunAll) -> None:
    def with_staff(staff: int) -> Runs:
        # Three times the work, so that the unit has something to do.
        longer = {
            name: {"duration": length(90)}
            for name, duty in model.duties.items()
            if duty.pool == "witness_care_unit"
        }
        unit = {"witness_care_unit": {"capacity": number(staff)}}
        return run_all(changed(model, pools=unit, duties=longer))

    found = differences(with_staff(2), with_staff(1), told_in_time)
    assert rises(-found)


@pytest.mark.slow
def test_shorter_court_days_leave_more_cases_open(
    model: Model, baseline: Runs, run_all: RunAll
) -> None:
    def still_open(_: Columns, cases: Columns) -> float:
        return float(np.sum(cases["ended_at"] < 0))

    minutes = model.lists["guilty_anticipated_plea"].session_minutes.at("default")
    half = {"guilty_anticipated_plea": {"session_minutes": number(minutes / 2)}}
    fewer = run_all(changed(model, lists=half))
    found = differences(baseline, fewer, still_open)
    assert rises(found)


def test_doubling_a_unit_cost_doubles_its_lines_exactly_and_no_others(
    model: Model, tmp_path: Path
) -> None:
    run(model, tmp_path, to=dt.date(2013, 6, 30))
    before = cost_lines(tmp_path, model).to_pylist()
    priced = sorted({line["unit"] for line in before if line["gbp"]})
    assert len(priced) > 15
    for unit in priced[:: len(priced) // 5]:
        value = model.costs.units[unit].gbp.value
        twice = (
            {key: 2 * gbp for key, gbp in value.items()} if isinstance(value, dict) else 2 * value
        )
        data = model.model_dump(by_alias=True)
        data["costs"]["units"][unit]["gbp"] |= {"value": twice, **PEDIGREE}
        after = cost_lines(tmp_path, Model.model_validate(data)).to_pylist()
        for one, two in zip(before, after, strict=True):
            factor = 2 if one["unit"] == unit else 1
            assert two == {**one, "gbp": factor * one["gbp"]}
