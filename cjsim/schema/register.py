"""The evidence register that the sources of a model name: `calibration/register.csv`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cjsim.errors import Fault, Faults
from cjsim.schema.csv_files import first_of, read_table
from cjsim.schema.files import shown_path

Register = Mapping[str, Mapping[str, str]]
"""The rows of the register by their id; every row has all of its COLUMNS."""

COLUMNS: Final = (
    "id",
    "figure",
    "value",
    "unit",
    "period",
    "geography",
    "publication",
    "url",
    "status",
    "note",
)
OPTIONAL: Final = ("url", "note")
FILE: Final = "calibration/register.csv"


def register_near(folder: Path) -> Register | None:
    """The register found in the folder or in one above it; None when there is none.

    Raises Faults when the file is there and is not right, with every fault of it.
    """
    path = register_path(folder)
    return None if path is None else read_register(path)


def register_path(folder: Path) -> Path | None:
    """The file of the register in the folder or in one above it; None when there is none."""
    start = folder.resolve()
    places = (place / FILE for place in (start, *start.parents))
    return next((path for path in places if path.is_file()), None)


def register_and_faults(folder: Path) -> tuple[Register | None, tuple[Fault, ...]]:
    """The register near a folder, or else what is wrong with it, to be told with other faults."""
    try:
        return register_near(folder), ()
    except Faults as found:
        return None, found.faults


def read_register(path: Path) -> Register:
    """Read a register: a different id in each row. Raises Faults, all at once."""
    shown = shown_path(path)
    rows = read_table(path, "register", COLUMNS, optional=OPTIONAL, numbers=("value",))
    register: dict[str, Mapping[str, str]] = {}
    lines: dict[str, int] = {}
    faults = []
    for row in rows:
        name = row["id"].strip()
        if not name:
            wrong = "this row has no id."
            faults.append(Fault(shown, f"line {row.line}, id", wrong, "Give it an id."))
        elif name in lines:
            wrong = f'"{name}" is the id of line {lines[name]} as well.'
            remedy = "Keep one of the two, or give each another id."
            faults.append(Fault(shown, f"line {row.line}, id", wrong, remedy))
        else:
            lines[name] = row.line
            register[name] = row.cells
    if faults:
        raise Faults(first_of(faults))
    return register
