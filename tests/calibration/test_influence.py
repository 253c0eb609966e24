"""Assumptions ranked by how far they move published figures, by a system that answers at once."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from cjsim.calibration import screening as room
from cjsim.calibration.evidence import assumptions_markdown, read_evidence
from cjsim.calibration.history_matching.run import CalibrationOptions
from cjsim.calibration.screening import (
    ScreeningSetup,
    mean_by_target,
    prepare,
    publish,
    read_screening,
    screening_text,
)
from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.designs.screening import chance_margin
from cjsim.experiment.replication import Replication
from cjsim.schema.base import BASELINE, Sourced
from cjsim.schema.files import KeyPath
from cjsim.schema.model import Model
from cjsim.schema.parameter_paths import sourced_values

REST = "stages.rest_and_legal_advice.duration"
BAIL = "stages.pre_charge_bail.duration"
ODDS = "branches.action_plan.odds.file_ready"


@pytest.fixture(scope="module", autouse=True)
def some_of_them() -> Iterator[None]:
    """Stages, odds and prices alone: to make a thousand models takes longer than a test may."""

    def some(model: Model) -> Iterator[tuple[KeyPath, Sourced]]:
        for at, value in sourced_values(model):
            if at[0] in ("stages", "costs") or "action_plan" in at:
                yield at, value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "sourced_values", some)
        yield


@pytest.fixture(scope="module")
def file(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy's calibration in a folder like the project's: calibration/ beside models/."""
    folder = tmp_path_factory.mktemp("here")
    for model in ("toy", "staffordshire_2013"):
        shutil.copytree(root / "models" / model, folder / "models" / model)
    (folder / "calibration").mkdir()
    for name in ("register.csv", "targets", "toy.toml"):
        (folder / "calibration" / name).symlink_to(root / "calibration" / name)
    return folder / "calibration" / "toy.toml"


@pytest.fixture(scope="module")
def asked(file: Path) -> ScreeningSetup:
    return prepare(file, 1)


def answers(plan: Any, **_: Any) -> list[Replication]:
    """What each model would say: detention follows rest, bail its own length, all with chance."""
    runs = []
    for place, (name, model) in enumerate(plan.models.items()):
        rest = model.stages["rest_and_legal_advice"].duration.median
        bail = model.stages["pre_charge_bail"].duration.median
        odds = model.branches["action_plan"].odds["file_ready"].factor
        for number in range(plan.replications):
            random_streams = np.random.default_rng([plan.seed, place, number]).normal(size=4) * 0.01
            values = {
                "detention_hours": 9.5 + rest + random_streams[0],
                "pre_charge_bail_days": 5 + bail + random_streams[1],
                "consultations_per_decision": 1 + odds + random_streams[2],
                "arrest_to_charge_days": 4 + random_streams[3],
            }
            rows = [
                {"kpi": kpi, "court": "all", "group": group, "period": "all", "value": value}
                for kpi, value in values.items()
                for group in ("mean", "")
            ]
            table = pa.Table.from_pylist(rows)
            runs.append(Replication(name, number, f"{name}{number}", 1, 1, 0.0, table))
    return runs


def test_every_assumption_that_can_move_goes_to_both_ends_of_its_range(
    asked: ScreeningSetup,
) -> None:
    by_path = {lever.path: place for place, lever in enumerate(asked.factors, start=1)}
    assert len(asked.plan.models) == 1 + 2 * len(asked.factors)
    for path in (REST, ODDS):
        part = asked.factors[by_path[path] - 1].parts[0]
        assert part.low < part.level < part.high, path
    place = by_path[ODDS]
    low = asked.plan.models[f"n{place:04d}_low"].branches["action_plan"].odds["file_ready"]
    assert low.range is not None
    assert low.factor == low.range[0]
    assert (
        asked.plan.models[BASELINE].branches["action_plan"].odds["file_ready"].factor > low.factor
    )


def test_what_is_left_out_says_why(asked: ScreeningSetup) -> None:
    moved = {lever.path for lever in asked.factors}
    assert not moved & set(asked.left_out)
    prices = [name for name in asked.left_out if name.startswith("costs.")]
    assert prices
    assert {asked.left_out[name] for name in prices} == {"a price, which moves costs alone"}


def test_chance_is_taken_from_the_moves_that_are_nothing_else() -> None:
    random_streams = np.random.default_rng(4).normal(size=300)
    moves = np.concatenate([np.zeros(200), random_streams, [40.0, -30.0]])
    margin = chance_margin(moves)
    assert 3.0 < margin < 6.0
    assert (np.abs(random_streams) > margin).sum() == 0
    assert chance_margin(np.zeros(10)) == 0.0


