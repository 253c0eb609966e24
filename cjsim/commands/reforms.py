"""The commands of reforms: their register, and the test of a claim. No logic here either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cjsim.commands.conventions import COUNT, FILE, REPLICATIONS, complains, examples, note
from cjsim.commands.studies import study

if TYPE_CHECKING:
    from cjsim.experiment.study import Conditions


@click.command(
    epilog=examples(
        "cjsim reforms",
        "cjsim reforms results/body_worn_video results/virtual_courts",
        "cjsim reforms --run --write docs/reforms.md",
    )
)
@click.argument("results", type=FILE, nargs=-1)
@click.option(
    "--experiments", type=FILE, default=Path("experiments"), show_default=True,
    help="The folder whose files say of which reform they are.",
)  # fmt: skip
@click.option("--run", "small", is_flag=True, help="Run each reform that no results are given of.")
@click.option("--months", type=click.IntRange(1, 60), help="Length of those runs; 6 if not given.")
@click.option("--replications", type=REPLICATIONS, help="Of those runs; 3 if not given.")
@click.option("--workers", type=COUNT, help="Processes; all processors when not given.")
@click.option("--out", type=FILE, default=Path("results"), show_default=True, help="Where to.")
@click.option("--write", type=FILE, help="Write the page to this file as well.")
@complains
def reforms(
    *,
    results: tuple[Path, ...],
    experiments: Path,
    small: bool,
    months: int | None,
    replications: int | None,
    workers: int | None,
    out: Path,
    write: Path | None,
) -> None:
    """List reforms with what was published of them.

    What the model says of each is read from RESULTS, folders of runs; with --run the reforms that
    they do not hold are run at a small size.
    """
    from cjsim.experiment.progress import progress_on_stderr
    from cjsim.experiment.store import whole_file
    from cjsim.experiment.study import Conditions
    from cjsim.reforms.page import register_page, register_text
    from cjsim.reforms.register import MONTHS, entries, reforms_in, run_small, said_in

    known = reforms_in(experiments)
    said = said_in(results, known)
    if small:
        missing = [one for one in known if one.path.stem not in said]
        with progress_on_stderr() as progress:
            given = Conditions(
                replications=replications, workers=workers, out=out, resume=True,
                progress=progress, say=note,
            )  # fmt: skip
            folders = run_small(missing, given, months or MONTHS)
        said |= said_in(folders, known)
    found = entries(known, said)
    click.echo(register_text(found))
    if write is not None:
        with whole_file(write) as partial:
            partial.write_text(register_page(found, "cjsim reforms --write"), encoding="utf-8")
        click.echo(f"Written: {write}")


@click.command(epilog=examples("cjsim claim experiments/prosecute_not_process_claim.toml"))
@study
def claim(experiment: Path, given: Conditions, *, dry_run: bool) -> tuple[str, Path | None]:
    """Test published claims against the model.

    The size of a scenario's levers is fitted to one published effect, and what the model then says
    of the others is told with intervals. Then the levers' declared ranges are searched for settings
    in which all of the effects hold.
    """
    from cjsim.reforms.claim import claim as test
    from cjsim.reforms.claim import claim_plan
    from cjsim.reforms.claim_text import claim_text

    if dry_run:
        return "\n".join(claim_plan(experiment, given)), None
    folder, content = test(experiment, given)
    return claim_text(content), folder
