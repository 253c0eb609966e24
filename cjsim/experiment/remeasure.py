"""Computes the measures of a run again from its logs, with the measures that this cjsim has.

A measure that was added after the run then has values for the run, without simulating again. The
run's own tables stay as they are: the new ones are written into a folder beside them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

import cjsim.measures
from cjsim.errors import Fault, Faults
from cjsim.experiment.areas import AREAS, area_totals, areas_table
from cjsim.experiment.executors.executor import run_tasks
from cjsim.experiment.executors.processes import local_executor
from cjsim.experiment.kpi_tables import kpi_table
from cjsim.experiment.logs import TABLES
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import Replication
from cjsim.experiment.replication import remeasure as remeasure_replication
from cjsim.experiment.results import Results, read_results
from cjsim.measures.comparison import unchanged_by
from cjsim.scenarios.scaling import model_of_area
from cjsim.schema.areas import Areas
from cjsim.schema.model import Model
from cjsim.storage.outputs import output_folder
from cjsim.storage.tables import write_table

FOLDER: Final = "measured"
"""The folder inside the results that gets the new tables, unless another is named."""


@dataclass(frozen=True)
class Remeasured:
    """The tables written, how many logs were measured, and what is not as the run has it.

    `added` are the measures that the run does not have, `removed` those that only the run has,
    `changed` those of which a value differs.
    """

    paths: tuple[Path, ...]
    logs: int
    measures: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True)
class _Run:
    """What a worker needs to measure a log."""

    results: Path
    models: Mapping[str, Model]
    areas: Areas | None
    folders: Mapping[Task, Path]


def remeasure(
    folder: Path | str,
    *,
    out: Path | None = None,
    workers: int | None = None,
    allow_changed: bool = False,
    say: Callable[[str], None] = warnings.warn,
) -> Remeasured:
    """Measure every log of a run again; write kpis.parquet and comparison.parquet into `out`.

    A run of several areas has areas.parquet as well. `allow_changed` and `say` are as in
    `read_results`. Raises Faults where a log is missing, cannot be read or was changed, and for
    files in `out` that cjsim did not write.
    """
    results = read_results(folder, areas=True, allow_changed=allow_changed, say=say)
    metadata = results.metadata
    tasks = [Task(run.scenario, run.replication, run.area) for run in metadata.runs]
    _refuse_missing_logs(results, tasks)
    results.logs.refuse_wrong(tasks, TABLES, results.trust)
    folders = {task: results.logs.folder_of(task) for task in tasks}
    run = _Run(results.folder, results.models(), metadata.areas, folders)
    tables = run_tasks(_measure, run, tasks, executor=local_executor(workers, len(tasks)))
    measured = dict(zip(tasks, tables, strict=True))
    written: dict[str, pa.Table] = {}
    if metadata.areas is None:
        whole = {(task.scenario, task.replication): table for task, table in measured.items()}
    else:
        whole = area_totals(measured)
        runs = [
            Replication(task.scenario, task.replication, "", 0, 0, 0.0, kpis=table, area=task.area)
            for task, table in measured.items()
        ]
        written[AREAS] = areas_table(runs, results.scenarios)
    kpis = kpi_table(whole, results.scenarios)
    baseline = results.scenarios[0]
    unchanged = unchanged_by(metadata.model_values, baseline)
    written["kpis.parquet"] = kpis
    written["comparison.parquet"] = cjsim.measures.compare(
        kpis, baseline, results.worthwhile, unchanged
    )
    target = out or results.folder / FOLDER
    with output_folder(target, "measures", [*written]) as partial:
        for name, table in written.items():
            write_table(table, partial / name)
    before, now = _values(results.kpis), _values(kpis)
    return Remeasured(
        paths=tuple(target / name for name in written),
        logs=len(tasks),
        measures=len(now),
        added=tuple(sorted(now.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - now.keys())),
        changed=tuple(sorted(kpi for kpi in now.keys() & before.keys() if now[kpi] != before[kpi])),
    )


def _refuse_missing_logs(results: Results, tasks: list[Task]) -> None:
    missing = [
        task
        for task in tasks
        for table in TABLES
        if not (results.logs.folder_of(task) / f"{table}.parquet").is_file()
    ]
    if missing:
        wrong = f"the log of {missing[0]} is not in this folder."
        remedy = (
            "Measures are computed from logs: run the experiment with cjsim run, which keeps them."
        )
        raise Faults([Fault(str(results.folder), "runs", wrong, remedy)])


def _measure(run: _Run, task: Task) -> pa.Table:
    model = run.models[task.scenario]
    if run.areas is not None:
        model = model_of_area(run.areas, model, task.area)
    return remeasure_replication(run.folders[task], model)


def _values(kpis: pa.Table) -> dict[str, dict[tuple[str, ...], float]]:
    """By measure, each value by scenario, replication, court, group and period."""
    values: dict[str, dict[tuple[str, ...], float]] = {}
    keys = ("scenario", "replication", "court", "group", "period")
    for row in kpis.to_pylist():
        values.setdefault(row["kpi"], {})[tuple(str(row[key]) for key in keys)] = row["value"]
    return values
