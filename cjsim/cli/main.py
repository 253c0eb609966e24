"""The command group `cjsim`. It imports nothing heavy, so that `cjsim --help` is quick."""

from __future__ import annotations

import os
import warnings
from typing import TextIO

import click

import cjsim
from cjsim.cli import (
    backcast,
    calibrate,
    models,
    money,
    new,
    reforms,
    report,
    results,
    run,
    studies,
    verify,
)
from cjsim.cli.internal import TRACEBACK_VARIABLE
from cjsim.cli.options import examples


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("cjsim run experiments/prosecute_not_process.toml --replications 4"),
)
@click.version_option(cjsim.__version__, message="cjsim %(version)s")
@click.option(
    "--traceback",
    is_flag=True,
    envvar=TRACEBACK_VARIABLE,
    help="Show the traceback of an internal error.",
)
def main(*, traceback: bool) -> None:
    """Simulate a criminal justice system, from arrest to disposal."""
    from cjsim.storage.disk import open_standard_streams

    open_standard_streams()
    warnings.showwarning = _show_notice
    if traceback:
        os.environ[TRACEBACK_VARIABLE] = "1"
    else:
        os.environ.pop(TRACEBACK_VARIABLE, None)


def _show_notice(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a notice about a user's file as one line, and any other warning as Python does."""
    if issubclass(category, FutureWarning):
        click.echo(f"Notice: {message}", err=True)
    else:
        text = warnings.formatwarning(message, category, filename, lineno, line)
        click.echo(text, file=file, err=file is None, nl=False)


for command in (
    new.new,
    new.schema,
    run.check,
    run.run,
    run.replay,
    results.compare,
    results.measure,
    money.cost,
    report.report,
    results.export,
    results.bundle,
    results.reproduce,
    verify.verify,
    studies.sweep,
    studies.sensitivity,
    studies.uncertainty,
    reforms.reforms,
    reforms.claim,
    calibrate.validate,
    calibrate.calibrate,
    calibrate.influence,
    calibrate.fit,
    calibrate.evidence,
    backcast.backcast,
    models.trace,
    models.snapshot,
    models.explain,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
