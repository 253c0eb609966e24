"""The cost-shunting table: who pays and who saves, by agency, paired by replication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pyarrow as pa
import pyarrow.compute as pc

import cjsim.measures
from cjsim.economics.cash_flows import CashFlows
from cjsim.economics.costing import Costing
from cjsim.economics.years import HALF_A_PENNY
from cjsim.jurisdiction import OWN_TIME
from cjsim.measures.comparison import unchanged_by
from cjsim.storage.plain import PlainRow

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
"""The measures shown below the table."""

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

    `agency` is empty for all agencies together. The difference is the sum of `cashable`,
    `capacity`, `non_cashable` and `outcomes` (payments for outcomes, made or received). `reform` is
    the part of it that the reform itself costs. `time_used` is the value of capacity used, and not
    a part of the difference.
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


def differences(costing: Costing, flows: Mapping[str, CashFlows]) -> pa.Table:
    """Every measure of money against the baseline, payments for outcomes included.

    The columns are those of comparison.parquet.
    """
    of_run = costing.kpis.filter(pc.equal(costing.kpis.column("period"), "all"))
    rows = of_run.to_pylist()
    for row in rows:
        if row["kpi"] == "cost_gbp" and row["scenario"] in flows and row["group"] != OWN_TIME:
            paid = flows[row["scenario"]].outcomes
            for agency, table in paid.items():
                if row["group"] in (agency, ALL_AGENCIES):
                    row["value"] += float(table[row["replication"]].sum())
    baseline = costing.results.scenarios[0]
    return cjsim.measures.compare(
        pa.Table.from_pylist(rows, schema=of_run.schema),
        baseline,
        costing.results.worthwhile,
        unchanged_by(costing.results.metadata.model_values, baseline),
    )


def cost_rows(
    costing: Costing, compared: pa.Table, flows: Mapping[str, CashFlows]
) -> dict[str, list[CostRow]]:
    """The table of each scenario: agencies with a cost, all together, and own time."""
    by_key = {
        (row["scenario"], row["kpi"], row["group"]): row
        for row in compared.to_pylist()
        if row["court"] == "all"
    }
    tables = {}
    known = costing.results.metadata.jurisdiction.vocabulary.agencies
    for scenario in costing.scenarios:
        agencies = [
            agency
            for agency in (*known, ALL_AGENCIES)
            if agency != OWN_TIME and _costs(by_key.get((scenario, "cost_gbp", agency)))
        ]
        if (scenario, "cost_gbp", OWN_TIME) in by_key:
            agencies.append(OWN_TIME)
        tables[scenario] = [_row(by_key, scenario, agency, flows[scenario]) for agency in agencies]
    return tables


def _costs(row: PlainRow | None) -> bool:
    return row is not None and bool(row["baseline"] or row["value"])


def _row(
    by_key: Mapping[tuple[str, str, str], PlainRow],
    scenario: str,
    agency: str,
    flows: CashFlows,
) -> CostRow:
    cost = by_key[scenario, "cost_gbp", agency]
    parts = {
        part: by_key.get((scenario, kpi, agency), {"difference": 0.0})["difference"]
        for part, kpi in PARTS.items()
    }
    paid = sum(
        float(table.sum(axis=1).mean())
        for payer, table in flows.outcomes.items()
        if agency in (payer, ALL_AGENCIES)
    )
    rest = cost["difference"] - parts["cashable"] - parts["capacity"] - paid
    return CostRow(
        scenario=scenario,
        agency=agency,
        **{name: cost[name] for name in NUMBERS[:6]},
        non_cashable=rest if abs(rest) >= HALF_A_PENNY else 0.0,
        outcomes=paid,
        verdict=cost["verdict"],
        **parts,
    )


@dataclass(frozen=True)
class CaseCost:
    """A cost per case, or of wasted work, in the baseline and in a scenario."""

    kpi: str
    baseline: float
    value: float
    difference: float
    low: float | None
    high: float | None
    verdict: str


def rows_per_case(compared: pa.Table, scenario: str) -> list[CaseCost]:
    """The cost per case and of wasted work, for all agencies together."""
    names = [field.name for field in fields(CaseCost)]
    rows = {
        row["kpi"]: CaseCost(**{name: row[name] for name in names})
        for row in compared.to_pylist()
        if row["scenario"] == scenario and row["court"] == "all" and row["group"] == ""
    }
    return [rows[kpi] for kpi in PER_CASE if kpi in rows]
