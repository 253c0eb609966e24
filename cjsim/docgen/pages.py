"""The pages of the reference in Markdown, written from the code when the guide is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from cjsim.calibration.evidence import assumptions_markdown, read_evidence
from cjsim.docgen import config_page, vocabulary_page
from cjsim.docgen.config_page import Table
from cjsim.jurisdiction import DEFAULT, jurisdiction_named, jurisdiction_names
from cjsim.measures.measurement import measurement_of
from cjsim.measures.registry import general_modules, measures_in
from cjsim.schema.experiment import Experiment
from cjsim.schema.model import Model
from cjsim.storage.outputs import output_folder
from cjsim.storage.whole import write_text

if TYPE_CHECKING:
    import click

DEFAULT_TITLE: Final = jurisdiction_named(DEFAULT).title

WRITTEN: Final = "% Written from the code when the guide is built. Do not edit.\n\n"

_KINDS: Final = """\
What to write where a key takes an amount, a probability or a duration. Each of the `changes` of a
value has the keys of [a change](#a-change), and the value from that day on.\
"""


def write_reference(folder: Path, commands: click.Group, models: Path | None = None) -> list[Path]:
    """Write every page of the reference to a folder; `commands` is the group `cjsim`.

    With a folder of models there is a page of their assumptions too.
    """
    pages = {
        "model_files": model_page(),
        "experiment_files": experiment_page(),
        "measures": measures_page(),
        "words": words_page(),
        "commands": commands_page(commands),
    }
    if models is not None:
        pages["assumptions"] = assumptions_page(models)
    with output_folder(folder, "reference") as partial:
        for name, text in pages.items():
            write_text(f"{WRITTEN}{text}", partial / f"{name}.md")
    return [folder / f"{name}.md" for name in pages]


def assumptions_page(models: Path) -> str:
    """Return the page of the numbers that no publication gives, for each model of a folder."""
    return assumptions_markdown(read_evidence(models))


def model_page() -> str:
    """Return the page of the keys of a model's files and the kinds of value."""
    return _page(
        "Keys of a model",
        "A model is a folder of TOML files. A table may be in any of them; the file names are for"
        " the reader. Every number is a table with `value`, `source`, `evidence` and the other keys"
        " of its [kind](#kinds-of-value). The words in `<...>` are on the [page of"
        " words](words.md).",
        [
            *_tables(config_page.tables(Model, "Top of a file", ""), "##"),
            "## Kinds of value",
            _KINDS,
            *_tables(config_page.kinds_of_value(), "###"),
        ],
    )


def experiment_page() -> str:
    """Return the page of the keys of an experiment's file."""
    below = config_page.tables(Experiment, "Top of the file", "")
    return _page(
        "Keys of an experiment",
        "An experiment is one TOML file: [Writing an experiment](../experiments.md) shows how to"
        " write it. The path of a value is made of the keys of the [model](model_files.md), for"
        " example `branches.file_ready.probability`.",
        _tables(below, "##"),
    )


def measures_page() -> str:
    """Return the page of measures: unit, which direction is better, definition."""
    parts = [*_measures_of(general_modules(), "##")]
    for name in jurisdiction_names():
        parts.append(f"## Measures of {jurisdiction_named(name).title} alone")
        parts += _measures_of(measurement_of(name).modules, "###")
    return _page(
        "Measures",
        "Measures are computed from the event log after a run. An experiment lists those that it"
        " watches. Most measures have values for all courts together and for each court, by month;"
        " some also by group (an agency, a list, a pool, an offence group).",
        parts,
    )


def _measures_of(modules: Iterable[ModuleType], level: str) -> Iterator[str]:
    for module in modules:
        title = module.__name__.rpartition(".")[2].replace("_", " ").capitalize()
        rows = [
            (f"`{kpi.name}`", kpi.unit, kpi.better, kpi.definition)
            for kpi in measures_in(module).values()
        ]
        yield f"{level} {title}"
        yield " ".join((module.__doc__ or "").split("\n\n")[0].split())
        yield _grid(("measure", "unit", "better", "definition"), rows)


def words_page() -> str:
    """Return the page of the vocabulary, with the step of the journey that uses each word."""
    steps = vocabulary_page.steps_by_word()
    parts: list[str] = []
    for kind in vocabulary_page.KINDS:
        parts.append(f"## {config_page.words_in_lower_case(kind).capitalize()}")
        rows = []
        for word in vocabulary_page.words_of(kind):
            word_steps = steps.get(word, [])
            rows.append(
                (
                    f"`{word}`",
                    ", ".join(f"`{step.name}`" for step in word_steps[:3]),
                    word_steps[0].summary if word_steps else "",
                )
            )
        if any(step_names for _, step_names, _ in rows):
            parts.append(_grid(("word", "used in", "that step"), rows))
        else:
            parts.append(", ".join(word for word, _, _ in rows) + ".")
    for name in jurisdiction_names():
        if name != DEFAULT:
            parts.append(f"## Words of {jurisdiction_named(name).title}")
            parts.append(_grid(("kind", "words"), _words_of(name)))
    return _page(
        "Words",
        f"The words that files and logs use for what happens to a case in {DEFAULT_TITLE}. Beside"
        " each word are the functions of the journey that use it, with the first sentence of the"
        " first one. The words of other jurisdictions are at the end.",
        parts,
    )


def _words_of(jurisdiction: str) -> list[tuple[str, str]]:
    """The words of a jurisdiction, a row for each kind that it has."""
    return [
        (config_page.words_in_lower_case(kind), ", ".join(f"`{word}`" for word in words))
        for kind in vocabulary_page.KINDS
        if (words := vocabulary_page.words_of(kind, jurisdiction))
    ]


def commands_page(commands: click.Group) -> str:
    """Return the page of commands: description, examples, arguments and options."""
    import click

    parts: list[str] = []
    for name, command in sorted(commands.commands.items()):
        context = click.Context(command, info_name=f"cjsim {name}")
        parts += [f"## cjsim {name}", _paragraphs(command.help or "")]
        parts.append(f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```")
        rows = [
            row
            for parameter in command.get_params(context)
            if (row := parameter.get_help_record(context))
        ]
        parts.append(_grid(("option", "what it does"), [(f"`{a}`", b) for a, b in rows]))
        parts.append("For example:")
        parts.append(f"```sh\n{_examples(command)}\n```")
    return _page(
        "Commands",
        "`cjsim COMMAND --help` shows the same text. A command ends with exit code 2 and a message"
        " for an error in a file or a name, with 1 for a run that fails, with 70 for an internal"
        " error, and with 130 for Ctrl-C.",
        parts,
    )


def _examples(command: click.Command) -> str:
    lines = (command.epilog or "").replace("\b", "").splitlines()
    return "\n".join(line.removeprefix("  ") for line in lines if line.startswith("  "))


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _tables(config_tables: Iterable[Table], level: str) -> Iterator[str]:
    for table in config_tables:
        yield f"{level} {_heading(table.heading)}"
        yield table.about
        rows = [
            (f"`{key.name}`", key.kind, key.unit, key.default, key.meaning) for key in table.keys
        ]
        yield _grid(("key", "value", "unit", "default", "meaning"), rows)


def _heading(text: str) -> str:
    """Return a table's path as code, and any other heading with a capital."""
    return f"`{text}`" if text.startswith("[") else text[:1].upper() + text[1:]


def _grid(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )


def _page(title: str, about: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", about, *parts]) + "\n"
