"""Which engine runs: Python's own methods, or their twins in C++ where they have been compiled.

The native engine (`native/`) replaces the most frequent methods of some classes by functions of
`cjsim._native` that do the same to the same objects. A class whose methods have twins says in which
file they are: `@has_twins("resources.cpp")`. Both engines give the same bytes; the choice is one of
speed alone, and no part of what a run is.

The choice holds for the process, and is made at the beginning of each run: from the environment
variable `CJSIM_ENGINE` (python or native), or native if it can be had.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final, Literal, TypeVar, get_args

from cjsim.errors import CannotRun

Engine = Literal["python", "native"]
ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)
ENGINE_VARIABLE: Final = "CJSIM_ENGINE"
NOT_COMPILED: Final = "the native engine has not been compiled here (make native)"
_SEED_BITS: Final = 64

_Class = TypeVar("_Class", bound=type)
_classes: Final[dict[str, type]] = {}


def has_twins(*files: str) -> Callable[[_Class], _Class]:
    """Mark a class whose methods, or some of them, are written again in files of `native/`."""

    def mark(marked: _Class) -> _Class:
        _classes[f"{marked.__module__}.{marked.__qualname__}"] = marked
        twin_files[f"{marked.__module__}.{marked.__qualname__}"] = files
        return marked

    return mark


twin_files: Final[dict[str, tuple[str, ...]]] = {}
"""The files of `native/` with the twins of each class, by the full name of the class."""


@cache
def native_module() -> ModuleType | None:
    """The compiled module, or None where there is none or it was made of other sources."""
    try:
        module = importlib.import_module("cjsim._native")
    except ImportError:
        return None
    sources = Path(__file__).resolve().parents[2] / "native"
    # An installed package has no sources beside it, and was built from those that it came with.
    if sources.is_dir() and digest_of(sources) != module.SOURCES:
        return None
    return module


def digest_of(sources: Path) -> str:
    """What the files of the native engine are: the same as `native/build.py` compiles in."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted([*sources.glob("*.cpp"), *sources.glob("*.hpp")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def wanted() -> Engine | None:
    """The engine that the user asks for. Raises CannotRun for a word that is none."""
    word = os.environ.get(ENGINE_VARIABLE, "")
    for engine in ENGINES:
        if word == engine:
            return engine
    if word:
        raise CannotRun(f"{ENGINE_VARIABLE}={word}: there are the engines {' and '.join(ENGINES)}")
    return None


def choose(seed: int = 0) -> Engine:
    """Put the engine to work that a run with a seed has, and return its name.

    Every class that a run needs must have been imported. Raises CannotRun if the native engine is
    asked for where there is none.
    """
    asked = wanted()
    why_not = _why_not_native(seed)
    if asked == "native" and why_not:
        raise CannotRun(f"{ENGINE_VARIABLE}=native: {why_not}")
    engine: Engine = "python" if asked == "python" or why_not else "native"
    use(engine)
    return engine


def expected(seed: int) -> Engine:
    """The engine that runs with a seed have in a process of this command. Raises CannotRun."""
    module = native_module()
    possible = module is not None and seed.bit_length() <= _SEED_BITS
    return "native" if possible and wanted() != "python" else "python"


def use(engine: Engine) -> None:
    """Let an engine work in this process from now on; a world keeps the one it began with."""
    module = native_module()
    if module is None or module.is_used() == (engine == "native"):
        return
    module.bind(_classes)
    module.use(engine == "native")


def in_use() -> Engine:
    """The engine that works in this process now."""
    module = native_module()
    return "native" if module is not None and module.is_used() else "python"


def _why_not_native(seed: int) -> str:
    module = native_module()
    if module is None:
        return NOT_COMPILED
    if seed.bit_length() > _SEED_BITS:
        return f"the seed has more than {_SEED_BITS} bits"
    missing = [name for name in module.classes() if name not in _classes]
    if missing:
        return f"{missing[0]} has not been imported"
    if overridden := _overridden(module):
        return f"{overridden} is written in Python"
    return ""


def _overridden(module: ModuleType) -> str:
    """A method with a twin that a derived class has written again, or nothing."""
    for name, method in module.twins():
        for derived in _derived(_classes[name]):
            if method in vars(derived):
                return f"{derived.__module__}.{derived.__qualname__}.{method}"
    return ""


def _derived(base: type) -> Iterator[type]:
    subclasses: list[type] = base.__subclasses__()
    for derived in subclasses:
        yield derived
        yield from _derived(derived)
