"""The evidence register that the sources of a model name: `calibration/register.csv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

Register = Mapping[str, Mapping[str, str]]
"""The rows of the register by their id."""


def register_near(folder: Path) -> Register | None:
    """The register found in the folder or in one above it; None when there is none.

    Raises OSError or UnicodeDecodeError when the file is there and cannot be read.
    """
    start = folder.resolve()
    for place in (start, *start.parents):
        path = place / "calibration" / "register.csv"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                return {row["id"]: row for row in csv.DictReader(file) if row.get("id")}
    return None
