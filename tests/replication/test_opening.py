"""A table of open cases: written, read with every fault at once, and gone on with."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from cjsim.cli.main import main
from cjsim.des.log_reader import read_minutes
from cjsim.england_wales.initial_state import NUMBERS_AFTER, epoch_before, read_opening
from cjsim.england_wales.journey.resume import Listed
from cjsim.england_wales.journey.resume_points import (
    BESIDE_THE_STEPS,
    STEPS,
    refuse_gaps,
    without_a_step,
)
from cjsim.england_wales.open_cases import COLUMNS, OpenCases
from cjsim.england_wales.vocabulary import HEARINGS, STAGES, STANDINGS
from cjsim.errors import Impossible
from cjsim.experiment.run import make_plan, run_experiment
from cjsim.experiment.snapshot import write_snapshot
from cjsim.scenarios.load import load_experiment, load_model
from cjsim.simulation.simulate import Run, simulate
from cjsim.trace.trace import trace
from tests.support.open_cases import FIRST, ROW, write

LAST = dt.date(2013, 5, 31)
MINUTES_A_DAY = 1440

EXPERIMENT = """
title = "The same start"
question = "Do all scenarios start alike?"
owner = "The tests"

[run]
model = "{model}"
opening = "{opening}"
from = 2013-04-01
to = 2013-05-31
replications = 1
seed = 1

[scenarios.nothing]
label = "A copy of the baseline"

[scenarios.ready]
label = "Every file ready"
[scenarios.ready.set]
"branches.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0.0, 1.0] }}
"""


def run(toy: Path, opening: OpenCases, folder: Path, *, replication: int = 0) -> Run:
    folder.mkdir()
    return simulate(
        load_model(toy),
        seed=1,
        replication=replication,
        study_from=FIRST,
        study_to=LAST,
        folder=folder,
        opening=opening,
    )


@pytest.fixture(scope="module")
def table(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy model's cases open on 1 April 2013."""
    path = tmp_path_factory.mktemp("opening") / "toy.csv"
    assert write_snapshot(toy, path) == (len(path.read_text().splitlines()) - 1, FIRST)
    return path


@pytest.fixture(scope="module")
def opening(toy: Path, table: Path) -> OpenCases:
    return read_opening(table, load_model(toy), FIRST)


def test_every_standing_has_one_step_and_every_step_a_standing() -> None:
    assert list(STEPS) == list(STANDINGS)


def test_every_stage_and_hearing_has_a_step_at_which_an_open_case_goes_on() -> None:
    assert without_a_step() == []
    stages = {stage for step in STEPS.values() for stage in getattr(step, "stages", ())}
    assert not stages & BESIDE_THE_STEPS


def test_a_new_stage_hearing_or_standing_without_a_step_is_named() -> None:
    missing = without_a_step(
        standings=cast("Any", (*STANDINGS, "in_the_laboratory")),
        stages=cast("Any", (*STAGES, "forensic_lab_triage")),
        hearings=cast("Any", (*HEARINGS, "ground_rules_hearing")),
    )
    assert missing == [
        'the standing "in_the_laboratory"',
        'the stage "forensic_lab_triage"',
        'the hearing "ground_rules_hearing"',
    ]
    with pytest.raises(Impossible, match=r'the stage "forensic_lab_triage".*resume_points\.py'):
        refuse_gaps(missing)


