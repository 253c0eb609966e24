"""Money on the Board's page: one cost of each agency, what it is made of, intervals that hold."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cjsim.economics import make_ledger
from cjsim.experiment.results import Results
from cjsim.experiment.show import comparison_text
from cjsim.formatting import numbers
from cjsim.measures.comparison import compare
from cjsim.report import wording
from cjsim.report.board.costs import pays_table
from cjsim.report.board.headlines import tiles
from cjsim.report.charts.differences import forest
from cjsim.report.data import ResultsFolder
from cjsim.report.inputs import held_against, read_source
from tests.support.money_experiment import run_money
from tests.support.report_data import write_results


@pytest.fixture(name="results", scope="module")
def _results(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    return run_money(toy, tmp_path_factory.mktemp("money"))


def test_a_page_has_one_cost_of_each_agency_and_it_is_the_ledgers(
    results: Results,
) -> None:
    """What funds pay for outcomes falls due when a run is over, and is in no measure of the run."""
    found, ledger = ResultsFolder(results.folder), make_ledger(results, workers=1)
    (fund,) = ledger.flows["files"].funds
    assert list(found.outcomes) == ["files"]
    for agency, gbp in fund.charged.items():
        assert found.outcomes["files"][agency] == pytest.approx(gbp)
        assert gbp.any(), "or this test tells nothing"
    for rows in ledger.tables.values():
        for row in rows:
            shown = found.difference(row.scenario, "cost_gbp", "all", row.agency)
            assert shown is not None
            for name in ("baseline", "value", "difference", "low", "high"):
                number = getattr(row, name)
                number = math.nan if number is None else number
                assert getattr(shown, name) == pytest.approx(number, abs=0.005, nan_ok=True)
    last = found.series("files", "cost_gbp", "all", "cps")[:, -1]
    alone = {
        (row["replication"], row["period"]): row["value"]
        for row in results.kpis.to_pylist()
        if (row["scenario"], row["kpi"], row["group"]) == ("files", "cost_gbp", "cps")
    }
    for replication, gbp in enumerate(fund.charged["cps"]):
        month = alone[replication, "2014-03"]
        assert last[replication] == pytest.approx(month + gbp)


def test_the_boards_table_says_what_of_it_is_for_outcomes(results: Results) -> None:
    table = pays_table(ResultsFolder(results.folder))
    assert table is not None
    start = "Of which payments for outcomes: "
    rows = [row for row in table.rows if row[0].startswith(start)]
    assert {row[1] for row in rows} == {"Better files"}
    paid = {row[0].removeprefix(start): row[3] for row in rows}
    # 3,000 pounds to the prosecutors, three quarters from the commissioner.
    assert paid == {
        "Police": "+\u2060\u00a3750",
        "Crown Prosecution Service": "\u2212\u2060\u00a33,000",
        "Police and Crime Commissioner": "+\u2060\u00a32,250",
        "all agencies, net": "\u00a30",
    }
    assert table.rows[-1][0] == "Separately: victims\u2019 and witnesses\u2019 own time"


def test_payments_are_judged_against_the_runs_own_baseline_whatever_is_compared(
    results: Results,
) -> None:
    source = held_against(read_source(results.folder), "files")
    turned, straight = ResultsFolder(source), ResultsFolder(results.folder)
    for agency in ("cps", "police", "commissioner", ""):
        one = turned.difference("baseline", "cost_gbp", "all", agency)
        other = straight.difference("files", "cost_gbp", "all", agency)
        assert one is not None
        assert other is not None
        assert one.difference == pytest.approx(-other.difference)


def test_the_tile_of_cost_says_what_of_it_is_due_for_outcomes(results: Results) -> None:
    found = ResultsFolder(results.folder)

    def told() -> list[str]:
        return [
            line.detail
            for tile in tiles(found)
            for line in tile.lines
            if "due for outcomes" in line.detail
        ]

    assert told() == [], "what one agency pays another receives"
    found.outcomes = {"files": {"police": np.array([1_000.0, 3_000.0])}}
    (detail,) = told()
    assert detail.endswith("; of which \u00a32,000 due for outcomes")


def test_what_is_worked_out_of_several_measures_has_intervals_as_wide_as_theirs(
    tmp_path: Path,
) -> None:
    """Two options held against one baseline have more chances to differ by luck."""
    found = ResultsFolder(write_results(tmp_path / "run"))
    key = ("cost_gbp", "all", "police")
    levels = {name: found.levels(name, *key) for name in found.scenarios}
    wide = {name: found.difference_of_values(name, key, levels) for name in found.options}
    measured = compare(found.source.kpis, found.baseline).to_pylist()
    widened = 0
    for name in found.options:
        (one,) = [
            row
            for row in measured
            if (row["scenario"], row["kpi"], row["court"], row["group"]) == (name, *key)
        ]
        assert (wide[name].low, wide[name].high) == (one["low"], one["high"])
        alone = found.difference_between(found.baseline, name, *key)
        assert wide[name].low <= alone.low
        assert alone.high <= wide[name].high
        widened += wide[name].high > alone.high
    assert widened


def test_what_cannot_be_cashed_is_told_with_such_an_interval(tmp_path: Path) -> None:
    found = ResultsFolder(write_results(tmp_path / "run"))
    table = pays_table(found)
    assert table is not None
    rest = {
        name: found.levels(name, "cost_gbp", "all", "police")
        - found.levels(name, "cost_cashable_gbp", "all", "police")
        for name in found.scenarios
    }
    key = ("cost_gbp", "all", "police")
    wide = {name: found.difference_of_values(name, key, rest) for name in found.options}
    place = table.columns.index("Not cashable")
    shown = {row[1]: row[place] for row in table.rows if row[0] == "Police"}
    for name in found.options:
        cell = shown[found.background.labels[name]]
        assert cell == numbers.without_line_break(
            f"{wording.signed_change('gbp', wide[name])} ({wording.interval('gbp', wide[name])})"
        ).replace(" million", "m")


def test_hours_of_staff_are_a_sum_and_stand_among_what_is_watched(results: Results) -> None:
    found = ResultsFolder(results.folder)
    found.background = replace(found.background, watched=("staff_hours", "cost_gbp"))
    chart = forest(found)
    assert chart is not None
    assert chart.title == "Too few replications to judge 2 watched measures"


def test_a_comparison_says_that_its_costs_are_without_what_is_paid_for_outcomes(
    results: Results,
) -> None:
    assert "without what funds pay for outcomes" in comparison_text(results, everything=True)
