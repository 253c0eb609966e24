"""Whether one size of the levers, or any setting in their ranges, gives what was claimed.

First the levers are moved alike, from the baseline to the far ends of their ranges, and the size is
found that gives one of the published effects; the model is run at that size, and what it then says
of the others is its prediction. Then the ranges are searched: the model is run at the points of a
Latin hypercube, each effect is described by a plane over the levers, and the settings are sought
where the plane has all effects reach their published size; the model is run there as well. All runs
share their luck and begin with the same open cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cjsim.errors import Fault, Faults
from cjsim.experiment.designs.factors import vary
from cjsim.experiment.designs.parameters import Factor, factors_of
from cjsim.experiment.designs.size import at_size
from cjsim.experiment.designs.study import (
    Analysis,
    Study,
    StudyMeasures,
    StudyOptions,
    prepare_study,
    run_study,
    study_lines,
    with_variants,
)
from cjsim.experiment.designs.sweep import latin_hypercube
from cjsim.experiment.plan import Plan
from cjsim.reforms.agreement import in_unit
from cjsim.reforms.linear_surrogate import Plane, fitted_plane, nearest_settings, share_in_reach
from cjsim.reforms.warm_start import opened
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.reform import Published
from cjsim.schema.studies import Claim

Numbers = npt.NDArray[np.float64]

FITTED: Final = "at_fitted_size"
BEST: Final = "best_settings"
CLOSE: Final = 0.9
"""An effect has been reached when the model comes to this share of its published size.