def test_check_refuses_a_stage_at_which_an_open_case_could_not_go_on(root: Path) -> None:
    script = (
        "import sys, cjsim.england_wales.vocabulary as words\n"
        "words.STAGES = (*words.STAGES, 'forensic_lab_triage')\n"
        "sys.argv = ['cjsim', 'check', 'models/toy']\n"
        "from cjsim.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert 'A case can be open at the stage "forensic_lab_triage"' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_guide_tells_every_column_and_every_standing(root: Path) -> None:
    guide = (root / "docs" / "opening_caseload.md").read_text()
    for name, column in COLUMNS.items():
        assert f"| `{name}` |" in guide
        assert column.means in guide
    for word in STANDINGS:
        assert f"| `{word}` |" in guide


def test_the_table_of_staffordshire_fits_its_model(root: Path) -> None:
    folder = root / "models" / "staffordshire_2013"
    opening = read_opening(folder / "opening_caseload.csv", load_model(folder), FIRST)
    assert len(opening.cases) > 3000


def test_a_snapshot_is_the_same_twice(toy: Path, table: Path, tmp_path: Path) -> None:
    write_snapshot(toy, tmp_path / "again.csv", on=FIRST)
    assert (tmp_path / "again.csv").read_bytes() == table.read_bytes()
    write_snapshot(toy, tmp_path / "other.csv", on=FIRST, replication=1)
    assert (tmp_path / "other.csv").read_bytes() != table.read_bytes()


def test_a_snapshot_is_the_open_cases_of_a_warm_up(
    toy: Path, opening: OpenCases, tmp_path: Path
) -> None:
    simulate(
        load_model(toy), seed=1, replication=0, study_from=FIRST, study_to=FIRST, folder=tmp_path
    )
    cases = read_minutes(tmp_path / "cases.parquet").to_pylist()
    epoch = dt.date.fromisoformat(
        pq.read_schema(tmp_path / "cases.parquet").metadata[b"epoch"].decode()
    )
    start = (FIRST - epoch).days * MINUTES_A_DAY
    standing = [
        case
        for case in cases
        if case["arrived_at"] < start and (case["ended_at"] < 0 or case["ended_at"] >= start)
    ]
    facts = ("way_in", "offence_group", "offence_class", "division", "civilian_witnesses")
    before = sorted(tuple(case[fact] for fact in facts) for case in standing)
    assert sorted(tuple(case[fact] for fact in facts) for case in opening.cases) == before


def test_no_open_case_is_lost_and_all_times_are_positive_or_never(
    toy: Path, opening: OpenCases, tmp_path: Path
) -> None:
    done = run(toy, opening, tmp_path / "run")
    cases = read_minutes(done.cases_path)
    numbers = cases["case_id"].to_pylist()
    assert len(set(numbers)) == len(numbers)
    opened = sorted(number for number in numbers if number > NUMBERS_AFTER)
    assert opened == [NUMBERS_AFTER + 1 + place for place in range(len(opening.cases))]
    assert done.epoch == epoch_before(FIRST, opening) <= FIRST
    start = (FIRST - done.epoch).days * MINUTES_A_DAY
    arrived = cases["arrived_at"].to_pylist()
    assert all(
        (at < start) == (case > NUMBERS_AFTER) for case, at in zip(numbers, arrived, strict=True)
    )
    events = read_minutes(done.events_path)
    for table_, columns in (
        (events, ("queued_at", "due_at", "started_at", "ended_at")),
        (cases, ("arrived_at", "charged_at", "first_listed_at", "ended_at")),
    ):
        for column in columns:
            assert pc.min(table_[column]).as_py() >= -1
    for earlier, later in (("queued_at", "started_at"), ("started_at", "ended_at")):
        both = events.filter(
            pc.and_(pc.greater_equal(events[earlier], 0), pc.greater_equal(events[later], 0))
        )
        assert pc.all(pc.less_equal(both[earlier], both[later])).as_py()


def test_a_hearing_that_is_fixed_keeps_its_date(
    toy: Path, opening: OpenCases, tmp_path: Path
) -> None:
    done = run(toy, opening, tmp_path / "run")
    start = (FIRST - done.epoch).days * MINUTES_A_DAY
    rows = read_minutes(done.events_path).to_pylist()
    first: dict[tuple[int, str], int] = {}
    for row in sorted(rows, key=lambda row: row["occurrence"]):
        if row["queued_at"] >= start:
            first.setdefault((row["case_id"], row["activity"]), row["due_at"])
    checked = 0
    for place, case in enumerate(opening.cases):
        step = STEPS[case["stands_at"]]
        if isinstance(step, Listed) and case["continues_in_days"]:
            due = first[NUMBERS_AFTER + 1 + place, step.date.hearing]
            # A warned-list trial may be carried to a later day of its window.
            if case["listed_as"] != "warned_list":
                assert due // MINUTES_A_DAY == start // MINUTES_A_DAY + int(
                    case["continues_in_days"]
                )
                checked += 1
    assert checked > 20


def test_a_wait_ends_when_what_is_left_of_it_has_passed(toy: Path, tmp_path: Path) -> None:
    row = ROW | {
        "charged_days_ago": "",
        "charged_by": "",
        "first_listed_days_ago": "",
        "first_not_guilty_days_ago": "",
        "plea": "",
        "hearings_held": "",
        "stands_at": "on_bail_to_return",
        "continues_in_days": "12.5",
    }
    opening = read_opening(write(tmp_path / "one.csv", [row]), load_model(toy), FIRST)
    done = run(toy, opening, tmp_path / "run")
    start = (FIRST - done.epoch).days * MINUTES_A_DAY
    rows = [
        row
        for row in read_minutes(done.events_path).to_pylist()
        if row["case_id"] == NUMBERS_AFTER + 1 and row["activity"] == "return_on_bail"
    ]
    assert [(row["queued_at"], row["ended_at"]) for row in rows] == [(start, start + 12.5 * 1440)]


