"""The types of plain values: what JSON, TOML and Arrow give before anything checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PlainTable = dict[str, Any]
"""A table of a TOML file, an object of JSON, a model as pydantic dumps it: plain values by key."""

PlainRow = Mapping[str, Any]
"""One row of a table, which is read only: the plain values of its cells by column."""
