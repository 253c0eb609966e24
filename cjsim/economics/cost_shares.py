"""The cost-shunting table: agency by agency, who pays and who saves, paired by replication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import cjsim.measures
from cjsim.economics.cash_flows import Flows
from cjsim.economics.costing import Costing
from cjsim.economics.years import HALF_A_PENNY
from cjsim.england_wales.vocabulary import AGENCIES
from cjsim.measures.comparison import unchanged_by
from cjsim.measures.costs import OWN_TIME

ALL_AGENCIES = ""

PARTS = {
    "cashable": "cost_cashable_gbp",
    "capacity": "cost_capacity_gbp",
    "reform": "cost_of_reform_gbp",
    "time_used": "worth_of_time_used_gbp",
}
"""The parts of a difference and the measures that they are differences of."""

PER_CASE = (
    "cost_per_case_gbp",
    "cost_per_conviction_gbp",
    "cost_of_wasted_hearings_gbp",
    "cost_of_wasted_attendances_gbp",
    "cost_of_unused_trial_preparation_gbp",
)
"""What is told below the table."""

NUMBERS = (
    "baseline",
    "value",
    "difference",
    "low",
    "high",
    "confidence",
    "cashable",
    "capacity",
    "non_cashable",
    "outcomes",
    "reform",
    "time_used",
)
COLUMNS = ("scenario", "agency", *NUMBERS, "verdict")


@dataclass(frozen=True)
class CostRow:
    """An agency's cost in the baseline and in a scenario, in pounds of the price base.

    `agency` is empty for all agencies together. The difference is the sum of what is `cashable`,
    `capacity`, `non_cashable` and `outcomes`, which is what is paid and received for them; `reform`
    is that part of it which the reform itself costs. `time_used` is what is used of the capacity,
    and no part of the difference.
    """

    scenario: str
    agency: str
    baseline: float
    value: float
    difference: float
    low: float | None
    high: float | None
    confidence: float | None
    cashable: float
    capacity: float
    non_cashable: float
    outcomes: float
    reform: float
    time_used: float
    verdict: str


def differences(costing: Costing, flows: Mapping[str, Flows]) -> pa.Table:
    """Every measure of money against the baseline's, what is paid for outcomes included.

    The columns are those of comparison.parquet.
    """
    whole = costing.kpis.filter(pc.equal(costing.kpis.column("period"), "all"))
    rows = whole.to_pylist()
    for row in rows:
        if row["kpi"] == "cost_gbp" and row["scenario"] in flows and row["group"] != OWN_TIME:
            paid = flows[row["scenario"]].outcomes
            for agency, table in paid.items():
                if row["group"] in (agency, ALL_AGENCIES):
                    row["value"] += float(table[row["replication"]].sum())
    baseline = costing.results.scenarios[0]
    return cjsim.measures.compare(
        pa.Table.from_pylist(rows, schema=whole.schema),
        baseline,
        costing.results.worthwhile,
        unchanged_by(costing.results.manifest["models"], baseline),
    )


def cost_rows(
    costing: Costing, compared: pa.Table, flows: Mapping[str, Flows]
) -> dict[str, list[CostRow]]:
    """The table of each scenario: the agencies that cost anything, all of them, and own time."""
    found = {
        (row["scenario"], row["kpi"], row["group"]): row
        for row in compared.to_pylist()
        if row["court"] == "all"
    }
    tables = {}
    for scenario in costing.scenarios:
        agencies = [
            agency
            for agency in (*AGENCIES, ALL_AGENCIES)
            if agency != OWN_TIME and _costs(found.get((scenario, "cost_gbp", agency)))
        ]
        if (scenario, "cost_gbp", OWN_TIME) in found:
            agencies.append(OWN_TIME)
        tables[scenario] = [_row(found, scenario, agency, flows[scenario]) for agency in agencies]
    return tables


def _costs(row: Mapping[str, Any] | None) -> bool:
    return row is not None and bool(row["baseline"] or row["value"])


def _row(
    found: Mapping[tuple[str, str, str], Mapping[str, Any]],
    scenario: str,
    agency: str,
    flows: Flows,
) -> CostRow:
    whole = found[scenario, "cost_gbp", agency]
    parts = {
        part: found.get((scenario, kpi, agency), {"difference": 0.0})["difference"]
        for part, kpi in PARTS.items()
    }
    paid = sum(
        float(table.sum(axis=1).mean())
        for one, table in flows.outcomes.items()
        if agency in (one, ALL_AGENCIES)
    )
    rest = whole["difference"] - parts["cashable"] - parts["capacity"] - paid
    return CostRow(
        scenario=scenario,
        agency=agency,
        **{name: whole[name] for name in NUMBERS[:6]},
        non_cashable=rest if abs(rest) >= HALF_A_PENNY else 0.0,
        outcomes=paid,
        verdict=whole["verdict"],
        **parts,
    )


def rows_per_case(compared: pa.Table, scenario: str) -> list[dict[str, Any]]:
    """What a case cost, and what achieved nothing, for all agencies together."""
    rows = {
        row["kpi"]: row
        for row in compared.to_pylist()
        if row["scenario"] == scenario and row["court"] == "all" and row["group"] == ""
    }
    return [rows[kpi] for kpi in PER_CASE if kpi in rows]
