"""What a run left: compared, and written for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.commands.conventions import (
    ALLOW_CHANGED,
    AREA,
    FILE,
    complains,
    examples,
    note,
    replaces,
)
from cjsim.storage.paths import refuse_as_output, refuse_as_output_folder


@click.command(
    epilog=examples(
        "cjsim compare results/prosecute_not_process",
        "cjsim compare results/prosecute_not_process/1a2b3c4d5e6f --baseline north_pilot --all",
        "cjsim compare results/england_wales_43_areas --area wiltshire",
    )
)
@click.argument("results", type=FILE)
@click.option("--baseline", help="The scenario that the others are held against.")
@AREA
@click.option("--all", "everything", is_flag=True, help="Show every measure, not the watched.")
@ALLOW_CHANGED
@complains
def compare(
    *, results: Path, baseline: str | None, area: str | None, everything: bool, allow_changed: bool
) -> None:
    """Compare the scenarios of a run.

    The differences are paired by replication, with 95 % intervals and words. Of several areas side
    by side it is what is counted in all of them together, unless one is named.
    """
    from cjsim.experiment.results import read_results
    from cjsim.experiment.show import comparison_text

    found = read_results(results, areas=True, area=area, allow_changed=allow_changed, say=note)
    click.echo(comparison_text(found, baseline=baseline, everything=everything))


@click.command(
    epilog=examples(
        "cjsim export results/prosecute_not_process --format xlsx",
        "cjsim export results/prosecute_not_process --format xes --scenario north_pilot",
        "cjsim export results/england_wales_43_areas --format csv --area wiltshire",
    )
)
@click.argument("results", type=FILE)
@click.option(
    "--format", "form", type=click.Choice(["xes", "csv", "xlsx"]), required=True,
    help="Event log for process mining, event log as tables, or a workbook.",
)  # fmt: skip
@click.option("--scenario", help="Whose log; the baseline's when not given.")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@AREA
@click.option(
    "--out", type=FILE, help="A file or a folder; into the results folder when not given."
)
@ALLOW_CHANGED
@replaces
@complains
def export(
    *,
    results: Path,
    form: str,
    scenario: str | None,
    replication: int,
    area: str | None,
    out: Path | None,
    allow_changed: bool,
) -> None:
    """Write a run for other programs.

    One replication's event log as XES or CSV, or the comparison and every measure as an accessible
    workbook. Of several areas side by side a log is one area's, and a workbook holds all of them or
    one.
    """
    from cjsim.experiment.exports.export import export as write

    if out is not None and (form == "csv" or out.is_dir()):
        refuse_as_output_folder(out, inputs=[results])
    elif out is not None:
        refuse_as_output(out)
    for path in write(
        results, form, out=out, scenario=scenario, replication=replication, area=area,
        allow_changed=allow_changed, say=note,
    ):  # fmt: skip
        click.echo(f"Written: {path}")
