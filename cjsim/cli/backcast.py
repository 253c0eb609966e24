"""The command on back-casts."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.cli.options import FILE, examples, force_option, print_note, reports_errors
from cjsim.storage.paths import refuse_as_output_folder


@click.command(
    epilog=examples(
        "cjsim backcast results/crown_backcast",
        "cjsim backcast results/crown_backcast --docs docs",
    )
)
@click.argument("results", type=FILE)
@click.option(
    "--docs", type=FILE, help="Also write the validation report and chart to this docs folder."
)
@force_option
@reports_errors
def backcast(results: Path, docs: Path | None) -> None:
    """Compare a back-cast with published figures.

    Shows each quarter with its prediction bands, and the errors 1, 4 and 8 quarters ahead beside
    those of naive forecasts.
    """
    from cjsim.calibration.backcast.scoreboard import show_backcast

    if docs is not None:
        refuse_as_output_folder(docs, inputs=[results], option="--docs")
    click.echo(show_backcast(results, docs=docs))


def judge_backcast(experiment: Path, folder: Path, *, out: Path, workers: int | None) -> None:
    """After a run, write the back-cast that its experiment defines into its folder."""
    from cjsim.calibration.backcast.run import after_run
    from cjsim.calibration.backcast.scoreboard import show_backcast
    from cjsim.experiment.progress import progress_on_stderr

    with progress_on_stderr() as progress:
        table = after_run(
            experiment, folder, out=out, workers=workers, progress=progress, say=print_note
        )
    if table is not None:
        click.echo(f"\n{show_backcast(folder)}")
