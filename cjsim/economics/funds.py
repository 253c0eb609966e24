"""Commissioning: what a fund pays for, by whom, and the money that follows outcomes.

An outcome is judged replication by replication: the scenario's measure against that of the same
replication of the baseline. So the money that follows it has an interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.economics.years import Values
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.results import Results
from cjsim.measures.prices import deflator
from cjsim.measures.registry import MEASURES
from cjsim.schema.costs import Costs
from cjsim.schema.money import DeclaredCost, Fund, OutcomePayment


@dataclass(frozen=True)
class Outcome:
    """One payment for an outcome: whether each replication reached it, and what it was paid."""

    payment: OutcomePayment
    reached: Values
    gbp: Values


@dataclass(frozen=True)
class FundUse:
    """What a scenario takes out of a fund, in pounds of the price base.

    `spent` is what its reforms are declared to cost, `outcomes` what is paid for what it reaches.
    """

    name: str
    fund: Fund
    budget: float
    spent: float
    outcomes: Mapping[str, Outcome]

    @property
    def paid(self) -> Values:
        """What is paid for outcomes in each replication."""
        found: Values = sum((one.gbp for one in self.outcomes.values()), start=np.zeros(1))
        return found

    @property
    def charged(self) -> dict[str, Values]:
        """What the outcomes cost each agency in each replication; what it is paid is below 0."""
        changes: dict[str, Values] = {}
        for agency, share in self.fund.paid_by.items():
            changes[agency] = changes.get(agency, np.zeros(1)) + share * self.paid
        for one in self.outcomes.values():
            if one.payment.to is not None:
                changes[one.payment.to] = changes.get(one.payment.to, np.zeros(1)) - one.gbp
        return changes if self.outcomes else {}


def funds_used(
    results: Results, scenario: str, costs: Costs, spent: Mapping[str, float]
) -> list[FundUse]:
    """What a scenario takes out of the funds that it draws on. Raises Faults.

    `spent` is by fund what the scenario's declared costs take of it, in pounds of the price base.
    """
    about = results.manifest["experiment"]
    found = []
    for name in about.get("draws_on", {}).get(scenario, ()):
        fund = Fund.model_validate(about["funds"][name])
        budget = fund.budget.gbp * deflator(costs, fund.budget)
        left = max(budget - spent.get(name, 0.0), 0.0)
        reached = {
            outcome: (payment, _reached(results, scenario, payment, name, outcome))
            for outcome, payment in fund.outcomes.items()
        }
        due = {
            outcome: met * payment.gbp * deflator(costs, payment)
            for outcome, (payment, met) in reached.items()
        }
        asked: Values = sum(due.values(), start=np.zeros(1))
        # Nobody is paid more than is left: each outcome then has its part of that.
        part = np.minimum(1.0, left / np.where(asked > 0, asked, 1.0))
        outcomes = {
            outcome: Outcome(payment, met, due[outcome] * part)
            for outcome, (payment, met) in reached.items()
        }
        found.append(FundUse(name, fund, budget, spent.get(name, 0.0), outcomes))
    return found


def _reached(
    results: Results, scenario: str, payment: OutcomePayment, fund: str, outcome: str
) -> Values:
    """For each replication 1 where the measure beats its baseline by enough, else 0."""
    before, after = (
        _values(results.kpis, name, payment) for name in (results.scenarios[0], scenario)
    )
    if not before or not after:
        groups = _groups(results.kpis, payment)
        wrong = f'this run has no "{payment.measure}" of court "{payment.court}" and group ' + (
            f'"{payment.group}".' if payment.group else "for everybody."
        )
        key = f"funds.{fund}.outcomes.{outcome}"
        file = str(results.manifest["experiment"].get("file", results.folder))
        remedy = did_you_mean(payment.group, groups) if groups else "Name a court that has it."
        raise Faults([Fault(file, key, wrong, remedy, f"funds.{fund}")])
    sign = 1 if MEASURES[payment.measure].better == "higher" else -1
    return np.array(
        [
            float(
                replication in before
                and replication in after
                and sign * (after[replication] - before[replication]) >= payment.beats_by
            )
            for replication in range(results.manifest["replications"])
        ]
    )


def _of_whole_run(kpis: pa.Table, payment: OutcomePayment) -> pa.Table:
    for column, word in (
        ("kpi", payment.measure),
        ("court", payment.court),
        ("period", "all"),
    ):
        kpis = kpis.filter(pc.equal(kpis.column(column), word))
    return kpis


def _values(kpis: pa.Table, scenario: str, payment: OutcomePayment) -> dict[int, float]:
    found = _of_whole_run(kpis, payment)
    found = found.filter(pc.equal(found.column("scenario"), scenario))
    found = found.filter(pc.equal(found.column("group"), payment.group))
    rows: list[dict[str, Any]] = found.to_pylist()
    return {row["replication"]: row["value"] for row in rows}


def _groups(kpis: pa.Table, payment: OutcomePayment) -> list[str]:
    return sorted(set(_of_whole_run(kpis, payment).column("group").to_pylist()))


def spent_by_fund(charged: Mapping[DeclaredCost, float]) -> dict[str, float]:
    """What declared costs take out of each fund; `charged` gives each one's pounds."""
    spent: dict[str, float] = {}
    for cost, gbp in charged.items():
        if cost.fund is not None:
            spent[cost.fund] = spent.get(cost.fund, 0.0) + gbp
    return spent
