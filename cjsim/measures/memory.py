"""Memory that is free again, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes

import pyarrow as pa


def give_back() -> None:
    """Let other processes have what this one no longer needs.

    Arrow and the C library keep what was freed for what may come: after the tables of a large area
    that is some hundred million bytes which nothing asks for again.
    """
    pa.default_memory_pool().release_unused()
    # Only the C library of GNU has this; others give back by themselves, or never.
    with contextlib.suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
