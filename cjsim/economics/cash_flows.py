"""What a scenario changes, month by month and agency by agency, over the years of the ledger.

What the run covers is measured. After it the last twelve months are carried forward, but for what
the reform itself costs, which falls on the days that are declared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
from cjsim.england_wales.vocabulary import AGENCIES
from cjsim.experiment.results import Results
from cjsim.measures.costs import DECLARED, OWN_TIME
from cjsim.measures.prices import deflator, spent_between
from cjsim.schema.costs import Costs
from cjsim.schema.money import DeclaredCost, LedgerPlan

CASH = ("cashable", "capacity")
"""The kinds of cost that are money when they change."""


@dataclass(frozen=True)
class Horizon:
    """The months that the ledger looks at: those of the run, and those carried forward.

    `why_not` says why no month is carried forward although the experiment asks for it.
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
class Flows:
    """What a scenario changes: a row for each replication, a column for each month.

    `work` is what follows from the work and the capacity, `cash` that part of it which is money;
    `declared` what the reform itself costs (of it `declared_cash`), one row; `outcomes` what is
    paid for outcomes when the run is over. All are by agency; more than before is above 0.
    """

    work: dict[str, Values]
    cash: dict[str, Values]
    declared: dict[str, Values]
    declared_cash: dict[str, Values]
    outcomes: dict[str, Values]
    funds: tuple[FundUse, ...]

    @property
    def agencies(self) -> list[str]:
        """Those that something changes for, in the order of the field."""
        found = {*self.work, *self.declared, *self.outcomes}
        return [agency for agency in AGENCIES if agency in found]

    def whole(self, agency: str) -> Values:
        """All that changes for an agency."""
        found: Values = (
            self.work.get(agency, np.zeros((1, 1)))
            + self.declared.get(agency, np.zeros((1, 1)))
            + self.outcomes.get(agency, np.zeros((1, 1)))
        )
        return found

    def money(self, agency: str) -> Values:
        """All that changes in money for an agency."""
        found: Values = (
            self.cash.get(agency, np.zeros((1, 1)))
            + self.declared_cash.get(agency, np.zeros((1, 1)))
            + self.outcomes.get(agency, np.zeros((1, 1)))
        )
        return found


def horizon_of(manifest: Mapping[str, Any]) -> Horizon:
    """The months of a run and of the years that its experiment asks for."""
    first, last = (dt.date.fromisoformat(manifest[key]) for key in ("study_from", "study_to"))
    months = months_between(first, last)
    asked = manifest["experiment"].get("ledger")
    run_years = list(dict.fromkeys(financial_year(month) for month in months))
    if asked is None:
        return Horizon(tuple(months), len(months), tuple(run_years))
    plan = LedgerPlan.model_validate(asked)
    end = first_day(plan.to).replace(year=int(plan.to[:4]) + 1)
    more = max((end.year - months[-1].year) * A_YEAR + end.month - months[-1].month - 1, 0)
    why_not = ""
    if more and len(months) < A_YEAR:
        why_not = "the run covers less than a year"
    elif more and (first.day != 1 or (last + dt.timedelta(days=1)).day != 1):
        why_not = "the run does not begin and end with a month"
    whole = months_from(months[0], len(months) + (0 if why_not else more))
    years = [
        year
        for year in dict.fromkeys(financial_year(month) for month in whole)
        if plan.from_ <= year <= plan.to
    ]
    return Horizon(tuple(whole), len(months), tuple(years), why_not)


