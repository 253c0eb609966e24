"""What may be the name of a file or folder, and where results may go: asked before any work."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cjsim.errors import Fault, Faults, Slip

_DEVICE: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.I)
_STEERING: Final = re.compile(r"[\x00-\x1f\x7f]")


def wrong_with_name(name: str) -> str:
    """What is wrong with the name of a file or folder that cjsim is to make; empty for nothing.

    Windows keeps some names for devices, whatever their ending, and drops dots and spaces at the
    end: results that are to be read anywhere have no such names.
    """
    if not name.strip():
        return "the name is empty."
    if _STEERING.search(name):
        return "the name has an unprintable character in it."
    if _DEVICE.fullmatch(name.split(".", maxsplit=1)[0].rstrip()):
        return f'"{name}" is the name of a device on Windows.'
    if name.endswith((".", " ")) and name not in (".", ".."):
        return f'"{name}" ends in a dot or a space, which Windows drops.'
    return ""


def portable_name(name: str) -> str:
    """A name in a file that results will be called by. Raises Slip where it can be none."""
    if wrong := wrong_with_name(name):
        raise Slip(wrong, "Give it another name.")
    return name


def typed_path(text: str) -> Path:
    """A path as somebody typed it, with a leading `~` as their home folder.

    A shell does not expand `--out=~/results` or what stands in quotes. Raises ValueError, which
    says what is wrong.
    """
    if not text.strip():
        raise ValueError("the path is empty.")
    if "\x00" in text:
        raise ValueError("the path has an unprintable character in it.")
    path = Path(text)
    # Path drops the dot of ./~, which is how somebody says that they mean that very name.
    if not text.startswith("~"):
        return path
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(f"there is no home folder for {path.parts[0]}.") from None


def refuse_as_output(path: Path, option: str = "--out") -> None:
    """Raise Faults when a file or folder to be made has a name that it cannot have."""
    for name in path.parts:
        if name != path.anchor and not (path.exists() and name != path.name):
            wrong = wrong_with_name(name)
            if wrong:
                raise Faults([Fault(option, "", wrong, "Give it another name.")])


def refuse_as_output_folder(
    folder: Path, *, inputs: Iterable[Path] = (), option: str = "--out"
) -> None:
    """Raise Faults when files may not be written straight into a folder.

    They may not into the root of a disk, the home folder, a folder above the current one, or one
    that holds an input; into the current folder they may.
    """
    refuse_as_output(folder, option)
    final, here = _resolved(folder), _resolved(Path())
    if final == here:
        return
    if final == Path(final.anchor):
        wrong = "this is the root of the disk."
    elif final == _home():
        wrong = "this is your home folder."
    elif final in here.parents:
        wrong = "this folder holds the current folder."
    elif held := next((path for path in inputs if final in _resolved(path).parents), None):
        wrong = f"this folder holds {held}, which is read."
    else:
        return
    raise Faults([Fault(f"{option} {folder}", "", wrong, "Name a folder of its own.")])


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _home() -> Path | None:
    try:
        return _resolved(Path.home())
    except RuntimeError:
        return None
