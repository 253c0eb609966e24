"""The files of a calibration: ensemble, points, parameters, targets, manifest and report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from cjsim.calibration.history_matching.config import levels_of
from cjsim.calibration.history_matching.history import nth_largest
from cjsim.calibration.history_matching.report import report_page
from cjsim.calibration.history_matching.results import (
    CalibrationRecord,
    MatchingResult,
    ParameterRow,
    TargetRow,
    fitted_implausibilities,
    parameter_rows,
    target_rows,
    unmatched_targets,
)
from cjsim.experiment.designs.ensemble import IMPLAUSIBILITY, SET
from cjsim.experiment.hashes import hashes_of
from cjsim.experiment.manifest import commit, versions
from cjsim.formatting.numbers import number, span
from cjsim.formatting.tables import text_table
from cjsim.storage.outputs import write_output
from cjsim.storage.tables import write_csv
from cjsim.storage.whole import write_json, write_text

Numbers = npt.NDArray[np.float64]

MANIFEST: Final = "manifest.json"
"""The settings and the result of a calibration; written last."""

ENSEMBLE: Final = "ensemble.csv"
TABLES: Final = (ENSEMBLE, "points.csv", "parameters.csv", "targets.csv")
REPORT: Final = "report.html"


def write_results(result: MatchingResult, folder: Path) -> None:
    """Everything into the folder of results, the manifest last."""
    parameters = parameter_rows(result)
    targets = target_rows(result)
    content = _manifest(result, parameters, targets)
    record = CalibrationRecord.model_validate(content)
    rows = (
        [*_ensemble_rows(result)],
        [*_point_rows(result)],
        [row.model_dump() for row in parameters],
        [row.model_dump() for row in targets],
    )
    for name, of_table in zip(TABLES, rows, strict=True):
        write_csv(of_table, folder / name)
    write_text(report_page(result, record), folder / REPORT)
    content |= hashes_of(folder, TABLES)
    write_json(content, folder / MANIFEST)


def publish(final: Path, calibration: Path) -> Path:
    """Put the ensemble beside the calibration file, with its manifest and its report.

    Returns where the ensemble is: `<name>_ensemble.csv`.
    """
    targets = published(calibration)
    for source, target in targets.items():
        write_output((final / source).read_bytes(), target, "calibration")
    return targets[ENSEMBLE]


def published(calibration: Path) -> dict[str, Path]:
    """Where the report, the manifest and the ensemble of a calibration file go, beside it."""
    stem = calibration.stem
    return {
        REPORT: calibration.with_name(f"{stem}_report.html"),
        MANIFEST: calibration.with_name(f"{stem}_ensemble.json"),
        ENSEMBLE: calibration.with_name(f"{stem}_ensemble.csv"),
    }


def _manifest(
    result: MatchingResult, parameters: list[ParameterRow], targets: list[TargetRow]
) -> dict[str, object]:
    prepared, history = result.prepared, result.history
    settings = prepared.settings
    return {
        "kind": "calibration",
        "title": settings.title,
        "run_id": prepared.plan.run_id,
        "plan_hash": prepared.plan.hash,
        "model": settings.model,
        "model_hash": prepared.model_hash,
        "area": prepared.model.area,
        "seed": settings.run.seed,
        "study_from": settings.run.from_.isoformat(),
        "study_to": settings.run.to.isoformat(),
        "replications": settings.run.replications,
        "cut": settings.history.cut,
        "maximum": settings.history.maximum,
        "waves": [
            {
                "wave": number,
                "points": result.simulated.waves.count(number),
                "share_left": share,
                "as_expected": history.shares_as_expected[number - 2] if number > 1 else None,
            }
            for number, share in enumerate(history.shares, start=1)
        ],
        "sets": len(result.sets),
        "sets_tried": result.tried,
        "sets_plausible": int(result.plausible.sum()),
        "unmatched": unmatched_targets(result),
        "held_out": dict(settings.held_out),
        "seen": dict(settings.seen),
        "parameters": [row.model_dump() for row in parameters],
        "targets": [row.model_dump() for row in targets],
        "asked": prepared.plan.settings,
        "versions": versions(),
        "commit": commit(),
    }


def _ensemble_rows(result: MatchingResult) -> Iterator[dict[str, object]]:
    implausibilities = result.set_implausibility.tolist()
    for index, (point, implausibility) in enumerate(
        zip(result.sets.tolist(), implausibilities, strict=True), start=1
    ):
        levels = levels_of(result.prepared.factors, point)
        yield {SET: f"s{index:03d}", **levels, IMPLAUSIBILITY: float(f"{implausibility:.6g}")}


def _point_rows(result: MatchingResult) -> Iterator[dict[str, object]]:
    """Every simulated point: its wave, levels, implausibility, and the mean of each target."""
    done = result.simulated
    implausibilities = nth_largest(
        fitted_implausibilities(result, done.values), result.history.maximum
    )
    ids = [target.id for target in result.prepared.targets.target]
    for index, wave in enumerate(done.waves):
        means = done.values[index].mean(axis=1).tolist()
        yield {
            "wave": wave,
            **levels_of(result.prepared.factors, done.points[index].tolist()),
            IMPLAUSIBILITY: float(implausibilities[index]),
            **dict(zip(ids, means, strict=True)),
        }


def calibration_text(folder: Path) -> str:
    """The result of a calibration as text, from its folder of results."""
    record = CalibrationRecord.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
    rows = [
        (
            row.title,
            row.use,
            row.unit,
            " to ".join(
                number(value, row.unit)
                for value in dict.fromkeys((row.published_low, row.published_high))
            ),
            number(row.before, row.unit),
            number(row.after, row.unit),
            _span(row.after_low, row.after_high, row.unit),
            "in" if row.after_in else "OUT",
        )
        for row in record.targets
    ]
    headings = ("target", "use", "unit", "published", "before", "sets", "90 % of sets", "in or out")
    numbers = [
        (
            row.parameter,
            f"{row.as_it_is:.4g}",
            f"{row.low:g} to {row.high:g}",
            _span(row.left_low, row.left_high),
            _span(row.likely_low, row.likely_high),
        )
        for row in record.parameters
    ]
    lines = [
        f"{record.title}: {record.sets_plausible} plausible sets",
        "",
        text_table(headings, rows, numbers={3, 4, 5, 6}),
        "",
        text_table(
            ("number", "as it is", "bounds", "left", "likely, 90 %"), numbers, numbers={1, 2, 3, 4}
        ),
        "",
        *(
            f"Wave {wave.wave}: {per_cent(wave.share_left)} of the space left."
            for wave in record.waves
        ),
    ]
    if record.unmatched:
        lines.append(f"Not matched: {', '.join(record.unmatched)}.")
    return "\n".join(lines)


def _span(low: float | None, high: float | None, unit: str = "") -> str:
    return span(low, high, unit, signed=False)


def per_cent(share: float) -> str:
    """A share in per cent with three significant figures."""
    return f"{100 * share:.3g} %"
