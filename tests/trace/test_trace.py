"""One case's life in words, and its price."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from cjsim.des.log_reader import read_minutes
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.case_file import CROWN, HEADINGS, MAGISTRATES
from cjsim.england_wales.case_file import CaseFile as Formatter
from cjsim.england_wales.vocabulary import HEARINGS, REASON_AGENCY
from cjsim.errors import Faults
from cjsim.formatting.labels import agency_name
from cjsim.measures import cost_lines
from cjsim.scenarios.load import load_model
from cjsim.schema.base import Amount
from cjsim.schema.model import Model, Opening
from cjsim.simulation.simulate import Run, simulate
from cjsim.trace.cost_tally import CostTally
from cjsim.trace.render import render
from cjsim.trace.trace import tell_case, trace

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
    for row in read_minutes(run.events_path).to_pylist():
        rows[row["case_id"]].append(row)
    return [(case, rows[case["case_id"]]) for case in read_minutes(run.cases_path).to_pylist()]


@pytest.fixture(scope="module")
def files(lives: Any, model: Model) -> list[str]:
    """Every case's file as one text."""
    return ["\n".join(render(case, rows, model, EPOCH, END)) for case, rows in lives]


def test_every_case_has_a_file_in_words(files: list[str], lives: Any) -> None:
    assert len(files) == len(lives)
    for (case, _), text in zip(lives, files, strict=True):
        assert text.startswith(f"CASE {case['case_id']}: ")
        assert "\nSUMMARY\n" in text
        assert "_" not in text, "words, not names of the program"
        assert max(len(line) for line in text.splitlines()) <= 110


def wore_on_the_victim(case: dict[str, Any], rows: list[dict[str, Any]]) -> int:
    """How many hearings a victim saw come to nothing, or put back, before the case ended."""
    end = case["ended_at"] if case["ended_at"] >= 0 else END
    vain = ("adjourned", "ineffective", "warrant_issued", "vacated")
    return case["has_victim"] * sum(
        0 <= row["ended_at"] <= end
        and ((row["activity"] in HEARINGS and row["result"] in vain) or row["result"] == "put_back")
        for row in rows
    )


def test_every_row_has_its_entry(lives: Any, model: Model) -> None:
    for case, rows in lives:
        formatter = Formatter(case, model, EPOCH, END)
        entries = formatter.entries(rows)
        stays = sum(row["activity"] == "detention" and row["ended_at"] >= 0 for row in rows)
        marks = sum(row["activity"] == "vacated_trial" for row in rows)
        together = ("witness_attendance", "police_attendance", "production_at_court")
        came = [row for row in rows if row["activity"] in together]
        alike = {
            (row["activity"], formatter.begins(row), row["result"], row["reason"]) for row in came
        }
        worn = wore_on_the_victim(case, rows)
        assert len(entries) == len(rows) + stays - marks - len(came) + len(alike) + worn


def test_entries_stand_in_order_of_time_under_their_headings(lives: Any, model: Model) -> None:
    for case, rows in lives:
        entries = Formatter(case, model, EPOCH, END).entries(rows)
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
        for lines in CostTally(case, model, EPOCH, END).price(rows):
            for line in lines:
                told[line.unit] += line.gbp
    measured: dict[str, float] = defaultdict(float)
    for line in cost_lines(run.events_path.parent, model).to_pylist():
        if line["kind"] != "capacity":
            measured[line["unit"]] += line["gbp"]
    assert {unit for unit, gbp in measured.items() if gbp}
    assert told == pytest.approx({u: gbp for u, gbp in measured.items() if gbp}, rel=1e-5)


def test_hearings_say_where_and_how_long_and_why_not(lives: Any, model: Model) -> None:
    titles = [courthouse.title for courthouse in model.courthouses.values()]
    heard = reasons = 0
    for case, rows in lives:
        clerk = Formatter(case, model, EPOCH, END)
        for row in rows:
            if row["activity"] not in HEARINGS or row["ended_at"] < 0 or row["result"] == "vacated":
                continue
            (said,) = [
                entry.text
                for entry in clerk.entries([row])
                if entry.heading in (MAGISTRATES, CROWN)
            ]
            if row["place"]:
                assert " list, " in said
                assert any(title in said for title in titles)
            if row["started_at"] >= 0:
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
        clerk = Formatter(case, model, EPOCH, END)
        for row in rows:
            if row["activity"] in model.duties and model.duties[row["activity"]].statutory:
                (entry,) = clerk.entries([row])
                said[row["result"] if row["ended_at"] >= 0 else "open"] = entry.text
                assert ", due " in entry.text
    assert re.search(r": made (by telephone|by letter|face to face) on ", said["in_time"])
    assert ", in time (" in said["in_time"]
    assert ", late (" in said["late"]


