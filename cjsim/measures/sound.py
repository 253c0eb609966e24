"""Refuses a run with a lost case, with what its jurisdiction forbids, or with a share above 1.

The error names the case or the measure. Such a run has no results.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from cjsim.errors import CaseLost, Impossible
from cjsim.measures.registry import bounds_of

if TYPE_CHECKING:
    import pyarrow as pa

    from cjsim.measures.sql_tables import Log

ROUNDING: Final = 1e-9
"""How far rounding may put a sum beyond a bound."""


def refuse_out_of_bounds(kpis: pa.Table) -> None:
    """Raise Impossible for the first value that its measure cannot have.

    `kpis` has the columns kpi, court, group, period, value and unit. A share lies between 0 and 1,
    a count and a length of time are at least 0, and everything is a finite number, unless the
    measure says otherwise.
    """
    if not kpis.num_rows:
        return
    values = kpis.column("value").to_numpy()
    names = kpis.column("kpi").combine_chunks().dictionary_encode()
    units = dict(zip(kpis.column("kpi").to_pylist(), kpis.column("unit").to_pylist(), strict=True))
    bounds = [bounds_of(name, units[name]) for name in names.dictionary.to_pylist()]
    code = names.indices.to_numpy()
    least, most = (np.array(side)[code] for side in zip(*bounds, strict=True))
    beyond = ~np.isfinite(values) | (values < least - ROUNDING) | (values > most + ROUNDING)
    if not beyond.any():
        return
    first = int(np.argmax(beyond))
    row = {name: kpis.column(name)[first].as_py() for name in kpis.column_names}
    where = ", ".join(f"{name} {row[name]}" for name in ("court", "group", "period") if row[name])
    raise Impossible(
        f'The measure "{row["kpi"]}" is {row["value"]:g} {row["unit"]} ({where}), which cannot be: '
        f"it lies between {least[first]:g} and {most[first]:g}. {int(beyond.sum())} of "
        f"{kpis.num_rows} values are impossible. No results were made of it."
    )


def refuse_impossible(log: Log, folder: Path) -> None:
    """Raise Impossible where a run loses a case, ends one twice, or breaks the law."""
    _refuse_lost_cases(log)
    if log.measurement.refuse_unlawful is not None:
        log.measurement.refuse_unlawful(log, folder)


# --- every case that came in has ended or is open --------------------------------------------


def _refuse_lost_cases(log: Log) -> None:
    (cases, ended), *_ = log.query(
        "SELECT count(*), count(*) FILTER (ended_at IS NOT NULL AND outcome <> '') FROM cases"
    )
    if log.disposals != ended:
        raise Impossible(
            f"Of {cases:,} cases that came in {ended:,} have an outcome, and the log has "
            f"{log.disposals:,} disposals: each case ends once."
        )
    still_open = log.query("SELECT case_id FROM cases WHERE ended_at IS NULL")
    lost = np.setdiff1d([case for (case,) in still_open], log.waiting)
    if len(lost):
        raise CaseLost(
            f"{len(lost):,} of {cases:,} cases were lost: they have no outcome and wait for "
            f"nothing. The first is case {lost[0]}."
        )
