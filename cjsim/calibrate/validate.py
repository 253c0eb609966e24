"""Simulate the baseline and hold it against the published figures."""

from __future__ import annotations

import datetime as dt
import math
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.calibrate.targets import Drift, Target, Targets, load_targets, targets_path
from cjsim.experiment.notices import replications_text
from cjsim.experiment.plan import Plan
from cjsim.experiment.run import Progress, run_plan
from cjsim.experiment.store import kpi_table
from cjsim.spec.load import load_model


@dataclass(frozen=True)
class Check:
    """One published figure beside the simulated one.

    `low` and `high` bound what passes; `mean`, `from_` and `to` are the simulated mean and its
    95 % interval over the replications, NaN when the model gave no value.
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

    @property
    def inside(self) -> bool:
        """Whether the simulated mean lies within the band."""
        return self.low <= self.mean <= self.high

    @property
    def at_the_edge(self) -> bool:
        """Whether chance from run to run alone could turn the verdict."""
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
    first = targets.run.from_
    plan = Plan(
        models={"baseline": model},
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
    with tempfile.TemporaryDirectory(prefix="cjsim-validate-") as scratch:
        runs = run_plan(
            plan, folder=Path(scratch), workers=workers, keep_logs=False, progress=progress
        )
    kpis = kpi_table({(run.scenario, run.replication): run.kpis for run in runs}, ["baseline"])
    return check_kpis(kpis, targets, years)


def check_kpis(kpis: pa.Table, targets: Targets, years: int) -> list[Check]:
    """Every target beside the measures of a period of whole years: the baseline's KPIs alone."""
    checks = [_check_target(kpis, target, years) for target in targets.target]
    checks += [_check_drift(kpis, drift) for drift in targets.drift if years >= drift.years]
    return checks


def _years_on(first: dt.date, years: int) -> dt.date:
    """The last day of a period of whole years."""
    return first.replace(year=first.year + years) - dt.timedelta(days=1)


def _check_target(kpis: pa.Table, target: Target, years: int) -> Check:
    values = _values(kpis, target)
    overall = values.filter(pc.equal(values.column("period"), "all"))
    numbers = overall.column("value").to_numpy()
    if target.per == "year":
        numbers = numbers / years
    mean, from_, to = interval(numbers)
    low, high = target.band
    return Check(
        target.id, target.title, target.unit, target.published, low, high,
        mean, from_, to, len(numbers), target.source,
    )  # fmt: skip


def _check_drift(kpis: pa.Table, drift: Drift) -> Check:
    values = _values(kpis, drift)
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
        drift.id, drift.title, "share", 0.0, -drift.relative, drift.relative,
        mean, from_, to, len(changes), drift.source,
    )  # fmt: skip


def _values(kpis: pa.Table, wanted: Target | Drift) -> pa.Table:
    """The rows of a target's measure, court and group."""
    mask = pc.equal(kpis.column("kpi"), wanted.kpi)
    mask = pc.and_(mask, pc.equal(kpis.column("court"), wanted.court))
    return kpis.filter(pc.and_(mask, pc.equal(kpis.column("group"), wanted.group)))


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean and 95 % interval of values from independent replications (Student's t).

    The interval is NaN for fewer than two values, all of it for none.
    """
    from scipy.stats import t  # takes over a second to import, and only the end needs it

    values = values[~np.isnan(values)]
    n = len(values)
    if n == 0:
        return math.nan, math.nan, math.nan
    mean = float(values.mean())
    if n == 1:
        return mean, math.nan, math.nan
    half = float(t.ppf(0.975, n - 1) * values.std(ddof=1) / math.sqrt(n))
    return mean, mean - half, mean + half
