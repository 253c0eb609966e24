"""Cost a finished run again from its logs, with other unit costs or in another price base."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.areas import area_totals
from cjsim.experiment.executors.executor import run_tasks
from cjsim.experiment.executors.processes import local_executor
from cjsim.experiment.kpi_tables import kpi_table
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import run_folder
from cjsim.experiment.results import Results
from cjsim.jurisdiction import jurisdiction_named, using
from cjsim.measures import measure_costs
from cjsim.scenarios.scaling import model_of_area
from cjsim.schema.areas import Areas
from cjsim.schema.base import Number, Spec
from cjsim.schema.checks.whole_model import check
from cjsim.schema.costs import Costs, UnitCost
from cjsim.schema.files import Document, Places, read_toml, shown_path
from cjsim.schema.folder import validate_parts
from cjsim.schema.model import Model
from cjsim.schema.register import register_near


class _File(Spec):
    """A file of unit costs: the tables of a model's costs.toml."""

    costs: Costs


def read_costs(file: Path, model: Model) -> Costs:
    """The costs of a file, checked against the model that they price. Raises Faults."""
    document = read_toml(file)
    if not isinstance(document, Document):
        raise Faults([document])
    places = Places(shown_path(file), [document])
    with using(jurisdiction_named(model.jurisdiction)):
        read, problems, _ = validate_parts(_File, document.data, ())
    if read is None:
        raise Faults(
            places.fault(problem.at, problem.wrong, problem.remedy) for problem in problems
        )
    costs: Costs = read.costs
    priced = model.model_copy(update={"costs": costs})
    register = register_near(file.parent)
    misfits = [misfit for misfit in check(priced, register=register) if misfit.at[0] == "costs"]
    if misfits:
        raise Faults(places.fault(misfit.at, misfit.wrong, misfit.remedy) for misfit in misfits)
    return costs


def with_costs(models: dict[str, Model], costs: Costs, file: Path) -> dict[str, Model]:
    """The models with other costs; declared costs and prices set by a scenario stay.

    Raises Faults when a scenario sets the price of something that the file does not cost.
    """
    baseline = next(iter(models.values()))
    new = {}
    faults = []
    for name, model in models.items():
        units = dict(costs.units)
        for word, unit in model.costs.units.items():
            before = baseline.costs.units.get(word)
            if before is None or unit == before:
                continue
            if word not in units:
                wrong = f'scenario "{name}" sets its price, and this file has no such unit cost.'
                remedy = did_you_mean(word, list(units))
                faults.append(Fault(shown_path(file), f"costs.units.{word}", wrong, remedy))
                continue
            units[word] = _with_prices_set(units[word], before, unit)
        priced = costs.model_copy(update={"units": units, "declared": model.costs.declared})
        new[name] = model.model_copy(update={"costs": priced})
    faults += _declared_years(new, file)
    if faults:
        raise Faults(faults)
    return new


def _with_prices_set(unit: UnitCost, before: UnitCost, after: UnitCost) -> UnitCost:
    """A unit cost with the dated prices that a scenario adds to the baseline."""
    own = [change for change in after.gbp.changes if change not in before.gbp.changes]
    changes = sorted(
        [*unit.gbp.changes, *own], key=lambda change: (change.from_, change.area or "")
    )
    gbp: Number = unit.gbp.model_copy(update={"changes": tuple(changes)})
    return unit.model_copy(update={"gbp": gbp})


def _declared_years(models: dict[str, Model], file: Path) -> list[Fault]:
    faults = []
    for model in models.values():
        for declared in model.costs.declared:
            if declared.price_year not in model.costs.deflator:
                wrong = (
                    f'the deflator has no year "{declared.price_year}", in which scenario '
                    f'"{declared.scenario}" declares the cost of "{declared.line}".'
                )
                faults.append(Fault(shown_path(file), "costs.deflator", wrong, "Add it."))
    return faults


def in_prices_of(models: dict[str, Model], year: str) -> dict[str, Model]:
    """The models in another price base. Raises Faults when the deflator has no such year."""
    known = list(next(iter(models.values())).costs.deflator)
    if year not in known:
        wrong = f'the deflator has no year "{year}".'
        raise Faults([Fault("--price-base", "", wrong, f"Known: {', '.join(known)}.")])
    return {
        name: model.model_copy(
            update={"costs": model.costs.model_copy(update={"price_base": year})}
        )
        for name, model in models.items()
    }


LOGS = ("events", "cases", "capacity")


