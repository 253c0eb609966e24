"""The ledger of a run: costs, comparison, cash flows by year, and net present value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from cjsim.economics.cash_flows import (
    CashFlows,
    Horizon,
    cash_flows_of,
    discount_factors_of,
    horizon_of,
)
from cjsim.economics.cost_shares import CaseCost, CostRow, cost_rows, differences, rows_per_case
from cjsim.economics.costing import Costing, recost
from cjsim.economics.npv import NetPresentValue, YearRow, npv, year_rows
from cjsim.economics.social import SocialCost, social_costs
from cjsim.experiment.money_checks import money_notices
from cjsim.experiment.results import Results
from cjsim.scenarios.scenario import scenarios_of


@dataclass(frozen=True)
class Ledger:
    """The ledger of a run.

    All but the costing is by scenario. `npv` holds first all costs, then their part in money; it is
    empty without a discount rate. `social` is None unless it was requested.
    """

    costing: Costing
    horizon: Horizon
    compared: pa.Table
    tables: dict[str, list[CostRow]]
    per_case: dict[str, list[CaseCost]]
    flows: dict[str, CashFlows]
    years: dict[str, list[YearRow]]
    npv: dict[str, tuple[NetPresentValue, NetPresentValue]]
    notices: list[str]
    social: list[SocialCost] | None

    @property
    def results(self) -> Results:
        """The run."""
        return self.costing.results


def make_ledger(
    results: Results,
    *,
    costs: Path | None = None,
    price_base: str | None = None,
    social: bool = False,
    workers: int | None = None,
) -> Ledger:
    """The ledger of a run, costed from its logs. Raises Faults.

    `costs` is a file of other unit costs, `price_base` another financial year; `social` adds the
    economic and social cost of crime.
    """
    costing = recost(results, costs=costs, price_base=price_base, workers=workers)
    horizon = horizon_of(results.metadata)
    count = results.metadata.replications
    flows = {name: cash_flows_of(costing, name, horizon) for name in costing.scenarios}
    compared = differences(costing, flows)
    factors = discount_factors_of(costing.costs, horizon)
    npvs = {}
    if factors is not None:
        for name, flow in flows.items():
            everything, money = (
                npv(flow, horizon, factors, count, money=part) for part in (False, True)
            )
            npvs[name] = (everything, money)
    notices = money_notices(scenarios_of(costing.models))
    if horizon.why_not:
        notices.append(f"No year after the run is shown: {horizon.why_not}.")
    return Ledger(
        costing=costing,
        horizon=horizon,
        compared=compared,
        tables=cost_rows(costing, compared, flows),
        per_case={name: rows_per_case(compared, name) for name in costing.scenarios},
        flows=flows,
        years={name: year_rows(name, flow, horizon, count) for name, flow in flows.items()},
        npv=npvs,
        notices=notices,
        social=social_costs(costing) if social else None,
    )
