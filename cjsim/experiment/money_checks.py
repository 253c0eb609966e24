"""Checks of money before a run: what funds pay for, and costs that no unit cost covers."""

from __future__ import annotations

from collections.abc import Mapping

from cjsim.errors import Fault, did_you_mean
from cjsim.measures.registry import known_measures, measure_named
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.costs import CAPACITY
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import dotted, shown_path


def money_settings(experiment: Experiment) -> dict[str, object]:
    """The funds, who draws on them, and the years of the ledger, as the manifest keeps them."""
    ledger = experiment.ledger
    return {
        "funds": {
            name: fund.model_dump(mode="json", by_alias=True)
            for name, fund in experiment.funds.items()
        },
        "draws_on": {name: experiment.funds_of(name) for name in experiment.scenarios},
        "ledger": ledger and ledger.model_dump(mode="json", by_alias=True),
    }


def unknown_outcomes(experiment: Experiment, jurisdiction: str | None) -> list[Fault]:
    """What a fund pays for that no measure is called, or that has no better direction."""
    known = known_measures(jurisdiction)
    faults = []
    for name, fund in experiment.funds.items():
        for outcome, payment in fund.outcomes.items():
            key = dotted(("funds", name, "outcomes", outcome, "measure"))
            found = measure_named(payment.measure) if payment.measure in known else None
            if found is not None and found.better != "neither":
                continue
            wrong = f'there is no measure called "{payment.measure}".'
            remedy = did_you_mean(payment.measure, known)
            if found is not None:
                wrong = f'no direction of "{payment.measure}" is better: nothing can beat it.'
                remedy = "Pay for a measure that has a better direction: cjsim explain MEASURE."
            faults.append(Fault(shown_path(experiment.path), key, wrong, remedy, f"funds.{name}"))
    return faults


def scenarios_without_declared_costs(scenarios: Mapping[str, ResolvedScenario]) -> list[str]:
    """The scenarios, all but the first, that set levers and declare no cost of their reform.

    The price of something is no lever.
    """
    return [
        name
        for name, scenario in list(scenarios.items())[1:]
        if not scenario.model.costs.declared
        and any(change.at[0] != "costs" for change in scenario.added)
    ]


def unpaid_pools(scenarios: Mapping[str, ResolvedScenario]) -> dict[str, list[str]]:
    """By scenario, the pools whose capacity it changes and whose places no unit cost covers."""
    (_, baseline), *others = scenarios.items()
    paid = {
        pool
        for unit in baseline.model.costs.units.values()
        if unit.per in CAPACITY
        for pool in unit.pools
    }
    unpaid = {}
    for name, scenario in others:
        changed = {
            str(change.at[1])
            for change in scenario.added
            if change.at[0] == "pools" and change.at[-1] == "capacity"
        }
        if changed - paid:
            unpaid[name] = sorted(changed - paid)
    return unpaid


def money_notices(scenarios: Mapping[str, ResolvedScenario]) -> list[str]:
    """What a reader of any cost should know of what the scenarios leave out."""
    notices = []
    if names := scenarios_without_declared_costs(scenarios):
        notices.append(f"No cost of the reform itself is declared in {', '.join(names)}.")
    for name, pools in unpaid_pools(scenarios).items():
        declares = bool(scenarios[name].model.costs.declared)
        paid = (
            "they are in what it declares, or nowhere." if declares else "declare what that costs."
        )
        notices.append(
            f'Scenario "{name}" changes how many there are of {", ".join(pools)}, and no unit cost '
            f"charges anybody for their places: {paid}"
        )
    return notices
