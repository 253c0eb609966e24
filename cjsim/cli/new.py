"""The commands that start a project and describe its files."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.cli.options import FILE, examples, force_option, reports_errors
from cjsim.storage.paths import refuse_as_output, refuse_as_output_folder


@click.command(epilog=examples("cjsim new my_study"))
@click.argument("folder", type=FILE)
@reports_errors
def new(folder: Path) -> None:
    """Start a project in a new folder.

    The folder receives the toy model, the model of Staffordshire in 2013-14, an experiment for
    each, and the register of published figures. A folder that is not empty is refused.
    """
    from cjsim.cli.project_template import new_study

    refuse_as_output(folder, "FOLDER")
    for line in new_study(folder):
        click.echo(line)


@click.command(epilog=examples("cjsim schema --out schemas"))
@click.option(
    "--out", type=FILE, default=Path("schemas"), show_default=True, help="Output directory."
)
@force_option
@reports_errors
def schema(out: Path) -> None:
    """Write JSON schemas for editors.

    One schema describes the files of a model, the other an experiment. A TOML editor then completes
    keys, shows their meaning, and underlines errors.
    """
    from cjsim.docgen.schemas import write_schemas

    refuse_as_output_folder(out)
    for path in write_schemas(out):
        click.echo(f"Written: {path}")
