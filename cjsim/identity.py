"""What can change a result besides a model and a seed: this program's code, libraries and Python.

Two runs of one plan give the same bytes if their identities are the same. The digest of the code
is part of a plan's hash; the environment (Python, the libraries and the machine) is recorded with
every replication and compared before one is kept. `docs/decisions/0011-identity.md` says why.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import cjsim
from cjsim.storage.plain import PlainRow

NOT_IN_RESULTS: Final = ("cli", "docgen", "report")
"""Modules and packages that no result depends on: nothing that makes one imports them.

All other code is in the digest. A test reads the imports and holds this list to its word.
"""

LIBRARIES: Final = (
    "duckdb",
    "holidays",
    "numpy",
    "pyarrow",
    "pydantic",
    "pydantic_core",
    "scipy",
    "simpy",
)
"""The libraries that what makes results imports; a test holds this list to its word too."""

NOT_INSTALLED: Final = "not installed"
NOT_RECORDED: Final = "not recorded"

Versions = Mapping[str, str]
"""Versions by name: `python`, each library, and `libc`, `machine` and `system`, in that order."""


@dataclass(frozen=True)
class Identity:
    """What a process would make results with.

    `version` is the program's own, `code` the SHA-256 of its source, `environment` all else.
    """

    version: str
    code: str
    environment: Versions

    @property
    def digest(self) -> str:
        """SHA-256 of the code and the environment together."""
        return _sha256([self.code, dict(self.environment)])

    def as_json(self) -> dict[str, str]:
        """One flat table: `cjsim`, `code` and the environment."""
        return {"cjsim": self.version, "code": self.code, **self.environment}

    def apart_from(self, there: Identity) -> list[str]:
        """How this identity and one elsewhere differ: "numpy is 2.4.6 here and 1.26.4 there"."""
        return [
            "the code of cjsim is not the same"
            if name == "code"
            else f"{name} is {mine} here and {theirs} there"
            for name, mine, theirs in _apart(self.as_json(), there.as_json())
        ]


@cache
def identity() -> Identity:
    """The identity of this process, as its source and libraries were when it was first asked."""
    return Identity(cjsim.__version__, code_digest(), environment())


def identity_from(told: PlainRow) -> Identity:
    """The identity whose `as_json` was written down. Raises KeyError when it is not one."""
    rest = {str(name): str(value) for name, value in told.items() if name not in ("cjsim", "code")}
    return Identity(str(told["cjsim"]), str(told["code"]), rest)


def environment() -> dict[str, str]:
    """Python, the libraries and the machine that results are made with."""
    return {
        "python": _python(),
        **{library: installed_version(library) for library in LIBRARIES},
        "libc": " ".join(part for part in platform.libc_ver() if part) or "not known",
        "machine": platform.machine(),
        "system": platform.system(),
    }


def environment_digest(of: Versions) -> str:
    """SHA-256 of an environment."""
    return _sha256(dict(of))


def installed_version(library: str) -> str:
    """The version of an installed library."""
    try:
        return version(library)
    except PackageNotFoundError:
        return NOT_INSTALLED


def code_digest(package: Path | None = None) -> str:
    """SHA-256 of the source of everything that can change a result.

    `package` is the folder of the package, this one when not given. Line ends do not count, as
    they depend on how the source was fetched.
    """
    package = package or Path(cjsim.__file__).parent
    digest = hashlib.sha256()
    for path in _source(package):
        text = path.read_text(encoding="utf-8")
        digest.update(json.dumps([path.relative_to(package).as_posix(), text]).encode())
    return digest.hexdigest()


def _source(package: Path) -> Iterator[Path]:
    for path in sorted(package.rglob("*.py"), key=lambda path: path.relative_to(package).parts):
        if path.relative_to(package).parts[0] not in NOT_IN_RESULTS:
            yield path


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What differs between two environments or identities: "numpy was 1.26.4 and is 2.4.6"."""
    return [
        "the code of cjsim has changed" if name == "code" else f"{name} was {was} and is {now}"
        for name, was, now in _apart(before, after)
    ]


def _apart(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """The names under which two tables differ, each with its two values."""
    for name in dict.fromkeys([*one, *other]):
        values = one.get(name, NOT_RECORDED), other.get(name, NOT_RECORDED)
        if values[0] != values[1]:
            yield name, *values


def _python() -> str:
    """Such as "3.11.2"; the implementation too where it is not the usual one."""
    name = platform.python_implementation()
    number = platform.python_version()
    return number if name == "CPython" else f"{name} {number}"


def _sha256(content: object) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
