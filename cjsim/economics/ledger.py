"""The ledger of a run: costed, compared, over the years, and written beside the results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from cjsim.economics.cash_flows import Flows, Horizon, flows_of, horizon_of, worth_of
from cjsim.economics.cost_shares import CostRow, cost_rows, differences, rows_per_case
from cjsim.economics.costing import Costing, cost_again
from cjsim.economics.npv import Worth, YearRow, worth, year_rows
from cjsim.economics.social import SocialCost, social_costs
from cjsim.experiment.money_checks import money_notices
from cjsim.experiment.results import Results
from cjsim.scenarios.scenario import scenarios_of


@dataclass(frozen=True)
class Ledger:
    """All that is told of a run's money.

    Everything but the costing itself is by scenario. `worth` holds first all costs, then what of
    them is money; it is empty without a discount rate. `social` is None unless it was asked for.
    """

    costing: Costing
    horizon: Horizon
    compared: pa.Table
    tables: dict[str, list[CostRow]]
    per_case: dict[str, list[dict[str, Any]]]
    flows: dict[str, Flows]
    years: dict[str, list[YearRow]]
    worth: dict[str, tuple[Worth, Worth]]
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

    `costs` is a file of other unit costs, `price_base` another financial year; `social` asks for
    the economic and social cost of crime.
    """
    costing = cost_again(results, costs=costs, price_base=price_base, workers=workers)
    horizon = horizon_of(costing.results.manifest)
    count = results.manifest["replications"]
    flows = {name: flows_of(costing, name, horizon) for name in costing.scenarios}
    compared = differences(costing, flows)
    factors = worth_of(costing.costs, horizon)
    worths = {}
    if factors is not None:
        for name, one in flows.items():
            everything, money = (
                worth(one, horizon, factors, count, money=part) for part in (False, True)
            )
            worths[name] = (everything, money)
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
        years={name: year_rows(name, one, horizon, count) for name, one in flows.items()},
        worth=worths,
        notices=notices,
        social=social_costs(costing) if social else None,
    )
