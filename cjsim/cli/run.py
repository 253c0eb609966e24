"""The commands check, run and replay."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.cli import studies
from cjsim.cli.backcast import judge_backcast
from cjsim.cli.options import (
    AREA,
    FILE,
    REPLICATIONS,
    examples,
    print_note,
    reports_errors,
    run_options,
)


@click.command(epilog=examples("cjsim check models/toy experiments/*.toml"))
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@reports_errors
def check(files: tuple[Path, ...]) -> None:
    """Validate models and experiments.

    A folder is a model and a file is an experiment. The command reports all errors of all files
    together.
    """
    from cjsim.experiment.check import check_files

    for line in check_files(files, print_note):
        click.echo(line)


@click.command(
    epilog=examples(
        "cjsim run experiments/prosecute_not_process.toml",
        "cjsim run experiments/prosecute_not_process.toml --replications 4 --workers 2",
        "cjsim run experiments/prosecute_not_process.toml --scenario north_pilot",
        "cjsim run experiments/prosecute_not_process.toml --dry-run",
        "cjsim run experiments/prosecute_not_process.toml --resume",
        "cjsim run experiments/prosecute_not_process.toml \\",
        "    --ensemble calibration/staffordshire_2013_ensemble.csv",
    )
)
@click.argument("experiment", type=FILE)
@click.option(
    "--replications", type=REPLICATIONS, help="Number of replications (default: as in the file)."
)
@click.option(
    "--precision",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Add replications until the half-width of each watched difference is at most this share "
    "of the baseline's level, such as 0.01.",
)
@run_options
@click.option(
    "--executor",
    type=click.Choice(["processes", "dask"]),
    default="processes",
    show_default=True,
    help="Run on this machine, or on the workers of a Dask scheduler.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Address of the Dask scheduler, such as tls://10.0.0.1:8786.",
)
@click.option(
    "--returns",
    type=click.Choice(["files", "bytes"]),
    default="files",
    show_default=True,
    help="Return results of Dask workers by a shared folder or over the network.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed (default: as in the file).")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    help="Run only this scenario and the baseline (repeatable).",
)
@click.option("--area", "areas", multiple=True, help="Run only this area (repeatable).")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Show every measure, not only those in [report].watch.",
)
@click.option(
    "--ensemble",
    type=FILE,
    metavar="FILE",
    help="Run every parameter set of a calibrated ensemble; separate parameter uncertainty from "
    "Monte Carlo error.",
)
@reports_errors
def run(
    *,
    experiment: Path,
    replications: int | None,
    precision: float | None,
    workers: int | None,
    executor: str,
    scheduler: str | None,
    returns: str,
    out: Path,
    seed: int | None,
    scenarios: tuple[str, ...],
    areas: tuple[str, ...],
    fresh: bool,
    resume: bool,
    time_limit: float | None,
    budget: int | None,
    dry_run: bool,
    everything: bool,
    ensemble: Path | None,
) -> None:
    """Run an experiment.

    The command runs every scenario, writes a results folder, and compares each scenario with the
    baseline. An interrupted run (Ctrl-C, a time limit, a power cut) keeps its finished
    replications; --resume continues it.
    """
    if (executor == "dask") != (scheduler is not None):
        raise click.UsageError("--executor dask and --scheduler ADDRESS go together: give both.")
    if returns == "bytes" and scheduler is None:
        raise click.UsageError("--returns bytes is for Dask workers: give --executor dask too.")
    if ensemble is not None:
        if precision is not None or scenarios or areas or everything or scheduler is not None:
            raise click.UsageError(
                "--ensemble cannot be combined with --precision, --scenario, --area, --all or "
                "--scheduler."
            )
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
    from cjsim.calibration.backcast.run import check_backcast
    from cjsim.experiment.dry_run import dry_run as plan_lines
    from cjsim.experiment.executors.dask_cluster import Cluster
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
            areas=areas,
            budget=budget,
        ):
            click.echo(line)
        return
    cluster = None if scheduler is None else Cluster(scheduler, returns == "bytes")
    if cluster is not None and not cluster.is_encrypted:
        print_note(
            f"{scheduler} is not encrypted: anybody who can reach it can run commands on its "
            "workers. Use a private network, or certificates (docs/how_to/run_on_a_cluster.md)."
        )
    check_backcast(experiment)
    with progress_on_stderr() as progress:
        folder = run_experiment(
            experiment,
            replications=replications,
            precision=precision,
            workers=workers,
            executor=cluster,
            out=out,
            seed=seed,
            scenarios=scenarios,
            areas=areas,
            fresh=fresh,
            resume=resume,
            time_limit=None if time_limit is None else time_limit * 60,
            budget=budget,
            progress=progress,
            say=print_note,
        )
    results = read_results(folder, areas=True)
    click.echo(comparison_text(results, everything=everything))
    judge_backcast(experiment, folder, out=out, workers=workers)
    click.echo(f"\nResults: {folder}")


@click.command(
    epilog=examples(
        "cjsim replay experiments/prosecute_not_process.toml --replication 3",
        "cjsim replay experiments/prosecute_not_process.toml --scenario north_pilot",
    )
)
@click.argument("experiment", type=FILE)
@click.option("--scenario", default="baseline", show_default=True, help="Scenario to run.")
@click.option(
    "--replication",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Number of the replication.",
)
@AREA
@click.option("--seed", type=click.IntRange(min=0), help="Seed (default: as in the file).")
@reports_errors
def replay(
    *, experiment: Path, scenario: str, replication: int, area: str | None, seed: int | None
) -> None:
    """Run one replication alone.

    It runs in this process and saves no results. Use it to see why a replication failed, or to
    compare its content hash with the one in a manifest.
    """
    from cjsim.experiment.replay import replay as run_again

    for line in run_again(
        experiment, scenario=scenario, replication=replication, area=area, seed=seed, say=print_note
    ):
        click.echo(line)
