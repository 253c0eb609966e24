"""Shapes: laws fitted to published figures, held against what a model makes of the same lengths."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from cjsim.calibration.evidence import figure_lines, read_evidence
from cjsim.calibration.history_matching.config import calibration_of, load_calibration
from cjsim.calibration.targets import Targets, load_targets, targets_path
from cjsim.calibration.validate import FITTED, SHAPE, check_kpis
from cjsim.errors import Faults

TARGETS = """
title = "A place"
[run]
from = 2013-04-01
to = 2014-03-31
replications = 2
seed = 1
[[target]]
id = "wait"
title = "Wait"
kpi = "detention_hours"
court = "all"
group = "mean"
published = 10.0
unit = "hours"
tolerance = { relative = 0.1 }
source = "a study"
[[shape]]
fit = "detention"
title = "Detention"
kpi = "detention_hours"
court = "all"
unit = "hours"
tolerance = { relative = 0.25 }
when_out = "nights are long."
"""
FIT = """[distribution]
family = "lognormal"
unit = "hours"
[summaries]
median = 8.0
p90 = 20.0
mean = 11.0
"""


def place(tmp_path: Path, text: str = TARGETS, fit: str | None = FIT) -> Path:
    path = tmp_path / "calibration" / "targets" / "a_place.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    if fit is not None:
        folder = tmp_path / "calibration" / "fits" / "detention"
        folder.mkdir(parents=True)
        (folder / "fit.toml").write_text(fit, encoding="utf-8")
    return path


def kpis(**values: float) -> pa.Table:
    rows = [
        {
            "replication": number,
            "kpi": "detention_hours",
            "court": "all",
            "group": group,
            "period": "all",
            "value": value,
        }
        for group, value in values.items()
        for number in (0, 1)
    ]
    return pa.Table.from_pylist(rows)


def test_each_quantile_of_a_law_is_held_against_the_measure(tmp_path: Path) -> None:
    targets = load_targets(place(tmp_path))
    measured = kpis(mean=10.5, median=9.0, p90=26.0)
    wait, median, p90 = check_kpis(measured, targets, 1, lambda _: FITTED)
    assert wait.use == FITTED
    assert (median.use, p90.use) == (SHAPE, SHAPE)
    assert (median.published, median.low, median.high) == (8.0, 6.0, 10.0)
    assert (median.mean, median.inside) == (9.0, True)
    assert (p90.mean, p90.inside) == (26.0, False)
    assert p90.when_out == "nights are long."
    assert "90th percentile" in p90.title


def test_a_median_of_nothing_is_no_shape(tmp_path: Path) -> None:
    targets = load_targets(place(tmp_path, fit=FIT.replace("median = 8.0", "median = 0.0")))
    assert [target.group for target in targets.shape[0].targets] == ["p90"]


@pytest.mark.parametrize("fit", [None, '[other]\nunit = "hours"\n', "no toml"])
def test_a_shape_without_its_fit_is_told_with_the_command_that_makes_it(
    tmp_path: Path, fit: str | None
) -> None:
    with pytest.raises(Faults) as raised:
        load_targets(place(tmp_path, fit=fit))
    report = raised.value.report()
    assert "shape.0.fit" in report
    assert "cjsim fit" in report
    assert "fits/detention.toml" in report


def test_a_shape_in_another_unit_than_its_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Faults) as raised:
        load_targets(place(tmp_path, fit=FIT.replace("hours", "days")))
    assert 'Write "days".' in raised.value.report()


def test_the_county_is_judged_by_every_fit_of_a_stretch_of_the_road(root: Path) -> None:
    targets = load_targets(targets_path(root / "models" / "staffordshire_2013"))
    fits = {path.stem for path in (root / "calibration" / "fits").glob("*.toml")}
    # The one is of a single step, the other of the open caseload of a later year.
    assert {shape.fit for shape in targets.shape} == fits - {
        "crown_trial_length",
        "crown_open_caseload",
    }
    for shape in targets.shape:
        path = root / "calibration" / "fits" / shape.fit / "fit.toml"
        says = tomllib.loads(path.read_text(encoding="utf-8"))["summaries"]
        assert dict(shape.says) == says, shape.fit


def test_a_calibration_does_not_see_them(root: Path) -> None:
    prepared = load_calibration(calibration_of(root / "models" / "staffordshire_2013"))
    assert prepared.targets.shape
    bare: Targets = prepared.targets.model_copy(update={"shape": ()})
    assert replace(prepared, targets=bare).plan.hash == prepared.plan.hash


def test_a_fit_shows_what_it_judges(root: Path) -> None:
    text = "\n".join(figure_lines(read_evidence(root / "models"), "fit_detention"))
    assert "Time in police detention, median, 8.1 to 13.5 hours (detention_hours)" in text
