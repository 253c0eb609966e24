"""Whether results can be believed. Nothing heavy at import, as in `cli.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cjsim.cli.options import FILE, WORKERS, complains, examples


@click.command(
    epilog=examples(
        "cjsim verify results/prosecute_not_process",
        "cjsim verify results/prosecute_not_process/1a2b3c4d5e6f --rerun 2",
    )
)
@click.argument("results", type=FILE)
@click.option(
    "--rerun",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Run N replications again, and compare their files byte by byte.",
)
@WORKERS
@complains
def verify(*, results: Path, rerun: int, workers: int | None) -> None:
    """Check that results are what cjsim wrote.

    Every file is held against its hash; that none is missing and none was added; columns, names and
    sizes; the measures against the logs, the comparison against the measures. Nothing is written.
    The exit code is 0 if all is right, 1 if something differs or cannot be told, 2 if there are no
    results.
    """
    from cjsim.experiment.verification.text import verified_text
    from cjsim.experiment.verification.verify import verify as check

    checked = check(results, rerun=rerun, workers=workers)
    click.echo(verified_text(checked))
    if not all(one.is_right for one in checked):
        sys.exit(1)
