"""The commands that run many variants of an experiment: sweep, sensitivity, uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cjsim.cli.options import (
    COUNT,
    FILE,
    REPLICATIONS,
    examples,
    print_note,
    reports_errors,
    run_options,
)

if TYPE_CHECKING:
    from cjsim.experiment.designs.study import StudyOptions
    from cjsim.experiment.replications import Progress

OPTIONS = (
    click.argument("experiment", type=FILE),
    click.option(
        "--measure",
        "measures",
        multiple=True,
        help="Measure to analyse (repeatable; default: [report].watch).",
    ),
    click.option(
        "--replications",
        type=REPLICATIONS,
        help="Number of replications (default: as in the file).",
    ),
    run_options,
    click.option("--seed", type=click.IntRange(min=0), help="Seed (default: as in the file)."),
)


def study(command: Callable[..., tuple[str, Path | None]]) -> Callable[..., object]:
    """Decorator: add the options of a study and pass them to the command as `StudyOptions`."""

    @wraps(command)
    def wrapped(
        *,
        experiment: Path,
        measures: tuple[str, ...],
        replications: int | None,
        workers: int | None,
        out: Path,
        fresh: bool,
        resume: bool,
        time_limit: float | None,
        budget: int | None,
        dry_run: bool,
        seed: int | None,
        **options: object,
    ) -> None:
        from cjsim.experiment.designs.study import StudyOptions

        with _progress(dry_run=dry_run) as progress:
            conditions = StudyOptions(
                replications=replications,
                seed=seed,
                workers=workers,
                out=out,
                fresh=fresh,
                resume=resume,
                time_limit=None if time_limit is None else time_limit * 60,
                budget=budget,
                measures=measures,
                progress=progress,
                say=print_note,
            )
            text, folder = command(experiment, conditions, dry_run=dry_run, **options)
        click.echo(text)
        if folder is not None:
            click.echo(f"\nStudy: {folder}")

    decorated: Callable[..., object] = reports_errors(wrapped)
    for option in reversed(OPTIONS):
        decorated = option(decorated)
    return decorated


@contextmanager
def _progress(*, dry_run: bool) -> Iterator[Progress | None]:
    from cjsim.experiment.progress import progress_on_stderr

    if dry_run:
        yield None
    else:
        with progress_on_stderr() as progress:
            yield progress


@click.command(
    epilog=examples(
        "cjsim sweep experiments/file_quality_sweep.toml --dry-run",
        "cjsim sweep experiments/file_quality_sweep.toml --replications 10",
    )
)
@study
def sweep(experiment: Path, conditions: StudyOptions, *, dry_run: bool) -> tuple[str, Path | None]:
    """Run a scenario at many levels of its parameters.

    The table [sweep] of the experiment gives the levels: every combination of a grid, or the points
    of a Latin hypercube. Each point is compared with the baseline.
    """
    from cjsim.experiment.designs.sweep import sweep as run
    from cjsim.experiment.designs.sweep import sweep_plan, sweep_text

    if dry_run:
        return "\n".join(sweep_plan(experiment, conditions)), None
    folder, content = run(experiment, conditions)
    return sweep_text(content), folder


@click.command(
    epilog=examples(
        "cjsim sensitivity experiments/prosecute_not_process.toml --replications 10",
        "cjsim sensitivity experiments/first_question.toml --sobol 350 --replications 2",
    )
)
@click.option("--scenario", help="Scenario whose parameters are varied (default: the last).")
@click.option(
    "--sobol",
    type=COUNT,
    metavar="RUNS",
    help="Compute Sobol' indices with at most this number of runs.",
)
@study
def sensitivity(
    experiment: Path,
    conditions: StudyOptions,
    *,
    dry_run: bool,
    scenario: str | None,
    sobol: int | None,
) -> tuple[str, Path | None]:
    """Run a sensitivity analysis.

    Each parameter that a scenario sets is run at both ends of its range. The table shows how far
    the difference from the baseline moves, and the break-even level where it would be zero. The
    effect sizes of the model (its odds factors) are screened with one replication; those that move
    the result are run with all replications. With --sobol all parameters vary together, and the
    table shows the share of the variance of each.
    """
    from cjsim.experiment.designs.sensitivity import sensitivity as run
    from cjsim.experiment.designs.sensitivity import sensitivity_plan
    from cjsim.experiment.designs.show import sobol_text, tornado_text

    if dry_run:
        lines = sensitivity_plan(experiment, conditions, scenario=scenario, sobol=sobol)
        return "\n".join(lines), None
    folder, content = run(experiment, conditions, scenario=scenario, sobol=sobol)
    return tornado_text(content) if sobol is None else sobol_text(content), folder


@click.command(
    epilog=examples("cjsim uncertainty experiments/prosecute_not_process.toml --draws 15")
)
@click.option(
    "--draws", type=click.IntRange(2, 2_000), help="Number of draws (default: as in the file)."
)
@study
def uncertainty(
    experiment: Path, conditions: StudyOptions, *, dry_run: bool, draws: int | None
) -> tuple[str, Path | None]:
    """Separate parameter uncertainty from Monte Carlo error.

    Every parameter that the scenarios assume, and every effect size (odds factor) of the model, is
    drawn from its range. The table shows the spread of the differences between draws, the spread
    between replications, and the share of draws in which each scenario is the best.
    """
    from cjsim.experiment.designs.show import uncertainty_text
    from cjsim.experiment.designs.uncertainty import uncertainty as run
    from cjsim.experiment.designs.uncertainty import uncertainty_plan

    if dry_run:
        return "\n".join(uncertainty_plan(experiment, conditions, draws=draws)), None
    folder, content = run(experiment, conditions, draws=draws)
    return uncertainty_text(content), folder


def run_ensemble(
    experiment: Path,
    ensemble: Path,
    *,
    dry_run: bool,
    replications: int | None,
    workers: int | None,
    out: Path,
    seed: int | None,
    fresh: bool,
    resume: bool,
    time_limit: float | None,
    budget: int | None,
) -> None:
    """Run `cjsim run --ensemble`: the experiment with each parameter set of a calibration."""
    from cjsim.experiment.designs.ensemble import ensemble_plan, ensemble_study
    from cjsim.experiment.designs.show import ensemble_text
    from cjsim.experiment.designs.study import StudyOptions

    seconds = None if time_limit is None else time_limit * 60
    with _progress(dry_run=dry_run) as progress:
        conditions = StudyOptions(
            replications=replications,
            seed=seed,
            workers=workers,
            out=out,
            fresh=fresh,
            resume=resume,
            time_limit=seconds,
            budget=budget,
            progress=progress,
            say=print_note,
        )
        if dry_run:
            click.echo("\n".join(ensemble_plan(experiment, conditions, ensemble)))
            return
        folder, content = ensemble_study(experiment, conditions, ensemble)
    click.echo(ensemble_text(content))
    click.echo(f"\nStudy: {folder}")
