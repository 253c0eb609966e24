"""The ledger as text: one table for the Board, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from cjsim.economics.cost_shares import CostRow
from cjsim.economics.funds import FundUse
from cjsim.economics.ledger import Ledger
from cjsim.economics.npv import BreakEven, Estimate, YearRow
from cjsim.england_wales.labels import agency_name, phrase_of
from cjsim.england_wales.vocabulary import AGENCIES
from cjsim.formatting.numbers import gbp, gbp_span, pence
from cjsim.formatting.tables import text_table
from cjsim.measures.costs import OWN_TIME

Table = Callable[[Sequence[str], Sequence[Sequence[str]], set[int]], str]
"""How a table is drawn: headings, rows, and the columns that hold numbers."""


HEADINGS = (
    "agency",
    "baseline",
    "scenario",
    "difference",
    "95 % interval",
    "cashable",
    "capacity paid",
    "not cashable",
    "for outcomes",
    "of it the reform",
    "verdict",
)

EXPLAINED = (
    "Cashable: spent less where less is done. Capacity paid: posts and courtroom sessions, paid "
    "whether they are used or not. Not cashable: charged at an average rate; less of it frees a "
    "cell, a prison place or an hour, and no money."
)


def ledger_text(ledger: Ledger, draw: Table = text_table) -> str:
    """All of the ledger but its lines; `draw` makes a table of headings and rows."""
    return "\n".join(_lines(ledger, draw))


def _lines(ledger: Ledger, draw: Table) -> Iterator[str]:
    manifest = ledger.results.manifest
    labels = {item["name"]: item["label"] for item in manifest["scenarios"]}
    count = manifest["replications"]
    where = f" in {ledger.results.place}" if ledger.results.place else ""
    yield (
        f"{manifest['experiment']['title']}: what it costs whom{where}, in pounds of "
        f"{ledger.costing.costs.price_base}, {manifest['study_from']} to {manifest['study_to']}, "
        f"{'1 replication' if count == 1 else f'{count} paired replications'}"
    )
    yield _deflated(ledger)
    if not ledger.costing.scenarios:
        yield ""
        yield "There is only the baseline: nothing to compare."
    for scenario in ledger.costing.scenarios:
        yield ""
        yield f"{labels[scenario]} ({scenario}) against {labels[ledger.results.scenarios[0]]!r}"
        yield from _who_pays(ledger, scenario, draw)
        yield from _cases(ledger, scenario, draw)
        yield from _funds(ledger, scenario)
        yield from _over_the_years(ledger, scenario, draw)
    if ledger.costing.scenarios:
        yield ""
        yield EXPLAINED
    yield from _social(ledger)
    if ledger.notices:
        yield ""
        yield from (f"Note: {notice}" for notice in ledger.notices)


def _deflated(ledger: Ledger) -> str:
    costs = ledger.costing.costs
    base = costs.deflator[costs.price_base]
    return (
        f"Every price is brought to {costs.price_base} by one series: {base.source} of "
        "calibration/register.csv."
    )


def _who_pays(ledger: Ledger, scenario: str, draw: Table) -> Iterator[str]:
    rows = ledger.tables[scenario]
    paid = [row for row in rows if row.agency != OWN_TIME]
    yield ""
    yield draw(HEADINGS, [_cost_cells(row) for row in paid], {*range(1, 10)})
    for row in rows:
        if row.agency == OWN_TIME:
            yield (
                "Apart, in nobody's budget: the own time of victims and witnesses, "
                f"{gbp(row.baseline)} in the baseline, {gbp(row.difference, signed=True)}"
                f"{_in_brackets(row.low, row.high)}."
            )
    used = [row for row in paid if row.agency and round(row.time_used)]
    if used:
        said = ", ".join(
            f"{agency_name(row.agency)} {gbp(row.time_used, signed=True)}" for row in used
        )
        yield (
            "Apart, paid already: time worked, and courtrooms used, at the price of their hours: "
            f"{said}. Below 0 it is time set free."
        )
    wide = {row.confidence for row in paid if row.confidence and row.confidence > 0.95}
    if wide:
        yield (
            "Intervals are widened for the scenarios held against one baseline (Holm); those over "
            "the years are each scenario's own."
        )


def _cost_cells(row: CostRow) -> tuple[str, ...]:
    return (
        agency_name(row.agency) if row.agency else "all agencies",
        gbp(row.baseline),
        gbp(row.value),
        gbp(row.difference, signed=True),
        gbp_span(row.low, row.high),
        *(
            gbp(part, signed=True)
            for part in (row.cashable, row.capacity, row.non_cashable, row.outcomes, row.reform)
        ),
        row.verdict,
    )


def _cases(ledger: Ledger, scenario: str, draw: Table) -> Iterator[str]:
    yield ""
    yield draw(
        ("in pounds", "baseline", "scenario", "difference", "95 % interval", "verdict"),
        [_case_cells(row) for row in ledger.per_case[scenario]],
        {1, 2, 3, 4},
    )


def _case_cells(row: dict[str, Any]) -> tuple[str, ...]:
    told = pence if "_per_" in row["kpi"] else gbp
    return (
        phrase_of("measure", row["kpi"]),
        told(row["baseline"]),
        told(row["value"]),
        told(row["difference"], signed=True),
        gbp_span(row["low"], row["high"], partial(told, signed=True)),
        row["verdict"],
    )


# --- funds --------------------------------------------------------------------------------------


def _funds(ledger: Ledger, scenario: str) -> Iterator[str]:
    for one in ledger.flows[scenario].funds:
        yield ""
        yield from _fund(one)


def _fund(one: FundUse) -> Iterator[str]:
    theme = one.fund.theme.replace("_", " ")
    shares = ", ".join(
        f"{agency_name(agency)} {100 * share:.0f} %" for agency, share in one.fund.paid_by.items()
    )
    yield f"Fund: {one.fund.title} ({theme}), {gbp(one.budget)}, paid by {shares}"
    yield f"  for the reform itself  {gbp(one.spent)}"
    for name, outcome in one.outcomes.items():
        payment = outcome.payment
        whom = f" to {agency_name(payment.to)}" if payment.to else " to others than the agencies"
        yield (
            f"  for {name.replace('_', ' ')}  {gbp(float(outcome.gbp.mean()))} on average{whom}: "
            f"{payment.measure} beat its baseline by {payment.beats_by:g} in "
            f"{100 * float(outcome.reached.mean()):.0f} % of the replications"
        )
    left = one.budget - one.spent - float(one.paid.mean())
    yield f"  left  {gbp(left)}" if left >= 0 else f"  over the budget by  {gbp(-left)}"


# --- years --------------------------------------------------------------------------------------


def _over_the_years(ledger: Ledger, scenario: str, draw: Table) -> Iterator[str]:
    horizon = ledger.horizon
    if ledger.results.manifest["experiment"].get("ledger") and horizon.years:
        rows = ledger.years[scenario]
        agencies = [one for one in (*AGENCIES, "") if any(row.agency == one for row in rows)]
        marked = [
            year if horizon.is_measured(year) else f"{year} carried" for year in horizon.years
        ]
        yield ""
        yield draw(
            ("difference by year", *marked),
            [*(_year_cells(one, rows) for one in agencies), _year_ends(rows)],
            {*range(1, len(marked) + 1)},
        )
        if len(horizon.months) > horizon.measured:
            yield (
                "Carried: the difference of the run's last twelve months again, with what is "
                "declared of the reform's own cost on its own days."
            )
    if scenario in ledger.worth:
        first, last = horizon.months[0].isoformat()[:7], horizon.months[-1].isoformat()[:7]
        rate = ledger.costing.costs.discount_rate
        assert rate is not None
        yield ""
        for said, one in zip(("all costs", "money only"), ledger.worth[scenario], strict=True):
            yield (
                f"Net present value, {said}, {first} to {last} at {_per_cent(rate.value)} a year "
                f"({rate.source}): {_estimate(one.present_value)}. {_break_even(one.break_even)}"
            )


def _per_cent(rate: float | dict[str, float]) -> str:
    return f"{100 * rate:g} %" if isinstance(rate, float) else "dated rates"


def _year_cells(agency: str, rows: Sequence[YearRow]) -> tuple[str, ...]:
    cells = [gbp(row.change.mean, signed=True) for row in rows if row.agency == agency]
    return (agency_name(agency) if agency else "all agencies", *cells)


def _year_ends(rows: Sequence[YearRow]) -> tuple[str, ...]:
    whole = [row.change for row in rows if not row.agency]
    return ("95 % interval", *(gbp_span(one.low, one.high) for one in whole))


def _estimate(one: Estimate) -> str:
    return gbp(one.mean, signed=True) + _in_brackets(one.low, one.high)


def _in_brackets(low: float | None, high: float | None) -> str:
    """An interval behind its number; nothing where there is none."""
    return "" if low is None or high is None else f" ({gbp_span(low, high)})"


def _break_even(one: BreakEven) -> str:
    share = f"{100 * one.share:.0f} % of the replications"
    if one.month is None:
        return f"It does not break even; {share} do." if one.share else "It does not break even."
    return f"It breaks even in {one.month} ({one.earliest} to {one.latest or 'never'}; {share} do)."


def _social(ledger: Ledger) -> Iterator[str]:
    if ledger.social is None:
        return
    yield ""
    if not ledger.costing.costs.social_cost_of_crime:
        yield "Economic and social cost of crime: this model has no figures for it."
        return
    for one in ledger.social:
        groups = ", ".join(group.replace("_", " ") for group in one.groups)
        yield (
            f"Economic and social cost of crime, apart and never to be added ({one.scenario}): "
            f"{gbp(one.baseline)} in the baseline, {_estimate(one.difference)}. One crime for each "
            f"suspect of a notifiable offence, of {groups}; what police and courts spend on it is "
            "part of it."
        )
