"""Files for the user: what cjsim did not write is neither replaced nor removed without being asked.

A folder that cjsim wrote into holds a list, `.cjsim.json`, of the files that it wrote there, each
with the SHA-256 of its content. A file is cjsim's own while it is on the list of its folder and its
content is what the list says: it may be replaced, and removed when it is out of date. Any other
file, and an own one that somebody has changed, is not replaced unless the user agrees or has given
--force; otherwise the command is refused. The list is written before the file it is about, with the
file's old hash beside the new one, so that it is right at any moment.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from cjsim.errors import Fault, Faults
from cjsim.storage import disk
from cjsim.storage.temporary import sweep_partials
from cjsim.storage.whole import folder_in_the_making, whole_file, write_text

LIST: Final = ".cjsim.json"
"""The name of the list of a folder's own files."""

RESULTS: Final = "results"
"""The kind of what a run or a study is made of: it is listed, and no output may replace it."""

_ABOUT: Final = (
    "The files that cjsim wrote into this folder, with the SHA-256 of each. It replaces and "
    "removes no others. Without this list it asks before it replaces any."
)
_LARGEST_LIST: Final = 10_000_000


@dataclass(frozen=True)
class Own:
    """An own file: which output it is of, and the hashes that its content may have.

    They are that of the newest content and, where it replaced an own file, that of the one before.
    """

    kind: str
    hashes: tuple[str, ...]


@dataclass
class Answers:
    """Who says whether files in the way may be replaced, and which may be by now."""

    ask: Callable[[Sequence[Path]], bool] | None = None
    allowed: set[Path] = field(default_factory=set)


_answers: ContextVar[Answers | None] = ContextVar("_answers", default=None)


@contextlib.contextmanager
def replacing(ask: Callable[[Sequence[Path]], bool]) -> Iterator[None]:
    """Inside, `ask` says whether files that are in the way of an output may be replaced."""
    token = _answers.set(Answers(ask))
    try:
        yield
    finally:
        _answers.reset(token)


# --- the list ----------------------------------------------------------------------------------


