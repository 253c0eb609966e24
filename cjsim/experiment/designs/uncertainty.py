"""Parameter uncertainty apart from Monte Carlo error: draws from the ranges, each replicated.

Monte Carlo error is the difference between replications under the same assumptions. Parameter
uncertainty is the difference between draws of the assumptions; more replications do not reduce it.
The study shows both, and the share of draws in which each scenario is the best.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cjsim.experiment.designs.content import Content, Tables
from cjsim.experiment.designs.factors import study_factors, vary
from cjsim.experiment.designs.inputs import inputs_of
from cjsim.experiment.designs.parameters import Factor
from cjsim.experiment.designs.study import (
    Analysis,
    Study,
    StudyMeasures,
    StudyOptions,
    prepare_study,
    refuse_one_replication,
    run_study,
    study_lines,
    with_variants,
)
from cjsim.experiment.designs.sweep import latin_hypercube
from cjsim.measures.measure_table import Key
from cjsim.measures.registry import better_direction
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment
from cjsim.schema.studies import Uncertain
from cjsim.storage.plain import PlainRow

Numbers = npt.NDArray[np.float64]

OUTER = (0.05, 0.5, 0.95)
"""The quantiles of the draws that are shown."""


def uncertainty(
    experiment: Experiment | Path | str, options: StudyOptions, *, draws: int | None = None
) -> tuple[Path, Content]:
    """Run every scenario under each draw of the assumptions; the folder, and the study's content.

    Raises Faults before anything is run, RunFailed while running.
    """
    return run_study(uncertainty_study(experiment, options, draws), options)


def uncertainty_plan(
    experiment: Experiment | Path | str, options: StudyOptions, *, draws: int | None = None
) -> list[str]:
    """What the study would run and take, before anything runs. Raises Faults."""
    return study_lines(uncertainty_study(experiment, options, draws), options)


def uncertainty_study(
    experiment: Experiment | Path | str, options: StudyOptions, draws: int | None
) -> Study:
    """A Latin hypercube over the ranges: every scenario under every draw. Raises Faults."""
    experiment, plan = prepare_study(experiment, options)
    asked = experiment.uncertain or Uncertain()
    if options.replications is None:
        plan = replace(plan, replications=asked.replications)
    refuse_one_replication(plan)
    alternatives = [name for name in plan.models if name != BASELINE]
    named, effects = study_factors(experiment, plan, alternatives, asked, "uncertain", options.say)
    levers = [*named, *effects]
    # A path that two scenarios set is one uncertain parameter, drawn once for both.
    paths = list(dict.fromkeys(lever.path for lever in levers))
    shares = latin_hypercube(draws or asked.draws, len(paths), plan.seed)
    variants = dict(plan.scenarios)
    for number, row in enumerate(shares.tolist(), start=1):
        drawn = dict(zip(paths, row, strict=True))
        moved = {lever: drawn[lever.path] for lever in levers}
        for name in plan.models:
            variants[f"d{number:04d}_{name}"] = vary(plan, name, moved, experiment)
    levels = _levels(levers, paths, shares)
    of_draws = analysis_of_draws(alternatives, levels)
    inputs = inputs_of(plan.scenarios, levers)

    def analysis(
        found: StudyMeasures,
    ) -> tuple[Content, Tables]:
        content, tables = of_draws(found)
        return {"inputs": inputs.as_json(), **content}, tables

    return Study("uncertainty", experiment, with_variants(plan, variants), analysis)


def _levels(levers: Sequence[Factor], paths: Sequence[str], shares: Numbers) -> list[PlainRow]:
    """The level of each path in each draw, as its first lever has it."""
    first = {lever.path: lever for lever in reversed(levers)}
    return [
        {path: first[path].level(share) for path, share in zip(paths, row, strict=True)}
        for row in shares.tolist()
    ]


def analysis_of_draws(
    alternatives: Sequence[str], levels: Sequence[Mapping[str, float]]
) -> Analysis:
    """What is made of the draws d0001, d0002 ... of every option, each at its levels by path."""
    names = [f"d{number:04d}" for number in range(1, len(levels) + 1)]

    def finish(found: StudyMeasures) -> tuple[Content, Tables]:
        rows, best, drawn = [], [], []
        for key in found.keys:
            about = {"kpi": key[0], "court": key[1], "group": key[2], "unit": found.units[key[0]]}
            means = _means(found, names, alternatives, key)
            for option in alternatives:
                parts = two_uncertainties(_differences(found, names, option, key))
                central = found.difference(option, BASELINE, key)
                rows.append({**about, "scenario": option, **central, **parts})
            best += [{**about, **row} for row in shares_best(means, key[0])]
            drawn += [
                {"draw": name, **level, **about, "scenario": option, "difference": difference}
                for option in alternatives
                for name, level, difference in zip(
                    names, levels, (means[option] - means[BASELINE]).tolist(), strict=True
                )
            ]
        content = {"draws": len(names), "rows": rows, "best": best}
        return content, {"uncertainty.csv": rows, "robustness.csv": best, "draws.csv": drawn}

    return finish


def _means(
    found: StudyMeasures, names: Sequence[str], alternatives: Sequence[str], key: Key
) -> dict[str, Numbers]:
    """The mean over replications in each draw, by option, the baseline first."""
    return {
        option: np.array([found.series(f"{name}_{option}", key).mean() for name in names])
        for option in (BASELINE, *alternatives)
    }


def _differences(found: StudyMeasures, names: Sequence[str], option: str, key: Key) -> Numbers:
    """An option's difference from the baseline by draw and replication."""
    return np.array(
        [
            found.series(f"{name}_{option}", key) - found.series(f"{name}_{BASELINE}", key)
            for name in names
        ]
    )


