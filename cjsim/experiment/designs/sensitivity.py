"""Sensitivity analysis: one factor at a time (a tornado), or all together (Sobol' indices)."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from cjsim.errors import Fault, Faults
from cjsim.experiment.designs.content import Content, Tables
from cjsim.experiment.designs.factors import scenario_of_study, study_factors, vary
from cjsim.experiment.designs.inputs import EFFECTS, Inputs, inputs_of
from cjsim.experiment.designs.parameters import Factor
from cjsim.experiment.designs.screening import MOST_KEPT, influential_factors, screening_study
from cjsim.experiment.designs.sobol import Group, sample_size, sobol_of, sobol_shares
from cjsim.experiment.designs.study import (
    SCENARIO,
    Analysis,
    Study,
    StudyMeasures,
    StudyOptions,
    prepare_study,
    run_study,
    study_lines,
    with_variants,
)
from cjsim.experiment.designs.uncertainty import own_chance
from cjsim.experiment.forecast import MOST_CASES, forecast
from cjsim.experiment.plan import Plan
from cjsim.measures.measure_table import Key
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.studies import Sensitivity

Numbers = npt.NDArray[np.float64]

SMALLEST_SAMPLE: Final = 8


def sensitivity(
    experiment: Experiment | Path | str,
    options: StudyOptions,
    *,
    scenario: str | None = None,
    sobol: int | None = None,
) -> tuple[Path, Content]:
    """Vary what a scenario sets over its ranges; the study's folder, and what it found.

    Without `sobol` one lever at a time, low and high: the settings of the scenario, what the file
    names, and those of the model's effect sizes that move the answer in a first try. With it all of
    them together, in at most so many runs, the effect sizes as one group. Raises Faults before
    anything is run, RunFailed while running.
    """
    asked = _asked(experiment, options, scenario)
    if sobol is not None:
        return run_study(_all_together(asked, sobol), options)
    began = time.monotonic()
    moving = influential_factors(
        asked.experiment, asked.plan, options, asked.scenario, asked.effects
    )
    kept = moving[: _affordable(asked, options)]
    if len(kept) < len(moving):
        options.say(
            f"{len(moving)} effect sizes moved the answer by more than chance: the {len(kept)} "
            "that moved it furthest are studied further; a larger --budget allows for more."
        )
    if options.time_limit is not None:
        options = replace(options, time_limit=options.time_limit - (time.monotonic() - began))
    tried = len(asked.effects) - len(kept)
    return run_study(_each_alone(asked, [*asked.levers, *kept], tried), options)


def sensitivity_plan(
    experiment: Experiment | Path | str,
    options: StudyOptions,
    *,
    scenario: str | None = None,
    sobol: int | None = None,
) -> list[str]:
    """What the study would run and take, before anything runs. Raises Faults."""
    asked = _asked(experiment, options, scenario)
    if sobol is not None:
        return study_lines(_all_together(asked, sobol), options)
    lines = study_lines(_each_alone(asked, asked.levers, 0), options)
    if not asked.effects:
        return lines
    first = screening_study(asked.plan, asked.experiment, asked.scenario, asked.effects)
    estimate = study_lines(first, options)
    kept = min(MOST_KEPT, len(asked.effects), _affordable(asked, options))
    return [
        f"{len(asked.effects)} effect sizes are tried first, once at an end of their ranges:",
        *estimate[:-1],
        _then(kept, 4 * asked.plan.replications),
        *lines,
    ]


def _then(kept: int, runs: int) -> str:
    return (
        f"Then, with {runs} runs more for each effect size that moves the answer by more than "
        f"chance, {kept} at most:"
    )


def _affordable(asked: _Asked, options: StudyOptions) -> int:
    """With how many effect sizes the study stays within the cases that may be simulated."""
    if not asked.effects:
        return 0

    def cases(levers: Sequence[Factor]) -> float:
        plan = _each_alone(asked, levers, 0).design
        return float(forecast(plan, workers=1, out=options.out, keep_logs=False).cases)

    without = cases(asked.levers)
    each = cases([*asked.levers, asked.effects[0]]) - without
    return max(0, int(((options.budget or MOST_CASES) - without) / max(each, 1.0)))


@dataclass(frozen=True)
class _Asked:
    """What is to be varied: the levers that are named, and the effect sizes of the model."""

    experiment: Experiment
    plan: Plan
    scenario: str
    levers: list[Factor]
    effects: list[Factor]


def _asked(
    experiment: Experiment | Path | str, options: StudyOptions, scenario: str | None
) -> _Asked:
    experiment, plan = prepare_study(experiment, options)
    asked = experiment.sensitivity or Sensitivity()
    about = scenario_of_study(experiment, plan.models, scenario or asked.scenario)
    levers, effects = study_factors(experiment, plan, [about], asked, "sensitivity", options.say)
    return _Asked(experiment, plan, about, levers, effects)


def _each_alone(asked: _Asked, levers: Sequence[Factor], tried: int) -> Study:
    """One factor at a time, at both ends of its range."""
    scenarios = {name: asked.plan.scenarios[name] for name in (BASELINE, asked.scenario)}
    inputs = inputs_of(scenarios, levers, tried)
    variants = _one_at_a_time(asked.experiment, asked.plan, asked.scenario, levers)
    design = with_variants(asked.plan, variants)
    return Study("tornado", asked.experiment, design, _tornado(asked.scenario, levers, inputs))


def _all_together(asked: _Asked, runs: int) -> Study:
    """Saltelli's design of the levers, each alone, and of the model's effect sizes as one group."""
    levers = [*asked.levers, *asked.effects]
    groups = [Group(lever.path, (place,)) for place, lever in enumerate(asked.levers)]
    if asked.effects:
        places = tuple(range(len(asked.levers), len(levers)))
        groups.append(Group(f"the {len(places)} {EFFECTS} of the model together", places))
    plan, own = asked.plan, _has_own(levers)
    size = sample_size(runs, len(groups), plan.replications, own=own)
    if size < SMALLEST_SAMPLE:
        least = SMALLEST_SAMPLE * (len(groups) + 2) * (2 if own else 1)
        wrong = f"{runs} runs are too few for {len(groups)} values that are varied together."
        remedy = f"Allow {(least + 2) * plan.replications}, or take fewer --replications."
        raise Faults([Fault(shown_path(asked.experiment.path), "--sobol", wrong, remedy)])
    scenarios = {name: plan.scenarios[name] for name in (BASELINE, asked.scenario)}
    inputs = inputs_of(scenarios, levers)
    shares = sobol_shares(size, groups, plan.seed)
    variants = _together(asked.experiment, plan, asked.scenario, levers, shares)
    analysis = _indices(asked.scenario, groups, size, inputs, own=own)
    return Study("sobol", asked.experiment, with_variants(plan, variants), analysis)


def _has_own(levers: Sequence[Factor]) -> bool:
    """Whether a value of the model itself is varied, and with it the baseline."""
    return any(lever.scenario is None for lever in levers)


# --- one at a time --------------------------------------------------------------------------


def _one_at_a_time(
    experiment: Experiment, plan: Plan, scenario: str, levers: Sequence[Factor]
) -> dict[str, ResolvedScenario]:
    variants = {BASELINE: plan.scenarios[BASELINE], SCENARIO: plan.scenarios[scenario]}
    for place, lever in enumerate(levers, start=1):
        for end, share in (("low", 0.0), ("high", 1.0)):
            moved = {lever: share}
            variants[f"l{place:03d}_{end}"] = vary(plan, scenario, moved, experiment)
            if lever.scenario is None:
                variants[f"b{place:03d}_{end}"] = vary(plan, BASELINE, moved, experiment)
    return variants


def _tornado(scenario: str, levers: Sequence[Factor], inputs: Inputs) -> Analysis:
    def finish(found: StudyMeasures) -> tuple[Content, Tables]:
        rows = [
            _bar(found, key, place, lever)
            for key in found.keys
            for place, lever in enumerate(levers, start=1)
        ]
        central = [
            {**_named(found, key), **found.difference(SCENARIO, BASELINE, key)}
            for key in found.keys
        ]
        content = {
            "scenario": scenario,
            "inputs": inputs.as_json(),
            "central": central,
            "rows": rows,
        }
        return content, {"tornado.csv": rows}

    return finish


def _bar(found: StudyMeasures, key: Key, place: int, lever: Factor) -> Content:
    """The difference at both ends of a lever's range, and where it would be zero."""
    ends = {}
    for end in ("low", "high"):
        against = f"b{place:03d}_{end}" if lever.scenario is None else BASELINE
        ends[end] = found.difference(f"l{place:03d}_{end}", against, key)
    rest = found.difference(SCENARIO, BASELINE, key)["difference"]
    low, high = (ends[end]["difference"] for end in ("low", "high"))
    levels = (lever.level(0.0), lever.level(lever.at_rest), lever.level(1.0))
    return {
        **_named(found, key),
        "lever": lever.path,
        "of": "model" if lever.scenario is None else "scenario",
        "level_is": "factor" if lever.parts[0].scales else "value",
        "level_low": levels[0],
        "level": levels[1],
        "level_high": levels[2],
        **{
            f"{end}_{what}": ends[end][which]
            for end in ("low", "high")
            for what, which in (
                ("difference", "difference"),
                ("from", "low"),
                ("to", "high"),
                ("differed", "differed"),
            )
        },
        "rest_difference": rest,
        "swing": None if low is None or high is None else abs(high - low),
        "break_even": None
        if low is None or high is None or rest is None
        else break_even(levels, (low, rest, high)),
    }


