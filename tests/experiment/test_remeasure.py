"""The measures of a run that is over are computed again from its logs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import cjsim
from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.remeasure import remeasure
from cjsim.experiment.results import Results
from cjsim.measures.registry import Measure, Rows, measures_of
from cjsim.measures.sql_tables import Log
from tests.experiment.test_export import EXPERIMENT


@pytest.fixture(scope="module")
def results(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("remeasure")
    file = folder / "question.toml"
    text = EXPERIMENT.format(model=toy).replace("2013-06-30", "2013-04-20")
    file.write_text(text)
    return cjsim.read_results(cjsim.run(file, workers=1, out=folder / "out", say=lambda _: None))


def every_case(log: Log) -> Rows:
    return log.counts("SELECT month_of(arrived_at) AS month FROM cases WHERE studied(arrived_at)")


def test_the_same_measures_have_the_same_values(results: Results, tmp_path: Path) -> None:
    done = remeasure(results.folder, out=tmp_path / "measured", workers=1)
    assert (done.added, done.removed, done.changed, done.logs) == ((), (), (), 4)
    for table in ("kpis", "comparison"):
        again = pq.read_table(tmp_path / "measured" / f"{table}.parquet")
        assert again.equals(getattr(results, table).replace_schema_metadata(None))


def test_a_new_measure_has_values_and_the_tables_of_the_run_stay(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = Measure("every_case", "cases", "neither", "Cases that arrived.", every_case)
    monkeypatch.setitem(measures_of("england_wales"), "every_case", measure)
    run = tmp_path / "run"
    shutil.copytree(results.folder, run)
    before = (run / "kpis.parquet").read_bytes()
    done = CliRunner().invoke(main, ["measure", str(run), "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert "New: every_case" in done.output
    assert (run / "kpis.parquet").read_bytes() == before
    kpis = pq.read_table(run / "measured" / "kpis.parquet")
    assert kpis.filter(pc.equal(kpis.column("kpi"), "every_case")).num_rows


def test_a_file_that_cjsim_did_not_write_stays_without_force(
    results: Results, tmp_path: Path
) -> None:
    (tmp_path / "kpis.parquet").write_text("mine")
    arguments = ["measure", str(results.folder), "--out", str(tmp_path), "--workers", "1"]
    assert CliRunner().invoke(main, arguments).exit_code == 2
    assert (tmp_path / "kpis.parquet").read_text() == "mine"
    done = CliRunner().invoke(main, [*arguments, "--force"])
    assert done.exit_code == 0, done.output
    assert pq.read_table(tmp_path / "kpis.parquet").num_rows


def test_without_logs_there_is_nothing_to_measure(results: Results, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(results.folder, run)
    (run / "runs" / "ready" / "001" / "events.parquet").unlink()
    with pytest.raises(Faults, match=r"the log of .*ready.* is not in this folder"):
        remeasure(run, workers=1)