def test_a_margin_is_seldom_passed_by_chance_alone() -> None:
    """At 95 % for all of them together: once in twenty studies or so."""
    random_streams = np.random.default_rng(5)
    passed = sum(
        bool((np.abs(moves) > chance_margin(moves)).any())
        for moves in random_streams.normal(size=(400, 250))
    )
    assert passed <= 0.08 * 400


def test_a_replication_without_a_value_is_left_out_of_the_mean() -> None:
    found = mean_by_target(np.array([[1.0, np.nan], [np.nan, np.nan], [1.0, 3.0]]))
    assert found[0] == 1.0
    assert np.isnan(found[1])
    assert found[2] == 2.0


@pytest.fixture(scope="module")
def done(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "run_plan", answers)
        out = tmp_path_factory.mktemp("results")
        return room.run_screening(file, CalibrationOptions(out=out, say=lambda _: None))


def test_the_numbers_that_move_figures_come_first(done: Path) -> None:
    with (done / room.TABLE).open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    moving = [row for row in rows if int(row["figures_moved"])]
    assert {REST, BAIL} <= {row["number"] for row in moving}
    assert {row["number"] for row in moving} <= {REST, BAIL, ODDS}
    shares = [float(row["share_of_allowed"]) for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert shares[len(moving) :] == [0.0] * (len(rows) - len(moving))


def test_a_move_is_a_share_of_what_is_allowed(done: Path, asked: ScreeningSetup) -> None:
    target = next(one for one in asked.prepared.targets.target if one.kpi == "detention_hours")
    lever = next(one for one in asked.factors if one.path == REST)
    with (done / room.MOVES).open(encoding="utf-8", newline="") as table:
        row = next(
            row
            for row in csv.DictReader(table)
            if row["number"] == REST and row["target"] == target.id
        )
    width = target.band[1] - target.band[0]
    part = lever.parts[0]
    assert float(row["share_of_allowed"]) == pytest.approx((part.high - part.low) / width, rel=0.05)


def test_the_page_ranks_them_and_says_when_it_is_old(done: Path, file: Path) -> None:
    publish(done, file)
    models = file.parent.parent / "models"
    toy = read_screening(file.parent / f"toy_{room.TABLE}")
    assert toy is not None
    text = screening_text(toy)
    assert text.index(REST) < text.index("Left out:")
    # The toy is on no page of assumptions: its table stands in for a real model's.
    real = file.parent / f"staffordshire_2013_{room.TABLE}"
    (file.parent / f"toy_{room.TABLE}").rename(real)
    (file.parent / "toy_influence.json").rename(real.with_suffix(".json"))
    try:
        page = assumptions_markdown(read_evidence(models))
    finally:
        about = json.loads(real.with_suffix(".json").read_text(encoding="utf-8"))
        real.unlink()
        real.with_suffix(".json").unlink()
    assert about["kind"] == "influence"
    assert "### By influence" in page
    assert "Numbers of the model have been changed since this was made." in page
    # Of their table, too, the numbers that move a figure come first, whatever their range.
    stages = page[page.index("## Staffordshire") :]
    stages = stages[stages.index("### stages") :]
    rows = [line.split("`")[1] for line in stages.splitlines() if line.startswith("| `")]
    assert set(rows[:2]) == {REST, BAIL}


def test_a_table_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    table = tmp_path / "x_influence.csv"
    assert read_screening(table) is None
    table.write_text("number\nx\n", encoding="utf-8")
    table.with_suffix(".json").write_text("{}", encoding="utf-8")
    with pytest.raises(Faults, match="Make both again"):
        read_screening(table)


def test_the_command_tells_what_it_would_take(file: Path) -> None:
    told = CliRunner().invoke(main, ["influence", str(file), "--dry-run"])
    assert told.exit_code == 0, told.output
    assert "each at both ends of its range" in told.output
    assert "Nothing was run." in told.output


def test_an_assumption_under_which_nothing_comes_to_an_end_is_left_out_and_says_so(
    file: Path, asked: ScreeningSetup, tmp_path: Path
) -> None:
    place = [lever.path for lever in asked.factors].index(BAIL) + 1

    def some_cannot(plan: Any, **options: Any) -> list[Replication]:
        assert options["all_can_run"] is False
        return [
            replace(run, kpis=run.kpis.slice(0, 0), cannot="a diary is full")
            if run.scenario == f"n{place:04d}_low"
            else run
            for run in answers(plan)
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "run_plan", some_cannot)
        final = room.run_screening(
            file, CalibrationOptions(workers=1, out=tmp_path, say=lambda _: None)
        )
    about = json.loads((final / room.MANIFEST).read_text(encoding="utf-8"))
    assert about["left_out"][BAIL] == room.NO_END
    table = (final / room.TABLE).read_text(encoding="utf-8")
    assert f"{BAIL}," not in table
    assert f"{REST}," in table
