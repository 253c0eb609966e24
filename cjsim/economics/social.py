"""The economic and social cost of crime: asked for on purpose, shown apart, and never added.

It holds what police and courts spend in answer to a crime, and so must not stand beside the
agencies' costs in one sum.
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
    """What the crimes cost everybody of which somebody came under suspicion, in the price base.

    `groups` are the offence groups that a published figure serves; all others are left out.
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
                for replication in range(costing.results.manifest["replications"])
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
