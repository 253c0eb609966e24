"""A back-cast run: draws of what nobody knows beside the replications, and what came of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from cjsim.calibrate.backcast.judged import (
    Numbers,
    Quarter,
    quarter_ends,
    quarters_of,
    read_published,
)
from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.experiment.bounds import Bounds, Kind, wrong_with
from cjsim.experiment.folder import results_folder
from cjsim.experiment.hashes import SHOW_ALL, changed, listed
from cjsim.experiment.replications import Progress, run_plan
from cjsim.experiment.results import Results, read_results
from cjsim.experiment.run import folder_name, make_plan
from cjsim.experiment.store import kpi_table
from cjsim.experiment.studies.sweep import latin_hypercube
from cjsim.spec.backcast import Backcast, Unknown
from cjsim.spec.base import BASELINE, Duration, Number, Profile
from cjsim.spec.checks.whole import check
from cjsim.spec.experiment import Experiment
from cjsim.spec.files import KeyPath, dotted, shown_path
from cjsim.spec.load import load_experiment
from cjsim.spec.model import Model
from cjsim.spec.odds import OddsFactor
from cjsim.spec.resolve import replaced
from cjsim.spec.values import Changeable, changeable_values
from cjsim.storage.outputs import results_file
from cjsim.storage.tables import read_table, write_parquet, write_table

TABLE: Final = "backcast.parquet"
KNOWN: Final = "kpis.parquet"
MOST_QUARTERS: Final = 400


def after_run(
    experiment: Path,
    folder: Path,
    *,
    out: Path,
    workers: int | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None],
) -> Path | None:
    """Write the back-cast of a run into its folder, if its experiment asks for one; its table.

    Raises Faults before any draw is run, RunFailed while running.
    """
    asked = load_experiment(experiment)
    if asked.backcast is None or (folder / TABLE).is_file():
        return folder / TABLE if asked.backcast is not None else None
    results = read_results(folder)
    drawn = _draws(asked, asked.backcast, results, out, workers, progress)
    published = read_published(asked.published_file or Path())
    levels = levels_by_quarter(results.kpis, BASELINE, asked.backcast)
    first = {end: values[0] for end, values in levels.items()}
    shifts = {end: drawn[end] - first[end] for end in levels}
    model = results.model(BASELINE)
    quarters = quarters_of(
        levels, shifts, published, origin=asked.backcast.origin,
        judged_to=asked.backcast.judged_to, one_in=model.one_in,
    )  # fmt: skip
    write_quarters(quarters, folder / TABLE)
    say(f"{asked.backcast.draws} draws of what nobody knows stand beside the replications.")
    return folder / TABLE


def _draws(
    experiment: Experiment,
    asked: Backcast,
    results: Results,
    out: Path,
    workers: int | None,
    progress: Progress | None,
) -> dict[dt.date, Numbers]:
    """The level of each draw at each quarter end, at the luck of the first replication."""
    whole = make_plan(experiment, replications=1, seed=int(results.manifest["seed"]))
    baseline = whole.models[BASELINE]
    shares = latin_hypercube(asked.draws, len(asked.unknown), whole.seed)
    models = {
        f"d{number:04d}": at_factors(
            baseline,
            {
                one: one.factor[0] + share * (one.factor[1] - one.factor[0])
                for one, share in zip(asked.unknown, row, strict=True)
            },
            shown_path(experiment.path),
        )
        for number, row in enumerate(shares.tolist(), start=1)
    }
    plan = dataclasses.replace(whole, models=models, brief=True, aim=None)
    final = out / f"{folder_name(experiment)}-draws" / plan.run_id
    if (final / KNOWN).is_file():
        kpis = read_table(final / KNOWN)
    else:
        with results_folder(final, plan, resume=True, fresh=False) as folder:
            runs = run_plan(
                plan, folder=folder, workers=workers, keep_logs=False, progress=progress
            )
            kpis = kpi_table({(run.scenario, run.replication): run.kpis for run in runs}, [*models])
            write_table(kpis, folder / KNOWN)
    by_draw = [levels_by_quarter(kpis, name, asked) for name in models]
    return {end: np.array([one[end][0] for one in by_draw]) for end in by_draw[0]}


def levels_by_quarter(kpis: pa.Table, scenario: str, asked: Backcast) -> dict[dt.date, Numbers]:
    """The measure at the end of each quarter, one value for each replication, in their order."""
    mask = pc.equal(kpis.column("scenario"), scenario)
    for column, value in (("kpi", asked.kpi), ("court", asked.court), ("group", "")):
        mask = pc.and_(mask, pc.equal(kpis.column(column), value))
    months: dict[str, list[tuple[int, float]]] = {}
    for row in kpis.filter(mask).select(["period", "replication", "value"]).to_pylist():
        months.setdefault(row["period"], []).append((row["replication"], row["value"]))
    there = sorted(month for month in months if month != "all")
    first, last = (dt.date.fromisoformat(f"{month}-01") for month in (there[0], there[-1]))
    ends = quarter_ends(first, last + dt.timedelta(days=31))
    return {
        end: np.array([value for _, value in sorted(months[month])])
        for end in ends
        if (month := end.isoformat()[:7]) in months
    }


def at_factors(model: Model, factors: Mapping[Unknown, float], file: str) -> Model:
    """A model with some of its values multiplied in their stretches of time. Raises Faults."""
    values = {dotted(at): (at, value) for at, value in changeable_values(model)}
    new: dict[KeyPath, Changeable] = {}
    faults = []
    for place, (one, factor) in enumerate(factors.items()):
        key = f"backcast.unknown.{place}.path"
        if one.path not in values:
            wrong = f'the model has no value "{one.path}".'
            remedy = did_you_mean(one.path, list(values))
            faults.append(Fault(file, key, wrong, remedy, "backcast"))
            continue
        at, value = values[one.path]
        try:
            new[at] = scaled(new.get(at, value), one, factor)
        except (ValidationError, Slip) as slip:
            wrong = f"{one.path} cannot be multiplied by {factor:.3g}: {slip}"
            faults.append(Fault(file, key, wrong, "Narrow its factor.", "backcast"))
    if not faults:
        found = replaced(model, (), new)
        known = set(check(model))
        faults = [
            Fault(file, dotted(one.at), one.wrong, one.remedy, "backcast")
            for one in check(found)
            if one not in known
        ]
    if faults:
        raise Faults(faults)
    return found


def scaled(value: Changeable, unknown: Unknown, factor: float) -> Changeable:
    """A value multiplied where the unknown bears on it; a chance and a share stay below 1.

    What lies outside its declared range afterwards has the range widened: the factor is the range.
    """
    entry: dict[str, Any] = value.model_dump(by_alias=True)
    most = 1.0 if unknown.path.endswith((".probability", ".sitting_share", ".available")) else None
    if not isinstance(value, Number | Duration | Profile | OddsFactor):
        raise Slip("only numbers, lengths and profiles can be multiplied.")
    for one in (entry, *entry.get("changes", ())):
        if unknown.holds_on(one.get("from")):
            _multiply(one, factor, most)
    return type(value).model_validate(entry, by_alias=True, by_name=False)


def _multiply(entry: dict[str, Any], factor: float, most: float | None) -> None:
    def times(number: float) -> float:
        product = float(f"{number * factor:.12g}")
        return product if most is None else min(product, most)

    for key in ("value", "factor", "median", "p90", "mean", "fixed"):
        held = entry.get(key)
        if isinstance(held, Mapping):
            entry[key] = {word: times(number) for word, number in held.items()}
        elif isinstance(held, Sequence):
            entry[key] = tuple(times(number) for number in held)
        elif held is not None:
            entry[key] = times(held)
    if entry.get("range") is not None:
        low, high = entry["range"]
        held = entry.get("value", entry.get("factor"))
        numbers = [*held.values()] if isinstance(held, Mapping) else [held]
        inside = [number for number in numbers if isinstance(number, float)]
        entry["range"] = (min([low, *inside]), max([high, *inside]))


# --- the table ------------------------------------------------------------------------------


def write_quarters(quarters: Sequence[Quarter], path: Path) -> None:
    """The table backcast.parquet: a row for each quarter end; what is not published is null."""
    rows = [dataclasses.asdict(one) for one in quarters]
    for row in rows:
        row["published"] = None if math.isnan(row["published"]) else row["published"]
    with results_file(path) as file:
        write_parquet(pa.Table.from_pylist(rows, _schema()), file)


def read_quarters(path: Path) -> list[Quarter]:
    """The table, read again. Raises Faults where there is none."""
    if not path.is_file():
        wrong = "this run has no back-cast."
        remedy = "Run an experiment with a table [backcast]."
        raise Faults([Fault(str(path), "", wrong, remedy)])
    if wrong := _wrong_with(path):
        raise Faults([Fault(str(path.parent), path.name, wrong, SHOW_ALL)])
    rows = read_table(path).to_pylist()
    for row in rows:
        row["published"] = math.nan if row["published"] is None else row["published"]
    return [Quarter(**row) for row in rows]


def _wrong_with(path: Path) -> str:
    """What is wrong with the table of a back-cast: damaged, or not what was written."""
    kinds: dict[str, Kind] = {"end": "day", "phase": "text"}
    columns = {one.name: kinds.get(one.name, "number") for one in dataclasses.fields(Quarter)}
    own = listed(path.parent).get(path.name)
    wrong = wrong_with(path, Bounds(columns, MOST_QUARTERS))
    return wrong or ("" if own is None else changed(path.parent, path.name, own))


def _schema() -> pa.Schema:
    kinds = {"end": pa.date32(), "phase": pa.string()}
    return pa.schema([
        (field.name, kinds.get(field.name, pa.float64())) for field in dataclasses.fields(Quarter)
    ])  # fmt: skip
