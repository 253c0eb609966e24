"""A second jurisdiction: the toy of Scotland runs, is measured, reported and traced."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from cjsim.experiment.run import run_experiment
from cjsim.jurisdiction import find_jurisdiction, jurisdiction_named
from cjsim.measures.registry import general_modules, known_measures, measures_in
from cjsim.report import write_report
from cjsim.scenarios.load import load_experiment, load_model
from cjsim.schema.model import Model
from cjsim.simulation.simulate import simulate
from cjsim.trace.trace import trace
from tests.conftest import ROOT
from tests.support.reading import PACKAGE

MODEL = ROOT / "models" / "toy_scotland"
EXPERIMENT = ROOT / "experiments" / "toy_scotland.toml"
MOST_LINES = 600
ENGLISH = ("magistrates", "Crown Court", "CPS", "HMCTS", "Arrest to charge")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(MODEL)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The experiment, run with two replications."""
    out = tmp_path_factory.mktemp("toy_scotland")
    return run_experiment(load_experiment(EXPERIMENT), out=out, replications=2, workers=1)


def test_its_files_are_few() -> None:
    files = [
        path
        for folder in (PACKAGE / "scotland", MODEL)
        for path in folder.rglob("*")
        if path.suffix in (".py", ".toml", ".csv")
    ] + [EXPERIMENT]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    assert lines < MOST_LINES


def test_every_word_that_a_reason_or_a_mark_belongs_to_is_an_agency() -> None:
    words = jurisdiction_named("scotland").vocabulary
    whose = {*words.mark_agency.values(), *words.reason_agency.values(), words.court_agency}
    assert whose <= set(words.agencies)
    assert set(words.reason_agency) == {reason for reason in words.reasons if reason}
    assert set(words.mark_agency) == set(words.marks)


def test_every_case_that_arrives_has_ended_or_is_open(model: Model, tmp_path: Path) -> None:
    run = simulate(
        model,
        seed=1,
        replication=0,
        study_from=dt.date(2024, 4, 1),
        study_to=dt.date(2024, 9, 30),
        folder=tmp_path,
    )
    cases = pq.read_table(run.cases_path)
    ended = pc.is_valid(cases["ended_at"])
    assert set(pc.unique(cases["outcome"]).to_pylist()) <= {"", *model.vocabulary.outcomes}
    assert pc.all(pc.equal(ended, pc.not_equal(cases["outcome"], ""))).as_py()
    disposals = pc.equal(pq.read_table(run.events_path)["activity"].cast("string"), "disposal")
    assert pc.sum(disposals).as_py() == pc.sum(ended).as_py()
    assert 0 < pc.sum(ended).as_py() < cases.num_rows == run.cases


def test_both_procedures_are_used_and_nobody_is_in_both(model: Model, tmp_path: Path) -> None:
    run = simulate(
        model,
        seed=1,
        replication=0,
        study_from=dt.date(2024, 4, 1),
        study_to=dt.date(2024, 9, 30),
        folder=tmp_path,
    )
    cases = pq.read_table(run.cases_path)
    summary, solemn = (pc.is_valid(cases[name]) for name in ("complaint_at", "petition_at"))
    assert pc.sum(summary).as_py() > pc.sum(solemn).as_py() > 0
    assert not pc.any(pc.and_(summary, solemn)).as_py()


def test_it_is_measured_by_the_general_measures_and_its_own(results: Path) -> None:
    kpis = pq.read_table(results / "kpis.parquet")
    measured = set(pc.unique(kpis["kpi"]).to_pylist())
    general = {name for module in general_modules() for name in measures_in(module)}
    assert measured <= set(known_measures("scotland"))
    assert {"cases_disposed", "open_cases", "hearings_per_case", "cost_gbp"} <= measured
    assert {"arrivals", "arrival_to_disposal_days"} == measured - general
    courts = set(pc.unique(kpis["court"]).to_pylist())
    assert courts == {"all", "sheriff_summary", "sheriff_and_jury"}


def test_england_has_none_of_its_measures() -> None:
    assert not {"arrivals", "arrival_to_disposal_days"} & set(known_measures("england_wales"))


def test_an_english_measure_is_refused_in_its_experiment(tmp_path: Path) -> None:
    text = EXPERIMENT.read_text(encoding="utf-8").replace("../models", str(ROOT / "models"))
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace('"open_cases", ', '"early_guilty_plea_rate", '), encoding="utf-8")
    with pytest.raises(Exception, match="early_guilty_plea_rate"):
        run_experiment(load_experiment(wrong), out=tmp_path / "out", replications=1, workers=1)


def test_its_report_speaks_of_its_own_courts(results: Path) -> None:
    page = write_report(results).read_text(encoding="utf-8")
    assert "Sheriff court (summary)" in page
    assert "COPFS" in page
    assert not [word for word in ENGLISH if word in page]


def test_its_case_file_follows_a_case_from_report_to_disposal(model: Model) -> None:
    lines = trace(MODEL, 26, experiment=EXPERIMENT)
    said = "\n".join(lines)
    assert "SHERIFF COURT (SUMMARY)" in said
    assert "Fiscal marking" in said
    assert "All agencies" in said
    assert not [word for word in ENGLISH if word in said]


def test_a_jurisdiction_that_does_not_exist_is_not_found() -> None:
    assert find_jurisdiction("wales_alone") is None
    assert find_jurisdiction("report") is None
