"""What must follow from a listing policy: paired, with the same random numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.scenarios.load import load_experiment
from cjsim.scenarios.resolve import resolve_models
from cjsim.schema.model import Model
from cjsim.simulation.simulate import Run
from tests.conftest import ROOT
from tests.support.runs import Columns, changed, columns, run, toy_model
from tests.support.small_world import number

REPLICATIONS = 10
TRIALS = "magistrates_trials"
RunAll = Callable[[Model], list[Run]]
Measured = Callable[[Run], float]


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return toy_model(toy)


@pytest.fixture(scope="module")
def run_all(tmp_path_factory: pytest.TempPathFactory) -> RunAll:
    def of(model: Model) -> list[Run]:
        folder = tmp_path_factory.mktemp("runs")
        return [run(model, folder / str(r), replication=r) for r in range(REPLICATIONS)]

    return of


def differences(before: list[Run], after: list[Run], measured: Measured) -> np.ndarray[Any, Any]:
    pairs = zip(before, after, strict=True)
    return np.array([measured(two) - measured(one) for one, two in pairs])


def rises(found: np.ndarray[Any, Any]) -> bool:
    """Whether the 95 % interval of a paired difference lies above 0."""
    return bool(stats.ttest_1samp(found, 0.0).confidence_interval(0.95).low > 0)


def mostly_above_nothing(found: np.ndarray[Any, Any]) -> bool:
    """Whether paired differences lie above 0 by their ranks, at the same 2.5 % on that side.

    One slot that falls to the right trial saves weeks and most save hours: such differences are too
    skewed for an interval around their mean.
    """
    return bool(stats.wilcoxon(found, alternative="greater").pvalue < 0.025)


def studied(done: Run, rows: Columns, column: str) -> np.ndarray[Any, Any]:
    # Two months for the trials that the warm-up listed.
    first = ((done.study_from - done.epoch).days + 60) * MINUTES_A_DAY
    return np.asarray(rows[column] >= first)


def courtroom_use(done: Run) -> float:
    """Minutes used over minutes there on the trial list."""
    sat = columns(done.sittings_path)
    rows = (sat["list"] == TRIALS) & studied(done, sat, "started_at")
    return float(sat["minutes_used"][rows].sum() / sat["session_minutes"][rows].sum())


def wasted(done: Run) -> float:
    """The share of witnesses at a magistrates' trial who came and were sent home."""
    events = columns(done.events_path)
    tried = np.unique(events["case_id"][events["activity"] == "crown_trial"])
    rows = (
        (events["activity"] == "witness_attendance")
        & np.isin(events["result"], ("wasted", "gave_evidence"))
        & ~np.isin(events["case_id"], tried)
        & studied(done, events, "ended_at")
    )
    return float(np.mean(events["result"][rows] == "wasted"))


def ineffective(done: Run) -> float:
    """The share of magistrates' trials reaching their day that could not start."""
    events = columns(done.events_path)
    rows = (
        (events["activity"] == "magistrates_trial")
        & np.isin(events["result"], ("effective", "cracked", "ineffective"))
        & studied(done, events, "ended_at")
    )
    return float(np.mean(events["result"][rows] == "ineffective"))


def not_reached(done: Run) -> float:
    """How many magistrates' trials the day did not reach."""
    events = columns(done.events_path)
    rows = (events["activity"] == "magistrates_trial") & studied(done, events, "due_at")
    return float(np.sum(events["reason"][rows] == "no_court_time"))


def wait_for_trial(done: Run) -> float:
    """Mean days from fixing a magistrates' trial to the day that it is fixed for in the end."""
    events = columns(done.events_path)
    rows = (events["activity"] == "magistrates_trial") & studied(done, events, "queued_at")
    return float(np.mean(events["due_at"][rows] - events["queued_at"][rows])) / MINUTES_A_DAY


def with_rooms(model: Model, rooms: int) -> Model:
    """The toy with so many courtrooms on each day of its trial list, and one trial in each."""
    houses = {
        name: {
            "courtrooms": tuple(f"court {place}" for place in range(rooms)),
            "rooms": number(tuple(rooms * bool(usual) for usual in house.rooms.value)),
        }
        for name, house in model.lists[TRIALS].houses.items()
    }
    return changed(model, lists={TRIALS: {"houses": houses}})


