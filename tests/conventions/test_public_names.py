"""The public interface: a few names, each importable, documented and independent of the rest."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import cjsim
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "how_to" / "use_from_python.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", cjsim.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(cjsim, name) is not None
    assert re.search(rf"`cjsim\.{name}\b", PAGE), "add it to docs/how_to/use_from_python.md"
    assert not isinstance(getattr(cjsim, name), type(cjsim)), "a module hides the name"


def test_there_are_few_of_them() -> None:
    assert len(cjsim.__all__) <= 18
    assert dir(cjsim) == sorted(cjsim.__all__)


def test_importing_the_package_imports_no_library() -> None:
    script = "import sys, cjsim; print(sorted({'numpy', 'pyarrow', 'duckdb'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_all_errors_have_one_root() -> None:
    from cjsim import errors

    raised = [errors.Faults, errors.CannotRun, errors.RunFailed, errors.Impossible, errors.CaseLost]
    assert all(issubclass(error, cjsim.Error) for error in raised)