def test_the_summary_counts_what_the_log_holds(lives: Any, files: list[str], model: Model) -> None:
    statutory = {word for word, duty in model.duties.items() if duty.statutory}
    told = 0
    for (case, rows), text in zip(lives, files, strict=True):
        summary = text.partition("SUMMARY")[2]
        held = sum(
            row["activity"] in HEARINGS and row["ended_at"] >= 0 and row["result"] != "vacated"
            for row in rows
        )
        assert held == case["hearings"] or case["ended_at"] < 0
        if held:
            assert re.search(rf"Hearings +{held} hearing", summary)
        owed = [row for row in rows if row["activity"] in statutory]
        if owed:
            told += 1
            assert re.search(rf"Contacts owed to victim and witnesses +{len(owed)}: ", summary)
    assert told


def test_a_case_that_is_not_there_is_told_which_are(run: Run, model: Model) -> None:
    events, cases = read_minutes(run.events_path), read_minutes(run.cases_path)
    low, high = pc.min(cases["case_id"]).as_py(), pc.max(cases["case_id"]).as_py()
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
    "case_id": 1,
    "occurrence": 0,
    "agency": "hmcts",
    "place": "",
    "planned_minutes": 0.0,
    "minutes": 0.0,
    "reason": "",
    "started_at": -1,
}


def entry_of(lives: Any, model: Model, **row: Any) -> str:
    """What a row of one's own is told as, in the first case of the run."""
    (entry,) = Formatter(lives[0][0], model, EPOCH, END).entries([{**PLAIN, **row}])
    return entry.text


def test_a_hearing_taken_out_of_the_list_says_which_day_it_was_for(
    lives: Any, model: Model
) -> None:
    said = entry_of(
        lives,
        model,
        activity="magistrates_trial",
        queued_at=0,
        due_at=30 * MINUTES_A_DAY,
        ended_at=10 * MINUTES_A_DAY,
        result="vacated",
        reason="court_relisted",
    )
    assert said == (
        "Magistrates' trial, listed for Wed 1 May 2013, vacated, relisted by the court (HMCTS)."
    )


def test_a_hearing_that_was_not_reached_says_so(lives: Any, model: Model) -> None:
    house = next(iter(model.lists["magistrates_trials"].houses))
    said = entry_of(
        lives,
        model,
        activity="magistrates_trial",
        queued_at=0,
        due_at=30 * MINUTES_A_DAY + 600,
        ended_at=30 * MINUTES_A_DAY + 900,
        result="ineffective",
        reason="no_court_time",
        occurrence=1,
        place=f"magistrates_trials@{house}#1",
    )
    assert said.startswith("Magistrates' trial (2nd listing), magistrates' trials list, ")
    assert said.endswith(
        "court 1: ineffective, no court time (HMCTS). Listed 30 days before for 10:00; "
        "not called on."
    )


def test_a_missed_contact_says_whose_it_was(lives: Any, model: Model) -> None:
    said = entry_of(
        lives,
        model,
        activity="update_on_charge",
        agency="police",
        queued_at=600,
        due_at=2 * MINUTES_A_DAY - 1,
        ended_at=9 * MINUTES_A_DAY,
        result="missed",
    )
    assert said == "Update on charge, due Tue 2 Apr: missed (police)."


def test_a_word_that_no_phrase_was_written_for_is_spoken_as_it_is(lives: Any, model: Model) -> None:
    said = entry_of(
        lives,
        model,
        activity="return_of_property",
        agency="police",
        queued_at=600,
        due_at=-1,
        started_at=700,
        ended_at=760,
        minutes=60.0,
        result="done",
    )
    assert said == "Return of property (police), waited 1 h 40 min, took 1 h."


AT_TEN = 30 * MINUTES_A_DAY + 600
ATTENDED: dict[str, Any] = {
    "agency": "police",
    "place": "officers_north",
    "queued_at": 600,
    "due_at": AT_TEN,
}


def entries_of(lives: Any, model: Model, *rows: dict[str, Any]) -> list[str]:
    """What rows of one's own are told as, in the first case of the run."""
    own = [{**PLAIN, **row} for row in rows]
    return [entry.text for entry in Formatter(lives[0][0], model, EPOCH, END).entries(own)]


def test_officers_at_court_are_told_as_witnesses_are(lives: Any, model: Model) -> None:
    heard = {
        **ATTENDED,
        "activity": "police_attendance",
        "started_at": AT_TEN + 20,
        "ended_at": AT_TEN + 42,
        "minutes": 22.0,
        "result": "gave_evidence",
    }
    sent_home = [
        {
            **ATTENDED,
            "activity": "police_attendance",
            "ended_at": AT_TEN + minutes,
            "minutes": float(minutes),
            "result": "wasted",
            "reason": "no_court_time",
        }
        for minutes in (30, 75)
    ]
    assert entries_of(lives, model, heard) == ["One officer gave evidence; at court for 22 min."]
    assert entries_of(lives, model, *sent_home) == [
        "2 officers sent home unheard after 30 min and 1 h 15 min at court: no court time."
    ]


