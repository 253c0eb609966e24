"""Many inputs, of which few matter: each is tried once, to find those that are worth a study.

A model has some hundred odds factors. Each of them alone goes to the end of its range that lies
further from where it stands, in one replication, with the same cases and random numbers: the odds
rise or fall with a factor all the way, so that the nearer end moves them less. Those that move a
watched difference by more than chance could are then varied with all replications. What chance
alone moves is taken from the moves themselves, most of which are nothing but chance (Lenth's
margin, as for experiments without replication).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from cjsim.experiment.designs.content import Content, Tables
from cjsim.experiment.designs.factors import vary
from cjsim.experiment.designs.parameters import Factor
from cjsim.experiment.designs.study import (
    SCENARIO,
    Analysis,
    Study,
    StudyMeasures,
    StudyOptions,
    run_study,
    with_variants,
)
from cjsim.experiment.plan import Plan
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment

Numbers = npt.NDArray[np.float64]

MOST_KEPT: Final = 20
"""Of those that move a difference by more than chance, so many at most are studied further."""


def screening_study(
    plan: Plan, experiment: Experiment, scenario: str, levers: Sequence[Factor]
) -> Study:
    """One replication of each input at its farther end, of both scenarios. Raises Faults."""
    variants: dict[str, ResolvedScenario] = {
        BASELINE: plan.scenarios[BASELINE],
        SCENARIO: plan.scenarios[scenario],
    }
    for place, lever in enumerate(levers, start=1):
        moved = {lever: farther_end(lever)}
        variants[f"l{place:03d}"] = vary(plan, scenario, moved, experiment)
        variants[f"b{place:03d}"] = vary(plan, BASELINE, moved, experiment)
    design = with_variants(replace(plan, replications=1, aim=None), variants)
    return Study("screening", experiment, design, _analysis(levers), all_can_run=False)


def farther_end(lever: Factor) -> float:
    """The end of a lever's range, 0 or 1, that lies further from where it stands, as a ratio."""
    (part,) = lever.parts
    if part.low <= 0:
        return 1.0 if part.high - part.level >= part.level - part.low else 0.0
    return 1.0 if part.high * part.low >= part.level**2 else 0.0


def influential_factors(
    experiment: Experiment,
    plan: Plan,
    options: StudyOptions,
    scenario: str,
    levers: Sequence[Factor],
) -> list[Factor]:
    """The inputs that move a watched difference by more than chance, the furthest moving first.

    Raises Faults before anything is run, RunFailed while running.
    """
    if not levers:
        return []
    study = screening_study(plan, experiment, scenario, levers)
    options.say(
        f"{len(levers)} effect sizes of the model are tried first, each at an end of its range in "
        "one replication. `effects = false` in [sensitivity] leaves them out."
    )
    once = replace(options, replications=1)
    _, content = run_study(study, once)
    by_path = {lever.path: lever for lever in levers}
    return [by_path[path] for path in content["kept"]]


def _analysis(levers: Sequence[Factor]) -> Analysis:
    def finish(found: StudyMeasures) -> tuple[Content, Tables]:
        moves = {key: _moves(found, key, len(levers)) for key in found.keys}
        margins = {key: chance_margin(of) for key, of in moves.items()}
        kept = select_influential([lever.path for lever in levers], moves, margins)
        rows = [
            {
                "lever": lever.path,
                "kpi": key[0],
                "court": key[1],
                "group": key[2],
                "unit": found.units[key[0]],
                "move": None if np.isnan(moves[key][place]) else float(moves[key][place]),
                "chance": margins[key],
                "kept": lever.path in kept,
            }
            for key in found.keys
            for place, lever in enumerate(levers)
        ]
        return {"kept": kept, "rows": rows}, {"screening.csv": rows}

    return finish


def _moves(found: StudyMeasures, key: tuple[str, str, str], count: int) -> Numbers:
    """How far each input moves a difference from where it is at rest; NaN where unknown."""

    def difference(after: str, before: str) -> float:
        return float((found.series(after, key) - found.series(before, key))[0])

    rest = difference(SCENARIO, BASELINE)
    places = range(1, count + 1)
    return np.array([difference(f"l{place:03d}", f"b{place:03d}") - rest for place in places])


def select_influential(
    paths: Sequence[str],
    moves: Mapping[tuple[str, str, str], Numbers],
    margins: Mapping[tuple[str, str, str], float],
) -> list[str]:
    """The inputs that move any difference beyond its margin, the furthest beyond it first."""
    beyond = np.zeros(len(paths))
    for key, of in moves.items():
        size = np.abs(of)
        ratio = np.divide(size, margins[key], out=np.full(len(of), np.inf), where=margins[key] > 0)
        beyond = np.fmax(beyond, np.where(size > 0, ratio, 0.0))
    order = sorted(range(len(paths)), key=lambda place: (-beyond[place], paths[place]))
    return [paths[place] for place in order if beyond[place] > 1][:MOST_KEPT]


def chance_margin(moves: Numbers) -> float:
    """How far chance alone moves a figure at most, from the moves that many inputs made.

    Lenth's simultaneous margin at 95 %, over the moves that are not exactly zero: a number that
    no case meets moves nothing, chance included, and would make the others look too large.
    """
    from scipy.stats import t

    there = np.abs(moves[np.isfinite(moves) & (moves != 0)])
    if len(there) < 3:
        return 0.0
    small = there[there < 2.5 * 1.5 * np.median(there)]
    spread = 1.5 * float(np.median(small))
    each = (1.0 + 0.95 ** (1.0 / len(there))) / 2.0
    return spread * float(t.ppf(each, len(there) / 3.0))
