"""The command of the ledger. No logic here either."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.cli.options import (
    ALLOW_CHANGED,
    AREA,
    FILE,
    WORKERS,
    complains,
    examples,
    note,
    replaces,
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
@click.option("--costs", type=FILE, help="Unit costs instead of those of the run: a costs.toml.")
@click.option("--price-base", metavar="YEAR", help="Show pounds of this year, such as 2013-14.")
@click.option(
    "--social-cost-of-crime",
    "social",
    is_flag=True,
    help="Show the economic and social cost of crime as well, apart.",
)
@AREA
@click.option(
    "--trace",
    metavar="NAME",
    help="Show what an agency's row is made of, or the rows of the log behind a unit cost.",
)
@click.option("--scenario", help="Whose rows --trace shows; the baseline's when not given.")
@click.option(
    "--replication",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Which one's rows --trace shows.",
)
@click.option("--month", default="", metavar="YYYY-MM", help="Which month's rows --trace shows.")
@WORKERS
@click.option("--out", type=FILE, help="Where to; ledger/ of the results when not given.")
@ALLOW_CHANGED
@replaces
@complains
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
    """Show who pays and who saves.

    A run is costed again from its logs, without a new run: agency by agency, what a case costs,
    what was spent for nothing, funds, the years ahead, net present value and break-even. Of several
    areas side by side it is what they pay together, unless one is named.
    """
    from cjsim.economics import ledger_text, make_ledger, write_ledger
    from cjsim.economics.trace import Asked, agency_text, rows_text
    from cjsim.england_wales.vocabulary import AGENCIES
    from cjsim.experiment.results import read_results

    if out is not None:
        refuse_as_output_folder(out, inputs=[results])
    if trace is not None and trace not in AGENCIES:
        asked = Asked(trace, scenario, replication, month)
        found = read_results(results, area=area, allow_changed=allow_changed, say=note)
        click.echo(rows_text(found, asked, costs=costs, price_base=price_base, out=out))
        return
    found = read_results(results, areas=True, area=area, allow_changed=allow_changed, say=note)
    ledger = make_ledger(found, costs=costs, price_base=price_base, social=social, workers=workers)
    if trace is not None:
        click.echo(agency_text(ledger, trace))
        return
    click.echo(ledger_text(ledger))
    click.echo(f"\nLedger: {write_ledger(ledger, out)}")
