"""What every test may ask for: where the project lies, and its smallest model."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from cjsim.cli.internal import SHOWN_BY

# A command that ends with an internal fault shows it in what the test prints.
os.environ.setdefault(SHOWN_BY, "1")

# How long an example takes says how busy the machine is: no test asserts a time.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

ROOT = Path(__file__).resolve().parents[1]

Tell = Callable[[str], None]
"""What the fixture `figure` gives: a function that takes one line."""


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def toy() -> Path:
    """The folder of the toy model: the same journey, with numbers that run in about a second."""
    return ROOT / "models" / "toy"


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Tell:
    """Tell the figure that a test came to."""

    def tell(found: str) -> None:
        record_property("figure", found)

    return tell


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Tell how many examples Hypothesis tried: a test cannot count them for itself."""
    tried = re.findall(r"- (\d+) passing", getattr(item, "hypothesis_statistics", ""))
    if tried:
        item.user_properties.append(("figure", f"{sum(map(int, tried)):,} examples tried"))
