"""The ledger as text, and as files beside its results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pyarrow as pa

from cjsim.economics.cost_shares import COLUMNS, NUMBERS, CaseCost, CostRow
from cjsim.economics.funds import FundUse
from cjsim.economics.ledger import Ledger
from cjsim.economics.npv import BreakEven, Estimate, YearRow
from cjsim.formatting.labels import agency_name, phrase_of
from cjsim.formatting.numbers import gbp, gbp_span, pence
from cjsim.formatting.tables import markdown_table, text_table
from cjsim.jurisdiction import OWN_TIME, using
from cjsim.storage.outputs import output_folder
from cjsim.storage.tables import write_csv, write_table
from cjsim.storage.whole import write_text

Table = Callable[[Sequence[str], Sequence[Sequence[str]], set[int]], str]
"""Draws a table from headings, rows, and the indices of columns with numbers."""


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
    """The ledger without its lines; `draw` makes a table of headings and rows."""
    with using(ledger.results.metadata.jurisdiction):
        return "\n".join(_lines(ledger, draw))


def _lines(ledger: Ledger, draw: Table) -> Iterator[str]:
    metadata = ledger.results.metadata
    labels, count = metadata.labels, metadata.replications
    where = f" in {ledger.results.place}" if ledger.results.place else ""
    yield (
        f"{metadata.experiment.title}: what it costs whom{where}, in pounds of "
        f"{ledger.costing.costs.price_base}, {metadata.period}, "
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


def _case_cells(row: CaseCost) -> tuple[str, ...]:
    money = pence if "_per_" in row.kpi else gbp
    return (
        phrase_of("measure", row.kpi),
        money(row.baseline),
        money(row.value),
        money(row.difference, signed=True),
        gbp_span(row.low, row.high, partial(money, signed=True)),
        row.verdict,
    )


# --- funds --------------------------------------------------------------------------------------


def _funds(ledger: Ledger, scenario: str) -> Iterator[str]:
    for fund in ledger.flows[scenario].funds:
        yield ""
        yield from _fund(fund)


def _fund(use: FundUse) -> Iterator[str]:
    theme = use.fund.theme.replace("_", " ")
    shares = ", ".join(
        f"{agency_name(agency)} {100 * share:.0f} %" for agency, share in use.fund.paid_by.items()
    )
    yield f"Fund: {use.fund.title} ({theme}), {gbp(use.budget)}, paid by {shares}"
    yield f"  for the reform itself  {gbp(use.spent)}"
    for name, outcome in use.outcomes.items():
        payment = outcome.payment
        whom = f" to {agency_name(payment.to)}" if payment.to else " to others than the agencies"
        yield (
            f"  for {name.replace('_', ' ')}  {gbp(float(outcome.gbp.mean()))} on average{whom}: "
            f"{payment.measure} beat its baseline by {payment.beats_by:g} in "
            f"{100 * float(outcome.reached.mean()):.0f} % of the replications"
        )
    left = use.budget - use.spent - float(use.paid.mean())
    yield f"  left  {gbp(left)}" if left >= 0 else f"  over the budget by  {gbp(-left)}"


# --- years --------------------------------------------------------------------------------------


def _over_the_years(ledger: Ledger, scenario: str, draw: Table) -> Iterator[str]:
    horizon = ledger.horizon
    if ledger.results.metadata.experiment.ledger and horizon.years:
        rows = ledger.years[scenario]
        known = ledger.results.metadata.jurisdiction.vocabulary.agencies
        agencies = [name for name in (*known, "") if any(row.agency == name for row in rows)]
        marked = [
            year if horizon.is_measured(year) else f"{year} carried" for year in horizon.years
        ]
        yield ""
        yield draw(
            ("difference by year", *marked),
            [*(_year_cells(agency, rows) for agency in agencies), _year_ends(rows)],
            {*range(1, len(marked) + 1)},
        )
        if len(horizon.months) > horizon.measured:
            yield (
                "Carried: the difference of the run's last twelve months again, with what is "
                "declared of the reform's own cost on its own days."
            )
    if scenario in ledger.npv:
        first, last = horizon.months[0].isoformat()[:7], horizon.months[-1].isoformat()[:7]
        rate = ledger.costing.costs.discount_rate
        assert rate is not None
        yield ""
        for said, value in zip(("all costs", "money only"), ledger.npv[scenario], strict=True):
            yield (
                f"Net present value, {said}, {first} to {last} at {_per_cent(rate.value)} a year "
                f"({rate.source}): {_estimate(value.present_value)}. "
                f"{_break_even(value.break_even)}"
            )


def _per_cent(rate: float | dict[str, float]) -> str:
    return f"{100 * rate:g} %" if isinstance(rate, float) else "dated rates"


def _year_cells(agency: str, rows: Sequence[YearRow]) -> tuple[str, ...]:
    cells = [gbp(row.change.mean, signed=True) for row in rows if row.agency == agency]
    return (agency_name(agency) if agency else "all agencies", *cells)


def _year_ends(rows: Sequence[YearRow]) -> tuple[str, ...]:
    changes = [row.change for row in rows if not row.agency]
    return ("95 % interval", *(gbp_span(change.low, change.high) for change in changes))


def _estimate(estimated: Estimate) -> str:
    return gbp(estimated.mean, signed=True) + _in_brackets(estimated.low, estimated.high)


def _in_brackets(low: float | None, high: float | None) -> str:
    """An interval in brackets after its number; empty without one."""
    return "" if low is None or high is None else f" ({gbp_span(low, high)})"


def _break_even(moment: BreakEven) -> str:
    share = f"{100 * moment.share:.0f} % of the replications"
    if moment.month is None:
        return f"It does not break even; {share} do." if moment.share else "It does not break even."
    limits = f"{moment.earliest} to {moment.latest or 'never'}"
    return f"It breaks even in {moment.month} ({limits}; {share} do)."


def _social(ledger: Ledger) -> Iterator[str]:
    if ledger.social is None:
        return
    yield ""
    if not ledger.costing.costs.social_cost_of_crime:
        yield "Economic and social cost of crime: this model has no figures for it."
        return
    for cost in ledger.social:
        groups = ", ".join(group.replace("_", " ") for group in cost.groups)
        yield (
            f"Economic and social cost of crime, shown apart ({cost.scenario}): "
            f"{gbp(cost.baseline)} in the baseline, {_estimate(cost.difference)}. One crime for "
            f"each suspect of a notifiable offence, of {groups}. It includes spending by police "
            "and courts: do not add it to the costs above."
        )


FOLDER = "ledger"


def write_ledger(ledger: Ledger, out: Path | None = None) -> Path:
    """Write the ledger into `ledger/` of the results, or into `out`, and return that folder.

    The ledger of one of several areas is in `ledger-in-<area>/`.

    costs.md is for reading; who_pays.csv and .parquet hold the cost-shunting table, measures.csv
    every measure of money compared, years.csv the rows by year, worth.csv the net present value,
    and lines.parquet every cost by scenario, replication, unit, agency, kind, activity and month.
    """
    final = ledger.results.folder / f"{FOLDER}{ledger.results.suffix}" if out is None else out
    rows = [asdict(row) for table in ledger.tables.values() for row in table]
    kinds = [pa.float64() if name in NUMBERS else pa.string() for name in COLUMNS]
    schema = pa.schema(list(zip(COLUMNS, kinds, strict=True)))
    with output_folder(final, FOLDER) as folder:
        write_csv([{name: row[name] for name in COLUMNS} for row in rows], folder / "who_pays.csv")
        write_table(pa.Table.from_pylist(rows, schema=schema), folder / "who_pays.parquet")
        write_csv(ledger.compared.to_pylist(), folder / "measures.csv")
        write_csv(_years(ledger), folder / "years.csv")
        write_csv(_worth(ledger), folder / "worth.csv")
        write_table(ledger.costing.lines, folder / "lines.parquet")
        write_text(ledger_text(ledger, markdown_table) + "\n", folder / "costs.md")
    return final


def _years(ledger: Ledger) -> list[dict[str, object]]:
    return [
        {
            "scenario": row.scenario,
            "agency": row.agency or "all",
            "year": row.year,
            "is": "measured" if row.measured else "carried forward",
            "difference": row.change.mean,
            "low": row.change.low,
            "high": row.change.high,
            "money": row.money.mean,
            "money_low": row.money.low,
            "money_high": row.money.high,
            "reform": row.reform,
        }
        for rows in ledger.years.values()
        for row in rows
    ]


def _worth(ledger: Ledger) -> list[dict[str, object]]:
    return [
        {
            "scenario": scenario,
            "of": of,
            "net_present_value": value.present_value.mean,
            "low": value.present_value.low,
            "high": value.present_value.high,
            "breaks_even": value.break_even.month,
            "share_breaking_even": value.break_even.share,
            "earliest": value.break_even.earliest,
            "latest": value.break_even.latest,
        }
        for scenario, both in ledger.npv.items()
        for of, value in zip(("all costs", "money only"), both, strict=True)
    ]
