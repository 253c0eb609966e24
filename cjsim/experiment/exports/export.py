"""Results for other programs: the event log as XES or CSV, the comparison as a workbook."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import gzip
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

import pyarrow as pa

from cjsim.errors import Fault, Faults, RunFailed, did_you_mean
from cjsim.experiment.exports.workbook import write_workbook
from cjsim.experiment.exports.xes import write_xes
from cjsim.experiment.results import Results, read_results
from cjsim.storage.outputs import output_file, output_folder, refuse_what_is_in_the_way
from cjsim.storage.tables import as_text, csv_cell
from cjsim.storage.whole import whole_file

FORMATS: Final = ("xes", "csv", "xlsx")

CSV_TABLES: Final = ("events", "cases")


def export(
    results: Path | str,
    form: str,
    *,
    out: Path | None = None,
    scenario: str | None = None,
    replication: int = 0,
    area: str | None = None,
    allow_changed: bool = False,
    say: Callable[[str], None] = warnings.warn,
) -> list[Path]:
    """Write a run for other programs, and say where.

    `out` is a file, or a folder for one of the usual name. `xes` is one replication's event log for
    process-mining tools, compressed when `out` ends in .gz; `csv` its events and cases, in a
    folder; `xlsx` the comparison and every measure, as a workbook. Of several areas side by side a
    log is that of the `area` named, and a workbook of all of them or of that one. `allow_changed`
    and `say` are as in `read_results`. Raises Faults for
    a scenario, replication or area that is not there, RunFailed when the place cannot be written
    to.
    """
    found = read_results(
        results, areas=form == "xlsx", area=area, allow_changed=allow_changed, say=say
    )
    name = found.scenarios[0] if scenario is None else scenario
    try:
        if form == "xlsx":
            path = _file(out, found.folder, f"results{found.suffix}.xlsx")
            refuse_what_is_in_the_way([path])
            with output_file(path, "workbook") as file:
                write_workbook(found, file)
            return [path]
        check_place(found, name, replication)
        stem = f"{name}-{replication:03d}{found.suffix}"
        if form == "xes":
            path = _file(out, found.folder, f"{stem}.xes")
            with output_file(path, "event log") as file, _packed(file, path) as packed:
                write_xes(found, name, replication, packed)
            return [path]
        folder = out or found.folder / f"{stem}-csv"
        with output_folder(folder, "tables", [f"{table}.csv" for table in CSV_TABLES]) as partial:
            for table in CSV_TABLES:
                _write_csv(found, name, replication, table, partial)
        return [folder / f"{table}.csv" for table in CSV_TABLES]
    except OSError as error:
        if error.errno is None:  # of a table that is damaged, not of the disk
            raise Faults([_unreadable(found, name, replication)]) from error
        raise RunFailed(f"{out or found.folder}: {error.strerror}. Nothing was kept.") from error


def _file(out: Path | None, folder: Path, name: str) -> Path:
    """The file asked for; in a folder that is there, a file of the usual name."""
    if out is None:
        return folder / name
    return out / name if out.is_dir() else out


def check_place(results: Results, scenario: str, replication: int) -> None:
    """Raise Faults when there is no such scenario or replication, or no log of it."""
    if scenario not in results.scenarios:
        wrong = f'there is no scenario called "{scenario}" in these results.'
        remedy = did_you_mean(scenario, results.scenarios)
        raise Faults([Fault(str(results.folder), "", wrong, remedy)])
    count = results.metadata.replications
    if not 0 <= replication < count:
        wrong = f"there is no replication {replication}."
        raise Faults([Fault(str(results.folder), "", wrong, f"They go from 0 to {count - 1}.")])
    try:
        results.log(scenario, replication, "cases")
    except (OSError, pa.ArrowException):
        raise Faults([_unreadable(results, scenario, replication)]) from None


def _unreadable(results: Results, scenario: str, replication: int) -> Fault:
    wrong = f"the log of scenario {scenario}, replication {replication} cannot be read."
    return Fault(str(results.folder), "", wrong, "Run the experiment again with --fresh.")


@contextlib.contextmanager
def _packed(plain: BinaryIO, path: Path) -> Iterator[IO[bytes]]:
    if path.suffix != ".gz":
        yield plain
        return
    # Without a name and a time in it the same log gives the same bytes.
    with gzip.GzipFile("", "wb", fileobj=plain, mtime=0) as packed:
        yield cast("IO[bytes]", packed)


def _write_csv(results: Results, scenario: str, replication: int, name: str, folder: Path) -> None:
    """A table of a log; a time is written to the minute, and one that has not come is empty."""
    table = results.log(scenario, replication, name)
    with whole_file(folder / f"{name}.csv") as file, as_text(file) as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table.column_names)
        for batch in table.to_batches(max_chunksize=1 << 14):
            columns = batch.to_pydict().values()
            writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))


def _cell(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="minutes")
    return csv_cell(value)
