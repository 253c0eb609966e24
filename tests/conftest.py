"""What every test may ask for: where the project lies, and its smallest model."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def toy() -> Path:
    """The folder of the toy model: the same journey, with numbers that run in about a second."""
    return ROOT / "models" / "toy"
