"""The pages of the reference, as Markdown, written from the code when the guide is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cjsim.docgen import config_page, vocabulary_page
from cjsim.docgen.config_page import Table
from cjsim.measures import MEASURES, ROOMS
from cjsim.schema.experiment import Experiment
from cjsim.schema.model import Model
from cjsim.storage.outputs import output_folder
from cjsim.storage.whole import write_text

if TYPE_CHECKING:
    import click

WRITTEN: Final = "% Written from the code when the guide is built; not to be edited.\n\n"

_KINDS: Final = """\
What may be written where a key wants an amount, a probability, a duration. Each of the `changes` of
a value has the keys of [a change](#a-change), and the value from that day on.\
"""


def write_reference(folder: Path, commands: click.Group) -> list[Path]:
    """Write every page of the reference to a folder, made if need be; `commands` is `cjsim`."""
    pages = {
        "model_files": model_page(),
        "experiment_files": experiment_page(),
        "measures": measures_page(),
        "words": words_page(),
        "commands": commands_page(commands),
    }
    with output_folder(folder, "reference") as partial:
        for name, text in pages.items():
            write_text(f"{WRITTEN}{text}", partial / f"{name}.md")
    return [folder / f"{name}.md" for name in pages]


def model_page() -> str:
    """Every key of a model's files, and the kinds of value."""
    return _page(
        "Keys of a model",
        "A model is a folder of TOML files; which file a table stands in is for the reader. Every"
        " number is a table of its own with `value`, `source`, `evidence` and what else its kind"
        " has: [see below](#kinds-of-value). The words in `<...>` are on the"
        " [page of words](words.md).",
        [
            *_tables(config_page.tables(Model, "Top of a file", ""), "##"),
            "## Kinds of value",
            _KINDS,
            *_tables(config_page.kinds_of_value(), "###"),
        ],
    )


def experiment_page() -> str:
    """Every key of an experiment's file."""
    below = config_page.tables(Experiment, "Top of the file", "")
    return _page(
        "Keys of an experiment",
        "An experiment is one TOML file: [Putting a question to the model](../experiments.md)"
        " shows how it is written. The path of a value is made of the keys of the"
        " [model](model_files.md): `branches.file_ready.probability`.",
        _tables(below, "##"),
    )


def measures_page() -> str:
    """Every measure: unit, which way is better, definition."""
    parts: list[str] = []
    for room in ROOMS:
        mine = [kpi for kpi in MEASURES.values() if kpi.rows.__module__ == room.__name__]
        title = room.__name__.rpartition(".")[2].replace("_", " ").capitalize()
        rows = [(f"`{kpi.name}`", kpi.unit, kpi.better, kpi.definition) for kpi in mine]
        about = " ".join((room.__doc__ or "").split("\n\n")[0].split())
        parts += [f"## {title}", about, _grid(("measure", "unit", "better", "definition"), rows)]
    return _page(
        "Measures",
        "Each is computed from the log of a run, never while it runs. An experiment names those"
        " that it watches. Most are given for all courts and for each, by month, and some by group"
        " (an agency, a list, a pool, an offence group).",
        parts,
    )


def words_page() -> str:
    """Every word of the vocabulary, and where on the road it is said."""
    steps = vocabulary_page.steps_by_word()
    parts: list[str] = []
    for kind in vocabulary_page.KINDS:
        parts.append(f"## {config_page.spoken(kind).capitalize()}")
        rows = []
        for word in vocabulary_page.words_of(kind):
            said = steps.get(word, [])
            rows.append(
                (
                    f"`{word}`",
                    ", ".join(f"`{step.place}`" for step in said[:3]),
                    said[0].says if said else "",
                )
            )
        if any(place for _, place, _ in rows):
            parts.append(_grid(("word", "where the journey says it", "that step"), rows))
        else:
            parts.append(", ".join(word for word, _, _ in rows) + ".")
    return _page(
        "Words",
        "The words that files and logs use for what happens to a case. Where the journey says a"
        " word, its function stands beside it with that function's own first sentence; the"
        " journey is in `cjsim/england_wales/journey/`, written to be read.",
        parts,
    )


def commands_page(commands: click.Group) -> str:
    """Every command: what it does, its examples, arguments and options."""
    import click

    parts: list[str] = []
    for name, command in sorted(commands.commands.items()):
        context = click.Context(command, info_name=f"cjsim {name}")
        parts += [f"## cjsim {name}", _paragraphs(command.help or "")]
        parts.append(f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```")
        rows = [
            row for each in command.get_params(context) if (row := each.get_help_record(context))
        ]
        parts.append(_grid(("option", "what it does"), [(f"`{a}`", b) for a, b in rows]))
        parts.append("For example:")
        parts.append(f"```sh\n{_examples(command)}\n```")
    return _page(
        "Commands",
        "`cjsim COMMAND --help` shows the same. A slip in a file or a name ends a command with exit"
        " code 2 and a message; a run that fails with 1; Ctrl-C with 130.",
        parts,
    )


def _examples(command: click.Command) -> str:
    lines = (command.epilog or "").replace("\b", "").splitlines()
    own = [line for line in lines if line.startswith("  ")]
    return "\n".join(line.removeprefix("  ") for line in own)


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _tables(found: Iterable[Table], level: str) -> Iterator[str]:
    for table in found:
        yield f"{level} {_heading(table.heading)}"
        yield table.about
        rows = [
            (f"`{key.name}`", key.kind, key.unit, key.default, key.meaning) for key in table.keys
        ]
        yield _grid(("key", "what is written", "unit", "if left out", "meaning"), rows)


def _heading(text: str) -> str:
    """A table's path as code, anything else as it is."""
    return f"`{text}`" if text.startswith("[") else text[:1].upper() + text[1:]


def _grid(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )


def _page(title: str, about: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", about, *parts]) + "\n"
