"""Which assumptions matter: each over its range alone, and how far the published figures move.

The answer of a model hangs on few of its assumptions, and a list of six hundred hides them. Here
each goes to both ends of its range while all others stay, with the cases and the luck the same; a
figure's move from end to end is told as a share of the width of what is allowed for it. What chance
alone moves is taken from the moves themselves, most of which are nothing but chance (Lenth's
margin, as for experiments without replication).
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cjsim.calibration.history_matching.config import CalibrationPlan, Prepared, load_calibration
from cjsim.calibration.history_matching.run import Given, target_values
from cjsim.calibration.targets import Target
from cjsim.errors import Faults
from cjsim.experiment.designs.parameters import Factor, at_shares, factor_of_value
from cjsim.experiment.designs.screening import chance_margin
from cjsim.experiment.executors.executor import TimeUp, default_workers
from cjsim.experiment.forecast import forecast, forecast_lines, refuse_beyond
from cjsim.experiment.hashes import hashes_of
from cjsim.experiment.manifest import commit, versions
from cjsim.experiment.notices import replications_text
from cjsim.experiment.replication import Replication
from cjsim.experiment.replications import run_plan
from cjsim.experiment.run_folder import clear_old, results_folder, under_other_environments
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.files import dotted, shown_path
from cjsim.schema.parameter_paths import Changeable, sourced_values
from cjsim.storage.outputs import write_output
from cjsim.storage.tables import write_csv
from cjsim.storage.whole import write_json

Numbers = npt.NDArray[np.float64]

MANIFEST: Final = "influence.json"
TABLE: Final = "influence.csv"
MOVES: Final = "moves.csv"

MOST_CASES: Final = 50_000_000
"""Two runs for each assumption: more than other studies may take without being asked."""

ENDS: Final = (("low", 0.0), ("high", 1.0))
NO_END: Final = "no run comes to its end at one end of its range"
PRICES: Final = ("costs",)
"""Tables that a run is only priced by: they move no figure of the road."""


@dataclass(frozen=True)
class Asked:
    """A calibration whose model's assumptions are to be moved, the variants, and what is left out.

    `left_out` says for each assumption that is not moved why not.
    """

    prepared: Prepared
    levers: tuple[Factor, ...]
    plan: CalibrationPlan
    left_out: Mapping[str, str]


def prepare(path: Path, replications: int) -> Asked:
    """Read a calibration file and set each assumption to both ends of its range. Raises Faults."""
    prepared = load_calibration(path)
    model = prepared.model
    baseline = ResolvedScenario(BASELINE, model)
    scenarios = {BASELINE: baseline}
    levers: list[Factor] = []
    left_out: dict[str, str] = {}
    for at, value in sourced_values(model):
        name = dotted(at)
        if value.source != "assumption":
            continue
        if at[0] in PRICES:
            left_out[name] = "a price, which moves costs alone"
            continue
        lever = factor_of_value(at, value) if isinstance(value, Changeable) else None
        ends = {} if lever is None else _at_ends(baseline, lever)
        if lever is None or not ends:
            left_out[name] = "shares, weights, or no range that it could go over"
            continue
        levers.append(lever)
        scenarios.update({_variant(len(levers), end): other for end, other in ends.items()})
    plan = replace(
        prepared.plan,
        scenarios=scenarios,
        replications=replications,
        brief=True,
        asked={**prepared.plan.asked, "influence": [lever.path for lever in levers]},
    )
    return Asked(prepared, tuple(levers), plan, left_out)


def _at_ends(baseline: ResolvedScenario, lever: Factor) -> dict[str, ResolvedScenario]:
    """The model with an assumption at both ends of its range; none if one of them cannot be."""
    try:
        return {end: at_shares(baseline, {lever: share}) for end, share in ENDS}
    except Faults:
        return {}


def _variant(place: int, end: str) -> str:
    return f"n{place:04d}_{end}"


def influence(path: Path | str, given: Given, *, replications: int = 1) -> Path:
    """Move every assumption of a calibration's model; the folder of results.

    Raises Faults before anything is run, RunFailed while running: what is done stays, and the same
    plan goes on with it.
    """
    asked = prepare(Path(path), replications)
    final = given.out / f"{asked.prepared.name}-influence" / asked.plan.run_id
    if (final / MANIFEST).is_file() and not given.fresh:
        clear_old(final, given.say)
        given.say(f"This has been run before: {final} holds it. --fresh runs it again.")
        return final
    for note in under_other_environments(final, asked.plan):
        given.say(note)
    workers = default_workers() if given.workers is None else given.workers
    _allow(asked, given, workers)
    until = None if given.time_limit is None else time.monotonic() + given.time_limit
    with results_folder(final, asked.plan, resume=given.resume, fresh=given.fresh) as folder:
        try:
            with given.progress() as progress:
                runs = run_plan(
                    asked.plan,
                    folder=folder,
                    workers=workers,
                    keep_logs=False,
                    months=False,
                    all_can_run=False,
                    progress=progress,
                    until=until,
                )
        except TimeUp as up:
            raise TimeUp(f"The time limit of {given.time_limit:.0f} s is over.") from up
        found = {
            name: means(values) for name, values in target_values(asked.prepared, runs).items()
        }
        _write(asked, found, impossible(asked, runs), folder)
    return final


def influence_lines(path: Path | str, given: Given, *, replications: int = 1) -> list[str]:
    """What it would run and take, before anything runs. Raises Faults."""
    asked = prepare(Path(path), replications)
    workers = default_workers() if given.workers is None else given.workers
    lines = _allow(asked, given, workers)
    count = len(asked.levers)
    return [
        f"{asked.prepared.asked.title}: {count} assumptions, each at both ends of its range",
        f"{len(asked.left_out)} are left out: prices, shares, and those without a range",
        f"{len(asked.plan.models)} variants, {replications_text(replications)} each",
        *lines,
        "Nothing was run.",
    ]


def _allow(asked: Asked, given: Given, workers: int) -> list[str]:
    foreseen = forecast(asked.plan, workers=workers, out=given.out, keep_logs=False)
    refuse_beyond(foreseen, given.budget or MOST_CASES, shown_path(asked.prepared.path))
    return forecast_lines(foreseen)


# --- what moved -----------------------------------------------------------------------------


def means(values: Numbers) -> Numbers:
    """The mean of each target over the replications that gave one; NaN where none did."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    sums = np.where(there, values, 0.0).sum(axis=1)
    found = np.full(len(values), np.nan)
    np.divide(sums, count, out=found, where=count > 0)
    return found


