"""The commands on evidence and fits. Nothing heavy at import, as in `cli.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cjsim.cli.options import (
    FILE,
    REPLICATIONS,
    WORKERS,
    YEARS,
    complains,
    examples,
    note,
    replaces,
    running,
)
from cjsim.storage.outputs import refuse_what_is_in_the_way
from cjsim.storage.paths import refuse_as_output, refuse_as_output_folder

if TYPE_CHECKING:
    import datetime as dt

    from cjsim.calibration.history_matching.run import Given


@click.command(
    epilog=examples(
        "cjsim evidence",
        "cjsim evidence pre_charge_bail_mean_days",
        "cjsim evidence --assumptions docs/assumptions.md",
    )
)
@click.argument("figure", required=False)
@click.option(
    "--models",
    type=FILE,
    default=Path("models"),
    show_default=True,
    help="The folder of the models that rest on the register near it.",
)
@click.option("--assumptions", type=FILE, help="Write the assumptions to this Markdown file.")
@replaces
@complains
def evidence(figure: str | None, models: Path, assumptions: Path | None) -> None:
    """Show published figures and what rests on them.

    Without FIGURE the whole register; with it, its source, and every parameter, target and fit that
    rests on it.
    """
    from cjsim.calibration import evidence as room

    if assumptions is not None:
        refuse_as_output(assumptions, "--assumptions")
    known = room.read_evidence(models)
    if assumptions is not None:
        room.write_assumptions(known, assumptions)
        click.echo(f"Assumptions: {assumptions}")
    elif figure is None:
        click.echo(room.register_text(known))
    else:
        click.echo("\n".join(room.figure_lines(known, figure)))


@click.command(
    epilog=examples(
        "cjsim fit calibration/fits/pre_charge_bail.toml",
        "cjsim fit --example cases.csv --model models/toy",
        "cjsim fit --data cases.csv --as-of 2014-03-31 --by-group",
        "cjsim fit --data cases.csv --columns columns.toml --date-format %d/%m/%Y",
    )
)
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE...]")
@click.option("--data", type=FILE, help="Fit an extract of cases instead: a CSV file.")
@click.option("--example", type=FILE, help="Write an example of an extract there.")
@click.option(
    "--model",
    type=FILE,
    default=Path("models/toy"),
    show_default=True,
    help="The model whose simulated cases are the example.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--out", type=FILE, help="The folder to write; beside the file when not given.")
@click.option("--by-group", is_flag=True, help="Fit each offence group too.")
@click.option(
    "--smallest",
    type=click.IntRange(min=5),
    default=5,
    show_default=True,
    help="Show no number of fewer cases than this.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which open cases are open; the last in the extract when not given.",
)
@click.option("--columns", type=FILE, help="A file that says what the columns are called.")
@click.option("--date-format", help="How days are written, such as %d/%m/%Y.")
@click.option("--leave-out-bad-rows", is_flag=True, help="Name bad rows, and fit the others.")
@replaces
@complains
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
    """Fit lengths of time to figures or cases.

    A file of calibration/fits/ names published figures; an extract holds an agency's own cases,
    with the columns of docs/fitting.md. Laws, report and chart go to a folder.
    """
    if sum([bool(files), data is not None, example is not None]) != 1:
        raise click.UsageError("Give files of published figures, or --data, or --example.")
    if out is not None:
        refuse_as_output_folder(out, inputs=[*files, *([data] if data else [])])
    if example is not None:
        from cjsim.calibration.fitting.extract import write_example

        refuse_as_output(example, "--example")
        rows, last = write_example(example, model, seed=seed)
        click.echo(f"{example}: {rows} made-up cases, open ones as of {last}")
    elif data is not None:
        from cjsim.calibration.fitting.from_cases import fit_extract

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
        from cjsim.calibration.fitting.from_published import fit_published

        if out is not None and len(files) > 1:
            raise click.UsageError("--out is for one file.")
        for file in files:
            folder, lines = fit_published(file, out)
            click.echo("\n".join([*lines, f"Report: {folder / 'report.md'}"]))


def _given(options: dict[str, Any], time_limit: float | None) -> Given:
    """The conditions under which a calibration file runs; `time_limit` in minutes, as typed."""
    from cjsim.calibration.history_matching.run import Given
    from cjsim.experiment.progress import progress_on_stderr

    return Given(
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
@running
@replaces
@complains
def calibrate(file: Path, *, dry_run: bool, time_limit: float | None, **options: Any) -> None:
    """Find the numbers that agree with what is published.

    A file of calibration/ names the numbers that nobody knows, the targets that are fitted and
    those that are held out. Waves of simulated points rule out what cannot be; what is left is
    written beside the file as an ensemble, with a report.
    """
    from cjsim.calibration.history_matching.files import REPORT, publish, published
    from cjsim.calibration.history_matching.run import calibrate as run
    from cjsim.calibration.history_matching.run import calibration_lines
    from cjsim.calibration.history_matching.text import matched_text

    given = _given(options, time_limit)
    if dry_run:
        click.echo("\n".join(calibration_lines(file, given)))
        return
    refuse_what_is_in_the_way(published(file).values())
    folder = run(file, given)
    click.echo(matched_text(folder))
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
@click.option("--replications", type=REPLICATIONS, default=1, show_default=True)
@running
@replaces
@complains
def influence(
    file: Path, replications: int, *, dry_run: bool, time_limit: float | None, **options: Any
) -> None:
    """Rank a model's assumptions by influence.

    Each assumption goes to both ends of its range while the others stay: how far do the published
    figures of the calibration file move? The table is written beside the file, and `cjsim evidence
    --assumptions` puts it at the head of the page of assumptions.
    """
    from cjsim.calibration.screening import influence as run
    from cjsim.calibration.screening import influence_lines, publish, published
    from cjsim.calibration.screening_text import influence_text, read_influence

    given = _given(options, time_limit)
    if dry_run:
        click.echo("\n".join(influence_lines(file, given, replications=replications)))
        return
    refuse_what_is_in_the_way(published(file).values())
    table = publish(run(file, given, replications=replications), file)
    found = read_influence(table)
    if found is not None:
        click.echo(influence_text(found))
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
    "--replications", type=REPLICATIONS, help="Instead of the number in the targets file."
)
@WORKERS
@click.option(
    "--years",
    type=YEARS,
    default=1,
    show_default=True,
    help="Length of the run; from 3 on, the open caseload is checked too.",
)
@click.option("--out", type=FILE, help="Write scoreboard.md, .html and .parquet to this folder.")
@click.option("--write", type=FILE, help="Write the scoreboard to this Markdown file.")
@replaces
@complains
def validate(
    model: Path,
    replications: int | None,
    workers: int | None,
    years: int,
    out: Path | None,
    write: Path | None,
) -> None:
    """Hold a model against published figures.

    The baseline is simulated after its warm-up: each figure is in or out, with its interval, and
    what was fitted stands apart from what was held out.
    """
    from cjsim.calibration.show import checks_text
    from cjsim.calibration.validate import validate as validate_model
    from cjsim.calibration.validation_report import (
        FILES,
        scoreboard_of,
        write_folder,
        write_markdown,
    )
    from cjsim.experiment.progress import progress_on_stderr

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
            say=note,
        )
    click.echo(checks_text(checks))
    board = scoreboard_of(model, checks, years=years)
    if write is not None:
        click.echo(f"Scoreboard: {write_markdown(board, write)}")
    if out is not None:
        click.echo(f"Scoreboard: {write_folder(board, out)}")
