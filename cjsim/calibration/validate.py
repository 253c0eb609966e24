"""Validation: simulate the baseline and compare it with published figures."""

from __future__ import annotations

import datetime as dt
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.calibration.history_matching.config import calibration_of, read_calibration
from cjsim.calibration.history_matching.history import DEVIATIONS_IN_A_TOLERANCE
from cjsim.calibration.targets import (
    Drift,
    Target,
    Targets,
    load_targets,
    measure_rows,
    notes_on_targets,
    simulated_values,
    targets_path,
)
from cjsim.experiment.kpi_tables import kpi_table
from cjsim.experiment.notices import replications_text
from cjsim.experiment.plan import Plan
from cjsim.experiment.replications import Progress, run_plan
from cjsim.measures.intervals import paired_intervals
from cjsim.scenarios.load import load_model
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.storage.temporary import scratch_folder

Z_95 = 1.96


COMPARED, FITTED, SEEN, BLIND, SHAPE = "compared", "fit", "seen", "blind", "shape"
"""The uses of a target. Only `fit` targets enter a calibration.

A `seen` target is not fitted, but somebody looked at it while changing a number of the model. A
`blind` one was held out, and nobody did.
"""


@dataclass(frozen=True)
class Check:
    """A published figure beside the simulated one.

    `low` and `high` are the allowed band, `half` the band with half of the tolerance; `mean`,
    `from_` and `to` are the simulated mean and its 95 % interval over the replications, NaN
    without a value. `use` is fitted, seen, blind, a shape, or only compared; `when_out` the reason
    for a miss.
    """

    id: str
    title: str
    unit: str
    published: float | tuple[float, float]
    low: float
    high: float
    mean: float
    from_: float
    to: float
    n: int
    source: str
    half: tuple[float, float] = (-math.inf, math.inf)
    use: str = COMPARED
    vintage: str = ""
    counting_unit: str = ""
    when_out: str = ""

    @property
    def z(self) -> float:
        """The standardised error: the tolerance is 3 standard deviations.

        The standard error of the mean is added in quadrature. NaN for a bound and without a value.
        """
        if not math.isfinite(self.high):
            return math.nan
        third = (self.high - self.low) / 2.0 / DEVIATIONS_IN_A_TOLERANCE
        error = (self.to - self.from_) / 2.0 / Z_95 if math.isfinite(self.to) else 0.0
        deviation = math.hypot(third, error)
        return (self.mean - (self.low + self.high) / 2.0) / deviation if deviation else math.nan

    @property
    def inside_half(self) -> bool:
        """Whether the mean lies within the band of half the tolerance."""
        return self.half[0] <= self.mean <= self.half[1]

    @property
    def inside(self) -> bool:
        """Whether the simulated mean lies within the band."""
        return self.low <= self.mean <= self.high

    @property
    def at_the_edge(self) -> bool:
        """Whether Monte Carlo error alone could change the verdict."""
        return any(self.from_ < edge < self.to for edge in (self.low, self.high))


def validate(
    model_folder: Path | str,
    *,
    replications: int | None = None,
    workers: int | None = None,
    years: int = 1,
    targets: Targets | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] = warnings.warn,
) -> list[Check]:
    """Simulate the baseline after its warm-up and check every target. Raises Faults, RunFailed.

    The period starts with that of the targets and lasts `years` years; with enough of them the
    drift of stocks is checked too. The logs are not kept.
    """
    folder = Path(model_folder)
    model = load_model(folder)
    targets = targets or load_targets(targets_path(folder))
    for note in notes_on_targets(targets, folder):
        say(note)
    first = targets.run.from_
    plan = Plan(
        scenarios={BASELINE: ResolvedScenario(BASELINE, model)},
        seed=targets.run.seed,
        replications=replications or targets.run.replications,
        study_from=first,
        study_to=targets.run.to if years == 1 else _years_on(first, years),
    )
    if plan.replications < targets.run.replications:
        say(
            f"{replications_text(plan.replications)} instead of the {targets.run.replications} "
            "that the targets ask for: the intervals are wider than they should be."
        )
    with scratch_folder() as scratch:
        runs = run_plan(plan, folder=scratch, workers=workers, keep_logs=False, progress=progress)
    kpis = kpi_table({(run.scenario, run.replication): run.kpis for run in runs}, ["baseline"])
    return check_kpis(kpis, targets, years, uses_of(folder))


def check_kpis(
    kpis: pa.Table, targets: Targets, years: int, use: Callable[[str], str]
) -> list[Check]:
    """A check of every target against the baseline's KPIs of a period of whole years.

    `use` returns the use of a target by its id.
    """
    checks = [_check_target(kpis, target, years, use(target.id)) for target in targets.target]
    checks += [
        _check_target(kpis, target, years, SHAPE)
        for shape in targets.shape
        for target in shape.targets
    ]
    checks += [_check_drift(kpis, drift) for drift in targets.drift if years >= drift.years]
    return checks


def uses_of(folder: Path) -> Callable[[str], str]:
    """The use of each target, as declared in the calibration of a model."""
    path = calibration_of(folder)
    if not path.is_file():
        return lambda _: COMPARED
    return read_calibration(path).use


def _years_on(first: dt.date, years: int) -> dt.date:
    """The last day of a period of whole years."""
    return first.replace(year=first.year + years) - dt.timedelta(days=1)


def _check_target(kpis: pa.Table, target: Target, years: int, use: str) -> Check:
    numbers = simulated_values(kpis, target, years=years)
    mean, from_, to = interval(numbers)
    low, high = target.band
    return Check(
        target.id,
        target.title,
        target.unit,
        target.published,
        low,
        high,
        mean,
        from_,
        to,
        int(np.isfinite(numbers).sum()),
        target.source,
        half=target.part_of_band(0.5),
        use=use,
        vintage=target.vintage,
        counting_unit=target.counting_unit,
        when_out=target.when_out,
    )


def _check_drift(kpis: pa.Table, drift: Drift) -> Check:
    values = measure_rows(kpis, drift)
    months = values.filter(pc.not_equal(values.column("period"), "all"))
    by_replication: dict[int, list[tuple[str, float]]] = {}
    for row in months.select(["replication", "period", "value"]).to_pylist():
        by_replication.setdefault(row["replication"], []).append((row["period"], row["value"]))
    changes = []
    for stands in by_replication.values():
        first, last = min(stands)[1], max(stands)[1]
        changes.append(last / first - 1 if first else math.nan)
    mean, from_, to = interval(np.array(changes))
    return Check(
        drift.id,
        drift.title,
        "share",
        0.0,
        -drift.relative,
        drift.relative,
        mean,
        from_,
        to,
        len(changes),
        drift.source,
        half=(-drift.relative / 2.0, drift.relative / 2.0),
        when_out=drift.when_out,
    )


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean and 95 % interval of values from independent replications (`paired_intervals`).

    The interval is NaN for fewer than two values or equal values; the mean too without values.
    """
    values = values[~np.isnan(values)]
    if not len(values):
        return math.nan, math.nan, math.nan
    low, high = paired_intervals(np.zeros((1, len(values))), values[None, :])
    return float(values.mean()), float(low[0]), float(high[0])
