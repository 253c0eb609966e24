"""The commands on evidence and fits. Nothing heavy at import, as in `cli.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cjsim.commands import FILE, complains, examples

if TYPE_CHECKING:
    import datetime as dt


@click.command(
    epilog=examples(
        "cjsim evidence",
        "cjsim evidence pre_charge_bail_mean_days",
        "cjsim evidence --assumptions docs/assumptions.md",
    )
)
@click.argument("figure", required=False)
@click.option(
    "--models", type=FILE, default=Path("models"), show_default=True,
    help="The folder of the models that rest on the register near it.",
)  # fmt: skip
@click.option("--assumptions", type=FILE, help="Write the assumptions to this Markdown file.")
@complains
def evidence(figure: str | None, models: Path, assumptions: Path | None) -> None:
    """Show published figures and what rests on them.

    Without FIGURE the whole register; with it, its source, and every parameter, target and fit that
    rests on it.
    """
    from cjsim.calibrate import evidence as room

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
    )
)
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE...]")
@click.option("--data", type=FILE, help="Fit an extract of cases instead: a CSV file.")
@click.option("--example", type=FILE, help="Write an example of an extract there.")
@click.option(
    "--model", type=FILE, default=Path("models/toy"), show_default=True,
    help="The model whose simulated cases are the example.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--out", type=FILE, help="The folder to write; beside the file when not given.")
@click.option("--by-group", is_flag=True, help="Fit each offence group too.")
@click.option(
    "--smallest", type=click.IntRange(min=5), default=5, show_default=True,
    help="Show no number of fewer cases than this.",
)  # fmt: skip
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which open cases are open; the last in the extract when not given.",
)  # fmt: skip
@click.option("--leave-out-bad-rows", is_flag=True, help="Name bad rows, and fit the others.")
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
    leave_out_bad_rows: bool,
) -> None:
    """Fit lengths of time to figures or cases.

    A file of calibration/fits/ names published figures; an extract holds an agency's own cases,
    with the columns of docs/fitting.md. Laws, report and chart go to a folder.
    """
    if sum([bool(files), data is not None, example is not None]) != 1:
        raise click.UsageError("Give files of published figures, or --data, or --example.")
    if example is not None:
        from cjsim.calibrate.extract import write_example

        rows, last = write_example(example, model, seed=seed)
        click.echo(f"{example}: {rows} made-up cases, open ones as of {last}")
    elif data is not None:
        from cjsim.calibrate.fit_cases import fit_extract

        folder, lines = fit_extract(
            data,
            out=out,
            by_group=by_group,
            smallest=smallest,
            as_of=as_of.date() if as_of else None,
            leave_out_bad_rows=leave_out_bad_rows,
        )
        click.echo("\n".join([*lines, f"Report: {folder / 'report.md'}"]))
    else:
        from cjsim.calibrate.fit_published import fit_published

        if out is not None and len(files) > 1:
            raise click.UsageError("--out is for one file.")
        for file in files:
            folder, lines = fit_published(file, out)
            click.echo("\n".join([*lines, f"Report: {folder / 'report.md'}"]))
