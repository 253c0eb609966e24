"""Both engines in one process: a test asks for one of them, and the other is what it is held to."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

import cjsim.england_wales.process  # noqa: F401  # it brings every class that has twins
from cjsim.des import engine

needs_native = pytest.mark.skipif(
    engine.native_module() is None,
    reason="the native engine has not been compiled here: `make native` compiles it",
)


@contextlib.contextmanager
def working(name: engine.Engine) -> Iterator[None]:
    """An engine at work inside, in every run that begins there."""
    before = engine.in_use()
    with patch.dict(os.environ, {engine.ENGINE_VARIABLE: name}):
        engine.choose()
        try:
            yield
        finally:
            engine.use(before)
