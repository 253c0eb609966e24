"""The command on back-casts. Nothing heavy at import, as in `cli.py`."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.cli.options import FILE, complains, examples, note, replaces
from cjsim.storage.paths import refuse_as_output_folder


@click.command(
    epilog=examples(
        "cjsim backcast results/crown_backcast",
        "cjsim backcast results/crown_backcast --docs docs",
    )
)
@click.argument("results", type=FILE)
@click.option("--docs", type=FILE, help="Write scoreboard and chart to this folder of docs too.")
@replaces
@complains
def backcast(results: Path, docs: Path | None) -> None:
    """Show a back-cast beside what was published.

    Each quarter with its bands, and the error at 1, 4 and 8 quarters beside naive forecasts.
    """
    from cjsim.calibration.backcast.show import show_backcast

    if docs is not None:
        refuse_as_output_folder(docs, inputs=[results], option="--docs")
    click.echo(show_backcast(results, docs=docs))


def judge_backcast(experiment: Path, folder: Path, *, out: Path, workers: int | None) -> None:
    """After a run: the back-cast that its experiment asks for, written into its folder."""
    from cjsim.calibration.backcast.run import after_run
    from cjsim.calibration.backcast.show import show_backcast
    from cjsim.experiment.progress import progress_on_stderr

    with progress_on_stderr() as progress:
        table = after_run(experiment, folder, out=out, workers=workers, progress=progress, say=note)
    if table is not None:
        click.echo(f"\n{show_backcast(folder)}")
