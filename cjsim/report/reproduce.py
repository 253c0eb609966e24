"""The commands that make a run's results and its page again, as they can be pasted."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath

from cjsim.report.data import ResultsFolder
from cjsim.report.run_metadata import Background


def command(about: Background) -> str:
    """The command that makes these results again."""
    parts = ["cjsim", "run", about.experiment_file or "EXPERIMENT.toml"]
    for name in about.only:
        parts += ["--scenario", name]
    for name in about.beside:
        parts += ["--area", name]
    # A run that sought a precision found its number of replications itself.
    parts += (
        about.sought if about.sought is not None else ["--replications", str(about.replications)]
    )
    return shlex.join([*parts, "--seed", about.seed])


def page_command(results: ResultsFolder) -> str:
    """The command that writes this page again, where results lie where they lie by default."""
    about, manifest = results.background, results.source.manifest
    parts = ["cjsim", "report", _folder(about.experiment_file, about.run_id)]
    if about.with_run:
        parts.append(_folder(about.with_run["file"], about.with_run["run_id"]))
    if results.source.area:
        parts += ["--area", results.source.area]
    if "-against-" in results.source.suffix:
        parts += ["--baseline", str(manifest["scenarios"][0]["name"])]
    return shlex.join(parts)


def _folder(experiment_file: str, run_id: str) -> str:
    return f"results/{PurePosixPath(experiment_file).stem or 'experiment'}/{run_id}"
