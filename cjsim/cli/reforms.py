"""The commands of reforms: their register, and the test of a claim. No logic here either."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cjsim.cli.options import (
    FILE,
    FRESH,
    REPLICATIONS,
    RESULTS,
    WORKERS,
    complains,
    examples,
    note,
    replaces,
)
from cjsim.cli.studies import study
from cjsim.storage.paths import refuse_as_output, refuse_as_output_folder

if TYPE_CHECKING:
    from cjsim.experiment.designs.study import Conditions


@click.command(
    epilog=examples(
        "cjsim reforms",
        "cjsim reforms results/body_worn_video results/virtual_courts",
        "cjsim reforms --run --dry-run",
        "cjsim reforms --run --until-decided 12 --write docs/reforms.md",
    )
)
@click.argument("results", type=FILE, nargs=-1)
@click.option(
    "--experiments",
    type=FILE,
    default=Path("experiments"),
    show_default=True,
    help="The folder whose files say of which reform they are.",
)
@click.option("--run", "small", is_flag=True, help="Run each reform that no results are given of.")
@click.option("--months", type=click.IntRange(1, 60), help="Length of those runs; 6 if not given.")
@click.option("--replications", type=REPLICATIONS, help="Of those runs; 6 if not given.")
@click.option(
    "--until-decided",
    type=REPLICATIONS,
    help="Run again with twice the replications, up to so many, what is not decided yet.",
)
@WORKERS
@RESULTS
@FRESH
@click.option("--dry-run", is_flag=True, help="Say what --run would take; run nothing.")
@click.option("--write", type=FILE, help="Write the page to this file as well.")
@replaces
@complains
def reforms(
    *,
    results: tuple[Path, ...],
    experiments: Path,
    small: bool,
    months: int | None,
    replications: int | None,
    until_decided: int | None,
    workers: int | None,
    out: Path,
    fresh: bool,
    dry_run: bool,
    write: Path | None,
) -> None:
    """List reforms with what was published of them.

    What the model says of each is read from RESULTS, folders of runs, or from those that lie where
    results go. With --run the reforms that RESULTS do not hold are run at a small size. What has
    been run is kept: when it was stopped, the same command goes on with the rest, and the page is
    written anew after each group of reforms.
    """
    from cjsim.experiment.designs.study import Conditions
    from cjsim.experiment.progress import progress_on_stderr
    from cjsim.reforms.page import register_page, register_text
    from cjsim.reforms.quick_runs import MONTHS, lines_of, run_small
    from cjsim.reforms.register import entries, reforms_in, said_in, said_of_kept
    from cjsim.storage.outputs import refuse_what_is_in_the_way, write_output

    refuse_as_output_folder(out)
    if write is not None:
        refuse_as_output(write, "--write")
        refuse_what_is_in_the_way([write])
    known = reforms_in(experiments)
    # What --run has done before it reads by itself, with all that it was asked to run.
    kept = not (results or small or dry_run)
    said = said_of_kept(out, known) if kept else said_in(results, known)
    missing = [one for one in known if one.path.stem not in said]
    given = Conditions(
        replications=replications, workers=workers, out=out, fresh=fresh, resume=not fresh, say=note
    )
    if dry_run:
        click.echo("\n".join(lines_of(missing, given, months or MONTHS)))
        return

    def written() -> None:
        if write is not None:
            page = register_page(entries(known, said), "cjsim reforms --write")
            write_output(page, write, "reforms")

    def found_in(folder: Path) -> None:
        said.update(said_in([folder], known))
        written()

    if small:
        with progress_on_stderr() as progress:
            run_small(
                missing,
                replace(given, progress=progress),
                months or MONTHS,
                until_decided=until_decided,
                after=found_in,
            )
    written()
    click.echo(register_text(entries(known, said)))
    if any(one.path.stem not in said for one in known):
        click.echo("Not run: `cjsim reforms --run` runs them; the guide's register has them run.")
    if write is not None:
        click.echo(f"Written: {write}")


@click.command(epilog=examples("cjsim claim experiments/prosecute_not_process_claim.toml"))
@study
def claim(experiment: Path, given: Conditions, *, dry_run: bool) -> tuple[str, Path | None]:
    """Test published claims against the model.

    The size of a scenario's levers is fitted to one published effect, and what the model then says
    of the others is told with intervals. Then the levers' declared ranges are searched for settings
    in which all of the effects hold.
    """
    from cjsim.reforms.claim_test import claim as test
    from cjsim.reforms.claim_test import claim_plan
    from cjsim.reforms.claim_test_text import claim_text

    if dry_run:
        return "\n".join(claim_plan(experiment, given)), None
    folder, content = test(experiment, given)
    return claim_text(content), folder
