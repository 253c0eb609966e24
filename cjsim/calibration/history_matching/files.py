"""What a calibration writes: the ensemble, all points, the targets before and after, a report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from cjsim.calibration.history_matching.config import levels_of
from cjsim.calibration.history_matching.history import nth_largest
from cjsim.calibration.history_matching.report import report_page
from cjsim.calibration.history_matching.results import (
    judged,
    parameter_rows,
    target_rows,
    unmatched,
)
from cjsim.experiment.designs.ensemble import IMPLAUSIBILITY, SET
from cjsim.experiment.hashes import hashes_of
from cjsim.experiment.manifest import commit, versions
from cjsim.storage.outputs import write_output
from cjsim.storage.tables import write_csv
from cjsim.storage.whole import write_json, write_text

if TYPE_CHECKING:
    from cjsim.calibration.history_matching.results import Matched

Numbers = npt.NDArray[np.float64]

MANIFEST: Final = "manifest.json"
"""What a calibration was, and what it came to; written last."""

ENSEMBLE: Final = "ensemble.csv"
TABLES: Final = (ENSEMBLE, "points.csv", "parameters.csv", "targets.csv")
REPORT: Final = "report.html"


def write_results(matched: Matched, folder: Path) -> None:
    """Everything into the folder of results, the manifest last."""
    parameters = parameter_rows(matched)
    targets = target_rows(matched)
    content = _manifest(matched, parameters, targets)
    rows = [*_ensemble_rows(matched)], [*_point_rows(matched)], parameters, targets
    for name, of_table in zip(TABLES, rows, strict=True):
        write_csv(of_table, folder / name)
    write_text(report_page(matched, parameters, targets, content), folder / REPORT)
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
    matched: Matched, parameters: list[dict[str, Any]], targets: list[dict[str, Any]]
) -> dict[str, Any]:
    prepared, history = matched.prepared, matched.history
    asked = prepared.asked
    return {
        "kind": "calibration",
        "title": asked.title,
        "run_id": prepared.plan.run_id,
        "plan_hash": prepared.plan.hash,
        "model": asked.model,
        "model_hash": prepared.model_hash,
        "area": prepared.model.area,
        "seed": asked.run.seed,
        "study_from": asked.run.from_.isoformat(),
        "study_to": asked.run.to.isoformat(),
        "replications": asked.run.replications,
        "cut": asked.history.cut,
        "maximum": asked.history.maximum,
        "waves": [
            {
                "wave": number,
                "points": matched.simulated.waves.count(number),
                "share_left": share,
                "as_expected": history.surprises[number - 2] if number > 1 else None,
            }
            for number, share in enumerate(history.shares, start=1)
        ],
        "sets": len(matched.sets),
        "sets_tried": matched.tried,
        "sets_plausible": int(matched.plausible.sum()),
        "unmatched": unmatched(matched),
        "held_out": dict(asked.held_out),
        "parameters": parameters,
        "targets": targets,
        "asked": prepared.plan.asked,
        "versions": versions(),
        "commit": commit(),
    }


def _ensemble_rows(matched: Matched) -> Iterator[dict[str, Any]]:
    found = matched.set_implausibility.tolist()
    for number, (point, one) in enumerate(zip(matched.sets.tolist(), found, strict=True), start=1):
        levels = levels_of(matched.prepared.levers, point)
        yield {SET: f"s{number:03d}", **levels, IMPLAUSIBILITY: float(f"{one:.6g}")}


def _point_rows(matched: Matched) -> Iterator[dict[str, Any]]:
    """Every simulated point: its wave, levels, implausibility, and the mean of each target."""
    done = matched.simulated
    found = nth_largest(judged(matched, done.values), matched.history.maximum)
    ids = [target.id for target in matched.prepared.targets.target]
    for place, wave in enumerate(done.waves):
        means = done.values[place].mean(axis=1).tolist()
        yield {
            "wave": wave,
            **levels_of(matched.prepared.levers, done.points[place].tolist()),
            IMPLAUSIBILITY: float(found[place]),
            **dict(zip(ids, means, strict=True)),
        }
