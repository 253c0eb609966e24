"""Targets as data, and what passes."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cjsim.calibration import validate as room
from cjsim.calibration.targets import Target, Targets, load_targets, targets_path
from cjsim.calibration.validate import BLIND, SEEN, SHAPE, Check, interval, validate
from cjsim.calibration.validation_report import checks_text
from cjsim.errors import Faults
from cjsim.experiment.replication import Replication
from cjsim.measures import known_measures


@pytest.fixture(scope="module")
def targets(root: Path) -> Targets:
    return load_targets(targets_path(root / "models" / "staffordshire_2013"))


def band(targets: Targets, kpi: str) -> tuple[float, float]:
    return next(target.band for target in targets.target if target.kpi == kpi)


def agreed_first(targets: Targets) -> tuple[Target, ...]:
    """Those that the model has been judged by from the beginning: they come first in the file."""
    return targets.target[:13]


def test_the_bands_are_those_agreed(targets: Targets) -> None:
    agreed = {
        "arrests": (16856, 17544),
        "police_charged_share": (0.64, 0.74),
        "detention_hours": (12.9, 14.5),
        "pre_charge_bail_days": (45.05, 60.95),
        "trials_effective_share": (0.36, 0.52),
        "trials_cracked_share": (0.30, 0.46),
        "trials_ineffective_share": (0.10, 0.26),
        "first_listing_to_completion_days": (16.125, 26.875),
        "completed_at_first_listing_share": (0.5, math.inf),
        "first_listing_to_trial_days": (47.25, 78.75),
        "sent_to_crown_share": (0.056, 0.086),
        "crown_guilty_plea_share": (0.64, 0.76),
        "receipt_to_completion_days": (100.5, 207.5),
    }
    assert {target.kpi for target in agreed_first(targets)} == set(agreed)
    for kpi, ends in agreed.items():
        assert band(targets, kpi) == pytest.approx(ends), kpi


def test_every_target_is_a_row_of_the_register_and_a_measure(targets: Targets, root: Path) -> None:
    with (root / "calibration" / "register.csv").open(encoding="utf-8", newline="") as file:
        register = {row["id"] for row in csv.DictReader(file)}
    assert [target.id for target in targets.target if target.id not in register] == []
    named = [*targets.target, *targets.drift]
    assert [one.kpi for one in named if one.kpi not in known_measures()] == []


def test_a_tolerance_is_one_thing(targets: Targets) -> None:
    whole = targets.target[0].model_dump()
    for tolerance in ({}, {"relative": 0.1, "absolute": 1.0}):
        with pytest.raises(ValueError, match="a tolerance is one of three"):
            Target.model_validate({**whole, "tolerance": tolerance})


def test_targets_that_are_wrong_are_faults(tmp_path: Path) -> None:
    file = tmp_path / "here.toml"
    with pytest.raises(Faults, match="no targets for this model"):
        load_targets(file)
    file.write_text('title = "x"\nwhat = 1\n')
    with pytest.raises(Faults, match="what"):
        load_targets(file)


@pytest.mark.parametrize(
    ("mean", "inside", "at_the_edge"),
    [(10.0, True, False), (11.9, True, True), (12.1, False, True), (20.0, False, False)],
)
def test_in_or_out_and_at_the_edge(mean: float, inside: bool, at_the_edge: bool) -> None:
    check = Check("a", "A", "days", 10.0, 8.0, 12.0, mean, mean - 0.5, mean + 0.5, 5, "a source")
    assert (check.inside, check.at_the_edge) == (inside, at_the_edge)


def test_the_interval_is_students() -> None:
    mean, low, high = interval(np.array([1.0, 2.0, 3.0]))
    assert (mean, low, high) == pytest.approx((2.0, 2 - 2.4841, 2 + 2.4841), abs=1e-4)
    assert interval(np.array([5.0]))[0] == 5.0
    assert math.isnan(interval(np.array([5.0]))[1])
    assert math.isnan(interval(np.array([math.nan]))[0])


def fake_runs(plan: Any, **_: Any) -> list[Replication]:
    """Each replication meets the middle of every band but one, and its caseload doubles."""
    targets = load_targets(targets_path(Path("models/staffordshire_2013")))
    runs = []
    for number in range(plan.replications):
        rows = [
            {
                "kpi": target.kpi,
                "court": target.court,
                "group": target.group,
                "period": "all",
                "value": 3.0 * 17200 if target.kpi == "arrests" else target.band[0] + number / 1e6,
                "unit": target.unit,
            }
            for target in agreed_first(targets)
            if target.kpi != "detention_hours"
        ]
        stock = {"kpi": "open_cases", "court": "all", "group": "", "unit": "cases"}
        rows += [{**stock, "period": "2013-04", "value": 100.0}]
        rows += [{**stock, "period": "2016-03", "value": 200.0}]
        table = pa.Table.from_pylist(rows)
        runs.append(Replication("baseline", number, str(number), 1, 1, 0.0, table))
    return runs


def test_counts_are_by_year_and_stocks_must_not_drift(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr(room, "run_plan", fake_runs)
    said: list[str] = []
    checks = validate("models/staffordshire_2013", replications=2, years=3, say=said.append)
    by_id = {check.id: check for check in checks}
    assert by_id["arrests_staffordshire_2013_14"].mean == 17200
    assert by_id["detention_mean_hours"].n == 0
    assert not by_id["detention_mean_hours"].inside
    assert by_id["open_caseload_steady"].mean == pytest.approx(1.0)
    assert not by_id["open_caseload_steady"].inside
    assert len(said) == 1
    assert said[0].startswith("2 replications instead of the 30 that the targets ask for")
    text = checks_text(checks)
    assert by_id["first_listing_to_trial_mean_days"].use == SEEN
    assert "out (no value)" in text
    seen, blind, shapes = (
        sum(check.use == use for check in checks) for use in (SEEN, BLIND, SHAPE)
    )
    assert f" of {len(checks)} targets in (" in text
    assert f" of {seen} seen, 0 of {blind} blind, 0 of {shapes} of shapes" in text
    assert text.endswith("; 2 replications.")


def test_one_year_does_not_ask_about_drift(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr(room, "run_plan", fake_runs)
    checks = validate("models/staffordshire_2013", replications=2, say=lambda _: None)
    assert "open_caseload_steady" not in {check.id for check in checks}
