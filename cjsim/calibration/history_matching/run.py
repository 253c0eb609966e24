"""`cjsim calibrate`: simulate waves of points and select an ensemble of plausible sets."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.calibration.history_matching.config import (
    PreparedCalibration,
    levels_of,
    load_calibration,
)
from cjsim.calibration.history_matching.emulator import one_thread
from cjsim.calibration.history_matching.files import MANIFEST, per_cent, write_results
from cjsim.calibration.history_matching.history import History, goal_for, nth_largest, spread_out
from cjsim.calibration.history_matching.results import (
    MatchingResult,
    Simulated,
    fitted_indices,
    implausibilities,
)
from cjsim.calibration.targets import simulated_values
from cjsim.experiment.designs.parameters import at_levels
from cjsim.experiment.executors.executor import TimeUp, default_workers
from cjsim.experiment.forecast import MOST_CASES, forecast, forecast_lines, refuse_beyond
from cjsim.experiment.notices import replications_text
from cjsim.experiment.plan import Plan
from cjsim.experiment.replication import Replication
from cjsim.experiment.replications import Progress, run_plan
from cjsim.experiment.run_folder import clear_old, results_folder, under_other_environments
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.files import shown_path

Numbers = npt.NDArray[np.float64]

SPARE: Final = 1.5
"""Candidates per set of the ensemble: a second simulation rules some of them out."""


@dataclass(frozen=True)
class CalibrationOptions:
    """The options of a calibration run; `time_limit` in seconds.

    `progress` opens a callback for each replication of a wave; `say` gets a line for each wave.
    """

    workers: int | None = None
    out: Path = Path("results")
    fresh: bool = False
    resume: bool = False
    time_limit: float | None = None
    budget: int | None = None
    progress: Callable[[], AbstractContextManager[Progress | None]] = contextlib.nullcontext
    say: Callable[[str], None] = warnings.warn


def calibrate(path: Path | str, options: CalibrationOptions) -> Path:
    """Run a calibration file; its folder of results, `out`/<name>-calibration/<id>.

    Raises Faults before anything is run, RunFailed while running. Finished points stay, and the
    same plan resumes from them.
    """
    prepared = load_calibration(Path(path))
    final = options.out / f"{prepared.name}-calibration" / prepared.plan.run_id
    if (final / MANIFEST).is_file() and not options.fresh:
        clear_old(final, options.say)
        options.say(f"Results of this plan exist: {final}. Use --fresh to run it again.")
        return final
    for note in under_other_environments(final, prepared.plan):
        options.say(note)
    workers = default_workers() if options.workers is None else options.workers
    foreseen = forecast(_largest(prepared), workers=workers, out=options.out, keep_logs=False)
    refuse_beyond(foreseen, options.budget or MOST_CASES, shown_path(prepared.path))
    until = None if options.time_limit is None else time.monotonic() + options.time_limit
    with (
        results_folder(final, prepared.plan, resume=options.resume, fresh=options.fresh) as folder,
        one_thread(),
    ):
        try:
            result = _Search(prepared, folder, options, workers, until).run()
        except TimeUp as up:
            raise TimeUp(f"The time limit of {options.time_limit:.0f} s has passed.") from up
        write_results(result, folder)
    return final


def calibration_lines(path: Path | str, options: CalibrationOptions) -> list[str]:
    """The runs of a calibration and their forecast, before anything runs. Raises Faults."""
    prepared = load_calibration(Path(path))
    workers = default_workers() if options.workers is None else options.workers
    plan = _largest(prepared)
    foreseen = forecast(plan, workers=workers, out=options.out, keep_logs=False)
    refuse_beyond(foreseen, options.budget or MOST_CASES, shown_path(prepared.path))
    settings = prepared.settings
    waves = f"{settings.history.waves} waves of {settings.history.points} points"
    runs = len(plan.models) * plan.replications
    return [
        f"{settings.title}: {len(prepared.factors)} free parameters",
        f"{len(prepared.fitted)} targets fitted, {len(prepared.not_fitted)} not fitted",
        f"{waves}, {replications_text(settings.run.replications)} each",
        f"An ensemble of {settings.ensemble.sets} sets; about {runs} runs in all",
        *forecast_lines(foreseen),
        "Nothing was run.",
    ]


def _largest(prepared: PreparedCalibration) -> Plan:
    """A plan with the largest number of runs of a calibration, for a forecast."""
    settings = prepared.settings
    last = int(SPARE * settings.ensemble.sets) * settings.ensemble.replications
    count = (
        1 + settings.history.waves * settings.history.points + -(-last // settings.run.replications)
    )
    names = [BASELINE, *(f"p{number}" for number in range(1, count))]
    scenarios = dict.fromkeys(names, ResolvedScenario(BASELINE, prepared.model))
    return replace(prepared.plan, scenarios=scenarios, brief=True, settings=None)


@dataclass
class _Search:
    """A calibration while it runs."""

    prepared: PreparedCalibration
    folder: Path
    options: CalibrationOptions
    workers: int
    until: float | None

    def run(self) -> MatchingResult:
        """All waves, then the ensemble."""
        settings = self.prepared.settings
        history = empty_history(self.prepared)
        fitted = fitted_indices(self.prepared)
        waves: list[int] = []
        everything: list[Numbers] = []
        before = np.empty(0)
        for wave in range(1, settings.history.waves + 1):
            count = settings.history.points
            points = history.next_points(count) if waves else history.first_points(count)
            if not len(points):
                break
            share = history.shares[-1] if history.shares else 1.0
            what = f"Wave {wave} of {settings.history.waves}"
            self.options.say(f"{what}: {len(points)} points, {per_cent(share)} of the space left.")
            values, plain = self._simulate(
                f"w{wave}", points, settings.run.replications, with_model=wave == 1
            )
            before = plain if wave == 1 else before
            history.add(points, values[:, fitted])
            waves += [wave] * len(points)
            everything.append(values)
            self.options.say(f"{what} done: {per_cent(history.shares[-1])} of the space left.")
        simulated_all = Simulated(tuple(waves), history.points, np.concatenate(everything), before)
        return self._ensemble(history, simulated_all, fitted)

    def _ensemble(self, history: History, done: Simulated, fitted: Sequence[int]) -> MatchingResult:
        settings = self.prepared.settings.ensemble
        wanted = int(SPARE * settings.sets)
        candidates = spread_out(history.candidates(40 * wanted), wanted)
        if not len(candidates):
            # No point is plausible: keep the nearest points, to show the misfit.
            missed_by = implausibilities(history.goals, done.values[:, fitted])
            candidates = done.points[_nearest(missed_by, history.cut)[: settings.sets]]
            self.options.say("No point is plausible: the nearest points are kept instead.")
        self.options.say(f"Ensemble: {len(candidates)} sets simulated again to confirm them.")
        values, _ = self._simulate("e", candidates, settings.replications)
        all_found = implausibilities(history.goals, values[:, fitted])
        missed_by = nth_largest(all_found, history.maximum)
        if (missed_by <= history.cut).any():
            kept = _chosen(candidates, missed_by, history.cut, settings.sets)
        else:
            kept = _nearest(all_found, history.cut)[: settings.sets]
        standing = int((missed_by <= history.cut).sum())
        self.options.say(f"{standing} of {len(candidates)} sets are confirmed.")
        return MatchingResult(
            self.prepared,
            history,
            done,
            candidates[kept],
            values[kept],
            missed_by[kept],
            len(candidates),
        )

    def _simulate(
        self, wave: str, points: Numbers, replications: int, *, with_model: bool = False
    ) -> tuple[Numbers, Numbers]:
        """Every target at each point, (n, targets, replications), and for the model itself."""
        prepared = self.prepared
        factors = prepared.factors
        baseline = ResolvedScenario(BASELINE, prepared.model)
        scenarios = {BASELINE: baseline} if with_model else {}
        for index, point in enumerate(points.tolist(), start=1):
            scenarios[f"{wave}p{index:04d}"] = at_levels(baseline, levels_of(factors, point))
        plan = replace(
            prepared.plan, scenarios=scenarios, replications=replications, brief=True, settings=None
        )
        with self.options.progress() as progress:
            runs = run_plan(
                plan,
                folder=self.folder,
                workers=self.workers,
                keep_logs=False,
                months=False,
                progress=progress,
                until=self.until,
            )
        by_variant = target_values(prepared, runs)
        plain = by_variant.pop(BASELINE, np.empty(0))
        return np.stack([by_variant[name] for name in scenarios if name != BASELINE]), plain


def _chosen(points: Numbers, implausibility: Numbers, cut: float, count: int) -> list[int]:
    """The indices of plausible sets, spread as widely as possible."""
    standing = np.flatnonzero(implausibility <= cut)
    indices = dict(zip(map(tuple, points[standing].tolist()), standing.tolist(), strict=True))
    return sorted(indices[tuple(point)] for point in spread_out(points[standing], count).tolist())


def _nearest(implausibilities: Numbers, cut: float) -> list[int]:
    """The indices of points by number of missed targets, then by the largest distance."""
    missed = (implausibilities > cut).sum(axis=1)
    return [int(index) for index in np.lexsort((implausibilities.max(axis=1), missed))]


def empty_history(prepared: PreparedCalibration) -> History:
    """The history of a calibration before its first wave."""
    settings = prepared.settings.history
    goals = tuple(
        goal_for(target, settings.tolerance_part, prepared.settings.discrepancy)
        for target in prepared.fitted
    )
    return History(
        goals,
        len(prepared.factors),
        prepared.settings.run.seed,
        cut=settings.cut,
        maximum=settings.maximum,
        sample=settings.sample,
    )


def target_values(prepared: PreparedCalibration, runs: Sequence[Replication]) -> dict[str, Numbers]:
    """Every target of every variant of the model, (targets, replications)."""
    wanted = pa.array(
        sorted(
            {
                measured.kpi
                for target in prepared.targets.target
                for measured in (target, target.over)
                if measured is not None
            }
        )
    )
    tables: dict[str, list[pa.Table]] = defaultdict(list)
    for run in runs:
        table = run.kpis
        mask = pc.and_(pc.equal(table["period"], "all"), pc.is_in(table["kpi"], wanted))
        table = table.filter(mask)
        number = pa.array([run.replication] * table.num_rows, pa.int32())
        tables[run.scenario].append(table.append_column("replication", number))
    years = years_of(prepared)
    return {
        name: np.stack(
            [
                simulated_values(pa.concat_tables(parts), target, years=years)
                for target in prepared.targets.target
            ]
        )
        for name, parts in tables.items()
    }


def years_of(prepared: PreparedCalibration) -> float:
    """The length of the run in years."""
    run = prepared.settings.run
    return ((run.to - run.from_).days + 1) / 365.25
