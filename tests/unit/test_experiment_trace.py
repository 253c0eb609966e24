"""One case's life in words, and its price."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from cjsim.calendar import MINUTES_A_DAY
from cjsim.errors import Faults
from cjsim.experiment.price import Till
from cjsim.experiment.tell import _line, tell
from cjsim.experiment.trace import tell_case, trace
from cjsim.measures import cost_lines
from cjsim.measures.prices import CAPACITY
from cjsim.simulate import Run, simulate
from cjsim.spec.base import Amount
from cjsim.spec.load import load_model
from cjsim.spec.model import Model, Opening

EPOCH = dt.date(2013, 4, 1)
LAST = dt.date(2013, 7, 31)
END = ((LAST - EPOCH).days + 1) * MINUTES_A_DAY


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    """The toy model without a warm-up, so that every row falls in the study period."""
    none = Amount(value=0, source="assumption", evidence="assumed", range=(0, 1))
    return load_model(toy).model_copy(update={"opening": Opening(warm_up_days=none)})


@pytest.fixture(scope="module")
def run(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    return simulate(model, seed=3, replication=0, study_from=EPOCH, study_to=LAST, folder=folder)


@pytest.fixture(scope="module")
def lives(run: Run) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    rows = defaultdict(list)
    for row in pq.read_table(run.events_path).to_pylist():
        rows[row["case"]].append(row)
    return [(case, rows[case["case"]]) for case in pq.read_table(run.cases_path).to_pylist()]


def test_every_life_can_be_told(lives: Any, model: Model) -> None:
    for case, rows in lives:
        text = "\n".join(tell(case, rows, model, EPOCH, END))
        assert f"Case {case['case']}, " in text
        assert len(text.splitlines()) >= len(rows) + 4
        assert "_" not in text, "words, not names of the program"


def test_a_life_is_told_in_order_of_time(lives: Any, model: Model) -> None:
    for case, rows in lives[:200]:
        lines = tell(case, rows, model, EPOCH, END)[4 : 4 + len(rows)]
        said = [time.strptime(line[4:21].strip(), "%d %b %Y %H:%M") for line in lines]
        assert said == sorted(said)


def test_cases_priced_one_by_one_cost_what_the_measures_say(
    lives: Any, model: Model, run: Run
) -> None:
    told: dict[str, float] = defaultdict(float)
    for case, rows in lives:
        for lines in Till(case, model, EPOCH, END).price(rows):
            for line in lines:
                told[line.unit] += line.gbp
    measured: dict[str, float] = defaultdict(float)
    for line in cost_lines(run.events_path.parent, model).to_pylist():
        if model.costs.units[line["unit"]].per not in CAPACITY:
            measured[line["unit"]] += line["gbp"]
    assert {unit for unit, gbp in measured.items() if gbp}
    assert told == pytest.approx({u: gbp for u, gbp in measured.items() if gbp}, rel=1e-5)


def test_hearings_name_the_list_the_house_and_the_reason(lives: Any, model: Model) -> None:
    said = [line for case, rows in lives for line in tell(case, rows, model, EPOCH, END)]
    heard = [line for line in said if "First hearing, " in line and "still open" not in line]
    assert heard
    titles = [house.title for spec in model.lists.values() for house in spec.houses.values()]
    assert all(" list, " in line and any(t in line for t in titles) for line in heard)
    adjourned = [line for line in said if ": adjourned, " in line]
    assert all("(" in line for line in adjourned), "the agency that the reason belongs to"


def test_contacts_are_in_time_or_late_with_their_deadline(lives: Any, model: Model) -> None:
    said = [line for case, rows in lives for line in tell(case, rows, model, EPOCH, END)]
    contacts = [line for line in said if ": contact " in line]
    assert any(": contact in time [" in line for line in contacts)
    assert all("; due by " in line for line in contacts if "Chasing" not in line)


def test_a_case_that_is_not_there_is_told_which_are(run: Run, model: Model) -> None:
    events, cases = pq.read_table(run.events_path), pq.read_table(run.cases_path)
    low, high = pc.min(cases["case"]).as_py(), pc.max(cases["case"]).as_py()
    with pytest.raises(Faults, match=f"numbers run from {low} to {high}"):
        tell_case(events, cases, high + 1, model)


def test_a_model_has_no_scenarios(toy: Path) -> None:
    with pytest.raises(Faults, match="--experiment"):
        trace(toy, 1, scenario="north_pilot")


def test_an_experiment_about_another_model_is_refused(toy: Path, root: Path) -> None:
    experiment = root / "experiments" / "prosecute_not_process.toml"
    with pytest.raises(Faults, match="Trace that one"):
        trace(toy, 1, experiment=experiment)


def test_a_year_may_begin_on_a_leap_day(toy: Path) -> None:
    with pytest.raises(Faults, match="numbers run from"):
        trace(toy, -1, study_from=dt.date(2016, 2, 29))


def test_a_hearing_taken_out_of_the_list_says_which_day_it_was_for(model: Model) -> None:
    plain = {"case": 1, "occurrence": 0, "agency": "hmcts", "place": "", "planned": 0.0}
    gone = {
        **plain, "activity": "magistrates_trial", "entered": 0, "due": 30 * MINUTES_A_DAY,
        "started": -1, "left": 10 * MINUTES_A_DAY, "minutes": 0.0, "result": "vacated",
        "reason": "court_relisted",
    }  # fmt: skip
    line = _line(gone, [], model, EPOCH)
    assert line == (
        "Thu 11 Apr 2013 00:00  Magistrates trial: vacated, court relisted (HMCTS) "
        "[HMCTS; it was listed for Wed 1 May 2013]"
    )
