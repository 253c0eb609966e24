"""What a run left: compared, and written for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.commands.conventions import FILE, complains, examples


@click.command(
    epilog=examples(
        "cjsim compare results/prosecute_not_process",
        "cjsim compare results/prosecute_not_process/1a2b3c4d5e6f --baseline north_pilot --all",
    )
)
@click.argument("results", type=FILE)
@click.option("--baseline", help="The scenario that the others are held against.")
@click.option("--all", "everything", is_flag=True, help="Show every measure, not the watched.")
@complains
def compare(*, results: Path, baseline: str | None, everything: bool) -> None:
    """Compare the scenarios of a run.

    The differences are paired by replication, with 95 % intervals and words.
    """
    from cjsim.experiment.results import read_results
    from cjsim.experiment.show import comparison_text

    click.echo(
        comparison_text(read_results(results, areas=True), baseline=baseline, everything=everything)
    )


@click.command(
    epilog=examples(
        "cjsim export results/prosecute_not_process --format xlsx",
        "cjsim export results/prosecute_not_process --format xes --scenario north_pilot",
    )
)
@click.argument("results", type=FILE)
@click.option(
    "--format", "form", type=click.Choice(["xes", "csv", "xlsx"]), required=True,
    help="Event log for process mining, event log as tables, or a workbook.",
)  # fmt: skip
@click.option("--scenario", help="Whose log; the baseline's when not given.")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--out", type=FILE, help="Where to; into the results folder when not given.")
@complains
def export(
    *, results: Path, form: str, scenario: str | None, replication: int, out: Path | None
) -> None:
    """Write a run for other programs.

    One replication's event log as XES or CSV, or the comparison and every measure as an accessible
    workbook.
    """
    from cjsim.experiment.export import export as write

    for path in write(results, form, out=out, scenario=scenario, replication=replication):
        click.echo(f"Written: {path}")
