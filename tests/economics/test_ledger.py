"""The ledger of a small run of the toy model: costed again, compared, funded and looked ahead."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import cjsim
from cjsim.cli.main import main
from cjsim.economics import Ledger, ledger_text, make_ledger, write_ledger
from cjsim.economics.cost_shares import CostRow
from cjsim.economics.costing import recost
from cjsim.economics.trace import LedgerLine, agency_text, trace_text
from cjsim.errors import Faults
from cjsim.experiment.results import Results
from cjsim.measures.cost_rows import cost_rows
from tests.conftest import ROOT
from tests.support.money_experiment import run_money


@pytest.fixture(name="results", scope="module")
def _results(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    return run_money(toy, tmp_path_factory.mktemp("money"))


@pytest.fixture(name="ledger", scope="module")
def _ledger(results: Results) -> Ledger:
    return make_ledger(results, workers=1, social=True)


def _values(table: Any) -> dict[tuple[Any, ...], float]:
    names = ("scenario", "replication", "kpi", "group", "period")
    return {tuple(row[name] for name in names): row["value"] for row in table.to_pylist()}


def _row(ledger: Ledger, scenario: str, agency: str) -> CostRow:
    (found,) = [row for row in ledger.tables[scenario] if row.agency == agency]
    return found


def test_costing_again_gives_the_numbers_of_the_run_to_the_last_digit(
    results: Results, ledger: Ledger
) -> None:
    again, before = _values(ledger.costing.kpis), _values(results.kpis)
    assert again
    assert again == {key: before[key] for key in again}
    assert {key for key in before if key[2].startswith("cost_")} <= set(again)


def test_lines_and_agencies_and_kinds_add_up_to_a_penny_in_every_replication(
    ledger: Ledger,
) -> None:
    cost = _values(ledger.costing.kpis)
    sums: dict[tuple[str, int, str], float] = defaultdict(float)
    for line in ledger.costing.lines.to_pylist():
        if line["kind"] != "used":
            sums[line["scenario"], line["replication"], line["agency"]] += line["gbp"]
    for scenario in ledger.results.scenarios:
        for replication in (0, 1):
            agencies = {
                who: gbp
                for (one, n, who), gbp in sums.items()
                if (one, n) == (scenario, replication)
            }
            for agency, gbp in agencies.items():
                total = cost[scenario, replication, "cost_gbp", agency, "all"]
                assert total == pytest.approx(gbp, abs=0.005)
            own = agencies.pop("victims_and_witnesses")
            assert own > 0
            total = cost[scenario, replication, "cost_gbp", "", "all"]
            assert total == pytest.approx(sum(agencies.values()), abs=0.005)


def test_every_pound_is_of_a_unit_an_activity_and_a_month(ledger: Ledger) -> None:
    units = ledger.costing.costs.units
    for line in ledger.costing.lines.to_pylist():
        assert re.fullmatch(r"201[34]-\d\d", line["month"])
        if line["unit"] not in units:
            assert line["unit"] in ("files.training", "files.coordinator")
            continue
        unit = units[line["unit"]]
        assert line["agency"] == unit.agency
        there = any(line["activity"].startswith(name) for name in (*unit.pools, *unit.lists))
        assert there == (line["kind"] == "capacity")
        assert there or line["activity"] in unit.activities


def _costs_file(toy: Path, folder: Path, old: str = "", new: str = "") -> Path:
    text = (toy / "costs.toml").read_text(encoding="utf-8")
    assert old in text
    file = folder / "costs.toml"
    file.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return file


def test_doubling_a_unit_cost_doubles_its_lines_and_no_other(
    results: Results, ledger: Ledger, toy: Path, tmp_path: Path
) -> None:
    place = '[costs.units.prison_place_day]\nagency = "prisons"\ngbp = { value = 92.6'
    dearer = place.replace("92.6", "185.2")
    file = _costs_file(toy, tmp_path, place, dearer)
    file.write_text(file.read_text().replace("range = [85, 100]", "range = [85, 200]", 1))
    again = recost(results, costs=file, workers=1).lines.to_pylist()
    before = ledger.costing.lines.to_pylist()
    assert len(again) == len(before)
    for line, other in zip(before, again, strict=True):
        factor = 2 if line["unit"] == "prison_place_day" else 1
        assert other == {**line, "gbp": line["gbp"] * factor}


def test_other_prices_are_one_factor_on_everything(results: Results, ledger: Ledger) -> None:
    again = make_ledger(results, price_base="2019-20", workers=1)
    deflator = ledger.costing.costs.deflator
    factor = deflator["2019-20"].at("") / deflator["2013-14"].at("")
    for scenario, rows in ledger.tables.items():
        for row, other in zip(rows, again.tables[scenario], strict=True):
            assert other.baseline == pytest.approx(row.baseline * factor)
            assert other.difference == pytest.approx(row.difference * factor, abs=0.005)


def test_capacity_that_nobody_calls_on_changes_nothing_but_its_cost(ledger: Ledger) -> None:
    posts, half_a_post, years = 2 * 2, 22_500, 365 / 365.25
    for row in ledger.tables["team"]:
        paid = row.agency in ("police", "commissioner")
        one = posts * half_a_post * years if paid else 0
        expected = 2 * posts * half_a_post * years if row.agency == "" else one
        assert row.difference == pytest.approx(expected, abs=0.005), row.agency
        assert row.capacity == pytest.approx(row.difference)
        assert (row.cashable, row.non_cashable, row.time_used, row.reform) == (0, 0, 0, 0)
    for row in ledger.per_case["team"]:
        if "_per_" not in row.kpi:
            assert row.difference == 0


def test_the_parts_of_a_difference_add_up(ledger: Ledger) -> None:
    for rows in ledger.tables.values():
        for row in rows:
            parts = row.cashable + row.capacity + row.non_cashable + row.outcomes
            assert parts == pytest.approx(row.difference, abs=0.005)
            assert row.value - row.baseline == pytest.approx(row.difference, abs=0.005)


def test_what_a_reform_itself_costs_is_charged_to_those_who_pay_it(ledger: Ledger) -> None:
    coordinator = 3_652.5 * 365 / 365.25
    assert _row(ledger, "files", "commissioner").reform == pytest.approx(7_500)
    assert _row(ledger, "files", "police").reform == pytest.approx(2_500 + coordinator)
    assert _row(ledger, "files", "").reform == pytest.approx(10_000 + coordinator)
    total = _values(ledger.results.kpis)
    assert total["files", 0, "cost_of_reform_gbp", "", "all"] == pytest.approx(10_000 + coordinator)
    assert total["baseline", 0, "cost_of_reform_gbp", "", "all"] == 0


def test_a_scenario_that_declares_no_cost_is_told_so(ledger: Ledger) -> None:
    text = ledger_text(ledger)
    assert "No cost of the reform itself is declared in team, cells." in text
    assert 'Scenario "cells" changes how many there are of cells' in text
    assert ledger.results.manifest["notices"][: len(ledger.notices)] == ledger.notices


def test_money_follows_outcomes_replication_by_replication(ledger: Ledger) -> None:
    (fund,) = ledger.flows["files"].funds
    hearings = _values(ledger.results.kpis)
    for n in (0, 1):
        before, after = (
            hearings[name, n, "hearings_per_case", "", "all"] for name in ("baseline", "files")
        )
        assert fund.outcomes["fewer_hearings"].reached[n] == (before - after >= 1e-6)
    assert fund.outcomes["fewer_hearings"].gbp.tolist() == [3_000, 3_000]
    assert fund.outcomes["out_of_reach"].gbp.tolist() == [0, 0]
    assert fund.spent == pytest.approx(10_000)
    assert {agency: gbp.tolist() for agency, gbp in fund.charged.items()} == {
        "commissioner": [2_250, 2_250],
        "police": [750, 750],
        "cps": [-3_000, -3_000],
    }
    assert _row(ledger, "files", "cps").outcomes == pytest.approx(-3_000)
    assert _row(ledger, "files", "").outcomes == 0, "what one agency pays another receives"


def test_a_fund_pays_no_more_than_it_has(results: Results, ledger: Ledger) -> None:
    from cjsim.economics.funds import funds_used

    (fund,) = funds_used(results, "files", ledger.costing.costs, {"outcomes": 13_000.0})
    assert fund.outcomes["fewer_hearings"].gbp.tolist() == [1_000, 1_000]
    (empty,) = funds_used(results, "files", ledger.costing.costs, {"outcomes": 15_000.0})
    assert empty.outcomes["fewer_hearings"].gbp.tolist() == [0, 0]
    assert funds_used(results, "team", ledger.costing.costs, {}) == []


def test_later_years_carry_the_last_one_forward_with_the_reform_on_its_own_days(
    ledger: Ledger,
) -> None:
    years = {(row.agency, row.year): row for row in ledger.years["files"]}
    assert [years["", year].measured for year in ("2013-14", "2014-15", "2015-16")] == [
        True,
        False,
        False,
    ]
    first, second, third = (years["", year] for year in ("2013-14", "2014-15", "2015-16"))
    assert first.change.mean == pytest.approx(_row(ledger, "files", "").difference, abs=0.01)
    assert second.reform == pytest.approx(3_652.5 * 365 / 365.25)
    assert third.reform == 0, "the coordinator's post is over"
    without = first.change.mean - first.reform
    assert second.change.mean - second.reform == pytest.approx(without, abs=0.01)
    assert third.change.mean == pytest.approx(without, abs=0.01)
    assert years["cps", "2014-15"].change.mean == pytest.approx(
        years["cps", "2013-14"].change.mean + 3_000, abs=0.01
    ), "outcomes are paid for once"


def test_what_a_team_that_nobody_calls_is_worth_is_what_it_costs_discounted(
    ledger: Ledger,
) -> None:
    everything, money = ledger.npv["team"]
    a_year = 4 * 45_000 * 365 / 365.25
    expected = -a_year * (1 + 1 / 1.035 + 1 / 1.035**2)
    for one in (everything, money):
        assert one.present_value.mean == pytest.approx(expected)
        # It is the same in every replication, and of chance nothing was seen: no interval.
        assert (one.present_value.low, one.present_value.high) == (None, None)
        assert one.break_even.month is None
        assert one.break_even.share == 0
    assert "It does not break even." in ledger_text(ledger)


def test_the_social_cost_of_crime_stands_apart_and_only_where_asked_for(
    results: Results, ledger: Ledger
) -> None:
    assert ledger.social is not None
    assert {one.scenario: one.difference.mean for one in ledger.social} == {
        "files": 0,
        "team": 0,
        "cells": 0,
    }
    assert all(one.baseline > 0 for one in ledger.social)
    assert "do not add it to the costs above" in ledger_text(ledger)
    assert "social" not in ledger_text(make_ledger(results, workers=1)).lower()


def test_the_files_hold_what_is_shown(ledger: Ledger, tmp_path: Path) -> None:
    folder = write_ledger(ledger, tmp_path / "ledger")
    assert {path.name for path in folder.glob("[!.]*")} == {
        "costs.md",
        "who_pays.csv",
        "who_pays.parquet",
        "measures.csv",
        "years.csv",
        "worth.csv",
        "lines.parquet",
    }
    table = pq.read_table(folder / "who_pays.parquet").to_pylist()
    assert len(table) == sum(len(rows) for rows in ledger.tables.values())
    assert pq.read_table(folder / "lines.parquet").num_rows == ledger.costing.lines.num_rows
    assert "| agency | baseline |" in (folder / "costs.md").read_text(encoding="utf-8")
    again = write_ledger(ledger, tmp_path / "again")
    for path in folder.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_the_command_shows_and_writes(results: Results, tmp_path: Path) -> None:
    out = str(tmp_path / "there")
    done = CliRunner().invoke(main, ["cost", str(results.folder), "--workers", "1", "--out", out])
    assert done.exit_code == 0, done.output
    assert "Better files (files) against" in done.output
    assert f"Ledger: {out}" in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--price-base", "1813-14"], 'the deflator has no year "1813-14". Known: 2013-14'),
        (["--costs", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_a_slip_is_told_without_a_traceback(
    results: Results, options: list[str], said: str
) -> None:
    done = CliRunner().invoke(main, ["cost", str(results.folder), "--workers", "1", *options])
    assert done.exit_code == 2
    assert said in done.output


def test_a_costs_file_that_leaves_something_uncosted_is_refused(
    results: Results, toy: Path, tmp_path: Path
) -> None:
    file = _costs_file(toy, tmp_path, '"detention_review",', "")
    with pytest.raises(Faults, match='no unit cost counts "detention_review"'):
        recost(results, costs=file, workers=1)


def test_a_run_without_logs_says_that_they_were_not_kept(results: Results, tmp_path: Path) -> None:
    folder = tmp_path / "without"
    shutil.copytree(results.folder, folder)
    shutil.rmtree(folder / "runs" / "team" / "001")
    with pytest.raises(Faults, match="not that of scenario team, replication 1"):
        recost(cjsim.read_results(folder), workers=1)
    shutil.rmtree(folder / "runs")
    with pytest.raises(Faults, match="the logs of this run were not kept"):
        recost(cjsim.read_results(folder), workers=1)


@pytest.mark.parametrize("name", ["staffordshire_2013", "toy"])
def test_both_models_cost_the_same_things(name: str) -> None:
    both = [
        tomllib.loads((ROOT / "models" / one / "costs.toml").read_text(encoding="utf-8"))["costs"]
        for one in ("staffordshire_2013", name)
    ]
    assert list(both[0]["units"]) == list(both[1]["units"])


# --- from a pound to the log ---------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["baseline", "files"])
def test_the_rows_of_the_log_add_up_to_every_line_to_a_penny(
    results: Results, ledger: Ledger, scenario: str
) -> None:
    model = results.model(scenario)
    lines: dict[tuple[str, str, str], float] = defaultdict(float)
    for line in ledger.costing.lines.to_pylist():
        if (line["scenario"], line["replication"]) == (scenario, 1):
            lines[line["unit"], line["kind"], line["month"]] += line["gbp"]
    # What a fund pays for is declared by each of those who pay into it.
    declared = {f"{one.scenario}.{one.line}" for one in model.costs.declared}
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    for unit in (*model.costs.units, *sorted(declared)):
        for row in cost_rows(results.folder / "runs" / scenario / "001", model, unit):
            found[unit, row["kind"], row["month"]] += row["gbp"]
    assert set(found) == set(lines)
    for line_of, gbp in lines.items():
        assert found[line_of] == pytest.approx(gbp, abs=0.005), line_of


def test_an_agencys_lines_add_up_to_its_row_of_the_table_to_a_penny(ledger: Ledger) -> None:
    text = agency_text(ledger, "police")
    row = _row(ledger, "files", "police")
    (total,) = re.findall(r"^all .*$", text.partition("team against")[0], flags=re.M)
    assert total.split()[1:] == [
        f"{row.baseline:,.2f}",
        f"{row.value:,.2f}",
        f"{row.difference:+,.2f}",
    ]
    assert "files.coordinator" in text
    assert "for outcomes, from funds" in agency_text(ledger, "cps")


def test_the_command_goes_from_the_table_to_the_rows(results: Results, tmp_path: Path) -> None:
    asked = [
        "cost",
        str(results.folder),
        "--trace",
        "police_cell_day",
        "--month",
        "2013-08",
        "--replication",
        "1",
        "--scenario",
        "files",
        "--out",
        str(tmp_path),
    ]
    told = CliRunner().invoke(main, asked)
    assert told.exit_code == 0, told.output
    rows = (tmp_path / "police_cell_day-files-001-2013-08.csv").read_text().splitlines()
    assert rows[0].startswith(
        "case_id,activity,result,place,queued_at,ended_at,month,kind,quantity,gbp"
    )
    assert f"{len(rows) - 1:,} rows" in told.output


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        (LedgerLine("police_cel_day"), 'Did you mean "police_cell_day"?'),
        (LedgerLine("police_cell_day", "fils"), 'Did you mean "files"?'),
        (LedgerLine("police_cell_day", replication=2), "they go from 0 to 1"),
        (LedgerLine("police_cell_day", month="2019-01"), "they go from 2013-04 to 2014-03"),
    ],
)
def test_rows_that_there_cannot_be_are_refused(
    results: Results, asked: LedgerLine, wrong: str
) -> None:
    with pytest.raises(Faults) as caught:
        trace_text(results, asked)
    assert wrong in caught.value.report()
