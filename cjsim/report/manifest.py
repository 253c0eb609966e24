"""The resolved models of manifest.json, walked: they have no type here, only their shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = Any
"""A value of manifest.json."""


def sourced(value: Json, path: str = "") -> Iterator[tuple[str, dict[str, Json]]]:
    """Every sourced number of a model with its dotted path; its dated changes are inside it."""
    if isinstance(value, dict):
        if "evidence" in value and "source" in value:
            yield path, value
            return
        for key, inner in value.items():
            yield from sourced(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from sourced(inner, f"{path}.{index}")
