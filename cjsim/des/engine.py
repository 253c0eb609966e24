"""Which engine runs: Python's own methods, or their twins in C++ where they have been compiled.

The native engine (`native/`) replaces the most frequent methods of some classes by functions of
`cjsim._native` that do the same to the same objects. A class whose methods have twins says in which
file they are: `@has_twins("resources.cpp")`. Both engines give the same bytes; the choice is one of
speed alone, and no part of what a run is.

The choice holds for the process, and is made at the beginning of each run: from the environment
variable `CJSIM_ENGINE` (python or native), or native if it can be had.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Final, Literal, TypeVar, get_args

from cjsim.errors import CannotRun

Engine = Literal["python", "native"]
ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)
ENGINE_VARIABLE: Final = "CJSIM_ENGINE"
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
    """The compiled module, or None where there is none or it does not fit this Python."""
    try:
        return importlib.import_module("cjsim._native")
    except ImportError:
        return None


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
    """Put the engine to work that a run with a seed has, and say which it is.

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
        return "the native engine has not been compiled here (make native)"
    if seed.bit_length() > _SEED_BITS:
        return f"the seed has more than {_SEED_BITS} bits"
    missing = [name for name in module.classes() if name not in _classes]
    if missing:
        return f"{missing[0]} has not been imported"
    return ""
