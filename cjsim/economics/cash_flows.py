"""Cash flows: the change in cost by month and agency, over the years of the ledger.

The months of the run are measured. After it the last twelve months are carried forward, except the
cost of the reform itself, which falls on its declared days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cjsim.des.working_time import months_between, next_month
from cjsim.economics.costing import Costing
from cjsim.economics.funds import FundUse, funds_used, spent_by_fund
from cjsim.economics.years import (
    A_YEAR,
    Values,
    carried_forward,
    discount_factors,
    financial_year,
    first_day,
    months_from,
)
from cjsim.experiment.manifest_schema import Manifest
from cjsim.experiment.results import Results
from cjsim.jurisdiction import OWN_TIME
from cjsim.measures.costs import DECLARED
from cjsim.measures.prices import deflator, spent_between
from cjsim.schema.costs import Costs
from cjsim.schema.money import DeclaredCost

CASH = ("cashable", "capacity")
"""The kinds of cost whose change is money."""


@dataclass(frozen=True)
class Horizon:
    """The months of the ledger: those of the run, and those carried forward.

    `why_not` is the reason why no month is carried forward although the experiment sets it.
    """

    months: tuple[dt.date, ...]
    measured: int
    years: tuple[str, ...]
    why_not: str = ""

    def is_measured(self, year: str) -> bool:
        """Whether the run covers all of a financial year that the ledger covers."""
        carried = {financial_year(month) for month in self.months[self.measured :]}
        return year not in carried


@dataclass(frozen=True)
class CashFlows:
    """The changes in cost of a scenario: a row for each replication, a column for each month.

    `work` follows from work and capacity, and `cash` is its part in money; `declared` is the cost
    of the reform itself (`declared_cash` its part in money), in one row; `outcomes` are payments
    for outcomes at the end of the run. All are by agency; an increase is above 0.
    """

    work: dict[str, Values]
    cash: dict[str, Values]
    declared: dict[str, Values]
    declared_cash: dict[str, Values]
    outcomes: dict[str, Values]
    funds: tuple[FundUse, ...]
    known_agencies: tuple[str, ...]

    @property
    def agencies(self) -> list[str]:
        """The agencies with a change, in the order of the vocabulary."""
        changed = {*self.work, *self.declared, *self.outcomes}
        return [agency for agency in self.known_agencies if agency in changed]

    def total(self, agency: str) -> Values:
        """The total change of an agency."""
        total: Values = (
            self.work.get(agency, np.zeros((1, 1)))
            + self.declared.get(agency, np.zeros((1, 1)))
            + self.outcomes.get(agency, np.zeros((1, 1)))
        )
        return total

    def money(self, agency: str) -> Values:
        """The change of an agency in money."""
        total: Values = (
            self.cash.get(agency, np.zeros((1, 1)))
            + self.declared_cash.get(agency, np.zeros((1, 1)))
            + self.outcomes.get(agency, np.zeros((1, 1)))
        )
        return total


def horizon_of(metadata: Manifest) -> Horizon:
    """The months of a run and of the years that its experiment sets."""
    first, last = metadata.study_from, metadata.study_to
    months = months_between(first, last)
    run_years = list(dict.fromkeys(financial_year(month) for month in months))
    plan = metadata.experiment.ledger
    if plan is None:
        return Horizon(tuple(months), len(months), tuple(run_years))
    end = first_day(plan.to).replace(year=int(plan.to[:4]) + 1)
    more = max((end.year - months[-1].year) * A_YEAR + end.month - months[-1].month - 1, 0)
    why_not = ""
    if more and len(months) < A_YEAR:
        why_not = "the run covers less than a year"
    elif more and (first.day != 1 or (last + dt.timedelta(days=1)).day != 1):
        why_not = "the run does not begin and end with a month"
    all_months = months_from(months[0], len(months) + (0 if why_not else more))
    years = [
        year
        for year in dict.fromkeys(financial_year(month) for month in all_months)
        if plan.from_ <= year <= plan.to
    ]
    return Horizon(tuple(all_months), len(months), tuple(years), why_not)


def cash_flows_of(costing: Costing, scenario: str, horizon: Horizon) -> CashFlows:
    """The cash flows of a scenario over a horizon. Raises Faults."""
    baseline = costing.results.scenarios[0]
    more = len(horizon.months) - horizon.measured
    measured = horizon.months[: horizon.measured]
    before, after = (_by_agency(costing, name, measured) for name in (baseline, scenario))
    work: dict[str, Values] = {}
    cash: dict[str, Values] = {}
    count = (costing.results.metadata.replications, len(measured))
    for agency, kind in sorted({*before, *after}):
        none = np.zeros(count)
        change = after.get((agency, kind), none) - before.get((agency, kind), none)
        over_horizon = carried_forward(change, more) if more else change
        work[agency] = work.get(agency, 0.0) + over_horizon
        if kind in CASH:
            cash[agency] = cash.get(agency, 0.0) + over_horizon
    costs = costing.models[scenario].costs
    declared = _declared(costs, costing.costs, horizon)
    funds = _funds(costing.results, scenario, costs, declared)
    return CashFlows(
        work,
        cash,
        _summed(declared, declared),
        _summed(declared, [cost for cost in declared if cost.cashable]),
        _paid_at_the_end(funds, horizon),
        tuple(funds),
        costing.results.metadata.jurisdiction.vocabulary.agencies,
    )


def funds_of(results: Results, scenario: str) -> list[FundUse]:
    """The use of funds by a scenario, at the costs of the run. Raises Faults."""
    base, costs = (results.model(name).costs for name in (results.scenarios[0], scenario))
    declared = _declared(costs, base, horizon_of(results.metadata))
    return _funds(results, scenario, costs, declared)


def _declared(costs: Costs, base: Costs, horizon: Horizon) -> dict[DeclaredCost, Values]:
    """The costs declared by a scenario, by month."""
    own = [cost for cost in costs.declared if cost not in base.declared]
    return {one: _by_month(one, costs, horizon.months) for one in own}


def _funds(
    results: Results, scenario: str, costs: Costs, declared: Mapping[DeclaredCost, Values]
) -> list[FundUse]:
    spent = spent_by_fund({cost: float(row.sum()) for cost, row in declared.items()})
    return funds_used(results, scenario, costs, spent)


def _by_agency(
    costing: Costing, scenario: str, months: Sequence[dt.date]
) -> dict[tuple[str, str], Values]:
    """The cost by agency and kind, without declared costs and costs that no agency pays."""
    column_of = {month.isoformat()[:7]: number for number, month in enumerate(months)}
    shape = (costing.results.metadata.replications, len(months))
    by_agency: dict[tuple[str, str], Values] = {}
    lines = costing.lines.filter(costing.mask(scenario))
    names = ("agency", "kind", "activity", "month", "replication", "gbp")
    for agency, kind, activity, month, replication, gbp in zip(
        *(lines.column(name).to_pylist() for name in names), strict=True
    ):
        if activity != DECLARED and agency != OWN_TIME and kind != "used":
            table = by_agency.setdefault((agency, kind), np.zeros(shape))
            table[replication, column_of[month]] += gbp
    return by_agency


def _by_month(cost: DeclaredCost, costs: Costs, months: Sequence[dt.date]) -> Values:
    """A declared cost by month, in the price base."""
    price = cost.gbp * deflator(costs, cost)
    return np.array([[price * spent_between(cost, month, next_month(month)) for month in months]])


def _summed(
    rows: dict[DeclaredCost, Values], chosen: Sequence[DeclaredCost] | dict[DeclaredCost, Values]
) -> dict[str, Values]:
    by_agency: dict[str, Values] = {}
    for cost in chosen:
        by_agency[cost.agency] = by_agency.get(cost.agency, 0.0) + rows[cost]
    return by_agency


def _paid_at_the_end(funds: Sequence[FundUse], horizon: Horizon) -> dict[str, Values]:
    """The payments for outcomes by agency, in the last month of the run."""
    by_agency: dict[str, Values] = {}
    for fund in funds:
        for agency, charged in fund.charged.items():
            table = np.zeros((len(charged), len(horizon.months)))
            table[:, horizon.measured - 1] = charged
            by_agency[agency] = by_agency.get(agency, 0.0) + table
    return by_agency


def sum_of_agencies(flows: CashFlows, horizon: Horizon, *, money: bool = False) -> Values:
    """The total change of all agencies, or its part in money."""
    rows = [flows.money(agency) if money else flows.total(agency) for agency in flows.agencies]
    total: Values = sum(rows, start=np.zeros((1, len(horizon.months))))
    return total


def discount_factors_of(costs: Costs, horizon: Horizon) -> Values | None:
    """The discount factor of each month; None where the costs give no rate."""
    if costs.discount_rate is None:
        return None
    return discount_factors(costs.discount_rate, horizon.months)
