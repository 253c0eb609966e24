"""Several areas side by side: which of them run, each one's measures, and their total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.kpi_tables import KPI_COLUMNS, KPI_ORDER, with_scenario_columns
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import Replication
from cjsim.measures.registry import counted_measures
from cjsim.schema.areas import Areas
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path

AREAS: Final = "areas.parquet"
"""The measures of each area; kpis.parquet holds those of all of them together."""

_MOST_SHOWN: Final = 5

NOT_OF_AREAS: Final = "this applies to one area, and the experiment runs several areas."


def select_areas(experiment: Experiment, names: Sequence[str] | None) -> Areas | None:
    """The areas to run: those named, or all that the experiment has. Raises Faults."""
    areas = experiment.areas
    if not names:
        return areas
    known = [] if areas is None else list(areas.of)
    unknown = [
        Fault(
            shown_path(experiment.path),
            name,
            f'there is no area called "{name}".',
            did_you_mean(name, known) or "The experiment has no [areas].",
        )
        for name in names
        if name not in known
    ]
    if unknown or areas is None:
        raise Faults(unknown)
    return areas.model_copy(
        update={"of": {name: areas.of[name] for name in known if name in names}}
    )


def refuse_several(areas: Areas | None, file: Path, what: str) -> None:
    """Raise Faults where several areas run side by side and none of them was named."""
    if areas is not None and len(areas.of) > 1:
        wrong = f"several areas run side by side here, and {what} is of one of them."
        raise Faults(
            [Fault(shown_path(file), "areas", wrong, f"{list_areas([*areas.of])}.", "areas")]
        )


def list_areas(areas: Sequence[str]) -> str:
    """Which areas there are to choose from; of many the first, and how many more."""
    shown = ", ".join(areas[:_MOST_SHOWN])
    more = f" and {len(areas) - _MOST_SHOWN} more" if areas[_MOST_SHOWN:] else ""
    return f"Name one of them with --area: {shown}{more}"


def areas_table(runs: Sequence[Replication], scenarios: Sequence[str]) -> pa.Table:
    """Every measure of every area, in the columns of kpis.parquet with the area before them."""
    parts = []
    for run in runs:
        rows = with_scenario_columns(
            run.kpis, run.scenario, scenarios.index(run.scenario), run.replication
        )
        parts.append(rows.add_column(0, "area", pa.repeat(run.area, rows.num_rows)))
    whole = pa.concat_tables(parts)
    columns = ("place", *KPI_ORDER[:1], "area", *KPI_ORDER[1:])
    order = pc.sort_indices(whole, sort_keys=[(column, "ascending") for column in columns])
    return whole.take(order).combine_chunks().select(["area", *KPI_COLUMNS])


def area_totals(measured: Mapping[Task, pa.Table]) -> dict[tuple[str, int], pa.Table]:
    """For each scenario and replication, what is counted in all areas together.

    A count or an amount of money is the sum of those of the areas. A median, a share or a rate of
    all areas does not follow from theirs: it has no total, and stands in the table of areas alone.
    """
    parts: dict[tuple[str, int], list[pa.Table]] = {}
    counted = pa.array(counted_measures(), pa.string())
    for task in sorted(measured, key=lambda task: task.area):
        kpis = measured[task].filter(pc.is_in(measured[task].column("kpi"), counted))
        parts.setdefault((task.scenario, task.replication), []).append(kpis)
    keys = ["kpi", "court", "group", "period", "unit"]
    return {
        one: pa.concat_tables(tables)
        # One thread, so that a sum comes out the same to its last digit.
        .group_by(keys, use_threads=False)
        .aggregate([("value", "sum")])
        .select([*keys, "value_sum"])
        .rename_columns([*keys, "value"])
        for one, tables in parts.items()
    }
