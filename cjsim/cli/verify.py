"""The command that verifies a results folder."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cjsim.cli.options import FILE, WORKERS, examples, reports_errors


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
    help="Run N replications again and compare their files byte by byte.",
)
@WORKERS
@reports_errors
def verify(*, results: Path, rerun: int, workers: int | None) -> None:
    """Verify that results are as cjsim wrote them.

    Checks the hash of every file, missing and added files, columns, names and sizes; computes the
    measures again from the logs and the comparison from the measures. Writes nothing. The exit code
    is 0 if all checks pass, 1 if one fails or cannot be decided, 2 if there are no results.
    """
    from cjsim.experiment.verification.text import verified_text
    from cjsim.experiment.verification.verify import verify as check

    checks = check(results, rerun=rerun, workers=workers)
    click.echo(verified_text(checks))
    if not all(result.is_right for result in checks):
        sys.exit(1)