def flows_of(costing: Costing, scenario: str, horizon: Horizon) -> Flows:
    """What a scenario changes over a horizon. Raises Faults."""
    baseline = costing.results.scenarios[0]
    more = len(horizon.months) - horizon.measured
    measured = horizon.months[: horizon.measured]
    before, after = (_by_agency(costing, name, measured) for name in (baseline, scenario))
    work: dict[str, Values] = {}
    cash: dict[str, Values] = {}
    count = (costing.results.manifest["replications"], len(measured))
    for agency, kind in sorted({*before, *after}):
        none = np.zeros(count)
        change = after.get((agency, kind), none) - before.get((agency, kind), none)
        whole = carried_forward(change, more) if more else change
        work[agency] = work.get(agency, 0.0) + whole
        if kind in CASH:
            cash[agency] = cash.get(agency, 0.0) + whole
    costs = costing.models[scenario].costs
    declared = _declared(costs, costing.costs, horizon)
    funds = _funds(costing.results, scenario, costs, declared)
    return Flows(
        work,
        cash,
        _summed(declared, declared),
        _summed(declared, [one for one in declared if one.cashable]),
        _paid_at_the_end(funds, horizon),
        tuple(funds),
    )


def funds_of(results: Results, scenario: str) -> list[FundUse]:
    """What a scenario takes out of its funds, by the costs of the run. Raises Faults."""
    base, costs = (results.model(name).costs for name in (results.scenarios[0], scenario))
    declared = _declared(costs, base, horizon_of(results.manifest))
    return _funds(results, scenario, costs, declared)


def _declared(costs: Costs, base: Costs, horizon: Horizon) -> dict[DeclaredCost, Values]:
    """What a scenario itself declares, month by month."""
    own = [one for one in costs.declared if one not in base.declared]
    return {one: _by_month(one, costs, horizon.months) for one in own}


def _funds(
    results: Results, scenario: str, costs: Costs, declared: Mapping[DeclaredCost, Values]
) -> list[FundUse]:
    spent = spent_by_fund({one: float(row.sum()) for one, row in declared.items()})
    return funds_used(results, scenario, costs, spent)


def _by_agency(
    costing: Costing, scenario: str, months: Sequence[dt.date]
) -> dict[tuple[str, str], Values]:
    """What each agency and kind of cost comes to, without what is declared or nobody pays."""
    place = {month.isoformat()[:7]: number for number, month in enumerate(months)}
    shape = (costing.results.manifest["replications"], len(months))
    found: dict[tuple[str, str], Values] = {}
    lines = costing.lines.filter(costing.mask(scenario))
    names = ("agency", "kind", "activity", "month", "replication", "gbp")
    for agency, kind, activity, month, replication, gbp in zip(
        *(lines.column(name).to_pylist() for name in names), strict=True
    ):
        if activity != DECLARED and agency != OWN_TIME and kind != "used":
            table = found.setdefault((agency, kind), np.zeros(shape))
            table[replication, place[month]] += gbp
    return found


def _by_month(cost: DeclaredCost, costs: Costs, months: Sequence[dt.date]) -> Values:
    """What a declared cost comes to in each month, in the price base."""
    price = cost.gbp * deflator(costs, cost)
    return np.array([[price * spent_between(cost, one, next_month(one)) for one in months]])


def _summed(
    rows: dict[DeclaredCost, Values], chosen: Sequence[DeclaredCost] | dict[DeclaredCost, Values]
) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for one in chosen:
        found[one.agency] = found.get(one.agency, 0.0) + rows[one]
    return found


def _paid_at_the_end(funds: Sequence[FundUse], horizon: Horizon) -> dict[str, Values]:
    """What outcomes cost each agency, in the last month of the run."""
    found: dict[str, Values] = {}
    for fund in funds:
        for agency, charged in fund.charged.items():
            table = np.zeros((len(charged), len(horizon.months)))
            table[:, horizon.measured - 1] = charged
            found[agency] = found.get(agency, 0.0) + table
    return found


def all_agencies(flows: Flows, horizon: Horizon, *, money: bool = False) -> Values:
    """What changes for all agencies together, or what of it is money."""
    rows = [flows.money(one) if money else flows.whole(one) for one in flows.agencies]
    total: Values = sum(rows, start=np.zeros((1, len(horizon.months))))
    return total


def worth_of(costs: Costs, horizon: Horizon) -> Values | None:
    """The discount factor of each month; None where the costs give no rate."""
    if costs.discount_rate is None:
        return None
    return discount_factors(costs.discount_rate, horizon.months)