def own_files(folder: Path) -> dict[str, Own]:
    """The list of a folder: by name, its own files. Empty where there is none that can be read."""
    path = folder / LIST
    try:
        if path.stat().st_size > _LARGEST_LIST:
            return {}
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {
            str(name): Own(str(entry["kind"]), tuple(map(str, entry["sha256"])))
            for name, entry in files.items()
            if Path(str(name)).name == name
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write_list(folder: Path, files: Mapping[str, Own]) -> None:
    """Write the list of a folder. Raises OSError."""
    write_text(_list_text(files), folder / LIST)


def _list_text(files: Mapping[str, Own]) -> str:
    """A list as it is written, with the SHA-256 of what it says at its end."""
    content = {
        "about": _ABOUT,
        "files": {
            name: {"kind": files[name].kind, "sha256": list(files[name].hashes)}
            for name in sorted(files)
        },
    }
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return json.dumps({**content, "sha256": digest}, indent=1, ensure_ascii=False) + "\n"


def is_intact(folder: Path) -> bool:
    """Whether the list of a folder is to the last byte what was written."""
    try:
        text = (folder / LIST).read_bytes().decode("utf-8")
    except (OSError, ValueError):
        return False
    return text == _list_text(own_files(folder))


def add_to_list(folder: Path, kind: str, names: Iterable[str]) -> None:
    """Put files that lie in a folder of cjsim's own on its list, as they are. Raises OSError."""
    _add(folder, {name: disk.file_hash(folder / name) for name in names}, kind)


@contextlib.contextmanager
def results_file(path: Path) -> Iterator[BinaryIO]:
    """A file of results, in a folder of cjsim's own: on the list before it gets its name.

    Raises OSError.
    """
    with whole_file(
        path, lambda partial: _add(path.parent, {path.name: disk.file_hash(partial)}, RESULTS)
    ) as file:
        yield file


def is_own(path: Path, own: Mapping[str, Own] | None = None) -> bool:
    """Whether a file is an own output, as it was written. `own` is the list of its folder.

    A file of results is none: it is on the list for its hash, and no output takes its place.
    """
    listed = (own_files(path.parent) if own is None else own).get(path.name)
    return listed is not None and listed.kind != RESULTS and _is_as_listed(path, listed)


def _is_as_listed(path: Path, listed: Own | None) -> bool:
    try:
        return listed is not None and path.is_file() and disk.file_hash(path) in listed.hashes
    except OSError:
        return False


def _add(folder: Path, hashes: Mapping[str, str], kind: str) -> None:
    """Put files on a folder's list that are about to get their names."""
    own = own_files(folder)
    before = dict(own)
    for name, new in hashes.items():
        there = [disk.file_hash(folder / name)] if is_own(folder / name, own) else []
        own[name] = Own(kind, tuple(dict.fromkeys([new, *there])))
    if own != before:
        write_list(folder, own)


def keep_what_is_not_own(old: Path, new: Path) -> None:
    """Move the files that somebody put into an old folder into the new one that replaces it.

    Whatever the new folder has, and own outputs of the old one, stay behind. Raises OSError.
    """
    for folder in _folders_in(old) if old.is_dir() else []:
        part = new / folder.relative_to(old)
        own = own_files(folder)
        for path in sorted(folder.iterdir()):
            listed = _is_as_listed(path, own.get(path.name))
            strange = path.name != LIST and not path.is_dir() and not listed
            if strange and not (part / path.name).exists():
                disk.make_folder(part)
                disk.replace(path, part / path.name)


# --- what is in the way ------------------------------------------------------------------------


def refuse_what_is_in_the_way(
    paths: Iterable[Path], hashes: Mapping[Path, str] | None = None
) -> None:
    """Ask for, or refuse, the replacement of files that are not cjsim's own.

    Called before any long work is done; what was allowed is not asked for again. `hashes` are those
    of the contents to come, where they are known: a file that has its content already is not in the
    way. Raises Faults for a file that may not be replaced, a folder of the name, or what is no file
    at all.
    """
    hashes = hashes or {}
    answers = _answers.get() or Answers()
    faults, strange = [], []
    for path in paths:
        final = Path(os.path.realpath(path))
        if fault := _no_file(path, final):
            faults.append(fault)
        elif (
            final.exists()
            and final not in answers.allowed
            and not is_own(final)
            and hashes.get(path) != disk.file_hash(final)
        ):
            strange.append((path, final))
    if strange and not faults and answers.ask and answers.ask([path for path, _ in strange]):
        answers.allowed.update(final for _, final in strange)
    elif strange:
        faults += [Fault(str(path), "", _wrong(final), _REMEDY) for path, final in strange]
    if faults:
        raise Faults(faults)


def _no_file(shown: Path, final: Path) -> Fault | None:
    if final.is_dir():
        return Fault(str(shown), "", "this is a folder.", "Name a file in it.")
    if final.exists() and not final.is_file():
        return Fault(str(shown), "", "this is no file.", "Name a file.")
    return None


def _refuse_no_file(path: Path) -> None:
    if fault := _no_file(path, Path(os.path.realpath(path))):
        raise Faults([fault])


_REMEDY: Final = "Name another place, or replace it with --force."


def _wrong(path: Path) -> str:
    own = own_files(path.parent)
    if path.name in own and own[path.name].kind == RESULTS:
        return "this file is part of the results of a run."
    if path.name in own:
        return "this file has been changed since cjsim wrote it."
    return "there is a file of this name, which cjsim did not write."


# --- writing -----------------------------------------------------------------------------------


@contextlib.contextmanager
def output_file(path: Path, kind: str, *, make_folder: bool = False) -> Iterator[BinaryIO]:
    """A file for the user: it takes the place of `path` in one step when the block ends well.

    Its folder is made if that is asked for. Raises Faults where something is in the way, OSError.
    """
    final = Path(os.path.realpath(path))
    made = _missing(final.parent)
    new_list = not (final.parent / LIST).exists()

    def to_be_named(partial: Path) -> None:
        new = disk.file_hash(partial)
        refuse_what_is_in_the_way([path], {path: new})
        _add(final.parent, {final.name: new}, kind)

    _refuse_no_file(path)
    try:
        if make_folder:
            disk.make_folder(final.parent)
        sweep_partials(final.parent)
        with whole_file(path, to_be_named) as file:
            yield file
    except BaseException:
        if new_list and not final.exists():
            disk.tidy(final.parent / LIST)
        _remove_empty(made)
        raise


def write_output(content: bytes | str, path: Path, kind: str, *, make_folder: bool = False) -> None:
    """The same of a content that is there. Raises Faults, OSError."""
    with output_file(path, kind, make_folder=make_folder) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextlib.contextmanager
def output_folder(folder: Path, kind: str, names: Sequence[str] = ()) -> Iterator[Path]:
    """A folder to write into; its files get their places in `folder` when the block ends well.

    Where there is no such folder it appears whole. Into one that is there its files are moved one
    by one: each is old or new at any moment, own ones of the same `kind` that were not written
    again go, and all others stay. `names` are files that will be written: whether they may be is
    asked before anything is made. Raises Faults where something is in the way, OSError.
    """
    final = Path(os.path.realpath(folder))
    _refuse_a_file(folder, final)
    refuse_what_is_in_the_way(folder / name for name in names)
    made = _missing(final.parent)
    # Beside a folder in its own file system, which that of the folder above it need not be.
    beside = final if final.is_dir() else final.parent
    new_list = final.is_dir() and not (final / LIST).exists()
    try:
        disk.make_folder(beside)
        sweep_partials(beside)
        with disk.naming(folder, beside), folder_in_the_making(beside) as partial:
            yield partial
            if final.is_dir():
                _move_into(partial, final, folder, kind)
            else:
                for part in _folders_in(partial):
                    _add(part, _hashes(part), kind)
                disk.sync_folder(partial)
                disk.replace(partial, final)
                disk.sync_folder(final.parent)
    except BaseException:
        if new_list and not any((final / name).is_file() for name in own_files(final)):
            disk.tidy(final / LIST)
        _remove_empty(made)
        raise


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to write into that is not there yet, or empty; its files are the user's then.

    It appears whole; what got its place goes again if not all of it does, or if the disk does not
    say that it has it. No list is kept of the files. Raises OSError.
    """
    final = Path(os.path.realpath(folder))
    made = _missing(final.parent)
    beside = final if final.is_dir() else final.parent
    moved: list[Path] = []
    try:
        disk.make_folder(beside)
        with disk.naming(folder, beside), folder_in_the_making(beside) as partial:
            yield partial
            if final.is_dir():
                for part in sorted(partial.iterdir()):
                    disk.replace(part, final / part.name)
                    moved.append(final / part.name)
            else:
                disk.sync_folder(partial)
                disk.replace(partial, final)
                moved.append(final)
                disk.sync_folder(final.parent)
    except BaseException:
        for part in moved:
            disk.tidy(part)
        _remove_empty(made)
        raise


def _move_into(partial: Path, final: Path, shown: Path, kind: str) -> None:
    """Move what was written into a folder that is there, file by file."""
    parts = [part.relative_to(partial) for part in _folders_in(partial)]
    hashes = {part: _hashes(partial / part) for part in parts}
    new = {shown / part / name: hashes[part][name] for part in parts for name in hashes[part]}
    refuse_what_is_in_the_way(new, new)
    for part in parts:
        disk.make_folder(final / part)
        stale = [
            name
            for name, own in own_files(final / part).items()
            if own.kind == kind and name not in hashes[part] and is_own(final / part / name)
        ]
        _add(final / part, hashes[part], kind)
        for name in hashes[part]:
            target = Path(os.path.realpath(final / part / name))
            disk.copy_mode(target, partial / part / name)
            disk.replace(partial / part / name, target)
        for name in stale:
            disk.remove(final / part / name)
        if stale:
            left = {n: own for n, own in own_files(final / part).items() if n not in stale}
            write_list(final / part, left)
        disk.sync_folder(final / part)


def _folders_in(folder: Path) -> list[Path]:
    return [folder, *sorted(path for path in folder.rglob("*") if path.is_dir())]


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != LIST)
    return {path.name: disk.file_hash(path) for path in files}


def _refuse_a_file(shown: Path, final: Path) -> None:
    if final.exists() and not final.is_dir():
        raise Faults([Fault(str(shown), "", "this is a file.", "Name a folder.")])


def _missing(folder: Path) -> list[Path]:
    """The folders that have to be made for a folder to be there, the deepest first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        disk.remove_empty(folder)
