"""What every test may ask for: where the project lies, and its smallest model."""

from __future__ import annotations

from collections.abc import Callable
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


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tell the figure that a test came to; `make proof` shows it beside what the test says."""

    def tell(found: str) -> None:
        record_property("figure", found)

    return tell