def move_rows(asked: Asked, found: Mapping[str, Numbers]) -> list[dict[str, Any]]:
    """Each figure that an assumption moves by more than chance could, the furthest moved first."""
    targets = asked.prepared.targets.target
    low, high = (
        np.stack([found[_variant(place, end)] for place in range(1, len(asked.levers) + 1)])
        for end, _ in ENDS
    )
    rows: list[dict[str, Any]] = []
    for place, target in enumerate(targets):
        width = target.band[1] - target.band[0]
        moves = high[:, place] - low[:, place]
        margin = chance_margin(moves)
        if not 0 < width < math.inf:
            continue
        for number, move in enumerate(moves.tolist()):
            if not abs(move) > margin:
                continue
            rows.append(
                {
                    **_levels(asked.levers[number]),
                    "target": target.id,
                    "at_low": float(low[number, place]),
                    "as_it_is": float(found[BASELINE][place]),
                    "at_high": float(high[number, place]),
                    "share_of_allowed": abs(move) / width,
                    "chance": margin / width,
                }
            )
    return sorted(rows, key=lambda row: (-row["share_of_allowed"], row["number"], row["target"]))


def number_rows(asked: Asked, moves: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each assumption with the figure that it moves furthest, the most influential first."""
    first: dict[str, Mapping[str, Any]] = {}
    count: dict[str, int] = {}
    for row in moves:
        first.setdefault(row["number"], row)
        count[row["number"]] = count.get(row["number"], 0) + 1
    rows = []
    for lever in asked.levers:
        most = first.get(lever.path)
        rows.append(
            {
                **_levels(lever),
                "figures_moved": count.get(lever.path, 0),
                "target": most["target"] if most else "",
                "at_low": most["at_low"] if most else None,
                "at_high": most["at_high"] if most else None,
                "share_of_allowed": most["share_of_allowed"] if most else 0.0,
            }
        )
    return sorted(rows, key=lambda row: (-row["share_of_allowed"], row["number"]))


def _levels(lever: Factor) -> dict[str, Any]:
    part = lever.parts[0]
    return {
        "number": lever.path,
        "is_factor": part.scales,
        "low": float(f"{part.low:.6g}"),
        "level": float(f"{part.level:.6g}"),
        "high": float(f"{part.high:.6g}"),
    }


def unjudged(targets: Sequence[Target]) -> list[str]:
    """The targets that are only bounds: no width is allowed that a move could be a share of."""
    return [one.id for one in targets if not 0 < one.band[1] - one.band[0] < math.inf]


def impossible(asked: Asked, runs: Sequence[Replication]) -> set[str]:
    """The assumptions under one end of which some run came to no end, such as courts without staff.

    What the other runs say of them is the figure of those who got through.
    """
    stopped = {run.scenario for run in runs if run.cannot}
    return {
        lever.path
        for place, lever in enumerate(asked.levers, start=1)
        if stopped & {_variant(place, end) for end, _ in ENDS}
    }


def _write(
    asked: Asked, found: Mapping[str, Numbers], without: Collection[str], folder: Path
) -> None:
    moves = [row for row in move_rows(asked, found) if row["number"] not in without]
    numbers = [row for row in number_rows(asked, moves) if row["number"] not in without]
    prepared = asked.prepared
    content = {
        "kind": "influence",
        "title": prepared.asked.title,
        "run_id": asked.plan.run_id,
        "plan_hash": asked.plan.hash,
        "model": prepared.asked.model,
        "model_hash": prepared.model_hash,
        "seed": asked.plan.seed,
        "replications": asked.plan.replications,
        "study_from": asked.plan.study_from.isoformat(),
        "study_to": asked.plan.study_to.isoformat(),
        "numbers": len(numbers),
        "figures": {one.id: one.title for one in prepared.targets.target},
        "units": {one.id: one.unit for one in prepared.targets.target},
        "unjudged": unjudged(prepared.targets.target),
        "left_out": {**asked.left_out, **dict.fromkeys(sorted(without), NO_END)},
        "versions": versions(),
        "commit": commit(),
    }
    write_csv(numbers, folder / TABLE)
    write_csv(moves, folder / MOVES)
    content |= hashes_of(folder, (TABLE, MOVES))
    write_json(content, folder / MANIFEST)


def publish(final: Path, calibration: Path) -> Path:
    """Put the table and what it was made from beside the calibration file; where the table is."""
    targets = published(calibration)
    for source, target in targets.items():
        write_output((final / source).read_bytes(), target, "influence")
    return targets[TABLE]


def published(calibration: Path) -> dict[str, Path]:
    """Where the manifest and the table of an influence study go, beside the calibration file."""
    table = calibration.with_name(f"{calibration.stem}_{TABLE}")
    return {MANIFEST: table.with_suffix(".json"), TABLE: table}