def test_a_case_that_was_managed_before_the_first_day_still_is(toy: Path, tmp_path: Path) -> None:
    def called(hearings: str) -> int:
        """Witnesses of a hundred trials who were called to the first date."""
        row = ROW | {"civilian_witnesses": "6", "hearings_held": hearings}
        table = write(tmp_path / "many.csv", [row] * 100)
        opening = read_opening(table, load_model(toy), FIRST)
        done = run(toy, opening, tmp_path / str(len(hearings)))
        return sum(
            row["activity"] == "witness_attendance" and row["case_id"] > NUMBERS_AFTER
            for row in read_minutes(done.events_path).to_pylist()
        )

    first = ROW["hearings_held"]
    assert called(f"{first} case_management_hearing:managed:10:12") < 0.95 * called(first)


def test_a_person_on_remand_has_served_the_days_before(toy: Path, tmp_path: Path) -> None:
    row = ROW | {"remanded_days_ago": "29"}
    opening = read_opening(write(tmp_path / "one.csv", [row]), load_model(toy), FIRST)
    done = run(toy, opening, tmp_path / "run")
    start = (FIRST - done.epoch).days * MINUTES_A_DAY
    [remand] = [
        row
        for row in read_minutes(done.events_path).to_pylist()
        if row["case_id"] == NUMBERS_AFTER + 1 and row["activity"] == "remand"
    ]
    assert remand["queued_at"] == remand["started_at"] == start - 29 * MINUTES_A_DAY
    assert remand["ended_at"] < 0 or remand["ended_at"] > start


@pytest.fixture
def experiment(toy: Path, table: Path, tmp_path: Path) -> Path:
    (tmp_path / "open.csv").write_text(table.read_text())
    path = tmp_path / "start.toml"
    path.write_text(EXPERIMENT.format(model=toy, opening="open.csv"))
    return path


def test_every_scenario_starts_with_the_same_open_cases(experiment: Path, tmp_path: Path) -> None:
    folder = run_experiment(experiment, workers=1, out=tmp_path / "results", say=lambda _: None)
    started = {}
    for scenario in ("baseline", "nothing", "ready"):
        cases = read_minutes(folder / "runs" / scenario / "000" / "cases.parquet")
        cases = cases.filter(pc.greater(cases["case_id"], NUMBERS_AFTER)).sort_by("case_id")
        rows = cases.select(["case_id", "way_in", "arrived_at"]).to_pylist()
        started[scenario] = [tuple(row.values()) for row in rows]
    assert started["baseline"] == started["nothing"] == started["ready"]
    compared = pq.read_table(folder / "comparison.parquet").to_pylist()
    assert not [row for row in compared if row["scenario"] == "nothing" and row["difference"]]
    assert [row for row in compared if row["scenario"] == "ready" and row["difference"]]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["opening"]["file"].endswith("open.csv")
    assert manifest["opening"]["cases"] == len(started["baseline"])


def test_the_plan_is_of_the_content_of_the_table(experiment: Path) -> None:
    first = make_plan(load_experiment(experiment))
    table = experiment.parent / "open.csv"
    table.rename(experiment.parent / "elsewhere.csv")
    (experiment.parent / "elsewhere.csv").rename(table)
    assert make_plan(load_experiment(experiment)).hash == first.hash
    lines = table.read_text().splitlines()
    table.write_text("\n".join(lines[:-1]) + "\n")
    assert make_plan(load_experiment(experiment)).hash != first.hash


def test_an_open_case_can_be_traced(experiment: Path, toy: Path) -> None:
    lines = trace(toy, NUMBERS_AFTER + 1, experiment=experiment)
    assert str(NUMBERS_AFTER + 1) in lines[0].replace(",", "")


def test_the_commands_write_check_and_refuse(experiment: Path, toy: Path, tmp_path: Path) -> None:
    def invoke(*arguments: str) -> Any:
        return CliRunner().invoke(main, list(arguments))

    out = tmp_path / "made.csv"
    done = invoke("snapshot", str(toy), "--out", str(out), "--on", "2013-04-01")
    assert done.exit_code == 0, done.output
    assert "cases open on 2013-04-01" in done.output
    done = invoke("check", str(experiment))
    assert "open cases, baseline and nothing, ready, no faults" in done.output
    table = experiment.parent / "open.csv"
    table.write_text(table.read_text().replace("on_bail_to_return", "on_bail_to_retrun"))
    done = invoke("check", str(experiment))
    assert done.exit_code == 2
    assert 'stands_at": there is no "on_bail_to_retrun" here.' in done.output
    assert 'Did you mean "on_bail_to_return"?' in done.output
    table.unlink()
    done = invoke("check", str(experiment))
    assert "there is no table of open cases" in done.output
    assert "cjsim snapshot" in done.output
