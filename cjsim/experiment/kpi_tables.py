"""The measures of a results folder: every replication's in one table, in one order of rows."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.errors import RunFailed
from cjsim.measures.sound import refuse_out_of_bounds

KPI_ORDER = ("replication", "kpi", "court", "group", "period")
"""The columns that order the rows within a scenario, and with it make them unique."""

UNFINISHED = ".unfinished"
"""The end of the name of a folder in which a run is gathered."""

KPI_COLUMNS = ("scenario", "replication", "kpi", "court", "group", "period", "value", "unit")


def kpi_table(tables: dict[tuple[str, int], pa.Table], scenarios: list[str]) -> pa.Table:
    """The measures of every replication in one table, in a fixed order of rows.

    `tables` holds for each scenario and replication the columns kpi, court, group, period, value
    and unit. Raises Impossible for a value that its measure cannot have.
    """
    parts = []
    for place, scenario in enumerate(scenarios):
        for (name, replication), table in tables.items():
            if name == scenario:
                parts.append(with_scenario_columns(table, scenario, place, replication))
    whole = pa.concat_tables(parts)
    order = [("place", "ascending"), *((column, "ascending") for column in KPI_ORDER)]
    whole = whole.take(pc.sort_indices(whole, sort_keys=order)).combine_chunks()
    refuse_out_of_bounds(whole)
    return whole.drop_columns(["place"])


def with_scenario_columns(table: pa.Table, scenario: str, place: int, replication: int) -> pa.Table:
    """The measures of one replication in the columns of kpis.parquet, and its scenario's place."""
    rows = table.num_rows
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        "scenario": pa.repeat(scenario, rows),
        "replication": pa.repeat(pa.scalar(replication, pa.int32()), rows),
        "place": pa.repeat(pa.scalar(place, pa.int32()), rows),
    }
    for name in KPI_COLUMNS[2:]:
        kind = pa.float64() if name == "value" else pa.string()
        columns[name] = table.column(name).cast(kind)
    order = [*KPI_COLUMNS, "place"]
    return pa.table({name: columns[name] for name in order})


def refuse_duplicates(kpis: pa.Table) -> None:
    """Raise RunFailed when one replication has two values of a measure for one place and time."""
    keys = list(KPI_ORDER[1:])
    counted = kpis.group_by(keys, use_threads=False).aggregate([([], "count_all")])
    twice = counted.filter(pc.greater(counted.column("count_all"), 1))
    if twice.num_rows:
        first = ", ".join(f"{key} {twice.column(key)[0]!s}" for key in keys)
        raise RunFailed(
            f"A measure has {twice.column('count_all')[0]} values for one place: {first}."
        )
