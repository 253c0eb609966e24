"""The economic and social cost of crime: optional, shown apart, and never added to other costs.

It includes the response costs of police and courts, which are in the agencies' costs already.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cjsim.economics.costing import Costing
from cjsim.economics.npv import Estimate, estimate
from cjsim.economics.years import Values
from cjsim.experiment.plan import Task
from cjsim.measures.prices import deflator


@dataclass(frozen=True)
class SocialCost:
    """The cost of the crimes with a suspect, in the price base.

    `groups` are the offence groups with a published figure; all others are left out.
    """

    scenario: str
    baseline: float
    value: float
    difference: Estimate
    groups: tuple[str, ...]


def social_costs(costing: Costing) -> list[SocialCost]:
    """The cost of crime in each scenario."""
    costs = costing.costs
    prices = {
        str(group): crime.gbp * deflator(costs, crime)
        for group, crime in costs.social_cost_of_crime.items()
    }

    def of(scenario: str) -> Values:
        return np.array(
            [
                sum(
                    price * costing.crimes[Task(scenario, replication)].get(group, 0)
                    for group, price in prices.items()
                )
                for replication in range(costing.results.metadata.replications)
            ]
        )

    before = of(costing.results.scenarios[0])
    return [
        SocialCost(
            scenario,
            float(before.mean()),
            float(after.mean()),
            estimate(after - before),
            tuple(prices),
        )
        for scenario in costing.scenarios
        for after in (of(scenario),)
    ]
