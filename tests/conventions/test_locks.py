"""The locks hold what pyproject.toml asks for: each file with its hash, for every Python."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(file: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Each pinned library of a lock, with the hashes of its files."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith(("#", " ")):
            requirement = re.split(r"\s--hash", line)[0].split("#")[0].strip()
            yield Requirement(requirement), re.findall(r"--hash=sha256:([0-9a-f]{64})", line)


def test_every_pinned_library_has_hashes() -> None:
    for file in ("requirements.lock", "requirements-dev.lock"):
        assert [str(pin) for pin, hashes in pins(file) if not hashes] == []


def test_the_run_time_lock_holds_what_a_run_needs_within_its_ranges() -> None:
    locked = {canonicalize_name(pin.name): pin for pin, _ in pins("requirements.lock")}
    for text in PROJECT["dependencies"]:
        asked = Requirement(text)
        (version,) = locked[canonicalize_name(asked.name)].specifier
        assert asked.specifier.contains(version.version), text


def test_the_run_time_lock_holds_no_tool_for_tests_or_documentation() -> None:
    locked = {canonicalize_name(pin.name) for pin, _ in pins("requirements.lock")}
    assert not locked & {"pytest", "mypy", "ruff", "sphinx", "hypothesis", "dask", "soupsieve"}


def test_both_locks_pin_a_run_time_library_to_the_same_version() -> None:
    development = {
        (pin.name, str(pin.marker)): pin.specifier for pin, _ in pins("requirements-dev.lock")
    }
    for pin, _ in pins("requirements.lock"):
        assert development[pin.name, str(pin.marker)] == pin.specifier


def test_every_library_is_pinned_for_the_lowest_python_that_is_claimed() -> None:
    assert PROJECT["requires-python"] == ">=3.11"
    lowest = {
        "python_version": "3.11",
        "python_full_version": "3.11.0",
        "sys_platform": "linux",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    for file in ("requirements.lock", "requirements-dev.lock"):
        names = {pin.name for pin, _ in pins(file)}
        there = {
            pin.name
            for pin, _ in pins(file)
            if pin.marker is None or pin.marker.evaluate(dict(lowest))
        }
        elsewhere = {"appnope", "cffi", "colorama", "pycparser", "pyyaml-ft"}
        assert names - there <= elsewhere
