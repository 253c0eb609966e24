"""What a run left: compared, and written for other programs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cjsim.cli.options import (
    ALLOW_CHANGED,
    AREA,
    FILE,
    WORKERS,
    complains,
    examples,
    note,
    replaces,
)
from cjsim.storage.paths import refuse_as_output, refuse_as_output_folder


@click.command(
    epilog=examples(
        "cjsim compare results/prosecute_not_process",
        "cjsim compare results/prosecute_not_process/1a2b3c4d5e6f --baseline north_pilot --all",
        "cjsim compare results/england_wales_43_areas --area wiltshire",
    )
)
@click.argument("results", type=FILE)
@click.option("--baseline", help="The scenario that the others are held against.")
@AREA
@click.option("--all", "everything", is_flag=True, help="Show every measure, not the watched.")
@ALLOW_CHANGED
@complains
def compare(
    *, results: Path, baseline: str | None, area: str | None, everything: bool, allow_changed: bool
) -> None:
    """Compare the scenarios of a run.

    The differences are paired by replication, with 95 % intervals and words. Of several areas side
    by side it is what is counted in all of them together, unless one is named.
    """
    from cjsim.experiment.results import read_results
    from cjsim.experiment.show import comparison_text

    found = read_results(results, areas=True, area=area, allow_changed=allow_changed, say=note)
    click.echo(comparison_text(found, baseline=baseline, everything=everything))


@click.command(
    epilog=examples(
        "cjsim export results/prosecute_not_process --format xlsx",
        "cjsim export results/prosecute_not_process --format xes --scenario north_pilot",
        "cjsim export results/england_wales_43_areas --format csv --area wiltshire",
    )
)
@click.argument("results", type=FILE)
@click.option(
    "--format",
    "form",
    type=click.Choice(["xes", "csv", "xlsx"]),
    required=True,
    help="Event log for process mining, event log as tables, or a workbook.",
)
@click.option("--scenario", help="Whose log; the baseline's when not given.")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@AREA
@click.option(
    "--out", type=FILE, help="A file or a folder; into the results folder when not given."
)
@ALLOW_CHANGED
@replaces
@complains
def export(
    *,
    results: Path,
    form: str,
    scenario: str | None,
    replication: int,
    area: str | None,
    out: Path | None,
    allow_changed: bool,
) -> None:
    """Write a run for other programs.

    One replication's event log as XES or CSV, or the comparison and every measure as an accessible
    workbook. Of several areas side by side a log is one area's, and a workbook holds all of them or
    one.
    """
    from cjsim.experiment.exports.export import export as write

    if out is not None and (form == "csv" or out.is_dir()):
        refuse_as_output_folder(out, inputs=[results])
    elif out is not None:
        refuse_as_output(out)
    for path in write(
        results,
        form,
        out=out,
        scenario=scenario,
        replication=replication,
        area=area,
        allow_changed=allow_changed,
        say=note,
    ):
        click.echo(f"Written: {path}")


@click.command(
    epilog=examples(
        "cjsim bundle results/prosecute_not_process --out prosecute_not_process.zip",
        "cjsim bundle results/prosecute_not_process --out run.zip --experiment old/question.toml",
    )
)
@click.argument("results", type=FILE)
@click.option("--out", type=FILE, required=True, help="The file to write, a ZIP.")
@click.option("--experiment", type=FILE, help="The run's experiment, if it lies elsewhere now.")
@click.option("--lock", type=FILE, help="A requirements file with hashes, to go with it.")
@replaces
@complains
def bundle(*, results: Path, out: Path, experiment: Path | None, lock: Path | None) -> None:
    """Pack a run, to be made again elsewhere.

    Its inputs, its manifest and the hash of every file of its results go into one file, from which
    `cjsim reproduce` makes the results again on another machine. A table of open cases that the run
    begins with goes along.
    """
    from cjsim.experiment.bundles.pack import write_bundle

    refuse_as_output(out)
    packed = write_bundle(results, out, experiment=experiment, lock=lock or own_lock())
    for name in packed.files:
        click.echo(f"  {name}")
    click.echo(f"Bundle: {packed.path}, with the hashes of {packed.expected} files of results")


@click.command(
    epilog=examples(
        "cjsim reproduce prosecute_not_process.zip",
        "cjsim reproduce prosecute_not_process.zip --workers 2 --out results_again",
    )
)
@click.argument("file", type=FILE)
@WORKERS
@click.option("--out", type=FILE, help="Keep the results here; they are not kept when not given.")
@complains
def reproduce(*, file: Path, workers: int | None, out: Path | None) -> None:
    """Make a bundle's results again.

    Says first what differs between the cjsim, the libraries and the machine of both runs, then for
    each file of the results whether it came out the same. The exit code is 0 if all of them did.
    """
    from cjsim.experiment.bundles.reproduce import reproduce as run_again
    from cjsim.experiment.progress import progress_on_stderr

    with progress_on_stderr() as progress:
        found = run_again(file, workers=workers, out=out, progress=progress, say=click.echo)
    for compared in found.files:
        click.echo(str(compared))
    count, same = len(found.files), sum(one.is_same for one in found.files)
    click.echo(f"{same} of {count} files are the same.")
    if not found.is_same:
        sys.exit(1)


def own_lock() -> Path | None:
    """The list of libraries, with hashes, that comes with this cjsim; None where there is none."""
    package = Path(__file__).parents[1]
    places = (package.parent / "requirements.lock", package / "requirements.lock")
    return next((place for place in places if place.is_file()), None)
