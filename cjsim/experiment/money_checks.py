"""What is said of money before anything runs: what the ledger is asked, and what nobody pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cjsim.errors import Fault, did_you_mean
from cjsim.experiment.unused_settings import settings_of
from cjsim.measures.registry import MEASURES, known_measures
from cjsim.schema.costs import CAPACITY
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import dotted, shown_path
from cjsim.schema.model import Model


def money_asked(experiment: Experiment) -> dict[str, Any]:
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


def unknown_outcomes(experiment: Experiment) -> list[Fault]:
    """What a fund pays for that no measure is called, or that has no better direction."""
    faults = []
    for name, fund in experiment.funds.items():
        for outcome, payment in fund.outcomes.items():
            key = dotted(("funds", name, "outcomes", outcome, "measure"))
            found = MEASURES.get(payment.measure)
            if found is not None and found.better != "neither":
                continue
            wrong = f'there is no measure called "{payment.measure}".'
            remedy = did_you_mean(payment.measure, known_measures())
            if found is not None:
                wrong = f'no direction of "{payment.measure}" is better: nothing can beat it.'
                remedy = "Pay for a measure that has a better direction: cjsim explain MEASURE."
            faults.append(Fault(shown_path(experiment.path), key, wrong, remedy, f"funds.{name}"))
    return faults


def undeclared(models: Mapping[str, Model]) -> list[str]:
    """The scenarios, all but the first, that set levers and declare no cost of their reform.

    The price of something is no lever.
    """
    (_, baseline), *others = models.items()
    return [
        name
        for name, model in others
        if not model.costs.declared
        and any(not path.startswith("costs.") for path, _, _ in settings_of(baseline, model))
    ]


def unpaid_pools(models: Mapping[str, Model]) -> dict[str, list[str]]:
    """By scenario, the pools whose places it changes and for whose places nobody pays."""
    (_, baseline), *others = models.items()
    paid = {
        pool
        for unit in baseline.costs.units.values()
        if unit.per in CAPACITY
        for pool in unit.pools
    }
    found = {}
    for name, model in others:
        changed = {
            path.split(".")[1]
            for path, _, _ in settings_of(baseline, model)
            if path.startswith("pools.") and path.endswith(".capacity")
        }
        if changed - paid:
            found[name] = sorted(changed - paid)
    return found


def money_notices(models: Mapping[str, Model]) -> list[str]:
    """What a reader of any cost should know of what the scenarios leave out."""
    notices = []
    if names := undeclared(models):
        notices.append(f"No cost of the reform itself is declared in {', '.join(names)}.")
    for name, pools in unpaid_pools(models).items():
        declares = bool(models[name].costs.declared)
        paid = (
            "they are in what it declares, or nowhere." if declares else "declare what that costs."
        )
        notices.append(
            f'Scenario "{name}" changes how many there are of {", ".join(pools)}, and no unit cost '
            f"charges anybody for their places: {paid}"
        )
    return notices
