"""Commissioning: use of funds, the agencies that pay for them, and payments for outcomes.

An outcome is decided by replication: the scenario's measure against that of the same replication
of the baseline. So a payment for an outcome has an interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.economics.years import Values
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.results import Results
from cjsim.measures.prices import deflator
from cjsim.measures.registry import better_direction
from cjsim.schema.costs import Costs
from cjsim.schema.money import DeclaredCost, Fund, OutcomePayment


@dataclass(frozen=True)
class Outcome:
    """A payment for an outcome: whether each replication reached it, and the pounds paid."""

    payment: OutcomePayment
    reached: Values
    gbp: Values


@dataclass(frozen=True)
class FundUse:
    """The use of a fund by a scenario, in pounds of the price base.

    `spent` is the declared cost of its reforms, `outcomes` the payments for outcomes.
    """

    name: str
    fund: Fund
    budget: float
    spent: float
    outcomes: Mapping[str, Outcome]

    @property
    def paid(self) -> Values:
        """The payments for outcomes by replication."""
        total: Values = sum((outcome.gbp for outcome in self.outcomes.values()), start=np.zeros(1))
        return total

    @property
    def charged(self) -> dict[str, Values]:
        """The payments for outcomes by agency and replication; money received is below 0."""
        changes: dict[str, Values] = {}
        for agency, share in self.fund.paid_by.items():
            changes[agency] = changes.get(agency, np.zeros(1)) + share * self.paid
        for outcome in self.outcomes.values():
            if outcome.payment.to is not None:
                changes[outcome.payment.to] = (
                    changes.get(outcome.payment.to, np.zeros(1)) - outcome.gbp
                )
        return changes if self.outcomes else {}


def funds_used(
    results: Results, scenario: str, costs: Costs, spent: Mapping[str, float]
) -> list[FundUse]:
    """The use of the funds that a scenario draws on. Raises Faults.

    `spent` is the declared cost of the scenario by fund, in pounds of the price base.
    """
    experiment = results.metadata.experiment
    uses = []
    for name in experiment.draws_on.get(scenario, ()):
        fund = experiment.funds[name]
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
        claimed: Values = sum(due.values(), start=np.zeros(1))
        # Payments are limited to the rest of the budget, in proportion.
        part = np.minimum(1.0, left / np.where(claimed > 0, claimed, 1.0))
        outcomes = {
            outcome: Outcome(payment, met, due[outcome] * part)
            for outcome, (payment, met) in reached.items()
        }
        uses.append(FundUse(name, fund, budget, spent.get(name, 0.0), outcomes))
    return uses


def _reached(
    results: Results, scenario: str, payment: OutcomePayment, fund: str, outcome: str
) -> Values:
    """1 for each replication whose measure beats its baseline by enough, else 0."""
    before, after = (
        _values(results.kpis, name, payment) for name in (results.scenarios[0], scenario)
    )
    if not before or not after:
        groups = _groups(results.kpis, payment)
        wrong = f'this run has no "{payment.measure}" of court "{payment.court}" and group ' + (
            f'"{payment.group}".' if payment.group else "for all groups."
        )
        key = f"funds.{fund}.outcomes.{outcome}"
        file = results.metadata.experiment.file or str(results.folder)
        remedy = did_you_mean(payment.group, groups) if groups else "Name a court that has it."
        raise Faults([Fault(file, key, wrong, remedy, f"funds.{fund}")])
    sign = 1 if better_direction(payment.measure) == "higher" else -1
    return np.array(
        [
            float(
                replication in before
                and replication in after
                and sign * (after[replication] - before[replication]) >= payment.beats_by
            )
            for replication in range(results.metadata.replications)
        ]
    )


def _of_whole_run(kpis: pa.Table, payment: OutcomePayment) -> pa.Table:
    for column, word in (("kpi", payment.measure), ("court", payment.court), ("period", "all")):
        kpis = kpis.filter(pc.equal(kpis.column(column), word))
    return kpis


def _values(kpis: pa.Table, scenario: str, payment: OutcomePayment) -> dict[int, float]:
    rows_of_group = _of_whole_run(kpis, payment)
    rows_of_group = rows_of_group.filter(pc.equal(rows_of_group.column("scenario"), scenario))
    rows_of_group = rows_of_group.filter(pc.equal(rows_of_group.column("group"), payment.group))
    return {row["replication"]: row["value"] for row in rows_of_group.to_pylist()}


def _groups(kpis: pa.Table, payment: OutcomePayment) -> list[str]:
    return sorted(set(_of_whole_run(kpis, payment).column("group").to_pylist()))


def spent_by_fund(charged: Mapping[DeclaredCost, float]) -> dict[str, float]:
    """The declared costs by fund; `charged` gives the pounds of each cost."""
    spent: dict[str, float] = {}
    for cost, gbp in charged.items():
        if cost.fund is not None:
            spent[cost.fund] = spent.get(cost.fund, 0.0) + gbp
    return spent
