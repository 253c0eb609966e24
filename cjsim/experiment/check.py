"""Check models and experiments, all of them before complaining."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cjsim.errors import Fault, Faults
from cjsim.experiment.run import resolve_checked
from cjsim.spec.load import load_experiment, load_model


def check_files(paths: Iterable[Path]) -> list[str]:
    """One line for each model folder and experiment file. Raises Faults with those of all."""
    lines: list[str] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            said = _check_model(path) if path.is_dir() else _check_experiment(path)
            lines.append(f"{path}: {said}")
        except Faults as found:
            faults.extend(found.faults)
    if faults:
        raise Faults(faults)
    return lines


def _check_model(folder: Path) -> str:
    return f"model of {load_model(folder).title}, no faults"


def _check_experiment(file: Path) -> str:
    models, opening = resolve_checked(load_experiment(file))
    scenarios = [name for name in models if name != "baseline"]
    start = f"{len(opening.cases)} open cases, " if opening is not None else ""
    return f"{start}baseline and {', '.join(scenarios) or 'no scenario'}, no faults"