@pytest.mark.slow
def test_more_over_listing_uses_courtrooms_more_and_leaves_more_trials_unreached(
    model: Model, run_all: RunAll
) -> None:
    # So few sittings that the list is always as full as it may be.
    short = {"sitting_share": number((0.6,) * 12)}

    def booked(factor: float) -> list[Run]:
        return run_all(changed(model, lists={TRIALS: {**short, "over_listing": number(factor)}}))

    once, twice = booked(1.0), booked(2.0)
    use, unreached, wait = (
        differences(once, twice, measured)
        for measured in (courtroom_use, not_reached, wait_for_trial)
    )
    assert rises(use)
    assert rises(unreached)
    assert rises(-wait)


def test_sessions_added_where_courtrooms_are_not_the_constraint_change_no_wait(
    model: Model, run_all: RunAll
) -> None:
    plenty, more = run_all(with_rooms(model, 6)), run_all(with_rooms(model, 8))
    wait = np.mean([wait_for_trial(done) for done in plenty])
    change = np.mean(differences(plenty, more, wait_for_trial))
    assert abs(change) < 0.02 * wait


def test_a_cut_of_sittings_lengthens_the_wait(model: Model, run_all: RunAll) -> None:
    cut = changed(model, lists={TRIALS: {"sitting_share": number((0.6,) * 12)}})
    found = differences(run_all(model), run_all(cut), wait_for_trial)
    assert rises(found)


@pytest.mark.slow
def test_freed_slots_that_are_lost_lengthen_the_wait_and_those_offered_shorten_it(
    model: Model, run_all: RunAll
) -> None:
    def with_policy(**rules: dict[str, Any]) -> list[Run]:
        # Too few sittings, so that there is always somebody to whom a freed slot can be offered.
        short = {"over_listing": number(1.2), "sitting_share": number((0.7,) * 12)}
        return run_all(changed(model, lists={TRIALS: {**short, **rules}}))

    offered = with_policy(brings_forward=number(1.0))
    lost = with_policy(refill_notice_days=number(28))
    sooner = differences(with_policy(), offered, wait_for_trial)
    later = differences(offered, lost, wait_for_trial)
    assert mostly_above_nothing(-sooner)
    assert mostly_above_nothing(later)


def test_a_strike_announced_late_hits_cases_that_are_listed(model: Model, tmp_path: Path) -> None:
    def moved(notice: int) -> Columns:
        changes = [
            {"from": dt.date(2013, 7, 1), "area": None, "value": (0.0,) * 12},
            {"from": dt.date(2013, 7, 29), "area": None, "value": (1.0,) * 12},
        ]
        lists = {
            TRIALS: {
                "sitting_share": number((1.0,) * 12, *changes),
                "change_notice_days": number(notice),
            }
        }
        done = run(changed(model, lists=lists), tmp_path / str(notice))
        events = columns(done.events_path)
        sat = columns(done.sittings_path)
        first, after = ((day["from"] - done.epoch).days * MINUTES_A_DAY for day in changes)
        closed = (
            (sat["list"] == TRIALS) & (sat["started_at"] >= first) & (sat["started_at"] < after)
        )
        assert not closed.any()
        rows = events["activity"] == "relisted"
        return {name: column[rows] for name, column in events.items()}

    late, early = moved(1), moved(90)
    assert len(late["case_id"]) > len(early["case_id"])
    assert np.all(late["result"] == "put_back")
    assert np.unique(late["ended_at"]).size == 1


@pytest.mark.slow
def test_over_listing_in_the_county_raises_use_wasted_attendances_and_ineffective_trials(
    tmp_path: Path,
) -> None:
    models = resolve_models(load_experiment(ROOT / "experiments" / "listing_policy.toml"))
    done = {
        name: [
            run(models[name], tmp_path / name / str(r), replication=r, to=dt.date(2014, 3, 31))
            for r in range(REPLICATIONS)
        ]
        for name in ("booked_1_0", "booked_2_0")
    }
    for measured in (courtroom_use, wasted, ineffective):
        assert rises(differences(done["booked_1_0"], done["booked_2_0"], measured)), measured
    assert rises(-differences(done["booked_1_0"], done["booked_2_0"], wait_for_trial))
