"""The message and the report of an internal error of cjsim."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Final

import cjsim

EXIT_CODE: Final = 70
"""The exit code of a command after an internal error."""

TRACEBACK_VARIABLE: Final = "CJSIM_TRACEBACK"
"""The environment variable that shows the traceback; `--traceback` sets it."""


def internal_error_message(error: Exception) -> str:
    """Return the message of an internal error, with the path of its report."""
    summary = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    lines = [f"Internal error in cjsim (your files did not cause it): {summary}"]
    if os.environ.get(TRACEBACK_VARIABLE):
        return "\n".join([*lines, "".join(traceback.format_exception(error))])
    report = _write_report(error)
    if report:
        lines.append(f"Please send {report} to the maintainers of cjsim. Read it first: it may")
        lines.append("quote your files.")
    else:
        lines.append(f"Please run cjsim --traceback {' '.join(sys.argv[1:])} and send the output")
        lines.append("to the maintainers of cjsim.")
    return "\n".join(lines)


def _write_report(error: Exception) -> str:
    """Write the command, the versions and the traceback to a file; return its path, or "".

    Nothing is sent anywhere.
    """
    import platform

    from cjsim.storage.temporary import leave_note

    text = (
        f"cjsim {cjsim.__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"cjsim {' '.join(sys.argv[1:])}\n\n{''.join(traceback.format_exception(error))}"
    )
    try:
        return str(leave_note(text))
    except OSError:
        return ""
