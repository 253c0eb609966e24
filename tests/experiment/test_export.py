"""Results for other programs: what stands in the log stands in the file."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

import cjsim
from cjsim.cli.main import main
from cjsim.errors import Faults, RunFailed
from cjsim.experiment.exports.export import export
from cjsim.experiment.results import Results

EXPERIMENT = """
title = "=1+1 <script> & more"
question = "@SUM(A1) ?"
owner = "-The tests"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-06-30
replications = 2
seed = 4

[scenarios.ready]
label = "+Every file ready"
[scenarios.ready.set]
"branches.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0.0, 1.0] }}

[report]
watch = ["hearings_per_case", "open_cases"]
"""

XES = "{http://www.xes-standard.org/}"


@pytest.fixture(scope="module")
def results(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("export")
    file = folder / "question.toml"
    file.write_text(EXPERIMENT.format(model=toy))
    return cjsim.read_results(cjsim.run(file, workers=1, out=folder / "out", say=lambda _: None))


# --- XES ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def log(results: Results, tmp_path_factory: pytest.TempPathFactory) -> ET.Element:
    out = tmp_path_factory.mktemp("xes") / "log.xes"
    (path,) = export(results.folder, "xes", out=out, scenario="ready", replication=1)
    return ET.parse(path).getroot()  # noqa: S314 - written by us a moment ago


def values(element: ET.Element) -> dict[str, str]:
    return {
        child.attrib["key"]: child.attrib["value"] for child in element if "key" in child.attrib
    }


def traces(log: ET.Element) -> dict[int, list[dict[str, str]]]:
    return {
        int(values(trace)["concept:name"]): [values(event) for event in trace.iter(f"{XES}event")]
        for trace in log.iter(f"{XES}trace")
    }


def test_every_case_is_a_trace_with_its_facts(results: Results, log: ET.Element) -> None:
    rows = results.log("ready", 1).column("case_id").to_pylist()
    found = traces(log)
    assert set(found) == set(rows)
    case = results.log("ready", 1, "cases").to_pylist()[0]
    trace = next(
        values(one)
        for one in log.iter(f"{XES}trace")
        if values(one)["concept:name"] == str(case["case_id"])
    )
    assert trace["offence_group"] == case["offence_group"]
    assert trace["has_victim"] == str(case["has_victim"]).lower()


def test_every_stay_that_was_left_ends_once(results: Results, log: ET.Element) -> None:
    rows = results.log("ready", 1).to_pylist()
    wanted = Counter(
        (row["activity"], "withdraw" if row["started_at"] is None else "complete")
        for row in rows
        if row["ended_at"] is not None
    )
    found = Counter(
        (event["concept:name"], event["lifecycle:transition"])
        for events in traces(log).values()
        for event in events
        if event["lifecycle:transition"] in ("complete", "withdraw")
    )
    assert found == wanted
    assert any(transition == "withdraw" for _, transition in wanted)


def test_events_stand_in_order_of_time_and_none_ends_before_it_begins(log: ET.Element) -> None:
    order = {"schedule": 0, "start": 1, "complete": 2, "withdraw": 2}
    for events in traces(log).values():
        moments = [event["time:timestamp"] for event in events]
        assert moments == sorted(moments)
        seen: dict[str, int] = {}
        for event in events:
            place = order[event["lifecycle:transition"]]
            if "attendance" not in event["concept:name"]:
                assert place > seen.get(event["concept:instance"], -1), event
            seen[event["concept:instance"]] = place


def test_a_moment_is_that_of_the_log(results: Results, log: ET.Element) -> None:
    table = results.log("ready", 1)
    row = next(row for row in table.to_pylist() if row["activity"] == "charge")
    event = next(
        event for event in traces(log)[row["case_id"]] if event["concept:name"] == "charge"
    )
    said = dt.datetime.fromisoformat(event["time:timestamp"]).replace(tzinfo=None)
    assert said == row["ended_at"]
    assert (event["org:group"], event["result"]) == (row["agency"], row["result"])


def test_a_log_may_be_compressed_and_is_the_same_each_time(
    results: Results, tmp_path: Path
) -> None:
    (plain,) = export(results.folder, "xes", out=tmp_path / "log.xes")
    first, second = (
        export(results.folder, "xes", out=tmp_path / f"{n}.xes.gz")[0].read_bytes() for n in (1, 2)
    )
    assert first == second
    assert gzip.decompress(first) == plain.read_bytes()


def test_process_mining_tools_read_it(results: Results, tmp_path: Path) -> None:
    pm4py = pytest.importorskip("pm4py", reason="pm4py is not installed")
    (path,) = export(results.folder, "xes", out=tmp_path / "log.xes")
    log = pm4py.read_xes(str(path))
    table = results.log("baseline", 0)
    assert log["case:concept:name"].nunique() == len(set(table.column("case_id").to_pylist()))
    assert set(log["concept:name"]) <= set(table.column("activity").to_pylist())
    graph, _, _ = pm4py.discover_dfg(log)
    assert graph


# --- CSV ------------------------------------------------------------------------------------


def test_csv_holds_the_log_with_dates_for_minutes(results: Results, tmp_path: Path) -> None:
    events, cases = export(results.folder, "csv", out=tmp_path / "csv")
    assert (events.name, cases.name) == ("events.csv", "cases.csv")
    table = results.log("baseline", 0)
    with events.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    rows = table.to_pylist()
    assert len(found) == len(rows)
    for said, row in list(zip(found, rows, strict=True))[::37]:
        assert said["activity"] == row["activity"]
        for moment in ("queued_at", "due_at", "started_at", "ended_at"):
            time = dt.datetime.fromisoformat(said[moment]) if said[moment] else None
            assert time == row[moment]
        assert float(said["minutes"]) == pytest.approx(row["minutes"])


# --- workbook -------------------------------------------------------------------------------


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    """The cells of each sheet, read as the parts of a workbook are written."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

    def tree(book: zipfile.ZipFile, name: str) -> ET.Element:
        return ET.fromstring(book.read(name))  # noqa: S314 - ours, as above

    with zipfile.ZipFile(path) as book:
        shared = [
            "".join(text.text or "" for text in item.iter(f"{main}t"))
            for item in tree(book, "xl/sharedStrings.xml").iter(f"{main}si")
        ]
        names = [one.attrib["name"] for one in tree(book, "xl/workbook.xml").iter(f"{main}sheet")]
        found = {}
        for number, name in enumerate(names, start=1):
            rows = []
            for row in tree(book, f"xl/worksheets/sheet{number}.xml").iter(f"{main}row"):
                assert not list(row.iter(f"{main}f")), "no formula"
                rows.append(
                    [
                        shared[int(cell.findtext(f"{main}v", "0"))]
                        if cell.attrib.get("t") == "s"
                        else float(cell.findtext(f"{main}v", "nan"))
                        for cell in row.iter(f"{main}c")
                    ]
                )
            found[name] = rows
    return found


