"""Check models and experiments, all of them before complaining."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from cjsim.errors import Fault, Faults
from cjsim.experiment.designs.factors import named_factors, scenario_of_study
from cjsim.experiment.designs.sweep import check_sweep
from cjsim.experiment.run import folder_name, resolve_checked
from cjsim.scenarios.load import load_experiment, load_model
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.model import Model
from cjsim.schema.uncertain import notes_on_sources, notes_on_years
from cjsim.simulation.process import process_of


def check_files(paths: Iterable[Path], say: Callable[[str], None] | None = None) -> list[str]:
    """One line for each model folder and experiment file, and each note once to `say`.

    Raises Faults with those of all.
    """
    lines: list[str] = []
    faults: list[Fault] = []
    notes: dict[str, None] = {}
    for path in paths:
        try:
            check = _check_model if path.is_dir() else _check_experiment
            said = check(path, notes)
            lines.append(f"{path}: {said}")
        except Faults as found:
            faults.extend(found.faults)
    if say is not None:
        for told in notes:
            say(told)
    if faults:
        raise Faults(faults)
    return lines


def _check_model(folder: Path, notes: dict[str, None]) -> str:
    model = load_model(folder)
    # A process that cannot take up every open case says so when it is imported.
    process_of(model)
    notes |= dict.fromkeys(notes_on_sources(folder, model))
    return f"model of {model.title}, no faults"


def _check_experiment(file: Path, notes: dict[str, None]) -> str:
    experiment = load_experiment(file)
    folder_name(experiment)
    resolved, opening = resolve_checked(experiment)
    models = {name: scenario.model for name, scenario in resolved.items()}
    process_of(models[BASELINE])
    notes |= dict.fromkeys(notes_on_sources(experiment.model_folder, models[BASELINE]))
    notes |= dict.fromkeys(notes_on_years(experiment, models[BASELINE]))
    faults = list(_faults_of_studies(experiment, models))
    if faults:
        raise Faults(faults)
    scenarios = [name for name in models if name != "baseline"]
    start = f"{len(opening.cases)} open cases, " if opening is not None else ""
    return f"{start}baseline and {', '.join(scenarios) or 'no scenario'}, no faults"


def _faults_of_studies(experiment: Experiment, models: Mapping[str, Model]) -> Iterator[Fault]:
    """What `cjsim sweep`, `sensitivity` and `uncertainty` would find in their tables."""
    file, baseline = shown_path(experiment.path), models[BASELINE]
    checks: list[Callable[[], object]] = []
    if (swept := experiment.sweep) is not None:
        checks.append(lambda: check_sweep(swept, experiment, models))
    if (about := experiment.sensitivity) is not None:
        checks.append(lambda: scenario_of_study(experiment, models, about.scenario))
        checks.append(lambda: named_factors(baseline, about.also, file, "sensitivity"))
    if (unknown := experiment.uncertain) is not None:
        checks.append(lambda: named_factors(baseline, unknown.also, file, "uncertain"))
    for check in checks:
        try:
            check()
        except Faults as found:
            yield from found.faults
