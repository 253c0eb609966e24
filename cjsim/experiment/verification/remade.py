"""Worked out again: measures from the logs, all measures from those, the comparison from all."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

import cjsim.measures
from cjsim.experiment.areas import AREAS, area_totals, areas_table
from cjsim.experiment.executors.executor import run_tasks
from cjsim.experiment.executors.processes import local_executor
from cjsim.experiment.kpi_tables import kpi_table
from cjsim.experiment.logs import TABLES, logs_of
from cjsim.experiment.plan import Task
from cjsim.experiment.reading import OpenedRun
from cjsim.experiment.replication import MEASURES, Replication, remeasure, run_folder
from cjsim.experiment.verification.findings import Finding, State, counted, finding_of, list_some
from cjsim.identity import changes, identity
from cjsim.measures.comparison import unchanged_by
from cjsim.scenarios.scaling import model_of_area
from cjsim.schema.areas import Areas
from cjsim.schema.model import Model
from cjsim.storage.tables import read_table, write_parquet


@dataclass(frozen=True)
class Stored:
    """Where the logs of a run lie, and the models that ran."""

    folder: Path
    models: Mapping[str, Model]
    areas: Areas | None

    def model(self, task: Task) -> Model:
        """The model that a replication ran."""
        model = self.models[task.scenario]
        return model if self.areas is None else model_of_area(self.areas, model, task.area)


def other_versions(run: OpenedRun) -> str:
    """What made a run and is another here: "numpy was 1.26.0 and is 2.1.0"; empty if nothing is."""
    made_with = {str(name): str(one) for name, one in run.manifest.versions.items()}
    return ", ".join(changes(made_with, identity().as_json()))


def tasks_of(run: OpenedRun) -> list[Task]:
    """Every replication of a run."""
    return [Task(one.scenario, one.replication, one.area) for one in run.manifest.runs]


def check_measures(run: OpenedRun, models: Mapping[str, Model], workers: int | None) -> Finding:
    """Every replication's measures against those worked out again from its log."""
    name = "measures"
    logs = logs_of(run.folder, run.manifest)
    tasks = [task for task in tasks_of(run) if _has_logs(logs.folder_of(task))]
    if not tasks:
        return Finding(name, State.LEFT_OUT, "no logs are kept in this folder.")
    stored = Stored(run.folder, models, run.manifest.areas)
    same = run_tasks(_measured_again, stored, tasks, executor=local_executor(workers, len(tasks)))
    wrong = [f"{task}: {how}" for task, how in zip(tasks, same, strict=True) if how]
    right = f"{counted(len(tasks), 'log')} measured again: the same measures to the last digit."
    return _judged(run, name, wrong, right)


def _has_logs(folder: Path) -> bool:
    return all((folder / f"{table}.parquet").is_file() for table in TABLES)


def _measured_again(stored: Stored, task: Task) -> str:
    """How the measures of a replication differ from those of its log; empty if they do not."""
    folder = run_folder(stored.folder, task.scenario, task.replication, task.area)
    try:
        again = remeasure(folder, stored.model(task))
    except Exception as error:  # the log may be anybody's, and hold anything
        return f"its log cannot be measured ({type(error).__name__})"
    return difference(read_table(folder / MEASURES), again)


def check_tables(run: OpenedRun) -> Iterator[Finding]:
    """The tables of the whole run against those put together again from what they rest on."""
    names = run.manifest.names
    measured = {
        task: read_table(
            run_folder(run.folder, task.scenario, task.replication, task.area) / MEASURES
        )
        for task in tasks_of(run)
    }
    if run.manifest.areas is None:
        whole = {(task.scenario, task.replication): one for task, one in measured.items()}
    else:
        whole = area_totals(measured)
        runs = [_as_run(task, one) for task, one in measured.items()]
        how = difference(run.table(AREAS), areas_table(runs, names))
        wrong = [f"{AREAS}: {how}"] if how else []
        yield _judged(run, "areas", wrong, "areas.parquet is that of the replications.")
    how = difference(run.table("kpis.parquet"), kpi_table(whole, names))
    right = f"kpis.parquet is that of the {counted(len(measured), 'replication')}."
    yield _judged(run, "all measures", [f"kpis.parquet: {how}"] if how else [], right)
    kpis = run.table("kpis.parquet")
    unchanged = unchanged_by(run.manifest.model_values, names[0])
    asked = dict(run.manifest.experiment.worthwhile)
    again = cjsim.measures.compare(kpis, names[0], asked, unchanged)
    how = difference(run.table("comparison.parquet"), again)
    right = "worked out again from the measures: the same differences, intervals and words."
    yield _judged(run, "comparison", [f"comparison.parquet: {how}"] if how else [], right)


def _as_run(task: Task, kpis: pa.Table) -> Replication:
    return Replication(task.scenario, task.replication, "", 0, 0, 0.0, kpis=kpis, area=task.area)


def _judged(run: OpenedRun, name: str, wrong: Sequence[str], right: str) -> Finding:
    """The finding of what was worked out again; other versions may differ by rights."""
    other = other_versions(run) if wrong else ""
    if other:
        says = (
            f"{list_some(wrong)[:-1]}; but since it was made {other}: check it under what made it."
        )
        return Finding(name, State.UNKNOWN, says)
    return finding_of(name, wrong, right)


def difference(there: pa.Table, again: pa.Table) -> str:
    """How a table differs from one worked out again, in words; empty if they are the same."""
    if there.column_names != again.column_names:
        return "it has other columns than it should"
    if there.num_rows != again.num_rows:
        return f"it has {there.num_rows:,} rows in place of {again.num_rows:,}"
    if _bytes(there) == _bytes(again.cast(there.schema)):
        return ""
    for name in there.column_names:
        column, wanted = there.column(name), again.column(name).cast(there.column(name).type)
        pairs = zip(column.to_pylist(), wanted.to_pylist(), strict=True)
        # As text, so that a number that is none equals another.
        rows = [row for row, (one, other) in enumerate(pairs) if repr(one) != repr(other)]
        if rows:
            first = rows[0]
            return (
                f'"{name}" differs in {counted(len(rows), "row")}, first in row {first + 1:,} '
                f"({_where(there, first)}): {column[first].as_py()!r} in place of "
                f"{wanted[first].as_py()!r}"
            )
    return ""


def _where(table: pa.Table, row: int) -> str:
    names = ("scenario", "area", "replication", "kpi", "court", "group", "period")
    words = [str(table.column(name)[row].as_py()) for name in names if name in table.column_names]
    return " ".join(word for word in words if word)


def _bytes(table: pa.Table) -> bytes:
    """A table's content, in which a number that is none is like another."""
    file = io.BytesIO()
    write_parquet(table, file)
    return file.getvalue()
