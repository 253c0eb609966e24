"""The baseline of a run beside the published figures of its model, for the Board's page."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.calibration.targets import load_targets, targets_path
from cjsim.calibration.validate import BLIND, FITTED, SEEN, SHAPE, Check, check_kpis, uses_of
from cjsim.experiment.hashes import TRUST, Trust
from cjsim.experiment.results import Results, read_results
from cjsim.report.charts.published import Published

DAYS_A_YEAR = 365.25
_USE = {FITTED: "fitted", SEEN: "seen", BLIND: "blind", SHAPE: "law"}


def published_of(
    folder: Path, area: str | None = None, trust: Trust = TRUST
) -> tuple[Published, ...]:
    """Every target of the model beside the baseline of a run; empty without targets.

    Figures are annual: a run of less than a year, or of another period, has none. Figures are for
    the model's own area: an `area` of another size has none. Raises Faults for results or targets
    that cannot be read.
    """
    results = read_results(folder, area=area, allow_changed=trust.changed_is_allowed, say=trust.say)
    metadata = results.metadata
    if metadata.area is not None and metadata.area.scale != 1.0:
        return ()
    model = _model_of(results)
    path = None if model is None else targets_path(model)
    if model is None or path is None or not path.is_file():
        return ()
    targets = load_targets(path)
    first, last = metadata.study_from, metadata.study_to
    years = round(((last - first).days + 1) / DAYS_A_YEAR)
    if years < 1 or first != targets.run.from_:
        return ()
    of_baseline = pc.equal(results.kpis.column("scenario").cast(pa.string()), results.scenarios[0])
    checks = check_kpis(results.kpis.filter(of_baseline), targets, years, uses_of(model))
    return tuple(_shown(check) for check in checks)


def _model_of(results: Results) -> Path | None:
    """The folder of the model that the experiment named, if its file says so."""
    text, file = results.metadata.experiment.text, results.experiment_file
    if not text or file is None:
        return None
    try:
        return file.parent / str(tomllib.loads(text)["run"]["model"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return None


def _shown(check: Check) -> Published:
    published = check.published
    return Published(
        title=check.title,
        unit=check.unit,
        published=published if isinstance(published, tuple) else (published, published),
        low=check.low,
        high=check.high,
        mean=check.mean,
        from_=check.from_,
        to=check.to,
        source=check.source,
        use=_USE.get(check.use, ""),
    )
