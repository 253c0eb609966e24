"""Scenarios of other files that an experiment uses, with what they cost and the funds that pay."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from cjsim.scenarios.resolve import resolve_models
from cjsim.schema.dated import number_on
from tests.scenarios.test_resolve import HEAD, experiment, faults, file_ready, scenario


@pytest.fixture
def folder(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(toy, tmp_path / "toy")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def other(folder: Path, name: str, scenarios: str, first: str = "2013-04-01") -> None:
    head = HEAD.replace("from = 2013-04-01", f"from = {first}")
    (folder / name).write_text(head + scenarios, encoding="utf-8")


def test_a_scenario_of_another_file_can_be_used_and_keeps_its_days(folder: Path) -> None:
    other(folder, "files.toml", scenario("better", file_ready(0.7)), "2013-06-01")
    found = resolve_models(experiment(folder, scenario("mine", uses='"files.toml#better"')))
    spec = found["mine"].branches["file_ready"].probability
    assert number_on(spec, dt.date(2013, 5, 31), "north", "") != 0.7
    assert number_on(spec, dt.date(2013, 6, 1), "north", "") == 0.7
    assert list(found) == ["baseline", "mine"]


def test_what_the_other_scenario_uses_comes_with_it(folder: Path) -> None:
    low, high = scenario("low", file_ready(0.5)), scenario("high", uses='"low"')
    other(folder, "files.toml", low + high)
    mine = experiment(folder, scenario("mine", uses='"files.toml#high"'))
    assert mine.used_by("mine") == ["files.toml#low", "files.toml#high", "mine"]


FUND = """
[funds.pool]
title = "Pool"
theme = "protecting_the_vulnerable"
budget = { gbp = 9_000, price_year = "2013-14", source = "assumption", range = [0, 10_000] }
paid_by = { police = 0.25, health = 0.75 }
"""
PAID = """
[scenarios.paid.cost.desk]
fund = "pool"
gbp = 8_000
price_year = "2013-14"
per = "once"
from = 2013-06-01
source = "assumption"
range = [0, 10_000]
"""


def test_what_it_costs_and_the_fund_that_pays_come_with_it(folder: Path) -> None:
    other(folder, "files.toml", scenario("paid", file_ready(0.7)) + PAID + FUND)
    mine = experiment(folder, scenario("mine", uses='"files.toml#paid"'))
    assert mine.funds_of("mine") == ["pool"]
    charged = {one.agency: one.gbp for one in resolve_models(mine)["mine"].costs.declared}
    assert charged == {"police": 2_000, "health": 6_000}


def test_two_funds_of_one_name_are_refused(folder: Path) -> None:
    other(folder, "files.toml", scenario("paid", file_ready(0.7)) + PAID + FUND)
    mine = scenario("mine", uses='"files.toml#paid"') + FUND.replace("9_000", "7_000")
    ((at, said),) = faults(folder, mine)
    assert at == "scenarios.mine.uses"
    assert said.startswith('"files.toml#paid" is paid for by a fund "pool" that is not the "pool"')


def test_two_files_that_set_one_value_clash_also_on_different_days(folder: Path) -> None:
    other(folder, "one.toml", scenario("a", file_ready(0.5)))
    other(folder, "two.toml", scenario("b", file_ready(0.6, from_="2013-09-01")))
    ((key, wrong),) = faults(folder, scenario("both", uses='"one.toml#a", "two.toml#b"'))
    assert key == "scenarios.both.uses"
    assert '"one.toml#a" and "two.toml#b" both set "branches.file_ready.probability"' in wrong
    assert "the later would undo the earlier" in wrong


def test_a_circle_through_other_files_is_refused(folder: Path) -> None:
    other(folder, "other.toml", scenario("theirs", uses='"question.toml#mine"'))
    found = faults(folder, scenario("mine", uses='"other.toml#theirs"'))
    wrong = "the scenarios use one another in a circle: mine uses other.toml#theirs uses mine."
    assert ("scenarios.mine.uses", wrong) in found


def test_a_file_or_scenario_that_is_not_there_is_named(folder: Path) -> None:
    other(folder, "files.toml", scenario("better", file_ready(0.7)))
    found = faults(folder, scenario("a", uses='"fles.toml#better"'))
    assert found == [("scenarios.a.uses", '"fles.toml#better": there is no file fles.toml.')]
    found = faults(folder, scenario("a", uses='"files.toml#beter"'))
    assert found == [("scenarios.a.uses", 'files.toml has no scenario called "beter".')]


def test_a_borrowed_setting_outside_the_run_is_told_where_it_is_used(folder: Path) -> None:
    other(folder, "early.toml", scenario("old", file_ready(0.7)), "2012-01-01")
    ((key, wrong),) = faults(folder, scenario("mine", uses='"early.toml#old"'))
    assert key == "scenarios.mine.uses"
    assert wrong.startswith(
        "early.toml#old, branches.file_ready.probability: 2012-01-01 lies before"
    )
