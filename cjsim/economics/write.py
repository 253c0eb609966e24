"""The files of a ledger, beside the results that it is of."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from cjsim.economics.cost_shares import COLUMNS, NUMBERS
from cjsim.economics.ledger import Ledger
from cjsim.economics.show import ledger_text
from cjsim.formatting.tables import markdown_table
from cjsim.storage.outputs import output_folder
from cjsim.storage.tables import write_csv, write_table
from cjsim.storage.whole import write_text

FOLDER = "ledger"


def write_ledger(ledger: Ledger, out: Path | None = None) -> Path:
    """Write the ledger into `ledger/` of the results, or into `out`, and return that folder.

    That of one of several areas has a folder of its own, `ledger-in-<area>/`.

    costs.md is for reading; who_pays.csv and .parquet hold the cost-shunting table, measures.csv
    every measure of money compared, years.csv the financial view, worth.csv what it is worth, and
    lines.parquet each pound by scenario, replication, unit, agency, kind, activity and month.
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


def _years(ledger: Ledger) -> list[dict[str, Any]]:
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


def _worth(ledger: Ledger) -> list[dict[str, Any]]:
    return [
        {
            "scenario": scenario,
            "of": of,
            "net_present_value": one.present_value.mean,
            "low": one.present_value.low,
            "high": one.present_value.high,
            "breaks_even": one.break_even.month,
            "share_breaking_even": one.break_even.share,
            "earliest": one.break_even.earliest,
            "latest": one.break_even.latest,
        }
        for scenario, both in ledger.worth.items()
        for of, one in zip(("all costs", "money only"), both, strict=True)
    ]
