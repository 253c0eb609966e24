"""`cjsim calibrate`: wave after wave of simulated points, and the sets of numbers that are left."""

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

from cjsim.calibration.history_matching.config import Prepared, levels_of, load_calibration
from cjsim.calibration.history_matching.emulator import one_thread
from cjsim.calibration.history_matching.files import MANIFEST, write_results
from cjsim.calibration.history_matching.history import History, goal_of, nth_largest, spread_out
from cjsim.calibration.history_matching.results import (
    Matched,
    Simulated,
    fitted_places,
    implausibilities,
)
from cjsim.calibration.history_matching.text import per_cent
from cjsim.calibration.simulated import simulated
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
"""Candidates for the ensemble for each set that is wanted: some will not stand up to simulation."""


@dataclass(frozen=True)
class Given:
    """Under what conditions a calibration runs; `time_limit` in seconds.

    `progress` opens what is told after each replication of a wave, `say` is told of each wave.
    """

    workers: int | None = None
    out: Path = Path("results")
    fresh: bool = False
    resume: bool = False
    time_limit: float | None = None
    budget: int | None = None
    progress: Callable[[], AbstractContextManager[Progress | None]] = contextlib.nullcontext
    say: Callable[[str], None] = warnings.warn


def calibrate(path: Path | str, given: Given) -> Path:
    """Run a calibration file to its end; its folder of results, `out`/<name>-calibration/<id>.

    Raises Faults before anything is run, RunFailed while running: the points that are done stay,
    and the same plan goes on with them.
    """
    prepared = load_calibration(Path(path))
    final = given.out / f"{prepared.name}-calibration" / prepared.plan.run_id
    if (final / MANIFEST).is_file() and not given.fresh:
        clear_old(final, given.say)
        given.say(f"This has been run before: {final} holds it. --fresh runs it again.")
        return final
    for note in under_other_environments(final, prepared.plan):
        given.say(note)
    workers = default_workers() if given.workers is None else given.workers
    foreseen = forecast(_largest(prepared), workers=workers, out=given.out, keep_logs=False)
    refuse_beyond(foreseen, given.budget or MOST_CASES, shown_path(prepared.path))
    until = None if given.time_limit is None else time.monotonic() + given.time_limit
    with (
        results_folder(final, prepared.plan, resume=given.resume, fresh=given.fresh) as folder,
        one_thread(),
    ):
        try:
            matched = _Search(prepared, folder, given, workers, until).run()
        except TimeUp as up:
            raise TimeUp(f"The time limit of {given.time_limit:.0f} s is over.") from up
        write_results(matched, folder)
    return final


def calibration_lines(path: Path | str, given: Given) -> list[str]:
    """What a calibration would run and take, before anything runs. Raises Faults."""
    prepared = load_calibration(Path(path))
    workers = default_workers() if given.workers is None else given.workers
    plan = _largest(prepared)
    foreseen = forecast(plan, workers=workers, out=given.out, keep_logs=False)
    refuse_beyond(foreseen, given.budget or MOST_CASES, shown_path(prepared.path))
    asked = prepared.asked
    waves = f"{asked.history.waves} waves of {asked.history.points} points"
    runs = len(plan.models) * plan.replications
    return [
        f"{asked.title}: {len(prepared.levers)} free numbers",
        f"{len(prepared.fitted)} targets fitted, {len(prepared.held_out)} held out",
        f"{waves}, {replications_text(asked.run.replications)} each",
        f"An ensemble of {asked.ensemble.sets} sets; about {runs} runs in all",
        *forecast_lines(foreseen),
        "Nothing was run.",
    ]