def _named(found: StudyMeasures, key: Key) -> Content:
    kpi, court, group = key
    return {"kpi": kpi, "court": court, "group": group, "unit": found.units[kpi]}


def break_even(levels: Sequence[float], differences: Sequence[float]) -> float | None:
    """The level at which a difference is 0, on straight lines between the levels it is known at.

    Of several the one nearest the middle level; None when it has one sign throughout, or is 0
    at all of them.
    """
    if not any(differences):
        return None
    crossings = []
    for place in range(len(levels) - 1):
        here, there = levels[place], levels[place + 1]
        before, after = differences[place], differences[place + 1]
        if before == 0:
            crossings.append(here)
        if before * after < 0:
            crossings.append(here + (there - here) * before / (before - after))
    if differences[-1] == 0:
        crossings.append(levels[-1])
    middle = levels[len(levels) // 2]
    return min(crossings, key=lambda level: abs(level - middle), default=None)


# --- all together ---------------------------------------------------------------------------


def _together(
    experiment: Experiment,
    plan: Plan,
    scenario: str,
    levers: Sequence[Factor],
    shares: Mapping[str, Numbers],
) -> dict[str, ResolvedScenario]:
    variants = {BASELINE: plan.scenarios[BASELINE], SCENARIO: plan.scenarios[scenario]}
    own = _has_own(levers)
    for name, points in shares.items():
        for number, row in enumerate(points.tolist(), start=1):
            moved = dict(zip(levers, row, strict=True))
            variants[f"{name}_{number:04d}"] = vary(plan, scenario, moved, experiment)
            if own:
                alone = {lever: share for lever, share in moved.items() if lever.scenario is None}
                variants[f"base_{name}_{number:04d}"] = vary(plan, BASELINE, alone, experiment)
    return variants


def _indices(
    scenario: str, groups: Sequence[Group], size: int, inputs: Inputs, *, own: bool
) -> Analysis:
    def differences(found: StudyMeasures, name: str, key: Key) -> Numbers:
        """By point and replication, shape (size, replications)."""
        rows = []
        for number in range(1, size + 1):
            variant = f"{name}_{number:04d}"
            against = f"base_{variant}" if own else BASELINE
            rows.append(found.series(variant, key) - found.series(against, key))
        return np.array(rows)

    def finish(found: StudyMeasures) -> tuple[Content, Tables]:
        names = ["a", "b", *(f"ab{place:03d}" for place in range(1, len(groups) + 1))]
        rows, central = [], []
        for key in found.keys:
            whole = {name: differences(found, name, key) for name in names}
            means = {name: values.mean(axis=1) for name, values in whole.items()}
            everywhere = np.concatenate(list(whole.values()))
            both = np.concatenate([means["a"], means["b"]])
            here = {**_named(found, key), **found.difference(SCENARIO, BASELINE, key)}
            without = int((~np.isfinite(everywhere).all(axis=1)).sum())
            if without:
                # Shares of a variance need every point of the design.
                unknown = dict.fromkeys(("mean", "standard_deviation", "share_of_chance"))
                central.append({**here, **unknown, "points_without": without})
                continue
            all_of_it = float(both.var(ddof=1))
            chance = own_chance(everywhere)
            central.append(
                {
                    **here,
                    "mean": float(both.mean()),
                    "standard_deviation": math.sqrt(all_of_it),
                    "share_of_chance": chance / all_of_it
                    if all_of_it > 0 and math.isfinite(chance)
                    else None,
                    "points_without": 0,
                }
            )
            if all_of_it == 0:
                continue
            found_here = sobol_of(means["a"], means["b"], [means[name] for name in names[2:]])
            for group, indices in zip(groups, found_here, strict=True):
                rows.append({**_named(found, key), "lever": group.name, **indices})
        content = {
            "scenario": scenario,
            "inputs": inputs.as_json(),
            "size": size,
            "groups": len(groups),
            "central": central,
            "rows": rows,
        }
        return content, {"sobol.csv": rows}

    return finish
