"""What the model says to a target: one value for each replication, from the measures of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.calibration.targets import Measured, Target

Numbers = npt.NDArray[np.float64]


def simulated(kpis: pa.Table, target: Target, *, years: float = 1.0) -> Numbers:
    """The target's value in each replication, in their order; NaN where the model gave none.

    `kpis` holds the columns replication, kpi, court, group, period and value of one scenario.
    """
    values = _summed(kpis, target)
    if target.over is not None:
        whole = _summed(kpis, target.over)
        values = np.divide(values, whole, out=np.full_like(values, np.nan), where=whole != 0)
    return values / years if target.per == "year" else values


def rows_of(kpis: pa.Table, wanted: Measured) -> pa.Table:
    """The rows of a measure, a court and some groups."""
    mask = pc.equal(kpis.column("kpi"), wanted.kpi)
    mask = pc.and_(mask, pc.equal(kpis.column("court"), wanted.court))
    return kpis.filter(pc.and_(mask, pc.is_in(kpis.column("group"), pa.array(wanted.groups))))


def _summed(kpis: pa.Table, wanted: Measured) -> Numbers:
    """The sum over the groups, by replication; NaN where one of them is not there."""
    rows = rows_of(kpis, wanted)
    rows = rows.filter(pc.equal(rows.column("period"), "all"))
    order: dict[Any, list[float]] = {
        number: [] for number in sorted(set(kpis.column("replication").to_pylist()))
    }
    for row in rows.select(["replication", "value"]).to_pylist():
        order[row["replication"]].append(row["value"])
    count = len(wanted.groups)
    sums = [float(sum(found)) if len(found) == count else np.nan for found in order.values()]
    return np.array(sums, dtype=np.float64)