def two_uncertainties(differences: Numbers) -> dict[str, float | None]:
    """What the draws and what chance make of a difference; shape (draws, replications).

    `not_known` is the standard deviation between draws, with the part of chance in their means
    taken out; `chance` that between replications within a draw; the quantiles are of the draws'
    means. All draws share their random numbers: what a replication does to all of them
    alike is in no difference between them, so only the rest of chance is taken out.
    """
    means = differences.mean(axis=1)
    if not np.isfinite(means).all():
        return dict.fromkeys(("p05", "median", "p95", "not_known", "chance", "share_not_known"))
    within = float(differences.var(axis=1, ddof=1).mean())
    between = max(0.0, float(means.var(ddof=1)) - own_chance(differences))
    low, middle, high = (float(value) for value in np.quantile(means, OUTER))
    return {
        "p05": low,
        "median": middle,
        "p95": high,
        "not_known": math.sqrt(between),
        "chance": math.sqrt(within),
        "share_not_known": between / (between + within) if between + within > 0 else None,
    }


def own_chance(values: Numbers) -> float:
    """What chance adds to the variance between the means of the rows; NaN of one replication.

    `values` has the shape (rows, replications), and all rows share their random numbers: what a
    replication does to all rows alike moves no two means apart, so only the rest is counted.
    """
    rows, count = values.shape
    if count < 2:
        return math.nan
    left = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    freedom = (rows - 1) * (count - 1)
    return float((left**2).sum() / freedom / count)


def shares_best(means: Mapping[str, Numbers], kpi: str) -> list[PlainRow]:
    """For each option, the baseline among them, the share of draws in which it is the best.

    Those that tie share. Nothing where no direction is better, or a draw gave no value.
    """
    better = better_direction(kpi)
    values = np.array(list(means.values()))
    if better == "neither" or not np.isfinite(values).all():
        return []
    wins = values == (values.max(axis=0) if better == "higher" else values.min(axis=0))
    shares = (wins / wins.sum(axis=0)).mean(axis=1)
    gains = (values - values[0]) * (1 if better == "higher" else -1)
    return [
        {
            "option": option,
            "best_in": float(share),
            "better_than_baseline_in": None if place == 0 else float((gains[place] > 0).mean()),
        }
        for place, (option, share) in enumerate(zip(means, shares, strict=True))
    ]