@dataclass(frozen=True)
class Costing:
    """The costs of a run by replication, in one price base.

    `models` are those of the run with the chosen unit costs. `kpis` holds the measures of money in
    the columns of kpis.parquet; `lines` every cost by scenario and replication; `crimes` the number
    of suspects by scenario, replication and offence group. Several areas are added up.
    """

    results: Results
    models: dict[str, Model]
    kpis: pa.Table
    lines: pa.Table
    crimes: dict[Task, dict[str, int]]

    @property
    def costs(self) -> Costs:
        """The baseline's costs: the price base and discount rate of everything."""
        return self.models[self.results.scenarios[0]].costs

    @property
    def scenarios(self) -> list[str]:
        """All scenarios but the baseline."""
        return self.results.scenarios[1:]

    def mask(self, scenario: str) -> pa.ChunkedArray:
        """Which of the lines are a scenario's."""
        return pc.equal(self.lines.column("scenario"), scenario)


@dataclass(frozen=True)
class _Stored:
    """The folder of the logs, and the models that cost them, scaled to each area."""

    folder: Path
    models: dict[str, Model]
    areas: Areas | None

    def model(self, task: Task) -> Model:
        """The model that a replication ran."""
        model = self.models[task.scenario]
        return model if self.areas is None else model_of_area(self.areas, model, task.area)


def recost(
    results: Results,
    *,
    costs: Path | None = None,
    price_base: str | None = None,
    workers: int | None = None,
) -> Costing:
    """Cost every replication of a run from its log. Raises Faults.

    `costs` is a file of unit costs that replaces those of the run, like costs.toml of a model;
    `price_base` is a financial year of the deflator, such as 2013-14.
    """
    models = priced_models(results, costs=costs, price_base=price_base)
    tasks = [
        Task(name, replication, area)
        for replication in range(results.metadata.replications)
        for area in ([*results.areas] or [results.area])
        for name in results.scenarios
    ]
    _refuse_without_logs(results, tasks)
    results.logs.refuse_wrong(tasks, LOGS, results.trust)
    measured = run_tasks(
        _cost_one,
        _Stored(results.folder, models, results.metadata.areas),
        tasks,
        executor=local_executor(workers, len(tasks)),
    )
    kpis = {task: table for task, (table, _, _) in zip(tasks, measured, strict=True)}
    lines = pa.concat_tables(
        _placed(task, lines) for task, (_, lines, _) in zip(tasks, measured, strict=True)
    )
    crimes: dict[Task, dict[str, int]] = {}
    for task, (_, _, counted) in zip(tasks, measured, strict=True):
        sums = crimes.setdefault(Task(task.scenario, task.replication), {})
        for group, count in counted.items():
            sums[group] = sums.get(group, 0) + count
    if results.areas:
        lines = _added_up(lines)
        by_replication = area_totals(kpis)
    else:
        by_replication = {(task.scenario, task.replication): table for task, table in kpis.items()}
    return Costing(results, models, kpi_table(by_replication, results.scenarios), lines, crimes)


def priced_models(
    results: Results, *, costs: Path | None = None, price_base: str | None = None
) -> dict[str, Model]:
    """The models of a run with other unit costs and in another price base. Raises Faults.

    See `cost_again`.
    """
    models = results.models()
    if costs is not None:
        models = with_costs(models, read_costs(costs, next(iter(models.values()))), costs)
    if price_base is not None:
        models = in_prices_of(models, price_base)
    return models


def _cost_one(stored: _Stored, task: Task) -> tuple[pa.Table, pa.Table, dict[str, int]]:
    folder = run_folder(stored.folder, task.scenario, task.replication, task.area)
    return measure_costs(folder, stored.model(task))


def _added_up(lines: pa.Table) -> pa.Table:
    """The lines of all areas added up: lines that differ only in their sums become one."""
    sums = ("quantity", "gbp")
    keys = [name for name in lines.column_names if name not in sums]
    # One thread, so that a sum comes out the same to its last digit.
    added = lines.group_by(keys, use_threads=False).aggregate([(name, "sum") for name in sums])
    new = [name.removesuffix("_sum") for name in added.column_names]
    return added.rename_columns(new).select(lines.column_names)


def _placed(task: Task, lines: pa.Table) -> pa.Table:
    count = lines.num_rows
    columns = {
        "scenario": pa.repeat(task.scenario, count),
        "replication": pa.repeat(pa.scalar(task.replication, pa.int32()), count),
    }
    return pa.table({**columns, **{name: lines.column(name) for name in lines.column_names}})


def _refuse_without_logs(results: Results, tasks: list[Task]) -> None:
    lacking = [
        task
        for task in tasks
        if not all((results.logs.folder_of(task) / f"{name}.parquet").is_file() for name in LOGS)
    ]
    if lacking:
        how_many = "no replication" if len(lacking) == len(tasks) else f"not that of {lacking[0]}"
        wrong = (
            f"the logs of this run were not kept: there is {how_many} to be costed again."
            if len(lacking) == len(tasks)
            else f"a log of this run is not there: {how_many}."
        )
        remedy = "Run the experiment with cjsim run, which keeps every log."
        raise Faults([Fault(str(results.folder), "runs", wrong, remedy)])
