"""A model alone: a case's life, the cases open on a day, where a number comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cjsim.cli.options import (
    AREA,
    COUNT,
    FILE,
    complains,
    examples,
    note,
    replaces,
)
from cjsim.storage.paths import refuse_as_output

if TYPE_CHECKING:
    import datetime as dt

SNAPSHOTS: Final = 8
"""How many replications' cases an opening caseload by published ages is drawn from."""


@click.command(
    epilog=examples(
        "cjsim trace models/staffordshire_2013 --case 17",
        "cjsim trace models/staffordshire_2013 --case 17 \\",
        "    --experiment experiments/prosecute_not_process.toml --scenario north_pilot",
    )
)
@click.argument("model", type=FILE)
@click.option("--case", type=int, required=True, help="The number of the case.")
@click.option("--experiment", type=FILE, help="Trace it in this experiment's period and seed.")
@click.option("--scenario", default="baseline", show_default=True, help="In this scenario.")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@AREA
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the experiment's seed.")
@click.option(
    "--from",
    "first_day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day of the year traced; 1 April of the model's price base when not given.",
)
@complains
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
    """Tell one case's life line by line.

    With dates, agencies, waits, reasons, contacts in time or late, and cost. Without an experiment
    the model is followed for its warm-up and one year.
    """
    if experiment is not None and first_day is not None:
        raise click.UsageError("--from is for a model alone: an experiment has its own period.")
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
        say=note,
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
@click.option("--out", type=FILE, required=True, help="The table to write, a CSV file.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day; 1 April of the model's price base when not given.",
)
@click.option("--ages", type=FILE, help="Published ages of open Crown cases, to draw by.")
@click.option("--total", type=click.FloatRange(min=0), help="How many cases the ages are of.")
@click.option(
    "--snapshots",
    type=COUNT,
    help=f"How many replications' cases are drawn from, with --ages; {SNAPSHOTS} if not given.",
)
@replaces
@complains
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

    The model's warm-up is run up to that day. An experiment whose [run] names the table as its
    `opening` starts with these cases, in every scenario, and needs no warm-up.
    """
    if ages is None and (total is not None or snapshots is not None):
        raise click.UsageError("--total and --snapshots are of published ages: give --ages too.")
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
    help="The model that the value is of.",
)
@complains
def explain(name: str, model: Path) -> None:
    """Explain a number of a model, or a measure.

    A number's value, unit, source, evidence, changes, and where the journey uses it; a measure's
    unit and definition.
    """
    from cjsim.measures.registry import explain_measure
    from cjsim.scenarios.load import load_model
    from cjsim.schema.explain import explain as explain_parameter
    from cjsim.schema.register import register_near

    for line in explain_measure(name) or explain_parameter(
        load_model(model), name, register=register_near(model)
    ):
        click.echo(line)