It is what was run that comes to it: planes say where to look, and the model has the last word.
"""

EXAMPLE: Final = 'Add [claim] with fit = "..." and a table [[published]] for each effect claimed.'


def claim(experiment: Experiment | Path | str, given: StudyOptions) -> tuple[Path, dict[str, Any]]:
    """Test the claims of an experiment; the folder of the study, and what it found.

    Raises Faults before anything is run, RunFailed while running.
    """
    experiment, asked, scenario, plan = _prepared(experiment, given)
    effects = _effects(experiment)
    sizes, points, levers, models = _variants(experiment, asked, scenario, plan)
    plan = opened(with_variants(plan, models), experiment.model_folder)
    _, first = run_study(Study("claim-search", experiment, plan, _finish(effects)), given)
    searched = _searched(effects, asked, (sizes, points, levers), first["effects"])
    confirmed = _at(plan, scenario, experiment, levers, searched)
    _, second = run_study(
        Study(
            "claim",
            experiment,
            with_variants(plan, confirmed),
            _finish(effects, _told(effects, asked, levers, searched)),
        ),
        given,
    )
    return given.out / f"{experiment.path.stem}-claim" / second["run_id"], second


def claim_plan(experiment: Experiment | Path | str, given: StudyOptions) -> list[str]:
    """What the test would run and take, before anything runs. Raises Faults."""
    experiment, asked, scenario, plan = _prepared(experiment, given)
    _, _, _, models = _variants(experiment, asked, scenario, plan)
    return study_lines(Study("claim", experiment, with_variants(plan, models), _finish(())), given)


def _prepared(
    experiment: Experiment | Path | str, given: StudyOptions
) -> tuple[Experiment, Claim, str, Plan]:
    experiment, plan = prepare_study(experiment, given)
    asked, file = experiment.claim, shown_path(experiment.path)
    if asked is None:
        raise Faults([Fault(file, "claim", "this experiment has no claim to test.", EXAMPLE)])
    scenario = asked.scenario or experiment.reform_scenario
    if scenario is None:
        raise Faults([Fault(file, "claim", "there is no scenario to test it on.", EXAMPLE)])
    return (
        experiment,
        asked,
        scenario,
        replace(plan, replications=given.replications or asked.replications),
    )


def _effects(experiment: Experiment) -> list[Published]:
    return [one for one in experiment.published if one.size is not None]


def _variants(
    experiment: Experiment, asked: Claim, scenario: str, plan: Plan
) -> tuple[dict[str, float], dict[str, list[float]], list[Factor], dict[str, ResolvedScenario]]:
    """The sizes and the points by the names of their variants, the levers, and all the models."""
    base, reform = plan.scenarios[BASELINE], plan.scenarios[scenario]
    levers, _ = factors_of(reform)
    if not levers:
        wrong = "nothing that the scenario sets has a range that it could be varied over."
        remedy = "Give the settings a range each."
        raise Faults([Fault(shown_path(experiment.path), "claim", wrong, remedy)])
    sizes = {f"s{round(size * 1000):04d}": size for size in asked.sizes}
    shares = latin_hypercube(asked.points, len(levers), plan.seed).tolist()
    points = {f"p{place:04d}": row for place, row in enumerate(shares, start=1)}
    models = {BASELINE: base}
    models |= {name: at_size(base, reform, size) for name, size in sizes.items()}
    models |= {
        name: vary(plan, scenario, dict(zip(levers, row, strict=True)), experiment)
        for name, row in points.items()
    }
    return sizes, points, levers, models


def _at(
    plan: Plan,
    scenario: str,
    experiment: Experiment,
    levers: Sequence[Factor],
    searched: Mapping[str, Any],
) -> dict[str, ResolvedScenario]:
    """The baseline, the scenario at the fitted size or the nearest to it, and at the best settings.

    Where no size gives the effect that is fitted, the others are still to be told of: at the size
    that comes nearest.
    """
    whole = prepare_study(experiment, StudyOptions())[1].scenarios
    models = {BASELINE: plan.scenarios[BASELINE]}
    models[FITTED] = at_size(whole[BASELINE], whole[scenario], searched["nearest_size"])
    shares = dict(zip(levers, searched["settings"], strict=True))
    models[BEST] = vary(replace(plan, scenarios=whole), scenario, shares, experiment)
    return models


# --- what came out ---------------------------------------------------------------------------


def _finish(effects: Sequence[Published], more: Mapping[str, Any] | None = None) -> Analysis:
    def finish(found: StudyMeasures) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
        told = {
            variant: {one.name: _by_replication(found, variant, one) for one in effects}
            for variant in found.table.scenarios
            if variant != BASELINE
        }
        rows = [
            {"variant": variant, "effect": name, "replication": number, "size": size}
            for variant, of in told.items()
            for name, sizes in of.items()
            for number, size in enumerate(sizes)
        ]
        return {"effects": told, **(more or {})}, {"effects.csv": rows}

    return finish


def _by_replication(found: StudyMeasures, variant: str, effect: Published) -> list[float]:
    """An effect in its published unit, one for each replication; per cent of the mean baseline."""
    key = (effect.kpi, effect.court, effect.group)
    before, after = found.series(BASELINE, key), found.series(variant, key)
    level = float(np.nanmean(before))
    sizes = [in_unit(effect.unit, float(one), level) for one in after - before]
    return [float("nan") if size is None else size for size in sizes]


def _searched(
    effects: Sequence[Published],
    asked: Claim,
    tried: tuple[dict[str, float], dict[str, list[float]], list[Factor]],
    found: Mapping[str, Mapping[str, Sequence[float]]],
) -> dict[str, Any]:
    """The size that gives the fitted effect, and the settings that come nearest to all of them."""
    sizes, points, levers = tried
    by_name = {one.name: one for one in effects}
    target = by_name[asked.fit].signed
    assert target is not None
    curve = [0.0, *(float(np.mean(found[name][asked.fit])) for name in sizes)]
    size = crossing([0.0, *sizes.values()], curve, target)
    come_to = dict(zip(sizes.values(), curve[1:], strict=True))
    design = np.array(list(points.values()), dtype=np.float64)
    planes = {
        one.name: fitted_plane(
            design, np.array([np.mean(found[name][one.name]) for name in points])
        )
        for one in effects
    }
    claimed = [(planes[one.name], _signed(one)) for one in effects]
    together, furthest = share_in_reach(claimed)
    settings = furthest
    if together >= 1:
        settings = nearest_settings(claimed, [lever.at_rest for lever in levers])
    return {
        "size": size,
        "nearest_size": max(come_to, key=lambda one: come_to[one] / target)
        if size is None
        else size,
        "curve": {
            one.name: [0.0, *(float(np.mean(found[name][one.name])) for name in sizes)]
            for one in effects
        },
        "sizes": [0.0, *sizes.values()],
        "together": together,
        "alone": {
            one.name: share_in_reach([(planes[one.name], _signed(one))])[0] for one in effects
        },
        "most": {one.name: _most(one, found) for one in effects},
        "planes": planes,
        "settings": settings,
    }


def _most(effect: Published, found: Mapping[str, Mapping[str, Sequence[float]]]) -> list[float]:
    """By replication, an effect where it came furthest of all the settings that were run."""
    said = _signed(effect)
    each = [list(of[effect.name]) for of in found.values()]
    return max(each, key=lambda sizes: float(np.mean(sizes)) / said)


def _signed(effect: Published) -> float:
    assert effect.signed is not None
    return effect.signed


def crossing(sizes: Sequence[float], effect: Sequence[float], target: float) -> float | None:
    """The smallest size at which an effect comes to its target, between the sizes tried; or none.

    Between two sizes it is taken to move in a straight line.
    """
    sign = 1.0 if target > 0 else -1.0
    for place in range(1, len(sizes)):
        below, above = sign * effect[place - 1], sign * effect[place]
        if above >= abs(target):
            share = (abs(target) - below) / (above - below) if above > below else 1.0
            return sizes[place - 1] + max(share, 0.0) * (sizes[place] - sizes[place - 1])
    return None


def _told(
    effects: Sequence[Published],
    asked: Claim,
    levers: Sequence[Factor],
    searched: Mapping[str, Any],
) -> dict[str, Any]:
    """What the study keeps of the search."""
    planes: Mapping[str, Plane] = searched["planes"]
    return {
        "fit": asked.fit,
        "published": [one.model_dump(mode="json") for one in effects],
        "size": searched["size"],
        "nearest_size": searched["nearest_size"],
        "tried": len(searched["sizes"]) - 1 + asked.points,
        "most": searched["most"],
        "sizes": searched["sizes"],
        "curve": searched["curve"],
        "together": searched["together"],
        "alone": searched["alone"],
        "unexplained": {name: plane.spread for name, plane in planes.items()},
        "settings": [
            {
                "path": lever.path,
                "level": lever.level(share),
                "declared": lever.level(lever.at_rest),
                "low": lever.level(0.0),
                "high": lever.level(1.0),
            }
            for lever, share in zip(levers, searched["settings"], strict=True)
        ],
    }
