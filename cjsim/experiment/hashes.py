"""Whether a results folder is still what was written: every file is known by its SHA-256.

The list of the folder, `.cjsim.json`, has the hash of manifest.json (of a study: study.json). That
has those of the tables of the whole run and of the record of each replication, `replication.json`,
and a record those of its replication's files. So the hash of the manifest stands for all results.
A change of a file and of every hash above it shows in that one hash, if somebody else has a copy of
it, or when a replication is run again.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cjsim.errors import Fault, Faults
from cjsim.experiment.replication import RECORD
from cjsim.storage.disk import file_hash
from cjsim.storage.outputs import own_files
from cjsim.storage.plain import PlainTable

RUNS: Final = "runs"
LARGEST_RECORD: Final = 1_000_000
SHOW_ALL: Final = "`cjsim verify` shows all that was changed."
_FILE: Final = re.compile(r"[a-z_]{1,64}\.parquet")
CHANGED: Final = "this is not what cjsim wrote: its content has been changed since."


@dataclass(frozen=True)
class Trust:
    """How a reader takes results that were changed, or that carry no hashes.

    Unless `changed_is_allowed` they are refused. `say` receives notes for the reader.
    """

    say: Callable[[str], None]
    changed_is_allowed: bool = False


def discard_message(message: str) -> None:
    """Discard a message that was shown before."""


TRUST: Final = Trust(warnings.warn)
"""How a program takes results that says nothing of it."""


def hashes_of(folder: Path, tables: Iterable[str]) -> dict[str, dict[str, str]]:
    """What a manifest keeps of the files of its run: `tables` by name, `records` by their place."""
    records = sorted(folder.glob(f"{RUNS}/*/[!.]*/{RECORD}"))
    return {
        "tables": {name: file_hash(folder / name) for name in tables},
        "records": {
            path.parent.relative_to(folder / RUNS).as_posix(): file_hash(path) for path in records
        },
    }


def hash_problem(folder: Path, name: str, wanted: str | Iterable[str]) -> str:
    """What is wrong with a file that should have a hash, or one of several; empty if nothing."""
    try:
        here = file_hash(folder / name)
    except FileNotFoundError:
        return "this file is missing."
    except OSError as error:
        return f"this cannot be read: {error.strerror or error}."
    allowed = {wanted} if isinstance(wanted, str) else set(wanted)
    return "" if here in allowed else CHANGED


def refuse_changed(folder: Path, wrong: Mapping[str, str], trust: Trust) -> None:
    """Raise Faults where files are not what was written, or say so where that is allowed."""
    wrong = {name: told for name, told in wrong.items() if told}
    if wrong and not trust.changed_is_allowed:
        remedy = f"{SHOW_ALL} --allow-changed shows it all the same."
        raise Faults(Fault(str(folder), name, told, remedy) for name, told in wrong.items())
    for name in wrong:
        trust.say(f"CHANGED: {folder / name} is not what cjsim wrote. {SHOW_ALL}")


def read_record(folder: Path) -> PlainTable:
    """The record of a replication. Raises ValueError where there is none that can be read."""
    path = folder / RECORD
    try:
        if path.stat().st_size > LARGEST_RECORD:
            raise ValueError(f"{RECORD} is too large")
        record = json.loads(path.read_text(encoding="utf-8"))
        files = record["files"]
        if not all(_FILE.fullmatch(name) and isinstance(files[name], str) for name in files):
            raise ValueError(f"{RECORD} names what is no file of a replication")
    except (OSError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{RECORD} cannot be read") from error
    return dict(record)


def listed_hashes(folder: Path) -> dict[str, tuple[str, ...]]:
    """By name, the hashes that the files on a folder's list may have; empty without a list."""
    return {name: own.hashes for name, own in own_files(folder).items()}