def test_witnesses_and_officers_of_one_trial_are_told_at_the_time_they_were_called_for(
    lives: Any, model: Model
) -> None:
    rows = [
        {
            **PLAIN,
            **ATTENDED,
            "activity": what,
            "started_at": AT_TEN + wait,
            "ended_at": AT_TEN + wait + 15,
            "minutes": wait + 15.0,
            "result": "gave_evidence",
        }
        for what in ("witness_attendance", "police_attendance")
        for wait in (5, 45)
    ]
    entries = Formatter(lives[0][0], model, EPOCH, END).entries(rows)
    assert [(entry.minute, entry.text) for entry in entries] == [
        (AT_TEN, "2 witnesses gave evidence; at court for 20 min and 1 h."),
        (AT_TEN, "2 officers gave evidence; at court for 20 min and 1 h."),
    ]


def test_production_on_the_days_of_one_hearing_is_told_once(lives: Any, model: Model) -> None:
    mark = {"activity": "production_at_court", "agency": "prisons", "due_at": -1}
    days = [
        {
            **mark,
            "queued_at": AT_TEN,
            "started_at": AT_TEN,
            "ended_at": AT_TEN,
            "occurrence": number,
            "result": "done",
        }
        for number in range(3)
    ]
    assert entries_of(lives, model, *days) == ["Produced at court, on 3 days."]
    assert entries_of(lives, model, days[0]) == ["Produced at court."]
    assert entries_of(lives, model, {**days[0], "result": "missed"}) == [
        "The prison did not produce the defendant at court."
    ]


@pytest.mark.parametrize("result", ["put_back", "brought_forward"])
def test_a_hearing_given_another_date_says_which_it_gave_up(
    lives: Any, model: Model, result: str
) -> None:
    row = {
        "activity": "relisted",
        "queued_at": AT_TEN,
        "started_at": AT_TEN,
        "ended_at": AT_TEN,
        "due_at": AT_TEN + 9 * MINUTES_A_DAY,
        "result": result,
        "reason": "court_relisted",
    }
    case = {**lives[0][0], "has_victim": True, "ended_at": -1}
    entries = Formatter(case, model, EPOCH, END).entries([{**PLAIN, **row}])
    said = f"The hearing listed for Fri 10 May was {result.replace('_', ' ')}"
    assert entries[0].text == f"{said}, relisted by the court (HMCTS)."
    told = [entry.text for entry in entries[1:]]
    assert [re.sub(r"\d\.\d\d", "0.70", text) for text in told] == (
        [f"{said}. Engagement 0.70."] if result == "put_back" else []
    )


def test_bail_is_told_by_the_day_to_return(lives: Any, model: Model) -> None:
    said = entry_of(
        lives,
        model,
        activity="re_bail",
        agency="police",
        queued_at=600,
        started_at=600,
        due_at=9 * MINUTES_A_DAY,
        ended_at=7 * MINUTES_A_DAY + 600,
        result="done",
    )
    assert said == "Bailed again, until Wed 10 Apr; ended after 7 days."


def test_figures_of_the_summary_stand_under_each_other(files: list[str]) -> None:
    line = re.compile(r"  (?:Arrest|Report|Interview|Charge|Summons|First|In|Hearings)\b[^£]*?  +")
    columns = {
        found.end()
        for text in files
        for one in text.partition("SUMMARY")[2].splitlines()
        if (found := line.match(one))
    }
    assert len(columns) == 1
    assert any("First hearing to leaving the magistrates' court" in text for text in files)


def test_a_reason_that_came_twice_is_counted(lives: Any, model: Model) -> None:
    vain = {
        **PLAIN,
        "activity": "further_hearing",
        "queued_at": 600,
        "due_at": AT_TEN,
        "ended_at": AT_TEN + 9,
        "result": "adjourned",
        "reason": "prosecution_not_ready",
    }
    absent = {**vain, "reason": "defendant_absent"}

    def said(*rows: dict[str, Any]) -> str:
        lines = "\n".join(render(lives[0][0], rows, model, EPOCH, END))
        return " ".join(lines.split("ineffective  ")[1].partition("\n\n")[0].split())

    assert said(vain, vain) == "2: prosecution not ready (CPS)"
    assert said(vain, absent, vain) == (
        "3: 2 times prosecution not ready (CPS) and defendant absent (defence)"
    )
