"""The commands that begin a study and describe its files. Nothing heavy at import."""

from __future__ import annotations

from pathlib import Path

import click

from cjsim.cli.options import FILE, complains, examples, replaces
from cjsim.storage.paths import refuse_as_output, refuse_as_output_folder


@click.command(epilog=examples("cjsim new my_study"))
@click.argument("folder", type=FILE)
@complains
def new(folder: Path) -> None:
    """Begin a study in a new folder.

    It gets the toy model, the model of Staffordshire in 2013-14, an experiment on each, and the
    register of the figures that they rest on. A folder that has something in it is left alone.
    """
    from cjsim.cli.project_template import new_study

    refuse_as_output(folder, "FOLDER")
    for line in new_study(folder):
        click.echo(line)


@click.command(epilog=examples("cjsim schema --out schemas"))
@click.option(
    "--out", type=FILE, default=Path("schemas"), show_default=True, help="The folder to write."
)
@replaces
@complains
def schema(out: Path) -> None:
    """Write JSON schemas for editors.

    One describes the files of a model, one an experiment: an editor that knows TOML then completes
    keys, shows what they mean, and underlines what cannot be.
    """
    from cjsim.docgen.schemas import write_schemas

    refuse_as_output_folder(out)
    for path in write_schemas(out):
        click.echo(f"Written: {path}")
