"""Screening: move each assumption over its range alone and measure how far published figures move.

Each assumption goes to both ends of its range while all others stay, with the same cases and the
same random numbers. The move of a figure is a share of the width of its allowed band. Monte Carlo
error is estimated from the moves themselves, most of which are noise (Lenth's margin, as for
experiments without replication).
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final, TypedDict

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator

from cjsim.calibration.history_matching.config import (
    CalibrationPlan,
    PreparedCalibration,
    load_calibration,
)
from cjsim.calibration.history_matching.run import CalibrationOptions, target_values
from cjsim.calibration.targets import Target
from cjsim.errors import Fault, Faults
from cjsim.experiment.designs.parameters import Factor, at_shares, factor_of_value
from cjsim.experiment.designs.screening import chance_margin
from cjsim.experiment.executors.executor import TimeUp, default_workers
from cjsim.experiment.forecast import forecast, forecast_lines, refuse_beyond
from cjsim.experiment.hashes import hashes_of
from cjsim.experiment.manifest import commit, versions
from cjsim.experiment.manifest_records import Record
from cjsim.experiment.notices import replications_text
from cjsim.experiment.replication import Replication
from cjsim.experiment.replications import run_plan
from cjsim.experiment.run_folder import clear_old, results_folder, under_other_environments
from cjsim.formatting.numbers import number
from cjsim.formatting.tables import text_table
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.bounds import json_object_in
from cjsim.schema.csv_files import read_table
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
"""The default limit of cases: two runs for each assumption need more than other studies."""

ENDS: Final = (("low", 0.0), ("high", 1.0))
NO_END: Final = "at one end of its range no run finishes"
PRICES: Final = ("costs",)
"""Tables with prices: they move no published figure."""


@dataclass(frozen=True)
class ScreeningSetup:
    """A screening before it runs: the calibration, the assumptions to move, and the variants.

    `left_out` gives the reason for each assumption that is not moved.
    """

    prepared: PreparedCalibration
    factors: tuple[Factor, ...]
    plan: CalibrationPlan
    left_out: Mapping[str, str]


def prepare(path: Path, replications: int) -> ScreeningSetup:
    """Read a calibration file and set each assumption to both ends of its range. Raises Faults."""
    prepared = load_calibration(path)
    model = prepared.model
    baseline = ResolvedScenario(BASELINE, model)
    scenarios = {BASELINE: baseline}
    factors: list[Factor] = []
    left_out: dict[str, str] = {}
    for at, value in sourced_values(model):
        name = dotted(at)
        if value.source != "assumption":
            continue
        if at[0] in PRICES:
            left_out[name] = "a price, which moves costs alone"
            continue
        factor = factor_of_value(at, value) if isinstance(value, Changeable) else None
        ends = {} if factor is None else _at_ends(baseline, factor)
        if factor is None or not ends:
            left_out[name] = "shares, weights, or no range"
            continue
        factors.append(factor)
        scenarios.update({_variant(len(factors), end): other for end, other in ends.items()})
    plan = replace(
        prepared.plan,
        scenarios=scenarios,
        replications=replications,
        brief=True,
        settings={
            **(prepared.plan.settings or {}),
            "influence": [factor.path for factor in factors],
        },
    )
    return ScreeningSetup(prepared, tuple(factors), plan, left_out)


def _at_ends(baseline: ResolvedScenario, factor: Factor) -> dict[str, ResolvedScenario]:
    """The model with an assumption at both ends of its range; empty if one is not valid."""
    try:
        return {end: at_shares(baseline, {factor: share}) for end, share in ENDS}
    except Faults:
        return {}


def _variant(index: int, end: str) -> str:
    return f"n{index:04d}_{end}"


def run_screening(path: Path | str, options: CalibrationOptions, *, replications: int = 1) -> Path:
    """Move every assumption of a calibration's model; the folder of results.

    Raises Faults before anything is run, RunFailed while running. Finished runs stay, and the same
    plan resumes from them.
    """
    setup = prepare(Path(path), replications)
    final = options.out / f"{setup.prepared.name}-influence" / setup.plan.run_id
    if (final / MANIFEST).is_file() and not options.fresh:
        clear_old(final, options.say)
        options.say(f"Results of this plan exist: {final}. Use --fresh to run it again.")
        return final
    for note in under_other_environments(final, setup.plan):
        options.say(note)
    workers = default_workers() if options.workers is None else options.workers
    _allow(setup, options, workers)
    until = None if options.time_limit is None else time.monotonic() + options.time_limit
    with results_folder(final, setup.plan, resume=options.resume, fresh=options.fresh) as folder:
        try:
            with options.progress() as progress:
                runs = run_plan(
                    setup.plan,
                    folder=folder,
                    workers=workers,
                    keep_logs=False,
                    months=False,
                    all_can_run=False,
                    progress=progress,
                    until=until,
                )
        except TimeUp as up:
            raise TimeUp(f"The time limit of {options.time_limit:.0f} s has passed.") from up
        by_variant = {
            name: mean_by_target(values)
            for name, values in target_values(setup.prepared, runs).items()
        }
        _write(setup, by_variant, assumptions_without_end(setup, runs), folder)
    return final


def screening_plan(
    path: Path | str, options: CalibrationOptions, *, replications: int = 1
) -> list[str]:
    """The runs and their forecast, before anything runs. Raises Faults."""
    setup = prepare(Path(path), replications)
    workers = default_workers() if options.workers is None else options.workers
    lines = _allow(setup, options, workers)
    count = len(setup.factors)
    return [
        f"{setup.prepared.settings.title}: {count} assumptions, each at both ends of its range",
        f"{len(setup.left_out)} are left out: prices, shares, and those without a range",
        f"{len(setup.plan.models)} variants, {replications_text(replications)} each",
        *lines,
        "Nothing was run.",
    ]


def _allow(setup: ScreeningSetup, options: CalibrationOptions, workers: int) -> list[str]:
    foreseen = forecast(setup.plan, workers=workers, out=options.out, keep_logs=False)
    refuse_beyond(foreseen, options.budget or MOST_CASES, shown_path(setup.prepared.path))
    return forecast_lines(foreseen)


# --- moves of figures -----------------------------------------------------------------------------


def mean_by_target(values: Numbers) -> Numbers:
    """The mean of each target over the replications with a value; NaN without any."""
    has_value = np.isfinite(values)
    count = has_value.sum(axis=1)
    sums = np.where(has_value, values, 0.0).sum(axis=1)
    averages = np.full(len(values), np.nan)
    np.divide(sums, count, out=averages, where=count > 0)
    return averages


class _LevelFields(TypedDict):
    number: str
    is_factor: bool
    low: float
    level: float
    high: float


class _Level(Record):
    """An assumption with its level in the model and the ends of its range."""

    number: str
    is_factor: bool
    low: float
    level: float
    high: float


class MoveRow(_Level):
    """A figure that an assumption moves by more than Monte Carlo error.

    `share_of_allowed` is the move, and `chance` the margin of error, over the allowed width.
    """

    target: str
    at_low: float
    as_it_is: float
    at_high: float
    share_of_allowed: float
    chance: float


class AssumptionRow(_Level):
    """An assumption with the figure that it moves furthest, if it moves any."""

    figures_moved: int
    target: str
    at_low: Annotated[float | None, BeforeValidator(lambda cell: None if cell == "" else cell)]
    at_high: Annotated[float | None, BeforeValidator(lambda cell: None if cell == "" else cell)]
    share_of_allowed: float


class ScreeningRecord(Record):
    """The manifest of a screening, as far as reports need it.

    `figures` and `units` are by target; `left_out` gives the reason by assumption.
    """

    title: str
    model_hash: str
    study_from: dt.date
    study_to: dt.date
    replications: int
    figures: dict[str, str]
    units: dict[str, str]
    left_out: dict[str, str]


def move_rows(setup: ScreeningSetup, by_variant: Mapping[str, Numbers]) -> list[MoveRow]:
    """Every move of a figure by more than Monte Carlo error, the largest first."""
    targets = setup.prepared.targets.target
    low, high = (
        np.stack([by_variant[_variant(index, end)] for index in range(1, len(setup.factors) + 1)])
        for end, _ in ENDS
    )
    rows: list[MoveRow] = []
    for index, target in enumerate(targets):
        width = target.band[1] - target.band[0]
        moves = high[:, index] - low[:, index]
        margin = chance_margin(moves)
        if not 0 < width < math.inf:
            continue
        rows += [
            MoveRow(
                **_level(factor),
                target=target.id,
                at_low=float(low[row, index]),
                as_it_is=float(by_variant[BASELINE][index]),
                at_high=float(high[row, index]),
                share_of_allowed=abs(move) / width,
                chance=margin / width,
            )
            for row, (factor, move) in enumerate(zip(setup.factors, moves.tolist(), strict=True))
            if abs(move) > margin
        ]
    return sorted(rows, key=lambda row: (-row.share_of_allowed, row.number, row.target))


def assumption_rows(setup: ScreeningSetup, moves: Sequence[MoveRow]) -> list[AssumptionRow]:
    """Each assumption with the figure that it moves furthest, the most influential first."""
    first: dict[str, MoveRow] = {}
    for move in moves:
        first.setdefault(move.number, move)
    count = Counter(move.number for move in moves)
    rows = []
    for factor in setup.factors:
        most = first.get(factor.path)
        rows.append(
            AssumptionRow(
                **_level(factor),
                figures_moved=count[factor.path],
                target=most.target if most else "",
                at_low=most.at_low if most else None,
                at_high=most.at_high if most else None,
                share_of_allowed=most.share_of_allowed if most else 0.0,
            )
        )
    return sorted(rows, key=lambda row: (-row.share_of_allowed, row.number))


def _level(factor: Factor) -> _LevelFields:
    part = factor.parts[0]
    return {
        "number": factor.path,
        "is_factor": part.scales,
        "low": float(f"{part.low:.6g}"),
        "level": float(f"{part.level:.6g}"),
        "high": float(f"{part.high:.6g}"),
    }


def bounds_only(targets: Sequence[Target]) -> list[str]:
    """The targets that are only bounds: a move has no allowed width to be a share of."""
    return [target.id for target in targets if not 0 < target.band[1] - target.band[0] < math.inf]


def assumptions_without_end(setup: ScreeningSetup, runs: Sequence[Replication]) -> set[str]:
    """The assumptions with a run that did not finish at one end, such as courts without staff.

    Their other runs would only describe the cases that finished.
    """
    stopped = {run.scenario for run in runs if run.cannot}
    return {
        factor.path
        for index, factor in enumerate(setup.factors, start=1)
        if stopped & {_variant(index, end) for end, _ in ENDS}
    }


def _write(
    setup: ScreeningSetup, by_variant: Mapping[str, Numbers], without: Collection[str], folder: Path
) -> None:
    moves = [row for row in move_rows(setup, by_variant) if row.number not in without]
    assumptions = [row for row in assumption_rows(setup, moves) if row.number not in without]
    prepared = setup.prepared
    content = {
        "kind": "influence",
        "title": prepared.settings.title,
        "run_id": setup.plan.run_id,
        "plan_hash": setup.plan.hash,
        "model": prepared.settings.model,
        "model_hash": prepared.model_hash,
        "seed": setup.plan.seed,
        "replications": setup.plan.replications,
        "study_from": setup.plan.study_from.isoformat(),
        "study_to": setup.plan.study_to.isoformat(),
        "numbers": len(assumptions),
        "figures": {target.id: target.title for target in prepared.targets.target},
        "units": {target.id: target.unit for target in prepared.targets.target},
        "unjudged": bounds_only(prepared.targets.target),
        "left_out": {**setup.left_out, **dict.fromkeys(sorted(without), NO_END)},
        "versions": versions(),
        "commit": commit(),
    }
    write_csv([row.model_dump() for row in assumptions], folder / TABLE)
    write_csv([row.model_dump() for row in moves], folder / MOVES)
    content |= hashes_of(folder, (TABLE, MOVES))
    write_json(content, folder / MANIFEST)


def publish(final: Path, calibration: Path) -> Path:
    """Copy the table and its manifest beside the calibration file; the path of the table."""
    targets = published(calibration)
    for source, target in targets.items():
        write_output((final / source).read_bytes(), target, "influence")
    return targets[TABLE]


def published(calibration: Path) -> dict[str, Path]:
    """The paths of the published manifest and table, beside the calibration file."""
    table = calibration.with_name(f"{calibration.stem}_{TABLE}")
    return {MANIFEST: table.with_suffix(".json"), TABLE: table}


COLUMNS: Final = tuple(AssumptionRow.model_fields)
MOST_SHOWN: Final = 20
"""Rows shown on a terminal; the page and the table have all."""


@dataclass(frozen=True)
class ScreeningResult:
    """A table of assumptions, the most influential first, with its manifest."""

    rows: tuple[AssumptionRow, ...]
    about: ScreeningRecord

    @property
    def shares(self) -> dict[str, float]:
        """The share of the allowed width that each assumption moves its figure by, by path."""
        return {row.number: row.share_of_allowed for row in self.rows}

    @property
    def moving(self) -> list[AssumptionRow]:
        """The rows of assumptions that move a figure by more than Monte Carlo error."""
        return [row for row in self.rows if row.figures_moved]


def read_screening(table: Path) -> ScreeningResult | None:
    """The screening published beside a calibration, None without one. Raises Faults."""
    beside = table.with_suffix(".json")
    if not table.is_file() or not beside.is_file():
        return None
    try:
        cells = read_table(table, "table of influence", COLUMNS)
        rows = tuple(AssumptionRow.model_validate(row.cells) for row in cells)
        about = ScreeningRecord.model_validate(json_object_in(beside))
        influence = ScreeningResult(rows, about)
        # A table that cannot be shown is refused as a whole.
        screening_text(influence), screening_markdown(influence, "")
    except (Faults, OSError, ValueError, LookupError, TypeError, AttributeError):
        wrong = "the table or its manifest cannot be read."
        raise Faults(
            [Fault(shown_path(table), "", wrong, "Make both again with cjsim influence.")]
        ) from None
    return influence


def published_screening(root: Path, model: str) -> ScreeningResult | None:
    """The published screening of a model, by the name of its folder; None without one."""
    return read_screening(root / "calibration" / f"{model}_{TABLE}")


def screening_text(influence: ScreeningResult) -> str:
    """The most influential assumptions as a table, with counts."""
    about, moving = influence.about, influence.moving
    headings = ("number", "range", "moves most", "from its low to its high end", "of allowed")
    rows = [(row.number, *_cells(row, about)) for row in moving[:MOST_SHOWN]]
    more = len(moving) - len(rows)
    lines = [f"{about.title}: {_of(influence)}", ""]
    if rows:
        lines += [text_table(headings, rows, numbers={4}), ""]
    if more > 0:
        lines.append(f"And {more} more.")
    lines.append(_left_out(about))
    return "\n".join(lines)


def screening_markdown(influence: ScreeningResult, model_hash: str) -> list[str]:
    """The ranking on the page of assumptions."""
    about = influence.about
    days = (about.study_from, about.study_to)
    period = " to ".join(f"{day.day} {day:%B %Y}" for day in days)
    count = replications_text(about.replications)
    lines = [
        "### By influence",
        "",
        "Each assumption alone goes to both ends of its range, with the same cases and random",
        "numbers. The table shows the move of the published figures of the scoreboard as a share",
        f"of their allowed width (1: all of it), in {count} of {period}.",
        _of(influence),
        _left_out(about),
        "A number can also move other measures, such as contacts with victims.",
    ]
    if about.model_hash != model_hash:
        lines += ["", "**Numbers of the model have been changed since this was made.**"]
    lines += [
        "",
        "| | number | range | moves most | from its low to its high end | of allowed | figures |",
        "| ---: | --- | --- | --- | --- | ---: | ---: |",
    ]
    for rank, row in enumerate(influence.moving, start=1):
        cells = " | ".join(cell.replace("|", "\\|") for cell in _cells(row, about))
        lines.append(f"| {rank} | `{row.number}` | {cells} | {row.figures_moved} |")
    return lines


def _of(influence: ScreeningResult) -> str:
    all_of_it = sum(row.share_of_allowed >= 1 for row in influence.moving)
    return (
        f"{len(influence.moving)} of {len(influence.rows)} assumptions move a figure by more than "
        f"chance, {all_of_it} of them by the whole allowed width or more."
    )


def _left_out(about: ScreeningRecord) -> str:
    why = Counter(about.left_out.values())
    reasons = "; ".join(f"{count} ({reason})" for reason, count in sorted(why.items()))
    return f"Left out: {reasons}." if reasons else "None is left out."


def _cells(row: AssumptionRow, about: ScreeningRecord) -> Sequence[str]:
    """The range, the figure it moves most, the values at both ends, and the share."""
    times = " times" if row.is_factor else ""
    unit = about.units[row.target]
    ends = ["?" if end is None else number(end, unit) for end in (row.at_low, row.at_high)]
    suffix = "" if "%" in ends[0] else f" {unit}"
    return (
        f"{row.low:.4g} to {row.high:.4g}{times}",
        about.figures[row.target],
        f"{ends[0]} to {ends[1]}{suffix}",
        f"{row.share_of_allowed:.2f}",
    )