@pytest.fixture(scope="module")
def book(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("xlsxwriter", reason="XlsxWriter is not installed")
    out = tmp_path_factory.mktemp("book") / "results.xlsx"
    return export(results.folder, "xlsx", out=out)[0]


def test_the_workbook_says_what_it_holds(book: Path, results: Results) -> None:
    found = sheets_of(book)
    assert list(found) == ["Contents", "Watched", "All differences", "Replications", "Measures"]
    contents = {row[0]: row[1] for row in found["Contents"][2:]}
    assert found["Contents"][0] == ["=1+1 <script> & more"], "text, and no formula"
    assert contents["Question"] == "@SUM(A1) ?"
    assert contents["Run"] == results.manifest["run_id"]
    for name, rows in found.items():
        assert "This sheet holds one table." in rows[1][0]
        assert all(rows[2]), f"every column of {name} has a heading"
        assert all(len(row) == len(rows[2]) for row in rows[3:]), "no gaps"


def test_the_workbook_holds_every_difference_to_sixteen_digits(
    book: Path, results: Results
) -> None:
    rows = sheets_of(book)["All differences"]
    places = {heading: place for place, heading in enumerate(rows[2])}
    assert len(rows) - 3 == results.comparison.num_rows
    for said, row in zip(rows[3:], results.comparison.to_pylist(), strict=True):
        assert said[places["Measure"]] == row["kpi"]
        assert said[places["Scenario"]] == "+Every file ready"
        assert said[places["Difference"]] == pytest.approx(row["difference"], rel=1e-15)
        assert said[places["In words"]] == row["verdict"]


def test_the_same_results_give_the_same_workbook(
    book: Path, results: Results, tmp_path: Path
) -> None:
    again = export(results.folder, "xlsx", out=tmp_path / "again.xlsx")[0]
    assert again.read_bytes() == book.read_bytes()


def test_without_its_package_a_workbook_is_a_message(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(Faults, match=r'pip install "cjsim\[export\]"'):
        export(results.folder, "xlsx", out=tmp_path / "results.xlsx")
    assert list(tmp_path.iterdir()) == []


# --- what is not there ----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xes", "csv"])
def test_what_is_not_there_is_a_fault(results: Results, tmp_path: Path, form: str) -> None:
    with pytest.raises(Faults, match='Did you mean "ready"'):
        export(results.folder, form, out=tmp_path / "x", scenario="redy")
    with pytest.raises(Faults, match="They go from 0 to 1"):
        export(results.folder, form, out=tmp_path / "x", replication=2)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_a_message(results: Results, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RunFailed, match="Nothing was kept"):
        export(results.folder, "csv", out=tmp_path / "file" / "csv")


def test_the_command_says_where_it_wrote(results: Results, tmp_path: Path) -> None:
    out = tmp_path / "log.xes"
    done = CliRunner().invoke(
        main, ["export", str(results.folder.parent), "--format", "xes", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert done.output == f"Written: {out}\n"
    assert out.is_file()
