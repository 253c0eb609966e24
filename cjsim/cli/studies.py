"""The commands of studies: many variants of an experiment, run and told. No logic here either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cjsim.cli.options import (
    COUNT,
    FILE,
    REPLICATIONS,
    complains,
    examples,
    note,
    running,
)

if TYPE_CHECKING:
    from cjsim.experiment.designs.study import Conditions

OPTIONS = (
    click.argument("experiment", type=FILE),
    click.option("--measure", "measures", multiple=True, help="Instead of those watched."),
    click.option("--replications", type=REPLICATIONS, help="Instead of the number in the file."),
    running,
    click.option("--seed", type=click.IntRange(min=0), help="Instead of the seed in the file."),
)


def study(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that all studies have, and hand it their conditions."""

    @wraps(command)
    def wrapped(
        *, experiment: Path, dry_run: bool, time_limit: float | None, **options: Any
    ) -> None:
        from cjsim.experiment.designs.study import Conditions

        names = [name for name in Conditions.__dataclass_fields__ if name in options]
        given = {name: options.pop(name) for name in names}
        if time_limit is not None:
            given["time_limit"] = time_limit * 60
        with _progress(dry_run=dry_run) as progress:
            conditions = Conditions(**given, progress=progress, say=note)
            text, folder = command(experiment, conditions, dry_run=dry_run, **options)
        click.echo(text)
        if folder is not None:
            click.echo(f"\nStudy: {folder}")

    found: Callable[..., Any] = complains(wrapped)
    for option in reversed(OPTIONS):
        found = option(found)
    return found


@contextmanager
def _progress(*, dry_run: bool) -> Iterator[Any]:
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
def sweep(experiment: Path, given: Conditions, *, dry_run: bool) -> tuple[str, Path | None]:
    """Run a scenario at many levels of its values.

    The table [sweep] of the experiment says which: every combination of a grid, or the points of a
    Latin hypercube. Each point is held against the baseline.
    """
    from cjsim.experiment.designs.sweep import sweep as run
    from cjsim.experiment.designs.sweep import sweep_plan, sweep_text

    if dry_run:
        return "\n".join(sweep_plan(experiment, given)), None
    folder, content = run(experiment, given)
    return sweep_text(content), folder


@click.command(
    epilog=examples(
        "cjsim sensitivity experiments/prosecute_not_process.toml --replications 10",
        "cjsim sensitivity experiments/first_question.toml --sobol 350 --replications 2",
    )
)
@click.option("--scenario", help="The scenario whose settings are varied; the last if not given.")
@click.option("--sobol", type=COUNT, metavar="RUNS", help="All together, in so many runs at most.")
@study
def sensitivity(
    experiment: Path, given: Conditions, *, dry_run: bool, scenario: str | None, sobol: int | None
) -> tuple[str, Path | None]:
    """Find out what the answer hangs on.

    Each value that a scenario sets goes over its declared range, low and high, and the level is
    given at which the difference from the baseline would be zero. So do the model's effect sizes
    (its odds factors): all of them once, and those that move the answer with all replications. With
    --sobol all of them go over their ranges together, and each one's share of the variance is
    given, that of the effect sizes as one.
    """
    from cjsim.experiment.designs.sensitivity import sensitivity as run
    from cjsim.experiment.designs.sensitivity import sensitivity_plan
    from cjsim.experiment.designs.show import sobol_text, tornado_text

    if dry_run:
        lines = sensitivity_plan(experiment, given, scenario=scenario, sobol=sobol)
        return "\n".join(lines), None
    folder, content = run(experiment, given, scenario=scenario, sobol=sobol)
    return tornado_text(content) if sobol is None else sobol_text(content), folder


@click.command(
    epilog=examples("cjsim uncertainty experiments/prosecute_not_process.toml --draws 15")
)
@click.option("--draws", type=click.IntRange(2, 2_000), help="Instead of the number in the file.")
@study
def uncertainty(
    experiment: Path, given: Conditions, *, dry_run: bool, draws: int | None
) -> tuple[str, Path | None]:
    """Tell what nobody knows from chance.

    Everything that the scenarios assume, and every effect size (odds factor) of the model, is drawn
    from its range, again and again: how far the
    differences then lie apart, how far chance alone drives them apart, and in how many of the draws
    each scenario is the best.
    """
    from cjsim.experiment.designs.show import uncertainty_text
    from cjsim.experiment.designs.uncertainty import uncertainty as run
    from cjsim.experiment.designs.uncertainty import uncertainty_plan

    if dry_run:
        return "\n".join(uncertainty_plan(experiment, given, draws=draws)), None
    folder, content = run(experiment, given, draws=draws)
    return uncertainty_text(content), folder


def run_ensemble(
    experiment: Path, ensemble: Path, *, dry_run: bool, time_limit: float | None, **given: Any
) -> None:
    """`cjsim run --ensemble`: the experiment under each set of a calibration."""
    from cjsim.experiment.designs.ensemble import ensemble_plan, ensemble_study
    from cjsim.experiment.designs.show import ensemble_text
    from cjsim.experiment.designs.study import Conditions

    seconds = None if time_limit is None else time_limit * 60
    with _progress(dry_run=dry_run) as progress:
        conditions = Conditions(**given, time_limit=seconds, progress=progress, say=note)
        if dry_run:
            click.echo("\n".join(ensemble_plan(experiment, conditions, ensemble)))
            return
        folder, content = ensemble_study(experiment, conditions, ensemble)
    click.echo(ensemble_text(content))
    click.echo(f"\nStudy: {folder}")
