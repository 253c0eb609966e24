"""KPIs, money and comparison: pure functions of the event log, never of a running process.

`measure(folder, model)` reads one replication and gives every KPI; `measure_run` first refuses a
run that holds what cannot be; `cost_lines(folder, model)` traces each pound; `compare(kpis)` pairs
scenarios with the baseline, replication by replication. To add a measure, write one decorated
function in the room it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cjsim.measures.comparison import compare
from cjsim.measures.registry import Measure, find_measure, known_measures, measures_of

if TYPE_CHECKING:
    import pyarrow as pa

    from cjsim.measures.sql_tables import Log
    from cjsim.schema.model import Model

__all__ = [
    "Measure",
    "compare",
    "cost_lines",
    "find_measure",
    "known_measures",
    "measure",
    "measure_costs",
    "measure_run",
    "measures_of",
]


def measure(folder: Path, model: Model) -> pa.Table:
    """Every KPI of one replication: kpi, court, group, period, value (float64) and unit, sorted.

    `folder` holds events.parquet, cases.parquet and capacity.parquet. Where a simulated case stands
    for many, what is counted is multiplied by how many. Raises OSError when one of the files is not
    there, and Impossible for a value that its measure cannot have.
    """
    from cjsim.measures.sql_tables import Log

    with Log(folder, model) as log:
        return _every_measure(log)


def measure_run(folder: Path, model: Model) -> pa.Table:
    """The same of a whole run as it was simulated; sittings.parquet is there as well.

    Raises Impossible, too, where a case is lost or ends twice, or where the run breaks the law of
    its jurisdiction.
    """
    from cjsim.measures.sound import refuse_impossible
    from cjsim.measures.sql_tables import Log

    with Log(folder, model) as log:
        refuse_impossible(log, folder)
        return _every_measure(log)


def _every_measure(log: Log) -> pa.Table:
    from cjsim.measures.sound import refuse_out_of_bounds

    kpis = _table(log, measures_of(log.model.jurisdiction).values(), log.model.one_in)
    refuse_out_of_bounds(kpis)
    return kpis


def _table(log: Log, kpis: Iterable[Measure], one_in: float) -> pa.Table:
    """The rows of some measures, sorted; what is counted is multiplied by `one_in`."""
    import pyarrow as pa

    rows = sorted(
        (kpi.name, court, group, period, float(value) * (one_in if kpi.counts else 1.0), kpi.unit)
        for kpi in kpis
        for court, group, period, value in kpi.rows(log)
    )
    columns = list(zip(*rows, strict=True)) or [()] * 6
    return pa.table(
        {
            "kpi": pa.array(columns[0], pa.string()),
            "court": pa.array(columns[1], pa.string()),
            "group": pa.array(columns[2], pa.string()),
            "period": pa.array(columns[3], pa.string()),
            "value": pa.array(columns[4], pa.float64()),
            "unit": pa.array(columns[5], pa.string()),
        }
    )


def cost_lines(folder: Path, model: Model) -> pa.Table:
    """Each pound of one replication traced: unit, agency, kind, activity, month, quantity and gbp.

    `gbp` is in the prices of the model's price base; `activity` is a pool or list for the cost of
    capacity. Lines of the kind `used` are what was used of that capacity, and are paid for already.
    """
    from cjsim.measures.costs import lines
    from cjsim.measures.sql_tables import Log

    with Log(folder, model) as log:
        return lines(log)


def measure_costs(folder: Path, model: Model) -> tuple[pa.Table, pa.Table, dict[str, int]]:
    """The measures of money alone, in the columns of `measure`, and the lines of `cost_lines`.

    Last, by offence group, how many came in the study period who are suspected of a crime.
    """
    from cjsim.measures.costs import crimes, lines
    from cjsim.measures.sql_tables import Log

    money = [kpi for kpi in measures_of(model.jurisdiction).values() if kpi.unit.startswith("GBP")]
    with Log(folder, model) as log:
        return _table(log, money, model.one_in), lines(log), crimes(log)
