"""The files of a folder against their hashes: none changed, none missing, none added."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cjsim.experiment.hashes import RUNS, hash_problem, listed_hashes, read_record
from cjsim.experiment.replication import RECORD
from cjsim.experiment.verification.findings import Finding, State, counted, finding_of
from cjsim.storage.outputs import LIST, is_intact

OF_THE_SYSTEM: Final = (".DS_Store", "Thumbs.db", "desktop.ini")
"""Files that a system leaves in any folder that somebody looks at."""

READERS: Final = 4

Hashes = tuple[str, ...]


@dataclass(frozen=True)
class Files:
    """The files that a folder should have, each with the hashes that its content may have.

    `unhashed` are those of which no other file keeps the hash, such as a list of files; `wrong` are
    lists and records that cannot be used, with what is wrong with them.
    """

    wanted: dict[str, Hashes] = field(default_factory=dict)
    unhashed: set[str] = field(default_factory=set)
    wrong: dict[str, str] = field(default_factory=dict)


def files_of(folder: Path, hashes: Mapping[str, Mapping[str, str]] | None) -> Files:
    """What lists, manifest and records say of a folder's files.

    `hashes` are the `tables` and `records` of its manifest, None where it keeps none.
    """
    files = Files()
    lists = [path for path in sorted(folder.rglob(LIST)) if RUNS not in _inside(folder, path)]
    for path in lists:
        files.unhashed.add(_name(folder, path))
        if not is_intact(path.parent):
            files.wrong[_name(folder, path)] = "this list has been changed"
        for name, allowed in listed_hashes(path.parent).items():
            files.wanted[_name(folder, path.with_name(name))] = allowed
    records = [*folder.glob(f"{RUNS}/*/[!.]*/{RECORD}")]
    if hashes is not None:
        files.wanted.update({name: (one,) for name, one in hashes["tables"].items()})
        records = [folder / RUNS / place / RECORD for place in hashes["records"]]
        files.wanted.update(
            {f"{RUNS}/{place}/{RECORD}": (one,) for place, one in hashes["records"].items()}
        )
    else:
        files.unhashed.update(_name(folder, path) for path in records)
    for path in sorted(records):
        try:
            of_record = read_record(path.parent)["files"]
        except ValueError:
            files.wrong[_name(folder, path)] = "this record cannot be read"
            continue
        files.wanted.update(
            {_name(folder, path.with_name(name)): (one,) for name, one in of_record.items()}
        )
    return files


def check_files(folder: Path, files: Files) -> Iterator[Finding]:
    """Whether all files are there and no others, and each has the content that was written."""
    there, links = _there(folder)
    there -= {name for name in there if Path(name).name in OF_THE_SYSTEM}
    missing = sorted(files.wanted.keys() - there)
    added = sorted(there - files.wanted.keys() - files.unhashed - files.wrong.keys())
    told = [f"{name} is missing" for name in missing]
    told += [f"{name} was added" for name in added]
    told += [f"{name} is a link to another place" for name in links]
    right = f"{counted(len(there), 'file')}: none is missing, none was added."
    yield finding_of("files", told, right)
    names = sorted(files.wanted.keys() & there)
    with ThreadPoolExecutor(READERS) as readers:
        wrong = [*readers.map(lambda name: hash_problem(folder, name, files.wanted[name]), names)]
    told = [f"{name}: {one}" for name, one in files.wrong.items()]
    told += [f"{name} has been changed" for name, one in zip(names, wrong, strict=True) if one]
    without = sorted(name for name in files.unhashed & there if Path(name).name != LIST)
    if without and not told:
        says = f"no hash was kept of {counted(len(without), 'file')}, such as {without[0]}."
        yield Finding("hashes", State.UNKNOWN, says)
        return
    yield finding_of("hashes", told, f"{counted(len(names), 'file')} as they were written.")


def _inside(folder: Path, path: Path) -> tuple[str, ...]:
    return path.relative_to(folder).parts


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _there(folder: Path) -> tuple[set[str], list[str]]:
    """The names of all files in a folder and below, and of what is a link."""
    there, links = set(), []
    for here, folders, names in os.walk(folder, followlinks=False):
        for name in (*folders, *names):
            path = Path(here, name)
            shown = path.relative_to(folder).as_posix()
            if path.is_symlink():
                links.append(shown)
            elif path.is_file():
                there.add(shown)
    return there, sorted(links)
