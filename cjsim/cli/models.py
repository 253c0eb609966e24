"""The commands on one model: trace, snapshot, explain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cjsim.cli.options import (
    AREA,
    COUNT,
    FILE,
    examples,
    force_option,
    print_note,
    reports_errors,
)
from cjsim.storage.paths import refuse_as_output

if TYPE_CHECKING:
    import datetime as dt

SNAPSHOTS: Final = 8
"""Default number of replications from which --ages draws cases."""


@click.command(
    epilog=examples(
        "cjsim trace models/staffordshire_2013 --case 17",
        "cjsim trace models/staffordshire_2013 --case 17 \\",
        "    --experiment experiments/prosecute_not_process.toml --scenario north_pilot",
    )
)
@click.argument("model", type=FILE)
@click.option("--case", type=int, required=True, help="Number of the case.")
@click.option("--experiment", type=FILE, help="Use the period and seed of this experiment.")
@click.option("--scenario", default="baseline", show_default=True, help="Scenario to run.")
@click.option(
    "--replication",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Number of the replication.",
)
@AREA
@click.option("--seed", type=click.IntRange(min=0), help="Seed (default: as in the experiment).")
@click.option(
    "--from",
    "first_day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day of the year to trace (default: 1 April of the model's price base).",
)
@reports_errors
def trace(
    *,
    model: Path,
    case: int,
    experiment: Path | None,
    scenario: str,
    replication: int,
    area: str | None,
    seed: int | None,
    first_day: dt.datetime | None,
) -> None:
    """Show the life of one case line by line.

    Each line has a date, and the agency, wait, reason, contact or cost. Without an experiment the
    command runs the warm-up of the model and one year.
    """
    if experiment is not None and first_day is not None:
        raise click.UsageError(
            "--from cannot be combined with --experiment: an experiment has its own period."
        )
    from cjsim.trace.trace import trace as trace_case

    lines = trace_case(
        model,
        case,
        experiment=experiment,
        scenario=scenario,
        replication=replication,
        area=area,
        seed=seed,
        study_from=first_day.date() if first_day else None,
        say=print_note,
    )
    for line in lines:
        click.echo(line)


@click.command(
    epilog=examples(
        "cjsim snapshot models/staffordshire_2013 \\",
        "    --out models/staffordshire_2013/opening_caseload.csv --on 2013-04-01 --seed 20130401",
    )
)
@click.argument("model", type=FILE)
@click.option("--out", type=FILE, required=True, help="Output file (CSV).")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the run."
)
@click.option(
    "--replication",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Number of the replication.",
)
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of the snapshot (default: 1 April of the model's price base).",
)
@click.option(
    "--ages", type=FILE, help="Published ages of open Crown Court cases, used to draw cases."
)
@click.option(
    "--total", type=click.FloatRange(min=0), help="Number of open cases that the ages describe."
)
@click.option(
    "--snapshots",
    type=COUNT,
    help=f"Number of replications to draw from, with --ages (default: {SNAPSHOTS}).",
)
@force_option
@reports_errors
def snapshot(
    *,
    model: Path,
    out: Path,
    seed: int,
    replication: int,
    day: dt.datetime | None,
    ages: Path | None,
    total: float | None,
    snapshots: int | None,
) -> None:
    """Write the cases that are open on a day as a table.

    The command runs the warm-up of the model up to that day. An experiment that names the table as
    `opening` in [run] starts every scenario with these cases and needs no warm-up.
    """
    if ages is None and (total is not None or snapshots is not None):
        raise click.UsageError("--total and --snapshots are for published ages: give --ages too.")
    from cjsim.experiment.snapshot import write_snapshot

    refuse_as_output(out)
    on = day.date() if day else None
    cases, on = write_snapshot(
        model,
        out,
        seed=seed,
        replication=replication,
        on=on,
        ages=ages,
        total=total,
        snapshots=snapshots or SNAPSHOTS,
    )
    click.echo(f"{out}: {cases} cases open on {on}")


@click.command(
    epilog=examples(
        "cjsim explain branches.file_ready.probability",
        "cjsim explain file_ready --model models/toy",
    )
)
@click.argument("name")
@click.option(
    "--model",
    type=FILE,
    default=Path("models/staffordshire_2013"),
    show_default=True,
    help="Model that holds the parameter.",
)
@reports_errors
def explain(name: str, model: Path) -> None:
    """Explain a parameter of a model, or a measure.

    Shows the value, unit, source, evidence and changes of a parameter, and where the journey uses
    it; or the unit and definition of a measure.
    """
    from cjsim.measures.registry import explain_measure
    from cjsim.scenarios.load import load_model
    from cjsim.schema.explain import explain as explain_parameter
    from cjsim.schema.register import register_near

    for line in explain_measure(name) or explain_parameter(
        load_model(model), name, register=register_near(model)
    ):
        click.echo(line)
