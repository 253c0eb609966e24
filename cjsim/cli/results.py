"""The commands that read a results folder: compare, export, bundle, reproduce."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cjsim.cli.options import (
    ALLOW_CHANGED,
    AREA,
    FILE,
    WORKERS,
    examples,
    force_option,
    print_note,
    reports_errors,
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
@click.option("--baseline", help="Scenario that the others are compared with.")
@AREA
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Show every measure, not only those in [report].watch.",
)
@ALLOW_CHANGED
@reports_errors
def compare(
    *, results: Path, baseline: str | None, area: str | None, everything: bool, allow_changed: bool
) -> None:
    """Compare the scenarios of a run.

    The table shows differences paired by replication, with 95 % intervals and a verdict. For a run
    with several areas it shows the totals; --area shows one area.
    """
    from cjsim.experiment.results import read_results
    from cjsim.experiment.show import comparison_text

    run_results = read_results(
        results, areas=True, area=area, allow_changed=allow_changed, say=print_note
    )
    click.echo(comparison_text(run_results, baseline=baseline, everything=everything))


@click.command(
    epilog=examples(
        "cjsim measure results/prosecute_not_process",
        "cjsim measure results/prosecute_not_process/1a2b3c4d5e6f --out new_measures",
    )
)
@click.argument("results", type=FILE)
@click.option(
    "--out", type=FILE, help="Output directory (default: the folder `measured` in the results)."
)
@WORKERS
@ALLOW_CHANGED
@force_option
@reports_errors
def measure(*, results: Path, out: Path | None, workers: int | None, allow_changed: bool) -> None:
    """Compute the measures of a run again from its logs.

    Use it after you add or change a measure: nothing is simulated again. Writes kpis.parquet and
    comparison.parquet. The tables of the run itself do not change.
    """
    from cjsim.experiment.remeasure import remeasure

    if out is not None:
        refuse_as_output_folder(out, inputs=[results])
    done = remeasure(results, out=out, workers=workers, allow_changed=allow_changed, say=print_note)
    click.echo(f"Computed {done.measures} measures from the logs of {done.logs} replications.")
    for label, names in (
        ("New", done.added),
        ("Only in the run", done.removed),
        ("With other values than in the run", done.changed),
    ):
        if names:
            click.echo(f"{label}: {', '.join(names)}")
    if not (done.added or done.removed or done.changed):
        click.echo("All values are the same as in the run.")
    for path in done.paths:
        click.echo(f"Written: {path}")


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
    help="xes: event log for process mining; csv: event log as tables; xlsx: workbook.",
)
@click.option("--scenario", help="Scenario whose log is exported (default: the baseline).")
@click.option(
    "--replication",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Number of the replication.",
)
@AREA
@click.option("--out", type=FILE, help="Output file or directory (default: the results folder).")
@ALLOW_CHANGED
@force_option
@reports_errors
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
    """Export a run for other programs.

    Writes the event log of one replication as XES or CSV, or the comparison and every measure as an
    accessible workbook. For a run with several areas, a log is of one area; a workbook holds all
    areas or one.
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
        say=print_note,
    ):
        click.echo(f"Written: {path}")


@click.command(
    epilog=examples(
        "cjsim bundle results/prosecute_not_process --out prosecute_not_process.zip",
        "cjsim bundle results/prosecute_not_process --out run.zip --experiment old/question.toml",
    )
)
@click.argument("results", type=FILE)
@click.option("--out", type=FILE, required=True, help="Output file (ZIP).")
@click.option("--experiment", type=FILE, help="Experiment file of the run, if it has moved.")
@click.option("--lock", type=FILE, help="Requirements file with hashes to include.")
@force_option
@reports_errors
def bundle(*, results: Path, out: Path, experiment: Path | None, lock: Path | None) -> None:
    """Pack a run so that others can reproduce it.

    The bundle holds the inputs (with the opening caseload, if any), the manifest and the hash of
    every results file. `cjsim reproduce` runs it again on another machine and compares.
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
@click.option("--out", type=FILE, help="Save the results in this directory (default: do not save).")
@reports_errors
def reproduce(*, file: Path, workers: int | None, out: Path | None) -> None:
    """Reproduce the results of a bundle.

    Lists first the differences in version, libraries and machine between the two runs, then for
    each results file whether it is the same. The exit code is 0 if all files are the same.
    """
    from cjsim.experiment.bundles.reproduce import reproduce as run_again
    from cjsim.experiment.progress import progress_on_stderr

    with progress_on_stderr() as progress:
        reproduction = run_again(file, workers=workers, out=out, progress=progress, say=click.echo)
    for file_comparison in reproduction.files:
        click.echo(str(file_comparison))
    count = len(reproduction.files)
    same = sum(file_comparison.is_same for file_comparison in reproduction.files)
    click.echo(f"{same} of {count} files are the same.")
    if not reproduction.is_same:
        sys.exit(1)


def own_lock() -> Path | None:
    """Return the lock file that comes with this cjsim, or None."""
    package = Path(__file__).parents[1]
    candidates = (package.parent / "requirements.lock", package / "requirements.lock")
    return next((path for path in candidates if path.is_file()), None)
