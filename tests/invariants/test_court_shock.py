"""What a shock to the courts does, paired: at once, later, and after it is over.

The toy model shows the mechanisms in seconds; the experiment itself runs on Staffordshire and is
slow.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import ADVOCATES
from cjsim.measures import measure
from cjsim.scenarios.load import load_experiment
from cjsim.scenarios.resolve import resolve_models
from cjsim.schema.model import Model
from cjsim.simulation.simulate import simulate
from tests.support.runs import STUDY_FROM, Columns, changed, columns, run, toy_model
from tests.support.small_world import length, number

REPLICATIONS = 6
TRIALS = ("magistrates_trial", "crown_trial")
FROM, TO = dt.date(2013, 6, 1), dt.date(2013, 9, 1)
LAST = dt.date(2013, 12, 31)


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return toy_model(toy)


def rows_of(model: Model, folder: Path, replication: int) -> Columns:
    done = run(model, folder / str(replication), replication=replication, to=LAST)
    events = columns(done.events_path)
    for moment in ("started", "ended"):
        since = (STUDY_FROM - done.epoch).days
        events[f"{moment}_on"] = events[f"{moment}_at"] // MINUTES_A_DAY - since
    return events


def ineffective(events: Columns, *reasons: str) -> int:
    rows = np.isin(events["activity"], TRIALS) & (events["result"] == "ineffective")
    if reasons:
        rows &= np.isin(events["reason"], reasons)
    return int(np.sum(rows))


def above_nothing(found: list[float]) -> bool:
    """Whether paired differences are above 0, beyond the 95 % interval."""
    low = stats.t.interval(0.95, len(found) - 1, np.mean(found), stats.sem(found))[0]
    return bool(low > 0)


def test_a_strike_of_advocates_stops_hearings_from_its_first_day_to_its_last(
    model: Model, tmp_path: Path
) -> None:
    strike = {
        "available": number(
            1.0,
            {"from": FROM, "value": 0.0, "area": None},
            {"from": TO, "value": 1.0, "area": None},
        )
    }
    striking = changed(model, advocates=dict.fromkeys(ADVOCATES, strike))
    more = []
    for replication in range(REPLICATIONS):
        before = rows_of(model, tmp_path / "before", replication)
        after = rows_of(striking, tmp_path / "after", replication)
        begins, ends = (FROM - STUDY_FROM).days, (TO - STUDY_FROM).days
        without = np.isin(after["reason"], ("no_prosecution_advocate", "no_defence_advocate"))
        assert without.sum() > 20
        assert after["ended_on"][without].min() >= begins
        assert after["ended_on"][without].max() < ends
        # A trial may still crack, but none begins.
        begun = np.isin(after["activity"], TRIALS) & (after["result"] == "effective")
        begun &= (after["started_on"] >= begins) & (after["started_on"] < ends)
        assert not begun.any()
        more.append(ineffective(after) - ineffective(before))
    assert above_nothing(more)


def test_trials_that_were_prepared_too_late_are_not_ready(model: Model, tmp_path: Path) -> None:
    # Three months of work for one prosecutor: hardly any trial is prepared by its day.
    late = changed(model, stages={"trial_preparation": {"duration": length(90 * 7.5 * 60)}})
    more, in_all = [], []
    for replication in range(REPLICATIONS):
        before = rows_of(model, tmp_path / "before", replication)
        after = rows_of(late, tmp_path / "after", replication)
        unready = [ineffective(one, "prosecution_not_ready") for one in (before, after)]
        more.append(unready[1] - unready[0])
        in_all.append(ineffective(after) - ineffective(before))
    assert above_nothing(more)
    assert above_nothing(in_all)


def test_disclosure_that_takes_long_stops_trials(model: Model, tmp_path: Path) -> None:
    def stopped(days: float, name: str) -> list[int]:
        slow = changed(
            model,
            stages={"disclosure_of_unused_material": {"duration": length(days * MINUTES_A_DAY)}},
            branches={"unused_material_schedule_complete": {"probability": number(0.0)}},
        )
        found = []
        for replication in range(REPLICATIONS):
            events = rows_of(slow, tmp_path / name, replication)
            found.append(ineffective(events, "disclosure_incomplete"))
        return found

    at_once, never = stopped(0, "at_once"), stopped(400, "never")
    # Served less than a week before the day is too late, however little there was to do.
    assert sum(at_once) <= 2
    assert above_nothing([two - one for one, two in zip(at_once, never, strict=True)])


def test_who_is_wanted_is_brought_before_the_next_court(model: Model, tmp_path: Path) -> None:
    events = rows_of(model, tmp_path, 0)
    by_case: dict[int, list[tuple[int, str]]] = {}
    for number_of, activity, entered in zip(
        events["case_id"], events["activity"], events["queued_at"], strict=True
    ):
        by_case.setdefault(int(number_of), []).append((int(entered), str(activity)))
    found = 0
    for number_of in np.unique(events["case_id"][events["activity"] == "arrest_on_warrant"]):
        told = sorted(by_case[int(number_of)])
        words = [activity for _, activity in told]
        found += 1
        wanted = words.count("warrant_outstanding") + words.count("crown_warrant_outstanding")
        brought = words.count("warrant_hearing") + words.count("crown_warrant_hearing")
        assert words.count("arrest_on_warrant") <= wanted
        assert words.count("detention") >= brought > 0
    assert found > 10


@pytest.mark.slow
def test_a_shock_raises_ineffective_trials_at_once_and_its_backlog_outlives_it(
    root: Path, tmp_path: Path
) -> None:
    models = resolve_models(load_experiment(root / "experiments" / "court_shock.toml"))
    names = ("baseline", "fewer_advocates")
    found: dict[str, list[dict[tuple[str, str, str], float]]] = {name: [] for name in names}
    for name in names:
        for replication in range(3):
            folder = tmp_path / f"{name}_{replication}"
            folder.mkdir()
            simulate(
                models[name],
                seed=20130401,
                replication=replication,
                study_from=dt.date(2013, 4, 1),
                study_to=dt.date(2014, 6, 30),
                folder=folder,
            )
            found[name].append(
                {
                    (row["kpi"], row["court"], row["period"]): row["value"]
                    for row in measure(folder, models[name]).to_pylist()
                    if row["group"] == ""
                }
            )

    def difference(kpi: str, court: str, period: str) -> list[float]:
        pairs = zip(found["baseline"], found["fewer_advocates"], strict=True)
        return [two[kpi, court, period] - one[kpi, court, period] for one, two in pairs]

    for court in ("magistrates", "crown"):
        assert difference("trials_ineffective_share", court, "2013-09") == [0, 0, 0]
        by_month = (
            difference("trials_ineffective_share", court, month)
            for month in ("2013-10", "2013-11", "2013-12")
        )
        assert above_nothing([sum(months) / 3 for months in zip(*by_month, strict=True)])
    assert above_nothing(difference("open_cases", "all", "2013-12"))
    assert above_nothing(difference("open_cases", "all", "2014-03"))
