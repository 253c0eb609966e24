"""A reform that fails shows as failing: it costs what it costs, and nothing comes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from cjsim.measures import measure
from cjsim.schema.model import Model
from tests.support.runs import changed, run, toy_model
from tests.support.small_world import number

REPLICATIONS = 6
TRIALS = "magistrates_trials"

Measured = dict[tuple[str, str, str], np.ndarray[tuple[int], np.dtype[np.float64]]]
MeasureAll = Callable[[Model], Measured]


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return toy_model(toy)


@pytest.fixture(scope="module")
def measure_all(tmp_path_factory: pytest.TempPathFactory) -> MeasureAll:
    def of(model: Model) -> Measured:
        folder = tmp_path_factory.mktemp("runs")
        found: dict[tuple[str, str, str], list[float]] = {}
        for replication in range(REPLICATIONS):
            done = run(model, folder / str(replication), replication=replication)
            for row in measure(done.events_path.parent, model).to_pylist():
                if row["period"] == "all":
                    key = (row["kpi"], row["court"], row["group"])
                    found.setdefault(key, []).append(row["value"])
        return {key: np.array(values) for key, values in found.items()}

    return of


def interval(before: Measured, after: Measured, key: tuple[str, str, str]) -> tuple[float, float]:
    """The 95 % interval of a paired difference."""
    change = after[key] - before[key]
    if not change.any():
        return 0.0, 0.0
    found = stats.ttest_1samp(change, 0.0).confidence_interval(0.95)
    return float(found.low), float(found.high)


def with_rooms(model: Model, rooms: int) -> Model:
    """The toy with so many courtrooms on each day of its trial list."""
    houses = {
        name: {
            "courtrooms": tuple(f"court {place}" for place in range(rooms)),
            "rooms": number(tuple(rooms * bool(usual) for usual in house.rooms.value)),
        }
        for name, house in model.lists[TRIALS].houses.items()
    }
    return changed(model, lists={TRIALS: {"houses": houses}})


@pytest.mark.slow
def test_capacity_where_it_is_not_the_constraint_has_no_effect_beyond_its_cost(
    model: Model, measure_all: MeasureAll
) -> None:
    plenty, more = measure_all(with_rooms(model, 6)), measure_all(with_rooms(model, 8))
    paid = more["cost_capacity_gbp", "all", "hmcts"] - plenty["cost_capacity_gbp", "all", "hmcts"]
    assert (paid > 0).all()
    # What courtrooms cost is all that changes for the courts, and no other agency notices.
    whole = more["cost_gbp", "all", "hmcts"] - plenty["cost_gbp", "all", "hmcts"]
    rest = more["cost_gbp", "all", ""] - plenty["cost_gbp", "all", ""] - paid
    assert whole == pytest.approx(paid, rel=0.01)
    assert abs(rest.mean()) < 0.02 * paid.mean()
    for key in (
        ("conviction_rate", "magistrates", ""),
        ("early_guilty_plea_rate", "magistrates", ""),
        ("open_cases", "all", ""),
        ("first_listing_to_trial_days", "magistrates", "mean"),
    ):
        low, high = interval(plenty, more, key)
        assert low <= 0 <= high, key


@pytest.mark.slow
def test_video_hearings_that_save_time_cost_the_courts_and_the_police_more(
    model: Model, measure_all: MeasureAll
) -> None:
    """Nobody waits for a first hearing by link; who stands by, and the link, are paid for.

    Whether all agencies together pay more is not clear: a defendant at the police station is never
    absent, which saves hearings and warrants.
    """
    video = changed(model, branches={"first_hearing_by_video": {"probability": number(0.6)}})
    before, after = measure_all(model), measure_all(video)
    sooner = interval(before, after, ("charge_to_first_listing_days", "magistrates", "mean"))
    dearer = interval(before, after, ("cost_gbp", "all", ""))
    assert sooner[1] < 0
    assert dearer[1] > 0
    # The courts pay for the link, the police for whoever stands by.
    assert interval(before, after, ("cost_gbp", "all", "hmcts"))[0] > 0
    assert interval(before, after, ("cost_gbp", "all", "police"))[0] > 0
