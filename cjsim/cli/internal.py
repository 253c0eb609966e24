"""What a command says when cjsim itself is at fault, and where it leaves what a developer needs."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from typing import Final

import cjsim
from cjsim.storage.temporary import leave_note

EXIT_CODE: Final = 70
"""What a command ends with when cjsim is at fault, and neither a file nor the machine."""

SHOWN_BY: Final = "CJSIM_TRACEBACK"
"""The variable of the environment that has the traceback shown as well; `--traceback` sets it."""


def told(error: Exception) -> str:
    """What a command says of its own fault: what it is, and where the report of it lies."""
    what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    lines = [f"This is a fault of cjsim, not of your files: {what}"]
    if os.environ.get(SHOWN_BY):
        return "\n".join([*lines, "".join(traceback.format_exception(error))])
    place = _report(error)
    if place:
        lines.append(f"Please send {place} to whoever keeps cjsim; read it first, it may quote")
        lines.append("your files.")
    else:
        lines.append(f"Please run cjsim --traceback {' '.join(sys.argv[1:])} and send what it says")
        lines.append("to whoever keeps cjsim.")
    return "\n".join(lines)


def _report(error: Exception) -> str:
    """Write what was asked, under what, and what happened to a file of its own; empty if it cannot.

    Nothing is sent anywhere.
    """
    text = (
        f"cjsim {cjsim.__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"cjsim {' '.join(sys.argv[1:])}\n\n{''.join(traceback.format_exception(error))}"
    )
    try:
        return str(leave_note(text))
    except OSError:
        return ""
