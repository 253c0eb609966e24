"""The content of a study as plain values, as study.json and its CSV tables hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cjsim.storage.plain import PlainRow, PlainTable

Content = PlainTable
"""What a study found, as its text and its charts read it."""

Tables = Mapping[str, Sequence[PlainRow]]
"""The tables of a study by the name of their file."""
