"""What the answer hangs on: each lever over its range (a tornado), or all together (Sobol')."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cjsim.errors import Fault, Faults
from cjsim.experiment.plan import Plan
from cjsim.experiment.precision import Key
from cjsim.experiment.studies.levers import all_levers, scenario_asked, varied
from cjsim.experiment.studies.study import (
    SCENARIO,
    Conditions,
    Finish,
    Found,
    begin,
    run_study,
    study_lines,
    with_variants,
)
from cjsim.experiment.studies.uncertainty import own_chance
from cjsim.experiment.studies.vary import Lever
from cjsim.spec.base import BASELINE
from cjsim.spec.experiment import Experiment
from cjsim.spec.files import shown_path
from cjsim.spec.model import Model

Numbers = npt.NDArray[np.float64]

RESAMPLES: Final = 200
SMALLEST_SAMPLE: Final = 8


def sensitivity(
    experiment: Experiment | Path | str,
    given: Conditions,
    *,
    scenario: str | None = None,
    sobol: int | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Vary what a scenario sets over its ranges; the study's folder, and what it found.

    Without `sobol` one lever at a time, low and high; with it all of them together, in at most so
    many runs. Raises Faults before anything is run, RunFailed while running.
    """
    kind = "tornado" if sobol is None else "sobol"
    experiment, plan, finish = _prepared(experiment, given, scenario, sobol)
    return run_study(kind, experiment, plan, given, finish)


def sensitivity_plan(
    experiment: Experiment | Path | str,
    given: Conditions,
    *,
    scenario: str | None = None,
    sobol: int | None = None,
) -> list[str]:
    """What the study would run and take, before anything runs. Raises Faults."""
    experiment, plan, _ = _prepared(experiment, given, scenario, sobol)
    return study_lines(experiment, plan, given)


def _prepared(
    experiment: Experiment | Path | str,
    given: Conditions,
    scenario: str | None,
    sobol: int | None,
) -> tuple[Experiment, Plan, Finish]:
    experiment, plan = begin(experiment, given)
    asked = experiment.sensitivity
    named = scenario or (asked.scenario if asked else None)
    about = scenario_asked(experiment, plan.models, named)
    also = asked.also if asked else ()
    levers = all_levers(experiment, plan, [about], also, "sensitivity", given.say)
    if sobol is None:
        variants = _one_at_a_time(experiment, plan, about, levers)
        return experiment, with_variants(plan, variants), _tornado(about, levers)
    size = sample_size(sobol, len(levers), plan.replications, own=_has_own(levers))
    if size < SMALLEST_SAMPLE:
        least = SMALLEST_SAMPLE * (len(levers) + 2) * (2 if _has_own(levers) else 1)
        wrong = f"{sobol} runs are too few for {len(levers)} values that are varied together."
        remedy = f"Allow {(least + 2) * plan.replications}, or take fewer --replications."
        raise Faults([Fault(shown_path(experiment.path), "--sobol", wrong, remedy)])
    shares = sobol_shares(size, len(levers), plan.seed)
    variants = _together(experiment, plan, about, levers, shares)
    return experiment, with_variants(plan, variants), _indices(about, levers, size)


def _has_own(levers: Sequence[Lever]) -> bool:
    """Whether a value of the model itself is varied, and with it the baseline."""
    return any(lever.scenario is None for lever in levers)


# --- one at a time --------------------------------------------------------------------------


def _one_at_a_time(
    experiment: Experiment, plan: Plan, scenario: str, levers: Sequence[Lever]
) -> dict[str, Model]:
    variants = {BASELINE: plan.models[BASELINE], SCENARIO: plan.models[scenario]}
    for place, lever in enumerate(levers, start=1):
        for end, share in (("low", 0.0), ("high", 1.0)):
            moved = {lever: share}
            variants[f"l{place:03d}_{end}"] = varied(plan, scenario, moved, experiment)
            if lever.scenario is None:
                variants[f"b{place:03d}_{end}"] = varied(plan, BASELINE, moved, experiment)
    return variants


def _tornado(scenario: str, levers: Sequence[Lever]) -> Finish:
    def finish(found: Found) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
        rows = [
            _bar(found, key, place, lever)
            for key in found.keys
            for place, lever in enumerate(levers, start=1)
        ]
        central = [
            {**_named(found, key), **found.difference(SCENARIO, BASELINE, key)}
            for key in found.keys
        ]
        content = {"scenario": scenario, "central": central, "rows": rows}
        return content, {"tornado.csv": rows}

    return finish


