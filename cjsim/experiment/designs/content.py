"""The content of a study as plain values, as study.json and its CSV tables hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
"""One row of a study's table: a measure of a variant, a factor or a draw, with its numbers."""

Content = dict[str, Any]
"""What a study found, as its text and its charts read it."""

Tables = Mapping[str, Sequence[Row]]
"""The tables of a study by the name of their file."""
