"""From a folder of TOML files to a checked `Model`, with every fault that stands in the way."""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from cjsim.errors import Fault, did_you_mean
from cjsim.jurisdiction import (
    DEFAULT,
    Jurisdiction,
    find_jurisdiction,
    jurisdiction_named,
    using,
)
from cjsim.schema.checks.whole_model import check
from cjsim.schema.files import Document, KeyPath, Places, merge, read_toml, shown_path
from cjsim.schema.messages import Problem, problems, without_echoes
from cjsim.schema.model import Model
from cjsim.schema.old_keys import OldKeyNotice, with_courthouses
from cjsim.schema.register import register_and_faults
from cjsim.storage.plain import PlainTable

Described = TypeVar("Described", bound=BaseModel)

# A faulty entry of these tables is set aside, so that the rest can still be checked.
_ENTRIES: Final[tuple[tuple[str, ...], ...]] = (
    ("divisions",),
    ("streams",),
    ("hours",),
    ("pools",),
    ("stages",),
    ("branches",),
    ("multiway_branches",),
    ("courthouses",),
    ("lists",),
    ("hearings",),
    ("duties",),
    ("channels",),
    ("engagement",),
    ("limits",),
    ("drawn_facts",),
    ("costs", "deflator"),
    ("costs", "units"),
)


@dataclass(frozen=True)
class Reading:
    """What could be read of a model folder.

    `model` lacks the entries that are `set_aside`, because a fault says already what is wrong with
    them; it is None when a whole table or file is wrong.
    """

    folder: Path
    model: Model | None
    faults: tuple[Fault, ...]
    set_aside: frozenset[KeyPath]


def read_model(folder: Path) -> Reading:
    """Read every TOML file of a folder as one model, and list every fault."""
    documents, faults = _documents(folder)
    if not documents:
        return Reading(folder, None, tuple(faults), frozenset())
    data, twice = merge(documents)
    faults += twice
    with using(_jurisdiction_of(data)):
        return _reading(folder, documents, data, faults)


def jurisdiction_in(folder: Path) -> Jurisdiction:
    """The jurisdiction of the model in a folder; the default one if it cannot be read."""
    documents = _documents(folder)[0] if folder.is_dir() else []
    return _jurisdiction_of(merge(documents)[0])


def _jurisdiction_of(data: PlainTable) -> Jurisdiction:
    """The jurisdiction that a model names; the default one where it names none that there is."""
    return find_jurisdiction(str(data.get("jurisdiction", DEFAULT))) or jurisdiction_named(DEFAULT)


def _reading(
    folder: Path, documents: list[Document], data: PlainTable, faults: list[Fault]
) -> Reading:
    places = Places(shown_path(folder), documents)
    new = dict(with_courthouses(data))
    if new.keys() != data.keys():
        notice = (
            f"{shown_path(folder)}: title and division of a courthouse now stand once, in "
            "[courthouses.<name>]. Write them there, as docs/how_to/add_a_court.md says."
        )
        warnings.warn(notice, OldKeyNotice, stacklevel=2)
        data = new
    model, found, set_aside = validate_parts(Model, data, _ENTRIES)
    if len(documents) < len(_toml_files(folder)):
        # A file that cannot be read leaves holes; what is missing is no second fault.
        model, found = None, [problem for problem in found if not problem.in_no_file]
    register, of_register = register_and_faults(folder)
    faults += of_register
    if model is not None:
        found += check(model, set_aside, register)
    faults += [
        places.fault(problem.at, problem.wrong, problem.remedy, in_no_file=problem.in_no_file)
        for problem in without_echoes(found)
    ]
    return Reading(folder, model, tuple(faults), set_aside)


def validate_parts(
    cls: type[Described], data: PlainTable, entries: tuple[tuple[str, ...], ...]
) -> tuple[Described | None, list[Problem], frozenset[KeyPath]]:
    """Validate what can be validated: faulty entries of the named tables are set aside.

    Returns the described thing (None when a fault lies outside every entry), the faults, and the
    paths of the entries that were set aside.
    """
    found: list[Problem] = []
    set_aside: set[KeyPath] = set()
    data = copy.deepcopy(data)
    while True:
        try:
            described = cls.model_validate(data, by_alias=True, by_name=False)
            return described, found, frozenset(set_aside)
        except ValidationError as error:
            new = problems(error, data, cls)
        # A table that is short of what was set aside has no fault of its own.
        short = {at[:-1] for at in set_aside}
        found += [each for each in new if each.at not in short]
        emptied = any(each.at in short for each in new)
        if emptied or not _set_aside(data, new, entries, set_aside):
            return None, found, frozenset(set_aside)


def _set_aside(
    data: PlainTable,
    new: list[Problem],
    entries: tuple[tuple[str, ...], ...],
    set_aside: set[KeyPath],
) -> bool:
    """Take the faulty entries out of the data; False when a fault lies in none of them.

    An entry that lies inside another faulty one goes with it.
    """
    taken = dict.fromkeys(_entry(problem, entries) for problem in new)
    if () in taken:
        return False
    for at in taken:
        if any(at[:end] in taken for end in range(1, len(at))):
            continue
        holder: Any = data
        for part in at[:-1]:
            holder = holder[part]
        holder.pop(at[-1], None)
        set_aside.add(at)
    return True


def _entry(problem: Problem, entries: tuple[tuple[str, ...], ...]) -> KeyPath:
    """The entry to set aside for a problem; an unknown key outside all entries goes by itself."""
    for table in entries:
        depth = len(table) + 1
        if len(problem.at) >= depth and all(
            want in ("*", part) for want, part in zip(table, problem.at, strict=False)
        ):
            return problem.at[:depth]
    return problem.at if problem.unknown_key else ()


def missing_folder(folder: Path) -> tuple[str, str]:
    """What to say of a model folder that is not there, and the remedy."""
    wrong = f"there is no model folder {shown_path(folder)}."
    if folder.is_file():
        return wrong, "That is a file: give the folder that holds it."
    beside = folder.parent
    near = sorted(each.name for each in beside.iterdir()) if beside.is_dir() else []
    return wrong, did_you_mean(folder.name, near) if near else "Check the path."


def _toml_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.is_file())


def _documents(folder: Path) -> tuple[list[Document], list[Fault]]:
    shown = shown_path(folder)
    if not folder.is_dir():
        return [], [Fault(shown, "", *missing_folder(folder))]
    files = _toml_files(folder)
    if not files:
        remedy = "A model is a folder of TOML files, one for each agency."
        return [], [Fault(shown, "", "the folder holds no TOML file.", remedy)]
    documents: list[Document] = []
    faults: list[Fault] = []
    for path in files:
        reading = read_toml(path)
        if isinstance(reading, Fault):
            faults.append(reading)
        else:
            documents.append(reading)
    if documents and all("run" in each.data for each in documents):
        # No table of a model is called so: as a model, each key of them would be a fault.
        wrong = "this folder holds experiments and is no model."
        return [], [Fault(shown, "", wrong, f"Give its files, such as {documents[0].shown}.")]
    return documents, faults