def _bar(found: Found, key: Key, place: int, lever: Lever) -> dict[str, Any]:
    """The difference at both ends of a lever's range, and where it would be nought."""
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


def _named(found: Found, key: Key) -> dict[str, Any]:
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


def sample_size(runs: int, levers: int, replications: int, *, own: bool) -> int:
    """The largest power of two for which Saltelli's design stays within so many runs; 0 if none."""
    variants = runs // replications - 2
    size = variants // ((levers + 2) * (2 if own else 1))
    return 0 if size < 1 else 1 << (size.bit_length() - 1)


def sobol_shares(size: int, levers: int, seed: int) -> dict[str, Numbers]:
    """The points of Saltelli's design by name: A, B, and A with one column of B for each lever.

    Each has the shape (size, levers): shares of the way over the ranges.
    """
    from scipy.stats import qmc

    points = qmc.Sobol(2 * levers, scramble=True, seed=np.random.default_rng(seed)).random(size)
    a, b = points[:, :levers], points[:, levers:]
    found = {"a": a, "b": b}
    for place in range(levers):
        mixed = a.copy()
        mixed[:, place] = b[:, place]
        found[f"ab{place + 1:03d}"] = mixed
    return found


def _together(
    experiment: Experiment,
    plan: Plan,
    scenario: str,
    levers: Sequence[Lever],
    shares: Mapping[str, Numbers],
) -> dict[str, Model]:
    variants = {BASELINE: plan.models[BASELINE], SCENARIO: plan.models[scenario]}
    own = _has_own(levers)
    for name, points in shares.items():
        for number, row in enumerate(points.tolist(), start=1):
            moved = dict(zip(levers, row, strict=True))
            variants[f"{name}_{number:04d}"] = varied(plan, scenario, moved, experiment)
            if own:
                alone = {lever: share for lever, share in moved.items() if lever.scenario is None}
                variants[f"base_{name}_{number:04d}"] = varied(plan, BASELINE, alone, experiment)
    return variants


def _indices(scenario: str, levers: Sequence[Lever], size: int) -> Finish:
    own = _has_own(levers)

    def differences(found: Found, name: str, key: Key) -> Numbers:
        """By point and replication, shape (size, replications)."""
        rows = []
        for number in range(1, size + 1):
            variant = f"{name}_{number:04d}"
            against = f"base_{variant}" if own else BASELINE
            rows.append(found.series(variant, key) - found.series(against, key))
        return np.array(rows)

    def finish(found: Found) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
        names = ["a", "b", *(f"ab{place:03d}" for place in range(1, len(levers) + 1))]
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
            for lever, indices in zip(levers, found_here, strict=True):
                rows.append({**_named(found, key), "lever": lever.path, **indices})
        return {"scenario": scenario, "size": size, "central": central, "rows": rows}, {
            "sobol.csv": rows
        }

    return finish


def sobol_of(a: Numbers, b: Numbers, mixed: Sequence[Numbers]) -> list[dict[str, float]]:
    """First-order and total indices of each lever, with 95 % bootstrap intervals.

    `a` and `b` hold the outcome at the points of both samples, `mixed` that of A with one column of
    B, for each lever. The bootstrap draws from a stream of its own, the same each time.
    """
    first, total = _sobol(a, b, mixed)
    luck = np.random.default_rng(len(a))
    drawn: list[tuple[Numbers, Numbers]] = []
    while len(drawn) < RESAMPLES:
        places = luck.integers(0, len(a), len(a))
        if np.ptp(np.concatenate([a[places], b[places]])) > 0:
            drawn.append(_sobol(a[places], b[places], [each[places] for each in mixed]))
    firsts, totals = (np.array([pair[which] for pair in drawn]) for which in (0, 1))
    return [
        {
            "first_order": float(first[place]),
            "first_order_low": float(np.quantile(firsts[:, place], 0.025)),
            "first_order_high": float(np.quantile(firsts[:, place], 0.975)),
            "total_order": float(total[place]),
            "total_order_low": float(np.quantile(totals[:, place], 0.025)),
            "total_order_high": float(np.quantile(totals[:, place], 0.975)),
        }
        for place in range(len(mixed))
    ]


def _sobol(a: Numbers, b: Numbers, mixed: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    from scipy.stats import sobol_indices

    found = sobol_indices(
        func={"f_A": a[None, :], "f_B": b[None, :], "f_AB": np.array(mixed)[:, None, :]},
        n=len(a),
    )
    return np.atleast_1d(found.first_order.squeeze()), np.atleast_1d(found.total_order.squeeze())
