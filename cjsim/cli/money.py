"""The command on costs."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.cli.options import (
    ALLOW_CHANGED,
    AREA,
    FILE,
    WORKERS,
    examples,
    force_option,
    print_note,
    reports_errors,
)
from cjsim.storage.paths import refuse_as_output_folder


@click.command(
    epilog=examples(
        "cjsim cost results/prosecute_not_process",
        "cjsim cost results/prosecute_not_process --price-base 2019-20",
        "cjsim cost results/prosecute_not_process --costs other_costs.toml --out other_ledger",
        "cjsim cost results/england_wales_43_areas --area wiltshire",
        "cjsim cost results/prosecute_not_process --trace legal_aid",
        "cjsim cost results/prosecute_not_process --trace legal_aid_crown_trial --month 2013-08",
    )
)
@click.argument("results", type=FILE)
@click.option("--costs", type=FILE, help="File of unit costs (default: those of the run).")
@click.option("--price-base", metavar="YEAR", help="Price base year, such as 2013-14.")
@click.option(
    "--social-cost-of-crime",
    "social",
    is_flag=True,
    help="Also show the economic and social cost of crime, in a separate table.",
)
@AREA
@click.option(
    "--trace",
    metavar="NAME",
    help="Show the components of an agency's row, or the log rows of a unit cost.",
)
@click.option("--scenario", help="Scenario for --trace (default: the baseline).")
@click.option(
    "--replication",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Replication for --trace.",
)
@click.option("--month", default="", metavar="YYYY-MM", help="Month for --trace.")
@WORKERS
@click.option("--out", type=FILE, help="Output directory (default: ledger/ in the results folder).")
@ALLOW_CHANGED
@force_option
@reports_errors
def cost(
    *,
    results: Path,
    costs: Path | None,
    price_base: str | None,
    social: bool,
    area: str | None,
    trace: str | None,
    scenario: str | None,
    replication: int,
    month: str,
    workers: int | None,
    out: Path | None,
    allow_changed: bool,
) -> None:
    """Show costs and savings by agency.

    Computes costs from the event logs, without a new run: by agency and by case, cost of
    ineffective work, funds, later years, net present value and break-even. For a run with several
    areas it shows the total; --area shows one area.
    """
    from cjsim.economics import ledger_text, make_ledger, write_ledger
    from cjsim.economics.trace import LedgerLine, agency_text, trace_text
    from cjsim.experiment.results import read_results

    if out is not None:
        refuse_as_output_folder(out, inputs=[results])
    run_results = read_results(
        results, areas=True, area=area, allow_changed=allow_changed, say=print_note
    )
    agencies = run_results.metadata.jurisdiction.vocabulary.agencies
    if trace is not None and trace not in agencies:
        query = LedgerLine(trace, scenario, replication, month)
        one_area = read_results(results, area=area, allow_changed=allow_changed)
        click.echo(trace_text(one_area, query, costs=costs, price_base=price_base, out=out))
        return
    ledger = make_ledger(
        run_results, costs=costs, price_base=price_base, social=social, workers=workers
    )
    if trace is not None:
        click.echo(agency_text(ledger, trace))
        return
    click.echo(ledger_text(ledger))
    click.echo(f"\nLedger: {write_ledger(ledger, out)}")
