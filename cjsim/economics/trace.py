"""Trace a cost of the ledger to the rows of the log.

The lines of an agency are means over the replications, as in the table. The rows are those of one
replication, with the cost of each.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cjsim.economics.costing import LOGS, priced_models
from cjsim.economics.ledger import Ledger
from cjsim.economics.years import HALF_A_PENNY
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import run_folder
from cjsim.experiment.results import Results
from cjsim.formatting.labels import agency_name
from cjsim.formatting.numbers import NOTHING
from cjsim.formatting.tables import text_table
from cjsim.jurisdiction import using
from cjsim.measures.cost_rows import COLUMNS, cost_rows
from cjsim.scenarios.scaling import model_of_area
from cjsim.storage.outputs import output_file
from cjsim.storage.plain import PlainTable
from cjsim.storage.tables import write_rows

SHOWN: Final = 20
"""The number of rows shown; all rows are written."""


@dataclass(frozen=True)
class LedgerLine:
    """A line of the ledger: an agency or unit cost, a scenario, a replication, a month (or all)."""

    name: str
    scenario: str | None = None
    replication: int = 0
    month: str = ""


# --- an agency's lines ------------------------------------------------------------------------


def agency_text(ledger: Ledger, agency: str) -> str:
    """The costs behind an agency's row of the table, by unit cost."""
    with using(ledger.results.metadata.jurisdiction):
        return _agency_text(ledger, agency)


def _agency_text(ledger: Ledger, agency: str) -> str:
    results = ledger.results
    baseline, count = results.scenarios[0], results.metadata.replications
    sums: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line in ledger.costing.lines.to_pylist():
        if line["agency"] == agency and line["kind"] != "used":
            sums[line["unit"], line["kind"]][line["scenario"]] += line["gbp"] / count
    lines = []
    for scenario in ledger.costing.scenarios:
        rows = [
            (unit, kind, of.get(baseline, 0.0), of.get(scenario, 0.0))
            for (unit, kind), of in sorted(sums.items())
            if of.get(baseline) or of.get(scenario)
        ]
        paid = sum(row.outcomes for row in ledger.tables[scenario] if row.agency == agency)
        if paid:
            rows.append(("for outcomes, from funds", "", 0.0, paid))
        rows.append(("all", "", sum(row[2] for row in rows), sum(row[3] for row in rows)))
        cells = [
            (unit, kind.replace("_", " "), f"{before:,.2f}", f"{after:,.2f}", _more(before, after))
            for unit, kind, before, after in rows
        ]
        headings = ("unit cost", "kind", "baseline", "scenario", "difference")
        base = ledger.costing.costs.price_base
        lines += [
            f"{agency_name(agency)}, {scenario} against {baseline}, GBP of {base}, mean of {count}",
            "",
            text_table(headings, cells, {2, 3, 4}),
            "",
        ]
    lines.append(
        "The rows of the log behind a line: --trace UNIT_COST, with --scenario, "
        "--replication and --month."
    )
    return "\n".join(lines)


def _more(before: float, after: float) -> str:
    more = after - before
    return f"{more:+,.2f}" if abs(more) >= HALF_A_PENNY else "0.00"


# --- the rows of a line -----------------------------------------------------------------------


def trace_text(
    results: Results,
    line: LedgerLine,
    *,
    costs: Path | None = None,
    price_base: str | None = None,
    out: Path | None = None,
) -> str:
    """The rows that a unit cost prices, their sum, and the file with all of them.

    Raises Faults when there is no such unit cost, scenario, replication or month.
    """
    scenario = line.scenario or results.scenarios[0]
    _refuse(results, line, scenario)
    model = priced_models(results, costs=costs, price_base=price_base)[scenario]
    areas = results.metadata.areas
    if areas is not None:
        model = model_of_area(areas, model, results.area)
    task = Task(scenario, line.replication, results.area)
    results.logs.refuse_wrong([task], LOGS, results.trust)
    folder = results.logs.folder_of(task)
    try:
        rows = cost_rows(folder, model, line.name, line.month)
    except KeyError:
        declared = [f"{cost.scenario}.{cost.line}" for cost in model.costs.declared]
        known = [*model.vocabulary.agencies, *model.costs.units, *declared]
        wrong = f'there is no agency, unit cost or declared cost called "{line.name}".'
        fault = Fault("--trace", "", wrong, did_you_mean(line.name, known))
        raise Faults([fault]) from None
    for row in rows:
        row |= {key: _moment(row[key]) for key in ("queued_at", "ended_at")}
    words = (line.name, scenario, f"{line.replication:03d}", line.month)
    file = "-".join(word for word in words if word).replace("/", "_") + ".csv"
    target = (out or results.folder / "ledger_rows") / file
    with output_file(target, "ledger rows", make_folder=True) as csv:
        write_rows(list(rows[0]) if rows else [], (row.values() for row in rows), csv)
    period = line.month or "every month"
    heading = (
        f"{line.name}, {scenario}, replication {line.replication}, {period}: {len(rows):,} rows, "
        f"GBP of {model.costs.price_base}"
    )
    lines = [heading, "", text_table(COLUMNS, [_cells(row) for row in rows[:SHOWN]], {0, 8, 9})]
    if len(rows) > SHOWN:
        lines.append(f"... and {len(rows) - SHOWN:,} more")
    lines += ["", text_table(("month", "kind", "quantity", "gbp"), _sums(rows), {2, 3}), ""]
    if any(row["kind"] == "used" for row in rows):
        lines.append("Of the kind used: paid for already, and no part of the table.")
    return "\n".join([*lines, f"All rows: {target}"])


def _sums(rows: list[PlainTable]) -> list[tuple[str, str, str, str]]:
    """The sums of the rows by month and kind, as in the ledger, and all together."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        for key in ((row["month"], row["kind"]), ("all", row["kind"])):
            sums[key][0] += row["quantity"]
            sums[key][1] += row["gbp"]
    return [
        (month, kind.replace("_", " "), f"{quantity:,.3f}", f"{gbp:,.2f}")
        for (month, kind), (quantity, gbp) in sorted(sums.items())
    ]


def _cells(row: PlainTable) -> tuple[str, ...]:
    return (
        *(NOTHING if row[key] is None else str(row[key]).replace("_", " ") for key in COLUMNS[:8]),
        f"{row['quantity']:,.4f}",
        f"{row['gbp']:,.4f}",
    )


def _refuse(results: Results, line: LedgerLine, scenario: str) -> None:
    faults = []
    if scenario not in results.scenarios:
        wrong = f'there is no scenario called "{scenario}".'
        faults.append(Fault("--scenario", "", wrong, did_you_mean(scenario, results.scenarios)))
    count = results.metadata.replications
    if line.replication >= count:
        wrong = f"there is no replication {line.replication}: they go from 0 to {count - 1}."
        faults.append(Fault("--replication", "", wrong, "Give one of those."))
    if (
        not faults
        and not (
            run_folder(results.folder, scenario, line.replication, results.area) / "events.parquet"
        ).is_file()
    ):
        wrong = "the log of this replication was not kept."
        remedy = "Run the experiment with cjsim run, which keeps every log."
        faults.append(Fault(str(results.folder), "runs", wrong, remedy))
    days = (results.metadata.study_from, results.metadata.study_to)
    first, last = (day.isoformat()[:7] for day in days)
    if line.month and not first <= line.month <= last:
        wrong = f'"{line.month}" is no month of the run: they go from {first} to {last}.'
        faults.append(Fault("--month", "", wrong, f"Write it as {first}."))
    if faults:
        raise Faults(faults)


def _moment(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(" ", "minutes")
