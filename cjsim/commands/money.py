"""The command of the ledger. No logic here either."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.commands.conventions import AREA, COUNT, FILE, complains, examples


@click.command(
    epilog=examples(
        "cjsim cost results/prosecute_not_process",
        "cjsim cost results/prosecute_not_process --price-base 2019-20",
        "cjsim cost results/prosecute_not_process --costs other_costs.toml --out other_ledger",
        "cjsim cost results/england_wales_43_areas --area wiltshire",
    )
)
@click.argument("results", type=FILE)
@click.option("--costs", type=FILE, help="Unit costs instead of those of the run: a costs.toml.")
@click.option("--price-base", metavar="YEAR", help="Show pounds of this year, such as 2013-14.")
@click.option(
    "--social-cost-of-crime", "social", is_flag=True,
    help="Show the economic and social cost of crime as well, apart.",
)  # fmt: skip
@AREA
@click.option("--workers", type=COUNT, help="Processes; all processors when not given.")
@click.option("--out", type=FILE, help="Where to; ledger/ of the results when not given.")
@complains
def cost(
    *,
    results: Path,
    costs: Path | None,
    price_base: str | None,
    social: bool,
    area: str | None,
    workers: int | None,
    out: Path | None,
) -> None:
    """Show who pays and who saves.

    A run is costed again from its logs, without a new run: agency by agency, what a case costs,
    what was spent for nothing, funds, the years ahead, net present value and break-even. Of several
    areas side by side it is what they pay together, unless one is named.
    """
    from cjsim.experiment.results import read_results
    from cjsim.ledger import ledger_text, make_ledger, write_ledger

    found = read_results(results, areas=True, area=area)
    ledger = make_ledger(found, costs=costs, price_base=price_base, social=social, workers=workers)
    click.echo(ledger_text(ledger))
    click.echo(f"\nLedger: {write_ledger(ledger, out)}")
