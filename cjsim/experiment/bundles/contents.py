"""What a bundle is: a ZIP of the run's inputs, its manifest and a description of both.

A bundle comes from somebody else. It is read with limits, nothing in it can name a place outside
the folder it is unpacked to, and every file in it is held against the hash that the description
gives.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cjsim.errors import Fault, Faults
from cjsim.experiment.plan import hash_of_content
from cjsim.experiment.replication import RECORD
from cjsim.experiment.run_folder import PLAN
from cjsim.schema.files import shown_path
from cjsim.storage import disk
from cjsim.storage.disk import file_hash
from cjsim.storage.paths import wrong_with_name

DESCRIPTION: Final = "bundle.json"
MANIFEST: Final = "manifest.json"
LOCK: Final = "requirements.lock"
INPUTS: Final = "inputs"

MOST_FILES: Final = 10_000
MOST_BYTES: Final = 1_000_000_000
LARGEST_DESCRIPTION: Final = 50_000_000
_PIECE: Final = 1 << 20

_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')

PROVENANCE: Final[Mapping[str, frozenset[str]]] = {
    MANIFEST: frozenset(
        {"run_id", "plan_hash", "versions", "commit", "engine", "made_with", "records"}
    ),
    PLAN: frozenset({"environment", "cjsim", "code"}),
    RECORD: frozenset({"plan", "made_with"}),
}
"""By the name of a record: its entries that say what made the results, and nothing of them.

A manifest's `records` are the hashes of other records, each of which is compared for itself.
"""

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Label = Annotated[str, Field(max_length=200)]


class Options(BaseModel):
    """What `cjsim run` was given beside the experiment, so that the same plan is made again."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    seed: int = Field(ge=0)
    replications: int | None = Field(default=None, ge=1, le=10_000)
    precision: float | None = Field(default=None, gt=0, le=1)
    scenarios: tuple[Label, ...] = Field(default=(), strict=False)
    areas: tuple[Label, ...] = Field(default=(), strict=False)


class Expected(BaseModel):
    """A file of results: the SHA-256 of its bytes; of a record also of what it says of results."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    sha256: Sha256
    says: Sha256 | None = None


class Bundle(BaseModel):
    """The description: which run it is, what made it, and the hashes of all that is to come out.

    `experiment` is a path below `inputs`, `files` has the files of the bundle with their SHA-256,
    `expected` those of the results folder.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    format: Literal[1] = 1
    run_id: Label
    plan_hash: Sha256
    results_hash: Sha256
    made_with: dict[Label, Label]
    commit: Label | None
    experiment: str
    options: Options
    files: dict[str, Sha256] = Field(max_length=MOST_FILES)
    expected: dict[str, Expected] = Field(min_length=1, max_length=1_000_000)


def unpack(path: Path, folder: Path) -> Bundle:
    """Unpack a bundle into an empty folder and read its description. Raises Faults.

    Refused are: a file that is no bundle, one with links or more than the limits, one with names
    that lead out of the folder or that some system cannot keep, and one whose files are not those
    that its description names.
    """
    shown = shown_path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if problems := list(_problems(entries)):
                remedy = "Nothing was unpacked. Ask for another copy."
                raise Faults(Fault(shown, name, wrong, remedy) for name, wrong in problems)
            hashes = _write_all(archive, entries, folder)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        wrong = f"this cannot be read as a bundle: {str(error) or type(error).__name__}."
        raise Faults([Fault(shown, "", wrong, "Give a file that cjsim bundle wrote.")]) from error
    except RuntimeError as error:  # the library's word for a file with a password
        raise Faults([Fault(shown, "", f"this cannot be read: {error}.", "")]) from error
    bundle = _description(folder / DESCRIPTION, shown)
    if problems := list(_changed(bundle, hashes)):
        remedy = "The bundle is damaged or was changed. Ask for another copy."
        raise Faults(Fault(shown, name, wrong, remedy) for name, wrong in problems)
    return bundle


def expected_of(path: Path) -> Expected:
    """What is expected of a file of results. Raises OSError, and ValueError for a broken record."""
    leave_out = PROVENANCE.get(path.name)
    says = None
    if leave_out is not None:
        record = json.loads(path.read_text(encoding="utf-8"))
        says = hash_of_content({key: record[key] for key in record if key not in leave_out})
    return Expected(sha256=file_hash(path), says=says)


def is_safe_name(name: str) -> bool:
    """Whether a path stays below the folder it is written to, on every system."""
    parts = name.split("/")
    return (
        0 < len(name) <= 1000
        and PurePosixPath(name).as_posix() == name
        and not any(
            part in ("", ".", "..") or _NOT_IN_NAMES.search(part) or wrong_with_name(part)
            for part in parts
        )
    )


def _problems(entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, str]]:
    """What keeps a bundle from being unpacked: the name of the entry, and what is wrong with it."""
    if len(entries) > MOST_FILES:
        yield "", f"it holds {len(entries):,} files, and at most {MOST_FILES:,} are read."
        return
    whole = sum(entry.file_size for entry in entries)
    if whole > MOST_BYTES:
        yield "", f"it unpacks to {whole:,} bytes, and at most {MOST_BYTES:,} are read."
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if not is_safe_name(name):
            yield ascii(name), "this name leads out of the folder, or cannot be kept everywhere."
        elif stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            yield name, "this is a link or a device and no file."
        elif name.casefold() in seen:
            yield name, "there are two files of this name."
        seen.add(name.casefold())
    if DESCRIPTION not in {entry.filename for entry in entries}:
        yield DESCRIPTION, "this is not in it."


def _write_all(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path
) -> dict[str, str]:
    """Every entry below the folder; the hash of each. No more is read than was announced."""
    hashes = {}
    for entry in entries:
        target, digest, left = folder / entry.filename, hashlib.sha256(), entry.file_size
        disk.make_folder(target.parent)
        with archive.open(entry) as source, disk.create(target) as file:
            while piece := source.read(min(_PIECE, left + 1)):
                left -= len(piece)
                if left < 0:
                    raise zipfile.BadZipFile(f"{entry.filename} is larger than it says")
                digest.update(piece)
                file.write(piece)
        hashes[entry.filename] = digest.hexdigest()
    return hashes


def _description(path: Path, shown: str) -> Bundle:
    try:
        if path.stat().st_size > LARGEST_DESCRIPTION:
            raise Faults([Fault(shown, DESCRIPTION, "this is too large to be one.", "")])
        return Bundle.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise Faults(
            Fault(
                shown,
                ".".join([DESCRIPTION, *(str(part) for part in problem["loc"])]),
                f"{problem['msg'][:200]}.",
                "It is damaged, or of another version of cjsim.",
            )
            for problem in error.errors(include_url=False)[:20]
        ) from None


def _changed(bundle: Bundle, hashes: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Where a bundle's files are not those that its description names."""
    there = {name: digest for name, digest in hashes.items() if name != DESCRIPTION}
    for name in sorted({*there, *bundle.files}):
        if name not in bundle.files:
            yield name, "the description does not name this file."
        elif name not in there:
            yield name, "this file is not in it."
        elif there[name] != bundle.files[name]:
            yield name, "this is not the file that was put in: its hash is another."
    manifest = bundle.expected.get(MANIFEST)
    if manifest is None or bundle.files.get(MANIFEST) != manifest.sha256:
        yield MANIFEST, "this is not the manifest of the results that are expected."
    if f"{INPUTS}/{bundle.experiment}" not in bundle.files:
        yield "experiment", "the experiment that it names is not in it."
    for name in bundle.expected:
        if not is_safe_name(name):
            yield ascii(name), "no file of results can have this name."
