"""Costing again: what every replication of a run cost, from its stored log, without a new run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.economics.costs_file import in_prices_of, read_costs, with_costs
from cjsim.errors import Fault, Faults
from cjsim.experiment.areas import area_totals
from cjsim.experiment.executors.executor import run_tasks
from cjsim.experiment.executors.processes import local_executor
from cjsim.experiment.kpi_tables import kpi_table
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import run_folder
from cjsim.experiment.results import Results
from cjsim.measures import measure_costs
from cjsim.scenarios.scaling import model_of_area
from cjsim.schema.areas import Areas
from cjsim.schema.costs import Costs
from cjsim.schema.model import Model

LOGS = ("events", "cases", "capacity")


@dataclass(frozen=True)
class Costing:
    """What a run cost: by replication, in one price base.

    `models` are those that ran, with the unit costs that were asked for. `kpis` holds the measures
    of money in the columns of kpis.parquet; `lines` each pound by scenario and replication;
    `crimes` by scenario and replication how many were suspected of a crime, by offence group. Of
    several areas side by side it is what they come to together.
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
    """Where the logs lie, and the models that cost them, at each area's size if there are any."""

    folder: Path
    models: dict[str, Model]
    areas: Areas | None

    def model(self, task: Task) -> Model:
        """The model that a replication ran."""
        model = self.models[task.scenario]
        return model if self.areas is None else model_of_area(self.areas, model, task.area)


def cost_again(
    results: Results,
    *,
    costs: Path | None = None,
    price_base: str | None = None,
    workers: int | None = None,
) -> Costing:
    """Cost every replication of a run from its log. Raises Faults.

    `costs` is a file of unit costs to take the place of those of the run, as costs.toml of a model;
    `price_base` a financial year of the deflator, such as 2013-14.
    """
    models = priced_models(results, costs=costs, price_base=price_base)
    tasks = [
        Task(name, replication, area)
        for replication in range(results.manifest["replications"])
        for area in ([*results.areas] or [results.area])
        for name in results.scenarios
    ]
    _refuse_without_logs(results, tasks)
    results.logs.refuse_wrong(tasks, LOGS, results.trust)
    found = run_tasks(
        _cost_one,
        _Stored(results.folder, models, results.metadata.areas),
        tasks,
        executor=local_executor(workers, len(tasks)),
    )
    kpis = {task: measured for task, (measured, _, _) in zip(tasks, found, strict=True)}
    lines = pa.concat_tables(
        _placed(task, lines) for task, (_, lines, _) in zip(tasks, found, strict=True)
    )
    crimes: dict[Task, dict[str, int]] = {}
    for task, (_, _, counted) in zip(tasks, found, strict=True):
        sums = crimes.setdefault(Task(task.scenario, task.replication), {})
        for group, count in counted.items():
            sums[group] = sums.get(group, 0) + count
    if results.areas:
        lines = _added_up(lines)
        whole = area_totals(kpis)
    else:
        whole = {(task.scenario, task.replication): table for task, table in kpis.items()}
    return Costing(results, models, kpi_table(whole, results.scenarios), lines, crimes)


def priced_models(
    results: Results, *, costs: Path | None = None, price_base: str | None = None
) -> dict[str, Model]:
    """The models of a run with the unit costs and in the prices that are asked for. Raises Faults.

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
    """The lines of all areas as those of one: what agrees in all but its sums is one line."""
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
