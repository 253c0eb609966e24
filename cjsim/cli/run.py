"""Checking, running and replaying an experiment."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.cli import studies
from cjsim.cli.backcast import judge_backcast
from cjsim.cli.options import (
    AREA,
    FILE,
    REPLICATIONS,
    complains,
    examples,
    note,
    running,
)


@click.command(epilog=examples("cjsim check models/toy experiments/*.toml"))
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@complains
def check(files: tuple[Path, ...]) -> None:
    """Check models and experiments.

    A folder is a model, a file an experiment. Every fault of all of them is told at once.
    """
    from cjsim.experiment.check import check_files

    for line in check_files(files, note):
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
@click.option("--replications", type=REPLICATIONS, help="Instead of the number in the file.")
@click.option(
    "--precision",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Add replications until each watched difference is known to within this share of the "
    "baseline's level, such as 0.01.",
)
@running
@click.option(
    "--executor",
    type=click.Choice(["processes", "dask"]),
    default="processes",
    show_default=True,
    help="Who does the work: this machine, or the workers of a Dask scheduler.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Of Dask, such as tls://10.0.0.1:8786.")
@click.option(
    "--returns",
    type=click.Choice(["files", "bytes"]),
    default="files",
    show_default=True,
    help="How Dask's workers give results: in the folder that all reach, or sent back.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the seed in the file.")
@click.option("--scenario", "scenarios", multiple=True, help="Only this one and the baseline.")
@click.option("--area", "areas", multiple=True, help="Only this one, of several side by side.")
@click.option("--all", "everything", is_flag=True, help="Show every measure, not the watched.")
@click.option(
    "--ensemble",
    type=FILE,
    metavar="FILE",
    help="Run it under each set of a calibration: what is not known, apart from chance.",
)
@complains
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

    All its scenarios run, to a results folder and a comparison with the baseline. A run that is cut
    short, by Ctrl-C, a limit or a power cut, leaves the replications that are done: --resume goes
    on with them.
    """
    if (executor == "dask") != (scheduler is not None):
        raise click.UsageError("--executor dask and --scheduler ADDRESS go together.")
    if returns == "bytes" and scheduler is None:
        raise click.UsageError("--returns bytes is of Dask's workers: give --executor dask too.")
    if ensemble is not None:
        if precision is not None or scenarios or areas or everything or scheduler is not None:
            raise click.UsageError(
                "--ensemble goes with none of --precision, --scenario, --area, --all, --scheduler."
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
        note(
            f"{scheduler} is not encrypted: whoever reaches it can run anything on its workers. "
            "Use it on a network of your own alone, or give it certificates (docs/long_runs.md)."
        )
    check_backcast(experiment)
    with progress_on_stderr() as progress:
        folder = run_experiment(
            experiment,
            replications=replications,
            precision=precision,
            workers=workers,
            cluster=cluster,
            out=out,
            seed=seed,
            scenarios=scenarios,
            areas=areas,
            fresh=fresh,
            resume=resume,
            time_limit=None if time_limit is None else time_limit * 60,
            budget=budget,
            progress=progress,
            say=note,
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
@click.option("--scenario", default="baseline", show_default=True, help="Of this scenario.")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@AREA
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the seed in the file.")
@complains
def replay(
    *, experiment: Path, scenario: str, replication: int, area: str | None, seed: int | None
) -> None:
    """Run one replication alone.

    In this process and with nothing kept: to see what happens to one that failed, or to hold its
    content hash against the one in a manifest.
    """
    from cjsim.experiment.replay import replay as run_again

    for line in run_again(
        experiment, scenario=scenario, replication=replication, area=area, seed=seed, say=note
    ):
        click.echo(line)
