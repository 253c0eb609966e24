"""What a build adds to the package: the commit that it was built from, in `cjsim/_build.json`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface):
    """Record the commit of a checkout in a wheel or an archive of the source.

    An archive of the source has no history: the record in it goes on into the wheel. An editable
    installation needs none, as its commit can be asked for at any time.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the build: write the record to a folder; take the native engine along."""
        self.scratch: Path | None = None
        if self.target_name == "wheel" and version != "editable":
            add_native_engine(Path(self.root), build_data)
        commit = None if version == "editable" else commit_of(Path(self.root))
        if commit is None:
            return
        self.scratch = Path(tempfile.mkdtemp(prefix="cjsim-build-"))
        record = self.scratch / "_build.json"
        record.write_text(json.dumps({"commit": commit}) + "\n", encoding="utf-8")
        build_data["force_include"][str(record)] = "cjsim/_build.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """After it: the folder goes."""
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)


def add_native_engine(root: Path, build_data: dict[str, Any]) -> None:
    """The compiled engine of a checkout, if there is one: the wheel is then for this platform."""
    name = f"_native{sysconfig.get_config_var('EXT_SUFFIX')}"
    built = root / "cjsim" / name
    if built.is_file():
        build_data["force_include"][str(built)] = f"cjsim/{name}"
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def commit_of(folder: Path) -> str | None:
    """The commit of a checkout, marked if its package has changed since; None without one."""
    try:
        # A copy inside somebody else's repository is not that repository's commit.
        git(folder, "ls-files", "--error-unmatch", "pyproject.toml")
        head = git(folder, "rev-parse", "HEAD")
        changed = git(folder, "status", "--porcelain", "--", "cjsim")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{head} with changes" if changed else head


def git(folder: Path, *arguments: str) -> str:
    """What git answers. Raises OSError, CalledProcessError."""
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    ).stdout.strip()
