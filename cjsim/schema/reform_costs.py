"""What an experiment says that its reforms cost, charged to the agencies that pay."""

from __future__ import annotations

from collections.abc import Iterator

from cjsim.errors import did_you_mean
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import KeyPath
from cjsim.schema.messages import Problem
from cjsim.schema.model import Model
from cjsim.schema.money import DeclaredCost, Pounds, ReformCost
from cjsim.schema.register import Register


def with_declared_costs(model: Model, experiment: Experiment, scenario: str) -> Model:
    """The model with what a scenario, and all that it uses, declare that their reforms cost."""
    charged = tuple(_charged(experiment, scenario))
    if not charged:
        return model
    costs = model.costs.model_copy(update={"declared": (*model.costs.declared, *charged)})
    return model.model_copy(update={"costs": costs})


def _charged(experiment: Experiment, scenario: str) -> Iterator[DeclaredCost]:
    for used in experiment.used_by(scenario):
        for line, cost in experiment.scenario(used).cost.items():
            fund = experiment.funds.get(cost.fund or "")
            if cost.fund is None or fund is not None:
                yield from cost.charged(used, line, fund.paid_by if fund else {})


def check_money(
    experiment: Experiment, model: Model, register: Register | None
) -> Iterator[Problem]:
    """Declared costs and funds that the model, the register or the run do not fit."""
    for name, scenario in experiment.scenarios.items():
        for fund in scenario.funds:
            yield from _known_fund(("scenarios", name, "funds"), fund, experiment)
        for line, cost in scenario.cost.items():
            at: KeyPath = ("scenarios", name, "cost", line)
            yield from _pounds(at, cost, model, register)
            yield from _reform_cost(at, cost, experiment)
    for reference, borrowed in experiment.borrowed.items():
        for paying in borrowed.scenario.paying_funds:
            why = f", as {reference} needs"
            yield from _known_fund(("funds", paying), paying, experiment, why)
    for name, one in experiment.funds.items():
        yield from _pounds(("funds", name, "budget"), one.budget, model, register)
        for outcome, payment in one.outcomes.items():
            yield from _pounds(("funds", name, "outcomes", outcome), payment, model, register)


def _pounds(
    at: KeyPath, pounds: Pounds, model: Model, register: Register | None
) -> Iterator[Problem]:
    known = list(model.costs.deflator)
    if pounds.price_year not in known:
        yield Problem(
            (*at, "price_year"),
            f'the deflator has no year "{pounds.price_year}".',
            f"Write one that it has: {', '.join(known)}.",
        )
    if register is not None and pounds.source not in (*register, "assumption", "toy"):
        yield Problem(
            (*at, "source"),
            f'"{pounds.source}" is not in calibration/register.csv.',
            'Write an id of the register, or "assumption" with a range.',
        )


def _reform_cost(at: KeyPath, cost: ReformCost, experiment: Experiment) -> Iterator[Problem]:
    if cost.fund is not None:
        yield from _known_fund((*at, "fund"), cost.fund, experiment)
    if cost.from_ < experiment.run.from_:
        yield Problem(
            (*at, "from"),
            f"{cost.from_} lies before the first day of the run ({experiment.run.from_}).",
            "Begin on that day or later: what was spent before it is the same in every scenario.",
        )


def _known_fund(at: KeyPath, fund: str, experiment: Experiment, why: str = "") -> Iterator[Problem]:
    if fund not in experiment.funds:
        remedy = did_you_mean(fund, list(experiment.funds))
        if not experiment.funds:
            remedy = f"Add the table [funds.{fund}]."
        yield Problem(at, f'there is no fund called "{fund}"{why}.', remedy)
