"""The commands on evidence, fitting, calibration and validation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cjsim.cli.options import (
    FILE,
    REPLICATIONS,
    WORKERS,
    YEARS,
    examples,
    force_option,
    print_note,
    reports_errors,
    run_options,
)
from cjsim.storage.paths import refuse_as_output, refuse_as_output_folder
from cjsim.storage.plain import PlainTable

if TYPE_CHECKING:
    import datetime as dt

    from cjsim.calibration.history_matching.run import CalibrationOptions


@click.command(
    epilog=examples(
        "cjsim evidence",
        "cjsim evidence pre_charge_bail_mean_days",
        "cjsim evidence --assumptions assumptions.md",
    )
)
@click.argument("figure", required=False)
@click.option(
    "--models",
    type=FILE,
    default=Path("models"),
    show_default=True,
    help="Folder of models that use the register beside it.",
)
@click.option("--assumptions", type=FILE, help="Write the assumptions to this Markdown file.")
@force_option
@reports_errors
def evidence(figure: str | None, models: Path, assumptions: Path | None) -> None:
    """Show published figures and where they are used.

    Without FIGURE, lists the register. With FIGURE, shows its source and every parameter, target
    and fit that uses it.
    """
    from cjsim.calibration import evidence as evidence_module

    if assumptions is not None:
        refuse_as_output(assumptions, "--assumptions")
    register = evidence_module.read_evidence(models)
    if assumptions is not None:
        evidence_module.write_assumptions(register, assumptions)
        click.echo(f"Assumptions: {assumptions}")
    elif figure is None:
        click.echo(evidence_module.register_text(register))
    else:
        click.echo("\n".join(evidence_module.figure_lines(register, figure)))


@click.command(
    epilog=examples(
        "cjsim fit calibration/fits/pre_charge_bail.toml",
        "cjsim fit --example cases.csv --model models/toy",
        "cjsim fit --data cases.csv --as-of 2014-03-31 --by-group",
        "cjsim fit --data cases.csv --columns columns.toml --date-format %d/%m/%Y",
    )
)
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE...]")
@click.option("--data", type=FILE, help="Extract of cases to fit (CSV).")
@click.option("--example", type=FILE, help="Write an example extract to this file.")
@click.option(
    "--model",
    type=FILE,
    default=Path("models/toy"),
    show_default=True,
    help="Model whose simulated cases fill the example.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the run."
)
@click.option("--out", type=FILE, help="Output directory (default: beside the file).")
@click.option("--by-group", is_flag=True, help="Also fit each offence group.")
@click.option(
    "--smallest",
    type=click.IntRange(min=5),
    default=5,
    show_default=True,
    help="Suppress numbers of fewer cases than this.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date of the extract, for open cases (default: the last date in it).",
)
@click.option("--columns", type=FILE, help="File that maps column names.")
@click.option("--date-format", help="Format of dates, such as %d/%m/%Y.")
@click.option(
    "--leave-out-bad-rows", is_flag=True, help="List rows with errors and fit the others."
)
@force_option
@reports_errors
def fit(
    *,
    files: tuple[Path, ...],
    data: Path | None,
    example: Path | None,
    model: Path,
    seed: int,
    out: Path | None,
    by_group: bool,
    smallest: int,
    as_of: dt.datetime | None,
    columns: Path | None,
    date_format: str | None,
    leave_out_bad_rows: bool,
) -> None:
    """Fit durations to published figures or cases.

    A file of calibration/fits/ names published figures. An extract (--data) holds an agency's own
    cases, with the columns of docs/fitting.md. Writes the fitted distributions, a report and a
    chart to a folder.
    """
    if sum([bool(files), data is not None, example is not None]) != 1:
        raise click.UsageError(
            "Give exactly one of: files of published figures, --data, --example."
        )
    if out is not None:
        refuse_as_output_folder(out, inputs=[*files, *([data] if data else [])])
    if example is not None:
        from cjsim.calibration.fitting.example import write_example

        refuse_as_output(example, "--example")
        rows, last = write_example(example, model, seed=seed)
        click.echo(f"{example}: {rows} simulated cases, open cases as of {last}")
    elif data is not None:
        from cjsim.calibration.fitting.fit import fit_extract

        folder, lines = fit_extract(
            data,
            out=out,
            by_group=by_group,
            smallest=smallest,
            as_of=as_of.date() if as_of else None,
            leave_out_bad_rows=leave_out_bad_rows,
            columns=columns,
            date_format=date_format,
        )
        click.echo("\n".join([*lines, f"Report: {folder / 'report.md'}"]))
    else:
        from cjsim.calibration.fitting.fit import fit_published

        if out is not None and len(files) > 1:
            raise click.UsageError("--out can be used with one file only.")
        for file in files:
            folder, lines = fit_published(file, out)
            click.echo("\n".join([*lines, f"Report: {folder / 'report.md'}"]))


def _conditions(options: PlainTable, time_limit: float | None) -> CalibrationOptions:
    """Return the conditions of a calibration run; `time_limit` is in minutes."""
    from cjsim.calibration.history_matching.run import CalibrationOptions
    from cjsim.experiment.progress import progress_on_stderr

    return CalibrationOptions(
        **options,
        time_limit=None if time_limit is None else time_limit * 60,
        progress=progress_on_stderr,
        say=lambda line: click.echo(line, err=True),
    )


@click.command(
    epilog=examples(
        "cjsim calibrate calibration/toy.toml",
        "cjsim calibrate calibration/staffordshire_2013.toml --workers 2 --time-limit 40",
        "cjsim calibrate calibration/staffordshire_2013.toml --resume",
    )
)
@click.argument("file", type=FILE)
@run_options
@force_option
@reports_errors
def calibrate(file: Path, *, dry_run: bool, time_limit: float | None, **options: object) -> None:
    """Calibrate a model by history matching.

    A file of calibration/ names the unknown parameters, the targets that are fitted and those that
    are held out. Waves of simulations rule out implausible parameter sets. The remaining sets are
    written beside the file as an ensemble, with a report.
    """
    from cjsim.calibration.history_matching.files import (
        REPORT,
        calibration_text,
        publish,
        published,
    )
    from cjsim.calibration.history_matching.run import calibrate as run
    from cjsim.calibration.history_matching.run import calibration_lines
    from cjsim.storage.outputs import refuse_what_is_in_the_way

    conditions = _conditions(options, time_limit)
    if dry_run:
        click.echo("\n".join(calibration_lines(file, conditions)))
        return
    refuse_what_is_in_the_way(published(file).values())
    folder = run(file, conditions)
    click.echo(calibration_text(folder))
    click.echo(f"\nEnsemble: {publish(folder, file)}")
    click.echo(f"Report: {folder / REPORT}")


@click.command(
    epilog=examples(
        "cjsim influence calibration/toy.toml",
        "cjsim influence calibration/staffordshire_2013.toml --workers 2",
        "cjsim influence calibration/staffordshire_2013.toml --resume",
    )
)
@click.argument("file", type=FILE)
@click.option(
    "--replications",
    type=REPLICATIONS,
    default=1,
    show_default=True,
    help="Number of replications.",
)
@run_options
@force_option
@reports_errors
def influence(
    file: Path, replications: int, *, dry_run: bool, time_limit: float | None, **options: object
) -> None:
    """Rank a model's assumptions by their influence.

    Runs each assumption at both ends of its range while the others stay the same, and measures how
    far the targets of the calibration file move. Writes the table beside the file; `cjsim evidence
    --assumptions` includes it.
    """
    from cjsim.calibration.screening import (
        publish,
        published,
        read_screening,
        screening_plan,
        screening_text,
    )
    from cjsim.calibration.screening import run_screening as run
    from cjsim.storage.outputs import refuse_what_is_in_the_way

    conditions = _conditions(options, time_limit)
    if dry_run:
        click.echo("\n".join(screening_plan(file, conditions, replications=replications)))
        return
    refuse_what_is_in_the_way(published(file).values())
    table = publish(run(file, conditions, replications=replications), file)
    ranking = read_screening(table)
    if ranking is not None:
        click.echo(screening_text(ranking))
    click.echo(f"\nInfluence: {table}")


@click.command(
    epilog=examples(
        "cjsim validate models/staffordshire_2013",
        "cjsim validate models/staffordshire_2013 --replications 4 --years 3",
        "cjsim validate models/staffordshire_2013 --write docs/scoreboard.md",
        "cjsim validate models/staffordshire_2013 --out results/scoreboard",
    )
)
@click.argument("model", type=FILE, default=Path("models/staffordshire_2013"))
@click.option(
    "--replications",
    type=REPLICATIONS,
    help="Number of replications (default: as in the targets file).",
)
@WORKERS
@click.option(
    "--years",
    type=YEARS,
    default=1,
    show_default=True,
    help="Length of the run; with 3 or more the open caseload is checked too.",
)
@click.option(
    "--out", type=FILE, help="Write the report (scoreboard.md, .html, .parquet) to this directory."
)
@click.option("--write", type=FILE, help="Write the report to this Markdown file.")
@force_option
@reports_errors
def validate(
    model: Path,
    replications: int | None,
    workers: int | None,
    years: int,
    out: Path | None,
    write: Path | None,
) -> None:
    """Validate a model against published figures.

    Simulates the baseline after its warm-up and shows for each figure whether it is in or out of
    tolerance, with its interval; in-sample and held-out figures are shown separately.
    """
    from cjsim.calibration.validate import validate as validate_model
    from cjsim.calibration.validation_report import (
        FILES,
        checks_text,
        scoreboard_of,
        write_folder,
        write_markdown,
    )
    from cjsim.experiment.progress import progress_on_stderr
    from cjsim.storage.outputs import refuse_what_is_in_the_way

    if out is not None:
        refuse_as_output_folder(out, inputs=[model])
        refuse_what_is_in_the_way(out / name for name in FILES)
    if write is not None:
        refuse_as_output(write, "--write")
        refuse_what_is_in_the_way([write])
    with progress_on_stderr() as progress:
        checks = validate_model(
            model,
            replications=replications,
            workers=workers,
            years=years,
            progress=progress,
            say=print_note,
        )
    click.echo(checks_text(checks))
    report = scoreboard_of(model, checks, years=years)
    if write is not None:
        click.echo(f"Validation report: {write_markdown(report, write)}")
    if out is not None:
        click.echo(f"Validation report: {write_folder(report, out)}")
