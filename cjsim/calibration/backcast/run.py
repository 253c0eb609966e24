"""Run a back-cast: parameter draws beside the replications, and the table by quarter."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from cjsim.calibration.backcast.scores import (
    Numbers,
    Quarter,
    quarter_ends,
    quarters_of,
    read_forecasts,
    read_series,
)
from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.experiment.bounds import Bounds, Kind, problem_with_file
from cjsim.experiment.designs.sweep import latin_hypercube
from cjsim.experiment.hashes import SHOW_ALL, hash_problem, listed_hashes
from cjsim.experiment.kpi_tables import kpi_table
from cjsim.experiment.open_ages import read_bands
from cjsim.experiment.replications import Progress, run_plan
from cjsim.experiment.results import Results, read_results
from cjsim.experiment.run import folder_name, make_plan
from cjsim.experiment.run_folder import results_folder
from cjsim.scenarios.load import load_experiment
from cjsim.scenarios.scenario import replace_values, scenarios_of
from cjsim.schema.backcast import Backcast, Unknown
from cjsim.schema.base import BASELINE, Duration, Number, Profile
from cjsim.schema.checks.whole_model import check as check_model
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import KeyPath, dotted, shown_path
from cjsim.schema.model import Model, in_its_jurisdiction
from cjsim.schema.odds import OddsFactor
from cjsim.schema.parameter_paths import Changeable, changeable_values
from cjsim.storage.outputs import results_file
from cjsim.storage.plain import PlainTable
from cjsim.storage.tables import read_table, write_parquet, write_table

TABLE: Final = "backcast.parquet"
KNOWN: Final = "kpis.parquet"
MOST_QUARTERS: Final = 400


def check_backcast(experiment: Path) -> None:
    """Raise Faults for a back-cast that cannot be made after its run.

    The published files are read, and the unknown values tried at both ends of their factors.
    """
    loaded = load_experiment(experiment)
    if loaded.backcast is None:
        return
    faults: list[Fault] = []
    file = shown_path(loaded.path)
    origin = loaded.backcast.origin
    baseline = make_plan(loaded, replications=1).models[BASELINE]
    unknown = loaded.backcast.unknown
    checks: list[Callable[[], object]] = [
        lambda: read_series(loaded.published_file or Path(), origin),
        lambda: read_forecasts(loaded.published_file or Path()),
        lambda: loaded.ages_file and read_bands(loaded.ages_file),
        *(
            partial(at_factors, baseline, {value: value.factor[end] for value in unknown}, file)
            for end in (0, 1)
        ),
    ]
    for check in checks:
        try:
            check()
        except Faults as error:
            faults += [fault for fault in error.faults if fault not in faults]
    if faults:
        raise Faults(faults)


def after_run(
    experiment: Path,
    folder: Path,
    *,
    out: Path,
    workers: int | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None],
) -> Path | None:
    """Write the back-cast of a run into its folder, if its experiment has one; its path.

    Raises Faults before any draw is run, RunFailed while running.
    """
    loaded = load_experiment(experiment)
    if loaded.backcast is None or (folder / TABLE).is_file():
        return folder / TABLE if loaded.backcast is not None else None
    results = read_results(folder)
    drawn = _draws(loaded, loaded.backcast, results, out, workers, progress)
    published = read_series(loaded.published_file or Path(), loaded.backcast.origin)
    levels = levels_by_quarter(results.kpis, BASELINE, loaded.backcast)
    first = {end: values[0] for end, values in levels.items()}
    shifts = {end: drawn[end] - first[end] for end in levels}
    model = results.model(BASELINE)
    quarters = quarters_of(
        levels,
        shifts,
        published,
        origin=loaded.backcast.origin,
        judged_to=loaded.backcast.judged_to,
        one_in=model.one_in,
    )
    write_quarters(quarters, folder / TABLE)
    say(f"{loaded.backcast.draws} draws of uncertain parameters added beside the replications.")
    return folder / TABLE


def _draws(
    experiment: Experiment,
    settings: Backcast,
    results: Results,
    out: Path,
    workers: int | None,
    progress: Progress | None,
) -> dict[dt.date, Numbers]:
    """The level of each draw at each quarter end, with the random numbers of replication 0."""
    full_plan = make_plan(experiment, replications=1, seed=results.metadata.seed)
    baseline = full_plan.models[BASELINE]
    shares = latin_hypercube(settings.draws, len(settings.unknown), full_plan.seed)
    models = {
        f"d{number:04d}": at_factors(
            baseline,
            {
                unknown: unknown.factor[0] + share * (unknown.factor[1] - unknown.factor[0])
                for unknown, share in zip(settings.unknown, row, strict=True)
            },
            shown_path(experiment.path),
        )
        for number, row in enumerate(shares.tolist(), start=1)
    }
    plan = dataclasses.replace(full_plan, scenarios=scenarios_of(models), brief=True, aim=None)
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
    by_draw = [levels_by_quarter(kpis, name, settings) for name in models]
    return {end: np.array([levels[end][0] for levels in by_draw]) for end in by_draw[0]}


def levels_by_quarter(kpis: pa.Table, scenario: str, settings: Backcast) -> dict[dt.date, Numbers]:
    """The measure at the end of each quarter, by replication."""
    mask = pc.equal(kpis.column("scenario"), scenario)
    for column, value in (("kpi", settings.kpi), ("court", settings.court), ("group", "")):
        mask = pc.and_(mask, pc.equal(kpis.column(column), value))
    months: dict[str, list[tuple[int, float]]] = {}
    for row in kpis.filter(mask).select(["period", "replication", "value"]).to_pylist():
        months.setdefault(row["period"], []).append((row["replication"], row["value"]))
    month_names = sorted(month for month in months if month != "all")
    first, last = (
        dt.date.fromisoformat(f"{month}-01") for month in (month_names[0], month_names[-1])
    )
    ends = quarter_ends(first, last + dt.timedelta(days=31))
    return {
        end: np.array([value for _, value in sorted(months[month])])
        for end in ends
        if (month := end.isoformat()[:7]) in months
    }


@in_its_jurisdiction
def at_factors(model: Model, factors: Mapping[Unknown, float], file: str) -> Model:
    """A model with some values multiplied in their periods. Raises Faults."""
    values = {dotted(at): (at, value) for at, value in changeable_values(model)}
    new: dict[KeyPath, Changeable] = {}
    faults = []
    for index, (unknown, factor) in enumerate(factors.items()):
        key = f"backcast.unknown.{index}.path"
        if unknown.path not in values:
            wrong = f'the model has no value "{unknown.path}".'
            remedy = did_you_mean(unknown.path, list(values))
            faults.append(Fault(file, key, wrong, remedy, "backcast"))
            continue
        at, value = values[unknown.path]
        try:
            new[at] = scaled(new.get(at, value), unknown, factor)
        except (ValidationError, Slip) as slip:
            wrong = f"{unknown.path} cannot be multiplied by {factor:.3g}: {slip}"
            faults.append(Fault(file, key, wrong, "Narrow its factor.", "backcast"))
    if not faults:
        varied = replace_values(model, new)
        known = set(check_model(model))
        faults = [
            Fault(file, dotted(problem.at), problem.wrong, problem.remedy, "backcast")
            for problem in check_model(varied)
            if problem not in known
        ]
    if faults:
        raise Faults(faults)
    return varied


def scaled(value: Changeable, unknown: Unknown, factor: float) -> Changeable:
    """A value multiplied in the period of the unknown; probabilities and shares stay below 1.

    The declared range is widened to include the product: the factor sets the range.
    """
    entry: PlainTable = value.model_dump(by_alias=True)
    most = 1.0 if unknown.path.endswith((".probability", ".sitting_share", ".available")) else None
    if not isinstance(value, Number | Duration | Profile | OddsFactor):
        raise Slip("only numbers, lengths and profiles can be multiplied.")
    for part in (entry, *entry.get("changes", ())):
        if unknown.holds_on(part.get("from")):
            _multiply(part, factor, most)
    return type(value).model_validate(entry, by_alias=True, by_name=False)


def _multiply(entry: PlainTable, factor: float, most: float | None) -> None:
    def times(number: float) -> float:
        product = float(f"{number * factor:.12g}")
        return product if most is None else min(product, most)

    for key in ("value", "factor", "median", "p90", "mean", "fixed"):
        content = entry.get(key)
        if isinstance(content, Mapping):
            entry[key] = {word: times(number) for word, number in content.items()}
        elif isinstance(content, Sequence):
            entry[key] = tuple(times(number) for number in content)
        elif content is not None:
            entry[key] = times(content)
    if entry.get("range") is not None:
        low, high = entry["range"]
        content = entry.get("value", entry.get("factor"))
        numbers = [*content.values()] if isinstance(content, Mapping) else [content]
        in_bands = [number for number in numbers if isinstance(number, float)]
        entry["range"] = (min([low, *in_bands]), max([high, *in_bands]))


# --- the table ------------------------------------------------------------------------------


def write_quarters(quarters: Sequence[Quarter], path: Path) -> None:
    """Write backcast.parquet: a row for each quarter end; unpublished figures are null."""
    rows = [dataclasses.asdict(quarter) for quarter in quarters]
    for row in rows:
        row["published"] = None if math.isnan(row["published"]) else row["published"]
    with results_file(path) as file:
        write_parquet(pa.Table.from_pylist(rows, _schema()), file)


def read_quarters(path: Path) -> list[Quarter]:
    """Read the table. Raises Faults without one."""
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
    """The problem with a table: damaged, or changed since it was written; empty if none."""
    kinds: dict[str, Kind] = {"end": "day", "phase": "text"}
    columns = {
        column.name: kinds.get(column.name, "number") for column in dataclasses.fields(Quarter)
    }
    own = listed_hashes(path.parent).get(path.name)
    wrong = problem_with_file(path, Bounds(columns, MOST_QUARTERS))
    return wrong or ("" if own is None else hash_problem(path.parent, path.name, own))


def _schema() -> pa.Schema:
    kinds = {"end": pa.date32(), "phase": pa.string()}
    return pa.schema(
        [(field.name, kinds.get(field.name, pa.float64())) for field in dataclasses.fields(Quarter)]
    )
