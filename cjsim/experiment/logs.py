"""The logs of a run, read again: none is opened before it is known to be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cjsim.des.event_log import CaseColumns
from cjsim.errors import Fault, Faults
from cjsim.experiment.bounds import bounds_of_log, problem_with_file
from cjsim.experiment.hashes import RUNS, Trust, hash_problem, read_record, refuse_changed
from cjsim.experiment.manifest_schema import REMEDY, Manifest
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import RECORD, run_folder
from cjsim.simulation.process import process_in

TABLES: Final = ("events", "cases", "capacity", "sittings")
READERS: Final = 4
"""Threads that read ahead of what is to be checked."""


@dataclass(frozen=True)
class Logs:
    """Where the logs of a run lie, and what its manifest says of them.

    `records` are the hashes of the replications' records, None where they were not kept; `rows` by
    replication how many events and cases it has; `case_columns` are those of the case table.
    """

    folder: Path
    records: Mapping[str, str] | None
    rows: Mapping[Task, tuple[int, int]]
    case_columns: CaseColumns

    def folder_of(self, task: Task) -> Path:
        """Where the log of a replication lies."""
        return run_folder(self.folder, task.scenario, task.replication, task.area)

    def refuse_wrong(self, tasks: Iterable[Task], tables: Sequence[str], trust: Trust) -> None:
        """Raise Faults with all that is wrong with some tables of the logs of some replications."""
        jobs = [(task, tables) for task in tasks]
        with ThreadPoolExecutor(READERS) as readers:
            found = [*readers.map(lambda job: [*self._looked_at(*job)], jobs)]
        looked_at = [one for several in found for one in several]
        if damage := {name: wrong for name, wrong, is_damage in looked_at if wrong and is_damage}:
            raise Faults(
                Fault(str(self.folder), name, wrong, REMEDY) for name, wrong in damage.items()
            )
        refuse_changed(self.folder, {name: wrong for name, wrong, _ in looked_at}, trust)

    def _looked_at(self, task: Task, tables: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
        """The files of a replication, what is wrong with each, and whether it cannot be read."""
        folder = self.folder_of(task)
        place = folder.relative_to(self.folder).as_posix()
        hashes: Mapping[str, str] = {}
        if self.records is not None:
            wanted = self.records.get(place.removeprefix(f"{RUNS}/"), "")
            yield f"{place}/{RECORD}", hash_problem(self.folder, f"{place}/{RECORD}", wanted), False
            try:
                hashes = read_record(folder)["files"]
            except ValueError as error:
                yield f"{place}/{RECORD}", f"{error}.", False
        for table in tables:
            name = f"{place}/{table}.parquet"
            if wrong := problem_with_file(
                self.folder / name, bounds_of_log(table, self.case_columns, self._rows(task, table))
            ):
                yield name, wrong, True
            elif self.records is not None:
                wanted = hashes.get(f"{table}.parquet", "")
                yield name, hash_problem(self.folder, name, wanted), False

    def _rows(self, task: Task, table: str) -> int | None:
        events, cases = self.rows.get(task, (None, None))
        return {"events": events, "cases": cases}.get(table)


def logs_of(folder: Path, manifest: Manifest, *, with_hashes: bool = True) -> Logs:
    """The logs of a run whose manifest has been checked; `with_hashes` if it is to be trusted."""
    rows = {
        Task(run.scenario, run.replication, run.area): (run.events, run.cases)
        for run in manifest.runs
    }
    case_columns = process_in(manifest.jurisdiction).CASE_COLUMNS
    records = manifest.records if with_hashes else None
    return Logs(folder, records, rows, case_columns)