def _largest(prepared: Prepared) -> Plan:
    """A plan as large as the whole calibration can be, for a forecast."""
    asked = prepared.asked
    last = int(SPARE * asked.ensemble.sets) * asked.ensemble.replications
    count = 1 + asked.history.waves * asked.history.points + -(-last // asked.run.replications)
    names = [BASELINE, *(f"p{number}" for number in range(1, count))]
    scenarios = dict.fromkeys(names, ResolvedScenario(BASELINE, prepared.model))
    return replace(prepared.plan, scenarios=scenarios, brief=True, asked=None)


@dataclass
class _Search:
    """A calibration on its way."""

    prepared: Prepared
    folder: Path
    given: Given
    workers: int
    until: float | None

    def run(self) -> Matched:
        """All waves, then the ensemble."""
        asked = self.prepared.asked
        history = new_history(self.prepared)
        fitted = fitted_places(self.prepared)
        waves: list[int] = []
        everything: list[Numbers] = []
        before = np.empty(0)
        for wave in range(1, asked.history.waves + 1):
            count = asked.history.points
            points = history.next_points(count) if waves else history.first_points(count)
            if not len(points):
                break
            share = history.shares[-1] if history.shares else 1.0
            what = f"Wave {wave} of {asked.history.waves}"
            self.given.say(f"{what}: {len(points)} points, {per_cent(share)} of the space left.")
            values, plain = self._simulate(
                f"w{wave}", points, asked.run.replications, with_model=wave == 1
            )
            before = plain if wave == 1 else before
            history.add(points, values[:, fitted])
            waves += [wave] * len(points)
            everything.append(values)
            self.given.say(f"{what} done: {per_cent(history.shares[-1])} of the space left.")
        simulated_all = Simulated(tuple(waves), history.points, np.concatenate(everything), before)
        return self._ensemble(history, simulated_all, fitted)

    def _ensemble(self, history: History, done: Simulated, fitted: Sequence[int]) -> Matched:
        asked = self.prepared.asked.ensemble
        wanted = int(SPARE * asked.sets)
        candidates = spread_out(history.candidates(40 * wanted), wanted)
        if not len(candidates):
            # Nothing is plausible: the points that came nearest, so that it can be seen why not.
            found = implausibilities(history.goals, done.values[:, fitted])
            candidates = done.points[_nearest(found, history.cut)[: asked.sets]]
            self.given.say("Nothing is left of the space: the nearest points are kept instead.")
        self.given.say(f"Ensemble: {len(candidates)} sets simulated again to be sure of them.")
        values, _ = self._simulate("e", candidates, asked.replications)
        all_found = implausibilities(history.goals, values[:, fitted])
        found = nth_largest(all_found, history.maximum)
        if (found <= history.cut).any():
            kept = _chosen(candidates, found, history.cut, asked.sets)
        else:
            kept = _nearest(all_found, history.cut)[: asked.sets]
        standing = int((found <= history.cut).sum())
        self.given.say(f"{standing} of {len(candidates)} sets stand up to it.")
        return Matched(
            self.prepared,
            history,
            done,
            candidates[kept],
            values[kept],
            found[kept],
            len(candidates),
        )

    def _simulate(
        self, wave: str, points: Numbers, replications: int, *, with_model: bool = False
    ) -> tuple[Numbers, Numbers]:
        """Every target at each point, (n, targets, replications), and for the model as it is."""
        prepared = self.prepared
        levers = prepared.levers
        baseline = ResolvedScenario(BASELINE, prepared.model)
        scenarios = {BASELINE: baseline} if with_model else {}
        for place, point in enumerate(points.tolist(), start=1):
            scenarios[f"{wave}p{place:04d}"] = at_levels(baseline, levels_of(levers, point))
        plan = replace(
            prepared.plan, scenarios=scenarios, replications=replications, brief=True, asked=None
        )
        with self.given.progress() as progress:
            runs = run_plan(
                plan,
                folder=self.folder,
                workers=self.workers,
                keep_logs=False,
                months=False,
                progress=progress,
                until=self.until,
            )
        found = target_values(prepared, runs)
        plain = found.pop(BASELINE, np.empty(0))
        return np.stack([found[name] for name in scenarios if name != BASELINE]), plain


def _chosen(points: Numbers, found: Numbers, cut: float, count: int) -> list[int]:
    """The places of plausible sets, as far apart as may be."""
    standing = np.flatnonzero(found <= cut)
    places = dict(zip(map(tuple, points[standing].tolist()), standing.tolist(), strict=True))
    return sorted(places[tuple(point)] for point in spread_out(points[standing], count).tolist())


def _nearest(found: Numbers, cut: float) -> list[int]:
    """The places of points, those first that miss the fewest targets, and then by the least."""
    missed = (found > cut).sum(axis=1)
    return [int(place) for place in np.lexsort((found.max(axis=1), missed))]


def new_history(prepared: Prepared) -> History:
    """The search of a calibration before anything has been simulated."""
    asked = prepared.asked.history
    goals = tuple(
        goal_of(target, asked.tolerance_part, prepared.asked.discrepancy)
        for target in prepared.fitted
    )
    return History(
        goals,
        len(prepared.levers),
        prepared.asked.run.seed,
        cut=asked.cut,
        maximum=asked.maximum,
        sample=asked.sample,
    )


def target_values(prepared: Prepared, runs: Sequence[Replication]) -> dict[str, Numbers]:
    """Every target of every variant of the model, (targets, replications)."""
    wanted = pa.array(
        sorted(
            {
                one.kpi
                for target in prepared.targets.target
                for one in (target, target.over)
                if one is not None
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
                simulated(pa.concat_tables(parts), target, years=years)
                for target in prepared.targets.target
            ]
        )
        for name, parts in tables.items()
    }


def years_of(prepared: Prepared) -> float:
    """The length of the run in years."""
    run = prepared.asked.run
    return ((run.to - run.from_).days + 1) / 365.25
