"""One case's life in words, and its price."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from cjsim.calendar import MINUTES_A_DAY
from cjsim.errors import Faults
from cjsim.experiment.entries import HEADINGS, Clerk, begins
from cjsim.experiment.price import Till
from cjsim.experiment.spoken import agency_name
from cjsim.experiment.tell import tell
from cjsim.experiment.trace import tell_case, trace
from cjsim.measures import cost_lines
from cjsim.measures.prices import CAPACITY
from cjsim.simulate import Run, simulate
from cjsim.spec.base import Amount
from cjsim.spec.load import load_model
from cjsim.spec.model import Model, Opening
from cjsim.vocabulary import HEARINGS, REASON_AGENCY

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


@pytest.fixture(scope="module")
def files(lives: Any, model: Model) -> list[str]:
    """Every case's file as one text."""
    return ["\n".join(tell(case, rows, model, EPOCH, END)) for case, rows in lives]


def test_every_case_has_a_file_in_words(files: list[str], lives: Any) -> None:
    assert len(files) == len(lives)
    for (case, _), text in zip(lives, files, strict=True):
        assert text.startswith(f"CASE {case['case']}: ")
        assert "\nSUMMARY\n" in text
        assert "_" not in text, "words, not names of the program"
        assert max(len(line) for line in text.splitlines()) <= 110


def test_every_row_has_its_entry(lives: Any, model: Model) -> None:
    for case, rows in lives:
        entries = Clerk(case, model, EPOCH, END).entries(rows)
        stays = sum(row["activity"] == "detention" and row["left"] >= 0 for row in rows)
        marks = sum(row["activity"] == "vacated_trial" for row in rows)
        came = [row for row in rows if row["activity"] == "witness_attendance"]
        alike = {(begins(row), row["result"], row["reason"]) for row in came}
        assert len(entries) == len(rows) + stays - marks - len(came) + len(alike)


def test_entries_stand_in_order_of_time_under_their_headings(lives: Any, model: Model) -> None:
    for case, rows in lives:
        entries = Clerk(case, model, EPOCH, END).entries(rows)
        order = [(HEADINGS.index(entry.heading), entry.minute) for entry in entries]
        assert order == sorted(order)


def test_a_date_is_said_once_for_all_that_follows_on_it(files: list[str]) -> None:
    dated = re.compile(r"^  [A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4} +\d\d:\d\d  ")
    for text in files[:200]:
        for part in text.split("\n\n")[1:]:
            days = [line[2:18] for line in part.splitlines() if dated.match(line)]
            assert len(days) == len(set(days))


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


def test_hearings_say_where_and_how_long_and_why_not(lives: Any, model: Model) -> None:
    titles = [house.title for spec in model.lists.values() for house in spec.houses.values()]
    heard = reasons = 0
    for case, rows in lives:
        clerk = Clerk(case, model, EPOCH, END)
        for row in rows:
            if row["activity"] not in HEARINGS or row["left"] < 0 or row["result"] == "vacated":
                continue
            (said,) = [entry.text for entry in clerk.entries([row])]
            if row["place"]:
                assert " list, " in said
                assert any(title in said for title in titles)
            if row["started"] >= 0:
                heard += 1
                assert "called at" in said
                assert "planned" in said
            if row["reason"]:
                reasons += 1
                assert f"({agency_name(REASON_AGENCY[row['reason']])})" in said
    assert heard
    assert reasons


def test_contacts_say_what_was_owed_by_when_and_what_came_of_it(lives: Any, model: Model) -> None:
    said: dict[str, str] = {}
    for case, rows in lives:
        clerk = Clerk(case, model, EPOCH, END)
        for row in rows:
            if row["activity"] in model.duties and model.duties[row["activity"]].statutory:
                (entry,) = clerk.entries([row])
                said[row["result"] if row["left"] >= 0 else "open"] = entry.text
                assert ", due " in entry.text
    assert ": made " in said["in_time"]
    assert ", in time (" in said["in_time"]
    assert ", late (" in said["late"]


def test_the_summary_counts_what_the_log_holds(lives: Any, files: list[str], model: Model) -> None:
    statutory = {word for word, duty in model.duties.items() if duty.statutory}
    told = 0
    for (case, rows), text in zip(lives, files, strict=True):
        summary = text.partition("SUMMARY")[2]
        held = sum(row["activity"] in HEARINGS and row["left"] >= 0 and row["result"] != "vacated"
                   for row in rows)  # fmt: skip
        assert held == case["hearings"] or case["ended"] < 0
        if held:
            assert re.search(rf"Hearings +{held} hearing", summary)
        owed = [row for row in rows if row["activity"] in statutory]
        if owed:
            told += 1
            assert re.search(rf"Contacts owed to victim and witnesses +{len(owed)}: ", summary)
    assert told


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


PLAIN = {
    "case": 1, "occurrence": 0, "agency": "hmcts", "place": "", "planned": 0.0, "minutes": 0.0,
    "reason": "", "started": -1,
}  # fmt: skip


def entry_of(lives: Any, model: Model, **row: Any) -> str:
    """What a row of one's own is told as, in the first case of the run."""
    (entry,) = Clerk(lives[0][0], model, EPOCH, END).entries([{**PLAIN, **row}])
    return entry.text


def test_a_hearing_taken_out_of_the_list_says_which_day_it_was_for(
    lives: Any, model: Model
) -> None:
    said = entry_of(
        lives, model, activity="magistrates_trial", entered=0, due=30 * MINUTES_A_DAY,
        left=10 * MINUTES_A_DAY, result="vacated", reason="court_relisted",
    )  # fmt: skip
    assert said == (
        "Magistrates' trial, listed for Wed 1 May 2013, vacated, relisted by the court (HMCTS)."
    )


def test_a_hearing_that_was_not_reached_says_so(lives: Any, model: Model) -> None:
    house = next(iter(model.lists["magistrates_trials"].houses))
    said = entry_of(
        lives, model, activity="magistrates_trial", entered=0, due=30 * MINUTES_A_DAY + 600,
        left=30 * MINUTES_A_DAY + 900, result="ineffective", reason="no_court_time", occurrence=1,
        place=f"magistrates_trials@{house}#1",
    )  # fmt: skip
    assert said.startswith("Magistrates' trial (2nd listing), magistrates' trials list, ")
    assert said.endswith(
        "court 1: ineffective, no court time (HMCTS). Listed 30 days before for 10:00; "
        "not called on."
    )


def test_a_missed_contact_says_whose_it_was(lives: Any, model: Model) -> None:
    said = entry_of(
        lives, model, activity="update_on_charge", agency="police", entered=600,
        due=2 * MINUTES_A_DAY - 1, left=9 * MINUTES_A_DAY, result="missed",
    )  # fmt: skip
    assert said == "Update on charge, due Tue 2 Apr: missed (police)."


def test_a_word_that_no_phrase_was_written_for_is_spoken_as_it_is(lives: Any, model: Model) -> None:
    said = entry_of(
        lives, model, activity="return_of_property", agency="police", entered=600, due=-1,
        started=700, left=760, minutes=60.0, result="done",
    )  # fmt: skip
    assert said == "Return of property (police), waited 1 h 40 min, took 1 h."
