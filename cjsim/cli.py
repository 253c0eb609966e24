"""The commands. No logic here, and nothing heavy at import: `cjsim --help` must be quick."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import cjsim
from cjsim import studies
from cjsim.commands import COUNT, FILE, REPLICATIONS, complains, examples, note
from cjsim.commands_calibrate import calibrate, evidence, fit, validate

if TYPE_CHECKING:
    import datetime as dt


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("cjsim run experiments/prosecute_not_process.toml --replications 4"),
)
@click.version_option(cjsim.__version__, message="cjsim %(version)s")
def main() -> None:
    """Simulate a criminal justice system, from arrest to disposal."""


@main.command(epilog=examples("cjsim check models/toy experiments/*.toml"))
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@complains
def check(files: tuple[Path, ...]) -> None:
    """Check models and experiments.

    A folder is a model, a file an experiment. Every fault of all of them is told at once.
    """
    from cjsim.experiment.check import check_files

    for line in check_files(files):
        click.echo(line)


@main.command(
    epilog=examples(
        "cjsim run experiments/prosecute_not_process.toml",
        "cjsim run experiments/prosecute_not_process.toml --replications 4 --workers 2",
        "cjsim run experiments/prosecute_not_process.toml --scenario north_pilot",
        "cjsim run experiments/prosecute_not_process.toml --dry-run",
        "cjsim run experiments/prosecute_not_process.toml --resume",
        "cjsim run experiments/prosecute_not_process.toml --ensemble sets.csv",
    )
)
@click.argument("experiment", type=FILE)
@click.option("--replications", type=REPLICATIONS, help="Instead of the number in the file.")
@click.option(
    "--precision", type=click.FloatRange(0, 1, min_open=True), metavar="SHARE",
    help="Add replications until each watched difference is known to within this share of the "
    "baseline's level, such as 0.01.",
)  # fmt: skip
@click.option("--workers", type=COUNT, help="Processes; all processors when not given.")
@click.option("--out", type=FILE, default=Path("results"), show_default=True, help="Where to.")
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the seed in the file.")
@click.option("--scenario", "scenarios", multiple=True, help="Only this one and the baseline.")
@click.option("--fresh", is_flag=True, help="Run again what has been run before.")
@click.option("--resume", is_flag=True, help="Go on with what a run cut short has left.")
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="MINUTES",
    help="Stop after so long; --resume goes on.",
)  # fmt: skip
@click.option("--budget", type=COUNT, metavar="CASES", help="Allow for so many cases in all.")
@click.option("--dry-run", is_flag=True, help="Say what would run and what it takes; run nothing.")
@click.option("--all", "everything", is_flag=True, help="Show every measure, not the watched.")
@click.option(
    "--ensemble", type=FILE, metavar="FILE",
    help="Run it under each set of a calibration: what is not known, apart from chance.",
)  # fmt: skip
@complains
def run(
    *,
    experiment: Path,
    replications: int | None,
    precision: float | None,
    workers: int | None,
    out: Path,
    seed: int | None,
    scenarios: tuple[str, ...],
    fresh: bool,
    resume: bool,
    time_limit: float | None,
    budget: int | None,
    dry_run: bool,
    everything: bool,
    ensemble: Path | None,
) -> None:
    """Run an experiment.

    All its scenarios run, to a results folder and a comparison with the baseline. A run that is cut
    short, by Ctrl-C, a limit or a power cut, leaves the replications that are done: --resume goes
    on with them.
    """
    if ensemble is not None:
        if precision is not None or scenarios or everything:
            raise click.UsageError("--ensemble goes with none of --precision, --scenario, --all.")
        studies.run_ensemble(
            experiment,
            ensemble,
            dry_run=dry_run,
            replications=replications,
            workers=workers,
            out=out,
            seed=seed,
            fresh=fresh,
            resume=resume,
            time_limit=time_limit,
            budget=budget,
        )
        return
    from cjsim.experiment.dry_run import dry_run as plan_lines
    from cjsim.experiment.progress import progress_on_stderr
    from cjsim.experiment.results import read_results
    from cjsim.experiment.run import run_experiment
    from cjsim.experiment.show import comparison_text

    if dry_run:
        for line in plan_lines(
            experiment,
            replications=replications,
            precision=precision,
            workers=workers,
            out=out,
            seed=seed,
            scenarios=scenarios,
            budget=budget,
        ):
            click.echo(line)
        return
    with progress_on_stderr() as progress:
        folder = run_experiment(
            experiment,
            replications=replications,
            precision=precision,
            workers=workers,
            out=out,
            seed=seed,
            scenarios=scenarios,
            fresh=fresh,
            resume=resume,
            time_limit=None if time_limit is None else time_limit * 60,
            budget=budget,
            progress=progress,
            say=note,
        )
    results = read_results(folder)
    click.echo(comparison_text(results, everything=everything))
    click.echo(f"\nResults: {folder}")


@main.command(
    epilog=examples(
        "cjsim replay experiments/prosecute_not_process.toml --replication 3",
        "cjsim replay experiments/prosecute_not_process.toml --scenario north_pilot",
    )
)
@click.argument("experiment", type=FILE)
@click.option("--scenario", default="baseline", show_default=True, help="Of this scenario.")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the seed in the file.")
@complains
def replay(*, experiment: Path, scenario: str, replication: int, seed: int | None) -> None:
    """Run one replication alone.

    In this process and with nothing kept: to see what happens to one that failed, or to hold its
    content hash against the one in a manifest.
    """
    from cjsim.experiment.replay import replay as run_again

    for line in run_again(
        experiment, scenario=scenario, replication=replication, seed=seed, say=note
    ):
        click.echo(line)


@main.command(
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

    click.echo(comparison_text(read_results(results), baseline=baseline, everything=everything))


@main.command(epilog=examples("cjsim report results/prosecute_not_process"))
@click.argument("results", type=FILE)
@complains
def report(results: Path) -> None:
    """Write the charts and board.html of a run."""
    from cjsim.experiment.results import find_results
    from cjsim.report import write_report

    click.echo(f"Report: {write_report(find_results(results))}")


@main.command(
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


@main.command(
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
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the experiment's seed.")
@click.option(
    "--from", "first_day", type=click.DateTime(["%Y-%m-%d"]),
    help="First day of the year traced; 1 April of the model's price base when not given.",
)  # fmt: skip
@complains
def trace(
    *,
    model: Path,
    case: int,
    experiment: Path | None,
    scenario: str,
    replication: int,
    seed: int | None,
    first_day: dt.datetime | None,
) -> None:
    """Tell one case's life line by line.

    With dates, agencies, waits, reasons, contacts in time or late, and cost. Without an experiment
    the model is followed for its warm-up and one year.
    """
    from cjsim.experiment.trace import trace as trace_case

    lines = trace_case(
        model,
        case,
        experiment=experiment,
        scenario=scenario,
        replication=replication,
        seed=seed,
        study_from=first_day.date() if first_day else None,
        say=note,
    )
    for line in lines:
        click.echo(line)


@main.command(
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
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]),
    help="The day; 1 April of the model's price base when not given.",
)  # fmt: skip
@complains
def snapshot(
    *, model: Path, out: Path, seed: int, replication: int, day: dt.datetime | None
) -> None:
    """Write the cases that are open on a day as a table.

    The model's warm-up is run up to that day. An experiment whose [run] names the table as its
    `opening` starts with these cases, in every scenario, and needs no warm-up.
    """
    from cjsim.experiment.snapshot import write_snapshot

    on = day.date() if day else None
    cases, on = write_snapshot(model, out, seed=seed, replication=replication, on=on)
    click.echo(f"{out}: {cases} cases open on {on}")


@main.command(
    epilog=examples(
        "cjsim explain forks.file_ready.probability",
        "cjsim explain file_ready --model models/toy",
    )
)
@click.argument("name")
@click.option(
    "--model", type=FILE, default=Path("models/staffordshire_2013"), show_default=True,
    help="The model that the value is of.",
)  # fmt: skip
@complains
def explain(name: str, model: Path) -> None:
    """Explain a number of a model, or a measure.

    A number's value, unit, source, evidence, changes, and where the journey uses it; a measure's
    unit and definition.
    """
    from cjsim.measures.registry import explain_measure
    from cjsim.spec.explain import explain as explain_parameter
    from cjsim.spec.load import load_model
    from cjsim.spec.register import register_near

    for line in explain_measure(name) or explain_parameter(
        load_model(model), name, register=register_near(model)
    ):
        click.echo(line)


main.add_command(evidence)
main.add_command(fit)
main.add_command(calibrate)
main.add_command(validate)
main.add_command(studies.sweep)
main.add_command(studies.sensitivity)
main.add_command(studies.uncertainty)


if __name__ == "__main__":
    main()
